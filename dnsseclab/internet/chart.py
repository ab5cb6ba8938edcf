"""A patient's chart: what anybody can ask of a zone's servers and of its parent's, and which keys its owner has.

It knows: whom to ask, and how replies are written down, as master files have it.
It must not know: what is wrong. Everything in it has come over the wire, but for the owner's list of private keys.
Follows RFC 1035 §5.1 (the form of records), RFC 4034 §2.2, §3.2 and §5.3.
"""

import time
from collections.abc import Iterator
from functools import lru_cache

import dns.rcode
from dns import rdatatype
from dns.name import Name
from dns.rrset import RRset

from ..protocol.dnssec import key_tag
from ..protocol.messages import Question, parse, query_bytes
from ..protocol.names import show_name
from .clinic import servers_of
from .patients import Patient
from .worlds import Server, World


@lru_cache(32)
def chart(patient: Patient) -> str:
    """Return what is known of a patient, as text; what comes after ';' is no record."""
    return "\n".join(_lines(patient))


def _lines(patient: Patient) -> Iterator[str]:
    world, zone, asked = patient.world, patient.zone, patient.question
    yield f"; asked: {asked}"
    yield time.strftime("; now: %Y%m%d%H%M%S", time.gmtime(world.now))
    above = _queries(Question(zone, rdatatype.DS))
    queries = _queries(Question(zone, rdatatype.SOA), Question(zone, rdatatype.DNSKEY), asked)
    known: dict[tuple[bytes, ...], Name] = {}
    for server in world.servers:
        if patient.parent in server.zones:
            yield f"\n;; server of {show_name(patient.parent)}: {show_name(server.name)}"
            yield from _replies(world, server, above, known)
    for server in servers_of(world, zone):
        yield f"\n;; server of {patient.name}: {show_name(server.name)}"
        yield from _replies(world, server, queries, known)
    yield "\n;; private keys that the owner has"
    yield from (f"; {key.role} {key.tag}, algorithm {key.algorithm}" for key in patient.store)


def _queries(*questions: Question) -> dict[Question, bytes]:
    return {question: query_bytes(question, id=1, dnssec_ok=True) for question in questions}


def _replies(
    world: World, server: Server, queries: dict[Question, bytes], known: dict[tuple[bytes, ...], Name]
) -> Iterator[str]:
    """Yield what a server answers, signatures included; comments say what was asked."""
    running = world.server_at(server.address)
    replies = tuple((running and running.reply(query, "tcp")) or b"" for query in queries.values())
    if replies in known:
        yield f"; the same as {show_name(known[replies])}"
        return
    known[replies] = server.name
    for question, reply in zip(queries, replies, strict=True):
        message = parse(reply)
        yield f"; {question}: {dns.rcode.to_text(message.rcode())}"
        for rrset in (*message.answer, *message.authority):
            yield from _records(rrset)


def _records(rrset: RRset) -> Iterator[str]:
    for line, rdata in zip(rrset.to_text().splitlines(), rrset, strict=True):
        yield f"{line} ; key tag {key_tag(rdata)}" if rrset.rdtype == rdatatype.DNSKEY else line
