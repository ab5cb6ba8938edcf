"""The validator, one broken thing at a time: a healthy world, one record signed wrongly, and the check that fails."""

from dataclasses import replace

import dns.rdata
import dns.rrset
import pytest
from dns.rdatatype import RdataType
from dns.rrset import RRset

from dnsseclab.authority.signing import dnskey_rrset, seal, sign_rrset
from dnsseclab.authority.zones import make_rrset
from dnsseclab.internet.network import Clock, Network
from dnsseclab.internet.worlds import DAY, World, toy_internet
from dnsseclab.protocol.dnssec import REVOKED, ZONE_KEY, make_ds
from dnsseclab.protocol.names import to_name
from dnsseclab.protocol.trust import ChainOfTrust, LinkStatus, SecurityStatus

BANK, WWW = to_name("bank.example"), to_name("www.bank.example")
WORLD = toy_internet()
KSK, ZSK = WORLD.keys[BANK]


def judged(world: World, name: str = "www.bank.example", rdtype: str = "A", **options: object) -> ChainOfTrust:
    network = Network(world, clock=Clock(world.now))
    chain = network.resolver(**options).resolve(name, rdtype).chain
    assert chain is not None
    return chain


def with_signature(**changes: object) -> World:
    """Return the world in which the RRSIG over the bank's address was made with other fields."""
    zone = WORLD.zone(BANK)
    address = zone.get(WWW, RdataType.A)
    assert address is not None
    honest = sign_rrset(address, ZSK, inception=WORLD.inception, expiration=WORLD.expiration)
    spoiled = seal(address, honest.replace(**changes), ZSK)
    assert spoiled != honest
    return WORLD.with_zone(zone.with_rrsets(make_rrset(WWW, address.ttl, spoiled)))


def with_keys(ksk_flags: int | None = None, zsk: dict[str, int] | None = None, protocol: int | None = None) -> World:
    """Return the world in which the bank publishes changed keys, signed by the KSK; the DS fits the changed KSK."""
    changes = {name: value for name, value in (("flags", ksk_flags), ("protocol", protocol)) if value is not None}
    ksk = replace(KSK, dnskey=KSK.dnskey.replace(**changes))
    published = dnskey_rrset([ksk, replace(ZSK, dnskey=ZSK.dnskey.replace(**(zsk or {})))], 3600)
    rrsig = sign_rrset(published, ksk, inception=WORLD.inception, expiration=WORLD.expiration)
    zone = WORLD.zone(BANK).with_rrsets(published, make_rrset(BANK, 3600, rrsig))
    return WORLD.with_zone(zone).with_ds(ksk)


def with_ds(*rdatas: dns.rdata.Rdata) -> World:
    """Return the world in which the parent holds, and has signed, this DS RRset for the bank."""
    parent = WORLD.zone("example")
    return WORLD.with_zone(WORLD.sign(parent.with_rrsets(make_rrset(BANK, 3600, *rdatas))))


def expect(chain: ChainOfTrust, status: SecurityStatus, rule: str) -> None:
    assert (chain.status, chain.diagnosis and chain.diagnosis.rule) == (status, rule), chain.explain()
    assert chain.diagnosis is not None and chain.diagnosis.source.startswith("RFC ")
    if status is SecurityStatus.BOGUS:
        assert [link.status for link in chain.links].count(LinkStatus.FAILED) == 1
        failed = chain.first_failure
        assert failed is not None and failed.failed_check is not None and failed.failed_check.rule == rule


def test_healthy_world_is_secure_and_every_check_of_every_link_passed() -> None:
    chain = judged(WORLD)
    assert chain.status is SecurityStatus.SECURE and chain.first_failure is None
    assert all(check.passed and check.source for link in chain.links for check in link.checks)
    assert any(link.checks for link in chain.links)


@pytest.mark.parametrize("algorithm", ["P-256", "P-384", "Ed25519", "Ed448"])
@pytest.mark.parametrize("keys", ["split", "single"])
def test_every_algorithm_and_either_division_of_keys_is_secure(algorithm: str, keys: str) -> None:
    assert judged(toy_internet(algorithm=algorithm, keys=keys)).status is SecurityStatus.SECURE


@pytest.mark.parametrize("form", ["DS", "DNSKEY"])
def test_trust_anchor_may_be_a_ds_or_a_dnskey(form: str) -> None:
    root = to_name(".")
    ksk = WORLD.keys[root][0]
    anchor = make_rrset(root, 0, ksk.ds() if form == "DS" else ksk.dnskey)
    assert judged(WORLD, trust_anchors=[anchor]).status is SecurityStatus.SECURE


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"expiration": WORLD.now - 1}, "signature-not-expired"),
        ({"inception": WORLD.now + 1}, "signature-not-early"),
        ({"signer": to_name("example")}, "key-found"),
        ({"signer": to_name("foundry81.com")}, "signer-encloses-name"),
        ({"key_tag": (ZSK.tag + 1) % 2**16}, "key-found"),
        ({"algorithm": 100}, "signature-algorithm-supported"),
    ],
)
def test_wrong_field_in_the_signature_is_named(changes: dict[str, object], rule: str) -> None:
    expect(judged(with_signature(**changes)), SecurityStatus.BOGUS, rule)


