"""The toy Internet: what is in it, what its switches change, and that nothing in it can be changed by accident."""

import ipaddress
from importlib.resources import files

import dns.dnssec
import dns.flags
import dns.rrset
import pytest
from dns.name import root
from dns.rdatatype import RdataType

from dnsseclab.authority.keys import make_key
from dnsseclab.authority.signing import sign_zone
from dnsseclab.authority.zones import Zone
from dnsseclab.internet.worlds import (
    ATTACKER_SITE,
    FORMER_ADDRESSES,
    NOW,
    SERVERS,
    ZONE_NAMES,
    World,
    is_signed,
    toy_internet,
)
from dnsseclab.protocol.messages import flag, make_query, parse
from dnsseclab.protocol.names import LabError, show_name, to_name

DAY = 86400
HONEST = [ipaddress.ip_network(net) for net in ("192.0.2.0/24", "198.51.100.0/24", "2001:db8::/32")]


@pytest.fixture(scope="module")
def world() -> World:
    return toy_internet()


def signed_names(world: World) -> set[str]:
    return {show_name(name) for name, zone in world.zones.items() if is_signed(zone)}


def connected_names(world: World) -> set[str]:
    return {show_name(name) for name in world.zones if name != root and world.truth(name, "DS")}


# --- what is in it


def test_the_zones_of_the_course_are_there_and_one_is_unsigned(world):
    assert [show_name(name) for name in world.zones] == [
        "root", "com", "example", "foundry81.com", "bank.example", "harbor.example",
    ]  # fmt: skip
    assert signed_names(world) == {"root", "com", "example", "foundry81.com", "bank.example"}
    assert connected_names(world) == {"com", "example", "foundry81.com", "bank.example"}


def test_the_addresses_that_the_course_speaks_of(world):
    assert world.truth("www.bank.example", "A").to_text() == "www.bank.example. 3600 IN A 192.0.2.20"
    assert world.truth("www.foundry81.com", "A").to_text() == "www.foundry81.com. 3600 IN A 192.0.2.80"
    assert world.truth("nope.bank.example", "A") is None
    assert world.truth("nope", "A") is None
    assert world.truth("shop.foundry81.com", "CNAME")[0].target == to_name("www.bank.example")


def test_every_lesson_finds_its_kind_of_record(world):
    bank = world.zone("bank.example")
    networks = {ipaddress.ip_network(f"{rdata.address}/24", strict=False) for rdata in (
        bank.get(server.target, "A")[0] for server in bank.apex_ns)}  # fmt: skip
    assert len(networks) == 2, "two servers, in different networks"
    everything = [rrset for zone in world.zones.values() for rrset in zone.rrsets()]
    assert {"A", "AAAA", "MX", "TXT", "CNAME", "CAA", "TLSA"} <= {rrset.rdtype.name for rrset in everything}
    assert any(rrset.name.is_wild() for rrset in everything)
    assert bank.exists("_tcp.www.bank.example") and not bank.rrsets_at("_tcp.www.bank.example")


def test_all_addresses_are_for_documentation_and_none_is_the_attackers(world):
    addresses = [
        rdata.address for zone in world.zones.values() for rrset in zone.rrsets()
        if rrset.rdtype in (RdataType.A, RdataType.AAAA) for rdata in rrset
    ]  # fmt: skip
    for address in [*addresses, *(server.address for server in SERVERS)]:
        assert any(ipaddress.ip_address(address) in network for network in HONEST), address
    for address in [ATTACKER_SITE, *FORMER_ADDRESSES.values()]:
        assert ipaddress.ip_address(address) in ipaddress.ip_network("203.0.113.0/24")


def test_parent_and_child_name_the_same_servers_at_the_same_addresses(world):
    """Each delegation: NS and glue at the parent agree with the child, and a server is really there."""
    for child in ZONE_NAMES[1:]:
        parent, zone = world.zone_of(child, "DS"), world.zones[child]
        assert set(parent.get(child, "NS")) == set(zone.apex_ns), show_name(child)
        for server in zone.apex_ns:
            (address,) = world.truth(server.target, "A")
            glue = parent.get(server.target, "A")
            assert glue is None or list(glue) == [address]
            assert child in next(known.zones for known in SERVERS if known.address == address.address)
            assert world.server_at(address.address) is not None


def test_the_root_hints_are_the_roots_own_servers(world):
    assert world.root_hints == {"a.root-servers": ["192.0.2.1"], "b.root-servers": ["198.51.100.1"]}
    assert {server.target for server in world.zone(".").apex_ns} == set(map(to_name, world.root_hints))


def test_a_server_answers_for_its_zones_only(world):
    bank = world.server_at("192.0.2.21")
    for name, rcode in [("www.bank.example", dns.rcode.NOERROR), ("www.foundry81.com", dns.rcode.REFUSED)]:
        assert parse(bank.reply(make_query(name, "A", id=1).to_wire())).rcode() == rcode
    assert world.server_at("192.0.2.200") is None


