"""The chain-of-trust graph: what is drawn, what is said to those who don't see it, what strangers' words cannot do."""

import dataclasses
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import chains
import pytest

from dnsseclab.internet.attack import attack
from dnsseclab.protocol.explaining import alt
from dnsseclab.protocol.messages import question
from dnsseclab.protocol.names import LabError, to_name
from dnsseclab.protocol.trust import LinkStatus
from dnsseclab.views import dot_backend
from dnsseclab.views.chain_graph import Drawing, chain_graph, unchecked_graph
from dnsseclab.views.composing import LOOKS
from dnsseclab.views.measures import MOST_COMPACT_WIDTH
from dnsseclab.views.palette import COLORS, PAPER
from dnsseclab.views.skeleton import Reply

SVG = "{http://www.w3.org/2000/svg}"
ROOT = Path(__file__).parents[1]
every_chain = pytest.mark.parametrize("name", chains.EVERY)
every_size = pytest.mark.parametrize("compact", [False, True], ids=["full", "compact"])


def draw(name: str, compact: bool = False) -> Drawing:
    chain = chains.EVERY[name]()
    return chain_graph(chain, chains.forged_in(chain), compact=compact, uid="t")


def parsed(drawing: Drawing) -> ElementTree.Element:
    assert drawing.svg
    return ElementTree.fromstring(drawing.svg)


def groups(drawing: Drawing, word: str) -> list[ElementTree.Element]:
    """Return the groups of an SVG whose class holds a word."""
    return [group for group in parsed(drawing).iter(f"{SVG}g") if word in group.get("class", "").split()]


def texts(element: ElementTree.Element) -> list[str]:
    return [(text.text or "").strip() for text in element.iter(f"{SVG}text")]


def items(drawing: Drawing) -> dict[str, ElementTree.Element]:
    """Return the boxes by the item that they stand for; the gap is none of them, nor is a zone's name."""
    boxes = [box for box in groups(drawing, "node") if "gap" not in box.get("class", "").split()]
    return {box.get("data-item", ""): box for box in boxes if box.get("data-item")}


# ---- the whole picture ----


@every_size
@every_chain
def test_every_chain_is_drawn_as_one_clean_svg(name: str, compact: bool):
    picture = parsed(draw(name, compact))
    assert {element.tag.removeprefix(SVG) for element in picture.iter()} <= {
        "svg", "desc", "style", "g", "title", "text", "path", "polygon", "polyline", "ellipse",
    }  # fmt: skip
    ids = [element.get("id") for element in picture.iter() if element.get("id")]
    assert len(ids) == len(set(ids)) and all(each.startswith("t_") for each in ids)
    assert not [key for element in picture.iter() for key in element.keys() if key.startswith("on")]


@every_chain
def test_every_item_has_its_box_or_is_folded(name: str):
    chain, drawing = chains.EVERY[name](), draw(name)
    drawn, all_items = set(items(drawing)), {item.id for item in chain.items}
    folded = 4 if name == "many_records" else 0
    assert len(all_items - drawn) == folded
    assert drawn - all_items <= {"question"}


@every_chain
def test_a_compact_picture_stays_narrow_and_legible(name: str):
    picture = parsed(draw(name, compact=True))
    width = float(picture.get("width", "0"))
    assert 0 < width <= MOST_COMPACT_WIDTH
    assert min(float(text.get("font-size", "0")) for text in picture.iter(f"{SVG}text")) >= 12


@every_size
@every_chain
def test_no_line_in_a_box_is_long(name: str, compact: bool):
    for box in items(draw(name, compact)).values():
        assert all(len(text) <= 26 for text in texts(box))


def test_a_long_name_loses_its_middle_and_keeps_its_end():
    shown = texts(items(draw("deep"))[chains.deep().links[-1].target.id])
    assert shown[0].startswith("the-ma") and "…" in shown[0] and shown[0].endswith("example AAAA")


