"""What the owner of a zone can do about it, step by step, and whether it is well afterwards.

    steps = [["make key", "bank.example", "KSK"], ["sign", "bank.example"], ["replace ds", "bank.example"]]
    print(complaint(treat(patient, steps)) or "well")

It knows: what each step does to the zone, to its parent and to its servers.
It must not know: what was wrong. A step does what it says, whether that helps or not.
Follows RFC 4035 §2 (signing), RFC 7344 §4.1 and RFC 8078 §3 (the parent takes DS for the keys that the child has).
Simplification: caches are left out; whoever asks after a step meets what stands then (authority/rollover.py has them).
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from dns import rdatatype
from dns.name import Name
from dns.rdata import Rdata
from dns.rdtypes.ANY.DNSKEY import DNSKEY

from ..authority.keys import make_key
from ..authority.signing import publish_keys, replace_ds
from ..authority.zones import Zone, make_rrset
from ..protocol.dnssec import REVOKED, SECURE_ENTRY_POINT, ZONE_KEY, key_tag, make_ds
from ..protocol.names import LabError, show_name, to_name
from ..protocol.trust import SecurityStatus
from .clinic import serials, servers_of
from .gallery.fault import a_missing_name, the_address
from .ladder_world import ALGORITHM, TTL
from .network import Network
from .patients import Patient
from .worlds import Server

MOST_STEPS = 12  # more than any patient needs by far
Step = Sequence[object]  # its name, the zone, and for some a key


def treat(patient: Patient, steps: Sequence[Step]) -> Patient:
    """Return the patient after these steps, in this order.

    Raises:
        LabError: No such step, or one that nobody can do here; the text says which, and why.
    """
    if len(steps) > MOST_STEPS:
        raise LabError(f"{len(steps)} steps are more than any patient needs: {MOST_STEPS} are the most.")
    for step in steps:
        patient = _done(patient, step)
    return patient


def _done(patient: Patient, step: Step) -> Patient:
    name, zone, *rest = step if len(step) > 1 else ("", "")
    do = STEPS.get(name) if isinstance(name, str) else None
    if do is None or not isinstance(zone, str):
        raise LabError(f"{step!r} is no step. A step is a list of its name, the zone, and for some a key: {FORMS}.")
    kind = {"publish": int, "withdraw": int, "make key": str}.get(str(name))
    if [type(each) for each in rest] != [kind] * (kind is not None):
        raise LabError(f"{list(step)!r}: write it as in this list: {FORMS}.")
    where = to_name(zone)
    if where != patient.zone and (where != patient.parent or name != "sign"):
        raise LabError(
            f"{list(step)!r}: here you can treat {patient.name}, and have {show_name(patient.parent)} signed."
        )
    return do(patient, where, *rest)


# ---- steps


def sign(patient: Patient, zone: Name) -> Patient:
    """Sign the zone anew: with those private keys that the owner has *and* that are published; from now on."""
    world = patient.world
    if zone == patient.parent:
        return _with_zone(patient, world.sign(world.zone(zone)))
    published = _published(patient)
    signing = [key for key in patient.store if key.dnskey in published]
    shown = [replace(patient.store[0], dnskey=dnskey) for dnskey in published]  # only the public halves are looked at
    times = {"inception": world.inception, "expiration": world.expiration}
    if not signing:
        raise LabError(f"{show_name(zone)} publishes no key whose private half is there: nothing can sign it.")
    return _with_zone(patient, publish_keys(world.zone(zone), shown, signing, **times, denial=world.denial))


def publish(patient: Patient, zone: Name, tag: int) -> Patient:
    """Put a key of the owner's into the DNSKEY RRset, whose signature does not fit any more then."""
    found = [key for key in patient.store if key.tag == tag]
    if not found:
        there = ", ".join(str(key.tag) for key in patient.store)
        raise LabError(f"The owner of {show_name(zone)} has no private key {tag}; there are {there}.")
    published = _published(patient)
    return _with_keys(patient, [*published, *(key.dnskey for key in found if key.dnskey not in published)])


def withdraw(patient: Patient, zone: Name, tag: int) -> Patient:
    """Take a key out of the DNSKEY RRset, whose signature does not fit any more then."""
    published = _published(patient)
    left = [dnskey for dnskey in published if key_tag(dnskey) != tag]
    if left == published:
        raise LabError(f"{show_name(zone)} publishes no key {tag}, so it cannot be withdrawn.")
    return _with_keys(patient, left)


