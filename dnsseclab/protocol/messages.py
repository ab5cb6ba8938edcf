"""Datagrams and the DNS messages inside them.

It knows how a message is laid out on the wire, enough of it to compare a reply with a question
without parsing the rest, and how to print a message in one line.
It must not know who sends what to whom, or whether anything is true.
Follows RFC 1035 §4 (messages), RFC 6891 (EDNS), RFC 3225 (DO), RFC 6840 §5.7-5.9 (AD, CD).
"""

import struct
from collections.abc import Iterable
from typing import Literal, NamedTuple

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
from dns import rdatatype
from dns.edns import Option
from dns.message import Message
from dns.name import Name
from dns.rcode import Rcode
from dns.rdatatype import RdataType
from dns.rrset import RRset

from . import wire
from .made_rdata import make_first
from .names import show_name, show_type, to_name, to_type

DNS_PORT = 53
HEADER_BYTES = 12
SAFE_UDP_PAYLOAD = 1232  # bytes; larger UDP replies may be cut into fragments (RFC 9715)
PLAIN_UDP_PAYLOAD = 512  # bytes; all that a client without EDNS can take (RFC 1035 §4.2.1)
MAX_PAYLOAD = 65535  # bytes; the length of a TCP message is a 16-bit number (RFC 1035 §4.2.2)
QR_BIT, OPCODE_BITS, TC_BIT, RD_BIT = 0x80, 0x78, 0x02, 0x01  # in a message's third byte (RFC 1035 §4.1.1)

_BITS = {flag.name: int(flag) for flag in dns.flags.Flag}  # plain numbers: arithmetic with enums is slow
_RCODES = [dns.rcode.Rcode.make(number) for number in range(2**12)]  # making one takes long
_DO = int(dns.flags.EDNSFlag.DO)

Transport = Literal["udp", "tcp"]


class Endpoint(NamedTuple):
    """Where a datagram comes from or goes to: an address in text form, and a port."""

    address: str
    port: int


class Datagram(NamedTuple):
    """All that ever passes between two parties.

    `payload` is a DNS message in wire format, without TCP's length prefix.
    A tuple, not a dataclass: a sweep makes 65,536 of them.
    """

    source: Endpoint
    destination: Endpoint
    payload: bytes
    transport: Transport = "udp"


class Question(NamedTuple):
    """What is asked for: a name and a type. The class is always IN here."""

    name: Name
    rdtype: RdataType

    def __str__(self) -> str:
        return f"{show_name(self.name)} {show_type(self.rdtype)}"


class MalformedMessage(ValueError):
    """The bytes are no DNS message; the text says where they stop making sense."""


def question(name: str | Name, rdtype: str | int) -> Question:
    """Return a Question from text; raises LabError for what is no name or no type."""
    return Question(to_name(name), to_type(rdtype))


def make_query(
    name: str | Name,
    rdtype: str | int,
    *,
    id: int,
    dnssec_ok: bool = False,
    checking_disabled: bool = False,
    authentic_data: bool = False,
    recursion_desired: bool = False,
    edns_payload: int | None = SAFE_UDP_PAYLOAD,
) -> Message:
    """Return a query.

    Args:
        id: The transaction ID, 0..65535. The caller chooses it: guessing it is half of forging.
        dnssec_ok: The DO bit: send RRSIG, NSEC and NSEC3 along (RFC 3225).
        checking_disabled: The CD bit: give me the data even if it is bogus (RFC 4035 §3.2.2).
        authentic_data: The AD bit: tell me if you validated it (RFC 6840 §5.7).
        recursion_desired: The RD bit: a stub resolver sets it, an iterative one doesn't.
        edns_payload: The largest UDP reply in bytes that the asker takes; None sends no EDNS at all.
    """
    query = dns.message.QueryMessage(id=id)
    flags = (
        (dns.flags.CD if checking_disabled else 0)
        | (dns.flags.AD if authentic_data else 0)
        | (dns.flags.RD if recursion_desired else 0)
    )
    query.flags = dns.flags.Flag(flags)
    asked = question(name, rdtype)
    query.find_rrset(query.question, asked.name, dns.rdataclass.IN, asked.rdtype, create=True, force_unique=True)
    if edns_payload is not None:
        add_edns(query, dnssec_ok=dnssec_ok, payload=edns_payload)
    return query


def add_edns(message: Message, *, dnssec_ok: bool, payload: int, options: Iterable[Option] = ()) -> None:
    """Give a message EDNS, version 0: what dnspython's `use_edns` does, but equal OPT records are made once."""
    opt = wire.opt_rdata(payload, _packed(options))
    message.opt, message.request_payload = make_first(dns.name.root, _DO * dnssec_ok, opt), payload


def query_bytes(
    asked: Question,
    *,
    id: int,
    dnssec_ok: bool = False,
    checking_disabled: bool = False,
    edns_payload: int | None = SAFE_UDP_PAYLOAD,
    options: Iterable[Option] = (),
) -> bytes:
    """Return the wire form of a query, RD and AD clear; for the rest see `make_query`.

    A resolver sends many, and writing one question down takes a tenth of what building a message object takes.
    """
    header = struct.pack("!HHHHHH", id, _BITS["CD"] * checking_disabled, 1, 0, 0, edns_payload is not None)
    written = header + (asked.name.to_wire() or b"") + struct.pack("!HH", asked.rdtype, dns.rdataclass.IN)
    if edns_payload is None:
        return written
    packed = _packed(options)
    return written + b"\0" + struct.pack("!HHIH", rdatatype.OPT, edns_payload, _DO * dnssec_ok, len(packed)) + packed


