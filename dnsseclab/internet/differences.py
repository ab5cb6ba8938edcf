"""Where BIND or Unbound judges otherwise than we do, and why: one entry for each difference that was measured.

It knows: the reason, and the section that decides.
It must not know: how it was measured. A difference without an entry is shown as one that nobody has explained.
Measured with BIND 9.18.49 and Unbound 1.17.1; other versions may have come closer since.
"""

from typing import NamedTuple


class Difference(NamedTuple):
    """Why one daemon differs from us in one case."""

    who: str
    why: str
    source: str  # the section that decides


UNEXPLAINED = "Nobody has looked into this yet."

# Cases, who, why, source. First other verdicts, then the same verdict for another reason.
EXPLAINED = (
    ("ds-only-sha1-fits", "Unbound",
     "It takes any DS that fits, unless told otherwise by harden-algo-downgrade. For us and BIND, SHA-1 counts for "
     "nothing beside SHA-256.", "RFC 4509 §3"),
    ("ds-names-no-zone-key", "BIND",
     "It does not look at the Zone Key bit of the key that the DS names. The bit must be set.", "RFC 4034 §5.2"),
    ("revoked-ksk", "Unbound",
     "It looks at the REVOKE bit only of trust anchors. We take it at its word: a revoked key is good for nothing but "
     "its own revocation.", "RFC 5011 §2.1"),
    ("rrsig-instant", "BIND",
     "We ask within the one second for which the signature holds. It is over when BIND is asked.", "RFC 4034 §3.1.5"),
    ("rrsig-instant", "Unbound",
     "We ask within the one second for which the signature holds. It is over when Unbound is asked.",
     "RFC 4034 §3.1.5"),
    ("rrsig-one-wrong", "BIND",
     "It gives up after the first signature that does not verify: its protection from KeyTrap. We go on to the good "
     "one, within our limits.", "RFC 6840 §5.4"),
    ("nsec-labels-fewer", "Unbound",
     "It takes an NSEC that was made from a wildcard. We don't: what comes from a wildcard needs a proof that its own "
     "name does not exist, and an NSEC says that it does.", "RFC 4035 §5.3.4"),
    ("nsec-wildcard-not-denied", "Unbound",
     "It sees that the wildcard is not denied, and then takes the answer for 'no such type' instead of 'no such name', "
     "without having seen which types the wildcard has.", "RFC 4035 §5.4"),
    ("nsec-parent-side nsec3-parent-side", "Unbound",
     "It concludes from NS without SOA that an unsigned zone begins here, and lets the answer pass as insecure, though "
     "it has just verified that zone's keys. For us and BIND a record of the parent's side proves nothing but the "
     "absence of a DS.", "RFC 6840 §4.1"),
    ("nsec3-unknown-flag", "BIND",
     "It does not look at flags other than Opt-Out. A record with an unknown flag has to be ignored.", "RFC 5155 §8.2"),
    ("v4-loopback", "BIND",
     "Our own resolver is at this address: it answers, and BIND finds its answer unproven. Elsewhere nobody is there.",
     "RFC 1034 §4.2.1"),
    ("on-path-referral", "Unbound",
     "Its configuration says where each zone's servers are, so it never reads the referral that the attacker changes.",
     "RFC 4035 §2.2"),
    # --- the same verdict, for another reason
    ("rrsig-exp-before-all rrsig-exp-before-a", "BIND",
     "It says only that such a signature fails. That it ends before it begins is why.", "RFC 4034 §3.1.5"),
    ("rrsig-signer-other on-path-other-zone", "Unbound",
     "It does not count a signature in the name of a zone that does not contain the record: to it, there is none.",
     "RFC 4035 §5.3.1"),
    ("rrsig-labels-fewer", "BIND",
     "It takes the answer for one from a wildcard, misses the proof that goes with it, and calls it unsigned.",
     "RFC 4035 §5.3.4"),
    ("nsec-labels-fewer", "BIND",
     "It complains of another record first, one that it takes for unsigned.", "RFC 4035 §5.3.4"),
    ("nsec-from-parent", "BIND",
     "It throws the parent's record away because of what it lists, we because of who signed it.", "RFC 6840 §4.1"),
    ("nsec-from-parent", "Unbound",
     "It does not count a signature by another zone than the one it is asking: to it, there is none.",
     "RFC 4035 §5.3.1"),
    ("no-dnskey", "BIND",
     "Without keys it looks for a proof that the zone is unsigned, and complains that there is none.",
     "RFC 4035 §5.2"),
    ("on-path-strip-ds", "BIND",
     "With the DS gone, it looks for a proof of that, and complains of the first unsigned record in its place.",
     "RFC 4035 §5.2"),
    ("on-path-referral", "BIND",
     "The false server has neither keys nor signatures. It complains of the signatures, we of the keys.",
     "RFC 4035 §5.2"),
)  # fmt: skip
DIFFERENCES = {
    (case, who): Difference(who, why, source) for cases, who, why, source in EXPLAINED for case in cases.split()
}

# Met in random worlds only, not in the gallery
BETWEEN = Difference(
    "Unbound",
    "It looks for a DS at every name between a zone and its parent, and depends on the proofs that there is none. We "
    "take the DS that the parent's referral brings: it is signed, and all that a chain needs.",
    "RFC 4035 §5.2",
)
ASKED_FOR_ALIAS = Difference(
    "Unbound",
    "Asked for a CNAME, it asks the servers for an address first, to hide the type, and keeps the NXDOMAIN that they "
    "say of the alias's target. Who asks for the CNAME itself has no target (with qname-minimisation: no it says so).",
    "RFC 1034 §4.3.2",
)
SOA_OF_AN_OPT_OUT = Difference(
    "Unbound",
    "It wants the SOA of a negative answer signed, also where Opt-Out leaves the absence unproven. To us such an "
    "answer is insecure as a whole: nothing in it is vouched for.",
    "RFC 5155 §9.2",
)
SOA_OF_A_DENIAL = Difference(
    "BIND",
    "If only the SOA of a negative answer fails, it hands on the absence, which is proven, and leaves AD out. We and "
    "Unbound refuse the whole.",
    "RFC 4035 §3.2.3",
)
PROOFS_OF_AN_ALIAS = Difference(
    "Unbound",
    "It puts the proof for an alias from a wildcard into one message with the proof that its target does not exist. Of "
    "two NSEC records of one name, from both sides of a zone cut, only one is left there then; and where the target is "
    "unsigned, it takes the alias's proof for the target's. We and BIND judge each reply by itself.",
    "RFC 4035 §3.1.3.3",
)


def difference(case: str, who: str) -> Difference:
    """Return why a daemon differs from us in a case."""
    return DIFFERENCES.get((case, who)) or Difference(who, UNEXPLAINED, "")
