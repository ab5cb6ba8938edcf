"""Faults at the parent: a DS that does not fit, one that cannot be used, one that is not there.

It knows: what a parent can publish for a child, and sign in good faith.
It must not know: what the child's keys are used for.
Follows RFC 4034 §5 (DS), RFC 4035 §5.2, RFC 4509 §3 (SHA-1 beside SHA-256), RFC 6840 §5.2 (unknown digests).
"""

from typing import cast

from dns import rdatatype
from dns.rdtypes.ANY.DS import DS
from dns.rrset import RRset

from ...authority.signing import sign_zone, unsign_zone
from ...authority.zones import Zone
from ...protocol.dnssec import DIGESTS
from ...protocol.trust import SecurityStatus
from ..worlds import DAY
from .fault import Cause, Change, Fault, fault, harmless, unchanged
from .signatures import another_algorithm
from .specimen import Specimen, kept

CAUSE = Cause.DELEGATION
THE_DS = "the DS RRset at the parent, which signs it"
THE_DS_RRSIG = "the parent's RRSIG over the DS RRset"
UNASSIGNED, RESERVED = 100, 200  # algorithm numbers, and a digest type
SHA1, SHA256, SHA384 = sorted(DIGESTS)


# --- what the DS says


def with_altered_ds(**fields: object) -> Change:
    """Return a change that has the parent publish the right DS with other values in some fields."""
    return lambda s: s.with_ds(altered(s.ksk.ds(), **fields))


def altered(ds: DS, **fields: object) -> DS:
    return cast(DS, ds.replace(**fields))


def spoiled(ds: DS) -> DS:
    """Return a DS with another digest: that of no key."""
    return altered(ds, digest=bytes(octet ^ 0xFF for octet in ds.digest))


def with_other_tag(s: Specimen) -> Specimen:
    return s.with_ds(altered(s.ksk.ds(), key_tag=(s.ksk.tag + 1) % 65536))


def with_other_algorithm(s: Specimen) -> Specimen:
    return s.with_ds(altered(s.ksk.ds(), algorithm=another_algorithm(s.ksk)))


# --- what the parent does with it


def parent_ds(s: Specimen) -> RRset:
    found = s.parent.get(s.name, rdatatype.DS)
    assert found is not None
    return found


def ds_expired(s: Specimen) -> Specimen:
    """Let the parent's signature over the DS end yesterday."""
    zsk = next(key for key in s.world.keys[s.parent.origin] if key.role != "KSK")
    rrsigs = s.sign(parent_ds(s), zsk, inception=s.world.now - 30 * DAY, expiration=s.world.now - DAY)
    return s.with_zone(s.parent.with_rrsets(rrsigs))


def with_ds_left_out(s: Specimen) -> Specimen:
    """Let the parent prove absence by NSEC, and lose the DS after it was signed."""
    return s.with_zone(without_ds(parent_with_nsec(s)))


def without_ds(zone: Zone) -> Zone:
    return kept(zone, lambda rrset: rdatatype.DS not in (rrset.rdtype, rrset.covers))


def parent_with_nsec(s: Specimen) -> Zone:
    """Return the parent with NSEC, whatever this world uses."""
    times = {"inception": s.world.inception, "expiration": s.world.expiration}
    return sign_zone(s.parent, s.world.keys[s.parent.origin], **times, denial="NSEC")


def without_ds_and_proof(s: Specimen) -> Specimen:
    """Let the parent lose the DS and every proof of absence."""
    denials = {rdatatype.DS, rdatatype.NSEC, rdatatype.NSEC3}
    return s.with_zone(kept(s.parent, lambda rrset: not denials & {rrset.rdtype, rrset.covers}))


def unsigned(s: Specimen) -> Specimen:
    return s.with_zone(unsign_zone(s.zone)).with_ds()


INSECURE = SecurityStatus.INSECURE

