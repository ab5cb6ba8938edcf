"""The log of the real servers: readable, and never a burden."""

from collections.abc import Iterator

import pytest

from dnsseclab.internet import log
from dnsseclab.internet.log import Log


@pytest.fixture
def moments(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The clock of the log: the last one of the moments."""
    told = [1_800_000_000.25]
    monkeypatch.setattr(log.time, "time", lambda: told[-1])
    return told


def test_line_says_when_to_whom_and_what(moments: list[float]) -> None:
    shown: list[str] = []
    Log(shown.append).note("bank's server", lambda: "was asked")
    assert shown[0].split(maxsplit=1)[0].endswith(".250")
    assert "bank's server" in shown[0] and shown[0].endswith("  was asked")


def test_drops_are_counted_by_reason() -> None:
    kept = Log()
    for _ in range(3):
        kept.drop("resolver", "127.0.0.1", "shorter than a header")
    kept.drop("resolver", "127.0.0.1", "too busy")
    assert kept.dropped == {"shorter than a header": 3, "too busy": 1}
    assert "dropped from 127.0.0.1: too busy" in kept.text()


def test_flood_is_summed_up_in_the_next_second(moments: list[float]) -> None:
    shown: list[str] = []
    flooded = Log(shown.append)
    for number in range(500):
        flooded.note("resolver", lambda number=number: str(number))  # type: ignore[misc]
    assert len(shown) == log.SHOWN_PER_SECOND
    moments.append(moments[-1] + 1)
    flooded.note("resolver", lambda: "calm again")
    assert "460 more lines" in shown[-2] and "calm again" in shown[-1]


def test_only_the_last_lines_are_kept_and_only_those_that_are_read_are_put_into_words() -> None:
    told: Iterator[int] = iter(range(10_000))
    kept = Log()
    for _ in range(log.KEPT + 100):
        kept.note("resolver", lambda: str(next(told)))
    assert len(kept.lines) == log.KEPT
    assert next(told) == 0


def test_long_text_is_cut() -> None:
    kept = Log()
    kept.note("resolver", lambda: "x" * 1000)
    assert kept.lines[0].text == "x" * (log.LONGEST_TEXT - 3) + "..."
