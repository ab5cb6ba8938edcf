"""One RRset and its signatures: each wrong field has its name, one good signature suffices, and the TTL is capped."""

import dns.rrset
import pytest
from dns.rdatatype import RdataType
from tree import (
    DAY,
    EXAMPLE,
    HEALTHY,
    NOW,
    WWW,
    at,
    drop,
    judge,
    key_of,
    links_of,
    rewritten,
    say,
    signed,
    signed_wrongly,
    strange_key,
)

from dnsseclab.attacker.exhaustion import colliding_keys
from dnsseclab.authority.signing import sign_rrset
from dnsseclab.authority.zones import make_rrset
from dnsseclab.protocol.names import to_name
from dnsseclab.protocol.trust import LinkStatus, SecurityStatus
from dnsseclab.validator import Limits, Policy

SECURE, BOGUS = SecurityStatus.SECURE, SecurityStatus.BOGUS
ANSWER = ("www.bank.example", "A")
FORGED = dns.rrset.from_text(WWW, 3600, "IN", "A", "203.0.113.66")
ZSK = key_of("bank.example", "ZSK")
PAST = {"inception": NOW - 9 * DAY, "expiration": NOW - DAY}


def forged_address(message):
    return say(FORGED, message.answer[1])(message)


BROKEN = {
    "no signature": (drop("RRSIG"), "signature-present", 10),
    "another zone": (
        say(*signed(FORGED, key_of("foundry81.com", "ZSK"), signer=to_name("foundry81.com"))),
        "signer-encloses-name",
        6,
    ),
    "a name that is no zone": (rewritten(signer=WWW), "signer-is-zone", 6),
    "a strange key": (say(*signed(FORGED, strange_key("bank.example"))), "key-found", 6),
    "another key tag": (rewritten(key_tag=1), "key-found", 6),
    "another address": (forged_address, "signature-verifies", 6),
    "unknown algorithm": (rewritten(algorithm=100), "signature-algorithm-supported", 6),
    "known algorithm, not the key's": (rewritten(algorithm=15), "key-found", 6),
    "expired": (signed_wrongly(**PAST), "signature-not-expired", 7),
    "expired, and the date rewritten": (
        rewritten(expiration=NOW + 9 * DAY, inception=NOW - 9 * DAY), "signature-verifies", 6),
    "not yet valid": (signed_wrongly(inception=NOW + 60), "signature-not-early", 8),
    "expired before valid": (signed_wrongly(inception=NOW + 60, expiration=NOW - 60), "validity-order", 25),
    "too many labels": (rewritten(labels=4), "label-count", 6),
    "too few labels": (rewritten(labels=2), "signature-verifies", 6),
    "original TTL rewritten": (rewritten(original_ttl=60), "signature-verifies", 6),
}  # fmt: skip


@pytest.mark.parametrize(("change", "rule", "ede"), BROKEN.values(), ids=BROKEN)
def test_each_break_has_its_name(change, rule, ede):
    chain = judge(*ANSWER, change=at(*ANSWER, change))
    assert (chain.status, chain.diagnosis.rule, chain.ede) == (BOGUS, rule, ede)
    failed = chain.first_failure
    assert [link for link in chain.links if link.status is LinkStatus.FAILED] == [failed]
    assert links_of(chain)[-1] == "ZSK bank.example signs RRSET www.bank.example"
    assert [check.passed for check in failed.checks] == [True] * (len(failed.checks) - 1) + [False]
    assert (chain.validated, chain.ttl) == ((), None)


def test_signature_that_covers_another_type_is_none_for_this_one():
    chain = judge(*ANSWER, change=at(*ANSWER, signed_wrongly(type_covered=RdataType.AAAA)))
    assert chain.diagnosis.rule == "signature-present"


def test_checks_stand_in_the_order_of_the_rfc():
    """RFC 4035 §5.3.1."""
    checks = judge(*ANSWER).links[-1].checks
    assert [check.rule for check in checks] == [
        "same-owner", "signer-is-zone", "type-covered", "label-count", "validity-order", "signature-not-expired",
        "signature-not-early", "signature-algorithm-supported", "key-found", "zone-key-bit", "key-protocol",
        "key-not-revoked", "signature-verifies",
    ]  # fmt: skip
    assert all(check.passed and check.source.startswith("RFC ") for check in checks)


# ---- several signatures ---------------------------------------------------------------------------------------


def with_more(*rrsigs):
    """Put further signatures before the good one."""

    def change(message):
        good = message.answer[1]
        message.answer[1] = make_rrset(good.name, good.ttl, *rrsigs, *good)
        return message

    return at(*ANSWER, change)


