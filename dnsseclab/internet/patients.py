"""The patients of the clinic: ten zones for every seed, each in a small Internet of its own, each with one fault.

It knows: the wards from which patients are drawn, how they are broken, and which private keys their owners still have.
It must not know: what a cause is called, and how anybody is healed.
Names, keys and addresses come from the SHA-256 of the seed, so that nobody's patients are anybody else's.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from itertools import count
from types import MappingProxyType
from typing import cast

from dns.name import Name, root
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rrset import RRset

from ..authority.keys import Key, make_key
from ..authority.signing import add_ds, sign_zone
from ..authority.zones import Zone, make_rrset
from ..protocol.messages import Question
from ..protocol.names import show_name
from .clinic import last_weeks_copy
from .faults import FAULTS
from .gallery.fault import the_address
from .gallery.specimen import Specimen
from .ladder_world import ALGORITHM, BANKS, TOP, Dice, address_record, below, name_servers, start_of_authority
from .worlds import DAY, NOW, Server, World

OUT_OF_STEP, NO_PRIVATE_KSK = "out-of-step", "no-ksk, lost"  # what the gallery does not have

# One patient of every ward; each list is one cause, in its forms.
WARDS: tuple[tuple[tuple[str, ...], ...], ...] = (
    (("rrsig-exp-all", "rrsig-exp-a"), ("rrsig-not-yet-all", "rrsig-not-yet-a")),
    (("ds-bad-tag", "ds-bogus-digest-value", "bad-ksk"),),
    (("no-ksk", NO_PRIVATE_KSK),),
    (("no-zsk", "bad-zsk"), ("no-rrsig-ksk", "no-rrsig-dnskey")),
    (("no-dnskey-256", "ds-names-no-zone-key"), ("revoked-ksk",)),
    (("ds-unassigned-key-algo", "ds-reserved-key-algo", "dsa", "rsamd5"),),
    ((OUT_OF_STEP,), ("allow-query-none",)),
    (("nsec-missing",), ("rrsig-no-a",)),
    (("changed-after-signing",), ("ds-rrsig-exp",), ("rrsig-signer-parent",)),
    (("valid", "ds-extra", "rrsig-by-ksk"), ("no-ds",), ("no-dnskey",)),
)


@dataclass(frozen=True, eq=False)  # a patient is itself
class Patient:
    """A zone that somebody has brought in, and what its owner has."""

    zone: Name
    question: Question  # what does not work
    world: World = field(repr=False)
    store: tuple[Key, ...] = field(repr=False)  # the owner's private keys: what the zone can be signed with
    fault: str = field(repr=False)  # not for the eyes of who has to find it

    @property
    def name(self) -> str:
        """Return the zone's name as people write it."""
        return show_name(self.zone)

    @property
    def parent(self) -> Name:
        """Return the zone that delegates this one."""
        return TOP


@lru_cache(16)
def patients(seed: str) -> tuple[Patient, ...]:
    """Return the ten patients of one learner.

    Args:
        seed: Any text. The same text gives the same patients, on any computer and Python.
    """
    dice = Dice(f"clinic/{seed}")
    faults = [dice.order(dice.order(map("/".join, ward))[0].split("/"))[0] for ward in WARDS]
    zones = [dice.zone([kind]) for kind in BANKS]
    return tuple(admit(zone, fault, seed) for zone, fault in zip(zones, dice.order(faults), strict=True))


def admit(zone: Name, fault: str, seed: str, now: int = NOW) -> Patient:
    """Return a zone with one fault: one of the gallery's, or one of the two above.

    Args:
        now: Its present, in epoch seconds.
    """
    healthy = Specimen(_healthy(zone, seed, now), zone, "NSEC")
    store = healthy.world.keys[zone]
    if fault == OUT_OF_STEP:
        return Patient(zone, the_address(zone), _out_of_step(healthy.world, zone, seed), store, fault)
    if fault == NO_PRIVATE_KSK:
        return replace(admit(zone, "no-ksk", seed, now), store=store[1:], fault=fault)
    shown = FAULTS[fault]
    broken = shown.make(shown.prepare(healthy)).world
    return Patient(zone, shown.question(zone), broken, STORES.get(fault, lambda _: store)(healthy), fault)


