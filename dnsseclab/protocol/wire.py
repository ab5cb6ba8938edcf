"""Reading a message's bytes: header, question, records, and names that point back to earlier names.

It is `messages.parse`'s quick way: the same dnspython objects, made without detours. A cold look-up spent more time in
dnspython's general reader than in all of its cryptography.
It knows: how the records that fill DNSSEC's messages lie on the wire. Whatever is seldom, strange or damaged it leaves
to dnspython, so that there is only one judge of what is malformed.
It must not know: what a message means.
Follows RFC 1035 §4.1 (messages; §4.1.4: names that point back), RFC 6891 §6.1 (OPT), RFC 4034 and RFC 5155 (rdata).
"""

import struct
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import dns.exception
import dns.flags
import dns.ipv4
import dns.message
import dns.name
import dns.rdata
import dns.rrset
import dns.wire
from dns.dnssectypes import Algorithm
from dns.message import Message
from dns.name import Name
from dns.rdata import Rdata
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.CNAME import CNAME
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.ANY.NS import NS
from dns.rdtypes.ANY.NSEC import NSEC, Bitmap
from dns.rdtypes.ANY.NSEC3 import NSEC3
from dns.rdtypes.ANY.RRSIG import RRSIG
from dns.rdtypes.dnskeybase import Flag as KeyFlag
from dns.rdtypes.IN.A import A
from dns.rrset import RRset

from .kept_names import name_of
from .made_rdata import make_rdata

HEADER = struct.Struct("!HHHHHH")  # ID, flags, and how many entries each of the four sections has
RECORD = struct.Struct("!HHIH")  # what follows an owner name: type, class, TTL, length of the rdata
OPCODE = 0x7800
POINTER = 0xC0  # the two highest bits of a length: not a label, but the place where the name goes on
MOST_POINTERS = 16  # in one name; an honest one has one or two, and dnspython follows no more
LONGEST_TTL = 2**31 - 1


class Unusual(ValueError):
    """Seldom, strange or damaged: dnspython's own reader is to say what it is."""


def read(payload: bytes) -> Message | None:
    """Return the message in `payload`, or None if the quick way does not fit it."""
    try:
        return _Reader(payload).message()
    except (ValueError, IndexError, struct.error, dns.exception.DNSException):
        return None


class _Reader:
    """One message's bytes, and the names that have been found in it."""

    def __init__(self, wire: bytes):
        self.wire = wire
        self.names: dict[int, tuple[Name, int]] = {}  # place -> name, and the place after it

    def message(self) -> Message:
        """Return the whole message; all of its bytes have to be used."""
        id, flags, *counts = HEADER.unpack_from(self.wire)
        if flags & OPCODE:
            raise Unusual
        message = dns.message.QueryMessage(id=id)
        message.flags = dns.flags.Flag(flags)
        message.wire = self.wire
        message.index = None  # type: ignore[assignment]  # dnspython then looks into the sections themselves
        at = self.question(message, HEADER.size, counts[0])
        for section, count in zip(message.sections[1:], counts[1:], strict=True):
            at = self.section(message, section, at, count)
        if at != len(self.wire):
            raise Unusual
        return message

    def question(self, message: Message, at: int, count: int) -> int:
        """Read the questions, and return the place after them."""
        for _ in range(count):
            name, at = self.name(at, len(self.wire))
            rdtype, rdclass = struct.unpack_from("!HH", self.wire, at)
            message.question.append(RRset(name, RdataClass.make(rdclass), _type(rdtype)))
            at += 4
        return at

    def section(self, message: Message, section: list[RRset], at: int, count: int) -> int:
        """Read records into RRsets, wherever in the section they stand, and return the place after them."""
        rrsets: dict[tuple[Name, int, int, int], RRset] = {}
        for _ in range(count):
            name, at = self.name(at, len(self.wire))
            rdtype, rdclass, ttl, length = RECORD.unpack_from(self.wire, at)
            at += RECORD.size
            end = at + length
            if end > len(self.wire) or rdtype == RdataType.TSIG:
                raise Unusual
            if rdtype == RdataType.OPT:
                self.take_opt(message, section, name, ttl, _opt(rdclass, self.wire[at:end]))
            else:
                rdata = self.rdata(rdtype, rdclass, at, end)
                key = (name, rdclass, rdtype, rdata.covers())
                _add(rrsets, section, key, rdata, ttl if ttl <= LONGEST_TTL else 0)  # RFC 2181 §8
            at = end
        return at

    def take_opt(self, message: Message, section: list[RRset], name: Name, ttl: int, opt: Rdata) -> None:
        """Take EDNS: one OPT record at the root, in the additional section (RFC 6891 §6.1.1)."""
        if section is not message.additional or message.opt is not None or name != dns.name.root:
            raise Unusual
        message.opt = dns.rrset.from_rdata(name, ttl, opt)

    def name(self, at: int, limit: int) -> tuple[Name, int]:
        """Return the name that begins at `at`, and the place after it; no byte at or after `limit` belongs to it."""
        known = self.names.get(at)
        if known is not None and known[1] <= limit:
            return known
        wire, here, start, stop, end = self.wire, at, at, limit, 0
        labels: list[bytes] = []
        pointers = 0
        while length := wire[here]:
            if length < 64:
                labels.append(wire[here + 1 : here + 1 + length])
                here += 1 + length
            elif length >= POINTER and here + 1 < stop:
                end = end or here + 2
                # The rest lies whole before the piece that points to it; else a name could go round in circles.
                here, stop = (length & ~POINTER) << 8 | wire[here + 1], start
                start = here
                pointers += 1
            else:
                raise Unusual
            if here >= stop or pointers > MOST_POINTERS:
                raise Unusual
        end = end or here + 1
        self.names[at] = found = (name_of((*labels, b"")), end)
        return found

    def rdata(self, rdtype: int, rdclass: int, at: int, end: int) -> Rdata:
        """Return one record's rdata."""
        reader = READERS.get(rdtype)
        if reader is None or rdclass != RdataClass.IN:
            return dns.rdata.from_wire(rdclass, rdtype, self.wire, at, end - at)  # type: ignore[arg-type]
        return reader(self, at, end)

    def fields(self, layout: struct.Struct, at: int, end: int) -> tuple[Any, ...]:
        """Return numbers that have to end before `end`."""
        if at + layout.size > end:
            raise Unusual
        return layout.unpack_from(self.wire, at)

    def only_name(self, at: int, end: int) -> Name:
        """Return the name that fills an rdata."""
        name, after = self.name(at, end)
        if after != end:
            raise Unusual
        return name

    def whole_name(self, at: int, end: int) -> tuple[Name, int]:
        """Return a name that may not point back, as in every type younger than RFC 1035 (RFC 3597 §4)."""
        name, after = self.name(at, end)
        if after - at != sum(map(len, name.labels)) + len(name.labels):
            raise Unusual
        return name, after


