"""The simulated network: it carries datagrams between the parties, in order of arrival, on a clock of its own.

It knows: which server answers at which address, how long a packet travels, what an attacker injects or replaces,
and therefore who really sent a datagram.
It must not know: what a resolver makes of what arrives. No socket is opened, and nothing waits in real time.
Follows RFC 5452 §3 and §9.1 (what may reach a waiting resolver); RFC 7766 §5 (TCP).
"""

import hashlib
import math
from collections.abc import Iterator
from random import Random
from typing import Any, NamedTuple

from ..attacker.off_path import Race, Volley
from ..attacker.on_path import OnPath
from ..authority.server import AuthoritativeServer
from ..authority.zones import Zone
from ..protocol.messages import Datagram
from ..protocol.names import LabError
from ..protocol.story import Event, Fate, Ignored, Reason, Story
from ..resolver.accepting import Defences
from ..resolver.gathering import Carry
from ..resolver.recursive import RecursiveResolver
from .worlds import World

TIMEOUT = 1.5  # seconds for which a resolver waits for the reply to one question
FASTEST, SLOWEST = 0.008, 0.024  # seconds from a question to the real reply


class Clock:
    """Virtual time: epoch seconds that pass only when a packet travels or somebody advances them."""

    def __init__(self, now: float) -> None:
        self.now = float(now)

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        """Let time pass.

        Raises:
            LabError: Backwards.
        """
        if not seconds >= 0:  # also refuses "not a number"
            raise LabError(f"Time only goes forward: advance the clock by 0 seconds or more, not by {seconds}.")
        self.now += seconds


