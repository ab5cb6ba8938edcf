"""The server: RFC 1034 §4.3.2 and RFC 4035 §3.1 step by step, and the same answers as BIND from the same zones."""

import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import dns.edns
import dns.flags
import dns.message
import dns.opcode
import dns.rcode
import dns.rrset
import pytest
from dns.message import Message
from dns.name import Name
from dns.rdatatype import RdataType
from hypothesis import given
from hypothesis import strategies as st

from dnsseclab.authority.keys import make_key
from dnsseclab.authority.nsec3 import Nsec3
from dnsseclab.authority.server import AuthoritativeServer, answer
from dnsseclab.authority.signing import add_ds, sign_zone
from dnsseclab.authority.zones import Zone
from dnsseclab.internet.worlds import NOW, toy_internet
from dnsseclab.protocol.messages import dnssec_ok, flag, make_query, parse, to_bytes
from dnsseclab.protocol.names import show_name, show_type, to_name

EXAMPLE = """\
$ORIGIN example.
$TTL 1d
@          SOA   a.nic hostmaster 1 2h 30m 2w 15m
@          NS    a.nic
a.nic      A     192.0.2.12
bank       NS    ns1.bank
bank       NS    ns2.harbor
ns1.bank   A     192.0.2.21
ns1.bank   AAAA  2001:db8::21
harbor     NS    ns2.harbor
ns2.harbor A     192.0.2.31
outside    NS    ns.elsewhere.test.
"""
BANK = """\
$ORIGIN bank.example.
$TTL 1h
@          SOA   ns1 hostmaster 1 2h 30m 2w 15m
@          NS    ns1
@          MX    10 mail
@          MX    20 mail.outside.test.
ns1        A     192.0.2.21
www        A     192.0.2.20
www        AAAA  2001:db8::20
mail       A     192.0.2.25
login      CNAME www
abroad     CNAME www.foundry81.com.
nowhere    CNAME missing
around     CNAME round
round      CNAME around
*.branch   A     192.0.2.22
*.alias    CNAME www
head.branch A    192.0.2.23
deep.lab   TXT   "below an empty non-terminal"
old        DNAME new.bank.example.
www.new    A     192.0.2.26
big        TXT   "{0}" "{1}" "{2}" "{3}"
bigger     TXT   "{0}" "{1}" "{2}" "{3}" "{4}" "{5}"
""".format(*(str(n) * 255 for n in range(6)))


def sign(zone: Zone) -> Zone:
    key = make_key(zone.origin, "CSK", seed="test")
    return sign_zone(zone, [key], inception=NOW - 86400, expiration=NOW + 86400)


@pytest.fixture(scope="module")
def zones() -> dict[str, Zone]:
    bank = Zone.from_text(BANK)
    example = add_ds(Zone.from_text(EXAMPLE), make_key("bank.example", "CSK", seed="test"))
    return {"bank": sign(bank), "example": sign(example), "unsigned bank": bank}


@pytest.fixture(scope="module")
def bank(zones) -> AuthoritativeServer:
    return AuthoritativeServer([zones["bank"]])


@pytest.fixture(scope="module")
def example(zones) -> AuthoritativeServer:
    return AuthoritativeServer([zones["example"]])


@pytest.fixture(scope="module")
def both(zones) -> AuthoritativeServer:
    return AuthoritativeServer([zones["example"], zones["bank"]])


def ask(
    server: AuthoritativeServer, name: str, rdtype: str, *, do: bool = False, transport="udp", **options
) -> Message:
    reply = server.reply(make_query(name, rdtype, id=4711, dnssec_ok=do, **options).to_wire(), transport)
    assert reply is not None
    return parse(reply)


def has(section) -> list[str]:
    """Return a section as 'name TYPE' lines, in order."""
    return [
        f"{show_name(rrset.name)} {show_type(rrset.rdtype)}" + (f" {show_type(rrset.covers)}" if rrset.covers else "")
        for rrset in section
    ]


# --- answers


def test_an_answer_is_authoritative_and_echoes_id_question_and_rd(bank):
    reply = ask(bank, "www.bank.example", "A", recursion_desired=True)
    assert (reply.id, reply.rcode()) == (4711, dns.rcode.NOERROR)
    assert dns.flags.to_text(reply.flags) == "QR AA RD"
    assert has(reply.question) == has(reply.answer) == ["www.bank.example A"]
    assert reply.authority == reply.additional == []