def test_the_server_of_parent_and_child_denies_the_ds_from_the_parent(world):
    reply = parse(world.server_at("198.51.100.12").reply(make_query("harbor.example", "DS", id=1).to_wire()))
    assert flag(reply, "AA") and reply.authority[0].name == to_name("example")


def test_addresses_have_labels_for_stories(world):
    labels = {
        "192.0.2.21": "bank's server", "198.51.100.21": "bank's second server", "192.0.2.1": "root's server",
        "198.51.100.12": "example's second server", "192.0.2.53": "resolver", "192.0.2.99": "victim",
        "203.0.113.66": "attacker", "192.0.2.200": "192.0.2.200",
    }  # fmt: skip
    assert {address: world.label(address) for address in labels} == labels


def test_every_zone_has_a_commented_master_file_in_the_package():
    for name in ZONE_NAMES:
        text = files("dnsseclab.internet").joinpath("zones", f"{show_name(name)}.zone").read_text(encoding="utf-8")
        assert text.startswith(";")
        assert Zone.from_text(text).origin == name


# --- keys, signatures, time


def test_the_trust_anchor_is_the_ds_of_the_roots_ksk(world):
    (anchor,) = world.trust_anchors
    assert (anchor.name, anchor.rdtype) == (root, RdataType.DS)
    assert list(anchor) == [key.ds() for key in world.keys[root] if key.role == "KSK"]


def test_the_chain_of_keys_holds_from_the_anchor_down(world):
    for child in ZONE_NAMES[1:-1]:
        (ds,) = world.truth(child, "DS")
        assert ds in [dns.dnssec.make_ds(child, key, "SHA256") for key in world.truth(child, "DNSKEY")]


def test_signatures_hold_from_a_day_before_now_to_six_days_after(world):
    times = {
        (rrsig.inception, rrsig.expiration)
        for zone in world.zones.values() for rrset in zone.rrsets() if rrset.covers for rrsig in rrset
    }  # fmt: skip
    assert times == {(NOW - DAY, NOW + 6 * DAY)}
    later = toy_internet(now=NOW + 1000).zone("bank.example").signatures("www.bank.example", "A")[0]
    assert (later.inception, later.expiration) == (NOW + 1000 - DAY, NOW + 1000 + 6 * DAY)


@pytest.mark.parametrize(("keys", "roles"), [("split", ["KSK", "ZSK"]), ("single", ["CSK"])])
@pytest.mark.parametrize(("algorithm", "number"), [("P-256", 13), ("Ed25519", 15)])
def test_keys_and_algorithm_are_chosen(keys, roles, algorithm, number):
    world = toy_internet(keys=keys, algorithm=algorithm)
    assert [key.role for key in world.keys[to_name("bank.example")]] == roles
    assert {key.algorithm for key in world.truth("bank.example", "DNSKEY")} == {number}


def test_the_same_arguments_give_the_same_world_and_another_seed_other_keys():
    assert toy_internet().zone("example").to_text() == toy_internet().zone("example").to_text()
    assert toy_internet(seed="other").zone("example").to_text() != toy_internet().zone("example").to_text()


# --- the switches


def test_nothing_signed():
    world = toy_internet(signed=False)
    assert signed_names(world) == connected_names(world) == set() and world.trust_anchors == ()
    assert len(world.keys[to_name("bank.example")]) == 2, "the keys are there to be used"


def test_some_signed_and_by_default_all_of_those_connected():
    world = toy_internet(signed=[".", "example", "bank.example"])
    assert signed_names(world) == {"root", "example", "bank.example"}
    assert connected_names(world) == {"example", "bank.example"}
    assert signed_names(toy_internet(signed="bank.example")) == {"bank.example"}


def test_signed_but_not_connected():
    world = toy_internet(connected=["com", "example", "foundry81.com"])
    assert "bank.example" in signed_names(world) - connected_names(world)
    assert connected_names(toy_internet(connected=False)) == set()


def test_connected_but_not_signed():
    world = toy_internet(signed=[".", "com", "example"], connected=["example", "bank.example"])
    assert "bank.example" in connected_names(world) - signed_names(world)
    assert world.zone("example").signatures("bank.example", "DS") is not None


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"signed": ["bank.exmaple"]}, "no zone bank.exmaple.*bank.example"),
        ({"connected": "nope.example"}, "no zone nope.example"),
        ({"keys": "triple"}, "'split'"),
        ({"algorithm": "rot13"}, "rot13"),
        ({"signed": ["a..b"]}, "not a domain name"),
    ],
)
def test_impossible_switches_are_refused_with_advice(arguments, complaint):
    with pytest.raises(LabError, match=complaint):
        toy_internet(**arguments)


