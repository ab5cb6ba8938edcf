"""Exercise 09: the stated repairs heal every patient, by our validator and by BIND's; nobody else's answers do.

And whoever guesses, goes insecure or does too much loses the points that they should, and is told why.
"""

import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import exercises
from dnsseclab.grading import catalogue
from dnsseclab.grading.seeds import shown_to
from dnsseclab.grading.verdicts import Mismatch
from dnsseclab.internet.chart import chart
from dnsseclab.internet.clinic import examine
from dnsseclab.internet.ladder_world import TOP, below
from dnsseclab.internet.patients import WARDS, Patient, admit, patients
from dnsseclab.internet.treatment import complaint, treat
from dnsseclab.protocol.names import LabError
from dnsseclab.protocol.trust import SecurityStatus

NAME = "09_clinic"
SOLUTION = vars(exercises.solution(NAME))
ALL = [fault for ward in WARDS for forms in ward for fault in forms]
every_fault = pytest.mark.parametrize("fault", ALL)
Step = list[Any]


def causes() -> dict[str, Any]:
    """Return the causes of the checks, by name."""
    judge: Any = catalogue.exercise(NAME).criteria[0].judge
    return judge.__globals__["CAUSES"]


def sick(fault: str, now: int | None = None) -> Patient:
    zone = below(TOP, "grocer")
    return admit(zone, fault, "seed") if now is None else admit(zone, fault, "seed", now)


def repaired(patient: Patient) -> list[Step]:
    return SOLUTION["repair"](patient.name, chart(patient))


def right_cause(fault: str) -> str:
    (name,) = [name for name, cause in causes().items() if fault in cause.faults]
    return name


# ---- the stated repairs


@every_fault
def test_solution_names_the_cause_from_the_chart_alone(fault: str) -> None:
    assert SOLUTION["cause"]("grocer.example", chart(sick(fault))) == right_cause(fault)


@every_fault
def test_every_patient_is_healed_by_the_stated_repair(fault: str) -> None:
    patient = sick(fault)
    healed = treat(patient, repaired(patient))
    seen = examine(healed.world, *patient.question)
    assert complaint(healed) == "" and seen.healthy and seen.outcome.status is SecurityStatus.SECURE
    assert all(chain.status is SecurityStatus.SECURE for chain in seen.outcome.chains)


@pytest.mark.daemon("dnssec-verify")
@every_fault
def test_every_healed_zone_and_its_parent_pass_dnssec_verify(fault: str, tmp_path: Path) -> None:
    patient = sick(fault, now=int(time.time()))  # it cannot be told another time
    healed = treat(patient, repaired(patient)).world
    for zone in (healed.zone(patient.zone), healed.zone(patient.parent)):
        (tmp_path / "zone").write_text(zone.to_text(), encoding="utf-8")
        command = ["dnssec-verify", "-o", str(zone.origin), str(tmp_path / "zone")]
        judged = subprocess.run(command, capture_output=True, text=True, timeout=30)
        assert judged.returncode == 0, judged.stderr


@every_fault
def test_no_step_of_the_stated_repair_can_be_left_out_but_for_tidiness(fault: str) -> None:
    """Only to withdraw a key that is no good is not needed for a secure answer."""
    patient = sick(fault)
    steps = repaired(patient)
    for left_out in range(len(steps)):
        if steps[left_out][0] != "withdraw":
            fewer = steps[:left_out] + steps[left_out + 1 :]
            assert not is_well(patient, fewer), f"{steps[left_out]} is not needed"


def is_well(patient: Patient, steps: list[Step]) -> bool:
    try:
        return complaint(treat(patient, steps)) == ""
    except LabError:  # without the step before it, a step cannot be done
        return False


def test_causes_cover_every_fault_once_and_stand_in_the_notebook() -> None:
    covered = [fault for cause in causes().values() for fault in cause.faults]
    assert sorted(covered) == sorted(ALL) and len(causes()) >= 12
    (table,) = [cell.source for cell in exercises.notebook(NAME).cells if "| cause | that is |" in cell.source]
    assert [line.split("`")[1] for line in table.splitlines() if line.startswith("| `")] == list(causes())


def test_stated_number_of_steps_is_that_of_the_solution() -> None:
    for fault in ALL:
        assert len(repaired(sick(fault))) == causes()[right_cause(fault)].faults[fault], fault


# ---- points


