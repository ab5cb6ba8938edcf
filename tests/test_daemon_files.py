"""Configuration for BIND and Unbound: what it says, what it must not forget, and what other programs make of it."""

import re
import subprocess
import time
from pathlib import Path

import pytest

from dnsseclab.internet.daemon_files import bind_files, delegated_addresses, surroundings, unbound_files
from dnsseclab.internet.faults import break_zone
from dnsseclab.internet.loopback import serve
from dnsseclab.internet.moving import on_loopback
from dnsseclab.internet.worlds import World, toy_internet
from dnsseclab.programs import find_program
from dnsseclab.protocol.names import LabError, to_name

BANK = to_name("bank.example")


@pytest.fixture(scope="module")
def world() -> World:
    return on_loopback(toy_internet(now=int(time.time())))


@pytest.fixture(scope="module")
def written(world: World) -> dict[str, str]:
    """Return all files for iterating, by name."""
    with serve(world, port=0) as servers:
        around = surroundings(servers)
    return {**bind_files(around, 5301, "me"), **unbound_files(around, 5302, "me")}


def test_both_send_from_an_address_from_which_no_packet_leaves(written: dict[str, str]) -> None:
    assert "query-source address 127.0.0.1;" in written["named.conf"]
    assert "  outgoing-interface: 127.0.0.1" in written["unbound.conf"]
    assert "listen-on port 5301 { 127.0.0.1; };" in written["named.conf"]
    assert "  interface: 127.0.0.1@5302" in written["unbound.conf"]


def test_both_trust_the_worlds_root_key_and_no_other(written: dict[str, str], world: World) -> None:
    (ds,) = world.trust_anchors[0]
    assert re.findall(r"static-ds (\d+)", written["named.conf"]) == [str(ds.key_tag)]
    assert re.findall(r"DS (\d+)", written["unbound.conf"]) == [str(ds.key_tag)]
    assert ds.digest.hex() in written["named.conf"] and ds.digest.hex() in written["unbound.conf"]


def test_nothing_points_to_a_file_of_the_system(written: dict[str, str]) -> None:
    assert not [path for text in written.values() for path in re.findall(r"(?<![\w<])/\w[^\s\"]*", text)]


def test_every_zone_is_named_to_unbound_with_the_port_of_its_servers(world: World) -> None:
    with serve(world, port=0) as servers:
        text = unbound_files(surroundings(servers), 5302, "me")["unbound.conf"]
    for zone in world.zones:
        assert f'  name: "{zone}"' in text
    assert text.count("stub-addr") == text.count(f"@{servers.place.port}\n") == 11


def test_glue_that_points_elsewhere_is_what_unbound_is_told(world: World) -> None:
    assert list(delegated_addresses(break_zone(world, BANK, "v4-private-10"), BANK)) == ["10.0.0.1"]
    assert list(delegated_addresses(break_zone(world, BANK, "v6-doc"), BANK)) == ["2001:db8::1"]


def test_without_anchors_neither_validates(world: World) -> None:
    with serve(world, port=0) as servers:
        around = surroundings(servers, validating=False)
    assert "dnssec-validation no;" in bind_files(around, 1, "me")["named.conf"]
    assert 'module-config: "iterator"' in unbound_files(around, 1, "me")["unbound.conf"]


def test_forwarder_knows_our_resolver_and_nobody_else(world: World) -> None:
    with serve(world, port=0) as servers:
        around = surroundings(servers, forwarding=True)
    files = bind_files(around, 1, "me")
    assert list(files) == ["named.conf"]
    assert f"forwarders {{ 127.0.0.1 port {servers.place.port}; }};" in files["named.conf"]
    text = unbound_files(around, 1, "me")["unbound.conf"]
    assert f"forward-addr: 127.0.0.1@{servers.place.port}" in text and "stub-zone" not in text


def test_bind_cannot_iterate_where_all_servers_share_one_address(world: World) -> None:
    with serve(world, port=0, one_address=True) as servers:
        around = surroundings(servers)
        with pytest.raises(LabError, match="let BIND forward"):
            bind_files(around, 5301, "me")
        assert bind_files(surroundings(servers, forwarding=True), 5301, "me")
        places = {f"{place.address}@{place.port}" for place in servers.places.values()}
    told = set(re.findall(r"stub-addr: (\S+)", unbound_files(around, 5302, "me")["unbound.conf"]))
    assert told == places - {f"127.0.0.1@{servers.place.port}"}


def test_every_line_that_is_no_bracket_or_title_is_explained_or_speaks_for_itself(written: dict[str, str]) -> None:
    """These files are read in a lesson: an option that needs an explanation has one beside it."""
    speaks = {"recursion", "do-ip6", "num-threads", "max-cache-size", "pid-file", "listen-on-v6", "name", "stub-addr"}
    speaks |= {"directory", "pidfile", "chroot", "do-daemonize", "outgoing-range", "num-queries-per-thread"}
    speaks |= {"infra-cache-max-rtt", "val-sig-skew-max", "session-keyfile", "channel", "category", "trust-anchor"}
    for file in ("named.conf", "unbound.conf"):
        lines = [line for line in written[file].splitlines() if line.startswith("  ") and "#" not in line]
        assert {re.split(r"[ :]", line.strip())[0] for line in lines} <= speaks


@pytest.mark.daemon("named-checkconf", "unbound-checkconf")
def test_other_programs_find_nothing_wrong_with_it(written: dict[str, str], tmp_path: Path) -> None:
    for name, text in written.items():
        (tmp_path / name).write_text(text)
    for program, file in (("named-checkconf", "named.conf"), ("unbound-checkconf", "unbound.conf")):
        done = subprocess.run(
            [str(find_program(program)), file], cwd=tmp_path, capture_output=True, text=True, timeout=30
        )
        assert done.returncode == 0, done.stdout + done.stderr
