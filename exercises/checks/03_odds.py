"""What exercise 03 asks: the probability of winning races against a resolver, and how long that takes.

The answers are computed by exact arithmetic with fractions, as far as that goes, and not by the course's own formulas.
"""

import math
from decimal import Decimal, getcontext
from fractions import Fraction

from dnsseclab.grading.criteria import Criterion, Exercise, Learner
from dnsseclab.grading.plain import Plain, show
from dnsseclab.grading.seeds import Draw

YEAR = 31_536_000  # seconds
CLOSE = 1e-6
getcontext().prec = 50


def material(draw: Draw) -> list[Plain]:
    """Hand out an attack: bits, packets in a race, packets a second, window, seconds between races."""
    rate = draw.integer(2, 80) * 1000
    window = draw.choice((0.02, 0.05, 0.1, 0.2))
    return [draw.integer(15, 20), int(rate * window), rate, window, draw.choice((60, 300, 3600, 86_400))]


def close(learner: Learner, function: str, arguments: list[Plain], expected: float, why: str, next_step: str) -> None:
    """Ask, and be content with a number that is off by a millionth."""

    def judge(actual: Plain) -> None:
        if type(actual) not in (int, float):
            returned = f"{show(actual)} ({type(actual).__name__})"
            learner.fail(function, arguments, returned, "a number", why=why, next_step="Return a number.")
        assert isinstance(actual, int | float)
        if not math.isclose(actual, expected, rel_tol=CLOSE, abs_tol=1e-15):
            learner.fail(function, arguments, repr(actual), f"about {expected:.6g}", why=why, next_step=next_step)

    learner.call_later(function, arguments, judge, why=why, next_step=next_step)


def distinct_guesses(learner: Learner) -> None:
    bits, packets, *_ = material(learner.shown)
    asked = [(bits, packets), *((learner.fresh.integer(8, 40), learner.fresh.integer(1, 200)) for _ in range(5))]
    for one, many in asked:
        close(
            learner, "one_race", [one, many, True], min(1.0, float(Fraction(many, 2**one))),
            "Of 2**bits combinations, each distinct guess takes one away (RFC 5452 §7.2).",
            "Divide the packets by 2**bits.",
        )  # fmt: skip


def more_guesses_than_numbers(learner: Learner) -> None:
    bits = learner.fresh.integer(2, 8)
    close(
        learner, "one_race", [bits, 2**bits + learner.fresh.integer(1, 500), True], 1.0,
        "A probability is never more than 1: who has tried every number has won (RFC 5452 §7.2).",
        "Wrap the division in min(1.0, ...).",
    )  # fmt: skip


def repeated_guesses(learner: Learner) -> None:
    for _ in range(6):
        bits, packets = learner.fresh.integer(6, 48), learner.fresh.integer(2, 70_000)
        miss = 1 - Decimal(1) / Decimal(2) ** bits
        close(
            learner, "one_race", [bits, packets, False], float(1 - miss**packets),
            "Guesses that are drawn anew may repeat; all miss with (1 - 1/2**bits) ** packets (RFC 5452 §7.2).",
            "1 - (1 - p) ** n loses digits for tiny p: -math.expm1(n * math.log1p(-p)) keeps them.",
        )  # fmt: skip


def at_least_one(learner: Learner) -> None:
    for chance in (0.0, 1.0, learner.fresh.integer(1, 99) / 100, learner.fresh.integer(1, 99) / 10_000):
        races = learner.fresh.integer(1, 400)
        close(
            learner, "campaign", [chance, races], float(1 - (1 - Fraction(chance)) ** races),
            "At least one means: not all lost (RFC 5452 §7.2).",
            "Compute the probability to lose every race, and subtract it from 1.",
        )  # fmt: skip


def no_race_at_all(learner: Learner) -> None:
    chance = learner.fresh.integer(1, 99) / 100
    close(
        learner, "campaign", [chance, 0], 0.0, "Who runs no race wins none (RFC 5452 §7.2).", "What does x ** 0 give?"
    )


