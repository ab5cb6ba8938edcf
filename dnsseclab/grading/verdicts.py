"""What came of asking: a mismatch, a criterion's finding, an exercise's verdict. Pure data.

It knows: what is said about a learner's code.
It must not know: how it was asked, or how it is shown.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Mismatch:
    """What was called, what came back, what was expected, why (with its RFC section), and the next step."""

    called: str
    actual: str
    expected: str
    why: str
    next_step: str
    is_answer: bool = True  # `expected` gives an answer away: shown for a learner's own data, never for the grader's
    written: bool = True  # False: nobody has begun to write the function, which is no mistake

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
    remarks: tuple[str, ...] = ()  # about the notebook: a cell that failed, a second copy

    @property
    def points(self) -> int:
        """Return the points won."""
        return sum(finding.points for finding in self.findings)

    @property
    def out_of(self) -> int:
        """Return the points that there were to win."""
        return sum(finding.out_of for finding in self.findings)

    @property
    def tried(self) -> bool:
        """Return whether there was a function to ask."""
        return any(finding.mismatch is None or finding.mismatch.written for finding in self.findings)

    @property
    def crashed(self) -> bool:
        """Return whether the judge failed, so that nothing is known."""
        return any(finding.crash for finding in self.findings)

    @property
    def solved(self) -> bool:
        """Return whether every criterion is met."""
        return all(finding.met for finding in self.findings)


@dataclass(frozen=True)
class Grade:
    """What came of one learner's submission: a verdict for each exercise, and remarks about the whole."""

    identifier: str
    verdicts: tuple[Verdict, ...]
    remarks: tuple[str, ...] = ()

    @property
    def points(self) -> int:
        """Return the points won."""
        return sum(verdict.points for verdict in self.verdicts)

    @property
    def out_of(self) -> int:
        """Return the points that there were to win."""
        return sum(verdict.out_of for verdict in self.verdicts)

    @property
    def crashed(self) -> bool:
        """Return whether the judge failed in an exercise, so that the sum says nothing."""
        return any(verdict.crashed for verdict in self.verdicts)


def from_data(data: dict[str, Any]) -> Grade:
    """Return the grade that JSON has made of itself: `json.dumps(grade, default=vars)`."""
    verdicts = (_verdict(each) for each in data["verdicts"])
    return Grade(data["identifier"], tuple(verdicts), tuple(data["remarks"]))


def _verdict(data: dict[str, Any]) -> Verdict:
    findings = (Finding(**{**each, "mismatch": _mismatch(each["mismatch"])}) for each in data["findings"])
    return Verdict(data["exercise"], data["title"], tuple(findings), tuple(data["remarks"]))


def _mismatch(data: dict[str, Any] | None) -> Mismatch | None:
    return None if data is None else Mismatch(**data)
