"""Servers made by hand: what each address says to each question, for tests that need no zones and no keys."""

import random
from collections.abc import Callable, Iterator

import dns.flags
import dns.rcode
import dns.rrset
from dns.message import make_response

from dnsseclab.protocol.messages import Datagram, asked, parse, question, to_bytes
from dnsseclab.resolver import Defences, RecursiveResolver
from dnsseclab.resolver.accepting import Secrets
from dnsseclab.resolver.cache import Cache
from dnsseclab.resolver.equipment import Budget, Equipment
from dnsseclab.resolver.resolution import Resolution
from dnsseclab.resolver.servers import read_hints
from dnsseclab.validator.limits import Limits
from dnsseclab.validator.policy import Policy

NOW = 1_800_000_000
ROOT, COM, BANK, OTHER = "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"  # addresses of servers
HINTS = {"root-server.example": [ROOT]}
READ_HINTS = read_hints(HINTS)


def records(*lines: str) -> list[dns.rrset.RRset]:
    """Return RRsets from lines such as 'www.bank.com. 3600 A 192.0.2.20'; equal name and type are one RRset."""
    rrsets: dict[tuple, dns.rrset.RRset] = {}
    for line in lines:
        name, ttl, rdtype, rdata = line.split(maxsplit=3)
        rrset = dns.rrset.from_text(name, int(ttl), "IN", rdtype, rdata)
        known = rrsets.setdefault((rrset.name, rrset.rdtype, rrset.covers), rrset)
        known.update(rrset)
    return list(rrsets.values())


def reply_to(
    query: Datagram, answer=(), authority=(), additional=(), *, flags="AA", rcode="NOERROR", alter=None
) -> Datagram:
    """Return the reply to a query, its sections given as lines; `alter` changes the message before it is packed."""
    message = make_response(parse(query.payload))
    message.flags |= dns.flags.from_text(flags)
    message.set_rcode(dns.rcode.from_text(rcode))
    message.answer, message.authority, message.additional = records(*answer), records(*authority), records(*additional)
    if alter:
        alter(message)
    return Datagram(query.destination, query.source, to_bytes(message), query.transport)


class Servers:
    """Some servers' answers, and everything that they were asked."""

    def __init__(self) -> None:
        self.says: dict[tuple, Callable[[Datagram], Datagram]] = {}
        self.asked: list[tuple] = []
        self.sent: list[Datagram] = []

    def at(self, address: str, name: str, rdtype: str, *sections, **how) -> None:
        """Let the server at `address` answer one question; `*` as the name: whatever it is asked."""
        self.says[address, name, rdtype] = lambda query: reply_to(query, *sections, **how)

    def carry(self, query: Datagram) -> Iterator[Datagram]:
        """Take one datagram; yield the reply, if there is one."""
        about = asked(parse(query.payload))
        address, name, rdtype = query.destination.address, about.name.to_text(True).lower(), about.rdtype.name
        self.asked.append((address, name, rdtype))
        self.sent.append(query)
        answer = self.says.get((address, name, rdtype)) or self.says.get((address, "*", rdtype))
        if answer:
            yield answer(query)

    def resolver(self, **options) -> RecursiveResolver:
        """Return a resolver that asks these servers."""
        options = {"clock": lambda: NOW, "rng": random.Random(1)} | options
        return RecursiveResolver(self.carry, HINTS, **options)


def usual_servers() -> Servers:
    """Return the servers of root, com and bank.com, with www.bank.com A."""
    servers = Servers()
    servers.at(ROOT, "*", "A", [], ["com. 7200 NS ns.com."], [f"ns.com. 7200 A {COM}"], flags="")
    servers.at(COM, "*", "A", [], ["bank.com. 7200 NS ns.bank.com."], [f"ns.bank.com. 7200 A {BANK}"], flags="")
    servers.at(BANK, "www.bank.com", "A", ["www.bank.com. 3600 A 192.0.2.20"])
    return servers


def resolution(
    name="www.bank.com", rdtype="A", *, cache=None, queries=50, limits=None, clock=lambda: NOW, avoid=(), **defences
):
    """Return a resolution that begins at the root, unless the cache knows better."""
    switches = Defences(**{"minimize_names": False, **defences})
    limits = limits or Limits(upstream_queries=queries)
    equipment = Equipment(
        cache or Cache(), READ_HINTS, Secrets("192.0.2.53", random.Random(1), switches), clock, switches,
        Policy(), limits, dnssec=False,
    )  # fmt: skip
    return Resolution(question(name, rdtype), equipment, Budget(limits, NOW), avoid=avoid)


def run(resolving: Resolution, servers: Servers) -> list:
    """Let a resolution ask until it has ended; return the fates of all replies."""
    fates = []
    while (query := resolving.next_query()) is not None:
        for datagram in servers.carry(query):
            fates.append(resolving.receive(datagram))
    return fates
