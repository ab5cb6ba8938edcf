"""Toy Internets by plan: any tree of zones, each signed in its own way, broken in one place or in none.

It knows: how a plan becomes a world. A plan is small and plain, so that a world in which two validators disagree
can be written down, made smaller, and kept. Dice make plans in random_plans.py.
It must not know: resolvers, or what any of them should say.
Follows RFC 4035 §2 (signing), RFC 5155 §7.1 (NSEC3).
"""

import json
from dataclasses import asdict, dataclass
from types import MappingProxyType

import dns.name
from dns import rdatatype
from dns.name import Name
from dns.rrset import RRset

from ..authority.keys import Key, make_key
from ..authority.nsec3 import Nsec3
from ..authority.signing import add_ds, sign_rrset, sign_zone
from ..authority.zones import Zone, make_rrset
from ..protocol.messages import Question, question
from ..protocol.names import LabError, to_name
from .faults import break_zone
from .worlds import DAY, Server, World

NETWORK = "127.0.1."  # of the servers
DAMAGES = ("unsigned", "expired", "spoiled", "lost")  # what can happen to one RRset


@dataclass(frozen=True)
class ZonePlan:
    """One zone: what is in it, and how it is signed."""

    name: str
    records: tuple[str, ...] = ()  # lines of a master file, owners relative to the zone
    signed: bool = True
    connected: bool = True  # its DS is at the parent
    algorithm: int = 13
    digest: int = 2  # of the DS
    single_key: bool = False
    denial: str = "NSEC"  # or 'NSEC3 iterations salt opt-out', for example 'NSEC3 1 ab 0'
    at_parents_server: bool = False


@dataclass(frozen=True)
class Plan:
    """A whole world, one thing that is wrong with it, and what to ask."""

    zones: tuple[ZonePlan, ...]  # the root first, each parent before its children
    questions: tuple[str, ...]  # 'name type'
    fault: str = ""  # 'zone fault' of the gallery, or 'zone number damage' of one RRset; empty: nothing is wrong

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=1)

    @classmethod
    def from_json(cls, text: str) -> "Plan":
        """Return the plan that was written down."""
        fields = json.loads(text)
        zones = tuple(ZonePlan(**{**each, "records": tuple(each["records"])}) for each in fields["zones"])
        return cls(zones, tuple(fields["questions"]), fields["fault"])

    @property
    def asked(self) -> list[Question]:
        return [question(*line.split()) for line in self.questions]

    def __str__(self) -> str:
        lines = [f"fault: {self.fault or 'none'}", *(f"question: {line}" for line in self.questions)]
        for zone in self.zones:
            lines.append(" ".join(f"{field}={value}" for field, value in asdict(zone).items() if field != "records"))
            lines += [f"    {record}" for record in zone.records]
        return "\n".join(lines)


# --- from a plan to a world


def build_world(plan: Plan, now: int) -> World:
    """Return the world of a plan, signed around `now` (epoch seconds), its servers at loopback addresses.

    Raises:
        LabError: The plan's fault does not exist, or changes nothing.
    """
    keys = {to_name(each.name): _keys(each) for each in plan.zones}
    zones = {to_name(each.name): _unsigned(each, plan) for each in plan.zones}
    for each in plan.zones[1:]:
        if each.signed and each.connected:
            parent = _parent(each, plan)
            ds = [key for key in keys[to_name(each.name)] if key.role != "ZSK"]
            zones[parent] = add_ds(zones[parent], *ds, digest_type=each.digest)
    for each in plan.zones:
        name, times = to_name(each.name), {"inception": now - DAY, "expiration": now + 6 * DAY}
        if each.signed:
            zones[name] = sign_zone(zones[name], keys[name], **times, denial=_denial(each))
    anchor = make_rrset(dns.name.root, 2 * DAY, *(key.ds() for key in keys[dns.name.root] if key.role != "ZSK"))
    world = World(
        "random Internet", MappingProxyType(zones), MappingProxyType(keys), _servers(plan), now, (anchor,), "NSEC"
    )
    return _broken(world, plan.fault) if plan.fault else world


def _keys(plan: ZonePlan) -> tuple[Key, ...]:
    roles = ("CSK",) if plan.single_key else ("KSK", "ZSK")
    return tuple(make_key(plan.name, role, plan.algorithm, seed="random worlds") for role in roles)