FAULTS: tuple[Fault, ...] = (
    # The two controls
    harmless(Cause.NOTHING, "valid", "The zone is signed, and its parent has its DS.", "nothing", unchanged),
    fault(Cause.NOTHING, "unsigned", "The zone is not signed, and its parent has no DS.",
          "everything that signing adds", unsigned, "insecure-delegation", status=INSECURE),
    # A DS that does not fit
    fault(CAUSE, "no-ds", "The zone is signed, but its parent has no DS.", THE_DS,
          Specimen.with_ds, "insecure-delegation", status=INSECURE),
    fault(CAUSE, "ds-bad-tag", "The DS has a key tag that is not the KSK's.", THE_DS,
          with_other_tag, "ds-tag-matches"),
    fault(CAUSE, "ds-bad-key-algo", "The DS has another algorithm than the KSK.", THE_DS,
          with_other_algorithm, "ds-algorithm-matches"),
    fault(CAUSE, "ds-bogus-digest-value", "The DS has a digest that is not the KSK's.", THE_DS,
          lambda s: s.with_ds(spoiled(s.ksk.ds())), "ds-digest-matches"),
    # A DS that cannot be used
    fault(CAUSE, "ds-unassigned-key-algo", f"The DS has the algorithm number {UNASSIGNED}, which is not assigned.",
          THE_DS, with_altered_ds(algorithm=UNASSIGNED), "ds-algorithm-supported", status=INSECURE),
    fault(CAUSE, "ds-reserved-key-algo", f"The DS has the algorithm number {RESERVED}, which is reserved.", THE_DS,
          with_altered_ds(algorithm=RESERVED), "ds-algorithm-supported", status=INSECURE),
    fault(CAUSE, "ds-unassigned-digest-algo", f"The DS has the digest type {UNASSIGNED}, which is not assigned.",
          THE_DS, with_altered_ds(digest_type=UNASSIGNED), "ds-digest-supported", status=INSECURE),
    # Several of them, or a weak one
    harmless(CAUSE, "ds-sha1", "The only DS has a SHA-1 digest.", THE_DS,
             lambda s: s.with_ds(s.ksk.ds(SHA1)), "Publish a DS with SHA-256: SHA-1 is on its way out (RFC 9905)."),
    harmless(CAUSE, "ds-second-digest-wrong", "Of two DS, that with SHA-256 fits, and that with SHA-384 does not.",
             THE_DS, lambda s: s.with_ds(s.ksk.ds(SHA256), spoiled(s.ksk.ds(SHA384))),
             "Remove the DS that does not fit: one that does is enough."),
    # Unbound 1.17 takes this one unless told to be strict (harden-algo-downgrade).
    fault(CAUSE, "ds-only-sha1-fits", "Of two DS, that with SHA-1 fits, and that with SHA-256 does not.", THE_DS,
          lambda s: s.with_ds(s.ksk.ds(SHA1), spoiled(s.ksk.ds(SHA256))), "ds-digest-matches"),
    harmless(CAUSE, "ds-extra", "Beside the right DS there is one for a key that is not published yet.", THE_DS,
             lambda s: s.with_ds(s.ksk.ds(), s.stranger("KSK").ds()), "None: so a new key is prepared."),
    # The parent's own carelessness
    fault(CAUSE, "ds-rrsig-no", "The parent has not signed the DS.", THE_DS_RRSIG,
          lambda s: s.with_zone(s.parent.without(s.name, rdatatype.RRSIG, covers=rdatatype.DS)), "signature-present"),
    fault(CAUSE, "ds-rrsig-exp", "The parent's signature over the DS has expired.", THE_DS_RRSIG,
          ds_expired, "signature-not-expired"),
    fault(CAUSE, "ds-left-out", "The parent has lost the DS, but its NSEC record says that there is one.",
          "the DS RRset at the parent", with_ds_left_out, "nsec-type-absent"),
    fault(CAUSE, "ds-not-denied", "The parent has no DS, and proves nothing about it.",
          "the DS RRset at the parent, and all its NSEC records", without_ds_and_proof, "ds-or-denial-received"),
)  # fmt: skip
