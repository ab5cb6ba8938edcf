"""A learner's functions are found whatever became of the notebook, and experiments cost nothing."""

import json
from typing import Any

import pytest

from dnsseclab.grading.inside import load
from dnsseclab.grading.submission import Unreadable, binds, parse, program

NAME = "13_answer"


def cell(source: str | list[str], grade_id: str = "") -> dict[str, Any]:
    metadata = {"nbgrader": {"grade_id": grade_id}} if grade_id else {}
    return {"cell_type": "code", "metadata": metadata, "source": source}


def notebook(*cells: Any) -> bytes:
    listed = [each if isinstance(each, dict) else cell(each) for each in cells]
    return json.dumps({"cells": listed, "nbformat": 4, "nbformat_minor": 5, "metadata": {}}).encode()


def answer(*cells: Any, **more: bytes) -> Any:
    """Return what `f` of a notebook made of these cells returns."""
    names, remarks = load({f"{NAME}.ipynb": notebook(*cells)}, NAME, ["f"])
    return names["f"]() if "f" in names else remarks


STUB = cell('def f():\n    """Answer."""\n    # TODO\n    raise NotImplementedError', "f")
RIGHT = "def f():\n    return 42"


@pytest.mark.parametrize(
    "cells",
    [
        [cell(RIGHT, "f")],
        [RIGHT],  # metadata removed
        [cell(RIGHT.splitlines(keepends=True), "f")],  # as Jupyter writes it
        [STUB, RIGHT],  # solved in another cell, stub left
        [RIGHT, STUB],
        [cell(RIGHT, "f"), STUB],  # the cell copied together with its metadata
        [cell(RIGHT, "f"), "def f():\n    return 'an earlier attempt'"],
        ["def f():\n    return 'an earlier attempt'", cell(RIGHT, "f")],
        [cell("def f():\n    return helper()", "f"), "def helper():\n    return 42"],  # out of order
        ["import math as m\nfrom json import loads", cell("def f():\n    return loads(str(m.floor(42.5)))", "f")],
        ["TABLE = {}", "TABLE['a'] = 40", "TABLE.update(b=2)", cell("def f():\n    return sum(TABLE.values())", "f")],
        ["for number in range(43):\n    last = number", cell("def f():\n    return last", "f")],
        ["try:\n    import nothing_of_that_name\nexcept ImportError:\n    x = 42", cell("def f():\n    return x", "f")],
        ["class A:\n    value = 42", cell("def f():\n    return A.value", "f")],
        ["from functools import cache", cell("@cache\ndef f():\n    return 42", "f")],
        ["from functools import cache", cell(RIGHT + "\nf = cache(f)", "f")],
        [cell("f = lambda: 42", "f")],
        ["base = later * 2", "later = 21", cell("def f():\n    return base", "f")],
        ["from math import *", cell("def f():\n    return floor(42.5)", "f")],
        ["if True:\n    def f():\n        return 42"],
        [
            "global_number = 0",
            cell("def f():\n    global global_number\n    global_number = 42\n    return global_number"),
        ],
    ],
)
def test_honest_answer_is_found(cells: list[Any]) -> None:
    assert answer(*cells) == 42


@pytest.mark.parametrize(
    "experiment",
    ["1 / 0", "f(1, 2, 3)", "while True: pass", "print(f())", "raise SystemExit", "input()", "import sys\nsys.exit()",
     "this is no Python", "assert f() == 41", "%matplotlib inline\n!rm -rf nothing", "%%bash\nexit 1", "f?", "x = f()"],
)  # fmt: skip
def test_experiment_costs_nothing(experiment: str) -> None:
    assert answer(experiment, cell(RIGHT, "f"), experiment) == 42


@pytest.mark.parametrize(
    "function",
    [
        "def f():\n    slow = 42\n    return slow",
        "def f(slow=42):\n    return slow",
        "def f():\n    return [slow for slow in [42]][0]",
        "def f():\n    def slow(): return 42\n    return slow()",
        "def f():\n    import math as slow\n    return 42 + slow.floor(0.5)",
        "class A:\n    slow = 42\n    def get(self): return self.slow\ndef f():\n    return A().get()",
        "f = lambda slow=42: slow",
    ],
)
def test_name_of_a_functions_own_is_not_the_notebooks(function: str) -> None:
    assert answer("raise_it = 1 / 0\nslow = raise_it", cell(function, "f")) == 42
    assert load({f"{NAME}.ipynb": notebook("slow = 1 / 0", cell(function, "f"))}, NAME, ["f"])[1] == []


@pytest.mark.parametrize(
    "function",
    [
        "def f():\n    def inner(): return given\n    return inner()",
        "def f():\n    return [given for other in [0]][0]",
        "def f(number=given):\n    return number",
        "class A:\n    value = given\ndef f():\n    return A.value",
        "class A:\n    def get(self): return given\ndef f():\n    return A().get()",
        "def wrap(function): return lambda: function() + given - 42\n@wrap\ndef f():\n    return 42",
        "def f() -> given:\n    return 42 if given else 0",
        "x = 1; y = given\ndef f(): return y",
        "y = (\n  given\n); z = y\ndef f(): return z",
        "def f():\n    global given\n    return given",
    ],
)
def test_name_that_a_function_looks_up_in_the_notebook_is_found(function: str) -> None:
    assert answer("given = 42", cell(function, "f")) == 42


