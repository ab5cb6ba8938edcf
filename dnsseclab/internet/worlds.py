"""Ready-made toy Internets: zones, the servers that hold them, keys, and the moment at which it all plays.

It knows which zones exist, who serves them, and which of them are signed and connected.
It must not know resolvers or attackers; what a former address is worth to one is shown elsewhere.
Addresses are of RFC 5737 and RFC 3849, for documentation: nothing can leave this machine.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType

import dns.rrset
from dns import rdatatype
from dns.name import Name, root
from dns.rrset import RRset

from ..authority.keys import Key, algorithm_number, make_key
from ..authority.nsec3 import Nsec3
from ..authority.server import AuthoritativeServer
from ..authority.signing import add_ds, sign_rrset, sign_zone
from ..authority.zones import Zone, make_rrset
from ..protocol.dnssec import epoch
from ..protocol.names import LabError, ancestors, show_name, to_name, to_type

# Epoch seconds. The toy Internet's time stands still, so no signature ever expires between two semesters.
NOW = epoch("20261124120000")
DAY = 86400  # seconds

RESOLVER_ADDRESS = "192.0.2.53"
VICTIM_ADDRESS = "192.0.2.99"
ATTACKER_SITE = "203.0.113.66"
ATTACKER_NETWORK = "203.0.113."

ZONES_FOLDER = Path(__file__).parent / "zones"
ZONE_NAMES = tuple(to_name(name) for name in (".", "com", "example", "foundry81.com", "bank.example", "harbor.example"))
UNSIGNED = to_name("harbor.example")

# Where these names pointed to until they moved, days ago. The old addresses were let go, and the attacker took them.
FORMER_ADDRESSES = {
    to_name("www.bank.example"): "203.0.113.20",
    to_name("bank.example"): "203.0.113.20",
    to_name("www.foundry81.com"): "203.0.113.80",
    to_name("foundry81.com"): "203.0.113.80",
    to_name("www.harbor.example"): "203.0.113.30",
}


@dataclass(frozen=True)
class Server:
    """An authoritative server: its name, its address, and the zones that it serves, its main one first."""

    name: Name
    address: str
    zones: tuple[Name, ...]


@dataclass(frozen=True)
class World:
    """A toy Internet, standing still. Changing something gives another one."""

    name: str
    zones: Mapping[Name, Zone]
    keys: Mapping[Name, tuple[Key, ...]]  # every zone has keys; whether it uses them is another matter
    servers: tuple[Server, ...]
    now: int  # epoch seconds
    trust_anchors: tuple[RRset, ...] = ()  # the root's DS, if the root is signed
    denial: str | Nsec3 = "NSEC"  # how its signed zones prove absence
    outdated: Mapping[str, Zone] = field(default_factory=dict)  # {address: the copy that a server has not renewed}

    @property
    def inception(self) -> int:
        """Return when this world's signatures begin to hold, in epoch seconds."""
        return self.now - DAY

    @property
    def expiration(self) -> int:
        """Return when this world's signatures cease to hold, in epoch seconds."""
        return self.now + 6 * DAY

    @property
    def root_hints(self) -> dict[str, list[str]]:
        """Return the root's servers and their addresses: what a resolver knows beforehand."""
        hints: dict[str, list[str]] = {}
        for server in self.servers:
            if root in server.zones:
                hints.setdefault(show_name(server.name), []).append(server.address)
        return hints

    def zone(self, name: str | Name) -> Zone:
        """Return one zone.

        Raises:
            LabError: This world has no such zone.
        """
        found = self.zones.get(to_name(name))
        if found is None:
            there = ", ".join(map(show_name, self.zones))
            raise LabError(f"This world has no zone {name}; it has {there}.")
        return found

    def zone_of(self, name: str | Name, rdtype: str | int = rdatatype.A) -> Zone:
        """Return the zone that speaks for a name; for DS, the parent's side of the cut."""
        owner = to_name(name)
        if to_type(rdtype) == rdatatype.DS and owner != root:
            owner = owner.parent()
        return next(self.zones[above] for above in ancestors(owner) if above in self.zones)

    def truth(self, name: str | Name, rdtype: str | int) -> RRset | None:
        """Return what the owner's zone says, whatever anybody is told; None if it says nothing."""
        return self.zone_of(name, rdtype).get(name, rdtype)

    def server_at(self, address: str) -> AuthoritativeServer | None:
        """Return the server at an address, or None if nobody is there."""
        return self._running.get(address)

    def label(self, address: str) -> str:
        """Return who has an address, for stories: "bank's server", "resolver", "attacker"."""
        if address.startswith(ATTACKER_NETWORK):
            return "attacker"
        return self._who.get(address, address)

    def with_zone(self, zone: Zone, *keys: Key) -> "World":
        """Return a world in which a zone has this content; `keys` are its new keys, if it has any."""
        self.zone(zone.origin)
        zones = {**self.zones, zone.origin: zone}
        keys_now = {**self.keys, zone.origin: keys} if keys else self.keys
        return replace(self, zones=MappingProxyType(zones), keys=MappingProxyType({**keys_now}))

    def with_ds(self, *child_keys: Key) -> "World":
        """Return a world in which the parent has taken up a child's DS, and has signed itself anew if it is signed."""
        if not child_keys:
            raise LabError("Give at least one key to vouch for.")
        parent = self.zone_of(child_keys[0].zone, rdatatype.DS)
        changed = add_ds(parent, *child_keys)
        return self.with_zone(self.sign(changed) if is_signed(parent) else changed)

    def without_servers(self, zone: str | Name) -> "World":
        """Return a world in which every server of a zone is switched off."""
        name = self.zone(zone).origin
        return replace(self, servers=tuple(server for server in self.servers if name not in server.zones))

    def sign(self, zone: Zone) -> Zone:
        """Return a zone signed with its keys, in the manner and for the time of this world."""
        times = {"inception": self.inception, "expiration": self.expiration}
        return sign_zone(zone, self.keys[zone.origin], **times, denial=self.denial)

    def former_answer(self, name: str | Name, *, expired: bool) -> tuple[RRset, ...]:
        """Return the genuine A RRset that a name had before it moved, and its RRSIG if the zone is signed.

        The attacker recorded it then, and has the old address now.

        Args:
            expired: True: the signature has expired by now. False: it still holds for a day.
        """
        owner = to_name(name)
        if owner not in FORMER_ADDRESSES:
            raise LabError(
                f"{name} has always had its address; these have moved: {', '.join(map(show_name, FORMER_ADDRESSES))}."
            )
        zone = self.zone_of(owner)
        today = zone.get(owner, rdatatype.A)
        ttl = today.ttl if today else 3600
        rrset = dns.rrset.from_text(owner, ttl, "IN", "A", FORMER_ADDRESSES[owner])
        if not is_signed(zone):
            return (rrset,)
        ends = self.now + (-DAY if expired else DAY)
        signers = [key for key in self.keys[zone.origin] if key.role in ("ZSK", "CSK")]
        rrsigs = [sign_rrset(rrset, key, inception=ends - 7 * DAY, expiration=ends) for key in signers]
        return rrset, make_rrset(owner, ttl, *rrsigs)

    def with_outdated(self, address: str, zone: Zone) -> "World":
        """Return a world in which one server still has another copy of a zone: it missed the transfers since."""
        if zone.origin not in next((server.zones for server in self.servers if server.address == address), ()):
            raise LabError(f"No server at {address} serves {show_name(zone.origin)}: world.servers lists them all.")
        return replace(self, outdated={**self.outdated, address: zone})

    def synchronized(self) -> "World":
        """Return a world in which all servers of a zone have the same copy: today's."""
        return replace(self, outdated={})

    @cached_property
    def _running(self) -> dict[str, AuthoritativeServer]:
        running: dict[str, AuthoritativeServer] = {}
        for server in self.servers:
            copies = {name: self.zones[name] for name in server.zones}
            if stale := self.outdated.get(server.address):
                copies[stale.origin] = stale
            running[server.address] = _server_of(*copies.values())
        return running

    @cached_property
    def _who(self) -> dict[str, str]:
        who = {RESOLVER_ADDRESS: "resolver", VICTIM_ADDRESS: "victim"}
        for server in self.servers:
            zone = server.zones[0] if server.zones else server.name.parent()
            first = f"{'root' if zone == root else zone.labels[0].decode()}'s server"
            who[server.address] = first if first not in who.values() else first.replace("server", "second server")
        return who


