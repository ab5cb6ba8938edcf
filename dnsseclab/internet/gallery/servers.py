"""Faults outside the data: servers that refuse, and addresses at which nobody is.

It knows: who serves a zone, and which addresses its parent hands out as glue.
It must not know: signatures. All of these end the same way, before there is anything to validate.
Follows RFC 1034 §4.2.1 (delegation, glue), RFC 8914 §4.23 (No Reachable Authority).
"""

from dataclasses import replace

import dns.rrset
from dns import rdatatype
from dns.name import Name
from dns.rdatatype import RdataType

from ...protocol.trust import SecurityStatus
from .fault import Cause, Change, Fault
from .specimen import Specimen, kept

NO_REACHABLE_AUTHORITY = 22
REPAIR = "Make the zone's servers answer, over UDP and TCP, at the addresses that the parent hands out."
REFUSAL = "nothing in the zone: its servers don't serve it to this resolver"
GLUE = "the NS and glue records at the parent"

# Addresses that nobody can have a public server at; the names are those of the testbed.
ADDRESSES = {
    "v4-doc": "198.51.100.0",
    "v4-private-10": "10.0.0.1",
    "v4-private-172": "172.16.0.1",
    "v4-private-192": "192.168.0.1",
    "v4-loopback": "127.0.0.1",
    "v4-link-local": "169.254.0.1",
    "v4-this-host": "0.0.0.0",
    "v4-reserved": "240.0.0.1",
    "v4-hex": "c000:201::",
    "v6-doc": "2001:db8::1",
    "v6-mapped": "::ffff:192.0.2.1",
    "v6-mapped-dep": "::192.0.2.1",
    "v6-unspecified": "::",
    "v6-localhost": "::1",
    "v6-link-local": "fe80::1",
    "v6-unique-local": "fc05::20:1",
    "v6-nat64": "64:ff9b::192.0.2.1",
    "v6-multicast": "ff02::16",
}


def refusing(s: Specimen) -> Specimen:
    """Let the zone's servers know nothing of it: a server answers REFUSED for what it does not serve."""
    servers = (
        replace(server, zones=tuple(zone for zone in server.zones if zone != s.name)) for server in s.world.servers
    )
    return replace(s, world=replace(s.world, servers=tuple(servers)))


def glue(address: str) -> Change:
    """Return a change that has the parent send everybody to one server at this address."""

    def change(s: Specimen) -> Specimen:
        server = Name((b"ns1", *s.name.labels))
        rest = kept(s.parent, lambda rrset: not _is_way_to(s.name, rrset.name, rrset.rdtype))
        way = [
            dns.rrset.from_text(s.name, 3600, "IN", "NS", server.to_text()),
            dns.rrset.from_text(server, 3600, "IN", "AAAA" if ":" in address else "A", address),
        ]
        return s.with_zone(s.world.sign(rest.with_rrsets(*way)))

    return change


def _is_way_to(zone: Name, owner: Name, rdtype: RdataType) -> bool:
    return (owner == zone and rdtype == rdatatype.NS) or (owner != zone and owner.is_subdomain(zone))


def unreachable(name: str, description: str, changes: str, make: Change) -> Fault:
    status, rule = SecurityStatus.INDETERMINATE, "answer-received"
    return Fault(name, description, changes, Cause.SERVER, make, status, rule, NO_REACHABLE_AUTHORITY, REPAIR)


FAULTS: tuple[Fault, ...] = (
    unreachable("allow-query-none", "The zone's servers refuse everybody.", REFUSAL, refusing),
    unreachable("allow-query-localhost", "The zone's servers refuse everybody but themselves.", REFUSAL, refusing),
    unreachable("not-auth", "The servers to which the parent delegates don't hold the zone.", REFUSAL, refusing),
    *(
        unreachable(name, f"The parent says that the zone's server is at {address}.", GLUE, glue(address))
        for name, address in ADDRESSES.items()
    ),
)
