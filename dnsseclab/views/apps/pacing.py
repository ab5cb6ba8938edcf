"""Playing a race for the eye: in chunks, slowed down if there is something to see, and open to Stop at any time.

It knows: real time, and the kernel's event loop. No other file of the apps does.
It must not know: what is shown, or what a race is about.
"""

import asyncio
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .performance import Performance

MANY = 1000  # forged replies: from here on a race is slowed down for the eye
SWEEP = 65_536
SWEEP_LASTS = 1.8  # seconds; what is longer than one sweep runs on at full speed
REDRAW = 1 / 12  # seconds between two pictures


async def play_live(
    performance: Performance, *, goes_on: Callable[[], bool], show: Callable[[], None], stop: Callable[[], None]
) -> bool:
    """Play a performance to its end, unless `goes_on` says no in between; return whether the end was reached.

    Args:
        show: Called at most twelve times a second.
        stop: Called when the learner interrupts the kernel.
    """
    drawn = time.perf_counter()
    began = drawn - _due(performance)  # a race that was paused goes on where it stood
    with _interrupt_calls(stop):
        while not performance.over:
            performance.play_on()
            ahead = began + _due(performance) - time.perf_counter()
            await asyncio.sleep(max(0.0, ahead))  # also of 0: in between, the kernel hears other presses
            if not goes_on():
                return False
            if time.perf_counter() - drawn >= REDRAW:
                drawn = time.perf_counter()
                show()
    return True


def _due(performance: Performance) -> float:
    """Return at how many seconds after its start a race may be shown as far as it has come; 0 for a short one."""
    now = performance.progress
    if now is None or performance.over or now.forged_total < MANY:
        return 0.0
    return SWEEP_LASTS * min(1.0, now.forged_sent / SWEEP)


@contextmanager
def _interrupt_calls(stop: Callable[[], None]) -> Iterator[None]:
    """Let the kernel's interrupt stop the race: between two cells a kernel does not listen to it."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals are no business of other threads
        return
    loop = asyncio.get_running_loop()
    before = signal.signal(signal.SIGINT, lambda *_: loop.call_soon_threadsafe(stop))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
