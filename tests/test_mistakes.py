"""Each wrong validator lets through one forgery, the full one none; honest zones are judged alike by all of them."""

from functools import cache

import dns.rcode
import pytest

import exercises
from dnsseclab.internet.ladder import Siege, besiege, hand, machine
from dnsseclab.internet.ladder_world import LadderWorld, below, ladder_world
from dnsseclab.internet.network import Clock, Network
from dnsseclab.internet.worlds import World, toy_internet
from dnsseclab.protocol.messages import make_query, to_bytes
from dnsseclab.protocol.names import to_name
from dnsseclab.protocol.trust import SecurityStatus
from dnsseclab.validator import Validator, mistaken_denials, mistakes, validate
from dnsseclab.validator.diagnoses import RULES
from dnsseclab.validator.mistakes import LEVELS, Level

SEEDS = ("ann", "bob", "zoë", "4711", "")
NUMBERS = [level.number for level in LEVELS]
FORGERIES = {number: getattr(exercises.solution("10_ladder"), f"forge_{number}") for number in NUMBERS}

# (whose forgery, which other level believes it too): why that can't be otherwise
OVERLAPS = {
    (6, 13): "both lies are a wildcard's answer where a closer name exists: 6 does not see that a proof is due, "
    "13 does not ask for it",
}

SECURE, INSECURE, BOGUS = SecurityStatus.SECURE, SecurityStatus.INSECURE, SecurityStatus.BOGUS
INDETERMINATE = SecurityStatus.INDETERMINATE

each_seed = pytest.mark.parametrize("seed", SEEDS, ids=range(len(SEEDS)))
each_level = pytest.mark.parametrize("level", LEVELS, ids=lambda level: str(level.number))


@cache
def forged(seed: str, number: int) -> tuple[bytes, ...]:
    return tuple(FORGERIES[number](*hand(ladder_world(seed), number)))


@cache
def siege(seed: str, number: int, level: Level | None) -> Siege:
    """Return how it ends when the forgery of one level meets another level's validator, or the full one."""
    judge = level.validate if level else validate
    return besiege(ladder_world(seed), number, forged(seed, number), judge)


# ---- forgeries -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", NUMBERS)
def test_matrix_of_forgeries_and_levels(number):
    believers = {level.number for level in LEVELS if siege(SEEDS[0], number, level).believed}
    assert believers == {number} | {other for forgery, other in OVERLAPS if forgery == number}


@each_seed
@each_level
def test_level_believes_its_forgery_and_the_full_validator_rejects_it_by_that_rule(level, seed):
    assert siege(seed, level.number, level).believed
    full = siege(seed, level.number, None)
    assert not full.believed
    assert full.rule == level.rule


@each_level
def test_full_validator_gives_the_client_nothing_forged(level):
    """The last level's packet is genuine, but for a TTL: it is not rejected, only not kept for too long."""
    outcome = siege(SEEDS[0], level.number, None).outcome
    expected = {14: INDETERMINATE, 16: SECURE}.get(level.number, BOGUS)
    assert outcome.status is expected
    assert bool(outcome.message.answer) is (level.number == 16)


@each_level
def test_a_lie_is_believed_as_secure_unless_it_is_that_nothing_need_be_signed(level):
    status = INSECURE if level.number in (4, 5, 10, 14) else SECURE
    assert siege(SEEDS[0], level.number, level).outcome.status is status


@pytest.mark.parametrize("number", [number for number in NUMBERS if number != 16])
def test_full_validator_gives_the_same_reason_each_time_that_the_resolver_asks_again(number):
    chains = siege(SEEDS[0], number, None).outcome.chains
    assert len(chains) == 3
    assert {chain.diagnosis.rule for chain in chains} == {LEVELS[number - 1].rule}


@each_level
def test_respond_tells_a_client_the_lie(level):
    ladder = ladder_world(SEEDS[0])
    held = hand(ladder, level.number)
    network = Network(ladder.world, clock=Clock(held.now), attacker=machine(forged(SEEDS[0], level.number)))
    query = make_query(held.victim, "A", id=7, recursion_desired=True)
    response = network.resolver(validator=level.validate).respond(query)
    addresses = [rdata.to_text() for rrset in response.answer for rdata in rrset]
    assert addresses == ([held.lie] if held.lie else [])
    assert response.rcode() == (dns.rcode.NOERROR if held.lie else dns.rcode.NXDOMAIN)


@each_level
def test_packets_made_for_one_learner_are_of_no_use_in_the_world_of_another(level):
    packets = forged(SEEDS[0], level.number)
    assert not besiege(ladder_world(SEEDS[1]), level.number, packets, level.validate).believed


