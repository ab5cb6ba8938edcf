"""`hints`: a short ladder for whoever is stuck, climbed one rung at a time: nudge, method, the same on other data.

It knows: how a ladder looks on a page and in words: each rung lies inside the one before. Plain HTML, as in quiz.py.
It must not know: the solution of the task; the last rung solves another one.
"""

from dataclasses import dataclass

from ...protocol.names import LabError
from .assets import read
from .lesson import RUNGS, load_lesson, markup
from .quiz import unfold


def hints(lesson: str, key: str) -> "Ladder":
    """Offer the hints for one task of a lesson; let it be the last line of a cell.

    Without a mouse: `hints("03", "heal").climb(1)` returns the first rung, `climb(2)` the second.

    Raises:
        LabError: No such lesson, or no hints under that key.
    """
    found = load_lesson(lesson).hints
    if key not in found:
        known = ", ".join(map(repr, found)) or "none"
        raise LabError(f"Lesson {lesson} has no hints {key!r}; it has: {known}.")
    return Ladder(found[key])


@dataclass(frozen=True, repr=False)
class Ladder:
    """Up to three hints, the weakest first."""

    rungs: dict[str, str]

    def climb(self, rung: int) -> str:
        """Return the hint on a rung, from 1.

        Raises:
            LabError: The ladder is not so high.
        """
        if rung not in range(1, len(self.rungs) + 1):
            raise LabError(f"This ladder has no rung {rung!r}: write a number from 1 to {len(self.rungs)}.")
        name, text = list(self.rungs.items())[rung - 1]
        return f"{RUNGS[name]}\n{text}"

    def __repr__(self) -> str:
        return f"Stuck? There are {len(self.rungs)} hints: .climb(1) is a nudge, .climb({len(self.rungs)}) says most."

    def _repr_html_(self) -> str:
        inner = ""
        for number, (name, text) in reversed(list(enumerate(self.rungs.items(), 1))):
            question = "Stuck?" if number == 1 else "Still stuck?"
            inner = unfold(f"{question} {RUNGS[name]} ({number} of {len(self.rungs)})", markup(text) + inner, "rung")
        return f'<style>{read("palette.css", "unfolding.css")}</style><div class="dl-unfolding">{inner}</div>'
