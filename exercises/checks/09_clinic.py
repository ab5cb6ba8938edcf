"""What exercise 09 asks: the causes of ten broken zones, and steps that heal them.

A repair is really carried out (internet/treatment.py), and the real resolver and validator say whether the zone is
well; tests have BIND's dnssec-verify agree.
"""

from collections.abc import Callable
from typing import NamedTuple

from dnsseclab.grading.criteria import Criterion, Exercise, Learner
from dnsseclab.grading.plain import Plain
from dnsseclab.grading.seeds import Draw
from dnsseclab.internet.chart import chart
from dnsseclab.internet.patients import NO_PRIVATE_KSK, OUT_OF_STEP, Patient, patients
from dnsseclab.internet.treatment import complaint, treat
from dnsseclab.protocol.names import LabError


class Cause(NamedTuple):
    """One cause that can be named."""

    faults: dict[str, int]  # those of the patients that are this, and the steps that a tidy repair takes
    seen: str  # what one sees if it is this
    source: str


CAUSES = {
    "signatures expired": Cause(
        {"rrsig-exp-all": 1, "rrsig-exp-a": 1}, "the zone's own RRSIG ends before now, on all servers",
        "RFC 4035 §5.3.1"),
    "signatures not yet valid": Cause(
        {"rrsig-not-yet-all": 1, "rrsig-not-yet-a": 1}, "the zone's own RRSIG begins after now", "RFC 4035 §5.3.1"),
    "signature missing": Cause(
        {"rrsig-no-a": 1}, "the zone has its keys, but there is no RRSIG over the answer",
        "RFC 4035 §2.2"),
    "data changed after signing": Cause(
        {"changed-after-signing": 1},
        "the RRSIG over the answer is in time and names the right key and zone, and yet it does not verify",
        "RFC 4035 §5.3.3"),
    "wrong signer": Cause(
        {"rrsig-signer-parent": 1}, "the name of the signer in the RRSIG over the answer is not the zone",
        "RFC 4035 §5.3.1"),
    "NSEC missing": Cause(
        {"nsec-missing": 1}, "a name that does not exist is denied without any NSEC record", "RFC 4035 §3.1.3"),
    "ZSK not published": Cause(
        {"no-zsk": 2, "bad-zsk": 1}, "the RRSIG over the answer names a key that is not in the DNSKEY RRset",
        "RFC 4035 §5.3.1"),
    "KSK not published": Cause(
        {"no-ksk": 2, NO_PRIVATE_KSK: 3}, "a DS is there, keys are there, and none of them is a KSK", "RFC 4035 §5.2"),
    "keys not signed by KSK": Cause(
        {"no-rrsig-ksk": 1, "no-rrsig-dnskey": 1}, "the DS fits a published KSK, and no RRSIG over the keys is by it",
        "RFC 4035 §5.2"),
    "Zone Key bit clear": Cause(
        {"no-dnskey-256": 3, "ds-names-no-zone-key": 4}, "the flags of a DNSKEY that is used are neither 256 nor 257",
        "RFC 4034 §2.1.1"),
    "key revoked": Cause({"revoked-ksk": 4}, "the flags of the KSK have the bit 0x80", "RFC 5011 §2.1"),
    "wrong DS": Cause(
        {"ds-bad-tag": 1, "ds-bogus-digest-value": 1, "bad-ksk": 1},
        "the zone publishes a good KSK, and the tag or digest of its DS is not that of this key", "RFC 4035 §5.2"),
    "no DS": Cause({"no-ds": 1}, "the zone is signed, and the parent has no DS, and proves it", "RFC 4035 §5.2"),
    "DS left behind": Cause({"no-dnskey": 3}, "the zone has no keys at all, and the parent has a DS", "RFC 4035 §5.2"),
    "parent's signature expired": Cause(
        {"ds-rrsig-exp": 1}, "the RRSIG over the DS ends before now", "RFC 4035 §5.3.1"),
    "unsupported algorithm": Cause(
        {"ds-unassigned-key-algo": 1, "ds-reserved-key-algo": 1, "dsa": 6, "rsamd5": 6},
        "the algorithm in the only DS is a number with which no validator can do anything", "RFC 4035 §5.2"),
    "servers out of step": Cause({OUT_OF_STEP: 1}, "the servers answer with different serials", "RFC 1034 §4.3.5"),
    "zone not served": Cause({"allow-query-none": 1}, "the servers of the zone say REFUSED", "RFC 8914 §4.23"),
    "nothing is wrong": Cause(
        {"valid": 0, "ds-extra": 0, "rrsig-by-ksk": 0}, "the answer is secure, from every server",
        "RFC 4035 §5.3.3"),
}  # fmt: skip
PLACES = (
    "Go down the chain: the DS and its signature, the keys and theirs, the answer and its own. "
    "Then compare the servers."
)


