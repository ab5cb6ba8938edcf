"""Worlds by plan: what dice throw becomes a world that other projects' checkers accept, or one that is broken."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from dnsseclab.internet.disagreements import our_outcome
from dnsseclab.internet.planned_worlds import DAMAGES, Plan, ZonePlan, build_world
from dnsseclab.internet.random_plans import random_plan
from dnsseclab.internet.worlds import NOW, is_signed
from dnsseclab.protocol.names import LabError, to_name
from dnsseclab.protocol.trust import SecurityStatus

A, B = ZonePlan("a.", ("www.a. 3600 A 192.0.2.1",)), ZonePlan("b.a.", ("b.a. 3600 TXT x",), denial="NSEC3 1 ab 0")
PLAN = Plan((ZonePlan("."), A, B), ("www.a. A", "b.a. TXT", "none.b.a. A"))


def statuses(plan: Plan) -> list[SecurityStatus]:
    world = build_world(plan, NOW)
    return [our_outcome(world, question).status for question in plan.asked]


def test_a_plan_without_a_fault_is_secure() -> None:
    assert statuses(PLAN) == [SecurityStatus.SECURE] * 3


def test_what_is_not_connected_is_insecure() -> None:
    zones = (*PLAN.zones[:2], replace(PLAN.zones[2], connected=False))
    assert statuses(replace(PLAN, zones=zones)) == [SecurityStatus.SECURE, *[SecurityStatus.INSECURE] * 2]


@pytest.mark.parametrize("damage", DAMAGES)
def test_each_damage_breaks_what_it_is_done_to(damage: str) -> None:
    """Of the zone a, the third RRset in canonical order is that of its keys, and everything hangs on them."""
    broken = [statuses(replace(PLAN, fault=f"a. {number} {damage}")) for number in range(6)]
    assert any(status is SecurityStatus.BOGUS for each in broken for status in each)


def test_a_fault_of_the_gallery_can_be_planned() -> None:
    plan = replace(PLAN, fault="b.a. rrsig-exp-all")
    assert statuses(plan) == [SecurityStatus.SECURE, *[SecurityStatus.BOGUS] * 2]


@pytest.mark.parametrize("fault", ["a. no-such-fault", "a. 1 burnt", "nowhere. 1 lost"])
def test_a_fault_that_cannot_be_is_refused(fault: str) -> None:
    with pytest.raises(LabError):
        build_world(replace(PLAN, fault=fault), NOW)


def test_a_plan_survives_being_written_and_read() -> None:
    for plan in (PLAN, random_plan(1), random_plan(2)):
        assert Plan.from_json(plan.to_json()) == plan


def test_the_same_seed_gives_the_same_plan_and_another_one_another() -> None:
    assert random_plan(7) == random_plan(7) != random_plan(8)


def test_dice_throw_everything_that_they_are_for() -> None:
    plans = [random_plan(seed) for seed in range(120)]
    zones = [zone for plan in plans for zone in plan.zones]
    assert {zone.algorithm for zone in zones} == {8, 10, 13, 14, 15, 16}
    assert {zone.digest for zone in zones} == {1, 2, 4}
    assert {zone.denial.split()[0] for zone in zones} == {"NSEC", "NSEC3"}
    assert any(zone.denial.endswith(" 1") for zone in zones), "opt-out"
    assert any(not zone.signed for zone in zones) and any(not zone.connected for zone in zones)
    records = [record for zone in zones for record in zone.records]
    assert any(record.startswith("*.") for record in records) and any(" CNAME " in record for record in records)
    depths = {max(len(to_name(zone.name)) - 1 for zone in plan.zones) for plan in plans}
    assert depths >= {2, 3, 4, 5}
    damages = {plan.fault.split()[-1] for plan in plans if plan.fault}
    assert damages > set(DAMAGES) and any(not plan.fault for plan in plans)


def test_almost_every_plan_makes_a_world() -> None:
    made = 0
    for seed in range(40):
        try:
            build_world(random_plan(seed), NOW)
            made += 1
        except LabError:
            continue
    assert made >= 34


@pytest.mark.daemon("named-checkzone", "kzonecheck", "ldns-verify-zone")
@pytest.mark.parametrize("seed", range(6))
def test_other_projects_find_nothing_wrong_with_healthy_random_zones(seed: int, tmp_path: Path) -> None:
    file = tmp_path / "zone"
    world = build_world(replace(random_plan(seed), fault=""), NOW)
    for origin, zone in world.zones.items():
        file.write_text(zone.to_text(), encoding="utf-8")
        judge("named-checkzone", "-i", "local", origin, file)
        judge("kzonecheck", "-o", origin, "-d", "on" if is_signed(zone) else "off", "-t", NOW, file)
        if is_signed(zone):
            judge("ldns-verify-zone", "-t", "20261124120000", file)


def judge(*command: object) -> None:
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
