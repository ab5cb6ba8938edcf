"""What a reply says: the kinds of RFC 1034 §5.3.3 step 4 and RFC 2308 §2, and what only looks like one."""

import dns.name
import dns.rcode
import pytest
from handmade import NOW, records, reply_to, resolution

from dnsseclab.protocol.messages import parse, question
from dnsseclab.protocol.trust import SecurityStatus
from dnsseclab.resolver.cache import WHOLE_NAME, Entry, Rank
from dnsseclab.resolver.replies import Kind, Reply, add_cname_of_dname, correct_header, doubt_about, read, reply_from

BANK = dns.name.from_text("bank.com.")
SOA = "bank.com. 600 SOA ns.bank.com. root.bank.com. 1 2 3 4 300"
NSEC = "www.bank.com. 60 NSEC x.bank.com. MX RRSIG NSEC"


def message(answer=(), authority=(), *, name="www.bank.com", rdtype="A", **how):
    return parse(reply_to(resolution(name, rdtype).next_query(), answer, authority, **how).payload)


KINDS = {
    "the record": (dict(answer=["www.bank.com. 60 A 192.0.2.20"]), Kind.ANSWER),
    "an alias": (dict(answer=["www.bank.com. 60 CNAME web.bank.com."]), Kind.ALIAS),
    "an alias to nowhere": (dict(answer=["www.bank.com. 60 CNAME no.bank.com."], rcode="NXDOMAIN"), Kind.ALIAS),
    "a DNAME above": (dict(answer=["bank.com. 60 DNAME other.com."]), Kind.ALIAS),
    "a question for the alias itself": (
        dict(answer=["www.bank.com. 60 CNAME web.bank.com."], rdtype="CNAME"), Kind.ANSWER),
    "a question for an alias that was followed": (
        dict(answer=["www.bank.com. 60 CNAME no.bank.com."], rdtype="CNAME", rcode="NXDOMAIN"), Kind.ALIAS),
    "any": (dict(answer=["www.bank.com. 60 TXT hello"], rdtype="ANY"), Kind.ANSWER),
    "NXDOMAIN": (dict(authority=[SOA], rcode="NXDOMAIN"), Kind.NO_SUCH_NAME),
    "NXDOMAIN without SOA": (dict(rcode="NXDOMAIN"), Kind.NO_SUCH_NAME),
    "NODATA": (dict(authority=[SOA]), Kind.NO_SUCH_RECORD),
    "NODATA beside the zone's servers": (dict(authority=[SOA, "bank.com. 60 NS ns.bank.com."]), Kind.NO_SUCH_RECORD),
    "NODATA with a proof and no SOA": (dict(authority=[NSEC]), Kind.NO_SUCH_RECORD),
    "NODATA with the zone's own servers": (dict(authority=["bank.com. 60 NS ns.bank.com."]), Kind.NO_SUCH_RECORD),
    "a referral": (dict(authority=["www.bank.com. 60 NS ns.bank.com."], flags=""), Kind.REFERRAL),
    "a referral with a proof": (dict(authority=["www.bank.com. 60 NS ns.bank.com.", NSEC], flags=""), Kind.REFERRAL),
    "a referral to the zone itself": (dict(authority=["bank.com. 60 NS ns.bank.com."], flags=""), Kind.USELESS),
    "a referral upwards": (dict(authority=["com. 60 NS ns.com."], flags=""), Kind.USELESS),
    "SERVFAIL": (dict(rcode="SERVFAIL"), Kind.USELESS),
    "REFUSED": (dict(rcode="REFUSED"), Kind.USELESS),
    "only a signature": (
        dict(answer=["www.bank.com. 60 RRSIG A 13 3 60 20300101000000 20200101000000 1 bank.com. AAAA"],
             authority=[SOA]), Kind.NO_SUCH_RECORD),
}  # fmt: skip


@pytest.mark.parametrize("case", KINDS)
def test_a_reply_is_read_as(case):
    how, kind = KINDS[case]
    asked_type = how.get("rdtype", "A")
    assert read(message(**how), question("www.bank.com", asked_type), BANK)[0] is kind


