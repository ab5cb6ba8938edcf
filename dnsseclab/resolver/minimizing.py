"""Query name minimization: a server is shown only as much of a name as it needs to say who comes next.

The root learns that somebody wants something in `com`, and not what. A name that lies whole on the wire is one more
thing that an attacker on the path, or the operator of a server far above, learns for nothing.
It knows: the question, and how much of its name the zone at hand has shown to exist.
It must not know: what a reply says beyond that.
Follows RFC 9156 §2.1 (type A hides the type), §2.3 (how many labels at a time), §3 (the algorithm).
"""

from dns import rdatatype
from dns.name import Name

from ..protocol.kept_names import name_of
from ..protocol.messages import Question

MAX_STEPS = 10  # RFC 9156 §2.3: MAX_MINIMISE_COUNT; so nobody can make us ask a hundred times with a long name
ONE_BY_ONE = 4  # RFC 9156 §2.3: MINIMISE_ONE_LAB; most zone cuts lie within the first labels


class Minimizer:
    """Shortens one question, server by server."""

    def __init__(self, question: Question, *, whole: bool):
        """Args: whole: Don't shorten anything."""
        self._question = question
        self._whole = whole
        self._known = 0  # labels of the name that exist, seen from the right
        self._steps = 0

    def enter(self, zone: Name) -> None:
        """Begin with the servers of a zone: its own name is no secret to them."""
        self._known = len(zone.labels)

    def question(self) -> Question:
        """Return what to ask next."""
        labels = self._known + self._stride()
        if self._whole or labels >= len(self._question.name.labels):
            return self._question
        return Question(name_of(self._question.name.labels[-labels:]), rdatatype.A)

    def shows_more(self) -> None:
        """Go on: the servers have no zone cut at the name that was shown, so they get to see more of it."""
        self._known += self._stride()
        self._steps += 1

    def give_up(self) -> None:
        """Show the whole name from now on: some servers fail, or lie, when asked for a part of it (RFC 9156 §2.3)."""
        self._whole = True

    def _stride(self) -> int:
        """Return how many labels are added: one at first; later so many that ten questions suffice."""
        if self._steps < ONE_BY_ONE:
            return 1
        hidden = len(self._question.name.labels) - self._known
        return max(1, -(-hidden // max(1, MAX_STEPS - self._steps)))
