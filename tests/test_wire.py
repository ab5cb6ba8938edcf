"""The quick reader, held to dnspython's: the same records from every message, or both find it malformed."""

import functools

import dns.exception
import dns.message
import dns.rrset
import pytest
from dns.name import Name
from hypothesis import example, given
from hypothesis import strategies as st

from dnsseclab.internet.worlds import toy_internet
from dnsseclab.protocol import wire
from dnsseclab.protocol.messages import MalformedMessage, make_query, parse, to_bytes

QUESTIONS = [
    ("www.foundry81.com", "A"), ("shop.foundry81.com", "A"), ("nothing.foundry81.com", "A"),
    ("foundry81.com", "DNSKEY"),
    ("foundry81.com", "MX"), ("foundry81.com", "ANY"), ("foundry81.com", "DS"), (".", "NS"), (".", "DNSKEY"),
    ("www.bank.example", "AAAA"), ("www.harbor.example", "A"), ("example", "SOA"),
]  # fmt: skip
LONG = "a" * 63


@functools.cache
def real_messages() -> tuple[bytes, ...]:
    """Return queries, and what all servers of two worlds reply to them, with and without signatures."""
    found = set()
    for world in (toy_internet(), toy_internet(denial="NSEC3")):
        for name, rdtype in QUESTIONS:
            for dnssec_ok in (False, True):
                query = to_bytes(make_query(name, rdtype, id=7, dnssec_ok=dnssec_ok))
                servers = {server.address: world.server_at(server.address) for server in world.servers}
                found |= {query, *(server.reply(query) for server in servers.values())}
    return tuple(sorted(found))


def by_dnspython(payload: bytes) -> dns.message.Message | None:
    """Return what dnspython reads, or None if it finds the message malformed."""
    try:
        return dns.message.from_wire(payload)
    except (dns.exception.DNSException, ValueError, IndexError, EOFError, OverflowError):
        return None


def seen(message: dns.message.Message) -> tuple:
    """Return everything that a reader of a message can see, capitals too."""
    sections = [
        [
            (rrset.name.labels, rrset.rdclass, rrset.rdtype, rrset.covers, rrset.ttl, [state(rdata) for rdata in rrset])
            for rrset in section
        ]
        for section in message.sections
    ]
    edns = (message.edns, int(message.ednsflags), message.payload, [option.to_text() for option in message.options])
    return (message.id, message.flags, message.rcode(), message.opcode(), sections, edns, to_bytes(message))


def state(rdata) -> list[tuple]:
    """Return the fields of rdata, each with its type: an enum must not have become a number."""
    fields = {**rdata.__getstate__(), "canonical form": rdata.to_digestable(), "hash": hash(rdata)}.items()
    return [(field, Name if isinstance(value, Name) else type(value), value, repr(value)) for field, value in fields]


def assert_reads_the_same(payload: bytes) -> None:
    expected, quick = by_dnspython(payload), wire.read(payload)
    if quick is not None:
        assert expected is not None, "dnspython finds it malformed"
        assert seen(quick) == seen(expected)


@pytest.mark.parametrize("payload", real_messages())
def test_real_messages_are_read_quickly_and_alike(payload):
    assert wire.read(payload) is not None
    assert_reads_the_same(payload)


@given(st.data())
def test_damaged_messages_are_read_alike(data):
    """A few bytes changed, cut out or doubled: pointers that lead astray, counts and lengths that lie."""
    payload = bytearray(data.draw(st.sampled_from(real_messages())))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(payload) - 1))
        how = data.draw(st.sampled_from(["change", "cut", "double", "point"]))
        if how == "change":
            payload[place] = data.draw(st.integers(0, 255))
        elif how == "point":
            payload[place : place + 2] = (0xC000 | data.draw(st.integers(0, len(payload)))).to_bytes(2, "big")
        else:
            length = data.draw(st.integers(1, 12))
            payload[place : place + length] = payload[place : place + length] * (2 if how == "double" else 0)
        if not payload:
            return
    assert_reads_the_same(bytes(payload))


