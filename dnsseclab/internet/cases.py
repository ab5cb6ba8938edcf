"""What validators are compared by: every fault of the gallery, and every attack that they have to judge.

It knows: which world, which question and which attacker make a case.
It must not know: who judges it, or what should come out.
All of it lies at loopback addresses and around the real present: real programs cannot be told another time.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from dns.name import Name

from ..attacker.on_path import OnPath, point_elsewhere
from ..authority.zones import Zone
from ..protocol.messages import Question
from ..protocol.names import LabError, to_name
from .attacks import ATTACKS, Plan, Setup, false_zone
from .faults import FAULTS, break_zone
from .moving import ATTACKER, on_loopback
from .worlds import World, toy_internet

ZONE = to_name("bank.example")  # the one that is broken
REFERRAL = "on-path-referral"


@dataclass(frozen=True)
class Case:
    """One thing to judge."""

    name: str
    description: str
    question: Question
    build: Callable[[World], World]  # from the healthy world
    attacker: Callable[[World], OnPath] | None = None  # who spoils every reply; None: nobody
    attackers_zone: Zone | None = None  # what the attacker's own name server says, if there is one


def all_cases() -> Iterator[Case]:
    """Yield every case: the gallery in its order, then the attacks."""
    for name, fault in FAULTS.items():
        yield Case(name, fault.description, fault.question(ZONE), _breaking(name))
    for attack in ATTACKS.values():
        if attack.on_path:  # a blind attacker's forgery, once it is believed, is one of these
            yield _attack(attack.key)


def case(name: str) -> Case:
    """Return one case.

    Raises:
        LabError: There is none of this name.
    """
    for each in all_cases():
        if each.name == name:
            return each
    raise LabError(f"There is no fault and no attack on the path called {name!r}: list_faults() and ATTACKS name them.")


def healthy_world(now: int) -> World:
    """Return the world that every case starts from, signed around `now` (epoch seconds)."""
    return on_loopback(toy_internet(now=now))


def _breaking(fault: str) -> Callable[[World], World]:
    return lambda world: break_zone(world, ZONE, fault)


def _attack(key: str) -> Case:
    setup = Setup(attack=key, spoil_every_reply=True)

    def attacker(world: World) -> OnPath:
        if key == REFERRAL:  # as it is, but to a server of the attacker's that real programs can reach
            return OnPath(point_elsewhere(setup.zone, Name((b"ns", *setup.zone.labels)), ATTACKER), every=True)
        begun = ATTACKS[key].begin(Plan(world, setup, Random(key)))
        assert isinstance(begun, OnPath)
        return begun

    zone = false_zone(setup.zone) if key == REFERRAL else None
    return Case(key, f"{ATTACKS[key].label}.", setup.question, lambda world: world, attacker, zone)
