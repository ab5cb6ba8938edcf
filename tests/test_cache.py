"""The cache: time, rank, status, absences, failures, and what a client may be told of it."""

import dns.rcode
import pytest
from handmade import NOW, records

from dnsseclab.protocol.messages import Question, question
from dnsseclab.protocol.names import to_name
from dnsseclab.protocol.trust import ProvenZone, SecurityStatus
from dnsseclab.resolver import cache as module
from dnsseclab.resolver.cache import LONGEST_ABSENCE, WHOLE_NAME, Cache, Entry, Rank, negative_ttl, with_ttl

WWW = question("www.bank.com", "A")
SECURE, INSECURE, UNCHECKED = SecurityStatus.SECURE, SecurityStatus.INSECURE, SecurityStatus.UNCHECKED


def entry(
    line="www.bank.com. 600 A 192.0.2.20", *, rank=Rank.AUTHORITATIVE_ANSWER, status=UNCHECKED, about=None, now=NOW
):
    """Return the entry for one record; for a number of seconds instead of a line, an absence."""
    if isinstance(line, int):
        return Entry(about, dns.rcode.NOERROR, (), (), rank, status, now, now + line)
    (rrset,) = records(line)
    return Entry(
        about or Question(rrset.name, rrset.rdtype), dns.rcode.NOERROR, (rrset,), (), rank, status, now, now + rrset.ttl
    )


def filled(*entries):
    cache = Cache()
    for each in entries:
        cache.store(each, NOW)
    return cache


def address(cache, now=NOW):
    found = cache.get(*WWW, now)
    return found.answer[0][0].address if found else None


def test_an_entry_lives_until_its_ttl_is_over_and_not_a_second_longer():
    cache = filled(entry())
    assert address(cache, NOW + 599) and not address(cache, NOW + 600)
    found = cache.get(*WWW, NOW + 599)
    assert [rrset.ttl for rrset in found.aged(found.answer, NOW + 599)] == [1]


def test_a_ttl_of_zero_is_not_kept():
    """RFC 1035 §3.2.1: it is good for the transaction in progress only."""
    assert address(filled(entry("www.bank.com. 0 A 192.0.2.20"))) is None


@pytest.mark.parametrize("old", Rank)
@pytest.mark.parametrize("new", Rank)
def test_worthier_data_stays_and_equal_data_is_replaced(old, new):
    """RFC 2181 §5.4.1."""
    cache = filled(entry(rank=old), entry("www.bank.com. 600 A 203.0.113.1", rank=new))
    assert address(cache) == ("203.0.113.1" if new >= old else "192.0.2.20")


def test_what_is_proven_is_not_overwritten_by_what_is_not():
    cache = filled(entry(status=SECURE, rank=Rank.ANSWER), entry("www.bank.com. 600 A 203.0.113.1"))
    assert address(cache) == "192.0.2.20"
    cache.store(entry("www.bank.com. 600 A 192.0.2.21", status=SECURE), NOW)
    assert address(cache) == "192.0.2.21"


def test_worthier_data_that_has_expired_holds_nobody_off():
    cache = filled(entry(status=SECURE))
    cache.store(entry("www.bank.com. 600 A 203.0.113.1", rank=Rank.ADDITIONAL, now=NOW + 600), NOW + 600)
    assert address(cache, NOW + 601) == "203.0.113.1"


def test_glue_never_answers_a_client_but_leads_the_way():
    """RFC 2181 §5.4.1."""
    cache = filled(entry(rank=Rank.ADDITIONAL))
    assert cache.find(WWW, NOW, judged=False) is None
    assert address(cache) == "192.0.2.20"


@pytest.mark.parametrize(("status", "judged", "found"), [
    (UNCHECKED, False, True), (UNCHECKED, True, False), (INSECURE, True, True), (SECURE, True, True),
])  # fmt: skip
def test_unchecked_data_is_never_given_to_who_wants_it_judged(status, judged, found):
    assert bool(filled(entry(status=status)).find(WWW, NOW, judged=judged)) is found


def test_find_knows_aliases_absences_and_dnames_above():
    alias = entry("www.bank.com. 600 CNAME web.bank.com.")
    nothing = entry(300, about=Question(WWW.name, WHOLE_NAME))
    no_address = entry(300, about=WWW)
    dname = entry("com. 600 DNAME org.")
    for remembered in (alias, nothing, no_address, dname):
        assert filled(remembered).find(WWW, NOW, judged=False) is remembered
    assert filled(dname).find(question("com", "A"), NOW, judged=False) is None
    assert filled(entry(300, about=question("www.bank.com", "MX"))).find(WWW, NOW, judged=False) is None


