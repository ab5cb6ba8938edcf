"""Faults in a zone's DNSKEY RRset, and in the signature over it.

It knows: which keys a zone publishes, which it signs with, and that these may differ.
It must not know: what the parent says, but for the DS of a key that was itself made wrongly.
Follows RFC 4034 §2.1 (flags, protocol, algorithm), RFC 4035 §5.2 and §5.3.1, RFC 5011 §2.1 (revocation).
"""

from dataclasses import replace
from typing import cast

from dns import rdatatype
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rrset import RRset

from ...authority.keys import Key
from ...authority.signing import dnskey_rrset
from ...authority.zones import make_rrset
from ...protocol.dnssec import REVOKED, ZONE_KEY
from .fault import Cause, Fault, fault
from .signatures import another_algorithm
from .specimen import Specimen, without_types

CAUSE = Cause.KEY
UNASSIGNED, RESERVED = 100, 200  # algorithm numbers
OVER_KEYS = "the RRSIGs over the DNSKEY RRset"
IN_KEYS = "the DNSKEY RRset, which is signed as it is"
ZSK_AND_RRSIGS = "the ZSK in the DNSKEY RRset, and the RRSIGs that name it"
KSK_AND_DS = "the KSK in the DNSKEY RRset, the RRSIG that names it, and the parent's DS"


# --- the signature over the keys


def signatures_over_keys(s: Specimen, *rrsigs: RRset) -> Specimen:
    """Return it with only these signatures over its keys."""
    if not rrsigs:
        return s.with_zone(s.zone.without(s.name, rdatatype.RRSIG, covers=rdatatype.DNSKEY))
    return s.with_rrsets(make_rrset(s.name, rrsigs[0].ttl, *(rdata for rrset in rrsigs for rdata in rrset)))


def signed_earlier(s: Specimen, *keys: Key) -> RRset:
    """Return signatures over the KSK alone: made before the ZSK was published."""
    return s.sign(dnskey_rrset([s.ksk], s.zone.soa.ttl), *keys)


def by_ksk_wrongly(s: Specimen) -> Specimen:
    return signatures_over_keys(s, signed_earlier(s, s.ksk), s.sign(s.get(rdatatype.DNSKEY), s.zsk))


# --- the keys themselves


def altered(key: Key, **fields: object) -> Key:
    """Return a key that publishes other values in its DNSKEY, and signs by them: its tag follows."""
    return replace(key, dnskey=cast(DNSKEY, key.dnskey.replace(**fields)))


def with_altered_zsk(s: Specimen, **fields: object) -> Specimen:
    zsk = altered(s.zsk, **fields)
    return s.with_keys(s.ksk, zsk, zsk=zsk)


def with_altered_ksk(s: Specimen, **fields: object) -> Specimen:
    ksk = altered(s.ksk, **fields)
    return s.with_keys(ksk, s.zsk, ksk=ksk).with_ds(ksk.ds())


def without_zone_key_bit(key: Key) -> dict[str, object]:
    return {"flags": int(key.dnskey.flags) & ~ZONE_KEY}


def no_zone_key_for_ksk(s: Specimen) -> Specimen:
    ksk = altered(s.ksk, **without_zone_key_bit(s.ksk))
    return s.with_keys(ksk, s.zsk, ksk=ksk)


def no_zone_key_at_all(s: Specimen) -> Specimen:
    ksk, zsk = (altered(key, **without_zone_key_bit(key)) for key in (s.ksk, s.zsk))
    return s.with_keys(ksk, zsk, ksk=ksk, zsk=zsk).with_ds(ksk.ds())


def wrong_number_for_zsk(s: Specimen) -> Specimen:
    return with_altered_zsk(s, algorithm=another_algorithm(s.zsk))


def revoked(s: Specimen) -> Specimen:
    return with_altered_ksk(s, flags=int(s.ksk.dnskey.flags) | REVOKED)


