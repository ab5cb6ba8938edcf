"""Keys of a zone: the private half that signs, the public half as a DNSKEY record, its digest as a DS record.

It knows how each algorithm makes a key and a signature, and in which form DNSSEC writes them.
It must not know what is signed with a key, or when.
Follows RFC 4034 §2 (DNSKEY) and §5 (DS), RFC 6605 (ECDSA), RFC 8080 (EdDSA); RSA: rsa.py; roles: RFC 9499 §10.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple, Protocol

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, mldsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512
from dns import rdataclass, rdatatype
from dns.name import Name
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
from .rsa import Rsa

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
        """Return a signature in the form of an RRSIG's last field; the same for the same data, but for ML-DSA."""
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
    return _key(owner, role, number, ALGORITHMS[number].from_seed(hashlib.sha512(text.encode()).digest()))


def key_from_private(zone: str | Name, private: bytes, role: str = "KSK", algorithm: str | int = "P-256") -> Key:
    """Return the key whose private half is given as bytes.

    Args:
        private: A number for ECDSA, a seed for EdDSA and ML-DSA, a text in PEM form for RSA.
    Raises:
        LabError: An unknown role or algorithm, or bytes that are no key of that algorithm.
    """
    owner, number = to_name(zone), algorithm_number(algorithm)
    kind = ALGORITHMS[number]
    if kind.size and len(private) != kind.size:
        raise LabError(f"A private key for {algorithm_name(number)} has {kind.size} bytes, not {len(private)}.")
    return _key(owner, role, number, kind.load(private))


def _key(zone: Name, role: str, algorithm: int, private: PrivateKey) -> Key:
    if role not in ROLE_FLAGS:
        raise LabError(f"{role!r} is not a role of a key: use 'KSK', 'ZSK' or 'CSK'.")
    fields = (ROLE_FLAGS[role], DNSKEY_PROTOCOL, algorithm, private.public)
    return Key(zone, role, DNSKEY(rdataclass.IN, rdatatype.DNSKEY, *fields), private)


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


class MlDsa:
    """ML-DSA-44, for the time after quantum computers: keys and signatures as they are.

    It mixes fresh randomness into each signature, so that no two are alike.
    """

    def __init__(self, seed: bytes) -> None:
        try:
            self._key = mldsa.MLDSA44PrivateKey.from_seed_bytes(seed)
        except UnsupportedAlgorithm:
            raise LabError(
                "The cryptography library installed here cannot do ML-DSA: take another algorithm, or a newer library."
            ) from None

    @property
    def public(self) -> bytes:
        return self._key.public_key().public_bytes_raw()

    def sign(self, data: bytes) -> bytes:
        return self._key.sign(data)


class Algorithm(NamedTuple):
    """How to make keys of one algorithm."""

    load: Callable[[bytes], PrivateKey]
    size: int  # bytes of the private key; 0: they vary
    seeded: Callable[[bytes], PrivateKey] | None = None

    def from_seed(self, seed: bytes) -> PrivateKey:
        """Return a key made from 64 random-looking bytes."""
        return self.seeded(seed) if self.seeded else self.load(seed[: self.size])


# An algorithm more is a line more here. 5 and 7 (SHA-1) are missing: nobody may sign with them any more (RFC 9905).
ALGORITHMS = {
    8: Algorithm(lambda pem: Rsa.from_pem(pem, SHA256()), 0, lambda seed: Rsa.from_seed(seed, SHA256())),
    10: Algorithm(lambda pem: Rsa.from_pem(pem, SHA512()), 0, lambda seed: Rsa.from_seed(seed, SHA512())),
    13: Algorithm(lambda private: Ecdsa(private, ec.SECP256R1(), SHA256()), 32),
    14: Algorithm(lambda private: Ecdsa(private, ec.SECP384R1(), SHA384()), 48),
    15: Algorithm(lambda private: Eddsa(ed25519.Ed25519PrivateKey.from_private_bytes(private)), 32),
    16: Algorithm(lambda private: Eddsa(ed448.Ed448PrivateKey.from_private_bytes(private)), 57),
    18: Algorithm(MlDsa, 32),  # experimental: a validator must be told to take it
}
