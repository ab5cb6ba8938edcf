"""The recursive resolver in the toy Internet: the table of what a client gets and what is remembered, row by row."""

import random

import dns.rcode
import dns.rrset
import pytest
from dns.rdatatype import CNAME, DNSKEY, DS
from handmade import records

from dnsseclab.internet.worlds import toy_internet
from dnsseclab.protocol.messages import Datagram, Question, asked, flag, make_query, parse, question, to_bytes
from dnsseclab.protocol.names import LabError, to_name
from dnsseclab.protocol.story import Asked, Believed, Ignored, Reason, Rejected
from dnsseclab.protocol.trust import SecurityStatus
from dnsseclab.resolver import Defences, RecursiveResolver
from dnsseclab.resolver.cache import Entry, Rank
from dnsseclab.resolver.recursive import ATTEMPTS
from dnsseclab.validator.chain import validate

SECURE, INSECURE, BOGUS, UNCHECKED = (
    SecurityStatus.SECURE, SecurityStatus.INSECURE, SecurityStatus.BOGUS, SecurityStatus.UNCHECKED,
)  # fmt: skip
FAKE = "203.0.113.66"
WWW = question("www.bank.example", "A")


class Net:
    """The toy Internet without latency; `spoil(about, reply)` may change replies, for ever or a number of times."""

    def __init__(self, **world):
        self.world = toy_internet(**world)
        self.now = float(self.world.now)
        self.asked = []
        self.spoil, self.times = None, 0
        self.dead = set()  # questions that nobody answers, and addresses that are silent
        self.patience = 0  # seconds that pass when nobody answers
        self.liars = {}  # addresses of the attacker's servers -> the server whose replies they pass on, falsified

    def carry(self, query):
        about = asked(parse(query.payload))
        self.asked.append((query.destination.address, str(about)))
        address = query.destination.address
        server = self.world.server_at(self.liars.get(address, address))
        if server is None or str(about) in self.dead or address in self.dead:
            self.now += self.patience
            return
        reply = parse(server.reply(query.payload, query.transport))
        if address in self.liars:
            fake_address(str(about), reply)
        if self.times and self.spoil(str(about), reply):
            self.times -= 1
        yield Datagram(query.destination, query.source, to_bytes(reply), query.transport)

    def resolver(self, *, validating=True, **options):
        anchors = self.world.trust_anchors if validating else ()
        options = {"trust_anchors": anchors, "rng": random.Random(1)} | options
        return RecursiveResolver(self.carry, self.world.root_hints, clock=lambda: self.now, **options)


def fake_address(about, reply):
    """Change the address in answers about the bank, and leave the signature."""
    for rrset in list(reply.answer):
        if about == str(WWW) and rrset.rdtype == WWW.rdtype:
            reply.answer[reply.answer.index(rrset)] = dns.rrset.from_text(rrset.name, rrset.ttl, "IN", "A", FAKE)
            return True
    return False


def spoiled(times, **world):
    net = Net(**world)
    net.spoil, net.times = fake_address, times
    return net


def addresses(message):
    return [rdata.address for rrset in message.answer if rrset.rdtype == WWW.rdtype for rdata in rrset]


def errors(message):
    return [int(option.code) for option in message.options]


def client(name="www.bank.example", rdtype="A", **bits):
    return make_query(name, rdtype, id=99, **{"recursion_desired": True, "dnssec_ok": True} | bits)


def remembered(resolver, net, about=WWW):
    return resolver.cache.get(*about, int(net.now))


# --- SECURE


def test_secure_data_is_handed_on_with_ad_and_remembered_as_secure():
    net = Net()
    resolver = net.resolver()
    outcome = resolver.resolve("www.bank.example", "A")
    assert (outcome.status, addresses(outcome.message)) == (SECURE, ["192.0.2.20"])
    assert flag(outcome.message, "AD") and len(outcome.chains) == 1 and not outcome.from_cache
    assert remembered(resolver, net).status is SECURE


