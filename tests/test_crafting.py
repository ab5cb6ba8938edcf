"""Packets made by hand are what the course's own server would have sent; wrong questions get a sentence."""

import dns.dnssec
import dns.message
import dns.rcode
import pytest
from dns.name import from_text

from dnsseclab.attacker.crafting import a_record, no_such_name, reply, reply_to, signatures, signed, with_key
from dnsseclab.authority.keys import make_key
from dnsseclab.authority.server import answer
from dnsseclab.internet.worlds import NOW, toy_internet
from dnsseclab.protocol.messages import make_query, to_bytes
from dnsseclab.protocol.names import LabError

WORLD = toy_internet()
SITE = "www.bank.example"
LIE = a_record(SITE, "203.0.113.66")


def genuine(name: str, rdtype: str) -> bytes:
    zone = WORLD.zone("bank.example")
    return to_bytes(answer([zone], make_query(name, rdtype, id=7, dnssec_ok=True)))


PACKETS = [genuine("bank.example", "DNSKEY"), genuine(SITE, "A")]


def test_reply_is_an_authoritative_answer_to_its_question() -> None:
    message = dns.message.from_wire(reply(SITE, "A", LIE))
    assert dns.message.make_query(SITE, "A", id=message.id).is_response(message)
    assert message.answer == [LIE] and message.answer[0].ttl == LIE.ttl
    assert message.flags & dns.flags.AA


def test_no_such_name_holds_its_proof_and_no_answer() -> None:
    message = dns.message.from_wire(no_such_name(SITE, LIE))
    assert message.rcode() == dns.rcode.NXDOMAIN
    assert (message.answer, message.authority) == ([], [LIE])


def test_signature_holds_for_the_key_it_was_made_with() -> None:
    key = make_key("bank.example", "ZSK", seed="hers")
    keys = {from_text("bank.example"): [key.dnskey]}
    dns.dnssec.validate(LIE, signed(LIE, key, NOW), keys, now=NOW)
    with pytest.raises(dns.dnssec.ValidationFailure):
        dns.dnssec.validate(a_record(SITE, "192.0.2.1"), signed(LIE, key, NOW), keys, now=NOW)


def test_signer_can_be_another_zone() -> None:
    key = make_key("casino.example", "ZSK", seed="hers")
    assert signed(LIE, key, NOW, signer=key.zone)[0].signer == key.zone
    with pytest.raises(LabError, match="not in its zone"):
        signed(LIE, key, NOW)


def test_reply_is_found_by_its_question_in_any_case() -> None:
    assert reply_to(PACKETS, SITE.upper(), "A").answer[0][0].to_text() == "192.0.2.20"


def test_reply_that_is_not_there_gets_a_sentence_that_says_what_is() -> None:
    with pytest.raises(LabError, match="no reply to www.bank.example MX.*bank.example DNSKEY, www.bank.example A"):
        reply_to(PACKETS, SITE, "MX")


def test_key_is_added_to_those_of_the_zone() -> None:
    mine = make_key("bank.example", "ZSK", seed="hers").dnskey
    assert set(with_key(PACKETS, "bank.example", mine)) == {*WORLD.truth("bank.example", "DNSKEY"), mine}


def test_signatures_are_those_over_the_type() -> None:
    message = reply_to(PACKETS, SITE, "A")
    assert [rrsig.type_covered.name for rrsig in signatures(message, "A")] == ["A"]
    assert signatures(message, "TXT") == []
