"""What all tests share: their order, and what happens when something that a test needs is not installed.

Marks, declared in pyproject.toml:
    browser            needs Chromium
    daemon("named")    needs programs of other DNS projects: name each one
    notebook           executes notebooks
    slow               takes more than a second or two
A missing program skips the test and says how to get it; with CI=true it is a failure: no check is lost silently.
"""

import os
from collections.abc import Callable
from typing import Any

import hypothesis
import pytest

from dnsseclab import doctor, programs

# How long an example takes says something about the machine; `python -m tests.benchmarks` measures our own time.
hypothesis.settings.register_profile("course", deadline=None)
hypothesis.settings.load_profile("course")

# A test that has found its daemon must also be able to start it: PATH often leaves out where daemons lie.
os.environ["PATH"] = os.pathsep.join((os.environ.get("PATH", os.defpath), *programs.SYSTEM_FOLDERS))

# Unmarked tests come first: they fail within seconds. Those in the browser mostly wait, so others compute beside them.
ORDER = ("slow", "daemon", "browser", "notebook")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put quick tests before slow ones; within one kind the order stays."""
    items.sort(key=_slowness)


def _slowness(item: pytest.Item) -> int:
    return max((ORDER.index(mark.name) + 1 for mark in item.iter_markers() if mark.name in ORDER), default=0)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test that needs a program which is not here; fail it in CI."""
    if item.get_closest_marker("browser") and doctor.find_browser() is None:
        lacks("chromium is not installed (Debian: apt install chromium)")
    for mark in item.iter_markers("daemon"):
        for program in mark.args:
            if programs.find_program(program) is None:
                lacks(f"{program} is not installed ({programs.how_to_get(program)})")


def lacks(what: str) -> None:
    """Skip the running test because something is missing; in CI, fail it."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"in CI everything must be there, but {what}", pytrace=False)
    pytest.skip(what)


@pytest.fixture
def skip_for_want_of() -> Callable[[str], None]:
    """Give a test the same choice: skip here, fail in CI."""
    return lacks


@pytest.fixture(scope="module")
def lesson(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Give the names that a notebook's cells make; the test module's NAME says which notebook."""
    return _play(request.module.NAME)


@pytest.fixture(scope="module")
def solved(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Give the same with the learner's tasks done: the test module's SOLUTIONS."""
    return _play(request.module.NAME, request.module.SOLUTIONS)


def _play(*what: Any) -> dict[str, Any]:
    from lessons import play  # it loads the widgets, which most tests do without

    return play(*what)
