"""Sixteen wrong validators: each leaves out, or gets wrong, exactly one step. They are the levels of the ladder.

Each is a Validator with one step overridden, so that what is wrong can be read in a few lines (those about
denials are in mistaken_denials.py). A resolver takes one so: `RecursiveResolver(..., validator=level.validate)`.
With healthy zones there is no difference.
It knows: the validator's steps, and which real program, or which sentence of an RFC, a mistake stands for.
It must not know: how a mistake is used against somebody.
RFC 4035 §5 and RFC 5011 §2.1 hold the rules that are broken here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from dns import rdatatype
from dns.name import Name
from dns.rdtypes.ANY.RRSIG import RRSIG
from dns.rrset import RRset

from ..protocol.evidence import Evidence
from ..protocol.names import show_name
from ..protocol.trust import ChainOfTrust, Item, Link, ProvenZone, SecurityStatus, Verb
from . import boxes, delegation
from .chain import Validator
from .delegation import Match
from .diagnoses import check
from .ledger import DEFAULT_LIMITS, DEFAULT_POLICY
from .limits import Limits
from .mistaken_denials import AnyWildcard, EveryGapOptsOut, ParentDeniesChild, WildcardUnproven
from .policy import Policy
from .records import Records, SignedSet
from .signatures import Attempt, Rules, not_early, not_expired, not_revoked, try_all
from .verifying import Verified
from .zone_keys import Voucher, keys_in, unsigned


@dataclass(frozen=True)
class Level:
    """One rung of the ladder: a validator that lacks one check."""

    number: int
    name: str  # in a few words
    mistake: str  # one sentence: what is not checked
    source: str  # a program that had this bug, if one is known for sure, and the section that asks for the check
    rule: str  # the check by which a full validator finds out; empty: it rejects nothing, it only forgets in time
    validator: type[Validator]

    def validate(
        self,
        evidence: Evidence,
        trust_anchors: Sequence[RRset],
        now: int,
        limits: Limits = DEFAULT_LIMITS,
        policy: Policy = DEFAULT_POLICY,
        proven: Sequence[ProvenZone] = (),
    ) -> ChainOfTrust:
        """Judge as chain.validate does, but with this one mistake."""
        return self.validator(evidence, trust_anchors, now, limits, policy, proven).judge()


# ---- from zone to zone ----------------------------------------------------------------------------------------------


class AnySigner(Validator):
    """Takes the key of whatever zone a signature names. Whether that zone contains the RRset is not asked."""

    def containing_zone(self, found: SignedSet) -> ProvenZone:
        """Return the zone that the first signature names."""
        if not found.signers:
            return super().containing_zone(found)
        return self.zone_of(found.signers[0], rdatatype.SOA, found.signers[:1])


class UnsignedDs(Validator):
    """Follows a DS RRset as it came. Whether the parent has signed it is not asked."""

    def authenticate_ds(self, parent: ProvenZone, found: SignedSet, box: Item) -> tuple[tuple[Link, ...], int]:
        """Return the links to the parent, and believe the DS for as long as it says itself."""
        return parent.links, self.now + found.rrset.ttl


class AnchorIsPresent(Validator):
    """Takes a zone's keys for good when the trust anchor's key is among them. Who signed them all is not asked."""

    def key_set_signed(self, voucher: Voucher, found: SignedSet, entries: Sequence[Match]) -> Attempt:
        """Return the first signature as if it had been verified, if a trust anchor names the zone."""
        if voucher.verb is not Verb.TRUSTS or not found.signatures:
            return super().key_set_signed(voucher, found, entries)
        return Attempt(found.signatures[0], entries[0].key, entries[0].checks)


class MissingDs(Validator):
    """Takes a zone for unsigned when a reply holds no DS for it. Whether the parent has proven that is not asked."""

    def prove_no_ds(self, parent: ProvenZone, cut: Name, records: Records | None) -> ProvenZone:
        """Return an unsigned zone if no proof came at all; a proof that did come is checked."""
        if records is None or any(records.denials()):
            return super().prove_no_ds(parent, cut, records)
        diagnosis = self.diagnosis("insecure-delegation", show_name(cut), parent.zone, cut)
        return unsigned(cut, diagnosis, parent.links, parent.expires)


class AnyKeyOfTheSet(Validator):
    """Verifies a zone's DNSKEY RRset with any key in it. Whether it was the key that the DS names is not asked."""

    def key_set_signed(self, voucher: Voucher, found: SignedSet, entries: Sequence[Match]) -> Attempt:
        """Return the first signature by any of the keys, below the trust anchors."""
        tried = try_all(found, voucher.zone, keys_in(found), self.rules(), self.now, self.policy, self.work)
        if voucher.verb is Verb.TRUSTS or not tried[-1].passed:
            return super().key_set_signed(voucher, found, entries)
        return tried[-1]._replace(key=entries[0].key)


class NoDigest(Validator):
    """Finds the key that a DS names by tag and algorithm. The digest is not compared."""

    def entry_keys(self, voucher: Voucher, found: SignedSet) -> list[Match]:
        """Return the usable keys that a DS points to."""
        usable = [key for key in keys_in(found) if all(step(key).passed for step in self.rules().of_key)]
        pairs = delegation.pairs(voucher.named, usable)
        held = [Match(named, key, (check("ds-tag-matches", True),)) for named, key in pairs]
        return held or super().entry_keys(voucher, found)


