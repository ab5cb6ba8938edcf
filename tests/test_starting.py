"""A copy of the process that is ready sits behind the walls of its own bubblewrap, without rights, and knows nobody."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dnsseclab.grading.asking import Returned
from dnsseclab.grading.conversation import Conversation
from dnsseclab.grading.sandbox import Sandbox, best_walls
from dnsseclab.grading.starting import ready, start
from dnsseclab.grading.walls import Walls

ROOT = Path(__file__).parent.parent
NAMESPACES = ("mnt", "pid", "net", "ipc", "uts")
SOURCE = """
import builtins, hashlib, os, sys, dns.name
BEFORE = [*sys.modules]
def ping(): return "pong"
def spoil():
    dns.name.root = hashlib.sha256 = builtins.sum = None
    sys.path.clear()
    sys.modules["base64"] = sys.modules["dnsseclab"] = os
    os.environ["SPOILED"] = "yes"
    return True
def is_fresh():
    import base64, dnsseclab.protocol.names
    return bool(str(dns.name.root) == "." and hashlib.sha256(b"") and sum([1]) and sys.path
                and base64.b64encode(b"") == b"" and "SPOILED" not in os.environ)
def loads_late():
    __import__("dnsseclab.attacker." + "walking")  # loaded here and now: nobody saw the name beforehand
    return "dnsseclab.attacker.walking" not in BEFORE and "dnsseclab.attacker.walking" in sys.modules
def leave_some_behind():
    for _ in range(3):
        if os.fork() == 0:
            os.setsid()
            if os.fork():
                os._exit(0)
            while True:
                pass
    return True
"""
FUNCTIONS = ["ping", "spoil", "is_fresh", "loads_late", "leave_some_behind"]


@pytest.fixture(autouse=True)
def joined(skip_for_want_of: Callable[[str], None]) -> None:
    if not best_walls().is_joined:
        skip_for_want_of("no process can join a bubblewrap here (Debian: apt install bubblewrap)")


def sandbox() -> Sandbox:
    cells = [{"cell_type": "code", "source": SOURCE}]
    return Sandbox({"13_x.ipynb": json.dumps({"cells": cells}).encode()})


def asked(box: Sandbox, *functions: str) -> list[object]:
    asking = box.exercise("13_x", FUNCTIONS)
    replies = [reply for each in functions for reply in asking(each, [[]])]
    asking.close()
    return [reply.value if isinstance(reply, Returned) else reply for reply in replies]


def namespace(process: str | int, kind: str) -> str:
    """Return which namespace a process is in; nothing if it is gone, or somebody else's."""
    try:
        return os.readlink(f"/proc/{process}/ns/{kind}")
    except OSError:
        return ""


def inhabitants(box: Sandbox) -> list[str]:
    """Return the processes behind the walls, the first one first."""
    first = first_of(box.talk())
    everybody = sorted((path.name for path in Path("/proc").glob("[0-9]*")), key=int)
    return [each for each in everybody if namespace(each, "pid") == namespace(first, "pid")]


def first_of(talk: Conversation) -> str:
    descriptor = talk._inmate._first  # type: ignore[attr-defined]
    lines = dict(line.split(":\t") for line in Path(f"/proc/self/fdinfo/{descriptor}").read_text().splitlines())
    return lines["Pid"]


def until(condition: Callable[[], bool]) -> bool:
    ends = time.monotonic() + 20
    while not condition() and time.monotonic() < ends:
        time.sleep(0.02)
    return condition()


def test_everybody_behind_the_walls_is_in_the_namespaces_of_these_walls() -> None:
    with sandbox() as one, sandbox() as other:
        assert asked(one, "ping") == asked(other, "ping") == ["pong"]
        for kind in NAMESPACES:
            of_one, of_other = ({namespace(each, kind) for each in inhabitants(box)} for box in (one, other))
            assert len(of_one) == len(of_other) == 1
            assert len(of_one | of_other | {namespace("self", kind)}) == 3
        assert len(inhabitants(one)) == 4  # bubblewrap's own, `cat`, the copy, and its child with the exercises


def test_copy_has_no_rights() -> None:
    with sandbox() as box:
        assert asked(box, "ping") == ["pong"]
        *_, copy = inhabitants(box)
        lines = (line.split(":\t") for line in Path(f"/proc/{copy}/status").read_text(encoding="utf-8").splitlines())
        status = {name: value for name, *value in lines}
        for kind in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
            assert int(status[kind][0], 16) == 0
        assert status["NoNewPrivs"] == ["1"]
        assert "0" not in "\t".join(status["Uid"] + status["Gid"]).split("\t")
        assert Path(f"/proc/{copy}/oom_score_adj").read_text() == "1000\n"


def test_what_one_submission_spoils_the_next_one_finds_whole() -> None:
    with sandbox() as one:
        assert asked(one, "is_fresh") == [True]
        assert asked(one, "spoil")[0] is True
        with sandbox() as other:
            assert asked(other, "is_fresh", "loads_late") == [True, True]


def test_copy_has_loaded_what_the_exercises_import() -> None:
    source = "import sys\nLOADED = [*sys.modules]\ndef loaded(name): return name in LOADED"
    box = Sandbox({"13_x.ipynb": json.dumps({"cells": [{"cell_type": "code", "source": source}]}).encode()})
    with box:
        asking = box.exercise("13_x", ["loaded"])
        assert [*asking("loaded", [["dnsseclab.protocol.messages"]])] == [Returned(True)]
        for of_the_judge in (
            "dnsseclab.views",
            "dnsseclab.grading.criteria",
            "dnsseclab.grading.seeds",
            "dnsseclab.grading.catalogue",
        ):
            assert [*asking("loaded", [[of_the_judge]])] == [Returned(False)]


def test_when_a_sandbox_is_stopped_nobody_is_left() -> None:
    box = sandbox()
    asking = box.exercise("13_x", FUNCTIONS)
    assert [*asking("leave_some_behind", [[]])] == [Returned(True)]
    left = inhabitants(box)
    assert len(left) >= 7  # the three, the exercise's process, and what it has started
    box.stop()
    assert not [each for each in left if Path(f"/proc/{each}").exists()]


def test_one_that_was_ready_and_is_killed_is_replaced() -> None:
    with sandbox() as box:
        assert asked(box, "ping") == ["pong"]
    process = ready(best_walls().user)._process
    process.kill()
    process.wait()
    with sandbox() as box:
        assert asked(box, "ping") == ["pong"]


def test_walls_that_do_not_stand_are_an_error() -> None:
    with pytest.raises(OSError, match="bubblewrap did not start"):
        start(Walls(("bwrap", "--no-such-option"), None, "", is_joined=True))


JUDGE = """
import sys, time, test_starting
box = test_starting.sandbox()
asking = box.exercise("13_x", test_starting.FUNCTIONS)
[*asking("leave_some_behind", [[]])]
ready = test_starting.ready(test_starting.best_walls().user)._process.pid
print(*test_starting.inhabitants(box), ready, flush=True)
time.sleep(100)
"""


@pytest.fixture
def judge() -> Iterator[subprocess.Popen[str]]:
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    command = [sys.executable, "-c", JUDGE]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": paths}) as run:
        yield run
        run.kill()


def test_judge_that_is_killed_takes_everybody_along(judge: subprocess.Popen[str]) -> None:
    assert judge.stdout
    everybody = judge.stdout.readline().split()
    assert len(everybody) >= 8
    judge.send_signal(signal.SIGKILL)
    assert until(lambda: not any(is_running(each) for each in everybody))


def is_running(process: str) -> bool:
    """Return whether a process runs; one that waits to be taken notice of does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
