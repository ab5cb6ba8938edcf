"""protocol/anatomy.py: every byte belongs to one field, each says what dnspython says, and nothing makes it stumble."""

from collections.abc import Iterator

import dns.edns
import dns.message
import dns.name
import dns.rdatatype
import dns.rrset
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnsseclab.authority.nsec3 import Nsec3
from dnsseclab.authority.server import answer
from dnsseclab.internet.worlds import toy_internet
from dnsseclab.protocol.anatomy import Field, anatomy, show_anatomy
from dnsseclab.protocol.messages import make_query, to_bytes
from dnsseclab.protocol.names import show_name, show_type

QUESTIONS = [
    ("www.bank.example", "A"), ("bank.example", "DNSKEY"), ("bank.example", "SOA"), ("bank.example", "DS"),
    ("nobody.bank.example", "A"), ("shop.foundry81.com", "A"), ("bank.example", "MX"), ("com", "NS"), (".", "NS"),
]  # fmt: skip


def reply(name: str = "www.bank.example", rdtype: str = "A") -> bytes:
    zones = toy_internet().zones
    return to_bytes(answer(zones, make_query(name, rdtype, id=4660, dnssec_ok=True)))


def named(payload: bytes, *path: str) -> Field:
    """Return the field at a path: named(payload, 'header', 'ID')."""
    fields, found = anatomy(payload), None
    for step in path:
        found = next(field for field in fields if field.name == step)
        fields = found.children
    assert found is not None
    return found


def leaves(fields: tuple[Field, ...]) -> Iterator[Field]:
    """Yield the innermost fields; the flags count as one, since bits share a byte."""
    for field in fields:
        if field.children and field.name != "flags":
            yield from leaves(field.children)
        else:
            yield field


def covers(payload: bytes) -> bool:
    """Return whether the innermost fields take every byte exactly once, and inner fields lie inside outer ones."""
    place = 0
    for leaf in leaves(anatomy(payload)):
        if leaf.offset != place or leaf.length < 0:
            return False
        place += leaf.length
    inside = all(
        outer.offset <= inner.offset and inner.offset + inner.length <= outer.offset + outer.length
        for top in anatomy(payload)
        for _, outer in top.walk()
        for inner in outer.children
    )
    return place == len(payload) and inside


def test_header_is_read_bit_by_bit() -> None:
    payload = reply()
    assert named(payload, "header", "ID") == Field(0, 2, "ID", "4660 (0x1234)")
    assert named(payload, "header", "flags").value == "QR AA"
    assert named(payload, "header", "flags", "QR") == Field(2, 1, "QR", "1  a reply")
    assert named(payload, "header", "flags", "CD") == Field(3, 1, "CD", "0  checking wanted")
    assert named(payload, "header", "flags", "rcode").value == "0  NOERROR"
    assert named(reply("nobody.bank.example"), "header", "flags", "rcode").value == "3  NXDOMAIN"


@pytest.mark.parametrize("name", ["QR", "AA", "TC", "RD", "RA", "AD", "CD"])
def test_each_flag_is_the_one_that_dnspython_sets(name: str) -> None:
    message = dns.message.make_query("example.", "A")
    message.flags = dns.flags.Flag[name]
    flags = named(message.to_wire(), "header", "flags")
    assert flags.value == name
    assert [bit.name for bit in flags.children if bit.value.startswith("1")] == [name]


def test_name_is_read_label_by_label_and_a_pointer_is_followed() -> None:
    payload = reply()
    labels = named(payload, "question 1", "name").children
    assert [label.value for label in labels] == ["www", "bank", "example", "root"]
    assert [payload[label.offset] for label in labels] == [3, 4, 7, 0]
    assert named(payload, "answer 1", "owner", "pointer").value == "go on at byte 12: www.bank.example"


@pytest.mark.parametrize(("name", "rdtype"), QUESTIONS)
def test_every_record_is_the_one_that_dnspython_reads(name: str, rdtype: str) -> None:
    payload = reply(name, rdtype)
    message = dns.message.from_wire(payload)
    sections = {"answer": message.answer, "authority": message.authority, "additional": message.additional}
    for section, rrsets in sections.items():
        read = [field for field in anatomy(payload) if field.name.startswith(f"{section} ") and field.value != "EDNS"]
        expected = [(rrset, rdata) for rrset in rrsets for rdata in rrset]
        assert len(read) == len(expected)
        for field, (rrset, rdata) in zip(read, expected, strict=True):
            assert field.value == f"{show_name(rrset.name)} {show_type(rrset.rdtype)}"
            inner = {child.name: child for child in field.children}
            assert inner["TTL"].value == f"{rrset.ttl} s"
            data = payload[inner["data"].offset : inner["data"].offset + inner["data"].length]
            if rrset.rdtype == dns.rdatatype.A:
                assert inner["data"].children[0].value == rdata.to_text()
            if rrset.rdtype in (dns.rdatatype.RRSIG, dns.rdatatype.DNSKEY, dns.rdatatype.DS):
                assert data == rdata.to_wire()
                assert (
                    f"{int(rdata.algorithm)}  "
                    in [part.value for part in inner["data"].children if part.name == "algorithm"][0]
                )


