"""Bad input: whatever strangers send to a toy server, the others are answered, and the log says what was dropped."""

import contextlib
import gc
import logging
import random
import socket
import struct
import time
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode
import pytest

from dnsseclab.internet import listening, log
from dnsseclab.internet.loopback import Servers, serve
from dnsseclab.internet.moving import on_loopback
from dnsseclab.internet.worlds import toy_internet
from dnsseclab.protocol.messages import Endpoint, make_query

QUERY = make_query("www.bank.example", "A", id=1, recursion_desired=True, dnssec_ok=True).to_wire()
HEADER = QUERY[:12]
QUESTION = b"\x03www\x04bank\x07example\0\0\x01\0\x01"


@pytest.fixture(scope="module")
def served() -> Iterator[Servers]:
    with serve(on_loopback(toy_internet(now=int(time.time()))), port=0) as servers:
        yield servers


@pytest.fixture(autouse=True)
def no_mistake_of_ours(served: Servers, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """asyncio tells of an exception that nobody caught when its task is collected."""
    with caplog.at_level(logging.ERROR):
        yield
        assert_everybody_answers(served)
        gc.collect()
        assert not caplog.records


def assert_everybody_answers(served: Servers) -> None:
    for address, place in served.places.items():
        server = served.world.server_at(address)
        zone = next(iter(server.zones)).to_text() if server else "bank.example"
        query = make_query(zone, "SOA", id=random.getrandbits(16), recursion_desired=True)
        assert persistently(query, place).rcode() == dns.rcode.NOERROR
        assert dns.query.tcp(query, place.address, 10, place.port).answer


def persistently(query: dns.message.Message, place: Endpoint) -> dns.message.Message:
    """Ask over UDP, and again if nothing comes, as every client does: in a flood the system loses some datagrams.

    Late replies to whoever had this port before are no answer.
    """
    for _ in range(10):
        with contextlib.suppress(dns.exception.Timeout):
            return dns.query.udp(query, place.address, 2, place.port, ignore_unexpected=True, ignore_errors=True)
    pytest.fail(f"{place} does not answer")


def throw(place: Endpoint, *payloads: bytes) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as stranger:
        for payload in payloads:
            stranger.sendto(payload, place)


def exchange(place: Endpoint, payload: bytes, seconds: float = 0.3) -> bytes | None:
    with socket.socket(type=socket.SOCK_DGRAM) as stranger:
        stranger.settimeout(seconds)
        stranger.sendto(payload, place)
        try:
            return stranger.recv(65535)
        except TimeoutError:
            return None


def until(what: str, served: Servers) -> None:
    """Wait until the log counts something."""
    end = time.monotonic() + 5
    while not any(what in reason for reason in served.log.dropped):
        assert time.monotonic() < end, f"nothing was dropped for: {what}; but {served.log.dropped}"
        time.sleep(0.01)


# --- UDP


def test_every_beginning_of_a_question_is_survived_by_every_server(served: Servers) -> None:
    for place in served.places.values():
        throw(place, *(QUERY[:length] for length in range(len(QUERY))))
    until("shorter than a header", served)


def test_random_bytes_are_survived_by_every_server(served: Servers) -> None:
    dice = random.Random(1)
    for place in served.places.values():
        throw(place, *(dice.randbytes(dice.randrange(600)) for _ in range(100)))
    until("not a DNS message", served)


def test_questions_with_single_bytes_changed_are_survived_by_every_server(served: Servers) -> None:
    dice = random.Random(2)
    for place in served.places.values():
        for _ in range(200):
            spoiled = bytearray(QUERY)
            spoiled[dice.randrange(2, len(spoiled))] = dice.randrange(256)
            throw(place, bytes(spoiled))


@pytest.mark.parametrize("size", [4097, 20_000, 65_507])
def test_oversized_datagram_is_dropped_with_its_reason(served: Servers, size: int) -> None:
    assert exchange(served.place, QUERY + bytes(size - len(QUERY))) is None
    until("longer than 4096 bytes", served)


def test_reply_is_not_replied_to(served: Servers) -> None:
    """Else two servers could be made to talk with each other for ever."""
    reply = bytearray(QUERY)
    reply[2] |= 0x80
    for place in served.places.values():
        assert exchange(place, bytes(reply), 0.05) is None
    until("a reply, not a question", served)


def record(owner: bytes, rdtype: int, rdclass: int, ttl: int, rdata: bytes, length: int | None = None) -> bytes:
    return owner + struct.pack("!HHIH", rdtype, rdclass, ttl, len(rdata) if length is None else length) + rdata


def header(questions: int = 1, additional: int = 0, opcode: int = 0) -> bytes:
    return struct.pack("!HHHHHH", 7, opcode << 11 | 0x100, questions, 0, 0, additional)


HOSTILE = {
    "only a header": header(0),
    "two questions": header(2) + QUESTION * 2,
    "65,535 questions that are not there": header(65535),
    "65,535 additional records that are not there": header(1, 65535) + QUESTION,
    "a name that points at itself": header() + b"\xc0\x0c\0\x01\0\x01",
    "two names that point at each other": header() + b"\xc0\x0e\xc0\x0c\0\x01\0\x01",
    "a name that points behind the end": header() + b"\xff\xff\0\x01\0\x01",
    "a label that does not end": header() + b"\x3f" + b"a" * 20,
    "a label of a kind that does not exist": header() + b"\x80a\0\0\x01\0\x01",
    "127 labels": header() + b"\x01a" * 127 + b"\0\0\x01\0\x01",
    "a name of 300 bytes": header() + (b"\x3f" + b"a" * 63) * 5 + b"\0\0\x01\0\x01",
    "null bytes and line ends in a name": header() + b"\x05\0\n\r\x1b[\0\0\x01\0\x01",
    "class CHAOS": header() + QUESTION[:-1] + b"\x03",
    "class ANY": header() + QUESTION[:-1] + b"\xff",
    "class 0": header() + QUESTION[:-1] + b"\0",
    "type 0": header() + QUESTION[:-4] + b"\0\0\0\x01",
    "type OPT": header() + QUESTION[:-4] + b"\0\x29\0\x01",
    "type TSIG": header() + QUESTION[:-4] + b"\0\xfa\0\x01",
    "type AXFR": header() + QUESTION[:-4] + b"\0\xfc\0\x01",
    "type ANY": header() + QUESTION[:-4] + b"\0\xff\0\x01",
    "two OPT records": header(1, 2) + QUESTION + record(b"\0", 41, 1232, 0, b"") * 2,
    "an OPT record that is not the root's": header(1, 1) + QUESTION + record(b"\x01a\0", 41, 1232, 0, b""),
    "EDNS version 255": header(1, 1) + QUESTION + record(b"\0", 41, 1232, 0x00FF0000, b""),
    "an option longer than its record": header(1, 1) + QUESTION + record(b"\0", 41, 1232, 0, b"\0\x0a\xff\xff\0"),
    "a record longer than the message": header(1, 1) + QUESTION + record(b"\0", 41, 1232, 0, b"", length=65535),
    "a cookie of one byte": header(1, 1) + QUESTION + record(b"\0", 41, 1232, 0, b"\0\x0a\0\x01\0"),
    "a signature with an unknown key": header(1, 1) + QUESTION + record(b"\0", 250, 255, 0, b"\x01a\0" + bytes(16)),
    "NOTIFY": header(opcode=4) + QUESTION,
    "UPDATE": header(opcode=5) + QUESTION,
    "an opcode that does not exist": header(opcode=15) + QUESTION,
    "bytes after the end": header() + QUESTION + b"more",
}


@pytest.mark.parametrize("payload", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_message_gets_an_error_or_silence_from_every_server(served: Servers, payload: bytes) -> None:
    for place in served.places.values():
        reply = exchange(place, payload, 1)
        if reply is not None:
            assert reply[:2] == payload[:2] and reply[2] & 0x80
            assert len(reply) <= 1232


def test_stranger_from_outside_loopback_is_dropped(served: Servers) -> None:
    """A program of this computer may send from its address in the local network: no reply goes there."""
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing: the system only looks which address it would take
            own = probe.getsockname()[0]
        except OSError:
            pytest.skip("this computer has no other address")
    with socket.socket(type=socket.SOCK_DGRAM) as stranger:
        stranger.bind((own, 0))
        stranger.settimeout(0.3)
        try:
            stranger.sendto(QUERY, served.place)
        except OSError:
            pytest.skip("this system does not let it pass")
        with pytest.raises(TimeoutError):
            stranger.recv(100)
    until("not from this computer's loopback", served)


# --- TCP


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "PATIENCE", 0.5)


def is_closed_within(client: socket.socket, seconds: float) -> bool:
    client.settimeout(seconds)
    try:
        return client.recv(100) == b""
    except TimeoutError:
        return False
    except ConnectionError:
        return True


@pytest.mark.parametrize(
    "said", [b"", b"\0", b"\0\x40", b"\0\x40half of it"], ids=["nothing", "half a length", "a length", "a part"]
)
def test_client_that_falls_silent_is_sent_away(served: Servers, impatient: None, said: bytes) -> None:
    with socket.create_connection(served.place) as client:
        client.sendall(said)
        assert is_closed_within(client, 3)
    until("no whole message within 0.5 seconds", served)


def test_client_that_types_slowly_has_only_so_much_time_for_the_whole_message(served: Servers, impatient: None) -> None:
    with socket.create_connection(served.place) as client:
        started = time.monotonic()
        with pytest.raises(ConnectionError):
            for byte in len(QUERY).to_bytes(2, "big") + QUERY:
                client.sendall(bytes([byte]))
                time.sleep(0.1)
        assert time.monotonic() - started < 3


def test_client_that_goes_in_the_middle_is_noted(served: Servers) -> None:
    with socket.create_connection(served.place) as client:
        client.sendall(b"\0\x40half of it")
    until("gone in the middle of a message", served)


@pytest.mark.parametrize(
    "said", [b"\0\0", b"\0\x05short", b"\xff\xff" + bytes(65535), b"GET / HTTP/1.1\r\nHost: bank.example\r\n\r\n"]
)
def test_what_is_no_message_over_tcp_ends_the_connection(served: Servers, said: bytes) -> None:
    for place in served.places.values():
        with socket.create_connection(place) as client:
            try:
                client.sendall(said)
            except ConnectionError:
                continue
            assert is_closed_within(client, 3)


def test_many_questions_on_one_connection_are_all_answered_in_turn(served: Servers) -> None:
    with socket.create_connection(served.place) as client:
        client.sendall((len(QUERY).to_bytes(2, "big") + QUERY) * 50)
        client.settimeout(5)
        stream = client.makefile("rb")
        for _ in range(50):
            reply = stream.read(int.from_bytes(stream.read(2), "big"))
            assert dns.message.from_wire(reply).answer


def test_client_that_never_reads_does_not_fill_our_memory(served: Servers, impatient: None) -> None:
    query = make_query("bank.example", "ANY", id=3, dnssec_ok=True).to_wire()
    flood = (len(query).to_bytes(2, "big") + query) * 20_000
    with socket.create_connection(served.places["127.0.0.9"]) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(30)
        with pytest.raises(ConnectionError):
            while True:
                client.sendall(flood)


def test_300_silent_connections_leave_room_for_others(served: Servers) -> None:
    silent = [socket.create_connection(served.place) for _ in range(300)]
    try:
        assert_everybody_answers(served)
        assert sum(is_closed_within(client, 0.0001) for client in silent[:40]) == 40  # the oldest had to go
        until("TCP: more than 250 at a time", served)
    finally:
        for client in silent:
            client.close()


# --- many, and much


def test_200_clients_at_once_are_answered_while_others_throw_garbage(served: Servers) -> None:
    def ask(number: int) -> bool:
        query = make_query(f"{number}.apps.foundry81.com", "A", id=number, recursion_desired=True)
        if number % 2:
            return bool(dns.query.tcp(query, served.place.address, 20, served.place.port).answer)
        return bool(persistently(query, served.place).answer)

    def garbage(number: int) -> None:
        throw(served.place, *(random.Random(number * 1000 + n).randbytes(300) for n in range(200)))

    with ThreadPoolExecutor(120) as clients:
        noise = [clients.submit(garbage, number) for number in range(10)]
        assert all(clients.map(ask, range(200)))
        assert all(each.result() is None for each in noise)


def test_questions_that_pile_up_are_dropped_with_their_reason(monkeypatch: pytest.MonkeyPatch, served: Servers) -> None:
    monkeypatch.setattr(listening, "PENDING", 40)
    served.slow.update({server.address: 0.5 for server in served.world.servers})
    try:
        questions = [make_query(f"n{number}.berth.harbor.example", "A", id=number) for number in range(200)]
        for question in questions:
            question.flags |= dns.flags.RD
        throw(served.place, *(question.to_wire() for question in questions))
        until("too busy", served)
    finally:
        served.slow.clear()


@pytest.mark.slow
def test_flood_does_not_fill_the_memory(served: Servers) -> None:
    """4,096 answers are kept ready, each with its question; after that, more questions must cost nothing."""
    place = served.places["127.0.0.9"]

    def flood(first: int, questions: int) -> None:
        for number in range(first, first + questions):
            query = make_query(f"{number}.bank.example", "A", id=1, edns_payload=None).to_wire()
            throw(place, query, query + bytes(3000), bytes(number % 4000))
            if number % 50 == 0:
                persistently(make_query("bank.example", "SOA", id=2), place)  # so that not all of it is lost

    flood(0, 4200)
    tracemalloc.start()
    try:
        flood(4200, 800)
        grown, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert grown < 4096 * 8192  # bytes: the old answers were replaced
    assert len(served.log.lines) <= log.KEPT
