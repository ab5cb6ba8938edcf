"""views/apps/denial_explorer.py: the circle shows what the validator said, for every kind of answer."""

import re
import xml.etree.ElementTree as ElementTree

import pytest
from dns.rdatatype import RdataType

from dnsseclab.authority.nsec3 import Nsec3
from dnsseclab.internet.worlds import toy_internet
from dnsseclab.protocol.dnssec import nsec3_hash
from dnsseclab.protocol.names import LabError, to_name
from dnsseclab.protocol.trust import SecurityStatus
from dnsseclab.views.apps import explore_denial
from dnsseclab.views.apps.denial_circle import Circle
from dnsseclab.views.apps.denial_explorer import judge

DENIALS = {"NSEC": "NSEC", "NSEC3": "NSEC3", "opt-out": Nsec3(opt_out=True), "salted": Nsec3(5, b"\xab\xcd")}


def zone(name: str = "bank.example", denial: str = "NSEC"):
    return toy_internet(denial=DENIALS[denial]).zone(name)


def svg(panel) -> ElementTree.Element:
    return ElementTree.fromstring(re.search(r"<svg.*</svg>", panel.html, re.S)[0])


def drawn_gaps(panel) -> int:
    paths = svg(panel).findall("{http://www.w3.org/2000/svg}path")
    return sum("A" in path.get("d") for path in paths)


@pytest.mark.parametrize("denial", DENIALS)
@pytest.mark.parametrize("name", [".", "com", "example", "foundry81.com", "bank.example"])
def test_every_record_stands_where_its_name_does(name: str, denial: str) -> None:
    circle = Circle(zone(name, denial))
    turns = [circle.turn_of(record) for record in circle.records]
    assert turns == sorted(turns)
    assert len(set(turns)) == len(turns)
    assert all(0 <= turn < 1 for turn in turns)
    owners = {record.name for record in circle.records}
    for owner in circle.zone.authoritative_names():
        if denial == "NSEC":
            assert owner in owners
            assert circle.turn(owner) in turns
        elif denial != "opt-out" and owner not in owners:  # who would deny the names of the proofs?
            assert circle.turn(owner) in turns


def test_a_hash_stands_at_its_value() -> None:
    circle = Circle(zone(denial="NSEC3"))
    digest = nsec3_hash(to_name("www.bank.example"), b"", 0)
    assert circle.turn(to_name("www.bank.example")) == int.from_bytes(digest, "big") / 2**160


def test_a_name_that_is_not_there_falls_into_the_gap_that_covers_it() -> None:
    circle = Circle(zone())
    before, after = (circle.turn(to_name(f"{name}.bank.example")) for name in ("mail", "ns1"))
    assert before < circle.turn(to_name("nobody.bank.example")) < after
    assert circle.turn(to_name("zzz.bank.example")) > circle.turn(to_name("www.bank.example"))


@pytest.mark.parametrize(
    ("name", "rdtype", "denial", "status", "gaps"),
    [
        ("nobody.bank.example", "A", "NSEC", SecurityStatus.SECURE, 2),
        ("nobody.bank.example", "A", "NSEC3", SecurityStatus.SECURE, 2),  # the third record matches the encloser
        ("nobody.bank.example", "A", "salted", SecurityStatus.SECURE, 2),
        ("nobody.bank.example", "A", "opt-out", SecurityStatus.INSECURE, 2),
        ("www.bank.example", "MX", "NSEC", SecurityStatus.SECURE, 0),
        ("www.bank.example", "MX", "NSEC3", SecurityStatus.SECURE, 0),
        ("_tcp.www.bank.example", "A", "NSEC", SecurityStatus.SECURE, 1),  # an empty non-terminal has no NSEC ...
        ("_tcp.www.bank.example", "A", "NSEC3", SecurityStatus.SECURE, 0),  # ... but an NSEC3
        ("x.branch.bank.example", "A", "NSEC", SecurityStatus.SECURE, 1),  # nothing closer than the wildcard
        ("www.bank.example", "A", "NSEC", SecurityStatus.SECURE, 0),
    ],
)
def test_picture_and_words_say_what_the_validator_says(name, rdtype, denial, status, gaps) -> None:
    panel = explore_denial(zone(denial=denial), name, rdtype)
    chain = judge(zone(denial=denial), to_name(name), rdtype)
    assert chain.status is status
    assert f"{name} {rdtype}: {status.value}." in repr(panel)
    assert drawn_gaps(panel) == gaps


@pytest.mark.parametrize("denial", DENIALS)
def test_every_record_of_the_proof_has_its_line(denial: str) -> None:
    panel = explore_denial(zone(denial=denial), "nobody.bank.example")
    assert repr(panel).count(" denies ") == (2 if denial == "NSEC" else 3)
    assert "FAILED" not in repr(panel)
    assert "covers the wildcard (*.bank.example" in repr(panel)


def test_a_record_with_a_broken_signature_proves_nothing() -> None:
    healthy = zone()
    rrsigs = healthy.signatures("mail.bank.example", RdataType.NSEC)
    broken = rrsigs.copy()
    broken.clear()
    broken.add(rrsigs[0].replace(signature=bytes(64)))
    panel = explore_denial(healthy.with_rrsets(broken), "nobody.bank.example")
    assert "nobody.bank.example A: bogus." in repr(panel)


def test_a_walk_learns_names_from_nsec_and_only_hashes_from_nsec3() -> None:
    plain, hashed = explore_denial(zone()).set(walked=3), explore_denial(zone(denial="NSEC3")).set(walked=3)
    assert "Read 3 of 10 records. Names learned: @, _dmarc, *.branch" in repr(plain)
    assert "Names learned: none." in repr(hashed)
    assert not any(name in repr(hashed).partition("Hashes learned")[2] for name in ("dmarc", "branch", "www"))


def test_a_chosen_record_is_printed() -> None:
    panel = explore_denial(zone()).set(item="mail.bank.example.")
    assert "The record: mail.bank.example. 900 IN NSEC ns1.bank.example. A RRSIG NSEC" in repr(panel)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("a..b", "is not a domain name"),
        ("www.foundry81.com", "not in this zone: ask for a name that ends in bank.example"),
    ],
)
def test_a_slip_of_the_pen_becomes_a_sentence(name: str, says: str) -> None:
    panel = explore_denial(zone()).set(name=name)
    assert says in panel.text
    assert "nobody" in panel.set(name="nobody.bank.example").text


def test_an_unsigned_zone_has_nothing_to_explore() -> None:
    with pytest.raises(LabError, match="harbor.example has no NSEC and no NSEC3 records: sign it first"):
        explore_denial(zone("harbor.example"))


def test_without_a_name_it_asks_for_one_that_is_not_there() -> None:
    assert "nobody A: secure. " in repr(explore_denial(zone(".")))
    assert "nobody.com A: secure. " in repr(explore_denial(zone("com")))
