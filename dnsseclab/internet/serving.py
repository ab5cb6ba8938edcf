"""`python3 -m dnsseclab serve`: a toy Internet on this computer, for dig and its like, until Ctrl-C.

It knows: which worlds can be chosen by name, and what to tell whoever reads the terminal.
It must not know: how anything is served or attacked. __main__.py starts it, in the environment that it needs.
"""

import argparse
import difflib
import signal
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ..authority.nsec3 import Nsec3
from ..protocol.messages import Question, question
from ..protocol.names import LabError, to_name
from .attacks import ATTACKS, Setup
from .client_lines import client_lines, write_files
from .faults import FAULTS, break_zone, describe_fault
from .log import Log
from .loopback import PORT, Servers
from .moving import RESOLVER, on_loopback
from .real_race import Campaign, play, serve_for
from .worlds import World, toy_internet

WORLDS: Mapping[str, Mapping[str, Any]] = MappingProxyType({
    "signed": {},
    "unsigned": {"signed": False},
    "unconnected": {"connected": False},
    "nsec3": {"denial": Nsec3()},
    "single-key": {"keys": "single"},
    "ed25519": {"algorithm": "Ed25519"},
    "rsa": {"algorithm": 8},
})  # fmt: skip


@dataclass(frozen=True)
class Order:
    """What is to be served."""

    world: str = "signed"
    fault: str | None = None  # a key of FAULTS
    zone: str = "bank.example"  # that has the fault
    attack: str = "none"
    validating: bool = True
    port: int = PORT

    def __post_init__(self) -> None:
        """Refuse a name that does not exist, and say which ones are like it.

        Raises:
            LabError: With one sentence.
        """
        _known("world", self.world, WORLDS)
        _known("attack", self.attack, ATTACKS)

    @property
    def setup(self) -> Setup:
        """Return the attack; on the path it spoils every reply, so that each program that asks meets it."""
        return Setup(attack=self.attack, spoil_every_reply=ATTACKS[self.attack].on_path, validating=self.validating)

    @property
    def question(self) -> Question:
        """Return what is worth asking."""
        if self.fault is not None:
            return FAULTS[self.fault].question(to_name(self.zone))
        return question(self.setup.victim, "A")

    def build(self, now: int) -> World:
        """Return the world, signed around `now`.

        Raises:
            LabError: There is no such fault or zone, or the zone can't have that fault in this world.
        """
        world = on_loopback(toy_internet(now=now, **WORLDS[self.world]))
        return world if self.fault is None else break_zone(world, self.zone, self.fault)


def main(arguments: Sequence[str]) -> int:
    """Serve what the arguments ask for until somebody ends it; return the exit code."""
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))  # end tidily, whoever ends it
    try:
        order = Order(**vars(_parser().parse_args(arguments)))
        run(order)
    except LabError as error:
        print(f"dnsseclab: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nEnded: nothing listens any more.", flush=True)
    except BrokenPipeError:  # whoever read the log has gone
        sys.stderr.close()
    return 0


def run(order: Order) -> None:
    """Serve, tell how to ask, attack if that is ordered, and go on until Ctrl-C."""
    world = order.build(int(time.time()))
    with tempfile.TemporaryDirectory(prefix="dnsseclab-serve-") as name:
        log = Log(_say)
        with serve_for(world, order.setup, log=log, port=order.port) as servers:
            folder = Path(name)
            write_files(servers, folder)
            _say(introduction(servers, order, folder))
            _attack(servers, order)
            try:
                while True:
                    time.sleep(1)  # in which Ctrl-C is heard on every system
            finally:
                _say(dropped(log))


def introduction(servers: Servers, order: Order, folder: Path) -> str:
    """Return what stands on the terminal before the log: who listens where, and what to type."""
    parts = [_places(servers)]
    if order.fault is not None:
        parts.append(f"{order.zone} is broken in one way.\n{describe_fault(order.fault)}")
    if servers.on_path is not None:
        parts.append(f"An attacker sits on the path and spoils every reply. {ATTACKS[order.attack].label}.")
    for good_for, lines in client_lines(servers, order.question, folder).items():
        parts.append("\n".join([f"{good_for}:", *(f"  {line}" for line in lines)]))
    parts.append("Paste them into another terminal, and watch what happens here. Ctrl-C ends it.")
    return "\n" + "\n\n".join(parts) + "\n"


def _places(servers: Servers) -> str:
    head = "A toy Internet, over UDP and TCP, for this computer only:"
    if servers.has_one_address:
        head += f"\n(This computer answers at {RESOLVER} alone, so each server has a port of its own.)"
    lines = [
        f"  {servers.label(address):27}{place.address} port {place.port}" for address, place in servers.places.items()
    ]
    return "\n".join([head, *lines])


def _attack(servers: Servers, order: Order) -> None:
    """Play a blind attack, and say what came of it."""
    setup = order.setup
    if setup.attack == "none" or servers.on_path is not None:
        return
    _say(f"The attack begins. {ATTACKS[setup.attack].label}.")
    rounds = []
    for played in play(servers, setup):
        rounds.append(played)
        _say(f"  Race {len(rounds)}: {played}")
    campaign = Campaign(tuple(rounds), servers.resolve(setup.victim, "A"))
    _say(f"The attack is over. {campaign.verdict}\n")


def dropped(log: Log) -> str:
    """Return what was thrown away in all that time, and why."""
    if not log.dropped:
        return "\nNothing was dropped."
    lines = [f"  {count:9,}  {reason}" for reason, count in log.dropped.most_common()]
    return "\n".join(["\nDropped:", *lines])


def _known(what: str, name: str, names: Iterable[str]) -> None:
    if name in names:
        return
    close = difflib.get_close_matches(name, list(names), n=3, cutoff=0.6)
    advice = f"did you mean {' or '.join(close)}?" if close else f"choose one of {', '.join(list(names)[:20])}."
    raise LabError(f"There is no {what} {name!r}: {advice}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python3 -m dnsseclab serve",
        description="Put a toy Internet on this computer's loopback, for dig and its like, until Ctrl-C.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="attacks:\n" + "\n".join(f"  {key:24}{attack.label}" for key, attack in ATTACKS.items()),
    )
    parser.add_argument("--world", default=Order.world, help=f"how it is signed: {', '.join(WORLDS)}")
    parser.add_argument("--fault", help="break a zone in one way; `python3 -m dnsseclab faults` lists them all")
    parser.add_argument("--zone", default=Order.zone, help=f"the zone to break (default: {Order.zone})")
    parser.add_argument("--attack", default=Order.attack, help="let somebody attack, from the list below")
    parser.add_argument("--no-validation", dest="validating", action="store_false", help="the resolver believes all")
    parser.add_argument("--port", type=int, default=PORT, help=f"of all servers (default: {PORT}; 0: a free one)")
    return parser


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
