"""Dice for worlds: random names, depths, algorithms, proofs and faults, and questions that hit them.

It knows: what may stand where in a zone, and which corners are worth asking about. The same seed gives the same plan.
It must not know: how a plan becomes a world, or what a resolver should say of it.
Follows RFC 1034 §3.6.2 (an alias stands alone), RFC 4592 §2 (wildcards), RFC 2181 §11 (any label is a name).
"""

import hashlib
from collections.abc import Iterator, Sequence
from typing import TypeVar

from ..protocol.names import to_name
from .faults import FAULTS
from .gallery.fault import Cause
from .planned_worlds import DAMAGES, Plan, ZonePlan

T = TypeVar("T")

ALGORITHMS = (13, 13, 13, 13, 15, 8, 10, 14, 16)  # the usual ones more often
DIGESTS = (2, 2, 2, 4, 1)
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
TYPES = ("A", "A", "A", "AAAA", "TXT", "MX", "CNAME", "DS", "NS", "SOA", "DNSKEY")
DATA = ("A 192.0.2.{n}", "AAAA 2001:db8::{n}", 'TXT "text {n}"', "MX {n} mail.{zone}")
UNFIT = {"rrsig-instant", "mldsa44"}  # it holds for one second; not every cryptography library has it
# Faults of servers end before anything is validated, and may take daemons many seconds.
GALLERY = tuple(
    name for name, fault in FAULTS.items() if fault.cause not in (Cause.SERVER, Cause.NOTHING) and name not in UNFIT
)


class Dice:
    """Numbers from the SHA-256 of a text: the same with every Python, unlike those of `random`."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._rolls = 0

    def below(self, limit: int) -> int:
        """Return a number from 0 to limit - 1."""
        self._rolls += 1
        digest = hashlib.sha256(f"{self._seed}/{self._rolls}".encode()).digest()
        return int.from_bytes(digest[:8], "big") % limit

    def between(self, low: int, high: int) -> int:
        """Return a number from low to high, both included."""
        return low + self.below(high - low + 1)

    def pick(self, items: Sequence[T]) -> T:
        """Return one of the items."""
        return items[self.below(len(items))]

    def chance(self, percent: int) -> bool:
        """Return True in so many of a hundred cases."""
        return self.below(100) < percent

    def label(self) -> str:
        """Return a label that is not one of those that resolvers treat in a way of their own."""
        word = "".join(self.pick(LETTERS) for _ in range(self.pick((1, 2, 3, 5, 8, 8, 20, 62))))
        return f"x{word}" if self.chance(90) else f"_x{word}"[:63]


def random_plan(seed: str | int) -> Plan:
    """Return a world to build and questions to ask in it; the same for the same seed."""
    dice = Dice(f"random world {seed}")
    names = _tree(dice)
    zones = tuple(_zone(dice, name, names) for name in names)
    fault = _fault(dice, zones) if dice.chance(70) else ""
    questions = [_question(dice, zones, fault) for _ in range(dice.between(3, 6))]
    return Plan(zones, tuple(dict.fromkeys([*_own_question(fault), *questions])), fault)


def _tree(dice: Dice) -> list[str]:
    """Return the zones' names, each parent before its children: two to five deep below the root."""
    names = ["."]
    for _ in range(dice.between(2, 5)):  # the deepest line
        names.append(_below(dice, names[-1]))
    for _ in range(dice.between(0, 3)):  # and branches
        names.append(_below(dice, dice.pick(names)))
    return sorted(dict.fromkeys(names), key=lambda name: (name.count(".") if name != "." else 0, name))


def _below(dice: Dice, name: str) -> str:
    """Return a name one label, sometimes two, below another."""
    labels = [dice.label() for _ in range(2 if dice.chance(20) else 1)]
    return ".".join([*labels, name if name != "." else ""])


def _zone(dice: Dice, name: str, names: list[str]) -> ZonePlan:
    is_root = name == "."
    return ZonePlan(
        name,
        records=tuple(dict.fromkeys(_records(dice, name, names))),
        signed=is_root or dice.chance(85),
        connected=dice.chance(90),
        algorithm=dice.pick(ALGORITHMS),
        digest=dice.pick(DIGESTS),
        single_key=dice.chance(30),
        denial=_denial(dice),
        at_parents_server=not is_root and dice.chance(15),
    )


