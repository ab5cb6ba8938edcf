"""Agreement: what we say of every case, beside what real BIND and real Unbound say of the same bytes.

It knows: how each of them is asked, and how an answer is read as a verdict; what they said when last measured.
It must not know: who is right. Where they differ, differences.py has the reason and the section.
Follows RFC 4035 §4.3 (the states), §3.2.2 and §3.2.3 (how CD and AD tell them to a client).
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import dns.flags
import dns.rcode

from ..protocol.messages import Question
from ..protocol.names import LabError
from ..protocol.story import Outcome
from ..protocol.trust import SecurityStatus
from .cases import Case, healthy_world
from .complaints import Complaint, by_rule, by_words
from .daemon_files import surroundings
from .daemons import DAEMONS, Daemon
from .differences import Difference, difference
from .loopback import Servers, serve
from .moving import ATTACKER
from .network import Clock, Network
from .worlds import World

RECORDED = Path(__file__).with_name("verdicts.json")
NO_ANSWER = "no answer"  # nobody could be asked: there was nothing to judge


@dataclass(frozen=True)
class Opinion:
    """What one validator says of one case."""

    status: str  # 'secure', 'insecure', 'bogus' or 'no answer'
    complaint: str = ""  # why it is bogus, as a class
    words: str = ""  # and in its own words

    def agrees_with(self, other: "Opinion") -> bool:
        """Return whether both say the same; who gives no reason contradicts none."""
        reasons = {self.complaint, other.complaint} - {Complaint.UNSAID}
        return self.status == other.status and len(reasons) <= 1


@dataclass(frozen=True)
class Row:
    """One case, and what everybody says of it."""

    name: str
    description: str
    asked: str
    ours: Opinion
    others: dict[str, Opinion]  # by the daemon's name

    def differences(self) -> list[Difference]:
        """Return where the others differ from us, each with its reason."""
        return [difference(self.name, who) for who, said in self.others.items() if not said.agrees_with(self.ours)]


@dataclass(frozen=True)
class Agreement:
    """A whole comparison."""

    versions: dict[str, str]  # by the daemon's name
    measured: str  # the day
    rows: tuple[Row, ...]

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "Agreement":
        """Return what was written down."""
        fields = json.loads(text)
        rows = []
        for row in fields["rows"]:
            others = {who: Opinion(**said) for who, said in row.pop("others").items()}
            rows.append(Row(ours=Opinion(**row.pop("ours")), others=others, **row))
        return cls(fields["versions"], fields["measured"], tuple(rows))


def recorded() -> Agreement:
    """Return what everybody said when this was last measured: for where neither daemon is installed."""
    return Agreement.from_json(RECORDED.read_text(encoding="utf-8"))


def measure(
    cases: Iterable[Case],
    *,
    now: int,
    day: str,
    kinds: Sequence[str] = tuple(DAEMONS),
    progress: Callable[[Row], None] = lambda row: None,
) -> Agreement:
    """Let everybody judge some cases, and return what they said.

    Args:
        now: The real present, in epoch seconds: real programs know no other.
        day: The day, for the record.
        kinds: Which daemons, by name.
        progress: Is told of each row.
    Raises:
        LabError: A daemon is not installed.
    """
    healthy = healthy_world(now)
    versions: dict[str, str] = {}
    rows = []
    for case in cases:
        row = _judge(case, case.build(healthy), kinds, versions)
        rows.append(row)
        progress(row)
    return Agreement(versions, day, tuple(rows))


def _judge(case: Case, world: World, kinds: Sequence[str], versions: dict[str, str]) -> Row:
    others = {}
    for kind in kinds:  # a fresh attacker and fresh caches for each
        on_path = case.attacker(world) if case.attacker else None
        zones = [case.attackers_zone] if case.attackers_zone else []
        with serve(world, port=0, on_path=on_path, attackers_zones=zones) as servers:
            others[kind] = _ask_daemon(kind, servers, case.question, versions)
    return Row(case.name, case.description, str(case.question), our_opinion(case, world), others)


def _ask_daemon(kind: str, servers: Servers, question: Question, versions: dict[str, str]) -> Opinion:
    with DAEMONS[kind](surroundings(servers)) as daemon:
        if kind not in versions:
            versions[kind] = daemon.version()  # starts the program once more
        return daemons_opinion(kind, daemon, question)


def our_opinion(case: Case, world: World) -> Opinion:
    """Return what our resolver says, on the simulated network."""
    network = Network(world, clock=Clock(world.now), attacker=case.attacker(world) if case.attacker else None)
    if case.attackers_zone:
        network.add_attackers_server(ATTACKER, case.attackers_zone)
    return opinion_of(network.resolver().resolve(case.question.name, case.question.rdtype))


def opinion_of(outcome: Outcome) -> Opinion:
    """Return one of our outcomes as an opinion."""
    chain = outcome.chain
    if outcome.status is SecurityStatus.INDETERMINATE or chain is None:
        return Opinion(NO_ANSWER)
    if outcome.status is not SecurityStatus.BOGUS or chain.diagnosis is None:
        return Opinion(outcome.status.value)
    return Opinion(outcome.status.value, by_rule(chain.diagnosis.rule), chain.diagnosis.headline)


def daemons_opinion(kind: str, daemon: Daemon, question: Question) -> Opinion:
    """Return what a daemon says of a question, read as any client reads it: from RCODE, AD, and what CD changes."""
    try:
        reply = daemon.ask(*question)
        reasons = daemon.reasons()
        if reply.rcode() != dns.rcode.SERVFAIL:
            return Opinion("secure" if reply.flags & dns.flags.AD else "insecure")
        unchecked = daemon.ask(*question, checking_disabled=True)
    except LabError:  # it is still waiting for servers that say nothing
        return Opinion(NO_ANSWER)
    if unchecked.rcode() == dns.rcode.SERVFAIL:
        return Opinion(NO_ANSWER)
    complaint, words = by_words(kind, reasons)
    return Opinion("bogus", complaint, words)
