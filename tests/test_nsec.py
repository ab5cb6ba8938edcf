"""NSEC: the chain names every owner once and comes back to the apex; each proof is the record RFC 4035 §3.1.3 wants."""

import dns.rrset
import pytest
from dns.rdatatype import RdataType
from hypothesis import given, settings
from hypothesis import strategies as st

from dnsseclab.authority.keys import make_key
from dnsseclab.authority.nsec import make_nsec, prove_no_closer_name, prove_no_name, prove_no_type
from dnsseclab.authority.signing import sign_zone
from dnsseclab.authority.zones import Zone, canonical_order
from dnsseclab.internet.worlds import NOW
from dnsseclab.protocol.names import show_name, to_name

HEAD = """\
$ORIGIN bank.example.
$TTL 1h
@           SOA ns1 hostmaster 1 2h 30m 2w 15m
@           NS  ns1
ns1         A   192.0.2.21
"""
SHAPED = """\
www         A   192.0.2.20
*.branch    A   192.0.2.22
furnace.lab A   192.0.2.85
child       NS  ns.child
child       A   192.0.2.97
child       DS  12345 13 2 00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF
ns.child    A   192.0.2.99
orphan      NS  ns.child
"""


@pytest.fixture(scope="module")
def signed() -> Zone:
    key = make_key("bank.example", "CSK", seed="test")
    return sign_zone(Zone.from_text(HEAD + SHAPED), [key], inception=NOW - 1, expiration=NOW + 1)


def chain(zone: Zone) -> list[tuple[str, str]]:
    return [(show_name(nsec.name), show_name(nsec[0].next)) for nsec in make_nsec(zone)]


def owners(proofs) -> list[str]:
    return [show_name(nsec.name) for nsec in proofs]


def test_the_chain_goes_through_all_owners_and_back_to_the_apex(signed):
    in_order = [
        "bank.example", "*.branch.bank.example", "child.bank.example", "furnace.lab.bank.example", "ns1.bank.example",
        "orphan.bank.example", "www.bank.example",
    ]  # fmt: skip
    assert chain(signed) == list(zip(in_order, in_order[1:] + in_order[:1], strict=True))


def test_a_zone_of_one_name_points_to_itself():
    zone = Zone.from_text("$ORIGIN a.\n@ 60 SOA ns.b. host.b. 1 2 3 4 5\n@ 60 NS ns.b.\n")
    assert chain(zone) == [("a", "a")]


@pytest.mark.parametrize(
    ("name", "types"),
    [
        ("bank.example", "NS SOA RRSIG NSEC DNSKEY"),
        ("www.bank.example", "A RRSIG NSEC"),
        ("child.bank.example", "NS DS RRSIG NSEC"),  # the A there is glue: the child's to speak for
        ("orphan.bank.example", "NS RRSIG NSEC"),
    ],
)
def test_the_bitmap_lists_what_the_zone_speaks_for_and_ns_at_a_cut(signed, name, types):
    assert signed.get(name, "NSEC")[0].to_text().split()[1:] == types.split()


def test_the_bitmap_bytes_are_those_of_rfc_4034_section_4_3():
    zone = Zone.from_text(
        "$ORIGIN example.com.\n$TTL 60\n@ SOA a b 1 2 3 4 5\n@ NS a\nalfa A 192.0.2.1\nalfa MX 1 host\n"
        "alfa TYPE1234 \\# 1 00\nhost A 192.0.2.2\n"
    )
    nsec = next(nsec for nsec in make_nsec(zone) if nsec.name == to_name("alfa.example.com"))
    assert nsec[0].to_wire().hex() == (
        "04686f7374076578616d706c6503636f6d00" + "0006400100000003" + "041b" + "00" * 26 + "20"
    )


@pytest.mark.parametrize(("soa_ttl", "minimum", "expected"), [(3600, 900, 900), (300, 900, 300)])
def test_the_ttl_is_the_smaller_of_soa_ttl_and_minimum(soa_ttl, minimum, expected):
    """RFC 9077 §3.1: a forged or unlucky "no" must not outlive what the SOA allows."""
    zone = Zone.from_text(f"$ORIGIN a.\n@ {soa_ttl} SOA ns.b. host.b. 1 2 3 4 {minimum}\n@ 60 NS ns.b.\n")
    assert {nsec.ttl for nsec in make_nsec(zone)} == {expected}


@pytest.mark.parametrize(
    ("qname", "proofs"),
    [
        ("m.bank.example", ["furnace.lab.bank.example", "bank.example"]),
        ("a.www.bank.example", ["www.bank.example"]),  # after the last owner: one covers both
        ("zzz.bank.example", ["www.bank.example", "bank.example"]),
        ("a.lab.bank.example", ["child.bank.example"]),  # below an empty non-terminal
        ("0.bank.example", ["bank.example"]),  # before the first owner below the apex
    ],
)
def test_no_name_is_proved_by_what_covers_it_and_its_wildcard_each_once(signed, qname, proofs):
    assert owners(prove_no_name(signed, to_name(qname))) == proofs


@pytest.mark.parametrize(
    ("name", "proof"),
    [
        ("www.bank.example", "www.bank.example"),
        ("bank.example", "bank.example"),
        ("orphan.bank.example", "orphan.bank.example"),
        ("lab.bank.example", "child.bank.example"),  # empty non-terminal: the NSEC before it, which names what is below
    ],
)
def test_no_type_is_proved_by_the_list_of_types_there_are(signed, name, proof):
    assert owners(prove_no_type(signed, to_name(name))) == [proof]


def test_a_wildcard_may_stand_in_where_nothing_closer_exists(signed):
    assert owners(prove_no_closer_name(signed, to_name("x.branch.bank.example"))) == ["*.branch.bank.example"]


def test_glue_is_no_place_for_a_proof(signed):
    """The names in canonical order are child, ns.child, furnace.lab: what follows the glue is covered by the cut."""
    assert owners(prove_no_closer_name(signed, to_name("d.bank.example"))) == ["child.bank.example"]


def test_an_unsigned_zone_has_nothing_to_prove_with():
    zone = Zone.from_text(HEAD)
    assert prove_no_name(zone, to_name("x.bank.example")) == []
    assert prove_no_type(zone, to_name("ns1.bank.example")) == []


labels = st.text("abcxyz*-0", min_size=1, max_size=3)
relative_names = st.lists(labels, min_size=1, max_size=3).map(".".join)


@settings(max_examples=60)
@given(st.lists(relative_names, max_size=8), relative_names)
def test_in_any_zone_exactly_one_record_matches_or_covers_any_name(hosts, asked):
    rrsets = [dns.rrset.from_text(f"{host}.bank.example.", 60, "IN", "A", "192.0.2.1") for host in set(hosts)]
    zone = Zone.from_text(HEAD).with_rrsets(*rrsets)
    zone = zone.with_rrsets(*make_nsec(zone))
    qname = to_name(f"{asked}.bank.example")
    (proof,) = prove_no_type(zone, qname)
    order, first = canonical_order(qname), canonical_order(proof.name)
    following = canonical_order(proof[0].next)
    assert first <= order and (order < following or proof[0].next == zone.origin)
    assert RdataType.NSEC in zone.types_at(proof.name)
