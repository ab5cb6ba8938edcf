"""One attack from the luring of the browser to the page that it opens, as a whole or packet by packet.

It knows: the world of a set-up, its network, the victim's resolver and browser, and the order in which they act.
It must not know: how to forge, how to judge, how to show anything.
`attack()` plays it in one call; a `Scene` can be stepped through, stopped, and asked what the cache holds.
"""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from dns import rdatatype
from dns.rcode import Rcode
from dns.rdata import Rdata

from ..attacker.off_path import Race
from ..attacker.on_path import OnPath
from ..protocol.messages import DNS_PORT, Datagram, Endpoint, Question, make_query, to_bytes
from ..protocol.names import LabError, show_name, show_type
from ..protocol.story import Asked, Believed, Event, Fate, Outcome, Story, to_the_end
from ..protocol.trust import ChainOfTrust, SecurityStatus
from ..resolver.cache import Entry
from .attacks import ATTACKS, Attack, Plan, Setup, false_zone, world_for
from .network import Clock, Network
from .result import CacheLine, Result, is_true
from .worlds import ATTACKER_NETWORK, ATTACKER_SITE, RESOLVER_ADDRESS, VICTIM_ADDRESS

__all__ = ["ATTACKS", "Attack", "CacheLine", "Progress", "Result", "Scene", "Setup", "attack"]

BROWSER = Endpoint(VICTIM_ADDRESS, 40_000)
RESOLVER = Endpoint(RESOLVER_ADDRESS, DNS_PORT)


def attack(setup: Setup | None = None, **fields: Any) -> Result:
    """Play one attack and return what it came to: `attack(attack="kaminsky", validating=False)`.

    Args:
        setup: What to play; the fields of Setup given by name are changed in it.
    Raises:
        LabError: A set-up that cannot be, or a field that Setup does not have.
    """
    try:
        chosen = replace(setup or Setup(), **fields)
    except TypeError as error:
        known = ", ".join(Setup.__dataclass_fields__)
        raise LabError(f"A set-up has the fields {known}: {error}.") from None
    return to_the_end(Scene(chosen).attack())


@dataclass(frozen=True)
class Progress:
    """How far an attack has come."""

    at: float  # virtual milliseconds since it began
    forged_sent: int
    forged_total: int  # as far as it can be foreseen
    event: Event | None  # what has just happened, or the run of equal fates that goes on
    real_reply_due: float | None  # virtual milliseconds since it began; None: none is under way


class Scene:
    """A world, its network, the victim's resolver, and an attacker who is ready to begin."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.world = world_for(setup)
        self.clock = Clock(self.world.now)
        self._next_seed = setup.seed
        self._raise_curtain(setup.seed)

    def _raise_curtain(self, seed: int) -> None:
        """Connect everybody anew, with an empty cache."""
        self.seed = seed
        self.network = Network(self.world, clock=self.clock, seed=seed)
        self.network.add_attackers_server(ATTACKER_SITE, false_zone(self.setup.zone))
        self.resolver = self.network.resolver(validating=self.setup.validating, defences=self.setup.defences)

    def attack(self) -> Generator[Progress, None, Result]:
        """Play one attack, from an empty cache and with the next seed; pauses after each event.

        Closing the generator before its end leaves cache, network and clock as they were before.
        """
        before = self.seed, self.network, self.resolver, self.clock.now
        self._raise_curtain(self._next_seed)
        finished = False
        try:
            result = yield from _Play(self).run()
            self._next_seed += 1
            finished = True
            return result
        finally:
            if not finished:
                self.seed, self.network, self.resolver, self.clock.now = before

    def play(self) -> Result:
        """Play one attack to its end, from an empty cache and with the next seed."""
        return to_the_end(self.attack())

    def reload(self) -> Result:
        """Let the browser ask once more, while the attacker is silent; the cache is kept."""
        self.network.silence()
        return to_the_end(_Play(self).open_page())

    def advance(self, seconds: float) -> None:
        """Let time pass; what is in the cache grows older."""
        self.clock.advance(seconds)

    def until_expiry(self) -> float:
        """Let time pass until the cache has forgotten the victim's address, and return the seconds that took.

        0 if nothing is remembered for it.
        """
        name, now = self.setup.question.name, self.clock()
        ends = [entry.expires for entry in self.resolver.cache.entries(int(now)) if entry.question.name == name]
        seconds = max(0.0, max(ends, default=now) - now)
        self.advance(seconds)
        return seconds

    def cache_lines(self) -> list[CacheLine]:
        """Return what the resolver remembers, the victim's name first."""
        now = int(self.clock())
        lines = [self._line(entry, now) for entry in self.resolver.cache.entries(now)]
        victim = show_name(self.setup.question.name)
        return sorted(lines, key=lambda line: (line.name != victim, line.holds != "forged"))

    def _line(self, entry: Entry, now: int) -> CacheLine:
        name, rdtype = entry.question
        rdatas: Sequence[Rdata] = tuple(entry.answer[0]) if entry.answer else ()
        value = ", ".join(rdata.to_text() for rdata in rdatas) or ABSENT.get(entry.rcode, "no such record")
        holds = HOLDS[entry.status] if is_true(self.world, name, rdtype, rdatas) else "forged"
        if entry.rcode == Rcode.SERVFAIL:
            holds = "failure"
        return CacheLine(show_name(name), show_type(rdtype) if rdtype else "", value, holds, entry.expires - now)


