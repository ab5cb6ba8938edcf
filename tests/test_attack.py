"""Attacks from start to end: how they can be watched, stopped and repeated, and the sentence that says why."""

import dataclasses
from random import Random

import dns.rrset
import pytest

from dnsseclab.attacker import odds
from dnsseclab.attacker.off_path import (
    FIXED_PORT,
    Target,
    Volley,
    extra_records,
    forge_answer,
    one_guess,
    spellings,
    sweep,
    takeover,
)
from dnsseclab.internet.attack import ATTACKS, Scene, Setup, attack
from dnsseclab.internet.attacks import false_zone
from dnsseclab.internet.network import Clock, Network
from dnsseclab.internet.worlds import NOW, toy_internet
from dnsseclab.protocol.messages import Endpoint, asked, parse, question
from dnsseclab.protocol.names import LabError, show_type, to_name
from dnsseclab.protocol.story import Asked, Believed, Ignored, Reason
from dnsseclab.protocol.trust import ItemKind, SecurityStatus
from dnsseclab.resolver.recursive import Defences

OFF = {"signed": False, "connected": False, "validating": False}
SITE = "203.0.113.66"
RESOLVER = Endpoint("192.0.2.53", FIXED_PORT)


def defences(**switches):
    return Defences(**{"random_port": False, **switches})


