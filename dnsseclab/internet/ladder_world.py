"""The ladder's battlefield: a small Internet of its own for every seed.

It knows: its zones, their keys and servers, and which private keys are in the attacker's hands.
It must not know: levels, mistakes, resolvers.
Names, keys and addresses come from the SHA-256 of the seed, so that one learner's packets are of no use in another's
world. Addresses are of RFC 5737; the attacker's are in 203.0.113.0/24. RFC 5011 §2.1: the revoked key signs as well.
"""

import hashlib
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache
from itertools import count
from types import MappingProxyType
from typing import NamedTuple, cast

import dns.rrset
from dns import rdataclass, rdatatype
from dns.name import Name, root
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.ANY.NS import NS
from dns.rdtypes.ANY.SOA import SOA
from dns.rdtypes.IN.A import A
from dns.rrset import RRset

from ..authority.keys import ALGORITHMS, ROLE_FLAGS, Key, algorithm_number, key_from_private
from ..authority.signing import add_ds, sign_zone
from ..authority.zones import Zone, make_rrset
from ..protocol.dnssec import DNSKEY_PROTOCOL, REVOKED, checksum
from ..protocol.messages import Question
from ..protocol.names import to_name
from .worlds import DAY, NOW, RESOLVER_ADDRESS, VICTIM_ADDRESS, Server, World

ALGORITHM = algorithm_number("P-256")
KSK_WITHOUT_KEY = struct.pack("!HBB", ROLE_FLAGS["KSK"], DNSKEY_PROTOCOL, ALGORITHM)  # its rdata up to the key
TTL = 3600  # seconds, of everything in these zones

TOP = to_name("example")
COLORS = ("amber", "azure", "coral", "ivory", "jade", "lilac", "maroon", "ochre", "olive", "pearl", "ruby", "teal")
BANKS = ("bank", "clinic", "court", "embassy", "grocer", "hotel", "insurance", "pharmacy", "savings", "university")
ARCHIVES = ("archive", "gallery", "library", "museum", "theatre", "zoo")
CLUBS = ("choir", "cycling", "gardens", "orchestra", "rowing", "scouts")
TRAPS = ("bargains", "casino", "lottery", "prizes", "tickets", "wins")
COUNTERS = ("about", "contact", "desk", "help", "info")  # before MEMBERS in the alphabet: they leave a gap behind them
MEMBERS = ("nell", "omar", "petra", "quinn", "rosa", "sven", "tilda", "ugo")


class Addresses(NamedTuple):
    """Who has which address."""

    bank: str  # today
    next: str  # soon
    former: str  # of the bank, until it moved: the attacker has it now
    counter: str
    pages: str  # of the host behind the wildcard: the attacker rents a page there
    attacker: str


class Stolen(NamedTuple):
    """The private keys in the attacker's hands."""

    own: bytes  # the ZSK of the attacker's own zone
    revoked: bytes  # a KSK that the bank has revoked
    same_tag: bytes  # the attacker's, and no zone's: as a KSK of the bank it would have the tag of the bank's own KSK


@dataclass(frozen=True)
class LadderWorld:
    """One learner's battlefield. All zones are signed but for `club`, which is delegated without DS."""

    world: World
    bank: Name  # NSEC; with a revoked key and a wildcard
    archive: Name  # NSEC3 without Opt-Out
    club: Name
    trap: Name  # the attacker's own
    counter: Name  # a name with an address of its own, beside the bank's wildcard
    members: tuple[Name, Name]  # names that exist only through that wildcard; the first is the attacker's page
    addresses: Addresses
    stolen: Stolen

    @property
    def bank_site(self) -> Name:
        """Return the name whose address the attacker is after most of the time."""
        return below(self.bank, "www")

    @cached_property
    def replies(self) -> dict[Question, bytes]:
        """Return the genuine replies that somebody has asked for so far."""
        return {}

    @cached_property
    def moved(self) -> World:
        """Return the same Internet later, when the bank's site has its next address."""
        site = address_record(self.bank_site, self.addresses.next)
        return self.world.with_zone(self.world.sign(self.world.zone(self.bank).with_rrsets(site)))


