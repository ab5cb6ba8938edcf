"""The command `grade`: reads its options, tells how far it is, and says in a sentence what went wrong.

It knows: which files are read and written, and that none is overwritten unasked.
It must not know: how anything is graded.
"""

import argparse
import os
import secrets
import sys
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path

from dnsseclab.protocol.names import LabError

from . import catalogue, collecting, for_nbgrader, handing_out, report
from .collecting import Entry
from .gradebook import Journal, Workers, grade_all
from .grader import grade
from .naming import file_name
from .showing import in_words

SECRET_FILE = "class_secret.txt"


def main(arguments: Sequence[str]) -> int:
    """Run the command and return its exit code: 1 if something could not be graded."""
    options = parser().parse_args(arguments)
    try:
        if options.hand_out:
            return hand_out(options)
        if options.nbgrader:
            return assemble(options)
        if options.submissions is None:
            raise LabError("Name the folder with the submissions: grade SUBMISSIONS/ --out grades.csv")
        return explain(options) if options.explain else grade_class(options)
    except LabError as problem:
        print(f"dnsseclab: {problem}", file=sys.stderr)
        return 2
    except OSError as error:
        print(
            f"dnsseclab: {error.filename or 'A file'}: {error.strerror}. What is graded so far is kept.",
            file=sys.stderr,
        )
        return 2
    except KeyboardInterrupt:
        print("\nStopped. The same command goes on from here.", file=sys.stderr)
        return 130


def parser() -> argparse.ArgumentParser:
    """Return what knows the options."""
    whole = argparse.ArgumentParser(
        prog="python3 -m dnsseclab grade", description="Grade a class; exercises/README.md says how."
    )
    add = whole.add_argument
    add("submissions", nargs="?", type=Path, help="a folder that holds a folder or a zip file for each learner")
    add("--out", type=Path, metavar="FILE", default=Path("grades.csv"), help="the grades (default: grades.csv)")
    add("--feedback", type=Path, metavar="FOLDER", help="a page for each learner")
    add("--report", type=Path, metavar="FILE", help="a page about the class")
    add("--roster", type=Path, metavar="FILE", help="who is in the class: CSV with identifier, name, submission")
    add("--secret-file", type=Path, metavar="FILE", help=f"the class secret (default: {SECRET_FILE} beside --out)")
    add("--jobs", type=_positive, help="how many submissions at once (default: one per processor)")
    add("--overwrite", action="store_true", help="replace files of an earlier run")
    add("--explain", nargs=2, metavar=("IDENTIFIER", "EXERCISE"), help="judge one exercise again, and say everything")
    add("--hand-out", type=Path, metavar="ROSTER", help="make a folder with the exercises for each learner, in --out")
    add(
        "--nbgrader", type=Path, metavar="FOLDER", help="make a course of nbgrader's there, with the submissions if any"
    )
    add("--gradebook", metavar="FILE", help="write the grades to a gradebook of nbgrader's as well (gradebook.db)")
    return whole


def grade_class(options: argparse.Namespace) -> int:
    """Grade all submissions."""
    entries, remarks = collecting.entries(options.submissions, options.roster)
    _refuse_to_overwrite(options)
    for remark in remarks:
        print(f"dnsseclab: {remark}", file=sys.stderr)
    secret = read_secret(options)
    gradebook = for_nbgrader.Gradebook(options.gradebook) if options.gradebook else None
    if options.feedback:
        options.feedback.mkdir(parents=True, exist_ok=True)
    journal = Journal(options.out.with_name(options.out.name + ".journal"), secret)
    finished = False
    try:
        with Workers(min(options.jobs or os.cpu_count() or 1, len(entries))) as workers:
            walls = workers.walls.description
            print(
                f"{len(entries)} submissions, {len(catalogue.names())} exercises. The code runs {walls}.",
                file=sys.stderr,
            )
            tally = _grade_them(options, entries, secret, journal, workers)
        lines = (
            report.csv_line(grade, entry.name) for entry, grade in zip(entries, journal.grades(entries), strict=True)
        )
        report.write(options.out, [report.csv_head(catalogue.names()), *lines])
        if gradebook:
            with gradebook:
                for entry, graded in zip(entries, journal.grades(entries), strict=True):
                    gradebook.enter(graded, entry.name)
        if options.report:
            report.write(options.report, [report.class_page(tally, walls)])
        finished = True
    finally:
        journal.close(finished)
    print(f"The grades are in {options.out}.", file=sys.stderr)
    if tally.crashed:
        print(
            f"At {tally.crashed} submissions a check of ours failed: see the remarks, and --explain.", file=sys.stderr
        )
    return 1 if tally.crashed else 0


