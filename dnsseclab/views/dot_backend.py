"""Finding a Graphviz `dot`: the program that turns a DOT text into a picture.

It knows: where one may be installed. A wheel brings one along, so that nobody needs to be root.
It must not know: what is drawn. It imports nothing heavy, so `doctor` can ask it before anything else works.
"""

import importlib.metadata
import os
import shutil
from functools import cache
from pathlib import Path

MISSING = (
    "No picture: Graphviz was not found. Run `pip install graphviz-pure`, or install Graphviz; the words say the same."
)


def find_dot() -> Path | None:
    """Return the program that draws, or None.

    First the one that DNSSECLAB_DOT names, then the one in the wheel `graphviz-pure`, then a `dot` on the PATH.
    """
    return _find_dot(os.environ.get("DNSSECLAB_DOT", ""))


@cache
def _find_dot(chosen: str) -> Path | None:
    if chosen:
        found = shutil.which(chosen)
        return Path(found) if found else None  # who names one wants that one, and not silently another
    return _from_wheel() or _from_path()


def _from_wheel() -> Path | None:
    # Not through PATH: inside a notebook's kernel it is not what one thinks.
    try:
        files = importlib.metadata.files("graphviz-pure") or []
    except importlib.metadata.PackageNotFoundError:
        return None
    programs = (
        Path(str(file.locate())) for file in files if file.stem == "graphviz-pure" and file.suffix in ("", ".exe")
    )
    return next((program.resolve() for program in programs if os.access(program, os.X_OK)), None)


def _from_path() -> Path | None:
    found = shutil.which("dot")
    return Path(found) if found else None
