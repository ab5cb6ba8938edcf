"""A population: many resolvers that remember, while a zone's keys change underneath.

It knows when each of them asks, what stands in the zone at that moment, and who got no answer.
It must not know why a plan is good or bad: every resolver is the real one, with a real cache, and its verdict counts.
Simplification: all servers of a zone change at the same moment; the time that takes is part of a plan's waits.
Follows RFC 6781 §4.1 and RFC 7583 §3 for what is being watched.
"""

import hashlib
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from dns import rdatatype
from dns.name import Name
from dns.rcode import Rcode

from ..authority.keys import Key
from ..authority.rollover import Publication, Step, Timing, follow
from ..authority.signing import publish_keys, replace_ds
from ..protocol.names import LabError, show_name
from ..protocol.story import Outcome, to_the_end
from ..protocol.trust import SecurityStatus
from .network import Clock, Network
from .worlds import DAY, World

BEFORE = 3600  # seconds for which everybody asks before the first step: caches are warm then
LONGEST = 5 * DAY  # seconds; the other zones' signatures hold for six days


@dataclass(frozen=True)
class Stage:
    """What stands in the world from one moment on."""

    at: int  # seconds since the first step
    step: str
    publication: Publication
    world: World


@dataclass(frozen=True)
class Answer:
    """What one resolver told its users at one moment."""

    resolver: int
    at: int  # seconds since the first step; before it: negative
    status: SecurityStatus
    rule: str  # of the check that failed; empty if none did
    remembered: bool  # it came from the cache, and nobody was asked

    @property
    def dark(self) -> bool:
        """Return whether its users got an error instead of the data."""
        return self.status in (SecurityStatus.BOGUS, SecurityStatus.INDETERMINATE)


@dataclass(frozen=True)
class Outage:
    """A stretch of time in which one resolver had nothing to give."""

    resolver: int
    begins: int  # seconds since the first step: the first question that failed
    ends: int  # the first question that was answered again, or the end of the watch
    rule: str  # of the check that failed first


@dataclass(frozen=True)
class History:
    """What a population went through."""

    stages: tuple[Stage, ...]
    answers: tuple[Answer, ...]  # in order of time
    resolvers: int
    until: int  # seconds since the first step

    @cached_property
    def outages(self) -> tuple[Outage, ...]:
        """Return every outage of every resolver, in the order in which they begin."""
        found: list[Outage] = []
        for each in self._by_resolver.values():
            begun: Answer | None = None
            for answer in each:
                if answer.dark and begun is None:
                    begun = answer
                elif not answer.dark and begun is not None:
                    found.append(Outage(answer.resolver, begun.at, answer.at, begun.rule))
                    begun = None
            if begun is not None:
                found.append(Outage(begun.resolver, begun.at, self.until, begun.rule))
        return tuple(sorted(found, key=lambda outage: (outage.begins, outage.resolver)))

    @property
    def longest(self) -> int:
        """Return for how many seconds the unluckiest resolver had no answer; 0 if none went dark."""
        return max((outage.ends - outage.begins for outage in self.outages), default=0)

    def at(self, moment: int) -> Mapping[int, Answer]:
        """Return what each resolver answered last, at a moment in seconds since the first step."""
        last: dict[int, Answer] = {}
        for answer in self.answers:
            if answer.at > moment:
                break
            last[answer.resolver] = answer
        return last

    def dark_at(self, moment: int) -> int:
        """Return how many resolvers have nothing to give at a moment."""
        return sum(answer.dark for answer in self.at(moment).values())

    def stage_at(self, moment: int) -> Stage:
        """Return what stands at a moment; before the first step, the stage that is called 'before'."""
        return self.stages[bisect_right([stage.at for stage in self.stages], moment) - 1]

    @cached_property
    def _by_resolver(self) -> Mapping[int, list[Answer]]:
        answers: dict[int, list[Answer]] = defaultdict(list)
        for answer in self.answers:
            answers[answer.resolver].append(answer)
        return answers

    def __str__(self) -> str:
        """Return the steps and the outages, in words."""
        lines = [f"{show_hours(stage.at):>9}  {stage.step}" for stage in self.stages[1:]]
        hit = {outage.resolver for outage in self.outages}
        if not hit:
            return "\n".join([*lines, f"None of {self.resolvers} resolvers went dark."])
        first, last = min(each.begins for each in self.outages), max(each.ends for each in self.outages)
        lines.append(f"{len(hit)} of {self.resolvers} resolvers went dark, the first at {show_hours(first)};")
        lines.append(f"all was well at {show_hours(last)}, the longest outage took {show_hours(self.longest)[1:]}.")
        lines.append(f"Failed: {', '.join(sorted({outage.rule for outage in self.outages}))}.")
        return "\n".join(lines)


