"""Only plain values pass, by their exact type, and what passed is what was sent."""

import enum
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnsseclab.grading.plain import MAX_DEPTH, NotPlain, from_json, same, show, to_json

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=10,
)


class AlwaysEqual(int):
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = int.__hash__


@given(plain)
def test_plain_value_comes_back_as_it_was(value: Any) -> None:
    assert same(from_json(json.loads(json.dumps(to_json(value)))), value)


def test_tuple_passes_as_a_list() -> None:
    assert to_json((1, (2,))) == [1, [2]]


@pytest.mark.parametrize(
    "value", [AlwaysEqual(1), bytearray(b"x"), {1}, {"a": 1}, object(), 1j, enum.IntFlag("Bits", "A")(1), 1 << 9000]
)
def test_what_is_not_plain_is_named_with_an_advice(value: object) -> None:
    with pytest.raises(NotPlain, match=r": give "):
        to_json([value])


def test_lists_may_not_be_endlessly_deep() -> None:
    circle: list = []
    circle.append(circle)
    with pytest.raises(NotPlain, match="deep"):
        to_json(circle)
    nested: Any = 1
    for _ in range(MAX_DEPTH + 1):
        nested = [nested]
    with pytest.raises(NotPlain):
        from_json(nested)


@pytest.mark.parametrize("data", [{"bytes": "xy"}, {"bytes": 1}, {"bytes": "00", "more": 1}, {"object": 1}, {}])
def test_what_nobody_wrote_as_plain_is_not_read(data: object) -> None:
    with pytest.raises(NotPlain):
        from_json([data])


@pytest.mark.parametrize(
    "first, second", [(True, 1), (1, 1.0), (b"a", "a"), (None, False), ([1], 1), ([1, True], [1, 1])]
)
def test_equal_values_of_other_types_are_not_the_same(first: Any, second: Any) -> None:
    assert same(first, first) and same(second, second)
    assert not same(first, second)


def test_bytes_are_shown_so_that_they_can_be_pasted() -> None:
    assert eval(show([b"\x00\xff", "a", 1, None])) == [b"\x00\xff", "a", 1, None]


def test_long_values_are_cut() -> None:
    assert len(show(b"x" * 100_000)) < 1300
    assert len(show("x" * 100_000)) < 3400
    assert len(show([[["x" * 1000] * 100] * 100] * 100)) < 3400
