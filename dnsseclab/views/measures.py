"""How large the parts of the graph are: in a document of its own, and in a panel beside other things.

It knows: Graphviz's units, and what was found to be legible and calm.
It must not know: what is drawn.
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Size:
    """Measures in points; the SVG has `scale` pixels for each."""

    scale: float
    text: float
    small: float
    title: float
    box: str  # width of a box in inches
    title_letters: int
    gap_letters: int
    rim: str  # between the words of the gap and the two halves of the arrow
    graph: dict[str, str]
    node: dict[str, str]
    cluster_margin: str
    names_beside: bool = True  # the zones' names have a column of their own


FULL = Size(
    1.2, 11, 10, 13, "2.1", 18, 34, "5",
    {"ranksep": "0.22", "nodesep": "0.28", "pad": "0.15"}, {"margin": "0.2,0.06", "height": "0.36"}, "11",
)  # fmt: skip
COMPACT = Size(
    1.0, 12, 12, 12, "1.66", 9, 24, "4",
    {"ranksep": "0.05", "nodesep": "0.08", "pad": "0.03"}, {"margin": "0.09,0.04", "height": "0.3"}, "5",
)  # fmt: skip
NARROW = replace(COMPACT, names_beside=False)
MOST_COMPACT_WIDTH = 380  # pixels: wider ones are drawn again without the column of names
