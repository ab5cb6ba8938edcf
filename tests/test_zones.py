"""Zones: what a master file says, what shape it gives the zone, and a sentence for what makes none."""

import random

import dns.name
import dns.rrset
import pytest
from dns.rdatatype import RdataType
from hypothesis import given
from hypothesis import strategies as st

from dnsseclab.authority.zones import Zone, canonical_order, make_rrset
from dnsseclab.protocol.names import LabError, ancestors, show_name, to_name

HEAD = """\
$ORIGIN bank.example.
$TTL 1h
@     SOA ns1 hostmaster 1 2h 30m 2w 15m
@     NS  ns1
ns1   A   192.0.2.21
"""
SHAPED = """\
www          A     192.0.2.20
*.branch     A     192.0.2.22
furnace.lab  A     192.0.2.85
child        NS    ns.child
child        DS    12345 13 2 00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF
ns.child     A     192.0.2.99
deep.child   NS    ns.deep.child
ns.deep.child A    192.0.2.98
moved        DNAME elsewhere.example.
"""


def names(*texts: str) -> list[dns.name.Name]:
    return [to_name(text) for text in texts]


@pytest.fixture
def zone() -> Zone:
    return Zone.from_text(HEAD + SHAPED)


# --- reading and writing


def test_a_master_file_gives_absolute_names_and_the_ttl_of_its_head(zone):
    www = zone.get("www.bank.example", "A")
    assert (www.name, www.ttl, www[0].address) == (to_name("www.bank.example"), 3600, "192.0.2.20")


def test_the_origin_is_the_owner_of_the_soa_or_given():
    assert Zone.from_text(HEAD).origin == to_name("bank.example")
    assert Zone.from_text(HEAD.partition("\n")[2], "bank.example").origin == to_name("bank.example")


def test_what_is_written_reads_back_the_same_with_the_soa_first(zone):
    text = zone.to_text()
    assert Zone.from_text(text).to_text() == text
    assert text.splitlines()[1].split()[3] == "SOA"


def test_a_file_is_read_and_its_name_stands_in_the_error(tmp_path):
    path = tmp_path / "bank.zone"
    path.write_text(HEAD, encoding="utf-8")
    assert Zone.from_file(path).origin == to_name("bank.example")
    path.write_text(HEAD + "www A nonsense\n", encoding="utf-8")
    with pytest.raises(LabError, match=r"bank\.zone: Line 6, 'www A nonsense'"):
        Zone.from_file(path)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(LabError, match="UTF-8"):
        Zone.from_file(path)
    with pytest.raises(LabError, match="Cannot read"):
        Zone.from_file(tmp_path / "absent.zone")


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("www A 192.0.2.256", "Line 6, 'www A 192.0.2.256', cannot be read"),
        ("www FOO 1", "Line 6.*unknown rdatatype 'FOO'"),
        ("www", "Line 6, 'www'"),
        ('t TXT "open', "Line 6.*newline in quoted string"),
        ("t TXT ( never\nclosed", "Line 6.*unbalanced parentheses"),
        ("a..b A 192.0.2.1", "Line 6.*label is empty"),
        ("x" * 64 + " A 192.0.2.1", "Line 6.*63"),
        ("www A 192.0.2.1 192.0.2.2", "Line 6"),
        ("www CH A 192.0.2.1", "Line 6.*class"),
        ("$INCLUDE /etc/hostname", "Line 6.*not allowed"),
        ("ghost.example.net. A 192.0.2.1", "Line 6: ghost.example.net A lies outside the zone bank.example.*dot"),
        ("www A 192.0.2.1\nwww CNAME ns1", "Line 7: www.bank.example CNAME stands beside A"),
        ("www CNAME ns1\nwww A 192.0.2.1", "Line 6: www.bank.example CNAME stands beside A"),
        ("www CNAME ns1\nwww CNAME ns2", "Line 7.*may have only one"),
        ("@ SOA ns1 hostmaster 2 2h 30m 2w 15m", "Line 6.*SOA.*may have only one"),
        ("www SOA ns1 hostmaster 2 2h 30m 2w 15m", "Line 6: www.bank.example SOA.*apex"),
        ("d DNAME elsewhere\na.d A 192.0.2.1", "Line 7: a.d.bank.example A lies below the DNAME"),
    ],
)
def test_a_bad_line_is_named_with_what_is_wrong(line, complaint):
    Zone.from_text(HEAD + "good A 192.0.2.1\n")
    with pytest.raises(LabError, match=complaint):
        Zone.from_text(HEAD + line + "\n")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "no SOA"),
        ("www A 192.0.2.1\n", r"Line 1: begin with '\$ORIGIN"),
        ("$ORIGIN bank.example.\n@ 60 NS ns1\n", "no SOA"),
        ("$ORIGIN bank.example.\n@ 60 SOA a b 1 2 3 4 5\n", "no NS record at its apex"),
        ("$ORIGIN bank.example.\nwww A 192.0.2.1\n", r"Line 2.*\$TTL 1h"),
    ],
)
def test_what_is_no_zone_is_refused_with_advice(text, complaint):
    with pytest.raises(LabError, match=complaint):
        Zone.from_text(text)


