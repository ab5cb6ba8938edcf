"""One iterative resolution, driven by hand: every turn of RFC 1034 §5.3.3, healthy first, then one thing broken."""

import random

import pytest
from handmade import BANK, COM, NOW, OTHER, ROOT, Servers, reply_to, resolution, run, usual_servers

from dnsseclab.protocol.messages import Datagram, dnssec_ok, flag, parse, question
from dnsseclab.protocol.story import Believed, Ignored, Reason
from dnsseclab.resolver.cache import Cache
from dnsseclab.resolver.replies import Kind
from dnsseclab.resolver.resolution import Resolution
from dnsseclab.validator.limits import Limits

WWW = ["www.bank.com. 3600 A 192.0.2.20"]
SOA = "bank.com. 600 SOA ns.bank.com. root.bank.com. 1 2 3 4 300"


def reasons(fates):
    return [fate.reason if type(fate) is Ignored else fate.kind for fate in fates]


def addresses(asking):
    return [rdata.address for rrset in asking.reply.message.answer for rdata in rrset]


def asked_servers(servers):
    return [address for address, *_ in servers.asked]


# --- the usual way


def test_referrals_lead_from_the_root_to_the_answer():
    asking, servers = resolution(), usual_servers()
    fates = run(asking, servers)
    assert fates == [Believed("referral"), Believed("referral"), Believed("answer")]
    assert asked_servers(servers) == [ROOT, COM, BANK] and addresses(asking) == ["192.0.2.20"]
    assert asking.next_query() is None and not asking.waits


def test_the_next_resolution_begins_at_the_closest_servers_known():
    cache, servers = Cache(), usual_servers()
    run(resolution(cache=cache), servers)
    servers.asked.clear()
    run(resolution(cache=cache), servers)
    assert asked_servers(servers) == [BANK]


def test_queries_to_servers_are_not_recursive_and_ask_for_no_signatures_unless_needed():
    query = parse(resolution().next_query().payload)
    assert not flag(query, "RD") and not dnssec_ok(query) and query.payload == 1232


@pytest.mark.parametrize(
    ("how", "kind"),
    [
        (dict(answer=["www.bank.com. 60 CNAME web.bank.com."]), Kind.ALIAS),
        (dict(authority=[SOA], rcode="NXDOMAIN"), Kind.NO_SUCH_NAME),
        (dict(authority=[SOA]), Kind.NO_SUCH_RECORD),
    ],
)
def test_aliases_and_absences_end_a_resolution_too(how, kind):
    asking, servers = resolution(), usual_servers()
    servers.at(BANK, "www.bank.com", "A", **how)
    assert run(asking, servers)[-1] == Believed(str(kind)) and asking.reply.kind is kind


def test_the_soa_of_an_absence_lives_no_longer_than_the_absence():
    """RFC 2308 §3."""
    asking, servers = resolution(), usual_servers()
    servers.at(BANK, "www.bank.com", "A", [], [SOA])
    run(asking, servers)
    assert asking.reply.message.authority[0].ttl == 300


# --- what must not be believed


def test_a_forged_reply_is_one_more_receive_and_the_wait_goes_on():
    asking = resolution()
    query = asking.next_query()
    genuine = reply_to(query, [], ["com. 60 NS ns.com."], flags="")
    forged = genuine._replace(payload=bytes([genuine.payload[0] ^ 1]) + genuine.payload[1:])
    assert asking.receive(forged) == Ignored(Reason.WRONG_ID) and asking.waits
    assert asking.receive(genuine) == Believed("referral") and not asking.waits
    assert asking.receive(genuine) == Ignored(Reason.TOO_LATE)


def test_a_broken_reply_does_not_end_the_wait():
    """Else a forger could silence a server with one malformed packet that matches."""
    asking = resolution()
    query = asking.next_query()
    broken = reply_to(query, [], ["com. 60 NS ns.com."], flags="")
    broken = broken._replace(payload=broken.payload[:-25])
    assert asking.receive(broken).reason is Reason.MALFORMED and asking.waits


