"""Real clients are content: dig, delv, kdig, drill, unbound-host and dnspython ask the toy servers on real sockets."""

import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import dns.exception
import dns.flags
import dns.resolver
import pytest

from dnsseclab.internet.client_lines import client_lines, write_files
from dnsseclab.internet.differences import EXPLAINED
from dnsseclab.internet.faults import FAULTS, break_zone
from dnsseclab.internet.loopback import Servers, serve
from dnsseclab.internet.moving import on_loopback
from dnsseclab.internet.worlds import World, toy_internet
from dnsseclab.protocol.messages import question
from dnsseclab.protocol.names import to_name
from dnsseclab.protocol.trust import SecurityStatus

BANK = to_name("bank.example")


@pytest.fixture(scope="module")
def world() -> World:
    return on_loopback(toy_internet(now=int(time.time())))


@pytest.fixture(scope="module")
def healthy(world: World) -> Iterator[Servers]:
    with serve(world, port=0) as servers:
        yield servers


@pytest.fixture(scope="module")
def expired(world: World) -> Iterator[Servers]:
    with serve(break_zone(world, BANK, "rrsig-exp-a"), port=0) as servers:
        yield servers


def say(*command: str) -> str:
    """Return all that a program prints."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    return done.stdout + done.stderr


def at(servers: Servers) -> list[str]:
    return [f"@{servers.place.address}", "-p", str(servers.place.port)]


def flags(said: str) -> set[str]:
    found = re.search(r"flags: ([a-z ]+);", said, re.IGNORECASE)
    assert found, said
    return set(found[1].split())


# --- dig


@pytest.mark.daemon("dig")
@pytest.mark.parametrize(("options", "wanted", "unwanted"), [
    (["+dnssec"], {"qr", "rd", "ra", "ad"}, {"aa", "tc", "cd"}),
    (["+noadflag"], {"qr", "rd", "ra"}, {"ad"}),
    (["+cdflag", "+dnssec"], {"cd"}, {"tc"}),
    (["+tcp"], {"ad"}, {"tc"}),
    (["+noedns"], {"ad"}, {"tc"}),
    (["+norecurse"], set(), {"rd"}),
    (["+cookie", "+nsid", "+subnet=192.0.2.0/24", "+padding=64"], {"ad"}, {"tc"}),
    (["+ednsopt=65001:ff"], {"ad"}, set()),
])  # fmt: skip
def test_dig_gets_the_bits_that_it_asked_for(
    healthy: Servers, options: list[str], wanted: set[str], unwanted: set[str]
) -> None:
    said = say("dig", *at(healthy), "www.foundry81.com", "AAAA", *options)
    assert "status: NOERROR" in said
    assert wanted <= flags(said) and not unwanted & flags(said)
    assert "WARNING" not in said and ";; Warning" not in said


@pytest.mark.daemon("dig")
def test_dig_is_told_to_come_back_over_tcp_when_512_bytes_are_too_few(healthy: Servers) -> None:
    cut = say("dig", *at(healthy), "bank.example", "DNSKEY", "+dnssec", "+bufsize=512", "+ignore")
    whole = say("dig", *at(healthy), "bank.example", "ANY", "+dnssec", "+bufsize=512", "+notcp")
    small = int(re.search(r"MSG SIZE  rcvd: (\d+)", cut)[1])  # type: ignore[index]
    assert small <= 512
    assert "Truncated, retrying in TCP mode" in whole and "(TCP)" in whole and "status: NOERROR" in whole


@pytest.mark.daemon("dig")
def test_dig_sees_why_an_answer_is_refused_and_gets_it_all_the_same_with_cd(expired: Servers) -> None:
    said = say("dig", *at(expired), "bank.example", "+dnssec")
    assert "status: SERVFAIL" in said and "EDE: 7 (Signature Expired)" in said
    said = say("dig", *at(expired), "bank.example", "+dnssec", "+cd")
    assert "status: NOERROR" in said and "192.0.2.20" in said and "ad" not in flags(said)


@pytest.mark.daemon("dig")
def test_dig_walks_from_the_root_to_the_answer_as_the_servers_send_it_on(healthy: Servers) -> None:
    """As `dig +trace` does; which itself would ask this computer's own resolver for the servers' addresses."""
    if healthy.has_one_address:
        pytest.skip("this computer has no address but 127.0.0.1")
    address, seen = "127.0.0.2", []
    for _ in range(6):
        said = say("dig", f"@{address}", "-p", str(healthy.place.port), "www.bank.example", "+norec", "+dnssec")
        seen.append(address)
        if "aa" in flags(said):
            assert "192.0.2.20" in said and "RRSIG" in said
            break
        assert re.search(r"\sDS\s", said) and "ANSWER: 0" in said
        glue = re.search(r"^ns1\.\S+\s+\d+\s+IN\s+A\s+(\S+)", said, re.MULTILINE) or re.search(r"\sA\s(127\S+)", said)
        assert glue, said
        address = glue[1]
    assert len(seen) == 3


@pytest.mark.daemon("dig")
def test_dig_asks_every_authoritative_server(healthy: Servers) -> None:
    for server in healthy.world.servers:
        place = healthy.places[server.address]
        said = say("dig", f"@{place.address}", "-p", str(place.port), str(server.zones[0]), "SOA", "+norec", "+dnssec")
        assert {"qr", "aa"} <= flags(said) and "ra" not in flags(said)
        said = say("dig", f"@{place.address}", "-p", str(place.port), "example.net", "+norec")
        assert "status: REFUSED" in said or server.zones[0] == to_name(".")


# --- kdig, drill, unbound-host, dnspython


@pytest.mark.daemon("kdig")
@pytest.mark.parametrize("way", ["+notcp", "+tcp"])
def test_kdig_shows_the_proof_of_absence(healthy: Servers, way: str) -> None:
    said = say("kdig", *at(healthy), "no-such-name.bank.example", "A", "+dnssec", way)
    assert "status: NXDOMAIN" in said and "ad" in flags(said) and "NSEC" in said
    assert "WARNING" not in said


@pytest.mark.daemon("kdig")
def test_kdig_sees_why_an_answer_is_refused(expired: Servers) -> None:
    said = say("kdig", *at(expired), "bank.example", "+dnssec")
    assert "status: SERVFAIL" in said and "EDE: 7 (Signature Expired): 'The signature over" in said


@pytest.mark.daemon("drill")
def test_drill_sets_do_and_gets_ad(healthy: Servers) -> None:
    said = say("drill", "-D", "-p", str(healthy.place.port), "www.bank.example", f"@{healthy.place.address}")
    assert "ad" in flags(said) and "RRSIG" in said and "192.0.2.20" in said


@pytest.mark.daemon("drill")
@pytest.mark.parametrize(("fault", "says"), [
    ("valid", ";; Chase successful"),
    ("rrsig-exp-a", "first error was: DNSSEC signature has expired"),
    ("rrsig-not-yet-a", "first error was: DNSSEC signature not incepted yet"),
    ("ds-bogus-digest-value", ";; Chase failed"),
])  # fmt: skip
def test_drill_climbs_from_the_signature_to_the_root(world: World, tmp_path: Path, fault: str, says: str) -> None:
    with serve(break_zone(world, BANK, fault), port=0) as servers:
        write_files(servers, tmp_path)
        place = servers.place
        ds = str(tmp_path / "root.ds")
        assert says in say("drill", "-S", "-k", ds, "-p", str(place.port), "bank.example", f"@{place.address}")


@pytest.mark.daemon("unbound-host")
@pytest.mark.parametrize(("fault", "says"), [
    ("valid", "(secure)"),
    ("no-ds", "(insecure)"),
    ("rrsig-exp-a", "signature expired"),
    ("rrsig-not-yet-a", "signature before inception date"),
    ("ds-bogus-digest-value", "DS hash mismatches key"),
    ("bad-zsk", "signatures from unknown keys"),
    ("no-rrsig-ksk", "signature missing"),
    ("nsec-missing", "no DNSSEC records"),
])  # fmt: skip
def test_unbound_host_validates_behind_the_toy_resolver(world: World, tmp_path: Path, fault: str, says: str) -> None:
    with serve(break_zone(world, BANK, fault), port=0) as servers:
        write_files(servers, tmp_path)
        name = str(FAULTS[fault].question(BANK).name)
        said = say("unbound-host", "-C", str(tmp_path / "unbound-host.conf"), "-v", "-t", "A", name)
    assert says in said
    assert ("BOGUS" in said) == (FAULTS[fault].status is SecurityStatus.BOGUS)


def stub(servers: Servers) -> dns.resolver.Resolver:
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = [servers.place.address], servers.place.port
    resolver.use_edns(0, dns.flags.DO, 1232)
    resolver.lifetime = 10
    return resolver


def test_dnspythons_stub_resolver_gets_answers_aliases_and_absences(healthy: Servers) -> None:
    resolver = stub(healthy)
    answer = resolver.resolve("shop.foundry81.com", "A")
    assert [rdata.address for rdata in answer] == ["192.0.2.20"]
    assert answer.canonical_name == to_name("www.bank.example")
    assert answer.response.flags & dns.flags.AD
    with pytest.raises(dns.resolver.NXDOMAIN):
        resolver.resolve("no-such-name.bank.example", "A")
    with pytest.raises(dns.resolver.NoAnswer):
        resolver.resolve("www.bank.example", "MX")


def test_dnspythons_stub_resolver_finds_no_server_for_what_is_bogus(expired: Servers) -> None:
    with pytest.raises(dns.resolver.NoNameservers, match="SERVFAIL"):
        stub(expired).resolve("bank.example", "A")


# --- delv: BIND's validator as a client


def delv(servers: Servers, folder: Path, name: str, rdtype: str = "A") -> str:
    write_files(servers, folder)
    return say("delv", *at(servers), "-a", str(folder / "anchors.conf"), "+root=.", "+cd", name, rdtype)


@pytest.mark.daemon("delv")
@pytest.mark.parametrize(("name", "rdtype", "says"), [
    ("www.bank.example", "A", "; fully validated"),
    ("shop.foundry81.com", "A", "; fully validated"),
    ("any.apps.foundry81.com", "A", "; fully validated"),
    ("bank.example", "DNSKEY", "; fully validated"),
    ("no-such-name.bank.example", "A", "; negative response, fully validated"),
    ("www.bank.example", "MX", "; negative response, fully validated"),
    ("lab.foundry81.com", "A", "; negative response, fully validated"),
    ("www.harbor.example", "A", "; unsigned answer"),
])  # fmt: skip
def test_delv_fully_validates_what_is_signed(
    healthy: Servers, tmp_path: Path, name: str, rdtype: str, says: str
) -> None:
    assert says in delv(healthy, tmp_path, name, rdtype)


@pytest.mark.daemon("delv")
@pytest.mark.parametrize(
    "how", [{"denial": "NSEC3"}, {"algorithm": "Ed25519"}, {"algorithm": 8}, {"keys": "single"}], ids=str
)
def test_delv_fully_validates_however_the_world_is_signed(tmp_path: Path, how: dict[str, object]) -> None:
    with serve(on_loopback(toy_internet(now=int(time.time()), **how)), port=0) as servers:  # type: ignore[arg-type]
        assert "; fully validated" in delv(servers, tmp_path, "www.bank.example")
        assert "; negative response, fully validated" in delv(servers, tmp_path, "no-such-name.bank.example")


@pytest.mark.daemon("delv")
@pytest.mark.parametrize(("fault", "says"), [
    ("rrsig-exp-a", "RRSIG has expired"),
    ("rrsig-exp-all", "RRSIG has expired"),
    ("rrsig-not-yet-a", "RRSIG validity period has not begun"),
    ("changed-after-signing", "RRSIG failed to verify"),
    ("ds-bad-tag", "bank.example/DNSKEY: no valid signature found (DS)"),
    ("ds-bogus-digest-value", "bank.example/DNSKEY: no valid signature found (DS)"),
    ("no-rrsig-ksk", "bank.example/DNSKEY: no valid signature found (DS)"),
    ("bad-zsk", "bank.example/A: no valid signature found"),
    ("nsec-missing", "broken trust chain"),
    ("nsec3-missing", "broken trust chain"),
    ("no-ds", "; unsigned answer"),
])  # fmt: skip
def test_delv_complains_of_what_is_broken(world: World, tmp_path: Path, fault: str, says: str) -> None:
    with serve(break_zone(world, BANK, fault), port=0) as servers:
        asked = FAULTS[fault].question(BANK)
        assert says in delv(servers, tmp_path, str(asked.name), asked.rdtype.name)


DELV_DIFFERS = {name for names, who, *_ in EXPLAINED if who == "BIND" for name in names.split()} | {
    "nsec3-opt-out"  # delv calls the gap proven; RFC 5155 §9.2 forbids AD, for something unsigned may be inside it
}
VERDICTS = {
    SecurityStatus.SECURE: "fully validated",
    SecurityStatus.INSECURE: "unsigned answer",
    SecurityStatus.BOGUS: "resolution failed",
    SecurityStatus.INDETERMINATE: "resolution failed",
}


@pytest.mark.slow
@pytest.mark.daemon("delv")
@pytest.mark.parametrize("fault", sorted(set(FAULTS) - DELV_DIFFERS))
def test_delv_judges_the_whole_gallery_as_we_do(world: World, tmp_path: Path, fault: str) -> None:
    with serve(break_zone(world, BANK, fault), port=0) as servers:
        asked = FAULTS[fault].question(BANK)
        assert VERDICTS[FAULTS[fault].status] in delv(servers, tmp_path, str(asked.name), asked.rdtype.name)


# --- the lines that `serve` prints


PROGRAMS = ("dig", "kdig", "drill", "delv", "unbound-host")


@pytest.mark.daemon(*PROGRAMS)
def test_every_line_that_is_offered_can_be_pasted(healthy: Servers, tmp_path: Path) -> None:
    folder = tmp_path / "a folder with spaces"
    folder.mkdir()
    write_files(healthy, folder)
    lines = [
        line for group in client_lines(healthy, question("www.bank.example", "A"), folder).values() for line in group
    ]
    assert {line.split()[0] for line in lines} == set(PROGRAMS)
    for line in lines:
        done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, line + done.stderr
        asked_above = "# root's" in line or "# example's" in line
        assert asked_above or "192.0.2.20" in done.stdout or "Chase successful" in done.stdout, line


def test_lines_for_an_unsigned_world_offer_no_trust(tmp_path: Path) -> None:
    with serve(on_loopback(toy_internet(signed=False)), port=0) as servers:
        groups = client_lines(servers, question("www.bank.example", "A"), tmp_path)
    assert not any("delv" in line for lines in groups.values() for line in lines)
    assert "Ask the resolver, which does not validate" in groups
