"""views/apps/prediction.py: a prediction is kept, compared kindly, and never scored."""

import pytest

from dnsseclab.protocol.names import LabError
from dnsseclab.views.apps.prediction import NOT_SURE, compare, predict

CHOICES = ["the bank", "the attacker's page", "an error page"]


def ask():
    return predict("What will the browser open?", CHOICES)


def test_a_choice_is_recorded_before_the_reveal():
    guess = ask()
    assert guess.choice is None
    guess.chosen = 1  # what a click in the browser sets
    assert guess.choice == "the attacker's page"


def test_nobody_is_forced_to_know():
    assert ask().choices[-1] == NOT_SURE
    assert predict("?", [*CHOICES, NOT_SURE]).choices.count(NOT_SURE) == 1


@pytest.mark.parametrize(
    ("predicted", "happened", "said"),
    [
        ("the bank", "the bank", "You predicted: the bank. Right."),
        ("the bank", "an error page", "You predicted: the bank. Not what happened. It was: an error page."),
        (NOT_SURE, "the bank", "You predicted: not sure yet. Now you have seen it. It was: the bank."),
        (None, "the bank", "You made no prediction this time. It was: the bank."),
    ],
)
def test_the_comparison_is_friendly(predicted, happened, said):
    """The word "wrong" is never said, and nothing is counted."""
    assert str(compare(predicted, happened)) == repr(compare(predicted, happened)) == said


def test_reveal_says_the_same_in_the_widget_and_in_the_cell():
    guess = ask()
    guess.choice = "the bank"
    said = guess.reveal("the bank")
    assert said.came_true
    assert guess.note == str(said)


def test_asking_twice_gives_two_independent_questions():
    first, second = ask(), ask()
    first.choice = "the bank"
    assert second.choice is None


def test_a_choice_that_was_not_offered_is_refused():
    guess = ask()
    with pytest.raises(LabError, match="not among the choices: the bank, "):
        guess.choice = "the moon"
    assert guess.choice is None


@pytest.mark.parametrize("choices", [[], ["only one"], ["one", "one"], ["one", NOT_SURE]])
def test_a_question_needs_choices_that_differ(choices):
    with pytest.raises(LabError, match="two or more choices"):
        predict("?", choices)


def test_markup_in_a_question_is_shown_not_obeyed():
    assert "<script>" not in predict("<script>", CHOICES).question_html


def test_a_page_without_widgets_shows_question_and_choices():
    bundle, _ = ask()._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert "What will the browser open?" in bundle["text/html"]
    assert "an error page" in bundle["text/html"]
    assert "the bank" in bundle["text/plain"]
