"""Gathering: aliases followed, needs fetched, fates settled; with a validator made by hand."""

import random

import pytest
from handmade import BANK, COM, NOW, OTHER, READ_HINTS, ROOT, usual_servers

from dnsseclab.protocol.evidence import NO_REPLY
from dnsseclab.protocol.messages import question
from dnsseclab.protocol.story import Asked, Believed, Ignored, Reason, Rejected
from dnsseclab.protocol.trust import ChainOfTrust, Diagnosis, SecurityStatus
from dnsseclab.resolver.accepting import Defences, Secrets
from dnsseclab.resolver.cache import Cache
from dnsseclab.resolver.equipment import Equipment
from dnsseclab.resolver.gathering import EVENTS_APART, Gathering
from dnsseclab.resolver.remembering import UNCHECKED, answer_entries
from dnsseclab.validator.limits import Limits
from dnsseclab.validator.policy import Policy

WWW = question("www.bank.com", "A")
KEYS = question("bank.com", "DNSKEY")


def gathering(servers, *, judged=True, limits=None):
    secrets = Secrets("192.0.2.53", random.Random(1), Defences())
    settings = (Defences(), Policy(), limits or Limits())
    equipment = Equipment(Cache(), READ_HINTS, secrets, lambda: NOW, *settings, dnssec=True)
    return Gathering(equipment, servers.carry, judged=judged)


def finish(steps):
    """Run a generator; return its events and its result."""
    events = []
    while True:
        try:
            events.append(next(steps))
        except StopIteration as end:
            return events, end.value


def verdict(status, needs=(), why=None):
    return ChainOfTrust(WWW, status, (), why, needs=tuple(needs))


def aliases(*names):
    """Return servers where each name is an alias of the next, and the last has an address."""
    servers = usual_servers()
    for name, target in zip(names, names[1:], strict=False):
        servers.at(BANK, name, "A", [f"{name}. 60 CNAME {target}."])
    servers.at(BANK, names[-1], "A", [f"{names[-1]}. 60 A 192.0.2.20"])
    return servers


def test_aliases_are_followed_one_question_at_a_time():
    servers = aliases("www.bank.com", "a.bank.com", "b.bank.com")
    _, chase = finish(gathering(servers).chase(WWW))
    assert [str(reply.question) for reply in chase.replies] == ["www.bank.com A", "a.bank.com A", "b.bank.com A"]
    assert not chase.failure and not chase.from_cache


@pytest.mark.parametrize("names", [("www.bank.com", "www.bank.com"), ("www.bank.com", "a.bank.com", "www.bank.com")])
def test_aliases_that_lead_in_a_circle_are_a_failure(names):
    servers = aliases(*names)
    servers.at(BANK, "www.bank.com", "A", [f"www.bank.com. 60 CNAME {names[1]}."])
    _, chase = finish(gathering(servers).chase(WWW))
    assert "circle" in chase.failure


def test_aliases_that_lead_too_far_are_a_failure():
    names = ["www.bank.com", *(f"a{number}.bank.com" for number in range(6))]
    assert not finish(gathering(aliases(*names)).chase(WWW))[1].failure
    assert finish(gathering(aliases(*names), limits=Limits(aliases=4)).chase(WWW))[1].failure


def test_what_gets_no_reply_is_named():
    servers = aliases("www.bank.com", "www.gone.org")
    _, chase = finish(gathering(servers).chase(WWW))
    assert chase.missing == question("www.gone.org", "A") and chase.failure


def test_what_the_cache_has_is_not_asked_for():
    servers = usual_servers()
    first = gathering(servers, judged=False)
    finish(first.chase(WWW))
    first._equipment.remember(answer_entries(first.replies[0], UNCHECKED, NOW))
    for judged, asked in ((False, 0), (True, 1)):  # nobody has judged it: not good enough for a validating client
        servers.asked.clear()
        _, chase = finish(Gathering(first._equipment, servers.carry, judged=judged).chase(WWW))
        assert (len(servers.asked), chase.from_cache) == (asked, not asked)


def test_needs_are_fetched_until_there_are_none():
    servers = usual_servers()
    servers.at(BANK, "bank.com", "DNSKEY", ["bank.com. 60 DNSKEY 257 3 13 AAAA"])
    seen = []

    def validate(evidence, limits):
        seen.append(dict(evidence.received))
        nothing_yet = evidence.get(*KEYS) is None
        return verdict(SecurityStatus.INDETERMINATE, [KEYS]) if nothing_yet else verdict(SecurityStatus.SECURE)

    gather = gathering(servers)
    _, chase = finish(gather.chase(WWW))
    _, chain = finish(gather.prove(WWW, chase, validate))
    assert [len(received) for received in seen] == [1, 2] and chain.status is SecurityStatus.SECURE
    assert servers.asked[-1] == (BANK, "bank.com", "DNSKEY")