def test_a_cold_look_up_takes_three_referral_steps_and_three_key_questions():
    net = Net()
    net.resolver().resolve("www.foundry81.com", "A")
    assert sorted(about for _, about in net.asked) == sorted(
        ["com A", "foundry81.com A", "www.foundry81.com A", "root DNSKEY", "com DNSKEY", "foundry81.com DNSKEY"]
    )


def test_the_second_time_nobody_is_asked_and_the_client_gets_the_same():
    net = Net()
    resolver = net.resolver()
    first = resolver.respond(client())
    net.asked.clear()
    net.now += 10
    second = resolver.respond(client())
    assert net.asked == [] and second.answer == first.answer and flag(second, "AD")
    assert [rrset.ttl for rrset in second.answer] == [rrset.ttl - 10 for rrset in first.answer]
    assert resolver.resolve("www.bank.example", "A").from_cache


def test_what_was_proven_is_not_proven_again():
    net = Net()
    resolver = net.resolver()
    resolver.resolve("www.bank.example", "A")
    net.asked.clear()
    assert resolver.resolve("mail.bank.example", "A").status is SECURE
    assert [about for _, about in net.asked] == ["mail.bank.example A"]


def test_a_ttl_is_capped_by_what_was_signed():
    """RFC 4035 §5.3.3: else an attacker on the path could make a record live as long as he likes."""
    net = Net()

    def stretch(about, reply):
        for rrset in reply.answer:
            rrset.ttl = 500_000
        return True

    net.spoil, net.times = stretch, 99
    resolver = net.resolver()
    response = resolver.respond(client())
    assert [rrset.ttl for rrset in response.answer] == [3600, 3600]
    assert remembered(resolver, net).expires == net.now + 3600


@pytest.mark.parametrize(
    ("name", "rdtype", "rcode"),
    [("nobody.bank.example", "A", dns.rcode.NXDOMAIN), ("www.bank.example", "MX", dns.rcode.NOERROR)],
)
def test_absences_are_proven_remembered_and_served_with_their_proof(name, rdtype, rcode):
    net = Net()
    resolver = net.resolver()
    fresh = resolver.respond(client(name, rdtype))
    net.asked.clear()
    kept = resolver.respond(client(name, rdtype))
    assert net.asked == []
    for response in (fresh, kept):
        assert response.rcode() == rcode and flag(response, "AD") and not response.answer
        assert {rrset.rdtype.name for rrset in response.authority} == {"SOA", "NSEC", "RRSIG"}


def test_a_name_that_only_lacks_the_type_is_told_and_remembered_so_though_its_server_says_nxdomain():
    """RFC 4592 §2.2.2: furnace.lab lies below lab, which owns nothing. Nobody signs the response code."""
    net = Net()

    def say_nxdomain(about, reply):
        if about == "lab.foundry81.com A":
            reply.set_rcode(dns.rcode.NXDOMAIN)
        return False

    net.spoil, net.times = say_nxdomain, 1
    resolver = net.resolver()
    responses = [resolver.respond(client("lab.foundry81.com")) for _ in range(2)]
    assert net.asked.count((net.asked[-1][0], "lab.foundry81.com A")) == 1
    for response in responses:
        assert response.rcode() == dns.rcode.NOERROR and flag(response, "AD") and not response.answer
    assert resolver.respond(client("furnace.lab.foundry81.com")).answer
    alias = Net()
    alias.spoil, alias.times = say_nxdomain, 1
    assert alias.resolver(validating=False).respond(client("lab.foundry81.com")).rcode() == dns.rcode.NXDOMAIN


def test_a_wildcards_answer_comes_from_the_cache_with_its_proof():
    net = Net()
    resolver = net.resolver()
    fresh = resolver.respond(client("east.branch.bank.example"))
    kept = resolver.respond(client("east.branch.bank.example"))
    for response in (fresh, kept):
        assert flag(response, "AD") and "NSEC" in {rrset.rdtype.name for rrset in response.authority}


