"""The walk from a trust anchor down to the zone that contains a name, zone cut by zone cut.

It knows: trust anchors, zones proven before, and what was received for DS and DNSKEY questions.
It must not know: the answer itself. Zone cuts come only from a validated DS or a validated denial of it; a signer's
name tells at most which question is worth asking.
Follows RFC 4035 §5.2 (delegations), §5 (trust anchors); RFC 6840 §5.10; RFC 7646 (negative trust anchors).
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import dns.name
import dns.rcode
from dns.message import Message
from dns.name import Name
from dns.rdata import Rdata
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.ANY.DS import DS
from dns.rrset import RRset

from ..protocol.evidence import NO_REPLY, Evidence
from ..protocol.messages import Question
from ..protocol.names import show_name
from ..protocol.trust import Item, ItemKind, Link, LinkStatus, ProvenZone, SecurityStatus, Verb
from . import boxes, delegation, signatures
from .delegation import Match
from .denial import Shows
from .diagnoses import check
from .limits import Limits, Work, WorkLimitExceeded
from .policy import Policy
from .records import Records, SignedSet
from .signatures import Attempt
from .verifying import Broken, Verifying

FOREVER = 2**62  # epoch seconds: what is configured does not expire
ANSWERING = (dns.rcode.NOERROR, dns.rcode.NXDOMAIN, dns.rcode.YXDOMAIN)  # every other reply is none


class Lacking(Exception):
    """The walk cannot go on without asking: caught by `Validator.judge`."""

    def __init__(self, questions: Iterable[Question]):
        self.questions = tuple(dict.fromkeys(questions))


class Voucher(NamedTuple):
    """What names a zone's keys: a trust anchor, or a DS RRset that the parent has signed."""

    zone: Name
    named: Sequence[Rdata]  # DS records or anchor keys that are supported here
    box: Item
    links: tuple[Link, ...]  # from the trust anchor to the box
    expires: int  # epoch seconds until which it holds

    @property
    def verb(self) -> Verb:
        """Return what it does for a key."""
        return Verb.VOUCHES_FOR if self.box.kind is ItemKind.DS else Verb.TRUSTS

    def link_to(self, match: Match, status: LinkStatus) -> Link:
        """Return the link to a key that it names."""
        key = boxes.key_item(self.zone, match.key)
        return Link(self.box, self.verb, key, status, match.checks, expires=self.expires)


