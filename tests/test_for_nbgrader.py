"""nbgrader's own commands work on the course that we assemble for it, and come to the same points as ours."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import committed
import pytest

import exercises
from dnsseclab.grading import catalogue
from dnsseclab.grading.__main__ import main

SCORES = """
    SELECT submitted_assignment.student_id, notebook.name, grade.auto_score, grade.needs_manual_grade
    FROM grade JOIN submitted_notebook ON grade.notebook_id = submitted_notebook.id
    JOIN submitted_assignment ON submitted_notebook.assignment_id = submitted_assignment.id
    JOIN notebook ON submitted_notebook.notebook_id = notebook.id
"""
HALF_SOLVED = {
    "key_tag": "def key_tag(rdata):\n    total = sum(rdata[::2]) * 256 + sum(rdata[1::2])\n"
    "    return (total + (total >> 16)) & 0xFFFF"
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("06_key_tag", "11_rollover"):
        hand_in("alice", name, exercises.submitted(name))
        hand_in("zoe", name, exercises.submitted(name, **exercises.stubs(name)))
    hand_in("李雷", "06_key_tag", exercises.submitted("06_key_tag", **HALF_SOLVED))
    return tmp_path


def hand_in(identifier: str, name: str, content: bytes) -> None:
    path = Path("submissions", identifier, f"{name}.ipynb")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    (path.parent / "my_progress.json").write_text(json.dumps({"learner": "somebody else", "best": {}}))


def test_course_holds_every_exercise_and_each_submission_where_nbgrader_looks(here: Path) -> None:
    assert main(["submissions", "--nbgrader", "course"]) == 0
    source = {path.stem for path in Path("course/source/dnsseclab").iterdir()}
    assert source == set(catalogue.names())
    assert {path.as_posix() for path in Path("course/submitted").rglob("*.ipynb")} == {
        "course/submitted/alice/dnsseclab/06_key_tag.ipynb",
        "course/submitted/alice/dnsseclab/11_rollover.ipynb",
        "course/submitted/zoe/dnsseclab/06_key_tag.ipynb",
        "course/submitted/zoe/dnsseclab/11_rollover.ipynb",
        "course/submitted/李雷/dnsseclab/06_key_tag.ipynb",
    }


def test_course_that_is_there_is_not_overwritten(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--nbgrader", "course"]) == 0
    assert main(["--nbgrader", "course"]) == 2
    assert "is there already" in capsys.readouterr().err


def test_identifier_that_is_no_folder_name_gets_a_sentence(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hand_in("<b>mallory", "06_key_tag", b"{}")
    assert main(["submissions", "--nbgrader", "course"]) == 0
    assert "<b>mallory cannot be the name of a folder" in capsys.readouterr().err
    assert len(list(Path("course/submitted").iterdir())) == 3


@pytest.mark.slow
def test_nbgrader_and_our_grader_come_to_the_same_points(here: Path, skip_for_want_of: Callable[[str], None]) -> None:
    found = shutil.which("nbgrader")
    if found is None:
        skip_for_want_of("nbgrader is not on PATH (exercises/README.md says how it is installed)")
    nbgrader = Path(str(found)).resolve()
    activated = {**os.environ, "PATH": os.pathsep.join([str(nbgrader.parent), os.environ["PATH"]])}

    def run(*command: str | Path, folder: str = "course") -> None:
        ran = subprocess.run(command, cwd=folder, env=activated, capture_output=True, text=True, timeout=300)
        assert ran.returncode == 0, ran.stdout + ran.stderr

    assert main(["submissions", "--nbgrader", "course"]) == 0
    run(nbgrader, "generate_assignment", "dnsseclab")
    for name in catalogue.names():
        released = Path(f"course/release/dnsseclab/{name}.ipynb").read_text(encoding="utf-8")
        sources = ["".join(cell["source"]) for cell in json.loads(released)["cells"]]
        assert set(exercises.stubs(name).values()) <= set(sources)  # no stub of nbgrader's in their place
    run(nbgrader, "autograde", "dnsseclab")
    run(nbgrader, "generate_feedback", "dnsseclab")
    assert len(list(Path("course/feedback").rglob("*.html"))) == 5
    identity = json.loads(Path("course/autograded/alice/dnsseclab/my_progress.json").read_text(encoding="utf-8"))
    assert identity["learner"] == "alice"  # the folder says whose it is, not what was handed in

    theirs = scores(Path("course/gradebook.db"))
    assert theirs["alice", "06_key_tag"] == theirs["alice", "11_rollover"] == (10, 0)
    assert theirs["zoe", "06_key_tag"] == theirs["zoe", "11_rollover"] == (0, 0)
    assert 0 < theirs["李雷", "06_key_tag"][0] < 10
    command = (nbgrader.parent / "python", "-m", "dnsseclab.grading", here / "submissions", "--gradebook")
    for gradebook in ("gradebook.db", "new.db"):  # over their scores, and into a book that is made for it
        run(*command, gradebook, "--out", f"{gradebook}.csv")
        assert scores(Path("course", gradebook)) == theirs


def scores(gradebook: Path) -> dict[tuple[str, str], tuple[float, int]]:
    with sqlite3.connect(gradebook) as book:
        return {(student, name): (score, by_hand) for student, name, score, by_hand in book.execute(SCORES)}


def test_gradebook_without_nbgrader_gets_a_sentence(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "nbgrader.api", None)
    assert main(["submissions", "--gradebook", "gradebook.db"]) == 2
    assert "pip install -r exercises/nbgrader/requirements.txt" in capsys.readouterr().err
    assert not Path("grades.csv").exists()


def test_pins_are_those_of_the_course() -> None:
    """Two locks that disagree could not be installed beside each other."""
    pinned = [dict(_pins(path)) for path in ("requirements.txt", "exercises/nbgrader/requirements.txt")]
    both = pinned[0].keys() & pinned[1].keys()
    assert "nbconvert" in both and "nbgrader" in pinned[1]
    assert {name: pinned[0][name] for name in both} == {name: pinned[1][name] for name in both}


def _pins(path: str) -> list[tuple[str, str]]:
    lines = (committed.ROOT / path).read_text(encoding="utf-8").splitlines()
    found = (line.partition(";")[0].partition("==") for line in lines if "==" in line and not line.startswith("#"))
    return [(name, version.strip()) for name, _, version in found]
