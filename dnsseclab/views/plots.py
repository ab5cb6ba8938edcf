"""Plots of numbers: odds, message sizes, the cost of an attack, the price of signing. Each has its twin in words.

It knows: plain values and how to draw them on an opaque white card, legible in grey and on dark pages.
It must not know: where a number comes from. Nothing is computed here; the cell above has done that.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..protocol.messages import SAFE_UDP_PAYLOAD
from ..protocol.names import LabError
from .embedding import embedded
from .palette import PAPER

Points = Sequence[tuple[float, float]]

STROKES = (("o", "-"), ("s", "--"), ("^", "-."), ("D", ":"))  # curves differ in form, not only in color
TONES = ("passed", "forged", "ink", "muted")
WIDTH = 7.2  # inches, which is 691 pixels
EXPECTED = "where 95 of 100 measurements lie"
MANY = 100  # times: a wider range than this needs a logarithmic axis


@dataclass(frozen=True)
class Plot:
    """A finished plot. Jupyter shows the picture; who cannot see it gets the words."""

    text: str
    figure: Figure = field(repr=False)

    @property
    def svg(self) -> str:
        """Return the picture as SVG, letters as outlines: it looks the same whatever fonts are installed."""
        page = io.StringIO()
        with matplotlib.rc_context({"svg.fonttype": "path", "svg.hashsalt": "dnsseclab"}):
            self.figure.savefig(page, format="svg", metadata={"Date": None})
        return page.getvalue()

    def save(self, path: str | Path) -> Path:
        """Write the picture to a file, and return where it is; the ending says which kind: .svg, .png, .pdf."""
        self.figure.savefig(path)
        return Path(path)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/html": embedded(self.svg, self.text), "text/plain": self.text}

    def __str__(self) -> str:
        return self.text


def plot_odds(
    theory: Points,
    measured: Points = (),
    *,
    expected: Sequence[tuple[float, float, float]] = (),
    title: str = "The chance that a forgery is believed",
    knob: str = "forged replies sent",
) -> Plot:
    """Draw what the formula says as a line, and what was measured as circles on it or beside it.

    Args:
        theory, measured: (knob, chance) pairs; a chance is between 0 and 1.
        expected: (knob, lowest, highest): between which chances 95 of 100 measurements lie if the theory is true.
        knob: What is turned, in words: the label of the horizontal axis.
    """
    _need(theory, "theory", "[(1, 0.00002), (65536, 1.0)]")
    figure, axes = _card(title, knob, "chance of success")
    axes.plot(*_columns(theory), color=PAPER["passed"], linewidth=2, label="theory")
    for x, lowest, highest in expected:
        axes.plot(
            [x, x], [lowest, highest], color=PAPER["muted"], linewidth=1.5, marker="_", markersize=14,
            label="" if x != expected[0][0] else EXPECTED,
        )  # fmt: skip
    if measured:
        axes.plot(
            *_columns(measured), "o", markersize=8, markerfacecolor="white", markeredgewidth=2,
            color=PAPER["ink"], label="measured",
        )  # fmt: skip
    axes.set_ylim(-0.03, 1.05)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    _number(axes, "x", [x for x, _ in (*theory, *measured)])
    axes.legend(frameon=False, loc="upper left")
    text = _sentences(title, {"theory": theory, "measured": measured}, f"{knob} -> chance", ".3g")
    ranges = "; ".join(f"{x:,g} -> {lowest:.3g} to {highest:.3g}" for x, lowest, highest in expected)
    return Plot(f"{text}\n{EXPECTED}: {ranges}" if expected else text, figure)


def plot_sizes(
    sizes: Mapping[str, int],
    *,
    limit: int = SAFE_UDP_PAYLOAD,
    title: str = "How large is each message?",
) -> Plot:
    """Draw messages as bars against the size that a UDP reply may safely have (RFC 9715); what is over it is hatched.

    Args:
        sizes: {what it is: bytes}, in the order in which they shall stand from top to bottom.
        limit: Bytes.
    """
    _need(sizes, "sizes", "{'Ed25519': 300, 'ML-DSA-44': 2700}")
    figure, axes = _card(title, "bytes", "", height=1.5 + 0.42 * len(sizes))
    names = list(sizes)
    for place, name in enumerate(names):
        over = sizes[name] > limit
        axes.barh(
            place, sizes[name], height=0.62, linewidth=1.5, hatch="///" if over else "",
            facecolor=PAPER["forged-bg" if over else "passed-bg"], edgecolor=PAPER["forged" if over else "passed"],
        )  # fmt: skip
        axes.annotate(
            f"{sizes[name]:,}" + " · over the line" * over, (sizes[name], place), xytext=(5, 0),
            textcoords="offset points", va="center", color=PAPER["ink"],
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5},
        )  # fmt: skip
    axes.axvline(limit, color=PAPER["ink"], linewidth=1.5, linestyle="--")
    axes.set_title(f"{limit:,} bytes", fontsize=9, color=PAPER["ink"], x=0)
    axes.title.set_transform(axes.get_xaxis_transform())
    axes.title.set_position((limit, 1.02))
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.set_xlim(0, 1.28 * max(limit, *sizes.values()))
    _number(axes, "x", [limit])
    axes.grid(False)
    lines = [f"{name}: {size:,} bytes" + ", over the line" * (size > limit) for name, size in sizes.items()]
    return Plot("\n".join([f"{title} The line is at {limit:,} bytes.", *lines]), figure)


def plot_costs(
    work: Mapping[str, Points],
    *,
    knob: str,
    unit: str,
    limit: float | None = None,
    title: str = "What does it cost the validator?",
) -> Plot:
    """Draw work against a knob that the attacker, or the owner, turns: a curve for each way of doing it.

    Args:
        work: {name of the curve: (knob, work) pairs}, up to four of them.
        knob, unit: What the two axes count, in words.
        limit: Where the validator stops, in the same unit as the work.
    """
    _need(work, "work", "{'without limits': [(1, 1), (10, 100)]}")
    if len(work) > len(STROKES):
        raise LabError(f"At most {len(STROKES)} curves can be told apart: leave some out, or make two plots.")
    figure, axes = _card(title, knob, unit)
    for (name, points), (marker, line), tone in zip(work.items(), STROKES, TONES, strict=False):
        axes.plot(
            *_columns(points), marker=marker, linestyle=line, linewidth=2, markersize=7, markerfacecolor="white",
            markeredgewidth=1.8, color=PAPER[tone], label=name,
        )  # fmt: skip
    if limit is not None:
        axes.axhline(limit, color=PAPER["failed"], linewidth=1.5, linestyle=(0, (6, 3)), label=f"limit: {limit:,g}")
    _number(axes, "x", [x for points in work.values() for x, _ in points])
    _number(axes, "y", [y for points in work.values() for _, y in points])
    axes.legend(loc="best", edgecolor="none", framealpha=0.85)
    text = _sentences(title, work, f"{knob} -> {unit}", ",g")
    return Plot(text if limit is None else f"{text}\nlimit: {limit:,g} {unit}", figure)


def plot_overhead(
    measures: Mapping[str, tuple[float, float]],
    *,
    kinds: tuple[str, str] = ("without DNSSEC", "with DNSSEC"),
    title: str = "What does DNSSEC cost?",
) -> Plot:
    """Draw pairs of numbers that were measured without and with signatures, each pair on a scale of its own.

    Args:
        measures: {what was measured, with its unit: (without, with)}.
    """
    _need(measures, "measures", "{'bytes in the reply': (60, 320)}")
    figure, _ = _card(title, "", "", height=0.75 + 0.95 * len(measures))
    figure.clear()
    figure.suptitle(title, x=0.02, ha="left", fontweight="bold", color=PAPER["ink"])
    rows = figure.subplots(len(measures), 1, squeeze=False)
    for axes, (name, pair) in zip(rows[:, 0], measures.items(), strict=True):
        _dress(axes)
        axes.barh(
            [0, 1], pair, height=0.6, color=[PAPER["paper"], PAPER["passed"]], edgecolor=PAPER["ink"], linewidth=1.2
        )
        for place, value in enumerate(pair):
            axes.annotate(f"{value:,g}", (value, place), xytext=(5, 0), textcoords="offset points", va="center")
        axes.set_yticks([0, 1], kinds)
        axes.invert_yaxis()
        axes.set_xlim(0, 1.18 * (max(pair) or 1))
        axes.set_xticks([])
        axes.spines["bottom"].set_visible(False)
        axes.set_title(name, loc="left", fontsize=10, color=PAPER["ink"])
        axes.grid(False)
    lines = [f"{name}: {kinds[0]} {pair[0]:,g}, {kinds[1]} {pair[1]:,g}" for name, pair in measures.items()]
    return Plot("\n".join([title, *lines]), figure)


# ---- what all of them share -----------------------------------------------------------------------------------


def _card(title: str, x_label: str, y_label: str, height: float = 3.8) -> tuple[Figure, Axes]:
    """Return a figure of its own, which no other plot can draw into, and its axes."""
    figure = Figure(figsize=(WIDTH, height), layout="constrained", facecolor="white")
    figure.suptitle(title, x=0.02, ha="left", fontweight="bold", color=PAPER["ink"])
    axes = figure.add_subplot()
    _dress(axes)
    axes.set_xlabel(x_label, color=PAPER["ink"])
    axes.set_ylabel(y_label, color=PAPER["ink"])
    axes.grid(color=PAPER["rim"], linewidth=0.6)
    axes.set_axisbelow(True)
    return figure, axes


def _dress(axes: Axes) -> None:
    axes.set_facecolor("white")
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[:].set_color(PAPER["muted"])
    axes.tick_params(colors=PAPER["ink"], length=0)


def _number(axes: Axes, which: Literal["x", "y"], values: Sequence[float]) -> None:
    """Make an axis logarithmic if its values differ too much to be seen side by side; write its numbers out."""
    if min(values) > 0 and max(values) >= MANY * min(values):
        axes.set(**{f"{which}scale": "log"})
    {"x": axes.xaxis, "y": axes.yaxis}[which].set_major_formatter(lambda value, _: f"{value:,g}")


def _columns(points: Points) -> tuple[list[float], list[float]]:
    return [x for x, _ in points], [y for _, y in points]


def _sentences(title: str, curves: Mapping[str, Points], axes: str, show: str) -> str:
    """Return the curves in words: a line for each, with every value if they are few, else with some."""
    lines = [
        f"{name} ({axes}): " + "; ".join(f"{x:,g} -> {y:{show}}" for x, y in _thinned(points))
        for name, points in curves.items()
        if points
    ]
    return "\n".join([title, *lines])


def _thinned(points: Points) -> Points:
    """Return at most eight points, the first and the last among them."""
    step = max(1, -(-(len(points) - 1) // 7))
    return [*points[:-1:step], points[-1]]


def _need(values: Mapping[str, object] | Points, name: str, example: str) -> None:
    if not values:
        raise LabError(f"There is nothing to draw: {name} is empty. It looks like {example}.")
