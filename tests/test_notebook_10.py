"""10_in_your_homelab: what its prose says is what its cells return, with both daemons, with one, and with none."""

from collections.abc import Iterator
from typing import Any

import pytest
from lessons import play, revealed

from dnsseclab.internet import daemons
from dnsseclab.internet.agreement import recorded

pytestmark = pytest.mark.notebook

NAME = "10_in_your_homelab.ipynb"
QUICK = {"home-race-run": {"validating=False": "validating=False, races=1"}}
SOLUTIONS = {
    "home-race-run": {"validating=False": "validating=True, races=2"},
    "home-given-make": {'digest = ""': "digest = root_key.ds().digest.hex()"},
    "home-ask-make": {
        'return "secure"': """if reply.rcode() == rcode.SERVFAIL:
        return "bogus"
    return "secure" if flag(reply, "AD") else "insecure\""""
    },
    "home-race-make": {"half = 60.0": "half = 65_536 * 64_512 / 2 / rate"},
    "home-attack-run": {"replay-valid": "replay-expired"},
    "home-deny-make": {
        "return False": """if message.question[0].name != target:
        return False
    message.set_rcode(rcode.NXDOMAIN)
    message.answer = []
    return True"""
    },
    "home-agree-make": {'"valid", "no-ds"': '"revoked-ksk", "nsec-labels-fewer"'},
    "home-dig-lines": {"www.bank.example": "www.harbor.example"},
    "home-layer-run": {"world.sign(shop)": "shop"},
    "home-layer-make": {'"foundry81.com"': '"harbor.example"'},
    "home-take-make": {
        "dict(home)": """{"address": "10.1.2.53", "network": "10.1.2.0/24"}
friend |= {"router": "10.1.2.1", "private": "home.arpa"}"""
    },
    "home-mile-attacker": {"    return False": "    message.flags |= flags.AD\n    return True"},
    "home-agree-cases": {'"no-ds"': '"rrsig-no-a"'},
}
MAKES = [cell for cell in SOLUTIONS if cell.endswith("-make")]


def played(here: set[str], changes: dict[str, dict[str, str]]) -> dict[str, Any]:
    """Play the lesson as where only these programs are installed."""
    find = daemons.find_program
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(daemons, "find_program", lambda name: find(name) if name in here else None)
        return play(NAME, changes)


@pytest.fixture(scope="module")
def without() -> dict[str, Any]:
    return played(set(), QUICK)


@pytest.fixture(scope="module")
def solved() -> dict[str, Any]:
    return played(set(), SOLUTIONS)


@pytest.fixture(
    scope="module", params=[{"named", "unbound"}, {"named"}, {"unbound"}], ids=lambda here: " and ".join(sorted(here))
)
def real(request: pytest.FixtureRequest) -> Iterator[tuple[dict[str, Any], list[str]]]:
    names = {"named": "BIND", "unbound": "Unbound"}
    yield played(request.param, QUICK), [names[each] for each in sorted(request.param)]


def happened(lesson: dict[str, Any]) -> dict[str, str]:
    return {name: it_was for name, (it_was, choices) in revealed(lesson).items() if it_was in choices}


FIVE_ATTACKS = (
    "on-path-address", "on-path-key", "on-path-strip-rrsig", "on-path-strip-ds", "on-path-replay-valid",
)  # fmt: skip
EXPECTED = {
    "given": "neither",
    "ad_bits": "the bank's only",
    "believed": "one",
    "another": "about five",
    "with_cd": "the data",
    "past": "nothing at all",
    "private": "answers SERVFAIL",
    "stripped": "none",
    "mile": "the fake address, with AD",
    "phishing": "secure",
    "lines_of_home": "about five",
}


def test_every_prediction_offers_what_happens_also_without_daemons(without: dict[str, Any]) -> None:
    assert {name: it_was for name, it_was in happened(without).items() if name != "race"} == EXPECTED
    assert "race" in happened(without)


@pytest.mark.parametrize("cell", MAKES)
def test_task_says_when_it_is_solved(cell: str, without: dict[str, Any], solved: dict[str, Any]) -> None:
    assert without[cell].splitlines()[-1].startswith("Not yet")
    assert solved[cell].splitlines()[-1] == "Done."


def test_nearly_half_of_the_differences_are_about_the_reason_only() -> None:
    rows = recorded().rows
    verdicts = [row.others[each.who].status == row.ours.status for row in rows for each in row.differences()]
    assert 0.4 < sum(verdicts) / len(verdicts) < 0.5
    assert round(sum(len(row.others) for row in rows) / verdicts.count(False)) in (19, 20, 21, 22)
    assert not any(row.differences() for row in rows if row.name in ("valid", "unsigned", "no-ds"))
    attacks = [row for row in rows if row.name in FIVE_ATTACKS]
    assert len(attacks) == 5 and all(said.status == row.ours.status for row in attacks for said in row.others.values())
    assert [row.name for row in attacks if row.differences()] == ["on-path-strip-ds"]


def test_without_daemons_it_says_how_to_get_them_and_shows_what_was_recorded(without: dict[str, Any]) -> None:
    assert "BIND is not installed. Debian, Ubuntu: apt install bind9" in without["home-who-run"]
    assert "Unbound is not installed." in without["home-who-run"]
    assert "measured on" in without["home-ask-run"] and "measured on" in without["home-strip-real"]
    assert "| BIND | Unbound |" in without["table"].markdown


