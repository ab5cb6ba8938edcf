"""The anatomy of a message: which bytes are which field, down to single labels and bits.

It knows how messages and the records of this course are laid out, and goes on as far as broken bytes make sense:
what it can't read becomes one last field that says why.
It must not know what a message is good for. Parsing for use is messages.py's; this is for looking.
Follows RFC 1035 §4.1 (layout, and compression in §4.1.4), RFC 6891 §6.1 (OPT), RFC 4034 (DNSKEY, RRSIG, NSEC, DS).
"""

import base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address

import dns.name
import dns.opcode
import dns.rcode
import dns.rdataclass
from dns import rdatatype
from dns.name import Name

from .dnssec import algorithm_name, digest_name, show_moment
from .names import show_name, show_type

POINTER = 0xC0  # both high bits of a length byte: not a label follows but the place where the name goes on
MOST_SHOWN = 48  # letters of a long value; the bytes themselves stand beside it


@dataclass(frozen=True)
class Field:
    """One field: the bytes that it takes, what it is called, what it says, and the fields inside it.

    A flag of the header is smaller than a byte: its field is the byte that holds it.
    """

    offset: int  # bytes from the beginning of the message
    length: int  # bytes
    name: str
    value: str = ""
    children: tuple["Field", ...] = ()

    def walk(self, depth: int = 0) -> Iterator[tuple[int, "Field"]]:
        """Yield this field and all inside it, in order, each with its depth."""
        yield depth, self
        for child in self.children:
            yield from child.walk(depth + 1)


def anatomy(payload: bytes) -> tuple[Field, ...]:
    """Return the fields of a DNS message in the order of its bytes; together they take every byte exactly once.

    Never raises: where the bytes stop making sense, a field named 'unreadable' says why and takes the rest.
    """
    reader = _Reader(payload)
    try:
        _read_message(reader)
    except _Unreadable as reason:
        reader.add("unreadable", len(payload) - reader.at, str(reason))
    else:
        if reader.at < len(payload):
            reader.add("left over", len(payload) - reader.at, "bytes after the last record that the header counts")
    return tuple(reader.open[0])


def show_anatomy(payload: bytes) -> str:
    """Return the fields as lines of text: first byte, number of bytes, name, value; inner fields are indented."""
    lines = ["byte  size  field"]
    for field in anatomy(payload):
        for depth, each in field.walk():
            lines.append(f"{each.offset:4}  {each.length:4}  {'  ' * depth}{each.name:{22 - 2 * depth}} {each.value}")
    return "\n".join(line.rstrip() for line in lines)


class _Unreadable(Exception):
    """The bytes stop making sense here; the text says why."""


