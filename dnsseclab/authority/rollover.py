"""A rollover: the keys of a zone, and what vouches for them, changed step by step while resolvers remember the past.

It knows the steps, what each leaves published, and how long it has to be waited after each.
It must not know resolvers: whether a plan is a good one is for a population of them to tell.
Follows RFC 6781 §4.1 and RFC 7583 §3 (which steps, in which order, with which waits), RFC 6781 §4.1.4 (algorithms),
RFC 7344 §4 (CDS and CDNSKEY), RFC 8078 §4 (asking for no DS any more).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from dns import rdataclass, rdatatype
from dns.name import Name
from dns.rdata import Rdata
from dns.rdtypes.ANY.CDNSKEY import CDNSKEY
from dns.rdtypes.ANY.CDS import CDS
from dns.rrset import RRset

from ..protocol.names import LabError, show_name
from .keys import Key
from .zones import Zone, make_rrset

Keys = tuple[Key, ...]
Step = tuple[str, int]  # what is done, and the seconds to wait after it
DELETE_CDS = CDS(rdataclass.IN, rdatatype.CDS, 0, 0, 0, b"\0")
DELETE_CDNSKEY = CDNSKEY(rdataclass.IN, rdatatype.CDNSKEY, 0, 3, 0, b"\0")


@dataclass(frozen=True)
class Publication:
    """What a zone and its parent publish about the zone's keys at one moment."""

    published: Keys  # the DNSKEY RRset
    signing: Keys  # whose signatures stand in the zone: KSKs over the DNSKEY RRset, ZSKs over the rest, CSKs over both
    ds: Keys  # those that the parent's DS RRset names


@dataclass(frozen=True)
class Timing:
    """What decides how long resolvers remember: all in seconds."""

    dnskey_ttl: int  # of the zone's DNSKEY RRset
    data_ttl: int  # the longest TTL in the zone
    ds_ttl: int  # of the DS RRset at the parent
    propagation: int = 300  # until the last server of the zone, or of its parent, has what was changed on the first

    @classmethod
    def of(cls, zone: Zone, parent: Zone, propagation: int = 300) -> "Timing":
        """Return the timing of a zone as it stands.

        Raises:
            LabError: The parent does not delegate the zone.
        """
        ds = parent.get(zone.origin, rdatatype.DS) or parent.get(zone.origin, rdatatype.NS)
        if ds is None:
            raise LabError(f"{show_name(parent.origin)} does not delegate {show_name(zone.origin)}.")
        keys = zone.get(zone.origin, rdatatype.DNSKEY) or zone.get(zone.origin, rdatatype.SOA)
        assert keys is not None
        return cls(keys.ttl, max(rrset.ttl for rrset in zone.authoritative_rrsets()), ds.ttl, propagation)

    @property
    def keys_forgotten(self) -> int:
        """Return after how long no resolver has an older DNSKEY RRset."""
        return self.dnskey_ttl + self.propagation

    @property
    def data_forgotten(self) -> int:
        """Return after how long no resolver has an older signature over data."""
        return self.data_ttl + self.propagation

    @property
    def ds_forgotten(self) -> int:
        """Return after how long no resolver has an older DS RRset."""
        return self.ds_ttl + self.propagation


def plan(name: str, timing: Timing) -> tuple[Step, ...]:
    """Return one of the plans by which no resolver goes dark, each step with the wait after it.

    Raises:
        LabError: There is no such plan.
    """
    if name not in PLANS:
        raise LabError(f"There is no plan {name!r}: use one of {', '.join(PLANS)}.")
    return PLANS[name](timing)


def follow(steps: Iterable[Step], before: Publication, new: Iterable[Key]) -> tuple[tuple[int, str, Publication], ...]:
    """Return what is published after each step: (seconds since the first step, the step, what stands then).

    Nobody asks whether this is wise: a plan may forget a step, or hurry.

    Args:
        before: What stands before the first step.
        new: The keys that come; the keys they replace are those of their roles in `before`.
    Raises:
        LabError: No such step, or a wait that is no number of seconds.
    """
    incoming = tuple(new)
    roles = {key.role for key in incoming} or {"KSK", "ZSK", "CSK"}
    outgoing = tuple(key for key in before.published if key.role in roles and key not in incoming)
    at, standing, stages = 0, before, []
    for step, wait in steps:
        if step not in STEPS:
            raise LabError(f"There is no step {step!r}: use some of {', '.join(STEPS)}.")
        if isinstance(wait, bool) or not isinstance(wait, int) or wait < 0:
            raise LabError(f"After {step!r} you wait {wait!r}: give a whole number of seconds, 0 or more.")
        standing = STEPS[step](standing, outgoing, incoming)
        stages.append((at, step, standing))
        at += wait
    return tuple(stages)


# ---- the steps -----------------------------------------------------------------------------------------------------


def _add(to: Keys, keys: Iterable[Key]) -> Keys:
    return (*to, *(key for key in keys if key not in to))


def _drop(of: Keys, keys: Keys) -> Keys:
    return tuple(key for key in of if key not in keys)


def _entries(keys: Keys) -> Keys:
    """Return the keys that sign the DNSKEY RRset, and that a DS can name."""
    return tuple(key for key in keys if key.role in ("KSK", "CSK"))


