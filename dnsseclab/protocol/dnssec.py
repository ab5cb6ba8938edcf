"""What both sides compute from a definition: key tag, DS digest, signed bytes, NSEC3 hash, moments in time.

The signer and the validator may share these because the RFC leaves nothing to decide in them, and because
the test vectors of the RFCs judge them. What to sign, and what to believe, is decided elsewhere, twice.
It must not know: keys that can sign, verdicts, the clock.
Follows RFC 4034 §3.1.8.1, §5.1.4, §6 and Appendix B; RFC 5155 §5; RFC 1982 §3.2.
"""

import base64
import calendar
import hashlib
import struct
import time

from dns import rdataclass, rdatatype
from dns.name import Name
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.ANY.DS import DS
from dns.rdtypes.ANY.RRSIG import RRSIG
from dns.rrset import RRset

from .names import LabError

ZONE_KEY = 0x0100  # without it a key must not verify anything (RFC 4034 §2.1.1)
REVOKED = 0x0080  # RFC 5011 §3
SECURE_ENTRY_POINT = 0x0001  # a hint to people; validators must ignore it (RFC 4034 §2.1.1)
DNSKEY_PROTOCOL = 3  # the only value allowed (RFC 4034 §2.1.2)

# The numbers of https://www.iana.org/assignments/dns-sec-alg-numbers and ds-rr-types, as people write them.
ALGORITHM_NAMES = {
    1: "RSAMD5", 3: "DSA", 5: "RSA/SHA-1", 6: "DSA-NSEC3", 7: "RSA/SHA-1-NSEC3", 8: "RSA/SHA-256", 10: "RSA/SHA-512",
    12: "GOST", 13: "P-256", 14: "P-384", 15: "Ed25519", 16: "Ed448", 18: "ML-DSA-44",
}  # fmt: skip
DIGEST_NAMES = {1: "SHA-1", 2: "SHA-256", 3: "GOST", 4: "SHA-384"}
DIGESTS = {1: hashlib.sha1, 2: hashlib.sha256, 4: hashlib.sha384}

_BASE32_TO_BASE32HEX = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789ABCDEFGHIJKLMNOPQRSTUV")


def algorithm_name(number: int) -> str:
    """Return a DNSSEC algorithm as people write it: 'P-256', or 'algorithm 100' for one without a name here."""
    return ALGORITHM_NAMES.get(number, f"algorithm {number}")


def digest_name(number: int) -> str:
    """Return a DS digest type as people write it: 'SHA-256', or 'digest type 100'."""
    return DIGEST_NAMES.get(number, f"digest type {number}")


def key_tag(dnskey: DNSKEY) -> int:
    """Return the 16-bit tag that helps to find `dnskey` among a zone's keys.

    A tag is a hint, not an identity: two keys may share one, so verify anyway.

    Args:
        dnskey: One DNSKEY rdata, not the whole RRset.
    Returns:
        An int in 0..65535.
    Source: RFC 4034 Appendix B; for algorithm 1 Appendix B.1 as corrected by RFC 6840 §5.5.
    """
    if dnskey.algorithm == 1:
        return int.from_bytes(dnskey.key[-3:-1], "big")
    return checksum(dnskey.to_digestable())


def checksum(rdata: bytes) -> int:
    """Return the sum that a key tag is made of, over a DNSKEY rdata in wire format (RFC 4034 Appendix B)."""
    if len(rdata) % 2:
        rdata += b"\0"
    total = sum(struct.unpack(f"!{len(rdata) // 2}H", rdata))
    return (total + (total >> 16)) & 0xFFFF  # the carry is added once


def ds_digest(owner: Name, dnskey: DNSKEY, digest_type: int = 2) -> bytes:
    """Return the digest that a DS record holds: a hash over the key's owner name and its rdata.

    Args:
        digest_type: 1 SHA-1, 2 SHA-256, 4 SHA-384.
    Raises:
        LabError: Another digest type.
    Source: RFC 4034 §5.1.4, RFC 4509 §2.2, RFC 6605 §2.
    """
    if digest_type not in DIGESTS:
        raise LabError(
            f"Cannot compute a DS with {digest_name(digest_type)}: use 2 (SHA-256), 4 (SHA-384) or 1 (SHA-1)."
        )
    return DIGESTS[digest_type](owner.to_digestable() + dnskey.to_digestable()).digest()


def make_ds(owner: Name, dnskey: DNSKEY, digest_type: int = 2) -> DS:
    """Return the DS rdata by which a parent names its child's key (RFC 4034 §5)."""
    digest = ds_digest(owner, dnskey, digest_type)
    return DS(rdataclass.IN, rdatatype.DS, key_tag(dnskey), dnskey.algorithm, digest_type, digest)