FAULTS: tuple[Fault, ...] = (
    # The signature over the keys
    fault(CAUSE, "no-rrsig-ksk", "Only the ZSK has signed the keys, not the KSK that the DS names.", OVER_KEYS,
          lambda s: signatures_over_keys(s, s.sign(s.get(rdatatype.DNSKEY), s.zsk)), "signed-by-trusted-key"),
    fault(CAUSE, "no-rrsig-dnskey", "The keys are not signed at all.", OVER_KEYS,
          signatures_over_keys, "signature-present"),
    fault(CAUSE, "bad-rrsig-ksk", "The KSK signed the keys before the ZSK was added; the ZSK's own signature is good.",
          OVER_KEYS, by_ksk_wrongly, "signature-verifies"),
    fault(CAUSE, "bad-rrsig-dnskey", "Both keys signed the keys before the ZSK was added.", OVER_KEYS,
          lambda s: signatures_over_keys(s, signed_earlier(s, s.ksk, s.zsk)), "signature-verifies"),
    # A key too few, or another one
    fault(CAUSE, "no-zsk", "The ZSK, which signs the data, is not published.", IN_KEYS,
          lambda s: s.with_keys(s.ksk), "key-found"),
    fault(CAUSE, "bad-zsk", "Another ZSK is published than the one that signs the data.", IN_KEYS,
          lambda s: s.with_keys(s.ksk, s.stranger("ZSK")), "key-found"),
    fault(CAUSE, "no-ksk", "The KSK, which the DS names, is not published.", IN_KEYS,
          lambda s: s.with_keys(s.zsk), "ds-tag-matches"),
    fault(CAUSE, "bad-ksk", "Another KSK is published than the one that the DS names.", IN_KEYS,
          lambda s: s.with_keys(s.stranger("KSK"), s.zsk, ksk=s.stranger("KSK")), "ds-tag-matches"),
    fault(CAUSE, "no-dnskey", "The zone is not signed any more, but the parent still has its DS.",
          "everything that signing adds", lambda s: s.with_zone(without_types(
              s.zone, rdatatype.DNSKEY, rdatatype.RRSIG, rdatatype.NSEC, rdatatype.NSEC3, rdatatype.NSEC3PARAM)),
          "dnskey-received"),
    # Flags and protocol
    fault(CAUSE, "no-dnskey-256", "The ZSK's Zone Key bit is clear.", ZSK_AND_RRSIGS,
          lambda s: with_altered_zsk(s, **without_zone_key_bit(s.zsk)), "zone-key-bit"),
    fault(CAUSE, "no-dnskey-257", "The KSK's Zone Key bit is clear, so it is not the key that the DS names.", IN_KEYS,
          no_zone_key_for_ksk, "ds-tag-matches"),
    # BIND 9.18 takes this one, against RFC 4035 §5.2.
    fault(CAUSE, "ds-names-no-zone-key", "The KSK's Zone Key bit is clear, and the DS names it as it is.", KSK_AND_DS,
          lambda s: with_altered_ksk(s, **without_zone_key_bit(s.ksk)), "zone-key-bit"),
    fault(CAUSE, "no-dnskey-256-257", "The Zone Key bit of both keys is clear.", "both keys, all RRSIGs, and the DS",
          no_zone_key_at_all, "zone-key-bit"),
    fault(CAUSE, "dnskey-protocol", "The ZSK's protocol is 2 and not 3.", ZSK_AND_RRSIGS,
          lambda s: with_altered_zsk(s, protocol=2), "key-protocol"),
    # Unbound 1.17 takes this one, against RFC 5011 §2.1.
    fault(CAUSE, "revoked-ksk", "The KSK is marked as revoked, and the DS names it as it is.", KSK_AND_DS,
          revoked, "key-not-revoked"),
    # Algorithm numbers
    fault(CAUSE, "bad-zsk-algo", "The ZSK bears the number of another algorithm.", ZSK_AND_RRSIGS,
          wrong_number_for_zsk, "key-readable"),
    fault(CAUSE, "unassigned-zsk-algo", f"The ZSK bears the algorithm number {UNASSIGNED}, which is not assigned.",
          ZSK_AND_RRSIGS, lambda s: with_altered_zsk(s, algorithm=UNASSIGNED), "signature-algorithm-supported"),
    fault(CAUSE, "reserved-zsk-algo", f"The ZSK bears the algorithm number {RESERVED}, which is reserved.",
          ZSK_AND_RRSIGS, lambda s: with_altered_zsk(s, algorithm=RESERVED), "signature-algorithm-supported"),
)  # fmt: skip
