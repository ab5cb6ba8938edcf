"""Toy servers on real sockets: who answers where, for how many at once, and that nothing stays behind."""

import gc
import os
import socket
import threading
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import dns.edns
import dns.flags
import dns.message
import dns.query
import dns.rcode
import pytest
from dns.message import Message

from dnsseclab.attacker.on_path import OnPath, change_address
from dnsseclab.internet.binding import has_many_addresses
from dnsseclab.internet.faults import break_zone
from dnsseclab.internet.loopback import Servers, serve
from dnsseclab.internet.moving import on_loopback
from dnsseclab.internet.worlds import World, toy_internet
from dnsseclab.protocol.messages import Endpoint, make_query
from dnsseclab.protocol.names import LabError, to_name
from dnsseclab.protocol.story import Asked
from dnsseclab.protocol.trust import SecurityStatus

NOW = int(time.time())


@pytest.fixture(scope="module")
def world() -> World:
    return on_loopback(toy_internet(now=NOW))


@pytest.fixture(scope="module", params=[False, True], ids=["many addresses", "one address"])
def served(request: pytest.FixtureRequest, world: World) -> Iterator[Servers]:
    if not request.param and not has_many_addresses():
        pytest.skip("this computer has no address but 127.0.0.1")
    with serve(world, port=0, one_address=request.param) as servers:
        yield servers


@pytest.fixture
def servers(world: World) -> Iterator[Servers]:
    with serve(world, port=0) as servers:
        yield servers


def query(name: str, rdtype: str = "A", **options: object) -> Message:
    return make_query(name, rdtype, id=4711, **{"recursion_desired": True, **options})  # type: ignore[arg-type]


def ask(place: Endpoint, message: Message, timeout: float = 5) -> Message:
    return dns.query.udp(message, place.address, timeout, place.port)


def ask_over_tcp(place: Endpoint, message: Message) -> Message:
    return dns.query.tcp(message, place.address, 5, place.port)


def flags(message: Message) -> set[str]:
    return set(dns.flags.to_text(message.flags).split())


# --- who answers where


def test_resolver_answers_over_udp_and_tcp_with_what_it_has_validated(served: Servers) -> None:
    for way in (ask, ask_over_tcp):
        reply = way(served.place, query("www.bank.example", dnssec_ok=True))
        assert reply.answer[0][0].address == "192.0.2.20"
        assert flags(reply) == {"QR", "RD", "RA", "AD"}


def test_every_authoritative_server_answers_for_its_zones_at_its_own_place(served: Servers) -> None:
    places = [served.places[server.address] for server in served.world.servers]
    assert len(set(places)) == len(places)
    for server, place in zip(served.world.servers, places, strict=True):
        for zone in server.zones:
            reply = ask(place, query(zone.to_text(), "SOA"))
            assert "AA" in flags(reply)
            assert reply.answer[0].name == zone


def test_servers_share_one_port_or_one_address(served: Servers) -> None:
    addresses = {place.address for place in served.places.values()}
    ports = {place.port for place in served.places.values()}
    assert served.has_one_address == (addresses == {"127.0.0.1"})
    assert min(len(addresses), len(ports)) == 1
    assert max(len(addresses), len(ports)) == len(served.world.servers) + 1


def test_resolver_really_asks_over_the_network(servers: Servers) -> None:
    outcome = servers.resolve("www.foundry81.com", "A")
    assert outcome.status is SecurityStatus.SECURE
    asked = [event.datagram for event in outcome.story if type(event.fate) is Asked]
    assert len({datagram.source.port for datagram in asked}) == len(asked) >= 5  # a random port each time
    noted = [line.who for line in servers.log.lines]
    assert {"root's server", "com's server", "foundry81's server"} <= set(noted)


def test_fault_is_refused_with_its_reason(world: World) -> None:
    with serve(break_zone(world, "bank.example", "rrsig-exp-a"), port=0) as servers:
        reply = ask(servers.place, query("bank.example"))
        assert reply.rcode() == dns.rcode.SERVFAIL
        assert [int(option.code) for option in reply.options if isinstance(option, dns.edns.EDEOption)] == [7]
        assert ask(servers.place, query("bank.example", checking_disabled=True)).answer


# --- sizes


def test_reply_is_cut_to_what_the_client_takes_and_whole_over_tcp(served: Servers) -> None:
    for size, limit in ((None, 512), (512, 512), (100, 512), (4096, 1232)):
        want = query("bank.example", "ANY", dnssec_ok=size is not None, edns_payload=size)
        reply = ask(served.place, want)
        assert len(reply.to_wire()) <= limit
        if size is not None:
            assert "TC" in flags(reply)
            assert "TC" not in flags(ask_over_tcp(served.place, want))


def test_resolver_goes_on_over_tcp_when_a_server_cuts_its_reply_short(servers: Servers) -> None:
    outcome = servers.resolve("bank.example", "ANY")
    assert outcome.status is SecurityStatus.SECURE
    transports = [event.datagram.transport for event in outcome.story if type(event.fate) is Asked]
    assert "tcp" in transports


# --- many at once


def test_many_clients_at_once_are_all_answered(servers: Servers) -> None:
    names = [f"branch-{number}.branch.bank.example" for number in range(200)]
    with ThreadPoolExecutor(50) as clients:
        replies = list(clients.map(lambda name: ask(servers.place, query(name), 20), names))
    assert all(reply.answer[0][0].address == "192.0.2.22" for reply in replies)


