"""What happened to every datagram of one look-up, and what came out of it: pure data.

It knows: the fates that a datagram may have, as the resolver saw them.
It must not know: who really sent a datagram. A resolver can't; the network can, and marks the forged ones.
The accept checks follow RFC 5452 §9.1.
"""

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from dns.message import Message

from .messages import Datagram
from .trust import ChainOfTrust, SecurityStatus, Tally

T = TypeVar("T")


class Reason(StrEnum):
    """Why a resolver ignored a datagram, in the order in which it looks."""

    WRONG_ADDRESS = "wrong address"  # not from the server that was asked, or not to the address that asked
    WRONG_PORT = "wrong port"  # not to the port that the question left from, or not from the port it went to
    WRONG_CONNECTION = "no such connection"  # TCP: it belongs to no connection of ours
    WRONG_ID = "wrong ID"
    WRONG_QUESTION = "wrong question"
    WRONG_CASE = "wrong case"  # 0x20: the same name, but not with the capitals that we chose
    NOT_A_REPLY = "not a reply"  # the QR bit is clear, or the opcode is another
    WRONG_COOKIE = "wrong cookie"  # RFC 7873 §5.3
    MALFORMED = "malformed"
    TRUNCATED = "cut short"  # TC: the question is asked again over TCP
    OUT_OF_BAILIWICK = "outside the zone"  # nothing of it was about the zone of the server asked
    USELESS = "useless"  # an error, or a referral that leads nowhere: the next server is asked
    TOO_LATE = "too late"  # the question was answered already


@dataclass(frozen=True)
class Asked:
    """It is a question of ours."""


@dataclass(frozen=True)
class Believed:
    """It passed the accept checks and was used."""

    kind: str = (
        "answer"  # 'answer', 'referral', 'alias' (a CNAME or DNAME that leads on), 'no such name', 'no such record'
    )
    left_out: tuple[str, ...] = ()  # records in it that were dropped, being outside the zone of the server asked
    verified: bool = False  # the validator found it secure


@dataclass(frozen=True)
class Ignored:
    """It was thrown away before its content counted."""

    reason: Reason
    detail: str = ""


@dataclass(frozen=True)
class Rejected:
    """It passed the accept checks, and the validator found it bogus."""

    rule: str  # of the check that failed
    headline: str  # three words: 'no signature'


Fate = Asked | Believed | Ignored | Rejected


@dataclass
class Event:
    """One datagram and its fate, or a run of datagrams from one source with the same fate."""

    at: float  # epoch seconds, virtual
    datagram: Datagram  # of a run: the first one
    fate: Fate
    count: int = 1
    until: float = 0.0  # epoch seconds of the last one of the run; equal to `at` for a single one


@dataclass
class Story:
    """Every datagram of a look-up in order of time; equal fates in a row are folded into one event."""

    events: list[Event] = field(default_factory=list)

    def add(self, at: float, datagram: Datagram, fate: Fate) -> Event:
        """Add one datagram, and return its event: a new one, or the run that it continues."""
        if self.events and type(fate) is Ignored:
            last = self.events[-1]
            # First "is", as a sweep meets one and the same fate 65,536 times
            if (last.fate is fate or last.fate == fate) and last.datagram.source == datagram.source:
                last.count += 1
                last.until = at
                return last
        event = Event(at, datagram, fate, until=at)
        self.events.append(event)
        return event

    def settle(self, datagram: Datagram, fate: Fate) -> None:
        """Give a datagram its final fate, once the validator has spoken."""
        for event in reversed(self.events):
            if event.datagram is datagram:
                event.fate = fate
                return

    def __iter__(self) -> Iterator[Event]:
        return iter(self.events)

    def __len__(self) -> int:
        return len(self.events)


@dataclass(frozen=True)
class Outcome:
    """What a look-up came to."""

    message: Message  # exactly what a client on the wire gets
    status: SecurityStatus
    story: Story
    chains: tuple[ChainOfTrust, ...] = ()  # one for each attempt that was judged: the last one decided
    from_cache: bool = False  # True: nobody was asked for the answer itself
    work: Tally = field(default_factory=Tally)  # what all the judging cost, that of failed attempts too

    @property
    def chain(self) -> ChainOfTrust | None:
        """Return the chain of trust that decided, or None if nothing was validated."""
        return self.chains[-1] if self.chains else None


def to_the_end(steps: Generator[object, None, T]) -> T:
    """Run something that pauses at each of its steps, for whoever watches, to its end; return what it came to."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: T = end.value
            return result
