"""Denial of existence by NSEC3: what signed gaps between hashes prove, and what they don't.

It knows: NSEC3 records of one zone whose signatures have been verified, and one name.
It must not know: how such records are made (the signer has its own code), or what a message's header says.
Follows RFC 5155 §8, numbered as there; RFC 9276 §3.2 (iterations); RFC 6840 §4.1 (guards).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from dns import rdatatype
from dns.name import Name
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.NSEC3 import NSEC3

from ..protocol.dnssec import nsec3_hash, nsec3_label
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
from .limits import Work
from .policy import Policy

SHA1 = 1  # the only hash algorithm that is defined (RFC 5155 §11)
OPT_OUT = 0x01  # the only flag that is defined (RFC 5155 §3.1.2)


class Encloser(NamedTuple):
    """The closest encloser of a name, with its proof (RFC 5155 §8.3)."""

    name: Name
    parts: tuple[Part, ...]  # the record that matches it, the record that covers the next closer name
    opted_out: bool = False  # the gap may hide unsigned delegations

    @property
    def holds(self) -> bool:
        """Return whether both records show what they should."""
        return all(part.holds for part in self.parts)


@dataclass(frozen=True)
class Nsec3Denial:
    """The NSEC3 records of one response, all signed by `zone`; at least one."""

    zone: Name
    records: Sequence[Record]
    policy: Policy
    work: Work
    _hashes: dict[Name, bytes] = field(default_factory=dict)

    @cached_property
    def usable(self) -> list[Record]:
        """8.1, 8.2: return the records whose hash algorithm and flags are known; the others are ignored."""
        return [record for record in self.records if _is_usable(record) and record.owner.parent() == self.zone]

    # ---- the four proofs --------------------------------------------------------------------------------------

    def no_name(self, name: Name) -> Proof:
        """8.4: prove that a name does not exist, and that no wildcard could stand in for it."""
        if refused := self.refused():
            return refused
        encloser = self.closest_encloser(name)
        if not encloser.holds:
            return proof(encloser.parts)
        wildcard = wildcard_at(encloser.name)
        covering = self.covering(wildcard)
        record = covering or self.matching(wildcard) or encloser.parts[0].record
        no_wildcard = check("nsec3-denies-wildcard", covering is not None, show_name(wildcard))
        parts = (*encloser.parts, Part(record, Verb.DENIES_WILDCARD, (no_wildcard,)))
        return self.by_encloser(encloser, parts)

    def no_name_or(self, name: Name, less: Callable[[], Proof]) -> Proof:
        """8.4: prove what NXDOMAIN says, and nothing less: NSEC3 was made with empty non-terminals in mind (§7.1)."""
        return self.no_name(name)

    def no_type(self, name: Name, rdtype: RdataType) -> Proof:
        """8.5-8.7: prove that a name has no record of a type."""
        if refused := self.refused():
            return refused
        matching = self.matching(name)
        if matching:  # 8.5, 8.6
            return proof([self.type_absent(matching, name, rdtype)])
        encloser = self.closest_encloser(name)
        if not encloser.holds:
            return proof(encloser.parts)
        if rdtype == rdatatype.DS and encloser.opted_out:  # 8.6 asks for no more; a wildcard stands for no delegation
            return self.by_encloser(encloser, encloser.parts)
        wildcard = wildcard_at(encloser.name)
        matching = self.matching(wildcard)
        if matching:  # 8.7: the wildcard that stands in for the name lacks the type
            parts = (*encloser.parts, self.type_absent(matching, wildcard, rdtype, Verb.DENIES_WILDCARD))
            return self.by_encloser(encloser, parts)
        # 8.6: a gap with opt-out may hide an unsigned delegation, or a name that only such delegations lie below
        return self.by_encloser(encloser, must_opt_out(encloser))

    def no_ds(self, name: Name) -> Proof:
        """8.6, 8.9: prove that a name has no DS: an unsigned delegation, or no delegation at all."""
        if refused := self.refused():
            return refused
        matching = self.matching(name)
        if matching and has_type(matching.rdata, rdatatype.NS):
            return proof([self.type_absent(matching, name, rdatatype.DS)], Shows.UNSIGNED, "insecure-delegation")
        absent = self.no_type(name, rdatatype.DS)
        if absent.shows is Shows.ABSENT:
            return Proof(Shows.NO_CUT, absent.parts)
        return absent

    def nothing_closer(self, name: Name, wildcard_labels: int) -> Proof:
        """8.8: prove that a wildcard of so many labels is the closest match for a name."""
        if refused := self.refused():
            return refused
        next_closer = _last_labels(name, wildcard_labels + 1)
        covering = self.covering(next_closer)
        denied = check("wildcard-is-closest", covering is not None, f"next closer name {show_name(next_closer)}")
        part = Part(covering or self.usable[0], Verb.DENIES_CLOSER, (denied,))
        if covering and self.opted_out(covering):
            return proof([part], Shows.UNSIGNED, "opt-out")
        return proof([part])

    # ---- what they are made of --------------------------------------------------------------------------------

    def refused(self) -> Proof | None:
        """8.1, 8.2, RFC 9276 §3.2: return a proof of nothing, or of too little, before any hash is computed."""
        if not self.usable or len({_parameters(record) for record in self.usable}) > 1:
            said = "; ".join(sorted({_described(record) for record in self.records}))
            return proof([Part(self.records[0], Verb.DENIES, (check("nsec3-usable", False, said),))])
        first = self.usable[0]
        rounds = _nsec3(first).iterations
        if rounds <= self.policy.nsec3_iterations:
            return None
        # The signature has been verified, so it is the zone that wants this, and not somebody on the path.
        too_many = check("nsec3-iterations", False, f"{rounds} rounds, at most {self.policy.nsec3_iterations}")
        return Proof(Shows.UNSIGNED, (Part(first, Verb.PERMITS_UNSIGNED, (too_many,)),), "nsec3-iterations")

    def closest_encloser(self, name: Name) -> Encloser:
        """8.3: find the longest ancestor that exists, and the denial of the name one label longer."""
        next_closer = name
        for length in range(len(name.labels), len(self.zone.labels) - 1, -1):
            candidate = Name(name.labels[len(name.labels) - length :])
            record = self.matching(candidate)
            if record:
                return self._enclosed_by(candidate, record, next_closer)
            next_closer = candidate
        missing = check("nsec3-closest-encloser", False, f"none of {len(self.usable)} NSEC3 records matches")
        return Encloser(self.zone, (Part(self.usable[0], Verb.DENIES, (missing,)),))

    def _enclosed_by(self, encloser: Name, record: Record, next_closer: Name) -> Encloser:
        matched = Part(record, Verb.DENIES, until_failure(encloser_checks(encloser, record, next_closer)))
        covering = self.covering(next_closer)
        denied = check("nsec3-next-closer", covering is not None, show_name(next_closer))
        parts = (matched, Part(covering or record, Verb.DENIES, (denied,)))
        return Encloser(encloser, parts, covering is not None and self.opted_out(covering))

    def by_encloser(self, encloser: Encloser, parts: Sequence[Part]) -> Proof:
        """Return a proof that rests on a closest encloser: with opt-out it cannot be secure (RFC 5155 §9.2)."""
        if encloser.opted_out:
            return proof(parts, Shows.UNSIGNED, "opt-out")
        return proof(parts)

    def opted_out(self, covering: Record) -> bool:
        """Return whether a gap may hide unsigned delegations (RFC 5155 §6)."""
        return bool(_nsec3(covering).flags & OPT_OUT)

    def type_absent(self, matching: Record, name: Name, rdtype: RdataType, verb: Verb = Verb.DENIES) -> Part:
        """Return whether the record that matches a name denies a type there."""
        return Part(matching, verb, until_failure(type_checks(matching, name, rdtype, "nsec3")))

    def matching(self, name: Name) -> Record | None:
        """Return the record whose owner is the hash of `name`, or None."""
        label = nsec3_label(self.hash(name))
        return next((record for record in self.usable if _owner_label(record) == label), None)

    def covering(self, name: Name) -> Record | None:
        """Return the record in whose gap the hash of `name` lies, or None. The last gap of a zone wraps around."""
        label = nsec3_label(self.hash(name))
        for record in self.usable:
            owner, follower = _owner_label(record), nsec3_label(_nsec3(record).next)
            if owner < label < follower or (follower <= owner and (owner < label or label < follower)):
                return record
        return None

    def hash(self, name: Name) -> bytes:
        """Return the hash of a name with the zone's parameters; each is computed only once."""
        if name not in self._hashes:
            self.work.spend("NSEC3 hashes")
            parameters = _nsec3(self.usable[0])
            self.work.spend("hash rounds", parameters.iterations + 1)
            self._hashes[name] = nsec3_hash(name, parameters.salt, parameters.iterations)
        return self._hashes[name]


