"""09_changing_keys: what its prose says is what its cells return, and its own solutions solve its tasks."""

from typing import Any

import pytest
from lessons import play, revealed

pytestmark = pytest.mark.notebook

NAME = "09_changing_keys.ipynb"
MENDED = """steps = [("remove the old DS", times.ds_forgotten), ("withdraw all keys and signatures", 0)]
stages = """
SOLUTIONS = {
    "keys-naive-make": {"ready = 0": "ready = 3600 + 300"},
    "keys-zsk-make": {
        '("publish the new key", 0)]': """
    ("publish the new key", 0), ("sign with both keys", times.keys_forgotten),
    ("sign with the new key only", 0), ("withdraw the old key", 0)]"""
    },
    "keys-ksk-make": {
        '("exchange the keys", 0), ("exchange the DS", 0)]': """
    ("publish the new key", 0), ("add the new DS", times.ds_forgotten),
    ("remove the old DS", 0), ("withdraw the old key", 0)]"""
    },
    "keys-alg-run": {"times)\nstages": "times)\nsteps = [steps[1], steps[0], *steps[2:]]\nstages"},
    "keys-zsk-modify-cell": {"wait = 0": "wait = 1800"},
    "keys-ksk-modify-cell": {"KSK double DS": "KSK double signature"},
    "keys-alg-make": {'plan("algorithm", times)': '[(step, 600) for step, _ in plan("algorithm", times)]'},
    "keys-cds-modify": {"wanted = [new_ksk]": "wanted = [old_ksk, new_ksk]"},
    "keys-cds-make": {
        "last = half": "last = poll(ask_parent(half, bank, new_ksk, published=[new_ksk, old_zsk]), bank).world"
    },
    "keys-leave-run": {'signatures", 3600)': 'signatures", 0)'},
    "keys-leave-make": {"stages = ": MENDED},
    "keys-root-modify": {"old.ds())": "old.ds(), fresh.ds())"},
    "keys-root-make": {"any(seen)": "len(seen) >= 30 and all(seen[-30:])"},
}
MAKES = ("keys-naive-make", "keys-zsk-make", "keys-ksk-make", "keys-cds-make", "keys-root-make")


def test_every_prediction_offers_what_happens(lesson: dict[str, Any]) -> None:
    assert {name: it_was for name, (it_was, choices) in revealed(lesson).items() if it_was in choices} == {
        "naive": "all eight, for a while",
        "calm": "none",
        "in_step": "about a day",
        "how_long": "a bit more than a day",
        "careful": "refuses",
        "leave": "an error for about a day",
    }


@pytest.mark.parametrize("cell", MAKES)
def test_task_says_when_it_is_solved(cell: str, lesson: dict[str, Any], solved: dict[str, Any]) -> None:
    assert lesson[cell].startswith("Not yet")
    assert solved[cell].splitlines()[-1] == "Done."


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


def test_our_resolvers_do_not_mind_a_key_before_its_signatures(solved: dict[str, Any]) -> None:
    assert solved["keys-alg-run"].splitlines()[:2] == [
        "  +0 h 00  publish the new key",
        "  +1 h 05  sign with both keys",
    ]
    assert "None of 4" in solved["keys-alg-run"]


def test_cds_looks_as_a_ds_and_names_another_key(lesson: dict[str, Any]) -> None:
    asking = lesson["ask_parent"](lesson["world"], "bank.example", lesson["new_ksk"])
    (wish,), (truth,) = (asking.truth("bank.example", rdtype) for rdtype in ("CDS", "DS"))
    assert wish.key_tag == lesson["new_ksk"].tag and truth.key_tag == lesson["old_ksk"].tag
    assert len(str(wish).split(" ")) == len(str(truth).split(" ")) == 4


def test_parent_follows_when_the_key_is_there(lesson: dict[str, Any], solved: dict[str, Any]) -> None:
    assert "none of its keys would be reached" in lesson["keys-cds-run"]
    assert "now names" in lesson["keys-cds-modify"] and lesson["keys-cds-modify"].count(" IN DS ") == 1
    assert solved["keys-cds-modify"].count(" IN DS ") == 2
    nothing = play(NAME, {"keys-cds-modify": {"wanted = [new_ksk]": "wanted = []"}})
    assert "no DS any more" in nothing["keys-cds-modify"]


def test_outage_ends_when_the_remembered_ds_does_and_not_when_the_parent_removes_it(
    lesson: dict[str, Any], solved: dict[str, Any]
) -> None:
    later = play(NAME, {"keys-leave-run": {'signatures", 3600)': 'signatures", 12 * 3600)'}})
    lines = [names["keys-leave-run"].splitlines() for names in (lesson, solved, later)]
    assert [each[1].split()[:3] for each in lines] == [["+1", "h", "00"], ["+0", "h", "00"], ["+12", "h", "00"]]
    assert len({tuple(each[2:]) for each in lines}) == 1 and "took 22 h" in lines[0][3]


def test_leaving_is_mended_by_the_other_order(lesson: dict[str, Any], solved: dict[str, Any]) -> None:
    assert "went dark" in lesson["keys-leave-make"]
    assert "None of 8" in solved["keys-leave-make"]
    assert "insecure" in solved["keys-leave-make"] and "bogus" not in solved["keys-leave-make"]


def test_stale_anchor_darkens_everything_and_revoking_adds_128(lesson: dict[str, Any], solved: dict[str, Any]) -> None:
    assert lesson["keys-root-run"].startswith("bogus")
    stale = lesson["Network"](lesson["after"], clock=lesson["Clock"](lesson["after"].now)).resolver()
    assert stale.resolve("www.foundry81.com", "A").chain.diagnosis.rule == "ds-tag-matches"
    assert (lesson["keys-root-modify"], solved["keys-root-modify"]) == ("bogus\n", "secure\n")
    assert lesson["keys-root-tag"].splitlines()[-1].split()[-1] == "128"
