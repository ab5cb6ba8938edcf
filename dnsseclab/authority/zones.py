"""A zone: its records, and its shape: apex, zone cuts, glue, empty non-terminals, canonical order.

It knows how a master file is read and written, and which records the zone speaks for with authority.
It must not know keys, servers or questions.
Follows RFC 1034 §4.2 and RFC 1035 §5 (zones, master files), RFC 2181 §5-6 (RRsets, cuts), RFC 4034 §6.1 (order),
RFC 4592 §2.2 (which names exist), RFC 6672 §2.4 (DNAME).
"""

from collections.abc import Callable, Container, Iterable, Iterator
from pathlib import Path
from typing import Self

from dns import rdataclass, rdatatype
from dns.name import Name
from dns.rdata import Rdata
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.SOA import SOA
from dns.rrset import RRset

from ..protocol.kept_rdata import keeping
from ..protocol.made_rdata import copy_of, make_first
from ..protocol.names import LabError, ancestors, show_name, show_type, to_name, to_type
from .master_file import Place, read_records

# What DNSSEC adds to every name, even beside a CNAME (RFC 4034 §3, §4; RFC 5155 §3).
ADDED_BY_SIGNING = frozenset({rdatatype.RRSIG, rdatatype.NSEC, rdatatype.NSEC3})
OURS_AT_A_CUT = frozenset({rdatatype.DS, rdatatype.NSEC, rdatatype.NSEC3})  # the rest is the child's
AT_A_HASH = frozenset({rdatatype.NSEC3, rdatatype.RRSIG})
BESIDE_CNAME = ADDED_BY_SIGNING | {rdatatype.CNAME, rdatatype.KEY}

_Node = dict[tuple[RdataType, RdataType], RRset]  # the RRsets of one name, by type and, for RRSIGs, type covered
_Nodes = dict[Name, _Node]


class MisplacedRecord(LabError):
    """A record that cannot stand where it stands."""

    def __init__(self, rrset: RRset, problem: str) -> None:
        super().__init__(f"{show_name(rrset.name)} {show_type(rrset.rdtype)} {problem}")
        self.place: Place = (rrset.name, rrset.rdtype, rrset.covers)


