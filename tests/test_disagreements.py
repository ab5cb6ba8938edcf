"""Random worlds compared with Unbound: what was found is settled and stays so, and the search makes small examples."""

import time
from dataclasses import replace
from pathlib import Path

import dns.message
import pytest

from dnsseclab.internet import disagreements as searching
from dnsseclab.internet.disagreements import (
    Answer,
    Disagreement,
    answer_of,
    disagreements,
    is_explained,
    our_outcome,
    search,
    shrink,
)
from dnsseclab.internet.planned_worlds import Plan, ZonePlan, build_world
from dnsseclab.internet.random_plans import random_plan
from dnsseclab.internet.worlds import NOW, World
from dnsseclab.views.apps.agreement import main

FOLDER = Path(__file__).parent / "random_worlds"

# Worlds in which we and a daemon differed, by file: what we have to say, and by which rule.
SETTLED = {
    # We were wrong
    "nsec_out_of_the_zone_denies_a_type": ("SERVFAIL", "nsec-covers-name"),
    "nsec_out_of_the_zone_denies_a_ds": ("SERVFAIL", "nsec-covers-name"),
    "opt_out_beside_a_wildcard": ("NXDOMAIN", "opt-out"),  # RFC 5155 §8.6: a wildcard is no part of it
    # Unbound goes another way, as differences.py says
    "too_many_iterations_between": ("NOERROR AD xcd.xb. SOA ns.xcd.xb. hostmaster.xcd.xb. 1 7200 1800 1209600 900", ""),
    "wrong_salt_between": ("NXDOMAIN AD", ""),
    "alias_that_is_asked_for_leads_nowhere": ("NOERROR AD _xqzt. CNAME xh.", ""),
    "apex_nsec3_of_the_parents_side": ("SERVFAIL", "nsec3-not-from-above"),
    "opt_out_with_an_unsigned_soa": ("NOERROR", "opt-out"),
    "wildcards_alias_into_the_cut_that_proves_it": ("NXDOMAIN AD g. CNAME nope.f.", ""),
    "wildcards_alias_into_an_unsigned_zone": ("NXDOMAIN g. CNAME nope.x.f.", "insecure-delegation"),
    "too_many_iterations_behind_an_alias": ("NXDOMAIN AD z. CNAME nope.z.b.f.", ""),
    # BIND goes another way
    "denial_with_an_unsigned_soa": ("SERVFAIL", "signature-present"),
}


