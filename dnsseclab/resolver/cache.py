"""What the resolver remembers, until when, and how sure it is of it.

It knows: records and remembered absences, each with its rank, its status and the moment at which it expires; failures;
what validation has proven about zones, and about the gaps between their names.
It must not know: how anything was obtained. The clock is passed in as whole seconds.
Follows RFC 2181 §5.4.1 (ranking), RFC 2308 §5 (absences), RFC 9520 §3 (failures), RFC 1035 §3.2.1 (a TTL of zero),
RFC 8020 §2 (below a name that does not exist there is nothing).
"""

from collections.abc import Iterable, Iterator
from enum import IntEnum
from typing import NamedTuple

import dns.rcode
from dns import rdatatype
from dns.name import Name
from dns.rcode import Rcode
from dns.rdatatype import RdataType
from dns.rrset import RRset

from ..protocol.made_rdata import with_ttl
from ..protocol.messages import Question
from ..protocol.names import ancestors
from ..protocol.trust import Diagnosis, ProvenZone, SecurityStatus
from .gaps import Gaps

CAPACITY = 20_000  # entries; the oldest go first, so that a flood of names cannot fill the memory
LONGEST_TTL = 86_400 * 7  # seconds (RFC 8767 §4 recommends days to weeks as the cap)
LONGEST_ABSENCE = 3 * 3600  # seconds (RFC 2308 §5: one to three hours have worked well)
SHORTEST_FAILURE, LONGEST_FAILURE = 5, 300  # seconds (RFC 9520 §3.2: one second to five minutes)

WHOLE_NAME = rdatatype.NONE  # the type under which it is remembered that a name does not exist at all


class Rank(IntEnum):
    """How much a record is worth by the place where it stood, the least first (RFC 2181 §5.4.1)."""

    ADDITIONAL = 1  # additional section, or authority section of a referral: glue. It never answers a client
    ANSWER = 2  # answer section of a server without authority
    AUTHORITY = 3  # authority section of an authoritative answer
    AUTHORITATIVE_ANSWER = 4


class Entry(NamedTuple):
    """One thing remembered: records, an absence, or a failure."""

    question: Question  # what it answers
    rcode: Rcode  # NOERROR; NXDOMAIN: no such name; SERVFAIL: a failure
    answer: tuple[RRset, ...]  # the RRset and its signatures; empty for an absence
    authority: tuple[RRset, ...]  # what proves it: SOA, NSEC, NSEC3 and their signatures
    rank: Rank
    status: SecurityStatus
    stored: int  # epoch seconds
    expires: int  # epoch seconds; from then on it is forgotten
    diagnosis: Diagnosis | None = None  # of a failure or an insecure answer: why

    @property
    def weight(self) -> tuple[bool, Rank]:
        """Return what must not be overwritten by less: what is proven, then what ranks high."""
        return (self.status is SecurityStatus.SECURE, self.rank)

    def aged(self, rrsets: Iterable[RRset], now: int) -> list[RRset]:
        """Return some RRsets of this entry with the TTLs that are left of them."""
        return [with_ttl(rrset, min(rrset.ttl - (now - self.stored), self.expires - now)) for rrset in rrsets]


