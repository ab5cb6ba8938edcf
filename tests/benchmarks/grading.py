"""How many submissions of the whole course are graded a minute: by us, by nbgrader and by otter, on the same notebooks.

    python -m tests.benchmarks.grading            in the folder of the project; some minutes, most of them the others'
    python -m tests.benchmarks.grading --quick    two submissions, and ours only: whether it runs, not how fast

Every submission holds every exercise, solved. We grade it as the manual says, with a page of feedback for each learner;
nbgrader runs `autograde` and `generate_feedback` on the course that we assemble for it; otter runs each notebook with a
test that calls the same checks. All must come to full points. nbgrader and otter may live in environments of their own:

    python3 -m venv .venv-nbgrader && .venv-nbgrader/bin/pip install -r exercises/nbgrader/requirements.txt
    python3 -m venv .venv-otter && .venv-otter/bin/pip install -e . otter-grader

The clock is fair on a quiet machine only; the CPU time (of all processes, user and system) is nearly so on a busy one.
We run a process on each core, and they one, so the smaller of the two ratios counts. Exit code 1: a goal was missed,
or not measured.
"""

import argparse
import contextlib
import csv
import json
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from ctypes import CDLL
from pathlib import Path
from typing import NamedTuple

from dnsseclab.grading import catalogue

ROOT = Path(__file__).parents[2]
A_MINUTE, TIMES_AS_FAST = 300, 10  # the goals: on two cores, and compared with each of the others
CORES = 2
ADOPT_ORPHANS = 36  # from linux/prctl.h
OTTERS_TEST = """
from otter.test_files import test_case

OK_FORMAT = False
name = "points"
points = {points}


@test_case()
def test_points(env):
    from dnsseclab.grading import check
    assert check({name!r}, *(env[each] for each in {functions!r})).points == {points}
"""


class Taken(NamedTuple):
    """How long it took to grade some submissions."""

    submissions: int
    seconds: float
    cpu_seconds: float

    @property
    def a_minute(self) -> float:
        """Return how many were graded a minute, by the clock."""
        return 60 * self.submissions / self.seconds

    @property
    def cpu_each(self) -> float:
        """Return the CPU seconds that each one took."""
        return self.cpu_seconds / self.submissions


def main() -> int:
    """Measure, print a line for each grader, and return the exit code."""
    options = parser().parse_args()
    count, of_others = (2, 0) if options.quick else (options.submissions, options.of_others)
    print(f"{len(catalogue.names())} exercises        submissions  seconds  a minute  CPU seconds each  ours is faster")
    with tempfile.TemporaryDirectory() as scratch:
        own = ours(Path(scratch, "ours"), count)
        show("ours", own)
        met = own.a_minute >= A_MINUTE
        possible = 60 * CORES / own.cpu_each
        print(
            f"  goal: {A_MINUTE} a minute: {'met' if met else 'MISSED'}; by CPU time, {CORES} cores do {possible:.0f}"
        )
        for name, grader, python in (("nbgrader", nbgrader, options.nbgrader), ("otter", otter, options.otter)):
            met &= compare(name, grader, python, Path(scratch, name), of_others, own)
    return 0 if met else 1


def parser() -> argparse.ArgumentParser:
    """Return what knows the options."""
    head = (__doc__ or "").splitlines()[0]
    whole = argparse.ArgumentParser(prog="python -m tests.benchmarks.grading", description=head)
    add = whole.add_argument
    add("--submissions", type=int, default=A_MINUTE, help="how many we grade")
    add("--of-others", type=int, default=2, help="how many the others grade: they take their time")
    add("--nbgrader", metavar="PYTHON", default=".venv-nbgrader/bin/python", help="one that has nbgrader")
    add("--otter", metavar="PYTHON", default=".venv-otter/bin/python", help="one that has otter-grader")
    add("--quick", action="store_true", help="two submissions, and ours only: whether it runs, not how fast")
    return whole


def compare(name: str, grader: Callable[..., Taken], python: str, folder: Path, count: int, own: Taken) -> bool:
    """Measure another grader and print its line; return whether we are as much faster as we want to be."""
    if not count or not has(python, name):
        print(f"{name:21}not measured: {f'{python} has no {name}' if count else 'left out'}")
        return False
    theirs = grader(folder, count, str(Path(python).absolute()))
    ratio = min(own.a_minute / theirs.a_minute, theirs.cpu_each / own.cpu_each)
    show(name, theirs, f"{own.a_minute / theirs.a_minute:.0f} x, by CPU time {theirs.cpu_each / own.cpu_each:.0f} x")
    print(f"  goal: {TIMES_AS_FAST} x: {'met' if ratio >= TIMES_AS_FAST else 'MISSED'}")
    return ratio >= TIMES_AS_FAST


def show(name: str, taken: Taken, ratio: str = "") -> None:
    """Print a line of the table."""
    numbers = f"{taken.submissions:11}  {taken.seconds:7.1f}  {taken.a_minute:8.1f}  {taken.cpu_each:16.2f}"
    print(f"{name:19}{numbers}  {ratio}".rstrip(), flush=True)


# ---- the graders ----------------------------------------------------------------------------------------------------


