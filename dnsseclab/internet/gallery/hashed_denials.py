"""Faults in NSEC3 and NSEC3PARAM records: missing, unsigned, hashed wrongly, hashed too often, and Opt-Out misused.

It knows: how a zone hashes its names, and that its servers look for the right record by NSEC3PARAM.
It must not know: how a validator puts records together to a proof.
Follows RFC 5155 §3-4 (the records), §6 (Opt-Out), §8.1 (unknown numbers); RFC 9276 §3.1 (iterations).
"""

import hashlib
from dataclasses import replace
from types import MappingProxyType

import dns.rrset
from dns import rdatatype
from dns.name import Name
from dns.rrset import RRset

from ...authority.nsec import at_or_before
from ...authority.nsec3 import Nsec3
from ...authority.zones import Zone, make_rrset
from ...protocol.dnssec import nsec3_label, nsec3_owner
from ...protocol.messages import Question
from ...protocol.trust import SecurityStatus
from .denials import (
    altered,
    below_a_wildcard,
    each_record,
    listing,
    unsigned,
    wildcard_taken_away,
    with_wildcard,
    without_address,
)
from .fault import Cause, Change, Fault, a_missing_name, fault, harmless
from .specimen import Specimen, without_types

CAUSE = Cause.HASHED_DENIAL
ALL_NSEC3 = "every NSEC3 record, which is signed as it is"
THE_PARAM = "the NSEC3PARAM record"
AT_APEX = "the NSEC3 record of the zone's own name, which is signed as it is; and the address is left out"
MOST_ITERATIONS = 150  # that validators take for secure
HIDDEN = b"unsigned"  # a child zone that nobody signs

INSECURE = SecurityStatus.INSECURE


# --- owner names and gaps


def hashed_once_too_often(s: Specimen) -> Specimen:
    """Put every record under the hash of its hash; its own gap stays."""
    moved = []
    for digest, rrset in zip(own_hashes(s), records(s), strict=True):
        owner = Name((nsec3_label(hashlib.sha1(digest).digest()), *s.name.labels))
        moved.append(make_rrset(owner, rrset.ttl, *rrset))
    return s.with_zone(without_types(s.zone, rdatatype.NSEC3).with_rrsets(*moved, *map(s.sign, moved)))


def with_empty_gaps(s: Specimen) -> Specimen:
    """Let every record end at the very next hash there could be."""
    ends = [(int.from_bytes(digest, "big") + 1).to_bytes(len(digest), "big") for digest in own_hashes(s)]
    narrowed = [altered(rrset, next=end) for rrset, end in zip(records(s), ends, strict=True)]
    return s.with_rrsets(*narrowed, *map(s.sign, narrowed))


def records(s: Specimen) -> list[RRset]:
    """Return the NSEC3 RRsets, in the order of their hashes: each leads to the next."""
    return [rrset for rrset in s.zone.rrsets() if rrset.rdtype == rdatatype.NSEC3]


def own_hashes(s: Specimen) -> list[bytes]:
    """Return the hash that each record stands under: the one to which the record before it leads."""
    following = [rrset[0].next for rrset in records(s)]
    return following[-1:] + following[:-1]


def seen_from_the_parent(s: Specimen) -> Specimen:
    """Let the record of the zone's own name list what the parent's would list: NS, and no SOA."""
    own = nsec3_owner(s.name, s.name, b"", 0)
    nsec3 = next(rrset for rrset in records(s) if rrset.name == own)
    return without_address(s).with_signed(listing(nsec3, rdatatype.NS, rdatatype.RRSIG))


def signed_before(s: Specimen) -> Specimen:
    """Let every signature be one over an earlier record, which ended elsewhere."""
    return s.with_rrsets(*(s.sign(altered(rrset, next=bytes(20))) for rrset in records(s)))


# --- NSEC3PARAM: by it the servers choose what to send


def without_param(s: Specimen) -> Specimen:
    return s.with_zone(without_types(s.zone, rdatatype.NSEC3PARAM))


