"""Proofs made on demand: each names nothing but what was asked, and our validator, BIND and Unbound believe it."""

import time

import dns.flags
import dns.rcode
import dns.rrset
import pytest
from dns.name import Name
from dns.rdatatype import RdataType
from hypothesis import example, given
from hypothesis import strategies as st

from dnsseclab.authority.online_denial import STYLES, first_below, just_after, just_before, sign_online
from dnsseclab.authority.server import answer
from dnsseclab.authority.zones import canonical_order
from dnsseclab.internet.binding import has_many_addresses
from dnsseclab.internet.daemon_files import surroundings
from dnsseclab.internet.daemons import Bind, Unbound
from dnsseclab.internet.loopback import serve
from dnsseclab.internet.moving import on_loopback
from dnsseclab.internet.network import Clock, Network
from dnsseclab.internet.worlds import NOW, World, toy_internet
from dnsseclab.protocol.messages import make_query
from dnsseclab.protocol.names import LabError, to_name
from dnsseclab.protocol.trust import SecurityStatus

NOERROR, NXDOMAIN = dns.rcode.NOERROR, dns.rcode.NXDOMAIN
ZONES = ("bank.example", "example", ".")  # `example` delegates, one zone of them unsigned
labels = st.binary(min_size=1, max_size=63)
names = st.lists(labels, min_size=1, max_size=3).map(lambda some: Name((*some, b"example", b"")))

# Question -> response code of a minimal proof. A compact one knows no NXDOMAIN.
QUESTIONS = {
    "www.bank.example A": NOERROR,
    "www.bank.example TXT": NOERROR,
    "_tcp.www.bank.example A": NOERROR,
    "nothing.bank.example A": NXDOMAIN,
    "deep.down.nothing.bank.example A": NXDOMAIN,
    "nothing.www.bank.example A": NXDOMAIN,
    "0.bank.example A": NXDOMAIN,
    "zzz.bank.example A": NXDOMAIN,
    "a.branch.bank.example A": NOERROR,
    "a.b.branch.bank.example TXT": NOERROR,
    "a.branch.bank.example MX": NOERROR,
    "nothing.example A": NXDOMAIN,
    "nothing A": NXDOMAIN,
    "www.bank.example DS": NOERROR,
}


def online(world: World, style: str) -> World:
    """Return a world in which some zones prove absence on demand."""
    times = {"inception": world.inception, "expiration": world.expiration, "style": style}
    for name in map(to_name, ZONES):
        world = world.with_zone(sign_online(world.zone(name), world.keys[name], **times))
    return world


def expected(asked: str, style: str) -> dns.rcode.Rcode:
    return NOERROR if style == "compact" else QUESTIONS[asked]


# --- our own validator


@pytest.mark.parametrize("asked", QUESTIONS)
@pytest.mark.parametrize("style", STYLES)
def test_a_resolver_believes_every_answer(style, asked):
    outcome = Network(online(toy_internet(), style), clock=Clock(NOW)).resolver().resolve(*asked.split())
    assert outcome.status is SecurityStatus.SECURE, outcome.chain.explain()
    assert outcome.message.rcode() == expected(asked, style)


@pytest.mark.parametrize("style", STYLES)
def test_an_unsigned_delegation_is_proven_on_demand_too(style):
    outcome = Network(online(toy_internet(), style), clock=Clock(NOW)).resolver().resolve("www.harbor.example", "A")
    assert outcome.status is SecurityStatus.INSECURE and outcome.chain.diagnosis.rule == "insecure-delegation"


# --- other people's


@pytest.mark.daemon("named", "unbound")
@pytest.mark.parametrize("kind", [Bind, Unbound], ids=["BIND", "Unbound"])
@pytest.mark.parametrize("style", STYLES)
def test_real_resolvers_believe_every_answer(style, kind):
    if kind is Bind and not has_many_addresses():
        pytest.skip("BIND iterates only where each server has an address of its own")
    world = online(on_loopback(toy_internet(now=int(time.time()))), style)
    with serve(world, port=0) as servers, kind(surroundings(servers)) as daemon:
        for asked in QUESTIONS:
            reply = daemon.ask(*asked.split())
            assert (reply.rcode(), bool(reply.flags & dns.flags.AD)) == (expected(asked, style), True), asked
        assert daemon.ask("www.harbor.example", "A").rcode() == NOERROR