def written_down(learner: str) -> dict[str, Callable[..., Any]]:
    """Return what a learner hands in who has found everything out by hand: notes, and no program."""
    ten = patients(handed_out(learner)[0])
    found = {each.name: SOLUTION["cause"](each.name, chart(each)) for each in ten}
    steps = {each.name: repaired(each) for each in ten}
    return {"cause": lambda zone, _: found[zone], "repair": lambda zone, _: steps[zone]}


def handed_out(learner: str) -> list[Any]:
    material = catalogue.exercise(NAME).material
    assert material
    return material(shown_to(learner, NAME).within("material"))


def missed(functions: dict[str, Any], learner: str = "alice") -> dict[str, Mismatch]:
    return exercises.missed(exercises.verdict(NAME, functions, learner, secret=b"secret"))


def test_notes_are_worth_as_much_as_a_program() -> None:
    assert missed(written_down("alice")) == {}


def test_another_learners_notes_gain_nothing() -> None:
    assert len(missed(written_down("alice"), learner="bob")) == 10


def test_another_learners_notes_in_the_same_order_gain_next_to_nothing() -> None:
    for other in ("bob", "charlie"):
        theirs, mine = (patients(handed_out(learner)[0]) for learner in ("alice", other))
        at = {patient.name: theirs[number] for number, patient in enumerate(mine)}
        notes = {
            "cause": lambda zone, _, at=at: right_cause(at[zone].fault),
            "repair": lambda zone, _, at=at: [[step[0], zone, *step[2:]] for step in repaired(at[zone])],
        }
        assert len(missed(notes, learner=other)) >= 7


@pytest.mark.parametrize("guess", ["signatures expired", "wrong DS", "nothing is wrong"])
def test_one_guess_for_all_names_no_two_causes(guess: str) -> None:
    found = missed({**SOLUTION, "cause": lambda *_: guess})
    assert set(found) == {f"diagnose_{n}_{n + 1}" for n in range(1, 11, 2)}


def test_wrong_cause_is_told_what_one_would_see_and_not_what_it_is() -> None:
    for mismatch in missed({**SOLUTION, "cause": lambda *_: "key revoked"}).values():
        assert "If it were this, you would see" in mismatch.why
        said = f"{mismatch.actual} {mismatch.expected} {mismatch.why} {mismatch.next_step}"
        assert [name for name in causes() if name in said] == ["key revoked"]


def test_word_that_is_no_cause_is_answered_with_the_list() -> None:
    for mismatch in missed({**SOLUTION, "cause": lambda *_: "broken"}).values():
        assert "one of the causes" in mismatch.expected and "servers out of step" in mismatch.why


def test_going_insecure_heals_nobody() -> None:
    found = missed({**SOLUTION, "repair": lambda zone, _: [["remove ds", zone]]})
    assert set(found) == {f"heal_{n}_{n + 1}" for n in range(1, 11, 2)}
    assert not [mismatch for mismatch in found.values() if "well" in mismatch.actual]
    assert sum("insecure" in mismatch.actual for mismatch in found.values()) >= 4  # one may not be served at all


def test_doing_everything_one_can_do_heals_and_is_too_much() -> None:
    def everything(zone: str, _: str) -> list[Step]:
        keys = [["make key", zone, "KSK"], ["make key", zone, "ZSK"]]
        return [*keys, ["sign", zone], ["replace ds", zone], ["sign", "example"], ["synchronize", zone]]

    found = missed({**SOLUTION, "repair": everything})
    assert len(found) == 5
    assert all("well, after 6 steps" in mismatch.actual for mismatch in found.values())


def test_signing_anew_is_no_cure_for_everything() -> None:
    found = missed({**SOLUTION, "repair": lambda zone, _: [["sign", zone]]})
    assert len(found) >= 4


def test_steps_that_cannot_be_done_are_explained() -> None:
    for wrong, problem in ((["sign"], "is no step"), (["publish", "other.example", 1], "here you can treat")):
        found = missed({**SOLUTION, "repair": lambda *_, wrong=wrong: [wrong]})
        assert len(found) == 5 and all(problem in mismatch.actual for mismatch in found.values())


def test_repair_is_carried_out_and_what_is_left_is_told() -> None:
    def without_signing(zone: str, text: str) -> list[Step]:
        return [step for step in SOLUTION["repair"](zone, text) if step[0] != "sign"]

    found = missed({**SOLUTION, "repair": without_signing})
    assert found and all("is bogus" in mismatch.actual for mismatch in found.values())