@given(st.text(max_size=80))
def test_any_text_makes_a_zone_or_a_sentence(text):
    try:
        Zone.from_text(HEAD + text)
    except LabError as error:
        assert str(error)


# --- a zone never changes


def test_what_is_handed_out_is_a_copy(zone):
    before = zone.to_text()
    for rrset in [zone.get("www.bank.example", "A"), *zone.rrsets_at("www.bank.example"), *zone.rrsets(), zone.soa]:
        rrset.clear()
        rrset.ttl = 1
    assert zone.to_text() == before


def test_a_zone_keeps_nothing_of_what_it_was_made_from():
    rrset = dns.rrset.from_text("www.bank.example.", 60, "IN", "A", "192.0.2.1")
    zone = Zone.from_text(HEAD).with_rrsets(rrset)
    rrset.clear()
    assert len(zone.get("www.bank.example", "A")) == 1


def test_with_rrsets_replaces_and_without_removes_and_the_first_zone_stays(zone):
    moved = zone.with_rrsets(dns.rrset.from_text("www.bank.example.", 60, "IN", "A", "192.0.2.77"))
    assert [rdata.address for rdata in moved.get("www.bank.example", "A")] == ["192.0.2.77"]
    gone = moved.without("www.bank.example", "A")
    assert gone.get("www.bank.example", "A") is None
    assert zone.get("www.bank.example", "A")[0].address == "192.0.2.20"


def test_zones_that_share_records_cannot_be_changed_through_each_other(zone):
    added = zone.with_rrsets(make_rrset("new.bank.example", 60, zone.get("www.bank.example", "A")[0]))
    for each in (zone, added):
        each.get("www.bank.example", "A").ttl = 7
        next(each.rrsets()).ttl = 7
        assert 7 not in {rrset.ttl for rrset in (*zone.rrsets(), *added.rrsets())}


def test_without_types_takes_them_away_at_every_name(zone):
    bare = zone.without_types({RdataType.A, RdataType.TXT})
    assert {rrset.rdtype for rrset in zone.rrsets()} - {rrset.rdtype for rrset in bare.rrsets()} == {RdataType.A}


def test_without_says_if_nothing_would_change(zone):
    with pytest.raises(LabError, match="has no MX at www.bank.example"):
        zone.without("www.bank.example", "MX")


def test_signatures_are_kept_by_the_type_that_they_cover(zone):
    def rrsig(covered: str) -> dns.rrset.RRset:
        text = f"{covered} 13 3 3600 20261130120000 20261123120000 12345 bank.example. AAAA"
        return dns.rrset.from_text("www.bank.example.", 3600, "IN", "RRSIG", text)

    signed = zone.with_rrsets(rrsig("A"), rrsig("AAAA"))
    assert signed.signatures("www.bank.example", "AAAA")[0].type_covered == RdataType.AAAA
    assert signed.signatures("www.bank.example", "MX") is None
    left = signed.without("www.bank.example", "RRSIG", covers="A")
    assert left.signatures("www.bank.example", "A") is None
    assert left.signatures("www.bank.example", "AAAA") is not None


