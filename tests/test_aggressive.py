"""Aggressive use of validated denials: what was proven once is not asked again, and no more than that is denied."""

import dns.rcode
import pytest
from handmade import NOW, records
from test_recursive import SECURE, Net

from dnsseclab.authority.nsec3 import Nsec3
from dnsseclab.protocol.messages import Question, make_query, parse, question, to_bytes
from dnsseclab.protocol.trust import SecurityStatus
from dnsseclab.resolver import Defences
from dnsseclab.resolver.aggressive import deny
from dnsseclab.resolver.cache import Cache, Entry, Rank
from dnsseclab.validator.chain import validate
from dnsseclab.validator.limits import Limits
from dnsseclab.validator.policy import Policy

KINDS = ["NSEC", Nsec3(), Nsec3(salt=b"\xab", iterations=3)]


def after(first, kind="NSEC", rdtype="A", **options):
    """Return a net and a resolver that has looked up one name; what is asked from now on is counted anew."""
    net = Net(denial=kind)
    resolver = net.resolver(**options)
    resolver.resolve(first, rdtype)
    net.asked.clear()
    return net, resolver


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_the_second_random_name_in_a_gap_costs_no_question(kind):
    net, resolver = after("random1.bank.example", kind)
    names = [f"random{number}.bank.example" for number in range(2, 30)]
    outcomes = [resolver.resolve(name, "A") for name in names]
    asked = {about for _, about in net.asked}
    free = [outcome for name, outcome in zip(names, outcomes, strict=True) if f"{name} A" not in asked]
    assert all(outcome.message.rcode() == dns.rcode.NXDOMAIN for outcome in outcomes)
    assert all(outcome.status is SECURE for outcome in outcomes)
    assert len(free) == len(names) if kind == "NSEC" else len(free) >= len(names) // 2  # hashes lie anywhere


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_what_is_answered_so_brings_a_proof_that_convinces_a_validator(kind):
    """A client that validates by itself gets all that it needs."""
    net, resolver = after("random1.bank.example", kind)
    for number in range(2, 12):
        name = f"random{number}.bank.example"
        response = resolver.respond(make_query(name, "A", id=1, dnssec_ok=True, recursion_desired=True))
        spoken = parse(to_bytes(response))
        judged = Net(denial=kind).resolver(validator=lambda evidence, *rest, said=spoken: validate(
            evidence.with_message(evidence.question, said), *rest)).resolve(name, "A")  # fmt: skip
        assert judged.status is SECURE


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_a_name_that_exists_is_not_denied(kind):
    net, resolver = after("random1.bank.example", kind)
    for number in range(2, 40):
        resolver.resolve(f"random{number}.bank.example", "A")
    for name in ("www.bank.example", "mail.bank.example", "any.branch.bank.example"):
        assert resolver.resolve(name, "A").message.answer


def test_a_type_that_a_name_lacks_is_known_from_the_record_of_another_type():
    net, resolver = after("www.bank.example", rdtype="MX")
    outcome = resolver.resolve("www.bank.example", "TXT")
    assert (outcome.status, outcome.message.rcode(), outcome.message.answer) == (SECURE, dns.rcode.NOERROR, [])
    assert not net.asked


def test_the_parents_record_at_a_cut_says_nothing_of_the_child():
    """RFC 6840 §4.1: else whoever had the parent's NSEC could make a whole zone vanish."""
    net, resolver = after("harbor.example", rdtype="DS")
    assert resolver.resolve("www.harbor.example", "A").message.answer
    assert resolver.resolve("harbor.example", "NS").message.answer


def test_no_ds_is_known_from_the_parents_record():
    net, resolver = after("harbor.example", rdtype="DS")
    resolver.cache._entries.pop(next(question for question in resolver.cache._entries if question.rdtype.name == "DS"))
    assert resolver.resolve("harbor.example", "DS").status is SECURE and not net.asked


