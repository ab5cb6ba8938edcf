"""Finding a place for every server: a UDP and a TCP socket with one address and one port.

It knows: how many loopback addresses this computer has, and what a system says when a port cannot be had.
It must not know: who will listen there.
Linux and Windows answer on all of 127.0.0.0/8; macOS has 127.0.0.1 only, so there each server gets its own port.
"""

import errno
from collections.abc import Iterable

from ..protocol.messages import Endpoint
from ..protocol.names import LabError
from .guard import LoopbackSocket, tcp_socket, udp_socket
from .moving import FIRST, RESOLVER

Pair = tuple[LoopbackSocket, LoopbackSocket]  # UDP and TCP at one place
ATTEMPTS = 20  # to find a port that is free for both, at all addresses
LAST_PORT = 65535
BACKLOG = 256  # connections that the system keeps until they are taken


def has_many_addresses() -> bool:
    """Return whether 127.0.0.2 and the like can be listened at, and not only 127.0.0.1."""
    try:
        udp_socket((str(FIRST), 0)).close()
    except OSError:
        return False
    return True


def bind_all(addresses: Iterable[str], port: int, *, one_address: bool) -> dict[str, Pair]:
    """Return a pair of sockets for the resolver, and one for each of `addresses`.

    Args:
        port: Of all of them; 0: any that is free. With one address: the resolver's; the others have the next ones.
        one_address: All of them are to be at 127.0.0.1.
    Raises:
        LabError: A port is taken, forbidden, or none at all.
    """
    wanted = [RESOLVER, *addresses]
    if not isinstance(port, int) or not 0 <= port <= LAST_PORT - (len(wanted) if one_address else 0):
        raise LabError(f"{port!r} is no port for these servers: choose one from 1024 to 65000.")
    for attempt in range(ATTEMPTS):
        bound: dict[str, Pair] = {}
        try:
            for number, address in enumerate(wanted):
                bound[address] = _pair(*_place(address, port, number, bound, one_address))
            return bound
        except OSError as error:
            for pair in bound.values():
                close(pair)
            if port or error.errno != errno.EADDRINUSE or attempt == ATTEMPTS - 1:
                raise LabError(_why(error, port)) from None
    raise AssertionError("the last attempt returns or raises")


def place_of(pair: Pair) -> Endpoint:
    """Return where a pair of sockets is."""
    return Endpoint(*pair[0].getsockname())


def close(pair: Pair) -> None:
    """Close both sockets."""
    for each in pair:
        each.close()


def _place(address: str, port: int, number: int, bound: dict[str, Pair], one_address: bool) -> tuple[str, int]:
    """Return where one more server shall be."""
    if one_address:
        return RESOLVER, port and port + number
    if bound and not port:  # a free port was found for the first: the others take the same
        port = place_of(bound[RESOLVER]).port
    return address, port


def _pair(address: str, port: int) -> Pair:
    udp = udp_socket((address, port))
    try:
        tcp = tcp_socket(udp.getsockname())
    except OSError:
        udp.close()
        raise
    try:
        tcp.listen(BACKLOG)  # now: some systems tell only here that somebody else has the port
    except OSError:
        close((udp, tcp))
        raise
    return udp, tcp


def _why(error: OSError, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is taken, perhaps by other toy servers: end them, or choose another port."
    if error.errno == errno.EACCES:
        return f"Port {port} is only for administrators: choose one above 1023."
    if error.errno == errno.EADDRNOTAVAIL:
        return "This computer has no loopback address: switch its loopback interface on (Linux: ip link set lo up)."
    return f"The toy servers cannot listen at port {port}: {error.strerror or error}."
