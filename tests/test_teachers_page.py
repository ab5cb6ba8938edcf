"""The page for teachers names what is there: headings, buttons, what is to be seen, and what works when all fails."""

import re
import shlex
import subprocess
import sys

import committed
import pytest
from lessons import play, revealed

from dnsseclab.protocol.trust import ChainOfTrust
from dnsseclab.views.apps.tour import BEATS

PAGE = (committed.ROOT / "notebooks" / "README.md").read_text(encoding="utf-8")
ITALIC = re.compile(r"(?<!\*)\*([^*]+)\*(?!\*)")
ROWS = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in PAGE.splitlines() if line.startswith("| ")]
MINUTES = [row for row in ROWS if re.fullmatch(r"\d+-\d+", row[0])]
STEPS = {"Modify", "Make", "Investigate"}


def sections(name: str) -> list[list[str]]:
    """Return the rows of minutes below a heading."""
    text = PAGE.partition(f"## {name}\n")[2].partition("\n## ")[0]
    return [row for row in MINUTES if f"| {row[0]} | {row[1]} |" in text]


WORKSHOP = sections("Workshop of 90 minutes")


def sources(row: list[str]) -> str:
    """Return all that stands in the notebooks that a row names, without marks of emphasis."""
    numbers = re.findall(r"\b\d\d\b", row[2].split(",")[0])
    names = [path for path in committed.notebooks() if path.startswith(tuple(f"notebooks/{n}_" for n in numbers))]
    assert bool(names) == bool(row[2])
    return "\n".join(cell.source for name in names for cell in committed.notebook(name).cells).replace("*", "")


@pytest.mark.parametrize("row", MINUTES, ids=lambda row: f"{row[0]} {row[1][:20]}")
def test_where_a_block_begins_and_ends_is_written_in_its_notebook(row: list[str]) -> None:
    marks = {mark for column in row[2:] for mark in ITALIC.findall(column)}
    assert [mark for mark in marks - STEPS if mark not in sources(row)] == []


@pytest.mark.parametrize(("name", "last"), [("Workshop of 90 minutes", 90), ("Workshop of half a day", 240)])
def test_a_plan_has_no_gap_and_ends_in_time(name: str, last: int) -> None:
    spans = [tuple(map(int, row[0].split("-"))) for row in sections(name)]
    assert [begin for begin, _ in spans] == [0, *(end for _, end in spans[:-1])]
    assert spans[-1][1] == last


def block(row: list[str]) -> tuple[str, set[str]]:
    """Return the notebook of a row, and the ids of its cells from each place where the row begins to where it ends."""
    path = next(path for path in committed.notebooks() if path.startswith(f"notebooks/{row[2][:2]}"))
    name = path.rpartition("/")[2]
    cells, ids = committed.notebook(path).cells, set()
    for part in row[2].split(", then "):
        marks = ITALIC.findall(part)
        begin, end = marks[-2:] if marks[1:] else (marks[0], "\n## ")
        start = next(n for n, cell in enumerate(cells) if begin in cell.source)
        end = f"**{end}." if end in STEPS else end
        stop = next(n for n, cell in enumerate(cells) if n > start and end in f"\n{cell.source}")
        ids |= {cell.id for cell in cells[start:stop]}
    return name, ids


@pytest.mark.notebook
@pytest.mark.parametrize(
    "row", [row for row in WORKSHOP if row[3:] and not row[2].startswith("00")], ids=lambda row: row[0]
)
def test_a_block_of_the_workshop_needs_none_before_it_and_shows_what_it_promises(row: list[str]) -> None:
    name, ids = block(row)
    code = [cell.id for cell in committed.notebook(f"notebooks/{name}").cells if cell.cell_type == "code"]
    names = play(name, only={*code[: 2 if name.startswith("06") else 1], *ids})
    chains = [value.explain() for value in names.values() if isinstance(value, ChainOfTrust)]
    seen = "\n".join([names.get(each, "") for each in ids] + chains + [end for end, _ in revealed(names).values()])
    assert [words for words in ITALIC.findall(row[3]) if words not in seen] == []


def test_the_attacks_are_those_of_the_tour() -> None:
    tour = next(row for row in MINUTES if "Attack 1" in row[1])
    buttons = [words for words in ITALIC.findall(tour[1]) if words != "Attack"]
    assert buttons == [BEATS["blind"].onward[0], BEATS["blind, DNSSEC"].onward[0]]


def test_what_always_works_works() -> None:
    command = re.search(r"^```sh\n\.venv/bin/python (.*)\n```", PAGE, re.MULTILINE)
    assert command is not None
    done = subprocess.run(
        [sys.executable, *shlex.split(command[1])],
        cwd=committed.ROOT,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    opened = re.findall(r"The browser opened: (.*) \(", done.stdout)
    assert opened == ["the attacker's page", "the bank"]