def test_a_proof_that_came_with_a_referral_counts_as_well():
    """The parent has proven that there is no DS, or unsigned data would not have been accepted: so that is known."""
    net, resolver = after("www.harbor.example")
    resolver.resolve("nope.example", "A")  # brings the SOA, without which nobody can keep an absence
    net.asked.clear()
    outcome = resolver.resolve("harbor.example", "DS")
    assert (outcome.status, outcome.message.answer, net.asked) == (SECURE, [], [])


@pytest.mark.parametrize("kind", [Nsec3(opt_out=True)], ids=["opt-out"])
def test_a_gap_with_opt_out_says_nothing(kind):
    """RFC 8198 §5.2: an unsigned delegation may hide in it."""
    net, resolver = after("random1.bank.example", kind)
    resolver.resolve("random2.bank.example", "A")
    assert any(about == "random2.bank.example A" for _, about in net.asked)


def test_it_lasts_no_longer_than_the_proof():
    net, resolver = after("random1.bank.example")
    net.now += 15 * 60  # the SOA's MINIMUM
    resolver.resolve("random2.bank.example", "A")
    assert any(about == "random2.bank.example A" for _, about in net.asked)


@pytest.mark.parametrize(("age", "ttl"), [(0, 300), (299, 1), (300, None)])
def test_a_record_with_a_long_ttl_denies_no_longer_than_the_soa_allows(age, ttl):
    """RFC 9077 §3: zones were signed with NSEC TTLs of a day and a MINIMUM of five minutes."""
    rrsig = "{} 86400 RRSIG {} 13 2 86400 20300101000000 20200101000000 1 bank.com. AAAA"
    cache = Cache()
    cache.gaps.store(
        records("bank.com. 86400 NSEC www.bank.com. NS SOA RRSIG NSEC", rrsig.format("bank.com.", "NSEC")), NOW - age
    )
    (soa,) = records("bank.com. 3600 SOA ns.bank.com. root.bank.com. 1 2 3 4 300")
    kept = (Question(soa.name, soa.rdtype), dns.rcode.NOERROR, (soa,), (), Rank.AUTHORITATIVE_ANSWER, SECURE)
    cache.store(Entry(*kept, stored=NOW, expires=NOW + 3600), NOW)
    entry = deny(question("random.bank.com", "A"), cache, NOW, Policy(), Limits())
    assert (entry.expires - NOW if entry else None) == ttl


def test_it_is_for_those_who_want_it_judged():
    net, resolver = after("random1.bank.example")
    resolver.resolve("random2.bank.example", "A", checking_disabled=True)
    assert net.asked


def test_it_can_be_switched_off():
    net, resolver = after("random1.bank.example", defences=Defences(aggressive_nsec=False))
    resolver.resolve("random2.bank.example", "A")
    assert net.asked


def test_too_many_iterations_prove_nothing_here_either_and_cost_nothing(monkeypatch):
    net, resolver = after("random1.bank.example", Nsec3(iterations=20), policy=Policy(nsec3_iterations=10))
    monkeypatch.setattr("dnsseclab.resolver.aggressive.nsec3_hash", None)  # calling it would raise
    outcome = resolver.resolve("random2.bank.example", "A")
    assert outcome.status is SecurityStatus.INSECURE and net.asked


@pytest.mark.parametrize("rdtype", ["ANY", "RRSIG"])
def test_what_a_bitmap_cannot_tell_is_left_to_the_servers(rdtype):
    net, resolver = after("www.bank.example", rdtype="MX")
    resolver.resolve("www.bank.example", rdtype)
    assert net.asked


def test_clearing_and_restoring_the_cache_includes_the_gaps():
    net, resolver = after("random1.bank.example")
    snapshot = resolver.cache.copy()
    resolver.cache.clear()
    resolver.resolve("random2.bank.example", "A")
    assert net.asked
    resolver.cache.restore(snapshot)
    net.asked.clear()
    resolver.resolve("random3.bank.example", "A")
    assert not net.asked
