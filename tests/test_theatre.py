"""views/apps/theatre.py, driven without a browser: presses are calls, and what is on show is read from the widgets."""

import asyncio
import re
import signal
from html import unescape

import pytest

from dnsseclab.internet.attack import ATTACKS, Scene, Setup
from dnsseclab.protocol.names import LabError
from dnsseclab.views.apps import attack_theatre
from dnsseclab.views.apps.moment import Phase
from dnsseclab.views.apps.theatre import BUSY, NUDGE, Theatre

DNSSEC_OFF = {"signed": False, "connected": False, "validating": False}
BANK, ATTACKER, ERROR = "the bank", "the attacker's page", "an error page"


def press(theatre, label):
    """Press the button that says `label`, as a mouse would."""
    (button,) = [each for each in shown_buttons(theatre) if each.description == label]
    button.click()


def shown_buttons(theatre):
    house = theatre.house
    clock = [] if "dl-hide" in house.clock_row._dom_classes else house.clock_buttons
    return [each for each in (*house.buttons, *clock) if "dl-hide" not in each._dom_classes]


def words(html):
    """Return a piece of HTML as its words."""
    text = re.sub(r"<style>.*?</style>", "", html, flags=re.S)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text))).strip()


def stage(theatre):
    return words(theatre.house.outcome.value)


def question(theatre):
    return words(theatre.house.prediction.question_html)


def attacked(theatre, choice="not sure yet"):
    theatre.predict(choice)
    press(theatre, "Attack")
    return theatre


def primary(theatre):
    return [each.description for each in shown_buttons(theatre) if each.button_style in ("primary", "danger")]


# --- the tour


def test_the_tour_begins_with_nothing_opened_and_one_button_to_press():
    theatre = attack_theatre()
    assert stage(theatre).startswith("The browser opened: nothing yet")
    assert [each.description for each in shown_buttons(theatre)] == ["Attack", "Switch DNSSEC on"]
    assert primary(theatre) == ["Attack"]
    assert "dl-hide" in theatre.house.form.box._dom_classes


def test_attack_without_a_prediction_only_nudges():
    theatre = attack_theatre()
    press(theatre, "Attack")
    assert theatre.house.prediction.note == NUDGE
    assert theatre.moment.phase is Phase.READY
    theatre.house.prediction.chosen = 3  # a click on "not sure yet"
    assert theatre.house.prediction.note == ""


def test_the_whole_tour_from_the_poisoned_cache_to_the_lab():
    theatre = attacked(attack_theatre(), BANK)
    assert ATTACKER in stage(theatre)
    assert "Your prediction the bank. Not what happened." in stage(theatre)
    assert "forged 203.0.113.66 for another 1 h." in stage(theatre)
    assert primary(theatre) == ["Switch DNSSEC on"]

    press(theatre, "Switch DNSSEC on")
    assert question(theatre).startswith("Predict first. Same attack. DNSSEC: on.")
    assert theatre.house.prediction.choice is None
    attacked(theatre, BANK)
    assert "Your prediction the bank. Right." in stage(theatre)
    assert "bank.example's key has not signed it" in stage(theatre)
    assert "Nothing forged." in stage(theatre)
    assert "Chain broke at" in stage(theatre)

    press(theatre, "Put the attacker on the path")
    attacked(theatre)
    assert ERROR in stage(theatre)
    assert "not sure yet. Now you have seen it." in stage(theatre)

    press(theatre, "Open the lab")
    assert ERROR in stage(theatre)  # the lab keeps the last set-up, and what came of it
    assert "dl-hide" not in theatre.house.form.box._dom_classes
    assert [each.description for each in shown_buttons(theatre)[:4]] == ["Attack again", "Step", "Stop", "Reset"]


def test_the_tour_lets_dnssec_be_switched_off_again():
    theatre = attack_theatre()
    press(theatre, "Switch DNSSEC on")
    press(theatre, "Switch DNSSEC off")
    assert "DNSSEC: off" in question(theatre)
    press(theatre, "Switch DNSSEC on")
    attacked(theatre)
    press(theatre, "Put the attacker on the path")
    press(theatre, "Switch DNSSEC off")
    attacked(theatre)
    assert ATTACKER in stage(theatre)
    assert primary(theatre) == ["Switch DNSSEC on"]


