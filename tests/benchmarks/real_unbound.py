"""A real Unbound on loopback that resolves a toy Internet, served there by a thread of this process.

Every zone has a socket of its own, and Unbound a stub-zone for each, since the servers cannot have port 53. Replies are
kept as bytes, and nothing is written down about them as `internet.loopback` does it: what this side needs would be
counted as Unbound's time.
"""

import contextlib
import selectors
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from dnsseclab.authority.server import AuthoritativeServer
from dnsseclab.internet.worlds import World
from dnsseclab.programs import find_program

LOOPBACK = "127.0.0.1"
PATIENCE = 10  # seconds

CONFIGURATION = """\
server:
  interface: {address}@{port}
  do-daemonize: no
  username: ""
  chroot: ""
  directory: "{folder}"
  pidfile: "{folder}/unbound.pid"
  use-syslog: no
  verbosity: 0
  num-threads: 1
  do-not-query-localhost: no
  do-ip6: no
  qname-minimisation: no
  module-config: "validator iterator"
  trust-anchor: "{anchor}"
  val-override-date: {now}
  val-sig-skew-min: 0
  val-sig-skew-max: 0
remote-control:
  control-enable: yes
  control-interface: "{folder}/control"
  control-use-cert: no
"""
STUB = """\
stub-zone:
  name: "{zone}"
  stub-addr: {address}@{port}
"""


class Unbound:
    """A running Unbound."""

    def __init__(self, port: int, control: Path) -> None:
        self._client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._client.connect((LOOPBACK, port))
        self._client.settimeout(PATIENCE)
        self._control = str(control)

    def ask(self, query: bytes) -> bytes:
        """Send a query and return the response."""
        self._client.send(query)
        return self._client.recv(65535)

    def forget(self) -> None:
        """Empty its caches: messages, RRsets, keys, and what it knows of servers. No process is started for it."""
        for command in (b"flush_zone .", b"flush_infra all"):
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as control:
                control.settimeout(PATIENCE)
                control.connect(self._control)
                control.sendall(b"UBCT1 " + command + b"\n")
                while control.recv(4096):
                    pass


@contextlib.contextmanager
def running_unbound(world: World, folder: Path) -> Iterator[tuple[Unbound, "Servers"]]:
    """Serve a world's zones, start an Unbound for them, and stop both at the end."""
    with contextlib.ExitStack() as stack:
        servers = stack.enter_context(Servers(world))
        port = _free_port()
        anchor = f". DS {world.trust_anchors[0][0]}"
        settings = {"address": LOOPBACK, "port": port, "folder": folder, "anchor": anchor}
        settings["now"] = time.strftime("%Y%m%d%H%M%S", time.gmtime(world.now))
        stubs = [STUB.format(zone=zone, address=LOOPBACK, port=number) for number, zone in servers.zones.items()]
        path = folder / "unbound.conf"
        path.write_text(CONFIGURATION.format(**settings) + "".join(stubs), encoding="utf-8")
        program = find_program("unbound")
        assert program is not None
        process = subprocess.Popen([program, "-d", "-c", str(path)], stdin=subprocess.DEVNULL)
        stack.callback(_stop, process)
        _wait_for(folder / "control", process)
        yield Unbound(port, folder / "control"), servers


class Servers:
    """The authoritative servers of a world, each zone on a UDP socket of its own, in one thread."""

    def __init__(self, world: World) -> None:
        self.zones = {}  # port -> zone
        self.asked = 0  # questions so far
        self._selector = selectors.DefaultSelector()
        self._over = threading.Event()
        for name, zone in world.zones.items():
            sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            sock.bind((LOOPBACK, 0))
            self.zones[sock.getsockname()[1]] = name
            self._selector.register(sock, selectors.EVENT_READ, AuthoritativeServer([zone]))
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> "Servers":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._thread.join()
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]
        self._selector.close()

    def _serve(self) -> None:
        while not self._over.is_set():
            for key, _ in self._selector.select(timeout=0.2):
                query, client = key.fileobj.recvfrom(65535)  # type: ignore[union-attr]
                reply = key.data.reply(query)
                self.asked += 1
                if reply is not None:
                    key.fileobj.sendto(reply, client)  # type: ignore[union-attr]


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((LOOPBACK, 0))
        return sock.getsockname()[1]


def _wait_for(path: Path, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE
    while not path.exists():
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError("Unbound did not start; its own words stand above.")
        time.sleep(0.02)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait(PATIENCE)
