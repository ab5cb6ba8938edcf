"""views/apps/rollover_timeline.py: what the page gets is what the population went through."""

import pytest

from dnsseclab.authority.keys import make_key
from dnsseclab.authority.rollover import plan
from dnsseclab.internet.population import roll, timing, watch
from dnsseclab.internet.worlds import toy_internet
from dnsseclab.protocol.names import LabError
from dnsseclab.views.apps import rollover_timeline

WORLD = toy_internet()
NEW = make_key("bank.example", "KSK", seed="new")
HURRY = [(step, 3600) for step, _ in plan("KSK double DS", timing(WORLD, "bank.example"))]


@pytest.fixture(scope="module")
def history():
    return watch(roll(WORLD, "bank.example", HURRY, [NEW]), resolvers=2, every=3600)


def test_every_key_ds_and_resolver_has_a_row_of_bands(history) -> None:
    timeline = rollover_timeline(history)
    rows = {label: bands for _, label, bands in timeline.rows}
    groups = [group for group, *_ in timeline.rows]
    assert groups == ["Keys of the zone"] * 3 + ["DS at the parent"] * 2 + ["Resolvers"] * 2
    assert rows[f"KSK {NEW.tag} (P-256), new"] == [[3600, history.until, "signing"]]
    assert rows[f"names KSK {NEW.tag}"] == [[0, history.until, "ds"]]
    first = next(each for each in history.outages if each.resolver == 0)
    assert rows["resolver 1"] == [[first.begins, first.ends, "dark"]]


def test_moments_say_what_is_so_from_then_on(history) -> None:
    moments = dict(rollover_timeline(history).moments)
    assert moments[3600][0] == "Done last: exchange the keys."
    worst = moments[max(outage.begins for outage in history.outages)]
    assert worst[-2:] == ["2 of 2 resolvers have no answer for their users.", "Failed: ds-tag-matches."]
    assert "0 of 2 resolvers" in moments[min(moments)][-1]


def test_key_that_signs_before_it_is_published_is_told_apart() -> None:
    new = [make_key("bank.example", role, 15, seed="new") for role in ("KSK", "ZSK")]
    steps = [("sign with both keys", 7200), ("publish the new key", 0)]
    timeline = rollover_timeline(watch(roll(WORLD, "bank.example", steps, new), resolvers=1, every=7200, after=7200))
    rows = {label: bands for _, label, bands in timeline.rows}
    assert rows[f"ZSK {new[1].tag} (Ed25519), new"] == [[0, 7200, "unpublished"], [7200, 14400, "signing"]]


def test_page_without_widgets_gets_the_words(history) -> None:
    bundle, _ = rollover_timeline(history)._repr_mimebundle_()
    assert bundle["text/plain"] == str(history)
    assert "2 of 2 resolvers went dark" in bundle["text/html"]


def test_what_is_no_history_is_refused() -> None:
    with pytest.raises(LabError, match=r"str is no history: pass what `watch\(roll\(...\)\)` returns"):
        rollover_timeline("history")
