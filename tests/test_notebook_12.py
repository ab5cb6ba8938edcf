"""12_after_quantum_computers: what its prose says is what its cells return, and its own solutions solve its tasks."""

from typing import Any

import pytest
from lessons import play, revealed

from dnsseclab.authority.keys import make_key
from dnsseclab.internet import Network, toy_internet
from dnsseclab.internet.worlds import ATTACKER_SITE
from dnsseclab.validator.policy import Policy

pytestmark = pytest.mark.notebook

NAME = "12_after_quantum_computers.ipynb"
SOLUTIONS = {
    "quantum-threat-replay": {"days = 0": "days = 5_000"},
    "quantum-threat-make": {'make_key("bank.example", "ZSK", seed="?")': "zsk"},
    "quantum-line-make": {"2420": "304"},
    "quantum-tcp-run": {"dnssec_ok=True": "dnssec_ok=True, edns_payload=4096"},
    "quantum-tcp-make": {"stopped = False": 'stopped = packet.transport == "tcp"'},
    "quantum-time-plot": {'both = "P-256"': 'both = "RSA/SHA-256"'},
    "quantum-time-make": {'look_up("ML-DSA-44")[0].work["signature checks"]': "extra / each"},
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


MAKES = ["quantum-threat-make", "quantum-line-make", "quantum-tcp-make", "quantum-time-make"]


@pytest.mark.parametrize("cell", MAKES)
def test_task_is_not_yet_done_as_it_stands_and_done_when_solved(
    lesson: dict[str, Any], solved: dict[str, Any], cell: str
) -> None:
    said = [each[cell].splitlines()[-1].split(maxsplit=2)[:2] for each in (lesson, solved)]
    assert said[0] == ["Not", "yet:"] and said[1][0] == "Done."


def test_printed_signature_names_its_key_and_its_end(lesson: dict[str, Any]) -> None:
    """The key tag stands before the signer, the expiration is the first of the two dates (RFC 4034 §3.2)."""
    numbers = lesson["quantum-threat-run"].split(" RRSIG ")[1].split()
    rrsig = toy_internet().zone("bank.example").signatures("www.bank.example", "A")[0]
    assert numbers[4:8] == ["20261130120000", "20261123120000", str(rrsig.key_tag), "bank.example."]


@pytest.fixture(scope="module")
def otherwise() -> dict[str, Any]:
    """Return what comes out when other things are tried that the text suggests."""
    made_up = 'make_key("bank.example", "ZSK", seed="?")'
    return play(NAME, {"quantum-threat-replay": {"days = 0": "days = 7"}, "quantum-threat-make": {made_up: "ksk"}})


def test_recordings_of_today_are_good_for_days(
    lesson: dict[str, Any], otherwise: dict[str, Any], solved: dict[str, Any]
) -> None:
    assert lesson["quantum-threat-replay"] == "0 days later: secure\n" and 5 < lesson["left"] < 7
    for too_late, days in ((otherwise, "7"), (solved, "5,000")):
        first, why = too_late["quantum-threat-replay"].splitlines()
        assert first == f"{days} days later: bogus" and why.endswith("has expired.")


def test_whoever_has_a_private_key_of_the_bank_is_believed(
    lesson: dict[str, Any], otherwise: dict[str, Any], solved: dict[str, Any]
) -> None:
    assert lesson["quantum-threat-make"].startswith("bogus")
    for robbed in (otherwise, solved):
        assert robbed["quantum-threat-make"].startswith(f"secure www.bank.example. 3600 IN A {ATTACKER_SITE}")


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


def test_three_signatures_of_304_bytes_fit_and_three_of_falcon_do_not(lesson: dict[str, Any]) -> None:
    denial_size, sizes = lesson["denial_size"], lesson["sizes"]
    for name, octets in (("P-256", 64), ("RSA/SHA-256", 256), ("ML-DSA-44", 2420)):
        said = lesson["reply_size"](lesson["worlds"][name], "nowhere.bank.example", "A")
        assert denial_size(octets) == said  # the reply that was made longer is the one that a server gives
    assert denial_size(304) == 1232 < denial_size(305)
    assert denial_size(666) > 1232 > sizes["P-256"] - 64 + 666


def test_asking_for_more_brings_no_more(lesson: dict[str, Any], solved: dict[str, Any]) -> None:
    assert (lesson["query"].payload, solved["query"].payload) == (1232, 4096)
    assert solved["quantum-tcp-run"] == lesson["quantum-tcp-run"]


def test_without_tcp_only_the_large_signatures_go_dark(lesson: dict[str, Any], solved: dict[str, Any]) -> None:
    assert [row.split()[-1] for row in lesson["quantum-tcp-make"].splitlines()[:4]] == ["NOERROR"] * 4
    assert [row.split()[-1] for row in solved["quantum-tcp-make"].splitlines()[:4]] == ["NOERROR"] * 3 + ["SERVFAIL"]


def test_what_does_not_fit_is_asked_for_by_tcp(lesson: dict[str, Any]) -> None:
    assert "TC, truncated: True" in lesson["quantum-tcp-run"]
    assert "records in the answer: 1" in lesson["quantum-tcp-run"]
    rows = {row.split()[0]: row for row in lesson["quantum-tcp-lookup"].splitlines()}
    assert all(" 12 datagrams" in rows[name] for name in ("RSA/SHA-256", "P-256", "Ed25519"))
    assert " 24 datagrams" in rows["ML-DSA-44"] and "secure" in rows["ML-DSA-44"]


def test_truncation_takes_the_weapon_away(lesson: dict[str, Any]) -> None:
    whole, sent = (float(line.split(":")[1].split()[0]) for line in lesson["quantum-amplify"].splitlines()[1:])
    assert whole > 50 and sent < 2


def test_rsa_signs_slowly_and_verifies_fast_with_four_times_the_bytes_of_p256(lesson: dict[str, Any]) -> None:
    ratios = {name: max(sign / check, check / sign) for name, (sign, check) in lesson["costs"].items()}
    sign, check = lesson["costs"]["RSA/SHA-256"]
    assert max(ratios, key=ratios.__getitem__) == "RSA/SHA-256" and sign > check
    assert "signature   256" in lesson["quantum-size-keys"] and 256 == 4 * 64


def test_coming_from_rsa_spares_bytes_but_no_datagrams(lesson: dict[str, Any], solved: dict[str, Any]) -> None:
    assert lesson["datagrams"] == solved["datagrams"] == [12, 24]
    assert lesson["sizes"]["P-256"] < lesson["sizes"]["RSA/SHA-256"] < lesson["sizes"]["ML-DSA-44"]


def test_tcp_takes_the_time_of_many_verifications(lesson: dict[str, Any], solved: dict[str, Any]) -> None:
    assert lesson["checks"] == 6 < solved["checks"] / 10


def test_new_signatures_of_the_bank_do_not_help_while_its_parent_has_old_keys(solved: dict[str, Any]) -> None:
    """Whoever computes the key of example can sign a DS for a key of their own."""
    world = solved["network"].world
    assert solved["outcome"].status.value == "secure"
    assert {key.algorithm for key in world.keys[world.zone("example").origin]} == {13}
    mine = [make_key("bank.example", role, "P-256", seed="attacker") for role in ("KSK", "ZSK")]
    taken = world.with_zone(world.zone("bank.example").with_rrsets(solved["lie"]), *mine)
    taken = taken.with_zone(taken.sign(taken.zone("bank.example")))
    taken = taken.with_ds(mine[0])  # which signs with the real key of example
    outcome = Network(taken).resolver(policy=Policy(experimental=True)).resolve("www.bank.example", "A")
    assert outcome.status.value == "secure" and outcome.message.answer == [solved["lie"]]


def test_early_zone_is_insecure_and_with_the_switch_secure(lesson: dict[str, Any], solved: dict[str, Any]) -> None:
    assert lesson["quantum-early-run"].startswith("insecure\nwww.bank.example. 3600 IN A 192.0.2.20\nbank.example is")
    assert lesson["quantum-early-modify"] == "insecure\n"
    assert solved["quantum-early-modify"] == "secure\n"


def test_root_grows_past_the_line_while_it_rolls(lesson: dict[str, Any], solved: dict[str, Any]) -> None:
    reply, old, new = (lesson[name] for name in ("dnskey_reply", "old", "new"))
    assert lesson["quantum-root-make"] == f"{reply(old)} bytes\n" and reply(old) < 1232
    assert 4 * 1232 < reply(new) < reply([*old, *new])
    assert solved["quantum-root-make"] == f"{reply([*old, *new]):,} bytes\n"
