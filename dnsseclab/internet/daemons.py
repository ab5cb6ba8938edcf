"""Real BIND and real Unbound, started on this computer to judge what we made, and stopped without a trace.

It knows: how a daemon is started from a temporary folder, when it is ready, what it says in its log.
It must not know: what its verdicts mean, or who is right; agreement.py compares them.
No root is needed, no file of the system is touched, and no packet leaves: daemon_files.py binds both to 127.0.0.1.
"""

import re
import shutil
import subprocess
import tempfile
import time
import weakref
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

import dns.exception
import dns.message
import dns.query
import dns.rdataclass
from dns.message import Message
from dns.name import Name

from ..programs import find_program, how_to_get
from ..protocol.messages import Endpoint, make_query
from ..protocol.names import LabError
from .binding import bind_all, close, has_many_addresses, place_of
from .daemon_files import LOOPBACK, Surroundings, bind_files, unbound_files
from .moving import RESOLVER

FIRST_TRY = 0.01  # seconds until it is asked again: what arrives before it listens is lost
START = 10.0  # seconds that a daemon has to begin
STOP = 5.0  # seconds that it has to end by itself
ANSWER = 15.0  # seconds that it has for one question
ATTEMPTS = 5  # a free port may be taken by somebody else before the daemon has it
PORT_TAKEN = re.compile("in use|unable to listen")  # in the words of Unbound and of BIND
COMPLAINT = re.compile(r"\b(error|fatal|failed|unknown|denied|could not|in use)\b", re.IGNORECASE)
# Of the steps that BIND tells, those that went wrong
BINDS_COMPLAINTS = re.compile(
    r"RRSIG (has expired|failed to verify|validity period)|no (DNSKEY|RRSIG) matching|no valid (signature|NSEC|RRSIG)"
    r"|not found|got (insecure response|broken trust chain)|bad cache hit|proves (name|CNAME) exists|ignoring parent"
    r"|no supported algorithm|too many iterations|aborting"
)
APPARMOR = Path("/sys/module/apparmor/parameters/enabled")
PROFILES = Path("/etc/apparmor.d")


class Daemon:
    """One daemon of another project. Use it in a `with` statement, or call `stop()`."""

    PROGRAM: ClassVar[str]

    def __init__(self, around: Surroundings) -> None:
        """Start it, and wait until it answers.

        Raises:
            LabError: It is not installed, or did not start; with its own words.
        """
        self.around = around
        self.program = find(self.PROGRAM)
        for attempt in range(1, ATTEMPTS + 1):
            self._start()
            if self._is_ready():
                return
            said = self.log()
            self.stop()
            if attempt == ATTEMPTS or not PORT_TAKEN.search(said):
                raise LabError(f"{self.PROGRAM} did not start: {_complaint(said)}")

    # --- what it is for

    def ask(
        self,
        qname: str | Name,
        qtype: str | int,
        *,
        checking_disabled: bool = False,
        id: int = 0,
        seconds: float = ANSWER,
    ) -> Message:
        """Return what it answers to a question with AD and DO set.

        Raises:
            LabError: It did not answer in time.
        """
        bits = {"recursion_desired": True, "authentic_data": True, "dnssec_ok": True}
        query = make_query(qname, qtype, id=id, checking_disabled=checking_disabled, **bits)
        self._heard = len(self.log())
        try:
            reply, _ = dns.query.udp_with_fallback(query, LOOPBACK, timeout=seconds, port=self.endpoint.port)
        except (dns.exception.DNSException, OSError) as error:
            raise LabError(f"{self.PROGRAM} did not answer: {error}") from None
        return reply

    def log(self) -> str:
        """Return all that it has said so far."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def reasons(self) -> list[str]:
        """Return what it said while it looked for the last answer about why it refused something."""
        lines = self.log()[self._heard :].splitlines()
        return list(dict.fromkeys(filter(None, map(self._reason, lines))))

    def stop(self) -> None:
        """End it, and remove what it needed. Doing it twice does no harm."""
        self._finalizer()

    def version(self) -> str:
        """Return its name and version: 'BIND 9.18.49'."""
        said = subprocess.run([self.program, "-V"], capture_output=True, text=True, timeout=START).stdout
        return self._name_and_version(said.splitlines()[0])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # --- what differs from one to the other

    def _files(self, port: int, identity: str) -> dict[str, str]:
        """Return its configuration: file name -> text."""
        raise NotImplementedError

    def _arguments(self, folder: Path) -> Sequence[str]:
        raise NotImplementedError

    def _reason(self, line: str) -> str:
        """Return what a line of the log says about why an answer was refused; empty if it says nothing of it."""
        raise NotImplementedError

    def _name_and_version(self, line: str) -> str:
        raise NotImplementedError

    # --- how it is started and stopped

    def _start(self) -> None:
        folder = Path(tempfile.mkdtemp(prefix="dnsseclab-"))
        self.endpoint = Endpoint(LOOPBACK, free_port())
        for name, text in self._files(self.endpoint.port, folder.name).items():
            (folder / name).write_text(text, encoding="utf-8")
        self._log, self._heard = folder / "log", 0
        with self._log.open("ab") as log:  # append: named writes to it by itself as well
            self._process = subprocess.Popen(
                [_unconfined(self.program, folder), *self._arguments(folder)],
                cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,  # Ctrl-C in a notebook interrupts the cell, not the daemon
            )  # fmt: skip
        self._finalizer = weakref.finalize(self, _end, self._process, folder)  # also if nobody calls stop()

    def _is_ready(self) -> bool:
        """Wait until it answers by its own name, for somebody else may have the port; False if it never will."""
        query = dns.message.make_query("id.server", "TXT", dns.rdataclass.CH)
        until, patience = time.monotonic() + START, FIRST_TRY
        while self._process.poll() is None and time.monotonic() < until and not PORT_TAKEN.search(self.log()):
            try:
                reply = dns.query.udp(query, LOOPBACK, timeout=patience, port=self.endpoint.port)
            except (dns.exception.DNSException, OSError):
                time.sleep(FIRST_TRY)
                patience *= 1.5  # a busy computer's daemon may listen already, and need longer to answer
                continue
            if self._log.parent.name in str(reply):
                return True
        return False


class Bind(Daemon):
    """BIND: iterates from the root by itself, for its `port` option also holds for the questions that it asks."""

    PROGRAM = "named"

    def _files(self, port: int, identity: str) -> dict[str, str]:
        return bind_files(self.around, port, identity)

    def _arguments(self, folder: Path) -> Sequence[str]:
        # -L: else what it says before it has read its configuration goes to the system's log
        return ["-f", "-4", "-n", "1", "-L", str(folder / "log"), "-c", str(folder / "named.conf")]

    def _reason(self, line: str) -> str:
        _, found, text = line.partition("dnssec: ")
        return text.strip() if found and BINDS_COMPLAINTS.search(text) else ""

    def _name_and_version(self, line: str) -> str:
        return " ".join(line.split()[:2]).split("-")[0]


class Unbound(Daemon):
    """Unbound: is told where each zone's servers are, and validates what they say."""

    PROGRAM = "unbound"

    def _files(self, port: int, identity: str) -> dict[str, str]:
        return unbound_files(self.around, port, identity)

    def _arguments(self, folder: Path) -> Sequence[str]:
        return ["-d", "-c", str(folder / "unbound.conf")]

    def _reason(self, line: str) -> str:
        _, found, text = line.partition("info: validation failure ")
        return text if found else ""

    def _name_and_version(self, line: str) -> str:
        return "Unbound " + line.split()[-1]


