"""Populations: whoever rolls by the book darkens nobody; whoever hurries darkens them until the old TTL is over."""

import pytest

from dnsseclab.authority.keys import make_key
from dnsseclab.authority.rollover import PLANS, plan
from dnsseclab.internet.population import History, roll, timing, watch
from dnsseclab.internet.worlds import toy_internet
from dnsseclab.protocol.names import LabError
from dnsseclab.protocol.trust import SecurityStatus

WORLD = toy_internet()
TIMING = timing(WORLD, "bank.example")
FEW = {"resolvers": 3, "every": 3000}


def new_keys(name):
    roles, algorithm = {"ZSK": (["ZSK"], 13), "KSK": (["KSK"], 13), "alg": (["KSK", "ZSK"], 15)}.get(name[:3], ([], 13))
    return [make_key("bank.example", role, algorithm, seed="new") for role in roles]


def rolled(name, hurry: int | None = None, **options) -> History:
    steps = [(step, wait if hurry is None else hurry) for step, wait in plan(name, TIMING)]
    return watch(roll(WORLD, "bank.example", steps, new_keys(name)), **{**FEW, **options})


@pytest.mark.parametrize("name", PLANS)
def test_by_the_book_nobody_goes_dark(name):
    history = rolled(name)
    assert not history.outages, str(history)
    assert "None of 3 resolvers" in str(history)


@pytest.mark.parametrize(
    "name, rule, longest",
    [
        ("ZSK pre-publish", "key-found", TIMING.dnskey_ttl),
        ("KSK double DS", "ds-tag-matches", TIMING.ds_ttl),
        ("KSK double signature", "ds-tag-matches", TIMING.ds_ttl),
        ("going insecure", "ds-or-denial-received", TIMING.ds_ttl),
    ],
)
def test_in_a_hurry_they_go_dark_until_the_old_records_are_forgotten(name, rule, longest):
    """What fails is what is remembered: old keys for their TTL, an old DS for the parent's TTL, which is longer."""
    history = rolled(name, hurry=60, every=900)
    assert {outage.resolver for outage in history.outages} == {0, 1, 2}
    assert {outage.rule for outage in history.outages} == {rule}
    lengths = [outage.ends - outage.begins for outage in history.outages]
    assert longest / 4 < max(lengths) <= longest
    assert max(outage.ends for outage in history.outages) <= 120 + longest + 900


def test_nobody_is_dark_before_the_first_step_and_all_are_well_in_the_end():
    history = rolled("KSK double DS", hurry=60)
    assert history.dark_at(-1) == 0 and history.stage_at(-1).step == "before"
    assert history.dark_at(7200) == 3
    assert history.dark_at(history.until) == 0
    assert {answer.status for answer in history.at(history.until).values()} == {SecurityStatus.SECURE}


def test_going_insecure_ends_insecure():
    history = rolled("going insecure")
    assert {answer.status for answer in history.at(history.until).values()} == {SecurityStatus.INSECURE}


def test_the_same_seed_gives_the_same_history():
    assert rolled("ZSK pre-publish", hurry=60).answers == rolled("ZSK pre-publish", hurry=60).answers
    assert rolled("ZSK pre-publish", hurry=60).answers != rolled("ZSK pre-publish", hurry=60, seed="other").answers


def test_another_zone_rolls_as_well():
    steps = plan("KSK double DS", timing(WORLD, "foundry81.com"))
    history = watch(roll(WORLD, "foundry81.com", steps, [make_key("foundry81.com", "KSK", seed="new")]), **FEW)
    assert not history.outages and len(history.answers) > 10


@pytest.mark.parametrize("zone", ["harbor.example", "nowhere.example"])
def test_what_is_not_connected_cannot_be_rolled(zone):
    with pytest.raises(LabError):
        roll(WORLD, zone, plan("going insecure", TIMING))


def test_a_plan_longer_than_the_worlds_signatures_is_refused():
    with pytest.raises(LabError, match="five days"):
        roll(WORLD, "bank.example", [("add the new DS", 6 * 86400), ("remove the old DS", 0)])
