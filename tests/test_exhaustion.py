"""Zones made to wear validators out: the keys do collide, and the trap works without limits, and not with them."""

from itertools import chain

import dns.dnssec
import dns.rrset
import pytest
from dns.rdatatype import RdataType

from dnsseclab.attacker.exhaustion import colliding_keys, deep_name, false_ds, false_signatures, keytrap_zone
from dnsseclab.authority.keys import ALGORITHMS, make_key
from dnsseclab.authority.signing import sign_rrset
from dnsseclab.internet.costs import TRAP, ZONE, Cost, cost_in, cost_of, dear_world
from dnsseclab.internet.worlds import NOW, toy_internet
from dnsseclab.protocol.names import LabError, to_name
from dnsseclab.protocol.trust import SecurityStatus
from dnsseclab.validator.limits import Limits

WWW = dns.rrset.from_text("www.bank.example.", 3600, "IN", "A", "192.0.2.20")
TIMES = {"inception": NOW - 60, "expiration": NOW + 60}

# --- keys that collide


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_colliding_keys_share_the_tag_as_dnspython_counts_it_and_are_all_different(algorithm):
    keys = colliding_keys("bank.example", 4711, 20, algorithm, seed="test")
    assert {dns.dnssec.key_id(key.dnskey) for key in keys} == {4711}
    assert len({key.dnskey.key for key in keys}) == 20


@pytest.mark.parametrize("tag", [1, 2, 9, 17, 65_535])
def test_even_the_lowest_tags_are_hit(tag):
    """Where the sum carries twice, a tag is one lower than the sum wrapped at 65,535."""
    assert {key.tag for key in colliding_keys("bank.example", tag, 5, seed="test")} == {tag}


def test_a_colliding_key_signs_as_any_key_does():
    key = colliding_keys("bank.example", 4711, 2, seed="test")[1]
    rrsig = sign_rrset(WWW, key, **TIMES)
    published = dns.rrset.from_rdata("bank.example.", 3600, key.dnskey)
    dns.dnssec.validate_rrsig(WWW, rrsig, {to_name("bank.example"): published}, now=NOW)


def test_the_same_seed_gives_the_same_keys_and_the_last_tag_can_be_had_too():
    one, two, other = (colliding_keys("x.example", 65535, 3, seed=seed) for seed in ("a", "a", "b"))
    assert one == two != other


@pytest.mark.parametrize("tag", [0, 65536, -1])
def test_a_tag_that_cannot_be_had_is_refused(tag):
    with pytest.raises(LabError, match="from 1 to 65535"):
        colliding_keys("bank.example", tag, 1, seed="test")


# --- zones


def test_a_trap_holds_the_keys_signed_and_the_signatures_all_different():
    world = toy_internet()
    ksk, zsk = world.keys[ZONE]
    zone = keytrap_zone(
        world.zone(ZONE), ksk, colliding_keys(ZONE, zsk.tag, 7, seed="t"), signatures=9, owner=TRAP, **TIMES
    )
    keys = zone.get(ZONE, "DNSKEY")
    assert len(keys) == 2 + 7 and [dns.dnssec.key_id(key) for key in keys].count(zsk.tag) == 1 + 7
    dns.dnssec.validate_rrsig(keys, zone.signatures(ZONE, "DNSKEY")[0], {ZONE: keys}, now=NOW)
    rrsigs = zone.signatures(TRAP, "A")
    assert len({rrsig.signature for rrsig in rrsigs}) == 9 and {rrsig.key_tag for rrsig in rrsigs} == {zsk.tag}


def test_a_trap_needs_something_to_catch_with():
    world = toy_internet()
    with pytest.raises(LabError, match="bank.example must hold nowhere.bank.example A"):
        keytrap_zone(world.zone(ZONE), *world.keys[ZONE][:1], [world.keys[ZONE][1]], signatures=1,
                     owner="nowhere.bank.example", **TIMES)  # fmt: skip


def test_signatures_too_many_for_one_message_are_cut_short_and_else_as_long_as_real_ones():
    key = make_key("bank.example", "ZSK", seed="test")
    assert {len(each.signature) for each in false_signatures(WWW, key, 10, **TIMES)} == {64}
    thousand = false_signatures(WWW, key, 1000, **TIMES)
    assert len({each.signature for each in thousand}) == 1000
    assert sum(len(each.to_wire()) + 12 for each in thousand) < 65_000


def test_false_ds_name_the_key_and_fit_no_key():
    key = make_key("bank.example", "KSK", seed="test")
    made = false_ds(key, 50)
    assert len(set(made)) == 50 and key.ds() not in made
    assert {(ds.key_tag, ds.algorithm, len(ds.digest)) for ds in made} == {(key.tag, 13, 32)}


def test_names_are_as_deep_as_names_can_be():
    deepest = deep_name("bank.example", 120)
    assert len(deepest.to_wire()) in (254, 255)
    with pytest.raises(LabError, match="at most 120 labels"):
        deep_name("bank.example", 121)


