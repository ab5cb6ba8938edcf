"""The ladder: what the attacker of each level has in hand, and how the siege ends.

The attacker sits on the path of a resolver whose validator is one of `validator.mistakes.LEVELS`. What is handed over,
and what comes back, are plain values: text, numbers, bytes.
It knows: the battlefield (ladder_world.py), and what each level is about.
It must not know: how any level is beaten.
Follows RFC 3833 §2.1: an attacker reads questions and replaces replies, and can make no signature but its own.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import dns.rcode
from dns import rdatatype
from dns.message import Message
from dns.name import Name, root

from ..attacker.on_path import OnPath
from ..authority.server import answer
from ..authority.signing import sign_rrset
from ..authority.zones import make_rrset
from ..protocol.messages import MalformedMessage, Question, asked, make_query, parse, to_bytes
from ..protocol.names import LabError, show_name
from ..protocol.story import Outcome
from ..protocol.trust import ChainOfTrust, SecurityStatus
from ..validator.chain import validate
from .ladder_world import TTL, LadderWorld, address_record, below
from .network import Clock, Network
from .worlds import DAY

NO_SUCH_NAME = ""  # as a lie: the name shall vanish
MOVES_AFTER = 2 * TTL  # seconds, at the last level: twice as long as the bank lets its address be kept

Validate = Callable[..., ChainOfTrust]


class Hand(NamedTuple):
    """What the attacker of one level holds: nothing that somebody on the path could not have."""

    victim: str  # the name whose address (A) a client is going to ask for
    zone: str  # the signed zone that should answer
    lie: str  # the address that the client shall be told; empty: it shall be told that there is no such name
    packets: list[bytes]  # genuine replies, in wire format, read on the path or asked for
    home: str  # a zone of the attacker, signed and properly delegated
    key: bytes  # the private half of a P-256 key: the ZSK of the attacker's own zone, or what this level's plot says
    now: int  # epoch seconds


@dataclass(frozen=True)
class Siege:
    """How it ended."""

    believed: bool  # the client was told the lie
    rule: str  # the check that failed first; empty: none did
    outcome: Outcome  # of the client's question that decided


def hand(ladder: LadderWorld, level: int) -> Hand:
    """Return what the attacker of a level holds.

    Raises:
        LabError: There is no such level.
    """
    plot = _plot(ladder, level)
    seen = [Question(root, rdatatype.DNSKEY), Question(plot.zone, rdatatype.DS)]
    seen += [Question(plot.zone, rdatatype.DNSKEY), Question(plot.victim, rdatatype.A), *plot.also]
    packets = [_genuine_reply(ladder, question) for question in seen]
    victim, zone, home = map(show_name, (plot.victim, plot.zone, ladder.trap))
    return Hand(victim, zone, plot.lie, packets + list(plot.recorded), home, plot.key, ladder.world.now)


def besiege(ladder: LadderWorld, level: int, packets: Sequence[bytes], judge: Validate = validate) -> Siege:
    """Let a client ask for the victim's address, and let the attacker answer; return what the client was told.

    Whenever the resolver asks one of the questions that `packets` answer, that packet is all it gets, from whatever
    server; the attacker's machine copies the transaction ID into it. Everything else passes untouched.

    Args:
        packets: Messages in wire format, each with the question that it answers; of two for one question the last.
        judge: The resolver's validator: `validate`, or a level's.
    Raises:
        LabError: There is no such level, or a packet is no DNS message with one question.
    """
    plot, clock = _plot(ladder, level), Clock(ladder.world.now)
    network = Network(ladder.world, clock=clock, attacker=machine(packets))
    resolver = network.resolver(validator=judge)
    outcome = resolver.resolve(plot.victim, rdatatype.A)
    if plot.again_after:
        network.silence()
        network.world = ladder.moved
        clock.advance(plot.again_after)
        outcome = resolver.resolve(plot.victim, rdatatype.A)
    return Siege(_is_told(outcome.message, plot.lie), _first_rule(outcome), outcome)


class Plot(NamedTuple):
    """What a level is about."""

    victim: Name
    zone: Name
    lie: str
    key: bytes
    also: tuple[Question, ...] = ()  # more questions whose replies are in hand
    recorded: tuple[bytes, ...] = ()  # replies of earlier days
    again_after: int = 0  # seconds until a second client asks: the attacker is silent then, and the bank has moved


def _plot(ladder: LadderWorld, level: int) -> Plot:
    """Return what a level is about: first how it is at most levels, then where it is different."""
    if level not in range(1, 17):
        raise LabError(f"There is no level {level!r}: the ladder has levels 1 to 16.")
    bank, archive, addresses, stolen = ladder.bank, ladder.archive, ladder.addresses, ladder.stolen
    usual = Plot(ladder.bank_site, bank, addresses.attacker, stolen.own)
    if level in (6, 13):  # the wildcard's host instead of the name's own: the attacker has a page there
        her_page = Question(ladder.members[0], rdatatype.A)
        return usual._replace(victim=ladder.counter, lie=addresses.pages, also=(her_page,))
    if level == 8:
        neighbor = below(bank.parent(), bank.labels[0].decode() + "-0")  # nobody has it: who asks is shown the gap
        return usual._replace(lie=NO_SUCH_NAME, also=(Question(neighbor, rdatatype.A),))
    if level == 9:
        gaps = Question(ladder.counter, rdatatype.MX), Question(below(bank, "0"), rdatatype.A)
        return usual._replace(victim=ladder.members[1], lie=NO_SUCH_NAME, also=gaps)
    if level == 10:  # a name that was never there
        invented = below(archive, "login")
        return usual._replace(victim=invented, zone=archive, also=(Question(invented, rdatatype.DS),))
    if level == 11:
        return usual._replace(key=stolen.revoked)
    if level == 12:
        return usual._replace(key=stolen.same_tag)
    if level == 15:
        return usual._replace(lie=addresses.former, recorded=(_former_reply(ladder),))
    if level == 16:
        return usual._replace(lie=addresses.bank, again_after=MOVES_AFTER)
    return usual


# ---- packets --------------------------------------------------------------------------------------------------------


def _genuine_reply(ladder: LadderWorld, question: Question) -> bytes:
    """Return what the right server replies to somebody who wants signatures as well."""
    if question not in ladder.replies:  # most levels are about the same names
        zone = ladder.world.zone_of(question.name, question.rdtype)
        reply = answer([zone], make_query(question.name, question.rdtype, id=0, dnssec_ok=True))
        ladder.replies[question] = to_bytes(reply)
    return ladder.replies[question]


def _former_reply(ladder: LadderWorld) -> bytes:
    """Return a reply that was recorded weeks ago: genuine, signed, and expired by now."""
    old, ended = address_record(ladder.bank_site, ladder.addresses.former), ladder.world.now - 3 * DAY
    zsk = next(key for key in ladder.world.keys[ladder.bank] if key.role == "ZSK")
    rrsig = sign_rrset(old, zsk, inception=ended - 14 * DAY, expiration=ended)
    message = parse(_genuine_reply(ladder, Question(old.name, old.rdtype)))
    message.answer = [old, make_rrset(old.name, old.ttl, rrsig)]
    return to_bytes(message)


def machine(packets: Sequence[bytes]) -> OnPath:
    """Return what the attacker has put on the path: it sends these packets in the place of genuine replies.

    Raises:
        LabError: A packet is no DNS message with one question.
    """
    forged = dict(_read(number, packet) for number, packet in enumerate(packets, 1))

    def change(message: Message) -> bool:
        question = asked(message)
        if question is None or question not in forged:
            return False
        lie = forged[question]
        message.flags = lie.flags
        message.answer, message.authority, message.additional = lie.answer, lie.authority, lie.additional
        return True

    return OnPath(change, every=True, only=frozenset(forged))


def _read(number: int, packet: bytes) -> tuple[Question, Message]:
    """Return one of the attacker's packets with the question that it answers."""
    if not isinstance(packet, bytes):
        raise LabError(
            f"Packet {number} is of type {type(packet).__name__}: send bytes, as to_bytes(message) makes them."
        )
    try:
        message = parse(packet)
    except MalformedMessage as error:
        raise LabError(f"Packet {number} is no DNS message ({error}): make it with to_bytes(message).") from None
    question = asked(message)
    if question is None:
        raise LabError(f"Packet {number} does not hold exactly one question, so nobody would take it for a reply.")
    return question, message


# ---- the end --------------------------------------------------------------------------------------------------------


def _is_told(message: Message, lie: str) -> bool:
    if lie == NO_SUCH_NAME:
        return message.rcode() == dns.rcode.NXDOMAIN
    addresses = [rdata.to_text() for rrset in message.answer if rrset.rdtype == rdatatype.A for rdata in rrset]
    return message.rcode() == dns.rcode.NOERROR and lie in addresses


def _first_rule(outcome: Outcome) -> str:
    """Return the check that decided against the first answer; the resolver may have asked again after it."""
    first = outcome.chains[0] if outcome.chains else None
    if first is None or first.diagnosis is None or first.status in (SecurityStatus.SECURE, SecurityStatus.INSECURE):
        return ""
    return first.diagnosis.rule
