"""03_poisoning_the_cache: what its prose says is what its cells return, and its own solutions solve its tasks."""

from typing import Any

import pytest
from lessons import play, revealed

pytestmark = pytest.mark.notebook

NAME = "03_poisoning_the_cache.ipynb"
TAKEOVER = """smuggled = [
    ("authority", dns.rrset.from_text("foundry81.com.", 86_400, "IN", "NS", "ns.foundry81.com.")),
    ("additional", dns.rrset.from_text("ns.foundry81.com.", 86_400, "IN", "A", "203.0.113.66")),
]
first_try = ["""
WITH_MAIL = 'forged_second.replace(ip_address("192.0.2.25").packed, false_address)'
SOLUTIONS = {
    "poison-heal": {"# your line here": "scene.resolver.cache.clear()"},
    "poison-odds-make-cell": {"my_ttl = 3600": "my_ttl = 165_000"},
    "poison-kaminsky-make-cell": {"packets = 7000": "packets = 34_000"},
    "poison-authority-run": {"check = False": "check = True"},
    "poison-ranking-make": {'impersonated_zone = "bank.example"': 'impersonated_zone = "example"'},
    "poison-fragments-run": {"(1400 - 20) // 8 * 8 - 8": "1472"},
    "poison-fragments-make": {"more = forged_second": f"more = {WITH_MAIL}"},
    "poison-make-records": {"www.foundry81.com": "1a2b3c4d.foundry81.com", "smuggled = [": TAKEOVER},
}


def test_every_prediction_offers_what_happens(lesson: dict[str, Any]) -> None:
    happened = revealed(lesson)
    assert len(happened) == 10
    assert [name for name, (it_was, choices) in happened.items() if it_was not in choices] == []


def test_one_forged_reply_is_enough_for_all_three_visitors(lesson: dict[str, Any]) -> None:
    assert revealed(lesson)["believed"][0] == "1"
    assert [visit.address for visit in lesson["visits"].values()] == ["203.0.113.66"] * 3
    assert "192.0.2.20" in lesson["poison-cache-truth"]


def test_poison_outlives_the_attack_by_its_ttl(lesson: dict[str, Any]) -> None:
    pages = [line.partition(": ")[2] for line in lesson["poison-expiry-run"].splitlines()]
    assert pages == ["the attacker's page"] * 6 + ["the bank"] * 2


def test_resolver_cuts_thirty_days_to_seven(lesson: dict[str, Any]) -> None:
    assert "7 d\n" in lesson["poison-ttl-modify"]
    assert "7 days" in lesson["poison-ttl-modify"]


def test_lost_race_leaves_nothing_to_answer(lesson: dict[str, Any]) -> None:
    assert lesson["poison-patience-lost"].startswith("answered from the cache: True")
    assert "192.0.2.20" in lesson["poison-patience-lost"]


@pytest.mark.parametrize(("minutes", "page"), [(0, "the bank"), (59, "the bank"), (60, "the attacker's page")])
def test_second_race_begins_when_the_ttl_of_the_true_answer_has_run_out(minutes: int, page: str) -> None:
    names = play(NAME, {"poison-patience-modify": {"minutes = 30": f"minutes = {minutes}"}})
    assert names["poison-patience-modify"] == f"After {minutes} minutes: {page}\n"


def test_kaminsky_needs_several_races_and_takes_every_name(lesson: dict[str, Any]) -> None:
    assert len(lesson["races"]) > 1
    assert lesson["poison-kaminsky-names"].count("203.0.113.66") == 3


def test_odds_are_those_of_rfc_5452(lesson: dict[str, Any]) -> None:
    """Its section 8 says one in two within a week; 8.1 seven seconds with one port, and about 116 hours with all."""
    _, one_port, _, all_ports = lesson["poison-kaminsky-odds"].splitlines()
    assert 6 < lesson["days"] < 7.5
    assert one_port.endswith(" 6.5 s")
    assert float(all_ports.split()[-2].replace(",", "")) / 3600 == pytest.approx(116, abs=1)


def test_bailiwick_stops_smuggling(lesson: dict[str, Any], solved: dict[str, Any]) -> None:
    off, _, on, _ = lesson["poison-extra-run"].splitlines()
    assert off.endswith("the attacker's page") and on.endswith("the bank")
    assert lesson["poison-authority-run"].startswith("The browser opens: the attacker's page")
    assert solved["poison-authority-run"].startswith("The browser opens: the bank")


def test_forged_name_servers_outrank_those_of_the_parent(lesson: dict[str, Any]) -> None:
    assert (lesson["before"].rank.name, lesson["after"].rank.name) == ("ADDITIONAL", "AUTHORITY")


def test_first_fragment_begins_with_id_and_question_and_the_second_is_the_same_for_everybody(
    lesson: dict[str, Any],
) -> None:
    first, second = lesson["first"], lesson["second"]
    assert (first[:2].hex(), first[2] & 0x80, first[12:17]) == ("bc55", 0x80, b"\x04bank")
    attackers = lesson["make_query"]("bank.example", "ANY", id=1, dnssec_ok=True, edns_payload=4096)
    reply = lesson["to_bytes"](lesson["answer"]([lesson["world"].zone("bank.example")], attackers))
    assert reply[: len(first)] != first and reply[len(first) :] == second


def test_forged_second_fragment_passes_the_accept_check(lesson: dict[str, Any], solved: dict[str, Any]) -> None:
    assert lesson["poison-fragments-check"] == "refused because of: None\n"
    assert "places where it stands: 1" in lesson["poison-fragments-forge"]
    assert "places where it stands: 0" in solved["poison-fragments-forge"]  # the cut lies elsewhere


def test_tasks_are_unsolved_at_first(lesson: dict[str, Any]) -> None:
    assert lesson["poison-heal"] == "the attacker's page\n"
    assert "too soon" in lesson["poison-odds-make-cell"]
    assert "mail.bank.example. 3600 IN A 192.0.2.25" in lesson["poison-fragments-make"]
    assert lesson["poison-make-attack"] == "The race took place: False\n"
    assert lesson["poison-make-check"] == "After twelve hours mail goes to 192.0.2.82\n"


def test_its_solutions_solve_its_tasks(solved: dict[str, Any]) -> None:
    assert solved["poison-heal"] == "the bank\n"
    assert "long enough" in solved["poison-odds-make-cell"]
    assert solved["poison-kaminsky-make-cell"].startswith("23.9 hours at 21.8 Mbit/s")
    assert "mail.bank.example. 3600 IN A 203.0.113.66" in solved["poison-fragments-make"]
    assert solved["poison-make-attack"] == "The race took place: True\n"
    assert solved["poison-make-check"] == "After twelve hours mail goes to 203.0.113.66\n"