@pytest.mark.parametrize("seed", range(30))
def test_no_garbage_behind_a_matching_header_raises(seed):
    asking = resolution()
    query = asking.next_query()
    dice = random.Random(seed)
    genuine = bytearray(reply_to(query, WWW, [SOA], ["ns.com. 60 A 192.0.2.2"]).payload)
    for _ in range(dice.randrange(1, 30)):
        genuine[dice.randrange(34, len(genuine))] = dice.randrange(256)
    assert asking.receive(Datagram(query.destination, query.source, bytes(genuine)))


def test_records_outside_the_zone_are_left_out_and_named():
    cache, servers = Cache(), usual_servers()
    extra = ["www.victim.org. 60 A 203.0.113.1"]
    servers.at(BANK, "www.bank.com", "A", WWW, [], extra)
    assert run(resolution(cache=cache), servers)[-1] == Believed("answer", ("www.victim.org A 203.0.113.1",))
    assert cache.get(*question("www.victim.org", "A"), NOW) is None


def test_without_bailiwick_check_they_are_kept():
    cache, servers = Cache(), usual_servers()
    servers.at(BANK, "www.bank.com", "A", WWW, ["victim.org. 60 NS ns.evil.org."], ["www.victim.org. 60 A 203.0.113.1"])
    assert run(resolution(cache=cache, bailiwick_check=False), servers)[-1] == Believed("answer")
    assert cache.find(question("www.victim.org", "A"), NOW, judged=False)
    assert cache.find(question("victim.org", "NS"), NOW, judged=False)


def test_a_reply_that_speaks_only_of_other_zones_is_worth_nothing():
    asking, servers = resolution(), usual_servers()
    servers.at(BANK, "www.bank.com", "A", [], ["org. 60 NS ns.org."], flags="")
    assert reasons(run(asking, servers))[2] is Reason.OUT_OF_BAILIWICK
    assert "no server of bank.com" in asking.failure


def test_a_referral_must_lead_closer_to_the_name():
    """RFC 1034 §5.3.3: one that doesn't is bogus, and may go round for ever."""
    for zone in ("com.", "bank.com."):  # upwards, and to the zone itself
        asking, servers = resolution(), usual_servers()
        servers.at(BANK, "www.bank.com", "A", [], [f"{zone} 60 NS ns.bank.com."], flags="")
        assert all(reason in (Reason.USELESS, Reason.OUT_OF_BAILIWICK) for reason in reasons(run(asking, servers))[2:])
        assert asking.failure


def test_kaminsky_a_matching_reply_may_move_the_zones_servers():
    """NS records are not signed, and these lie inside the zone: no check of this room can tell."""
    cache, servers = Cache(), usual_servers()
    run(resolution(cache=cache), servers)
    forged_ns, forged_glue = ["bank.com. 9000 NS ns.evil.bank.com."], [f"ns.evil.bank.com. 9000 A {OTHER}"]
    servers.at(BANK, "x1.bank.com", "A", ["x1.bank.com. 60 A 203.0.113.1"], forged_ns, forged_glue)
    run(resolution("x1.bank.com", cache=cache), servers)
    servers.at(OTHER, "www.bank.com", "A", ["www.bank.com. 60 A 203.0.113.66"])
    victim = resolution(cache=cache)
    run(victim, servers)
    assert addresses(victim) == ["203.0.113.66"]


def test_a_child_cannot_prolong_its_own_delegation():
    """Else a name that its parent has taken away lives on as a ghost."""
    cache, servers = Cache(), usual_servers()
    servers.at(BANK, "bank.com", "NS", ["bank.com. 999999 NS ns.bank.com."])
    servers.at(BANK, "www.bank.com", "A", WWW, ["bank.com. 999999 NS ns.bank.com."])
    run(resolution(cache=cache), servers)
    asking = resolution("bank.com", "NS", cache=cache)
    run(asking, servers)
    assert cache.get(*question("bank.com", "NS"), NOW).expires == NOW + 7200
    assert asking.reply.message.answer[0].ttl == 7200


