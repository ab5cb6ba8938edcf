"""09_changing_keys: what its prose says is what its cells return, and its own solutions solve its tasks."""

from typing import Any

import pytest
from lessons import play, revealed

pytestmark = pytest.mark.notebook

NAME = "09_changing_keys.ipynb"
MENDED = """steps = [("remove the old DS", times.ds_forgotten), ("withdraw all keys and signatures", 0)]
stages = """
SOLUTIONS = {
    "keys-zsk-modify-cell": {"wait = 0": "wait = 1800"},
    "keys-ksk-modify-cell": {"KSK double DS": "KSK double signature"},
    "keys-alg-make": {'plan("algorithm", times)': '[(step, 600) for step, _ in plan("algorithm", times)]'},
    "keys-cds-modify": {"wanted = [new_ksk]": "wanted = [old_ksk, new_ksk]"},
    "keys-leave-make": {"stages = ": MENDED},
    "keys-root-modify": {"old.ds())": "old.ds(), fresh.ds())"},
}


def test_every_prediction_offers_what_happens(lesson: dict[str, Any]) -> None:
    assert {name: it_was for name, (it_was, choices) in revealed(lesson).items() if it_was in choices} == {
        "naive": "all eight, for a while",
        "calm": "none",
        "in_step": "about a day",
        "careful": "refuses",
        "leave": "an error for about a day",
    }


def test_times_are_an_hour_an_hour_and_a_day(lesson: dict[str, Any]) -> None:
    assert [line.split()[-3:] for line in lesson["keys-timing"].splitlines()[:3]] == [
        ["+1", "h", "00"], ["+1", "h", "00"], ["+24", "h", "00"],
    ]  # fmt: skip


def test_hurried_keys_fail_for_the_reason_that_the_text_names(lesson: dict[str, Any]) -> None:
    assert lesson["keys-naive-run"].splitlines()[-1] == "Failed: key-found."
    assert lesson["keys-ksk-run"].splitlines()[-1] == "Failed: ds-tag-matches."


def test_whoever_looks_more_often_sees_almost_the_whole_ttl_of_the_keys() -> None:
    longest = play(NAME, {"keys-naive-run": {"every=900": "every=120"}})["keys-naive-run"].split("took ")[1]
    assert longest.startswith("0 h 5")


def test_first_wait_matters_and_a_shorter_one_may_be_lucky(lesson: dict[str, Any], solved: dict[str, Any]) -> None:
    assert "8 of 8 resolvers went dark" in lesson["keys-zsk-modify-cell"]
    assert "None of 8 resolvers" in solved["keys-zsk-modify-cell"]


def test_both_ksk_plans_and_the_algorithms_plan_darken_nobody(lesson: dict[str, Any], solved: dict[str, Any]) -> None:
    for names, cell in ((lesson, "keys-ksk-modify-cell"), (solved, "keys-ksk-modify-cell"), (lesson, "keys-alg-run")):
        assert "None of" in names[cell]


def test_hurried_algorithm_fails(solved: dict[str, Any]) -> None:
    assert "Failed: " in solved["keys-alg-make-run"]


def test_signatures_of_the_new_algorithm_come_before_the_key(lesson: dict[str, Any]) -> None:
    roll, plan, times, world = (lesson[name] for name in ("roll", "plan", "times", "world"))
    new = {key.tag for key in lesson["new"]}
    first = roll(world, "bank.example", plan("algorithm", times), lesson["new"])[1].publication
    assert new & {key.tag for key in first.signing} and not new & {key.tag for key in first.published}


def test_parent_follows_when_the_key_is_there(lesson: dict[str, Any], solved: dict[str, Any]) -> None:
    assert "none of its keys would be reached" in lesson["keys-cds-run"]
    assert "now names" in lesson["keys-cds-modify"] and lesson["keys-cds-modify"].count(" IN DS ") == 1
    assert solved["keys-cds-modify"].count(" IN DS ") == 2
    nothing = play(NAME, {"keys-cds-modify": {"wanted = [new_ksk]": "wanted = []"}})
    assert "no DS any more" in nothing["keys-cds-modify"]


def test_leaving_is_mended_by_the_other_order(lesson: dict[str, Any], solved: dict[str, Any]) -> None:
    assert "went dark" in lesson["keys-leave-make"]
    assert "None of 8" in solved["keys-leave-make"]
    assert "insecure" in solved["keys-leave-make"] and "bogus" not in solved["keys-leave-make"]


def test_stale_anchor_darkens_everything_and_revoking_adds_128(lesson: dict[str, Any], solved: dict[str, Any]) -> None:
    assert lesson["keys-root-run"].startswith("bogus")
    assert (lesson["keys-root-modify"], solved["keys-root-modify"]) == ("bogus\n", "secure\n")
    assert lesson["keys-root-tag"].splitlines()[-1].split()[-1] == "128"
