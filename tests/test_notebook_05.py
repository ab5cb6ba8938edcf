"""05_the_chain_of_trust: what its prose says is what its cells return, and its own solutions solve its tasks."""

from typing import Any

import pytest
from lessons import play, revealed

from dnsseclab.views.apps import explore_chain, sign_and_connect

pytestmark = pytest.mark.notebook

NAME = "05_the_chain_of_trust.ipynb"
CONNECTED = """world.with_zone(harbor, *keys)
mended = mended.with_zone(mended.sign(harbor))
mended = mended.with_ds(keys[0])"""
SOLUTIONS = {
    "trust-fake-make": {
        "genuine[0])  # change it": "genuine[0].replace(exchange=host))",
        "mx_sig = rrsig": "mx_sig = sign_rrset(mx, fake, **times)",
    },
    "trust-ds-make": {'b""': r'b"\x09foundry81\x03com\x00" + other_ksk.dnskey.to_wire()'},
    "trust-where-modify": {'"example", "example"': '"root", "example"'},
    "trust-where-make-cell": {"parent_key = ksk": "parent_key = example_zsk"},
    "trust-climb-modify-cell": {"my_anchor = anchor": "my_anchor = ds"},
    "trust-climb-make": {"only_anchor = anchor": 'only_anchor = world.truth("example", "DS")'},
    "trust-walk-honest": {"walk(world)": 'walk(toy_internet(keys="single"))'},
    "trust-walk-make": {"sign_rrset(lie, fake,": "sign_rrset(lie, zsk,"},
    "trust-harbor": {"world  # three steps from here": CONNECTED},
}


def test_every_prediction_offers_what_happens(lesson: dict[str, Any]) -> None:
    assert {name: it_was for name, (it_was, choices) in revealed(lesson).items() if it_was in choices} == {
        "forged_all": "nothing",
        "agree": "the tag",
        "who_has": "example's server",
        "above_root": "the resolver's own configuration",
        "walk_ends": "at the DS of bank.example",
        "only_signed": "insecure: as without DNSSEC",
    }


def test_forged_key_and_signatures_all_verify(lesson: dict[str, Any], solved: dict[str, Any]) -> None:
    assert lesson["trust-fake-run"].count("holds: True") == 2
    assert "a signed forgery: False" in lesson["trust-fake-make"]
    assert "a signed forgery: True" in solved["trust-fake-make"]


def test_forgery_verifies_with_another_algorithm_too() -> None:
    names = play(NAME, {"trust-fake-run": {'"CSK", seed': '"CSK", "Ed25519", seed'}})
    assert names["trust-fake-run"].count("holds: True") == 2
    assert names["trust-walk-run"] == "bank.example: no key fits the DS\n"


def test_tag_and_digest_by_hand_are_those_of_the_ds(lesson: dict[str, Any], solved: dict[str, Any]) -> None:
    assert lesson["trust-ds-digest"].splitlines()[-1] == "as in the DS: True True"
    assert lesson["trust-ds-make"] == "as in its DS: False\n"
    assert solved["trust-ds-make"] == "as in its DS: True\n"


def test_one_flag_changes_tag_and_digest() -> None:
    names = play(NAME, {"trust-ds-tag": {"ksk.dnskey.to_wire": "ksk.dnskey.replace(flags=256).to_wire"}})
    assert names["trust-ds-digest"].splitlines()[-1] == "as in the DS: False False"


def test_rivals_share_the_tag_and_can_sign(lesson: dict[str, Any]) -> None:
    assert len({line.split()[1] for line in lesson["trust-ds-run"].splitlines()}) == 1
    assert len({line.split()[3] for line in lesson["trust-ds-run"].splitlines()}) == 4
    rival = lesson["rivals"][0]
    made = lesson["sign_rrset"](lesson["lie"], rival, **lesson["times"])
    assert lesson["holds"](lesson["lie"], made, rival.dnskey)


def test_only_the_parent_has_the_ds_and_signs_it(lesson: dict[str, Any], solved: dict[str, Any]) -> None:
    assert [whose for whose, answer in lesson["found"].items() if answer] == ["example"]
    assert lesson["ds_sig"].signer.to_text() == "example."
    assert lesson["trust-where-modify"] == "no DS\n" and solved["trust-where-modify"].startswith("example. ")
    assert lesson["trust-where-make-cell"].endswith("False\n") and solved["trust-where-make-cell"].endswith("True\n")


