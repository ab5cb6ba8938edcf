"""The notebooks as git has them: a learner's own saved work must not break the tests.

Who changes a notebook and wants it tested runs `git add` first; a notebook that git does not know yet is read as it is.
"""

import subprocess
from functools import cache
from pathlib import Path

import nbformat

ROOT = Path(__file__).parent.parent
FOLDERS = ("notebooks", "exercises")


def notebooks() -> list[str]:
    """Return the paths of all notebooks, relative to the project."""
    found = {path.relative_to(ROOT) for folder in FOLDERS for path in (ROOT / folder).rglob("*.ipynb")}
    return sorted(path.as_posix() for path in found if ".ipynb_checkpoints" not in path.parts)


def text(path: str) -> str:
    """Return a notebook's text: what git would commit, or the file where git does not know it."""
    in_index = git("show", f":{path}")
    return (ROOT / path).read_text(encoding="utf-8") if in_index is None else in_index


def notebook(path: str) -> nbformat.NotebookNode:
    """Return a notebook's cells and metadata."""
    return nbformat.reads(text(path), as_version=4)


@cache
def git(*arguments: str) -> str | None:
    """Return what git says; None if it fails, is not installed, or this folder is no clone of its own."""
    if not (ROOT / ".git").exists():
        return None
    try:
        done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, encoding="utf-8", check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout
