"""Whom to ask: the closest known zone cut, its addresses, and the order of trying."""

import dns.name
from handmade import NOW, READ_HINTS, ROOT, reply_to, resolution

from dnsseclab.protocol.messages import parse
from dnsseclab.protocol.names import to_name
from dnsseclab.resolver.cache import Cache
from dnsseclab.resolver.remembering import server_entries
from dnsseclab.resolver.replies import Kind, Reply
from dnsseclab.resolver.servers import Candidates, Delegation, Target, closest_delegation, delegation_from

COM = to_name("com")


def referral(authority, additional=()):
    query = resolution().next_query()
    message = parse(reply_to(query, [], authority, additional, flags="").payload)
    return Reply(resolution().question, Kind.REFERRAL, message, dns.name.root, None)


def cache_after(*replies):
    cache = Cache()
    for reply in replies:
        for entry in server_entries(reply, NOW):
            cache.store(entry, NOW)
    return cache


def delegation(**servers):
    names = {to_name(name): tuple(addresses) for name, addresses in servers.items()}
    return Delegation(COM, names, NOW + 60)


def test_with_an_empty_cache_the_root_hints_are_all_that_is_known():
    closest = closest_delegation(to_name("www.bank.com"), Cache(), READ_HINTS, NOW)
    assert (closest.zone, list(closest.addresses.values())) == (dns.name.root, [(ROOT,)])


def test_the_closest_delegation_that_is_alive_is_taken():
    cache = cache_after(
        referral(["com. 60 NS ns.com."], ["ns.com. 60 A 192.0.2.2"]), referral(["bank.com. 30 NS ns.host.org."])
    )
    for name, now, zone in (("www.bank.com", NOW, "bank.com"), ("bank.com", NOW, "bank.com"), ("x.com", NOW, "com"),
                            ("www.bank.com", NOW + 30, "com"), ("www.bank.com", NOW + 60, ".")):  # fmt: skip
        assert closest_delegation(to_name(name), cache, READ_HINTS, now).zone == to_name(zone)


def test_servers_that_only_they_themselves_could_name_the_address_of_are_passed_over():
    cache = cache_after(
        referral(["com. 60 NS ns.com."], ["ns.com. 60 A 192.0.2.2"]), referral(["bank.com. 60 NS ns.bank.com."])
    )
    assert closest_delegation(to_name("bank.com"), cache, READ_HINTS, NOW).zone == COM
    for reply in (referral(["x.org. 60 NS y.org."], ["ns.bank.com. 60 A 192.0.2.3"]),
                  referral(["bank.com. 60 NS ns.bank.com.", "bank.com. 60 NS ns.host.org."])):  # fmt: skip
        for entry in server_entries(reply, NOW):
            cache.store(entry, NOW)
        assert closest_delegation(to_name("bank.com"), cache, READ_HINTS, NOW).zone == to_name("bank.com")


def test_a_referral_gives_names_glue_and_the_time_until_which_it_holds():
    reply = referral(
        ["com. 60 NS b.com.", "com. 60 NS ns.org."], ["b.com. 60 AAAA 2001:db8::1", "b.com. 60 A 192.0.2.2"]
    )
    found = delegation_from(reply.message, COM, Cache(), NOW)
    assert found.addresses == {to_name("b.com"): ("192.0.2.2", "2001:db8::1"), to_name("ns.org"): ()}
    assert found.expires == NOW + 60


def test_addresses_that_are_remembered_stand_in_for_missing_glue():
    cache = cache_after(referral(["org. 60 NS ns.org."], ["ns.org. 60 A 192.0.2.9"]))
    reply = referral(["com. 60 NS ns.org."])
    assert delegation_from(reply.message, COM, cache, NOW).addresses == {to_name("ns.org"): ("192.0.2.9",)}


def test_servers_are_asked_in_order_then_names_without_address_then_those_to_avoid():
    candidates = Candidates(delegation(a=["1"], b=[], c=["2", "3"]), avoid=["1"])
    order = [candidates.next() for _ in range(5)]
    assert order == [Target("2"), Target("3"), to_name("b"), Target("1"), None]


def test_a_silent_server_is_asked_once_more_when_the_others_have_had_their_turn():
    candidates = Candidates(delegation(a=["1"], b=["2"]))
    order = []
    while target := candidates.next():
        order.append(target.address)
        candidates.was_silent(target)
    assert order == ["1", "2", "1", "2"]


def test_a_retry_comes_first():
    candidates = Candidates(delegation(a=["1", "2"]))
    candidates.retry(candidates.next()._replace(transport="tcp"))
    assert candidates.next() == Target("1", "tcp")


def test_an_address_is_not_asked_twice_because_two_names_have_it():
    candidates = Candidates(delegation(a=["1"], b=["1"]))
    candidates.add(["1"])
    assert [candidates.next(), candidates.next()] == [Target("1"), None]