def test_choosing_a_set_up_ends_the_tour():
    theatre = attack_theatre()
    theatre.choose(attack="kaminsky")
    assert question(theatre).startswith("Predict first. Attack: again and again (Kaminsky).")
    with pytest.raises(LabError, match="The tour is over"):
        theatre.onward()


# --- the lab


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("dnssec", [{}, DNSSEC_OFF], ids=["DNSSEC on", "DNSSEC off"])
def test_every_attack_is_shown_as_the_engine_tells_it(attack, dnssec):
    """The widget adds no verdict of its own: headline and reason are the result's."""
    theatre = attack_theatre("lab", attack=attack, **dnssec)
    result = theatre.play()
    assert result.headline in stage(theatre)
    assert result.why in stage(theatre)
    assert f"dl-is-{result.opened}" in theatre.house.stage._dom_classes
    assert theatre.house.graph.svg.startswith("<svg")
    assert theatre.house.graph.chosen in theatre.house.graph.svg


def test_the_same_words_stand_on_every_page_without_widgets():
    theatre = attack_theatre("lab")
    result = theatre.play()
    bundle, _ = theatre._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    for page in (bundle["text/plain"], unescape(bundle["text/html"])):
        assert result.headline in page and result.why in page
    assert result.chains[0].explain() in bundle["text/plain"] or result.chains[-1].explain() in bundle["text/plain"]


def test_without_graphviz_the_words_stand_in_the_graphs_place(monkeypatch):
    monkeypatch.setattr("dnsseclab.views.dot_backend.find_dot", lambda: None)
    theatre = attack_theatre("lab", attack="on-path-address")
    theatre.play()
    shown = theatre.house.graph.svg
    assert shown.startswith("<pre>") and "BOGUS" in shown and "graphviz-pure" in shown


def test_two_replies_have_two_chains_and_the_broken_one_comes_first():
    theatre = attack_theatre("lab", attack="on-path-address")
    theatre.play()
    names = [name for name, _ in theatre.house.which.options]
    assert names == ["reply 1: forged, rejected", "reply 2: real, verified"]
    assert "BROKEN" in words(theatre.house.details.value)
    broken = theatre.house.graph.svg
    theatre.house.which.value = 1
    assert theatre.house.graph.svg != broken
    assert "BROKEN" not in words(theatre.house.details.value)


def test_choosing_a_box_shows_what_was_checked_there():
    theatre = attack_theatre("lab", attack="on-path-address")
    theatre.play()
    before = theatre.house.details.value
    theatre.house.graph.chosen = theatre.moment.chain.links[0].target.id  # a click in the browser
    assert theatre.house.details.value != before


def test_without_validation_the_panel_lists_what_the_resolver_looked_at_instead():
    theatre = attack_theatre("lab", **DNSSEC_OFF)
    theatre.play()
    panel = words(theatre.house.details.value)
    assert "FORGED 203.0.113.66: believed without proof" in panel
    assert "Right ID" in panel and "not looked at, validation is off" in panel
    theatre.house.graph.chosen = "way_1"
    assert "example: not checked" in words(theatre.house.details.value)


def test_changing_a_switch_builds_a_new_world_and_forgets_the_prediction():
    theatre = attacked(attack_theatre("lab"), BANK)
    scene = theatre.scene
    theatre.house.form.controls["validating"].value = False
    assert theatre.scene is not scene
    assert theatre.moment.setup.validating is False
    assert theatre.house.prediction.choice is None
    assert stage(theatre).startswith("The browser opened: nothing yet")


def test_a_blind_attacker_cannot_be_told_to_spoil_every_reply():
    theatre = attack_theatre("lab", attack="on-path-address", spoil_every_reply=True)
    spoil = theatre.house.form.controls["spoil_every_reply"]
    assert not spoil.disabled
    theatre.house.form.controls["attack"].value = "blind-one"
    assert spoil.disabled and spoil.value is False
    assert theatre.house.prediction.note == ""


