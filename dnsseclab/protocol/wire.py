"""Reading a message's bytes: header, questions, records.

It is `messages.parse`'s quick way: the same dnspython objects, made without detours. A cold look-up spent more time in
dnspython's general reader than in all of its cryptography.
It knows: how a message lies on the wire. Whatever is seldom, strange or damaged it leaves to dnspython, so that there
is only one judge of what is malformed. Names are read in wire_names.py, rdata in wire_rdata.py.
It must not know: what a message means.
Follows RFC 1035 §4.1 (messages), RFC 6891 §6.1 (OPT), RFC 2181 §8 (TTL).
"""

import struct
from functools import lru_cache

import dns.exception
import dns.flags
import dns.message
import dns.wire
from dns import rdatatype
from dns.message import Message
from dns.name import Name
from dns.rdata import Rdata
from dns.rdataclass import RdataClass
from dns.rrset import RRset

from .kept_rdata import KeptOPT
from .made_rdata import make_first
from .wire_names import Reader, Unusual
from .wire_rdata import as_type, read_rdata

HEADER = struct.Struct("!HHHHHH")  # ID, flags, and how many entries each of the four sections has
QUESTION = struct.Struct("!HH")  # what follows the name: type, class
RECORD = struct.Struct("!HHIH")  # what follows the owner name: type, class, TTL, length of the rdata
OPCODE = 0x7800
LONGEST_TTL = 2**31 - 1


def read(payload: bytes) -> Message | None:
    """Return the message in `payload`, or None if the quick way does not fit it."""
    try:
        return _message(Reader(payload))
    except (ValueError, IndexError, struct.error, dns.exception.DNSException):
        return None


def _message(reader: Reader) -> Message:
    """Return the whole message; all of its bytes have to be used."""
    id, flags, *counts = reader.fields(HEADER)
    if flags & OPCODE:
        raise Unusual
    message = dns.message.QueryMessage(id=id)
    message.flags, message.wire = _flags(flags), reader.wire
    message.index = None  # type: ignore[assignment]  # dnspython then looks into the sections themselves
    for _ in range(counts[0]):
        name = reader.name()
        rdtype, rdclass = reader.fields(QUESTION)
        message.question.append(RRset(name, _class(rdclass), as_type(rdtype)))
    for section, count in zip(message.sections[1:], counts[1:], strict=True):
        if count:
            _section(reader, message, section, count)
    if reader.at != reader.end:
        raise Unusual
    return message


def _section(reader: Reader, message: Message, section: list[RRset], count: int) -> None:
    """Read records into RRsets, wherever in the section they stand."""
    rrsets: dict[tuple[Name, int, int, int], RRset] = {}
    whole = reader.end
    for _ in range(count):
        name = reader.name()
        rdtype, rdclass, ttl, length = reader.fields(RECORD)
        reader.end = reader.at + length
        if reader.end > whole or rdtype == rdatatype.TSIG:
            raise Unusual
        if rdtype == rdatatype.OPT:
            if section is not message.additional:
                raise Unusual
            _take_edns(reader, message, name, ttl, rdclass)
        else:
            _add(rrsets, section, name, ttl if ttl <= LONGEST_TTL else 0, read_rdata(reader, rdtype, rdclass))
        if reader.at != reader.end:
            raise Unusual
        reader.end = whole


def _take_edns(reader: Reader, message: Message, name: Name, ttl: int, payload: int) -> None:
    """Take EDNS: one OPT record at the root (RFC 6891 §6.1.1)."""
    if message.opt is not None or len(name.labels) > 1:
        raise Unusual
    message.opt = make_first(name, ttl, opt_rdata(payload, reader.rest()))


def _add(
    rrsets: dict[tuple[Name, int, int, int], RRset], section: list[RRset], name: Name, ttl: int, rdata: Rdata
) -> None:
    """Put a record into its RRset, a new one at the section's end if it is the first."""
    place = name, rdata.rdclass, rdata.rdtype, rdata.covers()
    rrset = rrsets.get(place)
    if rrset is not None:
        rrset.add(rdata, ttl)
        return
    rrsets[place] = rrset = make_first(name, ttl, rdata)
    section.append(rrset)


_flags, _class = lru_cache(4096)(dns.flags.Flag), lru_cache(16)(RdataClass.make)


@lru_cache(64)
def opt_rdata(payload: int, options: bytes) -> Rdata:
    """Return an OPT record's data: the largest reply over UDP that its sender takes, and options as on the wire."""
    return KeptOPT.from_wire_parser(payload, rdatatype.OPT, dns.wire.Parser(options))
