"""Verifying: one RRset with the keys of its zone, and one denial with the NSEC records of its zone.

It knows: a zone whose keys are proven, and one message.
It must not know: how the zone came to be proven (walk.py), or what the answer as a whole comes to (chain.py).
Follows RFC 4035 §5.3 (RRsets), §5.3.3 (TTL), §5.4 (denial).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from dns.name import Name
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.ANY.RRSIG import RRSIG

from ..protocol import dnssec
from ..protocol.messages import Question
from ..protocol.names import show_name
from ..protocol.trust import Check, Diagnosis, Item, ItemKind, Link, LinkStatus, ProvenZone, SecurityStatus, Verb
from . import boxes, signatures
from .denial import Part, Proof, Record, Shows
from .diagnoses import check, diagnose
from .limits import Limits, Work, WorkLimitExceeded
from .nsec3_denial import Nsec3Denial
from .nsec_denial import NsecDenial
from .policy import Policy
from .records import Records, SignedSet
from .signatures import Attempt

Denial = NsecDenial | Nsec3Denial


class Broken(Exception):
    """The walk ends here: caught by `Validator.judge`, which writes the verdict down."""

    def __init__(self, status: SecurityStatus, links: tuple[Link, ...], diagnosis: Diagnosis):
        super().__init__(diagnosis.rule)
        self.status, self.links, self.diagnosis = status, links, diagnosis


class Verified(NamedTuple):
    """An RRset whose signature holds."""

    found: SignedSet
    rrsig: RRSIG
    links: tuple[Link, ...]  # from the trust anchor to its box
    ttl: int  # seconds for which it may be kept (RFC 4035 §5.3.3)
    failed: tuple[RRSIG, ...]  # signatures that were tried before and failed

    @property
    def expanded(self) -> bool:
        """Return whether it was made from a wildcard: fewer labels are signed than its name has (§5.3.4)."""
        return self.rrsig.labels < dnssec.label_count(self.found.rrset.name)


class Proven(NamedTuple):
    """What denials have shown, and the links to their boxes and from them."""

    shows: Shows
    links: tuple[Link, ...]
    denials: tuple[Verified, ...]  # the records that the proof uses
    rule: str = ""  # if UNSIGNED: why

    def permits_unsigned(self) -> tuple[Link, ...]:
        """Return the links of the proof that there is no DS, as a permission for unsigned data."""
        return tuple(
            replace(link, verb=Verb.PERMITS_UNSIGNED, status=LinkStatus.INSECURE) if link.verb is Verb.DENIES else link
            for link in self.links
        )


class Verifying:
    """The steps that deal with one RRset or one denial; ZoneWalk and Validator build on them."""

    now: int
    limits: Limits
    policy: Policy
    work: Work
    _read: dict[Question, Records]  # every reply received, by its question

    # ---- one RRset (RFC 4035 §5.3) ---------------------------------------------------------------------------

    def verify(self, found: SignedSet, zone: ProvenZone, item: Item) -> Verified:
        """Verify an RRset with the keys of the zone that contains it; any one good signature suffices.

        Raises:
            Broken: No signature holds. The link that failed is the attempt that came furthest.
        """
        tried: list[Attempt] = []
        try:
            for attempt in self.attempts(found, zone):
                tried.append(attempt)
                if attempt.passed:
                    return self.verified(found, zone, item, tried)
        except WorkLimitExceeded as exceeded:
            tried = [Attempt(None, None, (check("work-limit", False, str(exceeded)),))]
        failed = signatures.furthest(tried)
        source = self.signing_key(zone, failed)
        path = boxes.path_to(zone, source)
        raise self.broken(path, source, Verb.SIGNS, item, failed.checks, signature=failed.rrsig)

    def attempts(self, found: SignedSet, zone: ProvenZone) -> Iterator[Attempt]:
        """Yield the attempts to verify an RRset, one for each signature and key that may fit."""
        keys = [key for key in zone.keys if isinstance(key, DNSKEY)]
        return signatures.attempts(found, zone.zone, keys, self.now, self.policy, self.work, self.signature_steps())

    def signature_steps(self) -> Sequence[signatures.Step]:
        """Return the checks of one signature in the order of RFC 4035 §5.3.1, up to the look for its key."""
        return signatures.STEPS

    def verified(self, found: SignedSet, zone: ProvenZone, item: Item, tried: Sequence[Attempt]) -> Verified:
        """Return what an RRset's good signature, the last one tried, says of it."""
        links: list[Link] = []
        for attempt in tried:
            source = self.signing_key(zone, attempt)
            status = LinkStatus.PASSED if attempt.passed else LinkStatus.NOT_USED
            expires = self.now + self.ttl_cap(found, attempt.rrsig) if attempt.passed and attempt.rrsig else None
            links += boxes.path_to(zone, source)
            links.append(Link(source, Verb.SIGNS, item, status, attempt.checks, attempt.rrsig, expires))
        rrsig = tried[-1].rrsig
        assert rrsig is not None
        failed = tuple(attempt.rrsig for attempt in tried[:-1] if attempt.rrsig)
        return Verified(found, rrsig, boxes.once(links), self.ttl_cap(found, rrsig), failed)

    def ttl_cap(self, found: SignedSet, rrsig: RRSIG) -> int:
        """Return for how many seconds an RRset may be kept: the least of four numbers (RFC 4035 §5.3.3)."""
        left = dnssec.seconds_until(rrsig.expiration, self.now)
        received = found.rrsigs.ttl if found.rrsigs is not None else 0
        return max(0, min(found.rrset.ttl, received, rrsig.original_ttl, left))

    def signing_key(self, zone: ProvenZone, attempt: Attempt) -> Item:
        """Return the box of the key that signed; if no key fits, of the one that should have signed."""
        if attempt.key is not None:
            return boxes.key_item(zone.zone, attempt.key)
        keys = [key for key in zone.keys if isinstance(key, DNSKEY) and key.flags & dnssec.ZONE_KEY]
        entries = {link.target.id for link in zone.links if link.verb in (Verb.TRUSTS, Verb.VOUCHES_FOR)}
        items = [boxes.key_item(zone.zone, key) for key in keys]
        return next((item for item in items if item.id not in entries), items[0])

    # ---- one denial (RFC 4035 §5.4) --------------------------------------------------------------------------

    def prove(self, zone: ProvenZone, records: Records, target: Item, ask: Callable[[Denial], Proof]) -> Proven:
        """Ask the denials in a reply for a proof, after their signatures were verified.

        Args:
            target: The box of what is denied.
            ask: Which proof: `lambda denial: denial.no_name(name)`.
        Raises:
            Broken: There is no proof.
        """
        try:
            return self.prove_with(zone, records.denials(), target, ask)
        except Broken as broken:
            others = [denial for each in self._read.values() if each is not records for denial in each.denials()]
            if not others:
                raise
            try:  # a signed denial is true, whichever reply brought it
                return self.prove_with(zone, [*records.denials(), *others], target, ask)
            except Broken:
                raise broken from None

    def prove_with(
        self, zone: ProvenZone, received: Sequence[SignedSet], target: Item, ask: Callable[[Denial], Proof]
    ) -> Proven:
        """Ask NSEC and NSEC3 records for a proof."""
        verified, failures = self.verified_denials(zone, received)
        proofs: list[Proof] = []
        for denial in self.denials_of(zone, list(verified)):
            try:
                proofs.append(ask(denial))
            except WorkLimitExceeded as exceeded:
                limit = check("work-limit", False, str(exceeded))
                proofs.append(Proof(Shows.NOTHING, (Part(denial.records[0], Verb.DENIES, (limit,)),)))
            if proofs[-1].shows is not Shows.NOTHING:
                return self.linked(zone, proofs[-1], verified, target)
        if failures:
            raise failures[0]
        if not proofs:
            raise self.no_denial(zone, target)
        return self.linked(zone, proofs[0], verified, target)

    def denials_of(self, zone: ProvenZone, records: Sequence[Record]) -> Iterator[Denial]:
        """Yield what answers questions about absence from verified records: by NSEC, by NSEC3."""
        by_name = [record for record in records if record.rdata.rdtype == RdataType.NSEC]
        by_hash = [record for record in records if record.rdata.rdtype == RdataType.NSEC3]
        if by_name:
            yield NsecDenial(zone.zone, by_name)
        if by_hash:
            yield Nsec3Denial(zone.zone, by_hash, self.policy, self.work)

    def verified_denials(
        self, zone: ProvenZone, received: Sequence[SignedSet]
    ) -> tuple[dict[Record, Verified], list[Broken]]:
        """Verify NSEC and NSEC3 records; return the good ones, and why others are not."""
        good: dict[Record, Verified] = {}
        failures: list[Broken] = []
        for found in received[: self.limits.denials]:
            record = Record(found.rrset.name, found.rrset[0])
            item = boxes.denial_item(zone.zone, record)
            try:
                verified = self.verify(found, zone, item)
                self.must_not_be_expanded(verified)
                good[record] = verified
            except Broken as broken:
                failures.append(broken)
        return good, failures

    def must_not_be_expanded(self, verified: Verified) -> None:
        """Refuse a denial that was made from a wildcard: moved to another name, its gap would lie elsewhere."""
        if verified.expanded:
            *path, last = verified.links
            failed = check("denial-not-expanded", False, f"{verified.rrsig.labels} labels are signed")
            raise self.broken(tuple(path), last.source, last.verb, last.target, (*last.checks, failed))

    def linked(self, zone: ProvenZone, proof: Proof, verified: dict[Record, Verified], target: Item) -> Proven:
        """Return a proof as links: key signs denial, for each record used; denial denies, for each part."""
        used = tuple({part.record: verified[part.record] for part in proof.parts}.values())
        links = [link for denial in used for link in denial.links]
        for part in _merged(proof.parts):
            box = boxes.denial_item(zone.zone, part.record)
            if proof.shows is Shows.NOTHING and not part.holds:
                raise self.broken(boxes.once(links), box, part.verb, target, part.checks)
            expires = self.now + verified[part.record].ttl
            links.append(Link(box, part.verb, target, _ending(part.verb, target), part.checks, expires=expires))
        return Proven(proof.shows, boxes.once(links), used, proof.rule)

    def no_denial(self, zone: ProvenZone, target: Item) -> Broken:
        """Return the end of a walk for which a denial was needed and none came."""
        key = self.signing_key(zone, Attempt(None, None, ()))
        path = boxes.path_to(zone, key)
        if target.kind is ItemKind.RRSET:
            missing = (check("nothing-closer", False, "no NSEC record came with it"),)
            return self.broken(path, key, Verb.SIGNS, target, missing)
        rule = "ds-or-denial-received" if target.rdtype == RdataType.DS else "denial-received"
        box = boxes.absent_denial_item(zone.zone, target.owner)
        missing = (check(rule, False, "no NSEC or NSEC3 record came"),)
        return self.broken(path, key, Verb.SIGNS, box, missing, about=target)

    # ---- the end of a walk -----------------------------------------------------------------------------------

    def broken(
        self,
        path: tuple[Link, ...],
        source: Item,
        verb: Verb,
        target: Item,
        checks: tuple[Check, ...],
        signature: RRSIG | None = None,
        about: Item | None = None,
    ) -> Broken:
        """Return the end of a walk: the links so far, the one that failed, and what that means.

        Args:
            about: What the sentence speaks of, if not of the target.
        """
        failed = Link(source, verb, target, LinkStatus.FAILED, checks, signature)
        zone = target.owner if verb in (Verb.TRUSTS, Verb.VOUCHES_FOR) else source.zone
        diagnosis = self.diagnosis(checks[-1].rule, boxes.in_words(about or target), zone, target.owner)
        return Broken(SecurityStatus.BOGUS, (*path, failed), diagnosis)

    def diagnosis(self, rule: str, what: str, zone: Name | None, owner: Name) -> Diagnosis:
        """Return what a rule means for these records."""
        return diagnose(rule, what=what, zone=show_name(zone or owner), owner=show_name(owner))


def _merged(parts: Sequence[Part]) -> list[Part]:
    """Return the parts of a proof, those of one record and verb as one: a link is drawn once."""
    merged: dict[tuple[Record, Verb], Part] = {}
    for part in parts:
        known = merged.get((part.record, part.verb))
        merged[part.record, part.verb] = part._replace(checks=known.checks + part.checks) if known else part
    return list(merged.values())


def _ending(verb: Verb, target: Item) -> LinkStatus:
    if verb is Verb.PERMITS_UNSIGNED:
        return LinkStatus.INSECURE
    return LinkStatus.PASSED if target.kind is ItemKind.RRSET else LinkStatus.NOT_THERE
