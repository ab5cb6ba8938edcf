"""Messages on the wire: what we read by hand agrees with what a library reads, and garbage does no harm."""

import dns.edns
import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnsseclab.protocol import messages
from dnsseclab.protocol.messages import MalformedMessage, make_query, parse, question_bytes, to_bytes

LABELS = st.lists(st.text("abcXYZ019-", min_size=1, max_size=20), min_size=0, max_size=5)


def reply_with(count: int, name: str = "www.bank.example.") -> dns.message.Message:
    reply = dns.message.make_response(make_query(name, "A", id=4711))
    reply.answer.append(dns.rrset.from_text(name, 60, "IN", "A", *(f"192.0.2.{i}" for i in range(1, count + 1))))
    return reply


def test_a_query_carries_exactly_the_bits_it_was_asked_to_carry():
    query = parse(to_bytes(make_query("bank.example", "DNSKEY", id=65535, dnssec_ok=True, checking_disabled=True)))
    assert query.id == 65535
    assert messages.flag(query, "CD") and not messages.flag(query, "RD") and not messages.flag(query, "AD")
    assert messages.dnssec_ok(query) and query.payload == messages.SAFE_UDP_PAYLOAD
    assert str(messages.asked(query)) == "bank.example DNSKEY"


def test_a_query_without_edns_has_no_do_bit_whatever_was_asked():
    query = parse(to_bytes(make_query("bank.example", "A", id=1, dnssec_ok=True, edns_payload=None)))
    assert query.edns == -1
    assert not messages.dnssec_ok(query)


@given(st.integers(0, 65535), LABELS, st.booleans(), st.booleans(), st.sampled_from([None, 512, 1232]))
def test_a_query_written_directly_is_the_one_that_the_library_writes(identifier, labels, dnssec_ok, cd, payload):
    bits = {"id": identifier, "dnssec_ok": dnssec_ok, "checking_disabled": cd, "edns_payload": payload}
    asked = messages.question(".".join(labels) or ".", "DNSKEY")
    assert messages.query_bytes(asked, **bits) == to_bytes(make_query(*asked, **bits))


def test_a_query_written_directly_carries_its_options():
    cookie = dns.edns.CookieOption(b"12345678", b"")
    asked = messages.question("bank.example", "A")
    assert parse(messages.query_bytes(asked, id=1, options=[cookie])).options == (cookie,)


@given(st.integers(0, 65535), LABELS)
def test_id_and_question_read_by_hand_are_those_that_the_library_reads(identifier, labels):
    payload = to_bytes(make_query(".".join(labels) or ".", "A", id=identifier))
    assert messages.message_id(payload) == parse(payload).id == identifier
    found = question_bytes(payload)
    assert found is not None and payload[messages.HEADER_BYTES :].startswith(found)
    assert found == parse(payload).question[0].name.to_wire() + b"\0\x01\0\x01"


@given(st.binary(max_size=80))
def test_no_bytes_whatever_raise_anything_but_malformed(payload):
    messages.message_id(payload)
    question_bytes(payload)
    messages.one_line(payload)
    try:
        parse(payload)
    except MalformedMessage as error:
        assert str(error)


@given(st.integers(0, 200), st.integers(0, 255))
def test_a_damaged_message_parses_or_is_malformed_and_reads_in_one_line(position, value):
    payload = bytearray(to_bytes(reply_with(3)))
    payload[position % len(payload)] = value
    assert "\n" not in messages.one_line(bytes(payload))


@pytest.mark.parametrize("count", [b"\0\0", b"\0\2"])
def test_a_message_without_exactly_one_question_has_no_question_bytes(count):
    payload = bytearray(to_bytes(make_query("bank.example", "A", id=1)))
    assert question_bytes(bytes(payload))
    payload[4:6] = count
    assert question_bytes(bytes(payload)) is None


def test_a_compressed_question_is_not_read():
    """A pointer in the question can only point at the header: nobody sends that but to confuse."""
    assert question_bytes(b"\0\1\0\0\0\1\0\0\0\0\0\0\xc0\x0c\0\1\0\1") is None


def test_records_keep_their_order_on_the_wire():
    assert {to_bytes(reply_with(9)) for _ in range(5)} == {to_bytes(reply_with(9))}


def test_what_does_not_fit_is_left_out_whole_and_said_to_be():
    reply = reply_with(60)
    assert not messages.flag(parse(to_bytes(reply)), "TC")
    cut = parse(to_bytes(reply, max_size=512))
    assert messages.flag(cut, "TC") and cut.answer == []


def test_one_line_says_what_a_person_wants_to_know():
    assert messages.one_line(to_bytes(make_query("bank.example", "A", id=1))) == "bank.example A?"
    assert messages.one_line(to_bytes(reply_with(2))) == ("www.bank.example A: www.bank.example A 192.0.2.1, 192.0.2.2")
    refused = reply_with(0)
    refused.answer.clear()
    refused.set_rcode(dns.rcode.NXDOMAIN)
    assert messages.one_line(to_bytes(refused)) == "www.bank.example A: NXDOMAIN"
    assert "no DNS message" in messages.one_line(b"hello")
    query = make_query("bank.example", "A", id=1)
    assert messages.one_line(query) == messages.one_line(to_bytes(query))


def test_one_line_tells_a_referral_from_a_denial():
    reply = reply_with(0)
    reply.answer.clear()
    reply.authority.append(dns.rrset.from_text("bank.example.", 60, "IN", "NS", "ns1.bank.example."))
    assert "ask the servers of bank.example" in messages.one_line(to_bytes(reply))
    reply.flags |= dns.flags.AA
    assert "no such record" in messages.one_line(to_bytes(reply))


def test_flag_letters_read_like_other_tools_print_them():
    query = make_query("bank.example", "A", id=1, dnssec_ok=True, recursion_desired=True, authentic_data=True)
    assert messages.flag_letters(query) == "RD AD DO"
