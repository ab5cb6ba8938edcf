"""Configuration files for real BIND and real Unbound: validating resolvers in a world of ours, every line explained.

It knows: how each of them is told where the root is, whom to trust, and to stay on this computer.
It must not know: processes and sockets; daemons.py starts what is written here.
Follows RFC 4035 §4.4 (trust anchors); the words are those of named.conf(5) and unbound.conf(5).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import dns.name
from dns import rdatatype
from dns.name import Name
from dns.rrset import RRset

from ..protocol.messages import Endpoint
from ..protocol.names import LabError
from .loopback import Servers
from .worlds import World

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Surroundings:
    """What a resolver has to be told of the world that it shall live in."""

    trust_anchors: tuple[RRset, ...]  # DS RRsets; none: it does not validate
    root_hints: Mapping[str, Sequence[str]]  # server name -> addresses
    delegations: Mapping[Name, tuple[Endpoint, ...]]  # zone -> where its servers are, the root's too
    port: int | None  # at which all servers listen; None: each at one of its own, as they share an address
    forward_to: Endpoint | None = None  # a resolver to ask, instead of the servers themselves


def surroundings(servers: Servers, *, forwarding: bool = False, validating: bool = True) -> Surroundings:
    """Return what a resolver must know to live in a world that is being served.

    Args:
        forwarding: It is to ask our resolver, instead of the authoritative servers.
        validating: Whether it is given the world's trust anchors.
    """
    world = servers.world
    roots = (address for addresses in world.root_hints.values() for address in addresses)
    known = {dns.name.root: tuple(roots)}
    known.update({zone: tuple(delegated_addresses(world, zone)) for zone in world.zones if zone != dns.name.root})
    delegations = {zone: tuple(_place(servers, each) for each in addresses) for zone, addresses in known.items()}
    port = None if servers.has_one_address else servers.place.port
    anchors = world.trust_anchors if validating else ()
    return Surroundings(anchors, world.root_hints, delegations, port, servers.place if forwarding else None)


def _place(servers: Servers, address: str) -> Endpoint:
    """Return where a server listens; where nobody is, at the port at which somebody might be."""
    return servers.places.get(address) or Endpoint(address, servers.place.port)


def delegated_addresses(world: World, zone: Name) -> Iterator[str]:
    """Yield the addresses of a zone's servers as one hears them from above: glue first, the truth otherwise."""
    parent = world.zone_of(zone, rdatatype.DS)
    for ns in parent.get(zone, rdatatype.NS) or ():
        glue = [parent.get(ns.target, rdtype) for rdtype in (rdatatype.A, rdatatype.AAAA)]
        if not any(glue) and not ns.target.is_subdomain(zone):  # else nobody could ask for it without having it
            glue = [world.truth(ns.target, rdatatype.A)]
        yield from (rdata.address for rrset in glue for rdata in rrset or ())


# --- BIND


def bind_files(around: Surroundings, port: int, identity: str) -> dict[str, str]:
    """Return the files of a BIND that listens on 127.0.0.1 at `port`: file name -> text.

    Raises:
        LabError: It cannot ask these servers by itself.
    """
    if around.port is None and around.forward_to is None:
        raise LabError(
            "BIND asks all servers at one port, and on this computer they share one address, so each has a port of its "
            "own: let BIND forward to the toy resolver, with forwarding=True."
        )
    files = {
        "named.conf": "\n".join(
            [*_bind_options(around, port, identity), *bind_trust(around.trust_anchors), *_bind_zones(around), ""]
        )
    }
    if around.forward_to is None:
        files["root.hints"] = "\n".join(_hints(around.root_hints)) + "\n"
    return files


def _bind_options(around: Surroundings, port: int, identity: str) -> Iterator[str]:
    yield "options {"
    if around.forward_to is None:
        yield f"  port {around.port};  # also of the questions that it asks: all servers of this world listen there"
    yield f"  listen-on port {port} {{ {LOOPBACK}; }};  # only this computer may ask"
    yield "  listen-on-v6 { none; };"
    yield f"  query-source address {LOOPBACK};  # from here, no packet can leave this computer"
    yield "  recursion yes;"
    yield f"  dnssec-validation {'yes' if around.trust_anchors else 'no'};  # yes: with the trust anchors below"
    yield '  bindkeys-file "none";  # nor with the real root\'s keys'
    yield "  empty-zones-enable no;  # in this world, nothing is answered from habit"
    yield "  servfail-ttl 0;  # a failure is not remembered: ask again, and it looks again"
    yield "  max-cache-size 16m;"
    yield f'  server-id "{identity}";  # what it answers to "id.server CH TXT": whoever started it knows it by that'
    yield "  pid-file none;"
    yield "  session-keyfile none;"
    yield "};"
    yield "controls { };  # no remote control: it would need a port and a key"
    yield "logging {"
    yield "  channel here { stderr; severity info; print-category yes; };"
    yield "  channel reasons { stderr; severity debug 3; print-category yes; };"
    yield "  category default { here; };"
    yield "  category dnssec { reasons; };  # why an answer is refused"
    yield "};"