# Whose owner has other keys than the healthy zone's: new ones, that the parent does not know of, or fewer.
STORES: dict[str, Callable[[Specimen], tuple[Key, ...]]] = {
    "bad-ksk": lambda s: (s.stranger("KSK"), s.zsk),
    "bad-zsk": lambda s: (s.ksk, s.stranger("ZSK")),
    "revoked-ksk": lambda s: (s.zsk,),  # whoever revokes a key has thrown it away
    "dsa": lambda s: _renumbered(s, 3),
    "rsamd5": lambda s: _renumbered(s, 1),
}


def _renumbered(s: Specimen, algorithm: int) -> tuple[Key, ...]:
    """Return the zone's keys as the gallery publishes them: keys of an algorithm that nobody uses any more."""
    keys = (s.ksk, s.zsk)
    return tuple(replace(key, dnskey=cast(DNSKEY, key.dnskey.replace(algorithm=algorithm))) for key in keys)


def _out_of_step(world: World, zone: Name, seed: str) -> World:
    """Return a world in which one of the zone's two servers has missed the transfers of a week."""
    server = Dice(f"clinic/{seed}/step").order(each.address for each in world.servers if each.zones[0] == zone)[0]
    return world.with_outdated(server, last_weeks_copy(world, zone))


# ---- healthy worlds


def _healthy(zone: Name, seed: str, now: int) -> World:
    """Return a world of three signed zones: the root, the parent, and this one."""
    drawn = 1 + Dice(f"clinic/{seed}").private(f"addresses of {zone}")[0] % 80
    first, second, apex = (f"198.51.100.{3 * drawn + each}" for each in range(3))
    servers = (Server(below(zone, "ns1"), first, (zone,)), Server(below(zone, "ns2"), second, (zone,)))
    root_zone, root_keys, top_zone, top_keys = _above(now)
    keys = _key_pair(zone, seed)
    way = _way_to(servers)
    top = add_ds(top_zone.with_rrsets(*way), keys[0])
    zones = {
        root: root_zone,
        TOP: _signed(top, top_keys, now),
        zone: _signed(_zone(servers, way, address_record(zone, apex)), keys, now),
    }
    all_keys = {root: root_keys, TOP: top_keys, zone: keys}
    anchor = make_rrset(root, 2 * DAY, root_keys[0].ds())
    running = (_ROOT_SERVER, _TOP_SERVER, *servers)
    return World("clinic", MappingProxyType(zones), MappingProxyType(all_keys), running, now, (anchor,))


_ROOT_SERVER = Server(Name((b"root-server", b"")), "192.0.2.1", (root,))
_TOP_SERVER = Server(Name((b"example-server", b"")), "192.0.2.12", (TOP,))


@cache
def _above(now: int) -> tuple[Zone, tuple[Key, ...], Zone, tuple[Key, ...]]:
    """Return the root and its keys, and the parent, still unsigned, and its keys: the same ones for all patients."""
    keys, top_keys = _key_pair(root, "clinic"), _key_pair(TOP, "clinic")
    signed = _signed(
        add_ds(_zone((_ROOT_SERVER,), _way_to((_ROOT_SERVER,)), *_way_to((_TOP_SERVER,))), top_keys[0]), keys, now
    )
    return signed, keys, _zone((_TOP_SERVER,), _way_to((_TOP_SERVER,))), top_keys


def _key_pair(zone: Name, seed: str) -> tuple[Key, ...]:
    """Return a KSK and a ZSK whose tags differ: the clinic calls keys by their tags."""
    for number in count():
        ksk, zsk = (make_key(zone, role, ALGORITHM, seed=f"{seed}/{number}") for role in ("KSK", "ZSK"))
        if ksk.tag != zsk.tag:
            return ksk, zsk
    raise AssertionError("count() never ends")


def _signed(zone: Zone, keys: tuple[Key, ...], now: int) -> Zone:
    return sign_zone(zone, keys, inception=now - DAY, expiration=now + 6 * DAY)


def _zone(servers: tuple[Server, ...], way: list[RRset], *records: RRset) -> Zone:
    """Return an unsigned zone: its SOA, the way to its servers as far as that is its own, and these records."""
    origin, soa = servers[0].zones[0], start_of_authority(servers[0], serial=2026112400)
    return Zone(origin, [soa, *(rrset for rrset in way if rrset.name.is_subdomain(origin)), *records])


def _way_to(servers: tuple[Server, ...]) -> list[RRset]:
    """Return the NS RRset of a zone and its servers' addresses: in the zone itself, and as a delegation above it."""
    addresses = [address_record(server.name, server.address) for server in servers]
    return [name_servers(servers[0].zones[0], *servers), *addresses]