# --- servers that don't help


@pytest.mark.parametrize("how", [dict(rcode="SERVFAIL"), dict(rcode="REFUSED"), None])
def test_a_zones_second_server_is_asked_if_the_first_is_of_no_use(how):
    servers = usual_servers()
    both = ["bank.com. 60 NS ns.bank.com.", "bank.com. 60 NS ns2.bank.com."]
    glue = [f"ns.bank.com. 60 A {BANK}", f"ns2.bank.com. 60 A {OTHER}"]
    servers.at(COM, "*", "A", [], both, glue, flags="")
    servers.at(OTHER, "www.bank.com", "A", WWW)
    del servers.says[BANK, "www.bank.com", "A"]
    if how:
        servers.at(BANK, "www.bank.com", "A", **how)
    asking = resolution()
    run(asking, servers)
    assert asked_servers(servers) == [ROOT, COM, BANK, OTHER] and asking.reply


def test_silent_servers_are_given_up_after_some_tries():
    asking, servers = resolution(), Servers()
    assert run(asking, servers) == [] and asked_servers(servers) == [ROOT, ROOT]
    assert asking.failure == "no server of root gave a useful reply"


def test_every_try_has_an_id_and_a_port_of_its_own():
    servers = Servers()
    run(resolution(), servers)
    first, second = servers.sent
    assert first.payload[:2] != second.payload[:2] and first.source.port != second.source.port


def test_a_reply_cut_short_is_asked_for_again_over_tcp():
    servers = usual_servers()
    whole = servers.says[BANK, "www.bank.com", "A"]
    servers.says[BANK, "www.bank.com", "A"] = lambda query: (
        whole(query) if query.transport == "tcp" else reply_to(query, flags="AA TC")
    )
    asking = resolution()
    assert reasons(run(asking, servers))[2:] == [Reason.TRUNCATED, "answer"]
    assert [query.transport for query in servers.sent] == ["udp", "udp", "udp", "tcp"]


@pytest.mark.parametrize("rcode", ["FORMERR", "NOTIMP"])
def test_a_server_that_does_not_know_edns_is_asked_without(rcode):
    """RFC 6891 §6.2.2."""
    servers = usual_servers()
    whole = servers.says[BANK, "www.bank.com", "A"]
    servers.says[BANK, "www.bank.com", "A"] = lambda query: (
        whole(query) if parse(query.payload).edns < 0 else reply_to(query, rcode=rcode)
    )
    asking = resolution()
    assert reasons(run(asking, servers))[2:] == [Reason.USELESS, "answer"]


def test_a_resolvers_answer_and_an_empty_one_are_taken_only_if_nobody_knows_better():
    for how in (dict(answer=WWW, flags="RA"), dict(flags="")):
        servers = usual_servers()
        servers.at(BANK, "www.bank.com", "A", **how)
        asking = resolution()
        assert reasons(run(asking, servers))[2] is Reason.USELESS and asking.reply


def test_an_empty_reply_with_aa_says_that_there_is_no_such_record():
    """RFC 2308 §2.2: its third form."""
    servers = usual_servers()
    servers.at(BANK, "www.bank.com", "A")
    assert run(resolution(), servers)[-1] == Believed("no such record")


def test_servers_from_the_cache_that_are_of_no_use_are_forgotten_and_the_parent_is_asked():
    cache, servers = Cache(), usual_servers()
    run(resolution(cache=cache), servers)
    servers.at(COM, "*", "A", [], ["bank.com. 60 NS new.bank.com."], [f"new.bank.com. 60 A {OTHER}"], flags="")
    servers.at(OTHER, "www.bank.com", "A", WWW)
    del servers.says[BANK, "www.bank.com", "A"]
    servers.asked.clear()
    asking = resolution(cache=cache)
    run(asking, servers)
    assert asked_servers(servers) == [BANK, BANK, COM, OTHER] and asking.reply