def plan_of(name: str) -> Plan:
    return Plan.from_json((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def test_every_world_that_is_kept_has_its_verdict() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == set(SETTLED)


@pytest.mark.parametrize("name", SETTLED)
def test_what_was_settled_stays_settled(name: str) -> None:
    plan = plan_of(name)
    outcome = our_outcome(build_world(plan, NOW), plan.asked[0])
    rule = outcome.chain.diagnosis.rule if outcome.chain and outcome.chain.diagnosis else ""
    assert (str(answer_of(outcome.message)), rule) == SETTLED[name]


@pytest.mark.daemon("unbound", "named")
@pytest.mark.parametrize("kind", ["Unbound", "BIND"])
@pytest.mark.parametrize("name", SETTLED)
def test_nothing_unexplained_is_left_of_it(name: str, kind: str) -> None:
    assert disagreements(plan_of(name), int(time.time()), kind) == []


@pytest.mark.daemon("unbound")
@pytest.mark.slow
def test_random_worlds_bring_nothing_new() -> None:
    """A short run; the long one is `python3 -m dnsseclab agree --random 300`."""
    found = list(search(iter(range(8)), int(time.time())))
    assert not found, "\n\n".join(map(str, found))


@pytest.mark.daemon("unbound")
def test_command_searches_at_random(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--random", "1", "--seed", "3"]) == 0
    asked = len(random_plan(3).questions)
    assert capsys.readouterr().out == f"1 worlds, {asked} questions, 0 disagreements that nobody has explained.\n"


# --- what counts as a difference

BASE = Plan((ZonePlan("."), ZonePlan("a.")), ("x.a. A",))
FOUND = Disagreement(BASE, BASE.asked[0], Answer("SERVFAIL"), Answer("NOERROR", True), "signature-present", ())


def test_records_are_compared_without_order_ttl_and_signatures() -> None:
    head = "id 1\nopcode QUERY\nrcode NOERROR\nflags QR AD\n;ANSWER\n"
    one = dns.message.from_text(f"{head}a. 5 IN A 1.2.3.4\na. 5 IN A 1.2.3.5\n")
    other = dns.message.from_text(f"{head}A. 9 IN A 1.2.3.5\nA. 9 IN A 1.2.3.4\n")
    assert answer_of(one) == answer_of(other) == Answer("NOERROR", True, ("a. A 1.2.3.4", "a. A 1.2.3.5"))


def test_an_unknown_difference_is_not_explained() -> None:
    assert not is_explained(FOUND, "Unbound")


def test_a_difference_of_the_gallery_is_explained_for_the_daemon_that_has_it() -> None:
    known = replace(FOUND, plan=replace(BASE, fault="a. revoked-ksk"))
    assert is_explained(known, "Unbound") and not is_explained(known, "BIND")


def test_too_many_iterations_explain_only_below_names_between() -> None:
    root = ZonePlan(".", denial="NSEC3 151 - 0")
    less = replace(FOUND, ours=Answer("NOERROR", True), theirs=Answer("NOERROR"), rule="")
    direct = replace(less, plan=replace(BASE, zones=(root, ZonePlan("a."))))
    between = replace(less, plan=replace(BASE, zones=(root, ZonePlan("x.a."))))
    assert not is_explained(direct, "Unbound") and is_explained(between, "Unbound")
    assert not is_explained(replace(between, ours=Answer("NOERROR"), theirs=Answer("NOERROR", True)), "Unbound")


def test_mixed_proofs_explain_only_an_alias_of_a_wildcard() -> None:
    words = ("<g. A IN>: cname proof failed from 127.0.1.1",)
    ours, theirs = Answer("NXDOMAIN", True, ("g. CNAME nope.f.",)), Answer("SERVFAIL")
    mixed = replace(FOUND, plan=plan_of("wildcards_alias_into_the_cut_that_proves_it"), rule="", words=words)
    mixed = replace(mixed, ours=ours, theirs=theirs)
    assert is_explained(mixed, "Unbound") and not is_explained(mixed, "BIND")
    assert not is_explained(replace(mixed, words=("<g. A IN>: no signatures from 127.0.1.1",)), "Unbound")
    plain = replace(mixed.plan.zones[0], records=("g. 3600 CNAME nope.f.",))
    assert not is_explained(replace(mixed, plan=replace(mixed.plan, zones=(plain, *mixed.plan.zones[1:]))), "Unbound")


# --- making it small


def test_everything_that_does_not_matter_is_left_out() -> None:
    plan = random_plan(2)
    guilty = next(zone for zone in plan.zones if zone.records)
    record = guilty.records[-1]

    def still(smaller: Plan) -> Disagreement | None:
        shown = any(record in zone.records for zone in smaller.zones)
        return replace(FOUND, plan=smaller) if shown else None

    small = shrink(replace(FOUND, plan=plan), still).plan
    assert [zone.records for zone in small.zones if zone.records] == [(record,)]
    assert not small.fault and {zone.name for zone in small.zones} == {".", guilty.name}
    assert all((zone.denial, zone.algorithm, zone.signed) == ("NSEC", 13, True) for zone in small.zones)


@pytest.mark.daemon("unbound")
def test_a_difference_is_found_and_made_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a resolver of ours that is blind to the fault, the search must not come home with empty hands."""
    honest = searching.our_outcome
    monkeypatch.setattr(searching, "our_outcome", lambda world, question: honest(_healed(world), question))
    plan = replace(BASE, zones=(*BASE.zones, ZonePlan("b.a.", ("b.a. 3600 A 192.0.2.7",))), fault="a. rrsig-exp-all")
    found = disagreements(plan, int(time.time()))
    assert [str(each.theirs) for each in found] == ["SERVFAIL"]
    small = searching.smaller(found[0], int(time.time()), "Unbound").plan
    assert small.fault == "a. rrsig-exp-all" and [zone.name for zone in small.zones] == [".", "a."]


def _healed(world: World) -> World:
    """Return the world as it would be without its fault."""
    for name in list(world.zones)[1:]:
        world = world.with_zone(world.sign(world.zones[name]))
    return world
