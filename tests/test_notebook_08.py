"""08_proving_a_name_does_not_exist: what its prose says is what its cells return; its own solutions solve its tasks."""

from typing import Any

import pytest
from lessons import play, revealed

pytestmark = pytest.mark.notebook

NAME = "08_proving_a_name_does_not_exist.ipynb"
HER_PROOF = '[zone.get("www.bank.example", "NSEC"), zone.signatures("www.bank.example", "NSEC")]'
MINED = 'next(f"x{i}" for i in range(99_999) if label_of(f"x{i}").startswith("00"))'
SOLUTIONS = {
    "absence-walk-make-cell": {"if mine:": "if here == zone.origin:"},
    "absence-encloser-run": {"a.b.nobody": "x.mail"},
    "absence-mine-cell": {'"nobody"': MINED},
    "absence-rounds-run": {"iterations=100": 'salt=b"pepper"'},
    "absence-nxname-make": {"return True": 'return "NXNAME" not in str(nsec)'},
    "absence-starve-make-cell": {'f"x{i}"': 'f"x{i}.branch"'},
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


@pytest.mark.parametrize(
    "cell", ["absence-walk-make-cell", "absence-mine-cell", "absence-nxname-make", "absence-starve-make-cell"]
)
def test_each_make_says_not_yet_until_it_is_made(lesson: dict[str, Any], solved: dict[str, Any], cell: str) -> None:
    assert "Not yet" in lesson[cell] and "Done." not in lesson[cell]
    assert "Done." in solved[cell] and "Not yet" not in solved[cell]


@pytest.fixture(scope="module")
def changed() -> dict[str, Any]:
    """The other things that the text suggests to change."""
    return play(
        NAME,
        {
            "absence-walk-step": {r"\000.": "zzz."},
            "absence-compact-make": {'"nobody.bank.example", "A"': '"mail.bank.example", "AAAA"'},
            "absence-attack-plain": {"validating=False": "every=False"},
        },
    )


def test_asking_for_the_end_of_the_alphabet_does_not_get_a_walker_on(changed: dict[str, Any]) -> None:
    assert changed["absence-walk-step"] == "the next name is bank.example.\n" * 3


def test_a_name_below_mail_has_mail_as_its_closest_encloser(solved: dict[str, Any]) -> None:
    assert solved["absence-encloser-run"].splitlines()[:2] == [
        "no record x.mail.bank.example.",
        "matches mail.bank.example.",
    ]


def test_salt_stops_nobody(lesson: dict[str, Any], solved: dict[str, Any]) -> None:
    assert solved["again"].found == lesson["again"].found
    assert (len(solved["again"].found), solved["again"].rounds) == (9, 15)


def test_an_absent_type_differs_from_an_absent_name_in_the_list_alone(lesson: Any, changed: Any) -> None:
    assert changed["absence-compact-make"].startswith("NOERROR")
    assert changed["absence-compact-make"].endswith("NSEC \\000.mail.bank.example. A RRSIG NSEC\n")
    assert lesson["absence-compact-make"].endswith("NSEC \\000.nobody.bank.example. RRSIG NSEC NXNAME\n")


def test_a_lie_told_once_is_noticed_and_the_resolver_asks_again(changed: dict[str, Any]) -> None:
    assert changed["absence-attack-plain"] == "NOERROR secure\n"


def test_in_the_graph_only_the_last_link_is_cut(lesson: dict[str, Any]) -> None:
    chain = lesson["deny"](lesson["genuine"]).chain
    held = [all(check.passed for check in link.checks) for link in chain.links]
    assert held == [True] * (len(held) - 1) + [False]
    assert [link.target.kind.value for link in chain.links[-2:]] == ["denial", "absence"]


def test_hexadecimal_names_fall_into_three_gaps_however_many_there_are(lesson: dict[str, Any]) -> None:
    remember = lesson["replace"](lesson["AS_IN_2008"], aggressive_nsec=True)
    assert [lesson["races"](remember, names=names) for names in (20, 1000)] == [3, 3]
    first = {name for digit in "0123456789abcdef" for name in (digit * 8, f"{digit}0000000")}
    assert len({_gap(lesson, f"{name}.bank.example") for name in first}) == 3


def _gap(lesson: dict[str, Any], name: str) -> Any:
    gaps = {owner: lesson["zone"].get(owner, "NSEC")[0].next for owner in lesson["owners"]}
    return next(owner for owner, end in gaps.items() if lesson["covers"](owner, end, lesson["to_name"](name)))
