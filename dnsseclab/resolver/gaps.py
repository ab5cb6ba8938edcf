"""The gaps that are remembered: validated NSEC and NSEC3 records, zone by zone, each in its ring.

It knows: the order of names and of hashes, and when each record expires.
It must not know: what a gap proves.
Follows RFC 4034 §6.1 (canonical order), RFC 5155 §3.3 (the order of hashes).
"""

from bisect import bisect_right, insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from dns import rdatatype
from dns.name import Name
from dns.rdtypes.ANY.NSEC3 import NSEC3
from dns.rrset import RRset

from ..protocol.dnssec import label_count

CAPACITY = 20_000  # records; the zones that were learned first go first

Place = tuple[bytes, ...]  # in a ring: a name's labels from the top, or a hash
Parameters = tuple[int, int, bytes] | None  # hash algorithm, iterations, salt of an NSEC3 ring; None: NSEC


class Gap(NamedTuple):
    """One validated denial, its TTL capped when it was stored."""

    rrset: RRset
    rrsigs: RRset
    stored: int  # epoch seconds
    expires: int  # epoch seconds


@dataclass
class Ring:
    """The records of one zone and kind that are known, in their order."""

    places: list[Place] = field(default_factory=list)
    gaps: dict[Place, Gap] = field(default_factory=dict)

    def add(self, place: Place, gap: Gap) -> None:
        """Add a record, or renew it."""
        if place not in self.gaps:
            insort(self.places, place)
        self.gaps[place] = gap

    def at_or_before(self, place: Place, now: int) -> Gap | None:
        """Return the record that stands at a place, or in whose gap the place might lie: the one before it."""
        gap = self.gaps[self.places[bisect_right(self.places, place) - 1]]  # before the first comes the last
        return gap if gap.expires > now else None

    def copy(self) -> "Ring":
        """Return a ring that may change on its own."""
        return Ring(list(self.places), dict(self.gaps))


class Gaps:
    """All rings."""

    def __init__(self) -> None:
        self._rings: dict[Name, dict[Parameters, Ring]] = {}

    def __bool__(self) -> bool:
        """Return whether any gap is known."""
        return bool(self._rings)

    def store(self, validated: Sequence[RRset], now: int) -> None:
        """Remember the denials among RRsets that a validator found secure; each is followed by its signatures.

        Which signature held is not told. So all must name one zone: else a worthless one could move the gap into the
        ring of another zone. And all must count all labels: what was made from a wildcard stands at another name than
        its own (RFC 4592 §4.7).
        """
        for rrset, rrsigs in zip(validated, validated[1:], strict=False):
            if rrset.rdtype not in (rdatatype.NSEC, rdatatype.NSEC3) or rrsigs.covers != rrset.rdtype:
                continue
            made_for = {(rrsig.signer, rrsig.labels) for rrsig in rrsigs}
            if made_for != {(rrsigs[0].signer, label_count(rrset.name))}:
                continue
            zone, rdata = rrsigs[0].signer, rrset[0]
            hashed = isinstance(rdata, NSEC3)
            parameters = (rdata.algorithm, rdata.iterations, rdata.salt) if hashed else None
            place = (rrset.name.labels[0].lower(),) if hashed else place_of(rrset.name)
            ring = self._rings.setdefault(zone, {}).setdefault(parameters, Ring())
            ring.add(place, Gap(rrset, rrsigs, now, now + rrset.ttl))
        while sum(len(ring.places) for rings in self._rings.values() for ring in rings.values()) > CAPACITY:
            del self._rings[next(iter(self._rings))]

    def rings_of(self, zone: Name) -> Iterator[tuple[Parameters, Ring]]:
        """Yield the rings of a zone, with their parameters: during a change of NSEC3 parameters there are two."""
        yield from self._rings.get(zone, {}).items()

    def copy(self) -> "Gaps":
        """Return a snapshot."""
        snapshot = Gaps()
        snapshot._rings = {
            zone: {parameters: ring.copy() for parameters, ring in rings.items()} for zone, rings in self._rings.items()
        }
        return snapshot


def place_of(name: Name) -> Place:
    """Return where a name stands in canonical order: tuples of labels from the top compare as names do."""
    return tuple(label.lower() for label in reversed(name.labels))
