"""12_after_quantum_computers: what its prose says is what its cells return, and its own solutions solve its tasks."""

from typing import Any

import pytest
from lessons import revealed

pytestmark = pytest.mark.notebook

NAME = "12_after_quantum_computers.ipynb"
SOLUTIONS = {
    "quantum-early-modify": {"experimental=False": "experimental=True"},
    "quantum-line-nsec3": {'worlds["RSA/SHA-256"]': 'toy_internet(algorithm="RSA/SHA-256", denial="NSEC3")'},
    "quantum-root-make": {"keys = [*old]": "keys = [*old, *new]"},
}


def test_every_prediction_offers_what_happens(lesson: dict[str, Any]) -> None:
    happened = revealed(lesson)
    assert [name for name, (it_was, choices) in happened.items() if it_was not in choices] == []
    assert {name: happened[name][0] for name in ("later", "size", "too_large", "early")} == {
        "later": "nothing of use",
        "size": "2,500 bytes",
        "too_large": "a short reply that says: ask again by TCP",
        "early": "the address, without protection",
    }


def test_sizes_are_those_of_the_standards(lesson: dict[str, Any]) -> None:
    """RFC 6605 §4, RFC 8080 §3-4, FIPS 204 table 2: bytes of key and signature."""
    *_, p256, ed25519, mldsa = lesson["quantum-size-keys"].splitlines()
    assert p256.split() == ["P-256", "key", "64", "bytes,", "signature", "64", "bytes"]
    assert ed25519.split()[2:6:3] == ["32", "64"]
    assert mldsa.split()[2:6:3] == ["1,312", "2,420"]


def test_only_the_large_signatures_cross_the_line(lesson: dict[str, Any]) -> None:
    sizes, reply_size, worlds = (lesson[name] for name in ("sizes", "reply_size", "worlds"))
    assert 160 < sizes["P-256"] < 180
    assert [name for name, size in sizes.items() if size > 1232] == ["ML-DSA-44"]
    assert reply_size(worlds["ML-DSA-44"], "bank.example", "DNSKEY") > 3 * 1232


def test_rsa_just_fits_and_with_nsec3_no_longer(lesson: dict[str, Any], solved: dict[str, Any]) -> None:
    just, over = (int(each["quantum-line-nsec3"].split()[0].replace(",", "")) for each in (lesson, solved))
    assert 1000 < just < 1232 < over


def test_what_does_not_fit_is_asked_for_by_tcp(lesson: dict[str, Any]) -> None:
    assert "TC, truncated: True" in lesson["quantum-tcp-run"]
    assert "records in the answer: 1" in lesson["quantum-tcp-run"]
    rows = {row.split()[0]: row for row in lesson["quantum-tcp-lookup"].splitlines()}
    assert all(" 12 datagrams" in rows[name] for name in ("RSA/SHA-256", "P-256", "Ed25519"))
    assert " 24 datagrams" in rows["ML-DSA-44"] and "secure" in rows["ML-DSA-44"]


def test_truncation_takes_the_weapon_away(lesson: dict[str, Any]) -> None:
    whole, sent = (float(line.split(":")[1].split()[0]) for line in lesson["quantum-amplify"].splitlines()[1:])
    assert whole > 50 and sent < 2


def test_early_zone_is_insecure_and_with_the_switch_secure(lesson: dict[str, Any], solved: dict[str, Any]) -> None:
    assert lesson["quantum-early-run"].startswith("insecure\nwww.bank.example. 3600 IN A 192.0.2.20\nbank.example is")
    assert lesson["quantum-early-modify"] == "insecure\n"
    assert solved["quantum-early-modify"] == "secure\n"


def test_root_grows_past_the_line_while_it_rolls(lesson: dict[str, Any], solved: dict[str, Any]) -> None:
    reply, old, new = (lesson[name] for name in ("dnskey_reply", "old", "new"))
    assert lesson["quantum-root-make"] == f"{reply(old)} bytes\n" and reply(old) < 1232
    assert 4 * 1232 < reply(new) < reply([*old, *new])
    assert solved["quantum-root-make"] == f"{reply([*old, *new]):,} bytes\n"
