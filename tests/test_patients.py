"""Patients: ten for every seed, each sick in the way that its ward says, in a world that is healthy but for that."""

import pytest
from dns.rdatatype import RdataType

from dnsseclab.internet.clinic import examine
from dnsseclab.internet.faults import FAULTS
from dnsseclab.internet.ladder_world import TOP, below
from dnsseclab.internet.patients import NO_PRIVATE_KSK, OUT_OF_STEP, WARDS, admit, patients
from dnsseclab.internet.treatment import complaint
from dnsseclab.protocol.trust import SecurityStatus

ALL = [fault for ward in WARDS for forms in ward for fault in forms]
ZONE = below(TOP, "grocer")


def test_ten_zones_that_differ_are_drawn_from_a_seed_the_same_every_time() -> None:
    alice = patients("alice")
    patients.cache_clear()
    again = patients("alice")
    assert [(each.name, each.fault) for each in alice] == [(each.name, each.fault) for each in again]
    assert len({each.zone for each in alice}) == len(WARDS) == 10


def test_another_seed_has_other_zones_and_other_faults_in_another_order() -> None:
    drawn = [patients(f"learner {number}") for number in range(8)]
    assert len({tuple(each.fault for each in ten) for ten in drawn}) == 8
    assert not {each.zone for each in drawn[0]} & {each.zone for each in drawn[1]}


def test_one_of_every_ward_is_among_them() -> None:
    wards = [[fault for forms in ward for fault in forms] for ward in WARDS]
    faults = [each.fault for each in patients("alice")]
    assert [sum(fault in ward for fault in faults) for ward in wards] == [1] * 10


def test_the_world_around_a_patient_is_healthy() -> None:
    healthy = admit(ZONE, "valid", "seed")
    assert examine(healthy.world, healthy.zone).healthy and complaint(healthy) == ""


@pytest.mark.parametrize("fault", sorted(set(ALL) - {OUT_OF_STEP, NO_PRIVATE_KSK}))
def test_fault_shows_in_the_patients_world_as_its_label_in_the_gallery_says(fault: str) -> None:
    patient = admit(ZONE, fault, "seed")
    seen, label = examine(patient.world, *patient.question), FAULTS[fault]
    assert seen.outcome.status is label.status
    assert seen.rule == label.rule or label.status is SecurityStatus.INDETERMINATE
    assert bool(complaint(patient)) == (label.status is not SecurityStatus.SECURE)


def test_server_out_of_step_still_gives_last_weeks_answers() -> None:
    seen = examine(admit(ZONE, OUT_OF_STEP, "seed").world, ZONE)
    assert not seen.healthy and len(set(seen.serials.values())) == 2


def test_lost_key_is_not_in_the_owners_store() -> None:
    roles = {fault: [key.role for key in admit(ZONE, fault, "seed").store] for fault in ("no-ksk", NO_PRIVATE_KSK)}
    assert roles == {"no-ksk": ["KSK", "ZSK"], NO_PRIVATE_KSK: ["ZSK"]}


@pytest.mark.parametrize("fault", ["bad-ksk", "bad-zsk", "dsa", "rsamd5"])
def test_owner_has_the_private_halves_of_what_is_published(fault: str) -> None:
    patient = admit(ZONE, fault, "seed")
    published = patient.world.zone(ZONE).get(ZONE, RdataType.DNSKEY)
    assert published and {key.dnskey for key in patient.store} == set(published)


def test_what_is_printed_of_a_patient_does_not_tell_the_fault() -> None:
    patient = admit(ZONE, "revoked-ksk", "seed")
    assert "revoked" not in repr(patient) and "grocer" in repr(patient)
