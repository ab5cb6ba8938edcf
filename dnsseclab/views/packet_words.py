"""What one datagram says, in the few words that a row of the packet story has room for.

It knows: DNS messages, and which of their records matter to somebody who follows a look-up.
It must not know: fates, or who sent what.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import dns.rcode
from dns import rdatatype
from dns.message import Message
from dns.rrset import RRset

from ..protocol.describing import plain, shorten
from ..protocol.dnssec import key_tag
from ..protocol.messages import Datagram, MalformedMessage, Question, asked, flag, parse
from ..protocol.names import show_name, show_type
from ..protocol.story import Event

LONGEST = 60  # letters of one record's value
MOST_VALUES = 3
PROOFS = (rdatatype.NSEC, rdatatype.NSEC3)
ADDRESSES = (rdatatype.A, rdatatype.AAAA)


@dataclass
class Saying:
    """What a story needs to remember while it is told: a question is said in full only once in a row."""

    client: str  # the address of the one who started it: the ID of its question is of no interest
    last: Question | None = None


def says(event: Event, forged: bool, saying: Saying) -> str:
    """Return what an event's datagram says; of a run: how many there were, and what they have in common."""
    datagram = event.datagram
    try:
        message = parse(datagram.payload)
    except MalformedMessage:
        return f"{len(datagram.payload)} bytes that are no DNS message"
    over = " over TCP" * (datagram.transport == "tcp")
    if not flag(message, "QR"):
        number = f" ID {message.id}" * (datagram.source.address != saying.client)
        return _question(message, saying) + number + over
    content = _reply(message, forged)
    if event.count > 1:
        return f"{event.count:,} replies: {content}"
    return content + f", ID {message.id}" * forged + over


def client_of(events: Sequence[Event]) -> str:
    """Return the address of the client that started a story; nothing if it begins with the resolver's own question.

    A client asks for recursion (RD); a resolver that looks up by itself does not (RFC 1034 §4.3.1).
    """
    first = events[0].datagram if events else None
    try:
        return first.source.address if first and flag(parse(first.payload), "RD") else ""
    except MalformedMessage:
        return ""


def is_answer(datagram: Datagram) -> bool:
    """Return whether a reply answers: with records, or by saying that there are none."""
    try:
        return parse(datagram.payload).rcode() in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN)
    except MalformedMessage:
        return False


def _question(message: Message, saying: Saying) -> str:
    about = asked(message)
    if about is None:
        return "No question."
    same, saying.last = about == saying.last, about
    return "Same question." if same else _ask(about)


def _ask(about: Question) -> str:
    name = plain(show_name(about.name))
    if about.rdtype in ADDRESSES:
        return f"Where is {name}?" if about.rdtype == rdatatype.A else f"Where is {name} in IPv6?"
    if about.rdtype == rdatatype.DNSKEY:
        return f"Which keys has {name}?"
    return f"{show_type(about.rdtype)} of {name}?"


def _reply(message: Message, forged: bool) -> str:
    if flag(message, "TC"):
        return "Cut short: ask over TCP"
    signed = any(rrset.rdtype == rdatatype.RRSIG for rrset in (*message.answer, *message.authority))
    parts = [_records(rrset) for rrset in message.answer if rrset.rdtype != rdatatype.RRSIG]
    cuts = [rrset for rrset in message.authority if rrset.rdtype == rdatatype.NS]
    if not parts:
        parts = [_without_answer(message, cuts)]
    elif message.rcode():
        parts.append(dns.rcode.to_text(message.rcode()))
    if signed:
        parts[-1] += ", signed"
    return "; ".join(parts + (_extras(message, cuts) if forged else []))


def _without_answer(message: Message, cuts: Sequence[RRset]) -> str:
    proof = ", with proof" if any(rrset.rdtype in PROOFS for rrset in message.authority) else ""
    if message.rcode() == dns.rcode.NXDOMAIN:
        return f"No such name{proof}"
    if message.rcode():
        return dns.rcode.to_text(message.rcode())
    if cuts and not flag(message, "AA"):
        named = [_records(rrset) for rrset in message.authority if rrset.rdtype == rdatatype.DS]
        return "; ".join([f"Ask the servers of {show_name(cuts[0].name)}", *named]) + (", no DS" if proof else "")
    return f"No such record{proof}"


def _extras(message: Message, cuts: Sequence[RRset]) -> list[str]:
    """Return what a forged reply carries besides its answer: that is where the poison may be."""
    glue = {rrset.name: rrset for rrset in message.additional if rrset.rdtype in ADDRESSES}
    extras = []
    for cut in cuts:
        places = [_records(glue.pop(rdata.target)) for rdata in cut if rdata.target in glue]
        extras.append(f"new server for {show_name(cut.name)}" + f" at {', '.join(places)}" * bool(places))
    return extras + [f"{show_name(rrset.name)} is at {_records(rrset)}" for rrset in glue.values()]


def _records(rrset: RRset) -> str:
    if rrset.rdtype == rdatatype.DNSKEY:
        tags = ", ".join(str(key_tag(rdata)) for rdata in list(rrset)[:MOST_VALUES])
        return f"key{'s' * (len(rrset) > 1)} {tags}" + _more(rrset)
    if rrset.rdtype == rdatatype.DS:
        tags = ", ".join(str(tag) for tag in dict.fromkeys(rdata.key_tag for rdata in list(rrset)[:MOST_VALUES]))
        return f"DS: key {tags}" + _more(rrset)
    if rrset.rdtype == rdatatype.CNAME:
        return f"{show_name(rrset.name)} is called {show_name(rrset[0].target)}"
    values = ", ".join(shorten(plain(rdata.to_text()), LONGEST) for rdata in list(rrset)[:MOST_VALUES]) + _more(rrset)
    return values if rrset.rdtype in ADDRESSES else f"{show_type(rrset.rdtype)} {values}"


def _more(rrset: RRset) -> str:
    return f" and {len(rrset) - MOST_VALUES} more" if len(rrset) > MOST_VALUES else ""