def with_wrong_salt(s: Specimen) -> Specimen:
    """Let the servers look with a salt with which they don't find the record of the zone's own name by accident."""
    param = s.get(rdatatype.NSEC3PARAM)
    salts = (bytes([number]) for number in range(256))
    salt = next((salt for salt in salts if not _finds_apex(s, salt)), b"other")
    return s.with_signed(altered(param, salt=salt))


def _finds_apex(s: Specimen, salt: bytes) -> bool:
    right = nsec3_owner(s.name, s.name, b"", 0)
    missing, wildcard = a_missing_name(s.name).name, Name((b"*", *s.name.labels))
    found = (at_or_before(s.zone, nsec3_owner(name, s.name, salt, 0), rdatatype.NSEC3) for name in (missing, wildcard))
    return any(rrset is not None and rrset.name == right for rrset in found)


# --- numbers in the records


def hashed(iterations: int) -> Change:
    """Return a change that signs the zone with NSEC3 and so many additional rounds."""
    return lambda s: replace(s, denial=Nsec3(iterations=iterations)).with_content()


def iterated(iterations: int) -> Fault:
    said = f"Names are hashed {iterations} times more than once." if iterations else "Names are hashed once."
    changes = "the NSEC3 and NSEC3PARAM records, instead of NSEC"
    make, name = hashed(iterations), f"nsec3-iter-{iterations}"
    if iterations > MOST_ITERATIONS:
        rule = "nsec3-iterations"
        return fault(CAUSE, name, said, changes, make, rule, status=INSECURE, question=a_missing_name, denial="NSEC")
    repair = "Sign the zone again with 0 iterations (RFC 9276)." if iterations else "None: nothing is wrong."
    return harmless(CAUSE, name, said, changes, make, repair, question=a_missing_name, denial="NSEC")


# --- Opt-Out


def below_the_hidden_child(zone: Name) -> Question:
    """Ask for a name in an unsigned child zone."""
    return Question(Name((b"www", HIDDEN, *zone.labels)), rdatatype.A)


def with_hidden_child(s: Specimen) -> Specimen:
    """Return a healthy zone with Opt-Out, with an unsigned child zone that has no NSEC3 record; same servers."""
    child = Name((HIDDEN, *s.name.labels))
    server = s.zone.apex_ns[0].target
    delegation = dns.rrset.from_text(child, 3600, "IN", "NS", server.to_text())
    zone = Zone(child, [
        dns.rrset.from_text(child, 3600, "IN", "SOA", f"{server} hostmaster.{child} 1 7200 1800 1209600 900"),
        delegation,
        dns.rrset.from_text(below_the_hidden_child(s.name).name, 3600, "IN", "A", "192.0.2.93"),
    ])  # fmt: skip
    servers = (replace(each, zones=(*each.zones, child)) if s.name in each.zones else each for each in s.world.servers)
    zones = MappingProxyType({**s.world.zones, child: zone})
    grown = replace(s, world=replace(s.world, zones=zones, servers=tuple(servers)), denial=Nsec3(opt_out=True))
    return grown.with_content(delegation)


