"""One call of a learner's function, in the process where this runs: a plain reply comes of it, whatever happens.

It knows: how arguments and values are copied through JSON, and how an exception becomes text.
It must not know: what the call is for. The notebook and the sandbox share this, so that both see the same.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

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
Ask = Callable[[str, list[Plain]], Reply]  # the function's name, the arguments


def ask(function: Callable[..., Any], arguments: Sequence[Plain]) -> Reply:
    """Return what comes of one call; only the Stop button of a notebook gets through."""
    copies = [from_json(to_json(each)) for each in arguments]
    try:
        value = function(*copies)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # also SystemExit, which must not end the asking
        return raised(error)
    try:
        return Returned(from_json(json.loads(json.dumps(to_json(value)))))
    except NotPlain as problem:
        return Refused(str(problem).rstrip("."), str(problem).partition(": ")[2].capitalize())


def raised(error: BaseException) -> Raised:
    """Return an exception as plain text; the text of a learner's own class may fail as well."""
    try:
        text = " ".join(str(error).split())[:300]
    except BaseException:
        text = ""
    return Raised(type(error).__name__, text)


def pack(reply: Reply) -> dict[str, Any]:
    """Return a reply for JSON."""
    if isinstance(reply, Returned):
        return {"value": to_json(reply.value)}
    return {"raised" if isinstance(reply, Raised) else "refused": list(reply)}


def unpack(data: Any) -> Reply:
    """Return the reply that was packed; the other side may have written anything.

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
