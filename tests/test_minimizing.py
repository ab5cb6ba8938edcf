"""Query name minimization: what each server gets to see, and that names are found as without it."""

import dns.name
import pytest
from handmade import BANK, COM, ROOT, Servers, resolution, run, usual_servers

from dnsseclab.protocol.messages import question
from dnsseclab.protocol.story import Believed, Ignored, Reason
from dnsseclab.resolver.minimizing import MAX_STEPS, ONE_BY_ONE, Minimizer
from dnsseclab.resolver.replies import Kind

WWW = ["www.bank.com. 3600 A 192.0.2.20"]
SOA = "bank.com. 600 SOA ns.bank.com. root.bank.com. 1 2 3 4 300"


def seen(servers):
    return [(address, f"{name} {rdtype}") for address, name, rdtype in servers.asked]


def deep(name="a.b.www.bank.com", rdtype="A", servers=None):
    """Return what is asked for a name three labels below its zone, and the resolution."""
    servers = servers or usual_servers()
    asking = resolution(name, rdtype, minimize_names=True)
    fates = run(asking, servers)
    return [what for address, what in seen(servers) if address == BANK], asking, fates


def test_each_server_sees_one_label_more_than_its_zone():
    servers = usual_servers()
    asking = resolution(minimize_names=True)
    run(asking, servers)
    assert seen(servers) == [(ROOT, "com A"), (COM, "bank.com A"), (BANK, "www.bank.com A")]
    assert asking.reply.kind is Kind.ANSWER and asking.reply.question == question("www.bank.com", "A")


def test_the_type_is_shown_with_the_whole_name_only():
    servers = usual_servers()
    servers.at(BANK, "www.bank.com", "TXT", ['www.bank.com. 60 TXT "hello"'])
    run(resolution("www.bank.com", "TXT", minimize_names=True), servers)
    assert [what for _, what in seen(servers)] == ["com A", "bank.com A", "www.bank.com TXT"]


def test_off_every_server_sees_all():
    servers = usual_servers()
    run(resolution(), servers)
    assert {what for _, what in seen(servers)} == {"www.bank.com A"}


@pytest.mark.parametrize(
    "in_between",
    [
        dict(authority=[SOA]),
        dict(answer=["b.www.bank.com. 60 A 192.0.2.1"]),
        dict(answer=["b.www.bank.com. 60 CNAME bank.com."]),
        dict(),
    ],
    ids=["no such record", "an address", "an alias", "empty"],
)
def test_whatever_lies_in_between_the_way_goes_on_with_one_label_more(in_between):
    servers = usual_servers()
    servers.at(BANK, "b.www.bank.com", "A", **in_between)
    servers.at(BANK, "a.b.www.bank.com", "A", ["a.b.www.bank.com. 60 A 192.0.2.9"])
    asked, asking, _ = deep(servers=servers)
    assert asked == ["www.bank.com A", "b.www.bank.com A", "a.b.www.bank.com A"] and asking.reply.kind is Kind.ANSWER


@pytest.mark.parametrize("rcode", ["NXDOMAIN", "SERVFAIL", "REFUSED", "NOTIMP"])
def test_a_server_that_errs_about_a_part_is_asked_for_the_whole(rcode):
    """Some say NXDOMAIN of a name that exists only because of names below it, contrary to RFC 8020 §2."""
    servers = usual_servers()
    servers.at(BANK, "www.bank.com", "A", [], [SOA] if rcode == "NXDOMAIN" else [], rcode=rcode)
    servers.at(BANK, "a.b.www.bank.com", "A", ["a.b.www.bank.com. 60 A 192.0.2.9"])
    asked, asking, _ = deep(servers=servers)
    assert asked[-1] == "a.b.www.bank.com A" and "b.www.bank.com A" not in asked
    assert asking.reply.kind is Kind.ANSWER


def test_a_server_that_is_silent_about_a_part_is_asked_for_the_whole():
    servers = usual_servers()
    del servers.says[BANK, "www.bank.com", "A"]
    servers.at(BANK, "a.b.www.bank.com", "A", ["a.b.www.bank.com. 60 A 192.0.2.9"])
    asked, asking, _ = deep(servers=servers)
    assert asked == ["www.bank.com A", "a.b.www.bank.com A"] and asking.reply


def test_the_story_says_what_each_reply_said():
    servers = usual_servers()
    servers.at(BANK, "b.www.bank.com", "A", rcode="SERVFAIL")
    servers.at(BANK, "a.b.www.bank.com", "A", ["a.b.www.bank.com. 60 A 192.0.2.9"])
    _, _, fates = deep(servers=servers)
    assert fates[2:] == [Believed("answer"), Ignored(Reason.USELESS, "SERVFAIL"), Believed("answer")]


def test_a_cut_in_the_middle_is_entered():
    servers = usual_servers()
    servers.at(BANK, "b.www.bank.com", "A", [], ["b.www.bank.com. 60 NS ns.bank.com."], flags="")
    servers.at(BANK, "a.b.www.bank.com", "A", ["a.b.www.bank.com. 60 A 192.0.2.9"])
    _, asking, _ = deep(servers=servers)
    assert asking.reply.zone == dns.name.from_text("b.www.bank.com.")


def test_records_beside_the_part_that_was_asked_for_are_left_out():
    servers = usual_servers()
    servers.at(BANK, "www.bank.com", "A", [*WWW, "a.b.www.bank.com. 60 A 203.0.113.66"])
    _, asking, _ = deep(servers=servers)
    assert asking.reply is None


def test_a_name_of_many_labels_costs_few_questions():
    """RFC 9156 §2.3: else a name of 120 labels makes us send 120 queries."""
    name = ".".join("abcdefghij" * 10) + ".bank.com"
    minimizer = Minimizer(question(name, "TXT"), whole=False)
    minimizer.enter(dns.name.from_text("bank.com."))
    shown = []
    while (asked := minimizer.question()) != question(name, "TXT"):
        shown.append(len(asked.name.labels))
        minimizer.shows_more()
    assert len(shown) <= MAX_STEPS
    assert shown[:ONE_BY_ONE] == [4, 5, 6, 7] and shown[-1] < len(dns.name.from_text(name).labels)


def test_servers_that_know_nothing_end_it_too():
    asking = resolution(minimize_names=True)
    run(asking, Servers())
    assert asking.failure
