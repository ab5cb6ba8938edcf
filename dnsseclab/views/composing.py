"""From a chain of trust to the picture of it: which boxes and arrows there are, and what each is called.

It knows: which column each item continues, what folds, how a link's status looks.
It must not know: Graphviz, colors, or how a verdict came about. Which items are forged it is told.
"""

from collections.abc import Set
from dataclasses import replace

from ..protocol.describing import (
    STATUS_WORDS,
    consequence,
    describe,
    headline,
    plain,
    rule_words,
    sentence,
    shorten,
    verdict_sentence,
)
from ..protocol.explaining import alt, explain
from ..protocol.names import show_name
from ..protocol.trust import ChainOfTrust, Item, ItemKind, Link, LinkStatus, Verb
from .framing import frame_id, frames_of
from .picture import ISLAND, LONGEST_COMPACT_LINE, LONGEST_LINE, Arrow, Box, Picture

MOST_IN_A_ROW = 3  # records of one kind signed by one key; the rest folds into one box
MOST_CHECKS = 6  # in a tooltip
LOOKS = {
    LinkStatus.PASSED: "passed",
    LinkStatus.FAILED: "failed",
    LinkStatus.NOT_REACHED: "idle",
    LinkStatus.NOT_THERE: "not_there",
    LinkStatus.INSECURE: "insecure",
    LinkStatus.NOT_USED: "idle",
}
# A box that several links lead to looks as the best of them left it.
_BEST_FIRST = (LinkStatus.PASSED, LinkStatus.INSECURE, LinkStatus.NOT_THERE, LinkStatus.FAILED, LinkStatus.NOT_REACHED)


def picture_of(chain: ChainOfTrust, forged: Set[str], compact: bool) -> Picture:
    """Return what to draw for a chain; `forged` holds the ids of the items that the attacker made."""
    if not chain.links:
        return _lone_question(chain)
    columns = _columns(chain)
    frames = {item.id: frame_id(item, forged) for item in chain.items}
    boxes = tuple(_box(item, chain, frames[item.id], columns[item.id], compact) for item in chain.items)
    arrows = tuple(_arrow(step, link, chain) for step, link in enumerate(chain.links, 1))
    picture = Picture(
        status=chain.status,
        question=plain(str(chain.question)),
        prose=(verdict_sentence(chain), consequence(chain)),
        frames=frames_of(chain, frames, compact),
        boxes=boxes,
        arrows=arrows,
        alt=plain(alt(chain)),
        twin=explain(chain),
    )
    return _fold(picture, chain)


def _lone_question(chain: ChainOfTrust) -> Picture:
    """Return the picture of a verdict without a single link: no trust anchor covers the name, or nothing came."""
    asked, why = plain(str(chain.question)), plain(chain.diagnosis.headline) if chain.diagnosis else chain.status.value
    lines = tuple(shorten(line, LONGEST_LINE) for line in (asked, why))
    box = Box("question", "rrset", "insecure", lines, "", "", 0, f"{asked} {why}. {alt(chain)}", plain(alt(chain)))
    prose = (verdict_sentence(chain), consequence(chain))
    return Picture(chain.status, asked, prose, (), (box,), (), plain(alt(chain)), explain(chain))


def _columns(chain: ChainOfTrust) -> dict[str, str]:
    """Return a column for each item: a first child continues its parent's, every other child opens one."""
    columns: dict[str, str] = {}
    continued: set[str] = set()
    # Whoever signs an answer has it below; the alias that also leads to it comes from the side.
    by_trust = sorted(chain.links, key=lambda link: link.verb is Verb.LEADS_TO)
    for source, item in ((link.source, link.target) for link in by_trust):
        columns.setdefault(source.id, f"column_{len(columns)}")
        if item.id in columns:
            continue
        if _stands_beside(item, chain):
            columns[item.id] = ""
        elif source.id in continued or not columns[source.id]:
            columns[item.id] = f"column_{len(columns)}"
        else:
            continued.add(source.id)
            columns[item.id] = columns[source.id]
    return columns


def _stands_beside(item: Item, chain: ChainOfTrust) -> bool:
    """Return whether an item is one of several proofs side by side, or what they prove: the layout centers them."""
    parents = {link.source.id for link in chain.links if link.target.id == item.id}
    siblings = {link.target.id for link in chain.links if link.source.id in parents and link.target.kind is item.kind}
    return len(siblings) > 1 if item.kind is ItemKind.DENIAL else item.kind is ItemKind.ABSENCE and len(parents) > 1


