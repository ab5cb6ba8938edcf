"""views/apps/keytrap_meter.py: the bars are the work that a resolver counted."""

import re

import pytest

from dnsseclab.internet.costs import cost_of
from dnsseclab.protocol.names import LabError
from dnsseclab.views.apps import keytrap_meter


def counted(text: str) -> dict[str, tuple[int, int]]:
    """Return {kind of work: (with limits, without)} as the meter says."""
    rows = re.findall(r"^  (\S.*?) +([\d,]+) with limits, +([\d,]+) without$", text, re.M)
    return {kind: (int(one.replace(",", "")), int(other.replace(",", ""))) for kind, one, other in rows}


@pytest.mark.parametrize(
    "knobs",
    [{}, {"keys": 12, "signatures": 12}, {"ds": 40, "keys": 5}, {"iterations": 100, "labels": 10}],
    ids=str,
)
def test_meter_shows_what_both_resolvers_counted(knobs: dict[str, int]) -> None:
    limited, unlimited = cost_of(**knobs), cost_of(**knobs, limits=False)
    shown = counted(keytrap_meter(**knobs).text)
    assert {kind: one for kind, (one, _) in shown.items() if one} == {k: n for k, n in limited.work.items() if n}
    assert {kind: other for kind, (_, other) in shown.items() if other} == {
        k: n for k, n in unlimited.work.items() if n
    }


def test_honest_zone_costs_the_same_with_limits_and_without() -> None:
    assert all(one == other for one, other in counted(keytrap_meter().text).values())
    assert keytrap_meter().text.startswith("With limits: secure; the client gets NOERROR.")


def test_work_without_limits_grows_with_the_product_and_with_limits_it_ends() -> None:
    small, large = (counted(keytrap_meter(keys=n, signatures=n).text)["failed signature checks"] for n in (10, 20))
    assert large[1] > 3.5 * small[1]
    assert large[0] == small[0] < small[1]


def test_the_longer_bar_takes_all_the_room_and_the_other_its_share() -> None:
    meter = keytrap_meter(keys=20, signatures=20)
    kinds = list(counted(meter.text).values())
    widths = [float(width) for width in re.findall(r"width: ([\d.]+)%", meter.html)]
    pairs = list(zip(widths[::2], widths[1::2], strict=True))
    assert [max(pair) for pair in pairs] == [100.0] * len(kinds)
    for (one, other), (short, long) in zip(kinds, pairs, strict=True):
        assert short / long == pytest.approx(one / other, abs=0.002)


def test_a_knob_that_is_not_there_is_refused() -> None:
    with pytest.raises(LabError, match="no control 'smoke' here; there is: keys, signatures, ds, iterations, labels"):
        keytrap_meter(smoke=1)
    with pytest.raises(LabError, match="choose a number from 0 to 40"):
        keytrap_meter(keys=41)
