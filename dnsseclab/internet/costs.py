"""What checking an answer costs: of an honest zone, and of one made to wear its validators out.

    print(cost_of(keys=20, signatures=20))                 # KeyTrap, against a validator with limits
    print(cost_of(keys=20, signatures=20, limits=False))   # and against one that does as RFC 4035 says

It knows: how to hang such a zone into the toy Internet, and how to ask a resolver for it.
It must not know: how the work is counted, or where it ends: validator/limits.py.
Follows RFC 4035 §5.3.1, RFC 5155 §8.3, RFC 9276 §3.2.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from random import Random

import dns.rcode
from dns import rdatatype
from dns.name import Name

from ..attacker.exhaustion import colliding_keys, deep_name, false_ds, keytrap_zone
from ..authority.nsec3 import Nsec3
from ..authority.signing import replace_ds
from ..protocol.messages import Datagram, Question
from ..protocol.names import LabError, to_name
from ..protocol.story import Outcome
from ..protocol.trust import SecurityStatus, Tally
from ..resolver.recursive import RecursiveResolver
from ..validator.limits import Limits
from ..validator.policy import Policy
from .network import Clock, Network
from .worlds import World, toy_internet

ZONE = to_name("bank.example")  # here its owner is the attacker
TRAP = to_name("www.bank.example")
NO_LIMIT = 10**9
WITHOUT_LIMITS = replace(
    Limits(),
    signature_checks=NO_LIMIT, failed_checks=NO_LIMIT, ds_digests=NO_LIMIT, nsec3_hashes=NO_LIMIT,
    hash_rounds=NO_LIMIT,     keys_per_tag=NO_LIMIT, signatures_per_rrset=NO_LIMIT,
)  # fmt: skip
MOST_KEYS, MOST_SIGNATURES, MOST_DS, MOST_ITERATIONS = (
    500,
    1000,
    1000,
    2500,
)  # what fits into messages, or RFC 5155 §10.3
MOST_PAIRS = 50_000  # without limits: about five seconds


@dataclass(frozen=True)
class Cost:
    """What one question has cost a resolver with an empty cache."""

    question: Question
    status: SecurityStatus
    rule: str  # of the check that decided; empty if all was well
    ede: int | None  # Extended DNS Error
    rcode: dns.rcode.Rcode
    work: Tally  # 'signature checks', 'failed signature checks', 'DS digests', 'NSEC3 hashes', 'hash rounds'
    queries: int  # datagrams sent
    octets: int  # of the largest reply
    seconds: float = field(compare=False)  # of work in the resolver, on this computer: never the same twice

    def __str__(self) -> str:
        error = "" if self.ede is None else f", EDE {self.ede}"
        why = f": {self.rule}{error}" if self.rule else ""
        return (
            f"{self.question}: {self.status.value}{why}; the client gets {dns.rcode.to_text(self.rcode)}\n"
            f"  {self.work}\n"
            f"  {self.queries} questions sent, largest reply {self.octets:,} bytes, {self.seconds * 1000:,.0f} ms"
        )


def cost_of(
    *, keys: int = 0, signatures: int = 0, ds: int = 0, iterations: int = 0, labels: int = 0, limits: bool = True,
    algorithm: str | int = "P-256",
) -> Cost:  # fmt: skip
    """Ask for a name in a zone that its owner has made dear to check; with all knobs at 0, an honest zone.

    Args:
        keys: Colliding keys beside the zone's own.
        signatures: That name the colliding tag, over the address asked for; none of them holds.
        ds: DS records at the parent that name a colliding tag, with digests of no key.
        iterations: Rounds of NSEC3 that the zone wants beside the first.
        labels: How deep the name lies that is asked for and does not exist; 0: www.bank.example, which does.
        limits: Whether the resolver keeps its limits, that on iterations included.
    Raises:
        LabError: More than fits into a message, or than anybody would wait for.
    """
    _check(keys, signatures, ds, iterations, limits)
    world = dear_world(keys=keys, signatures=signatures, ds=ds, iterations=iterations, algorithm=algorithm)
    return cost_in(world, deep_name(ZONE, labels) if labels else TRAP, limits=limits)


def cost_in(world: World, name: str | Name, *, limits: bool = True) -> Cost:
    """Ask for an address in any world, with an empty cache."""
    network = Network(world, clock=Clock(world.now))
    elsewhere = Stopwatch()
    resolver = RecursiveResolver(
        lambda query: elsewhere.timed(network.carry(query)), world.root_hints, trust_anchors=world.trust_anchors,
        clock=network.clock, rng=Random(0), limits=Limits() if limits else WITHOUT_LIMITS,
        policy=Policy() if limits else Policy(nsec3_iterations=NO_LIMIT),
    )  # fmt: skip
    before = time.perf_counter()
    outcome = resolver.resolve(name, "A")
    seconds = time.perf_counter() - before - elsewhere.seconds
    return _cost(Question(to_name(name), rdatatype.A), outcome, seconds)


class Stopwatch:
    """Measures what others do meanwhile: making the dear answers is the attacker's own cost."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def timed(self, arriving: Iterator[Datagram]) -> Iterator[Datagram]:
        """Yield what arrives, and count the time until it is there."""
        while True:
            before = time.perf_counter()
            datagram = next(arriving, None)
            self.seconds += time.perf_counter() - before
            if datagram is None:
                return
            yield datagram


