"""Running a stranger's code where it can do no harm and forge no result: one sandbox for one submission.

It knows: limits, and how functions of an exercise are asked in another process, also after it has died.
It must not know: what is asked, and what is right. It hands plain replies on.
"""

import base64
import contextlib
import functools
import json
import os
import shutil
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .asking import Arguments, Refused, Reply, Returned, unpack
from .conversation import NO_REPLY, Conversation, Silence
from .plain import NotPlain, Plain, to_json
from .walls import FIRST_USER, Walls, bubblewrap, no_walls


@dataclass(frozen=True)
class Limits:
    """What one submission may use."""

    call_seconds: float = 3.0  # wall clock, one call
    exercise_seconds: float = 30.0  # wall clock, one exercise
    cpu_seconds: int = 15  # one process, and so one exercise at the least
    memory: int = 512 << 20  # bytes of address space, each process
    processes: int = 16
    open_files: int = 64
    file_bytes: int = 1 << 20  # nothing is writable, but memory can be dressed up as a file
    reply_bytes: int = 8 << 20
    deaths: int = 2  # how often an exercise may have to be started anew

    def of_process(self) -> dict[str, int]:
        """Return the limits that the kernel keeps, by the names of `resource`."""
        return {
            "CPU": self.cpu_seconds,
            "AS": self.memory,
            "NPROC": self.processes,
            "NOFILE": self.open_files,
            "FSIZE": self.file_bytes,
            "CORE": 0,
        }


class Sandbox:
    """One submission in its process, started when it is first needed and again if it has to be.

    Its exercises share that process, which saves a third of the time, unless one asks for a process of its own: all of
    the code in it is one learner's. But an exercise that is missed there may have been spoiled by one before it.
    """

    def __init__(self, files: Mapping[str, bytes], walls: "Walls | None" = None, limits: Limits | None = None) -> None:
        self.walls = walls or best_walls()
        self.limits = limits or Limits()
        self._files = {path: base64.b64encode(content).decode() for path, content in files.items()}
        self._talk: Conversation | None = None
        self.is_used = False  # an exercise has been loaded into the process that would get the next one

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()  # what is killed together with its walls is charged to nobody, and would not be measured
        self.stop()

    def stop(self) -> None:
        """End the process and all that it has started."""
        self.is_used = False
        if self._talk:
            self._talk.kill()
            self._talk = None

    def clear(self) -> None:
        """End the process that exercises were loaded into, so that the next one finds a new one."""
        if not self.is_used:
            return
        with contextlib.suppress(Silence):
            if self.exchange({"end": True}, self.limits.call_seconds).keys() == {"ended"}:
                return
        self.stop()

    def exchange(self, command: Any, seconds: float) -> dict[str, Any]:
        """Write a command and return the reply: what the learner's code makes of it, or {"ended": exit code}.

        Raises:
            Silence: None came, or something that is no reply.
        """
        try:
            reply = self.talk().exchange(command, max(seconds, 0))
        except Silence:
            self.stop()
            raise
        if not isinstance(reply, dict):
            raise self.nonsense()
        self.is_used = "ended" not in reply
        return reply

    def nonsense(self) -> Silence:
        """End the process, which has sent something that is no reply, and return what is said of it."""
        self.stop()
        return Silence(*NO_REPLY)

    def talk(self) -> "Conversation":
        """Return the conversation with the process; a new one if there is none."""
        if self._talk is None:
            self._talk = Conversation(self.walls, self.limits.reply_bytes)
            if self._talk.exchange({"files": self._files}, 30) != {"ready": True}:
                raise RuntimeError("The sandbox did not start.")  # nothing of the learner's has run yet: ours
        return self._talk

    def exercise(
        self, name: str, functions: Sequence[str], material: Sequence[Plain] = (), alone: bool = False
    ) -> "Exercising":
        """Return what asks the functions of one exercise; close it when the exercise is over.

        Args:
            alone: In a process in which no other exercise has been or will be.
        """
        return Exercising(self, name, functions, material, alone)