def toy_internet(
    *,
    signed: bool | str | Iterable[str | Name] = True,
    connected: bool | str | Iterable[str | Name] = True,
    keys: str = "split",
    algorithm: str | int = "P-256",
    denial: str | Nsec3 = "NSEC",
    now: int = NOW,
    seed: str = "toy",
) -> World:
    """Build the toy Internet of the course.

    Args:
        signed: True: every zone but harbor.example. False: none. Or the names of the zones to sign.
        connected: True: every signed zone has its DS at its parent. False: none. Or the names of the zones whose DS
            the parent holds, even if they are not signed.
        keys: 'split': each zone has a KSK and a ZSK. 'single': a CSK.
        algorithm: Of all keys, as make_key takes it.
        denial: How signed zones prove absence, as sign_zone takes it.
        now: The world's present, in epoch seconds; signatures hold from a day before to six days after it.
        seed: Another text gives other keys.
    Raises:
        LabError: No such zone, kind of keys, or algorithm.
    """
    if keys not in ROLES:
        raise LabError(f"keys={keys!r}: use 'split' (a KSK and a ZSK) or 'single' (a CSK).")
    to_sign = _chosen(signed, [name for name in ZONE_NAMES if name != UNSIGNED])
    to_connect = _chosen(connected, to_sign) - {root}
    return _build(to_sign, to_connect, ROLES[keys], algorithm_number(algorithm), denial, now, seed)


