"""The gallery of faults: zones that are broken in exactly one way, by signing wrongly or by leaving something out.

It knows: all faults by name, and how to hang one into a toy Internet. The exhibits are made in gallery/.
It must not know: resolvers and validators. `Fault.status`, `.rule` and `.ede` are what a right one will say.
The names without explanation are those of the public testbed extended-dns-errors.com; RFC 8914 (extended errors).
"""

from collections.abc import Mapping
from difflib import get_close_matches
from itertools import groupby
from textwrap import wrap
from types import MappingProxyType

import dns.rcode
from dns.name import Name

from ..protocol.names import LabError
from .gallery import algorithms, delegations, denials, hashed_denials, keys, servers, signatures
from .gallery.fault import Cause, Fault, unchanged
from .gallery.specimen import Specimen, prepare
from .worlds import World

__all__ = ["FAULTS", "Cause", "Fault", "break_zone", "describe_fault", "healthy_zone", "list_faults"]

WIDTH = 80  # columns of a listing: what every terminal shows

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
    """Return the whole gallery as text, room by room: name, what is wrong, and what a validator says of it."""
    rooms = groupby(FAULTS.values(), key=lambda each: each.cause)
    return "\n\n".join("\n".join([_heading(cause), *map(_line, faults)]) for cause, faults in rooms)


def describe_fault(name: str) -> str:
    """Return all that there is to say about one fault.

    Raises:
        LabError: There is no such fault.
    """
    fault = _fault(name)
    bank = Name((b"bank", b"example", b""))
    rows = {
        "Where": _heading(fault.cause) + ".",
        "Differs": fault.changes[:1].upper() + fault.changes[1:] + ".",
        "Ask": f"{fault.question(bank)}, if the zone is bank.example.",
        "Verdict": f"{_verdict(fault)}; the client gets {dns.rcode.to_text(fault.rcode)}.",
        "Repair": fault.repair,
    }
    lines = [fault.name, *_column(fault.description, "  "), ""]
    for title, text in rows.items():
        lines += _column(text, f"  {title:9}")
    return "\n".join([*lines, f"  {'In code':9}break_zone(toy_internet(), fault={name!r})"])


def _heading(cause: Cause) -> str:
    return cause.value[0].upper() + cause.value[1:]


def _line(fault: Fault) -> str:
    start = f"  {fault.name:{max(map(len, FAULTS))}}  "
    return "\n".join([*_column(fault.description, start), *_column(_verdict(fault), " " * len(start))])


def _column(text: str, start: str) -> list[str]:
    """Return text as lines of a column that begins where `start` ends."""
    return wrap(text, WIDTH, initial_indent=start, subsequent_indent=" " * len(start), break_on_hyphens=False)


def _verdict(fault: Fault) -> str:
    error = "" if fault.ede is None else f", EDE {fault.ede}"
    return fault.status.value + (f": {fault.rule}{error}" if fault.rule else "")


def _fault(name: str) -> Fault:
    if name in FAULTS:
        return FAULTS[name]
    near = get_close_matches(name, FAULTS, n=3, cutoff=0.5)
    advice = f"did you mean {', '.join(near)}?" if near else "list_faults() shows them all."
    raise LabError(f"There is no fault {name!r} in the gallery: {advice}")


def _healthy(world: World, zone: str | Name, fault: Fault) -> Specimen:
    return fault.prepare(prepare(world, zone, fault.denial))


def _differ(one: World, other: World) -> bool:
    """Return whether anybody could be told anything else in another world."""
    changed = [zone for name, zone in other.zones.items() if zone is not one.zones[name]]
    return one.servers != other.servers or any(zone.to_text() != one.zone(zone.origin).to_text() for zone in changed)
