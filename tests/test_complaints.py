"""Classes of trouble: every rule of ours has one, and the daemons' words are sorted into the same ones."""

import pytest

from dnsseclab.internet.complaints import BY_RULE, THEIRS, Complaint, by_rule, by_words
from dnsseclab.validator.diagnoses import RULES

# These never make an answer bogus, or say nothing about why it is.
NEVER_BOGUS = {
    "no-trust-anchor", "negative-trust-anchor", "insecure-delegation", "opt-out", "nsec3-iterations",
    "ds-algorithm-supported", "ds-digest-supported", "signatures-are-unsigned", "reply-received",
}  # fmt: skip
NOT_COMPARED = {"work-limit", "alias-ends", "dname-substitution"}


def test_every_rule_by_which_an_answer_is_bogus_has_its_class() -> None:
    assert set(BY_RULE) == set(RULES) - NEVER_BOGUS - NOT_COMPARED


def test_a_rule_without_a_class_says_nothing() -> None:
    assert by_rule("work-limit") is Complaint.UNSAID


@pytest.mark.parametrize(
    ("who", "line", "complaint"),
    [
        ("BIND", "validating a/A: verify failed due to bad signature (keyid=1): RRSIG has expired", Complaint.MOMENT),
        ("BIND", "validating a/DNSKEY: no DNSKEY matching DS", Complaint.KEY),
        ("BIND", "validating a/A: got insecure response; parent indicates it should be secure", Complaint.MISSING),
        ("BIND", "validating a/A: nonexistence proof(s) not found", Complaint.DENIAL),
        ("BIND", "validating a/A: something new", Complaint.UNSAID),
        ("Unbound", "<a. A IN>: signature crypto failed from 127.0.0.9", Complaint.WRONG),
        ("Unbound", "<a. A IN>: signatures from unknown keys from 127.0.0.9", Complaint.KEY),
        ("Unbound", "<a. A IN>: no DNSSEC records from 127.0.0.9 for DS a.", Complaint.DENIAL),
    ],
)
def test_words_are_sorted(who: str, line: str, complaint: Complaint) -> None:
    assert by_words(who, [line]) == (complaint, line)


def test_what_is_said_of_a_signature_counts_more_than_what_follows_from_it() -> None:
    lines = ["validating a/A: no valid signature found", "validating a/A: verify rdataset: RRSIG failed to verify"]
    assert by_words("BIND", lines) == (Complaint.WRONG, lines[1])


@pytest.mark.parametrize("who", THEIRS)
def test_who_says_nothing_complains_of_nothing(who: str) -> None:
    assert by_words(who, []) == (Complaint.UNSAID, "")
