"""views/plots.py: what is drawn is what was handed over, and the words say the same."""

import base64
import html
import io
import re
import xml.etree.ElementTree as ElementTree

import pytest
from matplotlib.colors import to_hex

from dnsseclab.protocol.names import LabError
from dnsseclab.views.plots import Plot, plot_costs, plot_odds, plot_overhead, plot_sizes

THEORY = [(1, 0.00002), (100, 0.0015), (65_536, 1.0)]
WORK = {"without limits": [(1, 1), (10, 100)], "with limits": [(1, 1), (10, 16)]}
PLOTS = {
    "odds": lambda: plot_odds(THEORY, [(100, 0.002)]),
    "sizes": lambda: plot_sizes({"Ed25519": 310, "ML-DSA-44": 7420}),
    "costs": lambda: plot_costs(WORK, knob="keys", unit="signature checks", limit=16),
    "overhead": lambda: plot_overhead({"bytes in the reply": (62, 312), "signatures": (0, 7)}),
}


@pytest.fixture(params=PLOTS)
def plot(request: pytest.FixtureRequest) -> Plot:
    return PLOTS[request.param]()


def test_odds_are_drawn_as_a_line_and_circles() -> None:
    plot = plot_odds(THEORY, [(100, 0.002)])
    line, circles = plot.figure.axes[0].lines
    assert list(zip(*line.get_data(), strict=True)) == THEORY
    assert list(zip(*circles.get_data(), strict=True)) == [(100, 0.002)]
    assert (circles.get_linestyle(), circles.get_marker()) == ("None", "o")
    assert "theory (forged replies sent -> chance): 1 -> 2e-05; 100 -> 0.0015; 65,536 -> 1" in plot.text
    assert "measured (forged replies sent -> chance): 100 -> 0.002" in plot.text


def test_expected_spread_is_drawn_from_the_lowest_to_the_highest() -> None:
    plot = plot_odds(THEORY, [(100, 0.002)], expected=[(100, 0.0, 0.004), (1000, 0.01, 0.03)])
    _, first, second, _ = plot.figure.axes[0].lines
    assert [list(first.get_ydata()), list(second.get_ydata())] == [[0.0, 0.004], [0.01, 0.03]]
    assert plot.text.endswith("where 95 of 100 measurements lie: 100 -> 0 to 0.004; 1,000 -> 0.01 to 0.03")
    assert len(plot.figure.axes[0].get_legend().get_texts()) == 3


def test_a_message_is_hatched_when_it_is_over_the_line_and_not_when_it_just_fits() -> None:
    plot = plot_sizes({"fits": 1232, "does not": 1233})
    fits, over = plot.figure.axes[0].patches
    assert (fits.get_width(), over.get_width()) == (1232, 1233)
    assert not fits.get_hatch()
    assert over.get_hatch()
    assert "fits: 1,232 bytes\ndoes not: 1,233 bytes, over the line" in plot.text


def test_curves_differ_in_form_and_not_only_in_color() -> None:
    axes = plot_costs(WORK, knob="keys", unit="checks", limit=16).figure.axes[0]
    curves = axes.lines[:2]
    assert [list(zip(*curve.get_data(), strict=True)) for curve in curves] == list(WORK.values())
    assert len({(curve.get_marker(), curve.get_linestyle()) for curve in axes.lines}) == 3
    assert {text.get_text() for text in axes.get_legend().get_texts()} == {*WORK, "limit: 16"}


def test_pairs_stand_each_on_a_scale_of_its_own() -> None:
    plot = plot_overhead({"bytes in the reply": (62, 312), "signatures": (0, 7)})
    assert [[bar.get_width() for bar in axes.patches] for axes in plot.figure.axes] == [[62, 312], [0, 7]]
    assert "signatures: without DNSSEC 0, with DNSSEC 7" in plot.text


def test_axis_is_logarithmic_only_when_it_must_be() -> None:
    assert plot_odds(THEORY).figure.axes[0].get_xscale() == "log"
    assert plot_odds([(0, 0.0), (65_536, 1.0)]).figure.axes[0].get_xscale() == "linear"
    assert plot_odds([(1, 0.1), (50, 1.0)]).figure.axes[0].get_xscale() == "linear"


def test_long_curves_are_told_in_some_of_their_points() -> None:
    text = plot_odds([(x, x / 1000) for x in range(1, 1001)]).text
    assert text.count("->") < 12
    assert ": 1 -> 0.001; " in text
    assert text.endswith("1,000 -> 1")


def test_page_gets_one_opaque_picture_with_its_words_as_alternative(plot: Plot) -> None:
    bundle = plot._repr_mimebundle_()
    assert bundle["text/plain"] == str(plot) == plot.text
    assert f'alt="{plot.text}"' in html.unescape(bundle["text/html"])
    picture = base64.b64decode(re.search('base64,([^"]+)', bundle["text/html"]).group(1))
    ElementTree.parse(io.BytesIO(picture))
    assert b"<text" not in picture  # letters are outlines: no font is needed
    assert to_hex(plot.figure.get_facecolor()) == "#ffffff"


def test_drawing_twice_gives_the_same_bytes(plot: Plot, request: pytest.FixtureRequest) -> None:
    again = PLOTS[request.node.callspec.params["plot"]]()
    assert again.figure is not plot.figure
    assert again.svg == plot.svg


def test_plot_is_saved_where_it_was_told(plot: Plot, tmp_path) -> None:
    assert plot.save(tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("draw", "says"),
    [
        (lambda: plot_odds([]), "nothing to draw: theory is empty"),
        (lambda: plot_sizes({}), "nothing to draw: sizes is empty"),
        (lambda: plot_overhead({}), "nothing to draw: measures is empty"),
        (lambda: plot_costs({}, knob="keys", unit="checks"), "nothing to draw: work is empty"),
        (lambda: plot_costs(dict.fromkeys("abcde", [(1, 1)]), knob="k", unit="u"), "At most 4 curves"),
    ],
)
def test_what_cannot_be_drawn_is_said(draw, says) -> None:
    with pytest.raises(LabError, match=says):
        draw()
