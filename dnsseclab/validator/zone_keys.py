"""From what names a zone's keys, a trust anchor or a signed DS, to the keys themselves.

It knows: the reply to a zone's DNSKEY question.
It must not know: where the anchor or the DS comes from.
Follows RFC 4035 §5.2: a key is named by tag, algorithm and digest, all three, and has signed the whole DNSKEY RRset.
"""

from collections.abc import Sequence
from typing import NamedTuple

from dns import rdatatype
from dns.name import Name
from dns.rdata import Rdata
from dns.rdtypes.ANY.DNSKEY import DNSKEY

from ..protocol.messages import Question
from ..protocol.names import show_name
from ..protocol.trust import Diagnosis, Item, ItemKind, Link, LinkStatus, ProvenZone, SecurityStatus, Verb
from . import boxes, delegation
from .delegation import Match
from .diagnoses import check
from .proving import Proving
from .records import Records, SignedSet
from .signatures import Attempt, furthest, progress, try_all


class Voucher(NamedTuple):
    """What names a zone's keys: a trust anchor, or a DS RRset that the parent has signed."""

    zone: Name
    named: Sequence[Rdata]  # DS records or anchor keys that are supported here; none: the zone is insecure
    box: Item
    links: tuple[Link, ...]  # from the trust anchor to the box
    expires: int  # epoch seconds until which it holds

    @property
    def verb(self) -> Verb:
        """Return what it does for a key."""
        return Verb.VOUCHES_FOR if self.box.kind is ItemKind.DS else Verb.TRUSTS

    def link_to(self, match: Match) -> Link:
        """Return the link to a key that it names."""
        key = boxes.key_item(self.zone, match.key, "KSK")
        return Link(self.box, self.verb, key, LinkStatus.PASSED, match.checks, expires=self.expires)


class ZoneKeys(Proving):
    """The steps from a voucher to a zone whose keys are proven."""

    def named_keys(self, voucher: Voucher, records: Records | None) -> ProvenZone:
        """Return a zone's keys, once one of them is named by the voucher and has signed them all.

        Args:
            records: The reply to the DNSKEY question; None: there was none.
        """
        if records is None:
            return self.no_keys(voucher)
        found = records.answer.find(voucher.zone, rdatatype.DNSKEY)
        if found is None:
            ghost = boxes.absent_key_item(voucher.zone, voucher.named[0])
            missing = check("dnskey-received", False, "no DNSKEY record came")
            raise self.broken(voucher.links, voucher.box, voucher.verb, ghost, (missing,))
        entries = self.entry_keys(voucher, found)
        return self.proven_zone(voucher, found, entries, self.key_set_signed(voucher, found, entries))

    def no_keys(self, voucher: Voucher) -> ProvenZone:
        """End the walk: the keys of a signed zone cannot be had, so nothing about it can be known."""
        ghost = boxes.absent_key_item(voucher.zone, voucher.named[0])
        asked = Question(voucher.zone, rdatatype.DNSKEY)
        raise self.unobtainable(voucher.links, voucher.box, voucher.verb, ghost, asked)

    def entry_keys(self, voucher: Voucher, found: SignedSet) -> list[Match]:
        """Return the keys that are named by tag, algorithm and digest, all three, and may be used."""
        held = delegation.matches(voucher.named, voucher.zone, keys_in(found), self.rules().of_key, self.work)
        fitting = [match for match in held if match.passed]
        if fitting:
            return fitting
        best = max(held, key=lambda match: progress(match.checks))
        links = voucher.links
        if best.checks[-1].rule in delegation.OTHER_KEY:  # the key that is named did not come at all
            ghost = boxes.absent_key_item(voucher.zone, best.named)
            links = (*links, Link(voucher.box, voucher.verb, ghost, LinkStatus.NOT_THERE))
        key = boxes.key_item(voucher.zone, best.key, "KSK")
        raise self.broken(links, voucher.box, voucher.verb, key, best.checks)

    def key_set_signed(self, voucher: Voucher, found: SignedSet, entries: Sequence[Match]) -> Attempt:
        """Verify the DNSKEY RRset with the keys that are named; that one of them is merely in it proves nothing."""
        keys, rules = [match.key for match in entries], self.rules().for_key_set()
        tried = try_all(found, voucher.zone, keys, rules, self.now, self.policy, self.work)
        if tried[-1].passed:
            return tried[-1]
        failed = furthest(tried)
        entry = next((match for match in entries if match.key is failed.key), entries[0])
        vouched = voucher.link_to(entry)
        others = [key for key in keys_in(found) if key is not entry.key]
        target = boxes.key_item(voucher.zone, others[0]) if others else boxes.rrset_item(voucher.zone, found.rrset)
        path = (*voucher.links, vouched)
        raise self.broken(path, vouched.target, Verb.SIGNS, target, failed.checks, failed.rrsig)

    def proven_zone(self, voucher: Voucher, found: SignedSet, entries: Sequence[Match], attempt: Attempt) -> ProvenZone:
        """Return a zone whose keys are proven, with a link to each of them."""
        assert attempt.rrsig is not None
        ttl = self.ttl_cap(found, attempt.rrsig)
        self.keep_for_others(found, ttl)
        expires = min(voucher.expires, self.now + ttl)
        vouched = voucher.link_to(next(match for match in entries if match.key is attempt.key))
        others = [boxes.key_item(voucher.zone, key) for key in keys_in(found) if key is not attempt.key]
        signed = [
            Link(vouched.target, Verb.SIGNS, key, LinkStatus.PASSED, attempt.checks, attempt.rrsig, expires)
            for key in others
        ]
        links = (*voucher.links, vouched, *signed)
        return ProvenZone(voucher.zone, SecurityStatus.SECURE, tuple(found.rrset), links, expires)

    # ---- zones that need no signature -------------------------------------------------------------------------

    def unsupported(self, voucher: Voucher, named: Sequence[Rdata]) -> ProvenZone:
        """Return a zone that is signed only in ways unknown here, as its *authenticated* DS RRset says (§5.2)."""
        zone = voucher.zone
        checks = tuple(delegation.supported(rdata, self.policy) for rdata in named)
        target = boxes.absence_item(zone, zone, rdatatype.DS)
        permits = Link(voucher.box, Verb.PERMITS_UNSIGNED, target, LinkStatus.INSECURE, checks)
        diagnosis = self.diagnosis(checks[-1].rule, show_name(zone), zone, zone)
        return unsigned(zone, diagnosis, (*voucher.links, permits), voucher.expires)


def unsigned(zone: Name, diagnosis: Diagnosis, links: tuple[Link, ...], expires: int) -> ProvenZone:
    """Return a zone that is insecure; if that was proven, its last links permit unsigned data."""
    return ProvenZone(zone, SecurityStatus.INSECURE, (), links, expires, diagnosis)


def keys_in(found: SignedSet) -> list[DNSKEY]:
    """Return the keys of a DNSKEY RRset."""
    return [rdata for rdata in found.rrset if isinstance(rdata, DNSKEY)]


def followed(named: Sequence[Rdata], zone: Name, records: Records | None) -> Rdata | None:
    """Return the DS record that is shown first: of several, one whose tag and algorithm some received key has."""
    if len(named) == 1:
        return named[0]
    found = records.answer.find(zone, rdatatype.DNSKEY) if records else None
    keys = keys_in(found) if found else []
    return next((ds for ds, _ in delegation.pairs(named, keys)), None)
