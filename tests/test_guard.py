"""The guard: nothing listens or sends outside 127.0.0.0/8, however the address is written."""

import ast
import socket
from pathlib import Path
from typing import Any

import pytest

from dnsseclab.internet import guard
from dnsseclab.protocol.names import LabError

INTERNET = Path(guard.__file__).parent

INSIDE = ("127.0.0.1", "127.0.0.2", "127.1.2.3", "127.255.255.254")
OUTSIDE = {
    "an address of the Internet": "198.51.100.1",
    "a private address": "192.168.0.1",
    "just below": "126.255.255.255",
    "just above": "128.0.0.0",
    "every interface": "0.0.0.0",
    "no text: every interface": "",
    "everybody nearby": "255.255.255.255",
    "broadcast as Python writes it": "<broadcast>",
    "a group": "224.0.0.251",
    "a name": "localhost",
    "a name that looks like an address": "127.0.0.1.example",
    "every interface, IPv6": "::",
    "IPv6's own loopback": "::1",
    "IPv4-mapped": "::ffff:127.0.0.1",
    "IPv4-mapped, elsewhere": "::ffff:192.0.2.1",
    "IPv4-compatible": "::127.0.0.1",
    "with a zone": "127.0.0.1%lo",
    "shortened": "127.1",
    "decimal": "2130706433",
    "decimal, elsewhere": "3221225985",
    "hex": "0x7f000001",
    "hex in parts": "0x7f.0.0.1",
    "octal": "0177.0.0.1",
    "leading zeros": "127.000.000.001",
    "negative": "-2130706433",
    "a negative part": "127.0.0.-1",
    "too large a part": "127.0.0.256",
    "five parts": "127.0.0.0.1",
    "a network": "127.0.0.1/8",
    "a space behind": "127.0.0.1 ",
    "a line end behind": "127.0.0.1\n",
    "a null behind": "127.0.0.1\0.example",
    "digits of another script": "\u0661\u0662\u0667.0.0.1",
    "full-width digits": "\uff11\uff12\uff17.0.0.1",
    "a number": 2130706433,
    "a negative number": -2130706433,
    "bytes": b"127.0.0.1",
    "nothing": None,
}
WAYS = {
    "bind": lambda sock, address: sock.bind(address),
    "connect": lambda sock, address: sock.connect(address),
    "connect_ex": lambda sock, address: sock.connect_ex(address),
    "sendto": lambda sock, address: sock.sendto(b"x", address),
    "sendto with flags": lambda sock, address: sock.sendto(b"x", 0, address),
    "sendmsg": lambda sock, address: sock.sendmsg([b"x"], [], 0, address),
}


@pytest.mark.parametrize("address", INSIDE)
def test_loopback_addresses_pass(address: str) -> None:
    assert guard.is_loopback(address)
    guard.check((address, 5300))


@pytest.mark.parametrize("address", OUTSIDE.values(), ids=OUTSIDE.keys())
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_no_way_out_of_a_socket_takes_another_address(way: Any, address: object) -> None:
    with guard.LoopbackSocket() as sock, pytest.raises(LabError):
        way(sock, (address, 5300))


@pytest.mark.parametrize("address", ["127.0.0.1", ("127.0.0.1",), ("::1", 53, 0, 0), [], None, 5])
def test_what_is_no_pair_of_address_and_port_is_refused(address: object) -> None:
    with pytest.raises(LabError):
        guard.check(address)


def test_refusal_says_what_to_write_instead() -> None:
    with pytest.raises(LabError, match=r"'198\.51\.100\.1' is outside 127\.0\.0\.0/8.*like '127\.0\.0\.2'"):
        guard.check(("198.51.100.1", 53))


def test_guarded_socket_does_send_inside() -> None:
    with guard.udp_socket(("127.0.0.1", 0)) as one, guard.udp_socket(("127.0.0.1", 0)) as other:
        other.settimeout(2)
        one.sendto(b"hello", other.getsockname())
        assert other.recvfrom(100) == (b"hello", one.getsockname())


def test_every_method_by_which_a_socket_names_a_peer_is_guarded() -> None:
    """A method that Python gains one day would be a way round the guard."""
    takes_an_address = {"bind", "connect", "connect_ex", "sendto", "sendmsg"}
    known_to_take_none = {"send", "sendall", "sendfile", "sendmsg_afalg"}
    names = {name for name in dir(socket.socket) if name.startswith(("send", "connect", "bind"))}
    assert names <= takes_an_address | known_to_take_none
    assert takes_an_address & names <= set(vars(guard.LoopbackSocket))


def test_nobody_makes_a_socket_without_the_guard() -> None:
    """asyncio opens sockets of its own if it is given an address instead of a socket; and so do some others."""
    makers = {"create_connection", "create_server", "socketpair", "fromfd", "getaddrinfo"}
    for path in INTERNET.rglob("*.py"):
        for call in (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)):
            name = ast.unparse(call.func).rsplit(".")[-1]
            assert name not in makers, f"{path.name}: {name}"
            if name in ("create_datagram_endpoint", "open_connection", "start_server"):
                given = {keyword.arg for keyword in call.keywords}
                assert "sock" in given and not given & {"host", "local_addr", "remote_addr"}, path.name
