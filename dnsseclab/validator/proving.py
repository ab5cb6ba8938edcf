"""Proving that something does not exist, with the NSEC and NSEC3 records that came.

It knows: a zone whose keys are proven, a reply, and which question to put to its denials.
It must not know: how a denial answers (nsec_denial.py, nsec3_denial.py), or what follows from the answer.
Follows RFC 4035 §5.4; and as RFC 8198 §5.1: a signed denial is true, whichever reply brought it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from dns import rdatatype

from ..protocol.trust import Item, ItemKind, Link, LinkStatus, ProvenZone, Verb
from . import boxes
from .case import Broken
from .denial import Part, Proof, Record, Shows
from .diagnoses import check
from .limits import WorkLimitExceeded
from .nsec3_denial import Nsec3Denial
from .nsec_denial import NsecDenial
from .records import Records, SignedSet
from .verifying import Verified, Verifying, signing_key

Denial = NsecDenial | Nsec3Denial
Ask = Callable[[Denial], Proof]  # which proof: `lambda denial: denial.no_name(name)`


class Proven(NamedTuple):
    """What denials have shown, and the links to their boxes and from them."""

    shows: Shows
    links: tuple[Link, ...]
    denials: tuple[Verified, ...]  # the records that the proof uses
    rule: str = ""  # if UNSIGNED: why
    exists: bool = False  # the name is there after all, and has not the type

    def permits_unsigned(self) -> tuple[Link, ...]:
        """Return the links of the proof that there is no DS, as a permission for unsigned data."""
        return tuple(
            link._replace(verb=Verb.PERMITS_UNSIGNED, status=LinkStatus.INSECURE) if link.verb is Verb.DENIES else link
            for link in self.links
        )


class Proving(Verifying):
    """The steps that deal with one denial."""

    def prove(self, zone: ProvenZone, records: Records | None, target: Item, ask: Ask) -> Proven:
        """Ask the denials in a reply for a proof; if that fails, all that came.

        Args:
            records: The reply; None: there was none, but another may have brought the proof.
            target: The box of what is denied.
        Raises:
            Broken: There is no proof.
        """
        own = list(records.denials()) if records else []
        try:
            return self.prove_with(own, zone, target, ask)
        except Broken as broken:
            replies = (reply for reply in self.replies.values() if reply and reply is not records)
            others = [denial for reply in replies for denial in reply.denials()]
            if not others:
                raise
            try:
                return self.prove_with([*own, *others], zone, target, ask)
            except Broken:
                raise broken from None

    def prove_with(self, received: Iterable[SignedSet], zone: ProvenZone, target: Item, ask: Ask) -> Proven:
        """Ask NSEC and NSEC3 records for a proof, after their signatures were verified."""
        verified, failures = self.verified_denials(zone, received)
        proofs: list[Proof] = []
        for denial in self.denials_of(zone, list(verified)):
            try:
                proofs.append(ask(denial))
            except WorkLimitExceeded as exceeded:
                limit = Part(denial.records[0], Verb.DENIES, (check("work-limit", False, str(exceeded)),))
                proofs.append(Proof(Shows.NOTHING, (limit,)))
            if proofs[-1].shows is not Shows.NOTHING:
                return self.linked(zone, proofs[-1], verified, target)
        if failures:
            raise failures[0]
        if not proofs:
            raise self.no_denial(zone, target)
        return self.linked(zone, proofs[0], verified, target)

    def verified_denials(
        self, zone: ProvenZone, received: Iterable[SignedSet]
    ) -> tuple[dict[Record, Verified], list[Broken]]:
        """Verify NSEC and NSEC3 records; return the good ones, and why others are not."""
        good: dict[Record, Verified] = {}
        failures: list[Broken] = []
        for found in islice(received, self.limits.denials):
            record = Record(found.rrset.name, found.rrset[0])
            try:
                verified = self.verify(found, zone, boxes.denial_item(zone.zone, record))
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
            raise self.broken(tuple(path), last.source, last.verb, last.target, (*last.checks, failed), verified.rrsig)

    def denials_of(self, zone: ProvenZone, records: Sequence[Record]) -> Iterator[Denial]:
        """Yield what answers questions about absence from verified records: by NSEC, by NSEC3."""
        by_name = [record for record in records if record.rdata.rdtype == rdatatype.NSEC]
        by_hash = [record for record in records if record.rdata.rdtype == rdatatype.NSEC3]
        if by_name:
            yield NsecDenial(zone.zone, by_name)
        if by_hash:
            yield Nsec3Denial(zone.zone, by_hash, self.policy, self.work)

    def linked(self, zone: ProvenZone, proof: Proof, verified: dict[Record, Verified], target: Item) -> Proven:
        """Return a proof as links: key signs denial, for each record used; denial denies, for each part."""
        used = tuple({part.record: verified[part.record] for part in proof.parts}.values())
        links = [link for denial in used for link in denial.links]
        for part in _merged(proof.parts):
            box = verified[part.record].links[-1].target
            if proof.shows is Shows.NOTHING and not part.holds:
                raise self.broken(boxes.once(links), box, part.verb, target, part.checks)
            expires = self.now + verified[part.record].ttl
            links.append(Link(box, part.verb, target, _ending(part.verb, target), part.checks, expires=expires))
        return Proven(proof.shows, boxes.once(links), used, proof.rule, proof.exists)

    def no_denial(self, zone: ProvenZone, target: Item) -> Broken:
        """Return the end of a walk for which a denial was needed and none came."""
        key = signing_key(zone)
        path = boxes.path_to(zone, key)
        if target.kind is ItemKind.RRSET:  # made from a wildcard
            missing = check("nothing-closer", False, "no NSEC or NSEC3 record came with it")
            return self.broken(path, key, Verb.SIGNS, target, (missing,))
        rule = "ds-or-denial-received" if target.rdtype == rdatatype.DS else "denial-received"
        missing = check(rule, False, "no NSEC or NSEC3 record came")
        box = boxes.absent_denial_item(zone.zone, target.owner)
        return self.broken(path, key, Verb.SIGNS, box, (missing,), about=target)


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
