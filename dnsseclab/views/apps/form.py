"""The set-up of the lab: which name, which attack, which defences, as controls.

It knows: one control for each field of Setup, and their labels.
It must not know: what the switches do.
"""

from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets

from ...internet.attacks import ATTACKS, VICTIMS
from ...protocol.names import show_name, zone_above
from .moment import Moment
from .switches import value


class Form:
    """Three columns of controls. `on_change` is called with the one field that the learner changed."""

    def __init__(self, on_change: Callable[[Mapping[str, object]], None]) -> None:
        self._on_change = on_change
        self._showing = False  # True while values are set from here: nobody has changed anything then
        attacks = [(attack.label, key) for key, attack in ATTACKS.items()]
        self.controls: dict[str, Any] = {
            "victim": ipywidgets.Dropdown(options=VICTIMS, description="The victim opens"),
            "attack": ipywidgets.Dropdown(options=attacks, description="The attacker"),
            "spoil_every_reply": switch("Spoil every reply, not only the first"),
            "signed": switch(),
            "connected": switch(),
            "random_id": switch("Random ID (16 bits to guess)"),
            "random_port": switch("Random source port (about 16 more)"),
            "mixed_case": switch(),
            "bailiwick_check": switch("Ignore records outside the zone (bailiwick)"),
            "validating": switch("Check signatures (DNSSEC validation)"),
        }
        self.controls["validating"].add_class("dl-major")
        self._heading = ipywidgets.HTML()
        columns = [
            [heading("The attack"), *self._take("victim", "attack", "spoil_every_reply")],
            [self._heading, *self._take("signed", "connected")],
            [heading("The resolver's defences")]
            + self._take("random_id", "random_port", "mixed_case", "bailiwick_check", "validating"),
        ]
        self.box = ipywidgets.Box([ipywidgets.VBox(column) for column in columns])
        self.box.add_class("dl-setup")
        for field, control in self.controls.items():
            control.observe(lambda change, field=field: self._changed(field, change["new"]), "value")

    def _take(self, *names: str) -> list[Any]:
        return [self.controls[name] for name in names]

    def _changed(self, field: str, new: object) -> None:
        if self._showing:
            return
        blind = field == "attack" and not ATTACKS[str(new)].on_path  # and so unable to spoil every reply
        self._on_change({field: new} | ({"spoil_every_reply": False} if blind else {}))

    def show(self, moment: Moment) -> None:
        """Show the set-up of a moment. Nothing can be changed during a race."""
        self._showing = True
        try:
            self._label(moment)
            for field, control in self.controls.items():
                control.value = value(moment.setup, field)
                control.disabled = moment.running
            if not moment.attack.on_path:  # who is blind can't spoil every reply
                self.controls["spoil_every_reply"].disabled = True
        finally:
            self._showing = False

    def _label(self, moment: Moment) -> None:
        zone = moment.setup.zone
        letters = sum(letter.isalpha() for letter in moment.setup.victim)
        self._heading.value = f'<p class="dl-h">{moment.setup.owner.capitalize()}\'s zone</p>'
        self.controls["signed"].description = f"{show_name(zone)} is signed"
        self.controls["connected"].description = f"Its DS is at the parent, {show_name(zone_above(zone))}"
        self.controls["mixed_case"].description = f"Mixed-case name, 0x20 ({letters} more here)"


def heading(text: str) -> ipywidgets.HTML:
    """Return a heading that the notebook's table of contents does not list."""
    return ipywidgets.HTML(f'<p class="dl-h">{text}</p>')


def switch(label: str = "") -> ipywidgets.Checkbox:
    """Return a checkbox that looks like a switch."""
    box = ipywidgets.Checkbox(description=label, indent=False)
    box.add_class("dl-switch")
    return box
