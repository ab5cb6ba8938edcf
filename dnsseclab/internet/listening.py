"""One listening server: a UDP and a TCP socket at the same place, and whatever strangers send there.

It knows: how messages lie in UDP and TCP, how long a client may take, and how much one may pile up.
It must not know: what an answer is. It is given a function for that: datagram in, bytes out, or None for silence.
Follows RFC 1035 §4.2.2 (TCP's length prefix), RFC 7766 §6.2 (many queries on one connection, idle ones are closed).
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from ..protocol.messages import HEADER_BYTES, QR_BIT, Datagram, Endpoint
from .guard import LoopbackSocket, is_loopback
from .log import Log

PATIENCE = 3.0  # seconds that a TCP client has for one whole message, however slowly it types
PENDING = 2000  # datagrams that may wait for their answer
LARGEST_QUERY = 4096  # bytes; a question has at most some hundred

Answer = Callable[[Datagram], Awaitable[bytes | None]]


class Listener:
    """Serves one place over UDP and TCP, from inside a running event loop."""

    def __init__(
        self, who: str, udp: LoopbackSocket, tcp: LoopbackSocket, answer: Answer, log: Log, connections: int
    ) -> None:
        """Args: connections: The most at a time over TCP; then the one that has been open for longest must go."""
        self.place = Endpoint(*udp.getsockname())
        self._who = who
        self._sockets = udp, tcp
        self._answer = answer
        self._log = log
        self._most_connections = connections
        self._pending: set[asyncio.Future[None]] = set()
        self._connections: dict[asyncio.Future[None], None] = {}  # the oldest first

    async def open(self) -> None:
        """Start listening. The loop must be one that watches sockets (asyncio.SelectorEventLoop)."""
        udp, tcp = self._sockets
        for each in self._sockets:
            each.setblocking(False)
        loop = asyncio.get_running_loop()
        self._udp, _ = await loop.create_datagram_endpoint(lambda: _Reader(self._take_datagram), sock=udp)
        loop.add_reader(tcp, self._welcome)

    async def close(self) -> None:
        """Stop listening, and end every conversation."""
        self._udp.close()
        asyncio.get_running_loop().remove_reader(self._sockets[1])
        self._sockets[1].close()
        tasks = [*self._pending, *self._connections]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # --- UDP

    def _take_datagram(self, payload: bytes, sender: Any) -> None:
        client = Endpoint(*sender[:2])
        reason = self._why_not(payload, client)
        if not reason and len(self._pending) >= PENDING:
            reason = "too busy"
        if reason:
            self._log.drop(self._who, client.address, reason)
            return
        task = asyncio.ensure_future(self._reply(Datagram(client, self.place, payload)))
        self._pending.add(task)
        task.add_done_callback(self._pending.discard)

    async def _reply(self, query: Datagram) -> None:
        reply = await self._answer(query)
        if reply is not None:
            self._udp.sendto(reply, query.source)

    def _why_not(self, payload: bytes, client: Endpoint) -> str:
        """Return why something that came deserves no look at it; empty if it does."""
        if not is_loopback(client.address):
            return "not from this computer's loopback"
        if len(payload) < HEADER_BYTES:
            return "shorter than a header"
        if len(payload) > LARGEST_QUERY:
            return f"longer than {LARGEST_QUERY} bytes"
        if payload[2] & QR_BIT:
            return "a reply, not a question"  # to answer it could make two servers talk for ever
        return ""

    # --- TCP

    def _welcome(self) -> None:
        """Begin a conversation; if there are too many, the oldest ends, which is likely to be an idle one."""
        try:
            connection, client = self._sockets[1].accept()
        except (BlockingIOError, ConnectionError):
            return  # gone again
        except OSError as error:  # no more files can be opened, for example
            self._end_oldest_connection(error.strerror or str(error))
            return
        if len(self._connections) >= self._most_connections:
            self._end_oldest_connection(f"more than {self._most_connections} at a time")
        connection.setblocking(False)
        task = asyncio.ensure_future(self._converse(Endpoint(*client), connection))
        self._connections[task] = None
        task.add_done_callback(lambda _: self._part(task, connection))

    def _part(self, task: asyncio.Future[None], connection: Any) -> None:
        self._connections.pop(task, None)
        connection.close()

    def _end_oldest_connection(self, reason: str) -> None:
        oldest = next(iter(self._connections), None)
        if oldest is not None:
            del self._connections[oldest]
            oldest.cancel()
            self._log.drop(self._who, "the oldest connection", f"TCP: {reason}")

    async def _converse(self, client: Endpoint, connection: Any) -> None:
        """Answer the queries on one connection, until the client goes or tries our patience."""
        reader, writer = await asyncio.open_connection(sock=connection, limit=LARGEST_QUERY)
        writer.transport.set_write_buffer_limits(0)  # "drained" is: all of it has gone
        try:
            while await self._exchange(client, reader, writer):
                pass
        except asyncio.IncompleteReadError as end:
            if end.partial:
                self._log.drop(self._who, client.address, "TCP: gone in the middle of a message")
        except TimeoutError:
            self._log.drop(self._who, client.address, f"TCP: no whole message within {PATIENCE:g} seconds")
        except ConnectionError:
            pass  # gone: its right
        finally:
            writer.transport.abort()

    async def _exchange(self, client: Endpoint, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Read one query and write its reply; return whether the conversation goes on."""
        async with asyncio.timeout(PATIENCE):
            size = int.from_bytes(await reader.readexactly(2), "big")
            if size > LARGEST_QUERY:
                self._log.drop(self._who, client.address, f"longer than {LARGEST_QUERY} bytes")
                return False
            payload = await reader.readexactly(size)
        reason = self._why_not(payload, client)
        if reason:
            self._log.drop(self._who, client.address, reason)
            return False
        reply = await self._answer(Datagram(client, self.place, payload, "tcp"))
        if reply is None:
            return False
        async with asyncio.timeout(PATIENCE):  # a client that never reads must not keep its reply in our memory
            writer.write(len(reply).to_bytes(2, "big") + reply)
            await writer.drain()
        return True


class _Reader(asyncio.DatagramProtocol):
    """Hands on what comes over UDP."""

    def __init__(self, take: Callable[[bytes, Any], None]) -> None:
        self._take = take

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self._take(data, addr)
