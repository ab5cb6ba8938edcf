"""What all resolutions of one resolver share, and the budget that those for one client's question share.

It knows: cache, root hints, the dice, the clock, the settings.
It must not know: any question.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from dns.name import Name

from ..protocol.messages import Question
from ..validator.limits import Limits
from ..validator.policy import Policy
from .accepting import Defences, Secrets
from .aggressive import deny
from .cache import Cache, Entry
from .servers import Delegation, RootHints, closest_delegation, known_addresses


@dataclass(frozen=True)
class Equipment:
    """What all resolutions of one resolver share."""

    cache: Cache
    hints: RootHints
    secrets: Secrets
    clock: Callable[[], float]
    defences: Defences
    policy: Policy
    limits: Limits
    dnssec: bool  # ask for signatures

    def now(self) -> int:
        """Return the time in whole epoch seconds, as TTLs count."""
        return int(self.clock())

    def find(self, question: Question, *, judged: bool) -> Entry | None:
        """Return what is remembered for a client's question, or what follows from it.

        Args:
            judged: Only what was validated.
        """
        now = self.now()
        entry = self.cache.find(question, now, judged=judged)
        if entry is None and judged and self.defences.aggressive_nsec:
            return deny(question, self.cache, now, self.policy, self.limits)
        return entry

    def closest_delegation(self, name: Name) -> Delegation:
        """Return the closest zone at or above `name` whose servers are known."""
        return closest_delegation(name, self.cache, self.hints, self.now())

    def known_addresses(self, server: Name) -> tuple[str, ...]:
        """Return the addresses of a name server, so far as they are remembered."""
        return known_addresses(server, self.cache, self.now())

    def remember(self, entries: Iterable[Entry]) -> None:
        """Put entries into the cache, so far as it wants them."""
        now = self.now()
        for entry in entries:
            self.cache.store(entry, now)


class Budget:
    """What may still be spent on one question of a client: zones can be made that lead in circles, or say nothing."""

    def __init__(self, limits: Limits, now: float):
        """Args: now: epoch seconds at which the question came."""
        self._limits = limits
        self._left = limits.upstream_queries
        self._until = now + limits.question_seconds
        self.referred: dict[Name, Delegation] = {}  # as the parents said it on the way: no need to ask above again

    def spend(self, now: float) -> str:
        """Take one query from the account; return why there is none left, or nothing."""
        self._left -= 1
        if self._left < 0:
            return f"more than {self._limits.upstream_queries} questions to servers"
        if now >= self._until:
            return f"it takes more than {self._limits.question_seconds:g} seconds"
        return ""
