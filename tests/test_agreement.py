"""What BIND and Unbound say beside us: recorded for all cases, measured again for some, every difference explained."""

import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from dnsseclab.internet.agreement import Agreement, Opinion, Row, measure, our_opinion, recorded
from dnsseclab.internet.attacks import ATTACKS
from dnsseclab.internet.cases import all_cases, case, healthy_world
from dnsseclab.internet.complaints import Complaint
from dnsseclab.internet.differences import DIFFERENCES, UNEXPLAINED
from dnsseclab.internet.faults import FAULTS
from dnsseclab.internet.worlds import NOW
from dnsseclab.protocol.names import LabError

RECORDED = recorded()
HEALTHY = healthy_world(NOW)
DIFFERING = {(row.name, reason.who) for row in RECORDED.rows for reason in row.differences()}


def test_every_fault_and_every_attack_on_the_path_was_measured_with_both() -> None:
    attacks = {key for key, attack in ATTACKS.items() if attack.on_path}
    assert {row.name for row in RECORDED.rows} == {*FAULTS, *attacks} == {case.name for case in all_cases()}
    assert all(set(row.others) == {"BIND", "Unbound"} == set(RECORDED.versions) for row in RECORDED.rows)


def test_every_difference_has_its_reason_and_no_reason_is_left_over() -> None:
    assert set(DIFFERENCES) == DIFFERING


def test_every_reason_names_the_section_that_decides() -> None:
    for difference in DIFFERENCES.values():
        assert difference.source.startswith("RFC ") and " §" in difference.source and difference.why.endswith(".")


def test_a_difference_that_nobody_has_explained_is_shown_as_such() -> None:
    row = Row("new", "", "", Opinion("secure"), {"BIND": Opinion("bogus")})
    assert [reason.why for reason in row.differences()] == [UNEXPLAINED]


@pytest.mark.parametrize("row", RECORDED.rows, ids=lambda row: row.name)
def test_we_still_say_what_was_recorded(row: Row, skip_for_want_of: Callable[[str], None]) -> None:
    """Our half of the record is computed again, on the simulated network and in its own time."""
    one = case(row.name)
    try:
        ours = our_opinion(one, one.build(HEALTHY))
    except LabError as error:
        if "cryptography library" not in str(error):
            raise
        return skip_for_want_of(str(error))
    assert ours == row.ours


def test_the_gallerys_labels_say_the_same() -> None:
    for row in RECORDED.rows:
        if row.name in FAULTS:
            expected = FAULTS[row.name].status.value
            assert row.ours.status == ("no answer" if expected == "indeterminate" else expected)


def test_a_record_survives_being_written_and_read() -> None:
    assert Agreement.from_json(RECORDED.to_json()) == RECORDED


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        (Opinion("bogus", Complaint.KEY), Opinion("bogus", Complaint.KEY), True),
        (Opinion("bogus", Complaint.KEY), Opinion("bogus", Complaint.DENIAL), False),
        (Opinion("bogus", Complaint.KEY), Opinion("bogus", Complaint.UNSAID), True),
        (Opinion("bogus", Complaint.KEY), Opinion("insecure"), False),
        (Opinion("secure"), Opinion("secure"), True),
    ],
)
def test_agreement_is_about_verdict_and_class(one: Opinion, other: Opinion, agree: bool) -> None:
    assert one.agrees_with(other) is agree and other.agrees_with(one) is agree


def test_an_unknown_case_is_met_with_advice() -> None:
    with pytest.raises(LabError, match="no fault and no attack on the path called 'nothing'"):
        case("nothing")


# One case of each kind that the daemons treat differently; `python3 -m dnsseclab agree` measures all.
SOME = """
    valid unsigned ds-only-sha1-fits rrsig-exp-a rrsig-one-wrong nsec3-unknown-flag nsec-bitmap nsec3-opt-out
    on-path-strip-ds on-path-key on-path-replay-valid on-path-referral allow-query-none
""".split()


@pytest.mark.daemon("named", "unbound")
@pytest.mark.slow
def test_the_same_comes_out_when_it_is_measured_again() -> None:
    measured = measure(map(case, SOME), now=int(time.time()), day=RECORDED.measured)
    before = {row.name: row for row in RECORDED.rows}
    for who in [who for who in measured.versions if measured.versions[who] == RECORDED.versions[who]]:
        assert {row.name: _said(row, who) for row in measured.rows} == {
            row.name: _said(before[row.name], who) for row in measured.rows
        }
    for row in measured.rows:  # other versions may have come closer to us, but not gone elsewhere
        assert {(row.name, reason.who) for reason in row.differences()} <= DIFFERING


def _said(row: Row, who: str) -> Opinion:
    return replace(row.others[who], words="")  # there are addresses and key tags in it