class ZoneWalk(Verifying):
    """The steps that lead from zone to zone."""

    def __init__(
        self,
        evidence: Evidence,
        trust_anchors: Sequence[RRset],
        now: int,
        limits: Limits,
        policy: Policy,
        proven: Sequence[ProvenZone],
    ):
        self.evidence, self.now, self.limits, self.policy = evidence, int(now), limits, policy
        self.work = Work(limits)
        self.anchors: dict[Name, list[Rdata]] = {}
        for rrset in trust_anchors:
            self.anchors.setdefault(rrset.name, []).extend(rrset)
        self.zones = {known.zone: known for known in proven if known.expires > self.now}
        self.no_cuts: set[Name] = set()  # names at which no zone begins
        self._read = {}
        self.suspected = set(self._suspected_cuts())

    def zone_of(self, name: Name, rdtype: RdataType, signers: Sequence[Name]) -> ProvenZone:
        """Walk to the zone that contains an RRset, or should contain it.

        Args:
            signers: Who claims to have signed. No claim: every label may be a zone cut, and is asked about.
        """
        inside = name.parent() if rdtype == RdataType.DS and name != dns.name.root else name  # DS lies above the cut
        claimed = any(inside.is_subdomain(signer) for signer in signers)
        first: Broken | None = None
        for top in self.starts(inside):
            try:
                zone = self.walk_from(top, inside, claimed)
            except Broken as broken:
                first = first or broken
                continue
            if first and zone.status is not SecurityStatus.SECURE:
                break  # else whoever spoils the reply of an anchored zone could have it taken for an unsigned one
            return zone
        assert first is not None
        raise first

    def walk_from(self, top: Name | None, inside: Name, claimed: bool) -> ProvenZone:
        """Walk down from one starting point; without a claim every label may be a zone cut."""
        cuts = names_between(top, inside) if top is not None else []
        self.ask_ahead(top, [cut for cut in cuts if cut in self.suspected])
        zone = self.start(top, inside)
        for cut in cuts:
            if zone.status is not SecurityStatus.SECURE:
                break
            if cut in self.suspected or not claimed:
                zone = self.step_down(self.parent_of(cut, zone), cut)
        return zone

    def parent_of(self, cut: Name, zone: ProvenZone) -> ProvenZone:
        """Return the zone that can speak of a zone cut: `zone`, unless labels were left out on the way to the cut.

        If its reply about the DS does not even claim to be signed by `zone`, another zone may lie between them.
        """
        records = self.received(Question(cut, RdataType.DS)) if cut not in self.zones else None
        signers = list(records.signers()) if records else []
        if records is None or zone.zone in signers:
            return zone
        return self.zone_of(cut, RdataType.DS, signers)

    def ask_ahead(self, top: Name | None, cuts: Sequence[Name]) -> None:
        """Ask in one go for all that the walk will want if the signers' names are honest; this saves round trips.

        Raises:
            Lacking: Something was not asked yet.
        """
        lacking = [Question(top, RdataType.DNSKEY)] if top in self.anchors and top not in self.zones else []
        for cut in cuts:
            ds = self._read.get(Question(cut, RdataType.DS))
            if cut in self.zones:
                continue
            if ds is not None and not ds.answer.find(cut, RdataType.DS):
                break  # there may be no zone below: only the walk can tell
            lacking.append(Question(cut, RdataType.DNSKEY if ds else RdataType.DS))
        lacking = [question for question in lacking if self.evidence.get(*question) is None]
        if lacking:
            raise Lacking(lacking)

    # ---- the first step: a trust anchor (RFC 4035 §5) --------------------------------------------------------

    def starts(self, name: Name) -> list[Name | None]:
        """Return where a walk to `name` may begin: the closest name at or above it that is proven, anchored, or exempt.

        If that is an anchor, the anchors above it come next: any of them that succeeds will do (RFC 6840 §5.10).
        """
        known = (self.zones, self.anchors, self.policy.negative_trust_anchors)
        closest = next((zone for zone in _upwards(name) if any(zone in names for names in known)), None)
        if closest not in self.anchors or closest in self.zones or closest in self.policy.negative_trust_anchors:
            return [closest]
        return [zone for zone in _upwards(closest) if zone in self.anchors]

    def start(self, zone: Name | None, name: Name) -> ProvenZone:
        """Return the zone at which the walk to `name` begins."""
        if zone is None:
            return self.unsigned_by_rule("no-trust-anchor", dns.name.root, show_name(name))
        if zone in self.policy.negative_trust_anchors:
            return self.unsigned_by_rule("negative-trust-anchor", zone, show_name(name))
        if zone not in self.zones:
            self.zones[zone] = self.keys_of_anchor(zone)
        return self.zones[zone]

    def keys_of_anchor(self, zone: Name) -> ProvenZone:
        """Return a zone whose keys a trust anchor names."""
        anchors = self.anchors[zone]
        voucher = Voucher(zone, delegation.usable(anchors, self.policy), boxes.anchor_item(zone, anchors), (), FOREVER)
        if not voucher.named:
            return self.unsupported(voucher, anchors)
        return self.named_keys(voucher, self.received(Question(zone, RdataType.DNSKEY)))

    # ---- one zone cut (RFC 4035 §5.2) ------------------------------------------------------------------------

    def step_down(self, parent: ProvenZone, cut: Name) -> ProvenZone:
        """Return the zone that begins at a name, or `parent` if none does."""
        if cut in self.zones:
            return self.zones[cut]
        if cut in self.no_cuts or parent.status is not SecurityStatus.SECURE:
            return parent
        asked = Question(cut, RdataType.DS)
        records = self.received(asked)
        if records is None:
            zone = self.without_reply(parent, asked)
        else:
            found = records.answer.find(cut, RdataType.DS)
            zone = self.follow_ds(parent, cut, found) if found else self.ds_absent(parent, cut, records)
        if zone is parent:
            self.no_cuts.add(cut)
        else:
            self.zones[cut] = zone
        return zone

    def follow_ds(self, parent: ProvenZone, cut: Name, found: SignedSet) -> ProvenZone:
        """Return the zone whose keys a DS RRset names: the DS must be signed by the parent, the keys must fit it."""
        named = delegation.usable(found.rrset, self.policy)
        keys = self.received(Question(cut, RdataType.DNSKEY)) if named else None  # asked for before work is spent
        box = boxes.ds_item(parent.zone, cut, list(found.rrset), self.followed(cut, named, keys))
        links, expires = self.authenticate_ds(parent, found, box)
        voucher = Voucher(cut, named, box, links, min(expires, parent.expires))
        return self.named_keys(voucher, keys) if named else self.unsupported(voucher, list(found.rrset))

    def authenticate_ds(self, parent: ProvenZone, found: SignedSet, box: Item) -> tuple[tuple[Link, ...], int]:
        """Verify a DS RRset with the parent's keys; return the links to it and until when it holds."""
        verified = self.verify(found, parent, box)
        return verified.links, self.now + verified.ttl

    def ds_absent(self, parent: ProvenZone, cut: Name, records: Records) -> ProvenZone:
        """Return what follows from a reply without a DS: an unsigned zone, or no zone cut at all."""
        alias = self.alias_at(cut, records)
        if alias is not None:  # a name with a CNAME, or below a DNAME, is no delegation
            self.verify(alias, parent, boxes.rrset_item(parent.zone, alias.rrset))
            return parent
        return self.prove_no_ds(parent, cut, records)

    def prove_no_ds(self, parent: ProvenZone, cut: Name, records: Records) -> ProvenZone:
        """Demand the proof that there is no DS: else who strips it could forge all that lies below."""
        missing = boxes.absence_item(parent.zone, cut, RdataType.DS)
        if records.name_error:  # it claims that nothing is there at all, so it has to prove that
            proven = self.prove(parent, records, missing, lambda denial: denial.no_name(cut))
        else:
            proven = self.prove(parent, records, missing, lambda denial: denial.no_ds(cut))
        if proven.shows is not Shows.UNSIGNED:
            return parent
        expires = min([parent.expires, *(self.now + denial.ttl for denial in proven.denials)])
        return self.unsigned(cut, proven.permits_unsigned(), proven.rule, expires)

    def followed(self, zone: Name, named: Sequence[Rdata], records: Records | None) -> DS | None:
        """Return the DS record to be shown first: one whose tag and algorithm some received key has."""
        found = records.answer.find(zone, RdataType.DNSKEY) if records else None
        keys = _keys(found) if found else []
        pointed = (ds for ds in named for key in keys if isinstance(ds, DS) and delegation.points_to(ds, key))
        return next(pointed, None)

    # ---- the keys that are named (RFC 4035 §5.2) -------------------------------------------------------------

    def named_keys(self, voucher: Voucher, records: Records | None) -> ProvenZone:
        """Return a zone's keys: one of them is named by a DS or an anchor, and has signed them all.

        Args:
            records: The reply to the DNSKEY question; None: there was none.
        """
        if records is None:
            return self.no_keys(voucher)
        found = records.answer.find(voucher.zone, RdataType.DNSKEY)
        if found is None:
            ghost = boxes.absent_key_item(voucher.zone, voucher.named[0])
            missing = (check("dnskey-received", False, "no DNSKEY record came"),)
            raise self.broken(voucher.links, voucher.box, voucher.verb, ghost, missing)
        entries = self.entry_keys(voucher, found)
        return self.proven_zone(voucher, found, entries, self.key_set_signed(voucher, found, entries))

    def entry_keys(self, voucher: Voucher, found: SignedSet) -> list[Match]:
        """Return the keys that are named by tag, algorithm and digest, all three."""
        held = delegation.matches(voucher.named, voucher.zone, _keys(found), self.work)
        fitting = [match for match in held if match.passed]
        if fitting:
            return fitting
        best = max(held, key=lambda match: len(match.checks))
        links = voucher.links
        if best.checks[-1].rule in delegation.OTHER_KEY:  # the key that is named did not come at all
            ghost = boxes.absent_key_item(voucher.zone, best.named)
            links = (*links, Link(voucher.box, voucher.verb, ghost, LinkStatus.NOT_THERE))
        key = boxes.key_item(voucher.zone, best.key)
        raise self.broken(links, voucher.box, voucher.verb, key, best.checks)

    def key_set_signed(self, voucher: Voucher, found: SignedSet, entries: Sequence[Match]) -> Attempt:
        """Verify the DNSKEY RRset with the keys that are named; that one of them is merely in it proves nothing."""
        tried: list[Attempt] = []
        try:
            for attempt in self.key_set_attempts(voucher, found, [match.key for match in entries]):
                tried.append(attempt)
                if attempt.passed:
                    return attempt
        except WorkLimitExceeded as exceeded:
            tried = [Attempt(None, None, (check("work-limit", False, str(exceeded)),))]
        failed = signatures.furthest(tried)
        entry = next((match for match in entries if match.key == failed.key), entries[0])
        vouched = voucher.link_to(entry, LinkStatus.PASSED)
        others = [boxes.key_item(voucher.zone, other) for other in _keys(found) if other != entry.key]
        target = others[0] if others else boxes.rrset_item(voucher.zone, found.rrset)
        path = (*voucher.links, vouched)
        raise self.broken(path, vouched.target, Verb.SIGNS, target, failed.checks, signature=failed.rrsig)

    def key_set_attempts(self, voucher: Voucher, found: SignedSet, entries: Sequence[DNSKEY]) -> Iterator[Attempt]:
        """Yield the attempts to verify a DNSKEY RRset with the keys that are named."""
        steps, rule = self.signature_steps(), "signed-by-trusted-key"
        return signatures.attempts(found, voucher.zone, entries, self.now, self.policy, self.work, steps, rule)

    def proven_zone(self, voucher: Voucher, found: SignedSet, entries: Sequence[Match], attempt: Attempt) -> ProvenZone:
        """Return a zone whose keys are proven, with a link to each of them."""
        assert attempt.rrsig is not None and attempt.key is not None
        expires = min(voucher.expires, self.now + self.ttl_cap(found, attempt.rrsig))
        vouched = voucher.link_to(next(match for match in entries if match.key == attempt.key), LinkStatus.PASSED)
        checks, rrsig = attempt.checks, attempt.rrsig
        others = [boxes.key_item(voucher.zone, key) for key in _keys(found) if key != attempt.key]
        signed = [Link(vouched.target, Verb.SIGNS, key, LinkStatus.PASSED, checks, rrsig, expires) for key in others]
        links = (*voucher.links, vouched, *signed)
        return ProvenZone(voucher.zone, SecurityStatus.SECURE, tuple(found.rrset), links, expires)

    # ---- zones that need no signature ------------------------------------------------------------------------

    def unsigned(self, zone: Name, links: tuple[Link, ...], rule: str, expires: int) -> ProvenZone:
        """Return a zone that is proven to be insecure: its last links permit unsigned data."""
        diagnosis = self.diagnosis(rule, show_name(zone), zone, zone)
        return ProvenZone(zone, SecurityStatus.INSECURE, (), links, expires, diagnosis)

    def unsigned_by_rule(self, rule: str, zone: Name, what: str) -> ProvenZone:
        """Return a zone that is not validated because of this resolver's configuration."""
        diagnosis = self.diagnosis(rule, what, zone, zone)
        return ProvenZone(zone, SecurityStatus.INSECURE, (), (), FOREVER, diagnosis)

    def unsupported(self, voucher: Voucher, named: Sequence[Rdata]) -> ProvenZone:
        """Return a zone that is signed only in ways unknown here, as its *authenticated* DS RRset says (§5.2)."""
        checks = tuple(delegation.supported(rdata, self.policy) for rdata in named)
        target = boxes.absence_item(voucher.zone, voucher.zone, RdataType.DS)
        permits = Link(voucher.box, Verb.PERMITS_UNSIGNED, target, LinkStatus.INSECURE, checks)
        return self.unsigned(voucher.zone, (*voucher.links, permits), checks[-1].rule, voucher.expires)

    # ---- what was received -----------------------------------------------------------------------------------

    def received(self, question: Question) -> Records | None:
        """Return the reply to a question, read as RRsets; None if nobody has replied.

        Raises:
            Lacking: It was not asked yet.
        """
        message = self.evidence.get(*question)
        if message is None:
            raise Lacking([question])
        if message == NO_REPLY or message.rcode() not in ANSWERING:
            return None
        return self._read[question]

    def no_keys(self, voucher: Voucher) -> ProvenZone:
        """End the walk: the keys of a signed zone cannot be had, so nothing about it can be known."""
        ghost = boxes.absent_key_item(voucher.zone, voucher.named[0])
        question = Question(voucher.zone, RdataType.DNSKEY)
        raise self.unobtainable(voucher.links, voucher.box, voucher.verb, ghost, question)

    def without_reply(self, parent: ProvenZone, asked: Question) -> ProvenZone:
        """Return what is known of a zone cut whose DS cannot be had: another reply may have brought its denial."""
        try:
            return self.prove_no_ds(parent, asked.name, Records(Message()))
        except Broken:
            key = self.signing_key(parent, Attempt(None, None, ()))
            box = boxes.ds_item(parent.zone, asked.name, ())
            raise self.unobtainable(boxes.path_to(parent, key), key, Verb.SIGNS, box, asked) from None

    def unobtainable(
        self, path: tuple[Link, ...], source: Item, verb: Verb, target: Item, question: Question
    ) -> Broken:
        """Return the end of a walk for want of a record (RFC 4035 §4.3): indeterminate, not bogus."""
        checks = (check("reply-received", False, f"no reply for {question}"),)
        link = Link(source, verb, target, LinkStatus.NOT_THERE, checks)
        diagnosis = self.diagnosis("reply-received", str(question), source.zone, question.name)
        return Broken(SecurityStatus.INDETERMINATE, (*path, link), diagnosis)

    def alias_at(self, name: Name, records: Records) -> SignedSet | None:
        """Return the DNAME above a name, or else the CNAME at it, that a reply holds."""
        above = (records.answer.find(zone, RdataType.DNAME) for zone in list(_upwards(name))[1:])
        return next((found for found in above if found), None) or records.answer.find(name, RdataType.CNAME)

    def _suspected_cuts(self) -> Iterator[Name]:
        """Yield names at which a zone may begin, by what anybody says: it decides only what is asked."""
        for question, message in self.evidence.received.items():
            if question.rdtype in (RdataType.DS, RdataType.DNSKEY):
                yield question.name
            if isinstance(message, Message):
                records = self._read.setdefault(question, Records(message))
                yield from records.signers()


def _keys(found: SignedSet) -> list[DNSKEY]:
    return [rdata for rdata in found.rrset if isinstance(rdata, DNSKEY)]


def _upwards(name: Name) -> Iterator[Name]:
    """Yield a name and all names above it, up to the root."""
    for start in range(len(name.labels)):
        yield Name(name.labels[start:])


def names_between(zone: Name, name: Name) -> list[Name]:
    """Return the names below `zone` down to `name`, in the order of the walk; none if `name` does not lie below."""
    if not name.is_subdomain(zone):
        return []
    return [Name(name.labels[start:]) for start in range(len(name.labels) - len(zone.labels) - 1, -1, -1)]
