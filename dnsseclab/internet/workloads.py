"""Answers that cost a validator something: of honest zones in quiet and in busy times, and of zones made as traps.

    question  [RRset, RRset, ...], in the order of the walk from the trust anchor to the answer
    RRset     [keys that may have signed it, its signatures]
    key       [tag, algorithm]
    signature [tag, algorithm, place of the key with which it verifies, or -1]
It knows: how such zones are built and really signed, and how their answers are judged under any limits.
It must not know: which limits are good.
Follows RFC 4035 §5.3.1 (every key that matches is tried), RFC 6781 §4.1 (rollovers).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

from dns.name import Name
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.ANY.RRSIG import RRSIG
from dns.rrset import RRset

from ..attacker.exhaustion import colliding_keys, keytrap_zone
from ..authority.keys import Key, make_key
from ..authority.signing import publish_keys
from ..protocol.evidence import Evidence
from ..protocol.names import to_name
from ..protocol.trust import ChainOfTrust, Item, ProvenZone, SecurityStatus
from ..validator.chain import Validator, validate
from ..validator.limits import Limits
from ..validator.records import SignedSet
from ..validator.signatures import Attempt, key_tag
from ..validator.verifying import Verified
from ..validator.zone_keys import Match, Voucher
from .costs import WITHOUT_LIMITS
from .network import Clock, Network
from .plain_chain import place_of_signer
from .planned_worlds import Plan, ZonePlan, build_world
from .worlds import NOW, World

Values: TypeAlias = "list[int | Values]"
ZONES = (".", "example.", "b.example.", "c.b.example.", "d.c.b.example.", "e.d.c.b.example.", "f.e.d.c.b.example.")
TIMES = ("quiet", "twins", "rollover", "busy")
NOBODY = -1


class Spent(NamedTuple):
    """What became of one question."""

    answered: bool
    checks: int


@dataclass(frozen=True)
class Workload:
    """Everything that a validator is given for one question. Two with equal names are equal."""

    name: str
    evidence: Evidence
    trust_anchors: tuple[RRset, ...]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Workload) and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)


@lru_cache(64)
def as_values(load: Workload) -> Values:
    """Return what the validator tries, as plain values; which key fits a signature says dnspython."""
    seen = Onlooker(load.evidence, load.trust_anchors, NOW, WITHOUT_LIMITS)
    seen.judge()
    return [_rrset(found, keys) for found, keys in seen.tried]


@lru_cache(4096)
def judged(load: Workload, limits: Limits) -> Spent:
    """Return what a validator with these limits makes of a question."""
    chain = validate(load.evidence, load.trust_anchors, NOW, limits)
    return Spent(chain.status is SecurityStatus.SECURE, chain.work.get("signature checks", 0))


@lru_cache(64)
def honest(depth: int, times: str = "quiet") -> Workload:
    """Return the question for an address so many zones deep.

    Args:
        depth: 1 to 7; 1 is the root zone alone.
        times: 'quiet'; 'twins', each zone has by chance a second key with its ZSK's tag; 'rollover', each has two ZSKs
            that sign; 'busy', both.
    """
    world = _world(depth)
    for zone in world.zones:
        world = _in_other_times(world, zone, times)
    return _asked(f"{times}, {depth} zone{'s' * (depth > 1)}", world, to_name(f"www.{ZONES[depth - 1].lstrip('.')}"))


@lru_cache(16)
def trap(keys: int, signatures: int) -> Workload:
    """Return the question for an address in a zone that is made to wear validators out (CVE-2023-50387)."""
    world, name = _world(2), to_name("www.example")
    zone, (ksk, zsk) = world.zone("example"), world.keys[to_name("example")]
    collide = colliding_keys(zone.origin, zsk.tag, keys, zsk.dnskey.algorithm, seed="trap")
    times = {"inception": world.inception, "expiration": world.expiration}
    zone = keytrap_zone(zone, ksk, collide, signatures=signatures, owner=name, **times)
    return _asked(f"trap, {keys} by {signatures}", world.with_zone(zone), name)


def _world(depth: int) -> World:
    zones = tuple(ZonePlan(name, ("www 3600 A 192.0.2.1",)) for name in ZONES[:depth])
    return build_world(Plan(zones, ()), NOW)


def _in_other_times(world: World, name: Name, times: str) -> World:
    """Return the world with more keys in a zone, and with more signatures."""
    ksk, zsk = world.keys[name]
    twins = colliding_keys(name, zsk.tag, 1, zsk.dnskey.algorithm, seed="twin") if times in ("twins", "busy") else []
    new = [make_key(name, "ZSK", zsk.dnskey.algorithm, seed="new")] if times in ("rollover", "busy") else []
    published: Sequence[Key] = [*twins, ksk, zsk, *new]
    zone = publish_keys(
        world.zone(name), published, [ksk, zsk, *new], inception=world.inception, expiration=world.expiration
    )
    return world.with_zone(zone)


def _asked(name: str, world: World, owner: Name) -> Workload:
    """Return what a resolver in a world has gathered when it has the answer."""
    gathered: list[Evidence] = []

    def listen(evidence: Evidence, *rest: Any) -> ChainOfTrust:
        gathered.append(evidence)
        return validate(evidence, *rest)

    resolver = Network(world, clock=Clock(world.now)).resolver(validator=listen, limits=replace(Limits(), judgements=1))
    resolver.resolve(owner, "A")
    fullest = max(gathered, key=lambda evidence: len(evidence.received))  # after a failure it may begin anew
    return Workload(name, fullest, world.trust_anchors)


class Onlooker(Validator):
    """The validator, writing down which RRsets it tries with which keys."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.tried: list[tuple[SignedSet, list[DNSKEY]]] = []

    def verify(self, found: SignedSet, zone: ProvenZone, box: Item) -> Verified:
        self.tried.append((found, [key for key in zone.keys if isinstance(key, DNSKEY)]))
        return super().verify(found, zone, box)

    def key_set_signed(self, voucher: Voucher, found: SignedSet, entries: Sequence[Match]) -> Attempt:
        self.tried.append((found, [match.key for match in entries]))
        return super().key_set_signed(voucher, found, entries)


def _rrset(found: SignedSet, keys: list[DNSKEY]) -> Values:
    signatures: Values = [
        [rrsig.key_tag, int(rrsig.algorithm), _place(found, rrsig, keys)] for rrsig in found.signatures
    ]
    return [[[key_tag(key), int(key.algorithm)] for key in keys], signatures]


def _place(found: SignedSet, rrsig: RRSIG, keys: list[DNSKEY]) -> int:
    place = place_of_signer(found.rrset, rrsig, keys)
    return NOBODY if place is None else place
