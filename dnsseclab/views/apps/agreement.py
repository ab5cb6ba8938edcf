"""`python3 -m dnsseclab agree`: let real BIND and real Unbound judge the gallery and the attacks, beside us.

It knows: how a comparison is asked for, shown and recorded.
It must not know: how anybody judges.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from ...internet import agreement, disagreements
from ...internet.agreement import Agreement, Row
from ...internet.cases import all_cases, case
from ...internet.daemons import DAEMONS, usable_daemons, why_unusable
from ...protocol.names import LabError
from ..agreement_table import AgreementTable, agreement_table


def verdicts(*names: str, only_differences: bool = False) -> AgreementTable:
    """Return what was recorded of these cases, or of all: it needs neither daemon."""
    kept = agreement.recorded()
    rows = tuple(row for row in kept.rows if row.name in names or not names)
    return agreement_table(Agreement(kept.versions, kept.measured, rows), only_differences=only_differences)


def measure_now(*names: str, only_differences: bool = False) -> AgreementTable:
    """Return what those of the daemons that are here say of these cases, or of all, just now."""
    measured = _measure(names, _usable(), quiet=True)
    return agreement_table(measured, only_differences=only_differences)


def main(arguments: Sequence[str]) -> int:
    """Measure, print the table in Markdown, and write files if asked to."""
    options = parser().parse_args(arguments)
    if options.random:
        return search_at_random(options.random, options.seed)
    try:
        kept = agreement.recorded() if options.recorded else _measure(options.cases, _usable(), quiet=False)
    except LabError as error:
        print(f"dnsseclab: {error}", file=sys.stderr)
        return 1
    table = agreement_table(kept, only_differences=options.differences)
    if options.html:
        page = f'<!doctype html><meta charset="utf-8"><title>Verdicts side by side</title>{table.html}'
        options.html.write_text(page, encoding="utf-8")
    if options.save:
        agreement.RECORDED.write_text(kept.to_json(), encoding="utf-8")
    print(table.markdown)
    return int(any(not reason.source for row in kept.rows for reason in row.differences()))


def search_at_random(worlds: int, seed: int) -> int:
    """Compare random worlds with Unbound, and print every disagreement that nobody has explained, made small."""
    asked: list[int] = []
    seeds = iter(range(seed, seed + worlds))
    progress = lambda _, questions: asked.append(questions)  # noqa: E731
    try:
        found = 0
        for disagreement in disagreements.search(seeds, int(time.time()), progress=progress):
            found += 1
            print(f"{disagreement}\n\nto keep it:\n{disagreement.plan.to_json()}\n", flush=True)
    except LabError as error:
        print(f"dnsseclab: {error}", file=sys.stderr)
        return 1
    print(f"{len(asked)} worlds, {sum(asked)} questions, {found} disagreements that nobody has explained.")
    return int(found > 0)


def parser() -> argparse.ArgumentParser:
    whole = argparse.ArgumentParser(prog="python3 -m dnsseclab agree", description=main.__doc__)
    whole.add_argument("cases", nargs="*", help="faults and attacks by name (default: all, which takes two minutes)")
    whole.add_argument("--differences", action="store_true", help="show only where somebody differs from us")
    whole.add_argument("--recorded", action="store_true", help="show what they said when last measured")
    whole.add_argument("--html", type=Path, metavar="FILE", help="write the table as a page as well")
    whole.add_argument("--random", type=int, metavar="N", help="compare N random worlds with Unbound instead")
    whole.add_argument("--seed", type=int, default=0, help="of the first random world (default: 0)")
    whole.add_argument("--save", action="store_true", help="record it as what they said when last measured")
    return whole


def _usable() -> list[str]:
    """Return the names of the daemons that can judge here.

    Raises:
        LabError: None can; the text says how to get one, and what works without.
    """
    here = list(usable_daemons())
    if not here:
        advice = " ".join(map(why_unusable, DAEMONS))
        raise LabError(f"Neither BIND nor Unbound can judge here. {advice} What they said before: agree --recorded.")
    return here


def _measure(names: Sequence[str], kinds: Sequence[str], *, quiet: bool) -> Agreement:
    chosen = [case(name) for name in names] if names else list(all_cases())

    def progress(row: Row) -> None:
        if not quiet and sys.stderr.isatty():
            print(f"\r{row.name:40}", end="\r", file=sys.stderr, flush=True)

    day = time.strftime("%Y-%m-%d", time.gmtime())
    return agreement.measure(chosen, now=int(time.time()), day=day, kinds=kinds, progress=progress)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
