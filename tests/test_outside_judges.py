"""Zones signed by other people's programs: what we say of their answers, asked for through a whole resolver.

Our own zones before other people's judges: test_signing.py. Here theirs come before ours.
"""

import subprocess
import tempfile
import time
from functools import cache
from pathlib import Path

import dns.rcode
import dns.rrset
import pytest

from dnsseclab.authority.signing import unsign_zone
from dnsseclab.authority.zones import Zone
from dnsseclab.internet.network import Clock, Network
from dnsseclab.internet.worlds import NOW, World, toy_internet
from dnsseclab.protocol.messages import flag
from dnsseclab.protocol.trust import SecurityStatus
from dnsseclab.validator import Policy

SECURE, INSECURE, BOGUS = SecurityStatus.SECURE, SecurityStatus.INSECURE, SecurityStatus.BOGUS
BEGINS, ENDS = NOW - 86400, NOW + 86400
DELEGATIONS = """
unsigned 3600 IN NS ns.unsigned
ns.unsigned 3600 IN A 192.0.2.77
also-signed 3600 IN NS ns.unsigned
also-signed 3600 IN DS 12345 13 2 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff
"""
NUMBERS = {
    "RSASHA1": 5, "NSEC3RSASHA1": 7, "RSASHA256": 8, "RSASHA512": 10, "ECDSAP256SHA256": 13, "ECDSAP384SHA384": 14,
    "ED25519": 15, "ED448": 16,
}  # fmt: skip
FOR_LDNS = {"RSASHA1": "RSASHA1", "NSEC3RSASHA1": "RSASHA1-NSEC3-SHA1"}
DENIALS = ("NSEC", "NSEC3", "NSEC3, salted, 7 rounds", "NSEC3 with opt-out")

# Question -> response code, status; and status with opt-out, where a gap may hide an unsigned delegation
QUESTIONS = {
    "a name": ("www A", dns.rcode.NOERROR, SECURE, SECURE),
    "the apex": ("@ MX", dns.rcode.NOERROR, SECURE, SECURE),
    "an alias": ("login A", dns.rcode.NOERROR, SECURE, SECURE),
    "no such type": ("www TXT", dns.rcode.NOERROR, SECURE, SECURE),
    "an empty non-terminal": ("_tcp.www A", dns.rcode.NOERROR, SECURE, SECURE),
    "no such name": ("nothing.here A", dns.rcode.NXDOMAIN, SECURE, INSECURE),
    "before the first name": ("!.www A", dns.rcode.NXDOMAIN, SECURE, INSECURE),
    "after the last name": ("zzz A", dns.rcode.NXDOMAIN, SECURE, INSECURE),
    "from a wildcard": ("a.branch A", dns.rcode.NOERROR, SECURE, INSECURE),
    "a wildcard without the type": ("a.branch MX", dns.rcode.NOERROR, SECURE, INSECURE),
    "a wildcard further up": ("a.b.branch TXT", dns.rcode.NOERROR, SECURE, INSECURE),
    "no DS at an unsigned delegation": ("unsigned DS", dns.rcode.NOERROR, SECURE, INSECURE),
    "a DS": ("also-signed DS", dns.rcode.NOERROR, SECURE, SECURE),
    "no DS at no delegation": ("www DS", dns.rcode.NOERROR, SECURE, SECURE),
}


def run(folder: Path, *command: str) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout.strip()


def content() -> str:
    bare = unsign_zone(toy_internet().zone("bank.example")).to_text()
    return bare + DELEGATIONS


def signed_by_bind(folder: Path, algorithm: str, denial: str) -> tuple[Zone, list[str]]:
    """Return the zone as dnssec-signzone signs it, and the DS that dnssec-dsfromkey makes (SHA-256, SHA-384)."""
    bits = ["-b", "2048"] if "RSA" in algorithm else []
    make = ["dnssec-keygen", "-q", "-a", algorithm, *bits]
    ksk, zsk = run(folder, *make, "-f", "KSK", "bank.example"), run(folder, *make, "bank.example")
    keys = "".join((folder / f"{name}.key").read_text() for name in (ksk, zsk))
    (folder / "zone").write_text(content() + keys)
    how = {"NSEC": [], "NSEC3": ["-3", "-"], "NSEC3, salted, 7 rounds": ["-3", "abcd", "-H", "7"],
           "NSEC3 with opt-out": ["-3", "-", "-A"]}[denial]  # fmt: skip
    run(folder, "dnssec-signzone", "-q", "-P", "-s", str_time(BEGINS), "-e", str_time(ENDS), "-o", "bank.example", *how,
        "-f", "signed", "zone", ksk, zsk)  # fmt: skip
    ds = [run(folder, "dnssec-dsfromkey", "-a", digest, f"{ksk}.key") for digest in ("SHA-256", "SHA-384")]
    return Zone.from_file(folder / "signed", "bank.example"), ds


