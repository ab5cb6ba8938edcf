"""What an attack came to: what the victim's browser opened, and the one sentence that says why.

It knows: the values that resolver and validator have returned, what only the network can tell (who forged what),
and which sentence belongs to which values.
It must not know: how to judge an answer. No verdict is computed here, only put into words.
Dates and signers are those of RFC 4034 §3.1; the words for the four states those of RFC 4035 §4.3.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from dns.name import Name
from dns.rdata import Rdata
from dns.rdatatype import RdataType

from ..attacker import odds
from ..protocol.dnssec import show_moment
from ..protocol.messages import Datagram, parse
from ..protocol.names import show_name
from ..protocol.story import Believed, Event, Ignored, Outcome, Reason, Rejected, Story
from ..protocol.trust import ChainOfTrust, Item, ItemKind, SecurityStatus
from .attacks import ATTACKS, Setup
from .network import Network
from .worlds import ATTACKER_NETWORK, World

# Rule of the check that failed -> what is wrong with the forgery, as the second half of a sentence about it.
FAILURES = {
    "signature-present": "{zone}'s key has not signed it",
    "signature-verifies": "the signature of {zone} does not fit it",
    "key-found": "it is signed with a key that {zone} does not have",
    "ds-tag-matches": "its key does not match the DS that {parent} signed",
    "ds-algorithm-matches": "its key does not match the DS that {parent} signed",
    "ds-digest-matches": "its key does not match the DS that {parent} signed",
    "dnskey-received": "the key that {parent}'s DS names did not come with it",
    "ds-or-denial-received": "the DS is missing and nothing proves that it should be",
    "denial-received": "nothing proves what it denies",
    "signature-algorithm-supported": "no signature is left that the resolver can check, "
    "though {parent}'s DS promises one",
    "signature-not-expired": "its signature expired on {date}",
    "signer-encloses-name": "its signer, {signer}, is not {zone}",
    "signer-is-zone": "its signer, {signer}, is not {zone}",
}  # fmt: skip


@dataclass(frozen=True)
class CacheLine:
    """One thing in the resolver's cache, as plain text."""

    name: str
    type: str  # '' if the whole name does not exist
    value: str
    holds: str  # 'forged', 'verified', 'unsigned', 'unchecked' or 'failure'
    seconds: int  # for how much longer


@dataclass(frozen=True)
class Result:
    """One attack, played to its end."""

    setup: Setup
    outcome: Outcome  # of the victim's own question
    story: Story  # of all questions of the attack, with what arrived too late
    chains: tuple[ChainOfTrust, ...]  # every judgement in order of time; the last one decided
    started: float  # epoch seconds, virtual
    seed: int
    network: Network = field(repr=False)
    cached: CacheLine | None = None  # what the resolver remembers of the victim's address afterwards

    @cached_property
    def address(self) -> str | None:
        """Return the address that the browser was given, or None."""
        for rrset in self.outcome.message.answer:
            if rrset.rdtype == RdataType.A:
                return rrset[0].address
        return None

    @property
    def opened(self) -> str:
        """Return what the browser opened: 'bank' (the true page, whoever owns it), 'attacker' or 'error'."""
        if self.address is None:
            return "error"
        return "attacker" if self.address.startswith(ATTACKER_NETWORK) else "bank"

    @property
    def headline(self) -> str:
        """Return what the browser opened, in words."""
        return {"bank": self.setup.owner, "attacker": "the attacker's page", "error": "an error page"}[self.opened]

    @cached_property
    def why(self) -> str:
        """Return why, in one or two sentences."""
        return explain(self)

    def is_forged(self, datagram: Datagram) -> bool:
        """Return whether an attacker made this datagram, whoever it claims to come from."""
        return self.network.is_forged(datagram)

    def label(self, address: str) -> str:
        """Return a short name for whoever has an address: "bank's server"."""
        return self.network.label(address)

    def forged_items(self, chain: ChainOfTrust) -> frozenset[str]:
        """Return the ids of the boxes of a chain that hold what their zone never said, or says no longer."""
        world = self.network.world
        return frozenset(item.id for item in chain.items if _is_false(item, world))

    def __str__(self) -> str:
        cause = ATTACKS[self.setup.attack].label
        return f"{cause}. The browser opened: {self.headline} ({self.address or 'no address'}).\n{self.why}"


def is_true(world: World, name: Name, rdtype: RdataType, rdatas: Iterable[Rdata]) -> bool:
    """Return whether all these records are what their owner's zone says today."""
    return _truth(world, name, rdtype).issuperset(rdatas)