def _packed(options: Iterable[Option]) -> bytes:
    data = [(option.otype, option.to_wire() or b"") for option in options]
    return b"".join(struct.pack("!HH", otype, len(body)) + body for otype, body in data)


def to_bytes(message: Message, max_size: int = MAX_PAYLOAD) -> bytes:
    """Return the wire form in at most `max_size` bytes, records in the order in which they stand.

    RRsets that don't fit are left out whole; if answer or authority lost one, TC is set (RFC 2181 §9).
    """
    # want_shuffle: dnspython would shuffle records with a randomness that no seed of ours reaches.
    return message.to_wire(max_size=max_size, prefer_truncation=True, want_shuffle=False)


def udp_limit(query: Message) -> int:
    """Return how many bytes a UDP reply may have: what the client takes, and what no network cuts into fragments."""
    if query.edns < 0:
        return PLAIN_UDP_PAYLOAD
    return min(max(query.payload, PLAIN_UDP_PAYLOAD), SAFE_UDP_PAYLOAD)


def header_only(query: bytes, rcode: dns.rcode.Rcode) -> bytes:
    """Return a reply that is only a header: to a query, at least a header itself, that makes no sense after it."""
    return query[:2] + bytes([QR_BIT | query[2] & (OPCODE_BITS | RD_BIT), rcode]) + bytes(8)


def parse(payload: bytes) -> Message:
    """Return the message in `payload`.

    Readers of a parsed message keep to these attributes: `id`, `flags`, `rcode()`, `opcode()`, `question`, `answer`,
    `authority`, `additional`, `edns` (-1: none), `ednsflags`, `payload`, `options`.

    Raises:
        MalformedMessage: Whatever is wrong with the bytes.
    """
    message = wire.read(payload)
    if message is not None:
        return message
    try:
        return dns.message.from_wire(payload)
    except (dns.exception.DNSException, ValueError, IndexError, EOFError, OverflowError) as error:
        raise MalformedMessage(" ".join(str(error).split()) or type(error).__name__) from None


def message_id(payload: bytes) -> int | None:
    """Return the transaction ID, or None if there are not even two bytes."""
    return int.from_bytes(payload[:2], "big") if len(payload) >= 2 else None


def question_bytes(payload: bytes) -> bytes | None:
    """Return the question section exactly as it stands on the wire: name, type, class; case kept.

    Reading stops there: a reply to another question is thrown away before anything else of it is parsed.
    Returns None if the message has not exactly one question, or none that can be read.
    """
    if len(payload) < HEADER_BYTES or payload[4:6] != b"\x00\x01":
        return None
    end = HEADER_BYTES
    while end < len(payload) and 0 < payload[end] < 64:  # 64 and above: a compression pointer, which has no place here
        end += 1 + payload[end]
    if end >= len(payload) or payload[end] != 0 or end + 5 > len(payload):
        return None
    return payload[HEADER_BYTES : end + 5]


def asks_exactly(payload: bytes, question: bytes) -> bool:
    """Return whether the question section consists of these bytes, as `question_bytes` returns them."""
    return payload[4:6] == b"\x00\x01" and payload.startswith(question, HEADER_BYTES)


def flag(message: Message, name: Literal["QR", "AA", "TC", "RD", "RA", "AD", "CD"]) -> bool:
    """Return one header bit of a message by its name in the field."""
    return bool(int(message.flags) & _BITS[name])


def response_code(message: Message) -> Rcode:
    """Return the response code: four bits of the header, and eight more from EDNS (RFC 6891 §6.1.3)."""
    extended = 0 if message.opt is None else message.opt.ttl >> 20 & 0xFF0
    return _RCODES[int(message.flags) & 0xF | extended]


def dnssec_ok(message: Message) -> bool:
    """Return the DO bit (RFC 3225); False for a message without EDNS."""
    return message.edns >= 0 and bool(int(message.ednsflags) & _DO)


def asked(message: Message) -> Question | None:
    """Return what a message asks, or None if it does not ask exactly one thing."""
    if len(message.question) != 1:
        return None
    only = message.question[0]
    return Question(only.name, only.rdtype)


def flag_letters(message: Message) -> str:
    """Return the header bits as people write them, for example 'QR AA RD'; with DO if EDNS sets it."""
    return (dns.flags.to_text(message.flags) + " DO" * dnssec_ok(message)).strip()


def one_line(said: bytes | Message) -> str:
    """Return what a message says, in one line for a story: question, outcome, the records of the answer."""
    if isinstance(said, bytes):
        try:
            return one_line(parse(said))
        except MalformedMessage as error:
            return f"{len(said)} bytes that are no DNS message: {error}"
    about = asked(said)
    what = str(about) if about else "no question"
    if not flag(said, "QR"):
        return f"{what}?"
    if response_code(said) != dns.rcode.NOERROR:
        return f"{what}: {dns.rcode.to_text(response_code(said))}"
    if said.answer:
        return f"{what}: " + "; ".join(show_rrset(rrset) for rrset in said.answer if rrset.rdtype != rdatatype.RRSIG)
    cuts = [rrset for rrset in said.authority if rrset.rdtype == rdatatype.NS]
    if cuts and not flag(said, "AA"):
        return f"{what}: ask the servers of {show_name(cuts[0].name)}"
    return f"{what}: no such record" + " (cut short, ask over TCP)" * flag(said, "TC")


def show_rrset(rrset: RRset) -> str:
    """Return an RRset in one line: 'www.bank.example A 192.0.2.20, 192.0.2.21'; long values are cut."""
    values = [text if len(text) <= 40 else text[:37] + "..." for text in (rdata.to_text() for rdata in rrset)]
    return f"{show_name(rrset.name)} {show_type(rrset.rdtype)} " + ", ".join(values)
