"""The clinic: what can be seen of a sick zone from outside, in the order in which one looks.

    print(examine(break_zone(toy_internet(), fault="rrsig-exp-all"), "bank.example"))

First the symptom, as any client gets it; then the same question with CD, which tells a broken proof from a broken
server; then the chain of trust and its first failed check; last every server of the zone by itself.
It knows: how to ask a resolver with and without CD, and a server directly.
It must not know: what was done to the zone. It sees what everybody can see.
Follows RFC 4035 §3.2.2 (CD), RFC 8914 (extended errors), RFC 1035 §3.3.13 (serial).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from textwrap import wrap

import dns.rcode
from dns import rdatatype
from dns.edns import EDEOption
from dns.name import Name

from ..authority.signing import unsign_zone
from ..authority.zones import Zone, make_rrset
from ..protocol.messages import Question, parse, query_bytes, question, show_rrset
from ..protocol.names import show_name
from ..protocol.story import Outcome
from ..protocol.trust import ChainOfTrust, SecurityStatus
from .network import Network
from .worlds import DAY, Server, World

WIDTH = 72  # columns: what a narrow notebook shows
LAST_WEEK = 8 * DAY  # before the world's present: a copy of then has signatures that have expired since


@dataclass(frozen=True)
class Examination:
    """What was seen."""

    question: Question
    outcome: Outcome  # what a client gets who relies on the resolver
    unchecked: Outcome  # what it gets with CD
    serials: Mapping[str, int | None]  # {a server of the zone: its SOA serial}; None: it did not answer

    @property
    def healthy(self) -> bool:
        """Return whether the answer is secure, and all servers have the same copy of the zone."""
        return self.outcome.status is SecurityStatus.SECURE and len(set(self.serials.values())) == 1

    @property
    def chain(self) -> ChainOfTrust | None:
        """Return the chain of the first attempt: a retry tells the same story, or hides it."""
        return self.outcome.chains[0] if self.outcome.chains else None

    @property
    def rule(self) -> str:
        """Return the check that decided; empty if all of them passed."""
        return self.chain.diagnosis.rule if self.chain and self.chain.diagnosis else ""

    @property
    def repair(self) -> str:
        """Return what the validator's words for that check advise."""
        if self.chain and self.chain.diagnosis:
            return self.chain.diagnosis.repair
        return "None: nothing is wrong." if self.healthy else "Make the zone's servers answer, all of them alike."

    def __str__(self) -> str:
        servers = ", ".join(f"{name}: {serial or 'no answer'}" for name, serial in self.serials.items())
        rows = {
            "Symptom": _what_came(self.outcome),
            "With CD": _what_came(self.unchecked),
            "Chain": self._what_was_found(),
            "Serials": servers,
        }
        return "\n".join([str(self.question), *(_row(title, text) for title, text in rows.items())])

    def _what_was_found(self) -> str:
        first = self.chain.status if self.chain else self.outcome.status
        diagnosis = self.chain.diagnosis if self.chain else None
        nothing = "every link holds." if first is SecurityStatus.SECURE else "the answer itself did not come."
        found = f"{first.value}: {diagnosis.sentence} ({diagnosis.rule})" if diagnosis else f"{first.value}: {nothing}"
        return found if first is self.outcome.status else f"{found} Asked again: {self.outcome.status.value}."


def examine(
    world: World, name: str | Name = "www.bank.example", rdtype: str | int = "A", *, seed: int = 0
) -> Examination:
    """Ask for a name as its users do, then as somebody does who looks for the cause.

    Args:
        seed: Another one may lead the resolver to another server of the zone first.
    """
    asked = question(name, rdtype)
    outcome = Network(world, seed=seed).resolver().resolve(*asked)
    unchecked = Network(world, seed=seed).resolver().resolve(*asked, checking_disabled=True)
    return Examination(asked, outcome, unchecked, serials(world, world.zone_of(asked.name, asked.rdtype).origin))


def serials(world: World, zone: str | Name) -> dict[str, int | None]:
    """Ask every server of a zone for the serial number of its copy."""
    origin = world.zone(zone).origin
    return {show_name(each.name): _serial(world, each.address, origin) for each in servers_of(world, origin)}


def servers_of(world: World, zone: str | Name) -> list[Server]:
    """Return the servers that a zone names as its own, whether or not they serve it."""
    own = world.zone(zone)
    named = {rdata.target for rdata in own.get(own.origin, rdatatype.NS) or ()}
    return [server for server in world.servers if server.name in named]


def _serial(world: World, address: str, zone: Name) -> int | None:
    server = world.server_at(address)
    reply = server.reply(query_bytes(Question(zone, rdatatype.SOA), id=1)) if server else None
    found = [rrset[0].serial for rrset in parse(reply).answer if rrset.rdtype == rdatatype.SOA] if reply else []
    return found[0] if found else None


def last_weeks_copy(world: World, zone: str | Name) -> Zone:
    """Return a zone as its owner had signed it eight days ago: an older serial, and signatures that have expired."""
    today = world.zone(zone)
    soa = make_rrset(today.origin, today.soa.ttl, today.soa[0].replace(serial=today.soa[0].serial - 8))
    return replace(world, now=world.now - LAST_WEEK).sign(unsign_zone(today).with_rrsets(soa))


def _row(title: str, text: str) -> str:
    start = f"  {title:8} "
    lines = wrap(text, WIDTH, initial_indent=start, subsequent_indent=" " * len(start), break_on_hyphens=False)
    return "\n".join(lines) or start.rstrip()


def _what_came(outcome: Outcome) -> str:
    message = outcome.message
    errors = [str(option) for option in message.options if isinstance(option, EDEOption)]
    data = [show_rrset(rrset) for rrset in message.answer if rrset.rdtype != rdatatype.RRSIG]
    return "; ".join([dns.rcode.to_text(message.rcode()), *data, *errors])
