"""The packet story as a table: who sent what to whom at which virtual millisecond, and what became of it.

It knows: how a datagram and its fate are said in a few words.
It must not know: who forged what, or whose address is whose. It is told by those who do: the network.
"""

import html
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from ..protocol.messages import Datagram
from ..protocol.story import Asked, Believed, Event, Fate, Ignored, Rejected
from .folding import folded, summary_words
from .packet_words import Saying, client_of, is_answer, says
from .palette import PANELS_CSS


class Row(NamedTuple):
    """One line of the story in words."""

    when: str  # '294', or '3–294' for a run: virtual milliseconds since the start
    route: str  # 'resolver → bank's server'
    says: str  # '203.0.113.66, ID 48213'
    sign: str  # of the fate: '✔', '✘', '–' or nothing; the words say the same
    fate: str  # 'ignored'
    why: str  # ', wrong ID'
    forged: bool
    decisive: bool  # a forgery that passed the accept checks

    def as_html(self) -> str:
        """Return the row as HTML; roles are spelled out because cards change what `display` says."""
        tag = '<span class="dl-tag dl-lie">FORGED</span> ' if self.forged else ""
        sign = f'<span aria-hidden="true">{self.sign}</span> ' if self.sign else ""
        fate = f"<b>{self.fate}</b>" if self.sign else self.fate
        classes = " ".join(["dl-forged"] * self.forged + ["dl-decisive"] * self.decisive)
        cells = (self.when, html.escape(self.route), tag + html.escape(self.says), sign + fate + html.escape(self.why))
        return (
            f'<tr role="row" class="{classes}">' + "".join(f'<td role="cell">{cell}</td>' for cell in cells) + "</tr>"
        )


MOST_OTHERS = 2  # servers named in one row
FIRST_ROWS, LAST_ROWS = 14, 26  # of a long story, told briefly
HEADINGS = ("ms", "from → to", "says", "fate")


@dataclass(frozen=True)
class Table:
    """The story, ready to be shown."""

    rows: tuple[Row, ...] = field(repr=False)

    @property
    def html(self) -> str:
        """The table with its style: it follows JupyterLab's theme, and is a white page elsewhere."""
        head = "".join(f'<th role="columnheader">{heading}</th>' for heading in HEADINGS)
        body = "".join(row.as_html() for row in self.rows)
        return (
            f'<style>{PANELS_CSS}</style><div class="dl-story"><table role="table" aria-label="Packet story">'
            f'<thead role="rowgroup"><tr role="row">{head}</tr></thead>'
            f'<tbody role="rowgroup">{body}</tbody></table></div>'
        )

    @property
    def text(self) -> str:
        """The same in columns of plain text."""
        lines = [HEADINGS, *((row.when, row.route, "FORGED " * row.forged + row.says, _fate(row)) for row in self.rows)]
        widths = [max(len(line[place]) for line in lines) for place in range(3)]
        return "\n".join(
            f"{when:>{widths[0]}}  {route:<{widths[1]}}  {said:<{widths[2]}}  {fate}"
            for when, route, said, fate in lines
        )

    def __str__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return self.html

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/plain": self.text, "text/html": self.html}


class Told(Protocol):
    """What brings a story and all that is needed to tell it: the result of an attack."""

    @property
    def story(self) -> Iterable[Event]: ...
    @property
    def started(self) -> float: ...
    def is_forged(self, datagram: Datagram) -> bool: ...
    def label(self, address: str) -> str: ...


