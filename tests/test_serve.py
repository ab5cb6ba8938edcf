"""`python3 -m dnsseclab serve`: what it prints, how it ends, and what it says to an order that cannot be."""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dns.message
import dns.query
import dns.rcode
import pytest

from dnsseclab import __main__ as command_line
from dnsseclab import bootstrap
from dnsseclab.internet import binding, serving
from dnsseclab.internet.loopback import Servers
from dnsseclab.internet.real_race import serve_for
from dnsseclab.internet.serving import WORLDS, Order, introduction
from dnsseclab.protocol.messages import make_query
from dnsseclab.protocol.names import LabError

ROOT = Path(__file__).parent.parent
ASK = "www.bank.example"


@contextmanager
def serving_process(tmp_path: Path, *arguments: str) -> Iterator[tuple["subprocess.Popen[str]", int]]:
    """Start the command, and yield it with the resolver's port once it serves."""
    with subprocess.Popen(
        [sys.executable, "-m", "dnsseclab.internet.serving", "--port", "0", *arguments], cwd=ROOT, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "TMPDIR": str(tmp_path)},
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if found := re.match(r"  resolver +127\.0\.0\.1 port (\d+)", line):
                    break
            assert found
            for line in process.stdout:
                if "Ctrl-C ends it" in line:
                    break
            yield process, int(found[1])
        finally:
            process.kill()


def ask(port: int, name: str = ASK) -> dns.message.Message:
    query = make_query(name, "A", id=7, recursion_desired=True, authentic_data=True)
    return dns.query.udp(query, "127.0.0.1", 5, port)


def end(process: "subprocess.Popen[str]", how: int = signal.SIGINT) -> tuple[str, str]:
    process.send_signal(how)
    return process.communicate(timeout=10)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="sends signals as POSIX systems do")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_it_serves_logs_and_ends_without_a_trace(tmp_path: Path, how: int) -> None:
    with serving_process(tmp_path) as (process, port):
        assert ask(port).answer
        assert len(list(tmp_path.iterdir())) == 1  # the trust anchors, for delv and its like
        with socket.socket(type=socket.SOCK_DGRAM) as stranger:
            stranger.sendto(b"?", ("127.0.0.1", port))
        time.sleep(0.3)
        started = time.monotonic()
        said, complaints = end(process, how)
        assert time.monotonic() - started < 3
    assert complaints == "" and process.returncode == 0
    assert re.search(r"^\d\d:\d\d:\d\d\.\d{3}  resolver .*www\.bank\.example A 192\.0\.2\.20; secure, AD", said, re.M)
    assert re.search(r"dropped from 127\.0\.0\.1: shorter than a header", said)
    assert re.search(r"Dropped:\n +1  shorter than a header", said)
    assert said.endswith("Ended: nothing listens any more.\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_fault_is_served(tmp_path: Path) -> None:
    with serving_process(tmp_path, "--fault", "rrsig-exp-a", "--zone", "foundry81.com") as (_, port):
        assert ask(port, "foundry81.com").rcode() == dns.rcode.SERVFAIL
        assert ask(port, "bank.example").answer


@pytest.mark.slow
def test_attack_on_the_path_is_served_and_believed_without_validation(tmp_path: Path) -> None:
    with serving_process(tmp_path, "--attack", "on-path-address", "--no-validation") as (_, port):
        assert ask(port).answer[0][0].address == "203.0.113.66"


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="sends signals as POSIX systems do")
def test_blind_attack_is_played_race_by_race_with_its_rates(tmp_path: Path) -> None:
    with serving_process(tmp_path, "--attack", "blind-sweep") as (process, port):
        assert process.stdout is not None
        said = ""
        while "The attack is over." not in said:
            said += process.stdout.readline()
        end(process)
    assert re.search(
        r"Race 1: www\.bank\.example A: [\d,]+ forged in \d+\.\d\d s \([\d,]+ a second\), [\d,]+ read", said
    )
    assert "The victim sees the right page (secure)." in said


# --- what is printed before the log


