"""A circle of names: where each stands, the gaps between them, and what falls into a gap.

It knows: points on a circle, their labels, and how to keep labels apart.
It must not know: NSEC, hashes or proofs; it is told which gaps and points to show, and what to write beside them.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from html import escape
from math import cos, pi, sin

from .palette import FONTS, PAPER, css

WIDTH, HEIGHT, RADIUS = 600, 400, 148  # pixels
INNER = 100  # pixels above and below the middle in which there is room for words
LETTER = 6.6  # pixels, on average
LINE = 17  # pixels from one label to the next


@dataclass(frozen=True)
class Point:
    """One name on the circle; its gap reaches to the next point."""

    id: str
    turn: float  # where on the circle: 0 at the top, then clockwise, 1 at the top again
    label: str
    title: str = ""  # what a tooltip and a screen reader say


@dataclass(frozen=True)
class Marker:
    """A name that was asked for, where it falls."""

    turn: float
    label: str


def ring(
    points: Sequence[Point],
    *,
    caption: str,
    gaps: Set[str] = frozenset(),
    matched: Set[str] = frozenset(),
    markers: Sequence[Marker] = (),
    loose: bool = False,
) -> str:
    """Return the circle as SVG; its points are elements with `data-item`, in their order.

    Args:
        points: In the order in which they stand on the circle, at least one.
        caption: The alternative text.
        gaps, matched: Ids of the points whose gap, or who themselves, are to be seen first.
        markers: What falls where.
        loose: The gaps may hide something: they are drawn as dots.
    """
    parts = [_circle(loose)]
    parts += [_arc(point, following) for point, following in _pairs(points) if point.id in gaps]
    shown = [point for point in points if point.label]
    places = _apart([(_x(p.turn, RADIUS + 30), _y(p.turn, RADIUS + 30)) for p in shown])
    beside = dict(zip((point.id for point in shown), places, strict=True))
    parts += [_point(point, beside.get(point.id), point.id in matched) for point in points]
    inside = _apart([(WIDTH / 2, HEIGHT / 2 - 0.6 * INNER * cos(2 * pi * marker.turn)) for marker in markers])
    parts += [_marker(marker, place) for marker, place in zip(markers, inside, strict=True)]
    return (
        f'<svg class="chain ring" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
        f'height="{HEIGHT}" role="img" aria-label="{escape(caption)}" font-family="{escape(FONTS)}" font-size="13">'
        f"<style>{css()}.ring .node[aria-pressed=true] circle{{stroke-width:4.5}}</style>"
        f'<rect width="{WIDTH}" height="{HEIGHT}" rx="6" fill="{PAPER["paper"]}"/>{"".join(parts)}</svg>'
    )


def _circle(loose: bool) -> str:
    dots = ' stroke-dasharray="1.5 5" stroke-linecap="round"' if loose else ""
    return (
        f'<circle cx="{WIDTH / 2}" cy="{HEIGHT / 2}" r="{RADIUS}" fill="none" stroke="{PAPER["idle"]}" '
        f'stroke-width="2.5"{dots}/>'
    )


def _arc(point: Point, following: Point) -> str:
    """Return the gap behind a point as a thick arc; a single point's gap is the whole circle."""
    span = (following.turn - point.turn) % 1 or 0.9999
    begins = f"{_x(point.turn):.1f} {_y(point.turn):.1f}"
    ends = f"{_x(point.turn + span):.1f} {_y(point.turn + span):.1f}"
    return (
        f'<path d="M{begins}A{RADIUS} {RADIUS} 0 {int(span > 0.5)} 1 {ends}" '
        f'fill="none" stroke="{PAPER["passed"]}" stroke-width="8"/>'
    )


def _point(point: Point, place: tuple[float, float] | None, matched: bool) -> str:
    x, y = _x(point.turn), _y(point.turn)
    fill, size = (PAPER["passed"], 9) if matched else (PAPER["paper"], 5.5)
    text = ""
    if place:
        anchor = "start" if place[0] >= WIDTH / 2 else "end"
        lead = 6 if anchor == "start" else -6
        text = (
            f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{place[0]:.1f}" y2="{place[1]:.1f}" stroke="{PAPER["rim"]}"/>'
            f'<text x="{place[0] + lead:.1f}" y="{place[1] + 4.5:.1f}" text-anchor="{anchor}" fill="{PAPER["ink"]}"'
            f' font-weight="{700 if matched else 400}">{escape(point.label)}</text>'
        )
    name = escape(point.title or point.label)
    return (
        f'<g class="node" data-item="{escape(point.id)}" aria-label="{name}"><title>{name}</title>{text}'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size}" fill="{fill}" stroke="{PAPER["ink"]}" stroke-width="1.8"/></g>'
    )


def _marker(marker: Marker, place: tuple[float, float]) -> str:
    x, y = _x(marker.turn), _y(marker.turn)
    half = len(marker.label) * LETTER / 2 + 5
    edge = place[0] + (half if x >= place[0] else -half)
    return (
        f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{edge:.1f}" y2="{place[1]:.1f}" stroke="{PAPER["forged"]}" '
        f'stroke-width="1.5"/><path d="M{x:.1f} {y - 8:.1f}l8 8l-8 8l-8 -8z" fill="{PAPER["forged-bg"]}" '
        f'stroke="{PAPER["forged"]}" stroke-width="2"/><text x="{place[0]:.1f}" y="{place[1] + 4.5:.1f}" '
        f'text-anchor="middle" fill="{PAPER["forged-ink"]}">{escape(marker.label)}</text>'
    )


def _pairs(points: Sequence[Point]) -> list[tuple[Point, Point]]:
    return list(zip(points, (*points[1:], *points[:1]), strict=True))


def _x(turn: float, radius: float = RADIUS) -> float:
    return WIDTH / 2 + radius * sin(2 * pi * turn)


def _y(turn: float, radius: float = RADIUS) -> float:
    return HEIGHT / 2 - radius * cos(2 * pi * turn)


def _apart(places: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the places moved up or down, each half of the circle by itself, until a line of text fits on each."""
    moved = list(places)
    for right in (True, False):
        half = sorted((y, index) for index, (x, y) in enumerate(places) if (x >= WIDTH / 2) is right)
        lowest: float = -LINE
        ys = [lowest := max(y, lowest + LINE) for y, _ in half]
        over = max(0.0, ys[-1] - (HEIGHT - LINE)) if ys else 0.0
        for (_, index), y in zip(half, ys, strict=True):
            moved[index] = (places[index][0], max(LINE, y - over))
    return moved
