"""views/apps/chain_explorer.py and signing_bench.py: what is shown is what a resolver came to."""

import re

import pytest

from dnsseclab.internet.worlds import toy_internet
from dnsseclab.protocol.messages import question
from dnsseclab.protocol.names import LabError
from dnsseclab.views.apps import explore_chain, sign_and_connect
from dnsseclab.views.apps.chain_explorer import WORLDS
from dnsseclab.views.apps.chain_view import look_up

VERDICTS = {
    "all is well": "SECURE",
    "bank.example is signed, but not connected": "INSECURE",
    "bank.example is connected, but not signed": "BOGUS",
    "the DS of another key for bank.example": "BOGUS",
    "eight days later, nobody signed again": "BOGUS",
    "names are hashed (NSEC3)": "SECURE",
    "nothing is signed anywhere": "unchecked",
}


def verdict(panel) -> str:
    return re.search(r"\b(SECURE|INSECURE|BOGUS|INDETERMINATE|unchecked)\b", panel.text)[0]


def test_every_state_of_the_world_comes_to_what_it_should() -> None:
    panel = explore_chain()
    assert set(VERDICTS) == set(WORLDS)
    assert {world: verdict(panel.set(world=world)) for world in WORLDS} == VERDICTS


@pytest.mark.parametrize(
    "name", ["www.bank.example", "nobody.bank.example", "shop.foundry81.com", "www.harbor.example"]
)
@pytest.mark.parametrize("rdtype", ["A", "MX", "DS"])
def test_words_are_those_of_the_chain(name: str, rdtype: str) -> None:
    chain = look_up(toy_internet(), question(name, rdtype)).chains[0]
    panel = explore_chain(toy_internet(), name, rdtype)
    assert panel.text.startswith(chain.explain())
    assert "<svg" in panel.html
    assert all(f'data-item="{item.id}"' in panel.html for item in chain.items)


def test_the_first_look_is_at_the_break_and_any_other_box_can_be_chosen() -> None:
    panel = explore_chain().set(world="the DS of another key for bank.example")
    chain = look_up(WORLDS[panel.values["world"]](), question("www.bank.example", "A")).chains[0]
    assert panel.values["item"] == chain.first_failure.target.id
    assert "DS names key" in panel.text.partition("✘")[2]
    anchor = chain.links[0].source.id
    assert "it is configured in the resolver" in panel.set(item=anchor).text


def test_worlds_of_ones_own_are_chosen_by_their_names() -> None:
    worlds = {"before": toy_internet(signed=["."]), "after": toy_internet()}
    panel = explore_chain(worlds)
    assert verdict(panel) == "INSECURE"
    assert verdict(panel.set(world="after")) == "SECURE"


def test_without_a_world_there_is_nothing_to_explore() -> None:
    with pytest.raises(LabError, match="no world to explore"):
        explore_chain({})


def test_a_slip_of_the_pen_becomes_a_sentence() -> None:
    assert "is not a domain name" in explore_chain().set(name="a..b").text


# ---- sign and connect


def after(*steps: str, zone: str = "bank.example"):
    bench = sign_and_connect(zone)
    for step in steps:
        bench.press(step)
    return bench


@pytest.mark.parametrize(
    ("steps", "comes_to"),
    [
        ([], "INSECURE"),
        (["keys"], "INSECURE"),
        (["keys", "sign"], "INSECURE"),  # signing alone changes nothing
        (["keys", "sign", "child"], "INSECURE"),  # nor does a DS in the child
        (["keys", "child", "sign"], "INSECURE"),
        (["keys", "sign", "upload"], "SECURE"),
        (["keys", "upload"], "BOGUS"),  # the DS promises keys that nobody sends
        (["keys", "upload", "sign"], "SECURE"),
        (["keys", "sign", "child", "upload"], "SECURE"),
        (["keys", "keys", "sign", "sign", "upload", "upload"], "SECURE"),
        (["keys", "sign", "upload", "reset"], "INSECURE"),
    ],
)
def test_only_a_ds_at_the_parent_and_a_signed_zone_make_it_secure(steps: list[str], comes_to: str) -> None:
    assert verdict(after(*steps)) == comes_to


@pytest.mark.parametrize("zone", ["com", "example", "foundry81.com", "bank.example", "harbor.example"])
def test_any_zone_below_the_root_can_be_connected(zone: str) -> None:
    assert verdict(after("keys", "sign", "upload", zone=zone)) == "SECURE"


def test_the_graph_grows_by_the_keys_of_the_zone() -> None:
    before, connected = after("keys", "sign").html, after("keys", "sign", "upload").html
    assert connected.count('class="node') > before.count('class="node')
    tags = re.findall(r"(?:KSK|ZSK) (\d+) \(P-256\) of bank", after("keys").text)
    assert len(tags) == 2
    assert all(f"SK {tag}" in connected for tag in tags)


def test_steps_done_are_listed_in_order() -> None:
    lines = after("keys", "upload", "sign").text.splitlines()
    assert [line[:6] for line in lines[:3]] == ["1. Key", "2. The", "3. The"]
    assert "stands in example, which has signed it" in lines[1]


@pytest.mark.parametrize("step", ["sign", "child", "upload"])
def test_without_keys_there_is_nothing_to_sign_with(step: str) -> None:
    with pytest.raises(LabError, match="make keys first"):
        sign_and_connect().press(step)


def test_two_benches_share_nothing() -> None:
    first, second = sign_and_connect(), sign_and_connect()
    first.press("keys").press("sign").press("upload")
    assert verdict(second) == "INSECURE"


@pytest.mark.parametrize(
    ("zone", "says"), [(".", "The root has no parent"), ("shop.example", "has no zone shop.example")]
)
def test_what_cannot_be_connected_is_said(zone: str, says: str) -> None:
    with pytest.raises(LabError, match=says):
        sign_and_connect(zone)
