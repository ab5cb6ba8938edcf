"""What a chain-of-trust graph shows, before anything is drawn: boxes, arrows and frames as plain values.

It knows: what a drawing consists of, and every word in it.
It must not know: Graphviz, colors, chains.
"""

from dataclasses import dataclass

from ..protocol.trust import SecurityStatus

LONGEST_LINE = 26  # letters in a box; a compact one holds fewer
LONGEST_COMPACT_LINE = 20
ISLAND = "island"  # the frame of what the attacker made


@dataclass(frozen=True)
class Box:
    """One thing of the chain, or several folded into one."""

    id: str
    kind: str  # 'anchor', 'key', 'ds', 'denial', 'rrset', 'absence'
    look: str  # 'passed', 'idle', 'not_there' or 'insecure'
    lines: tuple[str, ...]
    frame: str  # the id of its frame; "" if it stands outside every zone
    column: str  # boxes of one column stand in a straight line
    step: int  # the place in the walk at which it is reached; 0 is where the walk starts
    name: str  # for those who hear it: the visible words, then how it ended
    tooltip: str
    trusted: bool = False  # a trust anchor points at it


@dataclass(frozen=True)
class Arrow:
    """One link; if it is the broken one, `gap` holds the words that stand in the gap."""

    source: str
    target: str
    verb: str
    look: str  # 'passed', 'failed', 'idle', 'not_there', 'insecure', or 'hidden': it only holds its target in place
    step: int
    tooltip: str
    gap: tuple[str, ...] = ()


@dataclass(frozen=True)
class Frame:
    """A zone, or the island of what the attacker made."""

    id: str
    title: str
    remark: tuple[str, ...] = ()
    forged: bool = False


@dataclass(frozen=True)
class Picture:
    """Everything that is drawn, and the words for those who don't see it."""

    status: SecurityStatus
    question: str
    prose: tuple[str, ...]
    frames: tuple[Frame, ...]
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    alt: str
    twin: str
