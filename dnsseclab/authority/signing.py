"""Signing: one RRset, a whole zone, and the parent's DS that connects it.

The owner's steps: make a key (keys.py), sign an RRset, sign the zone, hand the DS to the parent, who signs it.
It knows what must be signed with which key.
It must not know what anybody verifies or believes.
Follows RFC 4034 §3 (RRSIG), RFC 4035 §2.1-2.4 (signing a zone, DS at the parent), RFC 5155 §7.1 (NSEC3).
"""

from collections.abc import Iterable, Iterator
from itertools import islice, starmap
from typing import TypedDict, Unpack

from dns import rdatatype
from dns.name import Name
from dns.rdata import Rdata
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.RRSIG import RRSIG
from dns.rrset import RRset

from ..protocol.dnssec import algorithm_name, label_count, not_later, show_moment, signature_header, signed_bytes
from ..protocol.kept_rdata import KeptRRSIG
from ..protocol.made_rdata import complete, make_rdata
from ..protocol.names import LabError, show_name
from .keys import Key
from .nsec import make_nsec
from .nsec3 import Nsec3, make_nsec3, make_nsec3param
from .zones import ADDED_BY_SIGNING, Zone, make_rrset

# The parent believes what a key says that its DS names: that is a KSK (RFC 4035 §5.2 of DNSKEY, RFC 7344 §4.1 of CDS)
SIGNED_BY_KSK = (rdatatype.DNSKEY, rdatatype.CDS, rdatatype.CDNSKEY)
BATCH = 100  # signatures that are computed one right after the other
MADE_BY_SIGNING = ADDED_BY_SIGNING | {rdatatype.DNSKEY, rdatatype.NSEC3PARAM}


class Overrides(TypedDict, total=False):
    """Fields of an RRSIG that a forger or a broken signer fills in otherwise than the RFC says."""

    type_covered: RdataType
    algorithm: int
    labels: int
    original_ttl: int
    key_tag: int
    signer: Name


def sign_rrset(rrset: RRset, key: Key, *, inception: int, expiration: int, **overrides: Unpack[Overrides]) -> RRSIG:
    """Return the RRSIG that `key` makes over `rrset`.

    Args:
        inception, expiration: Epoch seconds; both moments belong to the time in which the signature holds.
        overrides: Other values for fields of the RRSIG; the signature is made over them.
    Raises:
        LabError: It expires before it begins, or the key is of a zone that does not contain the RRset.
    Source: RFC 4034 §3.1.
    """
    _check_times(inception, expiration)
    if "signer" not in overrides and not rrset.name.is_subdomain(key.zone):
        raise LabError(
            f"{key} cannot sign for {show_name(rrset.name)}, which is not in its zone: use that zone's key. "
            "(A forger says signer=... to do it all the same.)"
        )
    rrsig = _unsigned(rrset, key, inception, expiration)
    if overrides:  # anything may stand in them, so dnspython is to check them
        other = complete(rrsig, {"signature": b""}).replace(**overrides)
        assert isinstance(other, RRSIG)
        return seal(rrset, other, key)
    return _signed(rrsig, key.sign(signed_bytes(rrset, rrsig)))


def _unsigned(rrset: RRset, key: Key, inception: int, expiration: int) -> KeptRRSIG:
    """Return an RRSIG with all its fields but the signature (RFC 4034 §3.1)."""
    return make_rdata(
        KeptRRSIG, rdatatype.RRSIG, type_covered=rrset.rdtype, algorithm=key.algorithm,
        labels=label_count(rrset.name), original_ttl=rrset.ttl, expiration=expiration % 2**32,
        inception=inception % 2**32, key_tag=key.tag, signer=key.zone,
    )  # fmt: skip


def _signed(rrsig: KeptRRSIG, signature: bytes) -> KeptRRSIG:
    """Return `rrsig` itself with its signature."""
    rrsig.keep_form(signature_header(rrsig) + signature)
    return complete(rrsig, {"signature": signature})


