"""Signed proofs that something does not exist: the chain of NSEC records, and which of them to show.

It knows how the chain is made, and what a server must send along with a "no".
It must not know how a validator checks such a proof: that is written a second time, there.
Follows RFC 4034 §4 and §6.1, RFC 4035 §2.3 and §3.1.3, RFC 9077 §3.
"""

from bisect import bisect_right
from functools import lru_cache

from dns import rdatatype
from dns.name import Name
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.NSEC import Bitmap
from dns.rrset import RRset

from ..protocol.kept_rdata import KeptNSEC
from ..protocol.made_rdata import make_rdata
from .zones import Zone, canonical_order, make_rrset


def make_nsec(zone: Zone) -> tuple[RRset, ...]:
    """Return the NSEC RRsets of a zone: each names the next owner, the last one the apex again.

    Empty non-terminals own nothing, so they have none; a zone cut has one, glue below it hasn't.
    DNSKEY records must be in the zone already: the record at the apex lists all its types.
    """
    owners, ttl = zone.authoritative_names(), zone.negative_ttl
    following = owners[1:] + owners[:1]
    return tuple(_nsec(zone, owner, after, ttl) for owner, after in zip(owners, following, strict=True))


def _nsec(zone: Zone, owner: Name, following: Name, ttl: int) -> RRset:
    windows = _bitmap(frozenset({*types_of(zone, owner), rdatatype.RRSIG, rdatatype.NSEC}))
    return make_rrset(owner, ttl, make_rdata(KeptNSEC, rdatatype.NSEC, next=following, windows=windows))


@lru_cache(1024)  # most names of a zone have the same few types
def _bitmap(types: frozenset[RdataType]) -> tuple[tuple[int, bytes], ...]:
    return tuple(Bitmap.from_rdtypes(list(types)).windows)


def types_of(zone: Zone, owner: Name) -> set[RdataType]:
    """Return the types that a proof lists for a name: at a cut only NS and DS, as the rest is the child's."""
    types = zone.types_at(owner)
    return types & {rdatatype.NS, rdatatype.DS} if zone.zone_cut(owner) else types


# --- what a server sends along; an unsigned zone has no NSEC, and nothing to prove with. nsec3.py has the same doors


def prove_no_name(zone: Zone, qname: Name) -> list[RRset]:
    """Return the NSECs that prove: there is no such name, and no wildcard that stands for it (RFC 4035 §3.1.3.2)."""
    return once(_at_or_before(zone, qname), _at_or_before(zone, wildcard(zone.closest_encloser(qname))))


def prove_no_type(zone: Zone, name: Name) -> list[RRset]:
    """Return the NSEC that lists the types of a name; for an empty non-terminal the one before it (§3.1.3.1)."""
    return once(_at_or_before(zone, name))


def prove_no_closer_name(zone: Zone, qname: Name) -> list[RRset]:
    """Return the NSEC that proves that a wildcard may stand for `qname`: it does not exist itself (§3.1.3.3)."""
    return once(_at_or_before(zone, qname))


def prove_no_wildcard_type(zone: Zone, qname: Name) -> list[RRset]:
    """Return the NSEC that lists the types of the wildcard that stands for `qname`, and why it may (§3.1.3.4)."""
    return once(_at_or_before(zone, wildcard(zone.closest_encloser(qname))), _at_or_before(zone, qname))


def wildcard(closest_encloser: Name) -> Name:
    """Return the name of the wildcard below a name (RFC 4592 §2.1.1)."""
    return Name((b"*", *closest_encloser.labels))


def once(*proofs: RRset | None) -> list[RRset]:
    """Return the RRsets that are there, each once: one NSEC often proves two things."""
    return list({nsec.name: nsec for nsec in proofs if nsec is not None}.values())


def at_or_before(zone: Zone, name: Name, chain: RdataType) -> RRset | None:
    """Return the record of a chain at a name, or else the one before it, which covers it: a chain is a circle."""
    names = zone.names()
    place = bisect_right(names, canonical_order(name), key=canonical_order)
    return next((found for owner in reversed(names[place:] + names[:place]) if (found := zone.get(owner, chain))), None)


def _at_or_before(zone: Zone, name: Name) -> RRset | None:
    return at_or_before(zone, name, rdatatype.NSEC)
