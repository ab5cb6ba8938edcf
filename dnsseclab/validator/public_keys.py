"""Public keys: reading a DNSKEY's bytes, and whether a signature was made with the private half.

It knows: the algorithms, through dnspython and the cryptography library. What depends on the key alone is done once.
It must not know: what is signed, or whether a key is to be trusted.
Follows RFC 6605 (ECDSA), RFC 8080 (EdDSA), RFC 3110 and 5702 (RSA); RFC 4034 Appendix B (key tag).
"""

from functools import lru_cache

import cryptography.exceptions
import dns.dnssecalgs
import dns.exception
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from dns.dnssecalgs.base import GenericPublicKey
from dns.dnssecalgs.ecdsa import PublicECDSA
from dns.dnssectypes import Algorithm
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.DNSKEY import DNSKEY

from ..protocol import dnssec

KEPT = 4096  # keys
ECDSA = {Algorithm.ECDSAP256SHA256: ec.ECDSA(SHA256()), Algorithm.ECDSAP384SHA384: ec.ECDSA(SHA384())}


@lru_cache(KEPT)
def load_public_key(flags: int, protocol: int, algorithm: int, key: bytes) -> GenericPublicKey | None:
    """Return a public key ready for use, or None if its bytes are no key of that algorithm."""
    dnskey = DNSKEY(RdataClass.IN, RdataType.DNSKEY, flags, protocol, algorithm, key)
    try:
        return dns.dnssecalgs.get_algorithm_cls_from_dnskey(dnskey).public_cls.from_dnskey(dnskey)
    except (ValueError, IndexError, dns.exception.DNSException, cryptography.exceptions.UnsupportedAlgorithm):
        return None


def verifies(public: GenericPublicKey, signature: bytes, data: bytes) -> bool:
    """Return whether a signature was made over these bytes with the private half of a key."""
    try:
        if isinstance(public, PublicECDSA):
            _verify_ecdsa(public, signature, data)
        else:
            public.verify(signature, data)
    except (cryptography.exceptions.InvalidSignature, ValueError):
        return False
    return True


def _verify_ecdsa(public: PublicECDSA, signature: bytes, data: bytes) -> None:
    """Do what `public.verify` does, without preparing the same hash function anew each time."""
    if len(signature) != 2 * public.octets:
        raise cryptography.exceptions.InvalidSignature
    r, s = signature[: public.octets], signature[public.octets :]  # two numbers of a fixed size (RFC 6605 §4)
    numbers = encode_dss_signature(int.from_bytes(r, "big"), int.from_bytes(s, "big"))
    public.key.verify(numbers, data, ECDSA[public.algorithm])


def key_tag(key: DNSKEY) -> int:
    """Return a key's tag; the same key is computed only once."""
    return _key_tag(int(key.flags), key.protocol, int(key.algorithm), key.key)


@lru_cache(KEPT)
def _key_tag(flags: int, protocol: int, algorithm: int, key: bytes) -> int:
    return dnssec.key_tag(DNSKEY(RdataClass.IN, RdataType.DNSKEY, flags, protocol, algorithm, key))
