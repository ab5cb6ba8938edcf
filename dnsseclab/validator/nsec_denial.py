"""Denial of existence by NSEC: what signed gaps between names prove, and what they don't.

It knows: NSEC records of one zone whose signatures have been verified, and one name.
It must not know: how such records are made (the signer has its own code), or what a message's header says.
Follows RFC 4035 §5.4 (names and types), §5.2 (DS), §5.3.4 (wildcards); RFC 6840 §4.1-4.4 (guards);
RFC 4592 §2.2.2 (empty non-terminals).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from dns import rdatatype
from dns.name import Name
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.NSEC import NSEC

from ..protocol.names import show_name
from ..protocol.trust import Check, Verb
from .denial import (
    ROOT_LABELS,
    Part,
    Proof,
    Record,
    Shows,
    has_type,
    is_ancestor_delegation,
    proof,
    type_checks,
    wildcard_at,
)
from .diagnoses import check, until_failure


@dataclass(frozen=True)
class NsecDenial:
    """The NSEC records of one response, all signed by `zone`; at least one."""

    zone: Name
    records: Sequence[Record]

    # ---- the four proofs --------------------------------------------------------------------------------------

    def no_name(self, name: Name) -> Proof:
        """Prove that a name does not exist, and that no wildcard could stand in for it (RFC 4035 §5.4)."""
        absent = self.name_absent(name)
        if not absent.holds:
            return proof([absent])
        wildcard = self.source_of_synthesis(name, absent.record)
        denied = self.name_absent(wildcard)
        detail = f"{show_name(wildcard)}: {denied.checks[0 if denied.holds else -1].detail}"
        no_wildcard = check("nsec-denies-wildcard", denied.holds, detail)
        return proof([absent, Part(denied.record, Verb.DENIES_WILDCARD, (no_wildcard,))])

    def no_name_or(self, name: Name, less: Callable[[], Proof]) -> Proof:
        """Prove what NXDOMAIN says; or else something less, which is what the server should have said.

        Nobody signs the response code, and there are servers that say NXDOMAIN for an empty non-terminal, though that
        exists (RFC 4592 §2.2.2). Their NSEC records know better.
        """
        asked = self.no_name(name)
        shown = less() if asked.shows is Shows.NOTHING else asked
        return asked if shown.shows is Shows.NOTHING else replace(shown, exists=shown is not asked)

    def no_type(self, name: Name, rdtype: RdataType) -> Proof:
        """Prove that a name has no record of a type (RFC 4035 §5.4, RFC 6840 §4.3)."""
        matching = self.matching(name)
        if matching:
            return proof([self.type_absent(matching, name, rdtype)])
        absent = self.name_absent(name, or_empty=True)
        if not absent.holds or is_empty_non_terminal(name, absent.record):
            return proof([absent])
        # The name does not exist; but the wildcard that stands in for it does, and lacks the type.
        wildcard = self.source_of_synthesis(name, absent.record)
        matching = self.matching(wildcard)
        if matching:
            return proof([absent, self.type_absent(matching, wildcard, rdtype, Verb.DENIES_WILDCARD)])
        missing = check("nsec-denies-wildcard", False, f"no NSEC of {show_name(wildcard)}")
        return proof([absent._replace(checks=(*absent.checks, missing))])

    def no_ds(self, name: Name) -> Proof:
        """Prove that a name has no DS: an unsigned delegation, or no delegation at all (RFC 4035 §5.2)."""
        matching = self.matching(name)
        if not matching:
            return proof([self.name_absent(name, or_empty=True)], Shows.NO_CUT)
        if not has_type(matching.rdata, rdatatype.NS):
            return proof([self.type_absent(matching, name, rdatatype.DS)], Shows.NO_CUT)
        return proof([self.type_absent(matching, name, rdatatype.DS)], Shows.UNSIGNED, "insecure-delegation")

    def nothing_closer(self, name: Name, wildcard_labels: int) -> Proof:
        """Prove that a wildcard of so many labels is the closest match for a name (RFC 4035 §5.3.4)."""
        absent = self.name_absent(name)._replace(verb=Verb.DENIES_CLOSER)
        if not absent.holds:
            return proof([absent])
        encloser = closest_encloser(name, absent.record)
        closest = len(encloser.labels) - ROOT_LABELS == wildcard_labels
        said = check("wildcard-is-closest", closest, f"closest encloser {show_name(encloser)}")
        return proof([absent._replace(checks=(*absent.checks, said))])

    # ---- what they are made of --------------------------------------------------------------------------------

    def matching(self, name: Name) -> Record | None:
        """Return the record whose owner is `name`, or None. One that leads out of the zone is none of its own."""
        own = (record for record in self.records if _next(record).is_subdomain(self.zone))  # RFC 4034 §4.1.1
        return next((record for record in own if record.owner == name), None)

    def type_absent(self, matching: Record, name: Name, rdtype: RdataType, verb: Verb = Verb.DENIES) -> Part:
        """Return whether the record of a name denies a type there."""
        return Part(matching, verb, until_failure(type_checks(matching, name, rdtype, "nsec")))

    def name_absent(self, name: Name, or_empty: bool = False) -> Part:
        """Return whether some record denies that a name exists.

        Args:
            or_empty: An empty non-terminal will do: a name that exists only because others lie below it.
        """
        covering = [record for record in self.records if covers(record, name, self.zone)]
        parts = [
            Part(record, Verb.DENIES, until_failure(self.gap_checks(record, name, or_empty))) for record in covering
        ]
        if parts:
            return next((part for part in parts if part.holds), parts[0])
        matching = self.matching(name)
        if matching:
            return Part(matching, Verb.DENIES, (check("nsec-name-absent", False, f"NSEC of {show_name(name)}"),))
        nearest = self.records[0]
        return Part(nearest, Verb.DENIES, (check("nsec-covers-name", False, self.why_not_covered(nearest, name)),))

    def why_not_covered(self, record: Record, name: Name) -> str:
        """Return a record's gap, and where a name lies that is not in it."""
        if not _next(record).is_subdomain(self.zone):
            return f"{_gap(record)}\nthat leads out of {show_name(self.zone)}"
        if not name.is_subdomain(self.zone):
            return f"{_gap(record)}\n{show_name(name)} lies outside {show_name(self.zone)}"
        return f"{_gap(record)}\n{show_name(name)} lies {'before' if name < record.owner else 'behind'} it"

    def gap_checks(self, record: Record, name: Name, or_empty: bool) -> Iterator[Check]:
        """Yield whether a record that covers `name` may be taken for its denial."""
        yield check("nsec-covers-name", True, _gap(record))
        below_cut = name.is_subdomain(record.owner) and is_ancestor_delegation(record)
        yield check("nsec-not-from-above", not below_cut, f"NSEC of {show_name(record.owner)}")
        if not or_empty:
            empty = is_empty_non_terminal(name, record)
            yield check("nsec-name-absent", not empty, f"{show_name(_next(record))} lies below it" * empty)

    def source_of_synthesis(self, name: Name, covering: Record) -> Name:
        """Return the only wildcard that can stand in for a name: the one at its closest encloser (RFC 4592 §3.3.1)."""
        return wildcard_at(closest_encloser(name, covering))


def covers(record: Record, name: Name, zone: Name) -> bool:
    """Return whether a name lies in the gap behind an NSEC record, in canonical order (RFC 4034 §6.1).

    The last record of a zone points back to the apex: its gap is everything behind it.
    """
    follower = _next(record)
    if not (name.is_subdomain(zone) and follower.is_subdomain(zone)):
        return False
    return record.owner < name and (name < follower or follower == zone)


def is_empty_non_terminal(name: Name, record: Record) -> bool:
    """Return whether the next name lies below `name`, so that it exists without having records (RFC 4592 §2.2.2)."""
    return _next(record).is_subdomain(name)


def closest_encloser(name: Name, record: Record) -> Name:
    """Return the longest existing ancestor of a name that `record` covers: what it shares with one end of the gap."""
    shared = max(name.fullcompare(end)[2] for end in (record.owner, _next(record)))
    return Name(name.labels[len(name.labels) - shared :])


def _next(record: Record) -> Name:
    assert isinstance(record.rdata, NSEC)
    return record.rdata.next


def _gap(record: Record) -> str:
    return f"NSEC {show_name(record.owner)} → {show_name(_next(record))}"