def test_climb_ends_at_the_anchor_and_a_wrong_one_fails(lesson: dict[str, Any], solved: dict[str, Any]) -> None:
    assert lesson["trust-climb-run"].count("True") == 3
    assert lesson["trust-climb-wrong"].startswith("bogus")
    assert "root " in lesson["trust-climb-modify-cell"]
    below = solved["trust-climb-modify-cell"]
    assert below.startswith("SECURE") and "root " not in below and "\nbank.example" in below


def test_only_the_ds_of_example_covers_example_and_nothing_else(lesson: dict[str, Any], solved: dict[str, Any]) -> None:
    assert [row.split()[1] for row in lesson["trust-climb-make"].splitlines()[:3]] == ["secure"] * 3
    assert lesson["trust-climb-make"].splitlines()[-1].startswith("Not yet: ")
    assert list(solved["covered"].values()) == ["secure", "secure", "insecure"]
    assert solved["trust-climb-make"].endswith("\nDone.\n")
    too_low = play(NAME, {"trust-climb-make": {"only_anchor = anchor": "only_anchor = ds"}})
    assert list(too_low["covered"].values()) == ["secure", "insecure", "insecure"]


def test_walk_ends_at_a_ds_that_is_not_signed(lesson: dict[str, Any]) -> None:
    world = lesson["toy_internet"]()
    assert lesson["walk"](world) == "secure"
    stripped = world.zone("example").without("bank.example", "RRSIG", "DS")
    assert lesson["walk"](world.with_zone(stripped)) == "bank.example DS: not signed"


def test_walk_by_hand_and_resolver_agree(lesson: dict[str, Any], solved: dict[str, Any]) -> None:
    look_up = lesson["look_up"]
    assert (lesson["trust-walk-honest"], solved["trust-walk-honest"]) == ("secure\n", "secure\n")
    assert lesson["trust-walk-run"] == "bank.example: no key fits the DS\n"
    assert look_up(lesson["world"]).status.value == "secure" and look_up(lesson["taken"]).status.value == "bogus"
    failure = look_up(lesson["taken"]).chain.first_failure
    assert (failure.source.kind.value, failure.source.owner.to_text()) == ("DS", "bank.example.")


def test_stolen_zsk_is_enough_to_be_believed(lesson: dict[str, Any], solved: dict[str, Any]) -> None:
    assert (lesson["trust-walk-make"], solved["trust-walk-make"]) == ("www.bank.example A: not signed\n", "secure\n")
    outcome = solved["look_up"](solved["robbed"])
    assert outcome.status.value == "secure" and outcome.message.answer[0][0].address == "203.0.113.66"


def test_ksk_signs_one_rrset_and_the_zsk_the_rest(lesson: dict[str, Any]) -> None:
    counts = [line.split(": ")[1].split()[0] for line in lesson["trust-walk-roles"].splitlines()[::2]]
    assert counts[0] == "1" and int(counts[1]) > 20


def test_only_the_ds_in_the_parent_changes_anything(lesson: dict[str, Any]) -> None:
    assert lesson["trust-sign-run"] == "before: insecure\nsigned: insecure\n"
    assert lesson["trust-sign-child"] == "DS in the child: insecure\n"
    assert lesson["trust-sign-parent"] == "DS in the parent: secure\n"


def test_bench_says_the_same_and_uploading_first_is_worse() -> None:
    bench = sign_and_connect()
    told = [str(bench.press(step)) for step in ("keys", "sign", "child", "upload")]
    assert ["INSECURE" in each for each in told] == [True, True, True, False]
    bench.press("reset")
    bench.press("keys")
    assert "BOGUS" in str(bench.press("upload"))
    assert "SECURE" in str(bench.press("sign")) and "BOGUS" not in str(bench)


@pytest.mark.parametrize(
    "world, status",
    [
        ("bank.example is signed, but not connected", "INSECURE"),
        ("bank.example is connected, but not signed", "BOGUS"),
        ("the DS of another key for bank.example", "BOGUS"),
    ],
)
def test_explorer_offers_the_worlds_that_the_text_names(world: str, status: str) -> None:
    assert f"\n{status}: " in f"\n{explore_chain().set(world=world)}"


def test_harbor_is_mended(lesson: dict[str, Any], solved: dict[str, Any]) -> None:
    assert (lesson["trust-harbor"], solved["trust-harbor"]) == ("insecure\n", "secure\n")
