"""Whatever a process does with its pipe, who asks it gets a line, the beginning of one, or nothing, and in time."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from io import BufferedReader, BufferedWriter

import pytest

from dnsseclab.grading.lines import Polled, Threaded

MOST = 100_000
Lines = Polled | Threaded
Make = Callable[[str], Lines]

ECHO = "import sys\nfor line in sys.stdin.buffer: sys.stdout.buffer.write(line); sys.stdout.flush()"
FLOOD = "import os\nwhile True: os.write(1, b'x\\n' * 10000)"
ENDLESS = "import os\nwhile True: os.write(1, b'x' * 10000)"
TRICKLE = "import os, time\nwhile True: os.write(1, b'x'); time.sleep(0.01)"
DEAF = "import time; time.sleep(100)"


@pytest.fixture(params=[Polled, Threaded])
def make(request: pytest.FixtureRequest) -> Iterator[Make]:
    if request.param is Polled and sys.platform == "win32":
        pytest.skip("Windows cannot wait for a pipe and a clock at once")
    started: list[tuple[subprocess.Popen[bytes], Lines]] = []

    def start(source: str) -> Lines:
        process = subprocess.Popen([sys.executable, "-c", source], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert isinstance(process.stdin, BufferedWriter) and isinstance(process.stdout, BufferedReader)
        started.append((process, request.param(process.stdin, process.stdout, MOST)))
        return started[-1][1]

    yield start
    for process, lines in started:
        process.kill()
        process.wait()
        lines.close()


def test_lines_come_back_in_order_whatever_their_size(make: Make) -> None:
    lines = make(ECHO)
    for size in (1, 10, 70_000, MOST - 1, 3):
        assert lines.exchange(b"x" * size + b"\n", 20) == b"x" * size + b"\n"


def test_line_that_is_too_long_is_cut_off(make: Make) -> None:
    assert make(ECHO).exchange(b"x" * MOST + b"\n", 20) == b"x" * MOST
    assert make(ENDLESS).exchange(b"\n", 20) == b"x" * MOST


def test_two_lines_at_once_are_two_replies(make: Make) -> None:
    lines = make("input(); print('one'); print('two', flush=True); input()")
    assert [lines.exchange(b"\n", 20), lines.exchange(b"\n", 20)] == [b"one\n", b"two\n"]


def test_flood_waits_in_the_pipe(make: Make) -> None:
    lines = make(FLOOD)
    for _ in range(3):
        assert lines.exchange(b"\n", 20) == b"x\n"
    time.sleep(0.3)
    held = len(lines._arrived) if isinstance(lines, Polled) else 2 * lines._incoming.qsize()
    assert held <= MOST + (1 << 16)


def test_process_that_is_gone_leaves_an_end(make: Make) -> None:
    lines = make("import sys; input(); sys.stdout.write('half a line')")
    assert lines.exchange(b"\n", 20) == b"half a line"
    assert make("pass").exchange(b"x" * 1_000_000, 20) == b""  # nobody reads it


@pytest.mark.parametrize("source", [DEAF, TRICKLE])
@pytest.mark.parametrize("size", [1, 1_000_000])
def test_nobody_is_waited_for_longer_than_said(make: Make, source: str, size: int) -> None:
    lines, started = make(source), time.monotonic()
    assert lines.exchange(b"x" * size + b"\n", 0.5) is None
    assert time.monotonic() - started < 5
    assert lines.exchange(b"\n", 0) is None
