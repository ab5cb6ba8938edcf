"""07_when_the_chain_breaks: what its prose says is what its cells return, and its own repairs heal its patients."""

from typing import Any

import pytest
from lessons import play, revealed

from dnsseclab.internet.agreement import recorded
from dnsseclab.internet.clinic import examine
from dnsseclab.internet.faults import FAULTS, break_zone
from dnsseclab.internet.worlds import toy_internet
from dnsseclab.protocol.dnssec import key_tag

pytestmark = pytest.mark.notebook

NAME = "07_when_the_chain_breaks.ipynb"
RESIGNED = 'world.with_zone(world.sign(world.zone("bank.example")))'
COMBINED = "patient.with_zone(zone, csk); mine = mine.with_zone(mine.sign(zone)).with_ds(csk)"
SOLUTIONS = {
    "clinic-first-make": {'"nowhere"  #': '"nowhere" if served else "the chain" if with_cd else "the servers"  #'},
    "clinic-sign-make-cell": {"max(ends) < now": "min(ends) - now < 3 * DAY"},
    "clinic-ds-make": {"return False": "return bool(ds) and not keys"},
    "clinic-ksk-make": {"mine = patient": f"mine = {COMBINED}"},
    "clinic-sync-make-cell": {"list(serials)": "[s for s, n in serials.items() if n != max(serials.values())]"},
    "clinic-clock-make-cell": {"fast = 1": "fast = 6"},
    "clinic-algorithm-make-cell": {"= unknown_ds": "= unknown_ds.union(good_ds)"},
    "clinic-ede-make": {"rrsig-exp-a": "rrsig-no-a"},
    "clinic-waiting-make-cell": {"healed = world": f"healed = {RESIGNED}"},
    "clinic-ds-other": {"other = patient": 'other = patient.with_zone(patient.sign(patient.zone("bank.example")))'},
    "clinic-upload-heal": {"healed = patient": "healed = patient.with_ds(ksk)"},
    "clinic-ksk-run": {"no-ksk": "ds-bogus-digest-value"},
    "clinic-sync-heal": {"sicker = patient": 'sicker = patient.with_outdated("198.51.100.21", old)'},
    "clinic-clock-other": {"www.foundry81.com": "www.harbor.example"},
    "clinic-clock-modify": {"days = 0.5": "days = 1.1"},
    "clinic-waiting-card": {'""': '"signed in the wrong name"'},
}


def test_every_prediction_offers_what_happens(lesson: dict[str, Any]) -> None:
    happened = revealed(lesson)
    assert [name for name, (it_was, choices) in happened.items() if it_was not in choices] == []
    assert {name: it_was for name, (it_was, _) in happened.items()} == {
        "again": "the address",
        "back": "secure",
        "left": "SERVFAIL",
        "silent": "insecure",
        "enough": "still bogus",
        "step": "the address, a little later",
        "whose": "only Ada",
        "unknown": "insecure",
        "codes": "four or fewer",
    }


@pytest.mark.parametrize(
    "cell, rule",
    [
        ("clinic-first-examine", "signature-not-expired"),
        ("clinic-ds-run", "dnskey-received"),
        ("clinic-upload-run", "insecure-delegation"),
        ("clinic-ksk-run", "ds-tag-matches"),
        ("clinic-ksk-sign", "ds-tag-matches"),
        ("clinic-sync-run", "signature-not-expired"),
        ("clinic-algorithm-run", "ds-algorithm-supported"),
    ],
)
def test_every_patient_has_what_the_text_says(lesson: dict[str, Any], cell: str, rule: str) -> None:
    assert f"({rule})" in lesson[cell]
    assert "With CD  NOERROR" in lesson[cell]


def test_servers_that_are_down_fail_with_cd_too_and_one_expired_signature_cuts_the_last_link() -> None:
    silent = play(
        NAME, {"clinic-first-run": {'fault="rrsig-exp-all")': 'fault="valid").without_servers("bank.example")'}}
    )
    assert silent["clinic-first-run"] == "SERVFAIL\n" == silent["clinic-first-cd"]
    assert "With CD  SERVFAIL; EDE 22" in silent["clinic-first-examine"]
    found = examine(break_zone(toy_internet(), fault="rrsig-exp-a"), "bank.example")
    assert found.rule == "signature-not-expired"
    assert found.outcome.chain is not None and found.outcome.chain.first_failure is not None
    assert found.outcome.chain.first_failure.target.kind.value == "rrset"


def test_repairs_given_in_the_text_heal(lesson: dict[str, Any]) -> None:
    for cell in ("clinic-sign-heal", "clinic-ksk-heal", "clinic-sync-heal"):
        assert "Chain    secure: every link holds." in lesson[cell]
    assert "Symptom  NOERROR" in lesson["clinic-ds-heal"] and "Chain    insecure" in lesson["clinic-ds-heal"]


def test_unchanged_cells_heal_nobody_and_their_solutions_do(lesson: dict[str, Any], solved: dict[str, Any]) -> None:
    for cell in ("clinic-ds-other", "clinic-upload-heal"):
        assert "Chain    secure" not in lesson[cell]
        assert "Chain    secure: every link holds." in solved[cell]


@pytest.mark.parametrize("fault", ["ds-bogus-digest-value", "ds-bad-tag"])
def test_an_incorrect_ds_is_healed_by_the_same_repair_and_the_upload_alone_is_enough(fault: str) -> None:
    changed = play(NAME, {"clinic-ksk-run": {"no-ksk": fault}})
    assert "bogus" in changed["clinic-ksk-run"] and "Chain    secure" in changed["clinic-ksk-heal"]
    patient = break_zone(toy_internet(), fault=fault)
    assert examine(patient.with_ds(patient.keys[patient.zone("bank.example").origin][0])).healthy


