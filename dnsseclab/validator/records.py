"""Records: a message read as RRsets with the signatures that came along.

It knows: which record belongs to which RRset, and which RRSIG says that it covers it.
It must not know: whether any of it is true.
Follows RFC 4035 §5.3 (an RRset and its RRSIGs have the same owner and class).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import dns.rcode
from dns.message import Message
from dns.name import Name
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.RRSIG import RRSIG
from dns.rrset import RRset


class SignedSet(NamedTuple):
    """One RRset, and the RRSIG RRset that claims to cover it (None: unsigned)."""

    rrset: RRset
    rrsigs: RRset | None

    @property
    def signatures(self) -> list[RRSIG]:
        """Return its RRSIGs, in the order in which they came."""
        return [rdata for rdata in self.rrsigs or () if isinstance(rdata, RRSIG)]


@dataclass(frozen=True)
class Section:
    """One section of a message: RRsets by owner and type."""

    sets: dict[tuple[Name, RdataType], RRset]
    rrsigs: dict[tuple[Name, RdataType], RRset]

    def find(self, name: Name, rdtype: RdataType) -> SignedSet | None:
        """Return an RRset with its signatures, or None."""
        rrset = self.sets.get((name, rdtype))
        return SignedSet(rrset, self.rrsigs.get((name, rdtype))) if rrset is not None else None

    def of_type(self, rdtype: RdataType) -> list[SignedSet]:
        """Return all RRsets of a type, in the order in which they came."""
        return [SignedSet(rrset, self.rrsigs.get(key)) for key, rrset in self.sets.items() if key[1] == rdtype]

    def at(self, name: Name) -> list[SignedSet]:
        """Return all RRsets at a name, in the order in which they came."""
        return [SignedSet(rrset, self.rrsigs.get(key)) for key, rrset in self.sets.items() if key[0] == name]


class Records:
    """What the answer and authority sections of one message hold, in class IN."""

    def __init__(self, message: Message):
        self.answer = _section(message.answer)
        self.authority = _section(message.authority)
        self.rcode = message.rcode()

    @property
    def name_error(self) -> bool:
        """Return whether the header says NXDOMAIN; nobody signs the header."""
        return self.rcode == dns.rcode.NXDOMAIN

    def denials(self) -> list[SignedSet]:
        """Return the NSEC and NSEC3 RRsets by which it denies something."""
        return [*self.authority.of_type(RdataType.NSEC), *self.authority.of_type(RdataType.NSEC3)]

    def denial_signers(self, name: Name) -> list[Name]:
        """Return who claims to have signed the absence of a name: the signers of the SOA above it, or of denials."""
        soas = [soa for soa in self.authority.of_type(RdataType.SOA) if name.is_subdomain(soa.rrset.name)]
        return [rrsig.signer for found in soas or self.denials() for rrsig in found.signatures]

    def signers(self) -> Iterator[Name]:
        """Yield every signer's name found in it: names that somebody says are zones."""
        for section in (self.answer, self.authority):
            for rrsigs in section.rrsigs.values():
                yield from (rdata.signer for rdata in rrsigs if isinstance(rdata, RRSIG))


def _section(rrsets: Iterable[RRset]) -> Section:
    section = Section({}, {})
    for rrset in rrsets:
        if rrset.rdclass != RdataClass.IN or not len(rrset):
            continue
        signed = rrset.rdtype == RdataType.RRSIG
        table, rdtype = (section.rrsigs, rrset.covers) if signed else (section.sets, rrset.rdtype)
        known = table.get((rrset.name, rdtype))
        if known is None:
            table[rrset.name, rdtype] = rrset
        else:  # the same RRset in two pieces: a message put together by hand
            table[rrset.name, rdtype] = known.union(rrset)
    return section
