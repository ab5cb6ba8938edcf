"""Mangling: genuine messages made wrong in every way that a few numbers can choose; and what must hold all the same.

It knows: a toy Internet, whose replies are mangled on their way to a resolver. Hypothesis chooses the numbers in
test_bad_input.py, a fuzzer in fuzz/fuzz_resolver.py.
It must not know: what the resolver makes of them.
"""

import random
from collections.abc import Iterator, Sequence
from typing import Literal

import dns.exception
import dns.flags
import dns.rcode
from dns.message import Message
from dns.name import Name
from dns.rdata import GenericRdata
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType
from dns.rrset import RRset

from dnsseclab.authority.nsec3 import Nsec3
from dnsseclab.authority.server import answer
from dnsseclab.authority.zones import make_rrset
from dnsseclab.internet.network import Clock, Network
from dnsseclab.internet.worlds import World, toy_internet
from dnsseclab.protocol.evidence import NO_REPLY, Evidence
from dnsseclab.protocol.messages import (
    Datagram,
    MalformedMessage,
    Question,
    flag,
    header_only,
    make_query,
    parse,
    question,
    to_bytes,
)
from dnsseclab.protocol.story import Asked, Outcome
from dnsseclab.protocol.trust import ChainOfTrust
from dnsseclab.resolver import RecursiveResolver
from dnsseclab.validator import validate
from dnsseclab.validator.limits import LIMITED_BY, Limits

