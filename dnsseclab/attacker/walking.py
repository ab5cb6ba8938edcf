"""The curious: somebody who reads off a zone's proofs of absence which names the zone has.

An NSEC record names the next name: whoever follows them has the whole zone. An NSEC3 record names the next *hash*:
whoever has collected them tries words from a dictionary at home, where no server sees it.
It knows: what anybody may ask a name server, and how names are hashed.
It must not know: the zone, or any key.
Follows RFC 4034 §4.1 (next name), RFC 5155 §3 and §5 (hashes), RFC 9276 §2.3-2.4 (what hashing hides), RFC 4470 §5.
"""

import base64
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from random import Random

from dns import rdatatype
from dns.message import Message
from dns.name import Name
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.NSEC3 import NSEC3, Bitmap
from dns.rrset import RRset

from ..authority.online_denial import first_below, just_after
from ..protocol.dnssec import nsec3_hash
from ..protocol.messages import DNS_PORT, Datagram, Endpoint, Transport, flag, make_query, parse, to_bytes
from ..protocol.names import LabError, show_name, to_name

Carry = Callable[[Datagram], Iterator[Datagram]]

HOME = Endpoint("203.0.113.66", 40_001)  # from where the curious ask
MOST = 1_000  # questions
MADE_UP = {"RRSIG", "NSEC"}  # who lists nothing else owns nothing: a server has made up this neighbour (RFC 4470 §4)
ENOUGH_LUCK = 10_000  # random names to try for one that falls into an unknown gap


@dataclass(frozen=True)
class Walk:
    """What following the NSEC records of a zone has shown."""

    names: tuple[Name, ...]  # in the order of the walk
    types: Mapping[Name, tuple[str, ...]]  # what each name has, as its record lists it
    queries: int
    complete: bool  # the last record led back to the apex: there is nothing else

    def __str__(self) -> str:
        end = "That is the whole zone." if self.complete else "Then the server named no further name."
        lines = [f"{show_name(name)}: {', '.join(self.types.get(name, ())) or 'types unknown'}" for name in self.names]
        names = "1 name" if len(self.names) == 1 else f"{len(self.names)} names"
        return "\n".join([*lines, f"{names} after {self.queries} questions. {end}"])


@dataclass(frozen=True)
class Hashes:
    """What has been collected of a zone's NSEC3 records."""

    zone: Name
    hashes: frozenset[bytes]
    salt: bytes
    iterations: int
    queries: int
    complete: bool  # every record leads to one that is known: the circle is closed

    def __str__(self) -> str:
        circle = "the circle is closed" if self.complete else "some are missing"
        return f"{len(self.hashes)} hashes after {self.queries} questions: {circle}."


@dataclass(frozen=True)
class Search:
    """What a dictionary has made of them."""

    found: tuple[Name, ...]
    unknown: int  # hashes without a name
    guesses: int
    rounds: int  # of SHA-1

    def __str__(self) -> str:
        names = ", ".join(map(show_name, self.found)) or "nothing"
        return (
            f"Found: {names}.\n{len(self.found)} of {len(self.found) + self.unknown} hashes have a name, "
            f"after {self.guesses:,} guesses, {self.rounds:,} rounds of SHA-1, and no question to any server."
        )


def walk_zone(carry: Carry, zone: str | Name, server: str, *, most: int = MOST) -> Walk:
    """Follow a zone's NSEC records from its apex until they lead back to it.

    The name asked for is the first that could follow the one reached: the record that denies it names the next.

    Args:
        server: Address of one of the zone's name servers.
        most: Questions to ask before giving up.
    """
    apex, ask = to_name(zone), _Asking(carry, server)
    names, here = [apex], apex
    types: dict[Name, tuple[str, ...]] = {}
    while ask.queries < most:
        nsec = ask.nsec_of(here, first_below(here)) or ask.nsec_of(here, just_after(here))
        if nsec is None:
            return Walk(tuple(names), types, ask.queries, False)
        types[here] = tuple(Bitmap(nsec[0].windows).to_text().split())
        if set(types[here]) <= MADE_UP:
            return Walk(tuple(names[:-1]), types, ask.queries, False)
        here = nsec[0].next
        if here == apex or here in types:
            return Walk(tuple(names), types, ask.queries, here == apex)
        names.append(here)
    return Walk(tuple(names), types, ask.queries, False)


