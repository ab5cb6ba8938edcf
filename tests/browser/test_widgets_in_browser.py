"""The small widgets in a real browser: each worked by mouse, and once by keyboard; axe-core looks at all of them."""

from collections.abc import Iterator

import pytest

pytest.importorskip("playwright", reason="playwright is not installed: pip install -r tests/requirements.txt")

from lab_page import DRAW_ALL, Lab, nothing_went_wrong, open_folder, violations, write_notebook
from playwright.sync_api import Locator, expect

pytestmark = pytest.mark.browser

CELLS = """\
from dnsseclab.internet.worlds import toy_internet
from dnsseclab.protocol.messages import make_query, to_bytes
from dnsseclab.views import apps

apps.check_yourself("03")
---
apps.hints("03", "heal")
---
apps.inspect_message(to_bytes(make_query("www.bank.example", "A", id=4660)))
---
apps.explore_denial(toy_internet(denial="NSEC3").zone("bank.example"))
---
apps.signature_workbench()
---
apps.explore_chain()
---
apps.sign_and_connect()
---
apps.keytrap_meter(keys=5, signatures=5)
---
apps.predict("What will the browser open?", ["the bank", "an error page"])
---
from dnsseclab.authority import make_key
from dnsseclab.internet.population import roll, watch

hurry = [("exchange the keys", 0), ("exchange the DS", 0)]
stages = roll(toy_internet(), "bank.example", hurry, [make_key("bank.example", "KSK", seed="new")])
apps.rollover_timeline(watch(stages, resolvers=3, every=3600))"""
QUIZ, HINTS, INSPECTOR, DENIAL, WORKBENCH, CHAIN, CONNECT, METER, PREDICTION, TIMELINE = range(10)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Give a notebook with every widget in a cell of its own."""
    notebook = write_notebook(tmp_path_factory.mktemp("notebooks") / "widgets.ipynb", CELLS)
    scratch = tmp_path_factory.mktemp("lab") / "scratch"
    with open_folder(notebook.parent, scratch, settings=DRAW_ALL) as labs, labs.open(notebook.name) as lab:
        lab.run_all_cells()
        cell(lab, METER).locator(".dl-panel .dl-bar").first.wait_for()
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


def test_the_circle_is_asked_by_typing_and_its_records_are_chosen_with_the_arrows(lab: Lab) -> None:
    explorer = cell(lab, DENIAL).locator(".dl-panel")
    explorer.get_by_label("Ask for the name").fill("www.bank.example")
    explorer.get_by_label("Type").select_option("MX")
    explorer.get_by_text("www.bank.example MX: secure.").first.wait_for()
    assert explorer.locator("[data-item][tabindex='0']").count() == 1
    explorer.locator("[data-item]").first.focus()
    lab.page.keyboard.press("ArrowDown")
    lab.page.keyboard.press("Enter")
    explorer.get_by_text("The record:").wait_for()
    assert lab.page.evaluate("() => document.activeElement.getAttribute('aria-pressed')") == "true"
    explorer.get_by_label("Walk the circle").focus()
    lab.page.keyboard.press("ArrowRight")
    explorer.get_by_text("Read 1 of 12 records.").wait_for()
    nothing_went_wrong(lab)


def test_what_is_typed_into_two_controls_one_after_the_other_both_arrives(lab: Lab) -> None:
    bench = cell(lab, WORKBENCH).locator(".dl-panel")
    records = bench.get_by_label("A records, one a line")
    records.focus()
    lab.page.keyboard.press("Control+End")
    lab.page.keyboard.press("Enter")
    lab.page.keyboard.type("203.0.113.66")
    lab.page.keyboard.press("Tab")
    lab.page.keyboard.press("Control+A")
    lab.page.keyboard.type("60")
    bench.get_by_text("The TTL in the packet counts down").first.wait_for()
    bench.get_by_role("cell", name="ADDED").wait_for()
    assert "203.0.113.66" in records.input_value()
    bench.get_by_role("button", name="Sign what stands here").click()
    bench.get_by_text("The signature holds.").first.wait_for()
    bench.get_by_role("button", name="Back to the start").click()
    expect(records).to_have_value("192.0.2.20", timeout=30_000)
    bench.get_by_role("cell", name="ADDED").wait_for(state="detached")
    nothing_went_wrong(lab)


def test_another_world_gives_another_chain_and_its_boxes_are_chosen(lab: Lab) -> None:
    explorer = cell(lab, CHAIN).locator(".dl-panel")
    explorer.get_by_label("World").select_option("the DS of another key for bank.example")
    explorer.locator("svg.bogus").wait_for()
    explorer.get_by_role("button", name="Anchor: key").click()
    explorer.get_by_text("it is configured in the resolver").wait_for()
    nothing_went_wrong(lab)


def test_a_zone_is_connected_with_the_keyboard_alone(lab: Lab) -> None:
    bench = cell(lab, CONNECT).locator(".dl-panel")
    bench.get_by_role("button", name="Sign the zone").focus()
    lab.page.keyboard.press("Enter")
    bench.get_by_text("make keys first").first.wait_for()
    for name in ("Make keys", "Sign the zone", "Upload the DS to the parent"):
        bench.get_by_role("button", name=name).focus()
        lab.page.keyboard.press("Space")
    bench.locator("svg.secure").wait_for()
    assert bench.get_by_role("status").inner_text().startswith("3. The DS of key")
    assert lab.page.locator(".jp-CodeCell").count() == len(CELLS.split("---"))
    nothing_went_wrong(lab)


def test_a_knob_is_turned_with_the_arrow_keys_and_the_work_grows(lab: Lab) -> None:
    meter = cell(lab, METER).locator(".dl-panel")
    meter.get_by_label("Keys with one tag").focus()
    before = meter.locator(".dl-bars").inner_text()
    lab.page.keyboard.press("ArrowRight")
    lab.page.wait_for_function("(before) => document.querySelector('.dl-bars').innerText !== before", arg=before)
    assert meter.locator("output").first.inner_text() == "6"
    nothing_went_wrong(lab)


def test_the_clock_is_moved_by_keyboard_and_by_mouse_and_says_who_is_dark(lab: Lab) -> None:
    timeline = cell(lab, TIMELINE).locator(".dl-timeline")
    clock, said = timeline.get_by_role("slider", name="Clock"), timeline.get_by_role("status")
    clock.focus()
    lab.page.keyboard.press("Home")
    assert "Before the first step." in said.inner_text() and "0 of 3 resolvers" in said.inner_text()
    clock.click()  # in the middle of the day
    assert "3 of 3 resolvers have no answer" in said.inner_text() and "ds-tag-matches" in said.inner_text()
    assert "exchange the DS" in said.inner_text()
    lab.page.keyboard.press("End")
    assert "0 of 3 resolvers" in said.inner_text()
    assert timeline.locator(".dl-dark").count() == 3
    nothing_went_wrong(lab)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_in_any_widget(lab: Lab, dark: bool) -> None:
    lab.set_dark(dark)
    assert violations(lab, ".jp-OutputArea-output") == []


def test_a_restarted_kernel_leaves_one_sentence_and_what_needs_no_kernel_goes_on(lab: Lab) -> None:
    """Last in this file: no panel works after it."""
    lab.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    lab.page.wait_for_selector(".dl-panel.dl-asleep")
    style = "() => getComputedStyle(document.querySelector('.dl-panel'), '::before').content"
    assert "The kernel was restarted, so these controls are asleep. Run all cells" in lab.page.evaluate(style)
    asleep = cell(lab, PREDICTION).locator(".dl-prediction.dl-asleep")
    sentence = asleep.evaluate("(element) => getComputedStyle(element, '::before').content")
    assert "The kernel was restarted, so this question is asleep. Run all cells" in sentence
    inspector = cell(lab, INSPECTOR).locator(".dl-inspector")
    inspector.get_by_role("treeitem", name="class IN").first.hover()
    assert inspector.locator(".dl-pairs .dl-byte.dl-lit").all_inner_texts() == ["00", "01"]
