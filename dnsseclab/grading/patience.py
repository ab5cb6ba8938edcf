"""How long a notebook waits for one call of a learner's function: a loop that never ends would fill the memory.

It knows: the alarm clock of the operating system, and how to set it back.
It must not know: what the call is for. The sandbox, which can end a whole process, has limits of its own.
"""

import signal
import threading
from collections.abc import Callable

from .asking import Refused, Reply

SECONDS = 3.0  # of computing, as in the sandbox; a busy computer does not count against the learner


class OutOfTime(KeyboardInterrupt):
    """The time is up; like the Stop button, it gets through whatever the function catches of Exception."""


def patiently(call: Callable[[], Reply], seconds: float = SECONDS) -> Reply:
    """Return what `call` returns, or a refusal if it computes longer; Windows has no such clock, and waits."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        return call()
    before = signal.signal(signal.SIGVTALRM, _ring)
    try:
        signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
        return call()
    except OutOfTime:
        return Refused("nothing; the time was up", "Look for a loop that does not end.")
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _ring(*_: object) -> None:
    raise OutOfTime