def test_labels_follow_the_victim():
    theatre = attack_theatre("lab", victim="www.foundry81.com")
    labels = [control.description for control in theatre.house.form.controls.values()]
    assert "foundry81.com is signed" in labels and "Its DS is at the parent, com" in labels
    assert theatre.house.prediction.choices[0] == "the foundry"


def test_poison_outlives_the_attack_until_its_time_is_over():
    theatre = attack_theatre("lab", **DNSSEC_OFF)
    theatre.play()
    press(theatre, "Reload page")
    assert ATTACKER in stage(theatre) and "Nobody was asked" in stage(theatre)
    theatre.house.clock.value = 600
    press(theatre, "Advance clock")
    assert "203.0.113.66 50 min" in words(theatre.house.cache.value)
    theatre.house.clock.value = None
    press(theatre, "Advance clock")
    assert "203.0.113.66" not in words(theatre.house.cache.value)
    press(theatre, "Reload page")
    assert BANK in stage(theatre)


def test_what_comes_from_the_cache_keeps_the_chain_that_proved_it():
    theatre = attack_theatre("lab", attack="none")
    theatre.play()
    drawn = theatre.house.graph.svg
    assert "Complete, from the root to the address." in stage(theatre)
    theatre.reload()
    assert theatre.house.graph.svg == drawn
    assert "(when it was stored)" in stage(theatre)


def test_attacking_again_takes_the_next_seed():
    theatre = attack_theatre("lab")
    assert theatre.play().seed != theatre.play().seed
    first = attack_theatre("lab").play().seed
    theatre.reset()
    assert theatre.play().seed == first


# --- Step, Stop, Reset


def test_step_plays_one_event_a_press_and_folds_equal_fates():
    theatre = attack_theatre("lab", **DNSSEC_OFF)
    theatre.predict(BANK)
    seen = []
    while theatre.moment.phase is not Phase.DECIDED:
        press(theatre, "Step")
        seen.append(len(theatre.moment.performance.events) if theatre.moment.performance else None)
    shown = seen[:-1]
    assert shown == list(range(1, len(shown) + 1))  # one more at each press, 39,000 ignored replies being one
    assert ATTACKER in stage(theatre)


def test_a_paused_race_can_run_on():
    theatre = attack_theatre("lab", **DNSSEC_OFF)
    theatre.predict(BANK)
    press(theatre, "Step")
    assert "Paused at" in stage(theatre) and primary(theatre) == ["Run on"]
    assert all(control.disabled for control in theatre.house.form.controls.values())
    press(theatre, "Run on")
    assert ATTACKER in stage(theatre)


def test_stop_leaves_the_cache_as_it_was():
    theatre = attack_theatre("lab", **DNSSEC_OFF)
    theatre.play()
    before = theatre.scene.cache_lines()
    press(theatre, "Step")
    assert theatre.house.prediction.note == NUDGE
    theatre.predict(BANK)
    for _ in range(9):
        press(theatre, "Step")
    press(theatre, "Stop")
    assert "The browser opened: nothing You stopped the race after" in stage(theatre)
    assert theatre.scene.cache_lines() == before
    assert "FORGED" in words(theatre.house.story.value)  # the story keeps what arrived


def test_a_resting_button_answers_and_is_never_disabled():
    theatre = attack_theatre("lab")
    press(theatre, "Stop")
    assert theatre.house.prediction.note == "Nothing is running."
    theatre.predict(BANK)
    press(theatre, "Step")
    press(theatre, "Reload page")
    assert theatre.house.prediction.note == BUSY
    assert not any(button.disabled for button in theatre.house.buttons)


@pytest.mark.parametrize("mode", ["tour", "lab"])
def test_exactly_one_button_stands_out_at_every_moment(mode):
    theatre = attack_theatre(mode)
    looks = [primary(theatre)]
    theatre.predict(BANK)
    theatre.step()
    looks.append(primary(theatre))
    theatre.moment.phase = Phase.RACING
    theatre.house.show(theatre.moment)
    looks.append(primary(theatre))
    theatre.stop()
    looks.append(primary(theatre))
    theatre.play()
    looks.append(primary(theatre))
    assert [len(look) for look in looks] == [1] * 5


# --- inside a kernel: there is a loop


