"""Policy: the choices that the RFCs leave to whoever runs a validator.

It knows: which algorithms and digests this validator takes, how exact its clock is, which zones it leaves alone.
It must not know: any zone, any message.
Follows RFC 4035 §5.2 and RFC 6840 §5.2 (unsupported numbers), RFC 8914 (why), RFC 9276 §3.2 (iterations),
RFC 7646 (negative trust anchors), RFC 9904-9906 (which algorithms; IANA's registry is the list).
"""

from dataclasses import dataclass

from dns.name import Name

ALGORITHMS = frozenset({8, 10, 13, 14, 15, 16})  # RSA/SHA-256, RSA/SHA-512, P-256, P-384, Ed25519, Ed448
SHA1_ALGORITHMS = frozenset({5, 7})  # RSA/SHA-1, and the same number 7 for zones with NSEC3
EXPERIMENTAL_ALGORITHMS = frozenset({18})  # ML-DSA-44
DIGESTS = frozenset({2, 4})  # SHA-256, SHA-384
SHA1_DIGESTS = frozenset({1})


@dataclass(frozen=True)
class Policy:
    """What this validator takes and what it leaves."""

    clock_skew: int = 0  # seconds by which our clock may be wrong, at both ends of a signature's life
    sha1: bool = True  # algorithms 5 and 7, digest 1: RFC 9905 wants them out of use, validators may still check
    experimental: bool = False  # algorithm 18
    nsec3_iterations: int = 150  # more of them: insecure, with EDE 27
    negative_trust_anchors: frozenset[Name] = frozenset()  # nothing at or below these names is validated

    def takes_algorithm(self, number: int) -> bool:
        """Return whether signatures and keys with this algorithm number count."""
        return (
            number in ALGORITHMS
            or (self.sha1 and number in SHA1_ALGORITHMS)
            or (self.experimental and number in EXPERIMENTAL_ALGORITHMS)
        )

    def takes_digest(self, number: int) -> bool:
        """Return whether DS records with this digest type count."""
        return number in DIGESTS or (self.sha1 and number in SHA1_DIGESTS)
