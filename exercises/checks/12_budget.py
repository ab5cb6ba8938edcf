"""What exercise 12 asks: to count what an answer costs, to stop in time, and to set limits that honest zones survive.

Budgets are judged by the course's validator itself, on zones that are really signed: internet/workloads.py. What the
learner's counting has to come to is counted here; the exercise's test holds this to the same validator.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from dnsseclab.grading.criteria import Criterion, Exercise, Learner
from dnsseclab.grading.plain import Plain, show
from dnsseclab.grading.seeds import Draw
from dnsseclab.internet.workloads import NOBODY, Workload, as_values, honest, judged, trap
from dnsseclab.validator.limits import Limits

Values = list[Any]
NAMES = ("signature_checks", "failed_checks", "keys_per_tag", "signatures_per_rrset")
ALGORITHMS = (8, 13, 15)
ENOUGH = [10_000] * 4
MOST = 10**9  # of a limit
TRAPS = ((14, 14), (40, 1), (1, 40))  # keys, signatures


# ---- counting on paper


def tries(keys: Values, signatures: Values, limits: Sequence[int]) -> Iterator[bool]:
    """Yield for each check of one RRset whether it holds; the end comes early if there are too many of anything."""
    _, _, most_keys, most_signatures = limits
    for tag, algorithm, place in signatures[:most_signatures]:
        fitting = [at for at, key in enumerate(keys) if key == [tag, algorithm]]
        yield from (at == place for at in fitting[:most_keys])
        if place not in fitting[:most_keys] and len(fitting) > most_keys:
            return


def count(question: Values, limits: Sequence[int] = ENOUGH) -> tuple[bool, int, int]:
    """Return whether a question is answered within limits, how many checks that took, and how many of them failed."""
    checks = failed = 0
    for keys, signatures in question:
        good = False
        for good in tries(keys, signatures, limits):
            if checks == limits[0]:
                return False, checks, failed
            checks, failed = checks + 1, failed + (not good)
            if good or failed > limits[1]:
                break
        if not good:
            return False, checks, failed
    return True, checks, failed


# ---- what is asked about


def draw_rrset(draw: Draw, twins: int, wrong: int, good: bool = True, after: int = 0) -> Values:
    """Return an RRset: keys, so many of them with one tag; signatures, wrong ones around a good one."""
    tag, algorithm = draw.integer(1, 65_535), draw.choice(ALGORITHMS)
    other = next(number for number in ALGORITHMS if number != algorithm)
    others = [[draw.integer(1, 65_535), algorithm], [tag, other]]
    keys = draw.shuffled([*[[tag, algorithm]] * twins, *others])
    fitting = [at for at, key in enumerate(keys) if key == [tag, algorithm]]
    holds = [[tag, algorithm, draw.choice(fitting)]] if good else []
    useless = [tag, algorithm, NOBODY]
    return [keys, [*[useless] * wrong, *holds, *[useless] * after]]


def draw_question(draw: Draw, most: int) -> Values:
    """Return an honest question: a few RRsets with up to so many twins and wrong signatures."""
    sizes = [(draw.integer(1, most), draw.integer(0, most - 1), draw.integer(0, most - 1)) for _ in range(4)]
    return [draw_rrset(draw, twins, wrong, after=after) for twins, wrong, after in sizes]


def honest_prices(learner: Learner) -> None:
    for most in (1, 2, 3, 3):
        for keys, signatures in draw_question(learner.fresh, most):
            ask_price(learner, keys, signatures, "The first signature that holds ends the search (RFC 6840 §5.4).",
                      "Return as soon as a key fits. That check is counted as well, and is no failure.")  # fmt: skip


def prices_of_traps(learner: Learner) -> None:
    for _ in range(4):
        keys, signatures = draw_rrset(learner.fresh, learner.fresh.integer(5, 20), learner.fresh.integer(5, 20), False)
        ask_price(learner, keys, signatures,
                  "Every key with the signature's tag and algorithm is to be tried (RFC 4035 §5.3.1), and no other.",
                  "For each signature: all keys that have both its tag and its algorithm.")  # fmt: skip


def ask_price(learner: Learner, keys: Values, signatures: Values, why: str, next_step: str) -> None:
    _, checks, failed = count([[keys, signatures]])
    learner.expect("price", [keys, signatures], [checks, failed], why=why, next_step=next_step)


def honest_questions(learner: Learner) -> None:
    for place in range(4):
        question = draw_question(learner.fresh, 3)
        limits = ENOUGH if place else [*count(question)[1:], 3, 3]  # just enough
        ask_spend(learner, question, limits, "What stays within its limits is answered: a limit may be reached.",
                  "Is `<` where `<=` should be? With a limit of 5, the fifth check is still made.")  # fmt: skip


def total_limits(learner: Learner) -> None:
    for _ in range(3):
        question = draw_question(learner.fresh, 3)
        question.append(draw_rrset(learner.fresh, 3, 2))  # at least two checks fail
        _, checks, failed = count(question)
        for limits in (
            [learner.fresh.integer(1, checks - 1), 100, 9, 9],
            [100, learner.fresh.integer(0, failed - 1), 9, 9],
        ):
            ask_spend(learner, question, limits, "The account is that of the whole question, not of one RRset.",
                      "Count in variables outside the loop over RRsets; stop before one check too many is made, and "
                      "after one failure too many.")  # fmt: skip


def limits_of_one_rrset(learner: Learner) -> None:
    for _ in range(3):
        question = [draw_rrset(learner.fresh, 1, 0), draw_rrset(learner.fresh, 6, 5, False)]
        question += [draw_rrset(learner.fresh, 1, 0)]
        for limits in ([100, 100, learner.fresh.integer(1, 5), 9], [100, 100, 9, learner.fresh.integer(1, 4)]):
            ask_spend(learner, question, limits, "One key or one signature more than allowed ends the whole question.",
                      "After as many keys for one signature, or as many signatures over one RRset, as are allowed: "
                      "return, do not go on with the next one.")  # fmt: skip


def ask_spend(learner: Learner, question: Values, limits: list[int], why: str, next_step: str) -> None:
    answered, checks, _ = count(question, limits)
    learner.expect("spend", [question, list(limits)], [answered, checks],
                   why=f"{why} A limit fails closed: what could not be checked is not believed (RFC 4035 §5.5).",
                   next_step=next_step)  # fmt: skip


# ---- budgets: the validator is the judge


class Survey:
    """Some honest zones, how their questions look on an ordinary day, and what a trap may cost."""

    def __init__(self, kinds: Sequence[tuple[int, str]], multiple: int) -> None:
        self.multiple = multiple
        self.today = [honest(depth, times) for depth, times in kinds]
        self.busy = [honest(depth, "busy") for depth in sorted({depth for depth, _ in kinds})]
        self.questions: Values = [as_values(load) for load in self.today]
        self.dearest = max(count(question)[1] for question in self.questions)

    def ask(self, learner: Learner) -> "Answer":
        called = (
            f"budget(survey, {self.multiple}), the dearest of {len(self.questions)} questions costing {self.dearest}"
        )
        why = "The budget is four whole numbers, in this order: " + ", ".join(NAMES) + " (RFC 4035 §5.3.1 has none)."
        step = "Return a list of four whole numbers that are not negative."
        limits = learner.call("budget", self.questions, self.multiple, called=called, why=why, next_step=step)
        if (
            not isinstance(limits, list)
            or len(limits) != 4
            or not all(type(n) is int and 0 <= n < MOST for n in limits)
        ):
            learner.fail("budget", [], show(limits), "[number, number, number, number]", why=why, next_step=step,
                         called=called)  # fmt: skip
        return Answer(learner, called, show(limits), Limits(**dict(zip(NAMES, limits, strict=True))))  # type: ignore[arg-type]


class Answer:
    """A budget, and what the validator makes of it."""

    def __init__(self, learner: Learner, called: str, shown: str, limits: Limits) -> None:
        self.learner, self.called, self.shown, self.limits = learner, called, shown, limits

    def must_answer(self, loads: Sequence[Workload], why: str, next_step: str) -> None:
        for load in loads:
            spent = judged(load, self.limits)
            if not spent.answered:
                self.miss(
                    f"an honest question ({load.name}) goes dark after {spent.checks} checks",
                    "it is answered",
                    why,
                    next_step,
                )

    def must_cost_at_most(self, most: int, why: str, next_step: str) -> None:
        for keys, signatures in TRAPS:
            spent = judged(trap(keys, signatures), self.limits)
            if spent.checks > most:
                said = f"a trap of {keys} × {signatures} costs {spent.checks} checks"
                self.miss(said, f"at most {most} checks", why, next_step)

    def miss(self, said: str, expected: str, why: str, next_step: str) -> None:
        self.learner.fail("budget", [], f"{self.shown}: {said}", expected, why=why, next_step=next_step,
                          called=self.called)  # fmt: skip


def material(draw: Draw) -> list[Plain]:
    """Hand out a survey, and the multiple."""
    survey = draw_survey(draw, range(1, 6))
    return [survey.questions, survey.multiple]


def draw_survey(draw: Draw, depths: Sequence[int]) -> Survey:
    kinds = zip(draw.sample(depths, 3), draw.shuffled(("quiet", "twins", "rollover")), strict=True)
    return Survey(list(kinds), draw.choice((2, 3)))


def surveys(draw: Draw) -> list[Survey]:
    """Return one of small zones, where little is to be spent, and one of deep ones, where much has to be."""
    return [Survey([(1, "quiet"), (1, "rollover")], 2), draw_survey(draw, (3, 5, 7))]


TODAY = "Too strict a limit makes an honest zone dark: every key that matches may be the one (RFC 4035 §5.3.1)."
ROOM = "Two keys may share a tag by chance (RFC 4034 Appendix B); a rollover may show two signatures (RFC 6781 §4.1)."


def todays_questions(learner: Learner) -> None:
    for survey in surveys(learner.common):
        answer = survey.ask(learner)
        answer.must_answer(survey.today, TODAY, "For each limit: the most that any question of the survey needs.")


def questions_of_a_busy_day(learner: Learner) -> None:
    for survey in surveys(learner.common):
        step = (
            "For each RRset one failed check more, one key of one tag more, one signature more. All of them are checks."
        )
        survey.ask(learner).must_answer([*survey.today, *survey.busy], ROOM, step)


def traps(learner: Learner) -> None:
    for survey in surveys(learner.common):
        answer = survey.ask(learner)
        answer.must_answer(survey.today, TODAY, "A budget of nothing survives every trap, and answers nobody.")
        answer.must_cost_at_most(
            survey.multiple * survey.dearest,
            "Without a limit, keys × signatures are to be tried (RFC 4035 §5.3.1; CVE-2023-50387).",
            "Which one of the four limits bounds *all* checks of a question? How low may it be, how high?",
        )


EXERCISE = Exercise(
    title="A budget",
    functions=("price", "spend", "budget"),
    material=material,
    criteria=(
        Criterion("The price of an honest RRset is counted, to the first signature that holds.", 1, honest_prices),
        Criterion(
            "The price of a trap is counted: each signature with each key of its tag and algorithm.", 1, prices_of_traps
        ),
        Criterion("Within its limits, an honest question is answered.", 1, honest_questions),
        Criterion("The limits of the whole question end it, to the check.", 1, total_limits),
        Criterion("The limits of one RRset end it, to the check.", 1, limits_of_one_rrset),
        Criterion("Under your budget, the validator answers all questions of the survey.", 1, todays_questions),
        Criterion("It answers them also when tags collide and keys are rolled.", 2, questions_of_a_busy_day),
        Criterion("It still answers the survey, and no trap costs more than it may.", 2, traps),
    ),
)
