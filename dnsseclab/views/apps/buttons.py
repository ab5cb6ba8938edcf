"""The four buttons of the theatre: what each says and does at a moment, as plain values.

It knows: that exactly one button stands out at any time, and that none is ever disabled, which would lose the focus:
one that has nothing to do rests, and answers with a sentence.
It must not know: widgets.
"""

from dataclasses import dataclass

from .moment import Moment, Phase


@dataclass(frozen=True)
class Look:
    """One button at one moment."""

    label: str
    action: str  # the Theatre method that it calls; of a resting button: the sentence that it answers with
    style: str = ""  # ipywidgets' button_style: 'primary', 'danger' or none
    rests: bool = False


def buttons(moment: Moment) -> tuple[Look, ...]:
    """Return the buttons in their order on the page: two in the tour, four in the lab."""
    return _tour(moment) if moment.beat else _lab(moment)


def _tour(moment: Moment) -> tuple[Look, ...]:
    beat = moment.beat
    assert beat is not None
    match moment.phase:
        case Phase.RACING | Phase.PAUSED:
            return ATTACKING, Look("Stop", "stop", "danger")
        case Phase.BROKEN:
            return BROKEN, Look("Reset", "reset", "primary")
        case Phase.DECIDED if moment.result and moment.result.opened == beat.expected:
            return Look("Attack again", "attack"), Look(beat.onward[0], "onward", "primary")
        case Phase.DECIDED:
            return Look("Attack again", "attack", "primary"), Look(beat.onward[0], "onward")
        case _:
            return Look("Attack", "attack", "primary"), Look(beat.aside[0], "onward")


def _lab(moment: Moment) -> tuple[Look, ...]:
    match moment.phase:
        case Phase.RACING:
            return ATTACKING, _resting("Step"), Look("Stop", "stop", "danger"), _resting("Reset")
        case Phase.PAUSED:
            attack = Look("Run on", "attack", "primary")
            return attack, Look("Step", "step"), Look("Stop", "stop"), Look("Reset", "reset")
        case Phase.BROKEN:
            return BROKEN, Look("Step", BROKEN.action, rests=True), IDLE_STOP, Look("Reset", "reset", "primary")
        case _:
            again = " again" * (moment.phase is Phase.DECIDED)
            return Look(f"Attack{again}", "attack", "primary"), Look("Step", "step"), IDLE_STOP, Look("Reset", "reset")


ATTACKING = Look("Attacking …", "The race is on. Stop ends it.", rests=True)
BROKEN = Look("Attack", "Press Reset first.", rests=True)
IDLE_STOP = Look("Stop", "Nothing is running.", rests=True)


def _resting(label: str) -> Look:
    return Look(label, ATTACKING.action, rests=True)