def seal(rrset: RRset, rrsig: RRSIG, key: Key) -> RRSIG:
    """Return `rrsig` with the signature that `key` makes over `rrset` and its fields, whatever they say.

    Source: RFC 4034 §3.1.8.1.
    """
    return make_rdata(
        RRSIG, rdatatype.RRSIG, type_covered=rrsig.type_covered, algorithm=rrsig.algorithm, labels=rrsig.labels,
        original_ttl=rrsig.original_ttl, expiration=rrsig.expiration, inception=rrsig.inception,
        key_tag=rrsig.key_tag, signer=rrsig.signer, signature=key.sign(signed_bytes(rrset, rrsig)),
    )  # fmt: skip


def sign_zone(
    zone: Zone, keys: Iterable[Key], *, inception: int, expiration: int, denial: str | Nsec3 = "NSEC"
) -> Zone:
    """Return the zone with DNSKEY records, proofs of absence, and signatures; older ones are replaced.

    KSKs sign the DNSKEY RRset (and CDS and CDNSKEY), ZSKs everything else, CSKs both. NS at a cut and glue
    stay unsigned: they belong to the child. The DS at a cut belongs to the parent and is signed.

    Args:
        inception, expiration: Epoch seconds, of every signature.
        denial: 'NSEC'; 'NSEC3', which hashes names once, without salt; or Nsec3(...), to hash them otherwise.
    Raises:
        LabError: Keys for another zone, a role without a key, or times in the wrong order.
    Source: RFC 4035 §2.1-2.4.
    """
    keys = tuple(keys)
    _check_keys(zone, keys)
    return publish_keys(zone, keys, keys, inception=inception, expiration=expiration, denial=denial)


def publish_keys(
    zone: Zone,
    published: Iterable[Key],
    signing: Iterable[Key],
    *,
    inception: int,
    expiration: int,
    denial: str | Nsec3 = "NSEC",
) -> Zone:
    """Return the zone as in the midst of a rollover: some keys in its DNSKEY RRset, signatures by others.

    Nobody asks whether a resolver can make sense of it; with no key at all the zone is unsigned.

    Args:
        published: The keys of the DNSKEY RRset.
        signing: KSKs sign the DNSKEY RRset and what speaks to the parent, ZSKs everything else, CSKs both.
    """
    shown, signers = tuple(published), tuple(signing)
    _check_times(inception, expiration)
    bare = unsign_zone(zone)
    if not shown and not signers:
        return bare
    complete = _with_chain(bare.with_rrsets(dnskey_rrset(shown, bare.soa.ttl)) if shown else bare, denial)
    return complete.with_rrsets(*_signatures(complete, signers, inception, expiration))


def _with_chain(zone: Zone, denial: str | Nsec3) -> Zone:
    """Return the zone with its proofs of absence."""
    if denial == "NSEC":
        return zone.with_rrsets(*make_nsec(zone))
    how = Nsec3() if denial == "NSEC3" else denial
    if not isinstance(how, Nsec3):
        raise LabError(f"Cannot prove absence with {denial!r}: use 'NSEC', 'NSEC3' or Nsec3(iterations=...).")
    announced = zone.with_rrsets(make_nsec3param(zone, how))
    return announced.with_rrsets(*make_nsec3(announced, how))


def unsign_zone(zone: Zone) -> Zone:
    """Return the zone without anything that signing adds; DS records at its cuts stay."""
    return zone.without_types(MADE_BY_SIGNING)


