"""The chain-of-trust graph: one line down from trust anchor to answer, cut where it breaks, the reason in the gap.

It knows: which shape and which line mean what, and how DOT is told so. It places nothing by hand.
It must not know: how to judge, or what an item is called: it draws a Picture, which says both.
"""

import hashlib
from collections.abc import Sequence, Set
from dataclasses import dataclass, field, replace
from pathlib import Path

import graphviz
import graphviz.backend.dot_command
from dns.name import Name

from ..protocol.messages import Question
from ..protocol.names import LabError
from ..protocol.trust import ChainOfTrust, Verb
from . import dot_backend
from .composing import picture_of
from .dressing import drawn_width, dress
from .embedding import embedded
from .labels import broken_name, headline_label, name_width, pill, rows_label
from .measures import COMPACT, FULL, MOST_COMPACT_WIDTH, NARROW, Size
from .palette import PAPER
from .picture import Arrow, Box, Frame, Picture
from .skeleton import Reply, skeleton_of

LINES = {  # look: (stroke, fill, pen width, line)
    "passed": ("passed", "passed-bg", "1.8", "solid"),
    "failed": ("failed", "failed", "3", "solid"),
    "not_there": ("passed", "paper", "1.5", "dashed"),
    "idle": ("idle", "paper", "1.4", "dotted"),
    "insecure": ("muted", "paper", "1.5", "solid"),
    "hidden": ("paper", "paper", "0", "invis"),
}
SHAPES = {"key": "ellipse", "ds": "note"}  # every other kind is a rounded box


@dataclass(frozen=True)
class Drawing:
    """A finished picture. Jupyter shows the SVG; who cannot see it gets the words."""

    text: str  # the twin in words
    dot: str = field(repr=False)  # the source of the picture
    svg: str | None = field(repr=False)  # self-contained; None: no Graphviz, and `text` ends with what to do

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/plain": self.text} | ({"text/html": embedded(self.svg, self.text)} if self.svg else {})

    def __str__(self) -> str:
        return self.text

    def save(self, path: str | Path) -> Path:
        """Write the SVG to a file, and return where it is. Without Graphviz the words are written."""
        place = Path(path)
        place.write_text(self.svg or self.text, encoding="utf-8")
        return place


def chain_graph(
    chain: ChainOfTrust, forged: Set[str] = frozenset(), *, compact: bool = False, uid: str | None = None
) -> Drawing:
    """Draw a chain of trust.

    Args:
        forged: Ids of the items that the attacker made; they hang on an island. Only who ran the attack knows them.
        compact: No headline, and at most 380 pixels wide, for a panel beside other things.
        uid: Keeps the ids of several drawings on one page apart: letters, digits, underscores.
    """
    return _draw(picture_of(chain, forged, compact), compact, uid)


def unchecked_graph(
    question: Question,
    zones: Sequence[Name] = (),
    replies: Sequence[Reply] = (),
    *,
    compact: bool = False,
    uid: str | None = None,
) -> Drawing:
    """Draw the way to an answer that nobody checked: who refers to whom, and no link of trust anywhere.

    Args:
        zones: The zones on the way, root first; empty: every name above the question's.
        replies: What arrived; empty: nothing has been asked yet.
    """
    return _draw(skeleton_of(question, zones, replies), compact, uid)


def _draw(picture: Picture, compact: bool, uid: str | None) -> Drawing:
    if uid is not None and not uid.isidentifier():
        raise LabError(f"{uid!r} cannot begin an id: use letters, digits and underscores, for example 'left'.")
    size = COMPACT if compact else FULL
    graph = _digraph(picture, size, headline=not compact)
    program = dot_backend.find_dot()
    if program is None:
        return Drawing(f"{picture.twin}\n\n{dot_backend.MISSING}", graph.source, None)
    try:
        raw = _run(program, graph)
        if compact and drawn_width(raw) > MOST_COMPACT_WIDTH:
            graph = _digraph(picture, NARROW, headline=False)
            raw = _run(program, graph)
    except (graphviz.ExecutableNotFound, graphviz.CalledProcessError, OSError):
        problem = f"No picture: {program} does not run. {dot_backend.MISSING}"
        return Drawing(f"{picture.twin}\n\n{problem}", graph.source, None)
    return Drawing(picture.twin, graph.source, dress(raw, picture, size.scale, uid or _uid(graph.source)))


def _uid(source: str) -> str:
    """Return a prefix that two different pictures on one page don't share, and that is the same every time."""
    return "c" + hashlib.sha256(source.encode()).hexdigest()[:8]


def _run(program: Path, graph: graphviz.Digraph) -> str:
    graphviz.backend.dot_command.DOT_BINARY = program
    return graph.pipe("svg", encoding="utf-8", quiet=True)  # quiet: it warns about the width of non-ASCII letters


def _digraph(picture: Picture, size: Size, headline: bool) -> graphviz.Digraph:
    """Return the DOT graph: zone names at the left, the walk straight down, the island where it hangs."""
    graph = graphviz.Digraph("chain", graph_attr={"newrank": "true", "bgcolor": PAPER["paper"], **size.graph})
    graph.attr("graph", fontname="Arial")
    graph.attr("node", fontname="Arial", fontsize=f"{size.text}", fontcolor=PAPER["ink"], width=size.box, **size.node)
    verb_size = f"{size.small - 0.5 * headline}"
    graph.attr("edge", fontname="Arial", fontsize=verb_size, fontcolor=PAPER["muted"], arrowsize="0.7")
    if headline:
        graph.attr(labelloc="t", labeljust="l", label=headline_label(picture))
    for frame in picture.frames:
        with graph.subgraph(name=f"cluster_{frame.id}") as cluster:
            _add_frame(cluster, frame, picture, size)
    for box in picture.boxes:
        if not box.frame:
            _add_box(graph, box, size)
    frame_of = {box.id: box.frame for box in picture.boxes}
    for arrow in picture.arrows:
        if frame_of[arrow.source] != frame_of[arrow.target] or not frame_of[arrow.source]:
            _add_arrow(graph, arrow, picture, size)
    return graph


