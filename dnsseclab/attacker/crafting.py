"""The workbench of somebody who forges replies: packets in wire format, and signatures with keys of their own.

    packet = reply("www.bank.example", "A", a_record("www.bank.example", "203.0.113.66"))

It knows: how a reply is put together and signed, and how one that was read is looked through.
It must not know: whom it shall deceive, anybody else's key, and what a validator makes of it.
Follows RFC 1035 §4.1 (messages), RFC 2308 §2.1 (a reply that says that a name does not exist).
"""

from typing import Unpack

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rrset
from dns import rdatatype
from dns.message import Message
from dns.rdata import Rdata
from dns.rdatatype import RdataType
from dns.rrset import RRset

from ..authority.keys import Key
from ..authority.signing import Overrides, sign_rrset
from ..authority.zones import make_rrset
from ..protocol.messages import asked, parse, question, to_bytes
from ..protocol.names import LabError, to_name

HOUR, DAY = 3600, 86_400  # seconds


def reply(name: str, rdtype: str, *answer: RRset) -> bytes:
    """Return a reply as the zone's own server would send it."""
    return to_bytes(_message(name, rdtype, answer))


def no_such_name(name: str, *proof: RRset) -> bytes:
    """Return a reply that says that a name does not exist: SOA and proof stand in its authority section."""
    message = _message(name, "A", ())
    message.authority = list(proof)
    message.set_rcode(dns.rcode.NXDOMAIN)
    return to_bytes(message)


def _message(name: str, rdtype: str, answer: tuple[RRset, ...]) -> Message:
    what = question(name, rdtype)
    message = dns.message.QueryMessage(id=0)
    message.flags = dns.flags.QR | dns.flags.AA
    message.question = [RRset(what.name, dns.rdataclass.IN, what.rdtype)]
    message.answer = list(answer)
    return message


def a_record(name: str, address: str) -> RRset:
    """Return an address as a record."""
    return dns.rrset.from_text(to_name(name), HOUR, "IN", "A", address)


def signed(rrset: RRset, key: Key, now: int, **fields: Unpack[Overrides]) -> RRset:
    """Return a signature over an RRset that holds today.

    Args:
        fields: Other values for fields of the RRSIG, for example `signer`; it is signed with them.
    """
    rrsig = sign_rrset(rrset, key, inception=now - HOUR, expiration=now + DAY, **fields)
    return make_rrset(rrset.name, rrset.ttl, rrsig)


def reply_to(packets: list[bytes], name: str, rdtype: str) -> Message:
    """Return the reply to a question, of those that were read.

    Raises:
        LabError: None was read.
    """
    for message in map(parse, packets):
        if asked(message) == question(name, rdtype):
            return message
    have = ", ".join(sorted({str(asked(parse(packet))) for packet in packets}))
    raise LabError(f"There is no reply to {question(name, rdtype)} in these packets, only to: {have}.")


def with_key(packets: list[bytes], zone: str, dnskey: Rdata) -> RRset:
    """Return a zone's keys, which are in the reply to a question for them, and one more."""
    keys = next(rrset for rrset in reply_to(packets, zone, "DNSKEY").answer if rrset.rdtype == rdatatype.DNSKEY)
    return make_rrset(zone, keys.ttl, *keys, dnskey)


def signatures(message: Message, covered: str) -> list[Rdata]:
    """Return the RRSIGs over a type in the answer."""
    return [rdata for rrset in message.answer if rrset.covers == RdataType.make(covered) for rdata in rrset]
