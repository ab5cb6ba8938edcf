"""Rollovers: the steps of a plan leave published what the RFC says, and CDS asks for it."""

import pytest
from dns.rdatatype import RdataType

from dnsseclab.authority.keys import make_key
from dnsseclab.authority.rollover import PLANS, STEPS, Publication, Timing, cds_rrsets, follow, plan
from dnsseclab.authority.signing import publish_keys
from dnsseclab.internet.worlds import toy_internet
from dnsseclab.protocol.names import LabError, to_name

BANK = to_name("bank.example")
WORLD = toy_internet()
KSK, ZSK = WORLD.keys[BANK]
NEW_KSK, NEW_ZSK = (make_key(BANK, role, 15, seed="new") for role in ("KSK", "ZSK"))
BEFORE = Publication((KSK, ZSK), (KSK, ZSK), (KSK,))
TIMING = Timing(dnskey_ttl=3600, data_ttl=7200, ds_ttl=86400, propagation=60)
TIMES = {"inception": WORLD.inception, "expiration": WORLD.expiration}


def stages(name, *new):
    return follow(plan(name, TIMING), BEFORE, new)


def test_timing_comes_from_the_zones():
    timing = Timing.of(WORLD.zone(BANK), WORLD.zone("example"))
    assert (timing.dnskey_ttl, timing.data_ttl, timing.ds_ttl) == (3600, 3600, 86400)


def test_a_zsk_is_published_one_key_ttl_before_it_signs():
    (_, _, published), (at, _, signing), (end, _, after) = stages("ZSK pre-publish", NEW_ZSK)
    assert published == Publication((KSK, ZSK, NEW_ZSK), (KSK, ZSK), (KSK,))
    assert (at, signing.signing) == (3600 + 60, (KSK, NEW_ZSK))
    assert (end - at, after) == (7200 + 60, Publication((KSK, NEW_ZSK), (KSK, NEW_ZSK), (KSK,)))


def test_double_ds_waits_for_the_parents_ttl_before_the_key_changes():
    (_, _, first), (at, _, exchanged), (_, _, after) = stages("KSK double DS", NEW_KSK)
    assert (first.ds, first.published) == ((KSK, NEW_KSK), (KSK, ZSK))
    assert (at, exchanged.published) == (86400 + 60, (ZSK, NEW_KSK))
    assert after.ds == (NEW_KSK,)


def test_an_algorithm_rolls_signatures_first_and_signatures_last():
    """RFC 6781 §4.1.4: signatures by the new algorithm before its key is published, and the old ones go last."""
    first, second, third, fourth, last = (each[2] for each in stages("algorithm", NEW_KSK, NEW_ZSK))
    assert (first.published, first.signing) == ((KSK, ZSK), (KSK, ZSK, NEW_ZSK))
    assert set(second.published) == {KSK, ZSK, NEW_KSK, NEW_ZSK}
    assert third.ds == (NEW_KSK,)
    assert set(fourth.published) == {NEW_KSK, NEW_ZSK} and ZSK in fourth.signing
    assert set(last.signing) == {NEW_KSK, NEW_ZSK}


def test_going_insecure_takes_the_ds_away_first():
    (_, _, first), (_, _, last) = stages("going insecure")
    assert (first.ds, first.published) == ((), (KSK, ZSK))
    assert last == Publication((), (), ())


@pytest.mark.parametrize("name", PLANS)
def test_every_plan_ends_with_the_new_keys_only(name):
    new = {"ZSK": (NEW_ZSK,), "KSK": (NEW_KSK,), "alg": (NEW_KSK, NEW_ZSK)}.get(name[:3], ())
    end = stages(name, *new)[-1][2]
    replaced = {key.role for key in new}
    assert not [key for key in (*end.published, *end.signing, *end.ds) if key in (KSK, ZSK) and key.role in replaced]


def test_a_step_or_a_wait_that_makes_no_sense_is_refused_in_one_sentence():
    with pytest.raises(LabError, match="There is no step 'publish'"):
        follow([("publish", 1)], BEFORE, ())
    with pytest.raises(LabError, match="whole number of seconds"):
        follow([(next(iter(STEPS)), -1)], BEFORE, ())
    with pytest.raises(LabError, match="There is no plan 'fast'"):
        plan("fast", TIMING)


def test_a_zone_in_the_midst_of_a_rollover_is_published_as_told():
    zone = publish_keys(WORLD.zone(BANK), (KSK, ZSK), (KSK, ZSK, NEW_ZSK), **TIMES)
    tags = {rrsig.key_tag for rrsig in zone.signatures(to_name("www.bank.example"), RdataType.A)}
    assert tags == {ZSK.tag, NEW_ZSK.tag}
    assert NEW_ZSK.dnskey not in zone.get(BANK, RdataType.DNSKEY)


def test_without_keys_a_zone_is_unsigned():
    zone = publish_keys(WORLD.zone(BANK), (), (), **TIMES)
    assert not {RdataType.RRSIG, RdataType.NSEC, RdataType.DNSKEY} & {rrset.rdtype for rrset in zone.rrsets()}


def test_cds_says_what_the_ds_would_say():
    cds, cdnskey = cds_rrsets(BANK, [KSK], 3600)
    assert cds[0].to_text() == KSK.ds().to_text() and cdnskey[0].to_text() == KSK.dnskey.to_text()


def test_no_key_asks_for_no_ds():
    """RFC 8078 §4 gives the two records, to the letter."""
    cds, cdnskey = cds_rrsets(BANK, [], 3600)
    assert (cds[0].to_text(), cdnskey[0].to_text()) == ("0 0 0 00", "0 3 0 AA==")


def test_cds_is_signed_by_the_key_that_the_ds_names():
    zone = publish_keys(WORLD.zone(BANK).with_rrsets(*cds_rrsets(BANK, [KSK], 3600)), (KSK, ZSK), (KSK, ZSK), **TIMES)
    for rdtype in (RdataType.CDS, RdataType.CDNSKEY):
        assert [rrsig.key_tag for rrsig in zone.signatures(BANK, rdtype)] == [KSK.tag]
