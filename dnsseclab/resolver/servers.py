"""Which servers to ask: those of the closest zone cut that is known, and how far each of them has been tried.

It knows: name servers and their addresses, from the cache, from a referral, or from the root hints.
It must not know: what they will answer.
Follows RFC 1034 §5.3.3 step 2 (find the best servers), RFC 2181 §5.4.1 (glue is good enough for finding a server).
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import dns.name
from dns import rdatatype
from dns.message import Message
from dns.name import Name

from ..protocol.kept_names import kept
from ..protocol.messages import Transport
from ..protocol.names import ancestors, to_name
from .bailiwick import ADDRESS_TYPES
from .cache import Cache

ROUNDS = 2  # times that a silent server is asked

RootHints = Mapping[Name, tuple[str, ...]]


class Delegation(NamedTuple):
    """A zone, the servers that are said to have it, and until when that was said."""

    zone: Name
    addresses: Mapping[Name, tuple[str, ...]]  # name of a server -> its known addresses, perhaps none
    expires: int  # epoch seconds

    @property
    def leads_on(self) -> bool:
        """Return whether a server can be found: an address is known, or a name that others than the zone can tell."""
        return any(known or not server.is_subdomain(self.zone) for server, known in self.addresses.items())


class Target(NamedTuple):
    """One way to ask one server."""

    address: str
    transport: Transport = "udp"
    edns: bool = True


class Candidates:
    """The servers of one zone in the order in which they are asked, and what is left to try.

    Simplification: the order is that of the delegation. A real resolver prefers the quickest server and now and then
    tries another, which makes it a little harder to guess from where the reply must come (N in RFC 5452 §7.1).
    """

    def __init__(self, delegation: Delegation, avoid: Iterable[str] = ()):
        """Args: avoid: addresses to ask last, because what they said before could not be believed."""
        self._avoided = frozenset(avoid)
        self._asked: dict[str, int] = {}
        self._waiting: deque[Target] = deque()
        self._last: deque[Target] = deque()
        self._unknown: deque[Name] = deque()
        self._known: deque[Name] = deque()
        self._named: set[Name] = set()
        self.add_servers(delegation)

    def add_servers(self, delegation: Delegation) -> bool:
        """Add the servers of the zone as a delegation names them; return whether anything in it was new."""
        before = len(self._named), len(self._asked)
        for name, addresses in delegation.addresses.items():
            if name not in self._named:
                self._named.add(name)
                (self._known if addresses else self._unknown).append(name)
            self.add(addresses)
        return before != (len(self._named), len(self._asked))

    def add(self, addresses: Iterable[str]) -> None:
        """Add addresses of servers, unless they are known."""
        for address in addresses:
            if address not in self._asked:
                self._asked[address] = 0
                (self._last if address in self._avoided else self._waiting).append(Target(address))

    def next(self) -> Target | Name | None:
        """Return whom to ask next: an address, or the name of a server whose address has to be found; None: no more."""
        for queue in (self._waiting, self._unknown, self._last):
            if queue:
                return queue.popleft()
        return None

    def next_to_find_again(self) -> Name | None:
        """Return a server whose address may have changed since it was remembered, each of them once."""
        return self._known.popleft() if self._known else None

    def retry(self, target: Target) -> None:
        """Ask the same server at once, in another way."""
        self._waiting.appendleft(target)

    def was_silent(self, target: Target) -> None:
        """Note that nothing came back: ask again when the others have had their turn, but not for ever."""
        self._asked[target.address] += 1
        if self._asked[target.address] < ROUNDS:
            self._waiting.append(target)


def closest_delegation(name: Name, cache: Cache, hints: RootHints, now: int) -> Delegation:
    """Return the servers of the closest zone at or above `name` that can be found; at worst those of the root."""
    for zone in ancestors(name):
        entry = cache.get(zone, rdatatype.NS, now)
        if entry and entry.answer:
            names = [rdata.target for rdata in entry.answer[0]]
            addresses = {server: known_addresses(server, cache, now) for server in names}
            delegation = Delegation(zone, addresses, entry.expires)
            if delegation.leads_on:
                return delegation
    return root_delegation(hints, now)


def read_hints(hints: Mapping[str, Sequence[str]]) -> RootHints:
    """Return root hints, given as text, with their names read."""
    return {to_name(name): tuple(addresses) for name, addresses in hints.items()}


def root_delegation(hints: RootHints, now: int) -> Delegation:
    """Return the root's servers as the hints name them.

    Simplification: a real resolver primes, that is, it asks one of them for the current list first (RFC 8109).
    """
    return Delegation(kept(dns.name.root), hints, now + 2**31)


def delegation_from(referral: Message, zone: Name, cache: Cache, now: int) -> Delegation:
    """Return the servers that a referral names; for one that came without glue, with the addresses we know."""
    cut = next(rrset for rrset in referral.authority if rrset.rdtype == rdatatype.NS and rrset.name == zone)
    glue: dict[Name, tuple[str, ...]] = {}
    for rrset in sorted(referral.additional, key=lambda rrset: rrset.rdtype):  # A before AAAA
        if rrset.rdtype in ADDRESS_TYPES:
            glue[rrset.name] = glue.get(rrset.name, ()) + tuple(rdata.address for rdata in rrset)
    names = [rdata.target for rdata in cut]
    addresses = {server: glue.get(server) or known_addresses(server, cache, now) for server in names}
    return Delegation(zone, addresses, now + cut.ttl)


def known_addresses(server: Name, cache: Cache, now: int) -> tuple[str, ...]:
    """Return a server's addresses from the cache, IPv4 first; glue will do."""
    entries = [cache.get(server, rdtype, now) for rdtype in ADDRESS_TYPES]
    return tuple(rdata.address for entry in entries if entry and entry.answer for rdata in entry.answer[0])
