"""One attack as it is played: in chunks, so that a page can answer in between, or one event at a time.

It knows: what the scene's play has shown so far, and the result at its end.
It must not know: widgets, or real time.
"""

from dataclasses import dataclass, field

from ...internet.attack import Progress, Result, Scene
from ...protocol.story import Event, Ignored


@dataclass
class Performance:
    """The play of one attack. Leaving it early with `close` leaves the world as it was."""

    scene: Scene
    progress: Progress | None = None
    result: Result | None = None  # at the end
    shown: int = 0  # how many of the events are on show
    _events: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._play = self.scene.attack()
        self.network = self.scene.network  # the play builds one of its own, and takes it away if it is left early

    @property
    def events(self) -> list[Event]:
        """Return the events on show, in order of time."""
        return self._events[: self.shown]

    @property
    def share(self) -> float:
        """Return how much of the forged replies is sent, from 0 to 1; 1 if there are none."""
        now = self.progress
        return now.forged_sent / now.forged_total if now and now.forged_total else 1.0

    @property
    def over(self) -> bool:
        """Return whether the end was reached and nothing is left to show."""
        return self.result is not None and self.shown >= len(self._events)

    def play_on(self) -> None:
        """Play the next chunk, and show all of it."""
        self._pull()
        self.shown = len(self._events)

    def step(self) -> None:
        """Play one event. A run of equal fates is one event, so it ends where the next one begins."""
        wanted = self.shown + 1
        while self.result is None and not self._complete(wanted):
            self._pull()
        self.shown = min(wanted, len(self._events))

    def close(self) -> None:
        """Give up: the scene takes its cache back as it was."""
        self._play.close()

    def _complete(self, count: int) -> bool:
        if len(self._events) == count:
            return not isinstance(self._events[-1].fate, Ignored)  # an ignored one may still grow
        return len(self._events) > count

    def _pull(self) -> None:
        try:
            self.progress = next(self._play)
        except StopIteration as end:
            self.result = end.value
            return
        self.network = self.scene.network
        event = self.progress.event
        if event is not None and not any(event is known for known in self._events[-2:]):
            self._events.append(event)
