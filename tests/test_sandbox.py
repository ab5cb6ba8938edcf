"""The sandbox answers like the notebook does, survives what dies in it, and says how good its walls are."""

import ast
import json
import time

import pytest

import exercises
from dnsseclab.grading import catalogue
from dnsseclab.grading.asking import Raised, Refused, Reply, Returned
from dnsseclab.grading.grader import grade
from dnsseclab.grading.plain import Plain, to_json
from dnsseclab.grading.sandbox import Exercising, Limits, Sandbox, best_walls
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
def spoils(name):
    __import__("builtins").spoiled = name
    return name
def spoiled(): return hasattr(__import__("builtins"), "spoiled")
state = []
def grows(value):
    state.append(value)
    return len(state)
"""
FUNCTIONS = ["echo", "fails", "dies", "sleeps", "odd", "grows", "spoils", "spoiled", "missing"]


def sandbox(walls: Walls, **limits: float) -> Sandbox:
    cells = [{"cell_type": "code", "source": SOURCE}]
    return Sandbox({"13_x.ipynb": json.dumps({"cells": cells}).encode()}, walls, Limits(**limits))  # type: ignore[arg-type]


def reply(asking: Exercising, function: str, *arguments: Plain) -> Reply:
    (only,) = asking(function, [[to_json(each) for each in arguments]])
    return only


@all_walls
def test_plain_values_go_in_and_come_out(walls: Walls) -> None:
    value = [b"\x00\xff", "ä\ud800", 1 << 70, -1.5, True, None, [[]]]
    with sandbox(walls) as box:
        asking = box.exercise("13_x", FUNCTIONS)
        assert reply(asking, "echo", value) == Returned(value)
        assert reply(asking, "fails", "x") == Raised("KeyError", "'x'")
        assert isinstance(reply(asking, "odd", 1), Refused)
        refused = reply(asking, "missing")
        assert isinstance(refused, Raised) and "there is no function missing" in refused.text
        asking.close()


@all_walls
def test_large_values_pass_in_both_directions(walls: Walls) -> None:
    with sandbox(walls) as box:
        asking = box.exercise("13_x", FUNCTIONS)
        assert reply(asking, "echo", "x" * 2_000_000) == Returned("x" * 2_000_000)


@all_walls
def test_exercises_of_one_submission_share_no_state(walls: Walls) -> None:
    with sandbox(walls) as box:
        for _ in range(2):
            asking = box.exercise("13_x", FUNCTIONS)
            assert [reply(asking, "grows", 1), reply(asking, "grows", 1)] == [Returned(1), Returned(2)]
            asking.close()


@all_walls
def test_exercise_that_wants_a_process_of_its_own_shares_it_with_nobody(walls: Walls) -> None:
    with sandbox(walls) as box:
        first = box.exercise("13_x", FUNCTIONS)
        assert reply(first, "spoils", "x") == Returned("x")
        second = box.exercise("13_x", FUNCTIONS)
        assert reply(second, "spoiled") == Returned(True)
        alone = box.exercise("13_x", FUNCTIONS, alone=True)
        assert reply(alone, "spoiled") == Returned(False)
        reply(alone, "spoils", "y")
        alone.close()
        after = box.exercise("13_x", FUNCTIONS)
        assert reply(after, "spoiled") == Returned(False)
        assert [each.is_first for each in (first, second, alone, after)] == [True, False, True, True]


@all_walls
def test_of_calls_made_together_those_that_end_well_are_answered_beside_one_that_does_not(walls: Walls) -> None:
    with sandbox(walls) as box:
        asking = box.exercise("13_x", FUNCTIONS)
        assert [*asking("grows", [[1], [2], [3]])] == [Returned(1), Returned(2), Returned(3)]
        died = Refused("nothing: the process ended", "Return a value; do not leave Python (sys.exit, os._exit).")
        assert [*asking("dies", [["no number"], [0], ["no number"]])] == [
            Raised("TypeError", "'str' object cannot be interpreted as an integer"),
            died,
            Raised("TypeError", "'str' object cannot be interpreted as an integer"),
        ]


@all_walls
def test_calls_that_take_too_long_together_have_their_time_one_by_one(walls: Walls) -> None:
    with sandbox(walls, call_seconds=1.0) as box:
        box.talk()
        asking = box.exercise("13_x", FUNCTIONS)
        assert [*asking("sleeps", [[0.6], [0.6], [0.6]])] == [Returned(None)] * 3


@all_walls
def test_beside_other_exercises_one_death_is_the_end(walls: Walls) -> None:
    """Whatever is missed there is asked again in a process of its own, so to go on would only take time."""
    with sandbox(walls) as box:
        reply(box.exercise("13_x", FUNCTIONS), "echo", 1)
        asking = box.exercise("13_x", FUNCTIONS)
        reply(asking, "dies", 0)
        assert "stopped too often" in reply(asking, "echo", 1).text  # type: ignore[union-attr]


@all_walls
def test_after_a_death_the_next_call_is_answered(walls: Walls) -> None:
    with sandbox(walls) as box:
        asking = box.exercise("13_x", FUNCTIONS)
        assert reply(asking, "dies", 0) == Refused(
            "nothing: the process ended", "Return a value; do not leave Python (sys.exit, os._exit)."
        )
        assert reply(asking, "echo", 1) == Returned(1)


@all_walls
def test_nobody_waits_longer_than_the_limits(walls: Walls) -> None:
    with sandbox(walls, call_seconds=0.5, deaths=2) as box:
        box.talk()
        asking = box.exercise("13_x", FUNCTIONS)
        started = time.monotonic()
        assert reply(asking, "sleeps", 60).text == "nothing; the time was up"  # type: ignore[union-attr]
        assert time.monotonic() - started < 3
        reply(asking, "sleeps", 60)
        assert "stopped too often" in reply(asking, "echo", 1).text  # type: ignore[union-attr]


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
