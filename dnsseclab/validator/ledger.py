"""The ledger: what has been accepted so far, what was not reached, and the finished report.

It knows: how accepted parts and a broken walk become one ChainOfTrust.
It must not know: how anything is judged.
Follows RFC 4035 §5.3.3 (how long data may be kept), RFC 5155 §9.2 (opt-out is not secure).
"""

from collections.abc import Sequence

import dns.name
import dns.rrset
from dns import rdatatype
from dns.name import Name
from dns.rdatatype import RdataType
from dns.rrset import RRset

from ..protocol.evidence import Evidence
from ..protocol.made_rdata import with_ttl
from ..protocol.messages import Question
from ..protocol.trust import ChainOfTrust, Diagnosis, Item, ItemKind, Link, ProvenZone, SecurityStatus, Verb
from . import boxes, unreached
from .case import Broken
from .denial import Shows
from .limits import Limits
from .policy import Policy
from .proving import Proven
from .records import SignedSet
from .verifying import Verified
from .walk import ZoneWalk, names_between

DEFAULT_LIMITS = Limits()
DEFAULT_POLICY = Policy()
NO_BOX = boxes.absence_item(None, dns.name.root, rdatatype.NONE)


class Ledger(ZoneWalk):
    """What one object has found out about one answer."""

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
        self.existing: list[Name] = []  # names that are there, whatever the response code said
        self.reasons: list[Diagnosis] = []  # why parts are insecure
        self.part: tuple[Item, SignedSet | None] = (NO_BOX, None)  # what is being judged: its box, its records

    # ---- what is accepted -------------------------------------------------------------------------------------

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
            self.links.append(link._replace(target=box) if link.verb is Verb.PERMITS_UNSIGNED else link)
        if zone.diagnosis:
            self.reasons.append(zone.diagnosis)
        return SecurityStatus.INSECURE

    def keep_verified(self, verified: Verified) -> None:
        """Keep an RRset and its signatures for the cache, with the TTL that both may have (§5.3.3)."""
        self.keep(verified.found.rrset, verified.ttl)
        rrsigs = verified.found.rrsigs
        if rrsigs is None:
            return
        if verified.failed:
            good = [rrsig for rrsig in rrsigs if rrsig not in verified.failed]
            rrsigs = dns.rrset.from_rdata_list(rrsigs.name, verified.ttl, good)
        self.keep(rrsigs, verified.ttl)

    def keep(self, rrset: RRset, ttl: int) -> None:
        """Keep one RRset with a TTL in seconds."""
        self.validated.append(with_ttl(rrset, ttl))
        self.caps.append(ttl)

    def last_data(self) -> Item:
        """Return the box of the alias that was judged last."""
        data = (link.target for link in reversed(self.links) if link.target.kind is ItemKind.RRSET)
        return next(data, self.part[0])

    # ---- the report -------------------------------------------------------------------------------------------

    def write_down(self, broken: Broken) -> None:
        """Add the links of a walk that ended, and below them what was not reached any more."""
        self.reasons = [broken.diagnosis]
        if not broken.links:
            return
        *path, last = broken.links
        answer, found = self.part
        if last.verb is Verb.DENIES and last.target.id != answer.id:  # there is no proof that a DS is missing
            last = last._replace(verb=Verb.PERMITS_UNSIGNED, target=answer)
        self.links += [*path, last]
        cuts = [cut for cut in names_between(last.target.owner, answer.owner) if cut in self.suspected]
        self.links += unreached.links_below(last, answer, found, cuts, self.find_unchecked)

    def find_unchecked(self, name: Name, rdtype: RdataType) -> SignedSet | None:
        """Return an RRset that was received in reply to its question."""
        records = self.replies.get(Question(name, rdtype))
        return records.answer.find(name, rdtype) if records else None

    def report(self, status: SecurityStatus, needs: tuple[Question, ...] = ()) -> ChainOfTrust:
        """Return all that was found out."""
        good = status in (SecurityStatus.SECURE, SecurityStatus.INSECURE)
        return ChainOfTrust(
            question=self.question,
            status=status,
            links=boxes.settled(boxes.once(self.links)),
            diagnosis=self.reasons[0] if self.reasons and not needs else None,
            ttl=min(self.caps) if self.caps and good else None,
            validated=tuple(self.validated) if good else (),
            vouching=tuple(self.vouching),
            existing=tuple(self.existing) if good else (),
            needs=needs,
            proven=tuple(self.zones.values()),
            work=self.work.done,
        )
