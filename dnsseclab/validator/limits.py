"""Limits: how much work one answer, and one question, may cost; and the counters that keep the account.

It knows: numbers. A zone may be built so that each step is legal and the whole takes hours: KeyTrap
(CVE-2023-50387) sends many keys with one tag and many signatures, NSEC3 can ask for thousands of hashes
(CVE-2023-50868). attacker/exhaustion.py makes such zones.
It must not know: what the work is for.
RFC 4035 §5.3.1 wants every matching key tried; RFC 9276 §3.2 and every real resolver since 2024 draw a line.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ..protocol.trust import Tally


@dataclass(frozen=True)
class Limits:
    """The most that one answer may cost a validator, and one question a resolver. Honest zones stay far below."""

    # One judgement of one answer; a ChainOfTrust keeps the account in `work`
    signature_checks: int = 100  # public-key operations; a chain over ten zones with aliases needs about 40
    failed_checks: int = 8  # of these, how many may fail; honest zones fail once or twice during a key rollover
    ds_digests: int = 16  # DS records × keys of the same tag and algorithm
    nsec3_hashes: int = 150  # names hashed; the deepest name that there can be needs about 130
    hash_rounds: int = 5000  # of SHA-1, for all these names together: an honest zone wants one for each (RFC 9276 §3.1)
    aliases: int = 12  # CNAMEs and DNAMEs in a row
    denials: int = 16  # NSEC and NSEC3 records looked at in one message
    # One RRset
    keys_per_tag: int = 4  # keys of one zone with the same tag and algorithm
    signatures_per_rrset: int = 8  # RRSIGs looked at; an honest RRset has one for each algorithm, two in a rollover
    # One question, in the resolver
    judgements: int = 2  # so many times the cost of one answer: what fails is asked for again, and judged again
    upstream_queries: int = 100  # datagrams sent for one question of a client, look-ups for the proof included
    question_seconds: float = 10.0  # after so long no more is asked: the client has given up, or has asked again
    referrals: int = 30  # zone cuts followed in one resolution
    glueless_depth: int = 4  # looking for a name server's address may need another name server's address, and so on

    def left(self, done: Mapping[str, int]) -> "Limits":
        """Return what the next judgement may cost, when those before it for the same question have cost `done`."""
        if not done and self.judgements > 0:
            return self
        allowed = {field: getattr(self, field) for field in LIMITED_BY.values()}
        spent = {field: done.get(kind, 0) for kind, field in LIMITED_BY.items()}
        left = {field: self.judgements * most - spent[field] for field, most in allowed.items()}
        return replace(self, **{field: max(0, min(most, left[field])) for field, most in allowed.items()})

    def are_used_up(self, done: Mapping[str, int]) -> bool:
        """Return whether nothing more can be judged for a question that has cost `done`."""
        left = self.left(done)
        return any(getattr(left, field) == 0 for field in LIMITED_BY.values())


LIMITED_BY = {
    "signature checks": "signature_checks",
    "failed signature checks": "failed_checks",
    "DS digests": "ds_digests",
    "NSEC3 hashes": "nsec3_hashes",
    "hash rounds": "hash_rounds",
}


class WorkLimitExceeded(Exception):
    """The account is empty: caught by the validator, which ends the walk with the rule 'work-limit'."""


class Work:
    """The account of one judgement: what was done how often."""

    def __init__(self, limits: Limits):
        self.limits = limits
        self.done = Tally()

    def spend(self, kind: str, number: int = 1) -> None:
        """Count pieces of work, before they are done.

        Raises:
            WorkLimitExceeded: There was no more of it to spend; the text says of what.
        """
        allowed = getattr(self.limits, LIMITED_BY[kind])
        if self.done.get(kind, 0) + number > allowed:
            raise WorkLimitExceeded(f"more than {allowed} {kind}" if allowed else f"no {kind} left for this question")
        self.done[kind] = self.done.get(kind, 0) + number