# --- set-ups


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"victim": "www.nowhere.example"}, "The victim can open www.bank.example or www.foundry81.com"),
        ({"victim": ""}, "The victim can open"),
        ({"attack": "magic"}, "There is no attack 'magic'; choose one of: none, blind-one"),
        ({"attack": "blind-sweep", "spoil_every_reply": True}, "A blind attacker can't spoil replies that it never"),
        ({"attack": "none", "spoil_every_reply": True}, "Nobody attacks"),
        ({"defences": None}, "Give the defences as Defences"),
        ({"seed": "seven"}, "The seed is a whole number"),
        ({"color": "red"}, "A set-up has the fields victim, attack"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(fields, sentence):
    with pytest.raises(LabError, match=sentence):
        attack(**fields)


@pytest.mark.parametrize("victim", ["www.bank.example", "www.foundry81.com"])
@pytest.mark.parametrize("key", ATTACKS)
def test_every_attack_works_against_either_victim(victim, key):
    expected = "bank" if key in ("none", "blind-one", "blind-extra-record") else "attacker"
    assert attack(victim=victim, attack=key, **OFF).opened == expected


def test_the_same_seed_plays_the_same_attack_and_another_seed_another():
    def numbers(seed):
        return [(event.at, event.datagram, event.fate, event.count) for event in attack(seed=seed, **OFF).story]

    assert numbers(5) == numbers(5) != numbers(6)


# --- a scene, watched and stopped


def test_a_sweep_can_be_watched_as_it_goes():
    scene = Scene(Setup(**OFF))
    playing, steps = scene.attack(), []
    while True:
        try:
            steps.append(next(playing))
        except StopIteration as end:
            result = end.value
            break
    assert [step.at for step in steps] == sorted(step.at for step in steps)
    assert [step.forged_sent for step in steps] == sorted(step.forged_sent for step in steps)
    assert {step.forged_total for step in steps[1:]} == {65_536}
    racing = [step for step in steps if 0 < step.forged_sent < 30_000]
    assert all(step.real_reply_due > step.at for step in racing)
    assert len(racing) >= 30_000 / 512 - 1 or result.opened == "attacker"
    assert isinstance(steps[0].event.fate, Asked) and steps[0].event.datagram.source.address == "192.0.2.99"


def test_an_attack_that_is_stopped_leaves_everything_as_it_was():
    scene = Scene(Setup(**OFF))
    scene.play()
    before = scene.cache_lines(), scene.resolver, scene.clock()
    assert before[0]
    playing = scene.attack()
    for _ in range(20):
        next(playing)
    assert scene.cache_lines() != before[0], "the race began from an empty cache"
    playing.close()
    assert (scene.cache_lines(), scene.resolver, scene.clock()) == before


def test_a_stopped_attack_is_played_again_with_the_same_dice():
    untouched, stopped = Scene(Setup(**OFF)), Scene(Setup(**OFF))
    playing = stopped.attack()
    next(playing)
    playing.close()
    assert untouched.play().address == stopped.play().address
    assert untouched.seed == stopped.seed == 0


def test_each_attack_begins_with_an_empty_cache_and_other_dice():
    scene = Scene(Setup(**OFF))
    first, second = scene.play(), scene.play()
    assert (first.seed, second.seed) == (0, 1)
    assert not first.outcome.from_cache and not second.outcome.from_cache


def test_poison_outlives_the_attack_until_its_ttl_is_over():
    scene = Scene(Setup(**OFF))
    assert scene.play().opened == "attacker"
    scene.advance(600)
    again = scene.reload()
    assert (again.opened, again.outcome.from_cache) == ("attacker", True)
    assert "the forged address is still in the cache for 50 min" in again.why
    assert 2990 < scene.until_expiry() <= 3000
    healed = scene.reload()
    assert (healed.opened, healed.outcome.from_cache) == ("bank", False)
    assert healed.why == "The real reply arrived and nobody interfered."


def test_kaminskys_poison_outlives_the_victims_record_because_the_whole_zone_has_moved():
    scene = Scene(Setup(attack="kaminsky", **OFF))
    assert scene.play().opened == "attacker"
    (servers,) = [line for line in scene.cache_lines() if (line.name, line.type) == ("bank.example", "NS")]
    assert servers.holds == "forged"
    scene.advance(3601)
    again = scene.reload()
    assert (again.opened, again.outcome.from_cache) == ("attacker", False)
    assert "still asks the false server that it once believed to serve all of bank.example" in again.why


def test_the_cache_is_told_in_plain_lines_with_the_victims_name_first():
    scene = Scene(Setup(**OFF))
    scene.play()
    first = scene.cache_lines()[0]
    assert (first.name, first.type, first.value, first.holds) == ("www.bank.example", "A", SITE, "forged")
    assert 3590 < first.seconds <= 3600


def test_after_a_rejection_the_cache_holds_the_verified_address():
    scene = Scene(Setup(attack="on-path-address"))
    scene.play()
    first = scene.cache_lines()[0]
    assert (first.value, first.holds) == ("192.0.2.20", "verified")


def test_after_an_error_the_cache_holds_the_failure_and_reloading_asks_nobody():
    scene = Scene(Setup(attack="on-path-address", spoil_every_reply=True))
    scene.play()
    assert scene.cache_lines()[0].holds == "failure"
    again = scene.reload()
    assert (again.opened, again.outcome.from_cache) == ("error", True)
    assert again.why.startswith("Nobody was asked: the failure is remembered for")
    assert scene.until_expiry() <= 300  # RFC 9520 §3.2
    assert scene.reload().opened == "bank"


# --- the story


def test_the_story_of_a_sweep_tells_what_became_of_every_packet():
    result = attack(**OFF)
    forged = [event for event in result.story if result.is_forged(event.datagram)]
    assert sum(event.count for event in forged) == 65_536
    assert {type(event.fate) for event in forged} == {Ignored, Believed}
    assert sum(isinstance(event.fate, Believed) for event in forged) == 1
    assert {event.fate.reason for event in forged if isinstance(event.fate, Ignored)} <= {
        Reason.WRONG_ID,
        Reason.TOO_LATE,
    }


def test_the_real_reply_is_told_even_though_it_came_too_late():
    result = attack(**OFF)
    last = list(result.story)[-1]
    assert last.fate == Ignored(Reason.TOO_LATE)
    assert result.label(last.datagram.source.address) == "bank's server"
    assert not result.is_forged(last.datagram)


def test_the_browser_gets_the_reply_to_the_question_that_it_asked():
    result = attack(attack="none")
    ours = [event.datagram for event in result.story if "192.0.2.99" in (event.datagram[0][0], event.datagram[1][0])]
    asked, answered = ours
    assert asked.source == answered.destination
    assert asked.payload[:2] == answered.payload[:2]


# --- who forged what, in a chain of trust


def forged_boxes(result):
    return {
        (item.kind, result.setup.zone == item.owner)
        for chain in result.chains
        for item in chain.items
        if item.id in result.forged_items(chain)
    }


def test_without_an_attacker_no_box_is_forged():
    result = attack(attack="none")
    assert result.chains and not any(result.forged_items(chain) for chain in result.chains)


@pytest.mark.parametrize("key", ["on-path-address", "on-path-signature", "on-path-strip-rrsig", "on-path-other-zone"])
def test_a_fake_address_is_marked_as_forged_and_the_true_keys_are_not(key):
    assert forged_boxes(attack(attack=key)) == {(ItemKind.RRSET, False)}


def test_fake_keys_are_marked_as_forged():
    result = attack(attack="on-path-key")
    assert (ItemKind.KEY, True) in forged_boxes(result)
    genuine = result.chains[-1]
    assert genuine.status is SecurityStatus.SECURE and not result.forged_items(genuine)


# --- why


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (dict(attack="none"), "The real reply arrived and nobody interfered."),
        (dict(attack="blind-one", **OFF), "The forged reply was ignored: wrong ID. The real reply arrived at "),
        (OFF, "One forged reply carried the right ID and arrived before the real one."),
        (dict(defences=defences(random_port=True), **OFF), "All 65,536 forged replies were ignored: wrong port."),
        (dict(defences=defences(mixed_case=True), **OFF), "ignored: wrong ID or wrong case."),
        (dict(defences=defences(random_id=False), **OFF), "The ID was no secret, so the first forged reply matched."),
        (dict(attack="kaminsky", **OFF), ".bank.example named a new server for all of bank.example."),
        (dict(attack="kaminsky", defences=defences(bailiwick_check=False), **OFF), "would have let it pass."),
        (dict(attack="blind-extra-record", **OFF), "The resolver kept nothing of that part."),
        (
            dict(attack="blind-extra-record", defences=defences(bailiwick_check=False), **OFF),
            "The resolver kept a record that nobody had asked for",
        ),
        (dict(attack="on-path-address", **OFF), "The attacker saw the question"),
        (dict(attack="on-path-address", validating=False), "The signatures were there"),
        (dict(attack="on-path-address", signed=False, connected=False), "bank.example has none and its parent says so"),
        (dict(attack="on-path-address", connected=False), "its parent has no DS for it"),
        (dict(attack="none", signed=False), "The parent's DS names a key that bank.example does not have."),
        (dict(attack="on-path-replay-valid"), "its signature is valid until 25 Nov 2026 12:00:00"),
        (dict(attack="on-path-strip-rrsig"), "but bank.example's key has not signed it."),
        (dict(attack="on-path-address"), "but the signature of bank.example does not fit it."),
        (dict(attack="on-path-signature"), "but it is signed with a key that bank.example does not have."),
        (dict(attack="on-path-key"), "but its key does not match the DS that example signed."),
        (dict(attack="on-path-strip-ds"), "but the DS is missing and nothing proves that it should be."),
        (dict(attack="on-path-algorithm"), "but no signature is left that the resolver can check, though example's"),
        (dict(attack="on-path-replay-expired"), "but its signature expired on 23 Nov 2026 12:00:00."),
        (dict(attack="on-path-other-zone"), "but its signer, foundry81.com, is not bank.example."),
        (dict(attack="on-path-referral"), "The false server was believed: NS records aren't signed."),
        (dict(attack="on-path-address", spoil_every_reply=True), "The attacker sits on the path and spoiled every"),
        (dict(), "A forged reply won the race, but bank.example's key has not signed it."),
        (dict(attack="kaminsky"), "A forged reply won the race, but bank.example's key has not signed it."),
        (
            dict(attack="kaminsky", defences=defences(mixed_case=True), **OFF),
            "ignored: wrong address, wrong ID or wrong case. In every race the real reply was the only one that",
        ),
    ],
)
def test_the_sentence_says_why(fields, sentence):
    result = attack(**fields)
    assert sentence in result.why
    assert result.headline in str(result)