# ---- one function for each type of rdata ---------------------------------------------------------------------------


def _a(reader: _Reader, at: int, end: int) -> Rdata:
    return make_rdata(A, RdataType.A, address=dns.ipv4.inet_ntoa(reader.wire[at:end]))


def _dnskey(reader: _Reader, at: int, end: int) -> Rdata:
    flags, protocol, algorithm = reader.fields(struct.Struct("!HBB"), at, end)
    kinds = {"flags": KeyFlag(flags), "algorithm": _algorithm(algorithm)}
    return make_rdata(DNSKEY, RdataType.DNSKEY, protocol=protocol, key=reader.wire[at + 4 : end], **kinds)


def _rrsig(reader: _Reader, at: int, end: int) -> Rdata:
    covered, algorithm, labels, ttl, expiration, inception, tag = reader.fields(struct.Struct("!HBBIIIH"), at, end)
    signer, at = reader.whole_name(at + 18, end)
    return make_rdata(
        RRSIG, RdataType.RRSIG, type_covered=_type(covered), algorithm=_algorithm(algorithm), labels=labels,
        original_ttl=ttl, expiration=expiration, inception=inception, key_tag=tag, signer=signer,
        signature=reader.wire[at:end],
    )  # fmt: skip


def _nsec(reader: _Reader, at: int, end: int) -> Rdata:
    following, at = reader.whole_name(at, end)
    return make_rdata(NSEC, RdataType.NSEC, next=following, windows=_windows(reader.wire[at:end]))


def _nsec3(reader: _Reader, at: int, end: int) -> Rdata:
    algorithm, flags, iterations = reader.fields(struct.Struct("!BBH"), at, end)
    salt = reader.wire[at + 5 : at + 5 + reader.wire[at + 4]]
    at += 5 + len(salt)
    following = reader.wire[at + 1 : at + 1 + reader.wire[at]]
    at += 1 + len(following)
    if at > end or not following:
        raise Unusual
    hashed = {"algorithm": algorithm, "flags": flags, "iterations": iterations, "salt": salt}
    return make_rdata(NSEC3, RdataType.NSEC3, next=following, windows=_windows(reader.wire[at:end]), **hashed)


READERS: dict[int, Callable[[_Reader, int, int], Rdata]] = {
    RdataType.A: _a,
    RdataType.NS: lambda reader, at, end: make_rdata(NS, RdataType.NS, target=reader.only_name(at, end)),
    RdataType.CNAME: lambda reader, at, end: make_rdata(CNAME, RdataType.CNAME, target=reader.only_name(at, end)),
    RdataType.DNSKEY: _dnskey,
    RdataType.RRSIG: _rrsig,
    RdataType.NSEC: _nsec,
    RdataType.NSEC3: _nsec3,
}  # all others are seldom enough to leave them to dnspython


def _add(
    rrsets: dict[tuple[Name, int, int, int], RRset],
    section: list[RRset],
    key: tuple[Name, int, int, int],
    rdata: Rdata,
    ttl: int,
) -> None:
    """Put a record into its RRset, a new one at the section's end if it is the first."""
    rrset = rrsets.get(key)
    if rrset is None:
        rrsets[key] = rrset = RRset(key[0], rdata.rdclass, rdata.rdtype, rdata.covers())
        section.append(rrset)
        rrset.ttl = ttl
        rrset.items[rdata] = None  # what `add` comes to for a first record; hashing it once instead of twice
    else:
        rrset.add(rdata, ttl)


# The same few types and bitmaps come again and again; all of these values are immutable.
_type = lru_cache(4096)(RdataType.make)
_algorithm = lru_cache(256)(Algorithm.make)


@lru_cache(1024)
def _windows(wire: bytes) -> tuple[tuple[int, bytes], ...]:
    return tuple(Bitmap.from_wire_parser(dns.wire.Parser(wire)).windows)


@lru_cache(64)
def _opt(payload: int, options: bytes) -> Rdata:
    return dns.rdata.from_wire(payload, RdataType.OPT, options, 0, len(options))  # type: ignore[arg-type]
