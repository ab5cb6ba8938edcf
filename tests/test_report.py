"""What is written about a class is safe to open, whoever wrote the texts in it, and gives no answer away."""

import csv
import io
import json
import re
from html.parser import HTMLParser

import pytest

import exercises
from dnsseclab.grading.naming import file_name
from dnsseclab.grading.report import Tally, class_page, csv_head, csv_line, csv_row, feedback_page
from dnsseclab.grading.verdicts import Finding, Grade, Mismatch, Verdict, from_data

EVIL = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&"
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =cmd|' /C calc'!A0", "|x", "%x", "\uff1d1+1", "\n=1"]


def grade(identifier: str = "alice", text: str = "x", crash: str = "") -> Grade:
    mismatch = None if crash else Mismatch(f"f({text})", text, f"the answer {text}", f"RFC 1035 {text}", text)
    findings = (Finding("key", "It is right.", 0, 4, mismatch, crash), Finding("other", "It is quick.", 6, 6))
    return Grade(identifier, (Verdict("13_x", "Title", findings, (text,)),), (text,))


class Tags(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.found.add(tag)
        self.attributes |= {name for name, _ in attrs}


def test_html_of_a_learner_is_text() -> None:
    tally = Tally()
    tally.add(grade(EVIL, EVIL))
    for page in (feedback_page(grade(EVIL, EVIL), EVIL), class_page(tally, EVIL)):
        tags = Tags(page)
        assert not tags.found & {"script", "img", "a", "iframe", "link", "object", "svg"}
        assert not [name for name in tags.attributes if name.startswith("on") or name in ("src", "href")]
        assert "default-src 'none'" in page


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_of_the_csv_is_a_formula(formula: str) -> None:
    for line in (csv_line(grade(formula, formula), formula), csv_row([formula])):
        for row in csv.reader(io.StringIO(line)):
            assert all(not re.match(r"\s*[=+\-@|%\uff1d]", value) for value in row)
        assert line.count("\n") == 1


def test_csv_keeps_numbers_and_names_in_any_script() -> None:
    (row,) = csv.reader(io.StringIO(csv_line(grade("李雷"), 'Zoë "Z", علي')))
    assert row == ["李雷", 'Zoë "Z", علي', "6", "10", "6", "x"]
    assert csv_head(["13_x"]) == "identifier,name,points,out_of,13_x,remarks\n"


def test_crash_of_the_judge_is_no_zero() -> None:
    (row,) = csv.reader(io.StringIO(csv_line(grade(crash="Traceback\nZeroDivisionError"), "")))
    assert row[2:5] == ["", "10", ""] and "13_x failed" in row[5]
    page = feedback_page(grade(crash="Traceback\nZeroDivisionError"), "")
    assert "Not graded to the end" in page and "6 of 10 points.</strong></p>" not in page


def test_notebook_that_cannot_be_read_is_told_of_in_the_csv_as_well() -> None:
    missing = Mismatch("f(...)", "there is no function f.", "a value", "", "Write it.", is_answer=False, written=False)
    why = "13_x.ipynb is no notebook: its JSON is broken."
    unread = Verdict("13_x", "Title", (Finding("key", "It is right.", 0, 4, missing),), (why,))
    tried = grade().verdicts[0]
    (row,) = csv.reader(io.StringIO(csv_line(Grade("alice", (unread, tried)), "")))
    assert row[-1] == why
    unnamed = Verdict("13_x", "Title", unread.findings, ("Cell 3 is no Python.",))
    assert "13_x: Cell 3 is no Python." in csv_line(Grade("alice", (unnamed,)), "")


def test_feedback_gives_no_answer_away() -> None:
    verdict = exercises.verdict("06_key_tag", {**vars(exercises.solution("06_key_tag")), "key_tag": lambda rdata: 7})
    answers = [finding.mismatch.expected for finding in verdict.findings if finding.mismatch]
    page = feedback_page(Grade("alice", (verdict,)), "")
    assert answers and not [answer for answer in answers if f">{answer}<" in page]
    assert "something else" in page and "RFC 4034 Appendix B" in page and "key_tag(bytes.fromhex(" in page


def test_class_page_counts() -> None:
    tally = Tally()
    for number in range(10):
        solved = Verdict("13_x", "Title", (Finding("key", "It is right.", 10, 10),))
        tally.add(Grade(f"a{number}", (solved,)) if number < 7 else grade(f"b{number}"))
    page = class_page(tally, "in bubblewrap")
    assert (tally.solved["13_x"], tally.points[9], tally.points[6]) == (7, 7, 3)
    assert "10 learners. Their code was run in bubblewrap" in page
    assert "<td>3 of 10</td><td>13</td><td>It is right.</td>" in page


def test_exercise_that_nobody_began_is_no_mistake_and_takes_one_sentence() -> None:
    unwritten = exercises.verdict("06_key_tag", exercises.stub_functions("06_key_tag"))
    page = feedback_page(Grade("bob", (unwritten,)), "")
    assert "No function of it is written yet." in page and "Called" not in page
    tally = Tally()
    tally.add(Grade("bob", (unwritten,)))
    assert not tally.tried["06_key_tag"] and not tally.missed


def test_function_that_only_raises_or_misses_a_rule_was_tried() -> None:
    for exercise, wrong in (("06_key_tag", lambda *_: {}["x"]), ("03_odds", lambda *_: 0.5)):
        stubs = exercises.stub_functions(exercise)
        first = next(iter(exercises.stubs(exercise)))
        tally = Tally()
        tally.add(Grade("bob", (exercises.verdict(exercise, {**stubs, first: wrong}),)))
        assert tally.tried[exercise] == 1 and tally.missed


@pytest.mark.parametrize("made", [grade(), grade(crash="x"), Grade("a\ud800", ())])
def test_grade_comes_back_from_the_journal_as_it_was(made: Grade) -> None:
    assert from_data(json.loads(json.dumps(made, default=vars))) == made


def test_file_names_lead_nowhere_and_differ() -> None:
    identifiers = [
        "alice", "a.b@c.de", "Zoë", "李雷", "../../etc/passwd", "/etc/passwd", "..", ".", "", " ", "a/b", "a\\b", "a:b",
        "CON", "nul.txt", "a\0b", "a\nb", "\ud800", "%2E%2E", "x" * 300, "x" * 301, "-rf", ".bashrc",
        "a.", "李" * 200, "<b>",
    ]  # fmt: skip
    names = [file_name(identifier) for identifier in identifiers]
    assert len({name.casefold() for name in names}) == len(names)
    for name in names:
        assert not set(name) & set('/\\:*?"<>|\0\n')
        assert not name.startswith(".") and not name.endswith((".", " ")) and name.upper() not in ("CON", "NUL.TXT")
        assert len(name.encode("utf-8", "surrogatepass")) <= 200
    assert names[:4] == identifiers[:4]
