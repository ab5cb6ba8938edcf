"""A toy Internet on real sockets: every server at an address of its own on this computer, and the toy resolver.

    world = on_loopback(toy_internet(now=int(time.time())))
    with serve(world) as servers:
        ...                                   # in a terminal: dig @127.0.0.1 -p 5300 www.bank.example

It knows: which party listens where, and how all of them start and end together. The parties are those of the
simulated network, unchanged; their sockets are in listening.py (servers) and real_network.py (the resolver's way out).
It must not know: what anybody answers.
"""

import asyncio
import threading
from collections.abc import Iterable
from random import SystemRandom
from typing import Any

from ..attacker.on_path import OnPath
from ..authority.server import AuthoritativeServer
from ..authority.zones import Zone
from ..protocol.messages import DNS_PORT, Datagram, Endpoint, make_query, one_line
from ..protocol.names import LabError
from ..protocol.story import Outcome
from ..resolver.recursive import RecursiveResolver
from .binding import Pair, bind_all, close, has_many_addresses, place_of
from .guard import LoopbackSocket, is_loopback
from .listening import Answer, Listener
from .log import Log
from .moving import ATTACKER, RESOLVER
from .real_network import RealNetwork
from .resolver_service import ResolverService
from .worlds import ATTACKER_SITE, World

PORT = 5300
CLIENTS, RESOLVERS = 250, 50  # TCP connections that the resolver, or an authoritative server, keeps open at a time


def serve(
    world: World,
    *,
    port: int = PORT,
    validating: bool = True,
    on_path: OnPath | None = None,
    attackers_zones: Iterable[Zone] = (),
    one_address: bool | None = None,
    log: Log | None = None,
    **options: Any,
) -> "Servers":
    """Start a world's servers and a resolver on real sockets, and return them: use it in a `with` statement.

    Args:
        world: Moved to loopback addresses, and signed around the real present.
        port: Of all servers; 0: any that is free.
        validating: Whether the resolver is given the world's trust anchors.
        on_path: An attacker through whose hands every reply of an authoritative server goes.
        attackers_zones: What the attacker's own name server says.
        one_address: True: all at 127.0.0.1, each at a port of its own. None: only if this computer has no others.
        options: Further arguments of RecursiveResolver, for example `defences`.
    Raises:
        LabError: The world is not at loopback addresses, or the port cannot be had.
    """
    strange = [server.address for server in world.servers if not is_loopback(server.address)]
    if strange:
        raise LabError(f"This world's servers are at {strange[0]} and the like: serve on_loopback(world) instead.")
    if one_address is None:
        one_address = not has_many_addresses()
    addresses = [*(server.address for server in world.servers), *([ATTACKER] if attackers_zones else [])]
    pairs = bind_all(addresses, port, one_address=one_address)
    try:
        return Servers(world, pairs, list(attackers_zones), validating, on_path, log or Log(), options)
    except BaseException:  # a wrong option, for example: nothing may stay open
        for pair in pairs.values():
            close(pair)
        raise


class Servers:
    """A world that is being served, until `close()` or the end of the `with` statement."""

    def __init__(
        self,
        world: World,
        pairs: dict[str, Pair],
        attackers_zones: list[Zone],
        validating: bool,
        on_path: OnPath | None,
        log: Log,
        options: dict[str, Any],
    ) -> None:
        self.world = world
        self.log = log
        self.on_path = on_path
        self._pairs = pairs
        self.places = {address: place_of(pair) for address, pair in pairs.items()}  # where each really listens
        self.slow: dict[str, float] = {}  # by a server's address: seconds by which its replies are late
        self.network = RealNetwork(self._ways(), log)
        options.setdefault("trust_anchors", world.trust_anchors if validating else ())
        options.setdefault("rng", SystemRandom())
        self.resolver = RecursiveResolver(
            self.network.carry, world.root_hints, clock=self.network.clock, address=RESOLVER, **options
        )
        self._service = ResolverService(self.resolver, self.network, log)
        authorities = {server.address: world.server_at(server.address) for server in world.servers}
        if attackers_zones:
            authorities[ATTACKER] = AuthoritativeServer(attackers_zones)
        answers = {RESOLVER: self._service.answer, **{a: self._answer_of(a, s) for a, s in authorities.items() if s}}
        self._listeners = [
            Listener(self.label(a), *pairs[a], answer, log, CLIENTS if a == RESOLVER else RESOLVERS)
            for a, answer in answers.items()
        ]
        self._thread = threading.Thread(target=self._listen, name="toy servers", daemon=True)
        self._ready = threading.Event()
        self._thread.start()
        self._ready.wait()

    # --- for whoever asks

    @property
    def place(self) -> Endpoint:
        """Return where the resolver listens."""
        return self.places[RESOLVER]

    @property
    def has_one_address(self) -> bool:
        """Return whether all servers are at 127.0.0.1, each at a port of its own."""
        return len({place.address for place in self.places.values()}) == 1

    def label(self, address: str) -> str:
        """Return who has an address: "bank's server", "resolver", "attacker"."""
        return {RESOLVER: "resolver", ATTACKER: "attacker"}.get(address) or self.world.label(address)

    def voice_of(self, address: str) -> LoopbackSocket:
        """Return a second handle of a server's UDP socket: what is sent through it comes from that server's place.

        Raises:
            LabError: No server of this world has that address.
        """
        if address not in self.places:
            raise LabError(f"Nobody is at {address}: choose one of {', '.join(self.places)}.")
        return self._pairs[address][0].dup()

    def resolve(self, qname: str, qtype: str | int, *, checking_disabled: bool = False) -> Outcome:
        """Look something up with the resolver, and return the response with the story of how it was found."""
        query = make_query(
            qname, qtype, id=0, recursion_desired=True, authentic_data=True, checking_disabled=checking_disabled
        )
        return self._service.serve(query)

    def close(self) -> None:
        """Stop all servers; no thread and no socket is left. Doing it twice does no harm."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._end.set)
            self._thread.join()

    def __enter__(self) -> "Servers":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- the thread in which all of them listen

    def _listen(self) -> None:
        with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:  # the same kind on every system
            runner.run(self._run())

    async def _run(self) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        for listener in self._listeners:
            await listener.open()
        self._ready.set()
        await self._end.wait()
        for listener in self._listeners:
            await listener.close()
        await asyncio.to_thread(self._service.close)

    def _ways(self) -> dict[str, Endpoint]:
        """Return where the resolver finds whom it asks: by the address that it knows, the place."""
        ways = {address: place for address, place in self.places.items() if address != RESOLVER}
        if ATTACKER in ways:
            ways[ATTACKER_SITE] = ways[ATTACKER]  # the address that forged records lead to
        return ways

    def _answer_of(self, address: str, server: AuthoritativeServer) -> Answer:
        """Return how one authoritative server answers: late if it is slow, and through the attacker's hands."""
        here, who = Endpoint(address, DNS_PORT), self.label(address)

        async def answer(query: Datagram) -> bytes | None:
            reply = server.reply(query.payload, query.transport)
            if address in self.slow:
                await asyncio.sleep(self.slow[address])
            if reply is None:
                return None
            asked = query._replace(destination=here)
            sent = Datagram(here, asked.source, reply, query.transport)
            if self.on_path is not None and address != ATTACKER:
                sent = self.on_path.tamper(asked, sent)
            tampered = " (by the attacker on the path)" * (sent.payload != reply)
            client = f"{asked.source.address}#{asked.source.port}"
            self.log.note(who, lambda: f"{client}: {one_line(sent.payload)}{tampered}")
            return sent.payload

        return answer