def bind_trust(trust_anchors: Sequence[RRset]) -> Iterator[str]:
    """Yield the lines by which `named`, and `delv` too, are told whom to trust; none for no trust anchors."""
    if not trust_anchors:
        return
    yield "trust-anchors {"
    for rrset in trust_anchors:
        for ds in rrset:
            numbers = f"{ds.key_tag} {ds.algorithm} {ds.digest_type}"
            yield f'  "{rrset.name}" static-ds {numbers} "{ds.digest.hex()}";  # static: never replaced by itself'
    yield "};"


def _bind_zones(around: Surroundings) -> Iterator[str]:
    if around.forward_to is None:
        yield 'zone "." { type hint; file "root.hints"; };  # where to begin'
        return
    address, port = around.forward_to
    yield f'zone "." {{ type forward; forward only; forwarders {{ {address} port {port}; }}; }};  # ask only this one'


def _hints(root_hints: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for name, addresses in root_hints.items():
        owner = name.rstrip(".") + "."
        yield f". 3600000 IN NS {owner}"
        yield from (f"{owner} 3600000 IN A {address}" for address in addresses)


# --- Unbound


def unbound_files(around: Surroundings, port: int, identity: str) -> dict[str, str]:
    """Return the files of an Unbound that listens on 127.0.0.1 at `port`: file name -> text."""
    return {"unbound.conf": "\n".join([*_unbound_server(around, port, identity), *_unbound_ways(around), ""])}


def _unbound_server(around: Surroundings, port: int, identity: str) -> Iterator[str]:
    yield "server:"
    yield f"  interface: {LOOPBACK}@{port}  # only this computer may ask"
    yield f"  outgoing-interface: {LOOPBACK}  # from here, no packet can leave this computer"
    yield "  do-not-query-localhost: no  # in this world, everybody is at home"
    yield "  do-ip6: no"
    yield '  username: ""  # stay who started it'
    yield '  chroot: ""'
    yield '  directory: ""'
    yield '  pidfile: ""'
    yield "  do-daemonize: no"
    yield "  use-syslog: no  # say it to whoever started it"
    yield f'  identity: "{identity}"  # what it answers to "id.server CH TXT": whoever started it knows it by that'
    yield "  log-servfail: yes  # why a question failed"
    yield "  val-log-level: 2  # why an answer is refused"
    yield "  ede: yes  # tell the client as well (RFC 8914)"
    yield "  outbound-msg-retry: 2  # at home, who has not answered at once won't"
    yield "  infra-cache-max-rtt: 1000"
    yield "  num-threads: 1"
    yield "  outgoing-range: 128"
    yield "  num-queries-per-thread: 64"
    yield "  val-sig-skew-min: 0  # no pardon for clocks that are wrong: a signature holds when it says so"
    yield "  val-sig-skew-max: 0"
    yield "  trust-anchor-signaling: no  # don't ask for _ta-... names"
    if not around.trust_anchors:
        yield '  module-config: "iterator"  # does not validate'
        return
    yield '  module-config: "validator iterator"  # look it up, then validate it'
    for rrset in around.trust_anchors:
        yield from (f'  trust-anchor: "{rrset.name} DS {ds}"' for ds in rrset)


def _unbound_ways(around: Surroundings) -> Iterator[str]:
    yield "remote-control:"
    yield "  control-enable: no  # it would need a port and a key"
    if around.forward_to is not None:
        yield from ("forward-zone:", '  name: "."', f"  forward-addr: {_at(*around.forward_to)}  # ask only this one")
        return
    yield "# A referral names no port, and Unbound then takes 53. So it is told where each zone's servers are."
    for zone, places in around.delegations.items():
        yield from ("stub-zone:", f'  name: "{zone}"', *(f"  stub-addr: {_at(*place)}" for place in places))


def _at(address: str, port: int) -> str:
    return f"{address}@{port}"