@given(st.binary(max_size=80))
@example(bytes(12))
@example(b"\0\0\0\0\0\1" + bytes(6) + b"\xc0\x0c\0\1\0\1")  # a name that points to itself
def test_anything_is_read_alike(payload):
    assert_reads_the_same(payload)


@pytest.mark.parametrize("count", [1, 15, 16, 17, 3000])
@pytest.mark.parametrize("again", [False, True])
def test_pointers_to_pointers_are_followed_as_far_as_dnspython_follows(count, again):
    """They lie in a record of unknown type; the owner of the last record points to the last of them."""
    first = 12 + 7 + 11  # after the header, the question and the fixed fields of the first record
    places = [12, *range(first, first + 2 * count, 2)]
    pointers = b"".join((0xC000 | place).to_bytes(2, "big") for place in places)
    hidden = b"\0\xff\x00\0\1" + bytes(4) + (2 * count).to_bytes(2, "big") + pointers[: 2 * count]
    owner = pointers[2 * count :]
    last = owner + b"\0\1\0\1" + bytes(4) + b"\0\4" + bytes([192, 0, 2, 1])
    counts = bytes([0, 1, 0, 2 + again, 0, 0, 0, 0])
    payload = b"\0\7\x80\0" + counts + b"\1a\0\0\1\0\1" + hidden + last * (1 + again)
    assert (wire.read(payload) is not None) == (count < 16)
    assert_reads_the_same(payload)


@given(st.lists(st.sampled_from([
    "www.example. 60 IN A 192.0.2.1", "WWW.example. 70 IN A 192.0.2.2", "www.example. 50 IN A 192.0.2.1",
    "www.example. 60 IN CNAME one.example.", "www.example. 60 IN CNAME two.example.", "www.example. 60 CH TXT hello",
    "example. 60 IN MX 10 mail.example.", "example. 60 IN TYPE65300 \\# 2 abcd", "example. 60 IN TXT a b",
    "example. 60 IN SOA ns. host. 1 2 3 4 5", "example. 60 IN NSEC a.example. A TYPE1000",
    "example. 60 IN DS 1 13 2 " + "ab" * 32, "example. 60 IN DS 1 13 1 " + "ab" * 20,
    "example. 60 IN DS 1 13 9 ab", "example. 60 IN AAAA 2001:db8::1", f"{LONG}.example. 60 IN NS {LONG}.",
]), max_size=8))  # fmt: skip
def test_records_in_any_order_become_the_same_rrsets(lines):
    """Doubles, equal names in other capitals, two CNAMEs where there may be only one, other classes."""
    message = dns.message.QueryMessage(id=1)
    for line in lines:
        name, ttl, rdclass, rdtype, rdata = line.split(maxsplit=4)
        message.answer.append(dns.rrset.from_text(name, int(ttl), rdclass, rdtype, rdata))
    payload = to_bytes(message)
    assert wire.read(payload) is not None
    assert_reads_the_same(payload)


def test_an_rrset_can_be_found_after_it_was_appended():
    message = parse(to_bytes(make_query("www.example", "A", id=1)))
    added = dns.rrset.from_text("www.example.", 60, "IN", "A", "192.0.2.1")
    message.answer.append(added)
    assert message.find_rrset(message.answer, added.name, added.rdclass, added.rdtype) is added


@pytest.mark.parametrize(
    "payload", [b"", bytes(11), bytes(12) + b"\0", b"\0\0\0\0\0\1" + bytes(6) + b"\x40a\0\0\1\0\1"]
)
def test_malformed_is_left_to_dnspython_to_name(payload):
    assert wire.read(payload) is None
    with pytest.raises(MalformedMessage):
        parse(payload)


def test_other_opcodes_are_left_to_dnspython():
    update = bytes([0, 1, 0x28, 0]) + bytes(8)
    assert wire.read(update) is None
    assert parse(update).opcode() == 5
