"""Reading bytes from left to right: numbers, and names that may point back to earlier names.

It knows: a message's bytes, how far they have been read, and the names found on the way.
It must not know: what comes when, or what it means.
Follows RFC 1035 §4.1.4 (names that point back), RFC 3597 §4 (where they may not).
"""

import struct
from typing import Any

from .kept_names import POINTER, KeptName, name_of

LONGEST_LABEL = 63  # bytes
MOST_POINTERS = 16  # in one name; an honest one has one or two, and dnspython follows no more
ROOT = name_of((b"",))


class Unusual(ValueError):
    """Seldom, strange or damaged: dnspython's own reader is to say what it is."""


class Reader:
    """One message's bytes, and how far they have been read."""

    def __init__(self, wire: bytes):
        self.wire = wire
        self.at = 0
        self.end = len(wire)  # of the message; while an rdata is read, of that
        self._names: dict[int, tuple[KeptName, int, int]] = {}  # place -> name, the place after it, pointers followed

    def fields(self, layout: struct.Struct) -> tuple[Any, ...]:
        """Return numbers of a fixed size."""
        start, self.at = self.at, self.at + layout.size
        if self.at > self.end:
            raise Unusual
        return layout.unpack_from(self.wire, start)

    def counted(self) -> bytes:
        """Return bytes that follow their own number."""
        start = self.at + 1
        self.at = start + self.wire[self.at]
        if self.at > self.end:
            raise Unusual
        return self.wire[start : self.at]

    def rest(self) -> bytes:
        """Return what is left of an rdata."""
        start, self.at = self.at, self.end
        return self.wire[start : self.end]

    def whole_name(self) -> KeptName:
        """Return a name that may not point back, as in every type younger than RFC 1035 (RFC 3597 §4)."""
        start, name = self.at, self.name()
        if self.at - start != len(name.to_wire()):
            raise Unusual
        return name

    def name(self) -> KeptName:
        """Return the name that begins here."""
        at = self.at
        length = self.wire[at]
        if not length and at < self.end:  # the root, as of every OPT record
            self.at = at + 1
            return ROOT
        if length >= POINTER and at + 2 <= self.end:  # two bytes that point back, as nearly every owner name
            known = self._names.get((length & ~POINTER) << 8 | self.wire[at + 1])
            if known is not None and known[1] <= at and known[2] < MOST_POINTERS:
                self.at = at + 2
                return known[0]
        name, self.at, _ = self._name_at(at, self.end, 0)
        return name

    def _name_at(self, at: int, stop: int, followed: int) -> tuple[KeptName, int, int]:
        """Return the name that begins at a place, the place after it, and the pointers that it takes.

        Args:
            stop: No byte from here on may belong to it.
            followed: Pointers that led here.
        """
        known = self._names.get(at)
        if known is not None and known[1] <= stop and followed + known[2] <= MOST_POINTERS:
            return known
        wire, here, pointers = self.wire, at, 0
        labels: tuple[bytes, ...] = ()
        while (length := wire[here]) and length < POINTER:
            if length > LONGEST_LABEL:
                raise Unusual
            labels += (wire[here + 1 : here + 1 + length],)
            here += 1 + length
        if length:
            here += 1
            if followed == MOST_POINTERS:
                raise Unusual
            # What it points to lies whole before it: else a name could go round in circles.
            rest, _, more = self._name_at((length & ~POINTER) << 8 | wire[here], at, followed + 1)
            labels, pointers = labels + rest.labels, more + 1
        else:
            labels += (b"",)
        if here >= stop:
            raise Unusual
        self._names[at] = found = name_of(labels), here + 1, pointers
        return found
