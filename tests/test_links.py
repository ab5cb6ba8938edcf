"""Every link of README, CHANGELOG, the lessons, the exercises and their pages leads to something in this project.

Lesson 00 says which notebooks are not written yet: links to exactly those may lead nowhere. The sentence goes when
they are there, and the exception goes with it.
"""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import committed
import pytest

ROOT = committed.ROOT
PAGES = ["README.md", "CHANGELOG.md", "notebooks/README.md", "exercises/README.md"]
LESSONS = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "dnsseclab/views/apps/lessons").glob("*.toml"))
SOURCES = [*PAGES, *committed.notebooks(), *LESSONS]
MAP = "notebooks/00_start_here.ipynb"

CODE = re.compile(r"```.*?```|`(?:[^`\n]|\n(?!\n))*`", re.DOTALL)
LINK = re.compile(r"\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)|\b(?:src|href)=[\"']([^\"']+)[\"']")
ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)  # https:, mailto:
HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)
NAMED = re.compile(r"\b(?:id|name)=[\"']([^\"']+)[\"']")


def links(text: str) -> set[str]:
    """Return where a text's links lead, those to the rest of the world left out."""
    found = {inline or attribute for inline, attribute in LINK.findall(CODE.sub("", text))}
    return {target for target in found if not ELSEWHERE.match(target)}


def prose(path: str) -> str:
    """Return all of a file that a reader sees as text with links in it."""
    if path.endswith(".ipynb"):
        return "\n\n".join(cell.source for cell in committed.notebook(path).cells if cell.cell_type == "markdown")
    text = (ROOT / path).read_text(encoding="utf-8")
    return "\n\n".join(strings(tomllib.loads(text))) if path.endswith(".toml") else text


def strings(value: object) -> Iterator[str]:
    """Yield every text of a lesson's file."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from strings(each)


@cache
def anchors(path: str) -> set[str]:
    """Return what may stand behind '#': GitHub's form in a page, JupyterLab's in a notebook."""
    text = prose(path)
    headings = [re.sub(r"[*`]|\[|\]\([^)]*\)", "", heading) for heading in HEADING.findall(CODE.sub("", text))]
    if path.endswith(".ipynb"):
        return {heading.replace(" ", "-") for heading in headings} | set(NAMED.findall(text))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings} | set(
        NAMED.findall(text)
    )


def not_written_yet() -> set[str]:
    """Return the names of the notebooks that lesson 00 says are missing, by their folder and number."""
    sentence = re.search(r"\*\*Not written yet:\*\* (.*)", prose(MAP))
    kinds = re.findall(r"(lesson|exercise)s? ([\d, and]+)", sentence[1]) if sentence else []
    folder = {"lesson": "notebooks", "exercise": "exercises"}
    return {f"{folder[kind]}/{number}_" for kind, numbers in kinds for number in re.findall(r"\d\d", numbers)}


def leads_nowhere(source: str, target: str) -> str:
    """Return why a link is broken; empty if it is not."""
    path, _, anchor = target.partition("#")
    there = (ROOT / source).parent / path if path else ROOT / source
    there = Path(there.resolve())
    if not there.is_relative_to(ROOT):
        return f"{target}: leads out of the project"
    name = there.relative_to(ROOT).as_posix()
    if not there.exists():
        return "" if name.startswith(tuple(not_written_yet())) else f"{target}: is not there"
    if anchor and anchor not in anchors(name):
        return f"{target}: has no such heading"
    return ""


@pytest.mark.parametrize("source", SOURCES)
def test_every_link_leads_somewhere(source: str) -> None:
    assert sorted(filter(None, (leads_nowhere(source, target) for target in links(prose(source))))) == []


def test_there_are_links_to_look_at() -> None:
    """A pattern that finds nothing would find nothing wrong."""
    assert sum(len(links(prose(source))) for source in SOURCES) > 100
    assert links('[a](b.md#c) [d](https://e.example) `[f](g)` <img src="h.svg">') == {"b.md#c", "h.svg"}


def test_a_broken_link_is_found_and_said() -> None:
    assert leads_nowhere("README.md", "notebooks/99_nothing.ipynb") == "notebooks/99_nothing.ipynb: is not there"
    assert leads_nowhere("README.md", "#no-such-heading") == "#no-such-heading: has no such heading"
    assert leads_nowhere("README.md", "../elsewhere.md") == "../elsewhere.md: leads out of the project"
    assert leads_nowhere("README.md", "notebooks/README.md#before-the-day") == ""


def test_what_is_said_not_to_be_written_is_not_there() -> None:
    there = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("*/*.ipynb")}
    assert not [name for name in there if name.startswith(tuple(not_written_yet()) or ("none/",))]
