"""Every attack against every defence: what theory says, as a table, and whether the lab agrees.

Two attacks get past DNSSEC as it is meant to be used, and the table says so:
an old answer whose signature still holds is believed (`on-path-replay-valid`), and so is a forged referral, because
NS and glue are not signed (`on-path-referral`): what it leads to then fails. In time the bank is reached, or nothing.
"""

import pytest

from dnsseclab.internet.attack import ATTACKS, Scene, Setup
from dnsseclab.protocol.story import Believed, Rejected
from dnsseclab.protocol.trust import SecurityStatus
from dnsseclab.resolver.recursive import Defences

OFF = {"signed": False, "connected": False, "validating": False}
ON = {"signed": True, "connected": True, "validating": True}

# What each column stands for: fields of the set-up, and of the resolver's defences (fixed port but for "random port").
COLUMNS = {
    "DNSSEC off": (OFF, {}),
    "not validating": ({**ON, "validating": False}, {}),
    "DNSSEC on": (ON, {}),
    "on, every reply": ({**ON, "spoil_every_reply": True}, {}),
    "no DS": ({**ON, "connected": False}, {}),
    "unsigned": ({**OFF, "validating": True}, {}),
    "DS, unsigned": ({**ON, "signed": False}, {}),
    "random ID off": (OFF, {"random_id": False}),
    "random port": (OFF, {"random_port": True}),
    "mixed case": (OFF, {"mixed_case": True}),
    "bailiwick off": (OFF, {"bailiwick_check": False}),
}

# b: the bank's page   A: the attacker's page   e: an error page   .: cannot be (a blind attacker spoils no replies)
#
#                                                                  DS,   random
#                          DNSSEC  not     DNSSEC  every   no       un-     un-     ID      random  mixed   bailiw.
#                          off     valid.  on      reply   DS      signed  signed  off     port    case    off
THEORY = """
none                       b       b       b       .       b       b       e       b       b       b       b
blind-one                  b       b       b       .       b       b       e       A       b       b       b
blind-sweep                A       A       b       .       A       A       e       A       b       b       A
kaminsky                   A       A       b       .       A       A       e       A       b       b       A
blind-extra-record         b       b       b       .       b       b       e       b       b       b       A
on-path-address            A       A       b       e       A       A       e       A       A       A       A
on-path-signature          A       A       b       e       A       A       e       A       A       A       A
on-path-key                A       A       b       e       A       A       e       A       A       A       A
on-path-strip-rrsig        A       A       b       e       A       A       e       A       A       A       A
on-path-strip-ds           A       A       b       e       A       A       e       A       A       A       A
on-path-algorithm          A       A       b       e       A       A       e       A       A       A       A
on-path-replay-expired     A       A       b       e       A       A       e       A       A       A       A
on-path-replay-valid       A       A       A       A       A       A       e       A       A       A       A
on-path-other-zone         A       A       b       e       A       A       e       A       A       A       A
on-path-referral           A       A       b       e       A       A       e       A       A       A       A
"""

ROWS = {key: cells for key, *cells in map(str.split, THEORY.strip().splitlines())}
CELLS = [
    pytest.param(attack, column, cell, id=f"{attack}/{column}")
    for attack, cells in ROWS.items()
    for column, cell in zip(COLUMNS, cells, strict=True)
    if cell != "."
]


def scene(attack, column, **defences):
    fields, switches = COLUMNS[column]
    chosen = Defences(**{"random_port": False, **switches, **defences})
    return Scene(Setup(attack=attack, defences=chosen, **fields))


def test_the_table_has_every_attack():
    assert list(ROWS) == list(ATTACKS)


@pytest.mark.parametrize(("attack", "column", "expected"), CELLS)
def test_the_browser_opens_what_theory_says(attack, column, expected):
    result = scene(attack, column).play()
    assert result.opened == {"b": "bank", "A": "attacker", "e": "error"}[expected], result.why


@pytest.mark.parametrize("attack", ATTACKS)
def test_with_dnssec_on_no_forged_answer_stays_in_the_cache(attack):
    """Forged NS records and glue may stay: they are not signed, and nobody is given them as an answer."""
    stage = scene(attack, "DNSSEC on")
    result = stage.play()
    forged = [line for line in stage.cache_lines() if line.holds == "forged" and line.name == stage.setup.victim]
    assert bool(forged) is (attack == "on-path-replay-valid")
    assert result.outcome.status is SecurityStatus.SECURE


@pytest.mark.parametrize("attack", [key for key, attack in ATTACKS.items() if attack.on_path])
def test_with_dnssec_on_the_forgery_passes_the_accept_checks_and_fails_the_validator(attack):
    result = scene(attack, "DNSSEC on").play()
    fates = [event.fate for event in result.story if result.is_forged(event.datagram)]
    if attack == "on-path-replay-valid":
        assert fates == [Believed("answer", verified=True)]
    else:
        assert any(isinstance(fate, Rejected) for fate in fates)


# --- beyond the table: defences that matter only together


@pytest.mark.parametrize(
    ("column", "opened"), [("not validating", "attacker"), ("DNSSEC on", "bank"), ("unsigned", "bank")]
)
def test_a_validating_resolver_tells_nobody_what_it_has_not_judged(column, opened):
    """Even for an unsigned zone: what came uninvited was never the answer to a question, so it was never judged."""
    assert scene("blind-extra-record", column, bailiwick_check=False).play().opened == opened


def test_dnssec_does_not_need_the_dice():
    """With every number known to the attacker, signatures alone keep the fake out."""
    for attack in ("blind-one", "blind-sweep", "kaminsky"):
        result = scene(attack, "DNSSEC on", random_id=False, random_port=False).play()
        assert result.opened == "bank"


def test_dice_do_not_help_against_an_attacker_who_sees_them():
    result = scene("on-path-address", "DNSSEC off", random_id=True, random_port=True, mixed_case=True).play()
    assert result.opened == "attacker"
