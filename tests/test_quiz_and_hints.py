"""views/apps/lesson.py, quiz.py, hints.py: every answer has its reason, every ladder its rungs, and all can be read."""

import re

import pytest

from dnsseclab.protocol.names import LabError
from dnsseclab.views.apps import check_yourself, hints
from dnsseclab.views.apps.hints import Ladder
from dnsseclab.views.apps.lesson import RUNGS, Lesson, lessons, load_lesson, markup

LESSON = "03"


@pytest.fixture(params=lessons())
def lesson(request: pytest.FixtureRequest) -> Lesson:
    return load_lesson(request.param)


def test_a_lesson_asks_three_questions(lesson: Lesson) -> None:
    assert re.fullmatch(r"\d\d", lesson.number)
    assert len(lesson.questions) == 3
    assert len({question.text for question in lesson.questions}) == 3


def test_exactly_one_answer_is_right_and_every_one_has_its_reason(lesson: Lesson) -> None:
    for question in lesson.questions:
        assert len(question.answers) >= 2
        assert [type(answer.right) for answer in question.answers] == [bool] * len(question.answers)
        assert sum(answer.right for answer in question.answers) == 1, question.text
        assert len({answer.text for answer in question.answers}) == len(question.answers)
        reasons = [answer.because.strip() for answer in question.answers]
        assert len(set(reasons)) == len(reasons)
        assert all(len(reason) > 20 for reason in reasons), question.text


def test_the_right_answer_cannot_be_told_from_its_place(lesson: Lesson) -> None:
    places = {[answer.right for answer in question.answers].index(True) for question in lesson.questions}
    assert len(places) > 1


def test_every_ladder_has_its_three_rungs(lesson: Lesson) -> None:
    for key, rungs in lesson.hints.items():
        assert list(rungs) == list(RUNGS), f"{lesson.number}: hint.{key}"
        assert all(text.strip() for text in rungs.values())


def test_everything_can_be_shown(lesson: Lesson) -> None:
    assert check_yourself(lesson.number)._repr_html_().count("<details") == sum(
        len(question.answers) for question in lesson.questions
    )
    for key in lesson.hints:
        assert hints(lesson.number, key)._repr_html_().count("<details") == len(RUNGS)


def test_the_twin_asks_and_answers_in_words() -> None:
    quiz = check_yourself(LESSON)
    questions = load_lesson(LESSON).questions
    assert all(question.text in repr(quiz) for question in questions)
    assert "because" not in repr(quiz)
    for number, question in enumerate(questions, 1):
        for letter, answer in zip("abc", question.answers, strict=False):
            assert answer.because not in repr(quiz)
            assert str(quiz.answer(number, letter)) == f"{'Right.' if answer.right else 'Not quite.'} {answer.because}"


def test_the_twin_of_a_ladder_gives_one_rung_at_a_time() -> None:
    ladder = hints(LESSON, "heal")
    rungs = load_lesson(LESSON).hints["heal"]
    for number, text in enumerate(rungs.values(), 1):
        assert text in ladder.climb(number)
        assert text not in repr(ladder)


def test_a_rung_lies_inside_the_one_before() -> None:
    page = Ladder({"nudge": "FIRST", "method": "SECOND", "example": "THIRD"})._repr_html_()
    pieces = re.findall(r"<details|</details>|FIRST|SECOND|THIRD", page)
    assert pieces == ["<details", "FIRST", "<details", "SECOND", "<details", "THIRD", *["</details>"] * 3]


def test_markup_is_shown_not_obeyed() -> None:
    assert "<script>" not in markup("<script>alert(1)</script>")
    assert "<code>&lt;b&gt;</code>" in markup("`<b>`")


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda: check_yourself("77"), "no texts for a lesson '77': write one of '0"),
        (lambda: check_yourself(3), "no texts for a lesson 3"),
        (lambda: hints("77", "heal"), "no texts for a lesson '77'"),
        (lambda: hints(LESSON, "steal"), "Lesson 03 has no hints 'steal'; it has: 'heal', "),
        (lambda: hints(LESSON, "heal").climb(4), "no rung 4: write a number from 1 to 3"),
        (lambda: check_yourself(LESSON).answer(4, "a"), "no question 4: write a number from 1 to 3"),
        (lambda: check_yourself(LESSON).answer(1, "ab"), "Question 1 has no answer 'ab': write one of a, b, c"),
    ],
)
def test_what_is_not_there_is_said_and_what_is_there_too(ask, says) -> None:
    with pytest.raises(LabError, match=re.escape(says)):
        ask()
