"""What exercise 11 asks: plans that change a zone's keys for any TTLs, judged by the unluckiest resolver.

A plan is carried out, and every combination of records that somebody may meet is looked at: internet/worst_case.py,
which is held to real resolvers by its tests. The numbers of the book bound how long a plan may take.
"""

from collections.abc import Sequence

from dnsseclab.authority.keys import Key, make_key
from dnsseclab.authority.rollover import STEPS, Publication, Timing, follow, plan
from dnsseclab.grading.criteria import Criterion, Exercise, Learner
from dnsseclab.grading.plain import Plain
from dnsseclab.grading.seeds import Draw
from dnsseclab.internet.worst_case import first_darkness
from dnsseclab.protocol.names import LabError

ZONE = "bank.example"
OLD = (make_key(ZONE, "KSK", seed="old"), make_key(ZONE, "ZSK", seed="old"))
NEW_KSK, NEW_ZSK = make_key(ZONE, "KSK", seed="new"), make_key(ZONE, "ZSK", seed="new")
NEW_BOTH = (make_key(ZONE, "KSK", "Ed25519", seed="new"), make_key(ZONE, "ZSK", "Ed25519", seed="new"))
BEFORE = Publication(OLD, OLD, OLD[:1])


def material(draw: Draw) -> list[Plain]:
    """Hand out the times of a zone."""
    timing = draw_times(draw)
    return [timing.dnskey_ttl, timing.data_ttl, timing.ds_ttl, timing.propagation]


def draw_times(draw: Draw) -> Timing:
    """Return times of which none equals another, so that taking the wrong one shows."""
    dnskey, data, ds = draw.sample((300, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400, 172_800), 3)
    return Timing(dnskey, data, ds, draw.integer(30, 280))


class Plan:
    """One of the plans that are asked for: its function, its keys, and how the book does it."""

    def __init__(self, function: str, new: tuple[Key, ...], book: str, times: Sequence[str], end: Publication):
        self.function, self.new, self.book, self.times, self.end = function, new, book, times, end

    def ask(self, learner: Learner, timing: Timing) -> tuple[list[Plain], list[tuple[str, int]]]:
        """Return what was asked, and the learner's plan as steps with waits."""
        arguments: list[Plain] = [getattr(timing, name) for name in self.times]
        why = "A plan is a list of steps, each a list of its name and the seconds to wait after it (RFC 6781 §4.1)."
        step = "Copy the names of the steps from the list that the notebook prints; give waits as whole numbers."
        answer = learner.call(self.function, *arguments, why=why, next_step=step)
        steps = as_steps(answer)
        if steps is None or len(steps) > 20:
            learner.fail(
                self.function, arguments, repr(answer)[:200], "[[step, seconds], ...]", why=why, next_step=step
            )
        assert steps is not None
        return arguments, steps

    def stages(self, learner: Learner, arguments: list[Plain], steps: list[tuple[str, int]]) -> tuple:
        """Return what stands after each step."""
        try:
            return follow(steps, BEFORE, self.new)
        except LabError as problem:
            expected = f"some of: {', '.join(STEPS)}"
            why = "Only these steps exist (RFC 6781 §4.1)."
            learner.fail(self.function, arguments, str(problem), expected, why=why, next_step="Mind the spelling.")

    def must_arrive(self, learner: Learner, timing: Timing) -> tuple[list[Plain], tuple]:
        """Demand that the plan ends with what was wanted; return what was asked and what stands after each step."""
        arguments, steps = self.ask(learner, timing)
        stages = self.stages(learner, arguments, steps)
        last = stages[-1][2] if stages else BEFORE
        if [set(part) for part in vars(last).values()] != [set(part) for part in vars(self.end).values()]:
            learner.fail(
                self.function, arguments, f"in the end: {in_words(last)}", f"in the end: {in_words(self.end)}",
                why="A rollover is over when nothing of the old key is left (RFC 6781 §4.1).",
                next_step="Go through your steps one by one, and write down what each adds and what it takes away.",
            )  # fmt: skip
        return arguments, stages

    def must_spare_everybody(self, learner: Learner, timing: Timing, every_algorithm: bool = False) -> None:
        """Demand that no resolver can go dark."""
        arguments, stages = self.must_arrive(learner, timing)
        dark = first_darkness(BEFORE, stages, timing, every_algorithm=every_algorithm)
        if dark:
            learner.fail(
                self.function, arguments, f"somebody may go dark at second {max(0, int(dark.at))}", "nobody goes dark",
                why=f"{dark} (RFC 7583 §3: TTL and propagation after each change)",
                next_step="Which of these must everybody have forgotten before the next step? Wait for that.",
            )  # fmt: skip

    def must_not_dawdle(self, learner: Learner, timing: Timing) -> None:
        """Demand that the plan is done no later than the book's."""
        arguments, stages = self.must_arrive(learner, timing)
        took, book = stages[-1][0], sum(wait for _, wait in plan(self.book, timing)[:-1])
        longest = max(book, sum(wait for _, wait in plan("KSK double signature", timing)[:-1]) if self is KSK else 0)
        if took > longest:
            learner.fail(
                self.function, arguments, f"{took} seconds from the first step to the last", f"at most {longest}",
                why="A wait that nobody needs leaves an old key in use for longer (RFC 6781 §4.1).",
                next_step="Is there a wait before which nothing was changed that anybody remembers?",
            )  # fmt: skip