def test_the_question_comes_back_with_its_capitals(bank):
    """0x20: a resolver may count the capitals that it chose as more bits to guess."""
    query = make_query("wWw.BaNk.eXample", "A", id=1).to_wire()
    assert b"\x03wWw\x04BaNk\x07eXample" in bank.reply(query)
    assert b"\x03www\x04bank\x07example" in bank.reply(make_query("www.bank.example", "A", id=1).to_wire())


def test_signatures_go_along_only_if_do_asks_for_them(bank):
    assert has(ask(bank, "www.bank.example", "A").answer) == ["www.bank.example A"]
    reply = ask(bank, "www.bank.example", "A", do=True)
    assert has(reply.answer) == ["www.bank.example A", "www.bank.example RRSIG A"]
    assert dnssec_ok(reply)


def test_dnssec_records_are_answered_without_do_if_asked_for_by_type(bank):
    assert has(ask(bank, "www.bank.example", "NSEC").answer) == ["www.bank.example NSEC"]
    assert has(ask(bank, "bank.example", "DNSKEY").answer) == ["bank.example DNSKEY"]
    assert has(ask(bank, "www.bank.example", "RRSIG").answer) == [
        "www.bank.example RRSIG A", "www.bank.example RRSIG AAAA", "www.bank.example RRSIG NSEC",
    ]  # fmt: skip


@pytest.mark.parametrize("do", [False, True])
def test_any_gives_all_there_is_once(bank, do):
    """RFC 4035 §3.1: without DO, RRSIG and NSEC are records like any other."""
    assert sorted(has(ask(bank, "www.bank.example", "ANY", do=do).answer)) == [
        "www.bank.example A", "www.bank.example AAAA", "www.bank.example NSEC",
        "www.bank.example RRSIG A", "www.bank.example RRSIG AAAA", "www.bank.example RRSIG NSEC",
    ]  # fmt: skip


def test_addresses_of_servers_named_in_the_answer_go_along_if_they_are_ours(bank):
    assert has(ask(bank, "bank.example", "NS").additional) == ["ns1.bank.example A"]
    assert has(ask(bank, "bank.example", "MX", do=True).additional) == [
        "mail.bank.example A",
        "mail.bank.example RRSIG A",
    ]


# --- referrals


def test_a_referral_is_not_authoritative_and_brings_all_glue(example):
    reply = ask(example, "www.bank.example", "A")
    assert not flag(reply, "AA") and reply.answer == []
    assert has(reply.authority) == ["bank.example NS"]
    assert sorted(has(reply.additional)) == ["ns1.bank.example A", "ns1.bank.example AAAA", "ns2.harbor.example A"]


def test_a_signed_referral_brings_the_ds_and_its_signature(example):
    reply = ask(example, "www.bank.example", "A", do=True)
    assert has(reply.authority) == ["bank.example NS", "bank.example DS", "bank.example RRSIG DS"]


def test_a_referral_to_an_unsigned_zone_proves_that_there_is_no_ds(example):
    reply = ask(example, "www.harbor.example", "A", do=True)
    assert has(reply.authority) == ["harbor.example NS", "harbor.example NSEC", "harbor.example RRSIG NSEC"]


@pytest.mark.parametrize("rdtype", ["A", "NS", "NSEC", "DNSKEY", "ANY"])
def test_at_the_cut_everything_but_the_ds_is_the_childs(example, rdtype):
    reply = ask(example, "bank.example", rdtype)
    assert not flag(reply, "AA") and has(reply.authority) == ["bank.example NS"]


def test_glue_is_no_answer(example):
    reply = ask(example, "ns1.bank.example", "A")
    assert reply.answer == [] and has(reply.authority) == ["bank.example NS"]


# --- the DS at the parent's side (RFC 4035 §3.1.4.1)


def test_the_parent_answers_for_the_ds(example):
    reply = ask(example, "bank.example", "DS", do=True)
    assert flag(reply, "AA") and has(reply.answer) == ["bank.example DS", "bank.example RRSIG DS"]


def test_the_parent_proves_the_absence_of_a_ds(example):
    reply = ask(example, "harbor.example", "DS", do=True)
    assert flag(reply, "AA") and reply.answer == []
    assert has(reply.authority) == [
        "example SOA", "example RRSIG SOA", "harbor.example NSEC", "harbor.example RRSIG NSEC",
    ]  # fmt: skip