@lru_cache(16)
def ladder_world(seed: str) -> LadderWorld:
    """Build the battlefield of one learner.

    Args:
        seed: Any text. The same text gives the same world, on any computer and Python.
    """
    dice = Dice(seed)
    bank, archive, club, trap = (dice.zone(kinds) for kinds in (BANKS, ARCHIVES, CLUBS, TRAPS))
    pages, label = below(bank, "pages"), dice.order(MEMBERS)
    counter, *members = (below(pages, each) for each in (dice.order(COUNTERS)[0], *label[:2]))
    honest, hostile = dice.addresses("192.0.2."), dice.addresses("203.0.113.")
    addresses = Addresses(honest[0], honest[1], hostile[0], honest[2], honest[3], hostile[1])
    servers = _servers((root, TOP, bank, archive, club, trap), [*honest[4:9], hostile[2]])
    revoked, same_tag, ksk = dice.private("revoked"), *_colliding(bank, dice)
    keys: dict[Name, tuple[Key, ...]] = {zone: _key_pair(zone, dice) for zone in (root, TOP, archive, trap)}
    keys[bank] = (ksk, _key_pair(bank, dice)[1], _revoked(bank, revoked))
    contents = {
        bank: [
            address_record(below(bank, "www"), addresses.bank),
            address_record(counter, addresses.counter),
            address_record(below(pages, "*"), addresses.pages),
            record(bank, "MX", f"10 www.{bank}"),
            record(below(bank, "news"), "CNAME", f"www.{archive}"),
        ],
        **{
            zone: [address_record(below(zone, "www"), address)]
            for zone, address in zip((archive, club, trap), (*honest[9:11], hostile[1]), strict=True)
        },
    }
    world = _build(contents, keys, servers, {archive: "NSEC3"})
    stolen = Stolen(dice.private(f"{trap}ZSK"), revoked, same_tag)
    return LadderWorld(world, bank, archive, club, trap, counter, (members[0], members[1]), addresses, stolen)


class Dice:
    """Choices made by hashing a text: no two seeds make the same, and no seed makes others on another Python."""

    def __init__(self, seed: str) -> None:
        self._seed = seed

    def private(self, purpose: str) -> bytes:
        """Return 32 bytes: a private key for P-256."""
        return hashlib.sha256(f"ladder/{self._seed}/{purpose}".encode()).digest()

    def order(self, things: Iterable[str]) -> list[str]:
        """Return things in another order."""
        return sorted(things, key=self.private)

    def zone(self, kinds: Sequence[str]) -> Name:
        """Return the name of a zone of some kind: 'teal-bank47.example'."""
        kind = self.order(kinds)[0]
        number = int.from_bytes(self.private(kind)[:4], "big") % 90 + 10
        return below(TOP, f"{self.order(color + kind for color in COLORS)[0].removesuffix(kind)}-{kind}{number}")

    def addresses(self, network: str) -> list[str]:
        """Return addresses that nobody else has."""
        taken = (RESOLVER_ADDRESS, VICTIM_ADDRESS)
        return self.order(address for address in (f"{network}{n}" for n in range(1, 255)) if address not in taken)


def below(zone: Name, label: str) -> Name:
    """Return the name one label longer."""
    return Name((label.encode(), *zone.labels))


def address_record(name: Name, address: str) -> RRset:
    """Return an A RRset."""
    return make_rrset(name, TTL, A(rdataclass.IN, rdatatype.A, address))


def name_servers(zone: Name, *servers: Server) -> RRset:
    """Return the NS RRset of a zone."""
    return make_rrset(zone, TTL, *(NS(rdataclass.IN, rdatatype.NS, server.name) for server in servers))


