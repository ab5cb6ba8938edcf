"""Folding a story: questions with their replies that tell nothing new share a row.

It knows: which events may share a row. A forged, ignored or rejected datagram never does.
It must not know: how a row looks.
"""

from collections.abc import Callable, Iterator, Sequence

from dns import rdatatype

from ..protocol.messages import Datagram, MalformedMessage, asked, parse, question_bytes
from ..protocol.story import Asked, Believed, Event

PROOF_TYPES = (rdatatype.DNSKEY, rdatatype.DS)
KINDS = {"way": "referrals", "proof": "replies: keys and DS"}


def folded(events: Sequence[Event], is_forged: Callable[[Datagram], bool]) -> Iterator[list[Event]]:
    """Yield the events in runs: a single one, or pairs of question and reply that share a row."""
    run: list[Event] = []
    kind = ""
    place = 0
    while place < len(events):
        pair = list(events[place : place + 2])
        found = _kind(pair, is_forged)
        if run and found != kind:
            yield run
            run = []
        kind = found
        if found:
            run += pair
            place += 2
        else:
            yield [events[place]]
            place += 1
    if run:
        yield run


def summary_words(reply: Event) -> str:
    """Return what several replies of one kind are called: 'referrals'."""
    return KINDS[_kind_of_reply(reply)]


def _kind(pair: Sequence[Event], is_forged: Callable[[Datagram], bool]) -> str:
    """Return why a question and its reply may share a row, or nothing if they may not."""
    if len(pair) < 2 or any(event.count > 1 or is_forged(event.datagram) for event in pair):
        return ""
    question, reply = pair
    if not isinstance(question.fate, Asked) or not isinstance(reply.fate, Believed) or reply.fate.left_out:
        return ""
    same = question_bytes(question.datagram.payload) == question_bytes(reply.datagram.payload)
    back = question.datagram.destination == reply.datagram.source
    return _kind_of_reply(reply) if same and back else ""


def _kind_of_reply(reply: Event) -> str:
    if isinstance(reply.fate, Believed) and reply.fate.kind == "referral":
        return "way"
    try:
        about = asked(parse(reply.datagram.payload))
    except MalformedMessage:
        return ""
    return "proof" if about and about.rdtype in PROOF_TYPES else ""
