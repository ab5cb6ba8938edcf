"""`predict`: a question that the learner answers before the cell that shows the answer.

It knows: a question, its choices, the choice that was made, and what happened in the end.
It must not know: scores. A prediction that did not come true has done its work, so nothing here says "wrong".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import traitlets

from dnsseclab.protocol.names import LabError

from .assets import read
from .worded import WordedWidget

NOT_SURE = "not sure yet"


def predict(question: str, choices: Sequence[str]) -> "Prediction":
    """Ask what will happen; show the result as the last line of a cell, and keep it.

    >>> guess = predict("What will the browser open?", ["the bank", "an error page"])
    >>> guess.choice = "the bank"
    >>> guess.reveal("an error page")
    You predicted: the bank. Not what happened. It was: an error page.

    Without widgets: `my_prediction = "the bank"`, and later `compare(my_prediction, "an error page")`.

    Raises:
        LabError: Fewer than two choices, or the same one twice.
    """
    offered = [choice for choice in choices if choice != NOT_SURE]
    if len(offered) < 2 or len(set(offered)) < len(offered):
        raise LabError("A prediction needs two or more choices that differ, for example ['the bank', 'an error page'].")
    return Prediction(question_html=f"<b>Predict first.</b> {escape(question)}", choices=[*offered, NOT_SURE])


def compare(predicted: str | None, happened: str) -> "Comparison":
    """Return a prediction beside what happened; print it, or let it be the last line of a cell."""
    return Comparison(predicted, happened)


@dataclass(frozen=True, repr=False)
class Comparison:
    """What was predicted, and what happened."""

    predicted: str | None
    happened: str

    @property
    def came_true(self) -> bool:
        """Return whether the prediction came true."""
        return self.predicted == self.happened

    def __repr__(self) -> str:
        if self.predicted is None:
            return f"You made no prediction this time. It was: {self.happened}."
        if self.came_true:
            return f"You predicted: {self.predicted}. {verdict(self.predicted, self.happened)}"
        return f"You predicted: {self.predicted}. {verdict(self.predicted, self.happened)} It was: {self.happened}."


def verdict(predicted: str, happened: str) -> str:
    """Return the few words that follow a prediction once it is known what happened."""
    if predicted == NOT_SURE:
        return "Now you have seen it."
    return "Right." if predicted == happened else "Not what happened."


class Prediction(WordedWidget):
    """One question and its choices as a widget; the attack theatre uses the same one.

    `question_html` is markup, made by our own code; choices and note are plain text.
    """

    _esm = read("keyboard.js", "prediction.js")
    _css = read("palette.css", "prediction.css")

    question_html = traitlets.Unicode().tag(sync=True)
    choices = traitlets.List(traitlets.Unicode()).tag(sync=True)
    chosen = traitlets.Int(None, allow_none=True).tag(sync=True)  # the place of the choice in `choices`
    asking = traitlets.Bool(True).tag(sync=True)  # False: only the line of the question is there
    locked = traitlets.Bool(False).tag(sync=True)
    note = traitlets.Unicode().tag(sync=True)  # spoken by screen readers when it changes

    @property
    def choice(self) -> str | None:
        """Return what was chosen, in words; None if nothing was. It can be set as well."""
        return None if self.chosen is None else self.choices[self.chosen]

    @choice.setter
    def choice(self, choice: str | None) -> None:
        if choice is not None and choice not in self.choices:
            raise LabError(f"{choice!r} is not among the choices: {', '.join(self.choices)}.")
        self.chosen = None if choice is None else self.choices.index(choice)

    def reveal(self, happened: str) -> Comparison:
        """Return the prediction beside what happened, and say the same in the widget."""
        comparison = compare(self.choice, happened)
        self.note = str(comparison)
        return comparison

    def __repr__(self) -> str:
        return f"Prediction(choice={self.choice!r}, choices={self.choices})"

    def saved_page(self) -> str:
        """Return the question and its choices, without the means to choose."""
        choices = "".join(f"<li>{escape(choice)}</li>" for choice in self.choices)
        return f"<p>{self.question_html}</p><ul>{choices}</ul><p>Run this cell to choose.</p>"
