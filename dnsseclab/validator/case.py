"""The case: what a walk is given, what was received so far, and how a walk ends early.

It knows: questions and the replies to them, trust anchors, the moment, and the account of the work done.
It must not know: how anything is judged.
Follows RFC 4035 §4.3: a record that cannot be had makes an answer indeterminate, not bogus.
"""

from collections.abc import Iterable, Iterator, Sequence

from dns import rdatatype
from dns.message import Message
from dns.name import Name
from dns.rdata import Rdata
from dns.rdtypes.ANY.RRSIG import RRSIG
from dns.rrset import RRset

from ..protocol.evidence import Evidence
from ..protocol.messages import Question
from ..protocol.names import show_name
from ..protocol.trust import ENTERING_VERBS, Check, Diagnosis, Item, Link, LinkStatus, ProvenZone, SecurityStatus, Verb
from .boxes import in_words
from .diagnoses import check, diagnose
from .limits import Limits, Work
from .policy import Policy
from .records import Records


class Lacking(Exception):
    """The walk cannot go on without asking: caught by `Validator.judge`."""

    def __init__(self, questions: Iterable[Question]):
        self.questions = tuple(dict.fromkeys(questions))


class Broken(Exception):
    """The walk ends here: caught by `Validator.judge`, which writes the verdict down."""

    def __init__(self, status: SecurityStatus, links: tuple[Link, ...], diagnosis: Diagnosis):
        super().__init__(diagnosis.rule)
        self.status, self.links, self.diagnosis = status, links, diagnosis


class Case:
    """All that is known when a walk begins."""

    def __init__(
        self,
        evidence: Evidence,
        trust_anchors: Sequence[RRset],
        now: int,
        limits: Limits,
        policy: Policy,
        proven: Sequence[ProvenZone],
    ):
        self.question, self.now, self.limits, self.policy = evidence.question, int(now), limits, policy
        self.work = Work(limits)
        self.anchors: dict[Name, list[Rdata]] = {}
        for rrset in trust_anchors:
            self.anchors.setdefault(rrset.name, []).extend(rrset)
        self.zones = {known.zone: known for known in proven if known.expires > self.now}
        self.replies = {  # None: asked in vain, or answered with an error
            question: Records(message) if isinstance(message, Message) else None
            for question, message in evidence.received.items()
        }
        self.suspected = set(self._suspected_cuts())
        self.vouching: list[RRset] = []  # DS, denials of DS, DNSKEY found secure on the way, each with its signatures

    # ---- what was received ------------------------------------------------------------------------------------

    def received(self, question: Question) -> Records | None:
        """Return the reply to a question; None if nobody has answered it.

        Raises:
            Lacking: It was not asked yet.
        """
        try:
            records = self.replies[question]
        except KeyError:
            raise Lacking([question]) from None
        return records if records and records.answering else None

    def _suspected_cuts(self) -> Iterator[Name]:
        """Yield names at which a zone may begin, by what anybody says: it decides only what is asked."""
        for question, records in self.replies.items():
            if question.rdtype in (rdatatype.DS, rdatatype.DNSKEY):
                yield question.name
            yield from records.signers() if records else ()

    # ---- the end of a walk ------------------------------------------------------------------------------------

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
        """Return a bogus end: the links so far, the one that failed, and what that means.

        Args:
            about: What the sentence speaks of, if not of the target.
        """
        failed = Link(source, verb, target, LinkStatus.FAILED, checks, signature)
        zone = target.owner if verb in ENTERING_VERBS else source.zone
        diagnosis = self.diagnosis(checks[-1].rule, in_words(about or target), zone, target.owner)
        return Broken(SecurityStatus.BOGUS, (*path, failed), diagnosis)

    def unobtainable(
        self, path: tuple[Link, ...], source: Item, verb: Verb, target: Item, question: Question
    ) -> Broken:
        """Return an indeterminate end, for want of a record that the proof needs."""
        checks = (check("reply-received", False, f"no reply for {question}"),)
        link = Link(source, verb, target, LinkStatus.NOT_THERE, checks)
        diagnosis = self.diagnosis("reply-received", str(question), source.zone, question.name)
        return Broken(SecurityStatus.INDETERMINATE, (*path, link), diagnosis)

    def diagnosis(self, rule: str, what: str, zone: Name | None, owner: Name) -> Diagnosis:
        """Return what a rule means for these records."""
        return diagnose(rule, what=what, zone=show_name(zone or owner), owner=show_name(owner))
