"""What an accepted reply says: an answer, an alias, a referral, that there is nothing, or nothing useful.

It knows: a scrubbed message, the question, and the zone whose server was asked.
It must not know: what happens next, or whether the reply is true.
Follows RFC 1034 §5.3.3 step 4 (analyse the response), RFC 2308 §2 (the forms of "no"), RFC 6672 §2.2, §3.1 (DNAME);
RFC 6604 §3 (the response code after an alias).
"""

from collections.abc import Container
from enum import StrEnum
from typing import NamedTuple

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
from dns import rdatatype
from dns.message import Message
from dns.name import Name
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.CNAME import CNAME
from dns.rrset import RRset

from ..protocol.messages import Datagram, Question, flag, response_code
from ..protocol.names import show_name
from .cache import WHOLE_NAME, Entry


class Kind(StrEnum):
    """What a reply is; the words are those of the packet story."""

    ANSWER = "answer"
    ALIAS = "alias"
    REFERRAL = "referral"
    NO_SUCH_NAME = "no such name"
    NO_SUCH_RECORD = "no such record"
    USELESS = "useless"


class Reply(NamedTuple):
    """A reply that was accepted and scrubbed, and what it says."""

    question: Question
    kind: Kind
    message: Message
    zone: Name  # the zone whose server was asked
    datagram: Datagram | None  # None: it is from the cache
    left_out: tuple[str, ...] = ()  # records in it that were dropped, being outside that zone
    entry: Entry | None = None  # of the cache, if it is from there

    @property
    def alias_target(self) -> Name | None:
        """Return where an alias leads; None if the reply is no alias, or the name would get too long."""
        cname = _find(self.message.answer, self.question.name, rdatatype.CNAME)
        return cname[0].target if self.kind is Kind.ALIAS and cname else None


def reply_from(entry: Entry, question: Question, now: int) -> Reply:
    """Return what the cache remembers in the form in which a server would have sent it."""
    message = dns.message.QueryMessage(id=0)
    message.flags = dns.flags.Flag.QR
    if entry.rcode != dns.rcode.NOERROR:
        message.set_rcode(entry.rcode)
    message.answer = entry.aged(entry.answer, now)
    message.authority = entry.aged(entry.authority, now)
    if entry.answer:
        add_cname_of_dname(message, question)
        kind = Kind.ANSWER if _is_answered(message, question) else Kind.ALIAS
    else:
        kind = Kind.NO_SUCH_NAME if entry.question.rdtype == WHOLE_NAME else Kind.NO_SUCH_RECORD
    return Reply(question, kind, message, question.name, None, entry=entry)


def read(message: Message, question: Question, zone: Name) -> tuple[Kind, str]:
    """Return what a scrubbed message says, and for a useless one why."""
    code = response_code(message)
    if code not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN, dns.rcode.YXDOMAIN):
        return Kind.USELESS, dns.rcode.to_text(code)
    # NXDOMAIN beside the alias that was asked for: the server went on, the code is about the last name (RFC 6604 §3)
    followed = question.rdtype == rdatatype.CNAME and code == dns.rcode.NXDOMAIN
    if _is_answered(message, question) and not followed:
        return Kind.ANSWER, ""
    if _is_alias(message, question):
        return Kind.ALIAS, ""
    if code == dns.rcode.NXDOMAIN:
        return Kind.NO_SUCH_NAME, ""
    if _soa(message) or not message.authority:
        return Kind.NO_SUCH_RECORD, ""
    return _read_delegation(message, question, zone)


def doubt_about(message: Message) -> str:
    """Return why other servers should be asked before a reply is taken; empty if there is no doubt."""
    if flag(message, "RA") and not flag(message, "AA"):
        return "a resolver's answer, not one of the zone's servers"
    empty = not (message.answer or message.authority) and response_code(message) == dns.rcode.NOERROR
    if empty and not flag(message, "AA"):  # with AA it is "no such record" in its third form (RFC 2308 §2.2)
        return "an empty reply of a server without authority"
    return ""