def collect_hashes(carry: Carry, zone: str | Name, server: str, *, rng: Random, most: int = MOST) -> Hashes:
    """Ask for random names until the NSEC3 records that deny them close the circle.

    A name is only asked for if its own hash falls into a gap that is still unknown: hashing costs no question.

    Raises:
        LabError: The zone proves nothing with NSEC3.
    """
    apex, ask = to_name(zone), _Asking(carry, server)
    gaps: dict[bytes, bytes] = {}
    how: NSEC3 | None = None
    while ask.queries < most and not _closed(gaps):
        name = _fresh_name(apex, gaps, how, rng)
        if name is None:
            break
        records = ask.records(name, rdatatype.NSEC3)
        if not records and how is None:
            raise LabError(f"{show_name(apex)} sent no NSEC3 record: walk_zone() is for zones with NSEC.")
        for rrset in records:
            how = rrset[0]
            gaps[_digest(rrset.name)] = how.next
    salt, iterations = (how.salt, how.iterations) if how else (b"", 0)
    return Hashes(apex, frozenset(gaps) | set(gaps.values()), salt, iterations, ask.queries, _closed(gaps))


def search_dictionary(collected: Hashes, words: Iterable[str]) -> Search:
    """Hash the zone's own name and every word below it, and look which hashes are among those collected.

    Args:
        words: Labels, or several of them with dots: 'www', '_443._tcp.www'.
    """
    guesses = [collected.zone, *(to_name(f"{word}.{collected.zone}") for word in words)]
    hashed = {nsec3_hash(name, collected.salt, collected.iterations): name for name in guesses}
    found = tuple(name for digest, name in hashed.items() if digest in collected.hashes)
    rounds = len(guesses) * (collected.iterations + 1)
    return Search(found, len(collected.hashes) - len(found), len(guesses), rounds)


class _Asking:
    """Questions to one name server, counted."""

    def __init__(self, carry: Carry, server: str) -> None:
        self._carry = carry
        self._server = Endpoint(server, DNS_PORT)
        self.queries = 0

    def nsec_of(self, owner: Name, name: Name) -> RRset | None:
        """Ask for a name, and return the NSEC of `owner` if the reply has it."""
        return next((rrset for rrset in self.records(name, rdatatype.NSEC) if rrset.name == owner), None)

    def records(self, name: Name, rdtype: RdataType) -> list[RRset]:
        """Ask for an address, and return the records of a type that came with the reply."""
        reply = self._ask(name, "udp")
        if reply and flag(reply, "TC"):
            reply = self._ask(name, "tcp")
        return [rrset for rrset in (*reply.answer, *reply.authority) if rrset.rdtype == rdtype] if reply else []

    def _ask(self, name: Name, transport: Transport) -> Message | None:
        self.queries += 1
        query = make_query(name, rdatatype.A, id=self.queries % 2**16, dnssec_ok=True)
        reply = next(self._carry(Datagram(HOME, self._server, to_bytes(query), transport)), None)
        return parse(reply.payload) if reply else None


def _closed(gaps: Mapping[bytes, bytes]) -> bool:
    return bool(gaps) and set(gaps) == set(gaps.values())


def _fresh_name(apex: Name, gaps: Mapping[bytes, bytes], how: NSEC3 | None, rng: Random) -> Name | None:
    """Return a random name whose hash lies in no gap that is known; None if none turns up."""
    for _ in range(ENOUGH_LUCK):
        name = Name((f"{rng.getrandbits(40):010x}".encode(), *apex.labels))
        if how is None or not _known(nsec3_hash(name, how.salt, how.iterations), gaps):
            return name
    return None


def _known(digest: bytes, gaps: Mapping[bytes, bytes]) -> bool:
    """Return whether a hash lies in a known gap; the last gap leads over the end of the circle."""
    return any(start <= digest < end if start < end else digest >= start or digest < end for start, end in gaps.items())


def _digest(owner: Name) -> bytes:
    return base64.b32hexdecode(owner.labels[0].upper())