class _Reader:
    """A place in the bytes, and the fields that were read up to it."""

    def __init__(self, payload: bytes):
        self.payload, self.at = bytes(payload), 0
        self.open: list[list[Field]] = [[]]  # the fields of each level that is not finished yet

    def add(self, name: str, length: int, value: str, children: tuple[Field, ...] = ()) -> None:
        """Note a field that begins here, and go behind it."""
        self.open[-1].append(Field(self.at, length, name, value, children))
        self.at += length

    def take(self, name: str, length: int) -> bytes:
        """Return the next bytes without going on."""
        left = len(self.payload) - self.at
        if left < length:
            raise _Unreadable(f"the message ends here: {name} takes {length} bytes, of which {left} are there")
        return self.payload[self.at : self.at + length]

    def number(self, name: str, length: int, show: Callable[[int], str] = str) -> int:
        """Read a number of so many bytes."""
        value = int.from_bytes(self.take(name, length), "big")
        self.add(name, length, show(value))
        return value

    @contextmanager
    def group(self, name: str) -> Iterator[list[str]]:
        """Read several fields that belong together, broken or not; what is put into the list is their value."""
        start, value = self.at, list[str]()
        self.open.append([])
        try:
            yield value
        finally:
            children = tuple(self.open.pop())
            if children:
                self.open[-1].append(Field(start, self.at - start, name, "".join(value), children))

    def name(self, what: str) -> Name:
        """Read a domain name, label by label; a compression pointer ends it (RFC 1035 §4.1.4)."""
        labels: list[bytes] = []
        with self.group(what) as value:
            while (size := self.take("a label", 1)[0]) and size < POINTER:
                if size > 63:
                    raise _Unreadable(f"a label can't begin with the byte {size}")
                labels.append(self.take("a label", 1 + size)[1:])
                self.add("label", 1 + size, _text(labels[-1]))
            if size:
                target = int.from_bytes(self.take("a pointer", 2), "big") & 0x3FFF
                rest = self._labels_at(target, self.at)
                self.add("pointer", 2, f"go on at byte {target}: {show_name(_name(rest))}")
                labels += rest
            else:
                self.add("end of name", 1, "root")
            name = _name(labels)
            value.append(show_name(name))
        return name

    def _labels_at(self, place: int, before: int) -> list[bytes]:
        """Return the labels from another place on. Each pointer must lead further back, or reading would never end."""
        labels: list[bytes] = []
        limit = before
        while True:
            if place >= limit:
                raise _Unreadable(f"a pointer leads to byte {place}, which is not before it")
            limit = place
            while place < len(self.payload) and 0 < self.payload[place] < 64:
                labels.append(self.payload[place + 1 : place + 1 + self.payload[place]])
                place += 1 + self.payload[place]
            if place + 1 > before or (self.payload[place] and self.payload[place] < POINTER):
                raise _Unreadable(f"a pointer leads to byte {limit}, where no name stands")
            if not self.payload[place]:
                return labels
            place = int.from_bytes(self.payload[place : place + 2], "big") & 0x3FFF


# ---- the message (RFC 1035 §4.1) ------------------------------------------------------------------------------

SECTIONS = ("question", "answer", "authority", "additional")


def _read_message(reader: _Reader) -> None:
    with reader.group("header"):
        reader.number("ID", 2, lambda value: f"{value} (0x{value:04x})")
        _read_flags(reader)
        counts = [reader.number(f"{section} count", 2) for section in SECTIONS]
    for section, count in zip(SECTIONS, counts, strict=True):
        for place in range(1, count + 1):
            with reader.group(f"{section} {place}") as value:
                if section == "question":
                    name, rdtype = reader.name("name"), reader.number("type", 2, show_type)
                    reader.number("class", 2, _class)
                else:
                    name, rdtype = _read_record(reader)
                value.append("EDNS" if rdtype == rdatatype.OPT else f"{show_name(name)} {show_type(rdtype)}")


def _read_flags(reader: _Reader) -> None:
    number = int.from_bytes(reader.take("the flags", 2), "big")
    bits = []
    for name, mask, meanings in FLAGS:
        is_set = bool(number & mask)
        bits.append(Field(reader.at + (mask < 0x100), 1, name, f"{int(is_set)}  {meanings[is_set]}"))
    opcode, rcode = dns.opcode.Opcode.make(number >> 11 & 0xF), dns.rcode.Rcode.make(number & 0xF)
    bits.insert(1, Field(reader.at, 1, "opcode", f"{int(opcode)}  {dns.opcode.to_text(opcode)}"))
    bits.append(Field(reader.at + 1, 1, "rcode", f"{int(rcode)}  {dns.rcode.to_text(rcode)}"))
    letters = " ".join(name for name, mask, _ in FLAGS if number & mask)
    reader.add("flags", 2, letters or "none", tuple(bits))


FLAGS = (
    ("QR", 0x8000, ("a question", "a reply")),
    ("AA", 0x0400, ("not the owner's own answer", "authoritative: the owner's own answer")),
    ("TC", 0x0200, ("complete", "truncated: ask over TCP")),
    ("RD", 0x0100, ("recursion not wanted", "recursion desired")),
    ("RA", 0x0080, ("recursion not offered", "recursion available")),
    ("Z", 0x0040, ("reserved", "reserved, and should be 0")),
    ("AD", 0x0020, ("not marked as verified", "authentic data: marked as verified")),
    ("CD", 0x0010, ("checking wanted", "checking disabled")),
)