def ours(folder: Path, count: int) -> Taken:
    """Grade with all that makes our grading safe, and with everything written that an instructor wants."""
    hand_in(folder / "submissions", count)
    command = [sys.executable, "-m", "dnsseclab.grading", "submissions", "--jobs", str(CORES), "--feedback", "feedback"]
    taken = timed(count, folder, [command])
    with (folder / "grades.csv").open(encoding="utf-8", newline="") as file:
        assert {row["points"] for row in csv.DictReader(file)} == {str(10 * len(catalogue.names()))}, "points are lost"
    return taken


def nbgrader(folder: Path, count: int, python: str) -> Taken:
    """Grade in the course that we assemble for nbgrader."""
    hand_in(folder / "submissions", count)
    run([python, "-m", "dnsseclab.grading", "submissions", "--nbgrader", "course"], folder, python)
    run([python, "-m", "nbgrader", "generate_assignment", "dnsseclab"], folder / "course", python)
    commands = [[python, "-m", "nbgrader", each, "dnsseclab"] for each in ("autograde", "generate_feedback")]
    taken = timed(count, folder / "course", commands, python)
    with sqlite3.connect(folder / "course" / "gradebook.db") as gradebook:
        scores = gradebook.execute("SELECT auto_score FROM grade").fetchall()
    assert scores == [(10.0,)] * count * len(catalogue.names()), "points are lost"
    return taken


def otter(folder: Path, count: int, python: str) -> Taken:
    """Grade each notebook with `otter run`, which is otter without its containers: they would take longer still."""
    hand_in(folder / "submissions", count)
    run_otter = [python, "-c", "from otter.cli import cli; cli()"]
    commands = []
    for name in catalogue.names():
        exercise, place = catalogue.exercise(name), folder / name
        (place / "tests").mkdir(parents=True)
        text = OTTERS_TEST.format(name=name, functions=exercise.functions, points=exercise.points)
        (place / "tests" / "points.py").write_text(text, encoding="utf-8")
        options = ["-t", "tests", "-o", "../autograder.zip", "--no-requirements", "--no-environment"]
        run([*run_otter, "generate", *options], place, python)
        (folder / "autograder.zip").rename(place / "autograder.zip")
        for learner in sorted((folder / "submissions").iterdir()):
            (place / learner.name).mkdir()
            where = ["-a", str(place / "autograder.zip"), "-o", str(place / learner.name)]
            commands.append([*run_otter, "run", "--no-logo", *where, str(learner / f"{name}.ipynb")])
    taken = timed(count, folder, commands, python)
    results = [json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*/*/results.json")]
    points = [sum(test.get("score", 0) for test in each["tests"]) for each in results]
    assert points == [10.0] * len(commands), "points are lost"
    return taken


# ---- what they share ------------------------------------------------------------------------------------------------


def hand_in(folder: Path, count: int) -> None:
    """Write submissions of the whole course, each exercise solved."""
    for number in range(count):
        place = folder / f"learner{number:04}"
        place.mkdir(parents=True)
        for name in catalogue.names():
            (place / f"{name}.ipynb").write_text(solved(name), encoding="utf-8")


def solved(name: str) -> str:
    """Return an exercise's notebook with the solution in the place of the first stub, and the others gone."""
    notebook = json.loads((catalogue.folder() / f"{name}.ipynb").read_text(encoding="utf-8"))
    solution = (catalogue.folder() / "solutions" / f"{name}.py").read_text(encoding="utf-8")
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("solution"):
            cell["source"], solution = solution, ""
    return json.dumps(notebook)


def timed(count: int, folder: Path, commands: Sequence[Sequence[str]], python: str = sys.executable) -> Taken:
    """Return how long commands took, with all processes that they started."""
    if sys.platform == "linux":  # else who outlives its parent would not be counted
        CDLL(None).prctl(ADOPT_ORPHANS, 1, 0, 0, 0)
    before, started = cpu_seconds(), time.perf_counter()
    for command in commands:
        run(command, folder, python)
    seconds = time.perf_counter() - started
    ends = time.monotonic() + 10
    with contextlib.suppress(ChildProcessError):  # there are none any more
        while time.monotonic() < ends:
            if not os.waitpid(-1, os.WNOHANG)[0]:
                time.sleep(0.1)
    return Taken(count, seconds, cpu_seconds() - before)


def cpu_seconds() -> float:
    """Return what the processes that have ended took."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run(command: Sequence[str], folder: Path, python: str) -> None:
    """Run a command with this project and the programs of its Python; what it says is shown only if it fails."""
    path = os.pathsep.join([str(Path(python).absolute().parent), os.environ.get("PATH", os.defpath)])
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PATH": path}
    ran = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if ran.returncode:
        sys.exit(f"{' '.join(command)}\n{ran.stdout[-3000:]}\n{ran.stderr[-3000:]}")


def has(python: str, package: str) -> bool:
    """Return whether a Python is there and has a package."""
    return (
        bool(shutil.which(python))
        and not subprocess.run([python, "-c", f"import {package}"], capture_output=True).returncode
    )


if __name__ == "__main__":
    sys.exit(main())
