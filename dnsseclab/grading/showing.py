"""A verdict for people: in words, and as HTML for the notebook and for the feedback page. Everything is escaped.

It knows: how a verdict, its mismatches and the progress through the course are laid out.
It must not know: how a verdict came about. It displays values and computes none.
"""

from dataclasses import dataclass
from html import escape

from .progress import Book
from .verdicts import Finding, Mismatch, Verdict

WIDTH = 24  # characters of the bar in words

STYLE = (
    ".dl-verdict{line-height:1.45;max-width:60em}.dl-verdict ul{list-style:none;padding-left:0;margin:.5em 0}"
    ".dl-verdict li{padding:.35em 0 .35em 1.9em;text-indent:-1.9em}.dl-verdict li>*{text-indent:0}"
    ".dl-mark{display:inline-block;width:1.6em;text-indent:0;font-weight:bold;margin-right:.3em}"
    ".dl-met .dl-mark{color:#0a7e90}.dl-missed .dl-mark{color:#c0271c}"
    ".dl-verdict dl{display:grid;grid-template-columns:max-content 1fr;gap:.15em .8em;margin:.4em 0 .4em 0;"
    "border-left:3px solid #c0271c;padding-left:.8em}.dl-verdict dt{font-weight:bold}"
    ".dl-verdict dd{margin:0;overflow-wrap:anywhere;min-width:0}.dl-verdict code{white-space:pre-wrap}"
    ".dl-bar{display:block;height:.6em;max-width:30em;border:1px solid #74818d;border-radius:.3em;overflow:hidden}"
    ".dl-bar i{display:block;height:100%;background:#0a7e90}"
    # a notebook in the dark
    "[data-jp-theme-light=false] .dl-met .dl-mark{color:#4cc3d1}"
    "[data-jp-theme-light=false] .dl-missed .dl-mark{color:#ff8378}"
    "[data-jp-theme-light=false] .dl-bar i{background:#4cc3d1}"
)


@dataclass(frozen=True, repr=False)
class Report:
    """What `check` returns: a notebook shows it, `print` prints it, and `points` is a number."""

    verdict: Verdict
    book: Book
    exercises: int  # how many the course has

    @property
    def points(self) -> int:
        """Return the points won just now."""
        return self.verdict.points

    def __repr__(self) -> str:
        return f"{in_words(self.verdict)}\n\n{progress_in_words(self.book, self.exercises)}"

    def _repr_html_(self) -> str:
        return f"<style>{STYLE}</style>{in_html(self.verdict)}{progress_in_html(self.book, self.exercises)}"


def in_words(verdict: Verdict) -> str:
    """Return a verdict as text."""
    head = f"{verdict.title}: {verdict.points} of {verdict.out_of} points."
    remarks = (f"  remark {remark}" for remark in verdict.remarks)
    return "\n".join([head, *remarks, *(_finding_in_words(finding) for finding in verdict.findings)])


def _finding_in_words(finding: Finding) -> str:
    mark = "met   " if finding.met else "missed"
    lines = [f"  {mark} {finding.sentence} ({finding.points} of {finding.out_of})"]
    lines += [f"         {term + ':':11} {text}" for term, text in _explanation(finding)]
    return "\n".join(lines)


def in_html(verdict: Verdict) -> str:
    """Return a verdict as HTML; STYLE goes with it."""
    items = "".join(_finding_in_html(finding) for finding in verdict.findings)
    head = f"<strong>{escape(verdict.title)}: {verdict.points} of {verdict.out_of} points.</strong>"
    remarks = "".join(f"<p>{escape(remark)}</p>" for remark in verdict.remarks)
    return f'<div class="dl-verdict">{head}{remarks}<ul>{items}</ul></div>'


def _finding_in_html(finding: Finding) -> str:
    kind, mark = ("met", "✓ ") if finding.met else ("missed", "✗ ")
    rows = "".join(
        f"<dt>{escape(term)}</dt><dd>{f'<code>{escape(text)}</code>' if term in CODE else escape(text)}</dd>"
        for term, text in _explanation(finding)
    )
    return (
        f'<li class="dl-{kind}"><span class="dl-mark" role="img" aria-label="{kind}">{mark}</span>'
        f"{escape(finding.sentence)} ({finding.points} of {finding.out_of}){rows and f'<dl>{rows}</dl>'}</li>"
    )


CODE = ("Called", "Came back", "Expected")


def _explanation(finding: Finding) -> list[tuple[str, str]]:
    """Return the lines that follow a criterion that is not met, as (term, text)."""
    if finding.crash:
        reason = finding.crash.strip().splitlines()[-1]
        return [("Our fault", f"The check itself failed ({reason}). That says nothing about your answer.")]
    if finding.mismatch is None:
        return []
    return explain(finding.mismatch)


def explain(mismatch: Mismatch) -> list[tuple[str, str]]:
    """Return a mismatch as (term, text), in the order in which one reads it."""
    texts = (mismatch.called, mismatch.actual, mismatch.expected, mismatch.why, mismatch.next_step)
    return [(term, text) for term, text in zip((*CODE, "Why", "Next step"), texts, strict=True) if text]


def progress_in_words(book: Book, exercises: int) -> str:
    """Return the way through the course as a bar in text."""
    share = progress_share(book, exercises)
    done = round(WIDTH * share)
    return f"The course so far: [{'#' * done}{'.' * (WIDTH - done)}] {_sums(book, exercises)}"


def progress_in_html(book: Book, exercises: int) -> str:
    """Return the way through the course as a bar."""
    percent = round(100 * progress_share(book, exercises))
    bar = f'<span class="dl-bar" role="img" aria-label="{percent} %"><i style="width:{percent}%"></i></span>'
    return f'<div class="dl-verdict">The course so far: {escape(_sums(book, exercises))}{bar}</div>'


def progress_share(book: Book, exercises: int) -> float:
    """Return how far the learner is, from 0 to 1; every exercise counts the same."""
    return min(1.0, sum(won / of for won, of in book.best.values() if of) / max(exercises, 1))


def _sums(book: Book, exercises: int) -> str:
    won = sum(points for points, _ in book.best.values())
    solved = sum(points == of for points, of in book.best.values() if of)
    return f"{won} points, {solved} of {exercises} exercises solved."