def roll(world: World, zone: str | Name, steps: Iterable[Step], new: Iterable[Key] = ()) -> tuple[Stage, ...]:
    """Return the worlds that a plan leads through, the one before it first.

    Args:
        steps: What is done, with the seconds to wait after each: authority/rollover.py has plans, or write your own.
        new: The keys that come. None: the plan only takes away.
    Raises:
        LabError: No such zone, or it is not signed and connected; no such step; or a plan of more than five days.
    """
    origin = world.zone(zone).origin
    before = standing(world, origin)
    stages = follow(steps, before, new)
    if stages and stages[-1][0] > LONGEST:
        raise LabError("The plan takes more than five days, and the other zones' signatures last for six: wait less.")
    made = (Stage(at, step, publication, _world_of(world, origin, publication, at)) for at, step, publication in stages)
    return (Stage(-(10**9), "before", before, world), *made)


def standing(world: World, zone: str | Name) -> Publication:
    """Return what a zone publishes about its keys as it stands.

    Raises:
        LabError: It is not signed, or not connected.
    """
    content = world.zone(zone)
    keys = world.keys[content.origin]
    shown = content.get(content.origin, rdatatype.DNSKEY)
    ds = world.truth(content.origin, rdatatype.DS)
    if not shown or not ds:
        raise LabError(
            f"{show_name(content.origin)} has no keys that its parent vouches for: there is nothing to roll."
        )
    published = tuple(key for key in keys if key.dnskey in shown)
    return Publication(published, published, tuple(key for key in published if key.ds() in ds))


def timing(world: World, zone: str | Name) -> Timing:
    """Return how long resolvers remember what a zone and its parent say."""
    content = world.zone(zone)
    return Timing.of(content, world.zone_of(content.origin, rdatatype.DS))


def watching(
    stages: tuple[Stage, ...],
    names: Sequence[str | Name] = (),
    *,
    resolvers: int = 12,
    every: int = 1800,
    after: int | None = None,
    seed: str = "population",
) -> Generator[float, None, History]:
    """Let a population ask for some addresses again and again while the stages pass; yield the share that is done.

    Args:
        names: What the users of each resolver ask for, one name more each time until they ask for all. None: the
            first three of the zone that have an address.
        resolvers: How many. Each begins to ask at a moment of its own.
        every: Seconds between two rounds of questions to one resolver.
        after: Seconds for which they go on after the last step. None: until everybody has forgotten what was before.
        seed: Another text gives other moments.
    Raises:
        LabError: No stage, no resolver, or no time between two rounds.
    """
    if not stages or resolvers < 1 or every < 1:
        raise LabError("Take the stages that roll(...) gives, a resolver, and a second between two rounds.")
    origin = stages[0].world.now
    until = stages[-1].at + (_everything_forgotten(stages) if after is None else after)
    clock = Clock(origin - BEFORE - every)
    asked = names or _some_names(stages[0])
    population = [_Resolver(Network(stages[0].world, clock=clock, seed=number), asked) for number in range(resolvers)]
    moments = sorted(_moments(resolvers, every, until, seed))
    answers = []
    for done, (at, number) in enumerate(moments):
        clock.now = max(clock.now, float(origin + at))
        answers.append(_as_answer(number, at, population[number].ask(_stage_at(stages, at).world)))
        if done % 64 == 0:
            yield done / len(moments)
    return History(stages, tuple(answers), resolvers, until)


