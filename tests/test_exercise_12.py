"""Exercise 12: counting on paper comes to what the validator counts, and likely slips lose their points."""

from itertools import product
from typing import Any

import pytest

import exercises
from dnsseclab.grading import catalogue
from dnsseclab.grading.seeds import shown_to
from dnsseclab.internet.workloads import TIMES, Workload, as_values, honest, judged, trap
from dnsseclab.validator.limits import Limits

NAME = "12_budget"
SOLUTION = vars(exercises.solution(NAME))
FIELDS = ("signature_checks", "failed_checks", "keys_per_tag", "signatures_per_rrset")
LOADS = [*(honest(depth, times) for depth in (1, 2) for times in TIMES), trap(5, 4), trap(9, 1), trap(1, 9)]


def named(load: Workload) -> str:
    return load.name


@pytest.mark.parametrize("load", LOADS, ids=named)
def test_counting_on_paper_comes_to_what_the_validator_counts_under_any_limits(load: Workload) -> None:
    question = as_values(load)
    seen = set()
    for limits in product((0, 2, 5, 100), (0, 1, 100), (1, 2, 100), (0, 1, 100)):
        spent = judged(load, Limits(**dict(zip(FIELDS, limits, strict=True))))
        assert SOLUTION["spend"](question, list(limits)) == list(spent), limits
        seen.add(spent)
    assert len(seen) >= 2


def test_a_budget_is_asked_for_at_two_kinds_of_zones_which_no_one_budget_suits() -> None:
    for limits in product((2, 4, 14, 21, 100), (2, 7, 100), (2, 3, 100), (2, 100)):
        lost = missed(budget=lambda survey, multiple, limits=limits: list(limits))
        assert len(lost) >= 1, limits


def test_what_is_handed_out_can_be_solved_with_what_the_notebook_says() -> None:
    for learner in ("alice", "bob", "charlie"):
        material = catalogue.exercise(NAME).material
        assert material
        survey, multiple = material(shown_to(learner, NAME))
        dearest = max(sum(SOLUTION["price"](*rrset)[0] for rrset in question) for question in survey)
        limits = SOLUTION["budget"](survey, multiple)
        assert limits[0] <= multiple * dearest and multiple >= 2


# ---- slips


def missed(*changes: tuple[str, str], learner: str = "alice", **functions: Any) -> set[str]:
    """Return the criteria that a solution misses of which some text, or a function, is replaced."""
    return set(exercises.missed(exercises.verdict(NAME, exercises.solution_with(NAME, *changes) | functions, learner)))


INSTEAD = "            if at == place:\n                return [checks, failed]"
SPEND = {"honest_questions", "total_limits", "limits_of_one_rrset"}
SLIPS = {
    "the algorithm not compared": (
        [("if key != [tag, algorithm]:", "if key[0] != tag:")],
        {"honest_prices", "prices_of_traps"},
    ),
    "going on after the first signature that holds": (
        [("                return [checks, failed]  # one good signature is enough\n", "                break\n")],
        {"honest_prices", "traps"},
    ),
    "the check that succeeds not counted": (
        [("            checks += 1\n            if at == place:\n                return [checks, failed]", INSTEAD),
         ("            failed += 1\n    return [", "            failed += 1\n            checks += 1\n    return [")],
        {"honest_prices", "questions_of_a_busy_day", "todays_questions", "traps"},  # the budget rests on it
    ),
    "an account for each RRset": (
        [("checks = failed = 0  # of the whole question", "checks = 0  # of the whole question"),
         ("        holds = False\n", "        holds, checks, failed = False, 0, 0\n")],
        SPEND,
    ),
    "the last check that is allowed not made": (
        [("checks == signature_checks:", "checks + 1 >= signature_checks:")],
        {"honest_questions", "total_limits"},
    ),
    "the last failure that is allowed not allowed": (
        [("if failed > failed_checks:", "if failed >= failed_checks:")],
        {"honest_questions", "total_limits"},
    ),
    "a key too many skipped instead of given up": (
        [("if tried == keys_per_tag or checks", "if tried == keys_per_tag: break\n                if checks")],
        {"limits_of_one_rrset"},
    ),
    "no room for a busy day": (
        [("sum(failed for _, failed in each) + len(each)", "sum(failed for _, failed in each)"),
         ("sum(checks for checks, _ in each) + len(each)", "sum(checks for checks, _ in each)")],
        {"questions_of_a_busy_day"},
    ),
    "no room for one more key": ([("for key in keys) + 1", "for key in keys)")], {"questions_of_a_busy_day"}),
    "a generous first limit": ([("min(busy_checks, multiple * dearest)", "100")], {"traps"}),
    "the cheapest instead of the dearest": (
        [("busy_checks = max(sum", "busy_checks = min(sum")],
        {"questions_of_a_busy_day", "todays_questions", "traps"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("slip", SLIPS)
def test_slip_loses_the_points_that_it_should_and_no_others(slip: str) -> None:
    changes, expected = SLIPS[slip]
    for learner in ("alice", "bob", "charlie"):
        assert missed(*changes, learner=learner) == expected


def test_a_budget_of_nothing_survives_the_traps_and_gains_nothing() -> None:
    assert missed(budget=lambda survey, multiple: [0, 0, 0, 0]) >= {"todays_questions", "traps"}


def test_a_budget_of_another_form_is_told_what_is_missing() -> None:
    for wrong in ([1, 2, 3], [1, 2, 3, -4], [1, 2, 3, 4.0], [10**9] * 4, [True] * 4, "8"):
        assert "traps" in missed(budget=lambda survey, multiple, wrong=wrong: wrong)
