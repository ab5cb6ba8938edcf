"""The attacker on the path: one who sits in the network between a resolver and the servers it asks.

It knows: every question and every genuine reply that passes, before the resolver does; and how to make keys and
signatures, with keys of its own. It may hold a reply back and send another in its place.
It must not know: anybody else's private key.
Follows RFC 3833 §2.1 (packet interception) and RFC 4035 §5 (what each change runs into).
"""

from collections.abc import Callable
from dataclasses import dataclass

import dns.rcode
import dns.rrset
from dns import rdatatype
from dns.message import Message
from dns.name import Name
from dns.rdatatype import RdataType
from dns.rrset import RRset

from ..authority.keys import Key
from ..authority.signing import sign_rrset
from ..protocol.messages import Datagram, MalformedMessage, Question, asked, flag, parse, to_bytes

Change = Callable[[Message], bool]
# Alters a parsed copy of a genuine reply. False: this reply is not one that it is after, and stays as it was.

UNKNOWN_ALGORITHM = 100  # no resolver knows it: the number is not assigned


class OnPath:
    """Reads what passes, and replaces it: the first reply to each question, or every one."""

    def __init__(self, *changes: Change, every: bool = False, only: frozenset[Question] | None = None) -> None:
        """Take the changes to make.

        Args:
            every: A question that is asked again is spoiled again.
            only: The questions whose replies it is after; None: all.
        """
        self._changes = changes
        self._only = only
        self._every = every
        self._spoiled: set[tuple[Question | None, bool]] = set()

    def tamper(self, query: Datagram, reply: Datagram) -> Datagram:
        """Return what the resolver gets instead of `reply`: a forgery, or the genuine reply itself."""
        try:
            question = asked(parse(query.payload))
            if self._only is not None and question not in self._only:
                return reply
            message = parse(reply.payload)
        except MalformedMessage:
            return reply
        about = question, flag(message, "AA")  # a referral and an answer to one question are two replies to spoil
        if about in self._spoiled and not self._every:
            return reply
        if not any([change(message) for change in self._changes]):  # a list: every change has its turn
            return reply
        self._spoiled.add(about)
        return reply._replace(payload=to_bytes(message))


@dataclass(frozen=True)
class Forger:
    """Signs with a key of its own, in the name of whom it likes."""

    key: Key
    signer: Name  # the zone that the signature claims to be made by
    now: int  # epoch seconds
    claimed_tag: int | None = None  # the key tag to write into the signature; None: the true one

    def sign(self, rrset: RRset) -> RRset:
        """Return an RRset with one RRSIG over `rrset`; it verifies with the forger's key, and with no other."""
        tag = self.key.tag if self.claimed_tag is None else self.claimed_tag
        began, ends = self.now - 3600, self.now + 86_400
        rrsig = sign_rrset(rrset, self.key, inception=began, expiration=ends, signer=self.signer, key_tag=tag)
        return dns.rrset.from_rdata(rrset.name, rrset.ttl, rrsig)


def change_address(name: Name, address: str) -> Change:
    """Put another address into the answer, and leave the rest of the packet as it is, signature and all."""

    def change(message: Message) -> bool:
        genuine = _find(message, name, rdatatype.A)
        if genuine is None:
            return False
        _replace(message, genuine, dns.rrset.from_text(name, genuine.ttl, "IN", "A", address))
        return True

    return change


def sign_answer(name: Name, forger: Forger) -> Change:
    """Sign the address in the answer with a key of the attacker's own, and leave the genuine signature out."""

    def change(message: Message) -> bool:
        address = _find(message, name, rdatatype.A)
        if address is None:
            return False
        _remove(message, name, rdatatype.RRSIG, rdatatype.A)
        message.answer.append(forger.sign(address))
        return True

    return change


def replace_keys(zone: Name, forger: Forger) -> Change:
    """Answer the question for a zone's keys with the attacker's key alone, signed by itself."""

    def change(message: Message) -> bool:
        genuine = _find(message, zone, rdatatype.DNSKEY)
        if genuine is None:
            return False
        keys = dns.rrset.from_rdata(zone, genuine.ttl, forger.key.dnskey)
        message.answer = [keys, forger.sign(keys)]
        return True

    return change


