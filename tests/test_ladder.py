"""What the attacker of each level is given, and that nothing happens unless she does something."""

import subprocess
import time

import dns.flags
import pytest
from test_mistakes import NUMBERS, SEEDS, each_seed

from dnsseclab.authority.keys import key_from_private
from dnsseclab.internet.ladder import Hand, besiege, hand
from dnsseclab.internet.ladder_world import ladder_world
from dnsseclab.internet.worlds import ATTACKER_NETWORK
from dnsseclab.protocol.dnssec import REVOKED
from dnsseclab.protocol.messages import asked, make_query, parse, to_bytes
from dnsseclab.protocol.names import LabError, to_name
from dnsseclab.protocol.trust import SecurityStatus
from dnsseclab.validator.mistakes import LEVELS

LADDER = ladder_world(SEEDS[0])
PLAIN = {str, bytes, int, list}


@pytest.mark.parametrize("number", NUMBERS)
def test_hand_holds_plain_values_only(number):
    held = hand(LADDER, number)
    assert {type(value) for value in held} <= PLAIN
    assert {type(packet) for packet in held.packets} == {bytes}


@pytest.mark.parametrize("number", NUMBERS)
def test_without_an_attack_every_level_tells_the_truth(number):
    quiet = besiege(LADDER, number, [], LEVELS[number - 1].validate)
    assert not quiet.believed
    assert quiet.outcome.status is SecurityStatus.SECURE and quiet.rule == ""


@pytest.mark.parametrize("number", [number for number in NUMBERS if number != 15])
def test_packets_in_the_hand_are_genuine(number):
    """Played as they are, they change nothing: no answer in them is a solution. Level 15's is one, as it says."""
    assert not besiege(LADDER, number, hand(LADDER, number).packets, LEVELS[number - 1].validate).believed


@pytest.mark.parametrize("number", NUMBERS)
def test_hand_has_the_replies_of_the_look_up(number):
    held = hand(LADDER, number)
    there = [(str(question.name), question.rdtype.name) for question in map(asked, map(parse, held.packets))]
    zone = f"{held.zone}."
    assert there[:4] == [(".", "DNSKEY"), (zone, "DS"), (zone, "DNSKEY"), (f"{held.victim}.", "A")]


def keys_of(zone: str) -> list:
    return list(LADDER.world.truth(zone, "DNSKEY"))


def test_key_is_that_of_her_home_and_of_no_other():
    held = hand(LADDER, 1)
    assert key_from_private(held.home, held.key, "ZSK").dnskey in keys_of(held.home)
    for zone in (".", "example", held.zone):
        assert all(dnskey.key != key_from_private(zone, held.key, "ZSK").dnskey.key for dnskey in keys_of(zone))


def test_revoked_key_is_published_as_revoked_and_signs_the_keys():
    held = hand(LADDER, 11)
    key = key_from_private(held.zone, held.key, "KSK")
    published = next(dnskey for dnskey in keys_of(held.zone) if dnskey.key == key.dnskey.key)
    assert int(published.flags) == int(key.dnskey.flags) | REVOKED
    tags = {rrsig.key_tag for rrsig in LADDER.world.zone(held.zone).signatures(held.zone, "DNSKEY")}
    assert len(tags) == 2 and key.tag not in tags


@each_seed
def test_colliding_key_has_the_tag_that_the_ds_names_and_is_another_key(seed):
    ladder = ladder_world(seed)
    held = hand(ladder, 12)
    mine = key_from_private(held.zone, held.key, "KSK")
    ds = ladder.world.truth(held.zone, "DS")[0]
    assert (ds.key_tag, ds.algorithm) == (mine.tag, mine.algorithm)
    assert ds != mine.ds()
    assert mine.dnskey not in ladder.world.truth(held.zone, "DNSKEY")


def test_the_same_seed_gives_the_same_world_and_another_gives_other_names_keys_and_addresses():
    again = ladder_world.__wrapped__(SEEDS[0])
    assert [hand(again, number) for number in NUMBERS] == [hand(LADDER, number) for number in NUMBERS]
    worlds = [ladder_world(seed) for seed in SEEDS]
    for of in (
        lambda ladder: ladder.bank,
        lambda ladder: ladder.addresses,
        lambda ladder: ladder.stolen,
        lambda ladder: ladder.world.trust_anchors[0][0],
        lambda ladder: tuple(server.address for server in ladder.world.servers),
    ):
        assert len({of(ladder) for ladder in worlds}) == len(SEEDS)


@each_seed
def test_nobody_has_an_address_twice_and_only_the_attackers_are_in_her_network(seed):
    ladder = ladder_world(seed)
    addresses = [*ladder.addresses, *(server.address for server in ladder.world.servers)]
    assert len(set(addresses)) == len(addresses)
    hers = {address for address in addresses if address.startswith(ATTACKER_NETWORK)}
    her_server = next(server.address for server in ladder.world.servers if server.zones == (ladder.trap,))
    assert hers == {ladder.addresses.former, ladder.addresses.attacker, her_server}


def test_a_seed_is_pinned_so_that_a_grade_can_be_repeated_next_year():
    held: Hand = hand(ladder_world("pinned"), 1)
    assert held[:3] + (held.home, held.key.hex()[:16]) == PINNED


PINNED = (
    "www.ivory-embassy19.example",
    "ivory-embassy19.example",
    "203.0.113.240",
    "ochre-lottery81.example",
    "27fb9b8ac49d53d0",
)


def query(name="www.example", rdtype="A") -> bytes:
    return to_bytes(make_query(name, rdtype, id=1))


@pytest.mark.parametrize(
    ("packets", "complaint"),
    [
        ([query(), "text"], "Packet 2 is of type str: send bytes"),
        ([b""], "Packet 1 is no DNS message"),
        ([query(), query()[:20]], "Packet 2 is no DNS message"),
        ([query()[:4] + bytes(8)], "Packet 1 does not hold exactly one question"),
    ],
)
def test_what_cannot_be_sent_is_refused_with_a_sentence(packets, complaint):
    with pytest.raises(LabError, match=complaint):
        besiege(LADDER, 1, packets)


@pytest.mark.parametrize("number", [0, 17, -1, "1", None])
def test_there_are_sixteen_levels(number):
    with pytest.raises(LabError, match="levels 1 to 16"):
        hand(LADDER, number)


def test_packets_for_other_questions_stay_unsent():
    assert besiege(LADDER, 1, [query("nobody.asks.example")]).outcome.status is SecurityStatus.SECURE


def test_a_packet_is_sent_whenever_its_question_is_asked():
    silent = parse(query(str(to_name(hand(LADDER, 1).victim))))
    silent.set_rcode(2)
    silent.flags |= dns.flags.QR
    assert not besiege(LADDER, 1, [to_bytes(silent)]).outcome.message.answer


@pytest.mark.daemon("ldns-verify-zone")
@pytest.mark.parametrize("zone", ["bank", "archive", "trap"])
def test_zones_are_signed_as_others_want_it(zone, tmp_path):
    origin = getattr(LADDER, zone)
    path = tmp_path / "zone"
    for world in (LADDER.world, LADDER.moved):
        path.write_text(world.zone(origin).to_text(), encoding="utf-8")
        moment = time.strftime("%Y%m%d%H%M%S", time.gmtime(world.now))
        done = subprocess.run(["ldns-verify-zone", "-t", moment, path], capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, done.stdout + done.stderr
