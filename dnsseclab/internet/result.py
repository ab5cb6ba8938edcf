"""The result of one attack: what the victim's browser opened, how it came about, and who forged what.

It knows: the outcome of the look-up, and what only the network and the zones' owners can tell.
It must not know: how to judge an answer, or the sentences that explain it.
"""

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from dns import rdatatype
from dns.name import Name
from dns.rdata import Rdata
from dns.rdatatype import RdataType

from ..protocol.dnssec import show_duration
from ..protocol.messages import Datagram
from ..protocol.story import Outcome, Story
from ..protocol.trust import ChainOfTrust, Item, ItemKind
from .attacks import ATTACKS, Setup
from .network import Network
from .worlds import ATTACKER_NETWORK, World

TEXT_WIDTH = 66  # characters; what JupyterLab shows in a line when its window is 800 pixels wide


@dataclass(frozen=True)
class CacheLine:
    """One thing in the resolver's cache, as plain text."""

    name: str
    type: str  # '' if the whole name does not exist
    value: str
    holds: str  # 'forged', 'verified', 'unsigned', 'unchecked' or 'failure'
    seconds: int  # for how much longer

    def __str__(self) -> str:
        what = " ".join(filter(None, (self.name, self.type, self.value)))
        return f"{what}: {self.holds}, for another {show_duration(self.seconds)}"


@dataclass(frozen=True)
class Result:
    """One attack, played to its end."""

    setup: Setup
    outcome: Outcome  # of the victim's own question
    story: Story  # of all questions of the attack, with what arrived too late
    chains: tuple[ChainOfTrust, ...]  # every judgement in order of time; the last one decided
    started: float  # epoch seconds, virtual
    seed: int
    network: Network = field(repr=False)
    cached: CacheLine | None = None  # what the resolver remembers of the victim's address afterwards

    @cached_property
    def address(self) -> str | None:
        """Return the address that the browser was given, or None."""
        for rrset in self.outcome.message.answer:
            if rrset.rdtype == rdatatype.A:
                return rrset[0].address
        return None

    @property
    def opened(self) -> str:
        """Return what the browser opened: 'bank' (the true page, whoever owns it), 'attacker' or 'error'."""
        if self.address is None:
            return "error"
        return "attacker" if self.address.startswith(ATTACKER_NETWORK) else "bank"

    @property
    def headline(self) -> str:
        """Return what the browser opened, in words."""
        return {"bank": self.setup.owner, "attacker": "the attacker's page", "error": "an error page"}[self.opened]

    @cached_property
    def why(self) -> str:
        """Return why, in one or two sentences."""
        from .outcomes import explain  # it explains this class, so it cannot be imported before it

        return explain(self)

    def is_forged(self, datagram: Datagram) -> bool:
        """Return whether an attacker made this datagram, whoever it claims to come from."""
        return self.network.is_forged(datagram)

    def label(self, address: str) -> str:
        """Return a short name for whoever has an address: "bank's server"."""
        return self.network.label(address)

    def forged_items(self, chain: ChainOfTrust) -> frozenset[str]:
        """Return the ids of the boxes of a chain that hold what their zone never said, or says no longer."""
        world = self.network.world
        return frozenset(item.id for item in chain.items if _is_false(item, world))

    def __str__(self) -> str:
        opened = f"The browser opened: {self.headline} ({self.address or 'no address'})."
        return "\n".join([f"{ATTACKS[self.setup.attack].label}.", opened, textwrap.fill(self.why, TEXT_WIDTH)])


def is_true(world: World, name: Name, rdtype: RdataType, rdatas: Iterable[Rdata]) -> bool:
    """Return whether all these records are what their owner's zone says today."""
    return _truth(world, name, rdtype).issuperset(rdatas)


def _is_false(item: Item, world: World) -> bool:
    if item.kind in (ItemKind.ANCHOR, ItemKind.DENIAL) or not item.present:
        return False
    if item.kind is ItemKind.ABSENCE:
        return bool(_truth(world, item.owner, item.rdtype))
    return not is_true(world, item.owner, item.rdtype, item.rdatas)


def _truth(world: World, name: Name, rdtype: RdataType) -> set[Rdata]:
    """Return what the owner's zone says, through a wildcard if need be."""
    zone = world.zone_of(name, rdtype)
    owner = name if zone.exists(name) else Name((b"*", *zone.closest_encloser(name).labels))
    return set(zone.get(owner, rdtype) or ())
