"""Zones signed with one algorithm only: old ones, today's, and one of tomorrow.

It knows: how to sign with algorithms with which nobody should sign any more.
It must not know: which of them a validator takes, beyond the label.
Follows RFC 9904 and RFC 9905 (which are in use), RFC 4035 §5.2 (unsupported means insecure), RFC 5155 §2 (6 and 7).
"""

import hashlib
from dataclasses import replace
from typing import cast

from cryptography.hazmat.primitives.hashes import SHA1
from dns.rdtypes.ANY.DNSKEY import DNSKEY

from ...authority.keys import ALGORITHMS, Key, make_key
from ...authority.rsa import Rsa
from ...protocol.dnssec import algorithm_name
from ...protocol.trust import SecurityStatus
from .fault import Cause, Change, Fault, fault, harmless
from .specimen import Specimen

CAUSE = Cause.ALGORITHM
CHANGES = "both keys, every RRSIG, and the DS"
RSA_WITH_SHA1 = (5, 7)
NSEC3_NUMBERS = (6, 7)  # the same as 3 and 5, for zones with NSEC3 (RFC 5155 §2)


def signed_with(number: int) -> Change:
    """Return a change that signs the zone with new keys of an algorithm, and tells the parent."""

    def change(s: Specimen) -> Specimen:
        ksk, zsk = (_key(each, number) for each in (s.ksk, s.zsk))
        return s.with_keys(ksk, zsk, ksk=ksk, zsk=zsk).with_ds(ksk.ds())

    return change


def _key(key: Key, number: int) -> Key:
    """Return a key of an algorithm for the place of another key."""
    if number in ALGORITHMS:
        return make_key(key.zone, key.role, number, seed="gallery")
    if number in RSA_WITH_SHA1:
        private = Rsa.from_seed(hashlib.sha512(f"gallery/{key}".encode()).digest(), SHA1())
        return replace(
            key, dnskey=cast(DNSKEY, key.dnskey.replace(algorithm=number, key=private.public)), private=private
        )
    # Simplification: what it signs is no DSA or MD5. Nobody who meets these numbers looks at the signature.
    return replace(key, dnskey=cast(DNSKEY, key.dnskey.replace(algorithm=number)))


def supported(name: str, number: int, repair: str = "None: nothing is wrong.") -> Fault:
    denial = "NSEC3" if number in NSEC3_NUMBERS else None
    said = f"The zone is signed with {algorithm_name(number)} ({number}) only."
    return harmless(CAUSE, name, said, CHANGES, signed_with(number), repair, denial=denial)


def unsupported(name: str, number: int) -> Fault:
    denial = "NSEC3" if number in NSEC3_NUMBERS else None
    said = f"The zone is signed with {algorithm_name(number)} ({number}) only, which is not supported here."
    rule, status = "ds-algorithm-supported", SecurityStatus.INSECURE
    return fault(CAUSE, name, said, CHANGES, signed_with(number), rule, status=status, denial=denial)


SHA1_REPAIR = "Sign with another algorithm, for example 13 (P-256): SHA-1 is on its way out (RFC 9905)."

FAULTS: tuple[Fault, ...] = (
    unsupported("rsamd5", 1),
    unsupported("dsa", 3),
    supported("rsasha1", 5, SHA1_REPAIR),
    unsupported("dsa-nsec3-sha1", 6),
    supported("rsasha1-nsec3-sha1", 7, SHA1_REPAIR),
    supported("rsasha256", 8),
    supported("rsasha512", 10),
    supported("ecdsap256sha256", 13),
    supported("ecdsap384sha384", 14),
    supported("ed25519", 15),
    supported("ed448", 16),
    unsupported("mldsa44", 18),  # a policy may take it, as an experiment
)