def _denial(dice: Dice) -> str:
    if dice.chance(45):
        return "NSEC"
    iterations = dice.pick((0, 0, 0, 1, 10, 150, 151)) if dice.chance(30) else 0
    return f"NSEC3 {iterations} {dice.pick(('-', '-', 'ab', '0123456789abcdef'))} {int(dice.chance(40))}"


def _records(dice: Dice, zone: str, names: list[str]) -> list[str]:
    """Return what a zone holds besides its servers: data, aliases, wildcards, and names with nothing at them."""
    taken = {name for name in names if name != "."}
    lines: list[str] = []
    aliases: set[str] = set()
    owners = [_owner(dice, zone) for _ in range(dice.between(1, 6))]
    for owner in owners:
        if any(owner == name or owner.endswith("." + name) for name in taken if name != zone):
            continue  # it would lie in a child zone
        if owner in aliases:
            continue
        if dice.chance(25) and not any(line.startswith(owner + " ") for line in lines) and owner != zone:
            aliases.add(owner)
            lines.append(f"{owner} 3600 CNAME {_target(dice, names, owners)}")
            continue
        for _ in range(dice.between(1, 2)):
            data = dice.pick(DATA).format(n=dice.between(1, 250), zone=zone if zone != "." else "")
            lines.append(f"{owner} 3600 {data}")
    return lines


def _owner(dice: Dice, zone: str) -> str:
    """Return a name in a zone: its own, one below, a wildcard, or one with an empty non-terminal above it."""
    if dice.chance(15):
        return zone
    labels = [dice.label() for _ in range(dice.pick((1, 1, 1, 2, 3)))]
    if dice.chance(30):
        labels = ["*", *labels[1:]]
    return ".".join([*labels, zone if zone != "." else ""])


def _target(dice: Dice, names: list[str], owners: list[str]) -> str:
    """Return where an alias leads: somewhere that exists, perhaps, or nowhere."""
    if dice.chance(50):
        return dice.pick(owners).replace("*", dice.label())
    return _below(dice, dice.pick(names))


def _fault(dice: Dice, zones: tuple[ZonePlan, ...]) -> str:
    """Return one thing that is wrong: something of the gallery, or damage to one RRset of a signed zone."""
    in_chain = [each for each in zones if each.name != "." and _has_chain_above(each, zones)]
    if in_chain and dice.chance(40):
        return f"{dice.pick(in_chain).name} {dice.pick(GALLERY)}"
    zone = dice.pick([each for each in zones if each.signed])
    return f"{zone.name} {dice.below(40)} {dice.pick(DAMAGES)}"


def _has_chain_above(zone: ZonePlan, zones: tuple[ZonePlan, ...]) -> bool:
    """Return whether a chain of trust leads to a zone's parent: else the gallery has nothing to break."""
    above = [each for each in zones if each.name != "." and zone.name.endswith("." + each.name)]
    return all(each.signed and each.connected for each in above)


def _own_question(fault: str) -> Iterator[str]:
    """Yield the question that shows a fault of the gallery."""
    zone, _, name = fault.partition(" ")
    if name in FAULTS:
        asked = FAULTS[name].question(to_name(zone))
        yield f"{asked.name} {asked.rdtype.name}"


def _question(dice: Dice, zones: tuple[ZonePlan, ...], fault: str) -> str:
    """Return a question about something that is there, or close to it; every other time where the fault is."""
    zone = dice.pick([*zones, *zones[len(zones) // 2 :]])  # the deep ones more often
    if fault and dice.chance(50):
        zone = next(each for each in zones if each.name == fault.split()[0])
    owners = [line.split()[0] for line in zone.records] or [zone.name]
    owner = dice.pick(owners)
    others = (zone.name, _below(dice, zone.name), _below(dice, owner), owner.partition(".")[2] or ".")
    name = dice.pick((*others, *(owner,) * 6))
    labels = [dice.label() if label == "*" and dice.chance(80) else label for label in name.split(".")]
    return f"{'.'.join(labels)} {dice.pick(TYPES)}"
