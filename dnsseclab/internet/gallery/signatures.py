"""Faults in the signatures over a zone's data: the moment, one field, or the data itself.

It knows: how each field of an RRSIG can be wrong; what is wrong is really signed, except where no signer could.
It must not know: which check finds it first, beyond the rule on the label.
Follows RFC 4034 §3.1 (the fields), RFC 4035 §5.3 (what is asked of them), RFC 6840 §5.4 (any one suffices).
"""

from collections.abc import Callable

import dns.rrset
from dns import rdatatype
from dns.name import Name
from dns.rdtypes.ANY.RRSIG import RRSIG

from ...authority.keys import Key
from ...authority.zones import make_rrset
from ...protocol.dnssec import label_count
from ..worlds import DAY
from .fault import Cause, Change, Fault, fault, harmless
from .specimen import Specimen, without_types

CAUSE = Cause.SIGNATURE
THE_A = "the RRSIG over the A RRset of the zone's own name"
ALL = "every RRSIG of the zone"
UNASSIGNED = 100  # an algorithm number that stands for nothing

Fields = Callable[[Specimen], dict[str, object]]


# --- tools


def over_the_address(fields: Fields) -> Change:
    """Return a change that gives the RRSIG over the address other values."""
    return lambda s: s.with_rrsets(s.sign(s.address, **fields(s)))


def over_everything(fields: Fields) -> Change:
    """Return a change that gives every RRSIG of the zone other values."""
    return lambda s: s.with_zone(s.signed_again(s.zone, fields=fields(s)))


def beside_the_good_one(other: Callable[[Specimen], RRSIG]) -> Change:
    """Return a change that puts one more RRSIG over the address."""
    return lambda s: s.with_rrsets(make_rrset(s.name, s.address.ttl, other(s), *s.sign(s.address)))


# --- the moment


def expired(s: Specimen) -> dict[str, object]:
    """The signer stopped working a month ago."""
    return {"inception": s.world.now - 30 * DAY, "expiration": s.world.now - DAY}


def early(s: Specimen) -> dict[str, object]:
    """The signer's clock is a year ahead."""
    return {"inception": s.world.now + 365 * DAY, "expiration": s.world.now + 372 * DAY}


def backwards(s: Specimen) -> dict[str, object]:
    """The two moments are exchanged."""
    return {"inception": s.world.expiration, "expiration": s.world.inception}


def for_an_instant(s: Specimen) -> dict[str, object]:
    """It holds for the present second only: both ends belong to the time."""
    return {"inception": s.world.now, "expiration": s.world.now}


# --- one field


def signed_by_parent(s: Specimen) -> dict[str, object]:
    return {"signer": s.parent.origin}


def signed_by_other_zone(s: Specimen) -> dict[str, object]:
    return {"signer": Name((b"other", *s.parent.origin.labels))}


def with_fewer_labels(s: Specimen) -> dict[str, object]:
    """As if the address came from a wildcard."""
    return {"labels": label_count(s.name) - 1}


def too_many_labels(s: Specimen) -> Specimen:
    """Write a number that no signer can sign for: which labels should it sign?"""
    counted = s.sign(s.address)[0].replace(labels=label_count(s.name) + 1)
    return s.with_rrsets(make_rrset(s.name, s.address.ttl, counted))


def other_type(s: Specimen) -> Specimen:
    """Sign the address, and say that it is the zone's mail servers: nobody finds the signature beside the address."""
    misnamed = s.sign(s.address, type_covered=rdatatype.MX)
    return s.with_zone(s.zone.without(s.name, rdatatype.RRSIG, covers=rdatatype.A)).with_rrsets(misnamed)


def with_other_ttl(factor: float) -> Fields:
    return lambda s: {"original_ttl": int(s.address.ttl * factor)}


def with_other_tag(s: Specimen) -> dict[str, object]:
    taken = {key.tag for key in s.world.keys[s.name]}
    return {"key_tag": next(tag % 65536 for tag in range(s.zsk.tag + 1, s.zsk.tag + 9) if tag % 65536 not in taken)}


def with_other_algorithm(s: Specimen) -> dict[str, object]:
    return {"algorithm": another_algorithm(s.zsk)}


def another_algorithm(key: Key) -> int:
    """Return the number of an algorithm that everybody supports, and that is not the key's."""
    return 14 if key.algorithm == 13 else 13


def by_a_stranger(s: Specimen) -> RRSIG:
    """Return a signature by an unknown key that goes by the ZSK's tag."""
    return s.sign(s.address, s.stranger(), key_tag=s.zsk.tag)[0]


# --- the data


def moved(s: Specimen) -> Specimen:
    """Give the zone's own name another address, and forget to sign it."""
    return s.with_rrsets(dns.rrset.from_text(s.name, s.address.ttl, "IN", "A", "192.0.2.91"))