# --- shape


def test_the_highest_cut_above_a_name_counts(zone):
    assert zone.zone_cut("www.bank.example") is None
    assert zone.zone_cut("bank.example") is None
    for name in ("child.bank.example", "ns.child.bank.example", "x.y.child.bank.example", "deep.child.bank.example"):
        assert zone.zone_cut(name) == to_name("child.bank.example")


def test_glue_lies_below_a_cut_and_the_cut_itself_does_not(zone):
    glue = [show_name(name) for name in zone.names() if zone.is_glue(name)]
    assert glue == ["deep.child.bank.example", "ns.deep.child.bank.example", "ns.child.bank.example"]


def test_the_zone_speaks_for_the_ds_at_a_cut_but_not_for_its_ns(zone):
    spoken_for = [(show_name(rrset.name), rrset.rdtype) for rrset in zone.authoritative_rrsets()]
    assert ("child.bank.example", RdataType.DS) in spoken_for
    assert ("child.bank.example", RdataType.NS) not in spoken_for
    assert ("bank.example", RdataType.NS) in spoken_for
    assert not any("child" in name for name, rdtype in spoken_for if rdtype != RdataType.DS)


def test_an_empty_non_terminal_exists_and_owns_nothing(zone):
    assert zone.exists("lab.bank.example") and zone.exists("branch.bank.example")
    assert zone.rrsets_at("lab.bank.example") == ()
    assert to_name("lab.bank.example") not in zone.names()
    assert not zone.exists("x.branch.bank.example"), "a wildcard does not make the names exist that it stands for"
    assert not zone.exists("example"), "what lies above the apex is not this zone's to say"


@pytest.mark.parametrize(
    ("name", "encloser"),
    [
        ("www.bank.example", "www.bank.example"),
        ("a.b.www.bank.example", "www.bank.example"),
        ("x.lab.bank.example", "lab.bank.example"),
        ("x.y.branch.bank.example", "branch.bank.example"),
        ("nope.bank.example", "bank.example"),
    ],
)
def test_the_closest_encloser_is_the_longest_ancestor_that_exists(zone, name, encloser):
    assert zone.closest_encloser(to_name(name)) == to_name(encloser)


def test_a_dname_moves_what_is_below_it_and_not_itself(zone):
    assert zone.dname_above(to_name("a.b.moved.bank.example")).name == to_name("moved.bank.example")
    assert zone.dname_above(to_name("moved.bank.example")) is None
    assert zone.dname_above(to_name("www.bank.example")) is None


def test_names_in_another_case_are_the_same_names(zone):
    assert zone.get("WWW.Bank.EXAMPLE", "a") is not None
    assert zone.exists("LAB.bank.example")


def test_the_negative_ttl_is_the_smaller_of_soa_ttl_and_minimum():
    assert Zone.from_text(HEAD).negative_ttl == 900
    assert Zone.from_text(HEAD.replace("@     SOA", "@ 10 SOA")).negative_ttl == 10


def test_canonical_order_is_that_of_rfc_4034_section_6_1():
    in_order = names(
        "example", "a.example", "yljkjljk.a.example", "Z.a.example", "zABC.a.EXAMPLE", "z.example",
        "\\001.z.example", "*.z.example", "\\200.z.example",
    )  # fmt: skip
    shuffled = sorted(in_order, key=lambda name: random.Random(str(name)).random())
    assert shuffled != in_order
    assert sorted(shuffled, key=canonical_order) == in_order


