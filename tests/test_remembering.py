"""From replies to entries: rank by place, status by judgement, TTL by the shortest-lived part."""

import dns.name
from handmade import NOW, reply_to, resolution

from dnsseclab.protocol.messages import parse, question
from dnsseclab.protocol.trust import SecurityStatus
from dnsseclab.resolver.cache import WHOLE_NAME, Rank
from dnsseclab.resolver.remembering import UNCHECKED, Judgement, answer_entries, server_entries, uninvited_entries
from dnsseclab.resolver.replies import Kind, Reply

BANK = dns.name.from_text("bank.com.")
SOA = "bank.com. 600 SOA ns.bank.com. root.bank.com. 1 2 3 4 300"
SIG = "{} {} RRSIG {} 13 3 60 20300101000000 20200101000000 1 bank.com. AAAA"


def reply(kind=Kind.ANSWER, *sections, rdtype="A", **how):
    message = parse(reply_to(resolution("www.bank.com", rdtype).next_query(), *sections, **how).payload)
    return Reply(question("www.bank.com", rdtype), kind, message, BANK, None)


def test_an_answer_is_remembered_with_its_signature_and_its_wildcards_proof():
    proof = "a.bank.com. 90 NSEC z.bank.com. A"
    (entry,) = answer_entries(
        reply(Kind.ANSWER, ["www.bank.com. 600 A 192.0.2.20", SIG.format("www.bank.com.", 600, "A")], [proof]),
        UNCHECKED,
        NOW,
    )
    assert [rrset.rdtype.name for rrset in (*entry.answer, *entry.authority)] == ["A", "RRSIG", "NSEC"]
    assert (entry.rank, entry.expires) == (Rank.AUTHORITATIVE_ANSWER, NOW + 90)


def test_without_aa_an_answer_ranks_lower():
    (entry,) = answer_entries(reply(Kind.ANSWER, ["www.bank.com. 600 A 192.0.2.20"], flags=""), UNCHECKED, NOW)
    assert entry.rank is Rank.ANSWER


def test_absences_are_remembered_by_name_or_by_type():
    """RFC 2308 §5; the SOA stays for other absences that come without."""
    gone, soa = answer_entries(reply(Kind.NO_SUCH_NAME, [], [SOA], rcode="NXDOMAIN"), UNCHECKED, NOW)
    assert (gone.question.rdtype, gone.expires) == (WHOLE_NAME, NOW + 300)
    assert (soa.question, soa.rank) == (question("bank.com", "SOA"), Rank.AUTHORITY)
    missing, _ = answer_entries(reply(Kind.NO_SUCH_RECORD, [], [SOA]), UNCHECKED, NOW)
    assert missing.question == question("www.bank.com", "A")


def test_each_rrset_has_the_status_that_was_found_for_it():
    """An alias may be secure though it leads to an insecure zone."""
    alias = reply(Kind.ALIAS, ["www.bank.com. 600 CNAME web.org."])
    (entry,) = answer_entries(alias, Judgement(SecurityStatus.INSECURE), NOW)
    assert entry.status is SecurityStatus.INSECURE
    secure = {(alias.question.name, alias.message.answer[0].rdtype)}
    (entry,) = answer_entries(alias, Judgement(SecurityStatus.INSECURE, secure), NOW)
    assert entry.status is SecurityStatus.SECURE


def test_of_a_dname_only_the_dname_is_remembered():
    lines = ["bank.com. 600 DNAME other.com.", "www.bank.com. 600 CNAME www.other.com."]
    (entry,) = answer_entries(reply(Kind.ALIAS, lines), UNCHECKED, NOW)
    assert entry.question == question("bank.com", "DNAME")


def test_answers_to_any_and_rrsig_are_not_remembered():
    assert answer_entries(reply(Kind.ANSWER, ["www.bank.com. 600 A 192.0.2.20"], rdtype="ANY"), UNCHECKED, NOW) == []


def test_servers_rank_by_whether_the_zone_or_its_parent_names_them():
    """So the child's own list replaces the parent's, and not the other way round (RFC 2181 §5.4.1)."""
    sections = [], ["bank.com. 600 NS ns.bank.com."], ["ns.bank.com. 600 A 192.0.2.3"]
    assert [entry.rank for entry in server_entries(reply(Kind.ANSWER, *sections), NOW)] == [
        Rank.AUTHORITY,
        Rank.ADDITIONAL,
    ]
    referral = reply(Kind.REFERRAL, *sections, flags="")
    assert [entry.rank for entry in server_entries(referral, NOW)] == [Rank.ADDITIONAL, Rank.ADDITIONAL]


def test_a_resolver_without_bailiwick_check_keeps_what_nobody_asked_for_as_if_it_had():
    message = reply(Kind.ANSWER, [], [], ["www.bank.com. 60 A 192.0.2.20", "www.victim.org. 60 A 203.0.113.1"]).message
    (entry,) = uninvited_entries(message.sections[1:], BANK, NOW)
    assert entry.question == question("www.victim.org", "A") and entry.rank > Rank.ADDITIONAL
