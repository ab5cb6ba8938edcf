"""The odds of a blind forgery: by formula, and by rolling the dice.

It knows: how many numbers must be guessed, how fast the attacker sends, how long each race lasts.
It must not know: any packet, resolver or zone; it is arithmetic.
Follows RFC 5452 §7.2 (the chance of one race and of many), §8 and §8.1 (time to win).
"""

import math
from itertools import accumulate
from random import Random

from dns.name import Name

from ..protocol.names import LabError

IDS = 65_536  # a transaction ID has 16 bits
PORTS = 64_512  # 1024..65535, the ports a resolver may ask from (RFC 5452 §9.2)


def guesses_needed(*, ids: int = IDS, ports: int = 1, servers: float = 1, letters: int = 0) -> float:
    """Return how many different forged replies there are to choose from, of which exactly one fits.

    Args:
        ids: How many transaction IDs the resolver may have chosen; 1 if it can be foretold.
        ports: How many source ports it may have chosen; 1 if it always asks from the same.
        servers: How many servers of the zone it may have asked; may be an average.
        letters: Letters in the name if their case is chosen at random (0x20): each doubles the number.
    Source: RFC 5452 §7.2, N * P * I; the letters from draft-vixie-dnsext-dns0x20.
    """
    if min(ids, ports, servers) < 1 or letters < 0:
        raise LabError("There is at least one ID, one port and one server to guess, and no less than zero letters.")
    return ids * ports * servers * 2**letters


def letters_in(name: Name) -> int:
    """Return how many letters of a name could be written as capitals or not; digits and hyphens have no case."""
    return sum(chr(byte).isalpha() for label in name.labels for byte in label if byte < 128)


def bits(space: float) -> float:
    """Return the entropy, in bits, of one choice among `space` equally likely ones."""
    return math.log2(space)


def chance_of_distinct_guesses(guesses: int, space: float) -> float:
    """Return the probability, 0..1, that one of `guesses` *different* guesses hits: n/N."""
    return min(1.0, guesses / space)


def chance_of_repeated_guesses(guesses: int, space: float) -> float:
    """Return the probability, 0..1, that one of `guesses` independent guesses hits: 1 - (1 - 1/N)^n.

    Less than n/N, because an attacker who throws dice wastes packets on numbers that it has tried already.
    """
    return chance_of_many_races(1 / space, guesses)


def chance_of_one_race(
    packets_per_second: float, window: float, space: float, *, identical_questions: int = 1
) -> float:
    """Return the probability, 0..1, of winning one race: D*R*W/(N*P*I).

    Args:
        packets_per_second: R, how fast forged replies arrive.
        window: W, seconds from the question until the real reply arrives.
        space: N*P*I, see `guesses_needed`.
        identical_questions: D, how many equal questions are outstanding at once (the birthday attack).
    Source: RFC 5452 §7.2.
    """
    return min(1.0, identical_questions * packets_per_second * window / space)


def chance_of_many_races(chance: float, races: float) -> float:
    """Return the probability, 0..1, of winning at least one of `races`: 1 - (1 - P_s)^A (RFC 5452 §7.2)."""
    if chance >= 1:
        return 1.0 if races > 0 else 0.0
    return -math.expm1(races * math.log1p(-chance))


def races_needed(chance: float, wanted: float = 0.5) -> float:
    """Return after how many races an attacker has won with the probability `wanted`, when each is won with `chance`."""
    if not 0 < chance <= 1 or not 0 < wanted < 1:
        raise LabError("Give the chance of one race above 0 and up to 1, and the wanted one between 0 and 1.")
    return 1.0 if chance == 1 else math.log1p(-wanted) / math.log1p(-chance)


def expected_races(chance: float) -> float:
    """Return how many races it takes on average until one is won: 1/P_s."""
    return math.inf if chance <= 0 else 1 / chance


def seconds_to_win(
    packets_per_second: float, window: float, space: float, *, pause: float, wanted: float = 0.5
) -> float:
    """Return the seconds until an attacker has won with the probability `wanted`.

    Args:
        pause: Seconds from one race to the next. Against one name that is its TTL, since nothing is asked while
            the answer is in the cache; against random names (Kaminsky) it is only the window itself.
    Source: RFC 5452 §8 and §8.1.
    """
    return races_needed(chance_of_one_race(packets_per_second, window, space), wanted) * pause


def simulate_distinct_guesses(guesses: int, space: int, *, runs: int, rng: Random) -> float:
    """Return the share of `runs` races won by an attacker who tries `guesses` different numbers in each."""
    return sum((_draw(space, rng) - _draw(space, rng)) % space < guesses for _ in range(runs)) / runs


def simulate_repeated_guesses(guesses: int, space: int, *, runs: int, rng: Random) -> float:
    """Return the share of `runs` races won by an attacker who throws dice for each of `guesses` numbers."""
    return sum(_hit_by_chance(guesses, space, rng) for _ in range(runs)) / runs


def standard_deviation(chance: float, runs: int) -> float:
    """Return by how much the share of won races typically strays from `chance`: sqrt(p(1-p)/n)."""
    if not 0 <= chance <= 1 or runs < 1:
        raise LabError("A chance is from 0 to 1, and a share needs one race at least.")
    return math.sqrt(chance * (1 - chance) / runs)


def chance_of_wins(wins: int, chance: float, races: int) -> float:
    """Return the probability, 0..1, of winning exactly `wins` of `races`, each with `chance` (binomial)."""
    if not 0 <= chance <= 1 or not 0 <= wins <= races:
        raise LabError("A chance is from 0 to 1, and nobody wins more races than there are, or fewer than none.")
    if chance in (0, 1):
        return float(wins == races * chance)
    lost = races - wins
    # by logarithms: the number of ways to win so many races soon gets too large for a float
    ways = math.lgamma(races + 1) - math.lgamma(wins + 1) - math.lgamma(lost + 1)
    return math.exp(ways + wins * math.log(chance) + lost * math.log1p(-chance))


def wins_to_expect(chance: float, races: int, share: float = 0.95) -> tuple[int, int]:
    """Return the fewest and the most wins to expect: at least `share` of all such measurements lie in between.

    Both are included. What lies outside is shared out evenly: at most (1 - share) / 2 below, and as much above.
    """
    if not 0 < share < 1:
        raise LabError("Give the share of measurements between 0 and 1, for example 0.95.")
    below = list(accumulate(chance_of_wins(wins, chance, races) for wins in range(races + 1)))
    tail = (1 - share) / 2
    fewest = next(wins for wins, so_far in enumerate(below) if so_far > tail)
    most = next((wins for wins, so_far in enumerate(below) if so_far >= 1 - tail), races)
    return fewest, most


def _hit_by_chance(guesses: int, space: int, rng: Random) -> bool:
    secret = _draw(space, rng)
    return any(_draw(space, rng) == secret for _ in range(guesses))


def _draw(space: int, rng: Random) -> int:
    # not randrange: random() alone is promised to give the same numbers in every Python version
    return int(rng.random() * space)
