"""What is written about a class: a CSV file, a feedback page for each learner, a page about the class.

It knows: how these files look, and that every text in them may have been written by somebody who means harm.
It must not know: how a grade came about.
"""

import csv
import io
import os
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from .showing import STYLE, in_html
from .verdicts import Finding, Grade, Verdict

PAGE = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    # Nothing that got into the page in spite of all escaping could load or run anything.
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    "<title>{title}</title><style>body{{font:16px/1.5 system-ui,sans-serif;margin:2em auto;max-width:60em;"
    "padding:0 1em;color:#1f2933}}h2,section{{margin-top:1.6em}}table{{border-collapse:collapse;width:100%}}"
    "th,td{{text-align:left;padding:.25em .8em .25em 0;vertical-align:top;border-bottom:1px solid #c3ccd5}}"
    ".dl-chart{{display:grid;grid-template-columns:max-content minmax(4em,30em) max-content;"
    "gap:.3em .8em;align-items:center}}.dl-chart .dl-bar{{display:flex}}.dl-chart .dl-light{{opacity:.35}}"
    "{style}</style><h1>{title}</h1>{body}</html>\n"
)


def csv_row(values: Sequence[object]) -> str:
    """Return a line of a CSV file. What a spreadsheet would take for a formula gets an apostrophe in front."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow([_harmless(value) for value in values])
    return line.getvalue()


def _harmless(value: object) -> object:
    if not isinstance(value, str):
        return value
    text = re.sub(r"[\x00-\x1f\x7f]+", " ", value)  # a line break could begin a cell of its own
    return f"'{text}" if re.match(r"\s*[=+\-@|%\uff1d\uff0b\uff0d\uff20]", text) else text


def csv_head(exercises: Sequence[str]) -> str:
    """Return the first line of the CSV file."""
    return csv_row(["identifier", "name", "points", "out_of", *exercises, "remarks"])


def csv_line(grade: Grade, name: str) -> str:
    """Return a learner's line. Where the judge failed, the points are left empty: that is no zero."""
    points = ["" if verdict.crashed else verdict.points for verdict in grade.verdicts]
    failed = [verdict.exercise for verdict in grade.verdicts if verdict.crashed]
    remarks = [*grade.remarks, *filter(None, map(_unread, grade.verdicts))]
    remarks += [f"The check of {each} failed: not graded." for each in failed]
    total = "" if grade.crashed else grade.points
    return csv_row([grade.identifier, name, total, grade.out_of, *points, " ".join(remarks)])


def _unread(verdict: Verdict) -> str:
    """Return why nothing of an exercise could be asked; nothing if it could, or if nobody has begun to write."""
    text = "" if verdict.tried else " ".join(verdict.remarks)
    return f"{verdict.exercise}: {text}" if text and verdict.exercise not in text else text


def feedback_page(grade: Grade, name: str) -> str:
    """Return a learner's page. The answers to the grader's own questions are not on it."""
    head = f"<p><strong>{_sum(grade)}</strong></p>" + "".join(f"<p>{escape(each)}</p>" for each in grade.remarks)
    body = "".join(f"<section>{_feedback(verdict)}</section>" for verdict in grade.verdicts)
    return PAGE.format(title=escape(f"Feedback for {name or grade.identifier}"), style=STYLE, body=head + body)


def _feedback(verdict: Verdict) -> str:
    if verdict.tried:
        return in_html(without_answers(verdict))
    said = "".join(f"<p>{escape(each)}</p>" for each in verdict.remarks or ("No function of it is written yet.",))
    return f"<strong>{escape(verdict.title)}: 0 of {verdict.out_of} points.</strong>{said}"


def _sum(grade: Grade) -> str:
    if grade.crashed:
        return "Not graded to the end: a check failed, and the instructor has been told."
    return f"{grade.points} of {grade.out_of} points."


def without_answers(verdict: Verdict) -> Verdict:
    """Return a verdict that is safe to hand out."""
    findings = (_without_answer(finding) for finding in verdict.findings)
    return Verdict(verdict.exercise, verdict.title, tuple(findings), verdict.remarks)