def _denial(plan: ZonePlan) -> str | Nsec3:
    if plan.denial == "NSEC":
        return plan.denial
    _, iterations, salt, opt_out = plan.denial.split()
    return Nsec3(int(iterations), bytes.fromhex(salt.replace("-", "")), opt_out == "1")


def _unsigned(plan: ZonePlan, whole: Plan) -> Zone:
    """Return the zone as its owner wrote it, with its delegations."""
    server = _server_name(plan)
    lines = [f"@ 3600 SOA {server} hostmaster 1 7200 1800 1209600 900", f"@ 3600 NS {server}"]
    lines += [f"{server} 3600 A {_address(plan, whole)}", *plan.records]
    for child in whole.zones[1:]:
        if _parent(child, whole) == to_name(plan.name):
            theirs = _server_name(child)
            lines += [f"{child.name} 3600 NS {theirs}", f"{theirs} 3600 A {_address(child, whole)}"]
    return Zone.from_text("\n".join(lines) + "\n", plan.name)


def _server_name(plan: ZonePlan) -> str:
    return to_name(f"ns.{plan.name}" if plan.name != "." else "ns.").to_text()


def _address(plan: ZonePlan, whole: Plan) -> str:
    if plan.at_parents_server and plan.name != ".":
        parent = _parent(plan, whole)
        return _address(next(each for each in whole.zones if to_name(each.name) == parent), whole)
    return f"{NETWORK}{whole.zones.index(plan) + 1}"


def _parent(plan: ZonePlan, whole: Plan) -> Name:
    name = to_name(plan.name)
    above = [to_name(each.name) for each in whole.zones if name != to_name(each.name)]
    return max((each for each in above if name.is_subdomain(each)), key=len)


def _servers(plan: Plan) -> tuple[Server, ...]:
    by_address: dict[str, list[ZonePlan]] = {}
    for each in plan.zones:
        by_address.setdefault(_address(each, plan), []).append(each)
    return tuple(
        Server(to_name(_server_name(zones[0])), address, tuple(to_name(zone.name) for zone in zones))
        for address, zones in by_address.items()
    )


# --- what is wrong


def _broken(world: World, fault: str) -> World:
    zone, *rest = fault.split()
    if len(rest) == 1:
        return break_zone(world, zone, rest[0])
    return _damaged(world, world.zone(zone), int(rest[0]), rest[1])


def _damaged(world: World, zone: Zone, number: int, damage: str) -> World:
    """Return the world with something wrong with one signed RRset of a zone."""
    signed = [rrset for rrset in zone.authoritative_rrsets() if zone.signatures(rrset.name, rrset.rdtype)]
    if damage == "lost":  # without these it would be no zone any more
        signed = [rrset for rrset in signed if rrset.rdtype not in (rdatatype.SOA, rdatatype.NS)]
    if not signed or damage not in DAMAGES:
        raise LabError(f"Nothing of {zone.origin} can be {damage!r}: use a signed zone, and one of {DAMAGES}.")
    rrset = signed[number % len(signed)]
    signatures = zone.signatures(rrset.name, rrset.rdtype)
    assert signatures is not None
    if damage in ("expired", "spoiled"):
        change = _expired if damage == "expired" else _spoiled
        return world.with_zone(zone.with_rrsets(change(world, rrset, signatures)))
    bare = zone.without(rrset.name, rdatatype.RRSIG, covers=rrset.rdtype)
    return world.with_zone(bare if damage == "unsigned" else bare.without(rrset.name, rrset.rdtype))


def _expired(world: World, rrset: RRset, signatures: RRset) -> RRset:
    keys = {key.tag: key for key in world.keys[signatures[0].signer]}
    signers = [keys[each.key_tag] for each in signatures]
    inception, expiration = world.now - 30 * DAY, world.now - DAY
    made = (sign_rrset(rrset, key, inception=inception, expiration=expiration) for key in signers)
    return make_rrset(rrset.name, rrset.ttl, *made)


def _spoiled(world: World, rrset: RRset, signatures: RRset) -> RRset:
    """Return the signatures with one wrong bit each."""
    wrong = (each.replace(signature=bytes([each.signature[0] ^ 1]) + each.signature[1:]) for each in signatures)
    return make_rrset(rrset.name, rrset.ttl, *wrong)
