"""Boxes and links: how records become the picture of a chain, and what a link is called in words.

It knows: which box a record is drawn as. Two boxes are the same exactly if their records are.
It must not know: verdicts. What is linked to what, and how that ended, comes from the walk.
The shapes are those of protocol/trust.py.
"""

import hashlib
from collections.abc import Iterable, Sequence

from dns import rdatatype
from dns.name import Name
from dns.rdata import Rdata
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.ANY.DS import DS
from dns.rrset import RRset

from ..protocol.names import show_name, show_type
from ..protocol.trust import ENTERING_VERBS, Item, ItemKind, Link, ProvenZone, Verb
from .denial import Record


def anchor_item(zone: Name, rdatas: Sequence[Rdata]) -> Item:
    """Return the box of a trust anchor."""
    return Item(_id("anchor", zone, rdatas), ItemKind.ANCHOR, None, zone, rdatas[0].rdtype, tuple(rdatas))


def key_item(zone: Name, key: DNSKEY, role: str = "ZSK") -> Item:
    """Return the box of one key. A KSK that signs data as well becomes a CSK when the chain is complete (`settled`)."""
    return Item(_id("key", zone, [key]), ItemKind.KEY, zone, zone, rdatatype.DNSKEY, (key,), role)


def absent_key_item(zone: Name, named_by: Rdata) -> Item:
    """Return the box of a key that a DS or an anchor names and that did not arrive."""
    name, named = _id("nokey", zone, [named_by]), (named_by,)
    return Item(name, ItemKind.KEY, zone, zone, rdatatype.DNSKEY, named, "KSK", present=False)


def ds_item(parent: Name, child: Name, records: Sequence[DS], followed: Rdata | None = None) -> Item:
    """Return the box of a DS RRset, the record that the walk follows first; without records: one that is missing."""
    ordered = sorted(records, key=lambda ds: ds != followed) if followed else list(records)
    kind, rdtype = ItemKind.DS, rdatatype.DS
    return Item(_id("ds", child, records), kind, parent, child, rdtype, tuple(ordered), present=bool(records))


def rrset_item(zone: Name | None, rrset: RRset) -> Item:
    """Return the box of data."""
    name = _id("rrset", rrset.name, rrset, rrset.rdtype)
    return Item(name, ItemKind.RRSET, zone, rrset.name, rrset.rdtype, tuple(rrset))


def denial_item(zone: Name, record: Record) -> Item:
    """Return the box of an NSEC or NSEC3 record."""
    rdata = record.rdata
    return Item(_id("denial", record.owner, [rdata]), ItemKind.DENIAL, zone, record.owner, rdata.rdtype, (rdata,))


def absent_denial_item(zone: Name, owner: Name) -> Item:
    """Return the box of a denial that should have come and did not."""
    name = _id("nodenial", owner, ())
    return Item(name, ItemKind.DENIAL, zone, owner, rdatatype.NSEC, present=False)


def absence_item(zone: Name | None, owner: Name, rdtype: RdataType) -> Item:
    """Return the box of what does not exist: a type at a name; with type NONE the whole name."""
    return Item(_id("absence", owner, (), rdtype), ItemKind.ABSENCE, zone, owner, rdtype, present=False)


def in_words(item: Item) -> str:
    """Return what a box holds, as the subject of a sentence: 'www.bank.example A', 'the keys of bank.example'."""
    owner = show_name(item.owner)
    if item.kind is ItemKind.KEY or item.rdtype == rdatatype.DNSKEY:
        return f"the DNSKEY RRset of {owner}"
    if item.kind is ItemKind.DS:
        return f"the DS of {owner}"
    if item.kind is ItemKind.ABSENCE and item.rdtype == rdatatype.NONE:
        return owner
    return f"{owner} {show_type(item.rdtype)}"


def keys_of(zone: ProvenZone) -> list[Item]:
    """Return the boxes of a proven zone's keys, the one by which it is entered first."""
    entry = len(zone.links) - 1
    while zone.links[entry].verb not in ENTERING_VERBS:
        entry -= 1
    return [link.target for link in zone.links[entry:]]


def path_to(zone: ProvenZone, key: Item) -> tuple[Link, ...]:
    """Return the links from the trust anchor to one key of a zone: `zone.links` without its other keys."""
    others = {item.id for item in keys_of(zone) if item.role != "KSK" and item.id != key.id}
    return tuple(link for link in zone.links if link.target.id not in others)


def once(links: Iterable[Link]) -> tuple[Link, ...]:
    """Return links in their order, each only once: several RRsets of a zone share the way to its keys."""
    first: dict[tuple[object, ...], Link] = {}
    for link in links:
        first.setdefault((link.source.id, link.verb, link.target.id, link.status), link)
    return tuple(first.values())


def settled(links: Sequence[Link]) -> tuple[Link, ...]:
    """Return the links of a finished chain: the same box everywhere, and every key with its role.

    A key is called by what it does in this chain, not by its SEP bit: KSK, ZSK, or CSK if it does both.
    """
    items: dict[str, Item] = {}
    for item in (item for link in links for item in (link.source, link.target)):
        if item.id not in items or items[item.id].zone is None:
            items[item.id] = item  # an alias is linked before the zone of its target is known
    vouched = {link.target.id for link in links if link.verb in ENTERING_VERBS}
    signs_data = {link.source.id for link in links if link.verb is Verb.SIGNS and not _is_keys(link.target)}
    for both in vouched & signs_data:
        if items[both].present:
            items[both] = items[both]._replace(role="CSK")
    return tuple(_with_items(link, items[link.source.id], items[link.target.id]) for link in links)


def _with_items(link: Link, source: Item, target: Item) -> Link:
    if source is link.source and target is link.target:
        return link
    return link._replace(source=source, target=target)


def _is_keys(item: Item) -> bool:
    return item.kind is ItemKind.KEY or item.rdtype == rdatatype.DNSKEY


def _id(kind: str, owner: Name, rdatas: Iterable[Rdata], rdtype: int = 0) -> str:
    wires = sorted([rdata.to_digestable() for rdata in rdatas])
    content = b"".join([len(wire).to_bytes(2, "big") + wire for wire in wires])
    digest = hashlib.sha256(owner.to_digestable() + rdtype.to_bytes(2, "big") + content)
    return f"{kind}_{digest.hexdigest()[:12]}"