def _is_false(item: Item, world: World) -> bool:
    if item.kind in (ItemKind.ANCHOR, ItemKind.DENIAL) or not item.present:
        return False
    if item.kind is ItemKind.ABSENCE:
        return bool(_truth(world, item.owner, item.rdtype))
    return not is_true(world, item.owner, item.rdtype, item.rdatas)


def _truth(world: World, name: Name, rdtype: RdataType) -> set[Rdata]:
    """Return what the owner's zone says, through a wildcard if need be."""
    zone = world.zone_of(name, rdtype)
    owner = name if zone.exists(name) else Name((b"*", *zone.closest_encloser(name).labels))
    return set(zone.get(owner, rdtype) or ())


class Forgeries(NamedTuple):
    """What became of the forged replies of a story."""

    sent: int
    reasons: tuple[Reason, ...]  # for which they were ignored, each once
    matched: tuple[Event, ...]  # those that passed the accept checks
    first_at: float  # epoch seconds; infinity if there was none

    @property
    def rejected(self) -> bool:
        """Return whether a validator threw one away."""
        return any(isinstance(event.fate, Rejected) for event in self.matched)


def forgeries(result: Result) -> Forgeries:
    """Return what became of the forged replies."""
    forged = [event for event in result.story if result.is_forged(event.datagram)]
    ignored = [event.fate.reason for event in forged if isinstance(event.fate, Ignored)]
    matched = tuple(event for event in forged if isinstance(event.fate, Believed | Rejected))
    first_at = min((event.at for event in forged), default=float("inf"))
    return Forgeries(sum(event.count for event in forged), tuple(dict.fromkeys(ignored)), matched, first_at)


def explain(result: Result) -> str:
    """Return why the browser opened what it did."""
    if result.outcome.from_cache and not forgeries(result).sent:
        return _from_cache(result)
    if result.setup.connected and not result.setup.signed and result.opened == "error":
        return (
            f"The parent's DS names a key that {_zone(result)} does not have. "
            "No attacker is needed for this: the zone is broken."
        )
    if result.setup.attack == "none" and result.opened == "bank":
        return "The real reply arrived and nobody interfered."
    return {"bank": _the_bank, "attacker": _the_attacker, "error": _an_error}[result.opened](result)


def _the_bank(result: Result) -> str:
    forged = forgeries(result)
    if _believed_server(forged):
        return _false_server_failed(result)
    if forged.rejected:
        return (
            f"A forged reply won the race, but {_failure(result)}. "
            "The resolver threw it away, asked again, and got the real answer."
        )
    if any(event.fate.left_out for event in forged.matched if isinstance(event.fate, Believed)):
        return "The forged reply also spoke about a name outside its zone. The resolver kept nothing of that part."
    if result.setup.attack == "blind-extra-record" and forged.matched:
        return (
            "The resolver kept the record that nobody had asked for, but it checks what it tells. "
            f"So it asked {_zone(result)} itself."
        )
    if forged.matched:
        return "A forged reply was believed, but it changed nothing for this name."
    real_at = _real_reply_at(result)
    if forged.first_at > real_at:
        return "The real reply arrived first. What came later was ignored."
    return f"{_all_ignored(forged)} The real reply arrived at {(real_at - result.started) * 1000:.0f} ms."


def _all_ignored(forged: Forgeries) -> str:
    in_time = [reason.value for reason in forged.reasons if reason is not Reason.TOO_LATE]
    how = " or ".join(in_time) or Reason.TOO_LATE.value
    many = f"All {forged.sent:,} forged replies were" if forged.sent > 1 else "The forged reply was"
    return f"{many} ignored: {how}."


def _the_attacker(result: Result) -> str:
    setup, zone = result.setup, _zone(result)
    attack = ATTACKS[setup.attack]
    status = result.outcome.status
    if status is SecurityStatus.SECURE:
        expires = _last_signature(result)
        return (
            f"The old answer is genuine and its signature is valid until {expires}. "
            "DNSSEC limits how old an answer may be, not more."
        )
    if status is SecurityStatus.INSECURE and setup.signed:
        return (
            f"{zone} is signed, but its parent has no DS for it, so nobody vouches for its key. "
            "The resolver treats it as unsigned."
        )
    if status is SecurityStatus.INSECURE:
        return (
            f"The resolver checks signatures, but {zone} has none and its parent says so. There was nothing to check."
        )
    if attack.on_path and setup.signed and setup.connected:
        return "The signatures were there, but this resolver does not look at them."
    if attack.on_path:
        return "The attacker saw the question, so the reply matched in every number. Guessing was not needed."
    return _blind_luck(result)


