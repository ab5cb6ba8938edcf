"""A conversation with a process that may lie, stay silent, flood or die: lines of JSON, each with a deadline.

It knows: pipes, deadlines, and how a process and all that it has started is ended.
It must not know: what the lines mean. What comes back is data, never code, and never trusted.
"""

import contextlib
import json
import queue
import threading
import time
from typing import Any

from .starting import start
from .walls import Walls


class Silence(Exception):
    """No reply came; the text says what came instead."""

    def __init__(self, text: str, next_step: str) -> None:
        super().__init__(text)
        self.next_step = next_step


class Conversation:
    """A process inside the walls, and lines of JSON to and from it. Nothing that it does makes the judge wait on."""

    def __init__(self, walls: Walls, reply_bytes: int) -> None:
        self._reply_bytes = reply_bytes
        self._inmate = start(walls)
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
        self._inmate.kill()

    def _read(self) -> None:
        """Put what comes into the queue, line by line; an incomplete line is the end. One line waits at most."""
        with self._inmate.replies as stream, contextlib.suppress(OSError, ValueError):
            while True:
                line = stream.readline(self._reply_bytes)
                while self._incoming.qsize() > 4:  # a flood waits in the pipe, not in our memory
                    if self._inmate.is_gone():
                        return
                    time.sleep(0.01)
                self._incoming.put(line)
                if not line.endswith(b"\n"):
                    return

    def _write(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            while (line := self._outgoing.get()) is not None:
                self._inmate.commands.write(line)
                self._inmate.commands.flush()
        with contextlib.suppress(OSError, ValueError):
            self._inmate.commands.close()
