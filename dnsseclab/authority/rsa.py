"""RSA keys: read from files that come with the course, because making one takes longer than a whole toy Internet.

It knows how RSA is written in DNSSEC, and which keys are shipped.
It must not know zones, roles, or what is signed.
Follows RFC 3110 §2 and RFC 5702 §2-3.
"""

from functools import cache
from itertools import count
from math import gcd, lcm
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import HashAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from ..protocol.names import LabError

SHIPPED = Path(__file__).parent / "rsa_keys"
LEAST_EXPONENT = 65537  # the one that nearly everybody uses


class Rsa:
    """RSA with PKCS #1 v1.5: the public key is exponent and modulus, a signature is as long as the modulus."""

    def __init__(self, key: rsa.RSAPrivateKey, hashing: HashAlgorithm) -> None:
        self._key = key
        self._hashing = hashing

    @classmethod
    def from_pem(cls, pem: bytes, hashing: HashAlgorithm) -> "Rsa":
        """Read a key as any tool writes it.

        Raises:
            LabError: The bytes are no RSA key in PEM form.
        """
        try:
            key = load_pem_private_key(pem, None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            key = None
        if not isinstance(key, rsa.RSAPrivateKey):
            raise LabError("A private key for RSA is a text in PEM form ('-----BEGIN PRIVATE KEY-----'), unencrypted.")
        return cls(key, hashing)

    @classmethod
    def from_seed(cls, seed: bytes, hashing: HashAlgorithm) -> "Rsa":
        """Make a key from a shipped one: other bytes, another key.

        Simplification: many of our keys share their primes and differ by the exponent only, so that whoever has one
        of them can compute the others. A real key has primes of its own.
        """
        primes = _shipped_primes()
        p, q = primes[seed[0] % len(primes)]
        return cls(_private_key(p, q, LEAST_EXPONENT + 2 * int.from_bytes(seed[1:3], "big")), hashing)

    @property
    def public(self) -> bytes:
        numbers = self._key.public_key().public_numbers()
        exponent = numbers.e.to_bytes((numbers.e.bit_length() + 7) // 8, "big")
        length = bytes([len(exponent)]) if len(exponent) < 256 else b"\0" + len(exponent).to_bytes(2, "big")
        return length + exponent + numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8, "big")

    def sign(self, data: bytes) -> bytes:
        return self._key.sign(data, padding.PKCS1v15(), self._hashing)


@cache
def _shipped_primes() -> tuple[tuple[int, int], ...]:
    """Return the primes of the shipped keys. A test has validated them; to do it each time takes 40 ms a key."""
    texts = [path.read_bytes() for path in sorted(SHIPPED.glob("*.pem"))]
    keys = [load_pem_private_key(text, None, unsafe_skip_rsa_key_validation=True) for text in texts]
    numbers = [key.private_numbers() for key in keys if isinstance(key, rsa.RSAPrivateKey)]
    return tuple((each.p, each.q) for each in numbers)


def _private_key(p: int, q: int, exponent: int) -> rsa.RSAPrivateKey:
    """Return the key with these primes, and with the first odd exponent from `exponent` on that has an inverse."""
    period = lcm(p - 1, q - 1)
    e = next(e for e in count(exponent, 2) if gcd(e, period) == 1)
    d = pow(e, -1, period)
    public = rsa.RSAPublicNumbers(e, p * q)
    numbers = rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), public)
    return numbers.private_key(unsafe_skip_rsa_key_validation=True)