class Zone:
    """The records of one zone.

    A zone never changes: `with_rrsets` and `without` return another one, and every RRset handed out is a copy.
    Names and types are accepted as text or as dnspython's objects.
    """

    def __init__(self, origin: str | Name, rrsets: Iterable[RRset]) -> None:
        """Make a zone from its RRsets.

        Raises:
            LabError: They make no zone: no SOA, data outside the zone, a CNAME beside other data, ...
        """
        self._hold(to_name(origin), _by_name(map(_own, rrsets)))

    def _hold(self, origin: Name, nodes: _Nodes, before: "Zone | None" = None) -> None:
        """Take nodes that are this zone's own, or another zone's: neither ever changes one.

        Args:
            before: The zone that this one is made from, of the same origin: what is as it was there, is taken from
                there. Signing changes a zone three times, and hardly its shape.
        """
        self._existing: set[Name]
        known: _Nodes = before._nodes if before else {}
        self.origin = origin
        in_order = nodes if nodes.keys() == known.keys() else sorted(nodes, key=canonical_order)
        self._nodes: _Nodes = {name: nodes[name] for name in in_order}
        ns, dname = _key(rdatatype.NS), _key(rdatatype.DNAME)
        self._cuts = {name for name, node in nodes.items() if ns in node and name != origin}
        self._dnames = {name for name, node in nodes.items() if dname in node}
        # A hashed name does not exist for those who ask (RFC 5155 §7.2.8).
        self._unhashed = {name for name, node in nodes.items() if any(rdtype not in AT_A_HASH for rdtype, _ in node)}
        if before and self._unhashed == before._unhashed:
            self._existing = before._existing
        else:
            self._existing = {ancestor for name in self._unhashed for ancestor in self._line_to_apex(name)}
        in_place = known if before and self._dnames == before._dnames else {}
        _check(self, (rrset for name, node in self._nodes.items() for rrset in _doubtful(node, in_place.get(name, {}))))

    def _keeping(self, wanted: Callable[[RRset], bool]) -> "Zone":
        """Return the zone with those of its RRsets that are wanted."""
        nodes: _Nodes = {}
        for name, node in self._nodes.items():
            if left := {place: rrset for place, rrset in node.items() if wanted(rrset)}:
                nodes[name] = node if len(left) == len(node) else left
        return self._holding(nodes)

    def _holding(self, nodes: _Nodes) -> "Zone":
        """Return a zone of the same name that shares nodes and RRsets with this one: copying all of them takes long."""
        zone = Zone.__new__(Zone)
        zone._hold(self.origin, nodes, self)
        return zone

    @classmethod
    def from_text(cls, text: str, origin: str | Name | None = None) -> Self:
        """Read a master file (RFC 1035 §5).

        Args:
            origin: The zone's name. If None, it is the owner of the SOA, and the text states its own $ORIGIN.
        Raises:
            LabError: With the line, what is wrong with it, and what to do.
        """
        rrsets, lines = read_records(text, None if origin is None else to_name(origin))
        if origin is None:
            apexes = [rrset.name for rrset in rrsets if rrset.rdtype == rdatatype.SOA]
            if not apexes:
                raise LabError("There is no SOA record: begin with '@ SOA server. mailbox. 1 1h 1h 1w 1h'.")
            origin = apexes[0]
        try:
            return cls(origin, rrsets)
        except MisplacedRecord as error:
            raise LabError(f"Line {lines[error.place]}: {error}") from None

    @classmethod
    def from_file(cls, path: str | Path, origin: str | Name | None = None) -> Self:
        """Read a master file from disk; see `from_text`."""
        try:
            text = Path(path).read_text(encoding="utf-8")
        except OSError as error:
            raise LabError(f"Cannot read the master file {path}: {error.strerror}.") from None
        except UnicodeDecodeError:
            raise LabError(f"{path} is not a text file in UTF-8, so it is no master file.") from None
        try:
            return cls.from_text(text, origin)
        except LabError as error:
            raise LabError(f"{path}: {error}") from None

    def to_text(self) -> str:
        """Return the zone as a master file with absolute names: SOA first, then in canonical order."""
        lines = [f"$ORIGIN {self.origin}", self.soa.to_text()]
        lines += [rrset.to_text() for rrset in self.rrsets() if rrset.rdtype != rdatatype.SOA]
        return "\n".join(lines) + "\n"

    # --- records

    def get(self, name: str | Name, rdtype: str | int) -> RRset | None:
        """Return the RRset of a name and a type, or None. For RRSIGs, see `signatures`."""
        return self._find(to_name(name), to_type(rdtype))

    def signatures(self, name: str | Name, covered: str | int) -> RRset | None:
        """Return the RRSIGs over a name's RRset of the type `covered`, or None."""
        return self._find(to_name(name), rdatatype.RRSIG, to_type(covered))

    def rrsets_at(self, name: str | Name) -> tuple[RRset, ...]:
        """Return all RRsets of one name, RRSIGs too."""
        return tuple(copy_of(rrset) for rrset in self._nodes.get(to_name(name), {}).values())

    def types_at(self, name: str | Name) -> set[RdataType]:
        """Return the types of records that a name owns."""
        return {rdtype for rdtype, _ in self._nodes.get(to_name(name), {})}

    def rrsets(self) -> Iterator[RRset]:
        """Yield every RRset, names in canonical order."""
        return (copy_of(rrset) for rrset in self._held())

    def with_rrsets(self, *rrsets: RRset) -> "Zone":
        """Return the zone with these RRsets added, each in the place of one of the same name and type."""
        added = _by_name(map(_own, rrsets))
        return self._holding(self._nodes | {name: self._nodes.get(name, {}) | node for name, node in added.items()})

    def without(self, name: str | Name, rdtype: str | int, covers: str | int = rdatatype.NONE) -> "Zone":
        """Return the zone without one RRset; for RRSIGs, `covers` says which.

        Raises:
            LabError: There is no such RRset, so nothing would change.
        """
        gone = self._find(to_name(name), to_type(rdtype), to_type(covers))
        if gone is None:
            raise LabError(f"{show_name(self.origin)} has no {rdtype} at {name}, so it cannot be taken away.")
        return self._keeping(lambda rrset: not _same_place(rrset, gone))

    def without_types(self, types: Container[RdataType]) -> "Zone":
        """Return the zone without all RRsets of some types; this one if it has none."""
        if not any(rrset.rdtype in types for rrset in self._held()):
            return self
        return self._keeping(lambda rrset: rrset.rdtype not in types)

    @property
    def soa(self) -> RRset:
        """Return the SOA RRset."""
        return copy_of(self._nodes[self.origin][_key(rdatatype.SOA)])

    @property
    def apex_ns(self) -> RRset:
        """Return the NS RRset of the apex."""
        return copy_of(self._nodes[self.origin][_key(rdatatype.NS)])

    @property
    def negative_ttl(self) -> int:
        """Return for how many seconds an absence may be remembered: for SOA and NSEC (RFC 2308 §5, RFC 9077 §3)."""
        soa = self.soa
        first = soa[0]
        assert isinstance(first, SOA)
        return min(soa.ttl, first.minimum)

    # --- shape

    def names(self) -> tuple[Name, ...]:
        """Return all owner names in canonical order; glue too, empty non-terminals not."""
        return tuple(self._nodes)

    def authoritative_names(self) -> tuple[Name, ...]:
        """Return the owner names that the zone speaks for, in canonical order: cuts too, glue not."""
        return tuple(name for name in self._nodes if not self.is_glue(name))

    def authoritative_rrsets(self) -> Iterator[RRset]:
        """Yield what the zone speaks for and therefore signs: no glue, no NS at a cut, no RRSIG (RFC 4035 §2.2)."""
        for name in self.authoritative_names():
            for rrset in self.rrsets_at(name):
                if rrset.rdtype != rdatatype.RRSIG and (name not in self._cuts or rrset.rdtype in OURS_AT_A_CUT):
                    yield rrset

    def contains(self, name: Name) -> bool:
        """Return whether a name lies at or below the apex, even if it does not exist."""
        return name.is_subdomain(self.origin)

    def exists(self, name: str | Name) -> bool:
        """Return whether a name exists: it owns records, or is an empty non-terminal above one that does."""
        return to_name(name) in self._existing

    def zone_cut(self, name: str | Name) -> Name | None:
        """Return the delegation at or above a name, or None. Of several the highest: below it nothing is ours."""
        above = [ancestor for ancestor in self._line_to_apex(to_name(name)) if ancestor in self._cuts]
        return above[-1] if above else None

    def is_glue(self, name: str | Name) -> bool:
        """Return whether a name lies below a zone cut: what stands there only helps to find the child's servers."""
        return self.zone_cut(name) not in (None, to_name(name))

    def dname_above(self, name: Name) -> RRset | None:
        """Return the DNAME that moves a name elsewhere, or None; a DNAME does not move its own owner."""
        owners = self._dnames.intersection(self._line_to_apex(name)[1:]) if self._dnames else ()
        return next((self._find(owner, rdatatype.DNAME) for owner in owners), None)

    def closest_encloser(self, name: Name) -> Name:
        """Return the longest existing ancestor of a name; the name itself if it exists (RFC 4592 §3.3.1)."""
        return next(ancestor for ancestor in self._line_to_apex(name) if ancestor in self._existing)

    # --- helpers

    def _held(self) -> Iterator[RRset]:
        return (rrset for node in self._nodes.values() for rrset in node.values())

    def _find(self, name: Name, rdtype: RdataType, covers: RdataType = rdatatype.NONE) -> RRset | None:
        rrset = self._nodes.get(name, {}).get((rdtype, covers))
        return None if rrset is None else copy_of(rrset)

    def _line_to_apex(self, name: Name) -> tuple[Name, ...]:
        """Return a name and its ancestors up to the apex; nothing for a name outside the zone."""
        return ancestors(name)[: len(name) - len(self.origin) + 1] if self.contains(name) else ()

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        return f"<Zone {show_name(self.origin)}: {sum(map(len, self._nodes.values()))} RRsets>"


