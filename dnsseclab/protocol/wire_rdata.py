"""Reading one record's rdata, for the types that fill DNSSEC's messages; dnspython reads all others.

It knows: how each of these types lies on the wire.
It must not know: the message around it, or what a record means.
Follows RFC 1035 §3.3, §3.4 (A, NS, CNAME), RFC 4034 (DNSKEY, RRSIG, NSEC, DS), RFC 5155 §3.2 (NSEC3).
"""

import struct
from collections.abc import Callable
from functools import lru_cache

import dns.ipv4
import dns.rdata
import dns.wire
from dns import rdataclass, rdatatype
from dns.dnssectypes import Algorithm, DSDigest
from dns.rdata import Rdata
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.CNAME import CNAME
from dns.rdtypes.ANY.NSEC import Bitmap
from dns.rdtypes.dnskeybase import Flag

from .kept_names import kept
from .kept_rdata import KeepsForm, KeptA, KeptDNSKEY, KeptDS, KeptNS, KeptNSEC, KeptNSEC3, KeptRRSIG
from .made_rdata import make_rdata
from .wire_names import Reader, Unusual


def read_rdata(reader: Reader, rdtype: int, rdclass: int) -> Rdata:
    """Return the rdata that lies between `reader.at` and `reader.end`."""
    read = READERS.get(rdtype)
    if read is not None and rdclass == rdataclass.IN:
        start = reader.at
        rdata = read(reader)
        if isinstance(rdata, KeepsForm) and not (isinstance(rdata, KeptRRSIG) and kept(rdata.signer).has_capitals):
            rdata.keep_form(reader.wire[start : reader.end])  # it came in canonical form, as these types always do
        return rdata
    start, reader.at = reader.at, reader.end
    return dns.rdata.from_wire(rdclass, rdtype, reader.wire, start, reader.end - start)  # type: ignore[arg-type]


def _a(reader: Reader) -> Rdata:
    return make_rdata(KeptA, rdatatype.A, address=dns.ipv4.inet_ntoa(reader.rest()))


def _dnskey(reader: Reader) -> Rdata:
    flags, protocol, algorithm = reader.fields(FLAGS_AND_TWO)
    kinds = {"flags": _key_flags(flags), "algorithm": _algorithm(algorithm)}
    return make_rdata(KeptDNSKEY, rdatatype.DNSKEY, protocol=protocol, key=reader.rest(), **kinds)


def _ds(reader: Reader) -> Rdata:
    tag, algorithm, digest_type = reader.fields(FLAGS_AND_TWO)
    digest = reader.rest()
    if len(digest) != DIGEST_BYTES.get(digest_type):  # dnspython knows what is wrong with it, or not
        return KeptDS(rdataclass.IN, rdatatype.DS, tag, algorithm, digest_type, digest)
    numbers = {"key_tag": tag, "algorithm": _algorithm(algorithm), "digest_type": _digest_type(digest_type)}
    return make_rdata(KeptDS, rdatatype.DS, digest=digest, **numbers)


def _rrsig(reader: Reader) -> Rdata:
    covered, algorithm, labels, ttl, expiration, inception, tag = reader.fields(SIGNATURE)
    return make_rdata(
        KeptRRSIG, rdatatype.RRSIG, type_covered=as_type(covered), algorithm=_algorithm(algorithm), labels=labels,
        original_ttl=ttl, expiration=expiration, inception=inception, key_tag=tag, signer=reader.whole_name(),
        signature=reader.rest(),
    )  # fmt: skip


def _nsec(reader: Reader) -> Rdata:
    return make_rdata(KeptNSEC, rdatatype.NSEC, next=reader.whole_name(), windows=_windows(reader.rest()))


def _nsec3(reader: Reader) -> Rdata:
    algorithm, flags, iterations = reader.fields(TWO_AND_ROUNDS)
    salt, following = reader.counted(), reader.counted()
    if not following:
        raise Unusual
    hashed = {"algorithm": algorithm, "flags": flags, "iterations": iterations, "salt": salt}
    return make_rdata(KeptNSEC3, rdatatype.NSEC3, next=following, windows=_windows(reader.rest()), **hashed)


FLAGS_AND_TWO = struct.Struct("!HBB")  # DNSKEY: flags, protocol, algorithm; DS: key tag, algorithm, digest type
SIGNATURE = struct.Struct("!HBBIIIH")  # RRSIG up to the signer's name
DIGEST_BYTES = {1: 20, 2: 32, 4: 48}  # of a DS, by its digest type: SHA-1, SHA-256, SHA-384
TWO_AND_ROUNDS = struct.Struct("!BBH")  # NSEC3: hash algorithm, flags, iterations

READERS: dict[int, Callable[[Reader], Rdata]] = {
    rdatatype.A: _a,
    rdatatype.NS: lambda reader: make_rdata(KeptNS, rdatatype.NS, target=reader.name()),
    rdatatype.CNAME: lambda reader: make_rdata(CNAME, rdatatype.CNAME, target=reader.name()),
    rdatatype.DNSKEY: _dnskey,
    rdatatype.DS: _ds,
    rdatatype.RRSIG: _rrsig,
    rdatatype.NSEC: _nsec,
    rdatatype.NSEC3: _nsec3,
}  # all others are seldom enough to leave them to dnspython

# The same few numbers and bitmaps come again and again; all of these values are immutable.
as_type = lru_cache(4096)(RdataType.make)
_algorithm, _key_flags = lru_cache(256)(Algorithm.make), lru_cache(256)(Flag)
_digest_type = lru_cache(256)(DSDigest.make)


@lru_cache(1024)
def _windows(wire: bytes) -> tuple[tuple[int, bytes], ...]:
    return tuple(Bitmap.from_wire_parser(dns.wire.Parser(wire)).windows)
