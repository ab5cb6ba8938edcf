"""From a reply to cache entries: what is remembered, at which rank, and for how long.

It knows: replies, and what validation has said of them.
It must not know: how that was found.
Follows RFC 2181 §5.4.1 (ranking); RFC 2308 §5 (absences); RFC 4035 §5.3.3 (the TTL of what was validated).
"""

from collections.abc import Container, Iterable
from dataclasses import dataclass

import dns.rcode
from dns import rdataclass, rdatatype
from dns.name import Name
from dns.rdatatype import RdataType
from dns.rrset import RRset

from ..protocol.messages import Question, flag
from ..protocol.trust import Diagnosis, SecurityStatus
from .bailiwick import ADDRESS_TYPES, DENIAL_TYPES, NEGATIVE_TYPES, in_bailiwick, of_types
from .cache import LONGEST_TTL, WHOLE_NAME, Entry, Rank, negative_ttl
from .replies import Kind, Reply

NEVER_KEPT = (rdatatype.ANY, rdatatype.RRSIG)  # an answer to these is no RRset: nobody can tell whether it is whole


@dataclass(frozen=True)
class Judgement:
    """What validation said of a reply, as far as the cache must know."""

    status: SecurityStatus
    secure: Container[tuple[Name, RdataType]] = ()  # RRsets that are secure even if the whole is not
    diagnosis: Diagnosis | None = None  # why it is insecure

    def status_of(self, rrset: RRset) -> SecurityStatus:
        """Return the status of one RRset of the answer."""
        return SecurityStatus.SECURE if (rrset.name, rrset.rdtype) in self.secure else self.status


UNCHECKED = Judgement(SecurityStatus.UNCHECKED)


def answer_entries(reply: Reply, judgement: Judgement, now: int) -> list[Entry]:
    """Return what to remember of an answer, an alias or an absence."""
    if reply.question.rdtype in NEVER_KEPT:
        return []
    if reply.kind in (Kind.NO_SUCH_NAME, Kind.NO_SUCH_RECORD):
        soa = [
            _presence(rrset, reply, judgement, now)
            for rrset in reply.message.authority
            if rrset.rdtype == rdatatype.SOA
        ]
        return [_absence(reply, judgement, now), *soa]
    return [
        _presence(rrset, reply, judgement, now)
        for rrset in reply.message.answer
        if rrset.rdtype != rdatatype.RRSIG and not _is_made_from_dname(rrset, reply)
    ]


def server_entries(reply: Reply, now: int) -> list[Entry]:
    """Return the name servers and addresses that came along with a reply: unsigned, but the way to ask on."""
    message = reply.message
    authoritative = flag(message, "AA") and reply.kind is not Kind.REFERRAL
    rank = Rank.AUTHORITY if authoritative else Rank.ADDITIONAL
    servers = [_unsigned(rrset, rank, now) for rrset in message.authority if rrset.rdtype == rdatatype.NS]
    glue = [_unsigned(rrset, Rank.ADDITIONAL, now) for rrset in message.additional if rrset.rdtype in ADDRESS_TYPES]
    return servers + glue


def vouching_entries(rrsets: Iterable[RRset], now: int) -> list[Entry]:
    """Return what to remember of DS and DNSKEY RRsets that were validated on the way to an answer.

    Args:
        rrsets: Each followed by its signatures, with the TTL that both may have. Denials among them are not answers.
    """
    data = [rrset for rrset in rrsets if rrset.rdtype in (rdatatype.DS, rdatatype.DNSKEY)]
    rrsigs = {(rrset.name, rrset.covers): rrset for rrset in rrsets if rrset.rdtype == rdatatype.RRSIG}
    entries = []
    for rrset in data:
        signed = (rrset, rrsigs[rrset.name, rrset.rdtype])
        question, expires = Question(rrset.name, rrset.rdtype), now + min(rrset.ttl, LONGEST_TTL)
        rank, status = Rank.AUTHORITATIVE_ANSWER, SecurityStatus.SECURE
        entries.append(Entry(question, dns.rcode.NOERROR, signed, (), rank, status, stored=now, expires=expires))
    return entries


def uninvited_entries(sections: Iterable[list[RRset]], zone: Name, now: int) -> list[Entry]:
    """Return the records outside `zone`, for a resolver that keeps them, as all did before 1997.

    Such a resolver knows no ranking either: what it was told, asked or not, it tells its clients.
    """
    uninvited = [rrset for section in sections for rrset in section if not in_bailiwick(rrset.name, zone)]
    return [
        _unsigned(rrset, Rank.ANSWER, now)
        for rrset in uninvited
        if rrset.rdtype != rdatatype.RRSIG and rrset.rdclass == rdataclass.IN
    ]


def _presence(rrset: RRset, reply: Reply, judgement: Judgement, now: int) -> Entry:
    answer, authority = reply.message.answer, reply.message.authority
    signatures = [
        other
        for other in (*answer, *authority)
        if other.rdtype == rdatatype.RRSIG and other.covers == rrset.rdtype and other.name == rrset.name
    ]
    status = judgement.status_of(rrset)
    proof = of_types(authority, DENIAL_TYPES) if answer else ()  # a wildcard's: nothing closer to the name exists
    return Entry(
        Question(rrset.name, rrset.rdtype),
        dns.rcode.NOERROR,
        (rrset, *signatures),
        proof,
        _answer_rank(reply) if answer else min(_answer_rank(reply), Rank.AUTHORITY),
        status,
        stored=now,
        expires=now + min([LONGEST_TTL, *(each.ttl for each in (rrset, *signatures, *proof))]),
        diagnosis=None if status is SecurityStatus.SECURE else judgement.diagnosis,
    )


def _absence(reply: Reply, judgement: Judgement, now: int) -> Entry:
    name, rdtype = reply.question
    proof = of_types(reply.message.authority, NEGATIVE_TYPES)
    nothing_at_all = reply.kind is Kind.NO_SUCH_NAME
    return Entry(
        Question(name, WHOLE_NAME if nothing_at_all else rdtype),
        dns.rcode.NXDOMAIN if nothing_at_all else dns.rcode.NOERROR,
        (),
        proof,
        _answer_rank(reply),
        judgement.status,
        stored=now,
        expires=now + min([negative_ttl(proof), *(each.ttl for each in proof)]),
        diagnosis=judgement.diagnosis,
    )


def _unsigned(rrset: RRset, rank: Rank, now: int) -> Entry:
    question = Question(rrset.name, rrset.rdtype)
    expires = now + min(rrset.ttl, LONGEST_TTL)
    return Entry(question, dns.rcode.NOERROR, (rrset,), (), rank, SecurityStatus.UNCHECKED, now, expires)


def _answer_rank(reply: Reply) -> Rank:
    return Rank.AUTHORITATIVE_ANSWER if flag(reply.message, "AA") else Rank.ANSWER


def _is_made_from_dname(rrset: RRset, reply: Reply) -> bool:
    """Return whether an RRset is the CNAME that we made from a DNAME; it is made again when needed (RFC 6672 §3.3)."""
    return rrset.rdtype == rdatatype.CNAME and any(other.rdtype == rdatatype.DNAME for other in reply.message.answer)
