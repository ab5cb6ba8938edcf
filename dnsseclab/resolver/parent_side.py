"""DS records lie on the parent's side of a zone cut: taking them from referrals, and telling the child's word apart.

It knows: replies to questions for DS, and referrals.
It must not know: whether a DS is true, or whom to ask next.
Follows RFC 4035 §3.1.4 (what a referral brings), §3.1.4.1 (a server that has both sides), §5.2.
"""

import dns.message
import dns.name
from dns import rdataclass, rdatatype
from dns.name import Name
from dns.rrset import RRset

from ..protocol.messages import Question
from ..protocol.names import zone_above
from .bailiwick import DENIAL_TYPES, of_types
from .replies import Kind, Reply


def where_to_begin(question: Question) -> Name:
    """Return the name whose closest zone has the answer: of a DS, the name above the cut."""
    if question.rdtype == rdatatype.DS and question.name != dns.name.root:
        return zone_above(question.name)
    return question.name


def ds_of_referral(referral: Reply, child: Name) -> Reply | None:
    """Return what a referral says about the child's DS as if it had been asked for; None if it says nothing.

    A referral of a signed zone brings the DS, or the proof that there is none: no need to ask.
    """
    authority = referral.message.authority
    records = [rrset for rrset in of_types(authority, (rdatatype.DS,)) if rrset.name == child]
    denial = of_types(authority, DENIAL_TYPES)
    if not records and not denial:
        return None
    message = dns.message.QueryMessage(id=referral.message.id)
    message.flags = referral.message.flags
    message.question = [RRset(child, rdataclass.IN, rdatatype.DS)]
    message.answer = records
    message.authority = [] if records else list(denial)
    kind = Kind.ANSWER if records else Kind.NO_SUCH_RECORD
    return referral._replace(question=Question(child, rdatatype.DS), kind=kind, message=message)


def comes_from_child(reply: Reply) -> bool:
    """Return whether a reply to a question for DS comes from below the cut, as from a server that has both zones."""
    name, rdtype = reply.question
    if rdtype != rdatatype.DS or reply.kind is Kind.ANSWER or reply.zone == where_to_begin(reply.question):
        return False
    soa_of_child = any(rrset.rdtype == rdatatype.SOA and rrset.name == name for rrset in reply.message.authority)
    return soa_of_child or reply.kind is Kind.ALIAS
