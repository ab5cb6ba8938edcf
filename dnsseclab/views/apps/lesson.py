"""The texts of a lesson that would spoil it if they stood in the notebook: quiz answers and hints.

It knows: the folder `lessons`, one TOML file for each notebook: `[[question]]` with `text`, and for each
`[[question.answer]]` its `text`, `right` and `because`; `[hint.KEY]` with `nudge`, `method` and `example`.
It must not know: how they are shown.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import mistune

from ...protocol.names import LabError

RUNGS = {"nudge": "A nudge", "method": "The method", "example": "The same on other data"}
_FOLDER = files(__package__).joinpath("lessons")
_to_html = mistune.create_markdown(escape=True)


@dataclass(frozen=True)
class Answer:
    """One answer that a question offers, and why it is right, or which idea it comes from if it is not."""

    text: str
    right: bool
    because: str

    def __str__(self) -> str:
        return f"{'Right.' if self.right else 'Not quite.'} {self.because}"


@dataclass(frozen=True)
class Question:
    """One question and its answers; exactly one of them is right."""

    text: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class Lesson:
    """The questions of one notebook, and its hints: {key: {rung: text}}, the rungs in order."""

    number: str
    questions: tuple[Question, ...]
    hints: dict[str, dict[str, str]]


def lessons() -> list[str]:
    """Return the numbers of the lessons that have texts: ['02', '03', ...]."""
    return sorted(entry.name.removesuffix(".toml") for entry in _FOLDER.iterdir() if entry.name.endswith(".toml"))


@cache
def load_lesson(number: str) -> Lesson:
    """Return the texts of a lesson; `number` is how its notebook's name begins.

    Raises:
        LabError: No lesson has that number.
    """
    if number not in lessons():
        raise LabError(f"There are no texts for a lesson {number!r}: write one of {', '.join(map(repr, lessons()))}.")
    data = tomllib.loads(_FOLDER.joinpath(f"{number}.toml").read_text(encoding="utf-8"))
    hints = {key: {rung: hint[rung] for rung in RUNGS if hint.get(rung)} for key, hint in data.get("hint", {}).items()}
    return Lesson(number, tuple(map(_question, data.get("question", ()))), hints)


def _question(data: dict[str, Any]) -> Question:
    answers = (Answer(each["text"], each["right"], each["because"]) for each in data["answer"])
    return Question(data["text"], tuple(answers))


def markup(text: str) -> str:
    """Return Markdown as HTML; HTML inside it is shown and not obeyed."""
    return str(_to_html(text))


def inline_markup(text: str) -> str:
    """Return one paragraph of Markdown as HTML without the paragraph around it."""
    return markup(text).strip().removeprefix("<p>").removesuffix("</p>")
