"""Searching for disagreements: random worlds, asked about by us and by a daemon, and made small when we differ.

It knows: what counts as the same answer, which differences are explained already, and how a plan is made smaller.
It must not know: who is right. Whoever settles a disagreement keeps its plan as a scenario for the tests.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import dns.flags
import dns.rcode
from dns import rdatatype
from dns.message import Message

from ..authority.zones import ancestors
from ..protocol.messages import Question
from ..protocol.names import LabError, to_name
from ..protocol.story import Outcome
from ..validator.policy import Policy
from .daemon_files import surroundings
from .daemons import DAEMONS
from .differences import (
    ASKED_FOR_ALIAS,
    BETWEEN,
    DIFFERENCES,
    PROOFS_OF_AN_ALIAS,
    SOA_OF_A_DENIAL,
    SOA_OF_AN_OPT_OUT,
)
from .loopback import serve
from .network import Clock, Network
from .planned_worlds import Plan, ZonePlan, build_world
from .random_plans import random_plan
from .worlds import World

PATIENCE = 8.0  # seconds for one question


@dataclass(frozen=True)
class Answer:
    """What a client got: RCODE, the AD bit, and the records of the answer without signatures and TTLs."""

    rcode: str
    ad: bool = False
    records: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.rcode}{' AD' * self.ad} {'; '.join(self.records)}".strip()


@dataclass(frozen=True)
class Disagreement:
    """One question to which we and a daemon give different answers."""

    plan: Plan
    question: Question
    ours: Answer
    theirs: Answer
    rule: str  # of the check of ours that decided, if one failed
    words: tuple[str, ...]  # of the daemon

    def __str__(self) -> str:
        reason = f" ({self.rule})" if self.rule else ""
        lines = [f"{self.question}: dnsseclab {self.ours}{reason}; the daemon {self.theirs}", *self.words]
        return "\n".join([*lines, str(self.plan)])


def search(
    seeds: Iterator[int],
    now: int,
    kind: str = "Unbound",
    progress: Callable[[int, int], None] = lambda seed, asked: None,
) -> Iterator[Disagreement]:
    """Yield every disagreement that nobody has explained, each in a world made as small as it gets.

    Args:
        seeds: Of the worlds.
        now: The real present, in epoch seconds.
        kind: Which daemon.
        progress: Is told of each seed, and how many questions were asked in its world.
    """
    for seed in seeds:
        plan = random_plan(seed)
        for found in disagreements(plan, now, kind):
            yield smaller(found, now, kind)
        progress(seed, len(plan.questions))


def disagreements(plan: Plan, now: int, kind: str = "Unbound") -> list[Disagreement]:
    """Return where we and a daemon differ in one world, without what is explained already.

    A plan that makes no world, because its fault changes nothing there, has none.
    """
    try:
        world = build_world(plan, now)
    except LabError:
        return []
    found = []
    with serve(world, port=0) as servers:
        for question in plan.asked:
            outcome = our_outcome(world, question)
            ours = answer_of(outcome.message)
            with DAEMONS[kind](surroundings(servers)) as daemon:  # anew: what it remembers must not help it
                try:
                    theirs, words = answer_of(daemon.ask(*question, seconds=PATIENCE)), daemon.reasons()
                except LabError as error:
                    theirs, words = Answer("SERVFAIL"), [str(error)]
            if ours != theirs:
                one = Disagreement(
                    replace(plan, questions=(_line(question),)), question, ours, theirs, _rule(outcome), tuple(words)
                )
                found += [] if is_explained(one, kind) else [one]
    return found


def our_outcome(world: World, question: Question) -> Outcome:
    """Return what our resolver makes of a question, on the simulated network and with an empty cache."""
    return Network(world, clock=Clock(world.now)).resolver().resolve(question.name, question.rdtype)


def answer_of(message: Message) -> Answer:
    """Return what a client got. A SERVFAIL says nothing else."""
    rcode = dns.rcode.to_text(message.rcode())
    if message.rcode() == dns.rcode.SERVFAIL:
        return Answer(rcode)
    rrsets = (rrset for rrset in message.answer if rrset.rdtype != rdatatype.RRSIG)
    records = [f"{rrset.name.canonicalize()} {rrset.rdtype.name} {rdata}" for rrset in rrsets for rdata in rrset]
    return Answer(rcode, bool(message.flags & dns.flags.AD), tuple(sorted(records)))


def _line(question: Question) -> str:
    return f"{question.name} {question.rdtype.name}"


def _rule(outcome: Outcome) -> str:
    diagnosis = outcome.chain.diagnosis if outcome.chain else None
    return diagnosis.rule if diagnosis else ""


# What is explained in differences.py, by the rule of ours that decides there.
EXPLAINED_RULES = {
    "nsec-not-from-above": "nsec-parent-side",
    "nsec3-not-from-above": "nsec3-parent-side",
    "nsec-denies-wildcard": "nsec-wildcard-not-denied",
    "denial-not-expanded": "nsec-labels-fewer",
    "key-not-revoked": "revoked-ksk",
}


OF_ONE_SIGNATURE = ("signature-present", "signature-verifies", "signature-not-expired")


def is_explained(found: Disagreement, kind: str) -> bool:
    """Return whether this is one of the differences whose reason is known."""
    by_fault = found.plan.fault.partition(" ")[2]
    if any((case, kind) in DIFFERENCES for case in (by_fault, EXPLAINED_RULES.get(found.rule, ""))):
        return True
    if kind == ASKED_FOR_ALIAS.who and found.question.rdtype == rdatatype.CNAME and found.ours.records:
        return found.theirs == replace(found.ours, rcode="NXDOMAIN")
    about_soa = any("SOA" in words for words in found.words)
    if kind == SOA_OF_AN_OPT_OUT.who and about_soa and found.rule == "opt-out":
        return found.theirs == Answer("SERVFAIL")
    if kind == SOA_OF_A_DENIAL.who and found.rule in OF_ONE_SIGNATURE and found.ours == Answer("SERVFAIL"):
        return found.theirs in (Answer("NOERROR"), Answer("NXDOMAIN"))
    if kind == PROOFS_OF_AN_ALIAS.who and any(re.search("cname.* proof failed", words) for words in found.words):
        return found.theirs == Answer("SERVFAIL") and bool(found.ours.records) and _has_alias_of_a_wildcard(found.plan)
    return kind == BETWEEN.who and found.ours.ad and not found.theirs.ad and _hangs_on_names_between(found)


def _hangs_on_names_between(found: Disagreement) -> bool:
    """Return whether the daemon failed at a name between a zone and its parent, or could not take a proof about one."""
    names = [to_name(zone.name) for zone in found.plan.zones]
    targets = [to_name(record.rpartition(" ")[2]) for record in found.ours.records if " CNAME " in record]
    between = [
        name
        for asked in (found.question.name, *targets)
        for name in ancestors(asked)
        if name not in names and any(zone.is_subdomain(name) for zone in names if zone in ancestors(asked))
    ]
    if any(f"for DS {name} " in f"{words} " for name in between for words in found.words):
        return True
    return bool(between) and found.theirs == replace(found.ours, ad=False) and _asks_too_many_iterations(found.plan)


def _has_alias_of_a_wildcard(plan: Plan) -> bool:
    return any(record.startswith("*.") and " CNAME " in record for zone in plan.zones for record in zone.records)


def _asks_too_many_iterations(plan: Plan) -> bool:
    return any(int(zone.denial.split()[1]) > Policy().nsec3_iterations for zone in plan.zones if zone.denial != "NSEC")


# --- making a counter-example small


def smaller(found: Disagreement, now: int, kind: str) -> Disagreement:
    """Return the same kind of disagreement in a world in which nothing can be left out any more."""
    return shrink(found, lambda plan: next(iter(disagreements(plan, now, kind)), None))


def shrink(found: Disagreement, still: Callable[[Plan], Disagreement | None]) -> Disagreement:
    """Return a disagreement in the smallest plan that can be reached by steps of which each still shows one.

    Args:
        still: Returns the disagreement that a plan shows, or None.
    """
    for plan in _simpler(found.plan):
        shown = still(plan)
        if shown is not None:
            return shrink(shown, still)
    return found


def _simpler(plan: Plan) -> Iterator[Plan]:
    """Yield plans with one thing less, the biggest things first."""
    if plan.fault:
        yield replace(plan, fault="")
    for zone in reversed(plan.zones[1:]):  # leaves first: what is below one would hang in the air
        yield replace(plan, zones=tuple(each for each in plan.zones if each is not zone))
    for place, zone in enumerate(plan.zones):
        for other in _simpler_zones(zone):
            yield replace(plan, zones=(*plan.zones[:place], other, *plan.zones[place + 1 :]))


def _simpler_zones(zone: ZonePlan) -> Iterator[ZonePlan]:
    for record in zone.records:
        yield replace(zone, records=tuple(each for each in zone.records if each is not record))
    plain = ZonePlan(zone.name, zone.records)
    for field in ("denial", "algorithm", "digest", "single_key", "at_parents_server", "signed", "connected"):
        if getattr(zone, field) != getattr(plain, field):
            yield replace(zone, **{field: getattr(plain, field)})