def test_a_server_of_both_zones_answers_the_ds_from_the_parent_and_the_rest_from_the_child(both):
    assert has(ask(both, "bank.example", "DS").answer) == ["bank.example DS"]
    assert has(ask(both, "bank.example", "NS").answer) == ["bank.example NS"]
    assert flag(ask(both, "www.bank.example", "A"), "AA")


def test_a_server_of_only_the_child_denies_the_ds_with_the_childs_soa(bank):
    reply = ask(bank, "bank.example", "DS")
    assert flag(reply, "AA") and reply.answer == [] and has(reply.authority) == ["bank.example SOA"]


def test_a_server_of_child_and_grandparent_is_not_authoritative_for_the_parent(zones):
    root = Zone.from_text("$ORIGIN .\n@ 60 SOA a b 1 2 3 4 5\n@ 60 NS a\nexample. 60 NS a.nic.example.\n")
    reply = ask(AuthoritativeServer([root, zones["bank"]]), "bank.example", "DS")
    assert flag(reply, "AA") and has(reply.authority) == ["bank.example SOA"]


def test_the_root_has_no_ds():
    root = Zone.from_text("$ORIGIN .\n@ 60 SOA a b 1 2 3 4 5\n@ 60 NS a\n")
    assert has(ask(AuthoritativeServer([root]), ".", "DS").authority) == ["root SOA"]


# --- absence


def test_no_such_name_brings_the_soa_and_proofs_of_name_and_wildcard(bank):
    reply = ask(bank, "nope.bank.example", "A", do=True)
    assert reply.rcode() == dns.rcode.NXDOMAIN and flag(reply, "AA") and reply.answer == []
    assert has(reply.authority) == [
        "bank.example SOA", "bank.example RRSIG SOA", "www.new.bank.example NSEC", "www.new.bank.example RRSIG NSEC",
        "bank.example NSEC", "bank.example RRSIG NSEC",
    ]  # fmt: skip


def test_one_record_that_proves_both_is_sent_once(bank):
    reply = ask(bank, "a.www.bank.example", "A", do=True)
    assert has(reply.authority)[2:] == ["www.bank.example NSEC", "www.bank.example RRSIG NSEC"]


def test_the_soa_of_a_denial_has_the_smaller_of_its_ttl_and_minimum(bank):
    reply = ask(bank, "nope.bank.example", "A", do=True)
    assert {rrset.ttl for rrset in reply.authority} == {900}
    assert ask(bank, "bank.example", "SOA").answer[0].ttl == 3600


def test_no_such_type_brings_the_list_of_types(bank):
    reply = ask(bank, "www.bank.example", "MX", do=True)
    assert reply.rcode() == dns.rcode.NOERROR and reply.answer == []
    assert has(reply.authority)[2:] == ["www.bank.example NSEC", "www.bank.example RRSIG NSEC"]


def test_an_empty_non_terminal_exists(bank):
    reply = ask(bank, "lab.bank.example", "A", do=True)
    assert reply.rcode() == dns.rcode.NOERROR and reply.answer == []
    assert has(reply.authority)[2] == "head.branch.bank.example NSEC"


def test_without_do_a_denial_is_the_soa_alone(bank):
    assert has(ask(bank, "nope.bank.example", "A").authority) == ["bank.example SOA"]


def test_an_unsigned_zone_sends_no_proof_even_with_do(zones):
    reply = ask(AuthoritativeServer([zones["unsigned bank"]]), "nope.bank.example", "A", do=True)
    assert reply.rcode() == dns.rcode.NXDOMAIN and has(reply.authority) == ["bank.example SOA"]


# --- wildcards


def test_a_wildcard_answers_under_the_name_asked_with_the_proof_that_nothing_is_closer(bank):
    reply = ask(bank, "any.branch.bank.example", "A", do=True)
    assert has(reply.answer) == ["any.branch.bank.example A", "any.branch.bank.example RRSIG A"]
    assert reply.answer[1][0].labels == 3
    assert has(reply.authority) == ["*.branch.bank.example NSEC", "*.branch.bank.example RRSIG NSEC"]


def test_a_wildcard_reaches_below_several_labels_but_not_past_a_name_that_exists(bank):
    assert has(ask(bank, "x.y.branch.bank.example", "A").answer) == ["x.y.branch.bank.example A"]
    assert ask(bank, "x.head.branch.bank.example", "A").rcode() == dns.rcode.NXDOMAIN
    assert has(ask(bank, "head.branch.bank.example", "A").answer) == ["head.branch.bank.example A"]