def test_one_good_signature_suffices_and_the_others_stay_visible():
    """RFC 6840 §5.4."""
    expired = sign_rrset(HEALTHY.truth(*ANSWER), ZSK, **PAST)
    chain = judge(*ANSWER, change=with_more(expired))
    assert chain.status is SECURE
    unused = [link for link in chain.links if link.status is LinkStatus.NOT_USED]
    assert [(link.signature, link.failed_check.rule) for link in unused] == [(expired, "signature-not-expired")]
    assert expired not in chain.validated[1]  # it is not handed on


def test_other_key_of_the_same_tag_that_is_tried_first_spoils_nothing():
    """RFC 4034 Appendix B: it happens by chance, and the signature that fails with it is the good one."""
    (twin,) = colliding_keys("bank.example", ZSK.tag, 1, seed="twin")
    ksk = key_of("bank.example", "KSK")
    keys = signed(make_rrset("bank.example", 3600, twin.dnskey, ksk.dnskey, ZSK.dnskey), ksk)
    chain = judge(*ANSWER, change=at("bank.example", "DNSKEY", say(*keys)))
    assert (chain.status, chain.work["failed signature checks"]) == (SECURE, 1)
    assert [link.target.owner for link in chain.links if link.status is LinkStatus.NOT_USED] == [to_name(WWW)]
    assert len(chain.validated[1]) == 1  # the signature is handed on


def test_foreign_signatures_do_not_use_up_the_limit():
    """RFC 6840 §5.12: what no known key has made is ignored."""
    foreign = [sign_rrset(FORGED, ZSK, inception=NOW, expiration=NOW, key_tag=tag) for tag in range(20)]
    assert judge(*ANSWER, change=with_more(*foreign)).status is SECURE


def test_many_wrong_signatures_cost_little():
    """KeyTrap (CVE-2023-50387): each names the right key."""

    def flood(message):
        good = message.answer[1][0]
        wrong = [good.replace(signature=number.to_bytes(64, "big")) for number in range(1000)]
        return say(message.answer[0], make_rrset(WWW, 3600, *wrong))(message)

    chain = judge(*ANSWER, change=at(*ANSWER, flood))
    assert (chain.status, chain.diagnosis.rule) == (BOGUS, "work-limit")
    assert chain.work["failed signature checks"] == Limits().signatures_per_rrset


def test_limit_of_all_signature_checks():
    chain = judge(*ANSWER, limits=Limits(signature_checks=0))
    assert (chain.status, chain.diagnosis.rule) == (BOGUS, "work-limit")


# ---- time -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("seconds", "status"), [(0, SECURE), (1, BOGUS)])
def test_last_second_counts(seconds, status):
    change = at(*ANSWER, signed_wrongly(expiration=NOW - seconds))
    assert judge(*ANSWER, change=change).status is status


@pytest.mark.parametrize(("seconds", "status"), [(0, SECURE), (1, BOGUS)])
def test_first_second_counts(seconds, status):
    change = at(*ANSWER, signed_wrongly(inception=NOW + seconds))
    assert judge(*ANSWER, change=change).status is status


@pytest.mark.parametrize("fields", [{"expiration": NOW - 60}, {"inception": NOW + 60}])
def test_clock_may_be_wrong_by_what_the_policy_allows(fields):
    for skew, status in ((60, SECURE), (59, BOGUS)):
        change = at(*ANSWER, signed_wrongly(**fields))
        assert judge(*ANSWER, change=change, policy=Policy(clock_skew=skew)).status is status


# ---- how long it may be kept ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("received", "original", "left", "cap"),
    [(3600, 3600, DAY, 3600), (60, 3600, DAY, 60), (3600, 300, DAY, 300), (3600, 3600, 10, 10), (3600, 3600, 0, 0)],
)
def test_ttl_is_the_least_of_what_was_received_and_signed_and_is_left(received, original, left, cap):
    """RFC 4035 §5.3.3; else a replayed answer could be kept for ever."""
    rrset = dns.rrset.from_text(WWW, received, "IN", "A", "192.0.2.20")
    reply = signed(rrset, ZSK, original_ttl=original, expiration=NOW + left)
    chain = judge(*ANSWER, change=at(*ANSWER, say(*reply)))
    assert (chain.status, chain.ttl) == (SECURE, cap)
    assert [kept.ttl for kept in chain.validated] == [cap, cap]


def test_ttl_of_the_signature_counts_as_well():
    rrset, rrsigs = signed(dns.rrset.from_text(WWW, 3600, "IN", "A", "192.0.2.20"), ZSK)
    rrsigs.ttl = 7
    assert judge(*ANSWER, change=at(*ANSWER, say(rrset, rrsigs))).ttl == 7


def test_parent_can_sign_for_what_it_delegated():
    """A zone that signs below its own cut lies; but it could as well change the DS, and nothing tells of the cut."""
    forged = signed(FORGED, key_of("example", "ZSK"), signer=EXAMPLE)
    assert judge(*ANSWER, change=at(*ANSWER, say(*forged))).status is SECURE
