"""The benchmarks: how long the lab takes for what a learner does, each time beside its goal.

    python -m tests.benchmarks            in the folder of the project; some 20 seconds on a quiet machine
    python -m tests.benchmarks --quick    the same with few rounds: whether it runs, not how fast

Prints medians and ratios; what is compared takes turns in one process. Exit code 1: a goal was missed, or not measured.
Only a quiet machine judges fairly: while others compute, we lose time that Unbound, which mostly waits, does not lose.
So does only a Python as distributions build it: one that was compiled without profile-guided optimization, as pyenv
does it unless told otherwise, takes a fifth longer for everything that is ours.
"""

import argparse
import sys
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from dnsseclab.programs import find_program, how_to_get

from . import measures
from .measures import Times


class Goal(NamedTuple):
    """One measure, what it is compared with, and how many times as long it may take."""

    ours: str
    other: str
    most: float  # the ratio that may not be exceeded
    measure: Callable[[], Times]
    needs: str = ""  # a program


def goals(quick: bool) -> list[Goal]:
    """Return all goals, with rounds enough for a median or just enough to run."""
    rounds = 3 if quick else 300
    names, packets = (100, 2**10) if quick else (10_000, 2**16)
    few = 1 if quick else 5
    return [
        Goal("cold validated look-up", "Unbound over loopback", 1.5,
             partial(measures.cold_look_up, rounds), needs="unbound"),
        Goal("warm answer", "10,000 answers a second", 1.0, partial(measures.warm_answer, rounds)),
        Goal("cold NXDOMAIN with NSEC3", "cold address", 2.0, partial(measures.no_such_name, rounds)),
        Goal("one RRset, all checks", "bare verification", 1.5, partial(measures.one_rrset, rounds)),
        Goal(f"signing {names:,} names", "bare signatures", 3.0, partial(measures.signing, names, few)),
        Goal(f"refusing {packets:,} forgeries", "parsing a hundredth", 1.0, partial(measures.sweep, packets, 3 * few)),
    ]  # fmt: skip


def main() -> int:
    """Measure everything, print a line for each goal, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="few rounds: whether it runs, not how fast")
    missed = 0
    print(f"{'ours':31}{'':>11}  {'compared with':24}{'':>11}  ratio   goal")
    for goal in goals(parser.parse_args().quick):
        missed += not report(goal)
    print("All goals are met." if not missed else f"Goals missed or not measured: {missed}.")
    return 1 if missed else 0


def report(goal: Goal) -> bool:
    """Measure and print one goal; return whether it is met."""
    if goal.needs and find_program(goal.needs) is None:
        print(f"{goal.ours:31}not measured: {goal.needs} is not installed ({how_to_get(goal.needs)})")
        return False
    ours, other = goal.measure()
    met = ours <= goal.most * other
    times = f"{goal.ours:31}{show(ours):>11}  {goal.other:24}{show(other):>11}"
    print(f"{times}  {ours / other:5.2f}  ≤ {goal.most:3}{'' if met else '  MISSED'}", flush=True)
    return met


def show(seconds: float) -> str:
    """Return a time as people read it."""
    return f"{seconds * 1e6:,.1f} µs" if seconds < 1e-3 else f"{seconds * 1e3:,.2f} ms"


if __name__ == "__main__":
    sys.exit(main())
