"""The odds of forging, judged by the numbers that RFC 5452 prints and by dice."""

from fractions import Fraction
from math import comb
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


@pytest.mark.parametrize(("chance", "races"), [(0.25, 40), (0.5, 41), (1 / 65_536, 100), (0.0, 7), (1.0, 7)])
def test_wins_follow_the_binomial_distribution(chance, races):
    """Judged by exact fractions."""
    exact = [comb(races, k) * Fraction(chance) ** k * (1 - Fraction(chance)) ** (races - k) for k in range(races + 1)]
    computed = [odds.chance_of_wins(wins, chance, races) for wins in range(races + 1)]
    assert computed == pytest.approx([float(each) for each in exact], rel=1e-9, abs=1e-300)
    fewest, most = odds.wins_to_expect(chance, races)
    assert sum(exact[fewest : most + 1]) >= 0.95
    assert sum(exact[:fewest]) <= 0.025 < sum(exact[: fewest + 1])
    assert sum(exact[most + 1 :]) <= 0.025
    assert most == 0 or sum(exact[most:]) > 0.025, "a range that is wider than it need be"


def test_many_races_make_no_number_too_large():
    fewest, most = odds.wins_to_expect(0.25, 10_000)
    spread = 1.96 * odds.standard_deviation(0.25, 10_000) * 10_000  # so many races follow the bell curve
    assert (fewest, most) == pytest.approx((2500 - spread, 2500 + spread), abs=1)


def test_real_races_fall_into_the_expected_range_about_as_often_as_it_says():
    rng, inside = Random("range"), 0
    fewest, most = odds.wins_to_expect(0.3, 50)
    for _ in range(400):
        inside += fewest <= 50 * odds.simulate_distinct_guesses(300, 1000, runs=50, rng=rng) <= most
    covered = sum(odds.chance_of_wins(wins, 0.3, 50) for wins in range(fewest, most + 1))
    assert abs(inside / 400 - covered) <= 4 * odds.standard_deviation(covered, 400)


@pytest.mark.parametrize(("wins", "chance", "races"), [(-1, 0.5, 10), (11, 0.5, 10), (1, -0.1, 10), (1, 1.1, 10)])
def test_wins_that_cannot_be_are_refused(wins, chance, races):
    with pytest.raises(LabError, match="A chance is from 0 to 1"):
        odds.chance_of_wins(wins, chance, races)


@pytest.mark.parametrize(("chance", "runs"), [(-0.1, 10), (1.1, 10), (0.5, 0)])
def test_a_share_of_nothing_is_refused(chance, runs):
    with pytest.raises(LabError, match="one race at least"):
        odds.standard_deviation(chance, runs)


def test_a_range_without_a_share_is_refused():
    with pytest.raises(LabError, match="between 0 and 1"):
        odds.wins_to_expect(0.5, 10, share=1)


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
