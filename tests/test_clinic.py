"""The clinic: it sees of every patient what can be seen from outside, and calls nobody healthy who is not."""

from dataclasses import replace

import pytest

from dnsseclab.internet.clinic import examine, last_weeks_copy, serials
from dnsseclab.internet.faults import FAULTS, break_zone
from dnsseclab.internet.worlds import DAY, toy_internet
from dnsseclab.protocol.names import LabError, to_name
from dnsseclab.protocol.trust import SecurityStatus

WORLD = toy_internet()
BANK, FIRST, SECOND = to_name("bank.example"), "192.0.2.21", "198.51.100.21"


def test_a_healthy_zone_is_called_healthy():
    found = examine(WORLD)
    assert found.healthy and found.rule == "" and found.repair == "None: nothing is wrong."
    assert "Symptom  NOERROR; www.bank.example A 192.0.2.20" in str(found) and "every link holds" in str(found)


@pytest.mark.parametrize("name", FAULTS)
def test_every_patient_of_the_gallery_is_examined_as_its_label_says(name):
    fault = FAULTS[name]
    found = examine(break_zone(toy_internet(), fault=name), *fault.question(BANK))
    assert found.outcome.status is fault.status
    assert fault.rule in (found.rule, "answer-received")
    assert found.healthy == (fault.status is SecurityStatus.SECURE)
    rows = [line.split()[0] for line in str(found).splitlines()[1:] if line[2] != " "]
    assert rows == ["Symptom", "With", "Chain", "Serials"]
    assert max(map(len, str(found).splitlines())) <= 72


def test_cd_tells_a_broken_proof_from_broken_servers():
    proof = examine(break_zone(WORLD, fault="rrsig-exp-all"), BANK)
    assert "Symptom  SERVFAIL; EDE 7" in str(proof) and "With CD  NOERROR; bank.example A 192.0.2.20" in str(proof)
    servers = examine(break_zone(WORLD, fault="not-auth"), BANK)
    assert "With CD  SERVFAIL" in str(servers) and "ns1.bank.example: no answer" in str(servers)
    assert servers.repair.startswith("Make the zone's servers answer") and not servers.healthy


def test_servers_that_are_switched_off_are_missing_from_the_serials():
    assert serials(WORLD.without_servers(BANK), BANK) == {}
    assert not examine(WORLD.without_servers(BANK)).healthy


# --- servers that are out of step


def test_last_weeks_copy_differs_in_serial_and_in_time_and_in_nothing_that_its_owner_wrote():
    old, today = last_weeks_copy(WORLD, BANK), WORLD.zone(BANK)
    assert old.soa[0].serial == today.soa[0].serial - 8
    rrsig = old.signatures("www.bank.example", "A")[0]
    assert rrsig.expiration == WORLD.now - 2 * DAY
    assert old.get("www.bank.example", "A") == today.get("www.bank.example", "A")


def test_one_outdated_server_costs_a_second_attempt_and_shows_in_the_serials():
    found = examine(WORLD.with_outdated(FIRST, last_weeks_copy(WORLD, BANK)))
    assert found.rule == "signature-not-expired" and "Asked again: secure." in " ".join(str(found).split())
    assert found.outcome.status is SecurityStatus.SECURE and not found.healthy
    assert found.serials == {"ns1.bank.example": 2026112393, "ns2.bank.example": 2026112401}


def test_if_all_are_outdated_nobody_gets_an_answer_until_they_are_synchronized():
    world = WORLD
    for address in (FIRST, SECOND):
        world = world.with_outdated(address, last_weeks_copy(WORLD, BANK))
    assert examine(world).outcome.status is SecurityStatus.BOGUS
    assert examine(world.synchronized()).healthy


def test_a_copy_that_is_only_old_and_not_expired_is_believed():
    yesterday = replace(WORLD, now=WORLD.now - DAY).sign(WORLD.zone(BANK))
    assert examine(WORLD.with_outdated(FIRST, yesterday)).healthy


def test_a_server_that_does_not_serve_the_zone_cannot_have_a_copy_of_it():
    with pytest.raises(LabError, match=r"world\.servers"):
        WORLD.with_outdated("192.0.2.1", WORLD.zone(BANK))
