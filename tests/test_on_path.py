"""The attacker on the path: what it changes in a genuine reply, and what it must leave as it is."""

import dns.dnssec
import dns.exception
import dns.rcode
import pytest
from dns.rdatatype import RdataType

from dnsseclab.attacker import on_path
from dnsseclab.attacker.on_path import Forger, OnPath
from dnsseclab.authority.keys import make_key
from dnsseclab.internet.worlds import ATTACKER_SITE, toy_internet
from dnsseclab.protocol.dnssec import key_tag
from dnsseclab.protocol.messages import Datagram, Endpoint, make_query, parse, question, to_bytes
from dnsseclab.protocol.names import to_name

WORLD = toy_internet()
BANK, EXAMPLE, WWW = to_name("bank.example"), to_name("example"), to_name("www.bank.example")
BANKS_SERVER, PARENTS_SERVER = "192.0.2.21", "192.0.2.12"
FORGER = Forger(make_key(BANK, "CSK", seed="attacker"), BANK, WORLD.now)
FAKE = on_path.change_address(WWW, ATTACKER_SITE)


def exchange(name, rdtype, server=BANKS_SERVER):
    """Return a query and its genuine reply."""
    query = Datagram(
        Endpoint("192.0.2.53", 4321), Endpoint(server, 53), to_bytes(make_query(name, rdtype, id=77, dnssec_ok=True))
    )
    payload = WORLD.server_at(server).reply(query.payload, "udp")
    return query, Datagram(query.destination, query.source, payload)


def spoiled(attacker, name=WWW, rdtype="A", server=BANKS_SERVER):
    """Return what the attacker makes of a genuine reply, after asserting that it is forged at all."""
    query, reply = exchange(name, rdtype, server)
    forged = attacker.tamper(query, reply)
    assert forged != reply
    assert forged[:2] == reply[:2] and forged.payload[:2] == reply.payload[:2], (
        "whoever sees the question need not guess"
    )
    return parse(forged.payload)


def found(message, name, rdtype, covers=RdataType.NONE):
    sections = [*message.answer, *message.authority]
    return next((r for r in sections if (r.name, r.rdtype, r.covers) == (name, rdtype, covers)), None)


def addresses(message):
    return [rdata.address for rdata in found(message, WWW, RdataType.A)]


def verifies(message, keys, name=WWW, rdtype=RdataType.A, now=WORLD.now):
    """Ask dnspython whether a signature fits and is of these keys."""
    try:
        rrsigs = found(message, name, RdataType.RRSIG, rdtype)
        dns.dnssec.validate(found(message, name, rdtype), rrsigs, keys, now=now)
    except dns.exception.ValidationFailure:
        return False
    return True


def genuine_keys(zone=BANK):
    return {zone: WORLD.truth(zone, "DNSKEY")}


def test_the_genuine_reply_is_signed_and_verifies():
    message = parse(exchange(WWW, "A")[1].payload)
    assert addresses(message) == ["192.0.2.20"]
    assert verifies(message, genuine_keys())


def test_a_changed_address_keeps_a_signature_that_no_longer_fits():
    message = spoiled(OnPath(FAKE))
    assert addresses(message) == [ATTACKER_SITE]
    assert found(message, WWW, RdataType.RRSIG, RdataType.A)
    assert not verifies(message, genuine_keys())


def test_a_fake_signature_verifies_with_the_attackers_key_and_not_with_the_zones():
    message = spoiled(OnPath(FAKE, on_path.sign_answer(WWW, FORGER)))
    (rrsig,) = found(message, WWW, RdataType.RRSIG, RdataType.A)
    assert rrsig.signer == BANK
    assert verifies(message, {BANK: [FORGER.key.dnskey]})
    assert not verifies(message, genuine_keys())


def test_a_fake_signature_may_claim_the_tag_of_the_zones_own_key():
    zsk = next(key for key in WORLD.keys[BANK] if key.role == "ZSK")
    forger = Forger(FORGER.key, BANK, WORLD.now, claimed_tag=zsk.tag)
    message = spoiled(OnPath(FAKE, on_path.sign_answer(WWW, forger)))
    assert found(message, WWW, RdataType.RRSIG, RdataType.A)[0].key_tag == zsk.tag
    assert not verifies(message, genuine_keys())


def test_a_fake_key_set_is_complete_in_itself_and_only_the_ds_tells_it_from_the_true_one():
    message = spoiled(OnPath(on_path.replace_keys(BANK, FORGER)), BANK, "DNSKEY")
    keys = found(message, BANK, RdataType.DNSKEY)
    assert list(keys) == [FORGER.key.dnskey]
    assert verifies(message, {BANK: keys}, BANK, RdataType.DNSKEY)
    assert key_tag(keys[0]) not in {ds.key_tag for ds in WORLD.truth(BANK, "DS")}