def dear_world(
    *, keys: int = 0, signatures: int = 0, ds: int = 0, iterations: int = 0, algorithm: str | int = "P-256"
) -> World:
    """Return a toy Internet in which bank.example is such a zone; see `cost_of`."""
    world = toy_internet(algorithm=algorithm)
    ksk, zsk = world.keys[ZONE]
    times = {"inception": world.inception, "expiration": world.expiration}
    world = replace(world, denial=Nsec3(iterations=iterations))
    zone = world.sign(world.zone(ZONE))
    if keys or signatures:
        collide = colliding_keys(ZONE, ksk.tag if ds else zsk.tag, keys, algorithm, seed="exhaustion") or [zsk]
        zone = keytrap_zone(zone, ksk, collide, signatures=max(1, signatures), owner=TRAP, **times)
    world = world.with_zone(zone)
    if not ds:
        return world
    # The parent signs what its child has sent, whatever that names
    return world.with_zone(world.sign(replace_ds(world.zone_of(ZONE, rdatatype.DS), ZONE, *false_ds(ksk, ds))))


def _cost(question: Question, outcome: Outcome, seconds: float) -> Cost:
    diagnosis = outcome.chain.diagnosis if outcome.chain else None
    arrived = [event.datagram for event in outcome.story.events]
    return Cost(
        question,
        outcome.status,
        diagnosis.rule if diagnosis else "",
        diagnosis.ede if diagnosis else None,
        outcome.message.rcode(),
        outcome.work,
        sum(1 for each in arrived if each.destination.port == 53),
        max(len(each.payload) for each in arrived),
        seconds,
    )


def _check(keys: int, signatures: int, ds: int, iterations: int, limits: bool) -> None:
    knobs = (
        ("keys", keys, MOST_KEYS), ("signatures", signatures, MOST_SIGNATURES), ("ds", ds, MOST_DS),
        ("iterations", iterations, MOST_ITERATIONS),
    )  # fmt: skip
    for name, value, most in knobs:
        if not 0 <= value <= most:
            raise LabError(f"{name}={value}: choose a number from 0 to {most}.")
    if not limits and max(1, keys) * (signatures + ds) > MOST_PAIRS:
        raise LabError(
            f"Without limits that would be {max(1, keys) * (signatures + ds):,} pairs to try, and take too long: "
            f"keep keys × (signatures + ds) to {MOST_PAIRS:,}."
        )