@pytest.mark.parametrize("found", [[], ["dead.bank.com. 60 A 192.0.2.99"], ["ns.bank.com. 60 A 192.0.2.99"]])
def test_if_the_servers_that_a_zone_names_itself_are_of_no_use_those_that_its_parent_named_are_asked(found):
    """Without an address, at one where nobody is, or moved there; the parent's referral was a moment ago."""
    servers = usual_servers()
    name = "ns.bank.com." if "ns" in str(found) else "dead.bank.com."
    servers.at(BANK, "www.bank.com", "A", WWW, [f"bank.com. 600 NS {name}"], found)
    servers.at(BANK, "mail.bank.com", "A", ["mail.bank.com. 60 A 192.0.2.21"])
    first = resolution()
    run(first, servers)
    then = Resolution(question("mail.bank.com", "A"), first._equipment, first._budget)
    run(then, servers)
    assert addresses(then) == ["192.0.2.21"] and asked_servers(servers)[-1] == BANK


def test_a_parent_that_gave_no_glue_is_asked_for_the_address():
    servers = usual_servers()
    servers.at(COM, "www.bank.com", "A", [], ["bank.com. 7200 NS ns.bank.com."], flags="")
    servers.at(BANK, "ns.bank.com", "A", [f"ns.bank.com. 60 A {BANK}"])
    asking = resolution()
    run(asking, servers)
    assert asked_servers(servers) == [ROOT, COM, COM, BANK, BANK] and addresses(asking) == ["192.0.2.20"]


def test_the_whole_name_of_a_server_is_shown_to_a_parent_that_gave_no_glue():
    """RFC 9156 hides names; but a parent that was asked for a part of it has no reason to add the address."""
    servers = usual_servers()
    servers.at(COM, "bank.com", "A", [], ["bank.com. 7200 NS ns.bank.com."], flags="")
    servers.at(COM, "www.bank.com", "A", [], ["bank.com. 7200 NS ns.bank.com."], flags="")
    asking = resolution(minimize_names=True)
    run(asking, servers)
    asked_com = [name for address, name, _ in servers.asked if address == COM]
    assert asked_com == ["bank.com", "www.bank.com", "bank.com", "ns.bank.com"] and addresses(asking) == ["192.0.2.20"]


def test_a_parent_that_never_gives_glue_does_not_lead_in_a_circle():
    servers = usual_servers()
    servers.at(COM, "*", "A", [], ["bank.com. 7200 NS ns.bank.com."], flags="")
    asking = resolution()
    run(asking, servers)
    assert asking.failure == "no server of bank.com gave a useful reply" and len(servers.asked) <= 6


@pytest.mark.parametrize(
    ("how", "said"),
    [
        (dict(rcode="FORMERR"), "FORMERR: asked again without EDNS"),
        (dict(rcode="NOTIMP"), "NOTIMP: asked again without EDNS"),
        (dict(rcode="SERVFAIL"), "SERVFAIL"),
        (dict(flags=""), "an empty reply of a server without authority"),
        (dict(answer=WWW, flags="RA"), "a resolver's answer, not one of the zone's servers"),
    ],
)
def test_the_story_says_why_a_reply_was_of_no_use(how, said):
    servers = usual_servers()
    servers.at(BANK, "www.bank.com", "A", **how)
    assert run(resolution(), servers)[2] == Ignored(Reason.USELESS, said)


