"""What the tests of exercises share: notebooks as submissions, solutions put into their cells, functions to ask."""

import importlib.util
import json
from collections.abc import Callable
from types import ModuleType
from typing import Any

import committed
import nbformat

from dnsseclab.grading import catalogue
from dnsseclab.grading.asking import ask
from dnsseclab.grading.criteria import judge
from dnsseclab.grading.seeds import asked_of, shown_to
from dnsseclab.grading.verdicts import Mismatch, Verdict


def notebook(name: str) -> nbformat.NotebookNode:
    """Return the learner's notebook of an exercise, as git has it."""
    return committed.notebook(f"exercises/{name}.ipynb")


def stubs(name: str) -> dict[str, str]:
    """Return the cells that the learner fills in, by grade_id."""
    cells = (cell for cell in notebook(name).cells if cell.metadata.get("nbgrader", {}).get("solution"))
    return {cell.metadata.nbgrader.grade_id: cell.source for cell in cells}


def stub_functions(name: str) -> dict[str, Callable[..., Any]]:
    names: dict[str, Any] = {}
    for source in stubs(name).values():
        exec(compile(source, name, "exec"), names)
    return names


def solution_source(name: str) -> str:
    return (catalogue.folder() / "solutions" / f"{name}.py").read_text(encoding="utf-8")


def solution(name: str) -> ModuleType:
    """Return an exercise's solution as a module."""
    spec = importlib.util.spec_from_file_location(f"solution_{name}", catalogue.folder() / "solutions" / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def verdict(name: str, functions: dict[str, Any], learner: str = "alice", secret: bytes = b"") -> Verdict:
    """Return what the judge says about functions of this process."""
    return judge(
        name,
        catalogue.exercise(name),
        lambda function, calls: (ask(functions[function], each) for each in calls),
        shown_to(learner, name),
        asked_of(learner, name, secret),
    )


def missed(verdict: Verdict) -> dict[str, Mismatch]:
    """Return what was said about each criterion that is not met; none of our own checks may have failed."""
    assert not [finding.crash for finding in verdict.findings if finding.crash]
    return {finding.key: finding.mismatch for finding in verdict.findings if finding.mismatch}


def solution_with(name: str, *changes: tuple[str, str]) -> dict[str, Any]:
    """Return the names of a solution in whose source some text is replaced: what a slip would make of it."""
    source = solution_source(name)
    for old, new in changes:
        assert old in source, f"the solution does not say {old!r} any more"
        source = source.replace(old, new)
    names: dict[str, Any] = {}
    exec(compile(source, name, "exec"), names)
    return names


def submitted(name: str, **sources: str) -> bytes:
    """Return an exercise's notebook with its stubs replaced, as a learner would hand it in.

    Args:
        sources: {grade_id: new source}; without any, the solution's whole source stands in the first stub, and the
            other stubs are gone.
    """
    handed_in = notebook(name)
    if not sources:
        first, *others = stubs(name)
        sources = {first: solution_source(name), **{grade_id: "" for grade_id in others}}
    for cell in handed_in.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        cell.source = sources.get(grade_id, cell.source)
    return json.dumps(handed_in).encode()