def test_clients_with_the_same_question_share_one_look_up(servers: Servers) -> None:
    """Many open questions for one name would give a blind forger as many IDs to hit."""
    bank = next(server.address for server in servers.world.servers if to_name("bank.example") in server.zones)
    servers.slow[bank] = 0.3
    with ThreadPoolExecutor(20) as clients:
        replies = list(clients.map(lambda _: ask(servers.place, query("www.bank.example"), 10), range(20)))
    assert all(reply.answer for reply in replies)
    asked = [line for line in servers.log.lines if line.who == "bank's server" and "www.bank.example A:" in line.text]
    assert len(asked) == 1


def test_slow_server_holds_up_only_those_who_need_it(servers: Servers) -> None:
    for server in servers.world.servers:
        if to_name("bank.example") in server.zones:
            servers.slow[server.address] = 1.0
    with ThreadPoolExecutor(1) as other:
        waiting = other.submit(ask, servers.place, query("www.bank.example"), 20)
        time.sleep(0.2)
        ask(servers.place, query("www.foundry81.com"))
        assert not waiting.done()
        assert waiting.result().answer


# --- an attacker on the path


@pytest.mark.parametrize("validating", [True, False])
def test_reply_changed_on_the_path_is_believed_only_without_validation(world: World, validating: bool) -> None:
    name = to_name("www.bank.example")
    attacker = OnPath(change_address(name, "203.0.113.66"), every=True)
    with serve(world, port=0, validating=validating, on_path=attacker) as servers:
        reply = ask(servers.place, query("www.bank.example"))
    if validating:
        assert reply.rcode() == dns.rcode.SERVFAIL
    else:
        assert reply.answer[0][0].address == "203.0.113.66"


# --- nothing leaves this computer


ELSEWHERE = ("v4-private-10", "v4-doc", "v4-this-host", "v4-loopback", "v6-mapped", "v6-unspecified")


@pytest.mark.parametrize("fault", ELSEWHERE)
def test_glue_that_points_elsewhere_is_not_followed(world: World, fault: str) -> None:
    """Neither outside nor to whatever else listens on this computer: only servers of this world are asked."""
    with serve(break_zone(world, "bank.example", fault), port=0) as servers:
        started = time.monotonic()
        reply = ask(servers.place, query("bank.example"))
        assert reply.rcode() == dns.rcode.SERVFAIL
        assert time.monotonic() - started < 2
        assert "sends nothing to" in servers.log.text()


def test_world_at_documentation_addresses_is_not_served() -> None:
    with pytest.raises(LabError, match="on_loopback"):
        serve(toy_internet(now=NOW), port=0)


# --- beginning and end


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="counts open files as Linux shows them")
@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
def test_no_thread_and_no_socket_is_left(world: World) -> None:
    gc.collect()
    threads, files = threading.active_count(), open_files()
    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        with serve(world, port=0) as servers:
            assert threading.active_count() > threads
            ask(servers.place, query("www.bank.example"))
            ask_over_tcp(servers.place, query("www.bank.example"))
            idle = socket.create_connection(servers.place)
            port = servers.place.port
        idle.close()
        gc.collect()
    end = time.monotonic() + 2  # servers of other tests may be closing a connection just now
    while open_files() > files and time.monotonic() < end:
        time.sleep(0.05)
    assert threading.active_count() <= threads and open_files() <= files
    serve(world, port=port).close()  # and the port is free again


def test_end_takes_less_than_a_second_even_in_the_midst_of_work(world: World) -> None:
    servers = serve(world, port=0)
    servers.slow.update({server.address: 30.0 for server in world.servers})
    with socket.socket(type=socket.SOCK_DGRAM) as client, socket.create_connection(servers.place):
        for number in range(50):
            client.sendto(query(f"{number}.bank.example").to_wire(), servers.place)
        time.sleep(0.2)
        started = time.monotonic()
        servers.close()
        assert time.monotonic() - started < 1
    servers.close()  # twice does no harm


def test_closed_servers_say_so(world: World) -> None:
    with serve(world, port=0) as servers:
        pass
    with pytest.raises(LabError, match="have been closed"):
        servers.resolve("www.bank.example", "A")


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="counts open files as Linux shows them")
def test_wrong_option_leaves_nothing_open(world: World) -> None:
    gc.collect()
    files = open_files()
    with pytest.raises(TypeError):
        serve(world, port=0, no_such_option=1)
    assert open_files() <= files


def test_end_comes_also_after_an_error(world: World) -> None:
    threads = threading.active_count()
    with pytest.raises(ZeroDivisionError), serve(world, port=0):
        raise ZeroDivisionError
    assert threading.active_count() == threads


@pytest.mark.parametrize(
    ("taken", "kind"),
    [("127.0.0.1", socket.SOCK_DGRAM), ("127.0.0.1", socket.SOCK_STREAM), ("127.0.0.5", socket.SOCK_DGRAM)],
)
def test_port_in_use_is_said_in_a_sentence_and_nothing_is_left_open(world: World, taken: str, kind: int) -> None:
    before = open_files() if os.path.isdir("/proc/self/fd") else 0
    with socket.socket(type=kind) as other:
        try:
            other.bind((taken, 0))
        except OSError:
            pytest.skip("this computer has no address but 127.0.0.1")
        if kind == socket.SOCK_STREAM:
            other.listen()
        port = other.getsockname()[1]
        with pytest.raises(LabError, match=f"Port {port} is taken"):
            serve(world, port=port, one_address=False)
    assert before == (open_files() if before else 0)


@pytest.mark.parametrize("port", [-1, 65536, 65530, "5300", 53.0, None])
def test_what_is_no_port_is_said_in_a_sentence(world: World, port: object) -> None:
    with pytest.raises(LabError, match="is no port for these servers"):
        serve(world, port=port, one_address=True)  # type: ignore[arg-type]
