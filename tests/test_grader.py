"""Grading one submission is a function of it, its owner, the secret and the exercises; nothing of it stays behind."""

import functools
import gc
import json

import pytest

import exercises
from dnsseclab.grading import catalogue
from dnsseclab.grading.grader import grade
from dnsseclab.grading.verdicts import Grade

SECRET = b"a class secret that nobody can guess"
SOME = ["03_odds", "06_key_tag"]
WRONG = "def key_tag(rdata):\n    return len(rdata) % 7"
HALF = {
    "03_odds.ipynb": exercises.submitted("03_odds"),
    "06_key_tag.ipynb": exercises.submitted("06_key_tag", key_tag=WRONG),
}


def graded(identifier: str, secret: bytes = SECRET) -> Grade:
    return grade(HALF, identifier, secret, exercises=SOME)


def test_same_submission_owner_and_secret_give_the_same_grade_whoever_was_graded_between() -> None:
    first = graded("alice")
    assert first.points == 10
    others = graded("bob"), graded("alice", SECRET + b"!")
    assert graded("alice") == first
    assert all(other.verdicts != first.verdicts for other in others)  # they were asked something else


SPOILERS = {
    "builtins": "import builtins; builtins.len = builtins.isinstance = builtins.compile = lambda *_: None",
    "json": "import json; json.loads = json.dumps = lambda *_, **__: {'loaded': [], 'replies': []}",
    "hashlib": "import hashlib; hashlib.sha256 = None",
    "the reader of notebooks": "from dnsseclab.grading import submission; submission.program = lambda *_: 1 / 0",
    "recursion": "import sys; sys.setrecursionlimit(60)",
    "the pipes": "import os; os.closerange(0, 64)",
    "memory": "import builtins; builtins.hoard = bytearray(400 << 20)",
    "the process": "import os; os._exit(0)",
    "replies of a thread": """import os, threading
    def chatter():
        while True:
            for descriptor in range(3, 64):
                try: os.write(descriptor, b'{"replies": [{"value": 1}]}\\n{"ended": 0}\\n')
                except OSError: pass
    threading.Thread(target=chatter, daemon=True).start()""",
}


ANSWERS_FOR_OTHERS = """import sys
    for module in ("dnsseclab.grading.inside", "__main__"):
        inside = sys.modules.get(module)
        if hasattr(inside, "answer"):
            inside.answer = lambda names, function, arguments, remarks: {"value": arguments[0]}
            inside.load = lambda *_: ({}, [])"""


def test_cheat_in_one_exercise_answers_for_no_other_one() -> None:
    """It gets hold of the questions of those that come later, but knows no answers, and has not the last word."""
    files = handed_in_beside(ANSWERS_FOR_OTHERS, "06_key_tag", json.dumps(exercises.notebook("06_key_tag")).encode())
    cheated, unwritten = grade(files, "mallory", SECRET, exercises=SOME).verdicts
    assert (cheated.points, unwritten.points) == (0, 0)
    assert not unwritten.tried  # what the learner wrote there, and not what the cheat said


def handed_in_beside(code: str, name: str, notebook: bytes) -> dict[str, bytes]:
    """Return a notebook beside one of exercise 03 that does something when it is loaded."""
    first, *others = catalogue.exercise("03_odds").functions
    spoil = f"def spoil():\n    {code}\n    return 1\nspoiled = spoil()\n"
    sources = {each: f"def {each}(*_): return spoiled" for each in others}
    sources[first] = f"{spoil}def {first}(*_): return spoiled"
    return {"03_odds.ipynb": exercises.submitted("03_odds", **sources), f"{name}.ipynb": notebook}


@pytest.mark.parametrize("name", SPOILERS)
def test_exercise_that_spoils_its_process_costs_no_other_one_a_point(name: str) -> None:
    files = handed_in_beside(SPOILERS[name], "06_key_tag", exercises.submitted("06_key_tag"))
    _, solved = grade(files, "alice", SECRET, exercises=SOME).verdicts
    (alone,) = grade(files, "alice", SECRET, exercises=["06_key_tag"]).verdicts
    assert solved == alone and solved.solved


@pytest.mark.slow
def test_judge_keeps_nothing_of_a_learner() -> None:
    """A class of any size: what is remembered for speed has a bound, and beside that nothing is left."""

    def objects_after(learners: range) -> int:
        for number in learners:
            for name in catalogue.names():
                handed_in = vars(exercises.solution(name))  # loaded anew: what a learner's code keeps is not ours
                assert exercises.verdict(name, handed_in, f"learner {number}", SECRET).solved
        for each in gc.get_objects():
            if isinstance(each, functools._lru_cache_wrapper) and each.cache_parameters()["maxsize"] is not None:
                each.cache_clear()
        gc.collect()
        return len(gc.get_objects())

    before = objects_after(range(3))
    assert (
        objects_after(range(3, 9)) - before < 6 * 20
    )  # flags keep their combinations; one world has some thousand objects
