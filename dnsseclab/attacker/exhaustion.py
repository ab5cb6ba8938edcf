"""The attacker who wears validators out: zones in which every step is legal, and the whole takes hours.

He owns a signed zone like anybody else, and waits for a question. The answer makes the one who checks it work:
    many keys with one tag, many signatures that name that tag    every pair has to be tried    CVE-2023-50387, KeyTrap
    many DS records for that tag                                  so has every pair of those
    NSEC3 with many rounds, and a question for a deep name        each label costs all rounds   CVE-2023-50868
It knows: how zones are made and signed, with keys of its own.
It must not know: who validates, and where he stops.
Follows RFC 4034 Appendix B (a key tag is no identity), RFC 4035 §5.3.1 (every matching key is to be tried) and §5.2,
RFC 5155 §8.3 (finding the closest encloser).
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count, islice
from typing import cast

from dns import rdatatype
from dns.name import Name
from dns.rdata import Rdata
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.ANY.RRSIG import RRSIG
from dns.rrset import RRset

from ..authority.keys import Key, make_key
from ..authority.signing import sign_rrset
from ..authority.zones import Zone, make_rrset
from ..protocol.dnssec import REVOKED, ZONE_KEY, key_tag
from ..protocol.names import LabError, show_name, to_name, to_type

MAX_TAG = 0xFFFF
LONGEST_NAME = 255  # octets (RFC 1035 §2.3.4)
ROOM_FOR_RRSIGS = 60_000  # bytes of a message over TCP, the rest left for other records
RRSIG_OVERHEAD = 32  # bytes of an RRSIG on the wire beside its signer's name and its signature
SHORTEST_SIGNATURE = 2  # bytes: enough to tell 65,536 apart


# --- keys that share a tag


def colliding_keys(zone: str | Name, tag: int, number: int, algorithm: str | int = "P-256", *, seed: str) -> list[Key]:
    """Return different keys of a zone that all have the same tag: real ones, which can sign.

    A tag is a sum of 16-bit words, the flags among them. Thirteen of the sixteen flags mean nothing, and whoever
    receives them has to ignore them (RFC 4034 §2.1.1): set them so that the sum comes out, and one key in four will do.
    Without that trick it takes some 65,000 keys to hit a tag: a second for each.

    Args:
        tag: 1 to 65535. (0 cannot be had so: the flags are never all zero.)
        algorithm: As make_key takes it.
        seed: Any text; the same one gives the same keys.
    Raises:
        LabError: Another tag.
    """
    if not 1 <= tag <= MAX_TAG:
        raise LabError(f"Keys cannot be made to collide at tag {tag}: take one from 1 to {MAX_TAG}.")
    return list(islice(_keys_with_tag(to_name(zone), tag, algorithm, seed), number))


def _keys_with_tag(zone: Name, tag: int, algorithm: str | int, seed: str) -> Iterator[Key]:
    for number in count():
        key = make_key(zone, "ZSK", algorithm, seed=f"{seed}/{number}")
        bare = cast(DNSKEY, key.dnskey.replace(flags=0))
        # The sum wraps around at 65,535, not at 65,536: a carry is added once, and what carries again loses one.
        for lost in (0, 1):
            flags = (tag + lost - key_tag(bare)) % MAX_TAG
            dnskey = cast(DNSKEY, bare.replace(flags=flags))
            if flags & ZONE_KEY and not flags & REVOKED and key_tag(dnskey) == tag:
                yield replace(key, dnskey=dnskey)


# --- zones that cost their validator dear


def keytrap_zone(
    zone: Zone, ksk: Key, keys: Sequence[Key], *, signatures: int, owner: str | Name, rdtype: str | int = "A",
    inception: int, expiration: int,
) -> Zone:  # fmt: skip
    """Return a signed zone in which one RRset has many signatures by many keys of one tag; none of them holds.

    With one key and many signatures, or many keys and one signature, the work grows with the one number; with many of
    both it grows with their product.

    Args:
        zone: Signed; its DNSKEY RRset gets `keys` besides, and is signed again by `ksk`.
        keys: As colliding_keys makes them.
        signatures: Over the RRset of this owner and type. If they would not fit into one message, they are cut short.
        inception, expiration: Epoch seconds, of all signatures: nothing is wrong with them but the signature itself.
    Raises:
        LabError: No such RRset, or no keys.
    """
    target = zone.get(owner, rdtype)
    published = zone.get(zone.origin, rdatatype.DNSKEY)
    if target is None or published is None or not keys:
        raise LabError(
            f"A trap needs a signed zone, at least one colliding key, and an RRset to catch with: "
            f"{show_name(zone.origin)} must hold {show_name(to_name(owner))} {to_type(rdtype).name}."
        )
    every = make_rrset(zone.origin, published.ttl, *published, *(key.dnskey for key in keys))
    signed = make_rrset(zone.origin, every.ttl, sign_rrset(every, ksk, inception=inception, expiration=expiration))
    useless = false_signatures(target, keys[0], signatures, inception=inception, expiration=expiration)
    return zone.with_rrsets(every, signed, make_rrset(target.name, target.ttl, *useless))


def false_signatures(rrset: RRset, key: Key, number: int, *, inception: int, expiration: int) -> list[RRSIG]:
    """Return RRSIGs over an RRset that name a key's tag and hold for no key; no two are alike."""
    right = sign_rrset(rrset, key, inception=inception, expiration=expiration)
    room = ROOM_FOR_RRSIGS // number - RRSIG_OVERHEAD - len(right.signer.to_wire() or b"")
    length = max(SHORTEST_SIGNATURE, min(len(right.signature), room))
    return [cast(RRSIG, right.replace(signature=_noise(f"signature/{n}", length))) for n in range(number)]


def false_ds(key: Key, number: int) -> list[Rdata]:
    """Return DS records with a key's tag and algorithm, and with digests that no key has."""
    right = key.ds()
    return [right.replace(digest=_noise(f"digest/{n}", len(right.digest))) for n in range(number)]


def deep_name(zone: str | Name, labels: int) -> Name:
    """Return a name so many labels below a zone, as short as such a name can be.

    Raises:
        LabError: No name can be that deep.
    """
    origin = to_name(zone)
    most = (LONGEST_NAME - len(origin.to_wire() or b"")) // 2
    if not 0 <= labels <= most:
        raise LabError(f"A name below {show_name(origin)} can have at most {most} labels more, not {labels}.")
    return Name((*[b"a"] * labels, *origin.labels))


def _noise(text: str, length: int) -> bytes:
    """Return bytes that look random, and begin differently for each text."""
    return hashlib.shake_256(text.encode()).digest(length)