@lru_cache(64)
def _server_of(*copies: Zone) -> AuthoritativeServer:
    """Return what answers from these copies, with all that it remembers: the same for every server that has just them.

    A world that differs from another one in a single zone keeps the servers of all others.
    """
    return AuthoritativeServer(copies)


@lru_cache(16)  # worlds don't change, and lessons ask for the same ones again and again
def _build(
    signed: frozenset[Name], connected: frozenset[Name], roles: tuple[str, ...], algorithm: int,
    denial: str | Nsec3, now: int, seed: str,
) -> World:  # fmt: skip
    keys = {name: tuple(make_key(name, role, algorithm, seed=seed) for role in roles) for name in ZONE_NAMES}
    zones = {name: _published(name) for name in ZONE_NAMES}
    world = World("toy Internet", MappingProxyType(zones), MappingProxyType(keys), SERVERS, now, denial=denial)
    for child in connected:
        parent = world.zone_of(child, rdatatype.DS).origin
        zones[parent] = add_ds(zones[parent], *_entry_points(keys[child]))
    zones.update({name: world.sign(zones[name]) for name in signed})
    anchors = [key.ds() for key in _entry_points(keys[root])] if root in signed else []
    return replace(world, trust_anchors=(make_rrset(root, 2 * DAY, *anchors),) if anchors else ())


def _entry_points(keys: tuple[Key, ...]) -> list[Key]:
    """Return the keys that a DS or a trust anchor names: those that sign the DNSKEY RRset."""
    return [key for key in keys if key.role in ("KSK", "CSK")]


ROLES = {"split": ("KSK", "ZSK"), "single": ("CSK",)}


def _servers(*lines: str) -> tuple[Server, ...]:
    """Read 'name address zone zone ...' lines."""
    words = [line.split() for line in lines]
    return tuple(Server(to_name(name), address, tuple(map(to_name, zones))) for name, address, *zones in words)


SERVERS = _servers(
    "a.root-servers     192.0.2.1      .",
    "b.root-servers     198.51.100.1   .",
    "a.nic.com          192.0.2.11     com",
    "a.nic.example      192.0.2.12     example",
    "b.nic.example      198.51.100.12  example harbor.example",
    "ns1.foundry81.com  192.0.2.81     foundry81.com",
    "ns2.foundry81.com  198.51.100.81  foundry81.com",
    "ns1.bank.example   192.0.2.21     bank.example",
    "ns2.bank.example   198.51.100.21  bank.example",
    "ns1.harbor.example 192.0.2.31     harbor.example",
)


def is_signed(zone: Zone) -> bool:
    """Return whether a zone publishes keys; whether anybody can trust them is another question."""
    return zone.get(zone.origin, rdatatype.DNSKEY) is not None


def _chosen(choice: bool | str | Iterable[str | Name], everything: Iterable[Name]) -> frozenset[Name]:
    """Return the zones that a switch stands for: all, none, or those named."""
    if isinstance(choice, bool):
        return frozenset(everything) if choice else frozenset()
    names = frozenset(to_name(name) for name in ([choice] if isinstance(choice, str) else choice))
    for name in names.difference(ZONE_NAMES):
        raise LabError(f"The toy Internet has no zone {name}; it has {', '.join(map(show_name, ZONE_NAMES))}.")
    return names


@cache
def _published(name: Name) -> Zone:
    """Return a zone as its master file has it: unsigned. Zones don't change, so one reading is enough."""
    return Zone.from_file(ZONES_FOLDER / f"{show_name(name)}.zone", name)
