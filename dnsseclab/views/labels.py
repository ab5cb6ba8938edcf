"""Words as Graphviz's HTML-like labels: left-aligned lines with room for the widest likely font.

It knows: letters and their widths. Every text is escaped here: records come from strangers.
It must not know: what the words mean.
"""

import html
import re
import textwrap

from ..protocol.trust import SecurityStatus
from .measures import Size
from .palette import PAPER
from .picture import Picture

VERDICT_COLORS = {SecurityStatus.SECURE: "passed", SecurityStatus.BOGUS: "failed"}  # every other verdict is muted

# The width of a letter as a part of its height, generously: DejaVu is the widest font that is likely to be there.
LIGHT, BOLD, WIDE = 0.54, 0.63, 0.66

Row = tuple[str, float, str, bool]  # text, size, color role, bold


def pill(words: tuple[str, ...], size: Size) -> str:
    """Return the solid block that stands in the gap of a broken link: the reason, then the evidence."""
    first, *evidence = words
    letters = size.gap_letters
    rows: list[Row] = [(line, 12, "failed-ink", True) for line in textwrap.wrap(f"× {first}", letters)[:2]]
    lines = [line for text in evidence for line in _clauses(text, letters - 2)]
    rows += [(line, size.small, "failed-ink", False) for line in lines[:3]]
    solid = f'BORDER="0" STYLE="ROUNDED" BGCOLOR="{PAPER["failed"]}" CELLPADDING="6"'
    # The empty rim keeps both halves of the arrow away.
    return f'<<TABLE BORDER="0" CELLSPACING="{size.rim}"><TR><TD {solid}>{rows_label(rows)[1:-1]}</TD></TR></TABLE>>'


def _clauses(text: str, letters: int) -> list[str]:
    """Return evidence in lines; a long one breaks after a comma or semicolon rather than in the middle of a clause."""
    if len(text) <= letters:
        return [text]
    clauses = re.split(r"(?<=[,;]) ", text)
    return [line for clause in clauses for line in textwrap.wrap(clause, letters)]


def headline_label(picture: Picture) -> str:
    """Return the words above the picture: verdict, question, why, and what the client gets."""
    rows: list[Row] = [(picture.status.name, 19, VERDICT_COLORS.get(picture.status, "muted"), True)]
    rows += [(line, 13, "ink", True) for line in textwrap.wrap(picture.question, 44)]
    rows += [(line, 11, "ink", False) for text in picture.prose for line in textwrap.wrap(text, 60)]
    return rows_label([*rows, (" ", 6, "ink", False)])


def broken_name(name: str, letters: int) -> list[str]:
    """Return a zone's name in at most three lines, broken before dots: its column is narrow."""
    lines = [""]
    for label in name.replace(".", " .").split():
        if lines[-1] and len(lines[-1] + label) > letters:
            lines.append("")
        lines[-1] += label
    return lines if len(lines) < 4 else [*lines[:1], "…", lines[-1]]


def name_width(picture: Picture, size: Size) -> int:
    """Return the width in points that the column of zone names needs: equal in all, so that the line stays straight."""
    zones = [frame for frame in picture.frames if not frame.forged]
    names = [len(line) for frame in zones for line in broken_name(frame.title, size.title_letters)]
    remarks = [len(line) for frame in zones for line in frame.remark]
    return int(max(WIDE * size.title * max(names), LIGHT * size.small * max(remarks, default=0)))


def rows_label(rows: list[Row], width: int = 0) -> str:
    """Return left-aligned lines as an HTML-like label, with room for DejaVu, the widest likely font."""
    width = width or max(int(len(text) * size * (BOLD if bold else LIGHT)) for text, size, _, bold in rows)
    lines = "".join(
        f'<TR><TD ALIGN="LEFT"><FONT POINT-SIZE="{size:g}" COLOR="{PAPER[role]}">'
        f"{'<B>' * bold}{_escaped(text)}{'</B>' * bold}</FONT></TD></TR>"
        for text, size, role, bold in rows
    )
    return f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1" WIDTH="{width}">{lines}</TABLE>>'


def _escaped(text: str) -> str:
    return html.escape(text).replace("\\", "\\\\")  # Graphviz would put the graph's name for a \G
