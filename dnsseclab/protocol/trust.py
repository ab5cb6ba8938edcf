"""A chain of trust as pure data: boxes, the links between them, every check that was made, and the verdict.

It knows: how a finished judgement is written down, link by link, in the order of the walk.
It must not know: how to judge. The validator fills it in; graph, story, widgets and graders only show it.
Boxes and links are tuples, as a walk makes many of them, and making a frozen dataclass takes three times as long.
Follows RFC 4035 §4.3 for the four states; "indeterminate" has another meaning in RFC 4033 §5.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import NamedTuple

from dns.name import Name
from dns.rdata import Rdata
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.RRSIG import RRSIG
from dns.rrset import RRset

from .messages import Question


class SecurityStatus(Enum):
    """What a validator says of an answer (RFC 4035 §4.3)."""

    SECURE = "secure"  # an unbroken chain leads from a trust anchor to it
    INSECURE = "insecure"  # it is proven that no chain is to be expected: the zone is unsigned for us
    BOGUS = "bogus"  # a chain is to be expected, and it is broken
    INDETERMINATE = "indeterminate"  # a record that the proof needs could not be obtained
    UNCHECKED = "unchecked"  # nobody validated it: validation is off, or the client set CD


class LinkStatus(Enum):
    """How one link ended."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_REACHED = "not reached"  # it lies below the first failure, so nothing was checked
    NOT_THERE = "not there"  # what it leads to was named or denied, and is not there: a key not received, a name denied
    INSECURE = "insecure"  # it holds without a signature, because it is proven that there need be none
    NOT_USED = "not used"  # it failed, but another key, signature or DS passed in its place


class ItemKind(Enum):
    """What kind of thing a box of the picture is."""

    ANCHOR = "trust anchor"  # configured in the resolver, from outside DNS
    KEY = "key"  # one DNSKEY
    DS = "DS"  # the DS RRset, or the one DS of it that the walk follows; it lies in the parent zone
    DENIAL = "denial"  # an NSEC or NSEC3 record that proves that something is not there
    RRSET = "rrset"  # data: the answer, or a CNAME or DNAME on the way to it
    ABSENCE = "absence"  # what a denial denies: a name or a type that does not exist


class Verb(StrEnum):
    """What one box does for the next: box, verb and box read as a sentence."""

    TRUSTS = "trusts"  # anchor -> key
    SIGNS = "signs"  # key -> key, DS, denial or RRset
    VOUCHES_FOR = "vouches for"  # DS -> key
    DENIES = "denies"  # denial -> a type at a name, or a name
    DENIES_WILDCARD = "denies a wildcard for"  # denial -> name
    DENIES_CLOSER = "denies anything closer to"  # denial -> an answer made from a wildcard
    PERMITS_UNSIGNED = "permits unsigned"  # denial of a DS -> unsigned data below it
    LEADS_TO = "leads to"  # CNAME or DNAME -> the next RRset


ENTERING_VERBS = (Verb.TRUSTS, Verb.VOUCHES_FOR)  # by these a zone is entered: the key at their end is believed


@dataclass(frozen=True)
class Check:
    """One thing that was checked, and how it ended."""

    rule: str  # its name, in words joined by hyphens: 'signature-not-expired'. diagnoses.py has a text for each
    passed: bool
    detail: str = ""  # the evidence, for people: what was expected, what was found
    source: str = ""  # 'RFC 4035 §5.3.1'


class Item(NamedTuple):
    """One box of the picture. Two boxes are the same thing exactly if their ids are equal."""

    id: str  # letters, digits and underscores; unique within one chain
    kind: ItemKind
    zone: Name | None  # the zone that holds the record; None for a trust anchor
    owner: Name
    rdtype: RdataType
    rdatas: tuple[Rdata, ...] = ()  # one DNSKEY; the DS records; the denial; the whole RRset
    role: str = ""  # of a key: 'KSK', 'ZSK' or 'CSK', by what it does in this chain, not by its SEP bit
    present: bool = True  # False: named by a DS or denied, but not received


