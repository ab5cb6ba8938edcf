"""The blind attacker. No test here hands it a question, an ID or a port of the resolver's choice."""

from itertools import islice
from random import Random

import dns.rrset
import pytest

from dnsseclab.attacker import off_path
from dnsseclab.attacker.off_path import FIXED_PORT, SITE, Target, Volley, forge_answer, kaminsky, spellings, sweep
from dnsseclab.protocol.messages import Endpoint, flag, message_id, parse, question, question_bytes
from dnsseclab.protocol.names import LabError, to_name

BANK = to_name("bank.example")
SERVER = "192.0.2.11"
RESOLVER = Endpoint("192.0.2.53", FIXED_PORT)
TARGET = Target(BANK, SERVER, RESOLVER, wait=0.06)
ASKED = question("www.bank.example", "A")


def forged(**options):
    return forge_answer(ASKED, server=SERVER, resolver=RESOLVER, **options)


def test_a_forgery_looks_like_the_servers_own_answer():
    datagram = forged().with_id(48213)
    message = parse(datagram.payload)
    assert (datagram.source, datagram.destination) == (Endpoint(SERVER, 53), RESOLVER)
    assert message.id == 48213
    assert flag(message, "QR") and flag(message, "AA")
    assert [rrset.to_text() for rrset in message.answer] == [f"www.bank.example. 3600 IN A {SITE}"]


def test_a_sweep_tries_every_id_exactly_once():
    datagrams = list(forged().with_ids())
    assert sorted(message_id(datagram.payload) for datagram in datagrams) == list(range(65_536))
    assert len({datagram.payload[2:] for datagram in datagrams}) == 1


def test_a_volley_goes_round_at_the_last_id():
    assert [message_id(datagram.payload) for datagram in Volley(forged(), 65_534, 4)] == [65_534, 65_535, 0, 1]


@pytest.mark.parametrize("wrong", [-1, 65_536, "7"])
def test_an_id_that_is_none_is_refused(wrong):
    with pytest.raises(LabError, match="from 0 to 65535"):
        forged().with_id(wrong)


@pytest.mark.parametrize("wrong", [{"first_id": 65_536}, {"count": 0}, {"count": 65_537}, {"rate": 0}, {"after": -1}])
def test_a_volley_that_cannot_be_is_refused(wrong):
    with pytest.raises(LabError, match="A volley begins with an ID from 0 to 65535"):
        Volley(forged(), **wrong)


@pytest.mark.parametrize("wrong", ["", "203.0.113", "the bank", "2001:db8::1"])
def test_an_address_that_is_none_is_refused(wrong):
    with pytest.raises(LabError, match="is not an IPv4 address"):
        forged(address=wrong)


def test_a_volley_can_be_taken_up_where_it_stopped():
    volley = Volley(forged(), 65_000, 1000)
    assert list(volley.starting_with(990)) == list(volley)[990:]
    assert len(list(volley)) == len(volley) == 1000


def test_guesses_over_ids_and_ports_are_all_different():
    forgery = forged()
    guesses = {guess for port in range(2000, 2004) for guess in forgery.to_port(port).with_ids(range(100))}
    assert len(guesses) == 400
    assert {guess.destination.port for guess in guesses} == {2000, 2001, 2002, 2003}


def test_a_spelling_changes_the_case_of_the_question_and_nothing_else():
    spelling = next(spellings(ASKED.name, Random(3)))
    plain, spelled = forged().with_id(1), forged().spelled(spelling).with_id(1)
    assert question_bytes(spelled.payload)[:-4] == spelling.to_wire() != ASKED.name.to_wire()
    assert parse(spelled.payload) == parse(plain.payload)  # names compare without case (RFC 4343)


def test_spellings_differ_only_in_case_and_reach_every_case():
    seen = {name.to_wire() for name in islice(spellings(to_name("ab3.de"), Random("case")), 500)}
    assert len(seen) == 2**4
    assert {wire.lower() for wire in seen} == {to_name("ab3.de").to_wire()}


def test_a_spelling_of_another_name_is_refused():
    with pytest.raises(LabError, match="does not answer a question about"):
        forged().spelled(to_name("www.foundry81.com"))


def test_the_sender_recognises_its_own_packets_and_no_others():
    forgery = forged()
    assert all(forgery.sent(datagram) for datagram in forgery.with_ids((0, 7, 65_535)))
    other = forge_answer(ASKED, "192.0.2.20", server=SERVER, resolver=RESOLVER)
    assert not forgery.sent(other.with_id(7))
    assert not forgery.sent(forgery.to_port(1234).with_id(7))


def test_kaminsky_never_asks_twice_for_the_same_name():
    races = list(islice(kaminsky(TARGET, guesses=10, rng=Random(1)), 50))
    names = {race.lure.name for race in races}
    assert len(names) == 50
    assert all(name.parent() == BANK for name in names)


def test_kaminskys_forgery_hands_over_the_whole_zone_from_inside_it():
    race = next(kaminsky(TARGET, guesses=10, rng=Random(1)))
    message = parse(race.volley.forgery.with_id(0).payload)
    (takeover,) = message.authority
    (glue,) = message.additional
    assert takeover.name == BANK and takeover[0].target == glue.name
    assert glue.name.is_subdomain(BANK), "outside of the zone, the bailiwick check would drop it"
    assert glue[0].address == SITE


def test_the_same_dice_give_the_same_campaign():
    first, second = (list(islice(kaminsky(TARGET, guesses=10, rng=Random(5)), 3)) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("section", ["answer", "authority", "additional"])
def test_an_extra_record_goes_into_the_section_that_was_asked_for(section):
    extra = dns.rrset.from_text("www.foundry81.com.", 3600, "IN", "A", SITE)
    races = off_path.extra_records(TARGET, ASKED, [(section, extra)], first_id=0)
    message = parse(next(races).volley.forgery.with_id(0).payload)
    assert extra in getattr(message, section)
    assert message.answer[0].name == ASKED.name


def test_a_sweep_is_one_race_about_the_victims_own_name():
    (race,) = sweep(TARGET, ASKED, first_id=9, keeps_busy=0.5)
    assert race.lure == ASKED
    assert (race.volley.first_id, len(race.volley), race.volley.after) == (9, 65_536, 0.06)
