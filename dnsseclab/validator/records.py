"""Records: a message read as RRsets with the signatures that came along.

It knows: which RRSIG says that it covers which RRset.
It must not know: whether any of it is true.
Follows RFC 4035 §5.3 (an RRset and its RRSIGs have the same owner and class).
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import dns.rcode
from dns import rdataclass, rdatatype
from dns.message import Message
from dns.name import Name
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.RRSIG import RRSIG
from dns.rrset import RRset

from ..protocol.messages import response_code

ANSWERING = (dns.rcode.NOERROR, dns.rcode.NXDOMAIN, dns.rcode.YXDOMAIN)  # every other reply is none


class SignedSet(NamedTuple):
    """One RRset, and the RRSIG RRset that claims to cover it (None: unsigned)."""

    rrset: RRset
    rrsigs: RRset | None

    @property
    def signatures(self) -> list[RRSIG]:
        """Return its RRSIGs, in the order in which they came."""
        return [rdata for rdata in self.rrsigs or () if isinstance(rdata, RRSIG)]

    @property
    def signers(self) -> list[Name]:
        """Return in whose names it is signed, as the signatures say."""
        return [rrsig.signer for rrsig in self.signatures]


class Section:
    """One section of a message, in class IN."""

    def __init__(self, rrsets: Sequence[RRset]):
        self.data: list[RRset] = []
        self.rrsigs: list[RRset] = []
        for rrset in rrsets:
            if rrset.rdclass == rdataclass.IN and rrset.items:
                (self.rrsigs if rrset.rdtype == rdatatype.RRSIG else self.data).append(rrset)

    def find(self, name: Name, rdtype: RdataType) -> SignedSet | None:
        """Return an RRset with its signatures, or None."""
        rrset = _joined([rrset for rrset in self.data if rrset.rdtype == rdtype and rrset.name == name])
        return self._signed(rrset) if rrset is not None else None

    def of_type(self, rdtype: RdataType) -> Iterator[SignedSet]:
        """Yield all RRsets of a type, in the order in which they came."""
        return (self._signed(rrset) for rrset in self.data if rrset.rdtype == rdtype)

    def at(self, name: Name) -> Iterator[SignedSet]:
        """Yield all RRsets at a name, in the order in which they came."""
        return (self._signed(rrset) for rrset in self.data if rrset.name == name)

    def _signed(self, rrset: RRset) -> SignedSet:
        covering = [rrsigs for rrsigs in self.rrsigs if rrsigs.covers == rrset.rdtype and rrsigs.name == rrset.name]
        return SignedSet(rrset, _joined(covering))


class Records:
    """What the answer and authority sections of one message hold."""

    def __init__(self, message: Message):
        self.answer = Section(message.answer)
        self.authority = Section(message.authority)
        code = response_code(message)
        self.name_error = code == dns.rcode.NXDOMAIN  # nobody signs the header, so this is only a claim
        self.answering = code in ANSWERING

    def denials(self) -> Iterator[SignedSet]:
        """Yield the NSEC and NSEC3 RRsets by which it denies something."""
        yield from self.authority.of_type(rdatatype.NSEC)
        yield from self.authority.of_type(rdatatype.NSEC3)

    def denial_signers(self, name: Name) -> list[Name]:
        """Return who claims to have signed the absence of a name: the signers of the SOA above it, or of denials."""
        soas = [soa for soa in self.authority.of_type(rdatatype.SOA) if name.is_subdomain(soa.rrset.name)]
        return [signer for found in soas or self.denials() for signer in found.signers]

    def signers(self) -> Iterator[Name]:
        """Yield every signer's name found in it: names that somebody says are zones."""
        for rrsigs in (*self.answer.rrsigs, *self.authority.rrsigs):
            yield from (rdata.signer for rdata in rrsigs if isinstance(rdata, RRSIG))


def _joined(pieces: Sequence[RRset]) -> RRset | None:
    """Return an RRset that came in several pieces, which happens in messages put together by hand, as one."""
    if len(pieces) < 2:
        return pieces[0] if pieces else None
    whole = pieces[0].copy()
    for piece in pieces[1:]:
        whole.update(piece)
    return whole
