"""A conversation with a process that may lie, stay silent, flood or die: lines of JSON, each with a deadline.

It knows: JSON, and what is said to a learner when no reply comes.
It must not know: what the lines mean. What comes back is data, never code, and never trusted.
"""

import json
from typing import Any

from .lines import lines
from .starting import start
from .walls import Walls

NO_REPLY = "something that is no reply", "Return a value, and write to nothing but print."


class Silence(Exception):
    """No reply came; the text says what came instead."""

    def __init__(self, text: str, next_step: str) -> None:
        super().__init__(text)
        self.next_step = next_step


class Conversation:
    """A process inside the walls, and lines of JSON to and from it. Nothing that it does makes the judge wait on."""

    def __init__(self, walls: Walls, reply_bytes: int) -> None:
        self._inmate = start(walls)
        self._lines = lines(self._inmate.commands, self._inmate.replies, reply_bytes)

    def exchange(self, command: Any, seconds: float) -> Any:
        """Write one line and return the value of the line that comes back.

        Raises:
            Silence: None came in time, or nothing that is JSON.
        """
        line = self._lines.exchange(json.dumps(command).encode() + b"\n", seconds)
        if line is None:
            raise Silence("nothing; the time was up", "Look for a loop that does not end, or for waiting.")
        if not line.endswith(b"\n"):
            text = "nothing: the process is gone" if not line else "more than may be returned"
            raise Silence(text, "Call the function in a fresh kernel, and look at what it returns.")
        try:
            return json.loads(line)
        except (ValueError, RecursionError):
            raise Silence(*NO_REPLY) from None

    def kill(self) -> None:
        """End the process, and what it has started."""
        self._inmate.kill()
        self._lines.close()
