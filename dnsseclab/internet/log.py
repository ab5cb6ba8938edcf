"""The log of what happens on real sockets: what came, what was answered, and what was dropped and why.

It knows: lines, counts, and that a flood must neither fill the memory nor the screen.
It must not know: who writes, and who reads.
"""

import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass

KEPT = 2000  # lines; the oldest go first
LONGEST_TEXT = 150  # characters
SHOWN_PER_SECOND = 40  # lines; nobody reads faster, and a flood must not slow the servers down


@dataclass(frozen=True)
class Line:
    """One thing that happened."""

    at: float  # epoch seconds
    who: str  # to whom it happened: "bank's server"
    tell: Callable[[], str]  # what it was; put into words only if somebody reads it, as a flood brings thousands

    @property
    def text(self) -> str:
        """Return what happened, in words."""
        text = self.tell()
        return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 3] + "..."

    def __str__(self) -> str:
        moment = time.strftime("%H:%M:%S", time.localtime(self.at)) + f"{self.at % 1:.3f}"[1:5]
        return f"{moment}  {self.who:26}  {self.text}"


class Log:
    """The last lines, and how often something was dropped for which reason. Any thread may write."""

    def __init__(self, show: Callable[[str], None] | None = None) -> None:
        """Args: show: Is given each line as text when it is written, unless there are too many to read."""
        self.lines: deque[Line] = deque(maxlen=KEPT)
        self.dropped: Counter[str] = Counter()  # reason -> how often
        self._show = show
        self._lock = threading.Lock()
        self._second = 0
        self._shown = 0
        self._left_out = 0

    def note(self, who: str, tell: Callable[[], str]) -> None:
        """Write one line; `tell` is asked for its words when somebody reads them."""
        with self._lock:
            line = Line(time.time(), who, tell)
            self.lines.append(line)
            if self._show is not None:
                self._show_unless_flooded(line, self._show)

    def drop(self, who: str, sender: str, reason: str) -> None:
        """Write that something was thrown away, and count it."""
        self.dropped[reason] += 1
        self.note(who, lambda: f"dropped from {sender}: {reason}")

    def text(self) -> str:
        """Return what is kept of it, one line for each."""
        return "\n".join(map(str, tuple(self.lines)))

    def _show_unless_flooded(self, line: Line, show: Callable[[str], None]) -> None:
        if int(line.at) != self._second:
            if self._left_out:
                show(f"              ... {self._left_out:,} more lines in that second")
            self._second, self._shown, self._left_out = int(line.at), 0, 0
        if self._shown < SHOWN_PER_SECOND:
            self._shown += 1
            show(str(line))
        else:
            self._left_out += 1
