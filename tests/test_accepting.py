"""The accept check: each thing that must match, one broken at a time (RFC 5452 §9.1), and what is drawn by chance."""

import random
import time

import pytest
from handmade import reply_to

from dnsseclab.protocol.messages import Datagram, Endpoint, message_id, parse, question, question_bytes
from dnsseclab.protocol.story import Ignored, Reason
from dnsseclab.resolver.accepting import FIXED_PORT, Defences, Secrets

SERVER = "192.0.2.3"


def asking(transport="udp", seed=1, **defences):
    """Return the reply that is awaited after a question to SERVER."""
    secrets = Secrets("192.0.2.53", random.Random(seed), Defences(**defences))
    return secrets.make_query(question("www.bank.example", "A"), SERVER, transport=transport)


def change(datagram, at, byte):
    """Return the datagram with one byte of its payload replaced."""
    payload = bytearray(datagram.payload)
    payload[at] = byte
    return datagram._replace(payload=bytes(payload))


def elsewhere(datagram, **parts):
    return datagram._replace(**parts)


def to(address=None):
    """Return a change: the datagram goes to another address or to the next port of ours."""
    return lambda d: d._replace(destination=Endpoint(address or "192.0.2.53", d.destination.port ^ (not address)))


BREAKS = {
    "source address": (lambda d: elsewhere(d, source=Endpoint("192.0.2.4", 53)), Reason.WRONG_ADDRESS),
    "destination address": (to("192.0.2.54"), Reason.WRONG_ADDRESS),
    "source port": (lambda d: elsewhere(d, source=Endpoint(SERVER, 54)), Reason.WRONG_PORT),
    "destination port": (to(), Reason.WRONG_PORT),
    "transport": (lambda d: elsewhere(d, transport="tcp"), Reason.WRONG_CONNECTION),
    "ID, first byte": (lambda d: change(d, 0, d.payload[0] ^ 1), Reason.WRONG_ID),
    "ID, second byte": (lambda d: change(d, 1, d.payload[1] ^ 1), Reason.WRONG_ID),
    "QR": (lambda d: change(d, 2, d.payload[2] & 0x7F), Reason.NOT_A_REPLY),
    "opcode": (lambda d: change(d, 2, d.payload[2] | 0x28), Reason.NOT_A_REPLY),
    "no question": (lambda d: change(d, 5, 0), Reason.WRONG_QUESTION),
    "two questions": (lambda d: change(d, 5, 2), Reason.WRONG_QUESTION),
    "name": (lambda d: change(d, 13, ord("v")), Reason.WRONG_QUESTION),
    "type": (lambda d: change(d, 12 + 18 + 1, 28), Reason.WRONG_QUESTION),
    "class": (lambda d: change(d, 12 + 18 + 3, 3), Reason.WRONG_QUESTION),
    "cut in the header": (lambda d: elsewhere(d, payload=d.payload[:11]), Reason.MALFORMED),
    "empty": (lambda d: elsewhere(d, payload=b""), Reason.WRONG_ID),
}  # fmt: skip


def test_a_reply_that_matches_in_everything_is_not_refused():
    awaited = asking()
    assert awaited.refuse(reply_to(awaited.query)) is None


@pytest.mark.parametrize("broken", BREAKS)
def test_one_thing_that_differs_is_enough_to_ignore_a_datagram(broken):
    awaited = asking()
    spoil, reason = BREAKS[broken]
    genuine = reply_to(awaited.query)
    assert spoil(genuine) != genuine
    assert awaited.refuse(spoil(genuine)) == Ignored(reason)


def test_the_first_difference_in_the_order_of_real_resolvers_is_the_reason():
    """RFC 5452 §9.1: where it comes from, before what it says."""
    awaited = asking()
    reply = change(change(reply_to(awaited.query), 13, ord("v")), 1, message_id(awaited.query.payload) & 0xFF ^ 1)
    assert awaited.refuse(reply) == Ignored(Reason.WRONG_ID)
    assert awaited.refuse(elsewhere(reply, source=Endpoint("203.0.113.9", 53))) == Ignored(Reason.WRONG_ADDRESS)


