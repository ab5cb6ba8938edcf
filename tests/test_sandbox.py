"""The sandbox answers like the notebook does, survives what dies in it, and says how good its walls are."""

import ast
import json
import time

import pytest

import exercises
from dnsseclab.grading import catalogue
from dnsseclab.grading.asking import Raised, Refused, Returned
from dnsseclab.grading.grader import grade
from dnsseclab.grading.sandbox import Limits, Sandbox, best_walls
from dnsseclab.grading.verdicts import Verdict
from dnsseclab.grading.walls import Walls, bubblewrap

NO_WALLS = Walls((), None, "in a process with limits only")
WITHOUT_JOINING = bubblewrap(best_walls().user)
needs_bubblewrap = pytest.mark.skipif(not best_walls().is_full, reason="bubblewrap does not work here")
all_walls = pytest.mark.parametrize(
    "walls",
    [best_walls(), pytest.param(WITHOUT_JOINING, marks=needs_bubblewrap), NO_WALLS],
    ids=["best", "without joining", "none"],
)

SOURCE = """
import os, time
def echo(value): return value
def fails(value): raise KeyError(value)
def dies(value): os._exit(value)
def sleeps(value): time.sleep(value)
def odd(value): return object()
state = []
def grows(value):
    state.append(value)
    return len(state)
"""
FUNCTIONS = ["echo", "fails", "dies", "sleeps", "odd", "grows", "missing"]


def sandbox(walls: Walls, **limits: float) -> Sandbox:
    cells = [{"cell_type": "code", "source": SOURCE}]
    return Sandbox({"13_x.ipynb": json.dumps({"cells": cells}).encode()}, walls, Limits(**limits))  # type: ignore[arg-type]


@all_walls
def test_plain_values_go_in_and_come_out(walls: Walls) -> None:
    value = [b"\x00\xff", "ä\ud800", 1 << 70, -1.5, True, None, [[]]]
    with sandbox(walls) as box:
        asking = box.exercise("13_x", FUNCTIONS)
        assert asking("echo", [value]) == Returned(value)
        assert asking("fails", ["x"]) == Raised("KeyError", "'x'")
        assert isinstance(asking("odd", [1]), Refused)
        refused = asking("missing", [])
        assert isinstance(refused, Raised) and "there is no function missing" in refused.text
        asking.close()


@all_walls
def test_large_values_pass_in_both_directions(walls: Walls) -> None:
    with sandbox(walls) as box:
        asking = box.exercise("13_x", FUNCTIONS)
        assert asking("echo", ["x" * 2_000_000]) == Returned("x" * 2_000_000)


@all_walls
def test_exercises_of_one_submission_share_no_state(walls: Walls) -> None:
    with sandbox(walls) as box:
        for _ in range(2):
            asking = box.exercise("13_x", FUNCTIONS)
            assert [asking("grows", [1]), asking("grows", [1])] == [Returned(1), Returned(2)]
            asking.close()


@all_walls
def test_after_a_death_the_next_call_is_answered(walls: Walls) -> None:
    with sandbox(walls) as box:
        asking = box.exercise("13_x", FUNCTIONS)
        assert asking("dies", [0]) == Refused(
            "nothing: the process ended", "Return a value; do not leave Python (sys.exit, os._exit)."
        )
        assert asking("echo", [1]) == Returned(1)


@all_walls
def test_nobody_waits_longer_than_the_limits(walls: Walls) -> None:
    with sandbox(walls, call_seconds=0.5, deaths=2) as box:
        box.talk()
        asking = box.exercise("13_x", FUNCTIONS)
        started = time.monotonic()
        assert asking("sleeps", [60]).text == "nothing; the time was up"  # type: ignore[union-attr]
        assert time.monotonic() - started < 3
        asking("sleeps", [60])
        assert "stopped too often" in asking("echo", [1]).text  # type: ignore[union-attr]


@pytest.mark.parametrize("name", catalogue.names())
@all_walls
def test_notebook_and_sandbox_come_to_the_same_verdict(name: str, walls: Walls) -> None:
    """Solution, stub, and one function of several: the points that check() counts are the points of the class."""
    function, *others = catalogue.exercise(name).functions
    solution = ast.parse(exercises.solution_source(name)).body
    partly = ast.unparse(ast.Module([each for each in solution if getattr(each, "name", "") not in others], []))
    functions_partly = exercises.stub_functions(name)
    exec(partly, functions_partly)
    for handed_in, functions in (
        (exercises.submitted(name), vars(exercises.solution(name))),
        (exercises.submitted(name, **exercises.stubs(name)), exercises.stub_functions(name)),
        (exercises.submitted(name, **exercises.stubs(name) | {function: partly}), functions_partly),
    ):
        (verdict,) = grade({f"{name}.ipynb": handed_in}, "alice", b"secret", exercises=[name], walls=walls).verdicts
        expected = exercises.verdict(name, functions, "alice", b"secret")
        assert Verdict(name, verdict.title, verdict.findings) == expected


def test_walls_are_described() -> None:
    described = best_walls().description
    assert described.startswith(
        "in bubblewrap" if best_walls().is_full else "in a process with limits only (bubblewrap"
    )
