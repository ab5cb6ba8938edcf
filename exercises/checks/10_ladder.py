"""What exercise 10 asks: packets that each of sixteen wrong validators believes.

The judge is the real resolver with the level's validator. That the full validator believes none of the solutions, and
each level no other level's but one, is pinned in tests/test_mistakes.py.
"""

from collections.abc import Callable

from dnsseclab.grading.criteria import Criterion, Exercise, Learner
from dnsseclab.grading.plain import Plain
from dnsseclab.grading.seeds import Draw
from dnsseclab.internet.ladder import Hand, Siege, besiege, hand
from dnsseclab.internet.ladder_world import LadderWorld, ladder_world
from dnsseclab.protocol.names import LabError
from dnsseclab.validator.mistakes import LEVELS

NEXT_STEPS = {
    1: "You own a signed zone. Which zone does your RRSIG say that it was made by (`signer=`)?",
    2: "Three packets: a DS of your own making, the keys that it names, and the lie that these have signed.",
    3: "Keep all of the root's genuine keys, the anchored one among them, and add yours.",
    4: "A reply without records is the whole trick; after that nobody expects a signature of the zone.",
    5: "One record in one packet. What can you leave out?",
    6: "Take the RRSIG of your own page, whose name only the wildcard answers for. What in it says that it came from "
    "a wildcard? Put an RRSIG that says otherwise in front of it.",
    7: "As at level 3, one zone lower. Who signs the DNSKEY RRset?",
    8: "The last packet denies a neighbor of the bank. One of its NSEC records begins at the bank's own name.",
    9: "One of the last two packets shows the gap that the victim's name lies in, the other that there is no wildcard "
    "elsewhere. A denial needs both, and a SOA.",
    10: "The last packet denies the DS of a name that does not exist. What would it say if the name did?",
    11: "The published key has the REVOKE bit (0x80 of the flags), and so another tag than the one you would compute.",
    12: "Your key, as a KSK of the zone, has the tag that the DS names. Send a DNSKEY RRset of your own.",
    13: "The RRSIG of your own page was made for the wildcard, and holds for any name below it.",
    14: "Let the question for the zone's keys fail: a reply with the code SERVFAIL. Then lie.",
    15: "Look at the dates in the last packet.",
    16: "The truth will do, if it is kept for too long.",
}  # fmt: skip


def material(draw: Draw) -> list[Plain]:
    """Hand out the seed of an Internet, in which this learner can practice."""
    return [draw.seed]


def beat(learner: Learner, level: int) -> None:
    """Lay siege to one level in the Internet of this grading, which nobody has seen before."""
    ladder = ladder_world(learner.common.seed)
    held, function, called = hand(ladder, level), f"forge_{level}", f"forge_{level}(*hand(world, {level}))"
    words = {"why": why(level), "next_step": NEXT_STEPS[level], "called": called}
    packets = learner.call(function, *held, **words)
    if not isinstance(packets, list) or not all(isinstance(packet, bytes) for packet in packets):
        learner.fail(function, [], "no list of bytes", "a list of packets, each as bytes", **words)
    ended = siege(learner, ladder, level, packets, words)
    if not ended.believed:
        learner.fail(function, [], what_was_told(ended, packets), f"the client {wanted(held)}", **words)


def siege(learner: Learner, ladder: LadderWorld, level: int, packets: list[Plain], words: dict[str, str]) -> Siege:
    try:
        return besiege(ladder, level, packets, LEVELS[level - 1].validate)  # type: ignore[arg-type]
    except LabError as problem:
        learner.fail(f"forge_{level}", [], str(problem), "packets that can be sent", **words)


def why(level: int) -> str:
    """Return what this level's validator gets wrong, and where that stands."""
    return f"{LEVELS[level - 1].mistake.removesuffix('.')} ({LEVELS[level - 1].source})."


def wanted(held: Hand) -> str:
    lie = f"that {held.victim} has the address {held.lie}" if held.lie else f"that {held.victim} does not exist"
    return f"is told {lie}"


def what_was_told(ended: Siege, packets: list[Plain]) -> str:
    """Return how the siege ended, in words."""
    sent = f"{len(packets)} packet{'s' * (len(packets) != 1)}"
    diagnosis = ended.outcome.chains[0].diagnosis if ended.outcome.chains else None
    if ended.rule and diagnosis:
        return f"{sent}; the validator of this level found: {diagnosis.sentence}"
    return f"{sent}; the client was told something else"


def levels(*numbers: int) -> Callable[[Learner], None]:
    """Return a criterion's function: each of these levels must fall."""

    def falls(learner: Learner) -> None:
        for number in numbers:
            beat(learner, number)

    falls.__name__ = "level_" + "_".join(map(str, numbers))
    return falls


EXERCISE = Exercise(
    title="The ladder",
    functions=tuple(f"forge_{level.number}" for level in LEVELS),
    material=material,
    criteria=(
        Criterion("Level 1 believes a signature of your own zone.", 1, levels(1)),
        Criterion("Level 2 follows a DS that nobody has signed.", 1, levels(2)),
        Criterion("Levels 3 and 7 take your key for the root's, and for the bank's.", 1, levels(3, 7)),
        Criterion("Levels 4 and 5 are content without proof, and without signature.", 1, levels(4, 5)),
        Criterion("Levels 6 and 13 take a wildcard's answer for a name of its own.", 1, levels(6, 13)),
        Criterion("Levels 8 and 9 let a name vanish that is there.", 1, levels(8, 9)),
        Criterion("Levels 10 and 14 take what is signed for unsigned.", 1, levels(10, 14)),
        Criterion("Levels 11 and 15 believe what was valid once.", 1, levels(11, 15)),
        Criterion("Level 12 mistakes your key for the one that the DS names.", 1, levels(12)),
        Criterion("Level 16 keeps an address for as long as you say.", 1, levels(16)),
    ),
)
