"""Proofs of absence that name no names: the chain of NSEC3 records, and which of them to show.

It knows how the chain of hashed names is made, and what a server must send along with a "no".
It must not know how a validator checks such a proof: that is written a second time, there.
Its functions have the names of those in nsec.py; a server chooses the chain by the zone's NSEC3PARAM record.
Follows RFC 5155 §3, §4, §7.1 (making the chain) and §7.2 (answering), RFC 6840 §6.4 (empty bitmaps), RFC 9077 §3.
"""

from dataclasses import dataclass

from dns import rdataclass, rdatatype
from dns.name import Name
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.NSEC3 import NSEC3, Bitmap
from dns.rdtypes.ANY.NSEC3PARAM import NSEC3PARAM
from dns.rrset import RRset

from ..protocol.dnssec import nsec3_hash, nsec3_label, nsec3_owner
from ..protocol.names import LabError, ancestors, show_name
from .nsec import at_or_before, once, types_of, wildcard
from .zones import Zone, make_rrset

SHA1 = 1  # the only hash algorithm there is (RFC 5155 §11)
OPT_OUT = 0x01  # RFC 5155 §3.1.2.1
LONGEST_ZONE = 255 - 33  # octets of a name: a hash is a label of 32 letters and its length (RFC 5155 §3.3)


@dataclass(frozen=True)
class Nsec3:
    """How a zone hashes its names; by default as RFC 9276 §3.1 asks for: once, without salt, leaving out nobody."""

    iterations: int = 0  # additional rounds: 0 hashes once
    salt: bytes = b""
    opt_out: bool = False  # unsigned delegations need not be in the chain


def make_nsec3param(zone: Zone, how: Nsec3) -> RRset:
    """Return the NSEC3PARAM RRset, which tells the zone's own servers how its names are hashed (RFC 5155 §4)."""
    rdata = NSEC3PARAM(rdataclass.IN, rdatatype.NSEC3PARAM, SHA1, 0, how.iterations, how.salt)
    return make_rrset(zone.origin, zone.soa.ttl, rdata)


def make_nsec3(zone: Zone, how: Nsec3) -> tuple[RRset, ...]:
    """Return the NSEC3 RRsets of a zone: each names the next hash, the last one the first again.

    Unlike in an NSEC chain, empty non-terminals have one. With opt-out, unsigned delegations have none.
    DNSKEY and NSEC3PARAM records must be in the zone already: the record of the apex lists all its types.

    Raises:
        LabError: The zone's name leaves no room for a hash.
    """
    if sum(len(label) + 1 for label in zone.origin.labels) > LONGEST_ZONE:
        raise LabError(
            f"The name {show_name(zone.origin)} is too long for NSEC3, whose hashes stand below it: use denial='NSEC'."
        )
    hashed = sorted((nsec3_hash(name, how.salt, how.iterations), name) for name in _names(zone, how.opt_out))
    following = [digest for digest, _ in hashed[1:] + hashed[:1]]
    chain = []
    for (digest, name), next_digest in zip(hashed, following, strict=True):
        bitmap = Bitmap.from_rdtypes(list(_types(zone, name)))
        fields = (SHA1, OPT_OUT if how.opt_out else 0, how.iterations, how.salt, next_digest, bitmap.windows)
        owner = Name((nsec3_label(digest), *zone.origin.labels))
        chain.append(make_rrset(owner, zone.negative_ttl, NSEC3(rdataclass.IN, rdatatype.NSEC3, *fields)))
    return tuple(chain)


def _names(zone: Zone, opt_out: bool) -> set[Name]:
    """Return the names in the chain: the owners, and the empty non-terminals above them (RFC 5155 §7.1)."""
    owners = [name for name in zone.authoritative_names() if not (opt_out and _is_unsigned_cut(zone, name))]
    return {above for name in owners for above in ancestors(name) if zone.contains(above)}


def _types(zone: Zone, name: Name) -> set[RdataType]:
    """Return the types that a proof lists: RRSIG only where something is signed, nothing for an empty non-terminal."""
    types = types_of(zone, name)
    return types if not types or _is_unsigned_cut(zone, name) else types | {rdatatype.RRSIG}


def _is_unsigned_cut(zone: Zone, name: Name) -> bool:
    return zone.zone_cut(name) == name and zone.get(name, rdatatype.DS) is None


# --- what a server sends along


def prove_no_name(zone: Zone, qname: Name) -> list[RRset]:
    """Return the proof that there is no such name, and no wildcard that stands for it (RFC 5155 §7.2.2)."""
    return once(*_closest_encloser_proof(zone, qname), _covering(zone, wildcard(_provable_encloser(zone, qname))))


def prove_no_type(zone: Zone, name: Name) -> list[RRset]:
    """Return the record that lists the types of a name (RFC 5155 §7.2.3).

    With opt-out an unsigned delegation has none: then the closest encloser that has one, and the span in which the
    delegation may lie (§7.2.4, §7.2.7).
    """
    return once(_matching(zone, name)) or once(*_closest_encloser_proof(zone, name))


def prove_no_closer_name(zone: Zone, qname: Name) -> list[RRset]:
    """Return the record that covers the next closer name, so that a wildcard may stand for `qname` (§7.2.6)."""
    return once(_closest_encloser_proof(zone, qname)[1])


def prove_no_wildcard_type(zone: Zone, qname: Name) -> list[RRset]:
    """Return the proof that a wildcard stands for `qname`, and the list of its types (§7.2.5)."""
    return once(*_closest_encloser_proof(zone, qname), _matching(zone, wildcard(_provable_encloser(zone, qname))))


def _closest_encloser_proof(zone: Zone, qname: Name) -> tuple[RRset | None, RRset | None]:
    """Return the record that matches the closest encloser and the one that covers the next closer name (§7.2.1)."""
    encloser = _provable_encloser(zone, qname)
    next_closer = Name(qname.labels[-len(encloser) - 1 :])
    return _matching(zone, encloser), _covering(zone, next_closer)


def _provable_encloser(zone: Zone, qname: Name) -> Name:
    """Return the longest ancestor that has an NSEC3 record: with opt-out, existing names may have none."""
    above = [name for name in ancestors(qname)[1:] if zone.contains(name)]
    return next((name for name in above if _matching(zone, name)), zone.origin)


def _matching(zone: Zone, name: Name) -> RRset | None:
    return zone.get(_hashed_owner(zone, name), rdatatype.NSEC3)


def _covering(zone: Zone, name: Name) -> RRset | None:
    return at_or_before(zone, _hashed_owner(zone, name), rdatatype.NSEC3)


def _hashed_owner(zone: Zone, name: Name) -> Name:
    published = zone.get(zone.origin, rdatatype.NSEC3PARAM)
    assert published is not None
    param = published[0]
    return nsec3_owner(name, zone.origin, param.salt, param.iterations)