def delegated_zone(message: Message) -> Name | None:
    """Return the zone whose name servers the authority section names."""
    return next((rrset.name for rrset in message.authority if rrset.rdtype == rdatatype.NS), None)


def correct_header(reply: Reply) -> None:
    """Let the response code follow from the records: the header is not signed, so anybody may have changed it."""
    follows = reply.kind is Kind.ANSWER or reply.alias_target is not None
    if follows and response_code(reply.message) != dns.rcode.NOERROR:
        reply.message.set_rcode(dns.rcode.NOERROR)


def corrected(reply: Reply, existing: Container[Name]) -> Reply:
    """Return a reply as its signed records prove it: NXDOMAIN for one of these names means that only the type lacks."""
    if reply.kind is not Kind.NO_SUCH_NAME or reply.question.name not in existing:
        return reply
    reply.message.set_rcode(dns.rcode.NOERROR)
    return reply._replace(kind=Kind.NO_SUCH_RECORD)


def cap_absence(message: Message) -> None:
    """Let the SOA of a negative reply live no longer than the absence that it stands for (RFC 2308 §3)."""
    soa = _soa(message)
    if soa is not None and not message.answer:
        soa.ttl = min(soa.ttl, soa[0].minimum)


def add_cname_of_dname(message: Message, question: Question) -> None:
    """Put the CNAME that a DNAME stands for behind it, made by ourselves: the one that was sent proves nothing.

    If the new name would be too long there is none, and the answer is YXDOMAIN (RFC 6672 §2.2).
    """
    dname = next((rrset for rrset in message.answer if _leads_elsewhere(rrset, question)), None)
    if dname is None:
        return
    message.answer[:] = [rrset for rrset in message.answer if rrset.name == dname.name]
    try:
        target = question.name.relativize(dname.name).concatenate(dname[0].target)
    except dns.name.NameTooLong:
        message.set_rcode(dns.rcode.YXDOMAIN)
        return
    cname = RRset(question.name, dns.rdataclass.IN, rdatatype.CNAME)
    cname.add(CNAME(dns.rdataclass.IN, rdatatype.CNAME, target), dname.ttl)
    message.answer.append(cname)
    if response_code(message) == dns.rcode.YXDOMAIN:
        message.set_rcode(dns.rcode.NOERROR)


def _read_delegation(message: Message, question: Question, zone: Name) -> tuple[Kind, str]:
    """Tell a referral from the many things that only look like one."""
    child = delegated_zone(message)
    if child is None:
        is_proof = any(rrset.rdtype in (rdatatype.NSEC, rdatatype.NSEC3) for rrset in message.authority)
        return (Kind.NO_SUCH_RECORD, "") if is_proof else (Kind.USELESS, "nothing about the question")
    if child != zone and child.is_subdomain(zone):  # closer to the name than the zone asked (RFC 1034 §5.3.3 step 4b)
        return Kind.REFERRAL, ""
    if child == zone and flag(message, "AA"):  # RFC 2308 §2.2, "NODATA type 3" but for the missing SOA
        return Kind.NO_SUCH_RECORD, ""
    return Kind.USELESS, f"a referral that leads nowhere, to {show_name(child)}"


def _is_answered(message: Message, question: Question) -> bool:
    """Return whether the answer section holds what was asked for, and not only its signatures."""
    if question.rdtype == rdatatype.ANY:
        return any(rrset.name == question.name for rrset in message.answer)
    return _find(message.answer, question.name, question.rdtype) is not None


def _is_alias(message: Message, question: Question) -> bool:
    """Return whether the answer says that the name stands for another one."""
    return any(_leads_elsewhere(rrset, question) or rrset.rdtype == rdatatype.CNAME for rrset in message.answer)


def _leads_elsewhere(rrset: RRset, question: Question) -> bool:
    return rrset.rdtype == rdatatype.DNAME and rrset.name != question.name


def _soa(message: Message) -> RRset | None:
    return next((rrset for rrset in message.authority if rrset.rdtype == rdatatype.SOA), None)


def _find(section: list[RRset], name: Name, rdtype: RdataType) -> RRset | None:
    return next((rrset for rrset in section if rrset.rdtype == rdtype and rrset.name == name), None)
