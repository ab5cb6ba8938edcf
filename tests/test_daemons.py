"""Real BIND and real Unbound: they answer, say why they refuse, and leave nothing behind."""

import gc
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import dns.flags
import dns.rcode
import pytest
from dns.message import Message
from dns.rdatatype import RdataType

from dnsseclab import programs
from dnsseclab.internet import daemon_files, daemons
from dnsseclab.internet.binding import has_many_addresses
from dnsseclab.internet.daemon_files import surroundings
from dnsseclab.internet.daemons import Bind, Daemon, Unbound
from dnsseclab.internet.faults import break_zone
from dnsseclab.internet.loopback import Servers, serve
from dnsseclab.internet.moving import on_loopback
from dnsseclab.internet.worlds import World, toy_internet
from dnsseclab.protocol.names import LabError

ROOT = Path(__file__).parent.parent
pytestmark = pytest.mark.daemon("named", "unbound")
both = pytest.mark.parametrize("kind", [Bind, Unbound], ids=["BIND", "Unbound"])


@pytest.fixture(scope="module")
def world() -> World:
    return on_loopback(toy_internet(now=int(time.time())))


@pytest.fixture(scope="module")
def servers(world: World) -> Iterator[Servers]:
    with serve(world, port=0) as running:
        yield running


@pytest.fixture(scope="module")
def expired(world: World) -> Iterator[Servers]:
    with serve(break_zone(world, "bank.example", "rrsig-exp-a"), port=0) as running:
        yield running


def outcome(message: Message) -> str:
    return dns.rcode.to_text(message.rcode()) + " AD" * bool(message.flags & dns.flags.AD)


def addresses(message: Message) -> list[str]:
    return [rdata.address for rrset in message.answer if rrset.rdtype == RdataType.A for rdata in rrset]


@both
def test_it_walks_down_from_our_root_and_calls_the_answer_secure(kind: type[Daemon], servers: Servers) -> None:
    if kind is Bind and not has_many_addresses():
        pytest.skip("BIND iterates only where each server has an address of its own")
    with kind(surroundings(servers)) as daemon:
        assert outcome(daemon.ask("www.bank.example", "A")) == "NOERROR AD"
        assert outcome(daemon.ask("www.harbor.example", "A")) == "NOERROR"
        assert outcome(daemon.ask("nobody.bank.example", "A")) == "NXDOMAIN AD"


@both
def test_it_refuses_what_is_bogus_and_says_why(kind: type[Daemon], expired: Servers) -> None:
    with kind(surroundings(expired)) as daemon:
        healthy = daemon.ask("www.bank.example", "A")
        assert outcome(healthy) == "NOERROR AD" and not daemon.reasons()
        assert outcome(daemon.ask("bank.example", "A")) == "SERVFAIL"
        assert any("expired" in reason for reason in daemon.reasons())
        assert outcome(daemon.ask("bank.example", "A", checking_disabled=True)) == "NOERROR"


@both
def test_without_trust_anchors_it_believes_everything(kind: type[Daemon], expired: Servers) -> None:
    with kind(surroundings(expired, validating=False)) as daemon:
        assert outcome(daemon.ask("bank.example", "A")) == "NOERROR"


@both
def test_behind_our_resolver_everything_still_validates(kind: type[Daemon], servers: Servers) -> None:
    with kind(surroundings(servers, forwarding=True)) as daemon:
        assert outcome(daemon.ask("shop.foundry81.com", "A")) == "NOERROR AD"
        assert outcome(daemon.ask("nobody.bank.example", "A")) == "NXDOMAIN AD"
        assert outcome(daemon.ask("www.harbor.example", "A")) == "NOERROR"


@both
def test_behind_our_resolver_what_is_bogus_stays_refused(kind: type[Daemon], expired: Servers) -> None:
    with kind(surroundings(expired, forwarding=True)) as daemon:
        assert outcome(daemon.ask("bank.example", "A")) == "SERVFAIL"
        assert outcome(daemon.ask("www.bank.example", "A")) == "NOERROR AD"


@both
def test_when_it_stops_nothing_is_left(kind: type[Daemon], servers: Servers) -> None:
    daemon = kind(surroundings(servers))
    process, folder = daemon._process, daemon._log.parent
    assert folder.is_dir() and process.poll() is None
    started = time.monotonic()
    daemon.stop()
    daemon.stop()  # twice does no harm
    assert time.monotonic() - started < 3
    assert process.poll() is not None and not folder.exists()


@both
def test_one_that_is_forgotten_ends_as_well(kind: type[Daemon], servers: Servers) -> None:
    daemon = kind(surroundings(servers))
    process, folder = daemon._process, daemon._log.parent
    del daemon
    gc.collect()
    assert process.poll() is not None and not folder.exists()


