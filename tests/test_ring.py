"""views/ring.py: points stand where they were told, gaps are arcs, and labels don't lie on each other."""

import re
import xml.etree.ElementTree as ElementTree

import pytest

from dnsseclab.views.ring import HEIGHT, RADIUS, WIDTH, Marker, Point, ring

SVG = "{http://www.w3.org/2000/svg}"


def points(count: int, spread: float = 1.0) -> list[Point]:
    return [Point(f"p{n}", spread * n / count, f"name {n}") for n in range(count)]


def drawn(*arguments, **more) -> ElementTree.Element:
    return ElementTree.fromstring(ring(*arguments, caption="A circle", **more))


def nodes(svg: ElementTree.Element) -> list[ElementTree.Element]:
    return [group for group in svg.iter(f"{SVG}g") if group.get("class") == "node"]


def test_points_stand_on_the_circle_clockwise_from_the_top() -> None:
    found = [group.find(f"{SVG}circle") for group in nodes(drawn(points(4)))]
    places = [(round(float(dot.get("cx"))), round(float(dot.get("cy")))) for dot in found]
    x, y = WIDTH // 2, HEIGHT // 2
    assert places == [(x, y - RADIUS), (x + RADIUS, y), (x, y + RADIUS), (x - RADIUS, y)]


def test_every_point_can_be_chosen_and_has_a_name() -> None:
    svg = drawn([Point("a", 0.1, "mail", "NSEC of mail"), Point("b", 0.6, "")])
    assert [(node.get("data-item"), node.get("aria-label")) for node in nodes(svg)] == [
        ("a", "NSEC of mail"),
        ("b", ""),
    ]
    assert svg.get("role") == "img"
    assert svg.get("aria-label") == "A circle"


def arcs(svg: ElementTree.Element) -> list[str]:
    return [path.get("d") for path in svg.findall(f"{SVG}path") if "A" in path.get("d")]


def test_only_the_gaps_that_were_named_are_drawn() -> None:
    assert arcs(drawn(points(4))) == []
    assert len(arcs(drawn(points(4), gaps={"p0", "p2"}))) == 2


@pytest.mark.parametrize(("turn", "large"), [(0.4, "0"), (0.6, "1")])
def test_a_gap_of_more_than_half_the_circle_goes_the_long_way(turn: float, large: str) -> None:
    path = arcs(drawn([Point("a", 0, "a"), Point("b", turn, "b")], gaps={"a"}))[0]
    assert re.search(rf"A{RADIUS} {RADIUS} 0 {large} 1 ", path)


def test_the_last_gap_leads_back_to_the_first_point() -> None:
    path = arcs(drawn(points(4), gaps={"p3"}))[0]
    assert path.endswith(f"{WIDTH / 2:.1f} {HEIGHT / 2 - RADIUS:.1f}")


def test_the_gap_of_a_single_point_is_nearly_the_whole_circle() -> None:
    assert f"A{RADIUS} {RADIUS} 0 1 1 " in arcs(drawn(points(1), gaps={"p0"}))[0]


@pytest.mark.parametrize("spread", [1.0, 0.2, 0.01])
def test_labels_never_lie_on_each_other_and_stay_on_the_page(spread: float) -> None:
    svg = drawn(points(24, spread) if spread == 1 else points(12, spread))
    labels = [(float(text.get("x")) > WIDTH / 2, float(text.get("y"))) for text in svg.iter(f"{SVG}text")]
    for right in (True, False):
        ys = sorted(y for side, y in labels if side is right)
        assert all(after - before >= 14 for before, after in zip(ys, ys[1:], strict=False))
        assert all(0 < y < HEIGHT for y in ys)


def test_what_falls_into_a_gap_is_written_inside_the_circle() -> None:
    svg = drawn(points(3), markers=[Marker(0.1, "nobody"), Marker(0.12, "*")])
    inside = [text for text in svg.findall(f"{SVG}text")]
    assert [text.text for text in inside] == ["nobody", "*"]
    assert {text.get("text-anchor") for text in inside} == {"middle"}
    assert abs(float(inside[0].get("y")) - float(inside[1].get("y"))) >= 14


def test_gaps_that_may_hide_something_are_dots() -> None:
    assert "stroke-dasharray" not in drawn(points(3)).find(f"{SVG}circle").attrib
    assert "stroke-dasharray" in drawn(points(3), loose=True).find(f"{SVG}circle").attrib


def test_names_from_strangers_are_shown_and_not_obeyed() -> None:
    svg = drawn([Point('"><script>', 0, "<b>")], markers=[Marker(0.2, "<i>")])
    assert not list(svg.iter(f"{SVG}script"))
