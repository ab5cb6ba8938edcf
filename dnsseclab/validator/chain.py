"""The chain of trust: from evidence to a verdict on one answer, with every step that led to it.

It knows: the question, what was received, the trust anchors, the moment. `validate` is the door; `Validator` has one
method for each step, so that a lesson (or a mistake) can replace exactly one.
It must not know: how evidence is gathered, who sent it, or what a client is told.
Follows RFC 4035 §5 (and §4.3 for the four states), RFC 6840, RFC 6672 §5.3.1 (DNAME); denials: denial.py.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import dns.exception
import dns.name
import dns.rrset
from dns.name import Name
from dns.rdatatype import RdataType
from dns.rrset import RRset

from ..protocol.evidence import Evidence
from ..protocol.messages import Question
from ..protocol.trust import (
    ChainOfTrust,
    Diagnosis,
    Item,
    ItemKind,
    Link,
    LinkStatus,
    ProvenZone,
    SecurityStatus,
    Verb,
)
from . import boxes, unreached
from .denial import Shows
from .diagnoses import check
from .limits import Limits
from .policy import Policy
from .records import Records, SignedSet
from .verifying import Broken, Proven, Verified
from .walk import Lacking, ZoneWalk, names_between

ALIAS_IS_ANSWER = (RdataType.CNAME, RdataType.ANY)  # questions that an alias does not lead on
DEFAULT_LIMITS = Limits()
DEFAULT_POLICY = Policy()


def validate(
    evidence: Evidence,
    trust_anchors: Sequence[RRset],
    now: int,
    limits: Limits = DEFAULT_LIMITS,
    policy: Policy = DEFAULT_POLICY,
    proven: Sequence[ProvenZone] = (),
) -> ChainOfTrust:
    """Return the chain of trust for `evidence.question`, as far as the evidence reaches.

    If `.needs` is not empty, ask those questions, add what comes (or NO_REPLY) to the evidence, and call again with
    `.proven`: what was proven is not proven twice. Nothing that a message may hold makes this raise.

    Args:
        evidence: The question, and every message received for it.
        trust_anchors: DS or DNSKEY RRsets, at any names; see `read_trust_anchors`.
        now: Epoch seconds.
        proven: Zones that earlier chains have proven.
    Returns:
        A ChainOfTrust. Its `validated` holds each secure RRset followed by the RRSIG RRset that came with it (without
        signatures that were tried and failed), so that a resolver can serve both; TTLs are capped.
    Source: RFC 4035 §5.
    """
    return Validator(evidence, trust_anchors, now, limits, policy, proven).judge()


class Validator(ZoneWalk):
    """The walk for one answer. One object judges once."""

    def __init__(
        self,
        evidence: Evidence,
        trust_anchors: Sequence[RRset],
        now: int,
        limits: Limits = DEFAULT_LIMITS,
        policy: Policy = DEFAULT_POLICY,
        proven: Sequence[ProvenZone] = (),
    ):
        super().__init__(evidence, trust_anchors, now, limits, policy, proven)
        self.links: list[Link] = []  # of all parts of the answer that are judged so far
        self.validated: list[RRset] = []
        self.caps: list[int] = []  # seconds; the least of them is the answer's cap
        self.reasons: list[Diagnosis] = []  # why parts are insecure
        self.part: tuple[Item, SignedSet | None] | None = None  # what is being judged: its box, its records

    def judge(self) -> ChainOfTrust:
        """Walk until the verdict is final, or until something is lacking."""
        try:
            return self.report(self.judge_answer())
        except Lacking as lacking:
            return self.report(SecurityStatus.INDETERMINATE, needs=lacking.questions)
        except Broken as broken:
            self.write_down(broken)
            return self.report(broken.status)

    # ---- the answer, alias by alias --------------------------------------------------------------------------

    def judge_answer(self) -> SecurityStatus:
        """Judge what the question leads to, from alias to alias; the whole is as good as its weakest part."""
        name, rdtype = self.evidence.question
        records = self.reply(self.evidence.question)
        statuses: list[SecurityStatus] = []
        passed = [name]
        while True:
            status, target = self.judge_part(name, rdtype, records)
            statuses.append(status)
            if target is None:
                return weakest(statuses)
            self.aliases_must_end(name, target, passed)
            passed.append(target)
            name, records = target, self.reply_for_target(target, rdtype, records)
            self.link_alias(name, rdtype, records, status)

    def judge_part(self, name: Name, rdtype: RdataType, records: Records) -> tuple[SecurityStatus, Name | None]:
        """Judge what a reply says about one name; return its status, and the name that an alias leads to."""
        found = records.answer.at(name) if rdtype == RdataType.ANY else _listed(records.answer.find(name, rdtype))
        alias = self.alias_at(name, records)
        if alias and alias.rrset.rdtype == RdataType.DNAME:
            status, target = self.judge_dname(name, alias, records)
            return status, target if rdtype not in ALIAS_IS_ANSWER or records.name_error else None
        if rdtype == RdataType.RRSIG:
            return self.judge_signatures(name, records), None
        if found:
            status = weakest([self.judge_rrset(each, records) for each in found])
            # A name that has records exists: NXDOMAIN can only speak of what an alias leads to (RFC 6604 §2.1).
            return status, alias.rrset[0].target if alias and records.name_error else None
        if alias:
            return self.judge_rrset(alias, records), alias.rrset[0].target
        return self.judge_absence(name, rdtype, records), None

    # ---- one part: an RRset, a DNAME, an absence --------------------------------------------------------------

    def judge_rrset(self, found: SignedSet, records: Records) -> SecurityStatus:
        """Judge one RRset: find its zone, verify its signature, and if it came from a wildcard demand the proof."""
        rrset = found.rrset
        self.judging(boxes.rrset_item(None, rrset), found)
        zone = self.zone_of(rrset.name, rrset.rdtype, [rrsig.signer for rrsig in found.signatures])
        box = boxes.rrset_item(zone.zone, rrset)
        if zone.status is not SecurityStatus.SECURE:
            return self.accept_unsigned(zone, box)
        verified = self.verify(found, zone, box)
        if not verified.expanded:
            return self.accept(verified)
        closer = self.prove_nothing_closer(zone, verified, box, records)
        return self.accept(verified, closer)

    def prove_nothing_closer(self, zone: ProvenZone, verified: Verified, box: Item, records: Records) -> Proven:
        """Demand the proof that a wildcard was the closest match: else it could stand in for any name (§5.3.4)."""
        owner, labels = verified.found.rrset.name, verified.rrsig.labels
        return self.prove(zone, records, box, lambda denial: denial.nothing_closer(owner, labels))

    def judge_dname(self, name: Name, found: SignedSet, records: Records) -> tuple[SecurityStatus, Name | None]:
        """Judge the DNAME above a name; the CNAME made from it needs no signature, but must fit (RFC 6672 §5.3.1)."""
        status = self.judge_rrset(found, records)
        target = substituted(name, found.rrset)
        alias = records.answer.find(name, RdataType.CNAME)
        if alias and target is not None and alias.rrset[0].target != target and status is SecurityStatus.SECURE:
            last = self.links[-1]
            said = f"CNAME {alias.rrset[0].target}\nDNAME {target}"
            failed = (check("dname-substitution", False, said),)
            raise self.broken((), last.target, Verb.LEADS_TO, boxes.rrset_item(last.target.zone, alias.rrset), failed)
        if alias and status is SecurityStatus.SECURE:
            self.keep(alias.rrset, self.caps[-1])
        return status, target

    def judge_signatures(self, name: Name, records: Records) -> SecurityStatus:
        """Judge the answer to a question for RRSIG: signatures are not signed, so they are insecure at best."""
        self.reasons.append(self.diagnosis("signatures-are-unsigned", str(self.evidence.question), None, name))
        return SecurityStatus.INSECURE

    def judge_absence(self, name: Name, rdtype: RdataType, records: Records) -> SecurityStatus:
        """Judge a reply without the data: the zone must prove that the name or the type does not exist (§5.4)."""
        denied = RdataType.NONE if records.name_error else rdtype
        self.judging(boxes.absence_item(None, name, denied), None)
        zone = self.zone_of(name, rdtype, records.denial_signers(name))
        box = boxes.absence_item(zone.zone, name, denied)
        if zone.status is not SecurityStatus.SECURE:
            return self.accept_unsigned(zone, box)
        if records.name_error:
            proven = self.prove(zone, records, box, lambda denial: denial.no_name(name))
        else:
            proven = self.prove(zone, records, box, lambda denial: denial.no_type(name, rdtype))
        soa = records.authority.find(zone.zone, RdataType.SOA)
        if soa:  # it tells for how long the absence may be kept, so nobody may have changed it
            verified = self.verify(soa, zone, boxes.rrset_item(zone.zone, soa.rrset))
            self.keep_verified(verified)
        return self.accept_proof(proven)

    # ---- what is accepted ------------------------------------------------------------------------------------

    def accept(self, verified: Verified, closer: Proven | None = None) -> SecurityStatus:
        """Keep a verified RRset, and the proof that belongs to it if it came from a wildcard."""
        self.links += verified.links
        self.keep_verified(verified)
        return self.accept_proof(closer) if closer else SecurityStatus.SECURE

    def accept_proof(self, proven: Proven) -> SecurityStatus:
        """Keep a proof of absence; one that rests on opt-out leaves the answer insecure (RFC 5155 §9.2)."""
        self.links += proven.links
        for denial in proven.denials:
            self.keep_verified(denial)
        if proven.shows is not Shows.UNSIGNED:
            return SecurityStatus.SECURE
        last = proven.links[-1]
        what, owner = boxes.in_words(last.target), last.target.owner
        self.reasons.append(self.diagnosis(proven.rule, what, last.source.zone, owner))
        return SecurityStatus.INSECURE

    def accept_unsigned(self, zone: ProvenZone, box: Item) -> SecurityStatus:
        """Keep data that needs no signature: the links that permit it now point to it."""
        for link in zone.links:
            permits = link.verb is Verb.PERMITS_UNSIGNED
            self.links.append(Link(link.source, link.verb, box, link.status, link.checks) if permits else link)
        if zone.diagnosis:
            self.reasons.append(zone.diagnosis)
        return SecurityStatus.INSECURE

    def keep_verified(self, verified: Verified) -> None:
        """Keep an RRset and its signatures for the cache, with the TTL that both may have (§5.3.3)."""
        self.keep(verified.found.rrset, verified.ttl)
        if verified.found.rrsigs is not None:
            rrsigs = [rrsig for rrsig in verified.found.rrsigs if rrsig not in verified.failed]
            self.keep(dns.rrset.from_rdata_list(verified.found.rrset.name, verified.ttl, rrsigs), verified.ttl)

    def keep(self, rrset: RRset, ttl: int) -> None:
        """Keep one RRset with a TTL in seconds."""
        kept = rrset.copy()
        kept.ttl = ttl
        self.validated.append(kept)
        self.caps.append(ttl)

    # ---- from one alias to the next ---------------------------------------------------------------------------

    def reply(self, question: Question) -> Records:
        """Return the reply that holds the answer; without one nothing can be said (RFC 4035 §4.3)."""
        records = self.received(question)
        if records is None:
            diagnosis = self.diagnosis("reply-received", str(question), None, question.name)
            raise Broken(SecurityStatus.INDETERMINATE, (), diagnosis)
        return records

    def reply_for_target(self, target: Name, rdtype: RdataType, records: Records) -> Records:
        """Return the reply about an alias's target: its own, or the one that holds the alias if it goes on there."""
        question = Question(target, rdtype)
        if self.evidence.get(*question) is None:
            answer = records.answer
            soa_above = any(target.is_subdomain(soa.rrset.name) for soa in records.authority.of_type(RdataType.SOA))
            if answer.find(target, rdtype) or self.alias_at(target, records) or soa_above:
                return records
        return self.reply(question)

    def aliases_must_end(self, name: Name, target: Name, passed: Sequence[Name]) -> None:
        """Refuse aliases that lead in a circle, or too far."""
        rule = "alias-ends" if target in passed else "work-limit" if len(passed) > self.limits.aliases else None
        if rule:
            last = self.links[-1].target if self.links else boxes.absence_item(None, name, RdataType.CNAME)
            box = boxes.absence_item(None, target, self.evidence.question.rdtype)
            raise self.broken((), last, Verb.LEADS_TO, box, (check(rule, False, f"{len(passed)} aliases"),))

    def link_alias(self, name: Name, rdtype: RdataType, records: Records, status: SecurityStatus) -> None:
        """Link an alias to what it leads to."""
        if not self.links:
            return
        found = records.answer.find(name, rdtype) or self.alias_at(name, records)
        denied = RdataType.NONE if records.name_error else rdtype
        box = boxes.rrset_item(None, found.rrset) if found else boxes.absence_item(None, name, denied)
        ended = LinkStatus.PASSED if status is SecurityStatus.SECURE else LinkStatus.INSECURE
        alias = next(link.target for link in reversed(self.links) if link.target.kind is ItemKind.RRSET)
        self.links.append(Link(alias, Verb.LEADS_TO, box, ended))

    # ---- the report -------------------------------------------------------------------------------------------

    def judging(self, box: Item, found: SignedSet | None) -> None:
        """Note which part of the answer is being judged, for the picture of what lies below a break."""
        self.part = (box, found)

    def write_down(self, broken: Broken) -> None:
        """Add the links of a walk that ended, and below them what was not reached any more."""
        self.reasons = [broken.diagnosis]
        if not broken.links:
            return
        *path, last = broken.links
        answer, found = self.part or (last.target, None)
        if last.target.kind is ItemKind.ABSENCE and last.target.id != answer.id:  # no proof that a DS is missing
            last = replace(last, verb=Verb.PERMITS_UNSIGNED, target=answer)
        self.links += [*path, last]
        cuts = [cut for cut in names_between(last.target.owner, answer.owner) if cut in self.suspected]
        self.links += unreached.links_below(last, answer, found, cuts, self.find_unchecked)

    def find_unchecked(self, name: Name, rdtype: RdataType) -> SignedSet | None:
        """Return an RRset that was received in reply to its question."""
        records = self._read.get(Question(name, rdtype))
        return records.answer.find(name, rdtype) if records else None

    def report(self, status: SecurityStatus, needs: tuple[Question, ...] = ()) -> ChainOfTrust:
        """Return all that was found out."""
        good = status in (SecurityStatus.SECURE, SecurityStatus.INSECURE)
        return ChainOfTrust(
            question=self.evidence.question,
            status=status,
            links=boxes.settled(boxes.once(self.links)),
            diagnosis=self.reasons[0] if self.reasons and not needs else None,
            ttl=min(self.caps) if self.caps and good else None,
            validated=tuple(self.validated) if good else (),
            needs=needs,
            proven=tuple(self.zones.values()),
            work=dict(self.work.done),
        )


def substituted(name: Name, dname: RRset) -> Name | None:
    """Return the name that a DNAME makes of a name below it; None if that is too long (RFC 6672 §2.2)."""
    try:
        return name.relativize(dname.name).concatenate(dname[0].target)
    except dns.exception.DNSException:
        return None


def weakest(statuses: Iterable[SecurityStatus]) -> SecurityStatus:
    """Return INSECURE if any part is, else SECURE; a bogus part has ended the walk before."""
    return SecurityStatus.INSECURE if SecurityStatus.INSECURE in list(statuses) else SecurityStatus.SECURE


def _listed(found: SignedSet | None) -> list[SignedSet]:
    return [found] if found else []
