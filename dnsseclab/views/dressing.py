"""Dressing a plain SVG from Graphviz: it gets themes, accessible names, tooltips, and ids of its own.

It knows: how Graphviz writes an SVG, and what a screen reader, a dark page and a script need to find in it.
It must not know: how the graph was made, or what a chain is.
"""

import html
import re

from .palette import FONTS, css
from .picture import Picture

_GROUP = re.compile(r'<g id="(\w+)" class="([\w ]+)">\n<title>.*?</title>', re.S)


def dress(raw: str, picture: Picture, scale: float, uid: str) -> str:
    """Return one self-contained SVG.

    Boxes and the gap become `<g class="node ..." data-item="..." aria-label="...">`, so that a script can make them
    buttons; the gap carries the item that could not be reached.
    """
    box = _view_box(raw)
    wide, high = (round(float(side) * scale) for side in box.split()[2:])
    said = _said(picture)
    body = re.sub(r"<!--.*?-->\n?", "", raw[raw.index("<g id=") :], flags=re.S)
    body = _GROUP.sub(lambda found: _group(found, said), body)
    body = re.sub(r' id="(\w+)"', rf' id="{uid}_\1"', re.sub(r' font-family="[^"]*"', "", body))
    label = html.escape(picture.alt)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chain {picture.status.value}" role="img" aria-label="{label}" '
        f'viewBox="{box}" width="{wide}" height="{high}" style="max-width:100%;height:auto" font-family="{FONTS}">\n'
        f"<desc>{html.escape(picture.twin)}</desc>\n<style>{css()}</style>\n{body.rstrip()}\n"
    )


def drawn_width(raw: str) -> float:
    """Return how wide Graphviz made a picture, in points."""
    return float(_view_box(raw).split()[2])


def _view_box(raw: str) -> str:
    match = re.search(r'viewBox="([^"]+)"', raw)
    if match is None:
        raise ValueError("Graphviz wrote something that is no SVG.")
    return match[1]


def _said(picture: Picture) -> dict[str, tuple[str, str, str]]:
    """Return for each group of the SVG: the item it stands for, its accessible name, its tooltip."""
    said = {f"node_{box.id}": (box.id, box.name, box.tooltip) for box in picture.boxes}
    for arrow in picture.arrows:
        for part in (f"edge_{arrow.step}", f"edge_{arrow.step}_end"):
            said[part] = ("", "", arrow.tooltip)
        if arrow.gap:
            name = f"× {' '.join(arrow.gap)}. First broken link: {arrow.tooltip.splitlines()[0]}"
            said[f"gap_{arrow.step}"] = (arrow.target, name, f"{arrow.tooltip}\n" + "\n".join(arrow.gap))
    return said


def _group(found: re.Match[str], said: dict[str, tuple[str, str, str]]) -> str:
    id, classes = found[1], found[2]
    if id not in said:
        return f'<g id="{id}" class="{classes}">'
    item, name, tooltip = (html.escape(text) for text in said[id])
    spoken = f' data-item="{item}" aria-label="{name}"' if item else ' aria-hidden="true"'
    return f'<g id="{id}" class="{classes}"{spoken}>\n<title>{tooltip}</title>'