class NoKeysNoTrouble(Validator):
    """Takes a zone for unsigned when nobody answers the question for its keys, though the DS says that it is signed."""

    def no_keys(self, voucher: Voucher) -> ProvenZone:
        """Return an unsigned zone."""
        diagnosis = self.diagnosis("reply-received", f"{show_name(voucher.zone)} DNSKEY", None, voucher.zone)
        return unsigned(voucher.zone, diagnosis, voucher.links, voucher.expires)


# ---- one RRset ------------------------------------------------------------------------------------------------------


class StrippedSignature(Validator):
    """Hands on an answer without a signature as insecure, though its zone is signed."""

    def judge_rrset(self, found: SignedSet, records: Records) -> SecurityStatus:
        """Accept the RRset unsigned if no signature came with it."""
        if found.signatures:
            return super().judge_rrset(found, records)
        return self.accept_unsigned(self.containing_zone(found), boxes.rrset_item(None, found.rrset))


class FirstSignature(Validator):
    """Reads the fields of the first RRSIG that came, even if it is another one that has verified."""

    def verified(self, found: SignedSet, zone: ProvenZone, box: Item, tried: Sequence[Attempt]) -> Verified:
        """Return what was verified, with the first signature in the place of the good one."""
        return super().verified(found, zone, box, tried)._replace(rrsig=found.signatures[0])


class RevokedKey(Validator):
    """Goes on using a key that its owner has revoked."""

    def rules(self) -> Rules:
        """Return the checks of a signature and its key, but for the REVOKE bit."""
        rules = super().rules()
        return rules._replace(of_key=[step for step in rules.of_key if step is not not_revoked])


class NoCalendar(Validator):
    """Does not look at a signature's inception and expiration."""

    def rules(self) -> Rules:
        """Return the checks of a signature and its key, but for those that need the time."""
        rules = super().rules()
        return rules._replace(
            of_signature=[step for step in rules.of_signature if step not in (not_expired, not_early)]
        )


class NoTtlCap(Validator):
    """Lets an RRset be kept for as long as its TTL says, which nobody signs; the signature's own limits don't count."""

    def ttl_cap(self, found: SignedSet, rrsig: RRSIG) -> int:
        """Return the TTL that came with the RRset."""
        return found.rrset.ttl


# ---- the ladder -----------------------------------------------------------------------------------------------------

LEVELS: tuple[Level, ...] = (
    Level(
        1, "any zone may sign", "The signer's name need not be the zone that contains the RRset.",
        "PowerDNS Recursor, CVE-2017-15090; RFC 4035 §5.3.1", "signer-encloses-name", AnySigner),
    Level(
        2, "a DS without signature", "A DS RRset is believed without the parent's signature over it.",
        "RFC 4035 §5.2", "signature-present", UnsignedDs),
    Level(
        3, "the anchor is among them", "The root's keys are all accepted when the trust anchor's key is one of them.",
        "Hickory DNS, CVE-2025-25188; RFC 4035 §5", "signed-by-trusted-key", AnchorIsPresent),
    Level(
        4, "no DS, no question", "A missing DS is believed without the proof that there is none.",
        "RFC 4035 §5.2", "ds-or-denial-received", MissingDs),
    Level(
        5, "no signature, no question", "An answer without signature is accepted from a signed zone.",
        "systemd-resolved, CVE-2023-7008; RFC 4035 §5.5", "signature-present", StrippedSignature),
    Level(
        6, "the first of two signatures", "What a signature says is read from the first one, not from the good one.",
        "RFC 4035 §5.3.3", "nothing-closer", FirstSignature),
    Level(
        7, "signed by one of them", "A zone's keys are accepted when any of them has signed them all.",
        "Hickory DNS, CVE-2025-25188 (second variant); RFC 4035 §5.2", "signed-by-trusted-key", AnyKeyOfTheSet),
    Level(
        8, "the parent denies the child", "A parent's NSEC record at a zone cut may deny names of the child.",
        "Knot Resolver, CVE-2018-1000002; RFC 6840 §4.1", "nsec-not-from-above", ParentDeniesChild),
    Level(
        9, "some wildcard is denied", "A name is denied together with a wildcard at any ancestor, not at the closest.",
        "RFC 4035 §5.4, RFC 4592 §3.3.1", "nsec-denies-wildcard", AnyWildcard),
    Level(
        10, "every gap opts out", "An NSEC3 gap without Opt-Out is taken for the proof of an unsigned delegation.",
        "RFC 5155 §8.6", "nsec3-opt-out", EveryGapOptsOut),
    Level(
        11, "a key taken back", "A key with the REVOKE bit still verifies. Real resolvers differ here.",
        "RFC 5011 §2.1", "key-not-revoked", RevokedKey),
    Level(
        12, "the tag will do", "A key is the one that a DS names if tag and algorithm fit; the digest is not compared.",
        "RFC 4035 §5.2", "ds-digest-matches", NoDigest),
    Level(
        13, "a wildcard fits everywhere", "A wildcard's answer needs no proof that the name has nothing of its own.",
        "RFC 4035 §5.3.4", "nothing-closer", WildcardUnproven),
    Level(
        14, "silence means unsigned", "A zone whose keys cannot be had counts as unsigned.",
        "RFC 4035 §4.3", "reply-received", NoKeysNoTrouble),
    Level(
        15, "no calendar", "Inception and expiration of signatures are ignored.",
        "RFC 4035 §5.3.1", "signature-not-expired", NoCalendar),
    Level(
        16, "the sender sets the clock", "The TTL that came is not capped by the signature: original TTL, expiration.",
        "RFC 4035 §5.3.3", "", NoTtlCap),
)  # fmt: skip