@pytest.mark.parametrize(
    "magic",
    [
        "%load_ext autoreload\n",
        "!pip install dnspython\n",
        "%%time\n",
        "\n%%capture\n",
        "here = %pwd\n",
        "f?\n",
        "?f\n",
    ],
)
def test_magic_in_the_cell_is_skipped(magic: str) -> None:
    assert answer(cell(magic + RIGHT, "f")) == 42


def test_percent_sign_in_good_python_stays() -> None:
    assert answer(cell("def f():\n    text = '''\n%d\n!'''\n    return int((text % 42).strip(' \\n!'))", "f")) == 42


def test_cell_that_fails_is_named() -> None:
    remarks = load({f"{NAME}.ipynb": notebook("x = 1 / 0", cell("def f():\n    return x", "f"))}, NAME, ["f"])[1]
    assert remarks == ["Cell 1 failed (ZeroDivisionError: division by zero)."]


def test_cell_that_is_no_python_is_named() -> None:
    assert answer(cell("def f(:\n  pass", "f")) == ["Cell 1 is no Python, line 1: invalid syntax; it was left out."]


def test_stub_alone_is_still_to_be_written() -> None:
    with pytest.raises(NotImplementedError):
        answer(STUB)


@pytest.mark.parametrize(
    "content, sentence",
    [
        (b"", "is no notebook: its JSON is broken"),
        (b"{", "Was the download complete?"),
        (b"\xff\xfe\x00\x01\x02", "not written in UTF-8"),
        (b'{"cells": "\xe9"}', "not written in UTF-8"),
        (b"[]", "has no list of cells"),
        (b'{"cells": 7}', "has no list of cells"),
        (b"[" * 200_000, "nested too deep"),
        (b"<html>Please log in</html>", "is no notebook"),
    ],
)
def test_what_is_no_notebook_gets_a_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(Unreadable, match=sentence):
        program({f"{NAME}.ipynb": content}, NAME, ["f"])


def test_no_notebook_gets_a_sentence() -> None:
    with pytest.raises(Unreadable, match="No notebook 13_answer.ipynb was handed in."):
        program({"other.ipynb": notebook("x = 1")}, NAME, ["f"])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_any_unicode_encoding_is_read(encoding: str) -> None:
    content = notebook(cell("def f():\n    return 'ä李'", "f")).decode().encode(encoding)
    assert load({f"{NAME}.ipynb": content}, NAME, ["f"])[0]["f"]() == "ä李"


def test_notebook_of_format_3_is_read() -> None:
    old = {"nbformat": 3, "worksheets": [{"cells": [{"cell_type": "code", "input": RIGHT, "language": "python"}]}]}
    assert load({f"{NAME}.ipynb": json.dumps(old).encode()}, NAME, ["f"])[0]["f"]() == 42


ODD = {"source": 7, "metadata": []}, {"source": [None, 1], "metadata": {"nbgrader": "x"}}


@pytest.mark.parametrize("odd", [None, 7, {}, {"cell_type": "code"}, *({"cell_type": "code", **odd} for odd in ODD)])
def test_odd_cell_is_passed_over(odd: Any) -> None:
    content = json.dumps({"cells": [odd, cell(RIGHT, "f")]}).encode()
    assert load({f"{NAME}.ipynb": content}, NAME, ["f"])[0]["f"]() == 42


def test_renamed_notebook_is_found_by_its_functions_and_the_right_name_comes_first() -> None:
    renamed, copy = notebook(cell(RIGHT, "f")), notebook(cell("def f():\n    return 1", "f"))
    assert load({"final version (2).ipynb": renamed}, NAME, ["f"])[0]["f"]() == 42
    names, remarks = load({f"{NAME}-Copy1.ipynb": copy, f"x/{NAME}.ipynb": renamed, "a.ipynb": copy}, NAME, ["f"])
    assert names["f"]() == 42
    assert remarks == [f"There were 2 notebooks for this exercise; x/{NAME}.ipynb was taken."]


def test_broken_copy_does_not_hide_a_good_one() -> None:
    names, remarks = load({f"{NAME}.ipynb": b"{", f"{NAME} (1).ipynb": notebook(RIGHT)}, NAME, ["f"])
    assert names["f"]() == 42 and "broken" in remarks[0]


@pytest.mark.parametrize(
    "source, names",
    [
        ("a.b.c = 1", {"a"}), ("a[0] += 1", {"a"}), ("a, (b, *c) = x", {"a", "b", "c"}), ("del a", {"a"}),
        ("a.append(1)", {"a"}), ("a().b()", {"a"}), ("print(a)", set()), ("with x as a: b = 1", {"a", "b"}),
        ("import a.b, c as d", {"a", "d"}), ("if (a := 1): pass", {"a"}), ("for a in b: c(a)", {"a"}),
    ],
)  # fmt: skip
def test_statement_binds_what_it_defines_or_changes(source: str, names: set[str]) -> None:
    (statement,), _ = parse(source)
    assert binds(statement) == names
