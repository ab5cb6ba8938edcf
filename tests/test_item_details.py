"""What stands behind a box: every check, the record, its signature with dates, the advice."""

import html
import re

import chains
import pytest

from dnsseclab.protocol.trust import ChainOfTrust
from dnsseclab.views.item_details import NOTHING, item_details, item_text


def broken(chain: ChainOfTrust) -> str:
    assert chain.first_failure
    return chain.first_failure.target.id


def test_every_check_is_shown_with_its_source_and_the_evidence():
    lines = item_text(chains.expired(), broken(chains.expired()), now=chains.NOW).splitlines()
    assert lines[0] == "✘ ZSK 62724 · P-256: BROKEN"
    assert lines[1] == "KSK 35967 signs? ZSK 62724"
    assert "  ✔ signer is zone   (RFC 4035 §5.3.1)" in lines
    assert "  ✘ signature not expired   (RFC 4035 §5.3.1)" in lines
    assert "      9 days before now" in lines


def test_the_signature_says_who_made_it_and_how_far_away_its_end_is():
    text = item_text(chains.expired(), broken(chains.expired()), now=chains.NOW)
    assert "by key 35967 of foundry81.com, P-256" in text
    assert "until 15 Nov 2026 12:00:00 UTC (9 days ago)" in text
    secure = item_text(chains.secure(), chains.ANSWER.id, now=chains.NOW)
    assert "until 30 Nov 2026 12:00:00 UTC (in 6 days)" in secure


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "in 1 second"),
        (3600, "in 1 hour"),
        (-7200, "2 hours ago"),
        (0, "now"),
        (86400, "in 1 day"),
        (90, "in 1 minute"),
    ],
)
def test_distances_are_in_words(seconds: int, words: str):
    text = item_text(chains.secure(), chains.ANSWER.id, now=chains.NOW + 6 * chains.DAY - seconds)
    assert f"({words})" in text


def test_without_a_clock_no_distance_is_claimed():
    assert "ago" not in item_text(chains.expired(), broken(chains.expired()))


def test_advice_stands_only_where_the_chain_breaks():
    chain = chains.expired()
    assert "EDE 7 Signature Expired" in item_text(chain, broken(chain))
    assert "What to do" not in item_text(chain, chain.links[-1].target.id)


def test_what_was_not_reached_was_not_checked():
    chain = chains.expired()
    assert "Nothing was checked here" in item_text(chain, chain.links[-1].target.id)


def test_a_trust_anchor_comes_from_outside():
    assert "from outside DNS" in item_text(chains.secure(), "anchor")


def test_the_record_is_shown_as_a_master_file_writes_it():
    assert "www.foundry81.com. A 192.0.2.80" in item_text(chains.secure(), chains.ANSWER.id)


def test_who_is_told_what_is_forged_says_so():
    chain = chains.no_signature()
    assert item_text(chain, broken(chain), forged=chains.forged_in(chain)).startswith("✘ FORGED www.foundry81.com A")
    assert "FORGED" not in item_text(chain, broken(chain))


def test_code_that_shows_the_same_is_given():
    chain = chains.expired()
    (place,) = re.findall(r"chain\.links\[(\d+)\]", item_text(chain, broken(chain)))
    assert chain.links[int(place)] is chain.first_failure


def test_an_unknown_box_is_an_invitation():
    assert item_text(chains.secure(), "no_such_box") == NOTHING
    assert NOTHING in item_details(chains.secure(), "")


def test_a_verdict_without_links_still_says_why():
    assert "No trust anchor covers this name." in item_text(chains.no_anchor(), "question")


@pytest.mark.parametrize("name", chains.EVERY)
def test_html_and_text_say_the_same(name: str):
    chain = chains.EVERY[name]()
    for item in chain.items:
        page = item_details(chain, item.id, now=chains.NOW)
        shown = re.sub(r"<style>.*?</style>|<[^>]*>", "", page, flags=re.S)
        seen = re.sub(r"\W+", "", html.unescape(shown))
        said = re.sub(r"\W+", "", item_text(chain, item.id, now=chains.NOW))
        assert seen == said


def test_hostile_records_stay_text():
    chain = chains.hostile()
    page = item_details(chain, broken(chain), now=chains.NOW)
    assert not re.search(r"<(script|b>no|svg|/title|i>)", page)
