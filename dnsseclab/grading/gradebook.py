"""A class full of submissions: several at once, one after the other off the disk, and on from where a run was stopped.

It knows: workers, and the journal, to which each grade is added as soon as it is there.
It must not know: what is asked, or how results look. One bad submission never stops the rest.
"""

import contextlib
import gc
import hashlib
import json
import os
import sys
import threading
import traceback
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from multiprocessing.queues import SimpleQueue
from pathlib import Path

from . import catalogue
from .collecting import Entry, Submission, read
from .grader import grade
from .inside import BETWEEN_COLLECTIONS
from .sandbox import best_walls
from .verdicts import Finding, Grade, Verdict, from_data
from .walls import Walls

AHEAD = 2  # submissions that wait for each worker: memory does not grow with the class


class Workers:
    """Processes that judge, each with a sandbox's Python beside it; both begin to load at once."""

    def __init__(self, jobs: int) -> None:
        """Start so many."""
        self.jobs = jobs
        self.pool = _pool(jobs)
        self._walls = [self.pool.submit(best_walls) for _ in range(jobs)]

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *_: object) -> None:
        self.pool.shutdown()

    @property
    def walls(self) -> Walls:
        """Return the walls that the code of submissions runs behind."""
        try:
            return self._walls[0].result()
        except BrokenProcessPool:  # then each submission will be judged alone, by another process
            return best_walls()


def grade_all(entries: Iterable[Entry], secret: bytes, journal: "Journal", workers: Workers) -> Iterator[Grade]:
    """Yield the grade of each entry as soon as it is there; those in the journal at once."""
    waiting = iter(entries)
    broken: list[Entry] = []
    running: dict[Future[tuple[str, Grade]], Entry] = {}
    while True:
        for entry in waiting:
            known = journal.find(entry)
            if known:
                yield known
                continue
            try:
                running[workers.pool.submit(grade_entry, entry, secret, journal.common)] = entry
            except BrokenProcessPool:
                broken.append(entry)
            if len(running) >= workers.jobs * AHEAD:
                break
        if not running:
            break
        done, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in done:
            entry = running.pop(future)
            if isinstance(future.exception(), BrokenProcessPool):
                broken.append(entry)
            else:
                yield journal.add(*future.result())
    for entry in broken:  # each once more and alone: only who broke the worker meets the judge's failure
        yield journal.add(*_alone(entry, secret, journal.common))


def grade_entry(entry: Entry, secret: bytes, common: bytes) -> tuple[str, Grade]:
    """Return the fingerprint of what was graded and its grade; a failure of ours becomes part of it."""
    fingerprint = ""
    try:
        submission = _submission(entry)
        fingerprint = _fingerprint(entry, submission, common)
        return fingerprint, grade(submission.files, entry.identifier, secret, remarks=submission.remarks)
    except Exception:
        return fingerprint, crashed(entry, traceback.format_exc())


def crashed(entry: Entry, why: str) -> Grade:
    """Return the grade of a submission at which the judge failed: no exercise of it is judged."""
    verdicts = []
    for name in catalogue.names():
        exercise = catalogue.exercise(name)
        findings = (Finding(each.key, each.sentence, 0, each.points, None, why) for each in exercise.criteria)
        verdicts.append(Verdict(name, exercise.title, tuple(findings)))
    return Grade(entry.identifier, tuple(verdicts), ("The grader itself failed here: not graded.",))


def _alone(entry: Entry, secret: bytes, common: bytes) -> tuple[str, Grade]:
    with _pool(1) as pool:
        try:
            return pool.submit(grade_entry, entry, secret, common).result()
        except BrokenProcessPool:
            return "", crashed(entry, "The grader's process died while it judged this submission.")


def _pool(jobs: int) -> ProcessPoolExecutor:
    context = get_context("spawn")
    places = context.SimpleQueue()
    for place in range(jobs):
        places.put(place + os.getpid())
    return ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin, initargs=(places,))


def _begin(places: "SimpleQueue[int]") -> None:
    """Prepare a worker."""
    gc.set_threshold(BETWEEN_COLLECTIONS)  # next to nothing that a judge makes is a cycle
    _stay_on(places.get())
    _end_with_the_run()


def _stay_on(place: int) -> None:
    """Let this worker, and what it starts, stay on one processor.

    Judge and sandbox take turns: on two processors each would wait for the other one to wake up.
    """
    if sys.platform == "linux":
        allowed = sorted(os.sched_getaffinity(0))
        with contextlib.suppress(OSError):
            os.sched_setaffinity(0, {allowed[place % len(allowed)]})


def _end_with_the_run() -> None:
    """Let this worker end when the run is killed: nothing else would tell it, and it would wait for work for good."""

    def wait_for_its_end() -> None:
        if run := parent_process():
            run.join()
            os._exit(1)

    threading.Thread(target=wait_for_its_end, daemon=True).start()


class Journal:
    """The grades so far, in a file, a line each. A run that was killed goes on from here.

    A grade counts only for exactly what was graded: another submission, secret or exercise is graded anew.
    """

    def __init__(self, path: Path, secret: bytes) -> None:
        self.common = hashlib.sha256(secret + _exercises()).digest()
        self._path = path
        self._places: dict[str, tuple[str, int]] = {}  # identifier: (fingerprint, where in the file)
        self._file = path.open("ab+")
        self._read()

    def _read(self) -> None:
        self._file.seek(0)
        end = 0
        for line in self._file:
            if not line.endswith(b"\n"):
                break
            with contextlib.suppress(ValueError, KeyError, TypeError):
                data = json.loads(line)
                self._places[data["grade"]["identifier"]] = (data["fingerprint"], end)
            end += len(line)
        self._file.truncate(end)  # a line that was cut off when the run was killed

    def find(self, entry: Entry) -> Grade | None:
        """Return an entry's grade if it is known; what the judge failed at is tried again."""
        if entry.identifier not in self._places:
            return None
        fingerprint, place = self._places[entry.identifier]
        if fingerprint != _fingerprint(entry, _submission(entry), self.common):
            return None
        grade = self._at(place)
        return None if grade.crashed else grade

    def add(self, fingerprint: str, grade: Grade) -> Grade:
        """Write a grade down, and return it."""
        place = self._file.seek(0, os.SEEK_END)
        line = json.dumps({"fingerprint": fingerprint, "grade": grade}, default=vars)
        self._file.write(line.encode() + b"\n")
        self._file.flush()
        self._places[grade.identifier] = (fingerprint, place)
        return grade

    def grades(self, entries: Iterable[Entry]) -> Iterator[Grade]:
        """Yield the grades of entries in their order, one at a time off the disk."""
        for entry in entries:
            yield self._at(self._places[entry.identifier][1])

    def close(self, finished: bool) -> None:
        """Close the file; delete it if the grades are elsewhere now."""
        self._file.close()
        if finished:
            self._path.unlink()

    def _at(self, place: int) -> Grade:
        self._file.seek(place)
        return from_data(json.loads(self._file.readline())["grade"])


def _submission(entry: Entry) -> Submission:
    return read(entry.path) if entry.path else Submission({}, (entry.remark,))


def _fingerprint(entry: Entry, submission: Submission, common: bytes) -> str:
    digest = hashlib.sha256(common)
    texts = (entry.identifier, *submission.remarks)
    parts = [text.encode("utf-8", "surrogatepass") for text in texts]
    for name, content in submission.files.items():
        parts += [name.encode("utf-8", "surrogatepass"), content]
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def _exercises() -> bytes:
    return b"".join((catalogue.folder() / "checks" / f"{name}.py").read_bytes() for name in catalogue.names())
