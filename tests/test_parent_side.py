"""DS records lie at the parent (RFC 4035 §3.1.4): taken from referrals, and never from the child."""

import dns.name
import pytest
from handmade import BANK, COM, ROOT, Servers, reply_to, resolution, run

from dnsseclab.protocol.messages import parse, question
from dnsseclab.protocol.names import to_name
from dnsseclab.protocol.story import Ignored, Reason
from dnsseclab.resolver.parent_side import ds_of_referral, where_to_begin
from dnsseclab.resolver.replies import Kind, Reply

DS = "bank.com. 60 DS 1 13 2 " + "ab" * 32
NSEC = "bank.com. 60 NSEC c.com. NS RRSIG NSEC"
CUT = "bank.com. 60 NS ns.bank.com."
SIG = "bank.com. 60 RRSIG {} 13 2 60 20300101000000 20200101000000 1 com. AAAA"


@pytest.mark.parametrize(
    ("name", "rdtype", "begin"),
    [("bank.com", "A", "bank.com"), ("bank.com", "DS", "com"), ("com", "DS", "."), (".", "DS", ".")],
)
def test_a_ds_is_looked_for_above_the_cut(name, rdtype, begin):
    assert where_to_begin(question(name, rdtype)) == to_name(begin)


def said_about_ds(*authority):
    message = parse(reply_to(resolution().next_query(), [], authority, flags="").payload)
    return ds_of_referral(
        Reply(question("www.bank.com", "A"), Kind.REFERRAL, message, dns.name.root, None), to_name("bank.com")
    )


def test_a_referral_brings_the_ds_as_if_it_had_been_asked_for():
    reply = said_about_ds(CUT, DS, SIG.format("DS"))
    assert (reply.question, reply.kind) == (question("bank.com", "DS"), Kind.ANSWER)
    assert [rrset.rdtype.name for rrset in reply.message.answer] == ["DS", "RRSIG"] and not reply.message.authority


def test_a_referral_brings_the_proof_that_there_is_no_ds():
    reply = said_about_ds(CUT, NSEC, SIG.format("NSEC"))
    assert (reply.kind, reply.message.answer) == (Kind.NO_SUCH_RECORD, [])
    assert [rrset.rdtype.name for rrset in reply.message.authority] == ["NSEC", "RRSIG"]


def test_a_bare_referral_says_nothing_so_the_parent_must_be_asked():
    """RFC 4035 §5.2."""
    assert said_about_ds(CUT) is None


def two_zones_on_one_server():
    """The root's server has bank.com as well, but not com, which lies between."""
    servers = Servers()
    servers.at(ROOT, "bank.com", "DS", [], ["bank.com. 60 SOA ns.bank.com. root.bank.com. 1 2 3 4 5"])
    servers.at(ROOT, "com", "NS", [], ["com. 60 NS ns.com."], [f"ns.com. 60 A {COM}"], flags="")
    servers.at(COM, "com", "NS", ["com. 60 NS ns.com."])
    servers.at(COM, "bank.com", "DS", [DS])
    return servers


def test_the_childs_no_is_not_taken_but_the_parent_is_found_and_asked():
    asking, servers = resolution("bank.com", "DS"), two_zones_on_one_server()
    fates = run(asking, servers)
    assert asking.reply.kind is Kind.ANSWER
    assert fates[0] == Ignored(Reason.USELESS, "the child's answer, but DS lies at the parent")
    assert [address for address, *_ in servers.asked] == [ROOT, ROOT, COM, COM]


def test_if_there_is_no_zone_between_the_answer_stands():
    asking, servers = resolution("bank.com", "DS"), two_zones_on_one_server()
    servers.at(ROOT, "com", "NS", [], [". 60 SOA a. b. 1 2 3 4 5"])
    run(asking, servers)
    assert asking.reply.kind is Kind.NO_SUCH_RECORD


def test_a_server_older_than_dnssec_refers_even_for_a_ds():
    asking, servers = resolution("com", "DS"), Servers()
    servers.at(ROOT, "com", "DS", [], ["com. 60 NS ns.com.", DS.replace("bank.com.", "com.", 1)], flags="")
    run(asking, servers)
    assert (asking.reply.kind, asking.reply.question) == (Kind.ANSWER, question("com", "DS"))
    servers.at(ROOT, "com", "DS", [], ["com. 60 NS ns.com."], [f"ns.com. 60 A {BANK}"], flags="")
    asking = resolution("com", "DS")
    assert run(asking, servers)[0] == Ignored(Reason.USELESS, "a referral, but DS lies at the parent")
    assert asking.failure
