"""Why an attack ended as it did, in one or two sentences for each kind of ending.

It knows: the values that resolver, validator and network have returned, and which sentence belongs to which values.
It must not know: how to judge an answer. No verdict is computed here, only put into words.
Dates and signers are those of RFC 4034 §3.1; the words for the four states those of RFC 4035 §4.3.
"""

from typing import NamedTuple

from ..attacker import odds
from ..protocol.dnssec import show_duration, show_moment
from ..protocol.messages import parse, question_bytes
from ..protocol.names import show_name
from ..protocol.story import Believed, Event, Ignored, Reason, Rejected
from ..protocol.trust import ChainOfTrust, SecurityStatus
from .attacks import ATTACKS
from .result import Result
from .worlds import ATTACKER_NETWORK

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
    forged = forgeries(result)
    if result.outcome.from_cache and not forged.sent:
        return _from_cache(result)
    if result.setup.connected and not result.setup.signed and result.opened == "error":
        return (
            f"The parent's DS names a key that {_zone(result)} does not have. "
            "No attacker is needed for this: the zone is broken."
        )
    return {"bank": _the_bank, "attacker": _the_attacker, "error": _an_error}[result.opened](result, forged)


def _the_bank(result: Result, forged: Forgeries) -> str:
    if not forged.sent:
        return "The real reply arrived and nobody interfered."
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
    if result.setup.attack == "kaminsky":
        return f"{_all_ignored(forged)} In every race the real reply was the only one that fitted."
    real_at = _real_reply_at(result)
    if forged.first_at > real_at:
        return "The real reply arrived first. What came later was ignored."
    return f"{_all_ignored(forged)} The real reply arrived at {(real_at - result.started) * 1000:.0f} ms."


def _all_ignored(forged: Forgeries) -> str:
    in_time = [reason.value for reason in forged.reasons if reason is not Reason.TOO_LATE]
    many = f"All {forged.sent:,} forged replies were" if forged.sent > 1 else "The forged reply was"
    return f"{many} ignored: {_listed(in_time, 'or') or Reason.TOO_LATE.value}."


def _listed(words: list[str], last: str) -> str:
    """Return words as a list in a sentence: 'ID, port and case'."""
    return f" {last} ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def _the_attacker(result: Result, forged: Forgeries) -> str:
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
    if all(map(_from_attackers_server, forged.matched)):
        return f"The resolver still asks the false server that it once believed to serve all of {zone}."
    if attack.on_path and setup.signed and setup.connected:
        return "The signatures were there, but this resolver does not look at them."
    if attack.on_path:
        return "The attacker saw the question, so the reply matched in every number. Guessing was not needed."
    return _blind_luck(result, forged)


def _blind_luck(result: Result, forged: Forgeries) -> str:
    """Return how a blind attacker got through."""
    setup, defences = result.setup, result.setup.defences
    if setup.attack == "kaminsky":
        let = "let" if defences.bailiwick_check else "would have let"
        return (
            f"A forged reply about {_lure(forged)} named a new server for all of {_zone(result)}. "
            f"It lies inside the zone, so the bailiwick check {let} it pass."
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
    return (
        f"One forged reply guessed {_listed(guessed, 'and')} at odds of 1 in {space:,.0f}, and came first. "
        "More dice make it rarer, not impossible."
    )


def _an_error(result: Result, forged: Forgeries) -> str:
    setup = result.setup
    if result.outcome.status is SecurityStatus.INDETERMINATE:
        return f"{_needed(result)} never arrived. Without it nothing can be proved."
    if setup.spoil_every_reply and forged.sent:
        return (
            "The attacker sits on the path and spoiled every reply. None could be proved, "
            "so the resolver gave the browser no address rather than a false one."
        )
    if chain := _broken_chain(result):
        assert chain.diagnosis
        return f"{chain.diagnosis.sentence} The resolver found no better answer."
    return "No server gave a usable answer, so the browser got no address."


def _from_cache(result: Result) -> str:
    left = show_duration(result.cached.seconds) if result.cached else "a moment"
    if result.opened == "error":
        return f"Nobody was asked: the failure is remembered for {left}."
    kind = "forged" if result.opened == "attacker" else "real"
    return f"Nobody was asked: the {kind} address is still in the cache for {left}."


def _false_server_failed(result: Result) -> str:
    return (
        "The false server was believed: NS records aren't signed. "
        f"What it answered was not: {_failure(result)}. "
        f"The resolver went back to {_parent(result)} and asked again."
    )


def _believed_server(forged: Forgeries) -> bool:
    """Return whether a forged referral was believed, and led to a server of the attacker's own."""
    kinds = [event.fate.kind for event in forged.matched if isinstance(event.fate, Believed)]
    return "referral" in kinds and any(_from_attackers_server(event) for event in forged.matched)


def _failure(result: Result) -> str:
    """Return what was wrong with the forgery, by the check that failed."""
    chain = _broken_chain(result)
    if chain is None or chain.diagnosis is None:
        return "it could not be proved"
    rule, broken = chain.diagnosis.rule, chain.first_failure
    if rule == "ds-or-denial-received" and broken and broken.target.owner != result.setup.zone:
        rule = "signature-present"  # not the zone's own DS is missing: an unsigned name below it posed as another zone
    words = FAILURES.get(rule, f"it did not pass a check ({chain.diagnosis.headline})")
    rrsig = broken.signature if broken else None
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
    """Return when the genuine answer to the forged question was believed, in epoch seconds; infinity if none was."""
    forged = next(event for event in result.story if result.is_forged(event.datagram))
    for event in result.story:
        believed = isinstance(event.fate, Believed) and event.fate.kind == "answer"
        if believed and not result.is_forged(event.datagram) and _question(event) == _question(forged):
            return event.at
    return float("inf")


def _question(event: Event) -> bytes:
    """Return what a datagram is about; 0x20 may have mixed its case."""
    return (question_bytes(event.datagram.payload) or b"").lower()


def _lure(forged: Forgeries) -> str:
    """Return the random name of the race that a blind attacker won."""
    won = next(event for event in forged.matched if not _from_attackers_server(event))
    return show_name(parse(won.datagram.payload).question[0].name)


def _from_attackers_server(event: Event) -> bool:
    return event.datagram.source.address.startswith(ATTACKER_NETWORK)


def _zone(result: Result) -> str:
    return show_name(result.setup.zone)


def _parent(result: Result) -> str:
    return show_name(result.setup.zone.parent())
