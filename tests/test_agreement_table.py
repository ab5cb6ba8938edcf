"""The table of verdicts: every case, every difference with its reason, in Markdown and in HTML, and by one command."""

import re
from pathlib import Path

import pytest

from dnsseclab import programs
from dnsseclab.internet import agreement
from dnsseclab.internet.agreement import Agreement, Opinion, Row
from dnsseclab.protocol.names import LabError
from dnsseclab.views.agreement_table import agreement_table
from dnsseclab.views.apps.agreement import main, measure_now, verdicts

ROWS = (
    Row("same", "All say the same.", "a A", Opinion("secure"), {"BIND": Opinion("secure")}),
    Row("rrsig-one-wrong", "A <b>tag</b>.", "a A", Opinion("secure"), {"BIND": Opinion("bogus", "why not")}),
    Row("nobody", "Never seen.", "a A", Opinion("bogus", "this"), {"BIND": Opinion("bogus", "that")}),
)
COMPARED = Agreement({"BIND": "BIND 9"}, "2026-11-24", ROWS)


def test_markdown_has_a_line_for_each_case_and_one_for_each_reason() -> None:
    text = agreement_table(COMPARED).markdown
    assert "| **same**: All say the same. | a A | secure | = secure |" in text
    assert "| secure | ≠ bogus (why not) |" in text and "| bogus (this) | ≈ bogus (that) |" in text
    assert "- rrsig-one-wrong, BIND: It gives up after" in text and "(RFC 6840 §5.4)" in text
    assert "- nobody, BIND: Nobody has looked into this yet." in text


def test_only_differences_leaves_out_where_all_agree() -> None:
    text = agreement_table(COMPARED, only_differences=True).markdown
    assert "**same**" not in text and "**nobody**" in text
    assert "3 cases, the same verdict in 2 of 3 comparisons." in text, "the summary is about all cases"


def test_one_case_and_one_comparison_are_not_said_to_be_several() -> None:
    alone = Agreement({"BIND": "BIND 9"}, "2026-11-24", ROWS[:1])
    assert ": 1 case, the same verdict in 1 of 1 comparison. " in agreement_table(alone).markdown


def test_html_shows_the_same_and_escapes_what_is_no_html_of_ours() -> None:
    page = agreement_table(COMPARED).html
    assert "A &lt;b&gt;tag&lt;/b&gt;." in page
    assert page.count('class="dl-why"') == 2
    words = re.sub(r"<style>.*?</style>|<[^>]+>", " ", page)
    for expected in ("≠ bogus", "≈ bogus", "= secure", "RFC 6840 §5.4"):
        assert expected in words


def test_a_notebook_gets_both() -> None:
    table = agreement_table(COMPARED)
    assert table._repr_mimebundle_() == {"text/plain": str(table), "text/html": table.html}


def test_recorded_verdicts_are_shown_without_any_daemon(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _without_daemons(monkeypatch, tmp_path)
    table = verdicts("rrsig-exp-a", "ds-bad-tag")
    assert [case.name for case in table.cases] == ["ds-bad-tag", "rrsig-exp-a"]
    assert len(verdicts().cases) == len(agreement.recorded().rows)
    assert 0 < len(verdicts(only_differences=True).cases) < 30
    with pytest.raises(
        LabError, match="Neither BIND nor Unbound can judge here. BIND is not .*apt install bind9; .*Unbound is"
    ):
        measure_now("valid")


def test_command_prints_the_record_and_writes_a_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "page.html"
    assert main(["--recorded", "--differences", "--html", str(page)]) == 0
    assert capsys.readouterr().out.strip() == verdicts(only_differences=True).markdown.strip()
    assert page.read_text("utf-8").startswith("<!doctype html>")


def test_command_without_daemons_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _without_daemons(monkeypatch, tmp_path)
    assert main([]) == 1
    assert "agree --recorded" in capsys.readouterr().err


@pytest.mark.daemon("named", "unbound")
def test_command_measures_what_it_is_asked_for_and_records_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(agreement, "RECORDED", tmp_path / "verdicts.json")
    assert main(["rrsig-exp-a", "--save"]) == 0
    assert (
        "| bogus (out of its time) | = bogus (out of its time) | = bogus (out of its time) |" in capsys.readouterr().out
    )
    assert [row.name for row in agreement.recorded().rows] == ["rrsig-exp-a"]


def _without_daemons(monkeypatch: pytest.MonkeyPatch, empty: Path) -> None:
    monkeypatch.setattr(programs, "SYSTEM_FOLDERS", ())
    monkeypatch.setenv("PATH", str(empty))
