"""The account of work: it ends where it should, reads well, and a question has one for all its attempts."""

import pytest

from dnsseclab.protocol.trust import Tally
from dnsseclab.validator.limits import LIMITED_BY, Limits, Work, WorkLimitExceeded


@pytest.mark.parametrize("kind", LIMITED_BY)
def test_the_last_piece_of_work_is_allowed_and_the_next_is_not(kind):
    limits = Limits(**{LIMITED_BY[kind]: 3})
    work = Work(limits)
    for _ in range(3):
        work.spend(kind)
    with pytest.raises(WorkLimitExceeded, match=f"more than 3 {kind}"):
        work.spend(kind)
    assert work.done == {kind: 3}, "what was not done is not counted"


@pytest.mark.parametrize("kind", LIMITED_BY)
def test_if_one_piece_is_allowed_the_first_is_and_if_none_is_none(kind):
    work = Work(Limits(**{LIMITED_BY[kind]: 1}))
    work.spend(kind)
    with pytest.raises(WorkLimitExceeded, match=f"no {kind} left"):
        Work(Limits(**{LIMITED_BY[kind]: 0})).spend(kind)


def test_many_pieces_at_once_are_not_begun_if_they_are_too_many():
    work = Work(Limits(hash_rounds=100))
    work.spend("hash rounds", 60)
    with pytest.raises(WorkLimitExceeded):
        work.spend("hash rounds", 41)
    work.spend("hash rounds", 40)


def test_a_tally_is_a_sentence_with_singular_and_plural():
    assert str(Tally()) == "nothing"
    assert str(Tally({"signature checks": 6, "NSEC3 hashes": 1, "DS digests": 1})) == (
        "6 signature checks, 1 NSEC3 hash, 1 DS digest"
    )
    assert Tally({"DS digests": 1}).plus({"DS digests": 2, "NSEC3 hashes": 1}) == {"DS digests": 3, "NSEC3 hashes": 1}


def test_a_question_may_cost_twice_what_an_answer_may():
    limits = Limits(failed_checks=8, judgements=2)
    assert limits.left({}) == limits
    assert limits.left({"failed signature checks": 8}) == limits
    assert limits.left({"failed signature checks": 11}).failed_checks == 5
    assert limits.left({"failed signature checks": 20}).failed_checks == 0
    assert not limits.are_used_up({"failed signature checks": 15})
    assert limits.are_used_up({"failed signature checks": 16})


def test_what_is_not_counted_is_not_changed():
    left = Limits(aliases=5).left({"signature checks": 150})
    assert (left.aliases, left.signature_checks) == (5, 50)