def make_rrset(name: str | Name, ttl: int, *rdatas: Rdata) -> RRset:
    """Return an RRset from rdata, at least one; for RRSIGs it says which type they cover."""
    rrset = make_first(to_name(name), ttl, rdatas[0])
    for rdata in rdatas[1:]:
        rrset.add(rdata, ttl)
    return rrset


def canonical_order(name: Name) -> tuple[bytes, ...]:
    """Return the key by which names are sorted: labels from the right, in lower case (RFC 4034 §6.1)."""
    return tuple(map(bytes.lower, reversed(name.labels)))


def _by_name(rrsets: Iterable[RRset]) -> _Nodes:
    nodes: _Nodes = {}
    for rrset in rrsets:
        nodes.setdefault(rrset.name, {})[rrset.rdtype, rrset.covers] = rrset
    return nodes


def _key(rdtype: RdataType) -> tuple[RdataType, RdataType]:
    return rdtype, rdatatype.NONE


def _own(rrset: RRset) -> RRset:
    """Return a copy that nobody outside can change."""
    own = copy_of(rrset, to_name(rrset.name))
    own.items = {keeping(rdata): None for rdata in own.items}
    return own


def _doubtful(node: _Node, before: _Node) -> Iterator[RRset]:
    """Yield the RRsets of a name that may not stand where they do: the new ones, and an alias beside others."""
    if node is not before:
        for place, rrset in node.items():
            if rrset is not before.get(place) or rrset.rdtype == rdatatype.CNAME:
                yield rrset


