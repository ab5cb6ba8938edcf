"""11_attacking_the_validator: what its prose says is what its cells return, and its own solutions solve its tasks."""

import re
from functools import reduce
from operator import and_, or_
from typing import Any

import pytest
from lessons import play, revealed

from dnsseclab.attacker.exhaustion import colliding_keys
from dnsseclab.internet.costs import TRAP, ZONE, cost_of, dear_world

pytestmark = pytest.mark.notebook

NAME = "11_attacking_the_validator.ipynb"
SOLUTIONS = {
    "trap-tag-run": {"4711": "53"},
    "trap-tag-make": {"4711, 3": "named, 7"},
    "trap-ds": {"ds=20": "ds=40"},
    "trap-square-make": {"= 1, 50": "= 25, 26"},
    "trap-limits-run": {"keys=20, signatures=20": "keys=1, signatures=1"},
    "trap-limits-make": {'"keys": 20, "signatures": 20': '"keys": 3, "signatures": 3'},
    "trap-break-run": {"rrsig-one-wrong": "rrsig-one-unknown"},
    "trap-break-make": {"signature_checks=4": "signature_checks=6"},
    "trap-hash-make": {"most_iterations = 150": "most_iterations = 79"},
    "trap-old-run": {"iterations=500": "iterations=0"},
    "trap-meter-show": {"keys=10, signatures=10": "keys=0, signatures=10"},
    "trap-amplify-run": {"keys=50": "keys=200"},
    "trap-amplify-make": {"algorithm=8": "algorithm=13"},
}


def test_every_prediction_offers_what_happens(lesson: dict[str, Any]) -> None:
    assert {name: it_was for name, (it_was, choices) in revealed(lesson).items() if it_was in choices} == {
        "tries": "a dozen or two",
        "checks": "more than 1,000",
        "stopped": "SERVFAIL",
        "damaged": "bogus",
        "rounds": "about 3,300",
        "old": "insecure",
        "doubled": "about 660",
        "gain": "several 100 times as much",
    }


def test_five_different_keys_share_one_tag_and_differ_in_their_flags(lesson: dict[str, Any]) -> None:
    assert {key.tag for key in lesson["five"]} == {4711}
    assert len({key.dnskey.key for key in lesson["five"]}) == len({key.dnskey.flags for key in lesson["five"]}) == 5
    assert 5 <= lesson["made"] <= 40


MAKES = ["trap-tag-make", "trap-square-make", "trap-limits-make", "trap-hash-make", "trap-amplify-make"]


@pytest.mark.parametrize("cell", MAKES)
def test_task_is_not_yet_done_as_it_stands_and_done_when_solved(
    lesson: dict[str, Any], solved: dict[str, Any], cell: str
) -> None:
    assert [each[cell].splitlines()[-1] for each in (lesson, solved)] == ["Not yet.", "Done."]


def test_zone_key_is_the_only_flag_that_all_five_have_and_revoke_the_only_one_that_none_has(
    lesson: dict[str, Any],
) -> None:
    flags = [key.dnskey.flags for key in lesson["five"]]
    assert reduce(and_, flags) == 0x0100
    assert 0xFFFF ^ reduce(or_, flags) == 0x0080


@pytest.mark.parametrize("tag", [1, 53, 40_000, 65_535])
def test_no_tag_is_harder_to_hit(tag: int) -> None:
    assert {key.tag for key in colliding_keys("bank.example", tag, 5, seed="lesson 11")} == {tag}


def test_fifty_one_records_cost_two_thousand_checks_and_fifty_do_not() -> None:
    most = {n: max(3 * (keys + 1) * (n - keys) for keys in range(n)) for n in (50, 51)}
    assert most[50] < 2000 <= most[51]


def test_an_honest_answer_costs_six_checks_and_the_trap_three_times_twenty_times_twenty_one(
    lesson: dict[str, Any],
) -> None:
    assert lesson["honest"].work["signature checks"] == 6
    assert lesson["trap"].work["failed signature checks"] == 3 * 20 * 21


def test_twice_the_records_are_about_four_times_the_work(lesson: dict[str, Any]) -> None:
    work = dict(lesson["spent"](lesson["both"]))
    assert 3.5 < work[20] / work[10] < 4.5
    alone = dict(lesson["spent"](lesson["one"]))
    assert alone[20] / alone[10] < 2.2


def test_five_hundred_whole_signatures_fit_into_one_message(lesson: dict[str, Any]) -> None:
    assert 50_000 < lesson["octets"] < 65_535
    signatures = dear_world(keys=500, signatures=500).zone(ZONE).signatures(TRAP, "A")
    assert [len(each.signature) for each in signatures] == [64] * 500  # shorter ones would cost next to nothing
    assert lesson["trap"].work["failed signature checks"] * (500 * 501) // (20 * 21) == lesson["pairs"]