def make_new_key(patient: Patient, zone: Name, role: str) -> Patient:
    """Make a key and put it into the DNSKEY RRset."""
    if role not in ("KSK", "ZSK"):
        raise LabError(f"{role!r} is no role of a key here: make a 'KSK' or a 'ZSK'.")
    key = make_key(zone, role, ALGORITHM, seed=f"made in the clinic, as number {len(patient.store) + 1}")
    return publish(replace(patient, store=(*patient.store, key)), zone, key.tag)


def exchange_ds(patient: Patient, zone: Name) -> Patient:
    """Have the parent publish, and sign, exactly the DS of those KSKs that the zone publishes and has not revoked."""
    looked_at, good = ZONE_KEY | SECURE_ENTRY_POINT | REVOKED, ZONE_KEY | SECURE_ENTRY_POINT
    entries = [dnskey for dnskey in _published(patient) if dnskey.flags & looked_at == good]
    if not entries:
        raise LabError(f"{show_name(zone)} publishes no KSK of which its parent could have a DS.")
    return _with_ds(patient, *(make_ds(zone, dnskey) for dnskey in entries))


def remove_ds(patient: Patient, zone: Name) -> Patient:
    """Have the parent remove the DS: from then on nobody checks anything in the zone."""
    return _with_ds(patient)


def synchronize(patient: Patient, zone: Name) -> Patient:
    """Make every server that the zone names serve the present copy of it."""
    world = patient.world.synchronized()
    named = servers_of(world, zone)

    def serving(server: Server) -> Server:
        missing = server in named and zone not in server.zones
        return replace(server, zones=(*server.zones, zone)) if missing else server

    return replace(patient, world=replace(world, servers=tuple(map(serving, world.servers))))


STEPS: dict[str, Callable[..., Patient]] = {
    "sign": sign,
    "publish": publish,
    "withdraw": withdraw,
    "make key": make_new_key,
    "replace ds": exchange_ds,
    "remove ds": remove_ds,
    "synchronize": synchronize,
}
FORMS = (
    '["sign", zone], ["publish", zone, tag], ["withdraw", zone, tag], ["make key", zone, "KSK" or "ZSK"], '
    '["replace ds", zone], ["remove ds", zone], ["synchronize", zone]'
)


# ---- what steps are made of


def _published(patient: Patient) -> list[DNSKEY]:
    found = patient.world.zone(patient.zone).get(patient.zone, rdatatype.DNSKEY)
    return list(found) if found else []


def _with_keys(patient: Patient, dnskeys: list[DNSKEY]) -> Patient:
    zone = patient.world.zone(patient.zone)
    if not dnskeys:
        return _with_zone(patient, zone.without(patient.zone, rdatatype.DNSKEY))
    return _with_zone(patient, zone.with_rrsets(make_rrset(patient.zone, TTL, *dnskeys)))


def _with_ds(patient: Patient, *rdatas: Rdata) -> Patient:
    world = patient.world
    return _with_zone(patient, world.sign(replace_ds(world.zone(patient.parent), patient.zone, *rdatas)))


def _with_zone(patient: Patient, zone: Zone) -> Patient:
    return replace(patient, world=patient.world.with_zone(zone))


# ---- how the patient is


def complaint(patient: Patient) -> str:
    """Return what is still wrong with a zone, as a sentence; empty if it is well.

    Well means: what exists and what does not exist is proven, and all servers have the same copy.
    """
    entry = patient.world.keys[patient.parent][0]  # nobody touches what is above it, so the walk may begin there
    resolver = Network(patient.world).resolver(trust_anchors=[make_rrset(patient.parent, TTL, entry.ds())])
    for asked in (the_address(patient.zone), a_missing_name(patient.zone)):
        outcome = resolver.resolve(*asked)
        if outcome.status is not SecurityStatus.SECURE:
            diagnosis = outcome.chains[0].diagnosis if outcome.chains else None
            return f"{asked} is {outcome.status.value}: {diagnosis.sentence if diagnosis else 'no answer came.'}"
    copies = serials(patient.world, patient.zone)
    if None in copies.values() or len(set(copies.values())) > 1:
        return f"the servers of {patient.name} do not have the same copy of it."
    return ""
