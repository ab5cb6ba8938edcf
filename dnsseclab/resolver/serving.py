"""The client's side of the resolver: which queries are refused, and how a result is put into a message.

It knows: the bits by which a client says what it wants (RD, AD, CD, DO, EDNS), and a finished result.
It must not know: servers, caches, chains.
Follows RFC 1035 §4.1.1; RFC 4035 §3.2 (DO, CD, AD in a resolver); RFC 6840 §5.7, §5.8 (AD); RFC 6891 (EDNS);
RFC 8914 (extended errors); RFC 9824 §3.4 (NXNAME).
"""

from collections.abc import Iterable
from dataclasses import dataclass

import dns.edns
import dns.flags
import dns.message
import dns.opcode
import dns.rcode
import dns.rdataclass
from dns import rdatatype
from dns.message import Message
from dns.rcode import Rcode
from dns.rrset import RRset

from ..protocol.messages import MAX_PAYLOAD, SAFE_UDP_PAYLOAD, add_edns, asked, dnssec_ok, flag
from ..protocol.trust import ChainOfTrust, Diagnosis, SecurityStatus
from .bailiwick import DENIAL_TYPES, NEGATIVE_TYPES, of_types
from .replies import Reply

NXNAME = 128  # a type that stands for "no such name" in a proof, and is never asked for (RFC 9824 §2)
NOT_FOR_RESOLVERS = (rdatatype.AXFR, rdatatype.IXFR, rdatatype.OPT, rdatatype.TSIG, rdatatype.TKEY, rdatatype.NONE)
ONLY_FOR_DO = (rdatatype.RRSIG, rdatatype.NSEC, rdatatype.NSEC3)
QR_AND_RA = int(dns.flags.QR | dns.flags.RA)
KEPT = int(dns.flags.RD | dns.flags.CD) | 0x7800  # of a query's bits, those that its response repeats; and the opcode
PROVABLE = (dns.rcode.NOERROR, dns.rcode.NXDOMAIN)  # no record says YXDOMAIN or any other code

INVALID_QUERY_TYPE, CACHED_ERROR = dns.edns.EDECode.make(30), dns.edns.EDECode.make(13)


@dataclass(frozen=True)
class Result:
    """What a look-up came to, whoever asked."""

    status: SecurityStatus
    replies: tuple[Reply, ...] = ()  # from the question to the end of its aliases
    diagnosis: Diagnosis | None = None  # why it failed, or why it is insecure
    chains: tuple[ChainOfTrust, ...] = ()  # one for each attempt that was judged
    failed: bool = False
    from_cache: bool = False
    referral: tuple[RRset, ...] = ()  # for a client that doesn't want us to ask anybody: who might know


def refuse(query: Message) -> Message | None:
    """Return the error that a query deserves, or None if it can be looked up."""
    if query.opcode() != dns.opcode.QUERY:
        return respond_empty(query, dns.rcode.NOTIMP)
    if flag(query, "QR") or asked(query) is None:
        return respond_empty(query, dns.rcode.FORMERR)
    if query.edns > 0:  # we speak version 0 (RFC 6891 §6.1.3)
        return respond_empty(query, dns.rcode.BADVERS)
    question = query.question[0]
    if question.rdtype == NXNAME:
        return respond_empty(query, dns.rcode.FORMERR, [dns.edns.EDEOption(INVALID_QUERY_TYPE)])
    if question.rdclass != dns.rdataclass.IN or question.rdtype in NOT_FOR_RESOLVERS:
        return respond_empty(query, dns.rcode.REFUSED)
    return None


def respond_empty(query: Message, rcode: Rcode, errors: Iterable[dns.edns.Option] = ()) -> Message:
    """Return a response without records: the query's ID, question and bits, and EDNS if the query had it."""
    response = dns.message.QueryMessage(id=query.id)
    response.flags = dns.flags.Flag(QR_AND_RA | int(query.flags) & KEPT)
    response.question = list(query.question)
    if query.edns >= 0:
        add_edns(response, dnssec_ok=dnssec_ok(query), payload=SAFE_UDP_PAYLOAD, options=errors)
        response.request_payload = MAX_PAYLOAD  # what fits is the transport's matter
    if rcode != dns.rcode.NOERROR:
        response.set_rcode(rcode)
    return response


def respond(query: Message, result: Result) -> Message:
    """Return the response that a client gets for a result."""
    if result.failed:
        return respond_empty(query, dns.rcode.SERVFAIL, _extended_errors(result))
    rcode = result.replies[-1].message.rcode() if result.replies else dns.rcode.NOERROR
    response = respond_empty(query, rcode, _extended_errors(result))
    response.authority = list(result.referral)
    for reply in result.replies:
        response.answer += reply.message.answer
        types = DENIAL_TYPES if reply.message.answer else NEGATIVE_TYPES
        response.authority += of_types(reply.message.authority, types)
    _leave_out_what_was_not_asked(response, query)
    wants_ad = dnssec_ok(query) or flag(query, "AD")  # RFC 6840 §5.8
    if result.status is SecurityStatus.SECURE and wants_ad and rcode in PROVABLE:
        response.flags |= dns.flags.AD
    return response


def _leave_out_what_was_not_asked(response: Message, query: Message) -> None:
    """Remove signatures and proofs for clients that did not set DO, unless they ask for that type (RFC 4035 §3.2.1)."""
    if dnssec_ok(query):
        return
    wanted = query.question[0].rdtype
    for section in (response.answer, response.authority):
        section[:] = [r for r in section if r.rdtype not in ONLY_FOR_DO or wanted in (r.rdtype, rdatatype.ANY)]


def _extended_errors(result: Result) -> list[dns.edns.Option]:
    """Return why a look-up failed, or why data is not secure though somebody might expect it (RFC 8914)."""
    errors: list[dns.edns.Option] = []
    if result.diagnosis and result.diagnosis.ede is not None:
        errors.append(dns.edns.EDEOption(dns.edns.EDECode.make(result.diagnosis.ede), result.diagnosis.sentence))
    if result.failed and result.from_cache:
        errors.append(dns.edns.EDEOption(CACHED_ERROR))
    return errors
