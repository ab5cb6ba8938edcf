"""The toy resolver at work for many clients at once: bytes in, bytes out.

It knows: one resolver, the threads in which its look-ups wait for the network, and whose turn it is.
It must not know: sockets, or how to resolve.
Two clients who ask the same question share one look-up: many open questions for one name would give a blind forger
as many IDs to hit (the birthday attack, RFC 5452 §5).
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import dns.flags
import dns.rcode
from dns.message import Message

from ..protocol.messages import (
    MAX_PAYLOAD,
    OPCODE_BITS,
    Datagram,
    MalformedMessage,
    Question,
    asked,
    dnssec_ok,
    flag,
    header_only,
    one_line,
    parse,
    to_bytes,
    udp_limit,
)
from ..protocol.story import Asked, Outcome
from ..resolver.recursive import RecursiveResolver
from .log import Log
from .real_network import RealNetwork

THREADS = 24  # look-ups that may wait for the network at the same time; more wait for one of these
WHO = "resolver"

Open = tuple[Question | None, bool, bool]


class ResolverService:
    """Answers clients' datagrams with one resolver."""

    def __init__(self, resolver: RecursiveResolver, network: RealNetwork, log: Log) -> None:
        self.resolver = resolver
        self._network = network
        self._log = log
        self._threads = ThreadPoolExecutor(THREADS, "look-up")
        self._open: dict[Open, asyncio.Event] = {}  # what is being looked up now

    async def answer(self, query: Datagram) -> bytes | None:
        """Return the reply to a datagram from a client, whatever is in it."""
        if query.payload[2] & OPCODE_BITS:
            return header_only(query.payload, dns.rcode.NOTIMP)
        try:
            message = parse(query.payload)
        except MalformedMessage:
            self._log.drop(WHO, query.source.address, "not a DNS message")
            return header_only(query.payload, dns.rcode.FORMERR)
        outcome = await self._in_turn(message)
        limit = MAX_PAYLOAD if query.transport == "tcp" else udp_limit(message)
        reply = to_bytes(outcome.message, limit)
        self._log.note(WHO, lambda: describe(query, message, outcome, reply))
        return reply

    def serve(self, query: Message) -> Outcome:
        """Answer one query in the calling thread, when the resolver is free."""
        with self._network.turn:
            return self.resolver.serve(query)

    def close(self) -> None:
        """Send home everybody who still waits for the network."""
        self._network.closing.set()
        self._threads.shutdown(cancel_futures=True)

    async def _in_turn(self, query: Message) -> Outcome:
        """Look something up in a thread of its own, unless somebody already does: then what they found is used."""
        key = asked(query), flag(query, "CD"), flag(query, "RD")
        while key in self._open:
            await self._open[key].wait()
        self._open[key] = asyncio.Event()
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, self.serve, query)
        finally:
            self._open.pop(key).set()


def describe(query: Datagram, message: Message, outcome: Outcome, reply: bytes) -> str:
    """Return one line for the log: who asked what how, what was answered, and why."""
    bits = "".join(f" +{name}" for name in ("CD",) if flag(message, name)) + " +DO" * dnssec_ok(message)
    questions = sum(type(event.fate) is Asked for event in outcome.story)
    how = "from the cache" if outcome.from_cache else f"after {questions} questions"
    ad = ", AD" * flag(outcome.message, "AD")
    why = f" ({outcome.chain.diagnosis.headline})" if outcome.chain and outcome.chain.diagnosis else ""
    sender = f"{query.source.address}#{query.source.port} over {query.transport.upper()}"
    return f"{sender}{bits}: {one_line(reply)}; {outcome.status.value}{why}{ad}, {how}, {len(reply)} bytes"