def test_a_wildcard_without_the_type_denies_the_type_and_any_closer_name(bank):
    reply = ask(bank, "zz.branch.bank.example", "MX", do=True)
    assert reply.rcode() == dns.rcode.NOERROR and reply.answer == []
    assert has(reply.authority)[2::2] == ["*.branch.bank.example NSEC", "head.branch.bank.example NSEC"]


def test_a_wildcard_gives_any_of_its_types_once(bank):
    assert sorted(has(ask(bank, "any.branch.bank.example", "ANY", do=True).answer)) == [
        "any.branch.bank.example A", "any.branch.bank.example NSEC",
        "any.branch.bank.example RRSIG A", "any.branch.bank.example RRSIG NSEC",
    ]  # fmt: skip


def test_a_wildcard_may_be_asked_for_by_its_own_name(bank):
    reply = ask(bank, "*.branch.bank.example", "A", do=True)
    assert has(reply.answer)[0] == "*.branch.bank.example A" and reply.authority == []


def test_a_wildcard_may_be_an_alias(bank):
    reply = ask(bank, "x.alias.bank.example", "A", do=True)
    assert has(reply.answer)[::2] == ["x.alias.bank.example CNAME", "www.bank.example A"]
    assert has(reply.authority)[0] == "*.alias.bank.example NSEC"


# --- aliases


def test_an_alias_is_followed_inside_the_zone(bank):
    assert has(ask(bank, "login.bank.example", "A").answer) == ["login.bank.example CNAME", "www.bank.example A"]


@pytest.mark.parametrize("rdtype", ["CNAME", "ANY", "NSEC", "RRSIG"])
def test_an_alias_asked_for_by_type_is_not_followed(zones, rdtype):
    server = AuthoritativeServer([zones["unsigned bank"]])
    expected = ["login.bank.example CNAME"] if rdtype in ("CNAME", "ANY") else []
    assert has(ask(server, "login.bank.example", rdtype).answer) == expected


def test_an_alias_out_of_the_servers_zones_is_the_whole_answer(bank):
    reply = ask(bank, "abroad.bank.example", "A")
    assert has(reply.answer) == ["abroad.bank.example CNAME"]
    assert (reply.rcode(), reply.authority) == (dns.rcode.NOERROR, [])


def test_an_alias_is_followed_into_another_zone_of_the_server(zones):
    foundry = Zone.from_text("$ORIGIN foundry81.com.\n@ 60 SOA a b 1 2 3 4 5\n@ 60 NS a\nwww 60 A 192.0.2.80\n")
    reply = ask(AuthoritativeServer([zones["bank"], foundry]), "abroad.bank.example", "A")
    assert has(reply.answer) == ["abroad.bank.example CNAME", "www.foundry81.com A"]


def test_the_rcode_is_that_of_the_end_of_the_chain(bank):
    """RFC 6604 §3."""
    reply = ask(bank, "nowhere.bank.example", "A", do=True)
    assert reply.rcode() == dns.rcode.NXDOMAIN
    assert has(reply.answer)[0] == "nowhere.bank.example CNAME" and "bank.example SOA" in has(reply.authority)


def test_aliases_in_a_circle_end(bank):
    assert has(ask(bank, "around.bank.example", "A").answer) == [
        "around.bank.example CNAME",
        "round.bank.example CNAME",
    ]


def test_a_dname_moves_everything_below_it_by_an_unsigned_alias(bank):
    reply = ask(bank, "www.old.bank.example", "A", do=True)
    assert has(reply.answer) == [
        "old.bank.example DNAME", "old.bank.example RRSIG DNAME", "www.old.bank.example CNAME",
        "www.new.bank.example A", "www.new.bank.example RRSIG A",
    ]  # fmt: skip
    assert has(ask(bank, "old.bank.example", "A").answer) == [], "its own owner stays"
    assert has(ask(bank, "gone.old.bank.example", "CNAME").answer)[1:] == ["gone.old.bank.example CNAME"]