def _same_place(one: RRset, other: RRset) -> bool:
    return (one.name, one.rdtype, one.covers) == (other.name, other.rdtype, other.covers)


def _check(zone: Zone, rrsets: Iterable[RRset]) -> None:
    """Raise LabError for records that do not make a zone."""
    for rrset in rrsets:
        if problem := _problem(zone, rrset):
            raise MisplacedRecord(rrset, problem)
    for rdtype in (rdatatype.SOA, rdatatype.NS):
        if zone.get(zone.origin, rdtype) is None:
            raise LabError(
                f"The zone {show_name(zone.origin)} has no {rdtype.name} record at its apex, '{zone.origin}': add one."
            )


def _problem(zone: Zone, rrset: RRset) -> str | None:
    """Return what is wrong with an RRset in its place and what to do about it, or None."""
    if not zone.contains(rrset.name):
        return f"lies outside the zone {show_name(zone.origin)}: move it, or check the dot at the end of the name."
    if rrset.rdclass != rdataclass.IN:
        return "is not of class IN: this lab knows no other class."
    if rrset.rdtype == rdatatype.SOA and rrset.name != zone.origin:
        return f"does not stand at the apex of the zone, {show_name(zone.origin)}: delete it, or make two zones."
    if rrset.rdtype == rdatatype.CNAME and (others := zone.types_at(rrset.name) - BESIDE_CNAME):
        beside = ", ".join(sorted(map(show_type, others)))
        return f"stands beside {beside}, but an alias can have no other data (RFC 2181 §10.1): delete one or the other."
    if (above := zone.dname_above(rrset.name)) and rrset.rdtype not in ADDED_BY_SIGNING:
        return f"lies below the DNAME of {show_name(above.name)}, so nobody would find it: move it (RFC 6672 §2.4)."
    return None