def watch(stages: tuple[Stage, ...], names: Sequence[str | Name] = (), **options: Any) -> History:
    """Do the same as `watching` to its end, and return what the population went through."""
    return to_the_end(watching(stages, names, **options))


class _Resolver:
    """One resolver, and the users who ask it."""

    def __init__(self, network: Network, names: Sequence[str | Name]) -> None:
        self._network, self._names, self._rounds = network, names, 0
        self._resolver = network.resolver()
        self._failure: tuple[World, int, Outcome] | None = None  # the last one, and until when it stays so

    def ask(self, world: World) -> Outcome:
        """Ask for the names in the world as it is now; return the first failure, or else the last answer.

        A name more each time: what is remembered of them runs out at different moments, as it does in real life.
        """
        self._rounds += 1
        if self._failure and self._failure[0] is world and self._network.clock() < self._failure[1]:
            return self._failure[2]
        self._network.world, self._failure = world, None
        for name in self._names[: self._rounds]:
            outcome = self._resolver.resolve(name, rdatatype.A)
            if outcome.message.rcode() == Rcode.SERVFAIL:
                self._failure = world, self._next_forgotten(), outcome
                break
        return outcome

    def _next_forgotten(self) -> int:
        """Return when the first proven record runs out: until then the same question fails in the same way.

        So it need not be asked again, which would take most of the time of a long outage.
        """
        entries = self._resolver.cache.entries(int(self._network.clock()))
        return min((each.expires for each in entries if each.status is SecurityStatus.SECURE), default=0)


def show_hours(seconds: int) -> str:
    """Return seconds as hours and minutes with a sign: '+25 h 05'."""
    hours, minutes = divmod(abs(seconds) // 60, 60)
    return f"{'-' if seconds < 0 else '+'}{hours} h {minutes:02}"


# --- helpers


def _world_of(world: World, origin: Name, publication: Publication, at: int) -> World:
    """Return a world in which a zone and its parent publish this; both have signed themselves at that moment."""
    times = {"inception": world.inception + at, "expiration": world.expiration + at}
    zone = publish_keys(world.zone(origin), publication.published, publication.signing, **times, denial=world.denial)
    parent = world.zone_of(origin, rdatatype.DS)
    changed = replace_ds(parent, origin, *(key.ds() for key in publication.ds))
    signed = publish_keys(changed, world.keys[parent.origin], world.keys[parent.origin], **times, denial=world.denial)
    return world.with_zone(zone, *publication.published).with_zone(signed)


def _moments(resolvers: int, every: int, until: int, seed: str) -> Iterable[tuple[int, int]]:
    """Yield (seconds since the first step, resolver): each asks at equal distances, from a moment of its own."""
    for number in range(resolvers):
        digest = hashlib.sha256(f"{seed}/{number}".encode()).digest()
        for at in range(-BEFORE - int.from_bytes(digest[:4], "big") % every, until, every):
            yield at, number


def _stage_at(stages: tuple[Stage, ...], at: int) -> Stage:
    return next(stage for stage in reversed(stages) if stage.at <= at)


def _as_answer(number: int, at: int, outcome: Outcome) -> Answer:
    diagnosis = outcome.chain.diagnosis if outcome.chain else None
    failed = outcome.message.rcode() == Rcode.SERVFAIL
    return Answer(number, at, outcome.status, diagnosis.rule if failed and diagnosis else "", outcome.from_cache)


def _some_names(stage: Stage) -> list[Name]:
    """Return the first three names of the zone that have an address."""
    zone = stage.world.zone(stage.publication.published[0].zone)
    return [name for name in zone.names() if zone.get(name, rdatatype.A) and name.labels[0] != b"*"][:3]


def _everything_forgotten(stages: tuple[Stage, ...]) -> int:
    """Return the seconds after which no resolver remembers the first stage: by then an outage is over."""
    longest = timing(stages[0].world, stages[0].publication.published[0].zone)
    return max(longest.keys_forgotten, longest.data_forgotten, longest.ds_forgotten)
