"""08_proving_a_name_does_not_exist: what its prose says is what its cells return; its own solutions solve its tasks."""

from typing import Any

import pytest
from lessons import revealed

pytestmark = pytest.mark.notebook

NAME = "08_proving_a_name_does_not_exist.ipynb"
HER_PROOF = '[zone.get("www.bank.example", "NSEC"), zone.signatures("www.bank.example", "NSEC")]'
SOLUTIONS = {
    "absence-covers": {"nobody.bank": "zebra.bank"},
    "absence-two-make-cell": {
        '"mail.bank.example", "bank.example"': '"_443._tcp.www.bank.example", "www.bank.example"'
    },
    "absence-walk-run": {'"bank.example", "192.0.2.21"': '"example", "192.0.2.12"'},
    "absence-dictionary-make": {'"printer"': '"head.branch", "_443._tcp.www", "_tcp.www"'},
    "absence-compact-make": {'"compact"': '"minimal"'},
    "absence-attack-make-cell": {"[]": HER_PROOF},
    "absence-starve-modify": {"toy_internet()": "there", "False": "True"},
}  # fmt: skip


def test_every_prediction_offers_what_happens(lesson: dict[str, Any]) -> None:
    happened = revealed(lesson)
    assert [name for name, (it_was, choices) in happened.items() if it_was not in choices] == []
    assert {name: it_was for name, (it_was, _) in happened.items()} == {
        "needed": "ten records",
        "two": "proves that no wildcard stands for the name",
        "questions": "ten questions",
        "closer": "nobody.bank.example",
        "opt_out": "insecure",
        "learned": "most of the names",
        "rounds": "the same names",
        "compact": "no name but the zone's own",
        "denied": "SERVFAIL: the record proves something else",
        "starved": "fewer than 10",
    }


def test_nsec_is_a_ring_in_which_one_gap_holds_each_name_that_is_not_there(lesson: Any, solved: Any) -> None:
    assert "_443._tcp.www.bank.example. -> bank.example.\n10 names, 10 records" in lesson["absence-nsec-all"]
    assert lesson["absence-covers"] == "mail.bank.example. -> ns1.bank.example.\n"
    assert solved["absence-covers"] == "_443._tcp.www.bank.example. -> bank.example.\n"


@pytest.mark.parametrize(
    "name, following", [("a", "_dmarc -> *.branch"), ("x.www", "www -> _443._tcp.www"), ("www", "")]
)
def test_the_other_names_to_try_fall_where_the_text_says(lesson: Any, name: str, following: str) -> None:
    covers, to_name, zone = lesson["covers"], lesson["to_name"], lesson["zone"]
    gaps = [
        f"{owner.relativize(zone.origin)} -> {zone.get(owner, 'NSEC')[0].next.relativize(zone.origin)}"
        for owner in lesson["owners"]
        if covers(owner, zone.get(owner, "NSEC")[0].next, to_name(f"{name}.bank.example"))
    ]
    if name == "x.www":  # below www, but `_443._tcp.www` is a name before it
        assert gaps == ["_443._tcp.www -> @"]
    else:
        assert gaps == [following] * bool(following)


def test_two_gaps_deny_a_name_below_www_and_its_wildcard(lesson: dict[str, Any], solved: dict[str, Any]) -> None:
    assert lesson["absence-two-make-cell"] == "as the server says: False\n"
    assert solved["absence-two-make-cell"] == "as the server says: True\n"


def test_walk_by_hand_and_by_function_agree(lesson: dict[str, Any], solved: dict[str, Any]) -> None:
    assert lesson["absence-walk-step"].splitlines()[-1] == "the next name is head.branch.bank.example."
    assert "10 names after 10 questions. That is the whole zone." in lesson["absence-walk-run"]
    assert "5 names after 6 questions. That is the whole zone." in solved["absence-walk-run"]


def test_dictionary_finds_most_and_with_the_hints_all(lesson: dict[str, Any], solved: dict[str, Any]) -> None:
    assert "12 hashes after 10 questions: the circle is closed." in lesson["absence-dictionary-collect"]
    assert "9 of 12 hashes have a name" in lesson["absence-dictionary-run"]
    assert "12 of 12 hashes have a name" in solved["absence-dictionary-make"]


def test_rounds_cost_the_validator_and_change_nothing_for_the_stranger(lesson: dict[str, Any]) -> None:
    assert lesson["again"].found == lesson["search"].found
    assert lesson["again"].rounds == 101 * lesson["search"].rounds
    limited, unlimited = (dict(lesson["costs"][kind]) for kind in ("with limits", "without limits"))
    assert unlimited[1000] == 1001 * unlimited[0]
    assert limited[150] == unlimited[150] and limited[500] == 0
    assert "insecure: nsec3-iterations, EDE 27" in lesson["absence-rounds-insecure"]


def test_compact_proof_names_nobody_and_is_small(lesson: dict[str, Any], solved: dict[str, Any]) -> None:
    assert lesson["absence-compact-make"].startswith("NOERROR 369 bytes") and "NXNAME" in lesson["absence-compact-make"]
    assert lesson["absence-compact-run"].endswith("secure\n")
    assert solved["absence-compact-make"].startswith("NXDOMAIN") and solved["absence-compact-run"].endswith("secure\n")
    assert not solved["walk"].complete and len(solved["walk"].names) == 1


def test_no_record_of_the_bank_denies_what_is_there(lesson: dict[str, Any], solved: dict[str, Any]) -> None:
    """All of them, singly and all at once, with their signatures: none is believed."""
    assert lesson["absence-attack-plain"] == "NXDOMAIN unchecked\n"
    assert lesson["absence-attack-make-cell"].startswith("bogus - denial-received")
    assert solved["absence-attack-make-cell"].startswith("bogus - nsec-name-absent")
    zone, deny = lesson["zone"], lesson["deny"]
    proofs = [[zone.get(owner, "NSEC"), zone.signatures(owner, "NSEC")] for owner in lesson["owners"]]
    for proof in [*proofs, sum(proofs, []), [zone.get("ns2.bank.example", "NSEC")]]:
        assert deny(proof).status.value == "bogus"


def test_gaps_starve_the_attack_only_if_validated_and_wide(lesson: dict[str, Any], solved: dict[str, Any]) -> None:
    assert lesson["absence-starve-both"].split() == "as in 2008: 200 gaps remembered: 3".split()
    assert lesson["absence-starve-modify"] == "200\n"
    assert solved["absence-starve-modify"] == "200\n"