def _data(keys: Keys) -> Keys:
    """Return the keys that sign everything but the DNSKEY RRset."""
    return tuple(key for key in keys if key.role in ("ZSK", "CSK"))


def _publish(now: Publication, old: Keys, new: Keys) -> Publication:
    return replace(now, published=_add(now.published, new), signing=_add(now.signing, _entries(new)))


def _withdraw(now: Publication, old: Keys, new: Keys) -> Publication:
    return replace(now, published=_drop(now.published, old), signing=_drop(now.signing, _entries(old)))


def _sign_too(now: Publication, old: Keys, new: Keys) -> Publication:
    return replace(now, signing=_add(now.signing, _data(new)))


def _sign_no_more(now: Publication, old: Keys, new: Keys) -> Publication:
    return replace(now, signing=_drop(now.signing, _data(old)))


def _add_ds(now: Publication, old: Keys, new: Keys) -> Publication:
    return replace(now, ds=_add(now.ds, _entries(new)))


def _remove_ds(now: Publication, old: Keys, new: Keys) -> Publication:
    return replace(now, ds=_drop(now.ds, _entries(old)))


def _unsign(now: Publication, old: Keys, new: Keys) -> Publication:
    return replace(now, published=(), signing=())


def _two(first: Callable, second: Callable) -> Callable[[Publication, Keys, Keys], Publication]:
    return lambda now, old, new: second(first(now, old, new), old, new)


STEPS: Mapping[str, Callable[[Publication, Keys, Keys], Publication]] = MappingProxyType(
    {
        "publish the new key": _publish,  # a KSK or CSK signs the DNSKEY RRset from now on
        "sign with both keys": _sign_too,
        "sign with the new key only": _two(_sign_too, _sign_no_more),
        "withdraw the old key": _withdraw,
        "exchange the keys": _two(_publish, _withdraw),
        "add the new DS": _add_ds,
        "remove the old DS": _remove_ds,
        "exchange the DS": _two(_add_ds, _remove_ds),
        "withdraw all keys and signatures": _unsign,
    }
)

# ---- the plans -----------------------------------------------------------------------------------------------------

PLANS: Mapping[str, Callable[[Timing], tuple[Step, ...]]] = MappingProxyType(
    {
        "ZSK pre-publish": lambda t: (  # RFC 6781 §4.1.1.1
            ("publish the new key", t.keys_forgotten),
            ("sign with the new key only", t.data_forgotten),
            ("withdraw the old key", 0),
        ),
        "ZSK double signature": lambda t: (  # RFC 6781 §4.1.1.2
            ("publish the new key", 0),
            ("sign with both keys", max(t.keys_forgotten, t.data_forgotten)),
            ("sign with the new key only", 0),
            ("withdraw the old key", 0),
        ),
        "KSK double DS": lambda t: (  # RFC 6781 §4.1.2, RFC 7583 §3.3.2
            ("add the new DS", t.ds_forgotten),
            ("exchange the keys", t.keys_forgotten),
            ("remove the old DS", 0),
        ),
        "KSK double signature": lambda t: (  # RFC 6781 §4.1.2, RFC 7583 §3.3.1
            ("publish the new key", t.keys_forgotten),
            ("exchange the DS", t.ds_forgotten),
            ("withdraw the old key", 0),
        ),
        "algorithm": lambda t: (  # the conservative way of RFC 6781 §4.1.4: signatures first, and away last
            ("sign with both keys", t.data_forgotten),
            ("publish the new key", t.keys_forgotten),
            ("exchange the DS", t.ds_forgotten),
            ("withdraw the old key", t.keys_forgotten),
            ("sign with the new key only", 0),
        ),
        "going insecure": lambda t: (
            ("remove the old DS", t.ds_forgotten),
            ("withdraw all keys and signatures", 0),
        ),
    }
)

# ---- what the child tells its parent -------------------------------------------------------------------------------


def cds_rrsets(zone: Name, keys: Iterable[Key], ttl: int) -> tuple[RRset, RRset]:
    """Return the CDS and CDNSKEY RRsets by which a zone asks its parent for a DS RRset that names `keys`.

    They stand at the zone's apex, signed by a key that the present DS names; with no key they ask for no DS at all.
    Source: RFC 7344 §3 and §4; RFC 8078 §4.
    """
    wanted = tuple(keys)
    cds: list[Rdata] = [_as_cds(key) for key in wanted] or [DELETE_CDS]
    cdnskey: list[Rdata] = [_as_cdnskey(key) for key in wanted] or [DELETE_CDNSKEY]
    return make_rrset(zone, ttl, *cds), make_rrset(zone, ttl, *cdnskey)


def _as_cds(key: Key) -> CDS:
    ds = key.ds()
    return CDS(rdataclass.IN, rdatatype.CDS, ds.key_tag, ds.algorithm, ds.digest_type, ds.digest)


def _as_cdnskey(key: Key) -> CDNSKEY:
    public = key.dnskey
    return CDNSKEY(rdataclass.IN, rdatatype.CDNSKEY, public.flags, public.protocol, public.algorithm, public.key)