def start_of_authority(server: Server, serial: int) -> RRset:
    """Return the SOA RRset of a server's zone."""
    times = (7200, 1800, 14 * DAY, TTL // 4)  # refresh, retry, expire; how long an absence may be remembered
    soa = SOA(rdataclass.IN, rdatatype.SOA, server.name, below(server.name, "hostmaster"), serial, *times)
    return make_rrset(server.zones[0], TTL, soa)


def record(name: Name, rdtype: str, rdata: str) -> RRset:
    """Return an RRset of one record, written as in a master file."""
    return dns.rrset.from_text(name, TTL, "IN", rdtype, rdata)


# ---- keys -----------------------------------------------------------------------------------------------------------


def _key_pair(zone: Name, dice: Dice) -> tuple[Key, Key]:
    ksk, zsk = (key_from_private(zone, dice.private(f"{zone}{role}"), role, ALGORITHM) for role in ("KSK", "ZSK"))
    return ksk, zsk


def _revoked(zone: Name, private: bytes) -> Key:
    """Return a KSK with the REVOKE bit: it stays in the DNSKEY RRset for a while and signs it (RFC 5011 §2.1)."""
    key = key_from_private(zone, private, "KSK", ALGORITHM)
    return replace(key, dnskey=cast(DNSKEY, key.dnskey.replace(flags=int(key.dnskey.flags) | REVOKED)))


def _colliding(zone: Name, dice: Dice) -> tuple[bytes, Key]:
    """Return two KSKs of one zone with the same tag: a stranger's private half, and the zone's own key.

    To find a key with a *given* tag takes 65,536 attempts on average, a few seconds of work for an attacker. Here the
    zone's key isn't given yet: among so many strangers, one in 64 keys finds one with its tag.
    """
    for number in count():
        own = dice.private(f"tag {number}")
        if stranger := _strangers().get(_tag(own)):
            return stranger, key_from_private(zone, own, "KSK", ALGORITHM)
    raise AssertionError("count() never ends")


@cache
def _strangers() -> dict[int, bytes]:
    """Return a thousand private keys by their tags. They are nobody's and no secret: attackers are handed one each."""
    strangers = (hashlib.sha256(f"ladder, stranger {number}".encode()).digest() for number in range(1024))
    return {_tag(private): private for private in strangers}


def _tag(private: bytes) -> int:
    """Return the tag of a KSK; whole keys would take twice as long to make, and its zone makes no difference."""
    return checksum(KSK_WITHOUT_KEY + ALGORITHMS[ALGORITHM].load(private).public)


# ---- zones ----------------------------------------------------------------------------------------------------------


def _build(
    contents: Mapping[Name, Sequence[RRset]],
    keys: Mapping[Name, tuple[Key, ...]],
    servers: tuple[Server, ...],
    denial: Mapping[Name, str],
) -> World:
    """Return a world of zones below TOP, each delegated; those with keys are signed, and their DS is at the parent."""
    where = {server.zones[0]: server for server in servers}
    zones = {zone: _zone(where[zone], records) for zone, records in contents.items()}
    top = _zone(where[TOP], [each for zone in contents for each in _delegation(where[zone])])
    for zone in contents:
        top = add_ds(top, keys[zone][0]) if zone in keys else top
    zones[TOP] = top
    zones[root] = add_ds(_zone(where[root], _delegation(where[TOP])), keys[TOP][0])
    times = {"inception": NOW - DAY, "expiration": NOW + 6 * DAY}
    for zone, its_keys in keys.items():
        zones[zone] = sign_zone(zones[zone], its_keys, **times, denial=denial.get(zone, "NSEC"))
    anchor = make_rrset(root, 2 * DAY, keys[root][0].ds())
    return World("ladder", MappingProxyType(zones), MappingProxyType({**keys}), servers, NOW, (anchor,))


def _zone(server: Server, records: Sequence[RRset]) -> Zone:
    """Return an unsigned zone with one server of its own."""
    origin = server.zones[0]
    return Zone(origin, [start_of_authority(server, serial=1), *_delegation(server), *records])


def _delegation(server: Server) -> list[RRset]:
    """Return the name server of a zone and its address: in the zone itself, and as a delegation above it."""
    return [name_servers(server.zones[0], server), address_record(server.name, server.address)]


def _servers(zones: Sequence[Name], addresses: Sequence[str]) -> tuple[Server, ...]:
    named = zip(zones, addresses, strict=True)
    return tuple(Server(below(zone, "ns"), address, (zone,)) for zone, address in named)