@pytest.mark.parametrize(("name", "rdtype"), QUESTIONS)
def test_every_byte_belongs_to_exactly_one_field(name: str, rdtype: str) -> None:
    payload = reply(name, rdtype)
    assert covers(payload)
    assert not {field.name for field in leaves(anatomy(payload))} & {"unreadable", "left over"}


def test_signature_is_taken_apart() -> None:
    data = named(reply(), "answer 2", "data")
    assert [(part.name, part.value) for part in data.children][:7] == [
        ("type covered", "A"), ("algorithm", "13  P-256"), ("labels", "3"), ("original TTL", "3600 s"),
        ("expiration", "30 Nov 2026 12:00:00"), ("inception", "23 Nov 2026 12:00:00"),
        ("key tag", str(dns.message.from_wire(reply()).answer[1][0].key_tag)),
    ]  # fmt: skip


def test_a_type_without_a_layout_is_one_field_of_bytes() -> None:
    zones = toy_internet(denial=Nsec3()).zones
    payload = to_bytes(answer(zones, make_query("nobody.bank.example", "A", id=1, dnssec_ok=True)))
    nsec3 = next(field for field in anatomy(payload) if field.value.endswith(" NSEC3"))
    assert [part.name for part in nsec3.children[-1].children] == ["bytes"]
    assert covers(payload)


def test_edns_uses_the_fields_of_a_record_for_other_things() -> None:
    query = to_bytes(make_query("bank.example", "A", id=1, dnssec_ok=True, edns_payload=1400))
    opt = {field.name: field.value for field in named(query, "additional 1").children}
    assert (opt["UDP payload size"], opt["EDNS flags"]) == ("1400", "DO")


@pytest.mark.parametrize("length", range(0, len(reply())))
def test_a_message_that_was_cut_is_read_up_to_the_cut(length: int) -> None:
    fields = anatomy(reply()[:length])
    assert fields[-1].name == "unreadable"
    assert "the message ends here" in fields[-1].value
    assert covers(reply()[:length])


@pytest.mark.parametrize(
    ("name", "says"),
    [
        (b"\xc0\x0c", "a pointer leads to byte 12, which is not before it"),  # to itself
        (b"\xc0\x40", "which is not before it"),
        (b"\x01a\xc0\x0c", ""),  # back to its own beginning: reading it would never end
        (b"\xc0\x00", "where no name stands"),
        (b"\x40", "a label can't begin with the byte 64"),
        ((b"\x3f" + b"a" * 63) * 4 + b"\0", "longer than 255 bytes"),
    ],
)
def test_a_name_that_leads_nowhere_is_said(name: bytes, says: str) -> None:
    payload = b"\x80\x01\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00" + name + b"\x00\x01\x00\x01"
    assert anatomy(payload)[-1].name == "unreadable"
    assert says in anatomy(payload)[-1].value
    assert covers(payload)


def test_bytes_after_the_last_record_are_not_forgotten() -> None:
    payload = reply() + b"more"
    assert (anatomy(payload)[-1].name, anatomy(payload)[-1].length) == ("left over", 4)


def test_data_that_says_it_is_shorter_than_it_is_is_unreadable() -> None:
    payload = bytearray(reply("bank.example", "SOA"))
    size = named(payload, "answer 1", "data length")
    payload[size.offset + 1] -= 3
    assert anatomy(bytes(payload))[-1].name == "unreadable"
    assert covers(bytes(payload))


@given(st.binary(max_size=200))
def test_no_bytes_make_it_stumble(payload: bytes) -> None:
    assert covers(payload)
    show_anatomy(payload)


@given(st.data())
def test_no_damage_makes_it_stumble(data: st.DataObject) -> None:
    payload = bytearray(reply())
    for _ in range(data.draw(st.integers(1, 4))):
        payload[data.draw(st.integers(0, len(payload) - 1))] = data.draw(st.integers(0, 255))
    assert covers(bytes(payload))


def test_words_list_the_same_fields() -> None:
    lines = show_anatomy(reply()).splitlines()
    assert lines[0] == "byte  size  field"
    assert lines[2] == "   0     2    ID                   4660 (0x1234)"
    assert len(lines) == 1 + sum(1 for field in anatomy(reply()) for _ in field.walk())
