"""Moment: everything that the attack theatre shows at one time. Each panel is a function of it.

It knows: the phase of the play, and the values that the scene has handed out so far.
It must not know: widgets, or how to reach a verdict.
"""

from dataclasses import dataclass
from enum import Enum
from html import escape

from ...internet.attack import ATTACKS, Attack, Progress, Result, Scene, Setup
from ...protocol.trust import ChainOfTrust
from .performance import Performance
from .tour import Beat


class Phase(Enum):
    """Where the play stands."""

    READY = "ready"
    RACING = "racing"
    PAUSED = "paused"  # stepping
    DECIDED = "decided"
    STOPPED = "stopped"  # by Stop, or by interrupting the kernel
    BROKEN = "broken"  # by a mistake of ours


@dataclass
class Moment:
    """What is on show."""

    scene: Scene
    phase: Phase = Phase.READY
    beat: Beat | None = None  # None: the lab
    prediction: str | None = None
    note: str = ""  # one sentence below the question: a nudge, or why a set-up is impossible
    performance: Performance | None = None  # the race that is on, or was the last one
    result: Result | None = None
    judged: Result | None = None  # whose chains are on show: of what comes from the cache, the result that stored it
    chain_shown: int = 0  # its place among the chains of `judged`
    box: str = ""  # the chosen box of the graph
    trouble: str = ""  # the type of the exception that broke the play

    @property
    def setup(self) -> Setup:
        """Return the set-up of the world that is on show."""
        return self.scene.setup

    @property
    def attack(self) -> Attack:
        """Return the attack that is set up."""
        return ATTACKS[self.setup.attack]

    @property
    def endings(self) -> dict[str, str]:
        """Return what the browser may open, in the engine's word and in the learner's."""
        return {"bank": self.setup.owner, "attacker": "the attacker's page", "error": "an error page"}

    @property
    def opened(self) -> str:
        """Return what the browser opened: 'bank', 'attacker' or 'error'; '' if nothing yet."""
        return self.result.opened if self.result and self.phase is Phase.DECIDED else ""

    @property
    def running(self) -> bool:
        """Return whether a race is on, be it moving or paused."""
        return self.phase in (Phase.RACING, Phase.PAUSED)

    @property
    def chain(self) -> ChainOfTrust | None:
        """Return the chain of trust on show, or None if nothing was validated."""
        return self.judged.chains[self.chain_shown] if self.judged and self.judged.chains else None

    @property
    def progress(self) -> Progress | None:
        """Return how far the race has come."""
        return self.performance.progress if self.performance else None

    @property
    def forged_sent(self) -> int:
        """Return how many forged replies were sent so far."""
        return self.progress.forged_sent if self.progress else 0


def question_line(moment: Moment) -> str:
    """Return the line above the choices, in HTML: what to predict, what was predicted, or what comes next."""
    match moment.phase:
        case Phase.RACING | Phase.PAUSED:
            return f"<b>You predicted:</b> {escape(moment.prediction or 'nothing')}. {escape(set_up(moment))}"
        case Phase.BROKEN:
            return "<b>Reset</b> starts anew."
        case Phase.DECIDED if moment.beat and moment.opened == moment.beat.expected:
            return moment.beat.then
        case Phase.DECIDED if moment.beat:
            return "<b>Luck decides, and not this time.</b> Attack again: the dice fall differently."
        case Phase.DECIDED if moment.prediction:
            return "<b>Your prediction for this set-up.</b> Change a switch to predict again, or attack once more."
    return f"<b>Predict first.</b> {escape(set_up(moment))} What will the browser open?"


def set_up(moment: Moment) -> str:
    """Return the set-up in words: 'Attack: guess all 65,536 IDs. DNSSEC: off.'"""
    if moment.beat:
        return moment.beat.ask
    attack = moment.attack.label.replace("Blind: ", "Attack: ", 1) + ", every reply" * moment.setup.spoil_every_reply
    return f"{attack}. DNSSEC: {_dnssec(moment.setup)}."


def _dnssec(setup: Setup) -> str:
    """Return how far DNSSEC is in use: 'on', 'off', or which of its three parts are there."""
    parts = (setup.signed, setup.connected, setup.validating)
    if all(parts) or not any(parts):
        return "on" if all(parts) else "off"
    words = (
        ("signed", "not signed"),
        ("DS at the parent", "no DS"),
        ("the resolver checks", "the resolver doesn't check"),
    )
    return ", ".join(word[not part] for word, part in zip(words, parts, strict=True))
