"""Keys of a zone: the private half that signs, the public half as a DNSKEY record, its digest as a DS record.

It knows how each algorithm makes a key and a signature, and in which form DNSSEC writes them.
It must not know what is signed with a key, or when.
Follows RFC 4034 §2 (DNSKEY) and §5 (DS), RFC 6605 (ECDSA), RFC 8080 (EdDSA); roles: RFC 9499 §10.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple, Protocol

from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from dns.name import Name
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.ANY.DS import DS

from ..protocol.dnssec import (
    ALGORITHM_NAMES,
    DNSKEY_PROTOCOL,
    SECURE_ENTRY_POINT,
    ZONE_KEY,
    algorithm_name,
    key_tag,
    make_ds,
)
from ..protocol.names import LabError, show_name, to_name

# A KSK signs the DNSKEY RRset and is what the parent's DS names, a ZSK signs everything else, a CSK does both.
# The bit is a hint to people: no validator looks at it (RFC 4034 §2.1.1).
ROLE_FLAGS = {"KSK": ZONE_KEY | SECURE_ENTRY_POINT, "ZSK": ZONE_KEY, "CSK": ZONE_KEY | SECURE_ENTRY_POINT}


class PrivateKey(Protocol):
    """What any algorithm offers."""

    @property
    def public(self) -> bytes:
        """Return the public key in the form of a DNSKEY's last field."""
        ...

    def sign(self, data: bytes) -> bytes:
        """Return a signature in the form of an RRSIG's last field; the same for the same data, always."""
        ...


@dataclass(frozen=True)
class Key:
    """One key of one zone."""

    zone: Name
    role: str  # 'KSK', 'ZSK' or 'CSK'
    dnskey: DNSKEY
    private: PrivateKey = field(repr=False, compare=False)  # never shown

    @property
    def algorithm(self) -> int:
        """Return the algorithm's number, for example 13."""
        return self.dnskey.algorithm

    @cached_property
    def tag(self) -> int:
        """Return the key tag, a hint that helps to find the key (RFC 4034 Appendix B)."""
        return key_tag(self.dnskey)

    def ds(self, digest_type: int = 2) -> DS:
        """Return the DS rdata that the parent must publish to vouch for this key; 2 is SHA-256."""
        return make_ds(self.zone, self.dnskey, digest_type)

    def sign(self, data: bytes) -> bytes:
        """Return the signature over `data` as an RRSIG holds it."""
        return self.private.sign(data)

    def __str__(self) -> str:
        return f"{self.role} {self.tag} ({algorithm_name(self.algorithm)}) of {show_name(self.zone)}"


def make_key(zone: str | Name, role: str = "KSK", algorithm: str | int = "P-256", *, seed: str) -> Key:
    """Make a key for a zone.

    Args:
        role: 'KSK', 'ZSK' or 'CSK'.
        algorithm: Its name or number: 'P-256' or 13, 'Ed25519' or 15, ...
        seed: Any text. The same zone, role, algorithm and seed give the same key.
            Simplification: a real key comes from a random number that nobody can repeat.
    Raises:
        LabError: An unknown role or algorithm.
    """
    owner, number = to_name(zone), algorithm_number(algorithm)
    text = f"{seed}/{owner.canonicalize()}/{role}/{number}"
    return key_from_private(owner, hashlib.sha512(text.encode()).digest()[: ALGORITHMS[number].size], role, number)


def key_from_private(zone: str | Name, private: bytes, role: str = "KSK", algorithm: str | int = "P-256") -> Key:
    """Return the key whose private half is given as bytes: a number for ECDSA, a seed for EdDSA.

    Raises:
        LabError: An unknown role or algorithm, or bytes that are no key of that algorithm.
    """
    owner, number = to_name(zone), algorithm_number(algorithm)
    if role not in ROLE_FLAGS:
        raise LabError(f"{role!r} is not a role of a key: use 'KSK', 'ZSK' or 'CSK'.")
    kind = ALGORITHMS[number]
    if len(private) != kind.size:
        raise LabError(f"A private key for {algorithm_name(number)} has {kind.size} bytes, not {len(private)}.")
    loaded = kind.load(private)
    dnskey = DNSKEY(RdataClass.IN, RdataType.DNSKEY, ROLE_FLAGS[role], DNSKEY_PROTOCOL, number, loaded.public)
    return Key(owner, role, dnskey, loaded)


def algorithm_number(algorithm: str | int) -> int:
    """Return the number of an algorithm that this lab can sign with, given its name or number."""
    numbers = {name.lower(): number for number, name in ALGORITHM_NAMES.items() if number in ALGORITHMS}
    number = numbers.get(algorithm.lower()) if isinstance(algorithm, str) else algorithm
    if number not in ALGORITHMS:
        known = ", ".join(f"{ALGORITHM_NAMES[number]} ({number})" for number in ALGORITHMS)
        raise LabError(f"Cannot make keys for the algorithm {algorithm!r}: choose one of {known}.")
    return number


class Ecdsa:
    """ECDSA: the public key is x and y, a signature r and s, each as long as the curve (RFC 6605 §4)."""

    def __init__(self, private: bytes, curve: ec.EllipticCurve, hashing: SHA256 | SHA384) -> None:
        self._size = len(private)
        # A private key is a number above zero and below the curve's order; bytes may spell a larger one.
        number = int.from_bytes(private, "big") % curve.group_order or 1
        self._key = ec.derive_private_key(number, curve)
        # Deterministic (RFC 6979): the same lesson shows the same bytes every time.
        self._how = ec.ECDSA(hashing, deterministic_signing=True)

    @property
    def public(self) -> bytes:
        numbers = self._key.public_key().public_numbers()
        return self._join(numbers.x, numbers.y)

    def sign(self, data: bytes) -> bytes:
        return self._join(*decode_dss_signature(self._key.sign(data, self._how)))

    def _join(self, one: int, other: int) -> bytes:
        return one.to_bytes(self._size, "big") + other.to_bytes(self._size, "big")


class Eddsa:
    """Ed25519 and Ed448: keys and signatures as they are (RFC 8080 §3, §4)."""

    def __init__(self, key: ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey) -> None:
        self._key = key

    @property
    def public(self) -> bytes:
        return self._key.public_key().public_bytes_raw()

    def sign(self, data: bytes) -> bytes:
        return self._key.sign(data)


class Algorithm(NamedTuple):
    """How to make keys of one algorithm."""

    size: int  # bytes of the private key
    load: Callable[[bytes], PrivateKey]


# An algorithm more is a line more here. RSA (8, 10) is missing: making one key takes 40 ms.
ALGORITHMS = {
    13: Algorithm(32, lambda private: Ecdsa(private, ec.SECP256R1(), SHA256())),
    14: Algorithm(48, lambda private: Ecdsa(private, ec.SECP384R1(), SHA384())),
    15: Algorithm(32, lambda private: Eddsa(ed25519.Ed25519PrivateKey.from_private_bytes(private))),
    16: Algorithm(57, lambda private: Eddsa(ed448.Ed448PrivateKey.from_private_bytes(private))),
}