def test_a_dname_that_makes_a_name_too_long_is_an_error(zones):
    """RFC 6672 §2.2: YXDOMAIN."""
    far = ".".join(["x" * 60] * 3)
    zone = Zone.from_text(f"$ORIGIN a.\n@ 60 SOA n h 1 2 3 4 5\n@ 60 NS n\nold 60 DNAME {far}.a.\n")
    reply = ask(AuthoritativeServer([zone]), ".".join(["y" * 40] * 2) + ".old.a", "A")
    assert reply.rcode() == dns.rcode.YXDOMAIN and has(reply.answer) == ["old.a DNAME"]


# --- size


@pytest.mark.parametrize(
    ("options", "limit", "cut"),
    [
        ({"edns_payload": None}, 512, True),  # a client without EDNS
        ({"edns_payload": 100}, 512, True),  # less than 512 means 512 (RFC 6891 §6.2.3)
        ({"edns_payload": 1100}, 1100, False),
        ({"edns_payload": 4096}, 1232, False),
    ],
)
def test_udp_answers_fit_what_the_client_takes_or_say_that_they_are_cut(bank, options, limit, cut):
    query = make_query("big.bank.example", "TXT", id=1, **options).to_wire()
    reply = bank.reply(query)
    assert len(reply) <= limit
    assert flag(parse(reply), "TC") is cut
    assert (parse(reply).answer == []) is cut
    whole = parse(bank.reply(query, "tcp"))
    assert not flag(whole, "TC") and has(whole.answer) == ["big.bank.example TXT"]


def test_the_servers_own_limit_keeps_answers_out_of_fragments(bank):
    reply = bank.reply(make_query("bigger.bank.example", "TXT", id=1, edns_payload=65535).to_wire())
    assert len(reply) <= 1232 and flag(parse(reply), "TC")


def test_a_referral_that_loses_glue_says_so():
    """RFC 9471 §3.1: without it the resolver would take the rest for all there is."""
    servers = "".join(f"child NS ns{n}.child\nns{n}.child AAAA 2001:db8::{n}\n" for n in range(12))
    zone = Zone.from_text("$ORIGIN a.\n$TTL 60\n@ SOA n h 1 2 3 4 5\n@ NS n\n" + servers)
    server = AuthoritativeServer([zone])
    cut = ask(server, "x.child.a", "A", edns_payload=None)
    assert flag(cut, "TC") and 0 < len(cut.additional) < 12
    whole = ask(server, "x.child.a", "A", edns_payload=1232)
    assert not flag(whole, "TC") and len(whole.additional) == 12


# --- EDNS, errors, garbage


def test_edns_is_in_the_reply_only_if_it_was_in_the_query(bank):
    assert ask(bank, "www.bank.example", "A", edns_payload=None).edns == -1
    reply = ask(bank, "www.bank.example", "A")
    assert (reply.edns, reply.payload, dnssec_ok(reply)) == (0, 1232, False)


def test_cd_and_ad_of_the_query_do_not_come_back(bank):
    reply = ask(bank, "www.bank.example", "A", checking_disabled=True, authentic_data=True)
    assert not flag(reply, "CD") and not flag(reply, "AD")


def test_an_unknown_edns_version_is_refused_by_version(bank):
    query = make_query("www.bank.example", "A", id=1)
    query.use_edns(1)
    reply = parse(bank.reply(query.to_wire()))
    assert reply.rcode() == dns.rcode.BADVERS and reply.edns == 0 and reply.answer == []


def test_a_cookie_comes_back_with_a_second_half(bank):
    query = make_query("www.bank.example", "A", id=1)
    query.use_edns(0, options=[dns.edns.CookieOption(b"8 bytes.", b"")])
    (cookie,) = parse(bank.reply(query.to_wire())).options
    assert cookie.client == b"8 bytes." and len(cookie.server) == 8


@pytest.mark.parametrize("length", [1, 7, 9, 15, 41])
def test_a_cookie_of_the_wrong_length_is_a_format_error(bank, length):
    query = make_query("www.bank.example", "A", id=1)
    query.use_edns(0, options=[dns.edns.GenericOption(10, b"x" * length)])
    assert parse(bank.reply(query.to_wire())).rcode() == dns.rcode.FORMERR


@pytest.mark.parametrize("name", ["www.foundry81.com", "example", "."])
def test_what_is_not_ours_is_refused(bank, name):
    reply = ask(bank, name, "A", do=True)
    assert reply.rcode() == dns.rcode.REFUSED and not flag(reply, "AA")
    assert reply.answer == reply.authority == reply.additional == []