def packet_story(
    story: Iterable[Event] | Told,
    *,
    is_forged: Callable[[Datagram], bool] | None = None,
    label: Callable[[str], str] | None = None,
    started: float | None = None,
    brief: bool = False,
) -> Table:
    """Return a story as a table.

    Args:
        story: A story, or the result of an attack, which knows the rest as well.
        is_forged: Says of a datagram whether the attacker made it. A resolver cannot know; the network does.
        label: Gives an address the name of its owner: "bank's server".
        started: The virtual moment that counts as 0 ms, in epoch seconds; None: the first event.
        brief: Put referrals in a row into one row, likewise keys and DS records; leave out the middle of a long story.
    """
    if not isinstance(story, Iterable):
        is_forged, label = is_forged or story.is_forged, label or story.label
        started, story = story.started if started is None else started, story.story
    events = list(story)
    start = started if started is not None else events[0].at if events else 0.0
    teller = _Teller(is_forged or (lambda _: False), label or str, start, Saying(client_of(events)))
    if not brief:
        return Table(tuple(teller.row(event) for event in events))
    rows = [teller.summary(run) if len(run) > 1 else teller.row(run[0]) for run in folded(events, teller.is_forged)]
    return Table(tuple(_without_middle(rows)))


@dataclass(frozen=True)
class _Teller:
    """What is needed to tell each row."""

    is_forged: Callable[[Datagram], bool]
    label: Callable[[str], str]
    start: float
    saying: Saying

    def row(self, event: Event) -> Row:
        forged = self.is_forged(event.datagram)
        said = says(event, forged, self.saying)
        sign, fate, why = _fate_words(event.fate)
        if isinstance(event.fate, Believed) and event.datagram.destination.address == self.saying.client:
            sign, fate, why = "", "the answer" if is_answer(event.datagram) else "an error", ""
        decisive = forged and isinstance(event.fate, Believed | Rejected)
        return Row(self.when(event.at, event.until), self.route(event, forged), said, sign, fate, why, forged, decisive)

    def summary(self, run: Sequence[Event]) -> Row:
        """Return one row for several questions and their replies."""
        replies = run[1::2]
        words = [says(event, False, self.saying) for event in run][1::2]
        said = words[0] if len(replies) == 1 else f"{len(replies)} {summary_words(replies[0])}"
        others = list(dict.fromkeys(self.label(reply.datagram.source.address) for reply in replies))
        whom = ", ".join(others) if len(others) <= MOST_OTHERS else f"{len(others)} servers"
        route = f"{self.label(run[0].datagram.source.address)} ↔ {whom}"
        verified = all(isinstance(reply.fate, Believed) and reply.fate.verified for reply in replies)
        when = self.when(run[0].at, run[-1].at)
        return Row(when, route, said, "✔", "believed", ", verified" * verified, False, False)

    def when(self, first: float, last: float) -> str:
        begin, end = (f"{round((moment - self.start) * 1000):,}" for moment in (first, max(first, last)))
        return begin if begin == end else f"{begin}–{end}"

    def route(self, event: Event, forged: bool) -> str:
        claimed, to = (self.label(end.address) for end in (event.datagram.source, event.datagram.destination))
        # The address on a datagram is whatever its sender writes there.
        return f"attacker, as {claimed} → {to}" if forged and claimed != "attacker" else f"{claimed} → {to}"


def _without_middle(rows: list[Row]) -> list[Row]:
    if len(rows) <= FIRST_ROWS + LAST_ROWS + 1:
        return rows
    left_out = len(rows) - FIRST_ROWS - LAST_ROWS
    gap = Row("…", "", f"{left_out} rows more", "", "", "", False, False)
    return [*rows[:FIRST_ROWS], gap, *rows[-LAST_ROWS:]]


def _fate_words(fate: Fate) -> tuple[str, str, str]:
    match fate:
        case Asked():
            return "", "asked", ""
        case Believed():
            left_out = f"; left out: {', '.join(fate.left_out)}" if fate.left_out else ""
            return "✔", "believed", ", verified" * fate.verified + left_out
        case Ignored():
            return "–", "ignored", f", {fate.reason}" + (f": {fate.detail}" if fate.detail else "")
        case Rejected():
            return "✘", "rejected", f": {fate.headline}"


def _fate(row: Row) -> str:
    return f"{row.sign} {row.fate}{row.why}".strip()