def test_a_resolver_in_place_of_an_authority_and_an_empty_reply_are_doubtful():
    assert not doubt_about(message(["www.bank.com. 60 A 192.0.2.20"]))
    assert not doubt_about(message(["www.bank.com. 60 A 192.0.2.20"], flags=""))
    assert doubt_about(message(["www.bank.com. 60 A 192.0.2.20"], flags="RA"))
    assert not doubt_about(message(["www.bank.com. 60 A 192.0.2.20"], flags="RA AA"))
    assert not doubt_about(message()) and read(message(), question("www.bank.com", "A"), BANK)[0] is Kind.NO_SUCH_RECORD
    assert doubt_about(message(flags=""))
    assert not doubt_about(message(rcode="NXDOMAIN"))


def test_the_cname_of_a_dname_is_made_by_ourselves():
    """The one that was sent is not signed: an attacker may have written it (RFC 6672 §2.2, §5.3.1)."""
    forged = message(
        ["bank.com. 60 DNAME other.com.", "www.bank.com. 9 CNAME evil.com.", "www.bank.com. 9 A 203.0.113.1"]
    )
    add_cname_of_dname(forged, question("www.bank.com", "A"))
    assert forged.answer == records("bank.com. 60 DNAME other.com.", "www.bank.com. 60 CNAME www.other.com.")


def test_a_dname_that_makes_a_name_too_long_makes_no_alias():
    """RFC 6672 §2.2: YXDOMAIN."""
    long = message([f"bank.com. 60 DNAME {'.'.join(['x' * 60] * 4)}."])
    add_cname_of_dname(long, question("a-long-name-indeed.bank.com", "A"))
    assert long.rcode() == dns.rcode.YXDOMAIN and len(long.answer) == 1


def test_the_response_code_follows_from_the_records():
    """Nobody signs the header: an attacker may turn NOERROR into NXDOMAIN."""
    altered = message(["www.bank.com. 60 A 192.0.2.20"], rcode="NXDOMAIN")
    correct_header(Reply(question("www.bank.com", "A"), Kind.ANSWER, altered, BANK, None))
    assert altered.rcode() == dns.rcode.NOERROR


def entry(rdtype, answer=(), authority=(), rcode=dns.rcode.NOERROR, name="www.bank.com"):
    about = question(name, rdtype)
    return Entry(about, rcode, tuple(records(*answer)), tuple(records(*authority)), Rank.ANSWER,
                 SecurityStatus.SECURE, NOW - 100, NOW + 500)  # fmt: skip


def test_what_is_remembered_reads_like_what_was_sent():
    asked = question("www.bank.com", "A")
    answer = reply_from(entry("A", ["www.bank.com. 600 A 192.0.2.20"]), asked, NOW)
    assert (answer.kind, answer.message.answer[0].ttl) == (Kind.ANSWER, 500)
    alias = reply_from(entry("CNAME", ["www.bank.com. 600 CNAME web.bank.com."]), asked, NOW)
    assert (alias.kind, alias.alias_target.to_text()) == (Kind.ALIAS, "web.bank.com.")
    dname = reply_from(entry("DNAME", ["bank.com. 600 DNAME other.com."], name="bank.com"), asked, NOW)
    assert (dname.kind, dname.alias_target.to_text()) == (Kind.ALIAS, "www.other.com.")
    cname_asked = reply_from(
        entry("DNAME", ["bank.com. 600 DNAME other.com."], name="bank.com"), question("www.bank.com", "CNAME"), NOW
    )
    assert cname_asked.kind is Kind.ANSWER
    assert reply_from(entry("A", [], [SOA]), asked, NOW).kind is Kind.NO_SUCH_RECORD
    gone = reply_from(entry(WHOLE_NAME, [], [SOA], dns.rcode.NXDOMAIN), asked, NOW)
    assert (gone.kind, gone.message.rcode()) == (Kind.NO_SUCH_NAME, dns.rcode.NXDOMAIN)
