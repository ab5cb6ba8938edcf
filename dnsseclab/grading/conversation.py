"""A conversation with a process that may lie, stay silent, flood or die: lines of JSON, each with a deadline.

It knows: pipes, deadlines, and how a process and all that it has started is ended.
It must not know: what the lines mean. What comes back is data, never code, and never trusted.
"""

import contextlib
import json
import os
import queue
import signal
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

from .walls import Walls, python_command

# A set's order must not change between two gradings of the same submission.
ENVIRONMENT = {"PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8"}


class Silence(Exception):
    """No reply came; the text says what came instead."""

    def __init__(self, text: str, next_step: str) -> None:
        super().__init__(text)
        self.next_step = next_step


class Conversation:
    """A process inside the walls, and lines of JSON to and from it. Nothing that it does makes the judge wait on."""

    def __init__(self, walls: Walls, reply_bytes: int) -> None:
        self._reply_bytes = reply_bytes
        command = [*walls.command, *python_command(walls.is_full)]
        if walls.user is not None:
            command.append(str(walls.user))
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=ENVIRONMENT | ({} if os.name == "posix" else {"SYSTEMROOT": os.environ.get("SYSTEMROOT", "")}),
            cwd="/" if os.name == "posix" else None,
            start_new_session=True,
        )
        self._make_first_to_die()
        self._incoming: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._outgoing: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        for work in (self._read, self._write):
            threading.Thread(target=work, daemon=True).start()

    def exchange(self, command: Any, seconds: float) -> Any:
        """Write one line and return the value of the line that comes back.

        Raises:
            Silence: None came in time, or nothing that is JSON.
        """
        self._outgoing.put(json.dumps(command).encode() + b"\n")
        try:
            line = self._incoming.get(timeout=seconds)
        except queue.Empty:
            raise Silence("nothing; the time was up", "Look for a loop that does not end, or for waiting.") from None
        if not line.endswith(b"\n"):
            text = "nothing: the process is gone" if not line else "more than may be returned"
            raise Silence(text, "Call the function in a fresh kernel, and look at what it returns.")
        try:
            return json.loads(line)
        except (ValueError, RecursionError):
            raise Silence("something that is no reply", "Return a value, and write to nothing but print.") from None

    def kill(self) -> None:
        """End the process, and what it has started."""
        self._outgoing.put(None)
        with contextlib.suppress(OSError):
            if os.name == "posix":
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.kill()
        self._process.wait()

    def _read(self) -> None:
        """Put what comes into the queue, line by line; an incomplete line is the end. One line waits at most."""
        assert self._process.stdout
        with self._process.stdout as stream, contextlib.suppress(OSError, ValueError):
            while True:
                line = stream.readline(self._reply_bytes)
                while self._incoming.qsize() > 4:  # a flood waits in the pipe, not in our memory
                    if self._process.poll() is not None:
                        return
                    time.sleep(0.01)
                self._incoming.put(line)
                if not line.endswith(b"\n"):
                    return

    def _write(self) -> None:
        assert self._process.stdin
        with contextlib.suppress(OSError, ValueError):
            while (line := self._outgoing.get()) is not None:
                self._process.stdin.write(line)
                self._process.stdin.flush()
        with contextlib.suppress(OSError, ValueError):
            self._process.stdin.close()

    def _make_first_to_die(self) -> None:
        """If memory runs out all the same, the kernel shall end this process, and not the judge."""
        with contextlib.suppress(OSError):
            Path(f"/proc/{self._process.pid}/oom_score_adj").write_text("1000")