def by_the_ksk(s: Specimen) -> Specimen:
    return s.with_rrsets(s.sign(s.address, s.ksk))


FAULTS: tuple[Fault, ...] = (
    # The moment. Names as in the public testbed: '-all' is every signature, '-a' only the one over the address.
    fault(CAUSE, "rrsig-exp-all", "All signatures have expired.", ALL,
          over_everything(expired), "signature-not-expired"),
    fault(CAUSE, "rrsig-exp-a", "The signature over the address has expired.", THE_A,
          over_the_address(expired), "signature-not-expired"),
    fault(CAUSE, "rrsig-not-yet-all", "No signature is valid yet.", ALL,
          over_everything(early), "signature-not-early"),
    fault(CAUSE, "rrsig-not-yet-a", "The signature over the address is not valid yet.", THE_A,
          over_the_address(early), "signature-not-early"),
    fault(CAUSE, "rrsig-exp-before-all", "All signatures end before they begin.", ALL,
          over_everything(backwards), "validity-order"),
    fault(CAUSE, "rrsig-exp-before-a", "The signature over the address ends before it begins.", THE_A,
          over_the_address(backwards), "validity-order"),
    harmless(CAUSE, "rrsig-instant", "The signature over the address begins and ends in the present second.", THE_A,
             over_the_address(for_an_instant), "Sign for longer: the next second it will have expired."),
    # No signature
    fault(CAUSE, "rrsig-no-all", "The zone has its keys and its NSEC records, but no signature.", ALL,
          lambda s: s.with_zone(without_types(s.zone, rdatatype.RRSIG)), "signature-present"),
    fault(CAUSE, "rrsig-no-a", "The address has no signature.", THE_A,
          lambda s: s.with_zone(s.zone.without(s.name, rdatatype.RRSIG, covers=rdatatype.A)), "signature-present"),
    fault(CAUSE, "rrsig-type-covered", "The signature over the address says that it covers MX.", THE_A,
          other_type, "signature-present"),
    # One field
    fault(CAUSE, "rrsig-signer-parent", "The address is signed by the zone's key in the parent's name.", THE_A,
          over_the_address(signed_by_parent), "signer-is-zone"),
    fault(CAUSE, "rrsig-signer-other", "The address is signed by the zone's key in the name of another zone.", THE_A,
          over_the_address(signed_by_other_zone), "signer-encloses-name"),
    fault(CAUSE, "rrsig-labels-more", "The signature over the address counts more labels than the name has.", THE_A,
          too_many_labels, "label-count"),
    fault(CAUSE, "rrsig-labels-fewer", "The signature over the address counts fewer labels, as of a wildcard.", THE_A,
          over_the_address(with_fewer_labels), "nothing-closer"),
    fault(CAUSE, "rrsig-key-tag", "The signature over the address names a key tag that no key has.", THE_A,
          over_the_address(with_other_tag), "key-found"),
    fault(CAUSE, "rrsig-algorithm-other", "The signature over the address names another algorithm than its key.",
          THE_A, over_the_address(with_other_algorithm), "key-found"),
    fault(CAUSE, "rrsig-algorithm-unassigned", f"The signature over the address names the algorithm {UNASSIGNED}.",
          THE_A, over_the_address(lambda s: {"algorithm": UNASSIGNED}), "signature-algorithm-supported"),
    harmless(CAUSE, "rrsig-ttl-bigger", "The address is sent with a smaller TTL than it was signed with.", THE_A,
             over_the_address(with_other_ttl(2)), "None: a cache hands it on like this all the time."),
    harmless(CAUSE, "rrsig-ttl-smaller", "The address is sent with a bigger TTL than it was signed with.", THE_A,
             over_the_address(with_other_ttl(0.5)), "None: a validator keeps it for the time that was signed."),
    # The key, and the data
    fault(CAUSE, "rrsig-stranger", "The address is signed by an unknown key that goes by the ZSK's tag.", THE_A,
          lambda s: s.with_rrsets(make_rrset(s.name, s.address.ttl, by_a_stranger(s))), "signature-verifies"),
    fault(CAUSE, "changed-after-signing", "The address was changed, and not signed again.",
          "the A RRset of the zone's own name", moved, "signature-verifies"),
    harmless(CAUSE, "rrsig-by-ksk", "The address is signed by the KSK: the two roles are the owner's own rule.", THE_A,
             by_the_ksk),
    # BIND 9.18 gives up after one failed check: its answer to KeyTrap.
    harmless(CAUSE, "rrsig-one-wrong", "The address has a wrong signature beside a good one.", THE_A,
             beside_the_good_one(by_a_stranger), "Remove the wrong one: it only costs time."),
    harmless(CAUSE, "rrsig-one-unknown", f"The address has a signature of algorithm {UNASSIGNED} beside a good one.",
             THE_A, beside_the_good_one(lambda s: s.sign(s.address, algorithm=UNASSIGNED)[0])),
)  # fmt: skip
