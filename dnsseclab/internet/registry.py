"""A parent that looks at its children: it reads CDS and CDNSKEY, and changes the DS only where nothing breaks.

It knows: one world, and a validating resolver to ask with.
It must not know: what the child has in mind. What is not secure, or would break the chain, changes nothing.
Follows RFC 7344 §4.1 (what a parent may accept) and §6.2; RFC 8078 §4 (no DS any more).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from dns import rdataclass, rdatatype
from dns.name import Name
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.CDNSKEY import CDNSKEY
from dns.rdtypes.ANY.CDS import CDS
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.ANY.DS import DS
from dns.rrset import RRset

from ..authority.keys import Key
from ..authority.rollover import DELETE_CDNSKEY, DELETE_CDS, cds_rrsets
from ..authority.signing import publish_keys, replace_ds
from ..protocol.dnssec import make_ds
from ..protocol.names import show_name
from ..protocol.story import Outcome
from ..protocol.trust import ItemKind, SecurityStatus, Verb
from .network import Clock, Network
from .worlds import World


@dataclass(frozen=True)
class Poll:
    """What a parent found at a child, and what it made of it."""

    world: World  # afterwards
    changed: bool
    sentence: str  # what happened, and why
    source: str = "RFC 7344 §4.1"

    def __str__(self) -> str:
        return f"{self.sentence} ({self.source})"


def ask_parent(world: World, child: str | Name, *wanted: Key, published: Iterable[Key] = ()) -> World:
    """Return a world in which a zone asks its parent, by CDS and CDNSKEY, for a DS RRset that names `wanted`.

    The parent has not looked yet: see `poll`.

    Args:
        wanted: None: the zone asks for no DS any more.
        published: All keys of the zone, which is signed anew with them; none: those that it has.
    Raises:
        LabError: This world has no such zone.
    """
    zone = world.zone(child)
    keys = tuple(published) or world.keys[zone.origin]
    asking = zone.with_rrsets(*cds_rrsets(zone.origin, wanted, zone.soa.ttl))
    times = {"inception": world.inception, "expiration": world.expiration}
    return world.with_zone(publish_keys(asking, keys, keys, **times, denial=world.denial), *keys)


def poll(world: World, child: str | Name) -> Poll:
    """Let the parent of a zone look for CDS and CDNSKEY in it, and change the DS RRset if they ask for it.

    Raises:
        LabError: This world has no such zone.
    """
    zone = world.zone(child).origin
    resolver = Network(world, clock=Clock(world.now)).resolver()
    found = {rdtype: resolver.resolve(zone, rdtype) for rdtype in (rdatatype.CDS, rdatatype.CDNSKEY)}
    asked = {rdtype: _answer(outcome, zone, rdtype) for rdtype, outcome in found.items()}
    cds, cdnskey = asked[rdatatype.CDS], asked[rdatatype.CDNSKEY]
    for rdtype, outcome in found.items():
        if outcome.status is not SecurityStatus.SECURE:
            what = f"The {RdataType.to_text(rdtype)} of {show_name(zone)} is {outcome.status.value}"
            return Poll(world, False, f"{what}: a parent follows only what is secure.")
    if not cds and not cdnskey:
        return Poll(world, False, f"{show_name(zone)} asks for nothing: neither CDS nor CDNSKEY came.")
    wanted = _wanted(zone, cds, cdnskey)
    refusal = _refusal(world, zone, found, asked, wanted)
    if refusal:
        return Poll(world, False, refusal)
    now_there = world.truth(zone, rdatatype.DS)
    if now_there is not None and set(now_there) == set(wanted or ()):
        return Poll(world, False, f"The DS of {show_name(zone)} is already what it asks for.")
    if not wanted:
        source = "RFC 8078 §4"
        return Poll(_with_ds(world, zone, ()), True, f"{show_name(zone)} asked for no DS any more: it is gone.", source)
    tags = ", ".join(str(ds.key_tag) for ds in wanted)
    return Poll(_with_ds(world, zone, wanted), True, f"The DS of {show_name(zone)} now names: {tags}.")


def _answer(outcome: Outcome, zone: Name, rdtype: RdataType) -> RRset | None:
    rrsets = (rrset for rrset in outcome.message.answer if rrset.rdtype == rdtype and rrset.name == zone)
    return next(rrsets, None)


def _wanted(zone: Name, cds: RRset | None, cdnskey: RRset | None) -> tuple[DS, ...] | None:
    """Return the DS records asked for; none of them: the DS shall go; None: CDS and CDNSKEY contradict each other."""
    deletes = [set(rrset) == {delete} for rrset, delete in ((cds, DELETE_CDS), (cdnskey, DELETE_CDNSKEY)) if rrset]
    if any(deletes):
        return () if all(deletes) else None
    from_cds = {_as_ds(rdata) for rdata in cds if isinstance(rdata, CDS)} if cds else None
    keys = [_as_dnskey(rdata) for rdata in cdnskey or () if isinstance(rdata, CDNSKEY)]
    from_keys = {make_ds(zone, key) for key in keys} if keys else None
    if from_cds is not None and from_keys is not None:
        sha256 = {ds for ds in from_cds if ds.digest_type == 2}
        if sha256 and sha256 != from_keys:
            return None
    return tuple(sorted(from_cds or from_keys or ()))


def _refusal(
    world: World,
    zone: Name,
    found: dict[RdataType, Outcome],
    asked: dict[RdataType, RRset | None],
    wanted: tuple[DS, ...] | None,
) -> str:
    """Return why nothing may be changed; empty if it may."""
    name = show_name(zone)
    if wanted is None:
        return f"CDS and CDNSKEY of {name} ask for different things: the parent waits until they agree."
    now_there = world.truth(zone, rdatatype.DS)
    for rdtype, outcome in found.items():
        if asked[rdtype] is None:
            continue
        signer = _signer(outcome, rdtype)
        if signer is None or now_there is None or make_ds(zone, signer) not in now_there:
            return f"The {RdataType.to_text(rdtype)} of {name} is not signed by a key that the present DS names."
    if wanted and not _reaches(world, zone, wanted):
        return f"With the DS that {name} asks for, none of its keys would be reached: its chain would break."
    return ""


def _signer(outcome: Outcome, rdtype: RdataType) -> DNSKEY | None:
    """Return the key that signed the answer, as the chain of trust has it."""
    links = outcome.chain.links if outcome.chain else ()
    for link in links:
        if link.verb is Verb.SIGNS and link.target.kind is ItemKind.RRSET and link.target.rdtype == rdtype:
            key = link.source.rdatas[0]
            return key if isinstance(key, DNSKEY) else None
    return None


def _reaches(world: World, zone: Name, wanted: tuple[DS, ...]) -> bool:
    """Return whether the zone would still be secure: the question is put to a resolver in the world as it would be."""
    tried = _with_ds(world, zone, wanted)
    outcome = Network(tried, clock=Clock(tried.now)).resolver().resolve(zone, rdatatype.SOA)
    return outcome.status is SecurityStatus.SECURE


def _with_ds(world: World, zone: Name, wanted: tuple[DS, ...]) -> World:
    """Return a world in which the parent has this DS RRset, and is signed anew."""
    return world.with_zone(world.sign(replace_ds(world.zone_of(zone, rdatatype.DS), zone, *wanted)))


def _as_ds(rdata: CDS) -> DS:
    return DS(rdataclass.IN, rdatatype.DS, rdata.key_tag, rdata.algorithm, rdata.digest_type, rdata.digest)


def _as_dnskey(rdata: CDNSKEY) -> DNSKEY:
    return DNSKEY(rdataclass.IN, rdatatype.DNSKEY, rdata.flags, rdata.protocol, rdata.algorithm, rdata.key)