def encloser_checks(encloser: Name, record: Record, next_closer: Name) -> Sequence[Check]:
    """Return whether a record that matches an ancestor may be its closest encloser (RFC 5155 §8.3, RFC 6840 §4.1)."""
    return (
        check("nsec3-closest-encloser", True, show_name(encloser)),
        check("nsec3-name-absent", encloser != next_closer, show_name(encloser)),
        check("nsec3-not-from-above", not is_ancestor_delegation(record), show_name(encloser)),
    )


def must_opt_out(encloser: Encloser) -> tuple[Part, Part]:
    """Return the parts of a closest encloser's proof, with the demand that the second record's gap has opt-out."""
    matched, covering = encloser.parts
    return matched, covering._replace(checks=(*covering.checks, check("nsec3-opt-out", encloser.opted_out)))


def _nsec3(record: Record) -> NSEC3:
    assert isinstance(record.rdata, NSEC3)
    return record.rdata


def _is_usable(record: Record) -> bool:
    rdata = _nsec3(record)
    return rdata.algorithm == SHA1 and rdata.flags & ~OPT_OUT == 0


def _parameters(record: Record) -> tuple[int, int, bytes]:
    return (_nsec3(record).algorithm, _nsec3(record).iterations, _nsec3(record).salt)


def _described(record: Record) -> str:
    rdata = _nsec3(record)
    return f"hash {rdata.algorithm}, flags {rdata.flags}, {rdata.iterations} iterations, salt {rdata.salt.hex() or '-'}"


def _owner_label(record: Record) -> bytes:
    return record.owner.labels[0].lower()


def _last_labels(name: Name, count: int) -> Name:
    return Name(name.labels[-count - ROOT_LABELS :])
