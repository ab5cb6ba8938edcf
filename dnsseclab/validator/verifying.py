"""Verifying one RRset with the keys of the zone that contains it.

It knows: a zone whose keys are proven, and an RRset with its signatures.
It must not know: how the zone came to be proven, or what follows from the result.
Follows RFC 4035 §5.3, §5.3.3 (TTL); RFC 6840 §5.4 (any one good signature suffices).
"""

from collections.abc import Sequence
from typing import NamedTuple

from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.ANY.RRSIG import RRSIG

from ..protocol import dnssec
from ..protocol.made_rdata import with_ttl
from ..protocol.trust import Item, Link, LinkStatus, ProvenZone, Verb
from . import boxes
from .case import Case
from .public_keys import key_tag
from .records import SignedSet
from .signatures import ALL_RULES, Attempt, Rules, furthest, try_all


class Verified(NamedTuple):
    """An RRset whose signature holds."""

    found: SignedSet
    rrsig: RRSIG
    links: tuple[Link, ...]  # from the trust anchor to its box
    ttl: int  # seconds for which it may be kept (RFC 4035 §5.3.3)
    failed: tuple[RRSIG, ...]  # signatures that were tried before and failed

    @property
    def expanded(self) -> bool:
        """Return whether it was made from a wildcard: fewer labels are signed than its name has (§5.3.4)."""
        return self.rrsig.labels < dnssec.label_count(self.found.rrset.name)


class Verifying(Case):
    """The steps that deal with one RRset."""

    def verify(self, found: SignedSet, zone: ProvenZone, box: Item) -> Verified:
        """Verify an RRset; its box is where the link leads.

        Raises:
            Broken: No signature holds. The link that failed is the attempt that came furthest.
        """
        keys = [key for key in zone.keys if isinstance(key, DNSKEY)]
        tried = try_all(found, zone.zone, keys, self.rules(), self.now, self.policy, self.work)
        if tried[-1].passed:
            return self.verified(found, zone, box, tried)
        failed = furthest(tried)
        source = signing_key(zone, named_key(zone, failed))
        path = boxes.path_to(zone, source)
        raise self.broken(path, source, Verb.SIGNS, box, failed.checks, failed.rrsig)

    def rules(self) -> Rules:
        """Return the checks of RFC 4035 §5.3.1, in its order."""
        return ALL_RULES

    def verified(self, found: SignedSet, zone: ProvenZone, box: Item, tried: Sequence[Attempt]) -> Verified:
        """Return what an RRset's good signature, the last one tried, says of it; only that one counts for anything."""
        *failed, good = tried
        assert good.rrsig is not None
        ttl = self.ttl_cap(found, good.rrsig)
        links: list[Link] = []
        for attempt in tried:
            source = signing_key(zone, named_key(zone, attempt))
            status = LinkStatus.PASSED if attempt is good else LinkStatus.NOT_USED
            expires = self.now + ttl if attempt is good else None
            links += boxes.path_to(zone, source)
            links.append(Link(source, Verb.SIGNS, box, status, attempt.checks, attempt.rrsig, expires))
        # With two keys of one tag, the good signature may have failed with the other key before: it is not useless.
        useless = tuple(attempt.rrsig for attempt in failed if attempt.rrsig and attempt.rrsig != good.rrsig)
        # One attempt takes one way to its key, so only several repeat a link.
        return Verified(found, good.rrsig, boxes.once(links) if failed else tuple(links), ttl, useless)

    def keep_for_others(self, found: SignedSet, ttl: int) -> None:
        """Keep a DS, its denial, or a DNSKEY RRset, with its signatures: other answers hang from it as well."""
        self.vouching += (with_ttl(rrset, ttl) for rrset in (found.rrset, found.rrsigs) if rrset is not None)

    def ttl_cap(self, found: SignedSet, rrsig: RRSIG) -> int:
        """Return for how many seconds an RRset may be kept: the least of four numbers (RFC 4035 §5.3.3)."""
        left = dnssec.seconds_until(rrsig.expiration, self.now)
        received = found.rrsigs.ttl if found.rrsigs is not None else 0
        return max(0, min(found.rrset.ttl, received, rrsig.original_ttl, left))


def signing_key(zone: ProvenZone, key: DNSKEY | None = None) -> Item:
    """Return the box of a zone's key; without one, of the key that should have signed data."""
    items = boxes.keys_of(zone)
    if key is not None:
        return next(item for item in items if item.rdatas[0] is key)
    return next((item for item in items if item.role != "KSK"), items[0])


def named_key(zone: ProvenZone, attempt: Attempt) -> DNSKEY | None:
    """Return the key that a signature was tried with, or at least names."""
    keys = (key for key in zone.keys if isinstance(key, DNSKEY))
    named = (key for key in keys if attempt.rrsig and key_tag(key) == attempt.rrsig.key_tag)
    return attempt.key or next(named, None)