def test_a_lucky_guess_of_port_and_case_too_is_told_with_its_odds():
    """It happens once in 69 trillion forgeries, so the set-up is changed under a result that was won without it."""
    result = attack(**OFF)
    harder = dataclasses.replace(result.setup, defences=Defences(mixed_case=True))
    why = dataclasses.replace(result, setup=harder).why
    assert "guessed ID, port and case at odds of 1 in 69,269,232,549,888" in why


# --- poison in the sections that nobody asked about

BANK, WWW = to_name("bank.example"), to_name("www.bank.example")
POISON = {
    "additional": [("additional", dns.rrset.from_text(WWW, 3600, "IN", "A", SITE))],
    "authority": takeover(BANK, to_name("ns.bank.example")),  # the bank's NS, with the glue that goes with it
}


@pytest.mark.parametrize(("bailiwick_check", "opened"), [(True, "192.0.2.20"), (False, SITE)])
@pytest.mark.parametrize("section", POISON)
def test_records_outside_the_zone_poison_only_a_resolver_without_bailiwick_check(section, bailiwick_check, opened):
    network = Network(toy_internet(signed=False, connected=False), clock=Clock(NOW))
    network.add_attackers_server(SITE, false_zone(BANK))
    resolver = network.resolver(validating=False, defences=defences(bailiwick_check=bailiwick_check))
    harbor = Target(to_name("harbor.example"), "192.0.2.31", RESOLVER, wait=0.06)
    (race,) = extra_records(harbor, question("www.harbor.example", "A"), POISON[section], first_id=0, keeps_busy=0.5)
    network.launch(race)
    lured = resolver.resolve(*race.lure).message
    assert lured.answer[0][0].address == SITE, "the harmless name itself was forged in any case"
    assert resolver.resolve(WWW, "A").message.answer[0][0].address == opened


