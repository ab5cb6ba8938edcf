"""02_forging_a_response: what its prose says holds for any seed, and its own solutions solve its tasks."""

from dataclasses import replace
from random import Random
from typing import Any

import committed
import pytest
from lessons import revealed

from dnsseclab.attacker import odds
from dnsseclab.attacker.off_path import Race, Volley, forge_answer
from dnsseclab.internet import AS_IN_2008, Scene, Setup, attack, forgeries
from dnsseclab.protocol.messages import Endpoint, question
from dnsseclab.protocol.story import Outcome
from dnsseclab.resolver.accepting import Defences, Secrets

pytestmark = pytest.mark.notebook

NAME = "02_forging_a_response.ipynb"
PAIR = "for %s in (False, True)"
SIXTEEN = "[(a, b, c, d) " + " ".join(PAIR % letter for letter in "abcd") + "]"
SOLUTIONS = {
    "forging-luck-modify": {"10053": "10054"},
    "forging-foundry-make": {
        "www.bank.example": "www.foundry81.com",
        '"192.0.2.21"': '"192.0.2.81"',
        "48213": "0xAB33",
    },
    "forging-race-run": {"Volley(forgery))": "Volley(forgery), keeps_busy=0.5)"},
    "forging-line-make": {"165_000": "8_192_000"},
    "forging-odds-measure": {"races, seed = 40, 1": "races, seed = 10, 3"},
    "forging-races-make": {"my_races = 40": "my_races = 1875"},
    "forging-bill": {"rate = 7000": "rate = 10_000_000"},
    "forging-year-make": {"my.bank": "www.my-bank.example"},
    "forging-sixteen-make": {"[(True, True, True, True)]": SIXTEEN},
}
WWW = question("www.bank.example", "A")
FORGERY = forge_answer(WWW, server="192.0.2.21", resolver=Endpoint("192.0.2.53", 10053))
BANK, ATTACKER = "192.0.2.20", "203.0.113.66"
SEEDS = range(8)
ALWAYS = 1 - 1e-9  # the share of measurements that a range has to hold, so that no seed makes a test fail


def race(seed: int, *, met_before: bool = True, cookies: bool = False, **how: Any) -> Outcome:
    """Race as the lesson does, with any seed."""
    defences = Defences(random_port=False, cookies=cookies)
    calm = {"attack": "none", "signed": False, "connected": False, "validating": False}
    scene = Scene(Setup(**calm, seed=seed, defences=defences))
    if met_before:
        scene.resolver.resolve("mail.bank.example", "A")
    keeps_busy = how.pop("keeps_busy", 0.0)
    scene.network.launch(Race(WWW, Volley(FORGERY, **how), keeps_busy))
    return scene.resolver.resolve(*WWW)


def sent_to(outcome: Outcome) -> str:
    return str(outcome.message.answer[0][0])


def forged_in_time(outcome: Outcome) -> int:
    _, *events, last = outcome.story
    return sum(event.count for event in events) + (sent_to(outcome) == ATTACKER) * last.count


def again(lesson: dict[str, Any], old: str, new: str, *cells: str) -> dict[str, Any]:
    """Run some cells once more with something changed, and return the names that there are afterwards."""
    sources = {each.id: each.source for each in committed.notebook(f"notebooks/{NAME}").cells}
    source = "\n".join(sources[cell] for cell in cells)
    assert old in source, f"{cells} do not say {old!r} any more"
    names = dict(lesson)
    exec(source.replace(old, new), names)
    return names


def test_every_prediction_offers_what_happens(lesson: dict[str, Any]) -> None:
    happened = revealed(lesson)
    assert len(happened) == 11
    assert [name for name, (it_was, choices) in happened.items() if it_was not in choices] == []


def test_real_and_forged_reply_differ_in_the_address_only(lesson: dict[str, Any]) -> None:
    real, forged = lesson["real"], lesson["forged"]
    assert len(real) == len(forged) == 50
    assert real[:-4] == forged[:-4]
    assert (real[-4:], forged[-4:]) == (bytes([192, 0, 2, 20]), bytes([203, 0, 113, 66]))
    assert real[-3] == forged[-3] == 0, "the explanation says that the second byte is the same"


