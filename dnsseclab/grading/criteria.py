"""What a criterion is: a sentence, points, and a function that asks a learner's code.

It knows: exercises, criteria, and how one exercise is judged, criterion by criterion.
It must not know: where the learner's code runs. It is asked through an `Ask`, in this process or in the sandbox.

A file `exercises/checks/NN_name.py` holds one `EXERCISE`; exercises/README.md shows how it is written.
"""

import traceback
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple, NoReturn

from .asking import UNWRITTEN, Arguments, Ask, Raised, Refused, Reply, Returned
from .plain import Plain, from_json, same, show, to_json
from .seeds import Draw
from .verdicts import Finding, Mismatch, Verdict

TOGETHER = 64  # calls that are made at once, at most


class NotMet(Exception):
    """A criterion is not met, for the reason in `mismatch`."""

    def __init__(self, mismatch: Mismatch) -> None:
        super().__init__(mismatch.called)
        self.mismatch = mismatch


class Learner:
    """What a criterion asks through: the learner's functions, what the learner saw, and sources of fresh data.

    Calls whose outcome the criterion need not have at once wait, and are made together: to hand each one over by itself
    takes longer than most functions. They are judged in their order, all the same, and the first one missed ends it.
    """

    def __init__(self, ask: Ask, shown: Draw, fresh: Draw, common: Draw) -> None:
        self._ask = ask
        self.shown = shown  # what `my_data` showed is drawn from this
        self.fresh = fresh  # draw the questions from this
        self.common = common  # or from this what all criteria share: a world that is dear to build
        self.asked = 0
        self._waiting: list[tuple[Call, Callable[[Reply], None]]] = []  # calls of one function, and who judges each

    def call(self, function: str, *arguments: Plain, why: str = "", next_step: str = "", called: str = "") -> Plain:
        """Return what the learner's function returns; if it returns nothing plain, the criterion is not met.

        Args:
            called: How the call is shown, if its arguments are too long to be read.
        """
        self.settle()
        self.asked += 1
        call = Call.of(function, arguments, why, next_step, called)
        (reply,) = self._ask(function, [call.arguments])
        return call.value(reply)

    def call_later(
        self,
        function: str,
        arguments: Sequence[Plain],
        judge: Callable[[Plain], None],
        *,
        why: str,
        next_step: str,
        called: str = "",
    ) -> None:
        """Have the learner's function called together with others; then `judge` is given the value that it returns."""
        call = Call.of(function, arguments, why, next_step, called)
        self._call_later(call, lambda reply: judge(call.value(reply)))

    def expect(self, function: str, arguments: Sequence[Plain], expected: Plain, *, why: str, next_step: str) -> None:
        """Call the learner's function; unless it returns exactly `expected`, the criterion is not met.

        Args:
            why: The rule, with its RFC section.
            next_step: What to look at for the slip that is likely here.
        """
        call = Call.of(function, arguments, why, next_step)
        self._call_later(call, partial(call.must_return, expected))

    def expect_refusal(self, function: str, arguments: Sequence[Plain], *, why: str, next_step: str) -> None:
        """Call the learner's function with bad input; unless it raises ValueError, the criterion is not met."""
        call = Call.of(function, arguments, why, next_step)
        self._call_later(call, call.must_be_refused)

    def settle(self) -> None:
        """Make the calls that wait; unless all of them end as they must, the criterion is not met."""
        waiting, self._waiting = self._waiting, []
        if waiting:
            replies = self._ask(waiting[0][0].function, [call.arguments for call, _ in waiting])
            for (_, judge), reply in zip(waiting, replies, strict=True):
                judge(reply)

    def _call_later(self, call: "Call", judge: Callable[[Reply], None]) -> None:
        if len(self._waiting) == TOGETHER or self._waiting and self._waiting[0][0].function != call.function:
            self.settle()
        self.asked += 1
        self._waiting.append((call, judge))

    def fail(
        self,
        function: str,
        arguments: Sequence[Plain],
        actual: str,
        expected: str,
        *,
        why: str,
        next_step: str,
        called: str = "",
    ) -> NoReturn:
        """Say that a criterion is not met, after a judgement of your own; `expected` must not give the answer away."""
        self.settle()
        raise NotMet(Mismatch(called or show_call(function, arguments), actual, expected, why, next_step, False))