class Network:
    """One toy Internet with its servers, at most one attacker, and the packets under way."""

    def __init__(
        self,
        world: World,
        *,
        clock: Clock | None = None,
        seed: int = 0,
        attacker: Race | Volley | OnPath | None = None,
    ) -> None:
        """Connect the servers of a world.

        Args:
            clock: Without one, a clock that starts at the world's present.
            seed: Decides how long each packet travels, and the dice of the resolvers made here.
        """
        self.world = world
        self.clock = clock or Clock(world.now)
        self.seed = seed
        self.real_reply_due: float | None = None  # epoch seconds; None: no real reply is under way
        self._questions = 0
        self._on_path: OnPath | None = None
        self._replaced: set[Datagram] = set()  # what the attacker on the path sent
        self._volleys: list[_UnderWay] = []  # what blind attackers send; the last one is under way
        self._busy: dict[str, Busy] = {}  # by server's address
        self._attackers_servers: dict[str, AuthoritativeServer] = {}
        self._missed: list[Event] = []  # what arrived when nobody was waiting for it
        if attacker is not None:
            self.launch(attacker)

    # --- the resolver's door

    def carry(self, query: Datagram) -> Iterator[Datagram]:
        """Deliver one datagram, and yield what comes to its sender afterwards, until the sender stops reading.

        Yields real, forged and unrelated datagrams in order of arrival, with the clock moved on to each.
        The end means time-out: the clock has moved on by TIMEOUT seconds.
        """
        timeout = self.clock() + TIMEOUT
        due, reply = self._send(query)
        try:
            yield from self._blind(min(due, timeout), query)
            if reply and due <= timeout:
                self.clock.now, self.real_reply_due = due, None
                arrived, reply = reply, None
                yield arrived
                yield from self._blind(timeout, query)
            self.clock.now = timeout
        finally:
            self.real_reply_due = None
            if reply:  # it comes to a resolver that has stopped waiting for it
                self._missed.append(Event(due, reply, Ignored(Reason.TOO_LATE), until=due))

    def resolver(self, *, validating: bool = True, carry: Carry | None = None, **options: Any) -> RecursiveResolver:
        """Return a resolver that is connected to this network, with an empty cache and this network's seed.

        Args:
            validating: Whether it is given the world's trust anchors; without any it does not validate.
            carry: Another way into this network, for example through a firewall; None: straight.
            options: Further arguments of RecursiveResolver, for example `defences`. Without these every server sees
                the whole name, so that each packet of a story says what the story is about.
        """
        options.setdefault("defences", Defences(minimize_names=False))
        options.setdefault("trust_anchors", self.world.trust_anchors if validating else ())
        options.setdefault("rng", Random(f"resolver/{self.seed}"))
        return RecursiveResolver(carry or self.carry, self.world.root_hints, clock=self.clock, **options)

    # --- the attacker's doors

    def launch(self, attacker: Race | Volley | OnPath) -> None:
        """Let an attacker begin now: a blind one starts sending, one on the path takes its place there."""
        if isinstance(attacker, OnPath):
            self._on_path = attacker
            return
        volley = attacker if isinstance(attacker, Volley) else attacker.volley
        if isinstance(attacker, Race):
            self._busy[volley.forgery.sender.address] = Busy(attacker.keeps_busy, self.clock() + volley.duration)
        self._miss_what_is_over()
        self._volleys.append(_UnderWay(volley, self.clock() + volley.after))

    def silence(self) -> None:
        """Let the attacker stop. A name server of its own stays where it is."""
        self._on_path = None
        self._busy = {}

    def add_attackers_server(self, address: str, *zones: Zone) -> None:
        """Connect a name server of the attacker's own. It answers by the rules, from zones that are lies."""
        self._attackers_servers[address] = AuthoritativeServer(zones)

    # --- what only the network can tell

    def is_forged(self, datagram: Datagram) -> bool:
        """Return whether an attacker made this datagram, whoever it claims to come from."""
        return (
            datagram.source.address in self._attackers_servers
            or datagram in self._replaced
            or any(flight.volley.forgery.sent(datagram) for flight in self._volleys)
        )

    def label(self, address: str) -> str:
        """Return a short name for whoever has an address: "bank's server"."""
        return self.world.label(address)

    @property
    def forged_sent(self) -> int:
        """Return how many forged datagrams have been sent so far."""
        return len(self._replaced) + sum(flight.sent for flight in self._volleys)

    def until_quiet(self, story: Story) -> Story:
        """Let everything under way arrive, and return the story with what came when nobody was waiting for it.

        Moves the clock on to the last arrival.
        """
        for flight in self._volleys:
            self._miss(flight, flight.left, Reason.TOO_LATE)
        events = sorted([*story, *self._missed], key=lambda event: event.at)
        self._missed = []
        self.clock.now = max([self.clock.now, *(event.until for event in events)])
        return Story(events)

    # --- helpers

    def _send(self, query: Datagram) -> tuple[float, Datagram | None]:
        """Let the addressee answer; return when the reply is due (infinity: never) and the reply."""
        address = query.destination.address
        server = self._attackers_servers.get(address) or self.world.server_at(address)
        payload = server.reply(query.payload, query.transport) if server else None
        if payload is None:
            return math.inf, None
        reply = Datagram(query.destination, query.source, payload, query.transport)
        if self._on_path and address not in self._attackers_servers:
            genuine, reply = reply, self._on_path.tamper(query, reply)
            if reply != genuine:
                self._replaced.add(reply)
        self.real_reply_due = self.clock() + self._travel(query)
        return self.real_reply_due, reply

    def _travel(self, query: Datagram) -> float:
        """Return the seconds until a query's reply is back: seeded, so that a lesson can be repeated."""
        self._questions += 1
        address = query.destination.address
        digest = hashlib.sha256(f"{self.seed}/{address}/{self._questions}".encode()).digest()
        share = int.from_bytes(digest[:4], "big") / 2**32
        trips = 2 if query.transport == "tcp" else 1  # TCP has to shake hands first
        busy = self._busy.get(address)
        delay = busy.seconds if busy and self.clock() < busy.until else 0.0
        return trips * (FASTEST + share * (SLOWEST - FASTEST)) + delay

    def _blind(self, until: float, query: Datagram) -> Iterator[Datagram]:
        """Yield the forged datagrams that arrive up to a moment. A conversation over TCP meets none of them."""
        self._miss_what_is_over()
        if not self._volleys:
            return
        flight, clock = self._volleys[-1], self.clock
        count = flight.arrived_by(until)
        if query.transport == "tcp":  # no connection of theirs: they can't take part in ours (RFC 7766 §5)
            self._miss(flight, count, Reason.WRONG_CONNECTION)
            return
        starts, gap = flight.starts, flight.gap
        for number, datagram in zip(range(flight.sent, flight.sent + count), flight.rest(), strict=False):
            clock.now = starts + number * gap  # this runs 65,536 times in a sweep
            flight.sent = number + 1
            yield datagram

    def _miss_what_is_over(self) -> None:
        """Note the forged datagrams that came while no question was open."""
        for flight in self._volleys:
            self._miss(flight, flight.arrived_before(self.clock()), Reason.TOO_LATE)

    def _miss(self, flight: "_UnderWay", count: int, reason: Reason) -> None:
        if count:
            self._missed.append(flight.run(count, Ignored(reason)))
            flight.sent += count


class Busy(NamedTuple):
    """How long a flooded server makes its clients wait, and for how long the flood goes on."""

    seconds: float
    until: float  # epoch seconds


class _UnderWay:
    """A volley on its way: how much of it has arrived."""

    def __init__(self, volley: Volley, starts: float) -> None:
        self.volley = volley
        self.gap = 1 / volley.rate
        self.sent = 0
        self.starts = starts

    @property
    def left(self) -> int:
        return len(self.volley) - self.sent

    @property
    def next_at(self) -> float:
        return self.starts + self.sent * self.gap

    def arrived_by(self, moment: float) -> int:
        """Return how many more have arrived by a moment, itself included."""
        return 0 if moment < self.next_at else min(self.left, int((moment - self.next_at) / self.gap) + 1)

    def arrived_before(self, moment: float) -> int:
        """Return how many more have arrived before a moment."""
        return min(self.left, max(0, math.ceil((moment - self.next_at) / self.gap)))

    def rest(self) -> Iterator[Datagram]:
        return self.volley.starting_with(self.sent)

    def run(self, count: int, fate: Fate) -> Event:
        """Return the next `count` of them as one event of a story."""
        return Event(self.next_at, next(self.rest()), fate, count, self.next_at + (count - 1) * self.gap)