def test_an_alias_across_zones_is_followed_and_judged_as_a_whole():
    net = Net()
    resolver = net.resolver()
    resolver.resolve("www.bank.example", "A")  # its target is remembered already
    outcome = resolver.resolve("shop.foundry81.com", "A")
    assert (outcome.status, addresses(outcome.message)) == (SECURE, ["192.0.2.20"])
    assert [rrset.rdtype.name for rrset in outcome.message.answer] == ["CNAME", "A"]
    assert resolver.resolve("shop.foundry81.com", "A").from_cache


# --- INSECURE


def test_insecure_data_is_handed_on_without_ad():
    net = Net()
    resolver = net.resolver()
    outcome = resolver.resolve("www.harbor.example", "A")
    assert outcome.status is INSECURE and outcome.message.answer and not flag(outcome.message, "AD")
    again = resolver.resolve("www.harbor.example", "A")
    assert again.from_cache and again.status is INSECURE


def test_without_a_trust_anchor_above_the_name_it_is_insecure():
    net = Net()
    (ds,) = (key.ds().to_text() for key in net.world.keys[to_name("foundry81.com")] if key.role == "KSK")
    resolver = net.resolver(trust_anchors=[f"foundry81.com. IN DS {ds}"])
    assert resolver.resolve("www.bank.example", "A").status is INSECURE
    assert resolver.resolve("www.foundry81.com", "A").status is SECURE


def test_below_a_negative_trust_anchor_nothing_is_validated():
    """RFC 7646."""
    net = spoiled(99)
    outcome = net.resolver(negative_trust_anchors=["bank.example"]).resolve("www.bank.example", "A")
    assert (outcome.status, addresses(outcome.message)) == (INSECURE, [FAKE])


# --- BOGUS


def test_a_forgery_that_wins_once_costs_the_victim_a_retry_and_not_the_answer():
    net = spoiled(1)
    resolver = net.resolver()
    outcome = resolver.resolve("www.bank.example", "A")
    assert [chain.status for chain in outcome.chains] == [BOGUS, SECURE]
    assert (outcome.status, addresses(outcome.message)) == (SECURE, ["192.0.2.20"])
    assert [address for address, about in net.asked if about == str(WWW)][-2:] == ["192.0.2.21", "198.51.100.21"]
    told = [event.fate for event in outcome.story if type(event.fate) in (Rejected, Believed)]
    assert [fate for fate in told if type(fate) is Rejected] == [Rejected("signature-verifies", "signature is wrong")]
    assert Believed("answer", verified=True) in told


def test_if_every_reply_is_spoiled_the_client_gets_an_error_and_never_the_forgery():
    net = spoiled(99)
    resolver = net.resolver()
    outcome = resolver.resolve("www.bank.example", "A")
    assert [chain.status for chain in outcome.chains] == [BOGUS] * ATTEMPTS
    assert outcome.status is BOGUS and outcome.message.rcode() == dns.rcode.SERVFAIL
    assert not outcome.message.answer and errors(outcome.message) == [outcome.chain.ede]
    assert remembered(resolver, net) is None
    assert FAKE not in str(resolver.cache.entries(int(net.now)))


def test_the_failure_is_remembered_for_a_while_and_says_so():
    """RFC 9520; EDE 13."""
    net = spoiled(99)
    resolver = net.resolver()
    resolver.respond(client())
    net.asked.clear()
    again = resolver.respond(client())
    assert net.asked == [] and again.rcode() == dns.rcode.SERVFAIL and errors(again)[-1] == 13
    net.times = 0
    net.now += 5
    assert addresses(resolver.respond(client())) == ["192.0.2.20"]


def test_cd_gets_the_data_and_does_not_open_it_to_others():
    """RFC 4035 §3.2.2; what nobody has judged must not pass for judged."""
    net = spoiled(99)
    resolver = net.resolver()
    response = resolver.respond(client(checking_disabled=True))
    assert addresses(response) == [FAKE] and not flag(response, "AD") and flag(response, "CD")
    assert remembered(resolver, net).status is UNCHECKED
    assert resolver.respond(client()).rcode() == dns.rcode.SERVFAIL
    assert addresses(resolver.respond(client(checking_disabled=True))) == [FAKE]  # the failure does not bind CD