def material(draw: Draw) -> list[Plain]:
    """Hand out the seed of ten patients."""
    return [draw.seed]


def about(patient: Patient) -> list[Plain]:
    """Return what both functions are given."""
    return [patient.name, chart(patient)]


def called(function: str, patient: Patient) -> str:
    return f"{function}({patient.name!r}, chart)"


def diagnose(learner: Learner, patient: Patient) -> None:
    """Demand that the cause is named."""
    words = {"called": called("cause", patient), "next_step": PLACES}
    said = learner.call("cause", *about(patient), why=f"A cause is one of {len(CAUSES)} texts (RFC 9499 §10).", **words)
    cause = CAUSES.get(said) if isinstance(said, str) else None
    if cause is None:
        why = f"The causes are: {', '.join(CAUSES)} (words as in RFC 9499 §10)."
        learner.fail("cause", [], repr(said)[:100], "one of the causes of the notebook's table", why=why, **words)
    if patient.fault not in cause.faults:
        learner.fail(
            "cause", [], f"{said!r}, which it is not", "the cause of what you see in the chart",
            why=f"If it were this, you would see: {cause.seen} ({cause.source}).", **words,
        )  # fmt: skip


def heal(learner: Learner, patient: Patient) -> None:
    """Demand that the repair makes the zone well, and does not do much besides."""
    words = {"called": called("repair", patient)}
    form = {"why": "A repair is a list of steps (signing: RFC 4035 §2; DS: RFC 7344 §4.1).",
            "next_step": "Take the steps from the notebook's table, with this patient's zone and tags."}  # fmt: skip
    steps = learner.call("repair", *about(patient), **form, **words)
    if not isinstance(steps, list) or not all(isinstance(step, list) for step in steps):
        learner.fail("repair", [], repr(steps)[:200], "a list of steps, each a list", **form, **words)
    try:
        left = complaint(treat(patient, steps))  # type: ignore[arg-type]
    except LabError as problem:
        learner.fail("repair", [], str(problem), "steps that can be done", **form, **words)
    if left:
        learner.fail(
            "repair", [], f"after these {len(steps)} steps: {left}", "a secure zone",
            why="An owner's change is only seen when it is published, signed, vouched for and served (RFC 4035 §2).",
            next_step="In the notebook, treat the patient with the same steps and print the new chart.", **words,
        )  # fmt: skip
    if len(steps) > tidy(patient):
        learner.fail(
            "repair", [], f"well, after {len(steps)} steps", "well, without a step that is not needed",
            why="Every change of keys, DS or servers is an outage waiting to happen (RFC 6781 §4.1).",
            next_step="Leave out one step after the other: which of them does nothing for this patient?", **words,
        )  # fmt: skip


def tidy(patient: Patient) -> int:
    """Return how many steps a repair may have."""
    return next(cause.faults[patient.fault] for cause in CAUSES.values() if patient.fault in cause.faults)


def two_of(first: int, demand: Callable[[Learner, Patient], None]) -> Callable[[Learner], None]:
    """Return a criterion's function: two of the patients, counted from 1, in an order that is drawn."""

    def ask(learner: Learner) -> None:
        (seed,) = material(learner.shown)
        for patient in learner.fresh.shuffled(patients(str(seed))[first - 1 : first + 1]):
            demand(learner, patient)

    ask.__name__ = f"{demand.__name__}_{first}_{first + 1}"
    return ask


PAIRS = range(1, 11, 2)

EXERCISE = Exercise(
    title="The clinic",
    functions=("cause", "repair"),
    material=material,
    criteria=(
        *(Criterion(f"The causes of patients {n} and {n + 1} are named.", 1, two_of(n, diagnose)) for n in PAIRS),
        *(Criterion(f"Patients {n} and {n + 1} are well after your repair.", 1, two_of(n, heal)) for n in PAIRS),
    ),
)
