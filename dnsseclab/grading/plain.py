"""Plain values: the only things that pass between a learner's code and the judge.

It knows: which values are plain, how they are written as JSON and read back, and when two of them are the same.
It must not know: what they mean.
A value is judged by its exact type. An object of a learner's own class never gets across, so its `__eq__`, `__hash__`
or `__repr__` never runs where points are given.
"""

from typing import Any, TypeAlias

Plain: TypeAlias = "bytes | str | int | float | bool | None | list[Plain]"

MAX_DEPTH = 16  # lists in lists; deeper ones are nobody's answer, but a way to exhaust the reader's stack
PASSED_ON = frozenset({str, bool, float, type(None)})  # as JSON writes them; an int may be too long for that
KINDS = "bytes, str, int, float, bool, None, or lists of these"


class NotPlain(ValueError):
    """A value that may not pass; the text says what it is and what to give instead."""


def to_json(value: Any, depth: int = 0) -> Any:
    """Return what `json.dumps` can write. Bytes become {"bytes": hex}; a tuple counts as a list.

    Raises:
        NotPlain: It is, or holds, something else.
    """
    kind = type(value)
    if kind in PASSED_ON:
        return value
    if kind is int:
        if value.bit_length() > 8192:
            raise NotPlain(f"a number of {value.bit_length()} bits: give one of at most 8192.")
        return value
    if kind is bytes:
        return {"bytes": value.hex()}
    if kind not in (list, tuple):
        raise NotPlain(f"a value of type {kind.__name__}: {_advice(value)}.")
    if depth >= MAX_DEPTH:
        raise NotPlain(f"lists nested more than {MAX_DEPTH} deep: give a flatter one.")
    return [each if type(each) in PASSED_ON else to_json(each, depth + 1) for each in value]


def from_json(data: Any, depth: int = 0) -> Plain:
    """Return the value that was written so; the other side may have written anything.

    Raises:
        NotPlain: Nothing plain is written so.
    """
    if type(data) in PASSED_ON or type(data) is int:
        return data
    if type(data) is dict and list(data) == ["bytes"] and type(data["bytes"]) is str:
        try:
            return bytes.fromhex(data["bytes"])
        except ValueError:
            raise NotPlain("bytes that are not written in hexadecimal.") from None
    if type(data) is list and depth < MAX_DEPTH:
        return [each if type(each) in PASSED_ON else from_json(each, depth + 1) for each in data]
    raise NotPlain("something that is not a plain value.")


def same(first: Plain, second: Plain) -> bool:
    """Return whether two plain values are equal and of the same type: True is not 1, and 1.0 is not 1."""
    if type(first) is not type(second):
        return False
    if isinstance(first, list) and isinstance(second, list):
        return len(first) == len(second) and all(map(same, first, second))
    return first == second


def show(value: Plain, room: int = 1100) -> str:
    """Return a value as Python writes it, for people; bytes in hexadecimal, so that they can be pasted."""
    if isinstance(value, bytes):
        text = value.hex()
        digits = text if len(text) <= room else f"{text[:room]}... ({len(value)} bytes)"
        return f"bytes.fromhex('{digits}')"
    if isinstance(value, list):
        text = "[" + ", ".join(show(each, room) for each in value[:50]) + ", ..." * (len(value) > 50) + "]"
    else:
        text = repr(value)
    return text if len(text) <= 3 * room else f"{text[: 3 * room]}..."


def _advice(value: Any) -> str:
    if isinstance(value, bytearray | memoryview):
        return "give bytes(...) of it"
    if isinstance(value, int):
        return "give int(...) of it"
    if isinstance(value, str):
        return "give str(...) of it"
    return f"give {KINDS}"