@pytest.mark.parametrize("rdtype", ["AXFR", "IXFR"])
def test_zones_are_not_transferred(bank, rdtype):
    assert ask(bank, "bank.example", rdtype).rcode() == dns.rcode.REFUSED


def test_another_class_is_refused(bank):
    query = dns.message.make_query("www.bank.example.", "A", "CH", id=1)
    assert parse(bank.reply(query.to_wire())).rcode() == dns.rcode.REFUSED


@pytest.mark.parametrize("opcode", [1, 2, 3, 4, 5, 6, 15])
def test_other_opcodes_are_not_implemented(bank, opcode):
    wire = bytearray(make_query("www.bank.example", "A", id=1, edns_payload=None).to_wire())
    wire[2] |= opcode << 3
    reply = parse(bank.reply(bytes(wire)))
    assert (reply.rcode(), reply.opcode()) == (dns.rcode.NOTIMP, opcode)


@pytest.mark.parametrize("count", [0, 2])
def test_not_exactly_one_question_is_a_format_error(bank, count):
    query = make_query("www.bank.example", "A", id=1)
    query.question = [dns.rrset.RRset(to_name(f"{n}.bank.example"), 1, RdataType.A) for n in range(count)]
    assert parse(bank.reply(query.to_wire())).rcode() == dns.rcode.FORMERR


def test_nothing_is_said_to_a_reply_or_to_less_than_a_header(bank):
    query = make_query("www.bank.example", "A", id=1).to_wire()
    assert bank.reply(bank.reply(query)) is None
    assert all(bank.reply(query[:length]) is None for length in range(12))


def test_what_breaks_off_after_the_header_is_a_format_error_with_the_same_id(bank):
    query = make_query("www.bank.example", "A", id=4711, recursion_desired=True).to_wire()
    for length in range(12, len(query)):
        reply = parse(bank.reply(query[:length]))
        assert (reply.id, reply.rcode(), flag(reply, "RD")) == (4711, dns.rcode.FORMERR, True)


@given(st.binary(max_size=80))
def test_garbage_of_any_length_gets_no_reply_or_a_message(bank, garbage):
    for payload in (garbage, b"\0\1\0\0\0\1\0\0\0\0\0\0" + garbage):
        reply = bank.reply(payload)
        if reply is not None:
            assert reply[:2] == payload[:2] and flag(parse(reply), "QR")


def test_the_same_question_with_another_id_gets_the_same_reply_with_that_id(bank):
    first, second = (bank.reply(make_query("www.bank.example", "A", id=id).to_wire()) for id in (1, 65535))
    assert first[2:] == second[2:] and (first[:2], second[:2]) == (b"\0\1", b"\xff\xff")


def test_the_answer_function_is_what_the_server_sends(bank, zones):
    query = make_query("nope.bank.example", "A", id=9, dnssec_ok=True)
    assert to_bytes(answer([zones["bank"]], query)) == bank.reply(query.to_wire())


# --- an outside judge: BIND, with the same zones, asked the same bytes

ASKED_TYPES = ("A", "NS", "MX", "DS", "CNAME", "NSEC", "ANY")
ELSEWHERE = ("www.foundry81.com", "a.b.c.bank.example", "www.harbor.example", "zzz.com", "nope")


@dataclass
class Bind:
    """A named that holds several sets of zones: the address that a question comes from chooses the set."""

    port: int

    def ask(self, view: int, payload: bytes) -> Message:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(5)
            client.bind((_client_of(view), 0))
            client.sendto(payload, ("127.0.0.1", self.port))
            return parse(client.recv(65535))


def _client_of(view: int) -> str:
    return f"127.0.77.{view + 1}"


@pytest.fixture(scope="module")
def zone_sets(zones) -> list[list[Zone]]:
    world = toy_internet()
    served = [[world.zones[name] for name in server.zones] for server in world.servers if len(server.zones) > 1]
    keys = {zone.origin: [make_key(zone.origin, "CSK", seed="test")] for zone in zones.values()}
    times = {"inception": NOW - 86400, "expiration": NOW + 86400}
    both = [zones["example"], zones["bank"]]
    hashed = [sign_zone(zone, keys[zone.origin], **times, denial="NSEC3") for zone in both]
    opted_out = [sign_zone(zone, keys[zone.origin], **times, denial=Nsec3(2, b"salt", True)) for zone in both]
    return [[world.zone(".")], *served, both, hashed, [hashed[0]], opted_out, [opted_out[0]]]


