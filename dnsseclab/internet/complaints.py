"""What validators complain of, in classes that are coarse enough to compare: ours by rule, others by their words.

It knows: which words of BIND's and Unbound's logs, and which rules of ours, mean the same kind of trouble.
It must not know: how any of them came to it. Extended errors are not compared: vendors choose them differently.
The classes follow the order of RFC 4035 §5.3.1 (a signature) and §5.2, §5.4 (keys and denials).
"""

import re
from collections.abc import Iterable
from enum import StrEnum


class Complaint(StrEnum):
    """Why an answer is bogus."""

    MOMENT = "out of its time"
    WRONG = "signature does not fit"
    MISSING = "signature missing"
    KEY = "no key that fits"
    DENIAL = "no proof of absence"
    UNSAID = "does not say"


OURS = {
    Complaint.MOMENT: "signature-not-expired signature-not-early validity-order",
    Complaint.WRONG: "signature-verifies label-count",
    Complaint.MISSING: "signature-present same-owner type-covered",
    Complaint.KEY: (
        "signer-encloses-name signer-is-zone signature-algorithm-supported key-found signed-by-trusted-key "
        "zone-key-bit key-protocol key-not-revoked key-readable anchor-names-key dnskey-received ds-tag-matches "
        "ds-algorithm-matches ds-digest-matches"
    ),
    Complaint.DENIAL: (
        "ds-or-denial-received denial-received denial-not-expanded nsec-covers-name nsec-not-from-above "
        "nsec-not-from-child nsec-type-absent nsec-name-absent nsec-denies-wildcard nothing-closer nsec3-usable "
        "wildcard-is-closest "
        "nsec3-closest-encloser nsec3-next-closer nsec3-not-from-above nsec3-not-from-child nsec3-type-absent "
        "nsec3-name-absent nsec3-denies-wildcard nsec3-opt-out"
    ),
}
BY_RULE = {rule: complaint for complaint, rules in OURS.items() for rule in rules.split()}

# In the order in which they are looked for: what is said of one signature tells more than what follows from it.
THEIRS = {
    "BIND": (
        (Complaint.MOMENT, r"has expired|has not begun"),
        (Complaint.WRONG, r"failed to verify"),
        (Complaint.DENIAL, r"no valid NSEC"),
        (Complaint.KEY, r"no DNSKEY matching|no RRSIG matching"),
        (Complaint.MISSING, r"got insecure response|no valid RRSIG"),
        (Complaint.DENIAL, r"not found|bad cache hit"),
        (Complaint.KEY, r"no valid signature found"),
    ),
    "Unbound": (
        (Complaint.MOMENT, r"signature expired|inception"),
        (Complaint.WRONG, r"signature crypto failed|labelcount"),
        (Complaint.KEY, r"unknown keys|signature missing|ZSK flag|wrong protocol|for crypto failed"),
        (Complaint.KEY, r"DS hash|have a DS|No DNSKEY|Unsupported DNSKEY Algorithm"),
        (Complaint.MISSING, r"no signatures"),
        (Complaint.DENIAL, r"proof failed|no DNSSEC records|not prove absence|opt-out"),
    ),
}


def by_rule(rule: str) -> Complaint:
    """Return what kind of trouble a rule of ours stands for."""
    return BY_RULE.get(rule, Complaint.UNSAID)


def by_words(who: str, lines: Iterable[str]) -> tuple[Complaint, str]:
    """Return what kind of trouble a daemon's words mean, and the words that say it most clearly."""
    said = list(lines)
    for complaint, words in THEIRS[who]:
        found = next((line for line in said if re.search(words, line)), None)
        if found is not None:
            return complaint, found
    return Complaint.UNSAID, said[-1] if said else ""
