"""From a trust anchor or a DS to a zone's keys: tag, algorithm and digest must fit, and the key must have signed."""

import pytest
from tree import (
    BANK,
    HEALTHY,
    NOW,
    TIMES,
    at,
    judge,
    key_of,
    links_of,
    say,
    signed,
    silence,
    strange_key,
    with_ds,
    with_signature,
)

from dnsseclab.authority.signing import sign_rrset
from dnsseclab.authority.zones import make_rrset
from dnsseclab.internet.worlds import World
from dnsseclab.protocol.dnssec import key_tag, make_ds
from dnsseclab.protocol.names import to_name
from dnsseclab.protocol.trust import LinkStatus, SecurityStatus, Verb
from dnsseclab.validator import Limits, Policy

SECURE, INSECURE = SecurityStatus.SECURE, SecurityStatus.INSECURE
BOGUS, INDETERMINATE = SecurityStatus.BOGUS, SecurityStatus.INDETERMINATE
ANSWER = ("www.bank.example", "A")
KEYS = ("bank.example", "DNSKEY")
KSK, ZSK = key_of("bank.example", "KSK"), key_of("bank.example", "ZSK")
DS = KSK.ds()


def published(*further, flags: int = 257, protocol: int = 3, algorithm: int | None = None) -> World:
    """Return a world whose bank publishes its KSK with other fields, signs with it, and has a DS that fits."""
    odd = KSK.dnskey.replace(flags=flags, protocol=protocol, algorithm=algorithm or KSK.algorithm)
    ds = make_ds(BANK, odd)
    keys = make_rrset(BANK, 3600, odd, ZSK.dnskey, *further)
    bank = HEALTHY.zone(BANK).with_rrsets(*signed(keys, KSK, key_tag=ds.key_tag, algorithm=int(odd.algorithm)))
    return with_ds(ds).with_zone(bank)


# ---- the key that is named ------------------------------------------------------------------------------------


def test_sep_bit_says_nothing_to_a_validator():
    """RFC 4034 §2.1.1, RFC 6840 §6.2."""
    assert judge(*ANSWER, published(flags=256)).status is SECURE


@pytest.mark.parametrize(
    ("odd", "rule", "ede"),
    [
        ({"flags": 1}, "zone-key-bit", 11),
        ({"protocol": 4}, "key-protocol", 6),
        ({"flags": 257 | 128}, "key-not-revoked", 6),
    ],
)
def test_key_that_may_not_be_used_is_named(odd, rule, ede):
    chain = judge(*ANSWER, published(**odd))
    assert (chain.status, chain.diagnosis.rule, chain.ede) == (BOGUS, rule, ede)
    assert chain.first_failure.verb is Verb.VOUCHES_FOR


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"key_tag": 1}, "ds-tag-matches"),
        ({"algorithm": 15}, "ds-algorithm-matches"),
        ({"digest": bytes(32)}, "ds-digest-matches"),
    ],
)
def test_ds_must_fit_in_all_three(fields, rule):
    chain = judge(*ANSWER, with_ds(DS.replace(**fields)))
    assert (chain.status, chain.diagnosis.rule, chain.ede) == (BOGUS, rule, 9)


def test_one_fitting_ds_suffices():
    useless = [{"key_tag": 1}, {"algorithm": 100}, {"digest_type": 100}, {"digest": bytes(32)}]
    assert judge(*ANSWER, with_ds(*(DS.replace(**fields) for fields in useless), DS)).status is SECURE


def test_every_key_with_the_tag_is_tried():
    """A tag is a hint and not an identity (RFC 4034 Appendix B): here three keys have the KSK's."""
    crowd = [colliding(number) for number in range(2)]
    assert {key_tag(dnskey) for dnskey in crowd} == {KSK.tag}
    assert judge(*ANSWER, published(*crowd)).status is SECURE


def colliding(number: int):
    """Return another key with the KSK's tag and algorithm; it need not be a point of the curve."""
    strange = strange_key("bank.example", "KSK").dnskey
    for ending in range(2**16):
        made = strange.replace(key=bytes([number]) + strange.key[1:-2] + ending.to_bytes(2, "big"))
        if key_tag(made) == KSK.tag:
            return made
    raise AssertionError("there is always one")


# ---- the key set that it has signed ---------------------------------------------------------------------------


def test_key_set_signed_by_any_key_of_it_is_not_enough():
    by_zsk = with_signature(lambda rrset, rrsig: sign_rrset(rrset, ZSK, **TIMES))
    chain = judge(*ANSWER, change=at(*KEYS, by_zsk))
    assert (chain.status, chain.diagnosis.rule) == (BOGUS, "signed-by-trusted-key")
    assert chain.first_failure.source.role == "KSK"


