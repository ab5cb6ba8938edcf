"""Which datagram to believe: what a forger must guess, and the check that compares it.

It knows: the query that waits for a reply, and the numbers that were drawn for it.
It must not know: what a reply says. Everything here is compared before anything is parsed, so that the
65,536 datagrams of a sweep cost less than reading one of them.
Follows RFC 5452 §9.1 (what must match), §9.2 (what must be unpredictable); draft-vixie-dnsext-dns0x20-00 (capitals);
RFC 7873 (cookies); RFC 6840 §5.9 (CD in our own queries).
"""

import itertools
import random
from dataclasses import dataclass

from dns.message import Message
from dns.name import Name

from ..protocol.messages import (
    DNS_PORT,
    HEADER_BYTES,
    SAFE_UDP_PAYLOAD,
    Datagram,
    Endpoint,
    Question,
    Transport,
    asks_exactly,
    query_bytes,
    question_bytes,
)
from ..protocol.story import Ignored, Reason
from .cookies import CookieJar

FIXED_PORT = 10053  # where all questions leave from if `random_port` is off
FIRST_RANDOM_PORT = 1024
QR = 0x80  # in the third byte: it is a reply
OPCODE = 0x78  # in the third byte

# One object for each, so that equal fates fold quickly; by plain names, since to look up a member of an enum
# takes longer than all the comparing does, and a sweep asks 65,536 times.
_WRONG_ADDRESS = Ignored(Reason.WRONG_ADDRESS)
_WRONG_CONNECTION = Ignored(Reason.WRONG_CONNECTION)
_WRONG_PORT = Ignored(Reason.WRONG_PORT)
_WRONG_ID = Ignored(Reason.WRONG_ID)
_MALFORMED = Ignored(Reason.MALFORMED)
_NOT_A_REPLY = Ignored(Reason.NOT_A_REPLY)
_WRONG_QUESTION = Ignored(Reason.WRONG_QUESTION)
_WRONG_CASE = Ignored(Reason.WRONG_CASE)
_WRONG_COOKIE = Ignored(Reason.WRONG_COOKIE)


@dataclass(frozen=True)
class Defences:
    """What makes a reply hard to forge for somebody who doesn't see the question; each can be switched off or on."""

    random_id: bool = True  # 16 bits; off: 1, 2, 3, ...
    random_port: bool = True  # nearly 16 bits more; off: always FIXED_PORT
    mixed_case: bool = False  # 0x20: one bit for each letter of the name
    cookies: bool = False  # RFC 7873: 64 bits, for servers that know it; off as with most resolvers
    bailiwick_check: bool = True  # keep only records inside the zone of the server asked; off: keep whatever comes
    minimize_names: bool = True  # RFC 9156: show a server no more of a name than it needs; off: all see all of it
    aggressive_nsec: bool = True  # RFC 8198: answer from gaps that were proven before; who asks nobody can't be raced


class Awaited:
    """The reply that one query waits for."""

    __slots__ = ("query", "_server", "_ours", "_transport", "_id", "_question", "_plain_name")

    def __init__(self, query: Datagram, plain_name: bytes | None = None):
        """Args: plain_name: If the capitals of the name were mixed: the name in wire form as it was before."""
        self.query = query
        self._plain_name = plain_name
        self._ours, self._server, payload, self._transport = query
        self._id = payload[:2]
        self._question = question_bytes(payload)

    def refuse(self, datagram: Datagram) -> Ignored | None:
        """Return why `datagram` cannot be the reply, or None if everything that can be compared matches.

        The order is that of real resolvers: the kernel looks at addresses and ports, then the resolver at the ID,
        the kind of message, and the question (RFC 5452 §9.1).
        """
        source, destination, payload, transport = datagram
        if source != self._server or destination != self._ours or transport != self._transport:
            return self._stray(source, destination, transport)
        if payload[:2] != self._id:
            return _WRONG_ID
        if len(payload) < HEADER_BYTES:
            return _MALFORMED
        if not payload[2] & QR or payload[2] & OPCODE:
            return _NOT_A_REPLY
        if self._question is not None and asks_exactly(payload, self._question):
            return None
        return self._other_question(question_bytes(payload))

    def _stray(self, source: Endpoint, destination: Endpoint, transport: Transport) -> Ignored:
        """Return why a datagram would not even have reached the socket that waits."""
        if source.address != self._server.address or destination.address != self._ours.address:
            return _WRONG_ADDRESS
        if transport != self._transport or transport == "tcp":
            return _WRONG_CONNECTION
        return _WRONG_PORT

    def _other_question(self, theirs: bytes | None) -> Ignored | None:
        """Return why another question section won't do; upper and lower case are equal unless we mixed them."""
        ours = self._question
        if theirs is None or ours is None or theirs[-4:] != ours[-4:] or theirs[:-4].lower() != ours[:-4].lower():
            return _WRONG_QUESTION
        return None if self._plain_name is None else _WRONG_CASE

    def in_plain_case(self, payload: bytes) -> bytes:
        """Return an accepted reply with our capitals taken back: its names are often abbreviated to the question's."""
        if self._plain_name is None:
            return payload
        return payload[:HEADER_BYTES] + self._plain_name + payload[HEADER_BYTES + len(self._plain_name) :]


class Secrets:
    """Draws what a forger has to guess, and makes our queries with it."""

    def __init__(self, address: str, rng: random.Random, defences: Defences):
        self._address = address
        self._rng = rng
        self._defences = defences
        self._ids = itertools.count(1)
        self._cookies = CookieJar(rng) if defences.cookies else None

    def make_query(
        self, question: Question, server: str, *, transport: Transport = "udp", edns: bool = True, dnssec: bool = False
    ) -> Awaited:
        """Return a query to `server` with an ID, a port and, if they are mixed, capitals of its own.

        Args:
            dnssec: Set DO, to get the signatures, and CD, to get them even if the server thinks them bogus.
        """
        payload = query_bytes(
            Question(self._spell(question.name), question.rdtype),
            id=self._draw_id(),
            dnssec_ok=dnssec,
            checking_disabled=dnssec,
            edns_payload=SAFE_UDP_PAYLOAD if edns else None,
            options=[self._cookies.option_for(server)] if self._cookies else (),
        )
        ours, theirs = Endpoint(self._address, self._draw_port()), Endpoint(server, DNS_PORT)
        query = Datagram(ours, theirs, payload, transport)
        return Awaited(query, question.name.to_wire() if self._defences.mixed_case else None)

    def refuse_cookie(self, server: str, reply: Message) -> Ignored | None:
        """Return a refusal if a parsed reply lacks the cookie that only `server` can know."""
        if self._cookies is None or self._cookies.accepts(server, reply):
            return None
        return _WRONG_COOKIE

    def _draw_id(self) -> int:
        return self._rng.randrange(2**16) if self._defences.random_id else next(self._ids) % 2**16

    def _draw_port(self) -> int:
        return self._rng.randrange(FIRST_RANDOM_PORT, 2**16) if self._defences.random_port else FIXED_PORT

    def _spell(self, name: Name) -> Name:
        """Return the same name; with 0x20 each of its letters is a capital or not, by chance."""
        if not self._defences.mixed_case:
            return name
        return Name([bytes(self._flip(byte) for byte in label) for label in name.labels])

    def _flip(self, byte: int) -> int:
        is_letter = 65 <= byte & ~0x20 <= 90
        return byte ^ 0x20 if is_letter and self._rng.getrandbits(1) else byte