def test_luck_is_believed_and_the_real_reply_comes_too_late(lesson: dict[str, Any]) -> None:
    assert ATTACKER in lesson["forging-luck-reveal"]
    assert [getattr(event.fate, "reason", None) for event in lesson["story"]] == [None, None, "too late"]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('"192.0.2.21"', '"192.0.2.22"', "wrong address"),
        ("10053", "10054", "wrong port"),
        ('"www.bank', '"ww.bank', "wrong question"),
    ],
)
def test_each_wrong_detail_has_a_reason_of_its_own(
    lesson: dict[str, Any], capsys: pytest.CaptureFixture[str], old: str, new: str, reason: str
) -> None:
    again(lesson, old, new, "forging-luck-modify")
    assert capsys.readouterr().out.splitlines() == ["Asked", reason, "Believed"]


def test_window_lets_a_few_thousand_through_whatever_the_seed() -> None:
    for seed in SEEDS:
        outcome = race(seed)
        won, arrived = sent_to(outcome) == ATTACKER, forged_in_time(outcome)
        assert 1320 <= arrived <= 3961 or won
        assert arrived <= 3961


@pytest.mark.parametrize(("first_id", "before_it", "page"), [(0, 1774, BANK), (6_000, 976, ATTACKER)])
def test_whether_the_right_id_is_in_time_depends_on_where_one_begins(
    lesson: dict[str, Any], first_id: int, before_it: int, page: str
) -> None:
    outcome = again(lesson, "Volley(forgery)", f"Volley(forgery, {first_id})", "forging-race-run")["outcome"]
    asked, volley, last = outcome.story
    assert int.from_bytes(asked.datagram.payload[:2], "big") == 6976
    assert (volley.count, sent_to(outcome)) == (before_it, page)
    assert (last.at - asked.at) * 1000 == pytest.approx(11 if page == BANK else 6, abs=0.5)
    assert 6976 / 165_000 * 1000 == pytest.approx(42, abs=0.5)


def test_sweep_against_a_busy_server_always_wins_and_half_a_sweep_wins_half_of_the_races() -> None:
    assert {sent_to(race(seed, keeps_busy=0.5)) for seed in SEEDS} == {ATTACKER}
    half = [race(seed, keeps_busy=0.2) for seed in range(40)]
    lost = [outcome for outcome in half if sent_to(outcome) == BANK]
    assert all(34_000 <= forged_in_time(outcome) <= 37_000 for outcome in lost)
    fewest, _ = odds.wins_to_expect(34_000 / 65_536, 40, ALWAYS)
    _, most = odds.wins_to_expect(37_000 / 65_536, 40, ALWAYS)
    assert fewest <= 40 - len(lost) <= most


def test_random_port_makes_the_theatres_sweep_miss_the_port() -> None:
    quiet = {"signed": False, "connected": False, "validating": False}
    results = [attack(seed=seed, defences=replace(AS_IN_2008, random_port=True), **quiet) for seed in SEEDS]
    assert {result.opened for result in results} == {"bank"}
    assert {reason for result in results for reason in forgeries(result).reasons} == {"wrong port"}
    assert attack(attack="blind-sweep", seed=1, **quiet).opened == "attacker"


def test_fast_line_wins_whatever_the_seed() -> None:
    assert {sent_to(race(seed, rate=8_192_000)) for seed in SEEDS} == {ATTACKER}


def test_lazy_attacker_tries_as_many_ids_as_the_formula_says(lesson: dict[str, Any]) -> None:
    """The number of IDs that dice hit strays by some 80, the root of N/e - 2N/e²; six times that never happens."""
    expected = 65_536 * odds.chance_of_repeated_guesses(65_536, odds.IDS)
    assert len(lesson["tried"]) == pytest.approx(expected, abs=6 * 80)


@pytest.mark.parametrize("seed", (1, 2))
def test_real_packets_win_as_often_as_the_binomial_distribution_allows(lesson: dict[str, Any], seed: int) -> None:
    wins = again(lesson, "races, seed = 40, 1", f"races, seed = 40, {seed}", "forging-odds-measure")["wins"]
    for guesses, won in wins.items():
        fewest, most = odds.wins_to_expect(guesses / 65_536, 40, ALWAYS)
        assert fewest <= won <= most, f"{guesses} guesses won {won} of 40 races"


def test_exactly_one_of_all_ids_fits(lesson: dict[str, Any]) -> None:
    assert len(lesson["volley"]) == 65_536
    for seed in SEEDS:
        awaited = Secrets("192.0.2.53", Random(seed), Defences(random_port=False)).make_query(WWW, "192.0.2.21")
        assert sum(awaited.refuse(datagram) is None for datagram in lesson["volley"]) == 1


