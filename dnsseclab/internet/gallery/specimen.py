"""A specimen: one healthy zone of a toy Internet, with the tools to sign it, or its delegation, wrongly.

It knows: the zone's keys and its parent's, so that whatever is broken is really signed.
It must not know: which faults there are. Nothing changes in place: each tool gives another specimen.
Follows RFC 4035 §2 for what is signed by whom.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import cast

import dns.name
import dns.rrset
from dns import rdatatype
from dns.name import Name
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.DS import DS
from dns.rdtypes.ANY.RRSIG import RRSIG
from dns.rrset import RRset

from ...authority.keys import Key, make_key
from ...authority.nsec3 import Nsec3
from ...authority.signing import dnskey_rrset, replace_ds, seal, sign_rrset, sign_zone, unsign_zone
from ...authority.zones import Zone, make_rrset
from ...protocol.names import LabError, ancestors, show_name, to_name
from ..worlds import World, is_signed

NO_FIELDS: Mapping[str, object] = MappingProxyType({})
APEX_ADDRESS = "192.0.2.90"  # for a zone that has none: the gallery asks for the address of the zone's own name


@dataclass(frozen=True)
class Specimen:
    """One zone in its world: signed with a KSK and a ZSK, connected to its parent, and right."""

    world: World
    name: Name
    denial: str | Nsec3  # how the zone proves absence, as sign_zone takes it

    # --- what there is

    @property
    def zone(self) -> Zone:
        """Return the zone as it is served."""
        return self.world.zone(self.name)

    @property
    def parent(self) -> Zone:
        """Return the zone that delegates it."""
        return self.world.zone_of(self.name, rdatatype.DS)

    @property
    def ksk(self) -> Key:
        """Return the key that signs the DNSKEY RRset and that the DS names."""
        return self._key("KSK")

    @property
    def zsk(self) -> Key:
        """Return the key that signs everything else."""
        return self._key("ZSK")

    @property
    def address(self) -> RRset:
        """Return the A RRset at the apex: what most faults are shown by."""
        return self.get(rdatatype.A)

    def get(self, rdtype: RdataType) -> RRset:
        """Return an RRset of the apex that is known to be there."""
        found = self.zone.get(self.name, rdtype)
        assert found is not None
        return found

    def stranger(self, role: str = "ZSK") -> Key:
        """Return a key that the zone has never published."""
        return make_key(self.name, role, self.zsk.algorithm, seed="stranger")

    def _key(self, role: str) -> Key:
        return next(key for key in self.world.keys[self.name] if key.role == role)

    # --- what can be done to it

    def sign(self, rrset: RRset, *keys: Key, **fields: object) -> RRset:
        """Return the RRSIG RRset over an RRset, with these values in its fields, and signed over them.

        Args:
            keys: One RRSIG by each; none: the key that ought to sign.
            fields: Of the RRSIG, for example `expiration`; what is not given is right.
        """
        inception, expiration = self.world.inception, self.world.expiration
        rrsigs = []
        for key in keys or [self.ksk if rrset.rdtype == rdatatype.DNSKEY else self.zsk]:
            right = sign_rrset(rrset, key, inception=inception, expiration=expiration)
            rrsigs.append(seal(rrset, cast(RRSIG, right.replace(**fields)), key) if fields else right)
        return make_rrset(rrset.name, rrset.ttl, *rrsigs)

    def signed_again(
        self, zone: Zone, ksk: Key | None = None, zsk: Key | None = None, fields: Mapping[str, object] = NO_FIELDS
    ) -> Zone:
        """Return a zone with every signature made anew, by other keys or with other fields; its NSECs stay."""
        bare = without_types(zone, rdatatype.RRSIG)
        entry, other = ksk or self.ksk, zsk or self.zsk
        rrsigs = [
            self.sign(rrset, entry if rrset.rdtype == rdatatype.DNSKEY else other, **fields)
            for rrset in bare.authoritative_rrsets()
        ]
        return bare.with_rrsets(*rrsigs)

    def with_content(self, *rrsets: RRset) -> "Specimen":
        """Return it with these RRsets besides, signed anew by the rules."""
        content = unsign_zone(self.zone).with_rrsets(*rrsets)
        times = {"inception": self.world.inception, "expiration": self.world.expiration}
        return self.with_zone(sign_zone(content, (self.ksk, self.zsk), **times, denial=self.denial))

    def with_rrsets(self, *rrsets: RRset) -> "Specimen":
        """Return it with these RRsets, each in the place of one of the same name and type; nothing is signed."""
        return self.with_zone(self.zone.with_rrsets(*rrsets))

    def with_signed(self, rrset: RRset) -> "Specimen":
        """Return it with this RRset and a good signature over it."""
        return self.with_rrsets(rrset, self.sign(rrset))

    def with_keys(self, *published: Key, ksk: Key | None = None, zsk: Key | None = None) -> "Specimen":
        """Return it with these keys in its DNSKEY RRset, and everything signed by `ksk` and `zsk`."""
        keys = dnskey_rrset(published, self.zone.soa.ttl)
        return self.with_zone(self.signed_again(self.zone.with_rrsets(keys), ksk, zsk))

    def with_zone(self, zone: Zone) -> "Specimen":
        """Return it with another content of the zone."""
        return replace(self, world=self.world.with_zone(zone))

    def with_ds(self, *rdatas: DS) -> "Specimen":
        """Return it with these DS records at the parent, which has signed itself anew; none: without DS."""
        return self.with_zone(self.world.sign(replace_ds(self.parent, self.name, *rdatas)))


def prepare(world: World, zone: str | Name, denial: str | Nsec3 | None = None) -> Specimen:
    """Return a zone of a world as a healthy specimen.

    It is signed anew, also if it was unsigned, and its parent gets its DS. If it has a single key, it gets two; if
    its own name has no address, it gets one.

    Args:
        denial: How it proves absence, as sign_zone takes it. None: as everywhere in this world.
    Raises:
        LabError: No such zone, or nothing above it that could vouch for it.
    """
    name = to_name(zone)
    keys = _two_keys(name, world.keys[world.zone(name).origin])
    _check_chain_above(world, name)
    unsigned = Specimen(world.with_zone(world.zone(name), *keys), name, denial or world.denial)
    known = unsigned.zone.get(name, rdatatype.A)
    address = known or dns.rrset.from_text(name, 3600, "IN", "A", APEX_ADDRESS)
    return unsigned.with_content(address).with_ds(keys[0].ds())


def _two_keys(name: Name, keys: Iterable[Key]) -> tuple[Key, Key]:
    """Return a KSK and a ZSK: those that there are, or new ones of the same algorithm."""
    by_role = {key.role: key for key in keys}
    algorithm = next(iter(by_role.values())).algorithm
    ksk, zsk = (by_role.get(role) or make_key(name, role, algorithm, seed="specimen") for role in ("KSK", "ZSK"))
    return ksk, zsk


def _check_chain_above(world: World, name: Name) -> None:
    """Raise LabError unless a chain of trust leads to the zone's parent: else no fault could show."""
    if name == dns.name.root:
        raise LabError(
            "The root has no parent that could vouch for it: break another zone, for example 'bank.example'."
        )
    for above in (world.zones[each] for each in ancestors(name)[1:] if each in world.zones):
        known = bool(world.trust_anchors if above.origin == dns.name.root else world.truth(above.origin, rdatatype.DS))
        if not (is_signed(above) and known):
            raise LabError(
                f"{show_name(above.origin)} is not signed or not connected in this world, so nobody expects signatures "
                f"of {show_name(name)}, and none can be wrong: use toy_internet() as it comes."
            )


def without_types(zone: Zone, *rdtypes: RdataType) -> Zone:
    """Return a zone without all RRsets of some types; the signatures over them go as well."""
    gone = set(rdtypes)
    return kept(zone, lambda rrset: rrset.rdtype not in gone and rrset.covers not in gone)


def kept(zone: Zone, is_kept: Callable[[RRset], bool]) -> Zone:
    """Return a zone with some of its RRsets."""
    return Zone(zone.origin, filter(is_kept, zone.rrsets()))