def test_what_is_added_to_a_signed_answer_is_neither_told_nor_remembered():
    """Nobody signs how many records a reply has: an alias beside the address would lead all other types astray."""

    def add(about, reply):
        if about != str(WWW):
            return False
        reply.answer.append(dns.rrset.from_text("www.bank.example.", 3600, "IN", "CNAME", "www.attacker.com."))
        reply.authority.append(dns.rrset.from_text("bank.example.", 3600, "IN", "NSEC", "zzz.bank.example. SOA"))
        return True

    net = Net()
    net.spoil, net.times = add, 1
    resolver = net.resolver()
    response = resolver.respond(client(dnssec_ok=True))
    assert flag(response, "AD") and net.times == 0
    assert sorted(rrset.rdtype.name for rrset in response.answer) == ["A", "RRSIG"] and not response.authority
    assert remembered(resolver, net, Question(WWW.name, CNAME)) is None
    other = resolver.respond(client(rdtype="TXT"))
    assert flag(other, "AD") and not other.answer  # there is no such record, and nobody's alias


def test_false_servers_in_the_cache_are_left_behind_by_asking_again_from_the_last_proven_cut():
    """Kaminsky's attack on a validating resolver: NS records are not signed, so these were believed."""
    net = Net()
    resolver = net.resolver()
    resolver.resolve("www.foundry81.com", "A")
    for rrset in records("bank.example. 99999 NS ns.evil.bank.example.", "ns.evil.bank.example. 99999 A 203.0.113.9"):
        about, now = Question(rrset.name, rrset.rdtype), int(net.now)
        poison = Entry(about, dns.rcode.NOERROR, (rrset,), (), Rank.AUTHORITY, UNCHECKED, now, now + 99999)
        resolver.cache.store(poison, now)
    net.liars["203.0.113.9"] = "192.0.2.21"  # passes on what the bank says, keys and signatures, but for the address
    outcome = resolver.resolve("www.bank.example", "A")
    assert [chain.status for chain in outcome.chains] == [BOGUS, BOGUS, SECURE]
    assert addresses(outcome.message) == ["192.0.2.20"]


# --- INDETERMINATE and no answer at all


def test_without_the_keys_nothing_is_proven_and_nothing_told():
    net = Net()
    net.dead = {"bank.example DNSKEY"}
    resolver = net.resolver()
    outcome = resolver.resolve("www.bank.example", "A")
    assert outcome.status is SecurityStatus.INDETERMINATE and outcome.message.rcode() == dns.rcode.SERVFAIL
    assert addresses(resolver.respond(client(checking_disabled=True))) == ["192.0.2.20"]


def test_the_parent_is_not_asked_for_the_keys_that_the_child_does_not_send():
    net = Net()
    net.dead = {"bank.example DNSKEY"}
    net.resolver().resolve("www.bank.example", "A")
    assert {address for address, about in net.asked if about == "bank.example DNSKEY"} == {
        "192.0.2.21",
        "198.51.100.21",
    }


def test_keys_that_nobody_sends_are_not_asked_for_at_once_for_the_next_name():
    """RFC 9520 §3.2: else a zone whose keys are lost is asked for them with every question below it."""
    net = Net()
    net.dead = {"bank.example DNSKEY"}
    resolver = net.resolver()
    resolver.resolve("www.bank.example", "A")
    net.asked.clear()
    assert resolver.resolve("mail.bank.example", "A").message.rcode() == dns.rcode.SERVFAIL
    assert "bank.example DNSKEY" not in {about for _, about in net.asked}
    net.dead.clear()
    net.now += 5
    assert resolver.resolve("mail.bank.example", "A").status is SECURE


def test_a_question_ends_in_time_if_replies_are_lost():
    net = Net()
    net.dead, net.patience = {"bank.example DNSKEY"}, 1.5
    outcome = net.resolver().resolve("www.bank.example", "A")
    assert outcome.status is SecurityStatus.INDETERMINATE and net.now - net.world.now <= 10 + net.patience


