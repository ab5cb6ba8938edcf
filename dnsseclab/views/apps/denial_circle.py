"""The circle of a zone's NSEC or NSEC3 records: where each stands, and where any other name falls.

It knows: names in canonical order stand evenly around the circle, hashes by their value (RFC 4034 §6.1, RFC 5155 §1.3).
It must not know: what a record denies.
"""

from dataclasses import dataclass
from functools import cached_property

from dns import rdatatype
from dns.name import Name
from dns.rdtypes.ANY.NSEC3 import NSEC3
from dns.rrset import RRset

from ...authority.nsec3 import OPT_OUT
from ...authority.zones import Zone
from ...protocol.describing import HASH_LETTERS, shorten
from ...protocol.dnssec import nsec3_hash, nsec3_label
from ...protocol.names import LabError, show_name

HASH_SPACE = 2**160  # SHA-1 has 160 bits
LONGEST_LABEL = 22  # letters beside the circle


@dataclass(frozen=True)
class Circle:
    """The proofs of absence of one signed zone."""

    zone: Zone

    @cached_property
    def records(self) -> tuple[RRset, ...]:
        """Return the NSEC records, or else the NSEC3 records, in the order of the circle.

        Raises:
            LabError: The zone has neither.
        """
        for kind in (rdatatype.NSEC, rdatatype.NSEC3):
            found = [rrset for rrset in self.zone.rrsets() if rrset.rdtype == kind]
            if found:
                return tuple(sorted(found, key=lambda rrset: rrset.name))
        raise LabError(
            f"{show_name(self.zone.origin)} has no NSEC and no NSEC3 records: sign it first, "
            "or take one that is signed, such as toy_internet().zone('bank.example')."
        )

    @property
    def hashing(self) -> NSEC3 | None:
        """Return a record that says how names are hashed; None if they are not."""
        first = self.records[0][0]
        return first if isinstance(first, NSEC3) else None

    @property
    def kind(self) -> str:
        """Return what its records are called."""
        return "NSEC3" if self.hashing else "NSEC"

    @property
    def opts_out(self) -> bool:
        """Return whether the gaps may hide unsigned delegations (RFC 5155 §6)."""
        return self.hashing is not None and bool(self.hashing.flags & OPT_OUT)

    def turn(self, name: Name) -> float:
        """Return where a name stands or falls, as a part of the whole turn, from 0 to 1."""
        if self.hashing:
            return int.from_bytes(nsec3_hash(name, self.hashing.salt, self.hashing.iterations), "big") / HASH_SPACE
        reached = sum(rrset.name <= name for rrset in self.records)
        stands = any(rrset.name == name for rrset in self.records)
        return (reached - (1 if stands else 0.5)) / len(self.records)

    def turn_of(self, record: RRset) -> float:
        """Return where a record stands."""
        if self.hashing:
            return int(record.name.labels[0], 32) / HASH_SPACE  # base32hex counts as int() does
        return self.turn(record.name)

    def short(self, name: Name) -> str:
        """Return a name as its zone's owner writes it: '@' is the zone itself."""
        if not name.is_subdomain(self.zone.origin):
            return shorten(show_name(name), LONGEST_LABEL)
        return shorten(name.relativize(self.zone.origin).to_text(), LONGEST_LABEL)

    def label(self, record: RRset) -> str:
        """Return what stands beside a record: its name, or the first letters of its hash."""
        if self.hashing:
            return f"{record.name.labels[0].decode()[:HASH_LETTERS]}…"
        return self.short(record.name)

    def short_hash(self, name: Name) -> str:
        """Return the first letters of a name's hash; nothing if names are not hashed."""
        if self.hashing is None:
            return ""
        digest = nsec3_hash(name, self.hashing.salt, self.hashing.iterations)
        return f"{nsec3_label(digest).decode()[:HASH_LETTERS]}…"