DAEMONS: dict[str, type[Daemon]] = {"BIND": Bind, "Unbound": Unbound}


def usable_daemons() -> dict[str, type[Daemon]]:
    """Return those that can judge a world on this computer: name -> class. There may be none."""
    return {name: kind for name, kind in DAEMONS.items() if not why_unusable(name)}


def why_unusable(name: str) -> str:
    """Return why a daemon cannot judge a world on this computer, in one sentence; empty if it can."""
    program = DAEMONS[name].PROGRAM
    if find_program(program) is None:
        return f"{name} is not installed. {how_to_get(program)}."
    if DAEMONS[name] is Bind and not has_many_addresses():
        return "BIND asks all servers at one port, and on this computer they share one address."
    return ""


def find(program: str) -> str:
    """Return where a program lies.

    Raises:
        LabError: It is not installed; the text names its packages.
    """
    path = find_program(program)
    if path is None:
        raise LabError(f"{program} is not installed: {how_to_get(program)}.")
    return path


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody uses, neither for UDP nor for TCP."""
    pair = bind_all([], 0, one_address=True)[RESOLVER]
    port = place_of(pair).port
    close(pair)
    return port


def _unconfined(program: str, folder: Path) -> str:
    """Return a path under which the program may read its own folder.

    Where AppArmor is on, Debian and Ubuntu let daemons read only files of the system. The rule goes by path, so a
    copy is free of it; it runs with the rights of whoever starts it, as any program does.
    """
    profile = PROFILES / program.strip("/").replace("/", ".")
    enabled = APPARMOR.is_file() and APPARMOR.read_text(encoding="ascii").startswith("Y")
    return shutil.copy(program, str(folder)) if enabled and profile.is_file() else program


def _end(process: "subprocess.Popen[bytes]", folder: Path) -> None:
    """Ask a process to end, insist if it does not, and remove its folder."""
    process.terminate()
    try:
        process.wait(STOP)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    shutil.rmtree(folder, ignore_errors=True)


def _complaint(log: str) -> str:
    """Return the first line of a log that complains, or the last one of all."""
    lines = [line for line in log.splitlines() if line.strip()] or ["it said nothing"]
    return next(filter(COMPLAINT.search, lines), lines[-1]).strip()