class Call(NamedTuple):
    """One call of a learner's function, and what is said if it does not end as it must."""

    function: str
    arguments: Arguments
    why: str
    next_step: str
    shown_as: str  # instead of all the arguments; empty: these

    @classmethod
    def of(cls, function: str, arguments: Iterable[Plain], why: str, next_step: str, shown_as: str = "") -> "Call":
        """Return a call with these arguments as they are now."""
        return cls(function, [to_json(each) for each in arguments], why, next_step, shown_as)

    def value(self, reply: Reply) -> Plain:
        """Return the value that came back; if none did, the criterion is not met."""
        if isinstance(reply, Returned):
            return reply.value
        if isinstance(reply, Raised) and reply.kind in UNWRITTEN:
            raise NotMet(unwritten(self.function, reply, self.why))
        if isinstance(reply, Refused):
            raise NotMet(Mismatch(str(self), reply.text, "a value", self.why, reply.next_step, False))
        actual = f"{reply.kind}: {reply.text}" if reply.text else reply.kind
        step = self.next_step or "Run the same call in a cell of its own and read the traceback from its last line up."
        raise NotMet(Mismatch(str(self), actual, "a value, not an exception", self.why, step, False))

    def must_return(self, expected: Plain, reply: Reply) -> None:
        """Unless exactly this came back, the criterion is not met."""
        actual = self.value(reply)
        if same(actual, expected):
            return
        kinds = type(actual).__name__, type(expected).__name__
        returned, wanted = show(actual), show(expected)
        if kinds[0] != kinds[1]:
            returned, wanted = f"{returned} ({kinds[0]})", f"{wanted} ({kinds[1]})"
        raise NotMet(Mismatch(str(self), returned, wanted, self.why, self.next_step))

    def must_be_refused(self, reply: Reply) -> None:
        """Unless the function raised ValueError, the criterion is not met."""
        if isinstance(reply, Raised) and reply.kind == "ValueError":
            return
        if isinstance(reply, Raised) and reply.kind not in UNWRITTEN:
            actual = f"{reply.kind}: {reply.text}"
        else:
            actual = show(self.value(reply))
        raise NotMet(Mismatch(str(self), actual, "a ValueError", self.why, self.next_step, False))

    def __str__(self) -> str:
        return self.shown_as or show_call(self.function, [from_json(each) for each in self.arguments])


def unwritten(function: str, reply: Raised, why: str) -> Mismatch:
    """Return what is said of a function that nobody has begun to write; with what it was called is no news yet."""
    stub = reply.kind == "NotImplementedError"
    actual = "it is still to be written" if stub else reply.text
    replace = f"Replace the line `raise NotImplementedError` in {function} with your own."
    step = replace if stub else f"Write the function {function} in its cell."
    return Mismatch(f"{function}(...)", actual, "a value", why, step, is_answer=False, written=False)


def show_call(function: str, arguments: Sequence[Plain]) -> str:
    """Return a call as one would write it in a cell."""
    return f"{function}({', '.join(show(each) for each in arguments)})"


@dataclass(frozen=True)
class Criterion:
    """One thing that an answer must do: a sentence for the learner, points, and the function that finds out."""

    sentence: str
    points: int
    judge: Callable[[Learner], None]

    @property
    def key(self) -> str:
        """Return the name that its questions are drawn by and its mistakes are counted by."""
        return self.judge.__name__


@dataclass(frozen=True)
class Exercise:
    """One exercise: the functions that a learner writes, and the criteria that they must meet."""

    title: str
    functions: tuple[str, ...]
    criteria: tuple[Criterion, ...]
    material: Callable[[Draw], list[Plain]] | None = None  # what `my_data` shows to this learner

    @property
    def points(self) -> int:
        """Return how many points there are to win."""
        return sum(criterion.points for criterion in self.criteria)


def judge(name: str, exercise: Exercise, ask: Ask, shown: Draw, asked: Draw) -> Verdict:
    """Return what comes of asking a learner's code everything that an exercise asks."""
    findings = (judge_one(criterion, ask, shown, asked) for criterion in exercise.criteria)
    return Verdict(name, exercise.title, tuple(findings))


def judge_one(criterion: Criterion, ask: Ask, shown: Draw, asked: Draw) -> Finding:
    """Return what comes of one criterion; each draws from sources of its own, so their order does not matter."""
    learner = Learner(ask, shown.within("material"), asked.within(criterion.key), asked.within("common"))
    missed = Finding(criterion.key, criterion.sentence, 0, criterion.points)
    try:
        criterion.judge(learner)
        learner.settle()
        if not learner.asked:
            raise RuntimeError(f"{criterion.key} asked nothing, so nobody could fail it")
    except NotMet as failure:
        return Finding(**{**vars(missed), "mismatch": failure.mismatch})
    except Exception:  # ours: the learner must not pay for it, and must not gain by it
        return Finding(**{**vars(missed), "crash": traceback.format_exc()})
    return Finding(criterion.key, criterion.sentence, criterion.points, criterion.points)
