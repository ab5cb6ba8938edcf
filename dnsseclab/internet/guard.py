"""The guard: the only sockets of the course, and they cannot leave this computer.

It knows: which addresses lie in 127.0.0.0/8, and by which methods of a socket a packet may go somewhere.
It must not know: DNS. Whoever needs a socket takes a LoopbackSocket; a test sees to it that nobody makes another.
Follows RFC 1122 §3.2.1.3 (127.0.0.0/8 must never appear outside a host).
"""

import ipaddress
import socket
from functools import lru_cache
from typing import Any

from ..protocol.names import LabError

LOOPBACK = ipaddress.IPv4Network("127.0.0.0/8")

ROOM = 2**20  # bytes that may wait at a socket: what comes in a burst is not lost, as with real resolvers

Address = tuple[str, int]  # as Python's sockets have it: an IPv4 address as text, and a port


def is_loopback(address: object) -> bool:
    """Return whether an address lies in 127.0.0.0/8 and is written out: four decimal numbers, and nothing else.

    Systems take many spellings for an address (127.1, 0x7f000001, 2130706433, ::ffff:127.0.0.1) and look up what is
    none of them as a name, over the network. What has one meaning only can't be understood in two ways.
    """
    return isinstance(address, str) and _is_written_out(address)


def check(address: object) -> None:
    """Let an (address, port) pair pass, or raise.

    Raises:
        LabError: It is outside 127.0.0.0/8, or no such pair at all.
    """
    if not (isinstance(address, tuple) and len(address) == 2 and is_loopback(address[0])):
        where = address[0] if isinstance(address, tuple) and address else address
        raise LabError(
            f"{where!r} is outside 127.0.0.0/8: what the toy servers send never leaves this computer. "
            "Write an address like '127.0.0.2'."
        )


@lru_cache(1024)  # a flood of forgeries asks 65,536 times about the same one
def _is_written_out(address: str) -> bool:
    try:
        parsed = ipaddress.IPv4Address(address)
    except ValueError:
        return False
    return parsed in LOOPBACK and str(parsed) == address


class LoopbackSocket(socket.socket):
    """A socket that neither listens nor sends outside 127.0.0.0/8: every way out of it passes `check`."""

    def __init__(self, family: int = socket.AF_INET, type: int = socket.SOCK_DGRAM, proto: int = 0, fileno: Any = None):
        if family != socket.AF_INET:  # of IPv6 there is nothing here that could be checked
            raise LabError("The toy servers speak IPv4, and to this computer alone.")
        super().__init__(socket.AF_INET, type, proto, fileno)

    def bind(self, address: Any) -> None:
        check(address)
        super().bind(address)

    def connect(self, address: Any) -> None:
        check(address)
        super().connect(address)

    def connect_ex(self, address: Any) -> int:
        check(address)
        return super().connect_ex(address)

    def sendto(self, data: Any, *flags_and_address: Any) -> int:
        check(flags_and_address[-1] if flags_and_address else None)
        return super().sendto(data, *flags_and_address)

    def sendmsg(self, *arguments: Any) -> int:
        raise LabError("sendmsg is not used here: send with sendto, which is guarded.")


def udp_socket(address: Address) -> LoopbackSocket:
    """Return a UDP socket at an address; port 0 is any free one."""
    new = LoopbackSocket(type=socket.SOCK_DGRAM)
    new.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, ROOM)  # a wish: some systems give less
    return _bound(new, address)


def tcp_socket(address: Address) -> LoopbackSocket:
    """Return a TCP socket at an address, neither connected nor listening yet; port 0 is any free one."""
    new = LoopbackSocket(type=socket.SOCK_STREAM)
    if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # Windows, where "reuse" means: take it away from whoever has it
        new.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
    else:  # connections that just ended don't keep the port
        new.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return _bound(new, address)


def _bound(new: LoopbackSocket, address: Address) -> LoopbackSocket:
    try:
        new.bind(address)
    except BaseException:
        new.close()
        raise
    return new
