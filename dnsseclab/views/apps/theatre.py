"""The attack theatre: choose an attack and the defences, predict, attack, and see what the browser opened and why.

It knows: what each press does to the play; the tour's way through its beats; how fast a race is shown.
It must not know: verdicts, HTML, or where anything stands on the page. Everything it shows is a value of the scene,
and everything that it can do is a method, so that tests and notebooks need no mouse.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Literal

from ...internet.attack import Result, Scene, Setup
from ...protocol.dnssec import show_moment
from ...protocol.names import LabError
from .evidence import first_box, first_chain
from .house import House
from .moment import Moment, Phase
from .pacing import play_live
from .performance import Performance
from .saved_page import page, words
from .switches import changed
from .tour import BEATS, FIRST, LAB

NUDGE = "Choose what you think will happen first; “not sure yet” is fine."
BUSY = "The race is on. Stop ends it."


def attack_theatre(mode: Literal["tour", "lab"] = "tour", **setup: Any) -> "Theatre":
    """Open the attack theatre; let it be the last line of a cell.

    Args:
        mode: 'tour' leads through three attacks; in the 'lab' every attack and every defence can be chosen.
        setup: What to begin with: fields of Setup, and of Defences, for example `attack="kaminsky", random_port=True`.
    Raises:
        LabError: No such mode or field, or a combination that cannot be.
    """
    if mode not in ("tour", "lab"):
        raise LabError(f"The theatre has a tour and a lab, but no {mode!r}: write 'tour' or 'lab'.")
    return Theatre(mode, changed(Setup(), setup))


class Theatre:
    """The play and its house. Each method does what the press of a button does."""

    def __init__(self, mode: str, setup: Setup, make_scene: Callable[[Setup], Scene] = Scene) -> None:
        self.moment: Moment
        self._make_scene = make_scene
        self._task: asyncio.Task[None] | None = None  # kept, or it might be collected while it runs
        self._beat = FIRST if mode == "tour" else LAB
        if self._beat != LAB:
            setup = changed(setup, BEATS[self._beat].setup)
        self.house = House(self._press, self._change)
        self._open(setup)

    @property
    def scene(self) -> Scene:
        """Return the scene on show: its world, network, resolver and clock."""
        return self.moment.scene

    @property
    def result(self) -> Result | None:
        """Return what the last attack or reload came to."""
        return self.moment.result

    # --- what the learner may do

    def predict(self, choice: str | None) -> None:
        """Record what the learner thinks the browser will open: 'the bank', 'an error page', 'not sure yet', ..."""
        self.house.prediction.choice = choice  # the house hears of it, as it does of a click

    def choose(self, **changes: Any) -> None:
        """Change the set-up: fields of Setup and Defences, by name. A new world is built for it; a tour ends here.

        Raises:
            LabError: An impossible combination, or a race is on. The world stays as it is.
        """
        self._need_rest()
        setup = changed(self.moment.setup, changes)
        self._beat = LAB
        self._open(setup)

    def attack(self) -> None:
        """Start the race, or let a paused one run on. In a kernel it is shown as it goes, and this returns at once."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # no kernel around us: nobody could press Stop anyway
            self.play()
            return
        self._begin(Phase.RACING)
        self._task = loop.create_task(self._race())

    def play(self) -> Result:
        """Attack, or let a paused race run on, and return the result. Nothing is slowed down."""
        performance = self._begin(Phase.RACING)
        try:
            while not performance.over:
                performance.play_on()
        except BaseException:  # above all a kernel interrupt: the world must be whole before anybody hears of it
            self.stop()
            raise
        return self._decide(performance)

    def step(self) -> None:
        """Play one event of the race, and pause."""
        performance = self._begin(Phase.PAUSED)
        performance.step()
        if performance.over:
            self._decide(performance)
        self._show()

    def stop(self) -> None:
        """Give the race up; the cache is as it was before."""
        if not self.moment.running or self.moment.performance is None:
            return
        self.moment.performance.close()
        self.moment.phase = Phase.STOPPED
        self._say("The race was stopped.")
        self._show()

    def reset(self) -> None:
        """Build the same world anew, with an empty cache and the first seed."""
        self.stop()
        self._open(self.moment.setup)

    def reload(self) -> Result:
        """Let the victim open the page again while the attacker is silent: does the poison last?"""
        self._need_rest()
        return self._end(self.scene.reload())

    def advance(self, seconds: float | None = None) -> None:
        """Let time pass on the scene's clock: so many seconds, or until the victim's entry has left the cache."""
        self._need_rest()
        self.scene.until_expiry() if seconds is None else self.scene.advance(seconds)
        self._say(f"It is {show_moment(int(self.scene.clock()))} now.")
        self._show()

    def onward(self) -> None:
        """Do what the tour's second button says: to the next set-up, or to another one beside the way."""
        self._need_rest()
        if (beat := self.moment.beat) is None:
            raise LabError("The tour is over: in the lab you choose what comes next.")
        self._beat = (beat.onward if self.moment.phase is Phase.DECIDED else beat.aside)[1]
        if self._beat == LAB:
            self.moment.beat = None
            self._show()
        else:
            self._open(changed(self.moment.setup, BEATS[self._beat].setup))

    # --- presses

    def _press(self, action: str) -> None:
        """Do what a button asks; of a resting one, `action` is the sentence that it answers."""
        actions: dict[str, Callable[[], object]] = {
            "attack": self._predicted(self.attack),
            "step": self._predicted(self.step),
            "stop": self.stop,
            "reset": self.reset,
            "onward": self.onward,
            "reload": self.reload,
            "advance": lambda: self.advance(self.house.clock.value),
        }
        self._guarded(actions.get(action, lambda: self._note(action)))

    def _predicted(self, act: Callable[[], object]) -> Callable[[], object]:
        """Return the act, or a nudge in its place: who attacks by hand predicts first."""
        return act if self.moment.prediction is not None else lambda: self._note(NUDGE)

    def _change(self, what: Mapping[str, Any]) -> None:
        """Take in what the learner changed beside the buttons."""
        if "prediction" in what:
            self.moment.prediction, self.moment.note = what["prediction"], ""
        elif "chain" in what:
            self.moment.chain_shown = what["chain"]
            self.moment.box = first_box(self.moment)
        elif "box" in what:
            self.moment.box = what["box"]
        elif "every_packet" not in what:
            self._guarded(lambda: self.choose(**what))
        self._show()

    def _guarded(self, act: Callable[[], object]) -> None:
        """Turn a slip of the learner, or a mistake of ours, into a sentence: no traceback reaches the page."""
        self.moment.note = ""
        try:
            act()
        except LabError as error:
            self._note(str(error))
        except Exception as error:
            self._break(error)

    # --- the race

    async def _race(self) -> None:
        """Play the race beside everything else that the kernel does."""
        moment, performance = self.moment, self.moment.performance
        assert performance is not None

        halves_shown: set[bool] = set()  # whether the first and the second half of the race were on show

        def goes_on() -> bool:
            return self.moment is moment and moment.phase is Phase.RACING

        def show() -> None:
            half = performance.share >= 0.5
            if half:
                self._say("Half of the forged replies are sent.")
            if not (self.house.graph.reduced_motion and half in halves_shown):
                self._show()
            halves_shown.add(half)

        try:
            if await play_live(performance, goes_on=goes_on, show=show, stop=self.stop):
                self._decide(performance)
        except Exception as error:
            self._break(error)

    def _begin(self, phase: Phase) -> Performance:
        """Return the paused performance, or a new one from an empty cache."""
        if self.moment.phase is Phase.RACING:
            raise LabError(BUSY)
        if self.moment.phase is not Phase.PAUSED or self.moment.performance is None:
            self.moment = self._at_rest(performance=Performance(self.scene))
            self._say("Race started.")
        self.moment.phase = phase
        assert self.moment.performance is not None
        return self.moment.performance

    def _decide(self, performance: Performance) -> Result:
        assert performance.result is not None
        return self._end(performance.result)

    def _end(self, result: Result) -> Result:
        """Show what an attack, or a reload, came to."""
        judged = (self.moment.judged if result.outcome.from_cache and not result.chains else None) or result
        self.moment = self._at_rest(phase=Phase.DECIDED, result=result, judged=judged, chain_shown=first_chain(judged))
        self.moment.box = first_box(self.moment)
        self._say(f"The browser opened: {result.headline}. {result.why}")
        self._show()
        return result

    def _break(self, error: Exception) -> None:
        """Show that we made a mistake; its traceback goes to the kernel's log."""
        self.house.graph.log.error("The attack theatre broke.", exc_info=error)
        if self.moment.performance:
            self.moment.performance.close()
        self.moment = self._at_rest(phase=Phase.BROKEN, trouble=type(error).__name__)
        self._say("Something in the theatre itself went wrong.")
        self._show()

    # --- helpers

    def _open(self, setup: Setup) -> None:
        """Raise the curtain on a new world; nothing has happened in it, and nothing was predicted for it."""
        self.moment = Moment(self._make_scene(setup), beat=BEATS.get(self._beat))
        self._show()

    def _at_rest(self, **what: Any) -> Moment:
        """Return a moment in the same world that keeps the prediction and forgets the rest."""
        return Moment(self.scene, beat=self.moment.beat, prediction=self.moment.prediction, **what)

    def _need_rest(self) -> None:
        if self.moment.running:
            raise LabError(BUSY)

    def _note(self, sentence: str) -> None:
        """Say one sentence below the question: written, and spoken by screen readers."""
        self.moment.note = sentence
        self._show()

    def _say(self, sentence: str) -> None:
        """Speak to screen readers; on the page it stands elsewhere already."""
        self.house.graph.said = sentence

    def _show(self) -> None:
        self.house.show(self.moment)

    def __repr__(self) -> str:
        return words(self.moment)

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the live widget, and what a page without widgets shows in its place."""
        live = self.house.root._repr_mimebundle_(**kwargs) or {}
        return {**live, "text/plain": words(self.moment), "text/html": page(self.moment)}, {}