@pytest.fixture(params=[False, True], ids=["many addresses", "one address"])
def servers(request: pytest.FixtureRequest) -> Iterator[tuple[Servers, Order]]:
    order = Order(fault="rrsig-exp-a")
    if not request.param and not binding.has_many_addresses():
        pytest.skip("this computer has no address but 127.0.0.1")
    with serve_for(order.build(int(time.time())), order.setup, one_address=request.param) as servers:
        yield servers, order


def test_introduction_says_where_each_server_is_and_what_to_type(
    servers: tuple[Servers, Order], tmp_path: Path
) -> None:
    said = introduction(*servers, tmp_path)
    for address, place in servers[0].places.items():
        assert re.search(rf"  {servers[0].label(address)} +{re.escape(place.address)} port {place.port}\n", said)
    assert "The signature over the address has expired." in said
    assert all(f"  {program} " in said for program in ("dig", "delv", "kdig", "drill"))
    assert max(map(len, said.splitlines())) < 160
    assert ("answers at 127.0.0.1 alone" in said) == servers[0].has_one_address


@pytest.mark.parametrize("world", WORLDS)
def test_every_world_can_be_built(world: str) -> None:
    built = Order(world=world).build(int(time.time()))
    assert built.server_at("127.0.0.2")


# --- what cannot be


@pytest.mark.parametrize(("order", "says"), [
    ({"fault": "rrsig-exp"}, r"There is no fault 'rrsig-exp' in the gallery: did you mean rrsig-exp-a"),
    ({"attack": "kaminski"}, r"There is no attack 'kaminski': did you mean kaminsky\?"),
    ({"world": "nsec4"}, r"There is no world 'nsec4': did you mean nsec3\?"),
    ({"world": "zzz"}, r"There is no world 'zzz': choose one of signed, unsigned"),
])  # fmt: skip
def test_unknown_name_is_answered_with_near_ones(order: dict[str, str], says: str) -> None:
    with pytest.raises(LabError, match=says):
        Order(**order).build(int(time.time()))  # type: ignore[arg-type]


@pytest.mark.parametrize("arguments", [
    ["--fault", "no-such-fault-at-all"], ["--fault", "rrsig-exp-a", "--zone", "no.such.zone"], ["--port", "70000"],
    ["--port", "-1"], ["--world", "unsigned", "--fault", "valid"],
], ids=" ".join)  # fmt: skip
def test_order_that_cannot_be_ends_in_one_sentence(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    before = signal.getsignal(signal.SIGTERM)
    try:
        assert serving.main(arguments) == 1
    finally:
        signal.signal(signal.SIGTERM, before)
    said = capsys.readouterr()
    assert said.err.startswith("dnsseclab: ") and said.err.count("\n") == 1


def test_port_in_use_ends_in_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    before = signal.getsignal(signal.SIGTERM)
    folders = set(Path(tempfile.gettempdir()).glob("dnsseclab-serve-*"))
    with socket.socket(type=socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        try:
            assert serving.main(["--port", str(port)]) == 1
        finally:
            signal.signal(signal.SIGTERM, before)
    said = capsys.readouterr()
    assert (
        said.err
        == f"dnsseclab: Port {port} is taken, perhaps by other toy servers: end them, or choose another port.\n"
    )
    assert set(Path(tempfile.gettempdir()).glob("dnsseclab-serve-*")) <= folders


def test_command_hands_its_arguments_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "environment_for", lambda files: "python")
    run: list[list[str]] = []
    monkeypatch.setattr(bootstrap, "run", lambda command, variables: run.append(list(command)) or 0)
    assert command_line.main(["serve", "--fault", "no-ds", "--help"]) == 0
    assert run == [["python", "-m", "dnsseclab.internet.serving", "--fault", "no-ds", "--help"]]


def test_help_names_every_attack_and_world(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        serving.main(["--help"])
    said = " ".join(capsys.readouterr().out.split())
    assert all(world in said for world in WORLDS)
    assert "kaminsky Blind: again and again (Kaminsky)" in said