WORLDS = (toy_internet(), toy_internet(denial="NSEC3"), toy_internet(denial=Nsec3(iterations=5, opt_out=True)))
QUESTIONS = (
    question("www.bank.example", "A"),
    question("nothing.here.bank.example", "A"),
    question("www.bank.example", "TXT"),
    question("a.branch.bank.example", "A"),
    question("login.bank.example", "A"),
    question("shop.foundry81.com", "A"),
    question("www.harbor.example", "A"),
    question("bank.example", "DNSKEY"),
    question("bank.example", "DS"),
    question("bank.example", "ANY"),
)
SECTIONS = ("answer", "authority", "additional")
TYPES = (1, 2, 5, 6, 15, 39, 41, 43, 46, 47, 48, 50, 51, 59, 128, 250, 255, 65280)
EXTREMES = (0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
Numbers = Iterator[int]  # 0 to 65,535 each, without end


# ---- one message ---------------------------------------------------------------------------------------------------


def mangle(payload: bytes, numbers: Numbers) -> bytes:
    """Return a message with one to four things wrong; or nothing like a message at all."""
    for _ in range(1 + next(numbers) % 4):
        if next(numbers) % 2:
            payload = BYTE_WAYS[next(numbers) % len(BYTE_WAYS)](payload, numbers)
        else:
            payload = _as_message(payload, numbers)
    return payload


def flip(payload: bytes, numbers: Numbers) -> bytes:
    at = next(numbers) % max(1, len(payload))
    return payload[:at] + bytes([next(numbers) % 256]) + payload[at + 1 :]


def truncate(payload: bytes, numbers: Numbers) -> bytes:
    return payload[: next(numbers) % (len(payload) + 1)]


def repeat(payload: bytes, numbers: Numbers) -> bytes:
    at, length = next(numbers) % (len(payload) + 1), next(numbers) % 64
    return payload[:at] + payload[at : at + length] + payload[at:]


def cut_out(payload: bytes, numbers: Numbers) -> bytes:
    at = next(numbers) % (len(payload) + 1)
    return payload[:at] + payload[at + next(numbers) % 64 :]


def miscount(payload: bytes, numbers: Numbers) -> bytes:
    """Let the header promise another number of records."""
    at = 4 + 2 * (next(numbers) % 4)
    return payload[:at] + next(numbers).to_bytes(2, "big") + payload[at + 2 :]


def point(payload: bytes, numbers: Numbers) -> bytes:
    """Put a compression pointer somewhere: to itself, forward, or in a circle."""
    at = next(numbers) % max(1, len(payload))
    target = (at, at + 2, next(numbers) % max(1, len(payload)))[next(numbers) % 3]
    return payload[:at] + (0xC000 | target & 0x3FFF).to_bytes(2, "big") + payload[at + 2 :]


def overwrite(payload: bytes, numbers: Numbers) -> bytes:
    """Put an extreme number somewhere: a TTL, a moment, a length."""
    at, number = next(numbers) % max(1, len(payload)), EXTREMES[next(numbers) % len(EXTREMES)]
    return payload[:at] + number.to_bytes(4, "big") + payload[at + 4 :]


def noise(payload: bytes, numbers: Numbers) -> bytes:
    return payload[:2] + random.Random(next(numbers)).randbytes(next(numbers) % 600)


BYTE_WAYS = (flip, flip, truncate, repeat, cut_out, miscount, point, overwrite, noise)


def _as_message(payload: bytes, numbers: Numbers) -> bytes:
    """Change what a message says, so that it stays one."""
    try:
        message = parse(payload)
    except MalformedMessage:
        return flip(payload, numbers)
    MESSAGE_WAYS[next(numbers) % len(MESSAGE_WAYS)](message, numbers)
    try:
        return to_bytes(message)
    except (dns.exception.DNSException, ValueError):
        return payload


def _section(message: Message, numbers: Numbers) -> list[RRset]:
    return getattr(message, SECTIONS[next(numbers) % 3])


def _one(message: Message, numbers: Numbers) -> tuple[list[RRset], int]:
    filled = [section for section in (message.answer, message.authority, message.additional) if section]
    section = filled[next(numbers) % len(filled)] if filled else [strange_rrset(numbers)]
    return section, next(numbers) % len(section)


def move(message: Message, numbers: Numbers) -> None:
    section, at = _one(message, numbers)
    _section(message, numbers).append(section.pop(at))


def drop(message: Message, numbers: Numbers) -> None:
    section, at = _one(message, numbers)
    section.pop(at)


def double(message: Message, numbers: Numbers) -> None:
    section, at = _one(message, numbers)
    section += [section[at].copy() for _ in range(next(numbers) % 40)]


def rename(message: Message, numbers: Numbers) -> None:
    section, at = _one(message, numbers)
    section[at].name = strange_name(numbers)


def hasten(message: Message, numbers: Numbers) -> None:
    section, at = _one(message, numbers)
    section[at].ttl = EXTREMES[next(numbers) % len(EXTREMES)] & 0x7FFFFFFF


def add(message: Message, numbers: Numbers) -> None:
    """Add records of another zone, genuine and signed."""
    world = WORLDS[next(numbers) % len(WORLDS)]
    zones = list(world.zones.values())
    rrsets = list(zones[next(numbers) % len(zones)].rrsets())
    start = next(numbers) % len(rrsets)
    _section(message, numbers).extend(rrsets[start : start + 1 + next(numbers) % 3])


def add_strange(message: Message, numbers: Numbers) -> None:
    _section(message, numbers).append(strange_rrset(numbers))


def rewrite(message: Message, numbers: Numbers) -> None:
    """Put random bytes, or another record's, into the data of a record."""
    section, at = _one(message, numbers)
    old = section[at]
    data = random.Random(next(numbers)).randbytes(next(numbers) % 80) if next(numbers) % 2 else _shuffled(old, numbers)
    section[at] = make_rrset(old.name, old.ttl, GenericRdata(RdataClass.IN, _type(numbers, old.rdtype), data))


def _shuffled(rrset: RRset, numbers: Numbers) -> bytes:
    data = rrset[0].to_wire() or b""
    return flip(data, numbers)


def change_header(message: Message, numbers: Numbers) -> None:
    message.flags ^= dns.flags.Flag(1 << next(numbers) % 16)
    message.set_rcode(dns.rcode.Rcode(next(numbers) % 24))


MESSAGE_WAYS = (move, drop, double, rename, hasten, add, add_strange, rewrite, change_header)


def strange_name(numbers: Numbers) -> Name:
    names = [Name((b"*", b"bank", b"example", b"")), Name((b"",)), Name((*[b"a"] * 120, b"example", b"")),
             Name((bytes([next(numbers) % 256]) * 63, b"example", b""))]  # fmt: skip
    names += [asked.name for asked in QUESTIONS]
    return names[next(numbers) % len(names)]


def strange_rrset(numbers: Numbers) -> RRset:
    data = random.Random(next(numbers)).randbytes(next(numbers) % 80)
    return make_rrset(strange_name(numbers), 60, GenericRdata(RdataClass.IN, _type(numbers, RdataType.A), data))


def _type(numbers: Numbers, usual: RdataType) -> RdataType:
    return RdataType.make(TYPES[next(numbers) % len(TYPES)]) if next(numbers) % 2 else usual


# ---- a resolver that gets them -------------------------------------------------------------------------------------


def mangling_resolver(world: World, numbers: Numbers, rate: int = 3) -> tuple[RecursiveResolver, Network]:
    """Return a resolver; about one in `rate` of the replies to it is mangled, and the genuine one may follow."""
    network = Network(world, clock=Clock(world.now))

    def carry(query: Datagram) -> Iterator[Datagram]:
        for reply in network.carry(query):
            if next(numbers) % rate == 0:
                yield reply._replace(payload=mangle(reply.payload, numbers))
                if next(numbers) % 2:
                    continue
            yield reply

    resolver = RecursiveResolver(
        carry, world.root_hints, trust_anchors=world.trust_anchors, clock=network.clock, rng=random.Random(0)
    )
    return resolver, network


def answer_bytes(resolver: RecursiveResolver, payload: bytes) -> tuple[bytes, Outcome | None]:
    """Return what a client gets for whatever bytes it has sent, as internet/resolver_service.py does it."""
    try:
        query = parse(payload)
    except MalformedMessage:
        return header_only(payload.ljust(12, b"\0"), dns.rcode.FORMERR), None
    outcome = resolver.serve(query)
    return to_bytes(outcome.message), outcome


def judge_mangled(world: World, asked: Question, numbers: Numbers) -> ChainOfTrust:
    """Return what the validator says of evidence that is mangled, but can still be read; it must end."""
    evidence, needs, proven = Evidence(asked), (asked,), ()
    for _ in range(60):
        for need in needs:
            evidence = evidence.with_message(need, _mangled_reply(world, need, numbers))
        chain = validate(evidence, world.trust_anchors, world.now, proven=proven)
        needs, proven = chain.needs, chain.proven
        if not needs:
            return chain
        assert all(evidence.get(*need) is None for need in needs), "asked for twice"
    raise AssertionError("the validator asks on and on")


def _mangled_reply(world: World, need: Question, numbers: Numbers) -> Message | Literal["no reply"]:
    payload = to_bytes(answer([world.zone_of(*need)], make_query(*need, id=1, dnssec_ok=True)))
    try:
        return parse(mangle(payload, numbers) if next(numbers) % 3 == 0 else payload)
    except MalformedMessage:
        return NO_REPLY


def must_be_sound(world: World, asked: Question, outcome: Outcome, limits: Limits) -> None:
    """Check what must hold whatever was received: a DNS answer, within the limits, and what is secure is true."""
    parse(to_bytes(outcome.message))
    for kind, field in LIMITED_BY.items():
        assert outcome.work.get(kind, 0) <= limits.judgements * getattr(limits, field), kind
    assert sum(type(event.fate) is Asked for event in outcome.story) <= limits.upstream_queries
    if flag(outcome.message, "AD"):
        _must_be_true(world, asked, outcome.message)


def _must_be_true(world: World, asked: Question, message: Message) -> None:
    """Check that nothing that is called secure was made up."""
    for rrset in message.answer:
        if rrset.rdtype not in (RdataType.RRSIG, RdataType.CNAME):
            zone = world.zone_of(rrset.name, rrset.rdtype)
            truth = zone.get(rrset.name, rrset.rdtype) or zone.get(f"*.{rrset.name.parent()}", rrset.rdtype)
            assert truth is not None and set(rrset) == set(truth), rrset
    if message.rcode() == dns.rcode.NXDOMAIN or not message.answer:
        zone = world.zone_of(asked.name, asked.rdtype)
        assert zone.get(asked.name, asked.rdtype) is None


def numbers_from(seed: int, first: Sequence[int] = ()) -> Numbers:
    """Return some numbers, and after them random ones."""
    dice = random.Random(seed)
    yield from first
    while True:
        yield dice.randrange(65536)


def client_query(numbers: Numbers) -> bytes:
    """Return a genuine query, with any of the bits that a client may set."""
    asked = QUESTIONS[next(numbers) % len(QUESTIONS)]
    bits = next(numbers)
    return to_bytes(
        make_query(
            asked.name, asked.rdtype, id=bits, recursion_desired=bits & 3 != 0, dnssec_ok=bool(bits & 4),
            checking_disabled=bool(bits & 8), authentic_data=bool(bits & 16),
        )
    )  # fmt: skip
