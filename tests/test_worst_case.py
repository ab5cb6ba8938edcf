"""The unluckiest resolver: the book's plans leave none in the dark, and real resolvers agree about those that do."""

import hashlib
from math import inf

import pytest

from dnsseclab.authority.keys import make_key
from dnsseclab.authority.rollover import PLANS, STEPS, Timing, follow, plan
from dnsseclab.internet.network import Clock, Network
from dnsseclab.internet.population import roll, standing, timing
from dnsseclab.internet.worlds import toy_internet
from dnsseclab.internet.worst_case import first_darkness
from dnsseclab.protocol.trust import SecurityStatus

WORLD = toy_internet()
BEFORE = standing(WORLD, "bank.example")
TIMING = timing(WORLD, "bank.example")
KEYS = {role: make_key("bank.example", role, 15, seed="new") for role in ("KSK", "ZSK")}
NEW = {"ZSK": ("ZSK",), "KSK": ("KSK",), "alg": ("KSK", "ZSK")}


def new_keys(name):
    return [KEYS[role] for role in NEW.get(name[:3], ())]


def darkness(name, steps, **options):
    return first_darkness(BEFORE, follow(steps, BEFORE, new_keys(name)), TIMING, **options)


@pytest.mark.parametrize("name", PLANS)
def test_by_the_book_nobody_can_go_dark(name):
    assert darkness(name, plan(name, TIMING)) is None


def test_conservative_plan_also_suits_those_who_want_every_algorithm():
    assert darkness("algorithm", plan("algorithm", TIMING), every_algorithm=True) is None
    liberal = [("publish the new key", 0), *plan("algorithm", TIMING)]
    assert "has not signed" in darkness("algorithm", liberal, every_algorithm=True).why


@pytest.mark.parametrize("name", PLANS)
def test_every_wait_of_the_book_is_needed_to_the_second(name):
    steps = list(plan(name, TIMING))
    for place, (step, wait) in enumerate(steps):
        if wait:
            shorter = [*steps[:place], (step, wait - 1), *steps[place + 1 :]]
            assert darkness(name, shorter, every_algorithm=True), f"{wait} seconds after {step!r} are too long"


def test_darkness_is_told_in_words():
    steps = [("exchange the keys", 0), ("exchange the DS", 0)]
    told = darkness("KSK", steps)
    assert told.at == 0
    assert str(told).endswith("no key that the DS names has signed the DNSKEY RRset.")


@pytest.mark.slow
@pytest.mark.parametrize("number", range(24))
def test_real_resolvers_with_the_worst_caches_agree(number):
    """Random plans; resolvers that asked last just before each step, and ask again right after each later one.

    They fetch their data afresh, and all servers change at once: so the judgement is made with these two times zero.
    """
    name, steps = random_plan(number)
    without = Timing(TIMING.dnskey_ttl, 0, TIMING.ds_ttl, propagation=0)
    told = first_darkness(BEFORE, follow(steps, BEFORE, new_keys(name)), without)
    assert any_dark(roll(WORLD, "bank.example", steps, new_keys(name))) == (told is not None), (steps, str(told))


def random_plan(number):
    """Return a plan whose waits are drawn from a few that matter, some steps of it left out."""
    draw = hashlib.sha256(f"plan {number}".encode()).digest()
    name = list(PLANS)[draw[0] % len(PLANS)]
    waits = (0, 1800, 3700, 86_500)
    steps = [(step, waits[draw[4 + place] % 4]) for place, (step, _) in enumerate(plan(name, TIMING))]
    if draw[1] % 3 == 0:
        del steps[draw[2] % len(steps)]
    if draw[1] % 3 == 1:
        steps.insert(draw[2] % len(steps), (list(STEPS)[draw[3] % 8], 1800))
    return name, steps


def any_dark(stages):
    """Return whether one of the resolvers with the worst caches fails."""
    changes = sorted({stage.at for stage in stages[1:]})
    afters = (-TIMING.ds_ttl + 1800, -1, 1, TIMING.dnskey_ttl + 2)  # so that a DS runs out while keys are remembered
    moments = sorted({at + after for at in changes for after in afters} | {at + 1802 for at in changes})
    moments += [moments[-1] + 80_000, moments[-1] + 90_000]
    for first in range(len(moments)):
        clock = Clock(WORLD.inception)
        network = Network(WORLD, clock=clock)
        resolver = network.resolver()
        for asked, at in enumerate(moments[first:]):
            clock.now = max(clock.now, float(WORLD.now + at))
            network.world = [stage for stage in stages if stage.at <= at][-1].world
            status = resolver.resolve(f"n{asked}.branch.bank.example", "A").status
            if status in (SecurityStatus.BOGUS, SecurityStatus.INDETERMINATE):
                return True
    return False


def test_what_never_changes_never_darkens():
    assert first_darkness(BEFORE, (), TIMING) is None
    assert -inf < TIMING.ds_forgotten < inf