def even(learner: Learner) -> None:
    bits, _, rate, window, pause = material(learner.shown)
    fresh = learner.fresh
    asked = [(bits, rate, window, pause)]
    asked += [(fresh.integer(15, 34), fresh.integer(1, 90) * 1000, 0.1, fresh.integer(1, 90_000)) for _ in range(4)]
    for each in asked:
        close(
            learner, "even_odds", list(each), expected_seconds(*each),
            "The odds are even after the first whole race with which the probability reaches one half (RFC 5452 §8).",
            "Packets in a window, rounded down; the chance of one race; the races, rounded up; the seconds.",
        )  # fmt: skip


def one_race_is_enough(learner: Learner) -> None:
    bits, pause = learner.fresh.integer(4, 10), learner.fresh.integer(2, 9000)
    close(
        learner, "even_odds", [bits, 50_000, 0.1, pause], float(pause),
        "With more than half of the numbers in one window, the first race suffices (RFC 5452 §8).",
        "If the chance of one race is 1, log(1 - chance) has no value: treat it apart.",
    )  # fmt: skip


def no_packet_fits(learner: Learner) -> None:
    rate = learner.fresh.integer(1, 9)
    learner.expect(
        "even_odds", [learner.fresh.integer(8, 40), rate, 0.1, 60], -1.0,
        why="Less than one packet in a window never wins (RFC 5452 §7.2).",
        next_step="Round the packets down first: int(rate * window).",
    )  # fmt: skip


def a_year(learner: Learner) -> None:
    for _ in range(3):
        rate, window = learner.fresh.integer(1, 400) * 1000, learner.fresh.choice((0.05, 0.1))
        pause = learner.fresh.choice((0.1, 1, 60, 3600, 86_400))
        least = next(bits for bits in range(129) if reaches_a_year(bits, rate, window, pause))
        learner.expect(
            "bits_for_a_year", [rate, window, pause], least,
            why="The least number of bits with which even odds take 31,536,000 seconds or more (RFC 5452 §8).",
            next_step="Count up from 0, and stop at the first number of bits that even_odds is content with.",
        )  # fmt: skip


def never(learner: Learner) -> None:
    rate = learner.fresh.integer(1, 9)
    learner.expect(
        "bits_for_a_year", [rate, 0.1, 60], 0,
        why="Who never wins needs more than a year even against 0 bits (RFC 5452 §8).",
        next_step="even_odds says -1.0 for 'never': that counts as more than a year.",
    )  # fmt: skip


def expected_seconds(bits: int, rate: float, window: float, pause: float) -> float:
    """Return the seconds until even odds, in decimal arithmetic of 50 digits."""
    packets = int(rate * window)
    if packets == 0:
        return -1.0
    chance = min(Decimal(1), Decimal(packets) / Decimal(2) ** bits)
    if chance >= Decimal("0.5"):
        return float(pause)
    races = (Decimal("0.5").ln() / (1 - chance).ln()).to_integral_value(rounding="ROUND_CEILING")
    return float(races) * pause


def reaches_a_year(bits: int, rate: float, window: float, pause: float) -> bool:
    seconds = expected_seconds(bits, rate, window, pause)
    return seconds < 0 or seconds >= YEAR


EXERCISE = Exercise(
    title="The odds",
    functions=("one_race", "campaign", "even_odds", "bits_for_a_year"),
    material=material,
    criteria=(
        Criterion("The chance of one race with distinct guesses is right.", 1, distinct_guesses),
        Criterion("It is never more than 1.", 1, more_guesses_than_numbers),
        Criterion("The chance of one race with repeated guesses is right, also where it is tiny.", 1, repeated_guesses),
        Criterion("The chance to win at least one of many races is right.", 1, at_least_one),
        Criterion("Without a race nothing is won.", 1, no_race_at_all),
        Criterion("The time until even odds is right.", 1, even),
        Criterion("An attacker who needs one race only is told so.", 1, one_race_is_enough),
        Criterion("An attacker without a packet never wins.", 1, no_packet_fits),
        Criterion("The bits that buy a year are the least that do.", 1, a_year),
        Criterion("An attacker who never wins needs no bits against it.", 1, never),
    ),
)
