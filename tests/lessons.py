"""Runs a notebook's code here, without a kernel, so that a test can change a cell and look at what the cells made."""

import contextlib
import io
from collections.abc import Container
from typing import Any

import committed

from dnsseclab.views.apps.prediction import Prediction


def play(
    name: str, changes: dict[str, dict[str, str]] | None = None, only: Container[str] | None = None
) -> dict[str, Any]:
    """Run the code cells of a notebook in order, and return their names; what each cell printed is under its id.

    Args:
        changes: {cell id: {old text: new text}}, what a learner would type.
        only: The ids of the cells to run, if not all.
    """
    names: dict[str, Any] = {}
    for cell in committed.notebook(f"notebooks/{name}").cells:
        if cell.cell_type != "code" or (only is not None and cell.id not in only):
            continue
        source = cell.source
        for old, new in (changes or {}).get(cell.id, {}).items():
            assert old in source, f"{cell.id} does not say {old!r} any more"
            source = source.replace(old, new)
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(source, cell.id, "exec"), names)
        names[cell.id] = printed.getvalue()
    return names


def revealed(names: dict[str, Any]) -> dict[str, tuple[str, list[str]]]:
    """Return what each prediction of a notebook was told to have happened, and the choices that it offered."""
    return {
        name: (value.note.partition("It was: ")[2].removesuffix("."), list(value.choices))
        for name, value in names.items()
        if isinstance(value, Prediction)
    }
