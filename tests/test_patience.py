"""A call that never ends becomes a sentence, and the alarm clock is left as it was."""

import itertools
import signal

import pytest

from dnsseclab.grading.asking import Refused, Reply, Returned, ask
from dnsseclab.grading.patience import patiently

pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="there is no alarm clock on Windows")


def endless() -> None:
    for _ in itertools.count():
        try:
            itertools.repeat(None)
        except Exception:
            continue


def test_call_that_never_ends_is_refused_with_a_next_step() -> None:
    reply = patiently(lambda: ask(endless, []), seconds=0.05)
    assert isinstance(reply, Refused)
    assert "time was up" in reply.text and "loop" in reply.next_step


@pytest.mark.parametrize("function", [endless, int])
def test_alarm_clock_is_left_as_it_was(function: type) -> None:
    before = signal.getsignal(signal.SIGVTALRM)
    patiently(lambda: ask(function, []), seconds=0.05)
    assert signal.getsignal(signal.SIGVTALRM) is before
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0.0, 0.0)


def test_call_in_time_and_the_stop_button_pass() -> None:
    def stop() -> Reply:
        raise KeyboardInterrupt

    assert patiently(lambda: ask(int, [])) == Returned(0)
    with pytest.raises(KeyboardInterrupt):
        patiently(stop)
