"""Every notebook in a real browser: opened, run from top to bottom, and nothing complains, in light and in dark.

One JupyterLab serves them all, each in a page of its own.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import committed
import pytest

pytest.importorskip("playwright", reason="playwright is not installed: pip install -r tests/requirements.txt")

from lab_page import DRAW_ALL, Lab, Labs, nothing_went_wrong, open_folder, violations

pytestmark = pytest.mark.browser

PATHS = [path for path in committed.notebooks() if path.startswith("notebooks/")]

UNFOLD = "() => document.querySelectorAll('.jp-OutputArea-output details').forEach((each) => { each.open = true; })"


@pytest.fixture(scope="module")
def labs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Labs]:
    """Give a JupyterLab on a copy of all notebooks, as they are committed."""
    folder = tmp_path_factory.mktemp("course") / "notebooks"
    folder.mkdir()
    for path in PATHS:
        (folder / Path(path).name).write_text(committed.text(path), encoding="utf-8")
    for picture in (committed.ROOT / "notebooks").glob("*.svg"):
        shutil.copy(picture, folder)
    with open_folder(folder, tmp_path_factory.mktemp("lab") / "scratch", settings=DRAW_ALL) as labs:
        yield labs


@pytest.mark.parametrize("path", PATHS)
def test_a_notebook_runs_without_a_complaint(labs: Labs, path: str) -> None:
    with labs.open(Path(path).name) as lab:
        lab.run_all_cells()
        lab.page.evaluate(UNFOLD)
        assert unfinished(lab) == []
        nothing_went_wrong(lab)
        for dark in (False, True):
            lab.set_dark(dark)
            assert violations(lab, ".jp-OutputArea-output") == [], "dark" if dark else "light"
        nothing_went_wrong(lab)


def unfinished(lab: Lab) -> list[str]:
    """Return the beginnings of the code cells that have no number: they were not run, or did not end."""
    cells = lab.page.locator(".jp-CodeCell:not(.jp-mod-noOutputs)")
    return [
        cell.locator(".cm-content").inner_text()[:60]
        for cell in cells.all()
        if not cell.locator(".jp-InputPrompt").inner_text().strip("[]: \n*")
    ]
