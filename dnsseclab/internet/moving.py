"""Moving a toy Internet onto this computer: its servers get addresses in 127.0.0.0/8.

It knows: which server gets which address, and that a zone whose glue has changed has to be signed anew.
It must not know: sockets. The names that the servers are asked about keep their documentation addresses.
"""

from dataclasses import replace
from ipaddress import IPv4Address
from types import MappingProxyType

from dns import rdatatype
from dns.rrset import RRset

from ..authority.signing import unsign_zone
from ..authority.zones import Zone, make_rrset
from .worlds import World, is_signed

RESOLVER = "127.0.0.1"
FIRST = IPv4Address("127.0.0.2")  # the first server's address; the next one has the next
ATTACKER = "127.0.66.66"  # where the attacker's own name server is


def on_loopback(world: World) -> World:
    """Return a healthy world with its servers at 127.0.0.2, 127.0.0.3 and so on: in NS, glue and all.

    Zones are signed anew with the same keys, so break a zone afterwards: `break_zone(on_loopback(world), ...)`.
    """
    moved = {server.address: str(FIRST + number) for number, server in enumerate(world.servers)}
    servers = tuple(replace(server, address=moved[server.address]) for server in world.servers)
    zones = {name: _moved(world, zone, moved) for name, zone in world.zones.items()}
    return replace(world, servers=servers, zones=MappingProxyType(zones))


def _moved(world: World, zone: Zone, moved: dict[str, str]) -> Zone:
    changed = [rrset for rrset in map(lambda rrset: _with_new_address(rrset, moved), zone.rrsets()) if rrset]
    if not changed:
        return zone
    content = unsign_zone(zone).with_rrsets(*changed)
    return world.sign(content) if is_signed(zone) else content


def _with_new_address(rrset: RRset, moved: dict[str, str]) -> RRset | None:
    """Return an address RRset in which servers have moved, or None if none of them is in it."""
    if rrset.rdtype != rdatatype.A or not any(rdata.address in moved for rdata in rrset):
        return None
    rdatas = [rdata.replace(address=moved.get(rdata.address, rdata.address)) for rdata in rrset]
    return make_rrset(rrset.name, rrset.ttl, *rdatas)