def _without_answer(finding: Finding) -> Finding:
    if finding.mismatch is None:
        return finding
    return Finding(**{**vars(finding), "mismatch": finding.mismatch.without_answer()})


@dataclass
class Tally:
    """A class in numbers, counted grade by grade."""

    learners: int = 0
    points: Counter[int] = field(default_factory=Counter)  # tenth of all points: learners
    titles: dict[str, str] = field(default_factory=dict)
    solved: Counter[str] = field(default_factory=Counter)
    tried: Counter[str] = field(default_factory=Counter)
    missed: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # exercise, criterion, rule
    crashed: int = 0

    def add(self, grade: Grade) -> None:
        """Count one more learner."""
        self.learners += 1
        self.crashed += grade.crashed
        self.points[min(9, 10 * grade.points // max(grade.out_of, 1))] += 1
        for verdict in grade.verdicts:
            self.titles[verdict.exercise] = verdict.title
            self.solved[verdict.exercise] += verdict.solved
            self.tried[verdict.exercise] += verdict.tried
            for finding in verdict.findings:
                if finding.mismatch and finding.mismatch.written:
                    self.missed[verdict.exercise, finding.sentence, finding.mismatch.why] += 1


def class_page(tally: Tally, walls: str) -> str:
    """Return the page about the class: who solved what, how the points spread, and the most frequent mistakes."""
    share = [
        (
            f"{name[:2]} {title}",
            tally.solved[name],
            tally.tried[name],
            f"{tally.solved[name]} of {tally.tried[name]} who tried",
        )  # fmt: skip
        for name, title in sorted(tally.titles.items())
    ]
    tenths = [f"{10 * tenth} to {10 * tenth + 9 + (tenth == 9)} %" for tenth in range(10)]
    spread = [(label, tally.points[tenth], 0, str(tally.points[tenth])) for tenth, label in enumerate(tenths)]
    rows = "".join(
        f"<tr><td>{count} of {tally.tried[exercise]}</td><td>{escape(exercise[:2])}</td>"
        f"<td>{escape(sentence)}</td><td>{escape(why)}</td></tr>"
        for (exercise, sentence, why), count in tally.missed.most_common(20)
    )
    crashed = f"<p>At {tally.crashed} submissions a check failed: they are not graded to the end.</p>" * bool(
        tally.crashed
    )
    body = (
        f"<p>{tally.learners} learners. Their code was run {escape(walls)}.</p>{crashed}"
        f"<h2>Who solved what</h2><p>Dark: solved to the last point. Light: tried.</p>{_chart(share, tally.learners)}"
        f"<h2>How the points spread</h2>{_chart(spread, max(tally.points.values(), default=1))}"
        "<h2>The most frequent mistakes</h2><p>Of those who tried the exercise, how many "
        "missed a criterion, and which rule they broke.</p>"
        "<table><tr><th>learners</th><th>exercise</th><th>criterion missed</th><th>the rule</th></tr>"
        f"{rows}</table>"
    )
    return PAGE.format(title="The class", style=STYLE, body=body)


def _chart(bars: Iterable[tuple[str, int, int, str]], longest: int) -> str:
    rows = "".join(
        f'<span>{escape(label)}</span><span class="dl-bar" aria-hidden="true">'
        f'<i style="width:{100 * length / max(longest, 1):.1f}%"></i>'
        f'<i class="dl-light" style="width:{100 * max(behind - length, 0) / max(longest, 1):.1f}%"></i></span>'
        f"<span>{escape(text)}</span>"
        for label, length, behind, text in bars
    )
    return f'<div class="dl-chart">{rows}</div>'


def write(path: Path, pieces: Iterable[str]) -> None:
    """Write a text file whole or not at all: a disk that is full leaves no half of it."""
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=".dnsseclab-")
    try:
        with open(descriptor, "w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            file.writelines(pieces)
        os.chmod(draft, 0o644)
        os.replace(draft, path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
