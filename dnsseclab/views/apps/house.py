"""The house: every widget of the theatre, where it belongs, and how it shows a moment.

It knows: widgets and CSS classes. Where things stand on wide and narrow pages is written in the style sheets.
It must not know: what a press means; it passes on the name of the action.
"""

from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets

from .buttons import Look, buttons
from .cache_panel import cache_table
from .evidence import chain_choices, details, graph, story
from .form import Form, heading, switch
from .graph_widget import GraphWidget
from .moment import Moment, Phase, question_line
from .prediction import NOT_SURE, Prediction
from .stage import browser, outcome, race

SIMPLIFICATION = (
    '<p class="dl-empty"><b>Simplification:</b> this browser asks for no certificate. '
    "With HTTPS, a real one would warn before it shows the attacker's page.</p>"
)
CLOCK = (("10 minutes on", 600), ("1 hour on", 3600), ("until the entry expires", None))


class House:
    """All widgets, built once; `root` is the one to display."""

    def __init__(self, press: Callable[[str], None], change: Callable[[Mapping[str, Any]], None]) -> None:
        """Build everything.

        Args:
            press: Called with the name of an action, or with the sentence that a resting button answers.
            change: Called with what the learner changed: a switch, 'prediction', 'chain', 'box' or 'every_packet'.
        """
        self._press, self._change = press, change
        self._showing = False  # True while values are set from here: no learner has changed anything then
        self._looks: tuple[Look, ...] = ()  # of the buttons, as they are now
        self._drawn: tuple[object, ...] = ()  # what the graph shows
        self.picture, self.outcome, self.race = ipywidgets.HTML(), ipywidgets.HTML(), ipywidgets.HTML()
        self.prediction = Prediction()
        self.buttons = [ipywidgets.Button() for _ in range(4)]
        self.form = Form(change)
        self.which = ipywidgets.Dropdown(description="Chain of")
        self.graph = GraphWidget()
        self.details, self.story, self.cache = ipywidgets.HTML(), ipywidgets.HTML(), ipywidgets.HTML()
        self.every_packet = switch("Show every packet")
        self.clock = ipywidgets.Dropdown(options=CLOCK, description="Clock")
        self.clock_buttons = [ipywidgets.Button(), ipywidgets.Button()]
        self._lay_out()
        self._wire()

    def show(self, moment: Moment) -> None:
        """Show a moment. What has not changed is not sent to the browser again."""
        self._showing = True
        try:
            self._show_stage(moment)
            self._show_act(moment)
            self.form.show(moment)
            self._show_evidence(moment)
            for box in (self.form.box, self.clock_row, self.every_packet, self.simplification):
                _hide(box, moment.beat is not None)
        finally:
            self._showing = False

    def _show_stage(self, moment: Moment) -> None:
        self.stage._dom_classes = ("dl-stage", f"dl-is-{moment.opened or 'open'}")
        self.picture.value, self.outcome.value, self.race.value = browser(moment), outcome(moment), race(moment)
        self.graph.busy = moment.phase is Phase.RACING

    def _show_act(self, moment: Moment) -> None:
        ended = moment.beat is not None and moment.phase is Phase.DECIDED and moment.opened == moment.beat.expected
        self.prediction.question_html = question_line(moment)
        self.prediction.choices = [*moment.endings.values(), NOT_SURE]
        self.prediction.choice = moment.prediction
        self.prediction.asking = not ended and moment.phase is not Phase.BROKEN
        self.prediction.locked = moment.running
        self.prediction.note = moment.note
        looks = [*buttons(moment), None, None][:4]
        self._looks = tuple(look for look in looks if look)
        for button, look in zip(self.buttons, looks, strict=True):
            _dress(button, look)
        for button, look in zip(self.clock_buttons, CLOCK_BUTTONS[moment.running], strict=True):
            _dress(button, look)

    def _show_evidence(self, moment: Moment) -> None:
        choices = chain_choices(moment)
        _hide(self.which_row, len(choices) < 2)
        if self.which.options != choices:
            self.which.options = choices
        if choices:
            self.which.value = moment.chain_shown
        self._draw(moment)
        self.graph.chosen = moment.box
        self.details.value, self.cache.value = details(moment), cache_table(moment)
        self.story.value = story(moment, self.every_packet.value)

    def _draw(self, moment: Moment) -> None:
        """Draw the graph, unless it stands there already: a drawing costs more than all the rest."""
        about = (moment.setup, moment.running, moment.chain_shown, moment.result, moment.judged)
        if not self._drawn or any(new is not old for new, old in zip(about, self._drawn, strict=True)):
            self.graph.svg = graph(moment, uid=f"theatre_{self.graph.model_id}")
            self._drawn = about

    def _lay_out(self) -> None:
        self.stage = _box("dl-stage", _classed(self.picture, "dl-pic"), _box("dl-column", self.outcome, self.race))
        act = _box("dl-act", self.prediction, _box("dl-btns", *self.buttons))
        self.which_row = _box("dl-clock dl-which", self.which)
        self.clock_row = _box("dl-clock", self.clock, *self.clock_buttons)
        chain = _box(
            "dl-panel dl-panel-chain dl-column",
            heading("Why believe it? The chain of trust"),
            self.which_row,
            self.graph,
            _classed(self.details, "dl-checks"),
        )
        packets = _box(
            "dl-panel dl-panel-story dl-column",
            heading("What arrived, and what became of it"),
            self.story,
            self.every_packet,
        )
        cache = _box(
            "dl-panel dl-panel-cache dl-column", heading("In the resolver's cache"), self.cache, self.clock_row
        )
        evidence = _box("dl-evidence", chain, _box("dl-column dl-stack", packets, cache))
        self.simplification = ipywidgets.HTML(SIMPLIFICATION)
        self.root = _box("dl-theatre dl-column", self.stage, act, self.form.box, evidence, self.simplification)

    def _wire(self) -> None:
        for place, button in enumerate(self.buttons):
            button.on_click(lambda _, place=place: self._press(self._looks[place].action))
        for button, look in zip(self.clock_buttons, CLOCK_BUTTONS[False], strict=True):
            button.on_click(lambda _, look=look: self._press(look.action))
        self.prediction.observe(lambda _: self._changed(prediction=self.prediction.choice), "chosen")
        self.which.observe(lambda change: self._changed(chain=change["new"]), "value")
        self.every_packet.observe(lambda _: self._changed(every_packet=self.every_packet.value), "value")
        self.graph.observe(lambda change: self._changed(box=change["new"]), "chosen")

    def _changed(self, **what: Any) -> None:
        if not self._showing:
            self._change(what)


CLOCK_BUTTONS = {
    False: (Look("Advance clock", "advance"), Look("Reload page", "reload")),
    True: (Look("Advance clock", "advance", rests=True), Look("Reload page", "reload", rests=True)),
}


def _box(classes: str, *children: ipywidgets.Widget) -> ipywidgets.Box:
    return _classed(ipywidgets.Box(children), *classes.split())


def _classed(widget: ipywidgets.DOMWidget, *classes: str) -> Any:
    for name in classes:
        widget.add_class(name)
    return widget


def _hide(widget: ipywidgets.DOMWidget, hidden: bool) -> None:
    (widget.add_class if hidden else widget.remove_class)("dl-hide")


def _dress(button: ipywidgets.Button, look: Look | None) -> None:
    """Give a button its words and its style. It is never disabled: the focus would be lost."""
    _hide(button, look is None)
    if look is not None:
        button.description, button.button_style = look.label, look.style
        (button.add_class if look.rests else button.remove_class)("dl-rest")