def test_that_nobody_answers_is_remembered_for_clients_that_set_cd_as_well():
    net = Net()
    net.dead = {"192.0.2.21", "198.51.100.21"}
    resolver = net.resolver()
    resolver.respond(client(checking_disabled=True))
    net.asked.clear()
    for disabled in (True, False):
        assert resolver.respond(client(checking_disabled=disabled)).rcode() == dns.rcode.SERVFAIL and not net.asked


def test_if_nobody_answers_the_client_is_told_so():
    net = Net()
    net.dead = {"192.0.2.21", "198.51.100.21"}
    response = net.resolver().respond(client())
    assert response.rcode() == dns.rcode.SERVFAIL and errors(response) == [22]
    assert "no server of bank.example" in response.options[0].text


def test_one_of_two_servers_may_be_down():
    net = Net()
    net.dead = {"192.0.2.21"}
    assert net.resolver().resolve("www.bank.example", "A").status is SECURE


# --- UNCHECKED


def test_a_resolver_without_trust_anchors_believes_whoever_matches():
    net = spoiled(1)
    resolver = net.resolver(validating=False)
    outcome = resolver.resolve("www.bank.example", "A")
    assert (outcome.status, addresses(outcome.message), outcome.chains) == (UNCHECKED, [FAKE], ())
    again = resolver.resolve("www.bank.example", "A")
    assert again.from_cache and addresses(again.message) == [FAKE]
    assert len(net.asked) == 3


# --- RD=0


def test_who_does_not_desire_recursion_gets_what_is_here():
    net = Net()
    resolver = net.resolver()
    nothing = resolver.respond(client(recursion_desired=False))
    assert not (nothing.answer or nothing.authority) and net.asked == []
    resolver.respond(client())
    net.asked.clear()
    assert addresses(resolver.respond(client(recursion_desired=False))) == ["192.0.2.20"]
    referral = resolver.respond(client("other.bank.example", recursion_desired=False))
    assert [rrset.rdtype.name for rrset in referral.authority] == ["NS"] and net.asked == []


# --- the doors


def test_resolving_yields_each_event_of_the_story_as_it_happens():
    net = Net()
    steps = net.resolver().resolving("www.bank.example", "A")
    events = []
    while True:
        try:
            events.append(next(steps))
        except StopIteration as end:
            outcome = end.value
            break
    assert events == list(outcome.story) and type(events[0].fate) is Asked


def test_giving_up_in_the_middle_leaves_no_answer_behind():
    net = spoiled(1)
    resolver = net.resolver()
    steps = resolver.resolving("www.bank.example", "A")
    for _ in range(6):
        next(steps)
    steps.close()
    assert remembered(resolver, net) is None


def test_a_sweep_of_all_ids_is_ignored_packet_by_packet_and_told_as_one_event():
    net = Net()
    calm = net.carry

    def flooded(query):
        about = str(asked(parse(query.payload)))
        for reply in calm(query):
            if about == str(WWW) and query.destination.address == "192.0.2.21":
                head, tail = reply.payload[:2], reply.payload[2:]
                for number in range(65536):
                    guess = number.to_bytes(2, "big")
                    if guess != head:
                        yield reply._replace(payload=guess + tail)
            yield reply

    net.carry = flooded
    outcome = net.resolver(validating=False).resolve("www.bank.example", "A")
    floods = [event for event in outcome.story if event.fate == Ignored(Reason.WRONG_ID)]
    assert [event.count for event in floods] == [65535] and addresses(outcome.message) == ["192.0.2.20"]


def test_defences_can_be_switched_off_by_name():
    net = Net()
    net.resolver(defences=Defences(random_id=False, random_port=False)).resolve("www.bank.example", "A")
    with pytest.raises(TypeError):
        Defences(prayer=True)


def test_a_wrong_validator_can_be_handed_in():
    def credulous(evidence, trust_anchors, now, limits, policy, proven):
        return validate(evidence, (), now, limits, policy, proven)

    net = spoiled(1)
    outcome = net.resolver(validator=credulous).resolve("www.bank.example", "A")
    assert addresses(outcome.message) == [FAKE]


