"""The resolver's way to real servers: its Carry over real UDP and TCP sockets, and the real clock.

It knows: where each server of the world really is. This is the only place where addresses are translated:
the resolver speaks of 127.0.0.9 port 53, as its root hints and glue do, and the packet goes to the real port.
It must not know: what is carried. It is the real-world twin of network.py.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from ..protocol.messages import DNS_PORT, Datagram, Endpoint
from ..protocol.names import LabError
from .guard import LoopbackSocket, tcp_socket, udp_socket
from .log import Log
from .moving import RESOLVER
from .network import TIMEOUT

LONGEST_DATAGRAM = 65535  # bytes
BATCH = 64  # datagrams; after so many, others get their turn with the resolver
CONNECTING = 0.5  # seconds for the handshake of TCP, which takes microseconds here
GLANCE = 0.1  # seconds between two looks at whether everything shall end


T = TypeVar("T")


class Closing(LabError):
    """The servers are being shut down: nobody waits for an answer any more."""

    def __init__(self) -> None:
        super().__init__("These servers have been closed: serve their world again.")


class RealNetwork:
    """Carries datagrams over real sockets, for a resolver that many clients use at once.

    A resolver's cache is not made for two threads at a time. So whoever works with it holds `turn`, and lets go of it
    only while waiting for the network: then another client's question has its turn.
    """

    def __init__(self, places: Mapping[str, Endpoint], log: Log) -> None:
        """Args: places: by a server's address in the world, where it really listens."""
        self.turn = threading.Lock()
        self.closing = threading.Event()
        self._places = dict(places)
        self._seen_as = {place: Endpoint(address, DNS_PORT) for address, place in places.items()}
        self._log = log

    def clock(self) -> float:
        """Return the time, in epoch seconds."""
        return time.time()

    def carry(self, query: Datagram) -> Iterator[Datagram]:
        """Send one datagram, and yield what arrives at the port that it left from, whoever sent it.

        The end means time-out. What nobody in this world listens at is never sent anything: forged or false
        glue may name any address there is.
        """
        place = self._places.get(query.destination.address)
        if place is None:
            self._note(f"sends nothing to {query.destination.address}: nobody of this world is there")
            return
        deadline = time.monotonic() + TIMEOUT
        try:
            yield from (self._over_tcp if query.transport == "tcp" else self._over_udp)(query, place, deadline)
        except OSError as error:
            self._note(f"no reply from {query.destination.address}: {error.strerror or error}")

    def _note(self, text: str) -> None:
        self._log.note("resolver", lambda: text)

    def _over_udp(self, query: Datagram, place: Endpoint, deadline: float) -> Iterator[Datagram]:
        with self._port(query.source.port) as socket:
            socket.sendto(query.payload, place)
            while batch := self._wait(socket, lambda: _read_batch(socket), deadline):
                for payload, sender in batch:
                    source = Endpoint(*sender)
                    yield Datagram(self._seen_as.get(source, source), query.source, payload)

    def _over_tcp(self, query: Datagram, place: Endpoint, deadline: float) -> Iterator[Datagram]:
        with tcp_socket((RESOLVER, 0)) as socket:
            socket.settimeout(CONNECTING)
            socket.connect(place)
            socket.sendall(len(query.payload).to_bytes(2, "big") + query.payload)
            length = self._read(socket, 2, deadline)
            payload = self._read(socket, int.from_bytes(length, "big"), deadline)
            if payload:
                yield Datagram(query.destination, query.source, payload, "tcp")

    def _port(self, port: int) -> LoopbackSocket:
        """Return a UDP socket at the port that the resolver has drawn; if somebody has it, at another random one."""
        try:
            return udp_socket((RESOLVER, port))
        except OSError:
            return udp_socket((RESOLVER, 0))

    def _read(self, socket: LoopbackSocket, size: int, deadline: float) -> bytes:
        """Return exactly `size` bytes of a TCP stream; nothing if the other side stops before."""
        read = b""
        while len(read) < size:
            more = self._wait(socket, lambda: socket.recv(size - len(read)), deadline)  # noqa: B023 - used at once
            if not more:
                return b""
            read += more
        return read

    def _wait(self, socket: LoopbackSocket, receive: Callable[[], T], deadline: float) -> T | None:
        """Return what arrives, or None at the deadline. Meanwhile others may work with the resolver."""
        self.turn.release()
        try:
            while (left := deadline - time.monotonic()) > 0:
                if self.closing.is_set():
                    raise Closing
                socket.settimeout(min(left, GLANCE))
                with contextlib.suppress(TimeoutError):
                    return receive()
            return None
        finally:
            self.turn.acquire()


def _read_batch(socket: LoopbackSocket) -> list[tuple[bytes, Any]]:
    """Wait for one datagram, and return it with those that are there already: a flood is read more quickly so."""
    batch = [socket.recvfrom(LONGEST_DATAGRAM)]
    socket.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while len(batch) < BATCH:
            batch.append(socket.recvfrom(LONGEST_DATAGRAM))
    return batch
