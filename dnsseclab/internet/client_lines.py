"""What to type to ask the toy servers with the programs that people use, and the files that these programs need.

It knows: how `dig`, `delv`, `kdig`, `drill` and `unbound-host` are told an address, a port and a trust anchor.
It must not know: what they will answer.
"""

import shlex
from pathlib import Path

from dns.name import root

from ..protocol.messages import Endpoint, Question
from ..protocol.names import show_type
from .daemon_files import bind_trust
from .loopback import Servers

ANCHOR_FOR_DELV, ANCHOR_FOR_DRILL, UNBOUND_HOST = "anchors.conf", "root.ds", "unbound-host.conf"


def write_files(servers: Servers, folder: Path) -> None:
    """Write what the validating clients need: the toy root's trust anchor, in the spelling of each of them."""
    anchors = servers.world.trust_anchors
    (folder / ANCHOR_FOR_DELV).write_text("\n".join(bind_trust(anchors)) + "\n", encoding="utf-8")
    (folder / ANCHOR_FOR_DRILL).write_text("".join(f"{rrset.to_text()}\n" for rrset in anchors), encoding="utf-8")
    (folder / UNBOUND_HOST).write_text(_unbound_host(servers.place, folder), encoding="utf-8")


def client_lines(servers: Servers, asked: Question, folder: Path | str) -> dict[str, list[str]]:
    """Return lines to paste into a shell, by what they are good for.

    Args:
        asked: What they ask.
        folder: Where `write_files` has written.
    """
    name, rdtype = asked.name.to_text(), show_type(asked.rdtype)
    at = f"@{servers.place.address} -p {servers.place.port}"
    does = "validates" if servers.resolver.validates else "does not validate"
    lines = {
        f"Ask the resolver, which {does}": [
            f"dig {at} {name} {rdtype} +dnssec",
            f"dig {at} {name} {rdtype} +dnssec +cd",
            f"kdig {at} {name} {rdtype} +dnssec",
            f"drill -D -p {servers.place.port} {name} {rdtype} @{servers.place.address}",
        ],
        "Ask the servers yourself, from the root down": [
            _dig(servers, address, asked) for address in _way_down(servers, asked)
        ],
    }
    if servers.world.trust_anchors:
        anchor, ds, conf = (
            shlex.quote(str(Path(folder, file))) for file in (ANCHOR_FOR_DELV, ANCHOR_FOR_DRILL, UNBOUND_HOST)
        )
        lines["Trust nobody, and validate for yourself"] = [
            f"delv {at} -a {anchor} +root=. +cd {name} {rdtype}",
            f"drill -S -k {ds} -p {servers.place.port} {name} {rdtype} @{servers.place.address}",
            f"unbound-host -C {conf} -v -t {rdtype} {name}",
        ]
    return lines


def _way_down(servers: Servers, asked: Question) -> list[str]:
    """Return the address of one server of each zone from the root down to the name."""
    zones = sorted((zone for zone in servers.world.zones if asked.name.is_subdomain(zone)), key=len)
    first = {zone: server.address for server in reversed(servers.world.servers) for zone in server.zones[:1]}
    return [first[zone] for zone in zones if zone in first]


def _dig(servers: Servers, address: str, asked: Question) -> str:
    place = servers.places[address]
    name, rdtype = asked.name.to_text(), show_type(asked.rdtype)
    return f"dig @{place.address} -p {place.port} {name} {rdtype} +dnssec +norecurse  # {servers.label(address)}"


def _unbound_host(resolver: Endpoint, folder: Path) -> str:
    """Return a configuration for unbound-host: ask the toy resolver, and check everything again."""
    return (
        "server:\n"
        "  do-not-query-localhost: no\n"
        f'  trust-anchor-file: "{folder / ANCHOR_FOR_DRILL}"\n'
        "  val-sig-skew-min: 0\n"  # else it takes signatures that expired up to a day ago
        "  val-sig-skew-max: 0\n"
        "forward-zone:\n"
        f'  name: "{root}"\n'
        f"  forward-addr: {resolver.address}@{resolver.port}\n"
    )
