"""Bad input: whatever arrives, a client gets a DNS answer, in time, and what is called secure is true.

The replies of a toy Internet are mangled on their way (mangling.py), in ways that Hypothesis chooses.
fuzz/fuzz_resolver.py does the same for hours, led by what the code does. What it finds becomes a test below.
"""

import pytest
from handmade import resolution, usual_servers
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mangling import (
    QUESTIONS,
    WORLDS,
    answer_bytes,
    client_query,
    judge_mangled,
    mangle,
    mangling_resolver,
    must_be_sound,
    numbers_from,
)

from dnsseclab.protocol.dnssec import label_count
from dnsseclab.protocol.messages import parse, to_bytes
from dnsseclab.protocol.trust import SecurityStatus
from dnsseclab.validator.limits import LIMITED_BY, Limits

numbers = st.builds(numbers_from, st.integers(0, 2**32), st.lists(st.integers(0, 65535), max_size=24))
patient = settings(suppress_health_check=[HealthCheck.too_slow])
worlds, questions = st.sampled_from(WORLDS), st.sampled_from(QUESTIONS)


@patient
@given(worlds, questions, numbers)
def test_mangled_replies_lead_to_an_answer_within_the_limits_and_never_to_a_secure_lie(world, asked, numbers):
    resolver, _ = mangling_resolver(world, numbers)
    must_be_sound(world, asked, resolver.resolve(*asked), Limits())
    must_be_sound(world, asked, resolver.resolve(*asked), Limits())  # from what it remembers


@pytest.mark.slow
@settings(patient, max_examples=40)
@given(worlds, numbers)
def test_a_resolver_that_was_fed_with_bad_replies_for_long_still_works(world, numbers):
    resolver, network = mangling_resolver(world, numbers, rate=2)
    for asked in QUESTIONS:
        must_be_sound(world, asked, resolver.resolve(*asked), Limits())
    network.clock.advance(3 * 86400)
    for asked in QUESTIONS[:3]:
        must_be_sound(world, asked, resolver.resolve(*asked), Limits())


@patient
@given(worlds, questions, numbers)
def test_mangled_evidence_is_judged_and_the_judge_never_asks_twice(world, asked, numbers):
    chain = judge_mangled(world, asked, numbers)
    assert chain.explain()
    for kind, field in LIMITED_BY.items():
        assert chain.work.get(kind, 0) <= getattr(Limits(), field)
    if chain.status is SecurityStatus.SECURE:
        assert all(label_count(rrset.name) <= 127 and rrset.ttl >= 0 for rrset in chain.validated)


@patient
@given(st.binary(max_size=300) | st.builds(lambda many: mangle(client_query(many), many), numbers))
def test_every_query_gets_an_answer(payload):
    resolver, _ = mangling_resolver(WORLDS[0], numbers_from(1), rate=100_000)
    reply, _ = answer_bytes(resolver, payload)
    assert len(reply) >= 12 and reply[2] & 0x80, "a reply"
    assert reply[:2] == payload[:2].ljust(2, b"\0")
    if len(reply) > 12:
        parse(reply)


@patient
@given(st.lists(st.binary(max_size=400), max_size=30), numbers)
def test_a_resolution_outlives_whatever_it_receives(datagrams, numbers):
    servers, asking = usual_servers(), resolution()
    while (query := asking.next_query()) is not None:
        for genuine in servers.carry(query):
            for noise in datagrams:
                asking.receive(genuine._replace(payload=noise))
                asking.receive(genuine._replace(payload=genuine.payload[:2] + noise))
            asking.receive(genuine._replace(payload=mangle(genuine.payload, numbers)))
            if asking.waits:
                asking.receive(genuine)
    assert asking.reply is not None or asking.failure


@pytest.mark.parametrize("asked", QUESTIONS, ids=str)
def test_what_is_not_mangled_is_answered(asked):
    resolver, _ = mangling_resolver(WORLDS[0], numbers_from(1), rate=100_000)
    assert resolver.resolve(*asked).message.rcode() in (0, 3), "the test above would prove little otherwise"


def test_mangling_changes_messages_in_many_ways():
    genuine = to_bytes(parse(client_query(numbers_from(7))))
    assert len({mangle(genuine, numbers_from(seed)) for seed in range(200)}) > 150