def signed_bytes(rrset: RRset, rrsig: RRSIG) -> bytes:
    """Return exactly the bytes that the signature in `rrsig` covers.

    That is the RRSIG's own fields without the signature, then every record of the RRset in canonical form and
    order: owner in lower case (the wildcard it was made from, if `rrsig.labels` says so), the TTL at signing,
    names in the rdata in lower case where RFC 4034 §6.2 and RFC 6840 §5.1 say so.

    Raises:
        LabError: The RRSIG counts more labels than the owner name has (RFC 4035 §5.3.2).
    Source: RFC 4034 §3.1.8.1, §6.2, §6.3.
    """
    owner = signed_owner(rrset.name, rrsig.labels).to_digestable()
    head = owner + struct.pack("!HHI", rrset.rdtype, rrset.rdclass, rrsig.original_ttl)
    records = sorted({rdata.to_digestable() for rdata in rrset})  # a set: duplicates count once (RFC 4034 §6.3)
    return signature_header(rrsig) + b"".join(head + struct.pack("!H", len(rdata)) + rdata for rdata in records)


def signature_header(rrsig: RRSIG) -> bytes:
    """Return the RRSIG rdata up to the signature, signer in lower case (RFC 4034 §3.1.8.1)."""
    fixed = struct.pack(
        "!HBBIIIH",
        rrsig.type_covered, rrsig.algorithm, rrsig.labels, rrsig.original_ttl,
        rrsig.expiration, rrsig.inception, rrsig.key_tag,
    )  # fmt: skip
    return fixed + rrsig.signer.to_digestable()


def label_count(name: Name) -> int:
    """Return how many labels an RRSIG counts: without the root and without a leading '*' (RFC 4034 §3.1.3)."""
    return len(name.labels) - 1 - (name.labels[0] == b"*")


def signed_owner(owner: Name, labels: int) -> Name:
    """Return the owner name that was signed: `owner`, or the wildcard that it was expanded from (RFC 4035 §5.3.2)."""
    present = label_count(owner)
    if labels > present:
        raise LabError(f"The RRSIG counts {labels} labels, but {owner} has only {present}.")
    if labels == present:
        return owner
    return Name((b"*", *owner.labels[-labels - 1 :]))


def nsec3_hash(name: Name, salt: bytes, iterations: int) -> bytes:
    """Return the 20-byte SHA-1 hash of a name; `iterations` are *additional* rounds, so 0 hashes once.

    Source: RFC 5155 §5.
    """
    digest = hashlib.sha1(name.to_digestable() + salt).digest()
    for _ in range(iterations):
        digest = hashlib.sha1(digest + salt).digest()
    return digest


def nsec3_label(digest: bytes) -> bytes:
    """Return a hash as the label under which its NSEC3 record is found: base32hex, lower case, 32 characters."""
    return base64.b32encode(digest).translate(_BASE32_TO_BASE32HEX).lower()


def nsec3_owner(name: Name, zone: Name, salt: bytes, iterations: int) -> Name:
    """Return the owner name of the NSEC3 record that would match `name` in `zone` (RFC 5155 §5)."""
    return Name((nsec3_label(nsec3_hash(name, salt, iterations)), *zone.labels))


def not_later(first: int, second: int) -> bool:
    """Return whether the moment `first` is the same as `second` or before it, in serial arithmetic.

    RRSIG times are 32-bit numbers that wrap in 2106; two moments are never more than 68 years apart.
    Source: RFC 1982 §3.2, RFC 4034 §3.1.5.
    """
    return (second - first) % 2**32 < 2**31


def seconds_until(moment: int, now: int) -> int:
    """Return how many seconds lie between `now` and an RRSIG's 32-bit `moment`; negative if it has passed."""
    return (moment - now + 2**31) % 2**32 - 2**31


def epoch(moment: str) -> int:
    """Return epoch seconds for 'YYYYMMDDHHmmSS' in UTC, the way RRSIGs are written (RFC 4034 §3.2)."""
    try:
        return calendar.timegm(time.strptime(moment, "%Y%m%d%H%M%S"))
    except (ValueError, TypeError):
        raise LabError(
            f"{moment!r} is not a moment: write it as YYYYMMDDHHmmSS, for example '20261124120000'."
        ) from None


def show_moment(moment: int) -> str:
    """Return epoch seconds as a date that people read: '24 Nov 2026 12:00:00' (UTC)."""
    day, rest = time.strftime("%d %b %Y %H:%M:%S", time.gmtime(moment)).split(" ", 1)
    return f"{int(day)} {rest}"


def show_duration(seconds: int) -> str:
    """Return seconds as people say them: '59 min 59 s'."""
    for size, unit, below, smaller in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if seconds >= 2 * size or (seconds >= size and seconds % size == 0):
            rest = seconds % size // below
            return f"{seconds // size} {unit}" + (f" {rest} {smaller}" if rest else "")
    return f"{seconds} s"
