"""Evidence: what a validator is given to judge.

It knows: which questions were asked for a look-up, and the messages that came back.
It must not know: who asked, how, or whether any of it is true.
The words "needs" and "no reply" follow RFC 4035 §4.3 and §5.2.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from dns.message import Message
from dns.name import Name
from dns.rdatatype import RdataType

from .messages import Question

NO_REPLY: Final = "no reply"  # asked, and nothing usable came back
Received = Message | Literal["no reply"]


@dataclass(frozen=True)
class Evidence:
    """The question whose answer is judged, and every message received on the way, by the question it answered.

    A question absent from `received` was not asked yet; NO_REPLY says that it was asked in vain.
    A message holds only what its sender may talk about: the resolver has removed the rest (RFC 5452 §6).
    """

    question: Question
    received: Mapping[Question, Received] = field(default_factory=dict)

    def get(self, name: Name, rdtype: RdataType) -> Received | None:
        """Return the message that answers a question, NO_REPLY, or None if it was not asked."""
        return self.received.get(Question(name, rdtype))

    def with_message(self, question: Question, message: Received) -> "Evidence":
        """Return evidence in which `message` answers `question`; this one stays as it is."""
        return Evidence(self.question, {**self.received, question: message})
