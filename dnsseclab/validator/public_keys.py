"""Public keys: reading a DNSKEY's bytes, and whether a signature was made with the private half.

It knows: the algorithms, through dnspython and the cryptography library. What depends on the key alone is done once.
It must not know: what is signed, or whether a key is to be trusted.
Follows RFC 6605 (ECDSA), RFC 8080 (EdDSA), RFC 3110 and 5702 (RSA); RFC 4034 Appendix B (key tag).
"""

from functools import lru_cache

import dns.dnssecalgs
import dns.exception
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from dns import rdataclass, rdatatype
from dns.dnssecalgs.base import GenericPublicKey
from dns.dnssecalgs.ecdsa import PublicECDSA
from dns.rdtypes.ANY.DNSKEY import DNSKEY

from ..protocol import dnssec

KEPT = 4096  # keys


class Ecdsa:
    """A key that verifies as dnspython's does, without preparing the same hash function anew each time."""

    def __init__(self, public: PublicECDSA) -> None:
        self.key = public.key
        self._size = public.octets
        self._how = ec.ECDSA(public.chosen_hash)

    def verify(self, signature: bytes, data: bytes) -> None:
        """Raise InvalidSignature if it was not made over these bytes with the private half."""
        if len(signature) != 2 * self._size:
            raise InvalidSignature
        r, s = signature[: self._size], signature[self._size :]  # two numbers of a fixed size (RFC 6605 §4)
        numbers = encode_dss_signature(int.from_bytes(r, "big"), int.from_bytes(s, "big"))
        self.key.verify(numbers, data, self._how)


PublicKey = GenericPublicKey | Ecdsa


@lru_cache(KEPT)
def load_public_key(flags: int, protocol: int, algorithm: int, key: bytes) -> PublicKey | None:
    """Return a public key ready for use, or None if its bytes are no key of that algorithm."""
    dnskey = DNSKEY(rdataclass.IN, rdatatype.DNSKEY, flags, protocol, algorithm, key)
    try:
        public = dns.dnssecalgs.get_algorithm_cls_from_dnskey(dnskey).public_cls.from_dnskey(dnskey)
    except (ValueError, IndexError, dns.exception.DNSException, UnsupportedAlgorithm):
        return None
    return Ecdsa(public) if isinstance(public, PublicECDSA) else public


def verifies(public: PublicKey, signature: bytes, data: bytes) -> bool:
    """Return whether a signature was made over these bytes with the private half of a key."""
    try:
        public.verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True


def key_tag(key: DNSKEY) -> int:
    """Return a key's tag; the same key is computed only once."""
    return _key_tag(key.flags, key.protocol, key.algorithm, key.key)


@lru_cache(KEPT)
def _key_tag(flags: int, protocol: int, algorithm: int, key: bytes) -> int:
    return dnssec.key_tag(DNSKEY(rdataclass.IN, rdatatype.DNSKEY, flags, protocol, algorithm, key))
