"""What a validator looks at on its way down to an answer, as plain values: lists of names, numbers and bytes.

    zone    [name, DS set, RRSIGs of the parent, keys, RRSIGs over the keys]    the root's DS set is the trust anchor
    DS      [tag, algorithm, digest type, digest]
    key     [tag, algorithm, flags, SHA-256 digest as a DS would hold it]
    RRSIG   [tag, algorithm, signer, inception, expiration, digest of the key with which the signature verifies]
    answer  [owner, type, RRSIGs]
If there is no DS, the parent's RRSIGs are those over the record that proves it; without a proof there are none.
It knows: a world's zones. The cryptography is dnspython's: it is the judge of whoever judges these values.
It must not know: verdicts, limits, resolvers.
Simplification: only NSEC at the cut itself counts as a proof; whether a signature is a wildcard's is left out.
Follows RFC 4034 §3.1, §5.1 (fields), RFC 6840 §4.4 (what the proof must say).
"""

from collections.abc import Iterable, Sequence
from typing import TypeAlias, cast

import dns.dnssec
import dns.exception
from dns import rdatatype
from dns.name import Name
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.ANY.DS import DS
from dns.rdtypes.ANY.NSEC import NSEC, Bitmap
from dns.rdtypes.ANY.RRSIG import RRSIG
from dns.rrset import RRset

from ..authority.zones import Zone, make_rrset
from ..protocol.names import ancestors, to_name, to_type
from .worlds import World

Values: TypeAlias = "list[str | int | bytes | Values]"
NO_KEY = b""  # with which a forged or damaged signature verifies


def plain_chain(world: World, name: str | Name, rdtype: str | int = "A") -> tuple[Values, Values]:
    """Return the zones from the root down to a name, and what the last of them says at that name.

    Raises:
        LabError: Not a name, or not a type.
    """
    owner, asked = to_name(name), to_type(rdtype)
    holding = world.zone_of(owner, asked)
    names = [each for each in reversed(ancestors(holding.origin)) if each in world.zones]
    zones: Values = [_zone(world, each) for each in names]
    return zones, [_text(owner), asked.name, _rrsigs(world, holding, holding.get(owner, asked))]


def _zone(world: World, name: Name) -> Values:
    zone = world.zone(name)
    published = zone.get(name, rdatatype.DNSKEY)
    keys: Values = [_key(name, key) for key in _keys(published)]
    return [_text(name), *_from_above(world, name), keys, _rrsigs(world, zone, published)]


def _from_above(world: World, name: Name) -> Values:
    """Return the DS set and the signatures that come with it, or those over the proof that there is none."""
    anchor = next((each for each in world.trust_anchors if each.name == name), None)
    if anchor is not None:
        return [_ds_set(anchor), []]
    parent = world.zone_of(name, rdatatype.DS)
    found = parent.get(name, rdatatype.DS)
    return [_ds_set(found), _rrsigs(world, parent, found or _proof(parent, name))]


def _proof(parent: Zone, cut: Name) -> RRset | None:
    """Return the NSEC record by which a parent proves that a delegation has no DS: it lists NS, neither DS nor SOA."""
    nsec = parent.get(cut, rdatatype.NSEC)
    listed = set(Bitmap(cast(NSEC, nsec[0]).windows).to_text().split()) if nsec else set()
    return nsec if "NS" in listed and not listed & {"DS", "SOA"} else None


def _ds_set(rrset: RRset | None) -> Values:
    records = cast(Iterable[DS], rrset or ())
    return [[ds.key_tag, int(ds.algorithm), int(ds.digest_type), ds.digest] for ds in records]


def _key(zone: Name, key: DNSKEY) -> Values:
    return [dns.dnssec.key_id(key), int(key.algorithm), int(key.flags), _digest(zone, key)]


def _digest(zone: Name, key: DNSKEY) -> bytes:
    return bytes(dns.dnssec.make_ds(zone, key, "SHA256", policy=dns.dnssec.allow_all_policy).digest)


def _rrsigs(world: World, zone: Zone, rrset: RRset | None) -> Values:
    found = zone.signatures(rrset.name, rrset.rdtype) if rrset else None
    return [_rrsig(world, rrset, rrsig) for rrsig in cast(Iterable[RRSIG], found or ()) if rrset]


def _rrsig(world: World, rrset: RRset, rrsig: RRSIG) -> Values:
    signed: Values = [rrsig.key_tag, int(rrsig.algorithm), _text(rrsig.signer), rrsig.inception, rrsig.expiration]
    return [*signed, _made_by(world, rrset, rrsig)]


def _made_by(world: World, rrset: RRset, rrsig: RRSIG) -> bytes:
    """Return the digest of the key with which dnspython verifies a signature; the moment is left to who judges it."""
    signer = world.zones.get(rrsig.signer)
    keys = _keys(signer.get(rrsig.signer, rdatatype.DNSKEY) if signer else None)
    place = place_of_signer(rrset, rrsig, keys)
    return NO_KEY if place is None else _digest(rrsig.signer, keys[place])


def place_of_signer(rrset: RRset, rrsig: RRSIG, keys: Sequence[DNSKEY]) -> int | None:
    """Return the place of the first key with which dnspython verifies a signature, whatever the time; None: of none."""
    for place, key in enumerate(keys):
        alone = make_rrset(rrsig.signer, 0, key)
        try:
            dns.dnssec.validate_rrsig(
                rrset, rrsig, {rrsig.signer: alone}, now=rrsig.inception, policy=dns.dnssec.allow_all_policy
            )
        except (dns.exception.DNSException, ValueError):
            continue
        return place
    return None


def _keys(rrset: RRset | None) -> list[DNSKEY]:
    return [rdata for rdata in rrset or () if isinstance(rdata, DNSKEY)]


def _text(name: Name) -> str:
    return name.to_text(omit_final_dot=True)  # the root keeps its dot
