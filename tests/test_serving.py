"""The client's side: odd queries, and which bits and records a client gets."""

import random

import dns.edns
import dns.flags
import dns.message
import dns.opcode
import dns.rcode
import pytest
from handmade import reply_to, resolution, usual_servers

from dnsseclab.protocol.messages import MalformedMessage, dnssec_ok, flag, make_query, parse, question
from dnsseclab.protocol.names import to_name
from dnsseclab.protocol.trust import Diagnosis, SecurityStatus
from dnsseclab.resolver.replies import Kind, Reply
from dnsseclab.resolver.serving import Result, refuse, respond

SIG = "{} 60 RRSIG {} 13 3 60 20300101000000 20200101000000 1 bank.com. AAAA"
ANSWER = ["www.bank.com. 60 A 192.0.2.20", SIG.format("www.bank.com.", "A")]
PROOF = [
    "bank.com. 60 SOA a. b. 1 2 3 4 5", SIG.format("bank.com.", "SOA"),
    "www.bank.com. 60 NSEC x.bank.com. A RRSIG NSEC", SIG.format("www.bank.com.", "NSEC"),
]  # fmt: skip


def query(name="www.bank.com", rdtype="A", **bits):
    return make_query(name, rdtype, id=7, **{"recursion_desired": True} | bits)


def result(status=SecurityStatus.SECURE, answer=(), authority=(), kind=Kind.ANSWER, **how):
    message = parse(reply_to(resolution().next_query(), answer, authority, **how).payload)
    return Result(status, (Reply(question("www.bank.com", "A"), kind, message, to_name("bank.com"), None),))


def types(section):
    return [rrset.rdtype.name for rrset in section]


# --- odd queries


def changed(change):
    asked = query()
    change(asked)
    return asked


def with_class(rdclass):
    asked = query()
    asked.question[0].rdclass = rdclass
    return asked


def reply_bit(message):
    message.flags |= dns.flags.QR


ODD = {
    "a reply": (changed(reply_bit), "FORMERR"),
    "no question": (changed(lambda message: message.question.clear()), "FORMERR"),
    "two questions": (changed(lambda message: message.question.append(message.question[0])), "FORMERR"),
    "NOTIFY": (changed(lambda message: message.set_opcode(dns.opcode.NOTIFY)), "NOTIMP"),
    "an unknown opcode": (changed(lambda message: message.set_opcode(11)), "NOTIMP"),
    "class CH": (with_class(3), "REFUSED"),
    "class ANY": (with_class(255), "REFUSED"),
    "a zone transfer": (query(rdtype="AXFR"), "REFUSED"),
    "OPT as a type": (query(rdtype="OPT"), "REFUSED"),
    "EDNS version 1": (changed(lambda message: message.use_edns(1, 0, 1232)), "BADVERS"),
    "NXNAME": (query(rdtype=128), "FORMERR"),
}


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_query_gets_its_error_and_nobody_is_asked(odd):
    asked, rcode = ODD[odd]
    servers = usual_servers()
    response = servers.resolver().respond(asked)
    assert dns.rcode.to_text(response.rcode()) == rcode and servers.asked == []
    assert (response.id, flag(response, "QR"), response.opcode()) == (7, True, asked.opcode())
    assert parse(response.to_wire()).rcode() == response.rcode()


def test_an_ordinary_query_is_not_refused():
    assert refuse(query()) is None


def test_an_update_message_is_not_implemented():
    update = dns.message.from_text("id 7\nopcode UPDATE\n;ZONE\nbank.com. IN SOA\n")
    assert usual_servers().resolver().respond(update).rcode() == dns.rcode.NOTIMP


@pytest.mark.parametrize("seed", range(60))
def test_whatever_parses_is_answered(seed):
    dice = random.Random(seed)
    payload = bytearray(query(dnssec_ok=True).to_wire())
    for _ in range(dice.randrange(1, 8)):
        payload[dice.randrange(2, len(payload))] = dice.randrange(256)
    try:
        asked = parse(bytes(payload))
    except MalformedMessage:
        return
    response = usual_servers().resolver().respond(asked)
    assert response.id == asked.id and response.to_wire()