@every_size
def test_the_same_chain_gives_the_same_bytes_in_every_process(compact: bool):
    code = (
        "import sys, hashlib; sys.path[:0] = ['.', 'tests']; import chains\n"
        "from dnsseclab.views.chain_graph import chain_graph\n"
        f"drawn = ''.join(chain_graph(make(), compact={compact}).svg for make in chains.EVERY.values())\n"
        "print(hashlib.sha256(drawn.encode()).hexdigest())"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True, text=True, check=True,
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(runs) == 1


def test_two_pictures_on_one_page_share_no_id():
    first, second = (parsed(chain_graph(chains.EVERY[name]())) for name in ("secure", "expired"))
    ids = [{element.get("id") for element in picture.iter() if element.get("id")} for picture in (first, second)]
    assert not ids[0] & ids[1]


def test_a_prefix_that_is_no_identifier_is_refused():
    with pytest.raises(LabError, match="letters, digits"):
        chain_graph(chains.secure(), uid='x" onload="alert(1)')


# ---- what carries meaning ----


@every_chain
def test_a_chain_has_one_gap_if_it_is_broken_and_none_else(name: str):
    chain = chains.EVERY[name]()
    assert len(groups(draw(name), "gap")) == (chain.first_failure is not None)


def test_the_broken_link_is_cut_and_the_reason_stands_in_the_gap():
    chain, drawing = chains.expired(), draw("expired")
    (gap,) = groups(drawing, "gap")
    assert texts(gap) == ["× signature expired", "valid until 15 Nov 2026", "9 days before now"]
    assert gap.get("data-item") == chain.first_failure.target.id
    assert re.search(r"-> gap_8 \[.*arrowhead=tee", drawing.dot)
    assert re.search(r"gap_8 -> \w+ \[.*arrowhead=none.*style=dashed", drawing.dot)
    assert "signs?" in texts(parsed(drawing))


def test_what_lies_below_the_break_is_dotted_grey():
    chain, drawing = chains.expired(), draw("expired")
    below = items(drawing)[chain.links[-1].target.id]
    assert "idle" in below.get("class", "").split()
    assert below.find(f"{SVG}path").get("stroke") == PAPER["idle"]
    assert below.find(f"{SVG}path").get("stroke-dasharray")


def test_a_key_that_did_not_come_is_a_dashed_box_of_its_own():
    ghost = items(draw("forged_keys"))[chains.forged_keys().links[6].target.id]
    assert "not_there" in ghost.get("class", "").split()
    assert texts(ghost)[1] == "not received"


def test_insecure_data_is_slate_and_its_zone_says_why():
    chain, drawing = chains.insecure(), draw("insecure")
    answer = items(drawing)[chain.links[-1].target.id]
    assert answer.find(f"{SVG}path").get("stroke") == PAPER["muted"]
    assert {"treated as unsigned", "permits unsigned", "has NS, has no DS"} <= set(texts(parsed(drawing)))


def test_shapes_tell_keys_ds_and_records_apart():
    dot = draw("secure").dot
    assert len(re.findall(r"shape=ellipse", dot)) == 6
    assert len(re.findall(r"shape=note", dot)) == 2
    assert len(re.findall(r"peripheries=2", dot)) == 1, "the key that the trust anchor names"


def test_forged_items_hang_on_an_island_and_not_in_their_zone():
    chain, drawing = chains.forged_keys(), draw("forged_keys")
    island = drawing.dot[drawing.dot.index("cluster_island") :]
    island = island[: island.index("\n\t}")]
    assert all(item in island for item in chains.forged_in(chain))
    assert "FORGED by the attacker" in texts(parsed(drawing))


def test_without_being_told_nobody_can_know_what_is_forged():
    drawing = chain_graph(chains.forged_keys())
    assert "FORGED" not in (drawing.svg or "")
    assert "cluster_island" not in drawing.dot


def test_a_valid_replay_is_not_called_forged():
    assert "REPLAYED by the attacker" in texts(parsed(draw("replay")))


def test_an_alternative_that_failed_stays_visible_and_is_no_break():
    drawing = draw("alternatives")
    assert texts(parsed(drawing)).count("not used") == 2
    assert not groups(drawing, "gap")


def test_an_alias_leads_from_branch_to_branch():
    drawing = draw("alias")
    assert "leads to" in texts(parsed(drawing))
    assert len(re.findall(r"subgraph cluster_zone", drawing.dot)) == 5, "the root's zone is drawn once"


def test_many_records_of_one_key_fold_but_the_one_asked_for_stays():
    chain, drawing = chains.many_records(), draw("many_records")
    assert "+ 5 records, all signed" in texts(parsed(drawing))
    assert chain.links[-1].target.id in items(drawing)


def test_a_zone_with_one_key_calls_it_csk():
    assert sum(text.startswith("CSK ") for text in texts(parsed(draw("single_keys")))) == 3


def test_a_verdict_without_a_link_is_still_a_picture():
    assert texts(parsed(draw("no_anchor", compact=True))) == ["www.foundry81.com A", "no trust anchor"]


def test_the_full_form_begins_with_the_verdict_and_the_compact_one_has_none():
    assert texts(parsed(draw("expired")))[:2] == ["BOGUS", "www.foundry81.com A"]
    assert "BOGUS" not in texts(parsed(draw("expired", compact=True)))


def test_steps_follow_the_walk():
    chain, drawing = chains.expired(), draw("expired")
    for step, link in enumerate(chain.links, 1):
        assert f"step_{step}" in items(drawing)[link.target.id].get("class", "").split()
    assert "step_0" in items(drawing)["anchor"].get("class", "").split()
    assert {"step_8"} < set(groups(drawing, "gap")[0].get("class", "").split())


# ---- for those who don't see it ----


@every_size
@every_chain
def test_the_picture_carries_its_twin_in_words(name: str, compact: bool):
    chain, drawing = chains.EVERY[name](), draw(name, compact)
    picture = parsed(drawing)
    assert picture.get("role") == "img"
    assert picture.findtext(f"{SVG}desc") == chain.explain() == drawing.text == str(drawing)
    assert picture.get("aria-label") == alt(chain).replace("\x01", "?")


@every_size
@every_chain
def test_an_accessible_name_begins_with_the_words_that_are_seen(name: str, compact: bool):
    for box in items(draw(name, compact)).values():
        seen, named = " ".join(texts(box)), box.get("aria-label", "")
        zone = named.split(". in ")[1].split(". ")[0] if ". in " in named else ""
        seen = seen.removeprefix(f"{zone} ")  # a narrow picture writes it into the box
        assert "…" in seen or named.startswith(seen)


def test_a_box_says_what_was_checked_and_where_that_is_written():
    chain, drawing = chains.expired(), draw("expired")
    said = items(drawing)[chain.first_failure.target.id].findtext(f"{SVG}title")
    assert said.splitlines() == [
        "ZSK 62724 · P-256",
        "KSK 35967 signs? ZSK 62724: BROKEN",
        "✔ signer is zone  RFC 4035 §5.3.1",
        "✘ signature not expired  RFC 4035 §5.3.1",
    ]


def test_links_are_left_to_the_boxes_when_the_picture_is_read_aloud():
    assert all(edge.get("aria-hidden") == "true" for edge in groups(draw("forged_keys"), "edge"))


# ---- colors ----


def luminance(color: str) -> float:
    color = "#ffffff" if color == "white" else color
    parts = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["paper", "dark"])
