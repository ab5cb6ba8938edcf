"""Treatment: a step does what it says, no more, and only what can be done; who goes insecure is not well."""

import pytest
from dns.rdatatype import RdataType

from dnsseclab.internet.ladder_world import TOP, below
from dnsseclab.internet.patients import NO_PRIVATE_KSK, OUT_OF_STEP, Patient, admit
from dnsseclab.internet.treatment import MOST_STEPS, complaint, treat
from dnsseclab.protocol.dnssec import key_tag
from dnsseclab.protocol.names import LabError

GROCER = "grocer.example"


def patient(fault: str = "valid") -> Patient:
    return admit(below(TOP, "grocer"), fault, "seed")


def after(fault: str, *steps: list[object]) -> str:
    return complaint(treat(patient(fault), steps))


def tags(sick: Patient) -> list[int]:
    return [key_tag(dnskey) for dnskey in sick.world.zone(GROCER).get(GROCER, RdataType.DNSKEY) or ()]


def test_signing_anew_heals_what_was_signed_wrongly_and_not_what_the_parent_says() -> None:
    assert "expired" in after("rrsig-exp-all") and after("rrsig-exp-all", ["sign", GROCER]) == ""
    assert after("ds-bogus-digest-value", ["sign", GROCER]) == after("ds-bogus-digest-value") != ""
    assert after("ds-bogus-digest-value", ["replace ds", GROCER]) == ""


def test_the_parent_signs_its_own_zone_only() -> None:
    assert after("ds-rrsig-exp", ["sign", GROCER]) and after("ds-rrsig-exp", ["sign", "example"]) == ""
    assert after("rrsig-exp-all", ["sign", "example"])


def test_published_key_counts_only_when_it_is_signed() -> None:
    sick = patient("no-ksk")
    publish = ["publish", GROCER, sick.store[0].tag]
    assert after("no-ksk", publish) and after("no-ksk", ["sign", GROCER], publish)
    assert after("no-ksk", publish, ["sign", GROCER]) == ""


def test_new_ksk_is_worth_nothing_until_the_parent_has_its_ds() -> None:
    make, sign = ["make key", GROCER, "KSK"], ["sign", GROCER]
    assert after(NO_PRIVATE_KSK, make, sign)
    assert after(NO_PRIVATE_KSK, make, sign, ["replace ds", GROCER]) == ""


def test_two_new_keys_are_two_keys() -> None:
    made = treat(patient(), [["make key", GROCER, "KSK"], ["make key", GROCER, "KSK"]])
    assert len(tags(made)) == 4


def test_withdrawn_key_is_gone_and_withdrawing_all_leaves_none() -> None:
    healthy = patient()
    ksk, zsk = tags(healthy)
    assert tags(treat(healthy, [["withdraw", GROCER, zsk]])) == [ksk]
    assert tags(treat(healthy, [["withdraw", GROCER, zsk], ["withdraw", GROCER, ksk]])) == []


def test_synchronizing_brings_every_server_to_the_present_copy() -> None:
    assert after(OUT_OF_STEP) == "the servers of grocer.example do not have the same copy of it."
    assert after(OUT_OF_STEP, ["sign", GROCER]) and after(OUT_OF_STEP, ["synchronize", GROCER]) == ""
    assert after("allow-query-none", ["synchronize", GROCER]) == ""


@pytest.mark.parametrize("fault", ["valid", "rrsig-exp-all", "ds-bogus-digest-value", "revoked-ksk"])
def test_who_goes_insecure_is_not_well(fault: str) -> None:
    assert "insecure" in after(fault, ["remove ds", GROCER])


def test_revoked_key_gets_no_ds() -> None:
    make, replace = ["make key", GROCER, "KSK"], ["replace ds", GROCER]
    assert after("revoked-ksk", make, replace, ["sign", GROCER]) == ""
    with pytest.raises(LabError, match="publishes no KSK"):
        after("revoked-ksk", replace)


@pytest.mark.parametrize(
    "step, problem",
    [
        ([], "is no step"), (["sign"], "is no step"), (["heal", GROCER], "is no step"), (["sign", 1], "is no step"),
        ([["sign"], GROCER], "is no step"), (["sign", GROCER, 1], "write it as in this list"),
        (["publish", GROCER], "write it as in this list"), (["publish", GROCER, True], "write it as in this list"),
        (["publish", GROCER, "1"], "write it as in this list"), (["publish", GROCER, 1], "has no private key 1"),
        (["withdraw", GROCER, 1], "publishes no key 1"), (["make key", GROCER, "CSK"], "is no role"),
        (["sign", "bank.example"], "here you can treat grocer.example"),
        (["remove ds", "example"], "here you can treat grocer.example"), (["sign", ".."], "domain name"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said_in_a_sentence(step: list[object], problem: str) -> None:
    with pytest.raises(LabError, match=problem):
        treat(patient(), [step])


def test_zone_without_a_private_key_that_fits_cannot_be_signed() -> None:
    ksk, zsk = tags(patient())
    with pytest.raises(LabError, match="nothing can sign it"):
        treat(patient(), [["withdraw", GROCER, ksk], ["withdraw", GROCER, zsk], ["sign", GROCER]])


def test_more_steps_than_anybody_needs_are_refused_before_the_first() -> None:
    with pytest.raises(LabError, match="more than any patient needs"):
        treat(patient(), [["sign", GROCER]] * (MOST_STEPS + 1))
