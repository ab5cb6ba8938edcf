"""A solution of exercise 03 that explains itself."""

import math

YEAR = 31_536_000  # seconds


def one_race(bits: int, packets: int, distinct: bool) -> float:
    p = 1 / 2**bits  # one guess
    if distinct:
        return min(1.0, packets * p)  # every guess takes one number away; who has tried all has won
    # 1 - (1 - p) ** packets, written so that a tiny p is not lost beside the 1
    return -math.expm1(packets * math.log1p(-p)) if p < 1 else 1.0


def campaign(chance: float, races: int) -> float:
    return 1 - (1 - chance) ** races  # not all lost


def even_odds(bits: int, rate: float, window: float, pause: float) -> float:
    packets = int(rate * window)
    if packets == 0:
        return -1.0
    chance = one_race(bits, packets, True)
    if chance >= 0.5:
        return float(pause)  # also where chance is 1, of whose opposite there is no logarithm
    races = math.ceil(math.log(0.5) / math.log1p(-chance))
    return float(races * pause)


def bits_for_a_year(rate: float, window: float, pause: float) -> int:
    for bits in range(129):
        seconds = even_odds(bits, rate, window, pause)
        if seconds < 0 or seconds >= YEAR:  # below zero: never
            return bits
    raise ValueError("Not even 128 bits suffice.")
