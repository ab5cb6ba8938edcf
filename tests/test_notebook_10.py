"""10_in_your_homelab: what its prose says is what its cells return, with both daemons, with one, and with none."""

import re
import subprocess
from pathlib import Path
from typing import Any

import committed
import pytest
from lessons import play, revealed

from dnsseclab.programs import find_program

pytestmark = pytest.mark.notebook

NAME = "10_in_your_homelab.ipynb"
INSTALLED = "if find_program(PROGRAMS[name])]"


@pytest.fixture(scope="module")
def without() -> dict[str, Any]:
    """Play the lesson as where neither daemon is installed."""
    return play(NAME, {"homelab-programs": {INSTALLED: "if False]"}})


def test_every_prediction_offers_what_happens_also_without_daemons(without: dict[str, Any]) -> None:
    assert {name: it_was for name, (it_was, choices) in revealed(without).items() if it_was in choices} == {
        "meeting": "the address, with the AD bit",
        "fooled": "one",
        "clock": "no answer at all",
        "bit": "AD=1",
    }


def test_without_daemons_recorded_facts_are_shown(without: dict[str, Any]) -> None:
    assert "Neither is installed" in without["homelab-start-run"]
    assert "measured on" in without["table"].markdown and "| BIND | Unbound |" in without["table"].markdown


@pytest.mark.daemon("named", "unbound")
def test_with_both_the_real_ones_find_the_bank_authentic() -> None:
    lesson = play(NAME)
    assert lesson["homelab-start-run"].count("AD: True | www.bank.example. 3600 IN A 192.0.2.20") == 2
    assert [kind in lesson["table"].markdown for kind in ("BIND", "Unbound")] == [True, True]


@pytest.mark.daemon("named")
def test_with_one_that_one_is_asked() -> None:
    lesson = play(NAME, {"homelab-programs": {INSTALLED: 'if name == "BIND"]'}})
    assert lesson["homelab-start-run"].count("AD: True") == 1


def test_only_the_valid_replay_is_believed_by_anybody(without: dict[str, Any]) -> None:
    rows = [line for line in without["verdicts"](*without["FOUR"]).markdown.splitlines() if line.startswith("| **")]
    assert len(rows) == 4
    assert [("secure" in row, "replay-valid" in row) for row in rows].count((True, True)) == 1
    assert sum("bogus" in row for row in rows) == 3


def test_blind_attacker_wins_at_most_against_the_one_who_does_not_validate(without: dict[str, Any]) -> None:
    """Sixteen thousand guesses of 65,536 in a race: who has eight races misses all with a chance of one in ten."""
    _, validated = without["homelab-race-run"].split("validating: True")
    assert "believed" not in validated and "ATTACKER" not in validated


def test_a_wrong_clock_leaves_nothing(without: dict[str, Any]) -> None:
    assert without["homelab-clock-run"].count("bogus | signature not yet valid") == 2
    right = play(NAME, {"homelab-programs": {INSTALLED: "if False]"}, "homelab-clock-run": {"30 * 86_400": "3_600"}})
    assert list(right["results"].values()) == ["secure", "insecure"]


def test_exemption_stale_anchor_last_mile_and_dishonest_owner(without: dict[str, Any]) -> None:
    assert without["homelab-nta"].splitlines() == ["no exemption -> bogus", "('bank.example',) -> insecure"]
    assert without["homelab-anchor"].startswith("bogus")
    assert without["homelab-mile-run"].count("AD=True") == 2 and "203.0.113.66" in without["homelab-mile-run"]
    assert without["homelab-malicious"].startswith("secure | www.foundry81.com. 3600 IN A 203.0.113.66")


def configurations() -> list[str]:
    """Return the two files that the lesson gives to take home."""
    [cell] = [cell for cell in committed.notebook(f"notebooks/{NAME}").cells if cell.id == "homelab-config"]
    return re.findall(r"```\n(.*?)```", cell.source, re.DOTALL)


@pytest.mark.daemon("named")
def test_binds_file_is_one_that_bind_reads(tmp_path: Path) -> None:
    checked(tmp_path, "named-checkconf", configurations()[0].replace("/var/cache/bind", str(tmp_path)))


@pytest.mark.daemon("unbound")
def test_unbounds_file_is_one_that_unbound_reads(tmp_path: Path) -> None:
    anchor = tmp_path / "root.key"
    anchor.write_text(". IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D\n")
    text = configurations()[1].replace("/var/lib/unbound/root.key", str(anchor))
    checked(tmp_path, "unbound-checkconf", f'{text}  chroot: ""\n  directory: "{tmp_path}"\n')


def checked(folder: Path, program: str, text: str) -> None:
    file = folder / "take-home.conf"
    file.write_text(text)
    done = subprocess.run([find_program(program) or program, str(file)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
