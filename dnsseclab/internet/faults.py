"""The gallery of faults: zones that are broken in exactly one way, by signing wrongly or by leaving something out.

It knows: all faults by name, and how to hang one into a toy Internet. The exhibits are made in gallery/.
It must not know: resolvers and validators. `Fault.status`, `.rule` and `.ede` are what a right one will say.
The names without explanation are those of the public testbed extended-dns-errors.com; RFC 8914 (extended errors).
"""

from collections.abc import Mapping
from itertools import groupby
from types import MappingProxyType

from dns.name import Name

from ..protocol.names import LabError
from .gallery import algorithms, delegations, denials, hashed_denials, keys, servers, signatures
from .gallery.fault import Cause, Fault, unchanged
from .gallery.specimen import Specimen, prepare
from .worlds import World

__all__ = ["FAULTS", "Cause", "Fault", "break_zone", "healthy_zone", "list_faults"]

EXHIBITS = (delegations, keys, signatures, denials, hashed_denials, algorithms, servers)  # in the order of a chain
FAULTS: Mapping[str, Fault] = MappingProxyType({each.name: each for room in EXHIBITS for each in room.FAULTS})


def break_zone(world: World, zone: str | Name = "bank.example", fault: str = "rrsig-exp-a") -> World:
    """Return a world in which one zone has one fault.

    Args:
        zone: Any zone below the root. It is signed and connected first, if it was not.
        fault: A key of FAULTS.
    Raises:
        LabError: No such zone or fault, or nothing above the zone that could vouch for it.
    """
    chosen = _fault(fault)
    healthy = _healthy(world, zone, chosen)
    broken = chosen.make(healthy).world
    if chosen.make is not unchanged and not _differ(healthy.world, broken):
        raise LabError(
            f"{fault} changes nothing about {zone} in this world, so it would teach nothing: take another zone."
        )
    return broken


def healthy_zone(world: World, zone: str | Name = "bank.example", fault: str = "valid") -> World:
    """Return the world in which a fault's zone is still right: what `break_zone` changes in one thing."""
    return _healthy(world, zone, _fault(fault)).world


def list_faults() -> str:
    """Return the whole gallery as text, room by room."""
    rooms = groupby(FAULTS.values(), key=lambda each: each.cause)
    texts = [
        f"{cause.value[0].upper()}{cause.value[1:]}\n" + "\n".join(map(_indented, faults)) for cause, faults in rooms
    ]
    return "\n\n".join(texts)


def _indented(fault: Fault) -> str:
    return "\n".join("  " + line for line in str(fault).splitlines())


def _fault(name: str) -> Fault:
    if name not in FAULTS:
        raise LabError(f"There is no fault {name!r} in the gallery: list_faults() shows them all.")
    return FAULTS[name]


def _healthy(world: World, zone: str | Name, fault: Fault) -> Specimen:
    return fault.prepare(prepare(world, zone, fault.denial))


def _differ(one: World, other: World) -> bool:
    """Return whether anybody could be told anything else in another world."""
    changed = [zone for name, zone in other.zones.items() if zone is not one.zones[name]]
    return one.servers != other.servers or any(zone.to_text() != one.zone(zone.origin).to_text() for zone in changed)
