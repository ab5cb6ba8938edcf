"""Denial as the chain uses it: whose records count, and what a header may claim."""

import dns.rcode
import pytest
from dns.rdatatype import RdataType
from tree import HEALTHY, NOW, TIMES, ask, at, drop_at, drop_with_signatures, judge, key_of, links_of, signed

from dnsseclab.authority.nsec3 import Nsec3
from dnsseclab.authority.zones import make_rrset
from dnsseclab.internet.worlds import toy_internet
from dnsseclab.protocol.messages import question
from dnsseclab.protocol.trust import LinkStatus, SecurityStatus
from dnsseclab.validator import Limits, Policy

SECURE, INSECURE, BOGUS = SecurityStatus.SECURE, SecurityStatus.INSECURE, SecurityStatus.BOGUS
NO_NAME, NO_TYPE = ("wiki.foundry81.com", "A"), ("www.bank.example", "MX")
FROM_WILDCARD = ("any.apps.foundry81.com", "A")
HASHED = toy_internet(denial=Nsec3(iterations=1, salt=b"\xab"))


@pytest.mark.parametrize("world", [HEALTHY, HASHED], ids=["NSEC", "NSEC3"])
@pytest.mark.parametrize(
    ("asked", "rule"),
    [(NO_NAME, "denial-received"), (NO_TYPE, "denial-received"), (FROM_WILDCARD, "nothing-closer")],
)
def test_no_proof_at_all(asked, rule, world):
    chain = judge(*asked, world, at(*asked, drop_with_signatures("NSEC", "NSEC3")))
    assert (chain.status, chain.diagnosis.rule, chain.ede) == (BOGUS, rule, 12)


def test_proof_of_the_wildcard_is_needed_as_well():
    chain = judge(*NO_NAME, change=at(*NO_NAME, drop_at("foundry81.com")))
    assert (chain.status, chain.diagnosis.rule) == (BOGUS, "nsec-denies-wildcard")
    assert chain.first_failure.verb == "denies a wildcard for"


def test_denial_must_be_signed():
    def strip(message):
        message.authority[:] = [rrset for rrset in message.authority if rrset.covers != RdataType.NSEC]
        return message

    chain = judge(*NO_TYPE, change=at(*NO_TYPE, strip))
    assert (chain.status, chain.diagnosis.rule) == (BOGUS, "signature-present")
    assert links_of(chain)[-2:] == [
        "ZSK bank.example signs DENIAL www.bank.example",
        "DENIAL www.bank.example denies ABSENCE www.bank.example",
    ]


def test_denial_of_another_zone_proves_nothing():
    """A parent's NSEC is signed with the parent's key, and says so."""

    def replace(message):
        other = ask(HEALTHY, question("harbor.example", "DS")).authority
        message.authority[:] = [rrset for rrset in other if RdataType.NSEC in (rrset.rdtype, rrset.covers)]
        return message

    chain = judge(*NO_TYPE, change=at(*NO_TYPE, replace))
    assert chain.status is BOGUS


def test_denial_made_from_a_wildcard_proves_nothing():
    """The NSEC of *.branch, moved to another name: its signature holds, as that of any wildcard's record would."""
    zone = HEALTHY.zone("bank.example")
    wildcard = zone.get("*.branch.bank.example", "NSEC")
    rrsig = zone.signatures("*.branch.bank.example", "NSEC")
    moved = question("moved.branch.bank.example", "AAAA").name

    def move(message):
        message.authority[:] = [
            make_rrset(moved, wildcard.ttl, *wildcard), make_rrset(moved, rrsig.ttl, *rrsig),
        ]  # fmt: skip
        return message

    asked = ("moved.branch.bank.example", "AAAA")
    chain = judge(*asked, change=at(*asked, move))
    assert (chain.status, chain.diagnosis.rule) == (BOGUS, "denial-not-expanded")


def with_rcode(rcode):
    def change(message):
        message.set_rcode(rcode)
        return message

    return change


def test_header_must_fit_the_proof():
    """Nobody signs the header: with NOERROR a wildcard is looked for that is not there, and NSEC3 is made for both."""
    hashed = toy_internet(denial="NSEC3")
    for world, asked, rcode, rule in (
        (HEALTHY, NO_NAME, dns.rcode.NOERROR, "nsec-denies-wildcard"),
        (hashed, NO_TYPE, dns.rcode.NXDOMAIN, "nsec3-name-absent"),
        (hashed, ("lab.foundry81.com", "A"), dns.rcode.NXDOMAIN, "nsec3-name-absent"),
    ):
        chain = judge(*asked, world, change=at(*asked, with_rcode(rcode)))
        assert (chain.status, chain.diagnosis.rule, chain.existing) == (BOGUS, rule, ())


