"""The unluckiest resolver: whether anybody at all could go dark while keys are rolled, however its caches stand.

It knows: what stands when, and for how long each record may still be met after it was changed.
It must not know: any resolver. A population shows what happens to some; this says what can happen to one.
Follows RFC 7583 §3 (propagation and TTL after each change), RFC 4035 §2.2 and §5.2, RFC 6840 §5.11 (algorithms).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import inf

from ..authority.rollover import Publication, Timing

Stage = tuple[int, str, Publication]  # seconds since the first step, the step, what stands from then on


@dataclass(frozen=True)
class Darkness:
    """One way to go dark: three records of different ages meet, and make no chain."""

    at: float  # seconds since the first step: when they can meet first
    data_after: str  # the step after which the data was published as it is met
    keys_after: str  # likewise, the DNSKEY RRset
    ds_after: str  # likewise, the DS RRset
    why: str

    def __str__(self) -> str:
        return (
            f"A resolver may meet the data as after {self.data_after!r}, the DNSKEY RRset as after "
            f"{self.keys_after!r} and the DS as after {self.ds_after!r}: {self.why}."
        )


def first_darkness(
    before: Publication, stages: Sequence[Stage], timing: Timing, *, every_algorithm: bool = False
) -> Darkness | None:
    """Return the first way in which a resolver can go dark, or None if there is none.

    Args:
        before: What stood before the first step.
        stages: As `rollover.follow` gives them.
        every_algorithm: The resolver insists that every algorithm in the DNSKEY RRset has signed the data.
    """
    standing = [(-inf, "nothing yet", before), *stages]
    ends = [stage[0] for stage in standing[1:]] + [inf]
    found = []
    for data, keys, ds in product(range(len(standing)), repeat=3):
        spans = (
            (standing[data][0], ends[data] + timing.data_forgotten),
            (standing[keys][0], ends[keys] + timing.keys_forgotten),
            (standing[ds][0], ends[ds] + timing.ds_forgotten),
        )
        meet, part = max(start for start, _ in spans), min(end for _, end in spans)
        if meet >= part:
            continue
        if why := _broken(standing[data][2], standing[keys][2], standing[ds][2], every_algorithm):
            found.append(Darkness(meet, standing[data][1], standing[keys][1], standing[ds][1], why))
    return min(found, key=lambda darkness: darkness.at, default=None)


def _broken(data: Publication, keys: Publication, ds: Publication, every_algorithm: bool) -> str:
    """Return why three records of these ages make no chain; empty if they do, or if no chain is expected."""
    if not ds.ds:
        return ""
    if not any(key in ds.ds and key in keys.signing for key in keys.published):
        return "no key that the DS names has signed the DNSKEY RRset"
    signers = [key for key in data.signing if key.role in ("ZSK", "CSK")]
    if not any(key in keys.published for key in signers):
        return "no signature over the data is by a key of that DNSKEY RRset"
    lacking = {key.algorithm for key in keys.published} - {key.algorithm for key in signers}
    if every_algorithm and lacking:
        return "an algorithm of that DNSKEY RRset has not signed the data"
    return ""