@both
def test_it_needs_no_rights_and_ends_when_python_does_even_by_an_error(kind: type[Daemon]) -> None:
    code = f"""
import os, time
from dnsseclab.internet.daemons import {kind.__name__}
from dnsseclab.internet.daemon_files import surroundings
from dnsseclab.internet.loopback import serve
from dnsseclab.internet.moving import on_loopback
from dnsseclab.internet.worlds import toy_internet
if os.name == "posix" and os.geteuid() == 0:  # daemons must not need the rights of root
    os.setgroups([]), os.setgid(65534), os.setuid(65534)
with serve(on_loopback(toy_internet(now=int(time.time()))), port=0) as servers:
    daemon = {kind.__name__}(surroundings(servers))
    daemon.ask("www.bank.example", "A")
    print(daemon._process.pid, daemon._log.parent, flush=True)
    raise RuntimeError("somebody's mistake")
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert "somebody's mistake" in done.stderr and done.stdout, done.stderr
    pid, folder = done.stdout.split()
    assert not Path(folder).exists()
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid), 0)


@both
def test_two_of_a_kind_run_side_by_side(kind: type[Daemon], servers: Servers) -> None:
    with kind(surroundings(servers)) as one, kind(surroundings(servers)) as other:
        assert one.endpoint != other.endpoint
        assert outcome(one.ask("www.bank.example", "A")) == outcome(other.ask("www.bank.example", "A"))


@both
def test_a_port_that_somebody_takes_meanwhile_is_exchanged(
    kind: type[Daemon], servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = daemons.free_port
    ports = iter([servers.place.port])  # taken
    monkeypatch.setattr(daemons, "free_port", lambda: next(ports, None) or free())
    with kind(surroundings(servers)) as daemon:
        assert daemon.endpoint.port != servers.place.port
        assert outcome(daemon.ask("www.bank.example", "A")) == "NOERROR AD"


@both
def test_one_that_cannot_start_says_so_in_its_own_words(
    kind: type[Daemon], servers: Servers, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for name in ("bind_files", "unbound_files"):
        right = getattr(daemon_files, name)
        wrong = lambda *given, right=right: {file: "no-such-option 1\n" + text for file, text in right(*given).items()}  # noqa: E731
        monkeypatch.setattr(daemons, name, wrong)
    with pytest.raises(LabError, match=f"{kind.PROGRAM} did not start: .*(no-such-option|errors)"):
        kind(surroundings(servers))
    assert not list(tmp_path.iterdir())


@both
def test_one_that_is_not_installed_is_named_with_its_packages(
    kind: type[Daemon], servers: Servers, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(programs, "SYSTEM_FOLDERS", ())
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LabError, match=f"{kind.PROGRAM} is not installed: Debian, Ubuntu: apt install .*; macOS: brew"):
        kind(surroundings(servers))


@both
def test_it_runs_from_a_copy_where_apparmor_would_not_let_it_read_its_folder(
    kind: type[Daemon], servers: Servers, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "enabled").write_text("Y\n")
    path = shutil.which(kind.PROGRAM)
    assert path
    (tmp_path / path.strip("/").replace("/", ".")).touch()
    monkeypatch.setattr(daemons, "APPARMOR", tmp_path / "enabled")
    monkeypatch.setattr(daemons, "PROFILES", tmp_path)
    with kind(surroundings(servers)) as daemon:
        assert Path(daemon._process.args[0]).parent == daemon._log.parent  # type: ignore[index]
        assert outcome(daemon.ask("www.bank.example", "A")) == "NOERROR AD"


@both
def test_it_tells_its_version(kind: type[Daemon], servers: Servers) -> None:
    with kind(surroundings(servers)) as daemon:
        name, version = daemon.version().split()
    assert name in ("BIND", "Unbound") and version.count(".") == 2 and version.replace(".", "").isdigit()


def test_those_that_are_here_are_usable_and_the_others_are_described(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    here = {name for name, kind in daemons.DAEMONS.items() if programs.find_program(kind.PROGRAM)}
    monkeypatch.setattr(daemons, "has_many_addresses", lambda: True)
    assert set(daemons.usable_daemons()) == here
    monkeypatch.setattr(programs, "SYSTEM_FOLDERS", ())
    monkeypatch.setenv("PATH", str(tmp_path))
    assert daemons.usable_daemons() == {}
    assert "BIND is not installed. Debian, Ubuntu: apt install bind9;" in daemons.why_unusable("BIND")


def test_bind_is_not_usable_where_all_servers_share_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(daemons, "has_many_addresses", lambda: False)
    assert list(daemons.usable_daemons()) == ["Unbound"]
    assert "they share one address" in daemons.why_unusable("BIND")
