"""Lint, format and types, as one command more: `python3 -m dnsseclab test` does it all."""

import subprocess
import sys
from pathlib import Path

import committed
import pytest

CHECK, FORMAT = ["check"], ["format", "--check", "--diff"]


def run(tool: str, *arguments: str) -> None:
    done = subprocess.run([sys.executable, "-m", tool, *arguments], cwd=committed.ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("arguments", [CHECK, FORMAT], ids=" ".join)
def test_source_is_tidy(arguments: list[str]) -> None:
    run("ruff", *arguments, "dnsseclab", "exercises", "tests")


@pytest.mark.parametrize("arguments", [CHECK, FORMAT], ids=" ".join)
def test_notebooks_are_tidy(arguments: list[str], tmp_path: Path) -> None:
    for path in committed.notebooks():
        copy = tmp_path / path
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(committed.text(path), encoding="utf-8")
    run("ruff", *arguments, "--config", "pyproject.toml", str(tmp_path))


@pytest.mark.slow
def test_types_are_right() -> None:
    run("mypy")