def _read_record(reader: _Reader) -> tuple[Name, int]:
    name = reader.name("owner")
    rdtype = reader.number("type", 2, show_type)
    if rdtype == rdatatype.OPT:  # it uses the fields of a record for other things (RFC 6891 §6.1.2)
        reader.number("UDP payload size", 2)
        reader.number("extended rcode", 1)
        reader.number("version", 1)
        reader.number("EDNS flags", 2, lambda value: "DO" if value & 0x8000 else "none")
    else:
        reader.number("class", 2, _class)
        reader.number("TTL", 4, lambda seconds: f"{seconds} s")
    size = reader.number("data length", 2)
    if size:
        _read_data(reader, rdtype, size)
    return name, rdtype


def _read_data(reader: _Reader, rdtype: int, size: int) -> None:
    reader.take("the data", size)
    end = reader.at + size
    with reader.group("data"):
        for name, kind in LAYOUTS.get(rdtype, (("bytes", "rest"),)):
            if reader.at < end:
                _read_part(reader, name, kind, end)
        if reader.at < end:
            reader.add("left over", end - reader.at, "more bytes than the type has")
    if reader.at > end:
        raise _Unreadable(f"the record's data is longer than the {size} bytes that it says")


def _read_part(reader: _Reader, name: str, kind: str, end: int) -> None:
    """Read one field of a record's data."""
    if kind == "name":
        reader.name(name)
    elif kind in NUMBERS:
        length, show = NUMBERS[kind]
        reader.number(name, length, show)
    else:
        data = reader.payload[reader.at : end]
        reader.add(name, len(data), _shown(data, kind))


NUMBERS: dict[str, tuple[int, Callable[[int], str]]] = {
    "8 bits": (1, str),
    "16 bits": (2, str),
    "32 bits": (4, str),
    "seconds": (4, lambda seconds: f"{seconds} s"),
    "moment": (4, show_moment),
    "type": (2, show_type),
    "algorithm": (1, lambda number: f"{number}  {algorithm_name(number)}"),
    "digest type": (1, lambda number: f"{number}  {digest_name(number)}"),
}
LAYOUTS: dict[int, tuple[tuple[str, str], ...]] = {
    rdatatype.A: (("address", "address"),),
    rdatatype.AAAA: (("address", "address"),),
    rdatatype.NS: (("server", "name"),),
    rdatatype.CNAME: (("target", "name"),),
    rdatatype.DNAME: (("target", "name"),),
    rdatatype.PTR: (("target", "name"),),
    rdatatype.MX: (("preference", "16 bits"), ("exchange", "name")),
    rdatatype.SOA: (
        ("primary server", "name"), ("mailbox", "name"), ("serial", "32 bits"), ("refresh", "seconds"),
        ("retry", "seconds"), ("expire", "seconds"), ("minimum", "seconds"),
    ),
    rdatatype.DS: (
        ("key tag", "16 bits"), ("algorithm", "algorithm"), ("digest type", "digest type"), ("digest", "rest"),
    ),
    rdatatype.DNSKEY: (("flags", "16 bits"), ("protocol", "8 bits"), ("algorithm", "algorithm"), ("public key", "key")),
    rdatatype.RRSIG: (
        ("type covered", "type"), ("algorithm", "algorithm"), ("labels", "8 bits"), ("original TTL", "seconds"),
        ("expiration", "moment"), ("inception", "moment"), ("key tag", "16 bits"), ("signer", "name"),
        ("signature", "key"),
    ),
    rdatatype.NSEC: (("next name", "name"), ("type bitmap", "rest")),
}  # fmt: skip


def _shown(data: bytes, kind: str) -> str:
    """Return bytes as their kind is written, cut if they are many."""
    if kind == "address" and len(data) in (4, 16):
        return str(ip_address(data))
    text = base64.b64encode(data).decode() if kind == "key" else data.hex()
    return text if len(text) <= MOST_SHOWN else f"{text[: MOST_SHOWN - 1]}…"


def _class(number: int) -> str:
    return dns.rdataclass.to_text(dns.rdataclass.RdataClass.make(number))


def _name(labels: list[bytes]) -> Name:
    try:
        return Name((*labels, b""))
    except dns.name.NameTooLong:
        raise _Unreadable("the name is longer than 255 bytes") from None


def _text(label: bytes) -> str:
    return Name((label,)).to_text()
