"""Proofs of absence made when they are needed: the server holds the key, and gives no other name away.

It knows: how to make an NSEC record about nearly nothing but the name asked for, and sign it.
It must not know: how a validator checks it. A zone whose key lies on a server is only as safe as that server.
Follows RFC 4470 §4-5 (minimally covering NSEC records), RFC 9824 (compact denial), RFC 4034 §6.1 (order of names),
RFC 4471 §3.1 (the names right before and after another).
Simplification: no CO flag, by which who asks for it gets NXDOMAIN beside a compact proof (RFC 9824).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from typing import NamedTuple

from dns import rdataclass, rdatatype
from dns.name import Name
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.NSEC import NSEC, Bitmap
from dns.rrset import RRset

from ..protocol.names import LabError
from .keys import Key
from .nsec import types_of, wildcard
from .signing import sign_rrset, sign_zone
from .zones import Zone, canonical_order, make_rrset

LONGEST_LABEL, LONGEST_NAME = 63, 255  # octets (RFC 1035 §2.3.4)
BEFORE_CAPITALS, AFTER_CAPITALS = ord("@"), ord("[")  # between them lie none: capitals count as small letters
NXNAME = RdataType.make(128)  # "this name does not exist" (RFC 9824)
ALWAYS = (rdatatype.RRSIG, rdatatype.NSEC)
STYLES = ("compact", "minimal")


class OnlineDenial(NamedTuple):
    """How a zone proves absence on demand. Its functions have the names of those in nsec.py."""

    style: str  # 'compact' or 'minimal'
    keys: tuple[Key, ...]
    inception: int  # epoch seconds
    expiration: int

    @property
    def hides_name_error(self) -> bool:
        """Return whether a missing name is answered as one that lacks the type: one record then is enough."""
        return self.style == "compact"

    def prove_no_name(self, zone: Zone, qname: Name) -> list[RRset]:
        """Return the proof that there is no such name, and no wildcard for it."""
        if self.hides_name_error:
            return self._signed(_at(zone, qname, {NXNAME}))
        encloser = zone.closest_encloser(qname)
        return self._signed(_around(zone, next_closer(qname, encloser)), _around(zone, wildcard(encloser)))

    def prove_no_type(self, zone: Zone, name: Name) -> list[RRset]:
        """Return a record that lists the types of a name, and names no other name."""
        return self._signed(_at(zone, name, types_of(zone, name)))

    def prove_no_closer_name(self, zone: Zone, qname: Name) -> list[RRset]:
        """Return a record that covers the next closer name, so that a wildcard may stand for `qname`."""
        return self._signed(_around(zone, next_closer(qname, zone.closest_encloser(qname))))

    def prove_no_wildcard_type(self, zone: Zone, qname: Name) -> list[RRset]:
        """Return a record that lists the types of the wildcard that stands for `qname`, and why it may."""
        source = wildcard(zone.closest_encloser(qname))
        if self.hides_name_error:
            return self._signed(_at(zone, qname, types_of(zone, source)))
        return [*self.prove_no_type(zone, source), *self.prove_no_closer_name(zone, qname)]

    def _signed(self, *records: RRset) -> list[RRset]:
        """Return the records, each once, with their signatures."""
        signers = [key for key in self.keys if key.role in ("ZSK", "CSK")]
        made: list[RRset] = []
        for record in {record.name: record for record in records}.values():
            rrsigs = [sign_rrset(record, key, inception=self.inception, expiration=self.expiration) for key in signers]
            made += [record, make_rrset(record.name, record.ttl, *rrsigs)]
        return made


class OnlineZone(Zone):
    """A signed zone without a chain of NSEC records: its server makes them."""

    def __init__(self, zone: Zone, denial: OnlineDenial) -> None:
        super().__init__(zone.origin, zone.rrsets())
        self.denial = denial

    def with_rrsets(self, *rrsets: RRset) -> "OnlineZone":
        """Return the zone with these RRsets, each in the place of one of the same name and type."""
        return OnlineZone(super().with_rrsets(*rrsets), self.denial)


def sign_online(
    zone: Zone, keys: Iterable[Key], *, inception: int, expiration: int, style: str = "compact"
) -> OnlineZone:
    """Return a signed zone whose server proves absence on demand.

    Args:
        style: 'compact': one record at the name asked for, which seems to exist without the type (RFC 9824);
            'minimal': records around the names that do not exist, and around nothing else (RFC 4470).
    Raises:
        LabError: Another style, or what sign_zone refuses.
    """
    if style not in STYLES:
        raise LabError(f"style={style!r}: proofs on demand are 'compact' or 'minimal'.")
    keys = tuple(keys)
    signed = sign_zone(zone, keys, inception=inception, expiration=expiration)
    data = [rrset for rrset in signed.rrsets() if rdatatype.NSEC not in (rrset.rdtype, rrset.covers)]
    return OnlineZone(Zone(zone.origin, data), OnlineDenial(style, keys, inception, expiration))


# --- one record


def _at(zone: Zone, name: Name, types: Iterable[RdataType]) -> RRset:
    """Return a record at a name that covers nothing: its next name is the very next one there can be."""
    return _nsec(zone, name, first_below(name), types)


def _around(zone: Zone, absent: Name) -> RRset:
    """Return a record that covers a name and what would lie below it; existing neighbours are its ends if nearer."""
    owners = zone.authoritative_names()
    place = bisect_left(owners, canonical_order(absent), key=canonical_order)
    before, after = owners[place - 1], owners[bisect_right(owners, canonical_order(absent), key=canonical_order) :][:1]
    owner = max(just_before(absent), before, key=canonical_order)
    following = min((just_after(absent), *after), key=canonical_order)
    types = types_of(zone, owner) if owner == before else set()
    return _nsec(zone, owner, following if zone.contains(following) else zone.origin, types)


def _nsec(zone: Zone, owner: Name, following: Name, types: Iterable[RdataType]) -> RRset:
    bitmap = Bitmap.from_rdtypes([*types, *ALWAYS])
    return make_rrset(owner, zone.negative_ttl, NSEC(rdataclass.IN, rdatatype.NSEC, following, bitmap.windows))


# --- names beside a name, in canonical order (RFC 4470 §5)


def next_closer(name: Name, encloser: Name) -> Name:
    """Return the name one label longer than its closest encloser (RFC 5155 §1.3)."""
    return Name(name.labels[-len(encloser.labels) - 1 :])


def first_below(name: Name) -> Name:
    """Return the name that follows at once: the first one that could lie below it."""
    if len(name.to_wire() or b"") + 2 > LONGEST_NAME:
        return just_after(name)
    return Name((b"\0", *name.labels))


def just_before(name: Name) -> Name:
    """Return a name shortly before another one; below the same parent, or the parent itself."""
    label, above = name.labels[0].lower(), Name(name.labels[1:])
    if label[-1] == 0:
        return Name((label[:-1], *above.labels)) if len(label) > 1 else above
    room = min(LONGEST_LABEL, LONGEST_NAME - 1 - len(above.to_wire() or b"")) - len(label)
    octet = BEFORE_CAPITALS if label[-1] == AFTER_CAPITALS else label[-1] - 1
    return Name((label[:-1] + bytes([octet]) + b"\xff" * room, *above.labels))


def just_after(name: Name) -> Name:
    """Return a name after another one and all that could lie below it; below the same parent, or the parent's next."""
    label, above = name.labels[0].lower(), Name(name.labels[1:])
    if len(label) < LONGEST_LABEL and len(name.to_wire() or b"") < LONGEST_NAME:
        return Name((label + b"\0", *above.labels))
    shorter = label.rstrip(b"\xff")
    if not shorter:
        return just_after(above)
    octet = AFTER_CAPITALS if shorter[-1] == BEFORE_CAPITALS else shorter[-1] + 1
    return Name((shorter[:-1] + bytes([octet]), *above.labels))
