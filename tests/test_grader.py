"""Grading one submission is a function of it, its owner, the secret and the exercises; nothing of it stays behind."""

import functools
import gc

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
