"""Names that are kept: for the same labels always the same object, which works out once what it is asked for often.

It knows: labels. It is dnspython's Name in all respects but the time it takes: the same few names come again and again
in every message, and hashing one or comparing two takes longer than reading it from the wire.
It must not know what a name stands for.
Follows RFC 4343 (upper and lower case are equal), RFC 4034 §6.2 (canonical form), RFC 1035 §4.1.4 (pointers).
"""

from functools import lru_cache
from typing import Any

import dns.immutable
from dns.name import Name

KEPT = 4096  # at a time: random names must not fill the memory
POINTER = 0xC0  # the two highest bits of a length: not a label, but the place where the name goes on
FARTHEST = 0x3FFF  # place that a pointer can point to


@dns.immutable.immutable
class KeptName(Name):
    """An absolute Name with its hash and its canonical form at hand. Make it with `name_of`."""

    __slots__ = ("_hash", "_canonical", "_plain", "_lower", "_above")

    def __init__(self, labels: tuple[bytes, ...]):
        super().__init__(labels)
        self._hash = super().__hash__()
        self._plain, self._canonical = super().to_wire(), super().to_wire(canonicalize=True)
        self._lower = tuple(map(bytes.lower, self.labels))
        self._above: tuple[Name, ...] | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        return name_of, (self.labels,)  # copied and unpickled, it is the same object again

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if isinstance(other, KeptName):
            return self is other or self._lower == other._lower
        return isinstance(other, Name) and self._lower == _lower(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    @property
    def above(self) -> tuple[Name, ...]:
        """Return all names above it, up to the root."""
        if self._above is None:
            names = tuple(name_of(self.labels[start:]) for start in range(1, len(self.labels)))
            object.__setattr__(self, "_above", names)
            return names
        return self._above

    def parent(self) -> Name:
        """Return the name with its first label taken off; raises dnspython's NoParent for the root."""
        return self.above[0] if self.above else super().parent()

    def is_subdomain(self, other: Name) -> bool:
        """Return whether it lies at or below another name."""
        lower = _lower(other)
        return self._lower[-len(lower) :] == lower and lower[-1] == b""

    def to_digestable(self, origin: Name | None = None) -> Any:
        """Return the canonical form."""
        return self._canonical

    @property
    def has_capitals(self) -> bool:
        """Return whether its canonical form is another one."""
        return self._plain != self._canonical

    def to_wire(self, file: Any = None, compress: Any = None, origin: Any = None, canonicalize: bool = False) -> Any:
        """Return or write the wire form."""
        wire = self._canonical if canonicalize else self._plain
        if file is None:
            return wire
        file.write(wire if compress is None or canonicalize else self._abbreviated(file.tell(), compress))
        return None

    def _abbreviated(self, place: int, places: dict[Name, int]) -> bytes:
        """Return the wire form for a place in a message: names that stand there already are pointed at (§4.1.4).

        Args:
            places: The first place of each name; those that begin here are added.
        """
        written = bytearray()
        for name in (self, *self.above)[:-1]:  # all but the root
            earlier = places.get(name)
            if earlier is not None:
                return bytes(written) + (POINTER << 8 | earlier).to_bytes(2)
            if place + len(written) <= FARTHEST:
                places[name] = place + len(written)
            written += len(name.labels[0]).to_bytes() + name.labels[0]
        return bytes(written) + b"\0"


def _lower(name: Name) -> tuple[bytes, ...]:
    return name._lower if isinstance(name, KeptName) else tuple(map(bytes.lower, name.labels))


def kept(name: Name) -> KeptName:
    """Return the same absolute name as one that is kept."""
    return name if isinstance(name, KeptName) else name_of(name.labels)


@lru_cache(KEPT)
def name_of(labels: tuple[bytes, ...]) -> KeptName:
    """Return the absolute Name with these labels, capitals and all; the last label is empty."""
    return KeptName(labels)