HOLDS = {
    SecurityStatus.SECURE: "verified",
    SecurityStatus.INSECURE: "unsigned",
    SecurityStatus.UNCHECKED: "unchecked",
    SecurityStatus.BOGUS: "failure",
    SecurityStatus.INDETERMINATE: "failure",
}
ABSENT = {Rcode.NXDOMAIN: "no such name", Rcode.SERVFAIL: "no address"}


class _Play:
    """One attack as it happens: luring, racing, and the page that opens at last."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._network = scene.network
        self._clock = scene.clock
        self._started = scene.clock()
        self._story = Story()
        self._chains: list[ChainOfTrust] = []
        self._forged_total = 0

    def run(self) -> Generator[Progress, None, Result]:
        """Play the attack, then let the victim open the page, unless the attacker has had it opened already."""
        setup = self._scene.setup
        plan = Plan(self._scene.world, setup, Random(f"attacker/{self._scene.seed}"))
        attacker = ATTACKS[setup.attack].begin(plan)
        if isinstance(attacker, OnPath):
            self._network.launch(attacker)
        elif attacker is not None:
            outcome = yield from self._race(attacker)
            if outcome is not None:
                return self._result(outcome)
        return (yield from self.open_page())

    def open_page(self) -> Generator[Progress, None, Result]:
        """Let the victim's browser ask for the address of the page."""
        return self._result((yield from self._look_up(self._scene.setup.question)))

    def _race(self, races: Iterator[Race]) -> Generator[Progress, None, Outcome | None]:
        """Let a blind attacker lure and race; return the outcome if it lured the browser to the page itself."""
        for race in races:
            self._forged_total += len(race.volley)
            self._network.launch(race)
            outcome = yield from self._look_up(race.lure)
            if race.lure == self._scene.setup.question:
                return outcome
            if _leads_to_attacker(outcome):  # the browser knocks at the attacker's own door: it knows that it has won
                break
        return None

    def _look_up(self, question: Question) -> Generator[Progress, None, Outcome]:
        """Let the browser ask one question, and tell the story of it from its query to its answer."""
        query = make_query(question.name, question.rdtype, id=len(self._story) % 2**16, recursion_desired=True)
        yield self._tell(Datagram(BROWSER, RESOLVER, to_bytes(query)), Asked())
        steps = self._scene.resolver.resolving(question.name, question.rdtype)
        while True:
            try:
                event = next(steps)
            except StopIteration as end:
                outcome: Outcome = end.value
                break
            yield self._progress(event)
        self._story.events.extend(outcome.story)
        self._chains.extend(outcome.chains)
        outcome.message.id = query.id
        opened = "opened" if outcome.message.answer else "error page"
        yield self._tell(Datagram(RESOLVER, BROWSER, to_bytes(outcome.message)), Believed(opened))
        self._story = self._network.until_quiet(self._story)
        return outcome

    def _tell(self, datagram: Datagram, fate: Fate) -> Progress:
        return self._progress(self._story.add(self._clock(), datagram, fate))

    def _progress(self, event: Event | None) -> Progress:
        due = self._network.real_reply_due
        sent = self._network.forged_sent
        return Progress(
            at=self._milliseconds(self._clock()),
            forged_sent=sent,
            forged_total=max(sent, self._forged_total),
            event=event,
            real_reply_due=None if due is None else self._milliseconds(due),
        )

    def _milliseconds(self, moment: float) -> float:
        return (moment - self._started) * 1000

    def _result(self, outcome: Outcome) -> Result:
        scene, setup = self._scene, self._scene.setup
        lines = [line for line in scene.cache_lines() if line.name == setup.victim and line.type in ("A", "")]
        cached = lines[0] if lines else None
        chains = tuple(self._chains)
        return Result(setup, outcome, self._story, chains, self._started, scene.seed, self._network, cached)


def _leads_to_attacker(outcome: Outcome) -> bool:
    addresses = [rdata for rrset in outcome.message.answer if rrset.rdtype == rdatatype.A for rdata in rrset]
    return any(rdata.address.startswith(ATTACKER_NETWORK) for rdata in addresses)