def test_ds_records_multiply_with_the_keys_as_well(lesson: dict[str, Any], solved: dict[str, Any]) -> None:
    few, many = (int(re.findall(r"([\d,]+) DS digests", each["trap-ds"])[0]) for each in (lesson, solved))
    assert many > 1.9 * few > 1000


def test_limits_end_it_and_more_records_buy_nothing(lesson: dict[str, Any]) -> None:
    assert lesson["limited"].rule == "work-limit" and lesson["limited"].rcode.name == "SERVFAIL"
    assert len({cost.work["signature checks"] for cost in lesson["fenced"][1:]}) == 1
    assert lesson["limited"].work["signature checks"] == 17


def test_a_trap_of_one_key_and_one_signature_is_judged_to_its_end(solved: dict[str, Any]) -> None:
    assert solved["limited"].rule == "signature-verifies" and solved["limited"].rcode.name == "SERVFAIL"


def test_a_signature_that_nobody_can_check_costs_nobody_anything(solved: dict[str, Any]) -> None:
    [row] = solved["table"].cases
    assert {row.ours.status, *(said.status for said in row.others.values())} == {"secure"}


@pytest.mark.parametrize(
    "knobs",
    [
        {"keys": 40, "signatures": 40, "ds": 40, "iterations": 500, "labels": 20},
        {"keys": 40, "signatures": 40},
        {"signatures": 40},
    ],
    ids=str,
)
def test_no_setting_of_the_meter_costs_more_than_a_few_dozen_checks_with_limits(knobs: dict[str, int]) -> None:
    assert cost_of(**knobs).work["signature checks"] < 40


def test_a_damaged_signature_beside_a_good_one_is_too_much_for_bind_alone(lesson: dict[str, Any]) -> None:
    [row] = lesson["table"].cases
    assert (row.ours.status, row.others["BIND"].status, row.others["Unbound"].status) == ("secure", "bogus", "secure")


def test_six_checks_are_enough_and_five_too_few(lesson: dict[str, Any], solved: dict[str, Any]) -> None:
    assert list(lesson["answers"].values()) == ["secure", "bogus", "bogus"]
    assert set(solved["answers"].values()) == {"secure"}
    five = play(NAME, {"trap-break-make": {"signature_checks=4": "signature_checks=5"}})
    assert "bogus" in five["answers"].values()


def test_deep_names_cost_a_product_of_hashes(lesson: dict[str, Any]) -> None:
    assert lesson["deep"].status.value == "secure"
    assert lesson["deep"].work["hash rounds"] == 22 * 151
    assert lesson["generous"].ede == 27 and lesson["generous"].work.get("NSEC3 hashes", 0) == 0
    assert max(rounds for _, rounds in lesson["curves"]["150 iterations"]) > lesson["most"] == 5000


def test_fewer_iterations_prove_the_same_for_fewer_rounds(solved: dict[str, Any]) -> None:
    assert cost_of(iterations=150, labels=20).work["hash rounds"] == 3322
    assert solved["generous"].status.value == "secure" and solved["generous"].work["hash rounds"] == 22


def test_without_colliding_keys_the_trap_is_a_line() -> None:
    for signatures in (10, 20):
        assert cost_of(signatures=signatures, limits=False).work["failed signature checks"] == 3 * signatures


def test_dearest_answer_that_is_still_given_is_three_thousand_rounds(solved: dict[str, Any]) -> None:
    assert "hash rounds" in solved["keytrap_meter"](iterations=150, labels=20).text
    assert "With limits: secure" in solved["keytrap_meter"](iterations=150, labels=20).text
    assert "insecure" in solved["keytrap_meter"](iterations=151, labels=20).text


def test_large_answers_amplify_and_truncation_takes_it_away(lesson: dict[str, Any]) -> None:
    assert lesson["unsigned"] < 2 * lesson["asked"] < 10 * lesson["asked"] < lesson["keys"]
    assert lesson["dear"] > 300 * lesson["asked"]
    assert lesson["sent"] <= 1232
    assert lesson["sent"] == lesson["asked"] - 4  # the question for the keys, whose name is shorter by "www."
    assert (lesson["keys"], lesson["sent"]) == (893, 41)


def test_more_keys_make_the_reply_larger_and_what_is_sent_no_larger(
    lesson: dict[str, Any], solved: dict[str, Any]
) -> None:
    assert solved["dear"] > 3 * lesson["dear"] and solved["sent"] == lesson["sent"]
