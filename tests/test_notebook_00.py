"""00_start_here: its three attacks end as its prose says, and its map names the notebooks that exist."""

import re
from typing import Any

import committed
import pytest
from lessons import play

NAME = "00_start_here.ipynb"


@pytest.fixture(scope="module")
def lesson() -> dict[str, Any]:
    return play(NAME)


@pytest.mark.notebook
def test_the_three_attacks_end_as_told(lesson: dict[str, Any]) -> None:
    opened = [lesson[name].opened for name in ("blind", "checked", "spoiled")]
    assert opened == ["attacker", "bank", "error"]


@pytest.mark.notebook
def test_there_are_two_chains_and_the_first_is_about_the_forgery(lesson: dict[str, Any]) -> None:
    forged, real = lesson["checked"].chains
    assert "203.0.113.66" in lesson["start-words"]
    assert lesson["checked"].forged_items(forged) and not lesson["checked"].forged_items(real)


def test_map_links_to_every_notebook_and_says_of_the_others_that_they_are_not_written() -> None:
    course = next(cell.source for cell in committed.notebook(f"notebooks/{NAME}").cells if cell.id == "start-map")
    rows = [line for line in course.splitlines() if re.match(r"\| \d\d ", line)]
    there = {path.rpartition("/")[2] for path in committed.notebooks()}
    assert len(rows) == 13
    for row in rows:
        number, link = row[2:4], re.search(r"\]\((\S+)\)", row)
        written = number == NAME[:2] or link is not None
        assert written is any(name.startswith(number) for name in there)
        assert written is not ("not written yet" in row)
        assert link is None or link[1] in there