@pytest.mark.parametrize("moment", ["inception", "expiration"])
def test_signature_holds_at_both_ends_of_its_time(moment: str) -> None:
    assert judged(with_signature(**{moment: WORLD.now})).status is SecurityStatus.SECURE


def test_changed_record_no_longer_fits_its_signature() -> None:
    zone = WORLD.zone(BANK)
    changed = dns.rrset.from_text(WWW, 3600, "IN", "A", "203.0.113.66")
    expect(judged(WORLD.with_zone(zone.with_rrsets(changed))), SecurityStatus.BOGUS, "signature-verifies")


def test_missing_signature_in_a_signed_zone_is_bogus() -> None:
    zone = WORLD.zone(BANK).without(WWW, RdataType.RRSIG, RdataType.A)
    expect(judged(WORLD.with_zone(zone)), SecurityStatus.BOGUS, "signature-present")


@pytest.mark.parametrize(
    ("world", "rule"),
    [
        (with_keys(ksk_flags=KSK.dnskey.flags & ~ZONE_KEY), "zone-key-bit"),
        (with_keys(protocol=2), "key-protocol"),
        (with_keys(ksk_flags=KSK.dnskey.flags | REVOKED), "key-not-revoked"),
        (with_keys(zsk={"flags": 0}), "key-found"),  # the flags count in the key tag, so its signatures name no key now
    ],
    ids=["KSK without zone bit", "protocol 2", "revoked KSK", "ZSK without zone bit"],
)
def test_unfit_key_is_named(world: World, rule: str) -> None:
    expect(judged(world), SecurityStatus.BOGUS, rule)


def ds(**changes: object) -> dns.rdata.Rdata:
    return KSK.ds().replace(**changes)


@pytest.mark.parametrize(
    ("rdata", "rule"),
    [
        (ds(key_tag=(KSK.tag + 1) % 2**16), "ds-tag-matches"),
        (ds(algorithm=15), "ds-algorithm-matches"),
        (ds(digest=bytes(32)), "ds-digest-matches"),
    ],
    ids=["tag", "algorithm", "digest"],
)
def test_ds_that_names_no_key_of_the_zone_is_bogus(rdata: dns.rdata.Rdata, rule: str) -> None:
    expect(judged(with_ds(rdata)), SecurityStatus.BOGUS, rule)


def test_one_fitting_ds_is_enough_and_the_other_stays_out_of_the_way() -> None:
    chain = judged(with_ds(KSK.ds(), ds(key_tag=(KSK.tag + 1) % 2**16)))
    assert chain.status is SecurityStatus.SECURE and chain.first_failure is None


@pytest.mark.parametrize("rdata", [ds(algorithm=100), ds(digest_type=100)], ids=["algorithm", "digest type"])
def test_ds_with_nothing_supported_makes_the_zone_insecure_and_not_bogus(rdata: dns.rdata.Rdata) -> None:
    """RFC 4035 §5.2: as if there were no DS; the signed DS itself is the proof."""
    chain = judged(with_ds(rdata))
    assert chain.status is SecurityStatus.INSECURE and chain.ede in (1, 2), chain.explain()


def test_unsupported_ds_beside_a_supported_one_changes_nothing() -> None:
    assert judged(with_ds(ds(algorithm=100), KSK.ds(), make_ds(BANK, KSK.dnskey, 4))).status is SecurityStatus.SECURE


def test_proven_absence_of_a_ds_makes_what_lies_below_insecure() -> None:
    chain = judged(toy_internet(connected=["com", "example"]))
    expect(chain, SecurityStatus.INSECURE, "insecure-delegation")


def test_missing_proof_of_a_missing_ds_is_bogus() -> None:
    parent = WORLD.zone("example")
    bare = parent.without(BANK, RdataType.DS).without(BANK, RdataType.RRSIG, RdataType.DS)
    bare = bare.without(BANK, RdataType.NSEC).without(BANK, RdataType.RRSIG, RdataType.NSEC)
    assert judged(WORLD.with_zone(bare)).status is SecurityStatus.BOGUS


def test_without_a_trust_anchor_above_it_a_name_is_insecure() -> None:
    anchor = make_rrset(to_name("com"), 0, WORLD.keys[to_name("com")][0].ds())
    assert judged(WORLD, trust_anchors=[anchor]).status is SecurityStatus.INSECURE
    assert judged(WORLD, "www.foundry81.com", trust_anchors=[anchor]).status is SecurityStatus.SECURE


def test_answer_is_kept_no_longer_than_its_signature_holds() -> None:
    """RFC 4035 §5.3.3."""
    assert judged(with_signature(expiration=WORLD.now + 60)).ttl == 60
    assert judged(with_signature(original_ttl=30)).ttl == 30


def test_forged_ds_needs_the_parents_signature() -> None:
    parent = WORLD.zone("example")
    forged: RRset = make_rrset(BANK, 3600, WORLD.keys[to_name("foundry81.com")][0].ds())
    expect(judged(WORLD.with_zone(parent.with_rrsets(forged))), SecurityStatus.BOGUS, "signature-verifies")


def test_days_pass_and_the_whole_world_expires() -> None:
    late = replace(WORLD, now=WORLD.now + 7 * DAY)
    network = Network(late, clock=Clock(late.now))
    chain = network.resolver().resolve("www.bank.example", "A").chain
    assert chain is not None
    expect(chain, SecurityStatus.BOGUS, "signature-not-expired")