class Link(NamedTuple):
    """One step of the walk from the trust anchor to the answer, and every check that was made for it."""

    source: Item
    verb: Verb
    target: Item
    status: LinkStatus
    checks: tuple[Check, ...] = ()  # in the order in which they were made; the last is the failed one if it failed
    signature: RRSIG | None = None  # the RRSIG that was used for it, if any
    expires: int | None = None  # epoch seconds until which the link holds

    @property
    def failed_check(self) -> Check | None:
        """Return the first check that failed, or None."""
        return next((check for check in self.checks if not check.passed), None)


@dataclass(frozen=True)
class Diagnosis:
    """What a verdict means to a person, and what it asks for."""

    rule: str  # of the check that decided
    headline: str  # three words for the picture: 'signature expired'
    sentence: str  # one plain sentence for a learner, names filled in
    source: str  # 'RFC 4035 §5.3.1'
    ede: int | None  # Extended DNS Error code (RFC 8914), or None
    repair: str  # what the zone's owner or the resolver's operator should do


@dataclass(frozen=True)
class ProvenZone:
    """What earlier chains have proven about a zone, so that it need not be proven again until `expires`."""

    zone: Name
    status: SecurityStatus  # SECURE: `keys` are its keys; INSECURE: nothing at or below it needs a signature
    keys: tuple[Rdata, ...]  # the validated DNSKEY RRset
    links: tuple[Link, ...]  # from the trust anchor to these keys (or to the denial of the DS)
    expires: int  # epoch seconds
    diagnosis: Diagnosis | None = None  # why it is insecure


class Tally(dict[str, int]):
    """What was done how often, in words that stand after a number: {'signature checks': 6, 'NSEC3 hashes': 3}."""

    def plus(self, other: Mapping[str, int]) -> "Tally":
        """Return the sum of two tallies."""
        return Tally({kind: self.get(kind, 0) + other.get(kind, 0) for kind in (*self, *other)})

    def __str__(self) -> str:
        return (
            ", ".join(f"{number} {kind if number != 1 else _one(kind)}" for kind, number in self.items()) or "nothing"
        )


def _one(kind: str) -> str:
    return kind.removesuffix("es") if kind.endswith("hes") else kind.removesuffix("s")


@dataclass(frozen=True)
class ChainOfTrust:
    """The whole judgement of one answer."""

    question: Question
    status: SecurityStatus
    links: tuple[Link, ...]  # in the order of the walk
    diagnosis: Diagnosis | None = None  # None for a plain SECURE
    ttl: int | None = None  # seconds for which the answer may be kept at most (RFC 4035 §5.3.3); None: no cap
    validated: tuple[RRset, ...] = ()  # the RRsets found secure, answer first, TTLs capped
    vouching: tuple[RRset, ...] = ()  # DS, denials of DS and DNSKEY found secure on the way, likewise
    existing: tuple[Name, ...] = ()  # names that lack only the type, though the reply said NXDOMAIN, which nobody signs
    needs: tuple[Question, ...] = ()  # questions without which the walk cannot go on; empty: the verdict is final
    proven: tuple[ProvenZone, ...] = ()  # for the next chain, so that it need not start at the anchor
    work: Tally = field(default_factory=Tally)  # what it cost: 'signature checks': 6, 'NSEC3 hashes': 3, ...

    @property
    def first_failure(self) -> Link | None:
        """Return the link at which the chain breaks, or None."""
        return next((link for link in self.links if link.status is LinkStatus.FAILED), None)

    @property
    def ede(self) -> int | None:
        """Return the Extended DNS Error code that fits best (RFC 8914), or None."""
        return self.diagnosis.ede if self.diagnosis else None

    @property
    def items(self) -> tuple[Item, ...]:
        """Return every box once, in the order of the walk."""
        boxes = {item.id: item for link in self.links for item in (link.source, link.target)}
        return tuple(boxes.values())

    def explain(self) -> str:
        """Return the chain in words, fit to be read aloud: the picture's twin."""
        from .explaining import explain  # it prints this class, so it cannot be imported before it

        return explain(self)
