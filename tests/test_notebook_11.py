"""11_attacking_the_validator: what its prose says is what its cells return, and its own solutions solve its tasks."""

import re
from typing import Any

import pytest
from lessons import play, revealed

from dnsseclab.internet.costs import TRAP, ZONE, cost_of, dear_world

pytestmark = pytest.mark.notebook

NAME = "11_attacking_the_validator.ipynb"
SOLUTIONS = {
    "trap-ds": {"ds=20": "ds=40"},
    "trap-break-make": {"signature_checks=4": "signature_checks=6"},
    "trap-meter-show": {"keys=10, signatures=10": "iterations=150, labels=20"},
}


def test_every_prediction_offers_what_happens(lesson: dict[str, Any]) -> None:
    assert {name: it_was for name, (it_was, choices) in revealed(lesson).items() if it_was in choices} == {
        "tries": "a dozen or two",
        "checks": "more than 1,000",
        "stopped": "SERVFAIL",
        "damaged": "bogus",
        "rounds": "about 3,300",
        "old": "insecure",
        "gain": "several 100 times as much",
    }


def test_five_different_keys_share_one_tag_and_differ_in_their_flags(lesson: dict[str, Any]) -> None:
    assert {key.tag for key in lesson["five"]} == {4711}
    assert len({key.dnskey.key for key in lesson["five"]}) == len({key.dnskey.flags for key in lesson["five"]}) == 5
    assert 5 <= lesson["made"] <= 40


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


def test_dearest_answer_that_is_still_given_is_three_thousand_rounds(solved: dict[str, Any]) -> None:
    assert "hash rounds" in solved["keytrap_meter"](iterations=150, labels=20).text
    assert "With limits: secure" in solved["keytrap_meter"](iterations=150, labels=20).text
    assert "insecure" in solved["keytrap_meter"](iterations=151, labels=20).text


def test_large_answers_amplify_and_truncation_takes_it_away(lesson: dict[str, Any]) -> None:
    assert lesson["unsigned"] < 2 * lesson["asked"] < 10 * lesson["asked"] < lesson["keys"]
    assert lesson["dear"] > 300 * lesson["asked"]
    assert lesson["sent"] <= 1232
