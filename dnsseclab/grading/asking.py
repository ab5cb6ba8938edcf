"""Calls of a learner's function, in the process where this runs: a plain reply comes of each, whatever happens.

It knows: how arguments and values are copied through JSON, and how an exception becomes text.
It must not know: what the call is for. The notebook and the sandbox share this, so that both see the same.
"""

import json
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, TypeAlias

from .plain import NotPlain, Plain, from_json, to_json


class Returned(NamedTuple):
    """The learner's function came back with a value."""

    value: Plain


class Raised(NamedTuple):
    """The learner's function raised an exception."""

    kind: str  # the name of its class
    text: str


class Refused(NamedTuple):
    """There is no value: nothing plain, out of time. The text says what came instead."""

    text: str
    next_step: str


NO_FUNCTION = "NoFunction"  # a Raised of this kind: there is nothing to call
UNWRITTEN = ("NotImplementedError", NO_FUNCTION)  # what comes of a function that nobody has begun to write

Reply = Returned | Raised | Refused
Arguments: TypeAlias = list[Any]  # of one call, each as `to_json` writes it
Ask = Callable[[str, list[Arguments]], Iterable[Reply]]  # the function's name, and what to call it with, time by time


def ask(function: Callable[..., Any], arguments: Arguments) -> Reply:
    """Return what comes of one call; only the Stop button of a notebook gets through."""
    return unpack(json.loads(json.dumps(called(function, arguments))))


def called(function: Callable[..., Any], arguments: Arguments) -> dict[str, Any]:
    """Return what comes of one call, written for JSON: {"value": ...}, {"raised": [...]} or {"refused": [...]}."""
    values = [from_json(each) for each in arguments]
    try:
        value = function(*values)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # also SystemExit, which must not end the asking
        return {"raised": raised(error)}
    try:
        return {"value": to_json(value)}
    except NotPlain as problem:
        return {"refused": [str(problem).rstrip("."), str(problem).partition(": ")[2].capitalize()]}


def raised(error: BaseException) -> Raised:
    """Return an exception as plain text; the text of a learner's own class may fail as well."""
    try:
        text = " ".join(str(error).split())[:300]
    except BaseException:
        text = ""
    return Raised(type(error).__name__, text)


def unpack(data: Any) -> Reply:
    """Return the reply that was written for JSON; the other side may have written anything.

    Raises:
        NotPlain: This is no reply.
    """
    if type(data) is dict and len(data) == 1:
        ((kind, content),) = data.items()
        if kind == "value":
            return Returned(from_json(content))
        if type(content) is list and [type(each) for each in content] == [str, str]:
            first, second = (each[:2000] for each in content)
            if kind in ("raised", "refused"):
                return Raised(first, second) if kind == "raised" else Refused(first, second)
    raise NotPlain("something that is no reply.")
