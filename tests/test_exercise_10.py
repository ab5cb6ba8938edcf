"""Exercise 10, the ladder: its solutions deceive no full validator, and a missed level costs its own point only."""

import pytest

import exercises
from dnsseclab.grading.seeds import asked_of, shown_to
from dnsseclab.internet.ladder import besiege, hand
from dnsseclab.internet.ladder_world import ladder_world

NAME = "10_ladder"
SOLUTION = vars(exercises.solution(NAME))
LEVELS = range(1, 17)
WITH_PARTNER = {3: 7, 4: 5, 6: 13, 8: 9, 10: 14, 11: 15}  # two levels that share a point


@pytest.mark.parametrize("level", LEVELS)
def test_every_level_is_worth_a_point_with_its_partner(level: int) -> None:
    """Whoever sends nothing at one level loses that point and no other."""
    verdict = exercises.verdict(NAME, {**SOLUTION, f"forge_{level}": lambda *_: []})
    (missed,) = [finding for finding in verdict.findings if not finding.met]
    assert verdict.points == 9
    assert str(level) in missed.key.split("_")
    assert missed.mismatch.called == f"forge_{level}(*hand(world, {level}))"
    partners = WITH_PARTNER | {second: first for first, second in WITH_PARTNER.items()}
    assert set(missed.key.split("_")[1:]) == {str(level), str(partners.get(level, level))}


@pytest.mark.parametrize("level", LEVELS)
def test_full_validator_is_deceived_by_none(level: int) -> None:
    ladder = ladder_world(asked_of("alice", NAME, b"").within("common").seed)
    assert not besiege(ladder, level, SOLUTION[f"forge_{level}"](*hand(ladder, level))).believed


def test_what_stopped_a_forgery_is_said_in_words() -> None:
    """Level 1 with the bank's name as the signer: its keys are not the attacker's."""
    verdict = exercises.verdict(NAME, {**SOLUTION, "forge_1": SOLUTION["forge_12"]})
    (missed,) = [finding for finding in verdict.findings if not finding.met]
    assert missed.mismatch.actual.startswith("2 packets; the validator of this level found: ")
    assert "CVE-2017-15090; RFC 4035 §5.3.1" in missed.mismatch.why


def test_packets_of_another_learner_are_of_no_use() -> None:
    """Nor are one's own of the Internet in which one practiced."""
    for learner in ("bob", "alice"):
        ladder = ladder_world(shown_to(learner, NAME).within("material").seed)
        packets = {level: SOLUTION[f"forge_{level}"](*hand(ladder, level)) for level in LEVELS}
        copied = {f"forge_{level}": lambda *_, level=level: packets[level] for level in LEVELS}  # noqa: B023
        assert exercises.verdict(NAME, copied, "alice").points == 0


@pytest.mark.parametrize(
    ("packets", "said"), [([b""], "Packet 1 is no DNS message"), (["text"], "no list of bytes"), (b"", "no list")]
)
def test_what_is_no_packet_gets_a_sentence(packets: object, said: str) -> None:
    verdict = exercises.verdict(NAME, {**SOLUTION, "forge_5": lambda *_: packets})
    (missed,) = [finding for finding in verdict.findings if not finding.met]
    assert said in missed.mismatch.actual
    assert verdict.points == 9