@pytest.fixture(scope="module")
def bind(zone_sets, tmp_path_factory):
    folder = tmp_path_factory.mktemp("named")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (folder / "named.conf").write_text(_named_conf(folder, port, zone_sets), encoding="utf-8")
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(["named", "-g", "-c", folder / "named.conf"], stderr=log)
    try:
        for _ in range(100):
            if (folder / "log").read_text().rstrip().endswith(" running"):
                break
            assert process.poll() is None, (folder / "log").read_text()
            time.sleep(0.05)
        yield Bind(port)
    finally:
        process.terminate()
        process.wait(10)


def _named_conf(folder: Path, port: int, zone_sets: list[list[Zone]]) -> str:
    lines = [
        f'options {{ directory "{folder}"; pid-file none; session-keyfile none; recursion no; minimal-responses yes;',
        f"listen-on port {port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }}; empty-zones-enable no; notify no;",
        "zero-no-soa-ttl no; dnssec-validation no; answer-cookie no; max-udp-size 1232; }; controls {};",
    ]
    for view, zones in enumerate(zone_sets):
        lines.append(f"view v{view} {{ match-clients {{ {_client_of(view)}; }};")
        for zone in zones:
            path = folder / f"{view}{zone.origin}zone"
            path.write_text(zone.to_text(), encoding="utf-8")
            lines.append(f'zone "{zone.origin}" {{ type primary; file "{path}"; }};')
        lines.append("};")
    return "\n".join(lines)


def _do_bits(zones: list[Zone]) -> tuple[bool, ...]:
    """Return with which DO bits to ask: without proofs, a zone with NSEC3 answers as the same zone with NSEC does."""
    return (True,) if any(zone.get(zone.origin, "NSEC3PARAM") for zone in zones) else (False, True)


def records(section) -> set[str]:
    return {f"{rrset.name} {rrset.ttl} {rrset.rdtype} {rdata}".lower() for rrset in section for rdata in rrset}


def comparable(zones: list[Zone], qname, qtype: str, ours: Message) -> bool:
    """Return False where two servers may differ, and BIND and ours do."""
    return not (
        (qtype == "NSEC" and any(zone.zone_cut(qname) == qname for zone in zones))  # BIND's parent answers it
        or "round" in str(qname)  # aliases in a circle: BIND gives up with SERVFAIL
        or (ours.answer and any(rrset.rdtype == RdataType.NS for rrset in ours.authority))
        # an alias to below a cut: we go on to the referral, as RFC 1034 §4.3.2 says, BIND doesn't
    )


def difference(ours: Message, theirs: Message) -> dict[str, tuple]:
    """Return what differs, by its name; BIND was told to be minimal, so it may send fewer addresses."""
    pairs = {
        "rcode": (ours.rcode(), theirs.rcode()),
        "flags": (ours.flags, theirs.flags),
        "EDNS": (ours.ednsflags, theirs.ednsflags),
    }
    if not flag(ours, "TC"):
        pairs |= {
            name: (records(getattr(ours, name)), records(getattr(theirs, name))) for name in ("answer", "authority")
        }
        pairs["lacking"] = (records(theirs.additional) - records(ours.additional), set())
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


@pytest.mark.slow
@pytest.mark.daemon("named")
@pytest.mark.skipif(sys.platform != "linux", reason="asks from many addresses of 127.0.0.0/8, which only Linux has")
def test_bind_gives_the_same_answers_from_the_same_zones(bind, zone_sets):
    compared = 0
    for view, zones in enumerate(zone_sets):
        server = AuthoritativeServer(zones)
        owners = {name for zone in zones for name in zone.names()}
        below = {to_name(f"x.{name}".rstrip(".")) for name in owners}
        beside = {Name((b"m", *name.labels[1:])) for name in owners if len(name) > 2}
        for qname, qtype, do in product(
            sorted(owners | below | beside | set(map(to_name, ELSEWHERE))), ASKED_TYPES, _do_bits(zones)
        ):
            query = make_query(qname, qtype, id=1, dnssec_ok=do).to_wire()
            ours = parse(server.reply(query))
            if not comparable(zones, qname, qtype, ours):
                continue
            theirs = bind.ask(view, query)
            assert difference(ours, theirs) == {}, f"{qname} {qtype} DO={do}\nours:\n{ours}\nBIND's:\n{theirs}"
            compared += 1
    assert compared > 1500
