"""How a Python gets inside the walls: it is started there; or, much faster, a copy of one that is ready joins them.

It knows: processes, their pipes, and how one is ended with all that it has started.
It must not know: what is said to that Python.
"""

import contextlib
import functools
import json
import os
import select
import signal
import socket
import subprocess
import threading
from io import BufferedReader, BufferedWriter
from pathlib import Path
from typing import IO, Protocol

from . import catalogue
from .inside import imported
from .walls import DOORKEEPER, Walls, python_command

# A set's order must not change between two gradings of the same submission.
ENVIRONMENT = {"PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8"}
PATIENCE = 30  # seconds, for what is ours and must not take any


class Inmate(Protocol):
    """A Python inside the walls."""

    commands: BufferedWriter
    replies: BufferedReader

    def kill(self) -> None:
        """End it, and what it has started."""


def start(walls: Walls) -> Inmate:
    """Return a Python inside the walls.

    Raises:
        OSError: These walls do not stand here.
    """
    return Joined(walls) if walls.is_joined else Started(walls)


class Started:
    """A process that was started for this."""

    def __init__(self, walls: Walls) -> None:
        user = [] if walls.user is None else [str(walls.user)]
        alone = "alone" if walls.is_full else "exposed"
        command = [*walls.command, *python_command("inside", alone, *user)]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=ENVIRONMENT | ({} if os.name == "posix" else {"SYSTEMROOT": os.environ.get("SYSTEMROOT", "")}),
            cwd="/" if os.name == "posix" else None,
            start_new_session=True,
        )
        assert isinstance(self._process.stdin, BufferedWriter) and isinstance(self._process.stdout, BufferedReader)
        self.commands, self.replies = self._process.stdin, self._process.stdout
        with contextlib.suppress(OSError):  # if memory runs out, the kernel shall end this process, and not the judge
            Path(f"/proc/{self._process.pid}/oom_score_adj").write_text("1000")

    def kill(self) -> None:
        """End it, and what it has started."""
        with contextlib.suppress(OSError):
            if os.name == "posix":
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.kill()
        self._process.wait()


class Joined:
    """A bubblewrap with nobody in it but `cat`, and a copy of a Python that has loaded everything, which joins it."""

    def __init__(self, walls: Walls) -> None:
        told, tells = os.pipe()
        self._walls = subprocess.Popen(
            [walls.command[0], "--info-fd", str(tells), *walls.command[1:], DOORKEEPER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pass_fds=[tells],
            env=ENVIRONMENT,
            cwd="/",
            start_new_session=True,
            bufsize=0,
        )
        os.close(tells)
        self._first = -1
        try:
            with open(told, "rb", buffering=0) as stream:
                self._first = os.pidfd_open(json.loads(_read(stream, b"}"))["child-pid"])
            self._is_answered()
            self.commands, self.replies = ready(walls.user).copy(self._first)
        except BaseException as error:
            self.kill()
            raise OSError(f"bubblewrap did not start ({error})") from error

    def _is_answered(self) -> None:
        """Make sure that the walls stand, and that the number was, when it was looked up, no other process's."""
        assert self._walls.stdin and self._walls.stdout
        self._walls.stdin.write(b"\n")
        _read(self._walls.stdout, b"\n")

    def kill(self) -> None:
        """End the first process, and so, by the kernel, all in its namespace; when this returns, nobody is left."""
        with contextlib.suppress(OSError):
            if self._first < 0:
                self._walls.kill()
            else:
                signal.pidfd_send_signal(self._first, signal.SIGKILL)
        with self._walls:  # waits, and closes its pipes
            pass
        if self._first >= 0:
            os.close(self._first)
            self._first = -1


class Ready:
    """A process that has loaded everything, whose copies join walls; joining.py runs in it. It ends with this one."""

    def __init__(self, user: int | None) -> None:
        self._user = user
        self._lock = threading.Lock()
        self._orders: socket.socket | None = None

    def copy(self, walls: int) -> tuple[BufferedWriter, BufferedReader]:
        """Let a copy join the walls, and return the pipes to it."""
        reads, commands = os.pipe()
        replies, writes = os.pipe()
        try:
            self._order([walls, reads, writes])
        finally:
            os.close(reads)
            os.close(writes)
        return open(commands, "wb"), open(replies, "rb")

    def _order(self, descriptors: list[int]) -> None:
        with self._lock:
            if self._orders:
                with contextlib.suppress(OSError):  # else it was killed: for want of memory, or by somebody
                    socket.send_fds(self._orders, [b"1"], descriptors)
                    return
                self._orders.close()
            self._orders = self._start()
            socket.send_fds(self._orders, [b"1"], descriptors)

    def _start(self) -> socket.socket:
        ours, its = socket.socketpair()  # no network: a pipe that descriptors can pass through
        with its:
            user = "" if self._user is None else str(self._user)
            self._process = subprocess.Popen(
                python_command("joining", str(its.fileno()), user, *_modules()),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[its.fileno()],
                env=ENVIRONMENT,
                cwd="/",
                start_new_session=True,
            )
        return ours


@functools.cache
def ready(user: int | None) -> Ready:
    """Return the process whose copies become `user`."""
    return Ready(user)


def _modules() -> list[str]:
    """Return what the exercises import, and so nearly every submission."""
    folder = catalogue.folder()
    files = sorted([*folder.glob("*.ipynb"), *folder.glob("solutions/*.py")])
    return imported(path.read_bytes() for path in files)


def _read(stream: IO[bytes], end: bytes) -> bytes:
    """Return what comes up to `end`, which is ours and must not take long."""
    text = b""
    while end not in text:
        if not select.select([stream], [], [], PATIENCE)[0]:
            raise TimeoutError("it says nothing")
        piece = stream.read(1000)
        if not piece:
            raise EOFError("it ended")
        text += piece
    return text