@pytest.mark.parametrize("asked", [NO_TYPE, ("lab.foundry81.com", "A"), ("x.branch.bank.example", "MX")])
def test_name_that_lacks_the_type_is_proven_by_nsec_though_the_header_says_that_there_is_none(asked):
    """A name of its own, an empty non-terminal (RFC 4592 §2.2.2), a name that a wildcard stands for."""
    said, meant = judge(*asked, change=at(*asked, with_rcode(dns.rcode.NXDOMAIN))), judge(*asked)
    assert (said.status, said.existing) == (SECURE, (question(*asked).name,))
    assert meant.existing == () and said.links == meant.links and said.validated == meant.validated


def test_name_is_not_there_if_the_proof_says_so():
    assert judge(*NO_NAME).existing == ()


def test_soa_beside_a_denial_must_be_signed():
    """It says for how long the absence may be kept."""

    def strip(message):
        message.authority[:] = [rrset for rrset in message.authority if rrset.covers != RdataType.SOA]
        return message

    chain = judge(*NO_TYPE, change=at(*NO_TYPE, strip))
    assert (chain.status, chain.diagnosis.rule) == (BOGUS, "signature-present")


def test_what_is_denied_is_not_there():
    links = judge(*NO_NAME).links
    assert {link.status for link in links[-2:]} == {LinkStatus.NOT_THERE}
    assert not links[-1].target.present


@pytest.mark.parametrize(("iterations", "status"), [(150, SECURE), (151, INSECURE)])
def test_too_many_iterations_make_it_insecure(iterations, status):
    """RFC 9276 §3.2."""
    chain = judge(*NO_NAME, toy_internet(denial=Nsec3(iterations=iterations)))
    assert chain.status is status
    assert chain.ede == (27 if status is INSECURE else None)


def test_too_many_iterations_count_only_if_they_are_signed():
    """Else whoever rewrites the number on the path could have any answer taken for insecure."""
    zone = HASHED.zone("foundry81.com")

    def rewrite(message):
        for number, rrset in enumerate(message.authority):
            if rrset.rdtype == RdataType.NSEC3:
                changed = [rdata.replace(iterations=151) for rdata in rrset]
                message.authority[number] = make_rrset(rrset.name, rrset.ttl, *changed)
        return message

    assert zone.get("foundry81.com", "NSEC3PARAM")
    assert judge(*NO_NAME, HASHED, at(*NO_NAME, rewrite)).status is BOGUS


def test_iterations_are_a_policy():
    world = toy_internet(denial=Nsec3(iterations=2))
    assert judge(*NO_NAME, world, policy=Policy(nsec3_iterations=1)).status is INSECURE


def test_hashes_are_counted_and_limited():
    assert judge(*NO_NAME, HASHED).work["NSEC3 hashes"] == 3  # the name, its parent, and the wildcard there
    chain = judge(*NO_NAME, HASHED, limits=Limits(nsec3_hashes=2))
    assert (chain.status, chain.diagnosis.rule) == (BOGUS, "work-limit")


def test_one_kind_of_proof_suffices_where_both_came():
    """A zone on its way from NSEC to NSEC3: the proof by one of them is complete."""

    def add(message):
        hashed = ask(HASHED, question(*NO_NAME)).authority
        message.authority += [rrset for rrset in hashed if RdataType.NSEC3 in (rrset.rdtype, rrset.covers)]
        return message

    assert judge(*NO_NAME, change=at(*NO_NAME, add)).status is SECURE


def test_validated_holds_the_proof_and_its_signatures():
    kept = [(rrset.rdtype, rrset.covers) for rrset in judge(*FROM_WILDCARD).validated]
    assert kept == [
        (RdataType.A, 0), (RdataType.RRSIG, RdataType.A), (RdataType.NSEC, 0), (RdataType.RRSIG, RdataType.NSEC),
    ]  # fmt: skip


def test_absence_is_kept_no_longer_than_its_proof():
    zone = HEALTHY.zone("bank.example")
    nsec = zone.get("www.bank.example", "NSEC")
    short = signed(nsec, key_of("bank.example", "ZSK"), **(TIMES | {"expiration": NOW + 5}))
    assert judge(*NO_TYPE, HEALTHY.with_zone(zone.with_rrsets(*short))).ttl == 5