def _blind_luck(result: Result) -> str:
    """Return how a blind attacker got through."""
    setup, defences = result.setup, result.setup.defences
    if setup.attack == "kaminsky":
        lure = _lure(result)
        return (
            f"A forged reply about {lure} named a new server for all of {_zone(result)}. "
            "It lies inside the zone, so the bailiwick check let it pass."
        )
    if setup.attack == "blind-extra-record":
        return "The resolver kept a record that nobody had asked for, and the browser used it."
    if not defences.random_id:
        return "The ID was no secret, so the first forged reply matched."
    guessed = ["ID"] + ["port"] * defences.random_port + ["case"] * defences.mixed_case
    if len(guessed) == 1:
        return (
            "One forged reply carried the right ID and arrived before the real one. "
            "The resolver checks nothing else, so it believed it."
        )
    space = odds.guesses_needed(
        ports=odds.PORTS if defences.random_port else 1,
        letters=odds.letters_in(setup.question.name) if defences.mixed_case else 0,
    )
    what = " and ".join([", ".join(guessed[:-1]), guessed[-1]])
    return (
        f"One forged reply guessed {what} at odds of 1 in {space:,.0f}, and came first. "
        "More dice make it rarer, not impossible."
    )


def _an_error(result: Result) -> str:
    setup = result.setup
    if result.outcome.status is SecurityStatus.INDETERMINATE:
        return f"{_needed(result)} never arrived. Without it nothing can be proved."
    if setup.spoil_every_reply:
        return (
            "The attacker sits on the path and spoiled every reply. None could be proved, "
            "so the resolver gave the browser no address rather than a false one."
        )
    if chain := _broken_chain(result):
        assert chain.diagnosis
        return f"{chain.diagnosis.sentence} The resolver found no better answer."
    return "No server gave a usable answer, so the browser got no address."


def _from_cache(result: Result) -> str:
    left = _duration(result.cached.seconds) if result.cached else "a moment"
    if result.opened == "error":
        return f"Nobody was asked: the failure is remembered for {left}."
    kind = "forged" if result.opened == "attacker" else "real"
    return f"Nobody was asked: the {kind} address is still in the cache for {left}."


def _duration(seconds: int) -> str:
    return f"{seconds // 60} min {seconds % 60} s" if seconds >= 120 else f"{seconds} s"


def _false_server_failed(result: Result) -> str:
    return (
        "The false server was believed: NS records aren't signed. "
        f"What it answered was not: {_failure(result)}. "
        f"The resolver went back to {_parent(result)} and asked again."
    )


def _believed_server(forged: Forgeries) -> bool:
    """Return whether a reply of the attacker's own server was put to the test."""
    return any(_from_attackers_server(event) for event in forged.matched)


def _failure(result: Result) -> str:
    """Return what was wrong with the forgery, by the check that failed."""
    chain = _broken_chain(result)
    if chain is None or chain.diagnosis is None:
        return "it could not be proved"
    words = FAILURES.get(chain.diagnosis.rule, f"it did not pass a check ({chain.diagnosis.headline})")
    rrsig = chain.first_failure.signature if chain.first_failure else None
    return words.format(
        zone=_zone(result),
        parent=_parent(result),
        date=show_moment(rrsig.expiration) if rrsig else "an earlier day",
        signer=show_name(rrsig.signer) if rrsig else "another zone",
    )


def _broken_chain(result: Result) -> ChainOfTrust | None:
    return next((chain for chain in result.chains if chain.status is SecurityStatus.BOGUS), None)


def _last_signature(result: Result) -> str:
    chain = result.outcome.chain
    rrsig = chain.links[-1].signature if chain and chain.links else None
    return show_moment(rrsig.expiration) if rrsig else "a later day"


def _needed(result: Result) -> str:
    chain = result.outcome.chain
    question = chain.needs[0] if chain and chain.needs else None
    return f"A record needed for the proof, {question}," if question else "A record needed for the proof"


def _real_reply_at(result: Result) -> float:
    """Return when the last genuine answer was believed, in epoch seconds; infinity if none was."""
    times = [
        event.at
        for event in result.story
        if isinstance(event.fate, Believed) and event.fate.kind == "answer" and not result.is_forged(event.datagram)
    ]
    return times[-1] if times else float("inf")


def _lure(result: Result) -> str:
    """Return the random name of the race that a blind attacker won."""
    matched = [event for event in forgeries(result).matched if not _from_attackers_server(event)]
    return show_name(parse(matched[0].datagram.payload).question[0].name) if matched else "a random name"


def _from_attackers_server(event: Event) -> bool:
    return event.datagram.source.address.startswith(ATTACKER_NETWORK)


def _zone(result: Result) -> str:
    return show_name(result.setup.zone)


def _parent(result: Result) -> str:
    return show_name(result.setup.zone.parent())
