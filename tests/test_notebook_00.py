"""00_start_here: its three attacks end as its prose says, and its map names the notebooks that exist."""

import re
from typing import Any

import committed
import pytest
from lessons import play

NAME = "00_start_here.ipynb"


@pytest.mark.notebook
def test_the_three_attacks_end_as_told(lesson: dict[str, Any]) -> None:
    opened = [lesson[name].opened for name in ("blind", "checked", "spoiled")]
    assert opened == ["attacker", "bank", "error"]


@pytest.mark.notebook
def test_there_are_two_chains_and_the_first_is_about_the_forgery(lesson: dict[str, Any]) -> None:
    forged, real = lesson["checked"].chains
    assert "203.0.113.66" in lesson["start-words"]
    assert lesson["checked"].forged_items(forged) and not lesson["checked"].forged_items(real)


@pytest.mark.notebook
def test_each_of_the_three_parts_is_needed_and_one_alone_does_harm(lesson: dict[str, Any]) -> None:
    opened = {"": lesson["mine"].opened}
    for missing in ("validating", "connected", "signed"):
        opened[missing] = play(NAME, {"start-make": {f"{missing}=True": f"{missing}=False"}})["mine"].opened
    assert opened == {"": "bank", "validating": "attacker", "connected": "attacker", "signed": "error"}
    nobody = play(NAME, {"start-make": {"signed=True": "signed=False", "blind-sweep": "none"}})
    assert nobody["mine"].opened == "error"


def test_map_leads_to_every_other_notebook_of_the_course() -> None:
    course = next(cell.source for cell in committed.notebook(f"notebooks/{NAME}").cells if cell.id == "start-map")
    rows = [line for line in course.splitlines() if re.match(r"\| \d\d ", line)]
    assert [row[2:4] for row in rows] == [f"{number:02}" for number in range(13)]
    linked = {link for row in rows[1:] for link in re.findall(r"\]\((\d\d\w+\.ipynb)\)", row)}
    there = {path.rpartition("/")[2] for path in committed.notebooks() if path.startswith("notebooks/")}
    assert there - {NAME} <= linked
    assert len(linked) == 12


def test_map_says_what_is_not_written_yet() -> None:
    course = next(cell.source for cell in committed.notebook(f"notebooks/{NAME}").cells if cell.id == "start-map")
    links = re.findall(r"\]\((?:\.\./)?([\w/]+\.(?:ipynb|md))\)", course)
    paths = {link if "/" in link else f"notebooks/{link}" for link in links}
    missing = {path for path in paths if not (committed.ROOT / path).exists()}
    sentence = re.search(r"\*\*Not written yet:\*\* .*", course)
    told = dict(re.findall(r"(lessons|exercises) ([\d, ]+)", sentence[0])) if sentence else {}
    for kind, folder in (("lessons", "notebooks/"), ("exercises", "exercises/")):
        numbers = {path[len(folder) :][:2] for path in missing if re.match(rf"{folder}\d", path)}
        assert set(re.findall(r"\d\d", told.get(kind, ""))) == numbers
    assert bool(sentence and "the page for teachers" in sentence[0]) == ("notebooks/README.md" in missing)
