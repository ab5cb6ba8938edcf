"""Reading what a class handed in: folders and zip files, which hold whatever they hold.

It knows: how a submission is read without following a link, opening a pipe, unpacking a bomb or running out of memory.
It must not know: what is in a notebook. Everything odd becomes a sentence about that submission; the others go on.
"""

import csv
import os
import stat
import unicodedata
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dnsseclab.protocol.names import LabError

NOTEBOOK_BYTES = 10 << 20
ALL_BYTES = 40 << 20
NOTEBOOKS = 60
ENTRIES = 5000  # looked at in one submission


@dataclass(frozen=True)
class Submission:
    """What one learner handed in: notebooks by their path, and sentences about what could not be read."""

    files: dict[str, bytes]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entry:
    """Who is to be graded: the identifier, the name, and where the submission lies, if anywhere."""

    identifier: str
    name: str = ""
    path: Path | None = None
    remark: str = ""  # why there is none


def entries(folder: Path, roster: Path | None = None) -> tuple[list[Entry], list[str]]:
    """Return who is to be graded, in the order of the identifiers, and remarks for the instructor.

    Without a roster, whoever has a folder or a zip file in `folder` is, by its name.

    Raises:
        LabError: There is no such folder, or nothing in it, or the roster cannot be read.
    """
    if not folder.is_dir():
        raise LabError(f"There is no folder {folder}: name the one that holds a folder or a zip file for each learner.")
    found = [path for path in sorted(folder.iterdir()) if not path.name.startswith((".", "__"))]
    remarks = [
        f"{path.name} is neither a folder nor a zip file, and was left out." for path in found if not _is_one(path)
    ]
    found = [path for path in found if _is_one(path)]
    if not found:
        raise LabError(f"There is nothing to grade in {folder}: put a folder or a zip file for each learner into it.")
    if roster is None:
        listed = [Entry(owner(path)) for path in found]
        rows = sorted(
            {entry.identifier.casefold(): entry for entry in listed}.values(), key=lambda each: each.identifier
        )
        return [_match(entry, entry.identifier, found) for entry in rows], remarks
    rows = read_roster(roster)
    matched = [_match(entry, str(entry.path or entry.identifier), found) for entry in rows]
    known = {str(entry.path or entry.identifier).casefold() for entry in rows}
    strangers = [path.name for path in found if not _names(path) & known]
    remarks += [f"{name} belongs to nobody on the roster, and was not graded." for name in strangers]
    return matched, remarks


def owner(path: Path) -> str:
    """Return whose submission something is, by its name."""
    name = path.stem if path.suffix.lower() == ".zip" and not path.is_dir() else path.name
    return unicodedata.normalize("NFC", name)  # macOS writes an accent as a letter of its own


def _names(path: Path) -> set[str]:
    return {unicodedata.normalize("NFC", path.name).casefold(), owner(path).casefold()}


def _is_one(path: Path) -> bool:
    return path.is_dir() or path.suffix.lower() == ".zip"


def _match(entry: Entry, wanted: str, found: list[Path]) -> Entry:
    fitting = [path for path in found if wanted.casefold() in _names(path)]
    if len(fitting) == 1:
        return Entry(entry.identifier, entry.name, fitting[0])
    if not fitting:
        return Entry(entry.identifier, entry.name, None, "Nothing was handed in.")
    names = " and ".join(path.name for path in fitting)
    return Entry(entry.identifier, entry.name, None, f"Handed in more than once ({names}): keep one; none was graded.")


