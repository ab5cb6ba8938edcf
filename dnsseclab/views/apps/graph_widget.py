"""The graph as a widget: SVG in, the chosen box out; and what the theatre around it needs from the browser.

It knows: the traits that Python and JavaScript share. What they do stands in graph_widget.js.
It must not know: chains, or what a box means.
"""

import anywidget
import traitlets

from .assets import read


class GraphWidget(anywidget.AnyWidget):
    """A picture whose boxes can be chosen with the mouse and the keyboard."""

    _esm = read("keyboard.js", "boxes.js", "graph_widget.js")
    _css = read("palette.css", "theatre.css", "evidence.css")

    svg = traitlets.Unicode().tag(sync=True)
    chosen = traitlets.Unicode().tag(sync=True)  # the `data-item` of a box; set by the browser as well
    said = traitlets.Unicode().tag(sync=True)  # spoken by screen readers when it changes
    busy = traitlets.Bool(False).tag(sync=True)
    reduced_motion = traitlets.Bool(False).tag(sync=True)  # set by the browser: the learner wants things to keep still