def test_what_cannot_be_had_is_evidence_too_and_is_asked_for_once():
    servers, gone = usual_servers(), question("bank.com", "DNSKEY")
    gather = gathering(servers)
    _, chase = finish(gather.chase(WWW))
    evidence_seen = []

    def validate(evidence, limits):
        evidence_seen.append(evidence.get(*gone))
        return verdict(SecurityStatus.INDETERMINATE, [gone])  # it never gets enough

    finish(gather.prove(WWW, chase, validate))
    assert evidence_seen == [None, NO_REPLY]


def test_a_ds_that_came_with_a_referral_is_not_asked_for():
    servers, ds = usual_servers(), question("bank.com", "DS")
    servers.at(COM, "*", "A", [], ["bank.com. 60 NS ns.bank.com.", "bank.com. 60 DS 1 13 2 " + "ab" * 32],
               [f"ns.bank.com. 60 A {BANK}"], flags="")  # fmt: skip
    gather = gathering(servers)
    _, chase = finish(gather.chase(WWW))

    def validate(evidence, limits):
        return verdict(SecurityStatus.SECURE, [] if evidence.get(*ds) else [ds])

    finish(gather.prove(WWW, chase, validate))
    assert [server for server, *_ in servers.asked] == [ROOT, COM, BANK]


def fates(gather):
    return [event.fate for event in gather.story if type(event.fate) is not Asked]


def test_the_verdict_becomes_the_fate_of_the_replies_that_were_judged():
    gather = gathering(usual_servers())
    _, chase = finish(gather.chase(WWW))
    finish(gather.prove(WWW, chase, lambda evidence, limits: verdict(SecurityStatus.SECURE)))
    assert fates(gather) == [Believed("referral"), Believed("referral"), Believed("answer", verified=True)]
    why = Diagnosis("signature-present", "no signature", "", "", 10, "")
    finish(gather.prove(WWW, chase, lambda evidence, limits: verdict(SecurityStatus.BOGUS, why=why)))
    assert fates(gather)[-1] == Rejected("signature-present", "no signature")


def test_after_starting_over_the_server_of_what_was_not_believed_is_asked_last():
    servers = usual_servers()
    servers.at(COM, "*", "A", [], ["bank.com. 60 NS ns.bank.com.", "bank.com. 60 NS ns2.bank.com."],
               [f"ns.bank.com. 60 A {BANK}", f"ns2.bank.com. 60 A {OTHER}"], flags="")  # fmt: skip
    servers.at(OTHER, "www.bank.com", "A", ["www.bank.com. 60 A 192.0.2.21"])
    gather = gathering(servers)
    _, chase = finish(gather.chase(WWW))
    finish(gather.prove(WWW, chase, needs_keys))  # which nobody sends, though both servers are asked
    assert {server for server, *_ in servers.asked} == {ROOT, COM, BANK, OTHER}
    servers.asked.clear()
    gather.start_over(chase, verdict(SecurityStatus.BOGUS))
    finish(gather.chase(WWW))
    assert [server for server, name, rdtype in servers.asked if rdtype == "A"] == [OTHER]


def test_the_server_at_the_end_of_an_alias_is_doubted_too():
    """It may have left out a proof, and then no box of the chain says from which reply that is missing."""
    servers = usual_servers()
    servers.at(BANK, "www.bank.com", "A", ["www.bank.com. 60 CNAME www.shop.com."])
    servers.at(COM, "shop.com", "A", [], ["shop.com. 60 NS a.shop.com.", "shop.com. 60 NS b.shop.com."],
               [f"a.shop.com. 60 A {OTHER}", "b.shop.com. 60 A 192.0.2.5"], flags="")  # fmt: skip
    for server in (OTHER, "192.0.2.5"):
        servers.at(server, "www.shop.com", "A", ["www.shop.com. 60 A 192.0.2.21"])
    gather = gathering(servers)
    _, chase = finish(gather.chase(WWW))
    gather.start_over(chase, verdict(SecurityStatus.BOGUS))
    finish(gather.chase(WWW))
    assert [server for server, name, _ in servers.asked if name == "www.shop.com"] == [OTHER, "192.0.2.5"]


def needs_keys(evidence, limits):
    """Judge as a validator that wants to see the keys first."""
    known = evidence.get(*KEYS) is not None
    return verdict(SecurityStatus.INDETERMINATE, needs=() if known else (KEYS,))


def test_a_flood_is_one_event_but_whoever_watches_gets_a_word_in():
    servers = usual_servers()
    calm = servers.carry

    def flood(query):
        for reply in calm(query):
            wrong = bytes([reply.payload[0] ^ 1]) + reply.payload[1:]
            for _ in range(3 * EVENTS_APART):
                yield reply._replace(payload=wrong)
            yield reply

    servers.carry = flood
    gather = gathering(servers)
    events, _ = finish(gather.chase(WWW))
    floods = [event for event in gather.story if event.fate == Ignored(Reason.WRONG_ID)]
    assert [event.count for event in floods] == [3 * EVENTS_APART] * 3
    assert len(gather.story) == 9 and len(events) == 9 + 3 * 3