class Exercising:
    """The functions of one exercise in the sandbox. It is an `Ask`."""

    def __init__(
        self, sandbox: Sandbox, name: str, functions: Sequence[str], material: Sequence[Plain], alone: bool
    ) -> None:
        self._sandbox, self._alone = sandbox, alone
        self._command = {
            "exercise": name,
            "functions": list(functions),
            "material": to_json(list(material)),
            "limits": sandbox.limits.of_process(),
        }
        if alone:
            sandbox.clear()
        self.is_first = not sandbox.is_used  # nothing of another exercise can have spoiled anything for this one
        self._loaded, self._all_at_once = False, True
        self._deaths = 0
        self._most_deaths = sandbox.limits.deaths if self.is_first else 1
        self._ends = time.monotonic() + sandbox.limits.exercise_seconds
        self.remarks: list[str] = []

    def __call__(self, function: str, calls: list[Arguments]) -> Iterator[Reply]:
        """Call one function of the learner, all at once if that ends well, else call by call."""
        if len(calls) > 1 and self._all_at_once and self._deaths < self._most_deaths:
            try:
                replies = self._replies(function, calls)
            except Silence:
                self._all_at_once = self._loaded = False  # one of them does not end well: they will tell which one
            else:
                yield from replies
                return
        for arguments in calls:
            yield self._reply(function, arguments)

    def _reply(self, function: str, arguments: Arguments) -> Reply:
        if self._deaths >= self._most_deaths:
            return Refused("nothing; your code was stopped too often before", "See the criteria above this one.")
        try:
            (reply,) = self._replies(function, [arguments])
            return reply
        except Silence as problem:
            self._deaths += 1
            self._loaded = False
            return Refused(str(problem), problem.next_step)

    def _replies(self, function: str, calls: list[Arguments]) -> list[Reply]:
        if not self._loaded:
            remarks = self._exchange(self._command, "loaded")
            self.remarks = [str(each)[:500] for each in remarks[:20]]
            self._loaded = True
        replies = self._exchange({"call": function, "arguments": calls}, "replies")
        with contextlib.suppress(NotPlain):
            if len(replies) == len(calls):
                return [unpack(each) for each in replies]
        raise self._sandbox.nonsense()

    def close(self) -> None:
        """End this exercise."""
        if self._alone:
            self._sandbox.clear()

    def _exchange(self, command: Any, answer: str) -> list[Any]:
        """Return the list that comes back under the name `answer`."""
        limits = self._sandbox.limits
        reply = self._sandbox.exchange(command, min(limits.call_seconds, self._ends - time.monotonic()))
        found = reply.get(answer)
        if isinstance(found, list):
            return found
        if isinstance(reply.get("ended"), int):
            raise death(reply["ended"])
        raise self._sandbox.nonsense()


def death(code: int) -> Silence:
    """Return what is said of a process that ended instead of replying."""
    with contextlib.suppress(ValueError):
        name = signal.Signals(-code).name
        step = WHAT_SIGNALS_MEAN.get(name, "Call the function in a fresh kernel, and see what stops it.")
        return Silence(f"nothing: the process was ended by {name}", step)
    return Silence("nothing: the process ended", "Return a value; do not leave Python (sys.exit, os._exit).")


WHAT_SIGNALS_MEAN = {
    "SIGXCPU": "It took too much time: look for a loop that does not end.",
    "SIGKILL": "It took too much time or memory: look for a loop that does not end, or a list that grows.",
    "SIGSEGV": "It calls itself without end, most likely: look at the recursion.",
}


@functools.cache
def best_walls() -> Walls:
    """Return the best walls that stand up here; trying is the only sure way to know."""
    user = FIRST_USER + os.getpid() % 500 if os.name == "posix" and os.geteuid() == 0 else None
    installed = shutil.which("bwrap") is not None
    joined = [bubblewrap(each, is_joined=True) for each in dict.fromkeys((user, None))]
    for walls in (*joined, bubblewrap(user), bubblewrap(None), no_walls(user, installed)):
        if (installed or not walls.is_full) and _stand(walls):
            return walls
    return no_walls(None, installed)


def _stand(walls: Walls) -> bool:
    """Return whether code runs inside, and finds the standard library."""
    cell = {"cell_type": "code", "source": "import hashlib\ndef probe(): return hashlib.sha256().digest_size"}
    try:
        with Sandbox({"probe.ipynb": json.dumps({"cells": [cell]}).encode()}, walls) as sandbox:
            return [*sandbox.exercise("probe", ["probe"])("probe", [[]])] == [Returned(32)]
    except (OSError, RuntimeError, Silence):
        return False