def test_a_zone_lists_its_names_in_canonical_order():
    owners = ["z", "a", "yljkjljk.a", "Z.a", "zABC.a", "\\001.z", "*.z", "\\200.z"]
    zone = Zone.from_text(HEAD.replace("bank.example", "example") + "".join(f"{name} A 192.0.2.1\n" for name in owners))
    assert [show_name(name) for name in zone.names() if name not in names("example", "ns1.example")] == [
        "a.example", "yljkjljk.a.example", "Z.a.example", "zABC.a.example", "z.example",
        "\\001.z.example", "*.z.example", "\\200.z.example",
    ]  # fmt: skip


@given(st.lists(st.lists(st.binary(min_size=1, max_size=4), min_size=1, max_size=3), min_size=2, max_size=2))
def test_canonical_order_agrees_with_dnspython(labels):
    one, other = (dns.name.Name((*each, b"example", b"")) for each in labels)
    assert (canonical_order(one) < canonical_order(other)) == (one < other)


STEPS = [
    dns.rrset.from_text(f"{owner}.", 60, "IN", rdtype, data)
    for owner, rdtype, data in [
        ("bank.example", "DNSKEY", "257 3 13 AAAA"),
        ("www.bank.example", "NS", "ns1.bank.example."),
        ("www.bank.example", "CNAME", "ns1.bank.example."),
        ("www.bank.example", "NSEC", "ns1.bank.example. A"),
        ("a.b.www.bank.example", "A", "192.0.2.7"),
        ("b.www.bank.example", "DNAME", "example."),
        ("bank.example", "DNAME", "example."),
        ("0p9mhaveqvm6t7vbl5lop2u3t2rp3tom.bank.example", "NSEC3", "1 0 0 - 2t7b4g4vsa5smi47k61mv5bv1a22bojr A"),
        ("0p9mhaveqvm6t7vbl5lop2u3t2rp3tom.bank.example", "A", "192.0.2.8"),
        ("x.child.bank.example", "A", "192.0.2.9"),
        ("child.bank.example", "A", "192.0.2.10"),
        ("www.bank.org", "A", "192.0.2.11"),
        ("www.bank.example", "SOA", "a. b. 1 1 1 1 1"),
    ]
]


@given(st.lists(st.sampled_from(STEPS), max_size=8), st.lists(st.sampled_from(STEPS), max_size=4))
def test_a_zone_that_was_changed_step_by_step_is_the_same_as_one_made_of_its_records(added, taken):
    """A zone takes from the one before it what has not changed, and finds the same problems all the same."""
    zone = Zone.from_text(HEAD + SHAPED)
    for rrset in added:
        anew = zone_or_problem(Zone, zone.origin, [*zone.rrsets(), rrset])
        step_by_step = zone_or_problem(zone.with_rrsets, rrset)
        assert shape(step_by_step) == shape(anew)
        zone = step_by_step if isinstance(step_by_step, Zone) else zone
    for rrset in taken:
        if zone.get(rrset.name, rrset.rdtype):
            zone = zone.without(rrset.name, rrset.rdtype)
            assert shape(zone) == shape(Zone(zone.origin, zone.rrsets()))


def zone_or_problem(make, *arguments) -> Zone | str:
    try:
        return make(*arguments)
    except LabError as error:
        return str(error)


def shape(zone: Zone | str) -> object:
    """All that a zone says of itself and of a few names; a sentence as it is."""
    if isinstance(zone, str):
        return zone
    asked = {*zone.names(), *(above for rrset in STEPS for above in ancestors(rrset.name))}
    inside = [name for name in asked if zone.contains(name)]
    return (
        zone.to_text(), zone.names(), zone.authoritative_names(),
        [(zone.exists(name), zone.zone_cut(name), zone.dname_above(name)) for name in asked],
        [zone.closest_encloser(name) for name in inside],
    )  # fmt: skip


def test_make_rrset_gives_signatures_the_type_that_they_cover():
    rrsig = dns.rrset.from_text(
        "a.", 60, "IN", "RRSIG", "MX 13 1 60 20261130120000 20261123120000 12345 . AAAA"
    )[0]  # fmt: skip
    assert make_rrset("a", 60, rrsig).covers == RdataType.MX
