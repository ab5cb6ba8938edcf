"""Taking times side by side: what is compared takes turns, so that a busy machine slows all of it alike."""

import statistics
import time
from collections.abc import Callable
from typing import NamedTuple


class Task(NamedTuple):
    """Something to time, and what is to be made ready before each time, which is not timed."""

    run: Callable[[], object]
    prepare: Callable[[], object] = lambda: None


def side_by_side(*tasks: Task, rounds: int) -> list[float]:
    """Return the median of each task in seconds."""
    seconds: list[list[float]] = [[] for _ in tasks]
    for _ in range(rounds):
        for task, taken in zip(tasks, seconds, strict=True):
            task.prepare()
            start = time.perf_counter()
            task.run()
            taken.append(time.perf_counter() - start)
    return [statistics.median(taken) for taken in seconds]