def test_with_both_servers_behind_nobody_is_served_until_they_are_in_step(solved: dict[str, Any]) -> None:
    before, after = solved["clinic-sync-heal"].split("www.bank.example A\n")[1:]
    assert "Symptom  SERVFAIL; EDE 7" in before and "Chain    secure: every link holds." in after


def test_clocks_behave_as_the_text_says(lesson: dict[str, Any], solved: dict[str, Any]) -> None:
    assert lesson["clinic-clock-run"] == "Ada SERVFAIL EDE 8\nBen SERVFAIL EDE 8\n"
    assert lesson["clinic-clock-other"] == "Ada secure\nBen bogus\n"
    assert solved["clinic-clock-other"] == "Ada insecure\nBen bogus\n"
    assert (lesson["clinic-clock-modify"], solved["clinic-clock-modify"]) == ("secure\n", "bogus\n")


def test_unknown_in_the_signature_is_bogus_and_in_the_ds_insecure(lesson: dict[str, Any]) -> None:
    found = {label: examine(world, "bank.example").outcome.status.value for label, world in lesson["both"].items()}
    assert found == {"unknown in the DS": "insecure", "unknown in the RRSIG": "bogus"}


def test_our_codes_are_those_of_the_table(lesson: dict[str, Any]) -> None:
    assert {"rrsig-exp-all": 7, "rrsig-not-yet-all": 8, "no-ksk": 9, "no-zsk": 6}.items() <= lesson["sent"].items()


def test_for_one_patient_all_agree_on_the_verdict_and_not_on_the_reason(lesson: dict[str, Any]) -> None:
    rows = {row.name: row for row in recorded().rows}
    chosen = [rows[name] for name in (*lesson["PATIENTS"], "ds-unassigned-key-algo")]
    assert all({said.status for said in row.others.values()} == {row.ours.status} for row in chosen)
    assert [row.name for row in chosen if row.differences()] == ["no-dnskey"]


def test_the_card_comes_after_a_diagnosis_and_any_number_can_be_taken(
    lesson: dict[str, Any], solved: dict[str, Any]
) -> None:
    assert lesson["clinic-waiting-card"] == "" and solved["clinic-waiting-card"].startswith("rrsig-signer-parent")
    assert lesson["waiting"] == list(FAULTS) and len(FAULTS) > 100


@pytest.mark.parametrize("cell", [cell for cell in SOLUTIONS if "-make" in cell])
def test_each_make_says_not_yet_until_it_is_made(lesson: dict[str, Any], solved: dict[str, Any], cell: str) -> None:
    assert "Not yet" in lesson[cell] and "Done." not in lesson[cell]
    assert "Done." in solved[cell] and "Not yet" not in solved[cell]


def test_illness_of_the_bank_is_the_banks_alone() -> None:
    patient = break_zone(toy_internet(), fault="rrsig-exp-all")
    verdict = {name: examine(patient, name).outcome.status.value for name in ("mail.bank.example", "www.foundry81.com")}
    assert verdict == {"mail.bank.example": "bogus", "www.foundry81.com": "secure"}


def test_a_zone_nobody_knows_of_differs_from_a_healthy_one_in_the_chain_alone(lesson: dict[str, Any]) -> None:
    healthy = play(NAME, {"clinic-upload-run": {"no-ds": "valid"}})["clinic-upload-run"].splitlines()
    rows = {line.split()[0]: line for line in lesson["clinic-upload-run"].splitlines()}
    assert all(rows[word] in healthy for word in ("Symptom", "With", "Serials")) and rows["Chain"] not in healthy
    denied = break_zone(toy_internet(), fault="no-ds").zone("example").get("bank.example", "NSEC")
    assert str(denied).endswith("NS RRSIG NSEC")


def test_the_lost_key_and_the_one_that_is_left_have_these_tags() -> None:
    patient = break_zone(toy_internet(), fault="no-ksk")
    assert [ds.key_tag for ds in patient.zone("example").get("bank.example", "DS") or ()] == [61495]
    assert [key_tag(key) for key in patient.zone("bank.example").get("bank.example", "DNSKEY") or ()] == [22306]


def test_serials_and_the_first_attempt_tell_of_the_copy_that_is_behind(lesson: Any, solved: Any) -> None:
    words = " ".join(lesson["clinic-sync-run"].split())
    assert "Asked again: secure." in words
    assert "ns1.bank.example: 2026112393, ns2.bank.example: 2026112401" in words
    assert solved["clinic-sync-make-cell"].endswith("both outdated, behind: []\n")


def test_a_clock_that_is_slow_by_a_day_is_just_good_enough() -> None:
    assert play(NAME, {"clinic-clock-modify": {"days = 0.5": "days = 1"}})["clinic-clock-modify"] == "secure\n"


def test_an_unknown_digest_is_insecure_by_a_check_of_its_own() -> None:
    found = examine(break_zone(toy_internet(), fault="ds-unassigned-digest-algo"), "bank.example")
    assert (found.outcome.status.value, found.rule) == ("insecure", "ds-digest-supported")


def test_a_code_is_no_refusal_and_a_harmed_zone_may_have_none() -> None:
    causes = {"clinic-ede-run": {'"no-zsk"]': '"no-zsk", "no-ds", "ds-unassigned-key-algo"]'}}
    sent = play(NAME, causes)["sent"]
    assert sent["no-ds"] is None and sent["ds-unassigned-key-algo"] == 1