ZSK = Plan(
    "roll_zsk", (NEW_ZSK,), "ZSK pre-publish", ("dnskey_ttl", "data_ttl", "propagation"),
    Publication((OLD[0], NEW_ZSK), (OLD[0], NEW_ZSK), OLD[:1]),
)  # fmt: skip
KSK = Plan(
    "roll_ksk", (NEW_KSK,), "KSK double DS", ("dnskey_ttl", "ds_ttl", "propagation"),
    Publication((OLD[1], NEW_KSK), (OLD[1], NEW_KSK), (NEW_KSK,)),
)  # fmt: skip
ALGORITHM = Plan(
    "roll_algorithm", NEW_BOTH, "algorithm", ("dnskey_ttl", "data_ttl", "ds_ttl", "propagation"),
    Publication(NEW_BOTH, NEW_BOTH, NEW_BOTH[:1]),
)  # fmt: skip
LEAVING = Plan("go_insecure", (), "going insecure", ("ds_ttl", "propagation"), Publication((), (), ()))


def as_steps(answer: Plain) -> list[tuple[str, int]] | None:
    """Return a learner's plan, or None if it has not the form of one."""
    if type(answer) is not list or not all(type(each) is list and len(each) == 2 for each in answer):
        return None
    pairs = [(each[0], each[1]) for each in answer if isinstance(each, list)]
    if not all(type(step) is str and type(wait) is int and 0 <= wait < 10**9 for step, wait in pairs):
        return None
    return [(str(step), int(str(wait))) for step, wait in pairs]


def in_words(now: Publication) -> str:
    parts = {"DNSKEY": now.published, "signing": now.signing, "DS": now.ds}
    return "; ".join(f"{what}: {', '.join(name_of(key) for key in keys) or 'none'}" for what, keys in parts.items())


def name_of(key: Key) -> str:
    return f"{'old' if key in OLD else 'new'} {key.role}"


def moment_of_forgetting(learner: Learner) -> None:
    for _ in range(4):
        changed, ttl, propagation = (learner.fresh.integer(0, 100_000) for _ in range(3))
        learner.expect(
            "forgotten", [changed, ttl, propagation], changed + propagation + ttl,
            why="The last server that has the old record gives it away until propagation ends; from then on its TTL "
            "runs (RFC 7583 §3.1).",
            next_step="Both times come after the change, one after the other.",
        )  # fmt: skip


def zsk_arrives(learner: Learner) -> None:
    ZSK.must_arrive(learner, draw_times(learner.shown))


def zsk_spares(learner: Learner) -> None:
    for timing in times(learner):
        ZSK.must_spare_everybody(learner, timing)


def ksk_spares(learner: Learner) -> None:
    for timing in times(learner):
        KSK.must_spare_everybody(learner, timing)


def algorithm_spares(learner: Learner) -> None:
    for timing in times(learner):
        ALGORITHM.must_spare_everybody(learner, timing)


def algorithm_spares_the_strict(learner: Learner) -> None:
    for timing in times(learner):
        ALGORITHM.must_spare_everybody(learner, timing, every_algorithm=True)


def leaving_spares(learner: Learner) -> None:
    for timing in times(learner):
        LEAVING.must_spare_everybody(learner, timing)


def nobody_dawdles(learner: Learner) -> None:
    for each in (ZSK, KSK, ALGORITHM, LEAVING):
        each.must_not_dawdle(learner, draw_times(learner.fresh))


def times(learner: Learner) -> list[Timing]:
    return [draw_times(learner.shown), *(draw_times(learner.fresh) for _ in range(3))]


EXERCISE = Exercise(
    title="Roll a key",
    functions=("forgotten", "roll_zsk", "roll_ksk", "roll_algorithm", "go_insecure"),
    material=material,
    criteria=(
        Criterion("The moment from which a changed record is forgotten is right.", 1, moment_of_forgetting),
        Criterion("The plan for the ZSK ends with the new key only.", 1, zsk_arrives),
        Criterion("While the ZSK is rolled, nobody can go dark.", 1, zsk_spares),
        Criterion("While the KSK is rolled, nobody can go dark.", 2, ksk_spares),
        Criterion("While the algorithm is rolled, nobody can go dark.", 1, algorithm_spares),
        Criterion("Neither can those who insist on every algorithm.", 1, algorithm_spares_the_strict),
        Criterion("The zone becomes unsigned, and nobody goes dark.", 2, leaving_spares),
        Criterion("No plan takes longer than it has to.", 1, nobody_dawdles),
    ),
)
