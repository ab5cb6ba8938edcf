"""The simulated network: order of arrival, virtual time, and who really sent what."""

import pytest

from dnsseclab.attacker import on_path
from dnsseclab.attacker.off_path import SITE, Race, Volley, forge_answer
from dnsseclab.attacker.on_path import OnPath
from dnsseclab.internet.attacks import false_zone
from dnsseclab.internet.network import FASTEST, SLOWEST, TIMEOUT, Clock, Network
from dnsseclab.internet.worlds import NOW, toy_internet
from dnsseclab.protocol.messages import Datagram, Endpoint, make_query, parse, question, to_bytes
from dnsseclab.protocol.names import LabError, to_name
from dnsseclab.protocol.story import Ignored, Reason, Story

WORLD = toy_internet(signed=False, connected=False)
BANKS_SERVER = "192.0.2.21"
ASKER = Endpoint("192.0.2.53", 10_053)
ASKED = question("www.bank.example", "A")
QUERY = Datagram(ASKER, Endpoint(BANKS_SERVER, 53), to_bytes(make_query(*ASKED, id=4711)))
FORGERY = forge_answer(ASKED, server=BANKS_SERVER, resolver=ASKER)


def network(**options):
    return Network(WORLD, clock=Clock(NOW), **options)


def address(datagram):
    return parse(datagram.payload).answer[0][0].address


def test_a_question_gets_its_real_reply_after_some_milliseconds_and_then_silence():
    net = network()
    arrivals = []
    for datagram in net.carry(QUERY):
        arrivals.append((net.clock() - NOW, address(datagram)))
    ((after, who),) = arrivals
    assert who == "192.0.2.20"
    assert FASTEST <= after <= SLOWEST
    assert net.clock() == pytest.approx(NOW + TIMEOUT)


def test_a_question_to_nobody_ends_in_a_time_out():
    net = network()
    assert list(net.carry(QUERY._replace(destination=Endpoint("192.0.2.200", 53)))) == []
    assert net.clock() == NOW + TIMEOUT


def test_travel_times_depend_on_the_seed_and_on_nothing_else():
    def reply_at(seed):
        net = network(seed=seed)
        next(net.carry(QUERY))
        return net.clock()

    assert reply_at(1) == reply_at(1) != reply_at(2)


def test_tcp_takes_a_second_trip():
    udp, tcp = network(), network()
    next(udp.carry(QUERY))
    next(tcp.carry(QUERY._replace(transport="tcp")))
    assert tcp.clock() - NOW == pytest.approx(2 * (udp.clock() - NOW))


def test_forged_and_real_replies_arrive_in_order_of_time():
    net = network(attacker=Volley(FORGERY, 0, 100, after=0.005, rate=1000))  # 5 ms, 6 ms, ... 104 ms
    times, real = [], []
    for datagram in net.carry(QUERY):
        times.append(net.clock())
        if not net.is_forged(datagram):
            real.append(net.clock() - NOW)
    assert times == sorted(times)
    assert len(times) == 101
    assert len(real) == 1 and 0.005 < real[0] < 0.104


def test_the_volley_goes_on_where_the_resolver_stopped_reading():
    net = network(attacker=Volley(FORGERY, 0, 10, rate=1000))
    first = net.carry(QUERY)
    ids = [parse(next(first).payload).id for _ in range(3)]
    first.close()
    ids += [parse(datagram.payload).id for datagram in net.carry(QUERY) if net.is_forged(datagram)]
    assert ids == list(range(10))


def test_a_busy_server_answers_later_by_just_that_much():
    calm, busy = network(), network(attacker=Race(ASKED, Volley(FORGERY, 0, 1, after=9), keeps_busy=0.5))
    next(calm.carry(QUERY))
    next(busy.carry(QUERY))
    assert busy.clock() - calm.clock() == pytest.approx(0.5)


def test_what_arrives_when_nobody_waits_is_too_late_and_can_still_be_told():
    net = network(attacker=Volley(FORGERY, 0, 1000, rate=10_000))  # 0.1 s of it
    waiting = net.carry(QUERY)
    next(waiting)
    waiting.close()
    events = list(net.until_quiet(Story()))
    assert [event.count for event in events] == [999, 1], "the rest of the volley, then the real reply"
    assert {event.fate for event in events} == {Ignored(Reason.TOO_LATE)}
    assert [net.is_forged(event.datagram) for event in events] == [True, False]
    assert net.clock() == pytest.approx(NOW + 0.0999)
    assert list(net.until_quiet(Story())) == [], "told once"


def test_forgeries_meet_no_connection_over_tcp():
    net = network(attacker=Volley(FORGERY, 0, 50, rate=10_000))  # 5 ms, before any real reply
    arrivals = list(net.carry(QUERY._replace(transport="tcp")))
    assert [address(datagram) for datagram in arrivals] == ["192.0.2.20"]
    (event,) = net.until_quiet(Story())
    assert (event.fate, event.count) == (Ignored(Reason.WRONG_CONNECTION), 50)


def test_the_attacker_on_the_path_replaces_the_reply():
    net = network(attacker=OnPath(on_path.change_address(ASKED.name, SITE)))
    first, second = next(net.carry(QUERY)), next(net.carry(QUERY))
    assert (address(first), net.is_forged(first)) == (SITE, True)
    assert (address(second), net.is_forged(second)) == ("192.0.2.20", False)


def test_the_attackers_own_server_answers_from_its_false_zone_and_all_of_it_counts_as_forged():
    net = network()
    net.add_attackers_server(SITE, false_zone(to_name("bank.example")))
    reply = next(net.carry(QUERY._replace(destination=Endpoint(SITE, 53))))
    assert (address(reply), net.is_forged(reply)) == (SITE, True)
    assert not net.is_forged(QUERY)


def test_whoever_it_claims_to_come_from_a_forgery_is_known_by_its_maker():
    net = network(attacker=Volley(FORGERY, 0, 1))
    forged = FORGERY.with_id(9)
    assert forged.source.address == BANKS_SERVER
    assert net.is_forged(forged)
    assert net.label(forged.source.address) == "bank's server"


def test_garbage_is_carried_like_anything_else():
    net = network()
    for payload in (b"", b"\x00", b"\xff" * 11, b"\x12\x34" + bytes(10), b"\x00" * 600):
        for reply in net.carry(QUERY._replace(payload=payload)):
            assert not net.is_forged(reply)


def test_time_does_not_go_backwards():
    clock = Clock(NOW)
    clock.advance(60)
    assert clock() == NOW + 60
    for wrong in (-1, float("nan")):
        with pytest.raises(LabError, match="only goes forward"):
            clock.advance(wrong)


def test_without_a_clock_it_begins_at_the_worlds_present():
    world = toy_internet(now=NOW + 99)
    assert Network(world).clock() == NOW + 99


def test_a_resolver_can_be_given_another_way_into_the_network():
    net, passed = network(), []

    def firewall(packet):
        passed.append(packet)
        return iter(()) if packet.destination.address == BANKS_SERVER else net.carry(packet)

    outcome = net.resolver(carry=firewall, validating=False).resolve("www.bank.example", "A")
    assert outcome.message.answer[0][0].address == "192.0.2.20"  # by the bank's other server
    assert BANKS_SERVER in {packet.destination.address for packet in passed}
