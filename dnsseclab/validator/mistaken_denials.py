"""Four of the wrong validators of mistakes.py: those that get a proof of absence wrong.

It knows: the validator's steps.
It must not know: how a mistake is used against somebody.
RFC 4035 §5.3.4 and §5.4, RFC 4592 §3.3.1, RFC 5155 §8.6 and RFC 6840 §4.1 hold the rules that are broken here.
"""

from collections.abc import Iterator, Sequence

from dns.name import Name

from ..protocol.names import ancestors
from ..protocol.trust import Check, Item, ProvenZone
from .chain import Validator
from .denial import Proof, Record, Shows, proof, wildcard_at
from .nsec3_denial import Nsec3Denial
from .nsec_denial import NsecDenial
from .proving import Denial, Proven
from .records import Records
from .verifying import Verified


class ParentDeniesChild(Validator):
    """Lets an NSEC record at a zone cut deny names below it, though they are the child's and not the parent's."""

    def denials_of(self, zone: ProvenZone, records: Sequence[Record]) -> Iterator[Denial]:
        """Yield denials that don't ask on which side of a zone cut an NSEC record stands."""
        for denial in super().denials_of(zone, records):
            yield AcrossTheCut(zone.zone, denial.records) if isinstance(denial, NsecDenial) else denial


class AcrossTheCut(NsecDenial):
    """NSEC without the guard of RFC 6840 §4.1."""

    def gap_checks(self, record: Record, name: Name, or_empty: bool) -> Iterator[Check]:
        """Yield the checks of a gap, but for the one of the record's side."""
        return (made for made in super().gap_checks(record, name, or_empty) if made.rule != "nsec-not-from-above")


class AnyWildcard(Validator):
    """Is content with the denial of a wildcard at any ancestor of a name, not only at its closest encloser."""

    def denials_of(self, zone: ProvenZone, records: Sequence[Record]) -> Iterator[Denial]:
        """Yield denials that look for a wildcard further up if nothing is said of the right one."""
        for denial in super().denials_of(zone, records):
            yield FurtherUp(zone.zone, denial.records) if isinstance(denial, NsecDenial) else denial


class FurtherUp(NsecDenial):
    """NSEC with a careless search for the wildcard that might stand in for a name."""

    def source_of_synthesis(self, name: Name, covering: Record) -> Name:
        """Return the closest wildcard of which some record speaks."""
        right = super().source_of_synthesis(name, covering)
        above = [wildcard_at(each) for each in ancestors(name.parent()) if each.is_subdomain(self.zone)]
        spoken_of = (each for each in (right, *above) if self.matching(each) or self.name_absent(each).holds)
        return next(spoken_of, right)


class EveryGapOptsOut(Validator):
    """Takes any gap between NSEC3 records for one that may hide an unsigned delegation."""

    def denials_of(self, zone: ProvenZone, records: Sequence[Record]) -> Iterator[Denial]:
        """Yield denials that don't look at the Opt-Out flag."""
        for denial in super().denials_of(zone, records):
            if isinstance(denial, Nsec3Denial):
                denial = OptedOut(zone.zone, denial.records, denial.policy, denial.work)
            yield denial


class OptedOut(Nsec3Denial):
    """NSEC3 without a look at the Opt-Out flag when a DS is missing."""

    def no_ds(self, name: Name) -> Proof:
        """Return the proof that there is no DS; where there is none, a closest encloser and a gap will do."""
        proven = super().no_ds(name)
        if proven.shows is not Shows.NOTHING or not self.usable:
            return proven
        return proof(self.closest_encloser(name).parts, Shows.UNSIGNED, "opt-out")


class WildcardUnproven(Validator):
    """Accepts an answer made from a wildcard. Whether the name has records of its own is not asked."""

    def prove_nothing_closer(self, zone: ProvenZone, verified: Verified, box: Item, records: Records) -> Proven:
        """Return an empty proof."""
        return Proven(Shows.ABSENT, (), ())
