"""What several validators say of the same cases, as a table: in Markdown, and in HTML for a notebook.

It knows: how verdicts stand side by side, and that a difference comes with its reason.
It must not know: how anybody came to a verdict, or who is right.
"""

import html
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from .palette import PANELS_CSS


class Says(Protocol):
    """One validator's verdict."""

    @property
    def status(self) -> str: ...
    @property
    def complaint(self) -> str: ...


class Reason(Protocol):
    """Why one validator differs."""

    @property
    def who(self) -> str: ...
    @property
    def why(self) -> str: ...
    @property
    def source(self) -> str: ...


class Case(Protocol):
    """One case, and what everybody says of it."""

    @property
    def name(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def asked(self) -> str: ...
    @property
    def ours(self) -> Says: ...
    @property
    def others(self) -> Mapping[str, Says]: ...
    def differences(self) -> Sequence[Reason]: ...


class Compared(Protocol):
    """A whole comparison."""

    @property
    def versions(self) -> Mapping[str, str]: ...
    @property
    def measured(self) -> str: ...
    @property
    def rows(self) -> Iterable[Case]: ...


# Stronger than the packet story's rules, which may stand in a later cell of the same page.
CSS = """
.dl-story.dl-agree td[role="cell"]:first-child { white-space: normal; min-width: 150px; }
.dl-story.dl-agree td[role="cell"] { min-width: 84px; }
.dl-story.dl-agree tr.dl-differs td { border-bottom: 0; }
.dl-story.dl-agree tr.dl-why td { padding: 0 10px 8px 24px; color: var(--dl-ink); }
.dl-story.dl-agree small { color: var(--dl-quiet); font-size: 12px; }
.dl-story.dl-agree td:first-child small { display: block; }
"""


@dataclass(frozen=True)
class AgreementTable:
    """The comparison, ready to be shown."""

    compared: Compared = field(repr=False)
    cases: tuple[Case, ...] = field(repr=False)  # those to show

    @property
    def summary(self) -> str:
        """One sentence about all cases, whatever is shown of them."""
        rows = list(self.compared.rows)
        others = [(row.ours, said) for row in rows for said in row.others.values()]
        same = sum(ours.status == said.status for ours, said in others)
        versions = " and ".join(self.compared.versions.values()) or "Nobody else"
        return (
            f"{versions}, measured on {self.compared.measured}: {_count(rows, 'case')}, the same verdict in {same} of "
            f"{_count(others, 'comparison')}. =: the same. ≈: the same verdict for another reason. ≠: another verdict."
        )

    @property
    def markdown(self) -> str:
        """The table in Markdown, a line for each case; below it why somebody differs."""
        names = list(self.compared.versions)
        lines = [
            self.summary,
            "",
            f"| case | asked | dnsseclab | {' | '.join(names)} |",
            "|---" * (3 + len(names)) + "|",
        ]
        for case in self.cases:
            says = [_words(case.ours), *(self._beside(case, who) for who in names)]
            lines.append(f"| **{case.name}**: {case.description} | {case.asked} | {' | '.join(says)} |")
        reasons = [(case, reason) for case in self.cases for reason in case.differences()]
        lines += ["", *(f"- {case.name}, {_reason(reason)}" for case, reason in reasons)]
        return "\n".join(lines).rstrip() + "\n"

    @property
    def html(self) -> str:
        """The table with its style; a difference is followed by a line with its reason."""
        names = list(self.compared.versions)
        head = "".join(f'<th role="columnheader">{html.escape(name)}</th>' for name in ("case", "dnsseclab", *names))
        body = "".join(self._html_rows(case, names) for case in self.cases)
        return (
            f'<style>{PANELS_CSS}{CSS}</style><div class="dl-story dl-agree"><p>{html.escape(self.summary)}</p>'
            f'<table role="table" aria-label="Verdicts side by side"><thead role="rowgroup"><tr role="row">{head}</tr>'
            f'</thead><tbody role="rowgroup">{body}</tbody></table></div>'
        )

    def _html_rows(self, case: Case, names: Sequence[str]) -> str:
        reasons = case.differences()
        first = f"<b>{html.escape(case.name)}</b><small>{html.escape(case.description)}</small>"
        says = [_words_html(case.ours, ""), *(self._beside_html(case, who) for who in names)]
        cells = "".join(f'<td role="cell">{cell}</td>' for cell in (first, *says))
        row = f'<tr role="row"{" class=dl-differs" if reasons else ""}>{cells}</tr>'
        why = "<br>".join(html.escape(_reason(reason)) for reason in reasons)
        below = f'<tr role="row" class="dl-why"><td role="cell" colspan="{len(says) + 1}">{why}</td></tr>'
        return row + below * bool(reasons)

    def _beside(self, case: Case, who: str) -> str:
        if who not in case.others:
            return ""
        return f"{_sign(case, who)} {_words(case.others[who])}"

    def _beside_html(self, case: Case, who: str) -> str:
        return _words_html(case.others[who], _sign(case, who)) if who in case.others else ""

    def __str__(self) -> str:
        return self.markdown

    def _repr_html_(self) -> str:
        return self.html

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/plain": self.markdown, "text/html": self.html}


def agreement_table(compared: Compared, *, only_differences: bool = False) -> AgreementTable:
    """Return a comparison as a table.

    Args:
        only_differences: Leave out the cases in which all say the same.
    """
    shown = [row for row in compared.rows if row.differences() or not only_differences]
    return AgreementTable(compared, tuple(shown))


def _count(things: Sequence[object], kind: str) -> str:
    return f"{len(things)} {kind}{'s' * (len(things) != 1)}"


def _sign(case: Case, who: str) -> str:
    """Return whether somebody agrees with us: '=', '≠' for another verdict, '≈' for the same for another reason."""
    if not any(reason.who == who for reason in case.differences()):
        return "="
    return "≈" if case.others[who].status == case.ours.status else "≠"


def _words(says: Says) -> str:
    return f"{says.status} ({says.complaint})" if says.complaint else says.status


def _words_html(says: Says, sign: str) -> str:
    status = f"<b>{sign} {html.escape(says.status)}</b>" if sign == "≠" else f"{sign} {html.escape(says.status)}"
    return status + (f"<br><small>{html.escape(says.complaint)}</small>" if says.complaint else "")


def _reason(reason: Reason) -> str:
    source = f" ({reason.source})" if reason.source else ""
    return f"{reason.who}: {reason.why}{source}"
