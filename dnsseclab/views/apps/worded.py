"""A widget that has a twin in words, for pages without widgets: a saved notebook, a terminal.

It knows: that `repr` says in words what the widget shows. It must not know what any widget shows.
"""

from html import escape
from typing import Any

import anywidget


class WordedWidget(anywidget.AnyWidget):
    """A live widget, with its words in its place where there is no kernel."""

    def saved_page(self) -> str:
        """Return what a page without widgets shows, as HTML."""
        return f"<pre>{escape(repr(self))}</pre>"

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict, dict]:
        bundle, metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
        return {**bundle, "text/plain": repr(self), "text/html": self.saved_page()}, metadata
