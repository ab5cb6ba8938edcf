"""A class is graded to its end whatever one submission does, and a run that was killed goes on from where it was."""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import exercises
from dnsseclab.grading import catalogue, gradebook
from dnsseclab.grading.collecting import Entry, entries
from dnsseclab.grading.gradebook import Journal, Workers, grade_all
from dnsseclab.grading.sandbox import best_walls
from dnsseclab.grading.verdicts import Grade

SECRET = b"a class secret that nobody can guess"

ONE_EXERCISE = '''
"""A quick exercise."""
from dnsseclab.grading.criteria import Criterion, Exercise, Learner
import os

def doubled(learner: Learner) -> None:
    number = learner.fresh.integer(1, 10**6)
    answer = learner.call("double", number)
    if answer == "crash":
        raise ZeroDivisionError("the judge's own")
    if answer == "die":
        os._exit(3)
    learner.expect("double", [number], 2 * number, why="RFC 1035", next_step="Double it.")

EXERCISE = Exercise("Doubling", ("double",), (Criterion("It is doubled.", 10, doubled),))
'''
RIGHT = "def double(x): return 2 * x"


@pytest.fixture(autouse=True)
def own_exercise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "course" / "checks").mkdir(parents=True)
    (tmp_path / "course" / "checks" / "13_double.py").write_text(ONE_EXERCISE, encoding="utf-8")
    monkeypatch.setenv("DNSSECLAB_EXERCISES", str(tmp_path / "course"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "submissions").mkdir()
    return tmp_path / "submissions"


def hand_in(folder: Path, identifier: str, source: str) -> None:
    (folder / identifier).mkdir(exist_ok=True)
    cells = [{"cell_type": "code", "source": source}]
    (folder / identifier / "13_double.ipynb").write_text(json.dumps({"cells": cells}), encoding="utf-8")


def run(folder: Path, journal: Journal, jobs: int = 2) -> Iterator[Grade]:
    with Workers(jobs) as workers:
        yield from grade_all(entries(folder)[0], SECRET, journal, workers)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    made = Journal(tmp_path / "grades.journal", SECRET)
    yield made
    made.close(finished=False)


def test_one_bad_submission_never_stops_the_rest(folder: Path, journal: Journal) -> None:
    hand_in(folder, "alice", RIGHT)
    hand_in(folder, "bob", "def double(x): return x")
    hand_in(folder, "crashes our check", "def double(x): return 'crash'")
    hand_in(folder, "kills our worker", "def double(x): return 'die'")
    (folder / "empty").mkdir()
    (folder / "zoe").mkdir()
    (folder / "zoe" / "13_double.ipynb").write_bytes(b"no notebook")
    grades = {grade.identifier: grade for grade in run(folder, journal)}
    assert {name: grade.points for name, grade in grades.items() if not grade.crashed} == {
        "alice": 10, "bob": 0, "empty": 0, "zoe": 0,
    }  # fmt: skip
    assert "ZeroDivisionError" in grades["crashes our check"].verdicts[0].findings[0].crash
    assert "died" in grades["kills our worker"].verdicts[0].findings[0].crash
    assert "its JSON is broken" in grades["zoe"].verdicts[0].findings[0].mismatch.actual


def test_workers_that_die_at_once_are_replaced(folder: Path, journal: Journal) -> None:
    hand_in(folder, "alice", RIGHT)
    with Workers(2) as workers:
        for process in [*workers.pool._processes.values()]:
            process.kill()
        assert workers.walls == best_walls()
        (grade,) = grade_all(entries(folder)[0], SECRET, journal, workers)
    assert (grade.points, grade.crashed) == (10, False)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process choose its processor")
def test_each_worker_stays_on_a_processor_and_they_share_them_out() -> None:
    allowed = os.sched_getaffinity(0)
    with Workers(len(allowed)) as workers:
        processes = [*workers.pool._processes]
        assert len(processes) == len(allowed)
        assert until(lambda: all(len(os.sched_getaffinity(each)) == 1 for each in processes))  # they begin one by one
        assert set[int]().union(*map(os.sched_getaffinity, processes)) == allowed


def test_run_that_was_killed_goes_on_from_there(folder: Path, tmp_path: Path) -> None:
    for name in ("alice", "bob", "carol"):
        hand_in(folder, name, RIGHT)
    path = tmp_path / "grades.journal"
    first = Journal(path, SECRET)
    list(run(folder, first))
    first.close(finished=False)
    whole = path.read_bytes()
    path.write_bytes(whole[: whole.rindex(b"\n", 0, -1) + 30])  # killed in the middle of the third line
    hand_in(folder, "alice", "def double(x): return 0")  # and one was handed in anew since
    second = Journal(path, SECRET)
    known = {entry.identifier for entry in entries(folder)[0] if second.find(entry)}
    whole_lines = [json.loads(line)["grade"]["identifier"] for line in whole.splitlines()[:2]]
    assert known == {*whole_lines} - {"alice"}
    grades = {grade.identifier: grade.points for grade in run(folder, second)}
    assert grades == {"alice": 0, "bob": 10, "carol": 10}
    assert [grade.identifier for grade in second.grades(entries(folder)[0])] == ["alice", "bob", "carol"]
    second.close(finished=True)
    assert not path.exists()


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="Windows has no SIGKILL")
def test_killed_command_leaves_nobody_and_grades_only_the_rest(folder: Path, tmp_path: Path) -> None:
    """Really killed, in the middle: every learner is judged once, but the one who was being judged then."""
    judged, names = tmp_path / "judged", [f"learner {number}" for number in range(8)]
    check = catalogue.folder() / "checks" / "13_double.py"
    told = f"\n    open({str(judged)!r}, 'a').write(f'{{learner.shown.seed}} {{os.getpid()}}\\n')\n"
    check.write_text(ONE_EXERCISE.replace("\n    number =", f"{told}    number ="), encoding="utf-8")
    for name in names:
        hand_in(folder, name, RIGHT)
    command = [sys.executable, "-m", "dnsseclab.grading", str(folder), "--out", "grades.csv", "--jobs", "1"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    run, journal = subprocess.Popen(command, cwd=tmp_path, env=environment), tmp_path / "grades.csv.journal"
    assert until(lambda: journal.exists() and journal.read_bytes().count(b"\n") >= 2)
    run.kill()
    run.wait()
    done = journal.read_bytes().count(b"\n")
    workers = {line.split()[1] for line in judged.read_text(encoding="utf-8").splitlines()}
    assert until(lambda: not any(is_running(each) for each in workers))
    again = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert again.returncode == 0 and "8 of 8, 0 s left" in again.stderr, again.stderr
    assert (tmp_path / "grades.csv").read_text(encoding="utf-8").count(",10,10,10,") == 8
    times = Counter(line.split()[0] for line in judged.read_text(encoding="utf-8").splitlines())
    assert len(times) == 8 and sum(times.values()) <= 8 + 3  # one was at work, and two were waiting for that worker
    assert done < 8


def until(condition: Callable[[], bool]) -> bool:
    ends = time.monotonic() + 60
    while not condition() and time.monotonic() < ends:
        time.sleep(0.02)
    return condition()


def is_running(process: str) -> bool:
    with contextlib.suppress(OSError):
        os.kill(int(process), 0)
        state = subprocess.run(["ps", "-o", "stat=", "-p", process], capture_output=True, text=True).stdout
        return bool(state.strip()) and not state.startswith("Z")
    return False


def test_journal_of_another_secret_or_other_exercises_does_not_count(folder: Path, tmp_path: Path) -> None:
    hand_in(folder, "alice", RIGHT)
    ((alice,), _) = entries(folder)
    path = tmp_path / "grades.journal"
    journal = Journal(path, SECRET)
    list(run(folder, journal))
    assert journal.find(alice)
    assert Journal(path, SECRET).find(alice)
    assert not Journal(path, b"another").find(alice)
    check = catalogue.folder() / "checks" / "13_double.py"
    check.write_text(check.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
    assert not Journal(path, SECRET).find(alice)
    journal.close(finished=False)


def test_what_the_judge_failed_at_is_tried_again(folder: Path, journal: Journal) -> None:
    hand_in(folder, "alice", "def double(x): return 'crash'")
    ((alice,), _) = entries(folder)
    assert [grade.crashed for grade in run(folder, journal)] == [True]
    assert journal.find(alice) is None


def test_grades_do_not_depend_on_order_or_number_of_workers(folder: Path, tmp_path: Path) -> None:
    for number in range(6):
        hand_in(folder, f"learner {number}", RIGHT if number % 2 else "def double(x): return x")
    results = []
    for jobs in (1, 3):
        journal = Journal(tmp_path / f"{jobs}.journal", SECRET)
        list(run(folder, journal, jobs))
        results.append(list(journal.grades(entries(folder)[0])))
        journal.close(finished=True)
    assert results[0] == results[1]


def test_submissions_wait_on_the_disk_and_not_in_memory(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    """A class of any size: no more are taken than the workers have to do."""
    taken = 0

    def endless() -> Iterator[Entry]:
        nonlocal taken
        while True:
            taken += 1
            yield Entry(f"learner {taken}", remark="Nothing was handed in.")

    with Workers(1) as workers:
        for count, _ in enumerate(grade_all(endless(), SECRET, journal, workers), start=1):
            assert taken <= count + gradebook.AHEAD
            if count == 20:
                break


def test_exercises_are_the_courses_own_without_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DNSSECLAB_EXERCISES")
    assert set(exercises.stubs("06_key_tag")) <= set(catalogue.exercise("06_key_tag").functions)