def _grade_them(
    options: argparse.Namespace, entries: list[Entry], secret: bytes, journal: Journal, workers: Workers
) -> report.Tally:
    names = {entry.identifier: entry.name for entry in entries}
    tally, told = report.Tally(), Progress(len(entries))
    for graded in grade_all(entries, secret, journal, workers):
        tally.add(graded)
        if options.feedback:
            page = report.feedback_page(graded, names[graded.identifier])
            report.write(options.feedback / f"{file_name(graded.identifier)}.html", [page])
        told.one_more(time.monotonic())
    return tally


class Progress:
    """How far a run is and how long it will take, on one line of a terminal; elsewhere a line at every tenth."""

    def __init__(self, of: int) -> None:
        self._of, self._done = of, 0
        # The last ones only: of a run that goes on, the first ones are there at once, and say nothing about the rest.
        self._moments: deque[float] = deque(maxlen=50)

    def one_more(self, now: float) -> None:
        """Count one more, and tell."""
        self._done += 1
        self._moments.append(now)
        pace = (now - self._moments[0]) / max(len(self._moments) - 1, 1)
        bar = f"[{'#' * (24 * self._done // self._of):.<24}]"
        line = f"{bar} {self._done} of {self._of}, {pace * (self._of - self._done):.0f} s left"
        if sys.stderr.isatty():
            print(f"\r{line:70}", end="\n" if self._done == self._of else "", file=sys.stderr, flush=True)
        elif self._done == self._of or 10 * self._done // self._of > 10 * (self._done - 1) // self._of:
            print(line, file=sys.stderr)


def explain(options: argparse.Namespace) -> int:
    """Judge one exercise of one learner again, and print everything, with the answers."""
    identifier, exercise = options.explain
    catalogue.exercise(exercise)
    entries, _ = collecting.entries(options.submissions, options.roster)
    found = [entry for entry in entries if entry.identifier == identifier]
    if not found:
        raise LabError(f"There is no submission of {identifier!r} in {options.submissions}.")
    if found[0].path is None:
        raise LabError(f"{identifier}: {found[0].remark}")
    submission = collecting.read(found[0].path)
    secret = read_secret(options, must_exist=True)
    graded = grade(submission.files, identifier, secret, exercises=[exercise], remarks=submission.remarks)
    print(*graded.remarks, *(in_words(verdict) for verdict in graded.verdicts), sep="\n")
    for finding in graded.verdicts[0].findings:
        if finding.crash:
            print(f"\n{finding.key}:\n{finding.crash}")
    return 1 if graded.crashed else 0


def hand_out(options: argparse.Namespace) -> int:
    """Make a folder for each learner of a roster."""
    folder = options.out if options.out != Path("grades.csv") else Path("handed_out")
    entries = collecting.read_roster(options.hand_out)
    handing_out.hand_out(entries, folder)
    print(f"{len(entries)} folders are in {folder}: give each learner theirs.", file=sys.stderr)
    return 0


def assemble(options: argparse.Namespace) -> int:
    """Make a course of nbgrader's."""
    entries, remarks = collecting.entries(options.submissions, options.roster) if options.submissions else ([], [])
    remarks += for_nbgrader.assemble(options.nbgrader, entries)
    print(*(f"dnsseclab: {remark}" for remark in remarks), sep="\n", end="\n" * bool(remarks), file=sys.stderr)
    print(f"A course of nbgrader's is in {options.nbgrader}; exercises/README.md says how it goes on.", file=sys.stderr)
    return 0


def read_secret(options: argparse.Namespace, must_exist: bool = False) -> bytes:
    """Return the class secret; without --secret-file, make one at the first run."""
    path = options.secret_file or options.out.with_name(SECRET_FILE)
    if not path.exists() and (options.secret_file or must_exist):
        raise LabError(f"There is no {path}: name the file with the class secret, by which the class was graded.")
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32) + "\n", encoding="utf-8")
        print(f"A class secret was made in {path}. Keep it: grades can be repeated only with it.", file=sys.stderr)
    secret = path.read_bytes().strip()
    if len(secret) < 16:
        raise LabError(
            f"The class secret in {path} is too short: it needs 16 characters or more that nobody can guess."
        )
    return secret


def _refuse_to_overwrite(options: argparse.Namespace) -> None:
    if options.overwrite:
        return
    journal = options.out.with_name(options.out.name + ".journal")
    feedback = options.feedback and options.feedback.is_dir() and any(options.feedback.iterdir())
    for path, there in (
        (options.out, options.out.exists()),
        (options.report, options.report and options.report.exists()),
        (options.feedback, feedback and not journal.exists()),  # pages of the run that goes on are its own
    ):
        if there:
            raise LabError(f"{path} is there already: name another one, or say --overwrite.")


def _positive(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 1000:
        raise argparse.ArgumentTypeError(f"{text} is no number of processes: choose one from 1 to 999")
    return int(text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