def _box(item: Item, chain: ChainOfTrust, frame: str, column: str, compact: bool) -> Box:
    into = [(step, link) for step, link in enumerate(chain.links, 1) if link.target.id == item.id]
    words = describe(item, chain)
    full = [plain(line) for line in (words.first, words.second) if line]
    status = next((each for each in _BEST_FIRST if any(link.status is each for _, link in into)), None)
    look = "idle" if into and status in (None, LinkStatus.FAILED) else LOOKS[status or LinkStatus.PASSED]
    lines = _lines(item, full, compact)
    said = [_heard(lines, full), f"in {show_name(item.zone)}" if item.zone else "", "FORGED" * (frame == ISLAND)]
    said.append(STATUS_WORDS[status] if status else "not used" if into else "the walk starts here")
    return Box(
        id=item.id,
        kind=item.kind.name.lower(),
        look="not_there" if not item.present and look == "passed" else look,
        lines=lines,
        frame=frame,
        column=column,
        step=into[0][0] if into else 0,
        name=". ".join(part for part in said if part),
        tooltip="\n".join([" · ".join(full), *(_tooltip(link, chain) for _, link in into)]),
        trusted=any(link.verb is Verb.TRUSTS for _, link in into),
    )


def _heard(lines: tuple[str, ...], full: list[str]) -> str:
    """Return what a box is called aloud: it begins with the words that are seen, so that both can speak of it."""
    seen, complete = " ".join(lines), " ".join(full)
    return complete if complete.startswith(seen) or "…" in seen else f"{seen}. {complete}"


def _lines(item: Item, full: list[str], compact: bool) -> tuple[str, ...]:
    if not compact:
        return tuple(shorten(line, LONGEST_LINE) for line in full)
    if item.kind is ItemKind.ANCHOR:
        full = [full[0].replace("Trust anchor", "Anchor"), *full[1:]]
    elif item.kind is ItemKind.KEY:
        full = [full[0].split(" · ")[0], *full[1:]]
    elif item.kind is ItemKind.DS and len(full) == 2:
        full = ["DS: " + full[1].split(" · ")[0]]  # the frame below shows whose key it is
    return tuple(shorten(line, LONGEST_COMPACT_LINE) for line in full)


def _arrow(step: int, link: Link, chain: ChainOfTrust) -> Arrow:
    broken = link.status is LinkStatus.FAILED
    verb = "not used" if link.status is LinkStatus.NOT_USED else f"{link.verb}{'?' * broken}"
    gap: tuple[str, ...] = ()
    if link is chain.first_failure:
        failed = link.failed_check
        gap = (headline(link, chain), *(plain(failed.detail).splitlines() if failed else []))
    return Arrow(link.source.id, link.target.id, verb, LOOKS[link.status], step, _tooltip(link, chain), gap)


def _tooltip(link: Link, chain: ChainOfTrust) -> str:
    """Return a link in words, how it ended, and what was checked, with sources."""
    checks = [
        f"{'✔' if check.passed else '✘'} {rule_words(check.rule)}  {check.source}".rstrip()
        for check in link.checks[-MOST_CHECKS:]  # the last one is the one that failed
    ]
    return "\n".join([f"{plain(sentence(link, chain))}: {STATUS_WORDS[link.status]}", *checks])


def _fold(picture: Picture, chain: ChainOfTrust) -> Picture:
    """Fold all but one of many records that one key signed, if nothing hangs on them."""
    sources = dict.fromkeys(arrow.source for arrow in picture.arrows)  # in order: the same chain, the same picture
    for source in sources:
        leaves = [
            arrow.target
            for arrow in picture.arrows
            if arrow.source == source and arrow.look == "passed" and arrow.target not in sources
        ]
        if len(leaves) > MOST_IN_A_ROW:
            picture = _fold_leaves(picture, leaves, chain)
    return picture


def _fold_leaves(picture: Picture, leaves: list[str], chain: ChainOfTrust) -> Picture:
    asked = [item.id for item in chain.items if (item.owner, item.rdtype) == tuple(chain.question)]
    kept = next((leaf for leaf in leaves if leaf in asked), leaves[0])
    first, *others = (leaf for leaf in leaves if leaf != kept)
    label = f"+ {len(leaves) - 1} records, all signed"
    names = [box.tooltip.splitlines()[0] for box in picture.boxes if box.id in leaves and box.id != kept]
    boxes = tuple(
        replace(box, lines=(label,), name=f"{label}: {', '.join(names)}", tooltip="\n".join([label, *names]), column="")
        if box.id == first
        else box
        for box in picture.boxes
        if box.id not in others
    )
    arrows = tuple(arrow for arrow in picture.arrows if arrow.target not in others)
    return replace(picture, boxes=boxes, arrows=arrows)
