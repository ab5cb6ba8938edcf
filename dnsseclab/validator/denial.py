"""Denial of existence: what a proof is made of, and how the types in an NSEC or NSEC3 record are read.

It knows: one record at a time. nsec_denial.py and nsec3_denial.py put records together to a proof.
It must not know: how such records are made (the signer has its own code), or what a message's header says.
Follows RFC 4034 §4.1.2 (type bitmaps), RFC 4035 §5.4, RFC 6840 §4.1-4.4 (guards at a zone cut), RFC 4592 §3.3.1.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

import dns.name
from dns import rdatatype
from dns.name import Name
from dns.rdata import Rdata
from dns.rdatatype import RdataType

from ..protocol.names import show_type
from ..protocol.trust import Check, Verb
from .diagnoses import check

ROOT_LABELS = 1  # labels of the root name
NXNAME = 128  # RFC 9824 §4: no type of data, it says "the name itself does not exist"
PROOF_ONLY = (rdatatype.RRSIG, rdatatype.NSEC, rdatatype.NSEC3, NXNAME)  # types that a name may have without data


class Shows(Enum):
    """What the records of a proof come to."""

    ABSENT = "it is not there"
    UNSIGNED = "an unsigned zone may lie there"  # a delegation without DS, or a gap with opt-out
    NO_CUT = "no zone begins there"  # there is no DS because there is no delegation
    NOTHING = "nothing"  # the proof fails


@dataclass(frozen=True, eq=False)  # compared by identity: comparing records by content is slow
class Record:
    """One validated NSEC or NSEC3 record."""

    owner: Name
    rdata: Rdata


class Part(NamedTuple):
    """What one record contributes to a proof."""

    record: Record
    verb: Verb
    checks: tuple[Check, ...]  # in order, the last is the failed one if it failed

    @property
    def holds(self) -> bool:
        """Return whether the record shows what it should."""
        return all(made.passed for made in self.checks)


@dataclass(frozen=True)
class Proof:
    """What is shown, and record by record why. If nothing is shown, the last part has failed."""

    shows: Shows
    parts: tuple[Part, ...]
    rule: str = ""  # if UNSIGNED: why
    exists: bool = False  # shown instead of what was asked for: the name is there, and has not the type


def proof(parts: Iterable[Part], shows: Shows = Shows.ABSENT, rule: str = "") -> Proof:
    """Return a proof that shows something if all its parts hold; what comes after the first failure is left out."""
    made: list[Part] = []
    for part in parts:
        made.append(part)
        if not part.holds:
            return Proof(Shows.NOTHING, tuple(made))
    return Proof(shows, tuple(made), rule)


def type_checks(record: Record, name: Name, rdtype: RdataType, kind: str) -> Iterator[Check]:
    """Yield whether the record that matches a name denies a type there.

    At a zone cut DS lies on the parent's side and every other type on the child's, and each side has a record.

    Args:
        kind: 'nsec' or 'nsec3': whose rules these are.
    """
    apex, delegation = has_type(record.rdata, rdatatype.SOA), has_type(record.rdata, rdatatype.NS)
    if rdtype == rdatatype.DS:  # the child's record knows nothing of the DS; only the root has no other side
        yield check(f"{kind}-not-from-child", not apex or name == dns.name.root)
    else:
        yield check(f"{kind}-not-from-above", apex or not delegation)
    if rdtype == rdatatype.ANY:
        present = [number for number in types_of(record.rdata) if number not in PROOF_ONLY]
    else:  # a CNAME would lead every type on (RFC 6840 §4.3)
        present = [number for number in (rdtype, rdatatype.CNAME) if has_type(record.rdata, number)]
    said = ", ".join(show_type(number) for number in present) or f"no {show_type(rdtype)}"
    yield check(f"{kind}-type-absent", not present, f"has {said}")


def is_ancestor_delegation(record: Record) -> bool:
    """Return whether a record stands above a zone cut, or at a DNAME: it must not speak of names below (RFC 6840 §4.1).

    At a zone cut the parent has a record as well. Its gap seems to deny the whole child, and whoever could use it so
    would make any signed child zone vanish. Below a DNAME nothing exists in this zone either.
    """
    delegation = has_type(record.rdata, rdatatype.NS) and not has_type(record.rdata, rdatatype.SOA)
    return delegation or has_type(record.rdata, rdatatype.DNAME)


def has_type(rdata: Rdata, rdtype: int) -> bool:
    """Return whether a type's bit is set in an NSEC or NSEC3 record."""
    return rdtype in types_of(rdata)


def types_of(rdata: Rdata) -> Iterator[int]:
    """Yield the types whose bits are set in an NSEC or NSEC3 record (RFC 4034 §4.1.2)."""
    for window, bitmap in rdata.windows:  # type: ignore[attr-defined]
        for number, octet in enumerate(bitmap):
            for bit in range(8):
                if octet & (0x80 >> bit):
                    yield window * 256 + number * 8 + bit


def wildcard_at(encloser: Name) -> Name:
    """Return the wildcard that stands in for names whose closest encloser this is (RFC 4592 §3.3.1)."""
    return Name((b"*", *encloser.labels))
