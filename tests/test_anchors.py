"""Trust anchors: what people write, and what is none."""

import dns.rrset
import pytest

from dnsseclab.protocol.names import LabError, to_name
from dnsseclab.validator import read_trust_anchors

ROOT_2017 = ". DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D"
ROOT_2024 = ". DS 38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16"
ED25519 = "example.com. 3600 IN DNSKEY 257 3 15 l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4="


def summary(anchors) -> list[tuple[str, str, int]]:
    return [(anchor.name.to_text(), anchor.rdtype.name, len(anchor)) for anchor in anchors]


def test_text_of_one_anchor():
    [anchor] = read_trust_anchors(ROOT_2017)
    assert (anchor.name, anchor[0].key_tag) == (to_name("."), 20326)


def test_anchors_of_one_name_and_type_are_one_rrset():
    assert summary(read_trust_anchors([ROOT_2017, ROOT_2024, ED25519])) == [
        (".", "DS", 2),
        ("example.com.", "DNSKEY", 1),
    ]


def test_text_may_have_several_lines_comments_and_gaps():
    text = f"; the root's keys\n{ROOT_2017} ; since 2017\n\n{ROOT_2024}\n"
    assert summary(read_trust_anchors(text)) == [(".", "DS", 2)]


def test_class_and_ttl_may_be_there_or_not():
    forms = ["x. DS 1 13 2 " + "ab" * 32, "x. IN DS 1 13 2 " + "ab" * 32, "x. 60 IN DS 1 13 2 " + "ab" * 32]
    assert len({read_trust_anchors(form)[0][0] for form in forms}) == 1


def test_rrsets_are_taken_as_they_are_and_not_changed():
    rrset = dns.rrset.from_text("example.", 60, "IN", "DS", "1 13 2 " + "ab" * 32)
    [anchor] = read_trust_anchors([rrset])
    anchor.clear()
    assert len(rrset) == 1


def test_no_anchors_are_no_anchors():
    assert read_trust_anchors([]) == ()


@pytest.mark.parametrize(
    "nonsense",
    [
        "",
        "; only a comment",
        "hello",
        ". DS",
        ". DS 20326 8 2 nothex",
        ". DS 20326 8 2 E06D",  # too short for SHA-256
        ". DNSKEY 257 3 13 ***",
        "www.example. A 192.0.2.1",
        "$INCLUDE /etc/passwd",
        dns.rrset.from_text("example.", 60, "IN", "A", "192.0.2.1"),
        dns.rrset.RRset(to_name("example"), 1, 43),
        42,
        None,
    ],
    ids=repr,
)
def test_what_is_no_anchor_is_refused_with_advice(nonsense):
    with pytest.raises(LabError, match="write it as a DS or DNSKEY record"):
        read_trust_anchors([nonsense])