def read_roster(path: Path) -> list[Entry]:
    """Return the learners of a CSV file with the columns `identifier`, and if wanted `name` and `submission`.

    `submission` is the name of the folder or zip file, where that is not the identifier.

    Raises:
        LabError: It cannot be read, lacks the column, or lists somebody twice.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [row for row in csv.DictReader(file, skipinitialspace=True) if (row.get("identifier") or "").strip()]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise LabError(f"The roster {path} cannot be read ({error}): save it as CSV in UTF-8.") from None
    if not rows:
        raise LabError(
            f"The roster {path} lists nobody: it needs a first line `identifier,name` and a line for each learner."
        )
    entries = [_row(row) for row in rows]
    twice = [each for each, count in Counter(entry.identifier.casefold() for entry in entries).items() if count > 1]
    if twice:
        raise LabError(f"The roster {path} lists {twice[0]!r} twice: an identifier belongs to one learner.")
    return entries


def _row(row: dict[str, str | None]) -> Entry:
    columns = ((row.get(column) or "").strip() for column in ("identifier", "name", "submission"))
    identifier, name, where = (unicodedata.normalize("NFC", text) for text in columns)
    return Entry(identifier, name, Path(where) if where else None)


def read(path: Path) -> Submission:
    """Return what lies in a folder or a zip file."""
    files: dict[str, bytes] = {}
    remarks: list[str] = []
    source = _from_folder(path, remarks) if path.is_dir() and not path.is_symlink() else _from_zip(path, remarks)
    total = 0
    for name, content in source:
        total += len(content)
        if total > ALL_BYTES or len(files) >= NOTEBOOKS:
            remarks.append(
                f"More than {NOTEBOOKS} notebooks or {ALL_BYTES >> 20} MB: {name} and what follows was left out."
            )
            break
        files[name] = content
    return Submission(files, tuple(remarks))


def _from_folder(folder: Path, remarks: list[str]) -> Iterator[tuple[str, bytes]]:
    seen = 0
    for base, folders, names in os.walk(folder):  # does not follow links to folders
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        seen += len(folders) + len(names)
        if seen > ENTRIES:
            remarks.append(f"More than {ENTRIES} files: the rest was left out.")
            return
        for name in sorted(names):
            if not name.lower().endswith(".ipynb"):
                continue
            shown = Path(base, name).relative_to(folder).as_posix()
            content = _read_file(Path(base, name), shown, remarks)
            if content is not None:
                yield shown, content


def _read_file(path: Path, shown: str, remarks: list[str]) -> bytes | None:
    try:
        # A link may point to the solutions; opening a named pipe would wait forever.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        with open(descriptor, "rb") as file:
            about = os.fstat(descriptor)
            if not stat.S_ISREG(about.st_mode) or path.is_symlink():
                remarks.append(f"{shown} is no ordinary file, and was left out.")
                return None
            content = file.read(NOTEBOOK_BYTES + 1)
    except OSError as error:
        remarks.append(f"{shown} cannot be read ({error.strerror}), or is a link; it was left out.")
        return None
    return _if_small(shown, content, remarks)


def _from_zip(path: Path, remarks: list[str]) -> Iterator[tuple[str, bytes]]:
    """Yield what a zip file holds. Nothing is written to disk, so that a name with '..' in it leads nowhere."""
    if path.is_symlink() or not path.is_file():
        remarks.append(f"{path.name} is a link, and was not followed.")
        return
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len(members) > ENTRIES:
                remarks.append(f"{path.name} holds {len(members)} files: it was left out.")
                return
            for member in sorted(members, key=lambda each: each.filename):
                if member.filename.lower().endswith(".ipynb") and "__MACOSX" not in member.filename:
                    with archive.open(member) as file:
                        content = _if_small(member.filename, file.read(NOTEBOOK_BYTES + 1), remarks)
                    if content is not None:
                        yield member.filename, content
    except (OSError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        remarks.append(f"{path.name} cannot be unpacked ({error}): make the zip file again.")


def _if_small(shown: str, content: bytes, remarks: list[str]) -> bytes | None:
    if len(content) <= NOTEBOOK_BYTES:
        return content
    remarks.append(f"{shown} has more than {NOTEBOOK_BYTES >> 20} MB: clear its outputs, and hand it in again.")
    return None
