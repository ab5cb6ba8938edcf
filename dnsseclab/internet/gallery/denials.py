"""Faults in NSEC records: they are missing, unsigned, or say something that is not so; and wildcards without proof.

It knows: which record a server will send, and what it says in a healthy zone.
It must not know: how a validator puts records together to a proof.
Follows RFC 4034 §4 (NSEC), RFC 4035 §5.3.4 and §5.4, RFC 6840 §4.1 (the parent's side of a cut).
"""

from collections.abc import Callable

import dns.rrset
from dns import rdatatype
from dns.name import Name
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.NSEC import Bitmap
from dns.rrset import RRset

from ...authority.zones import make_rrset
from ...protocol.dnssec import label_count
from ...protocol.messages import Question
from .delegations import parent_with_nsec
from .fault import Cause, Change, Fault, a_missing_name, fault
from .specimen import Specimen, kept, without_types

CAUSE = Cause.DENIAL
ALL_NSEC = "every NSEC record, which is signed as it is"
AT_APEX = "the NSEC record of the zone's own name, which is signed as it is; and the address is left out"
WILD = b"pages"  # *.pages: the wildcard that these faults need


# --- tools


def below_a_wildcard(zone: Name) -> Question:
    """Ask for a name for which a wildcard stands."""
    return Question(Name((b"front", WILD, *zone.labels)), rdatatype.A)


def with_wildcard(s: Specimen) -> Specimen:
    """Return a healthy zone that has a wildcard, signed anew."""
    wildcard = Name((b"*", WILD, *s.name.labels))
    return s.with_content(dns.rrset.from_text(wildcard, 3600, "IN", "A", "192.0.2.92"))


def each_record(rdtype: RdataType, change: Callable[[RRset], RRset]) -> Change:
    """Return a change of every RRset of one type, each signed as it is then."""

    def make(s: Specimen) -> Specimen:
        altered = [change(rrset) for rrset in s.zone.rrsets() if rrset.rdtype == rdtype]
        others = without_types(s.zone, rdtype)
        return s.with_zone(others.with_rrsets(*altered, *(s.sign(rrset) for rrset in altered)))

    return make


def altered(rrset: RRset, **fields: object) -> RRset:
    """Return an RRset of one record with other values in some fields."""
    return make_rrset(rrset.name, rrset.ttl, rrset[0].replace(**fields))


def without_address(s: Specimen) -> Specimen:
    """Leave out the address of the zone's own name, without telling its NSEC record."""
    return s.with_zone(
        kept(s.zone, lambda rrset: rrset.name != s.name or rdatatype.A not in (rrset.rdtype, rrset.covers))
    )


def listing(rrset: RRset, *rdtypes: RdataType) -> RRset:
    """Return an NSEC or NSEC3 RRset that lists these types."""
    return altered(rrset, windows=Bitmap.from_rdtypes(list(rdtypes)).windows)


# --- records that say something wrong


def with_empty_gap(nsec: RRset) -> RRset:
    """Let a record end at the very next name there could be."""
    return altered(nsec, next=Name((b"\0", *nsec.name.labels)))


def ending_outside(s: Specimen) -> Specimen:
    """Let every record end at a name that is not in the zone."""
    outside = Name((b"zzz", *s.parent.origin.labels))
    return each_record(rdatatype.NSEC, lambda nsec: altered(nsec, next=outside))(s)


def seen_from_the_parent(s: Specimen) -> Specimen:
    """Let the record of the zone's own name list what the parent's would list: NS, and no SOA."""
    nsec = listing(s.get(rdatatype.NSEC), rdatatype.NS, rdatatype.RRSIG, rdatatype.NSEC)
    return without_address(s).with_signed(nsec)


def listing_an_alias(s: Specimen) -> Specimen:
    """Let the record of the zone's own name list CNAME, and no address."""
    types = [*s.zone.types_at(s.name) - {rdatatype.A}, rdatatype.CNAME]
    return without_address(s).with_signed(listing(s.get(rdatatype.NSEC), *types))


def copied_from_the_parent(s: Specimen) -> Specimen:
    """Serve the parent's genuine record for this name, with the parent's genuine signature."""
    parent = parent_with_nsec(s)
    nsec, rrsigs = parent.get(s.name, rdatatype.NSEC), parent.signatures(s.name, rdatatype.NSEC)
    assert nsec and rrsigs
    return without_address(s).with_rrsets(nsec, rrsigs)


