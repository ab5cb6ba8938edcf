"""Every notebook: its form, and that it runs, top to bottom in a fresh kernel, and when each cell is run twice."""

import ast
import sys
import time
from collections.abc import Callable
from pathlib import Path

import committed
import nbclient
import nbformat
import pytest

from dnsseclab import bootstrap

LINES = 15  # of a code cell
SECONDS = 60  # for a whole notebook, on a busy computer; about 10 is the aim
MAY_IMPORT = {"dnsseclab", "dns", "cryptography", *sys.stdlib_module_names}

every_notebook = pytest.mark.parametrize("path", committed.notebooks())


def code_cells(path: str) -> list[nbformat.NotebookNode]:
    return [cell for cell in committed.notebook(path).cells if cell.cell_type == "code"]


def test_there_are_notebooks() -> None:
    assert (committed.ROOT / "notebooks").is_dir(), "the folder notebooks/ is missing: this is not the whole project"


@every_notebook
def test_notebook_is_valid_and_names_its_kernel(path: str) -> None:
    """JupyterLab starts no kernel for a notebook that names none."""
    notebook = committed.notebook(path)
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"


@every_notebook
def test_notebook_is_committed_without_outputs(path: str, skip_for_want_of: Callable[[str], None]) -> None:
    """A shown answer kills a prediction."""
    if committed.git("rev-parse", "--is-inside-work-tree") is None:
        skip_for_want_of("this is no git clone, so nothing says what is committed")
    assert [cell.id for cell in code_cells(path) if cell.outputs or cell.execution_count is not None] == []


@every_notebook
def test_cell_ids_are_there_and_unique(path: str) -> None:
    ids = [cell.id for cell in committed.notebook(path).cells]
    assert len(set(ids)) == len(ids)


@every_notebook
def test_cell_ids_are_stable(path: str) -> None:
    """Ids made up while reading (format before 4.5 has none) would change with every save."""
    assert committed.text(path).count('"id": "') >= len(committed.notebook(path).cells)


@every_notebook
def test_first_code_cell_has_all_imports_and_names_no_stranger(path: str) -> None:
    first, *others = [ast.parse(cell.source) for cell in code_cells(path)]  # `%magic` is no Python, and fails here
    assert not [node for tree in others for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    imports = [node for node in ast.walk(first) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {alias.name for node in imports if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in imports if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in names} <= MAY_IMPORT
    assert "*" not in {alias.name for node in imports for alias in node.names}


@every_notebook
def test_no_code_cell_is_longer_than_a_learner_reads_at_once(path: str) -> None:
    """What is longer belongs in the package, where it is tested."""
    assert {cell.id: lines for cell in code_cells(path) if (lines := len(cell.source.splitlines())) > LINES} == {}


@pytest.mark.notebook
@every_notebook
def test_notebook_runs_top_to_bottom(path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    execute(committed.notebook(path), path, tmp_path, monkeypatch)


@pytest.mark.notebook
@every_notebook
def test_every_cell_can_be_run_twice(path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Learners press Shift-Enter again to see it again."""
    notebook = committed.notebook(path)
    notebook.cells = [each for cell in code_cells(path) for each in (cell, {**cell, "id": f"{cell.id}-2"[-64:]})]
    execute(nbformat.from_dict(notebook), path, tmp_path, monkeypatch)


def execute(notebook: nbformat.NotebookNode, path: str, settings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a notebook where it lies, under the variables of the lab, with settings of its own."""
    for name, value in bootstrap.environment_variables(sys.executable).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("JUPYTER_PATH", raising=False)
    monkeypatch.setenv("IPYTHONDIR", str(settings))
    started = time.monotonic()
    where = {"metadata": {"path": str((committed.ROOT / path).parent)}}
    nbclient.NotebookClient(notebook, timeout=SECONDS, kernel_name="python3", resources=where).execute()
    assert time.monotonic() - started < SECONDS