# --- bits


@pytest.mark.parametrize(
    ("bits", "status", "ad"),
    [
        ({"dnssec_ok": True}, SecurityStatus.SECURE, True),
        ({"authentic_data": True}, SecurityStatus.SECURE, True),
        ({}, SecurityStatus.SECURE, False),  # RFC 6840 §5.8: old clients may choke on it
        ({"dnssec_ok": True}, SecurityStatus.INSECURE, False),
        ({"dnssec_ok": True}, SecurityStatus.UNCHECKED, False),
    ],
)
def test_ad_says_that_it_is_secure_to_those_who_ask(bits, status, ad):
    assert flag(respond(query(**bits), result(status, ANSWER)), "AD") is ad


def test_a_code_that_no_record_proves_is_not_called_authentic():
    response = respond(query(dnssec_ok=True), result(SecurityStatus.SECURE, ANSWER, rcode="YXDOMAIN"))
    assert not flag(response, "AD") and response.rcode() == dns.rcode.YXDOMAIN


def test_the_response_repeats_what_it_must_and_never_claims_authority():
    """RFC 1035 §4.1.1, RFC 4035 §3.2.2: RD and CD are copied; AA is for the zone's own servers."""
    for rd in (True, False):
        for cd in (True, False):
            response = respond(query(recursion_desired=rd, checking_disabled=cd), result(answer=ANSWER))
            assert (flag(response, "RD"), flag(response, "CD")) == (rd, cd)
            assert flag(response, "RA") and not flag(response, "AA") and not flag(response, "TC")


def test_edns_in_edns_out():
    assert respond(query(edns_payload=None), result(answer=ANSWER)).edns == -1
    response = respond(query(dnssec_ok=True), result(answer=ANSWER))
    assert (response.edns, dnssec_ok(response)) == (0, True)
    assert not dnssec_ok(respond(query(), result(answer=ANSWER)))


# --- records


def test_signatures_and_proofs_are_for_clients_that_set_do():
    """RFC 4035 §3.2.1."""
    no = result(authority=PROOF, kind=Kind.NO_SUCH_RECORD)
    assert types(respond(query(dnssec_ok=True), result(answer=ANSWER)).answer) == ["A", "RRSIG"]
    assert types(respond(query(), result(answer=ANSWER)).answer) == ["A"]
    assert types(respond(query(dnssec_ok=True), no).authority) == ["SOA", "RRSIG", "NSEC", "RRSIG"]
    assert types(respond(query(), no).authority) == ["SOA"]


def test_who_asks_for_the_type_gets_it_without_do():
    signatures = result(answer=[SIG.format("www.bank.com.", "A")])
    assert types(respond(query(rdtype="RRSIG"), signatures).answer) == ["RRSIG"]
    assert types(respond(query(rdtype="ANY"), result(answer=ANSWER)).answer) == ["A", "RRSIG"]


def test_an_answer_brings_the_proof_of_its_wildcard_but_no_servers_and_no_soa():
    response = respond(query(dnssec_ok=True), result(answer=ANSWER, authority=[*PROOF, "bank.com. 60 NS ns.bank.com."]))
    assert types(response.authority) == ["NSEC", "RRSIG"]


def test_a_failure_has_no_data_but_a_reason():
    why = Diagnosis("signature-not-expired", "signature expired", "It has expired.", "RFC 4035 §5.3.1", 7, "")
    failed = Result(SecurityStatus.BOGUS, diagnosis=why, failed=True)
    response = respond(query(dnssec_ok=True), failed)
    assert response.rcode() == dns.rcode.SERVFAIL and not (response.answer or response.authority)
    assert [(int(option.code), option.text) for option in response.options] == [(7, "It has expired.")]
    again = respond(query(), Result(SecurityStatus.BOGUS, diagnosis=why, failed=True, from_cache=True))
    assert [int(option.code) for option in again.options] == [7, 13]
    assert not respond(query(edns_payload=None), failed).options
