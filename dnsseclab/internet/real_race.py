"""The attack over real sockets: forged datagrams race with a slow server's reply to the resolver's port.

It knows: the campaigns of the blind attacker, and how to play them against servers on loopback; how fast it all was.
It must not know: what the resolver asked. As on the simulated network, the attacker only guesses.

A real attacker writes another's address into the packet as its sender, which takes a raw socket and therefore an
administrator. Here the forged datagrams leave through the impersonated server's own socket: at the resolver they look
the same. A real attacker also floods that server, so that it is late; here the server is told to be late.
"""

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from random import Random, SystemRandom
from typing import Any

from dns import rdatatype

from ..attacker.off_path import Race, Volley
from ..attacker.on_path import OnPath
from ..protocol.messages import Endpoint, Question
from ..protocol.names import LabError, show_name, show_type
from ..protocol.story import Believed, Ignored, Outcome, Rejected
from .attacks import ATTACKS, Attacker, Plan, Setup, false_zone
from .guard import LoopbackSocket
from .log import Log
from .loopback import Servers, serve
from .moving import RESOLVER
from .worlds import ATTACKER_NETWORK, World

SLOW = 0.7  # seconds by which the impersonated server is late: less than a resolver waits
RACES = 16  # at one in four, one attacker in 100 gives up without having won
BURST = 256  # datagrams sent at once, which is about what fits into a socket's buffer
PAUSE = 0.0005  # seconds between two bursts, in which the resolver reads them


@dataclass(frozen=True)
class Round:
    """One race: the resolver was made to ask something, and forged replies were sent to it meanwhile."""

    lure: Question
    sent: int  # forged datagrams
    arrived: int  # of them, those that the resolver read: the rest came too late, or its buffer was full
    seconds: float  # spent sending
    fate: str  # 'missed', 'believed' or 'rejected': what became of the forged datagrams at best
    outcome: Outcome

    @property
    def rate(self) -> float:
        """Return how many forged datagrams were sent per second."""
        return self.sent / self.seconds if self.seconds else 0.0

    def __str__(self) -> str:
        fates = {
            "missed": "no ID was right, or not in time",
            "believed": "one was right, and BELIEVED",
            "rejected": "one was right, and REJECTED: its signature is missing or wrong",
        }
        return (
            f"{show_name(self.lure.name)} {show_type(self.lure.rdtype)}: {self.sent:,} forged in {self.seconds:.2f} s "
            f"({self.rate:,.0f} a second), {self.arrived:,} read: {fates[self.fate]}"
        )


@dataclass(frozen=True)
class Campaign:
    """All races of one attack, and the page that the victim opens in the end."""

    rounds: tuple[Round, ...]
    page: Outcome

    @property
    def opened(self) -> str:
        """Return whose page the victim sees: 'owner', 'attacker', or 'error'."""
        addresses = [
            rdata.address for rrset in self.page.message.answer if rrset.rdtype == rdatatype.A for rdata in rrset
        ]
        if not addresses:
            return "error"
        return "attacker" if any(address.startswith(ATTACKER_NETWORK) for address in addresses) else "owner"

    @property
    def verdict(self) -> str:
        """Return one sentence: what the victim sees."""
        pages = {
            "owner": "The victim sees the right page",
            "attacker": "The victim sees the ATTACKER'S page",
            "error": "The victim sees an error page",
        }
        return f"{pages[self.opened]} ({self.page.status.value})."

    def __str__(self) -> str:
        return "\n".join([*map(str, self.rounds), self.verdict])


def serve_for(world: World, setup: Setup, *, log: Log | None = None, port: int = 0, **options: Any) -> Servers:
    """Serve a world as an attack needs it: with the attacker's own name server, and himself on the path if he is there.

    Args:
        setup: Its victim, attack, validation and defences count.
        options: Further arguments of `serve`.
    """
    return serve(
        world, port=port, log=log, validating=setup.validating, defences=setup.defences,
        attackers_zones=[false_zone(setup.zone)], on_path=_on_path(begin(world, setup, Random(setup.seed))), **options,
    )  # fmt: skip


def attack_for_real(
    world: World, attack: str = "kaminsky", *, races: int = RACES, slow: float = SLOW, port: int = 0, **fields: Any
) -> Campaign:
    """Serve a world, play one attack against its resolver over real sockets, and return what it came to.

    Args:
        world: Moved to loopback addresses, and signed around the real present.
        attack: A key of ATTACKS.
        races: The most that a blind attacker tries; he stops when he has won.
        fields: Of Setup: `victim`, `validating`, `defences`.
    """
    setup = Setup(attack=attack, **fields)
    with serve_for(world, setup, port=port) as servers:
        rounds = tuple(play(servers, setup, races=races, slow=slow))
        return Campaign(rounds, servers.resolve(setup.victim, "A"))


def play(
    servers: Servers, setup: Setup, *, races: int = RACES, slow: float = SLOW, rng: Random | None = None
) -> Iterator[Round]:
    """Play a blind attack race by race, until he has won or gives up; an attacker on the path needs no race."""
    attacker = begin(servers.world, setup, rng or SystemRandom())
    if attacker is None or isinstance(attacker, OnPath):
        return
    for number, race in enumerate(attacker, start=1):
        played = run(servers, race, slow=slow)
        yield played
        if played.fate == "believed" or number == races:
            return


def begin(world: World, setup: Setup, rng: Random) -> Attacker:
    """Return the attacker of a set-up."""
    return ATTACKS[setup.attack].begin(Plan(world, setup, rng))


def run(servers: Servers, race: Race, *, slow: float = SLOW) -> Round:
    """Play one race: lure the resolver into asking, and send forged replies until it has an answer."""
    if not 0 <= slow < 60:
        raise LabError(f"A server is late by 0 to 60 seconds, not by {slow}.")
    volley = _aimed(race.volley)
    server = volley.forgery.sender.address
    servers.slow[server] = slow
    try:
        with ThreadPoolExecutor(1) as browser, servers.voice_of(server) as voice:
            looking = browser.submit(servers.resolve, show_name(race.lure.name), race.lure.rdtype)
            time.sleep(volley.after)
            started = time.perf_counter()
            sent = _fire(volley, voice, looking)
            seconds = time.perf_counter() - started
            outcome = looking.result()
    finally:
        del servers.slow[server]
    events = [event for event in outcome.story if volley.forgery.sent(event.datagram)]
    fates = {type(event.fate) for event in events if not isinstance(event.fate, Ignored)}
    fate = "rejected" if Rejected in fates else "believed" if Believed in fates else "missed"
    return Round(race.lure, sent, sum(event.count for event in events), seconds, fate, outcome)


def _aimed(volley: Volley) -> Volley:
    """Return a volley aimed at the resolver where it is here."""
    forgery = volley.forgery
    return replace(volley, forgery=replace(forgery, resolver=Endpoint(RESOLVER, forgery.resolver.port)))


def _fire(volley: Volley, voice: LoopbackSocket, looking: "Future[Outcome]") -> int:
    """Send a volley burst by burst until it ends, or the resolver asks no more; return how many were sent."""
    sent = 0
    for datagram in volley:
        try:
            voice.sendto(datagram.payload, datagram.destination)
        except BlockingIOError:  # the system can take no more just now: this one is lost
            time.sleep(PAUSE)
        sent += 1
        if sent % BURST == 0:
            if looking.done():
                break
            time.sleep(PAUSE)
    return sent


def _on_path(attacker: Attacker) -> OnPath | None:
    return attacker if isinstance(attacker, OnPath) else None
