"""The points so far, in a small file in the learner's own folder.

It knows: the file `my_progress.json`: who the learner is, and the best result of each exercise.
It must not know: grades. Nobody reads this file for one, so a learner who edits it fools nobody else.

A class gets the file handed out with the identifier in it. Who learns alone gets a drawn one without being asked.
"""

import json
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from .verdicts import Verdict

FILE = "my_progress.json"


@dataclass(frozen=True)
class Book:
    """Who the learner is, and the best result of each exercise as (points, out of)."""

    learner: str
    best: dict[str, tuple[int, int]] = field(default_factory=dict)


def read(folder: Path | None = None) -> Book:
    """Return the book in `folder` (where the notebook is); a missing or broken one is begun anew."""
    path = (folder or Path.cwd()) / FILE
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        best = {str(name): (int(won), int(of)) for name, (won, of) in data["best"].items()}
        return Book(str(data["learner"]), best)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return write(Book(secrets.token_hex(8)), folder)


def write(book: Book, folder: Path | None = None) -> Book:
    """Write the book if the folder lets us; without it the exercises work as well, only nothing is remembered."""
    text = json.dumps({"learner": book.learner, "best": book.best}, indent=1)
    try:
        ((folder or Path.cwd()) / FILE).write_text(text + "\n", encoding="utf-8")
    except OSError:
        pass
    return book


def keep(book: Book, verdict: Verdict) -> Book:
    """Enter a result if it is the best so far, and return the book."""
    before = book.best.get(verdict.exercise, (0, 0))[0]
    result = (max(before, verdict.points), verdict.out_of)
    return write(Book(book.learner, {**book.best, verdict.exercise: result}))
