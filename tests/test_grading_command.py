"""`python3 -m dnsseclab grade`: files as promised, none overwritten unasked, sentences instead of tracebacks."""

import csv
import json
import os
from pathlib import Path

import pytest

import exercises
from dnsseclab.grading import catalogue
from dnsseclab.grading.__main__ import Progress, main
from dnsseclab.grading.checking import check


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def hand_in(folder: Path, identifier: str, solved: bool = True) -> None:
    for name in catalogue.names():
        path = folder / "submissions" / identifier / f"{name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(exercises.submitted(name, **({} if solved else exercises.stubs(name))))


def grades(folder: Path) -> dict[str, str]:
    with (folder / "grades.csv").open(encoding="utf-8", newline="") as file:
        return {row["identifier"]: row["points"] for row in csv.DictReader(file)}


def test_class_is_graded_and_everything_is_written(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, solved in (("alice", True), ("李雷", True), ("<b>mallory", False)):
        hand_in(here, name, solved)
    assert main(["submissions", "--feedback", "feedback", "--report", "class.html", "--jobs", "2"]) == 0
    full = str(10 * len(catalogue.names()))
    assert grades(here) == {"alice": full, "李雷": full, "<b>mallory": "0"}
    assert sorted(os.listdir("feedback")) == ["%3Cb%3Emallory.html", "alice.html", "李雷.html"]
    assert "3 learners" in Path("class.html").read_text(encoding="utf-8")
    assert not Path("grades.csv.journal").exists()
    told = capsys.readouterr().err
    assert "3 of 3, 0 s left" in told and "The code runs in" in told
    assert os.name == "nt" or os.stat("class_secret.txt").st_mode & 0o077 == 0


def test_nothing_is_overwritten_unasked(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hand_in(here, "alice")
    Path("grades.csv").write_text("mine", encoding="utf-8")
    assert main(["submissions"]) == 2
    assert "--overwrite" in capsys.readouterr().err and Path("grades.csv").read_text(encoding="utf-8") == "mine"
    Path("feedback").mkdir()
    Path("feedback/mine.html").touch()
    assert main(["submissions", "--out", "other.csv", "--feedback", "feedback"]) == 2
    assert main(["submissions", "--overwrite"]) == 0
    assert grades(here)["alice"]


def test_full_disk_gets_a_sentence_and_the_journal_stays(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hand_in(here, "alice")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "grades.csv")

    with monkeypatch.context() as context:
        context.setattr("dnsseclab.grading.report.os.replace", full)
        assert main(["submissions", "--jobs", "1"]) == 2
    assert "No space left on device. What is graded so far is kept." in capsys.readouterr().err
    assert Path("grades.csv.journal").exists() and not [name for name in os.listdir() if name.startswith(".dnsseclab")]
    assert main(["submissions", "--jobs", "1"]) == 0


def test_grade_is_explained_by_the_same_questions(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hand_in(here, "alice", solved=False)
    wrong = "def key_tag(rdata):\n    return 7"
    path = here / "submissions" / "alice" / "06_key_tag.ipynb"
    path.write_bytes(exercises.submitted("06_key_tag", key_tag=wrong))
    assert main(["submissions", "--feedback", "feedback", "--jobs", "1"]) == 0
    capsys.readouterr()
    assert main(["submissions", "--explain", "alice", "06_key_tag"]) == 0
    explained = capsys.readouterr().out
    called = [line.split(None, 1)[1] for line in explained.splitlines() if "Called:" in line]
    page = (here / "feedback" / "alice.html").read_text(encoding="utf-8").replace("&#x27;", "'")
    assert called and all(call in page for call in called)
    key = bytes.fromhex(called[1].split("'")[1])
    assert f"Expected:   {exercises.solution('06_key_tag').key_tag(key)}" in explained


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        ([], "Name the folder"),
        (["nowhere"], "There is no folder nowhere"),
        (["submissions", "--roster", "nowhere.csv"], "nowhere.csv"),
        (["submissions", "--secret-file", "nowhere.txt"], "There is no nowhere.txt"),
        (["submissions", "--secret-file", "short.txt"], "too short"),
        (["submissions", "--explain", "bob", "06_key_tag"], "no submission of 'bob'"),
        (["submissions", "--explain", "alice", "66_x"], "There is no exercise '66_x'"),
        (["--hand-out", "nowhere.csv"], "cannot be read"),
    ],
)
def test_mistake_gets_a_sentence(
    here: Path, arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    hand_in(here, "alice")
    Path("short.txt").write_text("123", encoding="utf-8")
    assert main(arguments) == 2
    told = capsys.readouterr().err
    assert sentence in told and "Traceback" not in told and told.count("\n") == 1


def test_what_is_handed_out_is_graded_by_the_same_identity(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("roster.csv").write_text("identifier,name\nalice,Alice\nJosé,José\n", encoding="utf-8")
    assert main(["--hand-out", "roster.csv", "--out", "class"]) == 0
    assert sorted(os.listdir("class")) == ["José", "alice"]
    assert sorted(os.listdir("class/alice")) == sorted(
        [*(f"{name}.ipynb" for name in catalogue.names()), "my_progress.json"]
    )
    monkeypatch.chdir(here / "class" / "José")
    solution = vars(exercises.solution("06_key_tag"))
    report = check("06_key_tag", *(solution[each] for each in exercises.stubs("06_key_tag")))
    assert report.verdict == exercises.verdict("06_key_tag", solution, "José")
    assert json.loads(Path("my_progress.json").read_text(encoding="utf-8"))["learner"] == "José"
    monkeypatch.chdir(here)
    assert main(["--hand-out", "roster.csv", "--out", "class"]) == 2  # a learner's work is never overwritten


def test_progress_is_a_bar_with_the_time_left(capsys: pytest.CaptureFixture[str]) -> None:
    told = Progress(200)
    for _ in range(100):  # known from a run that was stopped
        told.one_more(1000.0)
    for number in range(1, 61):
        told.one_more(1000.0 + 2 * number)
    lines = capsys.readouterr().err.splitlines()
    assert lines[4] == "[############............] 100 of 200, 0 s left"
    assert lines[-1] == "[###################.....] 160 of 200, 80 s left"
    assert len(lines) == 8  # no terminal: one at every tenth


def test_progress_stays_on_one_line_of_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = Progress(4)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    for now in (1.0, 2.0, 3.0, 4.0):
        told.one_more(now)
    text = capsys.readouterr().err
    assert text.count("\n") == 1 and text.endswith("\n") and text.count("\r") == 4
    assert "[############............] 2 of 4, 2 s left" in text