def test_stripping_the_signature_leaves_the_address():
    message = spoiled(OnPath(on_path.strip_signature(WWW)))
    assert addresses(message) == ["192.0.2.20"]
    assert not found(message, WWW, RdataType.RRSIG, RdataType.A)


@pytest.mark.parametrize(("name", "rdtype"), [(WWW, "A"), (BANK, "DS")])
def test_stripping_the_ds_takes_it_out_of_referral_and_answer_with_its_signature(name, rdtype):
    message = spoiled(OnPath(on_path.strip_ds(BANK)), name, rdtype, PARENTS_SERVER)
    assert not found(message, BANK, RdataType.DS)
    assert not found(message, BANK, RdataType.RRSIG, RdataType.DS)
    assert not found(message, BANK, RdataType.NSEC), "nobody can forge a signed denial"


def test_an_unknown_algorithm_is_claimed_for_every_signature_of_the_answer():
    message = spoiled(OnPath(on_path.claim_algorithm(WWW)))
    assert {rrsig.algorithm for rrsig in found(message, WWW, RdataType.RRSIG, RdataType.A)} == {100}


@pytest.mark.parametrize(("expired", "good"), [(True, False), (False, True)])
def test_a_replayed_answer_was_genuine_once_and_verifies_until_it_expires(expired, good):
    message = spoiled(OnPath(on_path.replay(*WORLD.former_answer(WWW, expired=expired))))
    assert addresses(message) == ["203.0.113.20"]
    assert verifies(message, genuine_keys()) is good


def test_a_signature_of_another_zone_verifies_with_that_zones_published_key():
    foundry = to_name("foundry81.com")
    zsk = next(key for key in WORLD.keys[foundry] if key.role == "ZSK")
    message = spoiled(OnPath(FAKE, on_path.sign_answer(WWW, Forger(zsk, foundry, WORLD.now))))
    assert verifies(message, genuine_keys(foundry)), "dnspython does not ask whether the zone contains the name"
    assert not WWW.is_subdomain(found(message, WWW, RdataType.RRSIG, RdataType.A)[0].signer)


def test_a_forged_referral_leaves_the_signed_ds_alone():
    server = to_name("ns.bank.example")
    message = spoiled(OnPath(on_path.point_elsewhere(BANK, server, ATTACKER_SITE)), WWW, "A", PARENTS_SERVER)
    assert [ns.target for ns in found(message, BANK, RdataType.NS)] == [server]
    assert [(r.name, r[0].address) for r in message.additional] == [(server, ATTACKER_SITE)]
    assert verifies(message, genuine_keys(EXAMPLE), BANK, RdataType.DS)


def test_only_the_first_reply_to_a_question_is_spoiled_unless_every_one_is():
    query, reply = exchange(WWW, "A")
    once, always = OnPath(FAKE), OnPath(FAKE, every=True)
    assert once.tamper(query, reply) != reply
    assert once.tamper(query, reply) == reply
    assert always.tamper(query, reply) == always.tamper(query, reply) != reply


def test_other_questions_pass_untouched_and_do_not_use_up_the_first_shot():
    attacker = OnPath(FAKE)
    query, reply = exchange("mail.bank.example", "A")
    assert attacker.tamper(query, reply) == reply
    query, referral = exchange(WWW, "A", PARENTS_SERVER)
    assert attacker.tamper(query, referral) == referral
    assert addresses(spoiled(attacker)) == [ATTACKER_SITE]


def test_what_is_no_dns_message_passes_untouched():
    query, reply = exchange(WWW, "A")
    garbage = reply._replace(payload=b"\x00\x01")
    assert OnPath(FAKE).tamper(query, garbage) == garbage


def test_absence_is_claimed_with_the_proof_that_the_attacker_brings_along():
    nsec, rrsigs = WORLD.zone(BANK).get(BANK, "NSEC"), WORLD.zone(BANK).signatures(BANK, "NSEC")
    forged = spoiled(OnPath(on_path.claim_absent(question(WWW, "A"), BANK, nsec, rrsigs)))
    assert forged.rcode() == dns.rcode.NXDOMAIN and not forged.answer
    assert [rrset.rdtype for rrset in forged.authority] == [RdataType.SOA, RdataType.NSEC, RdataType.RRSIG]


def test_absence_is_claimed_in_no_other_reply_and_in_no_referral():
    attacker = OnPath(on_path.claim_absent(question(WWW, "A"), BANK))
    for asked in [(to_name("mail.bank.example"), "A"), (WWW, "DS"), (WWW, "A", PARENTS_SERVER)]:
        query, reply = exchange(*asked)
        assert attacker.tamper(query, reply) == reply
