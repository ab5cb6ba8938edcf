"""`check`: the exercise's criteria, asked in the notebook itself, with an answer at once.

It knows: how functions in this process are asked, and that a class is graded with other data by the same criteria.
It must not know: the class secret. Points counted here are the learner's own book-keeping; no grade is read from it.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from dnsseclab.protocol.names import LabError

from . import catalogue, progress
from .asking import ask
from .criteria import judge
from .patience import patiently
from .plain import Plain
from .seeds import asked_of, shown_to
from .showing import Report


def check(name: str, *functions: Callable[..., Any]) -> Report:
    """Ask your functions what exercise `name` asks, and say what came back; the points so far are kept.

    >>> check("06_key_tag", key_tag, ds_digest, named_keys)

    Raises:
        LabError: No such exercise, or not the functions that it asks for.
    """
    exercise = catalogue.exercise(name)
    given = {getattr(each, "__name__", ""): each for each in functions if callable(each)}
    if len(given) < len(functions) or set(given) != set(exercise.functions):
        raise LabError(f'Write check("{name}", {", ".join(exercise.functions)}): the functions themselves, by name.')
    book = progress.read()
    verdict = judge(
        name,
        exercise,
        lambda function, calls: (patiently(partial(ask, given[function], each)) for each in calls),
        shown_to(book.learner, name),
        asked_of(book.learner, name, b""),
    )
    return Report(verdict, progress.keep(book, verdict), len(catalogue.names()))


def my_data(name: str) -> list[Plain]:
    """Return the data that was drawn for you in exercise `name`."""
    exercise = catalogue.exercise(name)
    if exercise.material is None:
        raise LabError(f"Exercise {name} hands nothing out: all that it needs is in its notebook.")
    return exercise.material(shown_to(progress.read().learner, name).within("material"))