class Cache:
    """Everything remembered. Entries are never changed, only replaced, so a copy is cheap."""

    def __init__(self) -> None:
        self._entries: dict[tuple[Name, RdataType], Entry] = {}
        self._types: set[RdataType] = set()  # of whatever was ever stored: for other types nobody needs to look
        self._failures: dict[Question, Entry] = {}
        self._proven: dict[Name, ProvenZone] = {}
        self.gaps = Gaps()

    def get(self, name: Name, rdtype: RdataType, now: int) -> Entry | None:
        """Return what is remembered for exactly this name and type."""
        entry = self._entries.get((name, rdtype))
        return entry if entry is not None and entry.expires > now else None

    def find(self, question: Question, now: int, *, judged: bool) -> Entry | None:
        """Return what answers a client: the records, an alias, an absence, or a DNAME above the name.

        Args:
            judged: Only what was validated, whatever the verdict: data that nobody checked must not pass for checked.
        """
        for name, rdtype in self._keys_for(question):
            entry = self.get(name, rdtype, now)
            if entry and entry.rank > Rank.ADDITIONAL and not (judged and entry.status is SecurityStatus.UNCHECKED):
                return entry
        return self._absent_ancestor(question.name, now)

    def _absent_ancestor(self, name: Name, now: int) -> Entry | None:
        """Return the proof that a name above does not exist: then nothing lies below it either (RFC 8020 §2).

        Only a validated one: else one forged reply about a short name would remove all names below it.
        """
        for above in ancestors(name)[1:] if WHOLE_NAME in self._types else ():
            entry = self.get(above, WHOLE_NAME, now)
            if entry and entry.status is SecurityStatus.SECURE:
                return entry
        return None

    def store(self, entry: Entry, now: int) -> None:
        """Remember an entry, unless it has no time to live or something worthier is remembered already."""
        if entry.expires <= now:
            return
        old = self.get(*entry.question, now)
        if old is not None and old.weight > entry.weight:
            return
        self._entries.pop(entry.question, None)  # so that it counts as young again
        self._entries[entry.question] = entry
        self._types.add(entry.question.rdtype)
        while len(self._entries) > CAPACITY:
            del self._entries[next(iter(self._entries))]

    def failure(self, question: Question, now: int) -> Entry | None:
        """Return the failure that is remembered for a question, if any (RFC 9520 §3.2)."""
        entry = self._failures.get(question)
        return entry if entry is not None and entry.expires > now else None

    def store_failure(self, question: Question, status: SecurityStatus, diagnosis: Diagnosis | None, now: int) -> None:
        """Remember that a question could not be answered: briefly at first, longer each time (RFC 9520 §3.2)."""
        before = self._failures.pop(question, None)
        seconds = min(2 * (before.expires - before.stored), LONGEST_FAILURE) if before else SHORTEST_FAILURE
        servfail = dns.rcode.SERVFAIL
        self._failures[question] = Entry(
            question, servfail, (), (), Rank.ANSWER, status, stored=now, expires=now + seconds, diagnosis=diagnosis
        )
        while len(self._failures) > CAPACITY:
            del self._failures[next(iter(self._failures))]

    def proven(self, now: int) -> tuple[ProvenZone, ...]:
        """Return what earlier chains of trust have proven about zones, so far as it still holds."""
        return tuple(zone for zone in self._proven.values() if zone.expires > now)

    def store_proven(self, zones: Iterable[ProvenZone]) -> None:
        """Remember what a chain has proven about zones."""
        self._proven.update((zone.zone, zone) for zone in zones)

    def forget_delegations(self, name: Name, top: Name) -> None:
        """Forget which servers the zones between `name` and `top`, both included, are said to have."""
        for zone in ancestors(name):
            if zone.is_subdomain(top):
                self._entries.pop(Question(zone, rdatatype.NS), None)

    def entries(self, now: int) -> list[Entry]:
        """Return everything that is remembered now, for display: the oldest first, failures last."""
        return [entry for entry in (*self._entries.values(), *self._failures.values()) if entry.expires > now]

    def copy(self) -> "Cache":
        """Return a snapshot for `restore`."""
        snapshot = Cache()
        snapshot.restore(self)
        return snapshot

    def restore(self, snapshot: "Cache") -> None:
        """Remember exactly what `snapshot` does."""
        self._entries, self._types = dict(snapshot._entries), set(snapshot._types)
        self._failures = dict(snapshot._failures)
        self._proven = dict(snapshot._proven)
        self.gaps = snapshot.gaps.copy()

    def clear(self) -> None:
        """Forget everything."""
        self.restore(Cache())

    def _keys_for(self, question: Question) -> Iterator[tuple[Name, RdataType]]:
        """Yield the places where an answer may be remembered, the most direct one first."""
        name, rdtype = question
        yield name, rdtype
        if rdtype != rdatatype.DS:  # which the parent has, who knows nothing of the child's alias
            yield name, rdatatype.CNAME
        yield name, WHOLE_NAME
        for above in ancestors(name)[1:] if rdatatype.DNAME in self._types else ():
            yield above, rdatatype.DNAME


def negative_ttl(authority: Iterable[RRset]) -> int:
    """Return for how long an absence may be remembered: 0 without a SOA record (RFC 2308 §5)."""
    soa = next((rrset for rrset in authority if rrset.rdtype == rdatatype.SOA), None)
    return min(soa.ttl, soa[0].minimum, LONGEST_ABSENCE) if soa else 0
