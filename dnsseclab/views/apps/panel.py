"""A panel: controls above, a picture and words below. Turn a control, and what it stands for is computed anew.

It knows: how controls are described, and how values travel to the page and back (panel.js).
It must not know: what anything means. An app hands over one plain function: values in, a View out.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import traitlets

from ...protocol.names import LabError
from .assets import read
from .worded import WordedWidget

_WORDS = {str: "a text in quotation marks", bool: "True or False", int: "a whole number"}


@dataclass(frozen=True)
class Control:
    """One control; the functions below make them."""

    kind: str
    name: str
    label: str
    value: Any = None
    options: tuple[str, ...] = ()
    bounds: tuple[int, int] = (0, 0)


def field(name: str, label: str, value: str) -> Control:
    """Return a field to type into."""
    return Control("text", name, label, value)


def lines(name: str, label: str, value: str) -> Control:
    """Return a field for several lines."""
    return Control("lines", name, label, value)


def choice(name: str, label: str, options: Sequence[str], value: str | None = None) -> Control:
    """Return a choice of one out of several texts."""
    return Control("select", name, label, value or options[0], tuple(options))


def switch(name: str, label: str, value: bool = False) -> Control:
    """Return a box to tick."""
    return Control("checkbox", name, label, value)


def slider(name: str, label: str, bounds: tuple[int, int], value: int) -> Control:
    """Return a whole number between two others."""
    return Control("range", name, label, value, (), bounds)


def button(name: str, label: str) -> Control:
    """Return a button; it has no value, but is passed to the app's `press`."""
    return Control("button", name, label)


@dataclass(frozen=True)
class View:
    """What is to be seen for some values."""

    html: str
    text: str  # the same in words
    said: str = ""  # one sentence that screen readers speak
    item: str | None = None  # the box that is on show, if another one than was asked for


class Panel(WordedWidget):
    """Controls and what comes of them."""

    _esm = read("keyboard.js", "elements.js", "boxes.js", "panel.js")
    _css = read("palette.css", "panel.css")

    title = traitlets.Unicode().tag(sync=True)
    controls: traitlets.List = traitlets.List().tag(sync=True)
    values: traitlets.Dict = traitlets.Dict().tag(sync=True)
    html = traitlets.Unicode().tag(sync=True)
    said = traitlets.Unicode().tag(sync=True)  # spoken by screen readers when it changes

    def __init__(
        self,
        title: str,
        controls: Sequence[Control],
        show: Callable[[Mapping[str, Any]], View],
        press: Callable[[str], None] = lambda name: None,
        item: str | None = None,
    ) -> None:
        """Build it, and show what the first values come to.

        Args:
            show: Values in, {name: value}, and what is to be seen out. A LabError becomes a sentence on the page.
            press: Called with the name of a button, before everything is shown anew.
            item: Which box of the picture is chosen at first, if its boxes can be chosen: a value of that name.
        """
        self._show, self._press, self._settling = show, press, False
        self._known = {control.name: control for control in controls}
        values = {control.name: control.value for control in controls if control.kind != "button"}
        if item is not None:
            values["item"] = item
        super().__init__(title=title, controls=[vars(control) for control in controls], values=values)
        self.text = ""
        self._refresh()
        self.observe(self._changed, "values")
        self.on_msg(lambda widget, content, buffers: self._pressed(content))

    def set(self, **values: Any) -> "Panel":
        """Turn controls, by name; it returns the panel, so `print(panel.set(...))` says what came of it.

        Raises:
            LabError: There is no such control, or it doesn't take that value.
        """
        for name, value in values.items():
            self._check(name, value)
        self.values = {**self.values, **values}
        return self

    def press(self, name: str) -> "Panel":
        """Press a button, by name.

        Raises:
            LabError: There is no such button, or it cannot be pressed now.
        """
        if name not in self._known or self._known[name].kind != "button":
            raise LabError(f"There is no button {name!r} here; there is: {self._names('button')}.")
        self._press(name)
        self._settle("")
        self._refresh()
        return self

    def _check(self, name: str, value: Any) -> None:
        if name == "item" and "item" in self.values:
            return
        control = self._known.get(name)
        if control is None or control.kind == "button":
            raise LabError(f"There is no control {name!r} here; there is: {', '.join(self.values)}.")
        if control.options and value not in control.options:
            raise LabError(f"{name} can't be {value!r}: choose one of {', '.join(control.options)}.")
        if type(value) is not type(control.value):
            raise LabError(f"{name} can't be {value!r}: give it {_WORDS[type(control.value)]}.")
        low, high = control.bounds
        if control.kind == "range" and not low <= value <= high:
            raise LabError(f"{name} can't be {value}: choose a number from {low} to {high}.")

    def _names(self, kind: str) -> str:
        return ", ".join(repr(name) for name, control in self._known.items() if control.kind == kind) or "none"

    def _pressed(self, content: Mapping[str, Any]) -> None:
        """Do what a press in the browser asks for; a slip becomes a sentence on the page."""
        try:
            self.press(content["press"])
        except LabError as slip:
            self._refuse(slip)

    def _changed(self, change: Mapping[str, Any]) -> None:
        """Show what the values come to now. Another question gives another picture: its boxes are chosen anew."""
        if self._settling:
            return
        if change["old"].get("item") == change["new"].get("item"):
            self._settle("")
        self._refresh()

    def _settle(self, item: str) -> None:
        """Note which box is on show; nothing is to be computed for it."""
        if self.values.get("item", item) != item:
            self._settling = True
            self.values = {**self.values, "item": item}
            self._settling = False

    def _refresh(self) -> None:
        try:
            view = self._show(self.values)
        except LabError as slip:
            self._refuse(slip)
        else:
            if view.item is not None:
                self._settle(view.item)
            self.html, self.text, self.said = view.html, view.text, view.said

    def _refuse(self, slip: LabError) -> None:
        self.html, self.text, self.said = f'<p class="dl-slip">{escape(str(slip))}</p>', str(slip), str(slip)

    def __repr__(self) -> str:
        return f"{self.title}\n{self.text}"
