"""No cheat gains a point, none finds anything, and the honest learner beside it keeps every point.

The code of these cheats is only ever run inside bubblewrap.
"""

import json
import os
import socketserver
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import cheats
import pytest

import exercises
from dnsseclab.grading import catalogue
from dnsseclab.grading.grader import grade
from dnsseclab.grading.plain import to_json
from dnsseclab.grading.sandbox import Limits, Sandbox, best_walls
from dnsseclab.grading.verdicts import Verdict

EXERCISE = "06_key_tag"
SECRET = b"a class secret that nobody can guess"
IMPATIENT = Limits(call_seconds=1.5, exercise_seconds=4, cpu_seconds=3, deaths=1)


@pytest.fixture(autouse=True, scope="module")
def walls() -> Iterator[None]:
    if sys.platform != "linux" or not best_walls().is_full:
        if os.environ.get("CI") == "true":
            pytest.fail("in CI bubblewrap must be there and work (Debian: apt install bubblewrap)")
        pytest.skip("bubblewrap does not work here (Debian: apt install bubblewrap)")
    yield


def notebook(source: str) -> bytes:
    cells = [{"cell_type": "code", "metadata": {}, "source": source}]
    return json.dumps({"cells": cells, "nbformat": 4, "nbformat_minor": 5, "metadata": {}}).encode()


def graded(content: bytes, limits: Limits = IMPATIENT, identifier: str = "mallory") -> Verdict:
    (verdict,) = grade({f"{EXERCISE}.ipynb": content}, identifier, SECRET, exercises=[EXERCISE], limits=limits).verdicts
    return verdict


def honest_learner_keeps_her_points() -> bool:
    return graded(exercises.submitted(EXERCISE), Limits(), "alice").points == 10


@pytest.mark.parametrize("name", cheats.CHEATS)
def test_cheat_gains_no_point_and_costs_nobody_else_one(name: str) -> None:
    verdict = graded(notebook(cheats.CHEATS[name]))
    assert verdict.points == 0
    assert not verdict.crashed, [finding.crash for finding in verdict.findings if finding.crash][0]
    assert honest_learner_keeps_her_points()


@pytest.mark.parametrize(
    "name", ["a fork bomb that catches", "a memory bomb that grows", "time burnt", "everybody killed"]
)
def test_honest_learner_beside_a_bomb_keeps_her_points(name: str) -> None:
    bomb = threading.Thread(target=graded, args=(notebook(cheats.CHEATS[name]),))
    bomb.start()
    while bomb.is_alive():
        assert honest_learner_keeps_her_points()
    bomb.join()


@pytest.mark.parametrize("name", cheats.SEARCHES)
def test_search_finds_nothing(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "class_secret.txt").write_bytes(SECRET)
    (tmp_path / "bob").mkdir()
    (tmp_path / "bob" / f"{EXERCISE}.ipynb").write_bytes(exercises.submitted(EXERCISE))
    monkeypatch.setenv("CLASS_SECRET", SECRET.decode())
    folder = catalogue.folder()
    names = [
        *(f"{each}/{EXERCISE}.py" for each in (folder / "solutions", folder / "checks")),
        *map(str, (tmp_path / "class_secret.txt", tmp_path / "bob" / f"{EXERCISE}.ipynb")), str(folder / "README.md"),
        "/etc/passwd", "/etc/shadow", "/proc/self/environ", "/proc/1/environ", "/proc/self/mem", "/sys/kernel/version",
        f"/proc/{os.getpid()}/environ", "/dev/mem", "/dev/sda", "/dev/vda", "/root/.bash_history", "/home",
    ]  # fmt: skip
    with socketserver.TCPServer(("127.0.0.1", 0), socketserver.BaseRequestHandler) as listening:
        telling = {"solutions", "checks", "class_secret.txt", "bob", "exercises", "my_progress.json", "home"}
        source = cheats.cheat(
            answer=cheats.SEARCHES[name].format(
                names=names,
                forbidden=telling - {part for path in best_walls().command for part in Path(path).parts},
                backwards=[each[::-1] for each in (SECRET.decode(), "Criterion", "judge_one")],
                port=listening.server_address[1],
                was_root=os.geteuid() == 0,
            )
        )
        with Sandbox({f"{EXERCISE}.ipynb": notebook(source)}, limits=Limits(call_seconds=20)) as sandbox:
            asking = sandbox.exercise(EXERCISE, ["key_tag"])
            assert [*asking("key_tag", [[to_json(b"")]])] == [([],)], asking.remarks


def test_what_the_searches_look_for_can_be_found_outside() -> None:
    """Else the tests above could not fail."""
    found: dict = {}
    exec(cheats.cheat(answer=cheats.SEARCHES["the environment"]), found)
    assert found["key_tag"]()


@pytest.mark.parametrize("name", [name for name in cheats.CHEATS if "equals everything" in name])
def test_the_same_objects_fool_a_judge_that_compares_them(name: str) -> None:
    """The control: in one process, with `==`, they would win."""
    names: dict = {}
    exec(cheats.CHEATS[name], names)
    assert names["key_tag"](b"") == 12345


def test_table_of_the_questions_of_check_is_worth_only_ones_own_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A learner can record what check() asks in the notebook; the grader asks something else."""
    table: list = []

    def recorded(function: str) -> object:
        solution = vars(exercises.solution(EXERCISE))[function]

        def record(*arguments: object) -> object:
            table.append((repr((function, *arguments)), solution(*arguments)))
            return table[-1][1]

        return record

    functions = {each: recorded(each) for each in catalogue.exercise(EXERCISE).functions}
    assert exercises.verdict(EXERCISE, functions, "mallory").points == 10
    source = f"TABLE = {dict(table)!r}\n" + "".join(
        f"def {each}(*arguments): return TABLE.get(repr(({each!r}, *arguments)))\n" for each in functions
    )
    verdict = graded(notebook(source))
    assert [finding.key for finding in verdict.findings if finding.met] == ["tag_of_the_handed_out_keys"]
    copied = graded(notebook(source), identifier="eve")
    assert copied.points == 0  # somebody else's own data


def test_submission_that_claims_to_be_somebody_elses_is_not() -> None:
    claimed = exercises.submitted(EXERCISE).replace(b'"cells"', b'"learner": "alice", "cells"', 1)
    progress = b'{"learner": "alice", "best": {"06_key_tag": [10, 10]}}'
    stub = json.dumps(exercises.notebook(EXERCISE)).encode()
    files = {f"{EXERCISE}.ipynb": stub, "my_progress.json": progress}
    assert grade(files, "mallory", SECRET, exercises=[EXERCISE]).points == 0
    assert grade({f"{EXERCISE}.ipynb": claimed}, "mallory", SECRET, exercises=[EXERCISE]).points == 10


def test_check_cell_that_was_changed_changes_nothing() -> None:
    changed = exercises.notebook(EXERCISE)
    for cell in changed.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") in ("check", "points"):
            cell.source = "10  # assert nothing"
    assert graded(json.dumps(changed).encode()).points == 0


def test_there_are_forty_cheats_and_more() -> None:
    assert len(cheats.CHEATS) + len(cheats.SEARCHES) >= 70