# --- changing it


def test_a_changed_zone_gives_another_world_and_leaves_this_one(world):
    moved = dns.rrset.from_text("www.bank.example.", 60, "IN", "A", "192.0.2.77")
    changed = world.with_zone(world.zone("bank.example").with_rrsets(moved))
    assert changed.truth("www.bank.example", "A") == moved != world.truth("www.bank.example", "A")
    query = make_query("www.bank.example", "A", id=1).to_wire()
    for server in ("192.0.2.21", "198.51.100.21"):
        assert b"\xc0\x00\x02\x4d" in changed.server_at(server).reply(query)
        assert b"\xc0\x00\x02\x14" in world.server_at(server).reply(query)


def test_a_world_cannot_be_changed_in_place(world):
    with pytest.raises(TypeError):
        world.zones[to_name("bank.example")] = None
    with pytest.raises(TypeError):
        world.keys[to_name("bank.example")] = ()
    world.truth("www.bank.example", "A").clear()
    assert len(toy_internet().truth("www.bank.example", "A")) == 1


def test_the_owners_steps_sign_the_zone_and_hand_over_the_ds():
    world = toy_internet(signed=[".", "com", "example", "foundry81.com"])
    ksk, zsk = (make_key("bank.example", role, seed="the learner's") for role in ("KSK", "ZSK"))
    signed = sign_zone(world.zone("bank.example"), [ksk, zsk], inception=world.inception, expiration=world.expiration)
    alone = world.with_zone(signed, ksk, zsk)
    assert alone.keys[to_name("bank.example")] == (ksk, zsk)
    assert connected_names(alone) == {"com", "example", "foundry81.com"}
    connected = alone.with_ds(ksk)
    assert list(connected.truth("bank.example", "DS")) == [ksk.ds()]
    parent = connected.zone("example")
    dns.dnssec.validate(
        parent.get("bank.example", "DS"), parent.signatures("bank.example", "DS"),
        {parent.origin: parent.get("example", "DNSKEY")}, now=NOW,
    )  # fmt: skip
    assert "DS" in parent.get("bank.example", "NSEC")[0].to_text().split()


def test_an_unsigned_parent_takes_a_ds_without_a_signature():
    world = toy_internet(signed="bank.example", connected=False)
    connected = world.with_ds(world.keys[to_name("bank.example")][0])
    assert connected.truth("bank.example", "DS") is not None and not is_signed(connected.zone("example"))


def test_what_is_not_in_the_world_is_refused_with_advice(world):
    stranger = Zone.from_text("$ORIGIN stranger.\n@ 60 SOA a b 1 2 3 4 5\n@ 60 NS a\n")
    for refused in (lambda: world.zone("stranger"), lambda: world.with_zone(stranger)):
        with pytest.raises(LabError, match="no zone stranger.*bank.example"):
            refused()
    with pytest.raises(LabError, match="at least one key"):
        world.with_ds()


# --- what an attacker has kept


@pytest.mark.parametrize("name", ["www.bank.example", "www.foundry81.com"])
@pytest.mark.parametrize("expired", [True, False])
def test_the_former_answer_is_genuine_and_its_time_is_over_or_not(world, name, expired):
    data, signatures = world.former_answer(name, expired=expired)
    assert data[0].address.startswith("203.0.113.") and data != world.truth(name, "A")
    zone = world.zone_of(name)
    keys = {zone.origin: zone.get(zone.origin, "DNSKEY")}
    dns.dnssec.validate(data, signatures, keys, now=signatures[0].inception)
    assert signatures[0].inception < NOW - DAY, "made before today's zone was signed"
    if expired:
        with pytest.raises(dns.dnssec.ValidationFailure):
            dns.dnssec.validate(data, signatures, keys, now=NOW)
    else:
        dns.dnssec.validate(data, signatures, keys, now=NOW)


def test_the_former_answer_of_an_unsigned_zone_has_no_signature():
    assert [rrset.rdtype.name for rrset in toy_internet().former_answer("www.harbor.example", expired=True)] == ["A"]
    assert len(toy_internet(signed=False).former_answer("www.bank.example", expired=False)) == 1


def test_a_name_that_never_moved_has_no_former_answer(world):
    with pytest.raises(LabError, match="always had its address.*www.bank.example"):
        world.former_answer("mail.bank.example", expired=True)


def test_servers_that_are_switched_off_answer_nobody_and_the_others_do(world: World) -> None:
    dark = world.without_servers("bank.example")
    assert world.server_at("192.0.2.21") and dark.server_at("192.0.2.21") is None
    assert dark.server_at("192.0.2.12")
    with pytest.raises(LabError, match="no zone shop.example"):
        world.without_servers("shop.example")
