"""One fault of the gallery: what is wrong, what shows it, and what a validator has to say of it.

It knows: the form of an exhibit's label. Extended error and repair come from the validator's own words for the rule.
It must not know: how a particular fault is made.
Statuses are those of RFC 4035 §4.3, extended errors those of RFC 8914.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import dns.rcode
from dns import rdatatype
from dns.name import Name
from dns.rcode import Rcode

from ...authority.nsec3 import Nsec3
from ...protocol.messages import Question
from ...protocol.trust import SecurityStatus
from ...validator.diagnoses import ATTACK_OR, RULES, Rule
from .specimen import Specimen

Change = Callable[[Specimen], Specimen]


class Cause(StrEnum):
    """Where the owner of a zone has to look."""

    NOTHING = "nothing is wrong: for comparison"
    SIGNATURE = "signatures over the data"
    KEY = "the zone's keys, and the signature over them"
    DELEGATION = "the parent's DS"
    ALGORITHM = "the algorithm"
    DENIAL = "NSEC: the proof that something is not there"
    HASHED_DENIAL = "NSEC3: the same with hashed names"
    SERVER = "the zone's servers"


def the_address(zone: Name) -> Question:
    """Ask for the address of the zone's own name."""
    return Question(zone, rdatatype.A)


def a_missing_name(zone: Name) -> Question:
    """Ask for a name that does not exist."""
    return Question(Name((b"nothing-here", *zone.labels)), rdatatype.A)


def unchanged(specimen: Specimen) -> Specimen:
    """Change nothing: the control."""
    return specimen


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with a zone, or that looks wrong and is not."""

    name: str
    description: str  # one sentence
    changes: str  # which records differ from those of the healthy zone
    cause: Cause
    make: Change
    status: SecurityStatus  # of the answer to `question`
    rule: str  # of the check that decides; empty if everything passes
    ede: int | None  # Extended DNS Error, ours: other resolvers often say less
    repair: str
    question: Callable[[Name], Question] = the_address
    denial: str | Nsec3 | None = None  # how the healthy zone proves absence; None: as everywhere in its world
    prepare: Change = unchanged  # what the healthy zone must have besides

    @property
    def rcode(self) -> Rcode:
        """Return the response code that a client gets."""
        if self.status in (SecurityStatus.BOGUS, SecurityStatus.INDETERMINATE):
            return dns.rcode.SERVFAIL
        return dns.rcode.NXDOMAIN if self.question is a_missing_name else dns.rcode.NOERROR


def fault(
    cause: Cause,
    name: str,
    description: str,
    changes: str,
    make: Change,
    rule: str,
    *,
    status: SecurityStatus = SecurityStatus.BOGUS,
    question: Callable[[Name], Question] = the_address,
    denial: str | Nsec3 | None = None,
    prepare: Change = unchanged,
) -> Fault:
    """Return a fault that a validator finds by `rule`."""
    words = RULES[rule]
    said = (status, rule, words.ede or None, _for_owner(words))
    return Fault(name, description, changes, cause, make, *said, question, denial, prepare)


def _for_owner(words: Rule) -> str:
    """Return a rule's repair as the zone's owner reads it: here nobody attacks."""
    text = words.repair.removeprefix(ATTACK_OR).removeprefix("None if this is an attack. Else ")
    text = text.format(zone="the zone", what="the record", owner="the zone")
    return text[:1].upper() + text[1:]


def harmless(
    cause: Cause,
    name: str,
    description: str,
    changes: str,
    make: Change,
    repair: str = "None: nothing is wrong.",
    *,
    question: Callable[[Name], Question] = the_address,
    denial: str | Nsec3 | None = None,
) -> Fault:
    """Return what only looks like a fault."""
    said = (SecurityStatus.SECURE, "", None, repair)
    return Fault(name, description, changes, cause, make, *said, question, denial)