def test_a_forger_cannot_join_a_tcp_connection():
    awaited = asking(transport="tcp")
    assert awaited.refuse(reply_to(awaited.query)) is None
    forged = reply_to(awaited.query)._replace(transport="udp")
    assert awaited.refuse(forged) == Ignored(Reason.WRONG_CONNECTION)
    other_port = elsewhere(reply_to(awaited.query), destination=Endpoint("192.0.2.53", 1))
    assert awaited.refuse(other_port) == Ignored(Reason.WRONG_CONNECTION)


def in_other_case(datagram):
    return datagram._replace(payload=datagram.payload.replace(b"www", b"WWW").replace(b"bank", b"BanK"))


def test_capitals_do_not_matter_unless_we_have_mixed_them():
    """RFC 4343 §3; with 0x20 they are bits that a forger has to guess."""
    awaited = asking()
    assert awaited.refuse(in_other_case(reply_to(awaited.query))) is None
    mixed = asking(mixed_case=True)
    genuine = reply_to(mixed.query)
    assert mixed.refuse(genuine) is None
    lower = genuine._replace(payload=genuine.payload[:12] + question_bytes(genuine.payload).lower())
    assert mixed.refuse(lower) == Ignored(Reason.WRONG_CASE)


def test_our_capitals_do_not_stay_in_the_names_of_the_reply():
    """They are abbreviated to the question's name, and would end up in the cache and in front of clients."""
    mixed = asking(mixed_case=True)
    reply = reply_to(mixed.query, ["www.bank.example. 60 A 192.0.2.20"]).payload
    assert question_bytes(reply) != question_bytes(reply).lower()
    plain = parse(mixed.in_plain_case(reply))
    assert plain.answer[0].name.to_text() == plain.question[0].name.to_text() == "www.bank.example."
    assert asking().in_plain_case(reply) == reply


def test_a_type_whose_number_looks_like_a_letter_is_compared_exactly():
    """Type 65 (HTTPS) is the byte 'A', type 97 the byte 'a'."""
    secrets = Secrets("192.0.2.53", random.Random(1), Defences())
    awaited = secrets.make_query(question("www.bank.example", 65), SERVER)
    genuine = reply_to(awaited.query)
    assert awaited.refuse(change(genuine, 12 + 18 + 1, 97)) == Ignored(Reason.WRONG_QUESTION)


def test_mixed_case_flips_letters_only_and_differently_each_time():
    spellings = {bytes(question_bytes(asking(seed=seed, mixed_case=True).query.payload)) for seed in range(20)}
    assert len(spellings) > 15
    assert {spelling.lower() for spelling in spellings} == {question_bytes(asking().query.payload)}


def test_ids_and_ports_are_random_unless_a_lesson_switches_that_off():
    secrets = Secrets("192.0.2.53", random.Random(3), Defences())
    queries = [secrets.make_query(question("a.example", "A"), SERVER).query for _ in range(400)]
    assert len({message_id(query.payload) for query in queries}) > 390
    assert len({query.source.port for query in queries}) > 390
    assert all(1024 <= query.source.port <= 65535 for query in queries)
    weak = Secrets("192.0.2.53", random.Random(3), Defences(random_id=False, random_port=False))
    queries = [weak.make_query(question("a.example", "A"), SERVER).query for _ in range(3)]
    assert [message_id(query.payload) for query in queries] == [1, 2, 3]
    assert {query.source.port for query in queries} == {FIXED_PORT}


def test_a_wrong_datagram_costs_about_a_microsecond():
    """A loose bound, many times what is measured: parsing before comparing would cost a hundred times more."""
    awaited = asking()
    forged = change(reply_to(awaited.query), 1, message_id(awaited.query.payload) & 0xFF ^ 1)
    begin = time.perf_counter()
    for _ in range(20_000):
        awaited.refuse(forged)
    assert (time.perf_counter() - begin) / 20_000 < 10e-6


@pytest.mark.parametrize("length", range(0, 40))
def test_no_length_of_garbage_raises(length):
    awaited = asking()
    noise = bytes(random.Random(length).randbytes(length))
    for payload in (noise, awaited.query.payload[:2] + noise, b"\xff" * length):
        datagram = Datagram(awaited.query.destination, awaited.query.source, payload)
        assert isinstance(awaited.refuse(datagram), Ignored)