# --- what it costs without limits: the attack is real


def test_without_limits_every_pair_of_key_and_signature_is_tried():
    cost = cost_of(keys=9, signatures=10, limits=False)
    attempts = 3
    assert cost.work["failed signature checks"] == attempts * (9 + 1) * 10
    assert cost.status is SecurityStatus.BOGUS


def test_without_limits_every_pair_of_ds_and_key_is_hashed():
    cost = cost_of(keys=9, ds=10, limits=False)
    assert cost.work["DS digests"] >= (9 + 1) * 10


def test_without_limits_every_label_costs_all_rounds():
    cost = cost_of(iterations=500, labels=100, limits=False)
    assert cost.work["hash rounds"] > 100 * 501
    assert cost.status is SecurityStatus.SECURE, "it is not a lie, only dear"


# --- and with them: at most so many times what an honest answer of the same zone costs, and it ends with a reason

FACTOR = {
    "signature checks": 4,
    "failed signature checks": None,
    "DS digests": 11,
    "NSEC3 hashes": 42,
    "hash rounds": 42,
}
SLOWER = 40  # times the honest answer, by the clock: generous, as computers have other things to do

ATTACKS = {
    "one key, many signatures": {"signatures": 600},
    "a thousand signatures": {"signatures": 1000},
    "many keys, one signature": {"keys": 500, "signatures": 1},
    "many keys, many signatures": {"keys": 500, "signatures": 1000},
    "many keys that cost most, many signatures": {"keys": 100, "signatures": 100, "algorithm": "P-384"},
    "many DS": {"ds": 1000},
    "many DS, many keys": {"keys": 500, "ds": 1000},
    "many rounds, deep name": {"iterations": 150, "labels": 119},
    "one round, deep name": {"labels": 119},
}


def honest(knobs: dict) -> Cost:
    """Return what another question costs in the same zone; where the DS is the trap, in the zone without it."""
    if "labels" in knobs:
        return cost_of(**{**knobs, "labels": 1})
    return cost_in(dear_world(**{knob: value for knob, value in knobs.items() if knob != "ds"}), "mail.bank.example")


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_costs_at_most_a_stated_multiple_of_an_honest_answer_and_ends_with_a_reason(name):
    knobs = ATTACKS[name]
    usual, cost = honest(knobs), cost_of(**knobs)
    assert usual.status is SecurityStatus.SECURE
    for kind, number in cost.work.items():
        most = FACTOR[kind]
        if most is None:
            assert number <= Limits().judgements * Limits().failed_checks
        else:
            assert number <= most * usual.work[kind], kind
    again = (cost_of(**knobs) for _ in range(4))  # only if need be: whatever else the computer does can only add time
    assert any(each.seconds < SLOWER * usual.seconds + 0.2 for each in chain([cost], again))
    if name != "one round, deep name":
        assert (cost.status, cost.rule, cost.ede) == (SecurityStatus.BOGUS, "work-limit", 6)


def test_a_deep_name_in_an_honest_zone_is_answered():
    cost = cost_of(labels=119)
    assert cost.status is SecurityStatus.SECURE and cost.work["NSEC3 hashes"] > 119


def test_more_rounds_than_anybody_needs_make_a_zone_insecure_before_the_first_is_done():
    cost = cost_of(iterations=151, labels=119)
    assert (cost.status, cost.rule, cost.ede) == (SecurityStatus.INSECURE, "nsec3-iterations", 27)
    assert "hash rounds" not in cost.work


# --- the meter


def test_an_honest_zone_is_what_all_knobs_at_zero_give():
    cost = cost_of()
    assert cost.status is SecurityStatus.SECURE and cost.rule == ""
    assert cost.work["signature checks"] <= 8 and "failed signature checks" not in cost.work


def test_a_cost_reads_well():
    text = str(cost_of(keys=2, signatures=2))
    assert (
        "www.bank.example A: bogus: work-limit, EDE 6; the client gets SERVFAIL\n" in text
        or "signature-verifies" in text
    )
    assert "failed signature checks" in text and "questions sent" in text and "ms" in text


def test_the_same_knobs_give_the_same_cost():
    assert cost_of(keys=3, signatures=3) == cost_of(keys=3, signatures=3)


@pytest.mark.parametrize(
    "knobs", [{"keys": -1}, {"keys": 501}, {"signatures": 1001}, {"ds": 1001}, {"iterations": 2501}]
)
def test_knobs_have_ends(knobs):
    with pytest.raises(LabError, match="choose a number from 0 to"):
        cost_of(**knobs)


def test_nobody_has_to_wait_for_minutes():
    with pytest.raises(LabError, match="500,000 pairs"):
        cost_of(keys=500, signatures=1000, limits=False)


def test_the_question_for_the_trap_is_one_for_an_address():
    assert dear_world(signatures=1).zone(ZONE).signatures(TRAP, RdataType.A) is not None
