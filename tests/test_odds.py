"""The odds of forging, judged by the numbers that RFC 5452 prints and by dice."""

from random import Random

import pytest

from dnsseclab.attacker import odds
from dnsseclab.protocol.names import LabError, to_name

DAY, WEEK = 86_400, 7 * 86_400
AVERAGE_SERVERS = 2.5  # RFC 5452 §7.1
WINDOW = 0.1  # seconds, RFC 5452 §7.1
FAST = 7_000  # packets per second, "4.5 Mbit/s" in RFC 5452 §8


def test_the_default_denominator_of_rfc_5452_is_1638400():
    space = odds.guesses_needed(servers=AVERAGE_SERVERS)
    assert space / WINDOW == pytest.approx(1_638_400)  # RFC 5452 §7.2


@pytest.mark.parametrize(
    ("ttl", "seconds", "printed"),
    [(3600, DAY, 0.0977), (3600, WEEK, 0.513), (60, 24 * 60, 0.10), (60, 3 * 3600, 0.54), (60, 9 * 3600, 0.901)],
)
def test_chance_after_some_time_is_what_rfc_5452_section_8_prints(ttl, seconds, printed):
    one = odds.chance_of_one_race(FAST, WINDOW, odds.guesses_needed(servers=AVERAGE_SERVERS))
    assert odds.chance_of_many_races(one, seconds / ttl) == pytest.approx(printed, abs=0.005)


@pytest.mark.parametrize(
    ("servers", "ports", "printed"),
    # RFC 5452 §8.1 prints 7 seconds and 116 hours; only one server gives that, 2.5 give 16 seconds and 288 hours.
    [(1, 1, 6.5), (1, 64_000, 115.4 * 3600), (2.5, 1, 16.2), (2.5, 64_000, 288 * 3600)],
)
def test_time_to_win_without_a_ttl_is_what_rfc_5452_section_8_1_prints(servers, ports, printed):
    space = odds.guesses_needed(servers=servers, ports=ports)
    assert odds.seconds_to_win(FAST, WINDOW, space, pause=WINDOW) == pytest.approx(printed, rel=0.01)


def test_a_fixed_port_and_two_servers_take_650_000_packets_per_second_for_an_even_chance():
    space = odds.guesses_needed(servers=2)
    assert odds.chance_of_one_race(650_000, 0.1, space) == pytest.approx(0.5, abs=0.005)  # RFC 5452 §7
    assert 650_000 * 80 * 8 == 416_000_000  # bits per second, as printed there


def test_trying_every_number_once_is_certain_and_throwing_dice_as_often_is_not():
    assert odds.chance_of_distinct_guesses(65_536, 65_536) == 1
    assert odds.chance_of_repeated_guesses(65_536, 65_536) == pytest.approx(0.632, abs=0.001)  # 1 - 1/e


def test_every_defence_multiplies_what_must_be_guessed():
    space = odds.guesses_needed(ports=odds.PORTS, letters=odds.letters_in(to_name("www.bank.example")))
    assert space == 65_536 * 64_512 * 2**14
    assert odds.bits(65_536) == 16
    assert odds.letters_in(to_name("foundry81.com")) == 10  # digits have no case


def test_identical_questions_multiply_the_chance():
    assert odds.chance_of_one_race(1000, 0.1, 65_536, identical_questions=10) == pytest.approx(1000 / 65_536)


def test_races_needed_and_chance_of_many_races_are_inverse():
    assert odds.chance_of_many_races(0.01, odds.races_needed(0.01, 0.9)) == pytest.approx(0.9)
    assert odds.races_needed(1) == 1
    assert odds.expected_races(0.25) == 4
    assert odds.expected_races(0) == float("inf")


def test_a_tiny_chance_is_not_rounded_away():
    assert odds.chance_of_many_races(1e-18, 10) == pytest.approx(1e-17)


@pytest.mark.parametrize("guesses", [1, 100, 400, 1000])
def test_dice_agree_with_both_formulas_within_three_standard_deviations(guesses):
    space, runs = 1000, 2000
    for formula, simulate in [
        (odds.chance_of_distinct_guesses, odds.simulate_distinct_guesses),
        (odds.chance_of_repeated_guesses, odds.simulate_repeated_guesses),
    ]:
        expected = formula(guesses, space)
        observed = simulate(guesses, space, runs=runs, rng=Random("test"))
        assert abs(observed - expected) <= 3 * odds.standard_deviation(expected, runs)


def test_the_same_seed_gives_the_same_races():
    first, second = (odds.simulate_repeated_guesses(50, 100, runs=100, rng=Random(7)) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("wrong", [{"ids": 0}, {"ports": 0}, {"servers": 0}, {"letters": -1}])
def test_nothing_to_guess_is_refused(wrong):
    with pytest.raises(LabError, match="at least one ID"):
        odds.guesses_needed(**wrong)


@pytest.mark.parametrize("chance", [0, 1.5])
def test_an_impossible_chance_is_refused(chance):
    with pytest.raises(LabError, match="between 0 and 1"):
        odds.races_needed(chance)
