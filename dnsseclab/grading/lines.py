"""Lines to and from a process that may stay silent, flood or die: nothing that it does makes the judge wait on.

It knows: pipes, deadlines, and how much of a reply is read.
It must not know: what the lines mean.

`Polled` needs no threads: to hand each line from one to another takes longer than most replies. Windows cannot wait for
a pipe and a clock at once, so there it is `Threaded`.
"""

import contextlib
import os
import queue
import select
import threading
import time
from io import BufferedReader, BufferedWriter


class Polled:
    """Lines over pipes, in the thread of who asks."""

    def __init__(self, commands: BufferedWriter, replies: BufferedReader, most: int) -> None:
        self._files = commands, replies  # only to be closed: their buffers stay empty
        self._outgoing, self._incoming, self._most = commands.fileno(), replies.fileno(), most
        os.set_blocking(self._outgoing, False)
        self._arrived = bytearray()
        self._poll = select.poll()
        self._poll.register(self._incoming, select.POLLIN)

    def exchange(self, line: bytes, seconds: float) -> bytes | None:
        """Write one line and return the one that comes back.

        Returns:
            Without a newline at its end if the process is gone or sends more than `most` bytes; None: not in time.
        """
        ends, looked_through = time.monotonic() + seconds, 0
        left = self._send(memoryview(line))
        while True:
            end = self._arrived.find(b"\n", looked_through, self._most) + 1
            if end or len(self._arrived) >= self._most:
                return self._take(end or self._most)
            looked_through = len(self._arrived)
            if left:
                self._poll.register(self._outgoing, select.POLLOUT)
            wait = ends - time.monotonic()  # checked each time: bytes may come one by one, without end
            ready = dict(self._poll.poll(wait * 1000)) if wait > 0 else {}
            if left:
                self._poll.unregister(self._outgoing)
            if not ready:
                return None
            if self._outgoing in ready:
                left = self._send(left)
            if self._incoming in ready:
                piece = os.read(self._incoming, 1 << 16)
                if not piece:
                    return self._take(len(self._arrived))
                self._arrived += piece

    def close(self) -> None:
        """Close the pipes."""
        for file in self._files:
            with contextlib.suppress(OSError):
                file.close()

    def _send(self, left: memoryview) -> memoryview:
        """Write what fits into the pipe, and return the rest; nobody reads it if the process is gone."""
        try:
            return left[os.write(self._outgoing, left) :]
        except BlockingIOError:
            return left
        except OSError:
            return left[:0]

    def _take(self, count: int) -> bytes:
        taken = bytes(self._arrived[:count])
        del self._arrived[:count]
        return taken


class Threaded:
    """The same with two threads, where a pipe cannot be waited for."""

    def __init__(self, commands: BufferedWriter, replies: BufferedReader, most: int) -> None:
        self._incoming: queue.Queue[bytes] = queue.Queue(4)  # a flood waits in the pipe, not in our memory
        self._outgoing: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._closed = False
        for work, *arguments in ((self._read, replies, most), (self._write, commands)):
            threading.Thread(target=work, args=arguments, daemon=True).start()

    def exchange(self, line: bytes, seconds: float) -> bytes | None:
        """Write one line and return the one that comes back, as `Polled` does."""
        self._outgoing.put(line)
        try:
            return self._incoming.get(timeout=seconds) if seconds > 0 else None
        except queue.Empty:
            return None

    def close(self) -> None:
        """Let both threads close their pipe and end; the process must be dead by now."""
        self._closed = True
        self._outgoing.put(None)

    def _read(self, stream: BufferedReader, most: int) -> None:
        with stream, contextlib.suppress(OSError, ValueError):
            while not self._closed:
                line = stream.readline(most)
                while not self._closed:
                    with contextlib.suppress(queue.Full):
                        self._incoming.put(line, timeout=0.1)
                        break
                if not line.endswith(b"\n"):
                    return

    def _write(self, stream: BufferedWriter) -> None:
        with contextlib.suppress(OSError, ValueError), stream:
            while (line := self._outgoing.get()) is not None:
                stream.write(line)
                stream.flush()


def lines(commands: BufferedWriter, replies: BufferedReader, most: int) -> Polled | Threaded:
    """Return what exchanges lines on this system."""
    return (Polled if hasattr(select, "poll") else Threaded)(commands, replies, most)
