"""Reading names off proofs of absence: NSEC gives a zone away, NSEC3 what is in a dictionary, online proofs nothing."""

from random import Random

import pytest
from dns.rdatatype import RdataType

from dnsseclab.attacker.walking import collect_hashes, search_dictionary, walk_zone
from dnsseclab.authority.nsec3 import Nsec3
from dnsseclab.authority.online_denial import STYLES, sign_online
from dnsseclab.internet.network import Clock, Network
from dnsseclab.internet.worlds import ZONE_NAMES, World, toy_internet
from dnsseclab.protocol.dnssec import nsec3_hash
from dnsseclab.protocol.names import LabError, ancestors, show_name, to_name

BANK, SERVER = to_name("bank.example"), "192.0.2.21"
SERVER_OF = {".": "192.0.2.1", "com.": "192.0.2.11", "example.": "192.0.2.12", "foundry81.com.": "192.0.2.81"}
SIGNED = [name for name in ZONE_NAMES if show_name(name) != "harbor.example"]


def carry(world: World):
    return Network(world, clock=Clock(world.now)).carry


def online(style: str) -> World:
    world = toy_internet()
    times = {"inception": world.inception, "expiration": world.expiration}
    return world.with_zone(sign_online(world.zone(BANK), world.keys[BANK], **times, style=style))


# --- NSEC


@pytest.mark.parametrize("zone", SIGNED, ids=show_name)
def test_a_walk_learns_every_name_with_data_and_its_types(zone):
    world = toy_internet()
    walk = walk_zone(carry(world), zone, SERVER_OF.get(zone.to_text(), SERVER))
    content = world.zone(zone)
    assert walk.complete and walk.names == content.authoritative_names()
    for name in walk.names:
        if not content.zone_cut(name):
            listed = {RdataType.make(text) for text in walk.types[name]}
            assert listed == content.types_at(name) | {RdataType.NSEC, RdataType.RRSIG}


def test_a_walk_costs_one_question_for_each_name_and_another_where_a_delegation_is_in_the_way():
    world = toy_internet()
    assert walk_zone(carry(world), BANK, SERVER).queries == len(world.zone(BANK).authoritative_names())
    walk = walk_zone(carry(world), "example", SERVER_OF["example."])
    assert walk.complete and len(walk.names) < walk.queries <= 2 * len(walk.names)


def test_a_walk_gives_up_in_time_and_says_so():
    walk = walk_zone(carry(toy_internet()), BANK, SERVER, most=3)
    assert walk.queries == 3 and not walk.complete
    assert "Then the server named no further name." in str(walk)


def test_large_replies_are_fetched_over_tcp():
    walk = walk_zone(carry(toy_internet(algorithm="ML-DSA-44")), BANK, SERVER)
    assert walk.complete and walk.queries == 2 * len(walk.names)


@pytest.mark.parametrize("world", [toy_internet(signed=False), toy_internet(denial="NSEC3"), *map(online, STYLES)])
def test_a_walk_gets_nowhere_without_a_chain_of_names(world):
    walk = walk_zone(carry(world), BANK, SERVER)
    assert walk.names == (BANK,) and not walk.complete and walk.queries <= 3


def test_a_walk_gets_nowhere_if_nobody_answers():
    assert walk_zone(carry(toy_internet()), BANK, "192.0.2.77").names == (BANK,)


# --- NSEC3


@pytest.mark.parametrize("how", [Nsec3(), Nsec3(iterations=7, salt=b"\xab\xcd"), Nsec3(opt_out=True)])
def test_collecting_learns_every_hash_of_the_zone(how):
    world = toy_internet(denial=how)
    collected = collect_hashes(carry(world), BANK, SERVER, rng=Random(1))
    zone = world.zone(BANK)
    content = [name for name in zone.authoritative_names() if not zone.get(name, "NSEC3")]
    names = {above for name in content for above in ancestors(name) if zone.contains(above)}
    assert collected.complete
    assert collected.hashes == {nsec3_hash(name, how.salt, how.iterations) for name in names}
    assert (collected.salt, collected.iterations) == (how.salt, how.iterations)


def test_collecting_gives_up_in_time_and_says_so():
    collected = collect_hashes(carry(toy_internet(denial="NSEC3")), BANK, SERVER, rng=Random(1), most=2)
    assert collected.queries == 2 and not collected.complete and "some are missing" in str(collected)


def test_a_zone_without_nsec3_is_refused():
    with pytest.raises(LabError, match="walk_zone"):
        collect_hashes(carry(toy_internet()), BANK, SERVER, rng=Random(1))


@pytest.mark.parametrize("iterations", [0, 150])
def test_a_dictionary_finds_the_words_in_it_and_counts_every_round(iterations):
    world = toy_internet(denial=Nsec3(iterations=iterations, salt=b"\x01"))
    collected = collect_hashes(carry(world), BANK, SERVER, rng=Random(1))
    search = search_dictionary(collected, ["www", "shop", "_443._tcp.www", "mail", "www"])
    there = [BANK, *(to_name(f"{name}.bank.example") for name in ("www", "_443._tcp.www", "mail"))]
    assert list(search.found) == there
    assert search.unknown == len(collected.hashes) - 4
    assert search.guesses == 6 and search.rounds == 6 * (iterations + 1)