def test_the_story_names_the_records_of_which_nothing_is_left():
    servers = usual_servers()
    servers.at(BANK, "www.bank.com", "A", [], ["org. 60 NS ns.org.", "net. 60 NS ns.net."], flags="")
    assert run(resolution(), servers)[2] == Ignored(Reason.OUT_OF_BAILIWICK, "org NS ns.org.; net NS ns.net.")
    unchecked = run(resolution(bailiwick_check=False), servers)[2]
    assert unchecked == Ignored(Reason.USELESS, "")  # nobody objects, but it doesn't help either


def test_a_refused_cookie_is_a_reason_of_its_own_and_tcp_needs_none():
    """RFC 7873 §5.3: BADCOOKIE is not a reply that was cut short."""
    servers = usual_servers()
    whole = servers.says[BANK, "www.bank.com", "A"]
    servers.says[BANK, "www.bank.com", "A"] = lambda query: (
        whole(query) if query.transport == "tcp" else reply_to(query, rcode="BADCOOKIE")
    )
    assert run(resolution(), servers)[2:] == [Ignored(Reason.USELESS), Believed("answer")]


# --- name servers without glue


def without_glue(servers):
    servers.at(COM, "www.bank.com", "A", [], ["bank.com. 7200 NS ns.host.org."], flags="")
    servers.at(ROOT, "ns.host.org", "A", [], ["org. 60 NS ns.org."], [f"ns.org. 60 A {OTHER}"], flags="")
    servers.at(OTHER, "ns.host.org", "A", [f"ns.host.org. 60 A {BANK}"])
    return servers


def test_the_address_of_a_server_without_glue_is_looked_up_first():
    asking, servers = resolution(), without_glue(usual_servers())
    run(asking, servers)
    assert asked_servers(servers) == [ROOT, COM, ROOT, OTHER, BANK] and asking.reply


def test_an_address_with_a_ttl_of_zero_is_good_for_this_once():
    asking, servers = resolution(), without_glue(usual_servers())
    servers.at(OTHER, "ns.host.org", "A", [f"ns.host.org. 0 A {BANK}"])
    run(asking, servers)
    assert asking.reply


def test_ipv6_is_tried_when_there_is_no_ipv4_address():
    asking, servers = resolution(), without_glue(usual_servers())
    servers.at(OTHER, "ns.host.org", "A", [], ["host.org. 60 SOA a. b. 1 2 3 4 5"])
    servers.at(OTHER, "ns.host.org", "AAAA", ["ns.host.org. 60 AAAA 2001:db8::1"])
    servers.at("2001:db8::1", "www.bank.com", "A", WWW)
    run(asking, servers)
    assert asking.reply


def test_the_glue_of_a_server_is_tried_after_the_address_that_it_says_itself():
    asking, servers = resolution(), without_glue(usual_servers())
    servers.at(ROOT, "ns.host.org", "A", [], ["host.org. 60 NS ns.host.org."], [f"ns.host.org. 60 A {OTHER}"], flags="")
    servers.at(OTHER, "ns.host.org", "A", ["ns.host.org. 60 A 192.0.2.99"])  # nobody is there
    servers.at(OTHER, "www.bank.com", "A", WWW)
    run(asking, servers)
    assert asked_servers(servers)[-2:] == ["192.0.2.99", OTHER] and asking.reply


def test_an_address_seen_on_the_way_will_do_if_nobody_says_it_when_asked():
    asking, servers = resolution(), without_glue(usual_servers())
    servers.at(ROOT, "ns.host.org", "A", [], ["org. 60 NS ns.host.org."], [f"ns.host.org. 60 A {BANK}"], flags="")
    servers.at(
        BANK, "ns.host.org", "A", [], ["host.org. 60 NS ns2.host.org."], ["ns2.host.org. 60 A 192.0.2.99"], flags=""
    )
    run(asking, servers)
    assert asked_servers(servers)[-1] == BANK and asking.reply