def test_words_about_the_binomial_distribution_are_true(lesson: dict[str, Any], solved: dict[str, Any]) -> None:
    assert 40 * odds.standard_deviation(1 / 4, 40) == pytest.approx(2.7, abs=0.05)
    assert odds.wins_to_expect(1 / 4, 40)[1] >= 14, "the quiz says that 14 is within the range"
    assert 1 - 0.95**5 == pytest.approx(0.23, abs=0.005)
    widths = [[high - low for _, low, high in each["ranges"]] for each in (lesson, solved)]  # 40 and 10 races
    assert sum(widths[1]) / sum(widths[0]) == pytest.approx(2, rel=0.15)


def test_bill_is_as_told(lesson: dict[str, Any], solved: dict[str, Any]) -> None:
    _, port, case, cookie = lesson["bill"].values()
    years = {rate: odds.seconds_to_win(rate, 0.1, case, pause=0.1) / 31_536_000 for rate in (165_000, 10_000_000)}
    assert years[165_000] == pytest.approx(9.2, abs=0.1)
    assert years[10_000_000] * 365 == pytest.approx(56, abs=1)
    assert 3600 < odds.seconds_to_win(165_000, 0.1, port, pause=0.1) < 6 * 3600
    assert odds.bits(cookie) == pytest.approx(110, abs=0.05)
    assert "6 seconds" in lesson["forging-bill"] and "418,647 seconds" in lesson["forging-bill"]


def test_right_id_in_plain_letters_falls_to_the_case(lesson: dict[str, Any]) -> None:
    refused = [lesson["capitalized"].refuse(datagram) for datagram in lesson["forgery"].with_ids()]
    assert [str(each.reason) for each in refused if each and each.reason != "wrong ID"] == ["wrong case"]
    assert lesson["letters"] == 14


def test_cookies_protect_from_the_second_meeting_on_whatever_the_seed(lesson: dict[str, Any]) -> None:
    how = {"cookies": True, "after": 0.06, "keeps_busy": 0.5}
    assert {sent_to(race(seed, met_before=False, **how)) for seed in SEEDS} == {ATTACKER}
    assert {sent_to(race(seed, met_before=True, **how)) for seed in SEEDS} == {BANK}
    assert lesson["sent_to"] == [ATTACKER, BANK]


@pytest.mark.parametrize("seed", (3, 4))
def test_router_undoes_random_ports_whatever_the_seed(lesson: dict[str, Any], seed: int) -> None:
    names = again(lesson, "seed=3", f"seed={seed}", "forging-router", "forging-router-run")
    assert sent_to(names["outcome"]) == ATTACKER
    assert len(set(names["inside_ports"])) > 1
    straight = names["scene"].network.resolver(validating=False, defences=Defences(random_port=True))
    names["scene"].network.launch(names["race"])
    assert sent_to(straight.resolve(*WWW)) == BANK, "without the router random ports do protect"


def test_other_port_of_the_router_helps_only_until_the_attacker_knows_it(lesson: dict[str, Any]) -> None:
    cells = ("forging-router", "forging-router-run")
    for forgery, page in ((FORGERY, BANK), (FORGERY.to_port(10054), ATTACKER)):
        names = again({**lesson, "forgery": forgery}, '"192.0.2.53", 10053', '"192.0.2.53", 10054', *cells)
        assert sent_to(names["outcome"]) == page


def test_attacker_on_the_path_needs_one_packet_and_copies_every_secret(lesson: dict[str, Any]) -> None:
    asked, lie = lesson["to_the_bank"][-1], lesson["lie"]
    parse = lesson["parse"]
    question_asked, forged = parse(asked.payload), parse(lie.payload)
    assert revealed(lesson)["on_the_path"][0] == "1"
    assert (lie.source, lie.destination) == (asked.destination, asked.source)
    assert forged.id == question_asked.id
    spelled = question_asked.question[0].name.to_text()
    assert forged.question[0].name.to_text() == spelled != spelled.lower()
    assert forged.options[0].client == question_asked.options[0].client


def test_tasks_are_unsolved_at_first(lesson: dict[str, Any]) -> None:
    assert "192.0.2.80" in lesson["forging-foundry-make"]
    for task in ("line", "races", "year", "sixteen"):
        assert "Not yet" in lesson[f"forging-{task}-make"]


def test_its_solutions_solve_its_tasks(solved: dict[str, Any]) -> None:
    assert f"sent to {ATTACKER}" in solved["forging-foundry-make"]
    assert f"sent to {ATTACKER}" in solved["forging-race-run"] and f"sent to {ATTACKER}" in solved["forging-line-make"]
    for task in ("line", "races", "year", "sixteen"):
        assert "Done." in solved[f"forging-{task}-make"]
    assert '"the attacker\'s page": 16' in solved["forging-sixteen-make"]
