"""`check_yourself`: the three questions at the end of a lesson, each answer with its reason.

It knows: how questions look on a page and in words. The page is plain HTML that unfolds: it needs no kernel, so it
works in a saved notebook too, and nothing can be out of step when a cell is run twice.
It must not know: scores. An answer that is not right has a reason behind it, and that is what is shown.
"""

from dataclasses import dataclass
from html import escape

from ...protocol.names import LabError
from .assets import read
from .lesson import Answer, Question, inline_markup, load_lesson, markup

LETTERS = "abcdefgh"


def check_yourself(lesson: str) -> "Quiz":
    """Ask the questions of a lesson; let it be the last line of a cell.

    Choose an answer, and it unfolds what there is to say about it. Without a mouse and without a browser:
    `print(check_yourself("03"))` prints the questions, `check_yourself("03").answer(1, "b")` answers the first.

    Raises:
        LabError: No such lesson, or it has no questions.
    """
    questions = load_lesson(lesson).questions
    if not questions:
        raise LabError(f"Lesson {lesson} has no questions.")
    return Quiz(questions)


@dataclass(frozen=True, repr=False)
class Quiz:
    """Some questions, and what there is to say about each answer."""

    questions: tuple[Question, ...]

    def answer(self, number: int, letter: str) -> Answer:
        """Return what there is to say about an answer: `print` it.

        Args:
            number: Of the question, from 1.
            letter: Of the answer, from 'a'.
        Raises:
            LabError: No such question or answer.
        """
        if number not in range(1, len(self.questions) + 1):
            raise LabError(f"There is no question {number!r}: write a number from 1 to {len(self.questions)}.")
        answers = self.questions[number - 1].answers
        letters = LETTERS[: len(answers)]
        if letter not in tuple(letters):
            raise LabError(f"Question {number} has no answer {letter!r}: write one of {', '.join(letters)}.")
        return answers[letters.index(letter)]

    def __repr__(self) -> str:
        parts = []
        for number, question in enumerate(self.questions, 1):
            lines = [f"{number}. {question.text}"]
            lines += [f"   {letter}) {answer.text}" for letter, answer in zip(LETTERS, question.answers, strict=False)]
            parts.append("\n".join(lines))
        return "\n\n".join(parts)

    def _repr_html_(self) -> str:
        parts = "".join(_question(number, question) for number, question in enumerate(self.questions, 1))
        return f'<style>{read("palette.css", "unfolding.css")}</style><div class="dl-unfolding">{parts}</div>'


def _question(number: int, question: Question) -> str:
    answers = "".join(map(_answer, LETTERS, question.answers))
    label = escape(f"Question {number}")
    return (
        f'<section role="group" aria-label="{label}"><div><b>{number}.</b> {inline_markup(question.text)}</div>'
        f"{answers}</section>"
    )


def _answer(letter: str, answer: Answer) -> str:
    verdict = "Right." if answer.right else "Not quite."
    kind = "right" if answer.right else "other"
    return unfold(f"{letter}) {inline_markup(answer.text)}", f"<b>{verdict}</b>{markup(answer.because)}", kind)


def unfold(summary: str, content: str, kind: str) -> str:
    """Return HTML that shows its content when its summary is chosen; JupyterLab leaves its keys alone."""
    return (
        f'<details class="dl-{kind}"><summary data-lm-suppress-shortcuts="true">{summary}</summary>'
        f"<div>{content}</div></details>"
    )