def _add_frame(cluster: graphviz.Digraph, frame: Frame, picture: Picture, size: Size) -> None:
    """Add a cluster with its boxes, and the arrows between them: a gap between two boxes of a zone stays inside."""
    members = [box for box in picture.boxes if box.frame == frame.id]
    title, small = size.title, size.small
    cluster.attr(id=f"frame_{frame.id}", margin=size.cluster_margin, style="filled,rounded", label="", penwidth="1")
    if frame.forged:  # its label stands below: lines come in from above
        rows = [(frame.title, 12.0, "forged-ink", True), *((line, small, "forged-ink", False) for line in frame.remark)]
        cluster.attr(color=PAPER["forged"], fillcolor=PAPER["forged-bg"], style="filled,rounded,dashed")
        cluster.attr(penwidth="1.8", labelloc="b", labeljust="l", label=rows_label(rows))
    else:  # its name is a node left of the first member: no line can run through it
        cluster.attr(color=PAPER["rim"], fillcolor=PAPER["band"])
    if not frame.forged and size.names_beside:
        names = broken_name(frame.title, size.title_letters)
        rows = [
            *((name, title, "ink", True) for name in names),
            *((line, small, "muted", False) for line in frame.remark),
        ]
        name = f"name_{frame.id}"
        cluster.node(name, rows_label(rows, name_width(picture, size)), shape="plain", id=name, **{"class": "title"})
        _side_by_side(cluster, name, _title_bearer(members).id)
    for box in members:
        named = box is _title_bearer(members) and not frame.forged and not size.names_beside
        _add_box(cluster, replace(box, lines=(frame.title, *box.lines)) if named else box, size)
    ids = {box.id for box in members}
    for arrow in picture.arrows:
        if {arrow.source, arrow.target} <= ids:
            _add_arrow(cluster, arrow, picture, size)


def _title_bearer(members: list[Box]) -> Box:
    """Return the box beside which a zone's name stands: its topmost. An alias may reach the answer before the keys."""
    return next((box for box in members if box.kind == "key"), members[0])


def _add_box(graph: graphviz.Digraph, box: Box, size: Size) -> None:
    stroke, fill, width, line = LINES[box.look]
    shape = SHAPES.get(box.kind, "box")
    look = {"style": f"filled,{line}" + ",rounded" * (shape == "box"), "color": PAPER[stroke], "fillcolor": PAPER[fill]}
    look |= {"margin": "0.02"} if shape == "ellipse" else {}  # an ellipse adds 41 % to its text by itself
    if box.kind == "anchor":
        look |= {"color": PAPER["anchor"], "fillcolor": PAPER["anchor"], "fontcolor": PAPER["anchor-ink"]}
    elif box.look in ("idle", "not_there"):
        look |= {"fontcolor": PAPER["muted"]}
    if box.trusted:  # DNSViz, too, draws the trusted key with a double border
        look |= {"peripheries": "2", "width": f"{float(size.box) - 0.11:.2f}"}
    look |= {"id": f"node_{box.id}", "class": f"{box.kind} {box.look} step_{box.step}", "group": box.column}
    label = graphviz.escape("\n".join(box.lines).replace("&", "&amp;"))  # Graphviz reads entities in every label
    graph.node(box.id, label, shape=shape, penwidth=width, **look)


def _add_arrow(graph: graphviz.Digraph, arrow: Arrow, picture: Picture, size: Size) -> None:
    stroke, _, width, line = LINES[arrow.look]
    look = {"id": f"edge_{arrow.step}", "color": PAPER[stroke], "penwidth": width, "style": line, "weight": "10"}
    look["class"] = f"{arrow.look} step_{arrow.step}"
    if arrow.look == "hidden":  # nothing leads there; it only must not float to the top
        graph.edge(arrow.source, arrow.target, style="invis")
        _stand_right_of_siblings(graph, arrow, arrow.target, picture)
        return
    if arrow.verb == Verb.LEADS_TO:
        look |= {"minlen": "0", "weight": "0"}  # it runs across, and must not bend the lines of trust
    if not arrow.gap:
        graph.edge(arrow.source, arrow.target, label=f"  {arrow.verb}", **look)
        return
    # A broken link is cut in two; the reason stands, in words, in the gap.
    gap = f"gap_{arrow.step}"
    column = next(box.column for box in picture.boxes if box.id == arrow.target)
    graph.node(
        gap, pill(arrow.gap, size), id=gap, shape="plain", group=column, **{"class": f"gap failed step_{arrow.step}"}
    )
    graph.edge(arrow.source, gap, label=f"  {arrow.verb}", arrowhead="tee", **look)
    look |= {"id": f"edge_{arrow.step}_end", "style": "dashed", "penwidth": "1.5"}
    graph.edge(gap, arrow.target, arrowhead="none", **look)
    _stand_right_of_siblings(graph, arrow, gap, picture)


def _stand_right_of_siblings(graph: graphviz.Digraph, arrow: Arrow, node: str, picture: Picture) -> None:
    """Put what hangs on no trusted link to the right of what was expected in its place."""
    beside = [each.target for each in picture.arrows if each.source == arrow.source and each.target != arrow.target]
    if beside:
        _side_by_side(graph, beside[-1], node)


def _side_by_side(graph: graphviz.Digraph, left: str, right: str) -> None:
    with graph.subgraph() as row:
        row.attr(rank="same")
        row.edge(left, right, style="invis")
