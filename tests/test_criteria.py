"""One exercise is judged criterion by criterion; a miss says all that a learner needs, a crash is ours."""

from typing import Any

from dnsseclab.grading.asking import ask
from dnsseclab.grading.criteria import TOGETHER, Criterion, Exercise, Learner, judge
from dnsseclab.grading.seeds import asked_of, shown_to
from dnsseclab.grading.verdicts import Mismatch, Verdict

WHY = {"why": "Because of RFC 1035 §3.1.", "next_step": "Look again."}


def doubles(learner: Learner) -> None:
    number = learner.fresh.integer(1, 1000)
    learner.expect("double", [number], 2 * number, **WHY)


def refuses_text(learner: Learner) -> None:
    learner.expect_refusal("double", ["text"], **WHY)


def double(number: Any) -> Any:
    if not isinstance(number, int):
        raise ValueError("a number, please")
    return 2 * number


def judged(function: Any, *criteria: Any) -> Verdict:
    exercise = Exercise("Doubling", ("double",), tuple(Criterion("It is right.", 2, each) for each in criteria))
    asking = lambda _, calls: (ask(function, each) for each in calls)  # noqa: E731
    return judge("13", exercise, asking, shown_to("a", "13"), asked_of("a", "13", b""))


def mismatch(function: Any, criterion: Any = doubles) -> Mismatch:
    (finding,) = judged(function, criterion).findings
    assert finding.mismatch and finding.points == 0 and not finding.crash
    return finding.mismatch


def test_right_answer_gets_all_points() -> None:
    verdict = judged(double, doubles, refuses_text)
    assert (verdict.points, verdict.out_of, verdict.solved) == (4, 4, True)


def test_each_criterion_counts_for_itself() -> None:
    verdict = judged(lambda number: number * 2, doubles, refuses_text)
    assert [finding.points for finding in verdict.findings] == [2, 0]
    assert not verdict.solved


def test_miss_says_what_was_called_what_came_back_what_was_expected_why_and_what_next() -> None:
    found = mismatch(lambda number: number)
    number = found.actual
    assert found.called == f"double({number})"
    assert found.expected == str(2 * int(number))
    assert (found.why, found.next_step) == tuple(WHY.values())


def test_value_of_another_type_is_missed_and_the_types_are_named() -> None:
    found = mismatch(lambda number: float(2 * number))
    assert found.actual.endswith("(float)") and found.expected.endswith("(int)")


def test_answer_is_taken_out_of_what_is_handed_out() -> None:
    found = mismatch(lambda number: number)
    assert found.expected not in found.without_answer().expected
    assert mismatch(double_of_text, refuses_text).without_answer().expected == "a ValueError"


def double_of_text(number: Any) -> Any:
    return 2 * number


def test_exception_is_named_with_its_text() -> None:
    assert mismatch(lambda number: 1 // 0).actual == "ZeroDivisionError: integer division or modulo by zero"
    assert mismatch(lambda number: {}["x"], refuses_text).actual == "KeyError: 'x'"


def test_object_that_equals_everything_gets_nothing() -> None:
    class Equal:
        def __eq__(self, other: object) -> bool:
            return True

    found = mismatch(lambda number: Equal())
    assert "of type Equal" in found.actual and found.next_step.startswith("Give ")


def test_leaving_python_is_an_exception_like_any_other() -> None:
    def leave(number: int) -> None:
        raise SystemExit(0)

    assert mismatch(leave).actual == "SystemExit: 0"


def test_exception_whose_text_fails_is_named_without_it() -> None:
    class Sly(Exception):
        def __str__(self) -> str:
            raise SystemExit

    def fail(number: int) -> None:
        raise Sly

    assert mismatch(fail).actual == "Sly"


def test_argument_changed_by_the_learner_is_not_the_judges() -> None:
    def keeps(learner: Learner) -> None:
        numbers = [1, 2, 3]
        learner.call("double", numbers)
        learner.expect("double", [numbers], None, **WHY)
        assert numbers == [1, 2, 3]

    assert judged(lambda numbers: numbers.clear(), keeps).solved


def test_calls_are_made_together_in_their_order_and_the_first_one_missed_is_told() -> None:
    asked: list[list[int]] = []

    def asking(_: str, calls: list[list[int]]) -> Any:
        asked.append([number for (number,) in calls])
        return (ask(lambda number: 2 * number if number < 3 else 0, call) for call in calls)

    def criterion(learner: Learner) -> None:
        numbers = [1]
        for number in (1, 2, 3, 4):
            numbers[0] = number  # what was asked stays as it was
            learner.expect("double", numbers, 2 * number, **WHY)
        learner.expect("halve", [8], 0, **WHY)
        learner.call("halve", 5)

    exercise = Exercise("Doubling", ("double",), (Criterion("It is right.", 2, criterion),))
    (finding,) = judge("13", exercise, asking, shown_to("a", "13"), asked_of("a", "13", b"")).findings
    assert finding.mismatch and (finding.mismatch.called, finding.mismatch.actual) == ("double(3)", "0")
    assert asked == [[1, 2, 3, 4]]


def test_other_functions_and_calls_whose_value_is_wanted_come_in_their_order() -> None:
    asked: list[tuple[str, int]] = []

    def asking(function: str, calls: list[list[int]]) -> Any:
        asked.append((function, len(calls)))
        return (ask(double, call) for call in calls)

    def criterion(learner: Learner) -> None:
        for number in range(TOGETHER + 2):
            learner.expect("double", [number], 2 * number, **WHY)
        learner.expect_refusal("other", ["text"], **WHY)
        assert learner.call("double", 4) == 8
        learner.call_later("double", [1], seen.append, **WHY)

    seen: list[Any] = []
    exercise = Exercise("Doubling", ("double", "other"), (Criterion("It is right.", 2, criterion),))
    assert judge("13", exercise, asking, shown_to("a", "13"), asked_of("a", "13", b"")).solved
    assert asked == [("double", TOGETHER), ("double", 2), ("other", 1), ("double", 1), ("double", 1)]
    assert seen == [2]


def test_who_is_handed_a_value_may_find_that_the_criterion_is_not_met() -> None:
    def criterion(learner: Learner) -> None:
        def odd(value: Any) -> None:
            learner.fail("double", [1], str(value), "an odd number", **WHY)

        learner.call_later("double", [1], odd, **WHY)

    assert mismatch(double, criterion).expected == "an odd number"
    assert mismatch(lambda number: 1 // 0, criterion).actual.startswith("ZeroDivisionError")


def test_crash_of_the_judge_is_ours() -> None:
    def crashes(learner: Learner) -> None:
        learner.call("double", 1)
        raise ZeroDivisionError

    crashed, met = judged(double, crashes, doubles).findings
    assert "ZeroDivisionError" in crashed.crash and crashed.mismatch is None and not crashed.met
    assert crashed.points == 0 and met.met


def test_criterion_that_asks_nothing_is_a_crash_and_not_a_gift() -> None:
    (finding,) = judged(double, lambda learner: None).findings
    assert "asked nothing" in finding.crash and finding.points == 0