def test_root_keys_are_not_believed_because_the_anchor_is_merely_among_them():
    intruder = strange_key(".", "KSK")
    keys = make_rrset(to_name("."), 3600, key_of(".", "KSK").dnskey, intruder.dnskey)
    chain = judge(*ANSWER, change=at(".", "DNSKEY", say(*signed(keys, intruder))))
    assert (chain.status, chain.diagnosis.rule) == (BOGUS, "signed-by-trusted-key")


def test_forged_keys_hang_below_the_ghost_of_the_key_that_is_named():
    ksk, zsk = strange_key("bank.example", "KSK"), strange_key("bank.example", "ZSK")
    forged = say(*signed(make_rrset(BANK, 3600, ksk.dnskey, zsk.dnskey), ksk))
    chain = judge(*ANSWER, change=at(*KEYS, forged))
    ghost, broken = chain.links[6:8]
    assert (ghost.status, ghost.target.present, ghost.target.rdatas) == (LinkStatus.NOT_THERE, False, (DS,))
    assert (broken.status, broken.target.rdatas) == (LinkStatus.FAILED, (ksk.dnskey,))


def test_forged_key_with_the_same_tag_has_no_ghost():
    """The break then leads straight to it: same tag, other digest."""
    forged = say(*signed(make_rrset(BANK, 3600, colliding(0)), KSK))
    chain = judge(*ANSWER, change=at(*KEYS, forged))
    assert chain.diagnosis.rule == "ds-digest-matches"
    assert chain.first_failure is chain.links[6]
    assert "DS says:" in chain.first_failure.failed_check.detail


def test_keys_that_nobody_sends_are_indeterminate():
    chain = judge(*ANSWER, change=at(*KEYS, silence))
    assert (chain.status, chain.diagnosis.rule, chain.ede) == (INDETERMINATE, "reply-received", 5)
    assert chain.first_failure is None
    assert (chain.links[6].status, chain.links[6].target.present) == (LinkStatus.NOT_THERE, False)


# ---- what is not supported ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("world", "rule", "ede"),
    [
        (published(algorithm=100), "ds-algorithm-supported", 1),
        (with_ds(DS.replace(digest_type=100)), "ds-digest-supported", 2),
    ],
)
def test_ds_with_nothing_supported_makes_the_zone_insecure(world, rule, ede):
    """RFC 4035 §5.2, RFC 6840 §5.2."""
    chain = judge(*ANSWER, world)
    assert (chain.status, chain.diagnosis.rule, chain.ede) == (INSECURE, rule, ede)
    assert links_of(chain)[-1] == "DS bank.example permits unsigned RRSET www.bank.example"


def test_unsupported_numbers_count_only_in_a_ds_that_the_parent_has_signed():
    """Else whoever rewrites the DS on the path could switch validation off."""

    def rewrite(message):
        return say(make_rrset(BANK, 3600, DS.replace(algorithm=100)), message.answer[1])(message)

    chain = judge(*ANSWER, change=at("bank.example", "DS", rewrite))
    assert (chain.status, chain.diagnosis.rule) == (BOGUS, "signature-verifies")


def test_sha1_does_not_count_beside_sha256():
    """RFC 4509 §3: else the weaker digest would decide."""
    assert judge(*ANSWER, with_ds(KSK.ds(1))).status is SECURE
    assert judge(*ANSWER, with_ds(KSK.ds(1), DS.replace(digest=bytes(32)))).status is BOGUS


def test_sha1_is_a_switch():
    assert judge(*ANSWER, with_ds(KSK.ds(1)), policy=Policy(sha1=False)).status is INSECURE


@pytest.mark.parametrize("digest_type", [1, 2, 4])
def test_digests(digest_type):
    assert judge(*ANSWER, with_ds(KSK.ds(digest_type))).status is SECURE


# ---- work -----------------------------------------------------------------------------------------------------


def test_many_wrong_ds_records_cost_little():
    """KeyTrap (CVE-2023-50387), the variant with DS records."""
    crowd = [DS.replace(digest=number.to_bytes(32, "big")) for number in range(500)]
    chain = judge(*ANSWER, with_ds(*crowd))
    assert (chain.status, chain.diagnosis.rule) == (BOGUS, "work-limit")
    assert chain.work["DS digests"] <= Limits().ds_digests


def test_zone_expires_with_the_first_of_its_links():
    zones = {zone.zone: zone for zone in judge(*ANSWER).proven}
    assert zones[BANK].expires == NOW + 3600  # the TTL of the bank's keys; its DS holds longer