@pytest.mark.daemon("named", "unbound")
def test_those_that_are_here_judge_now(real: tuple[dict[str, Any], list[str]]) -> None:
    lesson, here = real
    assert {name: it_was for name, it_was in happened(lesson).items() if name != "race"} == EXPECTED
    assert lesson["home-ask-run"].count("  www.bank.example AD") == len(here)
    assert lesson["home-ask-run"].count("  www.harbor.example no AD") == len(here)
    assert list(lesson["table"].compared.versions) == here
    assert all(f"{who} SERVFAIL" in lesson["home-strip-real"] for who in here)


@pytest.mark.daemon("named", "unbound")
def test_attacked_ones_are_saved_by_validation_only(real: tuple[dict[str, Any], list[str]]) -> None:
    lesson, here = real
    for who in ("ours", *here):
        fake = f"{who}, validating=False: NOERROR www.bank.example. 3600 IN A 203.0.113.66"
        assert fake in lesson["home-attack-open"]
        assert f"{who}, validating=True: SERVFAIL\n" in lesson["home-attack-open"]


def test_only_the_valid_replay_is_believed_by_anybody(without: dict[str, Any]) -> None:
    believed = {row.name for row in without["table"].cases if "secure" in {said.status for said in row.others.values()}}
    assert believed == {"on-path-replay-valid"}


def test_race_is_won_at_most_against_the_one_who_does_not_validate(
    without: dict[str, Any], solved: dict[str, Any]
) -> None:
    assert without["races"].opened == ("attacker" if without["races"].rounds[-1].fate == "believed" else "owner")
    assert solved["races"].opened == "owner"
    assert {played.fate for played in solved["races"].rounds} <= {"missed", "rejected"}


def test_the_configuration_of_a_validator_holds_one_public_key_and_no_other(without: dict[str, Any]) -> None:
    assert without["home-given-run"].count("static-ds") == 1
    assert "key-directory" not in without["home-given-run"]


def test_clock_private_names_stripping_and_stale_anchor_each_look_like_an_attack(without: dict[str, Any]) -> None:
    assert without["home-clock-run"].count("bogus") == 2 and "not valid yet" in without["home-clock-run"]
    assert without["home-clock-cd"].startswith("unchecked www.bank.example.")
    assert without["home-private-run"].startswith("SERVFAIL []\nroot signs its records")
    assert [line.split()[0] for line in without["home-private-mended"].splitlines()] == ["insecure", "insecure"]
    assert without["home-strip-run"].count("bogus []") == 2
    assert without["home-stale-run"].count("bogus") == 2


def test_bit_arrives_whether_the_attacker_sets_it_or_leaves_it(without: dict[str, Any], solved: dict[str, Any]) -> None:
    for lesson in (without, solved):
        assert lesson["home-mile-run"].splitlines()[1].endswith("IN A 203.0.113.66 | AD True")
        assert lesson["home-mile-mine"] == "SERVFAIL [] | AD False\n"


def test_attacker_who_has_to_set_the_bit_needs_the_solution(without: dict[str, Any], solved: dict[str, Any]) -> None:
    message = without["make_query"]("www.bank.example", "A", id=1)
    assert not without["claim_ad"](message) and not without["flag"](message, "AD")
    assert solved["claim_ad"](message) and solved["flag"](message, "AD")


def test_well_signed_name_of_a_dishonest_owner_is_secure(without: dict[str, Any]) -> None:
    assert without["home-layer-run"] == "secure www.bank.example.foundry81.com. 300 IN A 203.0.113.66\n"


def test_configurations_to_take_home_are_of_this_home(without: dict[str, Any]) -> None:
    assert "listen-on { 127.0.0.1; 192.168.1.53; };" in without["home-take-bind"]
    assert 'domain-insecure: "lan"' in without["home-take-unbound"]


def test_changes_that_the_text_suggests_show_what_it_says(without: dict[str, Any], solved: dict[str, Any]) -> None:
    assert {said.status for row in solved["table"].cases for said in row.others.values()} == {"bogus"}
    for lesson, last in ((without, "bank's server"), (solved, "harbor")):
        assert last in [line for line in lesson["home-dig-lines"].splitlines() if "norecurse" in line][-1]
    assert solved["home-layer-run"] == "bogus\n"


def test_in_one_case_both_differ_from_us() -> None:
    both = [row.name for row in recorded().rows if all(o.status != row.ours.status for o in row.others.values())]
    assert both == ["rrsig-instant"]


@pytest.mark.parametrize(
    ("slow", "status"),
    [("3600", "secure"), ("2 * 86_400", "bogus"), ("-6 * 86_400", "secure"), ("-7 * 86_400", "bogus")],
)
def test_clock_may_be_wrong_by_as_much_as_signatures_hold(slow: str, status: str, without: dict[str, Any]) -> None:
    world = without["toy_internet"]()
    clock = without["Clock"](world.now - eval(slow))
    assert without["Network"](world, clock=clock).resolver().resolve("www.bank.example", "A").status.value == status


def test_bit_is_gone_if_the_attacker_likes() -> None:
    cleared = played(
        set(), {**QUICK, "home-mile-attacker": {"return False": "message.flags &= ~flags.AD; return True"}}
    )
    assert cleared["home-mile-run"].splitlines()[1].endswith("203.0.113.66 | AD False")
    assert happened(cleared)["mile"] == "the fake address, without AD"


def test_only_the_trust_goes_with_validation() -> None:
    with_none = played(
        set(), {**QUICK, "home-given-run": {"servers.has_one_address)": "servers.has_one_address, validating=False)"}}
    )
    assert (
        "dnssec-validation no" in with_none["home-given-run"] and "trust-anchors {" not in with_none["home-given-run"]
    )
