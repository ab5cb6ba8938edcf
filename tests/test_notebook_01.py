"""01_how_a_name_is_resolved: what its prose says is what its cells return, and its own solutions solve its tasks."""

from itertools import pairwise
from typing import Any

import pytest
from lessons import play, revealed

from dnsseclab.internet import Network, toy_internet
from dnsseclab.protocol.messages import parse
from dnsseclab.protocol.story import Believed

pytestmark = pytest.mark.notebook

NAME = "01_how_a_name_is_resolved.ipynb"
HEADER = """reply_id = int.from_bytes(bank_reply[0:2], "big")
is_reply = bool(bank_reply[2] & 0x80)
is_owners_own = bool(bank_reply[2] & 0x04)
answers = int.from_bytes(bank_reply[6:8], "big")
unused = ("""
NO_HEADER = """reply_id = None
is_reply = None  # True or False
is_owners_own = None  # True or False
answers = None

mine = ("""
SOLUTIONS = {
    "names-who-make": {'"www.bank.example"': '"www.example"'},
    "names-glue-without": {'("ns1.bank.example", "ns2.bank.example")': '("ns1.bank.example",)'},
    "names-walk-make": {'"192.0.2.1"': '"192.0.2.21"'},
    "names-header-make": {NO_HEADER: HEADER.replace("unused", "\nmine")},
    "names-accept-make": {"mine[2] = mine[2]": "mine[2] = mine[2] & 0x7f"},
    "names-move-zones": {"old_ttl = 3600": "old_ttl = 60"},
    "names-cache-make": {"wait = 600": "wait = 100_000"},
}


def test_every_prediction_offers_what_happens(lesson: dict[str, Any]) -> None:
    happened = revealed(lesson)
    assert len(happened) == 5
    assert [name for name, (it_was, choices) in happened.items() if it_was not in choices] == []


def test_three_servers_are_asked_from_the_root_down(lesson: dict[str, Any]) -> None:
    assert lesson["names-who-reveal"].split()[:3] == ["192.0.2.1", "192.0.2.12", "192.0.2.21"]


def test_only_the_alias_makes_the_resolver_start_twice() -> None:
    for name, starts in {"shop.foundry81.com": 2, "www.harbor.example": 1, "www.nowhere": 1}.items():
        story = play(NAME, {"names-who-modify": {"shop.foundry81.com": name}})["alias_story"]
        assert sum(event.datagram.destination.address == "192.0.2.1" for event in story) == starts


def test_without_glue_nobody_finds_the_bank_and_with_half_of_it_everybody_does(
    lesson: dict[str, Any], solved: dict[str, Any]
) -> None:
    assert "rcode SERVFAIL" in lesson["names-glue-without"]
    assert "192.0.2.20" in solved["names-glue-without"]


def test_without_glue_the_third_question_is_never_sent() -> None:
    zone = toy_internet(signed=False).zone("example")
    for server in ("ns1.bank.example", "ns2.bank.example"):
        zone = zone.without(server, "A")
    resolver = Network(toy_internet(signed=False).with_zone(zone), seed=1).resolver(validating=False)
    *_, (asked, reply) = pairwise(resolver.resolve("www.bank.example", "A").story)
    assert asked.datagram.destination.address == "192.0.2.12", "the last question goes to `example`"
    assert isinstance(reply.fate, Believed)
    referral = parse(reply.datagram.payload)
    assert [str(server) for server in referral.authority[0]] == ["ns1.bank.example.", "ns2.bank.example."]
    assert referral.additional == []


def test_header_read_by_hand_is_that_of_a_question(lesson: dict[str, Any]) -> None:
    assert "34 bytes" in lesson["names-bytes-run"]
    assert [line.split()[-1] for line in lesson["names-header-run"].splitlines()] == ["48213", "00000000", "1"]


def test_names_are_written_once(lesson: dict[str, Any]) -> None:
    assert lesson["names-pointer-run"].startswith("printed: 7 times; in the bytes: 1")


def test_pointer_leads_to_the_question_and_the_address_looks_like_one(lesson: dict[str, Any]) -> None:
    reply = lesson["bank_reply"]
    assert reply[34:36].hex() == "c00c"
    assert reply[-4:].hex() == "c0000214"


def test_only_what_the_answer_says_is_not_compared(lesson: dict[str, Any]) -> None:
    said = {what: refusal and str(refusal.reason) for what, refusal in lesson["refusals"].items()}
    assert said == {
        "unchanged": None,
        "another ID": "wrong ID",
        "to another port": "wrong port",
        "from a stranger": "wrong address",
        "another question": "wrong question",
        "another answer": None,
    }
    assert lesson["names-sender"].endswith("refused because of: None\n")


def test_another_source_port_makes_the_other_reply_fit() -> None:
    refusals = play(NAME, {"names-accept-run": {"41217": "41218"}})["refusals"]
    assert refusals["to another port"] is None


def test_ids_and_ports_differ_from_question_to_question(lesson: dict[str, Any]) -> None:
    lines = [line.split() for line in lesson["names-numbers-run"].splitlines()]
    assert len(lines) == 3
    assert len({words[2] for words in lines}) == len({words[4] for words in lines}) == 3


def test_moved_bank_is_found_when_the_old_record_has_run_out(lesson: dict[str, Any], solved: dict[str, Any]) -> None:
    addresses = ["192.0.2.77" in line for line in lesson["names-move-run"].splitlines()]
    assert addresses == [False, False, False, True]  # after 1, 30, 59 and 61 minutes
    assert ["192.0.2.77" in line for line in solved["names-move-run"].splitlines()] == [True] * 4


def test_tasks_are_unsolved_at_first_and_its_solutions_solve_them(
    lesson: dict[str, Any], solved: dict[str, Any]
) -> None:
    done = {
        "names-who-make": "2 servers asked. Done.",
        "names-walk-make": "Arrived.",
        "names-header-make": "Done.",
        "names-accept-make": "not a reply",
        "names-cache-make": "2 servers asked. Done.",
    }
    assert [cell for cell, end in done.items() if lesson[cell].strip().endswith(end)] == []
    assert [cell for cell, end in done.items() if not solved[cell].strip().endswith(end)] == []
