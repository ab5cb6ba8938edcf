"""The small widgets in a real browser: each worked by mouse, and once by keyboard; axe-core looks at all of them."""

import os
from collections.abc import Iterator

import pytest

pytest.importorskip("playwright", reason="playwright is not installed: pip install -r tests/requirements.txt")

from lab_page import Lab, nothing_went_wrong, open_notebook, violations, write_notebook
from playwright.sync_api import Locator

pytestmark = pytest.mark.browser

CELLS = """\
from dnsseclab.views.apps import check_yourself, hints, inspect_message
from dnsseclab.protocol.messages import make_query, to_bytes

check_yourself("03")
---
hints("03", "heal")
---
inspect_message(to_bytes(make_query("www.bank.example", "A", id=4660)))"""
QUIZ, HINTS, INSPECTOR = range(3)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Give a notebook with every widget in a cell of its own."""
    notebook = write_notebook(tmp_path_factory.mktemp("notebooks") / "widgets.ipynb", CELLS)
    with open_notebook(notebook, tmp_path_factory.mktemp("lab") / "scratch") as lab:
        lab.run_all_cells()
        lab.page.wait_for_selector(".dl-inspector .dl-byte")
        yield lab


def cell(lab: Lab, number: int) -> Locator:
    return lab.page.locator(".jp-CodeCell").nth(number)


def test_an_answer_unfolds_its_reason_by_mouse_and_by_keyboard(lab: Lab) -> None:
    answers = cell(lab, QUIZ).locator("details.dl-other, details.dl-right")
    assert not cell(lab, QUIZ).get_by_text("Right.", exact=True).first.is_visible()
    cell(lab, QUIZ).get_by_text("All three reach the bank").click()
    assert answers.nth(0).get_by_text("That looks at the server").is_visible()
    answers.nth(1).locator("summary").focus()
    lab.page.keyboard.press("Enter")
    assert answers.nth(1).get_by_text("Right.", exact=True).is_visible()
    nothing_went_wrong(lab)


def test_a_ladder_shows_one_rung_at_a_time(lab: Lab) -> None:
    second = cell(lab, HINTS).get_by_text("Still stuck? The method")
    assert not second.is_visible()
    cell(lab, HINTS).locator("summary").first.focus()
    lab.page.keyboard.press("Space")
    assert second.is_visible()
    assert not cell(lab, HINTS).get_by_text("phone_book").first.is_visible()
    nothing_went_wrong(lab)


def test_a_field_lights_its_bytes_and_a_byte_its_field(lab: Lab) -> None:
    inspector = cell(lab, INSPECTOR).locator(".dl-inspector")
    lit = inspector.locator(".dl-pairs .dl-byte.dl-lit")
    inspector.get_by_role("treeitem", name="ID 4660").hover()
    assert lit.all_inner_texts() == ["12", "34"]
    inspector.locator(".dl-pairs .dl-byte").nth(13).hover()
    assert lit.all_inner_texts() == ["03", "77", "77", "77"]
    assert inspector.locator(".dl-field.dl-lit").inner_text() == "label www"
    inspector.locator(".dl-pairs .dl-byte").nth(3).hover()  # bits share a byte: it belongs to all flags
    assert inspector.locator(".dl-field.dl-lit .dl-field-name").inner_text() == "flags"
    nothing_went_wrong(lab)


def test_the_inspector_is_one_tab_stop_and_is_walked_with_the_arrows(lab: Lab) -> None:
    inspector = cell(lab, INSPECTOR).locator(".dl-inspector")
    assert inspector.locator("[role=treeitem][tabindex='0']").count() == 1
    inspector.get_by_role("treeitem").first.focus()
    lab.page.keyboard.press("ArrowDown")
    assert inspector.get_by_role("status").inner_text() == "ID: 4660 (0x1234), bytes 0 to 1"
    lab.page.keyboard.press("End")
    lab.page.keyboard.press("ArrowDown")  # there is nothing below the last one
    assert inspector.get_by_role("status").inner_text().startswith("data length: 0")
    assert lab.page.locator(".jp-CodeCell").count() == len(CELLS.split("---"))  # no key became a command
    nothing_went_wrong(lab)


@pytest.mark.skipif("DNSSECLAB_AXE" not in os.environ, reason="DNSSECLAB_AXE does not name an axe.min.js (axe-core)")
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_in_any_widget(lab: Lab, dark: bool) -> None:
    lab.set_dark(dark)
    assert violations(lab, ".jp-OutputArea-output") == []
