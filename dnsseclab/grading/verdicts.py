"""What came of asking: a mismatch, a criterion's finding, an exercise's verdict. Pure data.

It knows: what is said about a learner's code.
It must not know: how it was asked, or how it is shown.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mismatch:
    """What was called, what came back, what was expected, why (with its RFC section), and the next step."""

    called: str
    actual: str
    expected: str
    why: str
    next_step: str
    is_answer: bool = True  # `expected` gives an answer away: shown for a learner's own data, never for the grader's

    def without_answer(self) -> "Mismatch":
        """Return the same, safe to hand out when the question was the grader's."""
        if not self.is_answer:
            return self
        hidden = "something else (the grader's own questions are not given away: check() asks similar ones)"
        return Mismatch(self.called, self.actual, hidden, self.why, self.next_step, False)


@dataclass(frozen=True)
class Finding:
    """What came of one criterion. A crash is the judge's own: neither met nor missed."""

    key: str
    sentence: str
    points: int
    out_of: int
    mismatch: Mismatch | None = None
    crash: str = ""

    @property
    def met(self) -> bool:
        """Return whether the criterion is met."""
        return self.mismatch is None and not self.crash


@dataclass(frozen=True)
class Verdict:
    """What came of one exercise."""

    exercise: str
    title: str
    findings: tuple[Finding, ...]

    @property
    def points(self) -> int:
        """Return the points won."""
        return sum(finding.points for finding in self.findings)

    @property
    def out_of(self) -> int:
        """Return the points that there were to win."""
        return sum(finding.out_of for finding in self.findings)

    @property
    def solved(self) -> bool:
        """Return whether every criterion is met."""
        return all(finding.met for finding in self.findings)
