"""The chain of trust: from evidence to a verdict on one answer, with every step that led to it.

`validate` is the door. `Validator` has one method for each step, so that a lesson (or a mistake) can replace exactly
one. The steps stand in seven files, each class building on the one before it:

    case.py       Case        what was received, and how a walk ends early
    verifying.py  Verifying   one RRset, with the keys of its zone                  RFC 4035 §5.3
    proving.py    Proving     one denial: NSEC and NSEC3                            RFC 4035 §5.4, RFC 5155 §8
    zone_keys.py  ZoneKeys    from a trust anchor or a DS to a zone's keys          RFC 4035 §5.2
    walk.py       ZoneWalk    from zone to zone, down to the one with the answer    RFC 4035 §5.2
    ledger.py     Ledger      what is accepted, and the report                      RFC 4035 §5.3.3
    chain.py      Validator   the answer, alias by alias                            RFC 4035 §5, §4.3

It knows: the question, what was received, the trust anchors, the moment.
It must not know: how evidence is gathered, who sent it, or what a client is told.
"""

from collections.abc import Iterable, Sequence
from functools import partial

import dns.exception
from dns import rdatatype
from dns.name import Name
from dns.rdatatype import RdataType
from dns.rrset import RRset

from ..protocol.evidence import Evidence
from ..protocol.messages import Question
from ..protocol.names import show_name
from ..protocol.trust import ChainOfTrust, Item, Link, LinkStatus, ProvenZone, SecurityStatus, Verb
from . import boxes
from .case import Broken, Lacking
from .denial import Proof
from .diagnoses import check
from .ledger import DEFAULT_LIMITS, DEFAULT_POLICY, Ledger
from .limits import Limits
from .policy import Policy
from .proving import Denial, Proven
from .records import Records, SignedSet
from .verifying import Verified
from .walk import alias_at

ALIAS_IS_ANSWER = (rdatatype.CNAME, rdatatype.ANY)  # questions that an alias does not lead on


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