def wildcard_taken_away(s: Specimen) -> Specimen:
    """Delete a wildcard that had stood below the zone's own name, after the zone was signed.

    The NSEC record before it still leads to it, or an NSEC3 record still stands under its hash.
    """
    wildcard = Name((b"*", *s.name.labels))
    signed = s.with_content(dns.rrset.from_text(wildcard, 3600, "IN", "A", "192.0.2.92"))
    return signed.with_zone(kept(signed.zone, lambda rrset: rrset.name != wildcard))


# --- signatures over records


def unsigned(rdtype: RdataType) -> Change:
    """Return a change that removes the signatures over the records of one type."""
    return lambda s: s.with_zone(kept(s.zone, lambda rrset: rrset.covers != rdtype))


def signed_before(s: Specimen) -> Specimen:
    """Let every signature be one over an earlier record, which ended elsewhere."""
    return s.with_rrsets(*(s.sign(with_empty_gap(nsec)) for nsec in records(s)))


def signed_as_expanded(s: Specimen) -> Specimen:
    """Sign every record as if it came from a wildcard."""
    return s.with_rrsets(*(s.sign(nsec, labels=label_count(nsec.name) - 1) for nsec in records(s)))


def records(s: Specimen) -> list[RRset]:
    return [rrset for rrset in s.zone.rrsets() if rrset.rdtype == rdatatype.NSEC]


FAULTS: tuple[Fault, ...] = (
    # Missing
    fault(CAUSE, "nsec-missing", "The zone has no NSEC records.", "every NSEC record and its RRSIG",
          lambda s: s.with_zone(without_types(s.zone, rdatatype.NSEC)), "denial-received",
          question=a_missing_name, denial="NSEC"),
    fault(CAUSE, "wildcard-no-proof", "A wildcard answers, and no NSEC proves that nothing is closer.",
          "every NSEC record and its RRSIG", lambda s: s.with_zone(without_types(s.zone, rdatatype.NSEC)),
          "nothing-closer", question=below_a_wildcard, denial="NSEC", prepare=with_wildcard),
    # Their signatures
    fault(CAUSE, "nsec-rrsig-missing", "The NSEC records are not signed.", "the RRSIG over every NSEC record",
          unsigned(rdatatype.NSEC), "signature-present", question=a_missing_name, denial="NSEC"),
    fault(CAUSE, "bad-nsec-rrsig", "The signatures over the NSEC records were made before the records changed.",
          "the RRSIG over every NSEC record", signed_before, "signature-verifies",
          question=a_missing_name, denial="NSEC"),
    # Unbound 1.17 reads them as the wildcards' own records.
    fault(CAUSE, "nsec-labels-fewer", "The NSEC records are signed as if they came from wildcards.",
          "the RRSIG over every NSEC record", signed_as_expanded, "denial-not-expanded",
          question=a_missing_name, denial="NSEC"),
    # What they say of names
    fault(CAUSE, "bad-nsec-next", "The gap of every NSEC record is empty, so none covers the missing name.", ALL_NSEC,
          each_record(rdatatype.NSEC, with_empty_gap), "nsec-covers-name", question=a_missing_name, denial="NSEC"),
    fault(CAUSE, "nsec-next-outside", "Every NSEC record ends at a name outside the zone.", ALL_NSEC,
          ending_outside, "nsec-covers-name", question=a_missing_name, denial="NSEC"),
    # Unbound 1.17 makes NODATA of this one.
    fault(CAUSE, "nsec-wildcard-not-denied", "A wildcard was deleted, but the NSEC records still lead to it.",
          "the NSEC record of the zone's own name", wildcard_taken_away, "nsec-denies-wildcard",
          question=a_missing_name, denial="NSEC"),
    # What they say of types
    fault(CAUSE, "nsec-bitmap", "The address is not there, but the NSEC record lists it.",
          "the address of the zone's own name is left out", without_address, "nsec-type-absent", denial="NSEC"),
    fault(CAUSE, "nsec-cname-bit", "The address is not there, and the NSEC record says that the name is an alias.",
          AT_APEX, listing_an_alias, "nsec-type-absent", denial="NSEC"),
    # Unbound 1.17 takes this one, and its like with NSEC3, for an insecure delegation.
    fault(CAUSE, "nsec-parent-side", "The NSEC record looks like the parent's: it lists NS and no SOA.", AT_APEX,
          seen_from_the_parent, "nsec-not-from-above", denial="NSEC"),
    fault(CAUSE, "nsec-from-parent", "The server sends the parent's NSEC record for the zone's name, genuine signature "
          "and all.", AT_APEX, copied_from_the_parent, "signer-is-zone", denial="NSEC"),
)  # fmt: skip