def test_overlap_goes_one_way_only():
    assert not siege(SEEDS[0], 13, LEVELS[5]).believed, "with one signature, the first is the good one"


# ---- honest zones --------------------------------------------------------------------------------------------------


def ladder_questions(ladder: LadderWorld) -> list[tuple[object, str, SecurityStatus]]:
    bank, archive, club = ladder.bank, ladder.archive, ladder.club
    return [
        (".", "DNSKEY", SECURE),
        (bank, "DS", SECURE),
        (club, "DS", SECURE),
        (bank, "DNSKEY", SECURE),
        (bank, "MX", SECURE),
        (ladder.bank_site, "A", SECURE),
        (ladder.bank_site, "AAAA", SECURE),  # no such type
        (below(bank, "pages"), "A", SECURE),  # an empty non-terminal
        (below(bank, "nobody"), "A", SECURE),  # no such name
        (below(below(bank, "nobody"), "deep"), "A", SECURE),
        (ladder.counter, "A", SECURE),
        (ladder.members[0], "A", SECURE),  # from the wildcard
        (below(ladder.members[0], "deep"), "A", SECURE),
        (ladder.members[0], "AAAA", SECURE),  # which lacks the type
        (below(ladder.members[0], "deep"), "AAAA", SECURE),
        (below(bank, "news"), "A", SECURE),  # an alias into another zone
        (below(archive, "www"), "A", SECURE),
        (below(archive, "www"), "AAAA", SECURE),
        (below(archive, "login"), "A", SECURE),
        (below(archive, "login"), "DS", SECURE),
        (below(club, "www"), "A", INSECURE),
        (below(club, "nobody"), "A", INSECURE),
        (below(ladder.trap, "www"), "A", SECURE),
    ]


TOY_QUESTIONS = [
    ("www.bank.example", "A", SECURE),
    ("www.foundry81.com", "TXT", SECURE),
    ("nothing.here.foundry81.com", "A", SECURE),
    ("shop.foundry81.com", "A", SECURE),
    ("nowhere.example", "A", SECURE),
    ("www.harbor.example", "A", INSECURE),
    ("bank.example", "ANY", SECURE),
]


def answers(world: World, questions, judge) -> list[tuple[bytes, SecurityStatus]]:
    """Return what a client of a fresh resolver is told, one question after another."""
    resolver = Network(world, clock=Clock(world.now)).resolver(validator=judge)
    outcomes = [resolver.resolve(to_name(name), rdtype) for name, rdtype, _ in questions]
    return [(to_bytes(outcome.message), outcome.status) for outcome in outcomes]


WORLDS = {
    "ladder": (ladder_world("ann").world, ladder_questions(ladder_world("ann"))),
    "toy with NSEC": (toy_internet(), TOY_QUESTIONS),
    "toy with NSEC3": (toy_internet(denial="NSEC3"), TOY_QUESTIONS),
}


@cache
def honest_answers(which: str) -> list[tuple[bytes, SecurityStatus]]:
    return answers(*WORLDS[which], validate)


@pytest.mark.parametrize("which", WORLDS)
def test_full_validator_judges_honest_zones_rightly(which):
    assert [status for _, status in honest_answers(which)] == [status for *_, status in WORLDS[which][1]]


@pytest.mark.parametrize("which", WORLDS)
@each_level
def test_honest_zones_get_the_same_answers_from_a_level_as_from_the_full_validator(level, which):
    assert answers(*WORLDS[which], level.validate) == honest_answers(which)


# ---- the table -----------------------------------------------------------------------------------------------------


def test_levels_are_numbered_and_each_is_a_mistake_of_its_own():
    assert [level.number for level in LEVELS] == list(range(1, 17)) == list(FORGERIES)
    assert len({level.name for level in LEVELS}) == len({level.validator for level in LEVELS}) == 16
    for level in LEVELS:
        assert level.mistake.endswith(".") and "RFC" in level.source
        assert level.rule in RULES or level.number == 16


@each_level
def test_level_overrides_exactly_one_step(level):
    steps = [name for name in vars(level.validator) if not name.startswith("__")]
    assert len(steps) == 1
    assert hasattr(Validator, steps[0])
    assert level.validator.__mro__[1] is Validator


def test_every_wrong_validator_is_a_level():
    made = {
        each
        for module in (mistakes, mistaken_denials)
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, Validator) and each is not Validator
    }
    assert made == {level.validator for level in LEVELS}
