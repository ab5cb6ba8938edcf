"""What a server may talk about: records inside the zone for which it was asked, and only those that were asked for.

Without this rule whoever owns *some* zone could put anybody's records into a cache: Kashpureff's attack of 1997.
It knows: a reply, the question, and the zone whose server was asked.
It must not know: whether a record is true; inside its own zone a server may say anything.
Follows RFC 5452 §6, RFC 2181 §5.4.1, RFC 1034 §5.3.3 (the "closer" check), RFC 6672 §2.2 (DNAME).
"""

from collections.abc import Container, Iterable

from dns import rdataclass, rdatatype
from dns.message import Message
from dns.name import Name
from dns.rdatatype import RdataType
from dns.rrset import RRset

from ..protocol.messages import Question, show_rrset

ADDRESS_TYPES = (rdatatype.A, rdatatype.AAAA)
DENIAL_TYPES = (rdatatype.NSEC, rdatatype.NSEC3)
NEGATIVE_TYPES = (rdatatype.SOA, *DENIAL_TYPES)
CUT_TYPES = (rdatatype.NS, rdatatype.SOA, rdatatype.DS)


def in_bailiwick(name: Name, zone: Name) -> bool:
    """Return whether a server of `zone` may say anything about `name`."""
    return name.is_subdomain(zone)


def scrub(message: Message, question: Question, zone: Name) -> tuple[str, ...]:
    """Remove from a reply all records outside `zone`, then those that nobody asked for.

    Returns:
        The records outside the zone, one line each: somebody may be lying.
    """
    outside = remove_outside(message, zone)
    remove_unasked(message, question)
    return outside


def remove_outside(message: Message, zone: Name) -> tuple[str, ...]:
    """Remove and return, one line each, the records that a server of `zone` has no say in."""
    outside: list[RRset] = []
    for section in message.sections[1:]:
        inside: list[RRset] = []
        for rrset in section:
            if rrset.rdclass == rdataclass.IN:  # others mean something else by A
                (inside if in_bailiwick(rrset.name, zone) else outside).append(rrset)
        section[:] = inside
    return tuple(map(show_rrset, outside))


def remove_unasked(message: Message, question: Question) -> None:
    """Remove records that do not help with the question; what an alias leads to is asked for separately."""
    _, answer, authority, additional = message.sections
    answer[:] = [rrset for rrset in answer if is_answer(rrset, question)]
    authority[:] = [rrset for rrset in authority if _is_helpful(rrset, question)]
    servers = server_names((*authority, *answer))
    additional[:] = [rrset for rrset in additional if rrset.rdtype in ADDRESS_TYPES and rrset.name in servers]


def is_answer(rrset: RRset, question: Question) -> bool:
    """Return whether an RRset answers a question: the type asked for, an alias, or the signature of either."""
    rdtype = covered_type(rrset)
    if rdtype == rdatatype.DNAME and rrset.name != question.name:
        return question.name.is_subdomain(rrset.name)
    if rrset.name != question.name:
        return False
    return rdtype in (question.rdtype, rdatatype.CNAME) or question.rdtype in (rrset.rdtype, rdatatype.ANY)


def covered_type(rrset: RRset) -> RdataType:
    """Return an RRset's type; of signatures, the type that they sign."""
    return rrset.covers if rrset.rdtype == rdatatype.RRSIG else rrset.rdtype


def of_types(section: Iterable[RRset], types: Container[RdataType]) -> tuple[RRset, ...]:
    """Return the RRsets of some types, and their signatures."""
    return tuple(rrset for rrset in section if covered_type(rrset) in types)


def server_names(rrsets: Iterable[RRset]) -> set[Name]:
    """Return the names of all name servers that NS records name."""
    return {rdata.target for rrset in rrsets if rrset.rdtype == rdatatype.NS for rdata in rrset}


def _is_helpful(rrset: RRset, question: Question) -> bool:
    """Return whether a record of the authority section has to do with the question.

    Name servers and the SOA must be those of a zone at or above the name: a server of com may delegate every name in
    com, but in a reply about www.foundry81.com it does not get to speak about the servers of another zone.
    """
    rdtype = covered_type(rrset)
    if rdtype in CUT_TYPES:
        return question.name.is_subdomain(rrset.name)
    return rdtype in DENIAL_TYPES
