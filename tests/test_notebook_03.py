"""03_poisoning_the_cache: what its prose says is what its cells return, and its own solutions solve its tasks."""

from typing import Any

import pytest
from lessons import play, revealed

pytestmark = pytest.mark.notebook

NAME = "03_poisoning_the_cache.ipynb"
BOTH_DONE = "The race took place: True\nAfter twelve hours mail goes to the attacker: True\n"
FIRST_TRY = """("additional", dns.rrset.from_text("mail.foundry81.com.", 3600, "IN", "A", "203.0.113.66")),"""
TAKEOVER = """
    ("authority", dns.rrset.from_text("foundry81.com.", 86_400, "IN", "NS", "ns.foundry81.com.")),
    ("additional", dns.rrset.from_text("ns.foundry81.com.", 86_400, "IN", "A", "203.0.113.66")),
"""


@pytest.fixture(scope="module")
def lesson() -> dict[str, Any]:
    return play(NAME)


def test_every_prediction_offers_what_happens(lesson: dict[str, Any]) -> None:
    happened = revealed(lesson)
    assert len(happened) == 10
    assert [name for name, (it_was, choices) in happened.items() if it_was not in choices] == []


def test_one_forged_reply_is_enough_for_all_three_visitors(lesson: dict[str, Any]) -> None:
    assert revealed(lesson)["believed"][0] == "1"
    assert lesson["poison-cache-run"].count("the attacker's page") == 4  # the attack's victim, Ada, Ben, Cleo
    assert "192.0.2.20" in lesson["poison-cache-truth"]


def test_poison_outlives_the_attack_by_its_ttl(lesson: dict[str, Any]) -> None:
    pages = [line.partition(": ")[2] for line in lesson["poison-expiry-run"].splitlines()]
    assert pages == ["the attacker's page"] * 6 + ["the bank"] * 2


def test_resolver_cuts_thirty_days_to_seven(lesson: dict[str, Any]) -> None:
    assert "604,800 s" in lesson["poison-ttl-modify"] or "7 days" in lesson["poison-ttl-modify"]


def test_lost_race_leaves_nothing_to_answer(lesson: dict[str, Any]) -> None:
    assert lesson["poison-patience-lost"].startswith("answered from the cache: True")
    assert "192.0.2.20" in lesson["poison-patience-lost"]


def test_kaminsky_needs_several_races_and_takes_every_name(lesson: dict[str, Any]) -> None:
    assert len(lesson["races"]) > 1
    assert lesson["poison-kaminsky-names"].count("203.0.113.66") == 3


def test_odds_are_those_of_rfc_5452(lesson: dict[str, Any]) -> None:
    """Its section 8 says half in a week; 8.1 says seven seconds with one port, about 116 hours with all."""
    one_port, all_ports = lesson["poison-kaminsky-odds"].splitlines()
    assert 6 < lesson["days"] < 7.5
    assert "6.5 seconds" in one_port
    assert "418,6" in all_ports and "seconds" in all_ports


def test_bailiwick_decides_both_smuggling_attacks_and_not_kaminskys(lesson: dict[str, Any]) -> None:
    off, on = lesson["poison-extra-run"].splitlines()
    assert off.startswith("bailiwick check off: the attacker's page")
    assert on.startswith("bailiwick check on: the bank")
    assert lesson["poison-authority-run"].startswith("The browser opens: the attacker's page")
    checked = play(NAME, {"poison-authority-run": {"check = False": "check = True"}})
    assert checked["poison-authority-run"].startswith("The browser opens: the bank")
    assert lesson["after"].rank > lesson["before"].rank


def test_forged_second_fragment_passes_the_accept_check(lesson: dict[str, Any]) -> None:
    assert lesson["poison-fragments-check"] == "refused because of: None\n"
    assert "places where it stands: 1" in lesson["poison-fragments-forge"]
    later = play(NAME, {"poison-fragments-run": {"(1400 - 20) // 8 * 8 - 8": "1472"}})
    assert "places where it stands: 0" in later["poison-fragments-forge"]
    assert b"\xc0\x00\x02\x19" in later["second"]  # the mail server's address


def test_its_solutions_solve_its_tasks(lesson: dict[str, Any]) -> None:
    assert "True" not in lesson["poison-make-check"]  # the first try fails in both ways
    assert "too soon" in lesson["poison-odds-make-cell"]
    assert lesson["poison-heal"] == "the attacker's page\n"
    solved = play(
        NAME,
        {
            "poison-heal": {"# your line here": "scene.resolver.cache.clear()"},
            "poison-odds-make-cell": {"my_ttl = 3600": "my_ttl = 165_000"},
            "poison-fragments-make": {
                "forged_second  #": 'forged_second.replace(ip_address("192.0.2.25").packed, false_address)  #'
            },
            "poison-make-records": {"www.foundry81.com": "1a2b3c4d.foundry81.com", FIRST_TRY: TAKEOVER},
        },
    )
    assert solved["poison-heal"] == "the bank\n"
    assert "long enough" in solved["poison-odds-make-cell"]
    assert "mail.bank.example. 3600 IN A 203.0.113.66" in solved["poison-fragments-make"]
    assert solved["poison-make-check"] == BOTH_DONE