def test_an_alias_at_the_childs_apex_says_nothing_about_the_ds():
    """The DS lies at the parent, where the child's alias is unknown (RFC 4035 §2.4)."""
    alias = entry("www.bank.com. 600 CNAME web.bank.com.")
    assert filled(alias).find(question("www.bank.com", "DS"), NOW, judged=False) is None


def test_failures_are_remembered_longer_each_time_up_to_five_minutes():
    """RFC 9520 §3.2."""
    cache, now, lives = Cache(), NOW, []
    for _ in range(9):
        cache.store_failure(WWW, SecurityStatus.BOGUS, None, now)
        lives.append(cache.failure(WWW, now).expires - now)
        now += lives[-1]
        assert cache.failure(WWW, now) is None
    assert lives[:3] == [5, 10, 20] and lives[-2:] == [300, 300]


def test_proven_zones_hold_until_they_expire():
    cache = Cache()
    cache.store_proven([ProvenZone(to_name("com"), SECURE, (), (), NOW + 10)])
    assert cache.proven(NOW + 9) and not cache.proven(NOW + 10)


def test_delegations_are_forgotten_between_two_names_both_included():
    names = ["www.bank.com.", "bank.com.", "com.", "."]
    cache = filled(*(entry(f"{name} 600 NS ns.evil.org.") for name in names))
    cache.forget_delegations(to_name("www.bank.com"), to_name("com"))
    assert [each.question.name.to_text() for each in cache.entries(NOW)] == ["."]


def test_a_snapshot_brings_everything_back():
    cache = filled(entry())
    cache.store_failure(question("x.com", "A"), SecurityStatus.BOGUS, None, NOW)
    snapshot = cache.copy()
    cache.clear()
    assert cache.entries(NOW) == []
    cache.restore(snapshot)
    assert len(cache.entries(NOW)) == 2 and address(cache)
    cache.clear()
    assert len(snapshot.entries(NOW)) == 2


def test_a_snapshot_answers_for_names_below_a_dname_as_well():
    dname = entry("com. 600 DNAME org.")
    assert filled(dname).copy().find(WWW, NOW, judged=False) is dname


def test_the_cache_is_bounded_and_the_oldest_go_first(monkeypatch):
    monkeypatch.setattr(module, "CAPACITY", 3)
    cache = filled(*(entry(f"h{number}.com. 600 A 192.0.2.1") for number in range(3)))
    cache.store(entry("h0.com. 600 A 192.0.2.2"), NOW)  # young again
    cache.store(entry("h3.com. 600 A 192.0.2.1"), NOW)
    assert [each.question.name.to_text() for each in cache.entries(NOW)] == ["h2.com.", "h0.com.", "h3.com."]


def test_an_absence_lives_as_long_as_the_soa_says():
    """RFC 2308 §5: the lesser of the SOA's TTL and its MINIMUM; three hours at most; without SOA not at all."""
    soa = "bank.com. {} SOA ns.bank.com. root.bank.com. 1 2 3 4 {}"
    assert negative_ttl(records(soa.format(600, 300))) == 300
    assert negative_ttl(records(soa.format(200, 300))) == 200
    assert negative_ttl(records(soa.format(999_999, 999_999))) == LONGEST_ABSENCE
    assert negative_ttl([]) == 0


def test_another_ttl_is_given_to_a_copy():
    (rrset,) = records("www.bank.com. 600 A 192.0.2.20")
    assert with_ttl(rrset, 5).ttl == 5 and rrset.ttl == 600


@pytest.mark.parametrize(("status", "found"), [(SECURE, True), (INSECURE, False), (UNCHECKED, False)])
def test_below_a_name_that_is_proven_not_to_exist_there_is_nothing(status, found):
    """RFC 8020 §2; an absence that nobody has proven counts for its own name only."""
    gone = Entry(
        question("gone.bank.com", WHOLE_NAME),
        dns.rcode.NXDOMAIN,
        (),
        (),
        Rank.AUTHORITATIVE_ANSWER,
        status,
        NOW,
        NOW + 60,
    )
    cache = filled(gone)
    for judged in (True, False):
        assert (cache.find(question("a.b.gone.bank.com", "MX"), NOW, judged=judged) is gone) is found
        assert cache.find(question("bank.com", "MX"), NOW, judged=judged) is None


def test_what_is_known_of_a_name_itself_comes_before_what_follows_from_names_above():
    gone = Entry(
        question("bank.com", WHOLE_NAME), dns.rcode.NXDOMAIN, (), (), Rank.AUTHORITATIVE_ANSWER, SECURE, NOW, NOW + 60
    )
    assert filled(gone, entry()).find(WWW, NOW, judged=False).answer