# --- what it gives away


def nsecs(style: str, qname: str, rdtype: str = "A"):
    zone = online(toy_internet(), style).zone("bank.example")
    reply = answer([zone], make_query(qname, rdtype, id=1, dnssec_ok=True))
    return reply, [rrset for rrset in reply.authority if rrset.rdtype == RdataType.NSEC]


def test_a_compact_proof_is_one_record_at_the_name_that_says_nxname():
    """RFC 9824."""
    reply, (record,) = nsecs("compact", "nothing.bank.example")
    assert record.name == to_name("nothing.bank.example")
    assert record[0].to_text() == r"\000.nothing.bank.example. RRSIG NSEC TYPE128" or "NXNAME" in record[0].to_text()
    assert reply.rcode() == NOERROR


def test_who_wants_no_proof_is_told_that_the_name_does_not_exist():
    zone = online(toy_internet(), "compact").zone("bank.example")
    reply = answer([zone], make_query("nothing.bank.example", "A", id=1))
    assert reply.rcode() == NXDOMAIN and all(rrset.rdtype == RdataType.SOA for rrset in reply.authority)


@pytest.mark.parametrize("style", STYLES)
def test_no_proof_names_another_name_of_the_zone(style):
    world = toy_internet()
    secret = set(world.zone("bank.example").names()) - {to_name("bank.example")}
    for asked in QUESTIONS:
        qname, rdtype = asked.split()
        _, records = nsecs(style, qname, rdtype) if "bank" in qname else (None, [])
        for record in records:
            spoken = {record.name, record[0].next} - {to_name(qname), to_name("*.branch.bank.example")}
            assert not spoken & secret, f"{asked}: {record}"


def test_an_existing_name_between_the_ends_is_never_denied():
    zone = toy_internet().zone("bank.example")
    near = dns.rrset.from_text("nothinf\\255\\255.bank.example.", 60, "IN", "A", "192.0.2.1")
    after = dns.rrset.from_text("nothing\\000.bank.example.", 60, "IN", "A", "192.0.2.1")
    world = toy_internet()
    signed = sign_online(
        zone.with_rrsets(near, after), world.keys[zone.origin], inception=NOW - 1, expiration=NOW + 1, style="minimal"
    )
    proof = signed.denial.prove_no_name(signed, to_name("nothing.bank.example"))[0]
    assert canonical_order(near.name) <= canonical_order(proof.name)
    assert canonical_order(proof[0].next) <= canonical_order(after.name)


def test_another_style_is_refused():
    world = toy_internet()
    with pytest.raises(LabError, match="'compact' or 'minimal'"):
        sign_online(world.zone("."), world.keys[to_name(".")], inception=1, expiration=2, style="black lies")


# --- names beside names


@given(names)
@example(to_name("[.example"))  # one less is Z, which counts as z
def test_names_beside_a_name_stand_on_their_sides(name):
    before, here, below, after = map(canonical_order, (just_before(name), name, first_below(name), just_after(name)))
    assert before < here < below <= after
    assert just_after(name).parent() in (name.parent(), name.parent().parent())


def test_no_capital_lies_between_the_signs_before_and_after_them():
    """RFC 4471 §3.1.1 step 4, §3.1.2 step 3: octets that are capitals are skipped."""
    assert just_before(to_name("[.example")).labels[0].rstrip(b"\xff") == b"@"
    assert just_after(Name((b"@" * 63, b"example", b""))).labels[0] == b"@" * 62 + b"["


@given(names, labels)
def test_what_lies_below_a_name_comes_before_the_name_after_it(name, label):
    below = Name((label, *name.labels)) if len(name.to_wire()) + len(label) < 255 else name
    assert canonical_order(below) < canonical_order(just_after(name))
