"""The walk from a trust anchor down to the zone that contains a name, zone cut by zone cut.

It knows: trust anchors, zones proven before, and what was received for DS and DNSKEY questions.
It must not know: the answer itself. Zone cuts come only from a validated DS or a validated denial of it; a signer's
name tells at most which question is worth asking.
Follows RFC 4035 §5.2 (delegations), §5 (trust anchors); RFC 6840 §5.10; RFC 7646 (negative trust anchors).
"""

from collections.abc import Sequence
from functools import partial

import dns.name
from dns import rdatatype
from dns.name import Name
from dns.rdatatype import RdataType

from ..protocol.messages import Question
from ..protocol.names import ancestors, show_name
from ..protocol.trust import Item, Link, ProvenZone, SecurityStatus, Verb
from . import boxes, delegation
from .case import Broken, Lacking
from .denial import Proof, Shows
from .proving import Denial
from .records import Records, SignedSet
from .verifying import signing_key
from .zone_keys import Voucher, ZoneKeys, followed, unsigned

FOREVER = 2**62  # epoch seconds: what is configured does not expire


class ZoneWalk(ZoneKeys):
    """The steps that lead from zone to zone."""

    def zone_of(self, name: Name, rdtype: RdataType, signers: Sequence[Name]) -> ProvenZone:
        """Walk to the zone that contains an RRset, or should contain it.

        Names between the signer and `name` are not asked about unless something else speaks of a zone there, as in BIND
        and Unbound. So a child's data that its parent's key has signed is accepted where the cut is not known, although
        RFC 4035 §5.3.1 wants the signer to be the zone: one question more for each name would only keep out a parent
        that could as well change the DS. Where the cut is known, the rule is kept.

        Args:
            signers: Who claims to have signed. No claim: every label may be a zone cut, and is asked about.
        """
        inside = name.parent() if rdtype == rdatatype.DS and name != dns.name.root else name  # DS lies above the cut
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

    def ask_ahead(self, top: Name | None, cuts: Sequence[Name]) -> None:
        """Ask in one go for all that the walk will want if the signers' names are honest; this saves round trips.

        Raises:
            Lacking: Something was not asked yet.
        """
        wanted = [Question(top, rdatatype.DNSKEY)] if top in self.anchors and top not in self.zones else []
        for cut in cuts:
            if cut in self.zones:
                continue
            ds = self.replies.get(Question(cut, rdatatype.DS))
            if ds is not None and not ds.answer.find(cut, rdatatype.DS):
                break  # there may be no zone below: only the walk can tell
            wanted.append(Question(cut, rdatatype.DNSKEY if ds else rdatatype.DS))
        lacking = [question for question in wanted if question not in self.replies]
        if lacking:
            raise Lacking(lacking)

    # ---- the first step: a trust anchor (RFC 4035 §5) ---------------------------------------------------------

    def starts(self, name: Name) -> list[Name | None]:
        """Return where a walk to `name` may begin: the closest name at or above it that is proven, anchored, or exempt.

        If that is an anchor, the anchors above it come next: any of them that succeeds will do (RFC 6840 §5.10).
        """
        exempt = self.policy.negative_trust_anchors
        above = ancestors(name)
        for depth, zone in enumerate(above):
            if zone in self.zones or zone in exempt:
                return [zone]
            if zone in self.anchors:
                return [anchor for anchor in above[depth:] if anchor in self.anchors and anchor not in exempt]
        return [None]

    def start(self, zone: Name | None, name: Name) -> ProvenZone:
        """Return the zone at which the walk to `name` begins."""
        if zone is None:
            diagnosis = self.diagnosis("no-trust-anchor", show_name(name), None, name)
            return unsigned(dns.name.root, diagnosis, (), FOREVER)
        if zone in self.policy.negative_trust_anchors:
            diagnosis = self.diagnosis("negative-trust-anchor", show_name(name), zone, name)
            return unsigned(zone, diagnosis, (), FOREVER)
        if zone not in self.zones:
            self.zones[zone] = self.keys_of_anchor(zone)
        return self.zones[zone]

    def keys_of_anchor(self, zone: Name) -> ProvenZone:
        """Return a zone whose keys a trust anchor names."""
        anchors = self.anchors[zone]
        voucher = Voucher(zone, delegation.usable(anchors, self.policy), boxes.anchor_item(zone, anchors), (), FOREVER)
        if not voucher.named:
            return self.unsupported(voucher, anchors)
        return self.named_keys(voucher, self.received(Question(zone, rdatatype.DNSKEY)))

    # ---- one zone cut (RFC 4035 §5.2) -------------------------------------------------------------------------

    def parent_of(self, cut: Name, zone: ProvenZone) -> ProvenZone:
        """Return the zone that can speak of a zone cut: `zone`, unless labels were left out on the way to the cut.

        If its reply about the DS does not even claim to be signed by `zone`, another zone may lie between them.
        """
        if cut in self.zones:
            return zone
        records = self.received(Question(cut, rdatatype.DS))
        signers = list(records.signers()) if records else []
        if records is None or zone.zone in signers:
            return zone
        return self.zone_of(cut, rdatatype.DS, signers)

    def step_down(self, parent: ProvenZone, cut: Name) -> ProvenZone:
        """Return the zone that begins at a name, or `parent` if none does."""
        if cut in self.zones:
            return self.zones[cut]
        if parent.status is not SecurityStatus.SECURE:
            return parent
        records = self.received(Question(cut, rdatatype.DS))
        found = records.answer.find(cut, rdatatype.DS) if records else None
        zone = self.follow_ds(parent, cut, found) if found else self.ds_absent(parent, cut, records)
        if zone is not parent:
            self.zones[cut] = zone
        return zone

    def follow_ds(self, parent: ProvenZone, cut: Name, found: SignedSet) -> ProvenZone:
        """Return the zone whose keys a DS RRset names: the DS must be signed by the parent, the keys must fit it."""
        named = delegation.usable(found.rrset, self.policy)
        keys = self.received(Question(cut, rdatatype.DNSKEY)) if named else None  # asked for before work is spent
        box = boxes.ds_item(parent.zone, cut, list(found.rrset), followed(named, cut, keys))
        links, expires = self.authenticate_ds(parent, found, box)
        voucher = Voucher(cut, named, box, links, min(expires, parent.expires))
        return self.named_keys(voucher, keys) if named else self.unsupported(voucher, list(found.rrset))

    def authenticate_ds(self, parent: ProvenZone, found: SignedSet, box: Item) -> tuple[tuple[Link, ...], int]:
        """Verify a DS RRset with the parent's keys; return the links to it and until when it holds."""
        verified = self.verify(found, parent, box)
        self.keep_for_others(found, verified.ttl)
        return verified.links, self.now + verified.ttl

    def ds_absent(self, parent: ProvenZone, cut: Name, records: Records | None) -> ProvenZone:
        """Return what follows from a reply without a DS, or from none: an unsigned zone, or no zone cut at all."""
        alias = alias_at(cut, records) if records else None
        if alias is not None:  # a name with a CNAME, or below a DNAME, is no delegation
            self.verify(alias, parent, boxes.rrset_item(parent.zone, alias.rrset))
            return parent
        try:
            return self.prove_no_ds(parent, cut, records)
        except Broken:
            if records is not None:
                raise
        key = signing_key(parent)
        box = boxes.ds_item(parent.zone, cut, ())
        asked = Question(cut, rdatatype.DS)
        raise self.unobtainable(boxes.path_to(parent, key), key, Verb.SIGNS, box, asked)

    def prove_no_ds(self, parent: ProvenZone, cut: Name, records: Records | None) -> ProvenZone:
        """Demand the proof that there is no DS: else who strips it could forge all that lies below."""
        missing = boxes.absence_item(parent.zone, cut, rdatatype.DS)
        claims_no_name = records is not None and records.name_error

        def ask(denial: Denial) -> Proof:
            no_ds = partial(denial.no_ds, cut)
            return denial.no_name_or(cut, no_ds) if claims_no_name else no_ds()

        proven = self.prove(parent, records, missing, ask)
        for denial in proven.denials:
            self.keep_for_others(denial.found, denial.ttl)
        if proven.shows is not Shows.UNSIGNED:
            return parent
        expires = min([parent.expires, *(self.now + denial.ttl for denial in proven.denials)])
        diagnosis = self.diagnosis(proven.rule, show_name(cut), parent.zone, cut)
        return unsigned(cut, diagnosis, proven.permits_unsigned(), expires)


def alias_at(name: Name, records: Records) -> SignedSet | None:
    """Return the DNAME above a name, or else the CNAME at it, that a reply holds."""
    for found in records.answer.of_type(rdatatype.DNAME):
        if name != found.rrset.name and name.is_subdomain(found.rrset.name):
            return found
    return records.answer.find(name, rdatatype.CNAME)


def names_between(zone: Name, name: Name) -> list[Name]:
    """Return the names below `zone` down to `name`, in the order of the walk; none if `name` does not lie below."""
    if not name.is_subdomain(zone):
        return []
    return list(reversed(ancestors(name)[: len(name.labels) - len(zone.labels)]))
