"""What is said of every broken zone of the gallery has no holes: names, evidence and sources are all there."""

import re
from functools import cache

import pytest
from tree import judge

from dnsseclab.internet.faults import FAULTS, break_zone
from dnsseclab.internet.worlds import toy_internet
from dnsseclab.protocol.names import show_name, to_name
from dnsseclab.protocol.trust import ChainOfTrust, LinkStatus, Verb

# What a value that is missing leaves in a text; some sentences begin with that word.
HOLE = re.compile(r"\bNone\b(?! if this| of the|: |\. Ask)|<|\{|\}")
each_fault = pytest.mark.parametrize("fault", FAULTS)


@cache
def chain_of(fault: str) -> ChainOfTrust:
    asked = FAULTS[fault].question(to_name("bank.example"))
    return judge(show_name(asked.name), asked.rdtype.name, break_zone(toy_internet(), "bank.example", fault))


@each_fault
def test_every_check_has_evidence_in_words_and_a_source(fault):
    for link in chain_of(fault).links:
        for check in link.checks:
            assert isinstance(check.detail, str) and not HOLE.search(check.detail), check
            assert re.match(r"RFC \d+ §", check.source)


@each_fault
def test_explanation_has_no_hole(fault):
    assert not HOLE.search(chain_of(fault).explain())


@each_fault
def test_diagnosis_has_no_hole(fault):
    diagnosis = chain_of(fault).diagnosis
    if diagnosis is not None:
        assert not HOLE.search(f"{diagnosis.headline}: {diagnosis.sentence} {diagnosis.repair}")


@each_fault
def test_whatever_signs_vouches_or_denies_lies_in_a_zone(fault):
    for link in chain_of(fault).links:
        assert link.source.id != link.target.id
        assert (link.source.zone is None) is (link.verb is Verb.TRUSTS)
        assert isinstance(link.verb, Verb)
        assert {type(item.present) for item in (link.source, link.target)} == {bool}


def test_an_unsigned_delegation_is_told_of_the_zone_that_proves_it():
    said = judge("www.harbor.example", "A").diagnosis
    assert said.sentence.startswith("example proves that it has no DS for harbor.example")


def test_a_proof_beside_an_answer_passes_and_one_of_absence_says_that_nothing_is_there():
    answer, absence = judge("any.apps.foundry81.com", "A"), judge("nothing.bank.example", "A")
    assert {link.status for link in answer.links if link.verb is Verb.DENIES_CLOSER} == {LinkStatus.PASSED}
    denied = [link.status for link in absence.links if link.verb in (Verb.DENIES, Verb.DENIES_WILDCARD)]
    assert set(denied) == {LinkStatus.NOT_THERE}
