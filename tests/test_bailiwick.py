"""What a server may talk about (RFC 5452 §6): records outside its zone are dropped and named."""

import dns.name
import pytest
from handmade import records, reply_to, resolution

from dnsseclab.protocol.messages import parse, question
from dnsseclab.resolver.bailiwick import in_bailiwick, scrub

COM = dns.name.from_text("com.")


def scrubbed(answer=(), authority=(), additional=(), *, name="www.bank.com", rdtype="A", zone=COM):
    """Return what is left of a reply, and what was named as outside."""
    message = parse(reply_to(resolution(name, rdtype).next_query(), answer, authority, additional).payload)
    outside = scrub(message, question(name, rdtype), zone)
    return message.answer, message.authority, message.additional, outside


@pytest.mark.parametrize(
    ("name", "zone", "inside"),
    [
        ("www.bank.com.", "com.", True),
        ("com.", "com.", True),
        ("evilcom.", "com.", False),  # a label, not a suffix of characters
        ("www.bank.org.", "com.", False),
        (".", "com.", False),
        ("www.bank.org.", ".", True),
        ("WWW.Bank.COM.", "com.", True),
    ],
)
def test_a_name_is_in_bailiwick_if_it_lies_at_or_below_the_zone(name, zone, inside):
    assert in_bailiwick(dns.name.from_text(name), dns.name.from_text(zone)) is inside


def test_records_outside_the_zone_are_dropped_from_every_section_and_named():
    answer, authority, additional, outside = scrubbed(
        ["www.bank.com. 60 A 192.0.2.20", "www.bank.org. 60 A 203.0.113.1"],
        ["com. 60 NS ns.com.", "org. 60 NS ns.evil.org."],
        ["ns.com. 60 A 192.0.2.2", "ns.evil.org. 60 A 203.0.113.2"],
    )
    assert answer == records("www.bank.com. 60 A 192.0.2.20")
    assert authority == records("com. 60 NS ns.com.")
    assert additional == records("ns.com. 60 A 192.0.2.2")
    assert outside == ("www.bank.org A 203.0.113.1", "org NS ns.evil.org.", "ns.evil.org A 203.0.113.2")


def test_records_that_nobody_asked_for_are_dropped_even_inside_the_zone():
    """A server of com may delegate any name in com, but not in a reply about another name."""
    answer, authority, additional, outside = scrubbed(
        ["www.bank.com. 60 A 192.0.2.20", "www.other.com. 60 A 203.0.113.1", "www.bank.com. 60 MX 0 mx.bank.com."],
        ["other.com. 60 NS ns.other.com.", "bank.com. 60 NS ns.bank.com."],
        ["ns.other.com. 60 A 203.0.113.2", "www.bank.com. 60 A 203.0.113.3"],
    )
    assert answer == records("www.bank.com. 60 A 192.0.2.20")
    assert authority == records("bank.com. 60 NS ns.bank.com.")
    assert additional == [] and outside == ()


def test_an_alias_stays_and_what_it_leads_to_is_asked_for_separately():
    answer, *_ = scrubbed(["www.bank.com. 60 CNAME web.bank.com.", "web.bank.com. 60 A 203.0.113.1"])
    assert answer == records("www.bank.com. 60 CNAME web.bank.com.")


def test_a_dname_counts_only_above_the_name():
    dname = "bank.com. 60 DNAME other.com."
    assert scrubbed([dname])[0] == records(dname)
    assert scrubbed([dname], name="bank.com")[0] == []
    assert scrubbed([dname], name="bank.com", rdtype="DNAME")[0] == records(dname)
    assert scrubbed(["evil.com. 60 DNAME other.com."])[0] == []


def test_signatures_stay_with_what_they_sign():
    sig = "www.bank.com. 60 RRSIG {} 13 3 60 20300101000000 20200101000000 1 bank.com. AAAA"
    answer, *_ = scrubbed(["www.bank.com. 60 A 192.0.2.20", sig.format("A"), sig.format("TXT")])
    assert [(rrset.rdtype.name, int(rrset.covers)) for rrset in answer] == [("A", 0), ("RRSIG", 1)]


def test_any_and_rrsig_questions_keep_everything_at_the_name():
    lines = ["www.bank.com. 60 A 192.0.2.20", "www.bank.com. 60 TXT hello"]
    assert scrubbed(lines, rdtype="ANY")[0] == records(*lines)
    assert scrubbed(lines, rdtype="RRSIG")[0] == []