class Validator(Ledger):
    """The walk for one answer. One object judges once."""

    def judge(self) -> ChainOfTrust:
        """Walk until the verdict is final, or until something is lacking."""
        try:
            return self.report(self.judge_answer())
        except Lacking as lacking:
            return self.report(SecurityStatus.INDETERMINATE, needs=lacking.questions)
        except Broken as broken:
            self.write_down(broken)
            return self.report(broken.status)

    # ---- the answer, alias by alias ---------------------------------------------------------------------------

    def judge_answer(self) -> SecurityStatus:
        """Judge what the question leads to, from alias to alias; the whole is as good as its weakest part."""
        name, rdtype = self.question
        records = self.reply(self.question)
        weakest = SecurityStatus.SECURE
        passed = [name]
        while True:
            status, target = self.judge_part(name, rdtype, records)
            if status is not SecurityStatus.SECURE:
                weakest = status
            if target is None:
                return weakest
            self.aliases_must_end(target, passed)
            passed.append(target)
            name, records = target, self.reply_for_target(target, rdtype, records)
            self.link_alias(name, rdtype, records, status)

    def judge_part(self, name: Name, rdtype: RdataType, records: Records) -> tuple[SecurityStatus, Name | None]:
        """Judge what a reply says about one name; return its status, and the name that an alias leads to."""
        alias = alias_at(name, records)
        if alias and alias.rrset.rdtype == rdatatype.DNAME:
            status, target = self.judge_dname(name, alias, records)
            return status, target if target is not None and self.leads_on(target, rdtype) else None
        if rdtype == rdatatype.ANY and any(records.answer.at(name)):
            return self.judge_all(name, records), None
        if rdtype == rdatatype.RRSIG and any(rrsigs.name == name for rrsigs in records.answer.rrsigs):
            return self.judge_signatures(name), None
        found = records.answer.find(name, rdtype)
        if found and not (rdtype == rdatatype.CNAME and self.leads_on(found.rrset[0].target, rdtype)):
            return self.judge_rrset(found, records), None
        if alias:
            return self.judge_rrset(alias, records), alias.rrset[0].target
        return self.judge_absence(name, rdtype, records), None

    def leads_on(self, target: Name, rdtype: RdataType) -> bool:
        """Return whether an alias is followed; one that was asked for only if its target was looked up nevertheless.

        A server that says NXDOMAIN beside it speaks of the target (RFC 6604 §3), so that has to be proven as well.
        """
        return rdtype not in ALIAS_IS_ANSWER or Question(target, rdtype) in self.replies

    # ---- one part: an RRset, a DNAME, an absence --------------------------------------------------------------

    def judge_rrset(self, found: SignedSet, records: Records) -> SecurityStatus:
        """Judge one RRset: find its zone, verify its signature, and if it came from a wildcard demand the proof."""
        self.part = boxes.rrset_item(None, found.rrset), found
        zone = self.containing_zone(found)
        box = self.part[0]._replace(zone=zone.zone)
        if zone.status is not SecurityStatus.SECURE:
            return self.accept_unsigned(zone, box)
        verified = self.verify(found, zone, box)
        closer = self.prove_nothing_closer(zone, verified, box, records) if verified.expanded else None
        return self.accept(verified, closer)

    def containing_zone(self, found: SignedSet) -> ProvenZone:
        """Return the zone that contains an RRset: found by the walk, and not by what its signature says."""
        return self.zone_of(found.rrset.name, found.rrset.rdtype, found.signers)

    def judge_all(self, name: Name, records: Records) -> SecurityStatus:
        """Judge all that came for a question for ANY; nobody can tell whether it is everything (RFC 6840 §4.2)."""
        statuses = [self.judge_rrset(found, records) for found in records.answer.at(name)]
        return next((status for status in statuses if status is not SecurityStatus.SECURE), SecurityStatus.SECURE)

    def prove_nothing_closer(self, zone: ProvenZone, verified: Verified, box: Item, records: Records) -> Proven:
        """Demand the proof that a wildcard was the closest match: else it could stand in for any name (§5.3.4)."""
        owner, labels = verified.found.rrset.name, verified.rrsig.labels
        return self.prove(zone, records, box, lambda denial: denial.nothing_closer(owner, labels))

    def judge_dname(self, name: Name, found: SignedSet, records: Records) -> tuple[SecurityStatus, Name | None]:
        """Judge the DNAME above a name; the CNAME made from it needs no signature, but must fit (RFC 6672 §5.3.1)."""
        status = self.judge_rrset(found, records)
        target = substituted(name, found.rrset)
        alias = records.answer.find(name, rdatatype.CNAME)
        if alias and target is not None and status is SecurityStatus.SECURE:
            self.alias_must_fit(alias.rrset, target)
            self.keep(alias.rrset, self.caps[-1])
        return status, target

    def alias_must_fit(self, alias: RRset, target: Name) -> None:
        """Refuse a CNAME that its DNAME did not make: it is unsigned, so anybody could have written it."""
        said = alias[0].target
        if said == target:
            return
        dname = self.links[-1].target
        self.part = boxes.rrset_item(dname.zone, alias), None
        both = f"CNAME says: {show_name(said)}\nDNAME says: {show_name(target)}"
        raise self.broken((), dname, Verb.LEADS_TO, self.part[0], (check("dname-substitution", False, both),))

    def judge_signatures(self, name: Name) -> SecurityStatus:
        """Judge the answer to a question for RRSIG: signatures are not signed, so they are insecure at best."""
        self.reasons.append(self.diagnosis("signatures-are-unsigned", str(self.question), None, name))
        return SecurityStatus.INSECURE

    def judge_absence(self, name: Name, rdtype: RdataType, records: Records) -> SecurityStatus:
        """Judge a reply without the data: the zone must prove that the name or the type does not exist (§5.4)."""
        denied = rdatatype.NONE if records.name_error else rdtype
        self.part = boxes.absence_item(None, name, denied), None
        zone = self.zone_of(name, rdtype, records.denial_signers(name))
        box = self.part[0]._replace(zone=zone.zone)
        if zone.status is not SecurityStatus.SECURE:
            return self.accept_unsigned(zone, box)

        def ask(denial: Denial) -> Proof:
            no_type = partial(denial.no_type, name, rdtype)
            return denial.no_name_or(name, no_type) if records.name_error else no_type()

        proven = self.prove(zone, records, box, ask)
        self.check_soa(zone, records)
        return self.accept_proof(self.corrected(proven, box, rdtype) if proven.exists else proven)

    def corrected(self, proven: Proven, said: Item, rdtype: RdataType) -> Proven:
        """Return a proof that only a type is not there, as that, though the reply said NXDOMAIN."""
        self.existing.append(said.owner)
        shown = boxes.absence_item(said.zone, said.owner, rdtype)
        self.links = _pointing(self.links, said, shown)
        return proven._replace(links=tuple(_pointing(proven.links, said, shown)))

    def check_soa(self, zone: ProvenZone, records: Records) -> None:
        """Verify the SOA beside a denial: it says for how long the absence may be kept, so nobody may change it."""
        soa = records.authority.find(zone.zone, rdatatype.SOA)
        if soa:
            self.keep_verified(self.verify(soa, zone, boxes.rrset_item(zone.zone, soa.rrset)))

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
        if question not in self.replies:
            answer = records.answer
            soa_above = any(target.is_subdomain(soa.rrset.name) for soa in records.authority.of_type(rdatatype.SOA))
            if answer.find(target, rdtype) or alias_at(target, records) or soa_above:
                return records
        return self.reply(question)

    def aliases_must_end(self, target: Name, passed: Sequence[Name]) -> None:
        """Refuse aliases that lead in a circle, or too far."""
        rule = "alias-ends" if target in passed else "work-limit" if len(passed) > self.limits.aliases else None
        if rule:
            ends = check(rule, False, f"{len(passed)} aliases")
            alias, self.part = self.last_data(), (boxes.absence_item(None, target, self.question.rdtype), None)
            raise self.broken((), alias, Verb.LEADS_TO, self.part[0], (ends,))

    def link_alias(self, name: Name, rdtype: RdataType, records: Records, status: SecurityStatus) -> None:
        """Link an alias to what it leads to."""
        found = records.answer.find(name, rdtype) or alias_at(name, records)
        denied = rdatatype.NONE if records.name_error else rdtype
        box = boxes.rrset_item(None, found.rrset) if found else boxes.absence_item(None, name, denied)
        ended = LinkStatus.PASSED if status is SecurityStatus.SECURE else LinkStatus.INSECURE
        self.links.append(Link(self.last_data(), Verb.LEADS_TO, box, ended))


def _pointing(links: Iterable[Link], said: Item, shown: Item) -> list[Link]:
    return [link._replace(target=shown) if link.target.id == said.id else link for link in links]


def substituted(name: Name, dname: RRset) -> Name | None:
    """Return the name that a DNAME makes of a name below it; None if that is too long (RFC 6672 §2.2)."""
    try:
        return name.relativize(dname.name).concatenate(dname[0].target)
    except dns.exception.DNSException:
        return None
