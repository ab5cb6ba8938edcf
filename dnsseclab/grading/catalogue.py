"""Where the exercises are, and what each one asks.

It knows: the folders exercises/, exercises/checks/ and exercises/solutions/, and how a checks file is loaded.
It must not know: learners.
"""

import importlib.util
import os
import re
from functools import cache
from pathlib import Path
from types import ModuleType

from dnsseclab.protocol.names import LabError

from .criteria import Exercise

NAME = re.compile(r"\d\d_[a-z0-9_]+")


def folder() -> Path:
    """Return the folder of the exercises: beside the package, or where DNSSECLAB_EXERCISES says."""
    chosen = os.environ.get("DNSSECLAB_EXERCISES")
    return Path(chosen).resolve() if chosen else Path(__file__).resolve().parents[2] / "exercises"


def names() -> list[str]:
    """Return the names of all exercises, in the order of the course."""
    found = sorted(path.stem for path in (folder() / "checks").glob("*.py") if NAME.fullmatch(path.stem))
    if not found:
        raise LabError(
            f"There are no exercises in {folder()}: set DNSSECLAB_EXERCISES to the folder that holds checks/."
        )
    return found


def exercise(name: str) -> Exercise:
    """Return what one exercise asks.

    Raises:
        LabError: There is none of that name.
    """
    path = folder() / "checks" / f"{name}.py"
    if not NAME.fullmatch(name) or not path.is_file():
        raise LabError(f"There is no exercise {name!r}. There are: {', '.join(names())}.")
    return _load(path).EXERCISE


@cache
def _load(path: Path) -> ModuleType:
    """Return a file as a module; the names begin with digits, so `import` can't."""
    spec = importlib.util.spec_from_file_location(f"dnsseclab_exercise_{path.parent.name}_{path.stem}", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
