"""Handing exercises out: a folder for each learner, with the notebooks and with who the learner is.

It knows: which files a learner gets.
It must not know: the class secret. What is drawn for a learner here depends on the identifier alone.
"""

import json
import shutil
from collections.abc import Iterable
from pathlib import Path

from dnsseclab.protocol.names import LabError

from . import catalogue, progress
from .collecting import Entry
from .naming import file_name


def hand_out(entries: Iterable[Entry], folder: Path) -> None:
    """Make a folder in `folder` for each learner.

    Raises:
        LabError: One is there already: a learner's work is never overwritten.
    """
    places = [(entry, folder / file_name(entry.identifier)) for entry in entries]
    for _, place in places:
        if place.exists():
            raise LabError(f"{place} is there already: move it away, or choose another folder with --out.")
    for entry, place in places:
        place.mkdir(parents=True)
        for name in catalogue.names():
            shutil.copyfile(catalogue.folder() / f"{name}.ipynb", place / f"{name}.ipynb")
        book = json.dumps({"learner": entry.identifier, "best": {}}, indent=1)
        (place / progress.FILE).write_text(book + "\n", encoding="utf-8")