# --- theory and measurement


def rate_of_success(runs, race_of):
    """Return the share of `runs` look-ups, each with other dice, that a blind attacker spoils."""
    world = toy_internet(signed=False, connected=False)
    won = 0
    for seed in range(runs):
        network = Network(world, clock=Clock(NOW), seed=seed)
        race, switches = race_of(seed)
        network.launch(race)
        resolver = network.resolver(validating=False, defences=defences(**switches))
        message = resolver.resolve(*race.lure).message
        won += any(rdata.address == SITE for rrset in message.answer for rdata in rrset)
    return won / runs


def test_blind_guesses_win_as_often_as_the_formula_says():
    """n different guesses of N = 65,536 IDs win with n/N: expected 1/16; observed within three standard deviations."""
    guesses, runs = 4096, 160
    target = Target(to_name("bank.example"), "192.0.2.21", RESOLVER, wait=0.06)

    def race_of(seed):
        first_id = seed * 40_503 % 65_536  # anywhere; the attacker knows nothing of the resolver's dice
        (race,) = sweep(target, question("www.bank.example", "A"), first_id=first_id, count=guesses, keeps_busy=0.2)
        return race, {}

    expected = odds.chance_of_distinct_guesses(guesses, odds.IDS)
    observed = rate_of_success(runs, race_of)
    assert expected == 1 / 16
    assert abs(observed - expected) <= 3 * odds.standard_deviation(expected, runs)


def test_one_guess_at_the_case_of_three_letters_wins_one_time_in_eight():
    """0x20 alone: the ID is foretold (the first one is 1), the port is fixed, and `com` has three letters."""
    runs, com = 400, question("com", "A")
    target = Target(to_name("."), "192.0.2.1", RESOLVER)

    def race_of(seed):
        (race,) = one_guess(target, com, id=1)
        forgery = forge_answer(com, server=target.server, resolver=RESOLVER)
        spelled = forgery.spelled(next(spellings(com.name, Random(f"guess/{seed}"))))
        return dataclasses.replace(race, volley=Volley(spelled, 1, 1)), {"random_id": False, "mixed_case": True}

    expected = 1 / odds.guesses_needed(ids=1, letters=odds.letters_in(com.name))
    observed = rate_of_success(runs, race_of)
    assert expected == 1 / 8
    assert abs(observed - expected) <= 3 * odds.standard_deviation(expected, runs)


def test_reply_that_kept_the_ds_back_is_rejected_with_the_answer_that_hung_from_it():
    """The broken link is a proof that did not come: the answer to the DS question should have brought it."""
    result = attack(attack="on-path-strip-ds")
    forged = [event for event in result.story if result.is_forged(event.datagram)]
    rules = {show_type(asked(parse(event.datagram.payload)).rdtype): event.fate for event in forged[1:]}
    assert {kind: fate.rule for kind, fate in rules.items()} == {
        "A": "ds-or-denial-received",
        "DS": "ds-or-denial-received",
    }
