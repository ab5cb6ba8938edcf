"""Diagnoses: for each rule what its failure means, in which section it stands, what to do about it.

It knows: words. Everything else in the validator names only the rule.
It must not know: how to judge.
EDE codes are chosen as precisely as RFC 8914 §4 allows; RFC 9276 §3.2 adds 27, RFC 7646's registry entry 33.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from ..protocol.trust import Check, Diagnosis

SIGN_AGAIN = "Sign the zone again."
ATTACK_OR = "None if this is an attack. If the zone is yours: "
OR_NO_WILDCARD = "If there is no wildcard, the signature counts too few labels: sign it again."


class Rule(NamedTuple):
    """What is said when a rule decides a verdict. `{what}`, `{zone}`, `{owner}` are filled in."""

    headline: str  # three or four words
    sentence: str
    source: str
    ede: int
    repair: str


RULES = {
    # ---- one signature, in the order of RFC 4035 §5.3.1 -------------------------------------------------------
    "signature-present": Rule(
        "no signature", "{zone} signs its records, but {what} came without a signature.", "RFC 4035 §2.2", 10,
        ATTACK_OR + "sign it again, and see that its servers send RRSIG records to those who set DO."),
    "same-owner": Rule(
        "signature of another name", "The signature belongs to another name than {what}.", "RFC 4035 §5.3.1", 6,
        SIGN_AGAIN),
    "signer-encloses-name": Rule(
        "signer is another zone", "{what} is signed in the name of a zone that does not contain it.",
        "RFC 4035 §5.3.1", 6, ATTACK_OR + "sign it with the key of {zone}, and in that name."),
    "signer-is-zone": Rule(
        "signer not the zone", "{what} lies in {zone}, but is signed in the name of another zone.",
        "RFC 4035 §5.3.1", 6, ATTACK_OR + "sign it with the key of {zone}, and in that name."),
    "type-covered": Rule(
        "signature of another type", "The signature covers another type than {what}.", "RFC 4035 §5.3.1", 6,
        SIGN_AGAIN),
    "label-count": Rule(
        "too many labels", "The signature counts more labels than the name of {what} has.", "RFC 4035 §5.3.1", 6,
        SIGN_AGAIN),
    "validity-order": Rule(
        "expired before valid", "The signature over {what} ends before it begins.", "RFC 4035 §5.3.1", 25,
        "Sign the zone again, with an expiration after the inception."),
    "signature-not-expired": Rule(
        "signature expired", "The signature over {what} has expired.", "RFC 4035 §5.3.1", 7,
        "Sign the zone again, and see why it was not signed in time."),
    "signature-not-early": Rule(
        "signature not yet valid", "The signature over {what} is not valid yet.", "RFC 4035 §5.3.1", 8,
        "Check the clocks of the signer and of this resolver."),
    "signature-algorithm-supported": Rule(
        "unknown algorithm",
        "{what} has a signature of a kind that cannot be checked here, and the parent's DS promises one that can.",
        "RFC 6840 §5.12", 6,
        ATTACK_OR + "sign with the algorithm of the key that the DS names."),
    "key-found": Rule(
        "no such key", "{what} is signed with a key that {zone} does not have.", "RFC 4035 §5.3.1", 6,
        ATTACK_OR + "publish the key that signs, or sign with one that is published."),
    "signed-by-trusted-key": Rule(
        "not signed by it", "The key that is vouched for has not signed the keys of {zone}.", "RFC 4035 §5.2", 6,
        ATTACK_OR + "sign the DNSKEY RRset with the key that the DS names."),
    "zone-key-bit": Rule(
        "not a zone key", "The key's Zone Key bit is clear, so it must not verify {what}.", "RFC 4034 §2.1.1", 11,
        "Publish the key with flags 256 or 257, and sign again."),
    "key-protocol": Rule(
        "protocol is not 3", "The key's protocol field is not 3, so the key counts for nothing.", "RFC 4034 §2.1.2", 6,
        "Publish the key with protocol 3, and sign again."),
    "key-not-revoked": Rule(
        "key is revoked", "The key is marked as revoked: its owner has taken it back.", "RFC 5011 §2.1", 6,
        "Publish the DS of a key that is in use, and sign with it."),
    "key-readable": Rule(
        "key makes no sense", "The bytes of the key are no public key of its algorithm.", "RFC 4034 §2.1.4", 6,
        "Publish the key as it was made."),
    "signature-verifies": Rule(
        "signature is wrong", "{what} is not what was signed: the signature does not fit it.", "RFC 4035 §5.3.3", 6,
        ATTACK_OR + "sign the zone again after every change."),
    # ---- from a trust anchor or a DS to a zone's keys ---------------------------------------------------------
    "no-trust-anchor": Rule(
        "no trust anchor", "No trust anchor lies at or above {what}, so nothing can be expected of it.",
        "RFC 4033 §5", 0, "Configure a trust anchor, for example the root's."),
    "negative-trust-anchor": Rule(
        "told not to look", "Somebody has told this resolver not to validate below {zone}.", "RFC 7646 §2", 33,
        "Remove the negative trust anchor as soon as the zone is repaired."),
    "anchor-names-key": Rule(
        "not the anchor's key", "None of the keys that {zone} sent is the one that the trust anchor names.",
        "RFC 4035 §5", 9, "None if this is an attack. Else bring the trust anchor up to date."),
    "dnskey-received": Rule(
        "no keys received", "A key of {zone} is vouched for, but {zone} has sent no keys.", "RFC 4035 §5.2", 9,
        "Publish the DNSKEY RRset, or have the parent remove the DS."),
    "ds-tag-matches": Rule(
        "not this key", "The parent vouches for a key of {zone} that did not arrive; another key did.",
        "RFC 4035 §5.2", 9, ATTACK_OR + "give the DS of the key in use to the parent."),
    "ds-algorithm-matches": Rule(
        "other algorithm", "The DS and the key of {zone} that it names differ in their algorithm.",
        "RFC 4035 §5.2", 9, ATTACK_OR + "give the DS of the key in use to the parent."),
    "ds-digest-matches": Rule(
        "not this key", "The key of {zone} has the tag that the DS names, but it is not that key.",
        "RFC 4035 §5.2", 9, ATTACK_OR + "give the DS of the key in use to the parent."),
    "ds-algorithm-supported": Rule(
        "unsupported algorithm", "{zone} is signed, but only with algorithms that are not supported here.",
        "RFC 4035 §5.2", 1, "Sign with a current algorithm, for example 13 (P-256), and publish its DS."),
    "ds-digest-supported": Rule(
        "unsupported digest", "The DS records for {zone} use only digests that are not supported here.",
        "RFC 6840 §5.2", 2, "Publish a DS with SHA-256 (digest type 2)."),
    "ds-or-denial-received": Rule(
        "DS missing, not denied", "{zone} has sent neither a DS for {owner} nor a proof that there is none.",
        "RFC 4035 §5.2", 12, "None if this is an attack. Else sign the parent zone with NSEC or NSEC3."),
    "insecure-delegation": Rule(
        "no DS", "{zone} proves that it has no DS for {what}: that zone is unsigned, or not connected.",
        "RFC 4035 §5.2", 0, "To protect the zone: sign it, and give its DS to the parent."),
    # ---- NSEC -------------------------------------------------------------------------------------------------
    "denial-received": Rule(
        "no proof received", "{zone} should prove that {what} does not exist, and has sent no NSEC or NSEC3 record.",
        "RFC 4035 §5.4", 12, "None if this is an attack. Else sign the zone again, with NSEC or NSEC3."),
    "denial-not-expanded": Rule(
        "denial from a wildcard", "The denial was made from a wildcard, so it proves nothing about this name.",
        "RFC 4035 §5.4", 6, ATTACK_OR + "sign each NSEC and NSEC3 record for its own name, with all of its labels."),
    "nsec-covers-name": Rule(
        "wrong gap", "None of the NSEC records covers {what}: the gaps that they prove lie elsewhere.",
        "RFC 4035 §5.4", 6, ATTACK_OR + "sign it again."),
    "nsec-not-from-above": Rule(
        "parent's NSEC", "This NSEC belongs to the parent's side of a zone cut: it says nothing about the child.",
        "RFC 6840 §4.1", 6, "None if this is an attack. Else let the child's own servers answer."),
    "nsec-not-from-child": Rule(
        "child's NSEC", "This NSEC belongs to the child's side of the zone cut: it says nothing about the DS.",
        "RFC 6840 §4.4", 6, "None if this is an attack. Else let the parent's servers answer for the DS."),
    "nsec-type-absent": Rule(
        "the type is there", "The NSEC record itself says that the name has this type: {what}.",
        "RFC 4035 §5.4", 6, ATTACK_OR + "let the servers send what the zone holds."),
    "nsec-name-absent": Rule(
        "the name is there", "The NSEC record itself shows that {what} exists.",
        "RFC 4035 §5.4", 6, ATTACK_OR + "let the servers send what the zone holds."),
    "nsec-denies-wildcard": Rule(
        "wildcard not denied", "{what} is denied, but a wildcard that might answer for it is not.",
        "RFC 4035 §5.4", 6, "None if this is an attack. Else repair the server: it must send both NSEC records."),
    "nothing-closer": Rule(
        "closer match not denied",
        "{what} was made from a wildcard, and nothing proves that there is no closer match.",
        "RFC 4035 §5.3.4", 12,
        ATTACK_OR + "its servers must send NSEC or NSEC3 beside a wildcard's answer. " + OR_NO_WILDCARD),
    "wildcard-is-closest": Rule(
        "not the closest match",
        "{what} was made from a wildcard, and the proof beside it does not show that this was the closest match.",
        "RFC 4035 §5.3.4", 6,
        ATTACK_OR + "its servers must send what denies all names closer than the wildcard. " + OR_NO_WILDCARD),
    # ---- NSEC3 ------------------------------------------------------------------------------------------------
    "nsec3-usable": Rule(
        "no usable NSEC3", "None of the NSEC3 records uses a hash and flags that are known, with equal parameters.",
        "RFC 5155 §8.1", 6, "Sign the zone again with NSEC3 parameters 1 0 0 -."),
    "nsec3-iterations": Rule(
        "too many iterations", "{zone} asks for more NSEC3 hash rounds than anybody should compute.",
        "RFC 9276 §3.2", 27, "Sign the zone again with 0 iterations and no salt."),
    "nsec3-closest-encloser": Rule(
        "closest encloser missing", "No NSEC3 record shows which existing name is closest to {what}.",
        "RFC 5155 §8.3", 6, ATTACK_OR + "sign it again."),
    "nsec3-next-closer": Rule(
        "next name not denied", "No NSEC3 record denies the name that leads down to {what}.",
        "RFC 5155 §8.3", 6, ATTACK_OR + "sign it again."),
    "nsec3-not-from-above": Rule(
        "parent's NSEC3", "This NSEC3 belongs to the parent's side of a zone cut: it says nothing about the child.",
        "RFC 6840 §4.1", 6, "None if this is an attack. Else let the child's own servers answer."),
    "nsec3-not-from-child": Rule(
        "child's NSEC3", "This NSEC3 belongs to the child's side of the zone cut: it says nothing about the DS.",
        "RFC 6840 §4.4", 6, "None if this is an attack. Else let the parent's servers answer for the DS."),
    "nsec3-type-absent": Rule(
        "the type is there", "The NSEC3 record itself says that the name has this type: {what}.",
        "RFC 5155 §8.5", 6, ATTACK_OR + "let the servers send what the zone holds."),
    "nsec3-name-absent": Rule(
        "the name is there", "The NSEC3 record itself shows that {what} exists.",
        "RFC 5155 §8.4", 6, ATTACK_OR + "let the servers send what the zone holds."),
    "nsec3-denies-wildcard": Rule(
        "wildcard not denied", "{what} is denied, but a wildcard that might answer for it is not.",
        "RFC 5155 §8.4", 6, "None if this is an attack. Else repair the server: it must send all NSEC3 records."),
    "nsec3-opt-out": Rule(
        "gap without opt-out", "A gap hides {what}, but its Opt-Out flag is clear: no delegation may hide there.",
        "RFC 5155 §8.6", 6, ATTACK_OR + "sign it again."),
    "opt-out": Rule(
        "opt-out", "{zone} does not sign for unsigned delegations in this gap, so {what} cannot be proven.",
        "RFC 5155 §9.2", 0, "None: the zone has chosen Opt-Out."),
    # ---- everything else --------------------------------------------------------------------------------------
    "dname-substitution": Rule(
        "alias does not fit", "The alias is not the one that the DNAME record makes of {owner}.", "RFC 6672 §5.3.1", 6,
        "None if this is an attack. Else repair the server."),
    "alias-ends": Rule(
        "alias in a circle", "The aliases from {what} lead back to where they came from.", "RFC 1034 §3.6.2", 6,
        "Let the last CNAME point to a name with data."),
    "signatures-are-unsigned": Rule(
        "a signature, not data", "RRSIG records are not signed themselves, so they are never called secure.",
        "RFC 4035 §2.2", 0, "None. Ask for the data instead."),
    "reply-received": Rule(
        "no reply", "{what} is needed for the proof, and nobody has sent it.", "RFC 4035 §4.3",
        5,  # DNSSEC Indeterminate. Whether servers are down (22) or the network is (23), only the resolver can know.
        "Make the zone's servers answer, over UDP and TCP."),
    "work-limit": Rule(
        "too much work", "Checking {what} would cost more than an honest answer ever does.", "RFC 1034 §5.3.3", 6,
        "None if this is an attack. Else use fewer keys with one tag, fewer signatures, fewer iterations."),
}  # fmt: skip


@lru_cache(maxsize=4096)
def check(rule: str, passed: bool, detail: str = "") -> Check:
    """Return the record of one check; its source is the rule's."""
    return Check(rule, passed, detail, RULES[rule].source)


def until_failure(checks: Iterable[Check]) -> tuple[Check, ...]:
    """Return checks up to the first that failed: what comes after it is not made."""
    made: list[Check] = []
    for each in checks:
        made.append(each)
        if not each.passed:
            break
    return tuple(made)


def diagnose(rule: str, *, what: str, zone: str, owner: str = "") -> Diagnosis:
    """Return what a verdict by `rule` means.

    Args:
        what: What was judged, as people say it: 'www.bank.example A', 'the keys of bank.example'.
        zone: The zone that holds it or should have signed it, in text.
        owner: The name that it is about, in text.
    """
    words = RULES[rule]
    facts = {"what": what, "zone": zone, "owner": owner or what}
    sentence = words.sentence.format(**facts)
    return Diagnosis(
        rule=rule,
        headline=words.headline,
        sentence=sentence[:1].upper() + sentence[1:] if sentence.startswith("the ") else sentence,
        source=words.source,
        ede=words.ede or None,
        repair=words.repair.format(**facts),
    )