def test_servers_to_be_asked_last_are_asked_last_for_addresses_too():
    asking, servers = resolution(avoid=[OTHER]), without_glue(usual_servers())
    both = ["org. 60 NS ns.org.", "org. 60 NS ns2.org."]
    servers.at(ROOT, "ns.host.org", "A", [], both, [f"ns.org. 60 A {OTHER}", "ns2.org. 60 A 192.0.2.5"], flags="")
    servers.at("192.0.2.5", "ns.host.org", "A", [f"ns.host.org. 60 A {BANK}"])
    run(asking, servers)
    assert asked_servers(servers) == [ROOT, COM, ROOT, "192.0.2.5", BANK]


def test_the_address_of_a_server_that_has_moved_is_looked_up_again():
    cache, servers = Cache(), without_glue(usual_servers())
    run(resolution(cache=cache), servers)
    del servers.says[BANK, "www.bank.com", "A"]
    servers.at(OTHER, "ns.host.org", "A", ["ns.host.org. 60 A 192.0.2.5"])
    servers.at("192.0.2.5", "www.bank.com", "A", WWW)
    servers.asked.clear()
    asking = resolution(cache=cache)
    run(asking, servers)
    assert asking.reply and servers.asked[-2:] == [(OTHER, "ns.host.org", "A"), ("192.0.2.5", "www.bank.com", "A")]


def test_an_address_that_only_silent_servers_could_tell_is_not_looked_up():
    servers = usual_servers()
    del servers.says[BANK, "www.bank.com", "A"]
    asking = resolution()
    run(asking, servers)
    assert {name for _, name, _ in servers.asked} == {"www.bank.com"}
    assert asking.failure == "no server of bank.com gave a useful reply"


def test_servers_that_need_each_others_address_do_not_lead_in_a_circle():
    servers = usual_servers()
    servers.at(ROOT, "*", "A", [], ["com. 60 NS ns.org.", "org. 60 NS ns.com."], flags="")
    servers.at(ROOT, "ns.org", "A", [], ["org. 60 NS ns.com."], flags="")
    servers.at(ROOT, "ns.com", "A", [], ["com. 60 NS ns.org."], flags="")
    asking = resolution()
    run(asking, servers)
    assert asking.failure and len(servers.asked) < 40


def test_names_that_lead_ever_deeper_are_given_up_at_the_limit():
    servers = Servers()
    for number in range(20):
        servers.at(ROOT, f"ns.z{number}", "A", [], [f"z{number}. 60 NS ns.z{number + 1}."], flags="")
    asking = resolution("ns.z0", limits=Limits(glueless_depth=3))
    run(asking, servers)
    assert asking.failure and max(int(name[4:]) for _, name, _ in servers.asked) == 3


# --- limits


def test_the_budget_of_queries_is_not_exceeded():
    servers = usual_servers()
    asking = resolution(queries=2)
    run(asking, servers)
    assert len(servers.asked) == 2 and "questions to servers" in asking.failure


def test_time_is_limited_too():
    servers = usual_servers()
    asking = resolution(limits=Limits(question_seconds=4), clock=lambda: NOW + 2 * len(servers.asked))
    run(asking, servers)
    assert [address for address, *_ in servers.asked] == [ROOT, COM] and "4 seconds" in asking.failure


def test_referrals_ever_deeper_are_given_up_at_the_limit():
    servers, name = Servers(), ".".join("abcdefghij") + ".com"
    labels = name.split(".")
    for depth in range(1, len(labels)):
        zone = ".".join(labels[-depth:])
        server = ROOT if depth == 1 else f"192.0.2.{100 + depth}"
        servers.at(
            server, name, "A", [], [f"{zone}. 60 NS ns.{zone}."], [f"ns.{zone}. 60 A 192.0.2.{101 + depth}"], flags=""
        )
    asking = resolution(name, limits=Limits(referrals=4))
    run(asking, servers)
    assert asking.failure == "more than 4 referrals" and len(servers.asked) == 5  # the fifth is one too many
