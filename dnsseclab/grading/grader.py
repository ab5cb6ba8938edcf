"""Grading one submission: a function of what was handed in, who it belongs to, the class secret and the exercises.

It knows: how the sandbox is asked what the criteria want to know.
It must not know: the class, files to write, the clock. So it can run anywhere, in any order, and again next year.
"""

from collections.abc import Mapping

from . import catalogue
from .criteria import Exercise, judge
from .sandbox import Limits, Sandbox
from .seeds import asked_of, shown_to
from .verdicts import Finding, Grade, Mismatch, Verdict
from .walls import Walls


def grade(
    files: Mapping[str, bytes],
    identifier: str,
    secret: bytes,
    *,
    exercises: list[str] | None = None,
    remarks: tuple[str, ...] = (),
    walls: Walls | None = None,
    limits: Limits | None = None,
) -> Grade:
    """Return what comes of one submission.

    Args:
        files: Its notebooks; they have been read, so the questions are made after it was handed in.
        identifier: Whose it is, by the roster. What the submission says of itself does not count.
        exercises: Names of exercises; all if None.
        remarks: Sentences about what could not be read.
    """
    with Sandbox(files, walls, limits) as sandbox:
        verdicts = [
            grade_exercise(sandbox, name, identifier, secret) if files else nothing(name, catalogue.exercise(name))
            for name in exercises or catalogue.names()
        ]
    return Grade(identifier, tuple(verdicts), remarks)


def grade_exercise(sandbox: Sandbox, name: str, identifier: str, secret: bytes) -> Verdict:
    """Return what comes of one exercise of a submission that is in the sandbox.

    Whatever is missed in a process that other exercises have been in is asked once more in a process of its own: so
    each exercise counts as in a notebook of its own, and only those that are not solved cost a new process.
    """
    verdict, is_certain = _judged(sandbox, name, identifier, secret)
    return verdict if is_certain else _judged(sandbox, name, identifier, secret, alone=True)[0]


def _judged(sandbox: Sandbox, name: str, identifier: str, secret: bytes, alone: bool = False) -> tuple[Verdict, bool]:
    """Return a verdict, and whether no other exercise can have spoiled it."""
    exercise, shown = catalogue.exercise(name), shown_to(identifier, name)
    material = exercise.material(shown.within("material")) if exercise.material else []
    asking = sandbox.exercise(name, exercise.functions, material, alone)
    try:
        verdict = judge(name, exercise, asking, shown, asked_of(identifier, name, secret))
    finally:
        asking.close()
    verdict = Verdict(name, verdict.title, verdict.findings, tuple(asking.remarks))
    return verdict, verdict.solved or asking.is_first


def nothing(name: str, exercise: Exercise) -> Verdict:
    """Return the verdict on an exercise that was not handed in."""
    missing = Mismatch(
        "", "No notebook was handed in.", "", "", f"Hand in {name}.ipynb.", is_answer=False, written=False
    )
    findings = (Finding(each.key, each.sentence, 0, each.points, missing) for each in exercise.criteria)
    return Verdict(name, exercise.title, tuple(findings))
