"""What nbgrader needs: its folders, filled, and our grades in its gradebook.

It knows: nbgrader's folders, its gradebook's interface, and the one graded cell that each of our notebooks has.
It must not know: how anything is graded. nbgrader is imported only where its gradebook is written to.
"""

import os
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from dnsseclab.protocol.names import LabError

from . import catalogue
from .collecting import Entry, read
from .naming import file_name
from .verdicts import Grade, Verdict

ASSIGNMENT = "dnsseclab"
GRADED_CELL = "points"  # its grade_id, in every notebook
CONFIGURATION = '''\
"""nbgrader's configuration of this course. What you write below the last line is yours."""

import os

os.environ.setdefault("DNSSECLAB_EXERCISES", {exercises!r})
load_subconfig({shared!r})
c = get_config()
'''


def assemble(folder: Path, entries: Iterable[Entry] = ()) -> list[str]:
    """Make a course of nbgrader's in `folder`: the assignment's source and, if there are any, the submissions.

    Returns:
        Remarks about what could not be put there.
    Raises:
        LabError: There is such a course already: nothing is overwritten.
    """
    source = folder / "source" / ASSIGNMENT
    for path in (source, folder / "submitted", folder / "nbgrader_config.py"):
        if path.exists():
            raise LabError(f"{path} is there already: choose another folder, or move it away.")
    exercises = catalogue.folder()
    source.mkdir(parents=True)
    for name in catalogue.names():
        shutil.copyfile(exercises / f"{name}.ipynb", source / f"{name}.ipynb")
    shared = Path(__file__).resolve().parents[2] / "exercises" / "nbgrader" / "nbgrader_config.py"
    text = CONFIGURATION.format(exercises=str(exercises), shared=str(shared))
    (folder / "nbgrader_config.py").write_text(text, encoding="utf-8")
    return [remark for entry in entries for remark in _submit(entry, folder / "submitted")]


def _submit(entry: Entry, submitted: Path) -> list[str]:
    """Put one learner's notebooks where nbgrader looks for them: flat, by the exercise's name."""
    if entry.path is None:
        return [f"{entry.identifier}: {entry.remark}"]
    if file_name(entry.identifier) != entry.identifier:
        return [f"{entry.identifier} cannot be the name of a folder, which nbgrader needs: left out."]
    place = submitted / entry.identifier / ASSIGNMENT
    place.mkdir(parents=True)
    found: set[str] = set()
    submission = read(entry.path)
    for path, content in sorted(submission.files.items()):
        name = path.rpartition("/")[2]
        if name.removesuffix(".ipynb") in set(catalogue.names()) - found:
            found.add(name.removesuffix(".ipynb"))
            (place / name).write_bytes(content)
    return [f"{entry.identifier}: {remark}" for remark in submission.remarks]


class Gradebook:
    """nbgrader's gradebook, to write our grades into. nbgrader's later steps go on from there."""

    def __init__(self, where: str) -> None:
        """Open it, or make a new one.

        Args:
            where: A file, or an address of a database, as in nbgrader's own option `--db`.
        Raises:
            LabError: nbgrader is not installed in this Python, or the gradebook cannot be opened.
        """
        try:
            from nbgrader.api import Gradebook as Book
        except ImportError:
            raise LabError(
                "To write to a gradebook of nbgrader, run this in an environment that has it: "
                "pip install -r exercises/nbgrader/requirements.txt"
            ) from None
        if "://" not in where and not Path(where).absolute().parent.is_dir():
            raise LabError(f"There is no folder {Path(where).parent} for the gradebook: make it first.")
        # It starts the program `alembic`, which lies beside this Python, also if the environment is not activated.
        os.environ["PATH"] = os.pathsep.join([os.environ.get("PATH", os.defpath), str(Path(sys.executable).parent)])
        self._book: Any = Book(where if "://" in where else f"sqlite:///{Path(where).absolute()}")
        self._book.update_or_create_assignment(ASSIGNMENT)
        for name in catalogue.names():
            self._book.update_or_create_notebook(name, ASSIGNMENT)
            cell = {"max_score": catalogue.exercise(name).points, "cell_type": "code"}
            self._book.update_or_create_grade_cell(GRADED_CELL, name, ASSIGNMENT, **cell)

    def __enter__(self) -> "Gradebook":
        return self

    def __exit__(self, *_: object) -> None:
        self._book.close()

    def enter(self, grade: Grade, name: str) -> None:
        """Enter one learner's points; what a check of ours failed at is marked as to be graded by hand."""
        known = {"first_name": name} if name else {}
        self._book.update_or_create_student(grade.identifier, **known)
        self._book.update_or_create_submission(ASSIGNMENT, grade.identifier)
        for verdict in grade.verdicts:
            self._enter(grade.identifier, verdict)
        self._book.db.commit()

    def _enter(self, identifier: str, verdict: Verdict) -> None:
        entered = self._book.find_grade(GRADED_CELL, verdict.exercise, ASSIGNMENT, identifier)
        entered.auto_score = None if verdict.crashed else verdict.points
        entered.needs_manual_grade = verdict.crashed