def test_contrast_meets_wcag_aa(theme: int):
    color = {role: pair[theme] for role, pair in COLORS.items()}
    texts_on = [("ink", "paper"), ("ink", "band"), ("ink", "passed-bg"), ("muted", "paper"), ("muted", "band")]
    texts_on += [
        ("muted", "forged-bg"),
        ("failed-ink", "failed"),
        ("anchor-ink", "anchor"),
        ("forged-ink", "forged-bg"),
    ]
    texts_on += [("passed", "paper"), ("failed", "paper"), ("muted", "paper")]  # the verdict
    strokes_on = [
        ("passed", "paper"),
        ("passed", "band"),
        ("passed", "passed-bg"),
        ("failed", "paper"),
        ("idle", "band"),
    ]
    strokes_on += [("failed", "band"), ("idle", "paper"), ("idle", "forged-bg"), ("forged", "paper"), ("muted", "band")]
    assert [pair for pair in texts_on if contrast(color[pair[0]], color[pair[1]]) < 4.5] == []
    assert [pair for pair in strokes_on if contrast(color[pair[0]], color[pair[1]]) < 3.0] == []


@every_chain
def test_every_color_has_a_role_so_that_a_dark_page_can_change_it(name: str):
    used = {element.get(key) for element in parsed(draw(name)).iter() for key in ("fill", "stroke")}
    assert used - {None, "none", "transparent", "black"} <= set(PAPER.values())
    assert len(set(PAPER.values())) == len(PAPER), "the style finds a role by its color"


def test_black_is_only_what_graphviz_leaves_uncolored():
    """An arrow's tip and a node's outline have colors of ours; black would be illegible on a dark page."""
    for name in chains.EVERY:
        assert not [e for e in parsed(draw(name)).iter() if "black" in (e.get("fill"), e.get("stroke"))], name


# ---- strangers' words ----


@every_size
def test_hostile_records_stay_text(compact: bool):
    drawing = draw("hostile", compact)
    shown = texts(parsed(drawing))
    assert "× <i>no</i> & none" in shown
    assert not {"script", "b", "i"} & {element.tag.removeprefix(SVG) for element in parsed(drawing).iter()}
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", drawing.svg or "")


