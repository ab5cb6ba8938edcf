"""views/apps/panel.py: values go in, a view comes out, and a slip becomes a sentence."""

import pytest

from dnsseclab.protocol.names import LabError
from dnsseclab.views.apps.panel import Panel, View, button, choice, field, slider, switch

CONTROLS = [
    field("name", "Name", "bank"),
    choice("type", "Type", ("A", "MX")),
    switch("signed", "Signed"),
    slider("keys", "Keys", (1, 9), 2),
    button("go", "Go"),
]


def show(values):
    if values["name"] == "bad":
        raise LabError("That is <no> name.")
    words = " ".join(f"{name}={value}" for name, value in values.items())
    return View(f"<p>{words}</p>", words, f"said {values['name']}")


def panel(**more) -> Panel:
    return Panel("A panel", CONTROLS, show, **more)


def test_first_values_are_shown_at_once() -> None:
    assert repr(panel()) == "A panel\nname=bank type=A signed=False keys=2"
    assert panel().html == "<p>name=bank type=A signed=False keys=2</p>"


def test_setting_a_control_is_what_the_browser_does() -> None:
    by_call, by_page = panel().set(name="shop", keys=9), panel()
    by_page.values = {**by_page.values, "name": "shop", "keys": 9}
    assert by_call.html == by_page.html == "<p>name=shop type=A signed=False keys=9</p>"
    assert by_call.said == "said shop"


def test_a_slip_becomes_a_sentence_and_the_next_value_is_shown_again() -> None:
    slipped = panel().set(name="bad")
    assert slipped.html == '<p class="dl-slip">That is &lt;no&gt; name.</p>'
    assert slipped.text == slipped.said == "That is <no> name."
    assert "name=good" in slipped.set(name="good").text


def test_a_button_is_pressed_by_call_and_from_the_page() -> None:
    pressed = []
    pressing = panel(press=pressed.append)
    pressing.press("go")
    pressing._handle_custom_msg({"press": "go"}, [])
    assert pressed == ["go", "go"]


def test_a_button_that_cannot_be_pressed_says_why() -> None:
    def refuse(name: str) -> None:
        raise LabError("Not yet.")

    refusing = panel(press=refuse)
    refusing._handle_custom_msg({"press": "go"}, [])
    assert refusing.text == "Not yet."
    with pytest.raises(LabError, match="Not yet"):
        refusing.press("go")


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"nme": "x"}, "no control 'nme' here; there is: name, type, signed, keys"),
        ({"go": True}, "no control 'go' here"),
        ({"type": "AAAA"}, "type can't be 'AAAA': choose one of A, MX"),
        ({"keys": 10}, "keys can't be 10: choose a number from 1 to 9"),
        ({"keys": "3"}, "keys can't be '3': give it a whole number"),
        ({"signed": 1}, "signed can't be 1: give it True or False"),
        ({"item": "x"}, "no control 'item' here"),
    ],
)
def test_a_value_that_no_control_takes_is_refused_and_nothing_changes(values: dict, says: str) -> None:
    refusing = panel()
    with pytest.raises(LabError, match=says):
        refusing.set(**values)
    assert repr(refusing) == repr(panel())


def test_boxes_of_a_picture_can_be_chosen_only_where_there_are_some() -> None:
    assert panel(item="").set(item="first").values["item"] == "first"


def test_there_is_no_button_but_those_that_are_there() -> None:
    with pytest.raises(LabError, match="no button 'name' here; there is: 'go'"):
        panel().press("name")


def test_two_panels_share_nothing() -> None:
    first, second = panel(), panel()
    first.set(name="shop")
    assert second.values["name"] == "bank"


def test_page_without_widgets_gets_the_words() -> None:
    bundle, _ = panel()._repr_mimebundle_()
    assert bundle["text/html"] == "<pre>A panel\nname=bank type=A signed=False keys=2</pre>"
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_the_box_on_show_is_marked_and_another_question_forgets_it() -> None:
    def show_box(values):
        return View("", f"{values['name']}: {values['item'] or 'first'}", "", values["item"] or "first")

    choosing = Panel("A panel", CONTROLS, show_box, item="")
    assert choosing.values["item"] == "first"
    assert choosing.set(item="second").text == "bank: second"
    assert choosing.set(name="shop").text == "shop: first"
    assert choosing.set(name="bank", item="third").text == "bank: third"
    assert choosing.press("go").text == "bank: first"
    assert choosing.values["item"] == "first"