FAULTS: tuple[Fault, ...] = (
    # Missing, or their signatures
    fault(CAUSE, "nsec3-missing", "The zone has no NSEC3 records.", "every NSEC3 record and its RRSIG",
          lambda s: s.with_zone(without_types(s.zone, rdatatype.NSEC3)), "denial-received",
          question=a_missing_name, denial="NSEC3"),
    fault(CAUSE, "nsec3-wildcard-no-proof", "A wildcard answers, and no NSEC3 proves that nothing is closer.",
          "every NSEC3 record and its RRSIG", lambda s: s.with_zone(without_types(s.zone, rdatatype.NSEC3)),
          "nothing-closer", question=below_a_wildcard, denial="NSEC3", prepare=with_wildcard),
    fault(CAUSE, "nsec3-rrsig-missing", "The NSEC3 records are not signed.", "the RRSIG over every NSEC3 record",
          unsigned(rdatatype.NSEC3), "signature-present", question=a_missing_name, denial="NSEC3"),
    fault(CAUSE, "bad-nsec3-rrsig", "The signatures over the NSEC3 records were made before the records changed.",
          "the RRSIG over every NSEC3 record", signed_before, "signature-verifies",
          question=a_missing_name, denial="NSEC3"),
    # Names, gaps and types
    fault(CAUSE, "bad-nsec3-hash", "The owner names of the NSEC3 records are hashed once too often.",
          "the owner name of every NSEC3 record, which is signed as it is", hashed_once_too_often,
          "nsec3-closest-encloser", question=a_missing_name, denial="NSEC3"),
    fault(CAUSE, "bad-nsec3-next", "The gap of every NSEC3 record is empty, so none covers the missing name.",
          ALL_NSEC3, with_empty_gaps, "nsec3-next-closer", question=a_missing_name, denial="NSEC3"),
    fault(CAUSE, "nsec3-wildcard-not-denied", "A wildcard was deleted, but its NSEC3 record is still there.",
          "an NSEC3 record too many", wildcard_taken_away, "nsec3-denies-wildcard",
          question=a_missing_name, denial="NSEC3"),
    fault(CAUSE, "nsec3-bitmap", "The address is not there, but the NSEC3 record lists it.",
          "the address of the zone's own name is left out", without_address, "nsec3-type-absent", denial="NSEC3"),
    fault(CAUSE, "nsec3-parent-side", "The NSEC3 record looks like the parent's: it lists NS and no SOA.", AT_APEX,
          seen_from_the_parent, "nsec3-not-from-above", denial="NSEC3"),
    # NSEC3PARAM
    fault(CAUSE, "nsec3param-missing", "There is no NSEC3PARAM record, so the servers send no NSEC3.", THE_PARAM,
          without_param, "denial-received", question=a_missing_name, denial="NSEC3"),
    fault(CAUSE, "bad-nsec3param-salt", "The NSEC3PARAM record has another salt, so the servers send the wrong NSEC3.",
          THE_PARAM, with_wrong_salt, "nsec3-closest-encloser", question=a_missing_name, denial="NSEC3"),
    fault(CAUSE, "no-nsec3param-nsec3", "There are neither NSEC3 nor NSEC3PARAM records.",
          "the NSEC3 and NSEC3PARAM records", lambda s: s.with_zone(
              without_types(s.zone, rdatatype.NSEC3, rdatatype.NSEC3PARAM)), "denial-received",
          question=a_missing_name, denial="NSEC3"),
    # Numbers
    *map(iterated, (0, 1, 50, 51, 100, 101, 150, 151, 200)),
    fault(CAUSE, "nsec3-unknown-hash", "The NSEC3 records name the hash algorithm 2, which is not defined.", ALL_NSEC3,
          each_record(rdatatype.NSEC3, lambda rrset: altered(rrset, algorithm=2)), "nsec3-usable",
          question=a_missing_name, denial="NSEC3"),
    # BIND 9.18 takes this one, against RFC 5155 §8.2.
    fault(CAUSE, "nsec3-unknown-flag", "The NSEC3 records have a flag set that is not defined.", ALL_NSEC3,
          each_record(rdatatype.NSEC3, lambda rrset: altered(rrset, flags=2)), "nsec3-usable",
          question=a_missing_name, denial="NSEC3"),
    # Opt-Out
    fault(CAUSE, "nsec3-opt-out", "The gaps have Opt-Out, so that absence in them is not proven.", ALL_NSEC3,
          lambda s: replace(s, denial=Nsec3(opt_out=True)).with_content(), "opt-out",
          status=INSECURE, question=a_missing_name, denial="NSEC3"),
    fault(CAUSE, "nsec3-opt-out-flag", "An unsigned child zone has no NSEC3 record, and the gap it lies in no Opt-Out.",
          ALL_NSEC3, each_record(rdatatype.NSEC3, lambda rrset: altered(rrset, flags=0)), "nsec3-opt-out",
          question=below_the_hidden_child, denial="NSEC3", prepare=with_hidden_child),
)  # fmt: skip
