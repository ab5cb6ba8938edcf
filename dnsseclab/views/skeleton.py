"""The picture of an answer that nobody checked: who refers to whom, and no link of trust anywhere.

It knows: a question, the zones on the way to it, and the replies that are said to have come.
It must not know: whether a reply is true. It is told which one was forged.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import dns.name
from dns.name import Name

from ..protocol.describing import plain, shorten
from ..protocol.messages import Question
from ..protocol.names import show_name
from ..protocol.trust import SecurityStatus
from .picture import ISLAND, LONGEST_LINE, Arrow, Box, Frame, Picture


class Reply(NamedTuple):
    """One reply, for the picture: what it says, what became of it, and whether the attacker made it."""

    says: str  # '203.0.113.66'
    fate: str  # 'believed without any proof'
    forged: bool = False


def skeleton_of(question: Question, zones: Sequence[Name], replies: Sequence[Reply]) -> Picture:
    """Return what to draw when there is no chain; without `zones`, every name above the question's is one."""
    zones = zones or _names_above(question.name)
    way = [_zone_box(zone, step) for step, zone in enumerate(zones)]
    ends = [_reply_box(question, reply, place, len(way)) for place, reply in enumerate(replies)]
    ends = ends or [_end_box(question, len(way))]
    forged = any(reply.forged for reply in replies)
    island = Frame(ISLAND, "FORGED by the attacker", ("nothing connects it to the zone",), True)
    sentence = plain(f"The way to {question}. Nothing on it is checked.")
    twin = [f"UNCHECKED: {plain(str(question))}", sentence]
    twin += [f"{show_name(zone)}: not checked" for zone in zones]
    twin += [f"{'FORGED ' * reply.forged}{plain(reply.says)}: {plain(reply.fate)}" for reply in replies]
    return Picture(
        status=SecurityStatus.UNCHECKED,
        question=plain(str(question)),
        prose=("Nobody checks signatures here.", "Whoever answers first is believed."),
        frames=(island,) if forged else (),
        boxes=(*way, *ends),
        arrows=tuple(_arrows(way, ends)),
        alt=sentence,
        twin="\n".join(twin),
    )


def _arrows(way: Sequence[Box], ends: Sequence[Box]) -> Iterator[Arrow]:
    """Yield who refers to whom, and what the last zone says; nothing of the way says what was forged."""
    pairs = [*zip(way, way[1:], strict=False), *((way[-1], end) for end in ends)]
    for step, (above, below) in enumerate(pairs, 1):
        verb = "refers to" if below in way else "says"
        yield Arrow(
            above.id, below.id, verb, "hidden" if below.frame else "idle", step, f"{above.name} {verb} {below.name}"
        )


def _names_above(name: Name) -> list[Name]:
    """Return the root and every name between it and `name`, without `name` itself."""
    return [dns.name.Name(name.labels[-count:]) for count in range(1, max(len(name.labels), 2))]


def _zone_box(zone: Name, step: int) -> Box:
    return _box(f"way_{step}", (show_name(zone), "not checked"), "", step, "not checked")


def _end_box(question: Question, step: int) -> Box:
    return _box("answer", (f"{question} = ?", "not asked yet"), "", step, "not checked")


def _reply_box(question: Question, reply: Reply, place: int, step: int) -> Box:
    frame = ISLAND if reply.forged else ""
    return _box(f"reply_{place}", (reply.says, reply.fate), frame, step, f"for {question}" + ", FORGED" * reply.forged)


def _box(id: str, lines: tuple[str, str], frame: str, step: int, more: str) -> Box:
    shown = tuple(shorten(plain(line), LONGEST_LINE) for line in lines)
    words = plain(" ".join(lines))
    return Box(id, "unchecked", "idle", shown, frame, "" if frame else "way", step, f"{words}. {more}", words)
