"""Exercise 07: on worlds that are really signed, a solution agrees with dnspython's cryptography and our validator.

And likely slips lose the points that they should, and no others.
"""

from dataclasses import replace

import pytest
from dns.name import Name

import exercises
from dnsseclab.internet import Network, toy_internet
from dnsseclab.internet.faults import FAULTS, break_zone
from dnsseclab.internet.gallery.fault import Cause, the_address
from dnsseclab.internet.plain_chain import plain_chain
from dnsseclab.internet.planned_worlds import build_world
from dnsseclab.internet.random_plans import random_plan
from dnsseclab.internet.worlds import NOW, World
from dnsseclab.protocol.names import LabError
from dnsseclab.protocol.trust import ChainOfTrust, ItemKind, SecurityStatus

NAME = "07_walk_a_chain"
SOLUTION = vars(exercises.solution(NAME))
BEYOND = {  # what the exercise leaves out, and says so
    "ds-sha1": "it knows no digest but SHA-256",
    "revoked-ksk": "it does not look at the REVOKE bit",
    "rrsig-labels-fewer": "it does not count labels",
}
NOT_HERE = "mldsa44"  # not every cryptography library has it


def right(world: World, name: str | Name) -> list[str]:
    """Return the solution's verdict on a real world, with all algorithms that our validator knows."""
    solution = exercises.solution(NAME)
    solution.ALGORITHMS = [5, 7, 8, 10, 13, 14, 15, 16]
    return solution.walk(*plain_chain(world, name), world.now)


def judged(world: World, name: str | Name) -> ChainOfTrust:
    chain = Network(world).resolver().resolve(name, "A").chain
    assert chain
    return chain


def decided(chain: ChainOfTrust) -> str:
    """Return the link that decided, as the exercise calls it."""
    link = chain.first_failure
    if link is None:
        return ""
    if link.target.kind is ItemKind.KEY or link.target.rdtype.name == "DNSKEY":
        return f"DNSKEY {plain(link.target.zone)}"
    if link.target.kind in (ItemKind.DS, ItemKind.DENIAL, ItemKind.ABSENCE):
        return f"DS {plain(link.target.owner)}"
    return f"A {plain(link.target.owner)}"


def plain(name: Name | None) -> str:
    assert name is not None
    return name.to_text(omit_final_dot=True)


def chain_faults() -> list[str]:
    """Return the faults that concern a chain down to an address."""
    elsewhere = Cause.SERVER, Cause.DENIAL, Cause.HASHED_DENIAL
    ours = [each for each in FAULTS.values() if each.question is the_address and each.cause not in elsewhere]
    return sorted({each.name for each in ours} - set(BEYOND) - {NOT_HERE})


@pytest.mark.parametrize("fault", chain_faults())
@pytest.mark.parametrize("zone, asked", [("bank.example",) * 2, ("example", "bank.example")])
def test_verdict_and_link_are_those_of_the_validator_in_every_broken_zone(fault: str, zone: str, asked: str) -> None:
    world = break_zone(toy_internet(), zone, fault)
    chain = judged(world, asked)
    status, link = right(world, asked)
    assert status == chain.status.value
    if chain.status is SecurityStatus.BOGUS and fault != "ds-left-out":  # there, the validator never sees a zone cut
        assert link == decided(chain)


def test_what_the_exercise_leaves_out_is_all_that_it_gets_wrong() -> None:
    for fault in BEYOND:
        world = break_zone(toy_internet(), "bank.example", fault)
        assert right(world, "bank.example")[0] != judged(world, "bank.example").status.value


def test_unsigned_zone_is_insecure_at_its_ds() -> None:
    world = toy_internet()
    assert right(world, "www.harbor.example") == ["insecure", "DS harbor.example"]
    assert judged(world, "www.harbor.example").status is SecurityStatus.INSECURE


def test_verdict_is_that_of_the_validator_in_random_worlds() -> None:
    compared = []
    for seed in range(30):
        plan = random_plan(f"exercise 07, {seed}")
        simple = [replace(zone, denial="NSEC", digest=2) for zone in plan.zones]
        try:
            world = build_world(replace(plan, zones=tuple(simple)), NOW)
        except LabError:  # the fault does not fit, or a name is too long
            continue
        for name in addresses(world)[:6]:
            compared.append((right(world, name)[0], judged(world, name).status.value, name, str(plan)))
    assert {each[1] for each in compared} == {"secure", "insecure", "bogus"} and len(compared) > 60
    assert [each for each in compared if each[0] != each[1]] == []


def addresses(world: World) -> list[Name]:
    """Return names that have an address, from the deepest zones up."""
    return [
        name
        for zone in sorted(world.zones.values(), key=lambda each: -len(each.origin))
        for name in zone.authoritative_names()
        if zone.get(name, "A") and not name.is_wild()
    ]


# ---- slips


def missed(*changes: tuple[str, str], learner: str = "alice") -> set[str]:
    """Return the criteria that a solution misses of which some text is replaced."""
    return set(exercises.missed(exercises.verdict(NAME, exercises.solution_with(NAME, *changes), learner)))


FROM_ABOVE = "if parent is not None and not any(holds(rrsig, trusted, parent, now) for rrsig in ds_rrsigs):"
OVER_KEYS = "if not any(holds(rrsig, entries, zone, now) for rrsig in key_rrsigs):"
SLIPS = {
    "the DS signed by its own zone": ([('[f"DS {zone}", parent]', '[f"DS {zone}", zone]')], {"order_of_links"}),
    "ends left out": ([("inception <= now <= expiration", "inception < now < expiration")], {"signatures_in_time"}),
    "the signer not looked at": (
        [("signer != zone or ", "")],
        {"signatures_by_the_right_key"},
    ),
    "the Zone Key bit not looked at": ([(" and key[2] & ZONE_KEY", "")], {"signatures_by_the_right_key"}),
    "the Zone Key bit of an entry key not looked at": ([("flags & ZONE_KEY and ", "")], {"keys_that_are_named"}),
    "the first signature only": (
        [("for rrsig in rrsigs)", "for rrsig in rrsigs[:1])")],
        {"healthy_chains"},
    ),
    "a missing DS believed": (
        [(FROM_ABOVE, FROM_ABOVE.replace("and not", "and ds_set and not"))],
        {"broken_links", "zones_without_ds"},
    ),
    "a DS believed without a signature": (
        [(FROM_ABOVE, "if parent is not None and not ds_set and not ds_rrsigs:")],
        {"broken_links", "first_of_two", "zones_without_ds"},
    ),
    "keys signed by any key of theirs": (
        [(OVER_KEYS, OVER_KEYS.replace("rrsig, entries,", "rrsig, entries and keys,"))],
        {"broken_links", "first_of_two", "unsupported_algorithms"},
    ),
    "an unsupported algorithm bogus": (
        [("        if not usable:", "        if not ds_set:")],
        {"unsupported_algorithms"},
    ),
    "insecure as soon as one DS is unsupported": (
        [("        if not usable:", "        if usable != ds_set or not ds_set:")],
        {"unsupported_algorithms"},
    ),
    "no reply is bogus": ([('"indeterminate"', '"bogus"')], {"unanswered_questions"}),
}  # fmt: skip


@pytest.mark.parametrize("slip", SLIPS)
def test_slip_loses_the_points_that_it_should_and_no_others(slip: str) -> None:
    changes, expected = SLIPS[slip]
    for learner in ("alice", "bob", "charlie"):
        assert missed(*changes, learner=learner) == expected