def add_ds(parent: Zone, *child_keys: Key, digest_type: int = 2) -> Zone:
    """Return the parent zone with a DS RRset that vouches for a child's keys: what a registrar does on upload.

    The DS stands in the parent and is the parent's own data: sign the parent anew afterwards, or it is worth nothing.

    Args:
        child_keys: All KSKs or CSKs of one child to vouch for; they replace an earlier DS RRset.
    Raises:
        LabError: Keys of several zones, or of a zone that the parent does not delegate.
    Source: RFC 4035 §2.4.
    """
    children = {key.zone for key in child_keys}
    if len(children) != 1:
        raise LabError("Give the keys of one child zone, at least one: they make up its whole DS RRset.")
    child = children.pop()
    if child == parent.origin or parent.zone_cut(child) != child:
        raise LabError(
            f"{show_name(parent.origin)} does not delegate {show_name(child)}, so it cannot hold its DS: "
            "a DS stands in the parent zone, beside the NS records of the delegation."
        )
    return replace_ds(parent, child, *(key.ds(digest_type) for key in child_keys))


def replace_ds(parent: Zone, child: Name, *rdatas: Rdata) -> Zone:
    """Return the parent zone with exactly these DS records for a child that it delegates; none: without DS.

    Nobody asks what they name. Their TTL is that of the delegation. Sign the parent anew afterwards.
    Source: RFC 4035 §2.4.
    """
    if rdatas:
        delegation = parent.get(child, rdatatype.NS)
        assert delegation is not None
        return parent.with_rrsets(make_rrset(child, delegation.ttl, *rdatas))
    return parent.without(child, rdatatype.DS) if parent.get(child, rdatatype.DS) else parent


def dnskey_rrset(keys: Iterable[Key], ttl: int) -> RRset:
    """Return the DNSKEY RRset that publishes these keys of one zone."""
    keys = tuple(keys)
    return make_rrset(keys[0].zone, ttl, *(key.dnskey for key in keys))


def _signatures(zone: Zone, keys: tuple[Key, ...], inception: int, expiration: int) -> Iterator[RRset]:
    """Yield the RRSIGs over everything that the zone speaks for.

    Signatures are computed in batches: each one between other work takes half as long again, since the processor must
    then fetch the tables of the curve anew.
    """
    of_role = {role: [key for key in keys if key.role in (role, "CSK")] for role in ("KSK", "ZSK")}
    rrsets = zone.authoritative_rrsets()
    while batch := list(islice(rrsets, BATCH)):
        ready = []
        for rrset in batch:
            signers = of_role["KSK" if rrset.rdtype in SIGNED_BY_KSK else "ZSK"]
            rrsigs = [(key, _unsigned(rrset, key, inception, expiration)) for key in signers]
            ready.append([(key, rrsig, signed_bytes(rrset, rrsig)) for key, rrsig in rrsigs])
        signed = [[(rrsig, key.sign(data)) for key, rrsig, data in made] for made in ready]
        for rrset, made in zip(batch, signed, strict=True):
            if made:
                yield make_rrset(rrset.name, rrset.ttl, *starmap(_signed, made))


def _check_times(inception: int, expiration: int) -> None:
    if not not_later(inception, expiration):
        raise LabError(
            f"The signature would expire ({show_moment(expiration)}) before it begins ({show_moment(inception)}): "
            "exchange inception and expiration."
        )


def _check_keys(zone: Zone, keys: tuple[Key, ...]) -> None:
    """Raise LabError if `keys` cannot sign `zone` as RFC 4035 §2.2 wants it."""
    where = show_name(zone.origin)
    for key in keys:
        if key.zone != zone.origin:
            raise LabError(f"{key} is no key of {where}: a zone is signed with its own keys.")
    used = {role: {key.algorithm for key in keys if key.role in (role, "CSK")} for role in ("KSK", "ZSK")}
    for role, work in (("KSK", "signs the DNSKEY records"), ("ZSK", "signs the other records")):
        if not used[role]:
            raise LabError(f"No key of {where} {work}: add a {role}, or use a CSK, which does both.")
    for algorithm in used["KSK"] ^ used["ZSK"]:
        raise LabError(
            f"Only one of the roles KSK and ZSK of {where} has a key with {algorithm_name(algorithm)}, but every "
            "RRset must be signed with every algorithm in use (RFC 4035 §2.2): add the other one."
        )
