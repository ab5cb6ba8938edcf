"""An authoritative server: a query in, a reply from its own zones out, as messages and as bytes.

It knows its zones, and the frame around an answer: header, EDNS, size. The answer itself is made in answering.py.
It must not know who asks, what is true elsewhere, or how to verify anything.
Follows RFC 1035 §4 (messages), RFC 6891 (EDNS), RFC 3225 (DO), RFC 4035 §3.1.6 (AD, CD), RFC 7873 (cookies),
RFC 2181 §9 and RFC 9471 §3.1 (what must not be left out in silence).
"""

import hashlib
from collections.abc import Iterable, Mapping
from functools import lru_cache

import dns.flags
import dns.message
import dns.rcode
from dns import rdataclass, rdatatype
from dns.edns import CookieOption, Option
from dns.message import Message
from dns.name import Name

from ..protocol.messages import (
    HEADER_BYTES,
    MAX_PAYLOAD,
    OPCODE_BITS,
    QR_BIT,
    SAFE_UDP_PAYLOAD,
    TC_BIT,
    MalformedMessage,
    Transport,
    add_edns,
    asked,
    dnssec_ok,
    flag,
    header_only,
    parse,
    to_bytes,
    udp_limit,
)
from .answering import Answering
from .zones import Zone

RENDERED_ANSWERS = 4096  # kept at a time: random names must not fill the memory
TRANSFERS = frozenset({rdatatype.AXFR, rdatatype.IXFR})


class AuthoritativeServer:
    """Answers datagrams from a fixed set of zones."""

    def __init__(self, zones: Iterable[Zone] | Mapping[Name, Zone]) -> None:
        self.zones = _by_name(zones)
        # Zones don't change, so a question's answer doesn't either; parsing and rendering cost most.
        self._render = lru_cache(RENDERED_ANSWERS)(self._render_answer)

    def reply(self, payload: bytes, transport: Transport = "udp") -> bytes | None:
        """Return the reply to a datagram, or None for what deserves none.

        No reply goes to a reply (two servers would talk forever), nor to what is too short to hold an ID.
        """
        if len(payload) < HEADER_BYTES or payload[2] & QR_BIT:
            return None
        return payload[:2] + self._render(payload[2:], transport)

    def _render_answer(self, without_id: bytes, transport: Transport) -> bytes:
        """Return the reply without its ID: all questions that differ only by ID share it."""
        if without_id[0] & OPCODE_BITS:  # not a query: what comes after the header is not for us to read
            return header_only(b"\0\0" + without_id, dns.rcode.NOTIMP)[2:]
        try:
            query = parse(b"\0\0" + without_id)
        except MalformedMessage:
            return header_only(b"\0\0" + without_id, dns.rcode.FORMERR)[2:]
        reply = answer(self.zones, query)
        limit = MAX_PAYLOAD if transport == "tcp" else udp_limit(query)
        return _fitted(reply, limit)[2:]


def answer(zones: Iterable[Zone] | Mapping[Name, Zone], query: Message) -> Message:
    """Return what a server with these zones answers to a query."""
    reply = _empty_reply(query)
    error = _refusal(query)
    if error is not None:
        reply.set_rcode(error)
        return reply
    Answering(_by_name(zones), reply, dnssec_ok(query)).run(query.question[0].name, query.question[0].rdtype)
    return reply


def _by_name(zones: Iterable[Zone] | Mapping[Name, Zone]) -> Mapping[Name, Zone]:
    return zones if isinstance(zones, Mapping) else {zone.origin: zone for zone in zones}


def _empty_reply(query: Message) -> Message:
    """Return a reply to fill in: the question exactly as it was asked, capitals too (0x20 depends on it)."""
    reply = dns.message.QueryMessage(id=query.id)
    reply.flags = dns.flags.Flag((query.flags & dns.flags.RD) | dns.flags.QR)
    reply.question = list(query.question)
    if query.edns >= 0:  # no EDNS in a reply unless it was in the query (RFC 6891 §7)
        cookies = [option for option in query.options if isinstance(option, CookieOption)]
        ours = [_with_server_cookie(cookie) for cookie in cookies[:1]]
        add_edns(reply, dnssec_ok=dnssec_ok(query), payload=SAFE_UDP_PAYLOAD, options=ours)  # DO copied (RFC 3225 §3)
    return reply


def _with_server_cookie(cookie: CookieOption) -> Option:
    """Return the client's cookie with one of ours: only who saw the query can send the client's half back (RFC 7873).

    Simplification: a real server makes its half from a secret and the client's address, and knows it again (RFC 9018).
    """
    return CookieOption(cookie.client, hashlib.sha256(cookie.client).digest()[:8])


def _refusal(query: Message) -> dns.rcode.Rcode | None:
    """Return the error for a query that is not looked up at all, or None."""
    if query.edns > 0:
        return dns.rcode.BADVERS  # RFC 6891 §6.1.3
    if asked(query) is None:
        return dns.rcode.FORMERR
    if query.question[0].rdclass != rdataclass.IN or query.question[0].rdtype in TRANSFERS:
        return dns.rcode.REFUSED
    return None


def _fitted(reply: Message, limit: int) -> bytes:
    """Return the wire form in at most `limit` bytes, with TC set if a needed record was left out."""
    wire = to_bytes(reply, limit)
    additional = int.from_bytes(wire[10:12], "big") - (reply.edns >= 0)
    if not flag(reply, "AA") and additional < sum(map(len, reply.additional)):
        # A referral without all of its glue may lead nowhere (RFC 9471 §3.1).
        return wire[:2] + bytes([wire[2] | TC_BIT]) + wire[3:]
    return wire
