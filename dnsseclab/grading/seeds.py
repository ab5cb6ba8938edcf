"""Personal data: everything that is drawn for a learner comes from hashing who it is for and what it is for.

It knows: how to draw numbers, bytes, names and addresses from a text, the same ones on every Python and in every year.
It must not know: exercises. `random` is not used: its `choice` and `shuffle` differ between versions of Python.

Two kinds of draws are made. What a learner sees is drawn from the identifier alone. What the grader asks is drawn
from the identifier and the class secret, which only the instructor has.
"""

import hashlib
import hmac
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

CONSONANTS, VOWELS = "bdfgklmnprstvz", "aeiou"
NETWORKS = ("192.0.2", "198.51.100")  # reserved for documentation (RFC 5737); 203.0.113/24 is the attacker's


class Draw:
    """A source of drawn values. The same text gives the same values in the same order.

    >>> Draw("alice", "06_key_tag").integer(1, 6)
    2
    """

    def __init__(self, *text: str, secret: bytes = b"") -> None:
        joined = b"".join(
            len(part).to_bytes(4, "big") + part for part in (each.encode("utf-8", "surrogatepass") for each in text)
        )
        self._key = hmac.digest(secret, b"dnsseclab draw 1" + joined, "sha256")
        self._blocks = 0
        self._rest = b""

    @property
    def seed(self) -> str:
        """Return a text that is this draw's own, for functions that take `seed=`."""
        return self._key.hex()[:16]

    def within(self, purpose: str) -> "Draw":
        """Return a draw of its own for one purpose: what is drawn there does not move what is drawn here."""
        return Draw(purpose, secret=self._key)

    def bytes(self, count: int) -> bytes:
        """Return `count` bytes."""
        while len(self._rest) < count:
            self._rest += hashlib.sha256(self._key + self._blocks.to_bytes(8, "big")).digest()
            self._blocks += 1
        drawn, self._rest = self._rest[:count], self._rest[count:]
        return drawn

    def integer(self, lowest: int, highest: int) -> int:
        """Return a number from `lowest` to `highest`, both included."""
        span = highest - lowest + 1
        return lowest + int.from_bytes(self.bytes((span.bit_length() + 71) // 8), "big") % span  # bias below 2**-64

    def chance(self) -> bool:
        """Return True half of the time."""
        return bool(self.bytes(1)[0] & 1)

    def choice(self, values: Sequence[T]) -> T:
        """Return one of the values."""
        return values[self.integer(0, len(values) - 1)]

    def shuffled(self, values: Sequence[T]) -> list[T]:
        """Return the values in a drawn order."""
        return self.sample(values, len(values))

    def sample(self, values: Sequence[T], count: int) -> list[T]:
        """Return `count` of the values, none twice."""
        left = list(values)
        return [left.pop(self.integer(0, len(left) - 1)) for _ in range(min(count, len(left)))]

    def label(self, syllables: int = 3) -> str:
        """Return a label that can be read aloud: 'damuro'."""
        return "".join(self.choice(CONSONANTS) + self.choice(VOWELS) for _ in range(syllables))

    def domain(self, parent: str = "example") -> str:
        """Return a domain name below `parent`, without a final dot: 'damuro.example'."""
        return f"{self.label()}.{parent}"

    def address(self) -> str:
        """Return an IPv4 address from the ranges for documentation."""
        return f"{self.choice(NETWORKS)}.{self.integer(1, 254)}"


def shown_to(identifier: str, exercise: str) -> Draw:
    """Return the draw for what a learner sees. Anybody who knows the identifier can repeat it."""
    return Draw("shown", identifier, exercise)


def asked_of(identifier: str, exercise: str, secret: bytes) -> Draw:
    """Return the draw for what the grader asks. Without the secret nobody can know it beforehand."""
    return Draw("asked", identifier, exercise, secret=secret)