def signed_by_ldns(folder: Path, algorithm: str, denial: str) -> tuple[Zone, list[str]]:
    """Return the zone as ldns-signzone signs it, and the DS that ldns-key2ds makes."""
    bits = ["-b", "2048"] if "RSA" in algorithm else []
    make = ["ldns-keygen", "-a", FOR_LDNS.get(algorithm, algorithm), *bits]
    ksk, zsk = run(folder, *make, "-k", "bank.example"), run(folder, *make, "bank.example")
    (folder / "zone").write_text(content())
    how = {"NSEC": [], "NSEC3": ["-n"], "NSEC3, salted, 7 rounds": ["-n", "-t", "7", "-s", "abcd"],
           "NSEC3 with opt-out": ["-n", "-p"]}[denial]  # fmt: skip
    run(folder, "ldns-signzone", "-i", str(BEGINS), "-e", str(ENDS), "-o", "bank.example", *how, "-f", "signed", "zone",
        ksk, zsk)  # fmt: skip
    return Zone.from_file(folder / "signed", "bank.example"), [
        run(folder, "ldns-key2ds", "-n", digest, f"{ksk}.key") for digest in ("-2", "-4")
    ]


def str_time(moment: int) -> str:
    return time.strftime("%Y%m%d%H%M%S", time.gmtime(moment))


SIGNERS = {"dnssec-signzone": signed_by_bind, "ldns-signzone": signed_by_ldns}


def world_with(zone: Zone, ds: list[str]) -> World:
    """Return the toy Internet with this zone in the place of its own, and its DS at the parent, signed there."""
    world = toy_internet()
    lines = [line.split(" IN DS ")[1] if " IN DS " in line else line.split("\tDS\t")[1] for line in ds]
    rrset = dns.rrset.from_text("bank.example.", 3600, "IN", "DS", *lines)
    parent = world.zone("example").with_rrsets(rrset)
    return world.with_zone(world.sign(parent)).with_zone(zone)


@cache
def foreign_world(signer: str, algorithm: str, denial: str) -> World:
    with tempfile.TemporaryDirectory() as folder:
        return world_with(*SIGNERS[signer](Path(folder), algorithm, denial))


def combinations() -> list:
    """Return every signer and denial with P-256, and every other algorithm with one of them."""
    made = []
    for signer in SIGNERS:
        kinds = [("ECDSAP256SHA256", denial) for denial in DENIALS]
        kinds += [(name, "NSEC3" if name == "NSEC3RSASHA1" else "NSEC") for name in NUMBERS if name != kinds[0][0]]
        mark = pytest.mark.daemon(signer)
        made += [pytest.param(signer, *kind, marks=mark, id=f"{signer}, {kind[0]}, {kind[1]}") for kind in kinds]
    return made


@pytest.mark.parametrize("signer, algorithm, denial", combinations())
def test_every_answer_of_a_zone_that_others_signed_is_judged_as_it_should_be(signer, algorithm, denial):
    world = foreign_world(signer, algorithm, denial)
    assert {key.algorithm for key in world.zone("bank.example").get("bank.example", "DNSKEY")} == {NUMBERS[algorithm]}
    for what, (asked, rcode, status, opted_out) in QUESTIONS.items():
        label, rdtype = asked.split()
        name = "bank.example" if label == "@" else f"{label}.bank.example"
        outcome = Network(world, clock=Clock(NOW)).resolver().resolve(name, rdtype)
        expected = opted_out if "opt-out" in denial else status
        if signer == "ldns-signzone" and rdtype == "DS":
            expected = status  # it sets the flag, but leaves no delegation out
        why = outcome.chain.explain() if outcome.chain else ""
        assert (outcome.message.rcode(), outcome.status) == (rcode, expected), f"{what}: {why}"
        assert flag(outcome.message, "AD") == (expected is SECURE), what


@pytest.mark.daemon("dnssec-signzone")
@pytest.mark.parametrize("algorithm, denial", [("RSASHA1", "NSEC"), ("NSEC3RSASHA1", "NSEC3")])
def test_sha1_is_a_switch(algorithm, denial):
    world = foreign_world("dnssec-signzone", algorithm, denial)
    off = Network(world, clock=Clock(NOW)).resolver(policy=Policy(sha1=False)).resolve("www.bank.example", "A")
    assert (off.status, off.chain.diagnosis.rule, off.chain.ede) == (INSECURE, "ds-algorithm-supported", 1)


@pytest.mark.daemon("dnssec-signzone")
def test_a_zone_that_others_signed_and_somebody_changed_is_bogus():
    """The control: we do look."""
    world = foreign_world("dnssec-signzone", "ECDSAP256SHA256", "NSEC")
    forged = dns.rrset.from_text("www.bank.example.", 3600, "IN", "A", "203.0.113.66")
    changed = world.with_zone(world.zone("bank.example").with_rrsets(forged))
    outcome = Network(changed, clock=Clock(NOW)).resolver().resolve("www.bank.example", "A")
    assert (outcome.status, outcome.chain.diagnosis.rule) == (BOGUS, "signature-verifies")