def test_a_race_runs_beside_other_work_and_ends():
    async def main():
        theatre = attack_theatre("lab", attack="on-path-address", **DNSSEC_OFF)
        theatre.predict(BANK)
        press(theatre, "Attack")
        assert theatre.moment.phase is Phase.RACING
        await theatre._task
        return theatre

    assert ATTACKER in stage(asyncio.run(main()))


def test_stop_answers_at_once_during_a_race():
    async def main():
        theatre = attack_theatre("lab")
        theatre.predict(BANK)
        press(theatre, "Attack")
        await asyncio.sleep(0.3)
        press(theatre, "Attacking …")
        assert theatre.house.prediction.note.startswith("The race is on.")
        assert "Who answers first?" in stage(theatre)
        assert 'role="progressbar"' in theatre.house.race.value
        press(theatre, "Stop")
        assert "You stopped the race" in stage(theatre)
        await theatre._task
        return theatre

    theatre = asyncio.run(main())
    assert theatre.moment.phase is Phase.STOPPED
    assert theatre.scene.cache_lines() == []


def test_interrupting_the_kernel_stops_the_race():
    async def main():
        theatre = attack_theatre("lab")
        theatre.predict(BANK)
        press(theatre, "Attack")
        await asyncio.sleep(0.2)
        signal.raise_signal(signal.SIGINT)
        await theatre._task
        return theatre

    before = signal.getsignal(signal.SIGINT)
    assert asyncio.run(main()).moment.phase is Phase.STOPPED
    assert signal.getsignal(signal.SIGINT) is before


class BrokenScene(Scene):
    """A scene with a mistake in it."""

    def attack(self):
        yield next(super().attack())
        raise ZeroDivisionError("one mistake")


def test_interrupting_a_cell_that_plays_leaves_the_world_whole():
    class Interrupted(Scene):
        def attack(self):
            yield next(super().attack())
            raise KeyboardInterrupt

    theatre = Theatre("lab", Setup(), Interrupted)
    with pytest.raises(KeyboardInterrupt):
        theatre.play()
    assert theatre.moment.phase is Phase.STOPPED
    assert theatre.scene.cache_lines() == []


def test_a_mistake_of_ours_becomes_a_sentence_not_a_traceback(capfd):
    async def main():
        theatre = Theatre("tour", Setup(), BrokenScene)
        theatre.predict(BANK)
        press(theatre, "Attack")
        await theatre._task
        return theatre

    theatre = asyncio.run(main())
    assert "ZeroDivisionError. The world is as before; Reset starts anew." in stage(theatre)
    assert primary(theatre) == ["Reset"]
    press(theatre, "Attack")
    assert theatre.house.prediction.note == "Press Reset first."
    press(theatre, "Reset")
    assert stage(theatre).startswith("The browser opened: nothing yet")


# --- bad input


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"mode": "party"}, "a tour and a lab"),
        ({"mode": "lab", "attack": "magic"}, "no attack 'magic'"),
        ({"mode": "lab", "firewall": True}, "no switch 'firewall'"),
        ({"mode": "lab", "attack": "blind-one", "spoil_every_reply": True}, "blind attacker"),
        ({"mode": "lab", "victim": "www.example.org"}, "can open www.bank.example or"),
    ],
)
def test_a_set_up_that_cannot_be_is_refused_with_a_sentence(arguments, says):
    with pytest.raises(LabError, match=says):
        attack_theatre(**arguments)


def test_a_refused_choice_leaves_the_world_as_it_is():
    theatre = attack_theatre("lab")
    scene = theatre.scene
    with pytest.raises(LabError):
        theatre.choose(spoil_every_reply=True)
    assert theatre.scene is scene


def test_defences_can_be_set_by_name():
    theatre = attack_theatre("lab", random_port=True, mixed_case=True)
    assert theatre.moment.setup.defences.random_port and theatre.moment.setup.defences.mixed_case
    assert theatre.house.form.controls["random_port"].value is True


def test_opening_it_twice_gives_two_theatres():
    first, second = attack_theatre(), attack_theatre()
    attacked(first)
    assert stage(second).startswith("The browser opened: nothing yet")
    assert first.house.graph.model_id != second.house.graph.model_id
