"""Limits: how much work one answer, and one question, may cost; and the counters that keep the account.

It knows: numbers. A zone may be built so that each step is legal and the whole takes hours: KeyTrap
(CVE-2023-50387) sends many keys with one tag and many signatures, NSEC3 can ask for thousands of hashes.
It must not know: what the work is for.
RFC 4035 §5.3.1 wants every matching key tried; RFC 9276 §3.2 and every real resolver since 2024 draw a line.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """The most that one answer may cost a validator, and one question a resolver. Honest zones stay far below."""

    # One judgement of one answer; a ChainOfTrust keeps the account in `work`
    signature_checks: int = 100  # public-key operations; a chain over ten zones with aliases needs about 40
    failed_checks: int = 16  # of these, how many may fail; honest zones fail once or twice during a key rollover
    ds_digests: int = 32  # DS records × keys of the same tag and algorithm
    nsec3_hashes: int = 200  # names hashed, each with `Policy.nsec3_iterations` rounds at most
    aliases: int = 12  # CNAMEs and DNAMEs in a row
    denials: int = 16  # NSEC and NSEC3 records looked at in one message
    # One RRset
    keys_per_tag: int = 4  # keys of one zone with the same tag and algorithm
    signatures_per_rrset: int = 8  # RRSIGs looked at; an honest RRset has one for each algorithm, two in a rollover
    # One question, in the resolver
    upstream_queries: int = 100  # datagrams sent for one question of a client, look-ups for the proof included
    question_seconds: float = 10.0  # after so long no more is asked: the client has given up, or has asked again
    referrals: int = 30  # zone cuts followed in one resolution
    glueless_depth: int = 4  # looking for a name server's address may need another name server's address, and so on


class WorkLimitExceeded(Exception):
    """The account is empty: caught by the validator, which ends the walk with the rule 'work-limit'."""


class Work:
    """The account of one judgement: what was done how often."""

    LIMITED_BY = {
        "signature checks": "signature_checks",
        "failed signature checks": "failed_checks",
        "DS digests": "ds_digests",
        "NSEC3 hashes": "nsec3_hashes",
    }

    def __init__(self, limits: Limits):
        self.limits = limits
        self.done: dict[str, int] = {}

    def spend(self, kind: str) -> None:
        """Count one piece of work.

        Raises:
            WorkLimitExceeded: There was no more of it to spend; the text says of what.
        """
        allowed = getattr(self.limits, self.LIMITED_BY[kind])
        if self.done.get(kind, 0) >= allowed:
            raise WorkLimitExceeded(f"more than {allowed} {kind}")
        self.done[kind] = self.done.get(kind, 0) + 1