def test_what_looks_like_an_escape_or_an_entity_is_shown_as_it_is():
    words = r"\G \N \l \\ &amp; &lt;"
    chain = chains.no_signature()
    assert chain.diagnosis
    told = dataclasses.replace(chain.diagnosis, headline=words, sentence=words)
    text = chains.records("foundry81.com", "www.foundry81.com", "TXT", '"&lt; &amp; x"')
    links = (*chain.links[:-1], chain.links[-1]._replace(target=text))
    shown = texts(parsed(chain_graph(dataclasses.replace(chain, diagnosis=told, links=links))))
    assert words in shown and f"× {words}" in shown and '"&lt; &amp; x"' in shown


# ---- where it is shown, and what draws it ----


def test_jupyter_gets_the_picture_and_the_words():
    bundle = draw("secure")._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html"}
    assert 'alt="SECURE' in bundle["text/html"]  # without it a screen reader says "image", and no more
    assert bundle["text/plain"] == chains.secure().explain()


def test_without_graphviz_the_words_and_one_sentence_remain(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DNSSECLAB_DOT", "no-such-program")
    drawing = draw("secure")
    assert drawing.svg is None
    assert set(drawing._repr_mimebundle_()) == {"text/plain"}
    assert drawing.text == f"{chains.secure().explain()}\n\n{dot_backend.MISSING}"


def test_a_program_that_does_not_draw_is_no_crash(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DNSSECLAB_DOT", "false" if os.name == "posix" else "where")
    drawing = draw("secure")
    assert drawing.svg is None
    assert "does not run" in drawing.text


def test_the_program_that_is_named_comes_first_then_the_wheel_then_the_path(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DNSSECLAB_DOT", sys.executable)
    assert dot_backend.find_dot() == Path(sys.executable)
    monkeypatch.delenv("DNSSECLAB_DOT")
    monkeypatch.setattr(dot_backend, "_from_path", lambda: Path("system-dot"))
    dot_backend._find_dot.cache_clear()
    assert "graphviz-pure" in str(dot_backend.find_dot())
    monkeypatch.setattr(dot_backend, "_from_wheel", lambda: None)
    dot_backend._find_dot.cache_clear()
    assert dot_backend.find_dot() == Path("system-dot")
    dot_backend._find_dot.cache_clear()


def test_doctor_can_ask_for_the_program_without_loading_graphviz():
    code = (
        "import sys, json; import dnsseclab.views.dot_backend as b; b.find_dot(); print(json.dumps(list(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not {"graphviz", "dns", "ipywidgets"} & set(json.loads(ran.stdout))


def test_a_picture_can_be_saved(tmp_path: Path):
    drawing = draw("secure")
    assert drawing.save(tmp_path / "chain.svg").read_text(encoding="utf-8") == drawing.svg


# ---- nobody checked ----


def test_a_forged_reply_that_nobody_checked_hangs_beside_the_way():
    zones = tuple(to_name(zone) for zone in (".", "example", "bank.example"))
    replies = (Reply("203.0.113.66", "believed without proof", forged=True), Reply("192.0.2.20", "real, but too late"))
    drawing = unchecked_graph(question("www.bank.example", "A"), zones, replies, compact=True)
    shown = texts(parsed(drawing))
    assert shown.count("not checked") == 3
    assert shown.count("says") == 1, "nothing says the forged address but the attacker"
    assert "FORGED 203.0.113.66: believed without proof" in drawing.text


def test_several_real_replies_share_no_id():
    replies = (Reply("192.0.2.20", "believed"), Reply("192.0.2.21", "too late"))
    picture = parsed(unchecked_graph(question("www.bank.example", "A"), replies=replies))
    ids = [element.get("id") for element in picture.iter() if element.get("id")]
    assert len(ids) == len(set(ids))


def test_before_anything_is_asked_the_way_ends_in_a_question():
    drawing = unchecked_graph(question("www.bank.example", "A"))
    assert {"root", "example", "bank.example", "www.bank.example A = ?"} <= set(texts(parsed(drawing)))
    assert "UNCHECKED" in texts(parsed(drawing))


# ---- real chains ----


@pytest.mark.parametrize("attack_key", ["on-path-key", "on-path-address", "on-path-replay-expired", "on-path-strip-ds"])
def test_a_real_forgery_hangs_below_a_real_break(attack_key: str):
    result = attack(attack=attack_key)
    broken = next(chain for chain in result.chains if chain.first_failure)
    forged = result.forged_items(broken)
    drawing = chain_graph(broken, forged, compact=True)
    assert forged and len(groups(drawing, "gap")) == 1
    assert float(parsed(drawing).get("width", "0")) <= MOST_COMPACT_WIDTH
    assert "FORGED" in texts(parsed(drawing))


def test_a_status_that_no_look_was_made_for_would_be_noticed():
    assert set(LOOKS) == set(LinkStatus)