def strip_signature(name: Name) -> Change:
    """Take the signature over the address out of the answer, as if the zone had none."""
    return lambda message: _remove(message, name, rdatatype.RRSIG, rdatatype.A)


def strip_ds(zone: Name) -> Change:
    """Take the DS of a zone out of whatever its parent says, as if the parent knew of no key."""

    def change(message: Message) -> bool:
        was_asked_for = _find(message, zone, rdatatype.DS) is not None
        _remove(message, zone, rdatatype.RRSIG, rdatatype.DS)
        removed = _remove(message, zone, rdatatype.DS)
        if was_asked_for:  # without a SOA it would be no reply at all (RFC 2308 §2.2)
            message.authority = [dns.rrset.from_text(zone.parent(), 900, "IN", "SOA", ". . 1 7200 1800 1209600 900")]
        return removed

    return change


def claim_absent(question: Question, zone: Name, *proof: RRset) -> Change:
    """Answer a question with "no such name", and with whatever records there are as proof, signatures and all."""
    soa = dns.rrset.from_text(zone, 900, "IN", "SOA", ". . 1 7200 1800 1209600 900")  # no reply without (RFC 2308 §2.2)

    def change(message: Message) -> bool:
        if not flag(message, "AA") or asked(message) != question:
            return False
        message.set_rcode(dns.rcode.NXDOMAIN)
        message.answer, message.authority = [], [soa, *proof]
        return True

    return change


def claim_algorithm(name: Name, algorithm: int = UNKNOWN_ALGORITHM) -> Change:
    """Rewrite the algorithm number of the signatures over the address, hoping that unknown counts as unsigned."""

    def change(message: Message) -> bool:
        genuine = _find(message, name, rdatatype.RRSIG, rdatatype.A)
        if genuine is None:
            return False
        rewritten = [rdata.replace(algorithm=algorithm) for rdata in genuine]
        _replace(message, genuine, dns.rrset.from_rdata_list(name, genuine.ttl, rewritten))
        return True

    return change


def replay(old: RRset, *signatures: RRset) -> Change:
    """Put an answer recorded earlier, with the genuine signatures that it had then, in the place of today's."""

    def change(message: Message) -> bool:
        genuine = _find(message, old.name, old.rdtype)
        if genuine is None:
            return False
        message.answer = [old, *signatures]
        return True

    return change


def point_elsewhere(zone: Name, name_server: Name, address: str) -> Change:
    """Name a false server in the parent's referral: NS and glue there are not signed (RFC 4035 §2.2). The DS stays."""

    def change(message: Message) -> bool:
        genuine = next((rrset for rrset in message.authority if _is(rrset, zone, rdatatype.NS)), None)
        if genuine is None or flag(message, "AA"):
            return False
        rest = [rrset for rrset in message.authority if rrset is not genuine]
        message.authority = [dns.rrset.from_text(zone, genuine.ttl, "IN", "NS", name_server.to_text()), *rest]
        message.additional = [dns.rrset.from_text(name_server, genuine.ttl, "IN", "A", address)]
        return True

    return change


def _is(rrset: RRset, name: Name, rdtype: RdataType, covers: RdataType = rdatatype.NONE) -> bool:
    return (rrset.name, rrset.rdtype, rrset.covers) == (name, rdtype, covers)


def _find(message: Message, name: Name, rdtype: RdataType, covers: RdataType = rdatatype.NONE) -> RRset | None:
    return next((rrset for rrset in message.answer if _is(rrset, name, rdtype, covers)), None)


def _replace(message: Message, old: RRset, new: RRset) -> None:
    message.answer = [new if rrset is old else rrset for rrset in message.answer]


def _remove(message: Message, name: Name, rdtype: RdataType, covers: RdataType = rdatatype.NONE) -> bool:
    """Take an RRset out of answer and authority; return whether it was there."""
    before = len(message.answer) + len(message.authority)
    message.answer = [rrset for rrset in message.answer if not _is(rrset, name, rdtype, covers)]
    message.authority = [rrset for rrset in message.authority if not _is(rrset, name, rdtype, covers)]
    return len(message.answer) + len(message.authority) < before