@pytest.mark.parametrize(
    "wrong", [dict(root_hints={}), dict(trust_anchors=["nonsense"]), dict(trust_anchors=["", "  "])]
)
def test_impossible_settings_are_refused_in_a_sentence(wrong):
    net = Net()
    hints = wrong.pop("root_hints", net.world.root_hints)
    with pytest.raises(LabError):
        RecursiveResolver(net.carry, hints, clock=lambda: 0.0, rng=random.Random(1), **wrong)


def test_an_unknown_name_or_type_is_refused_in_a_sentence():
    resolver = Net().resolver()
    for name, rdtype in (("a..b", "A"), ("www.bank.example", "NO-SUCH-TYPE")):
        with pytest.raises(LabError):
            resolver.resolve(name, rdtype)


@pytest.mark.parametrize(
    "rdtype", ["A", "AAAA", "NS", "SOA", "MX", "TXT", "DS", "DNSKEY", "CNAME", "NSEC", "TLSA", "TYPE999"]
)
@pytest.mark.parametrize(
    "name", ["bank.example", "harbor.example", "shop.foundry81.com", "lab.foundry81.com", "nobody.com"]
)
def test_every_honest_question_is_answered_and_never_bogus(name, rdtype):
    outcome = Net().resolver().resolve(name, rdtype)
    assert outcome.status in (SECURE, INSECURE)
    assert outcome.message.rcode() in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN)


@pytest.mark.parametrize("seed", range(25))
def test_no_reply_however_garbled_raises_or_passes_for_secure(seed):
    dice, net = random.Random(seed), Net()
    calm = net.carry

    def garble(query):
        for reply in calm(query):
            payload = bytearray(reply.payload)
            for _ in range(dice.randrange(1, 6)):
                payload[dice.randrange(2, len(payload))] = dice.randrange(256)
            yield reply._replace(payload=bytes(payload))

    net.carry = garble
    resolver = net.resolver()
    for name in ("shop.foundry81.com", "nobody.bank.example", "east.branch.bank.example"):
        outcome = resolver.resolve(name, "A")
        assert outcome.message.to_wire() and len(net.asked) < 350
        if outcome.status is SECURE and outcome.message.answer:
            assert addresses(outcome.message) == addresses(Net().resolver().resolve(name, "A").message)


def test_keys_and_ds_that_were_validated_are_remembered_as_secure():
    net = Net()
    resolver = net.resolver()
    assert resolver.resolve("www.bank.example", "A").status is SECURE
    entries = resolver.cache.entries(int(net.now))
    of_chain = {str(each.question): each.status for each in entries if each.question.rdtype in (DS, DNSKEY)}
    proven = ["root DNSKEY", "example DS", "example DNSKEY", "bank.example DS", "bank.example DNSKEY"]
    assert of_chain == dict.fromkeys(proven, SECURE)


def test_a_validated_ds_holds_until_its_ttl_ends_whatever_the_parent_says_now():
    """Whoever exchanges DS and key at once is lost to those who remember the old DS: here, for a day."""
    net = Net()
    resolver = net.resolver()
    resolver.resolve("www.bank.example", "A")
    net.world = toy_internet(seed="other keys")
    anchors = toy_internet().trust_anchors
    for zone in (".", "example"):  # only the bank has other keys, and its parent says so
        old = toy_internet().zone(zone)
        net.world = net.world.with_zone(old, *toy_internet().keys[old.origin])
    net.world = net.world.with_ds(*(key for key in net.world.keys[to_name("bank.example")] if key.role == "KSK"))
    assert Net.resolver(net, trust_anchors=anchors).resolve("www.bank.example", "A").status is SECURE
    net.now += 2 * 3600  # data and keys are forgotten, the DS is not
    assert resolver.resolve("www.bank.example", "A").chain.first_failure.failed_check.rule == "ds-tag-matches"
    net.now += 24 * 3600
    assert resolver.resolve("www.bank.example", "A").status is SECURE
