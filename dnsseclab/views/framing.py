"""Which zone's frame an item stands in, and what is written on the frames. What the attacker made stands on an island.

It knows: zones, and which items are said to be forged.
It must not know: Graphviz, or who is right. "Forged" is a place here; how a link ended is the look of its arrow.
"""

from collections.abc import Set
from dataclasses import replace

import dns.name
from dns.name import Name

from ..protocol.names import show_name
from ..protocol.trust import ChainOfTrust, Item, ItemKind, LinkStatus
from .picture import ISLAND, Frame

NOT_SIGNED = ("treated as unsigned",)  # it may have signatures: without a DS at the parent they count for nothing


def frames_of(chain: ChainOfTrust, frame_of: dict[str, str], compact: bool) -> tuple[Frame, ...]:
    """Return the frames in the order of the walk, the island last."""
    members: dict[str, list[Item]] = {}
    for item in chain.items:
        members.setdefault(frame_of[item.id], []).append(item)
    island = members.pop(ISLAND, [])
    frames = [_zone_frame(frame, items, chain) for frame, items in members.items() if frame]
    frames += [_island(island, chain)] if island else []
    return tuple(_compacted(frame) for frame in frames) if compact else tuple(frames)


def _compacted(frame: Frame) -> Frame:
    """Return a frame with fewer words: narrow enough for two side by side."""
    if frame.forged:
        who, *rest = frame.title.split(" ", 1)
        return replace(frame, title=who, remark=tuple(rest))
    return frame if frame.remark == NOT_SIGNED else replace(frame, remark=())


def _zone_frame(frame: str, items: list[Item], chain: ChainOfTrust) -> Frame:
    zone = items[0].zone
    assert zone is not None  # a trust anchor has no zone, and no frame either
    ids = {item.id for item in items}
    into = [link for link in chain.links if link.target.id in ids]
    if into and all(link.status is LinkStatus.INSECURE for link in into):
        return Frame(frame, show_name(zone), NOT_SIGNED)
    return Frame(frame, show_name(zone), _remark(zone))


def _remark(zone: Name) -> tuple[str, ...]:
    if zone == dns.name.root:
        return ('the zone "."',)
    return ("top-level domain",) if len(zone.labels) == 2 else ()


def _island(items: list[Item], chain: ChainOfTrust) -> Frame:
    """Return the attacker's frame; its remark says how far the attacker got."""
    ids = {item.id for item in items}
    into = {link.status for link in chain.links if link.target.id in ids}
    if LinkStatus.PASSED in into:
        return Frame(ISLAND, "REPLAYED by the attacker", ("genuine, old, and still valid",), True)
    if LinkStatus.INSECURE in into:
        remark: tuple[str, ...] = ("no signature is needed here,", "so nothing exposes it")
    elif any(item.kind is ItemKind.KEY for item in items):
        remark = ("signatures fit each other,", "but no trusted link leads here")
    else:
        remark = ("no trusted link leads here",)
    return Frame(ISLAND, "FORGED by the attacker", remark, True)


def frame_id(item: Item, forged: Set[str]) -> str:
    if item.id in forged:
        return ISLAND
    if item.zone is None:
        return ""
    return "zone_" + "_".join(label.hex() for label in item.zone.canonicalize().labels if label)
