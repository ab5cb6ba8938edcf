"""The walk: zone cuts are proven, islands count for what lies below them, exemptions for what they name."""

import dns.rcode
import dns.rrset
import pytest
from dns.rdatatype import RdataType
from tree import (
    BANK,
    EXAMPLE,
    HEALTHY,
    TIMES,
    WWW,
    ask,
    at,
    drop,
    drop_with_signatures,
    judge,
    key_of,
    links_of,
    say,
    signed,
    silence,
    strange_key,
    with_records,
    with_zones,
)

from dnsseclab.authority.keys import make_key
from dnsseclab.authority.nsec3 import Nsec3
from dnsseclab.authority.signing import add_ds, sign_zone
from dnsseclab.authority.zones import Zone, make_rrset
from dnsseclab.internet.worlds import NOW, toy_internet
from dnsseclab.protocol.evidence import Evidence
from dnsseclab.protocol.messages import question
from dnsseclab.protocol.names import to_name
from dnsseclab.protocol.trust import SecurityStatus
from dnsseclab.validator import Policy, validate

SECURE, INSECURE = SecurityStatus.SECURE, SecurityStatus.INSECURE
BOGUS, INDETERMINATE = SecurityStatus.BOGUS, SecurityStatus.INDETERMINATE
ANSWER = ("www.bank.example", "A")
FORGED = dns.rrset.from_text(WWW, 3600, "IN", "A", "203.0.113.66")
ISLAND = toy_internet(signed=["bank.example"], connected=[])


def bank_anchor(key=None):
    return make_rrset(BANK, 3600, (key or key_of("bank.example", "KSK")).ds())


# ---- zone cuts ------------------------------------------------------------------------------------------------


def test_signed_zone_without_a_ds_is_insecure():
    chain = judge(*ANSWER, toy_internet(connected=["com", "example"]))
    assert (chain.status, chain.diagnosis.rule) == (INSECURE, "insecure-delegation")


def test_signed_zone_below_an_unsigned_one_is_insecure():
    world = toy_internet(signed=[".", "bank.example"], connected=[])
    chain = judge(*ANSWER, world)
    assert links_of(chain)[-1] == "DENIAL example permits unsigned RRSET www.bank.example"
    assert chain.status is INSECURE


def test_ds_for_an_unsigned_zone_is_bogus():
    world = toy_internet(signed=[".", "com", "example"], connected=["com", "example", "bank.example"])
    chain = judge(*ANSWER, world)
    assert (chain.status, chain.diagnosis.rule) == (BOGUS, "dnskey-received")


def test_ds_removed_leads_over_an_absent_denial():
    chain = judge(*ANSWER, change=at("bank.example", "DS", drop_with_signatures("DS")))
    assert links_of(chain)[-2:] == [
        "ZSK example signs DENIAL bank.example",
        "DENIAL bank.example permits unsigned RRSET www.bank.example",
    ]
    assert not chain.first_failure.target.present
    assert chain.ede == 12


def test_ds_that_nobody_sends_is_indeterminate():
    assert judge(*ANSWER, change=at("bank.example", "DS", silence)).status is INDETERMINATE


def test_stripped_signature_does_not_hide_the_zone():
    """Without a signer's name every label is asked about, and the zone is found all the same."""
    chain = judge(*ANSWER, change=at(*ANSWER, drop("RRSIG")))
    assert chain.first_failure.source.zone == BANK


def test_nobody_becomes_a_zone_by_signing():
    forged = signed(FORGED, strange_key("www.bank.example"))
    chain = judge(*ANSWER, change=at(*ANSWER, say(*forged)))
    assert (chain.status, chain.diagnosis.rule) == (BOGUS, "signer-is-zone")


def test_parent_must_not_sign_for_a_child_that_is_known():
    """Without the DS in evidence nothing tells that there is a child; nor could the parent be kept from denying it."""
    forged = signed(FORGED, key_of("example", "ZSK"), signer=EXAMPLE)
    asked = question(*ANSWER)
    replies = {asked: say(*forged)(ask(HEALTHY, asked))}
    for known in ((".", "DNSKEY"), ("example", "DS"), ("example", "DNSKEY"), ("bank.example", "DNSKEY")):
        replies[question(*known)] = ask(HEALTHY, question(*known))
    replies[question("bank.example", "DS")] = ask(HEALTHY, question("bank.example", "DS"))
    chain = validate(Evidence(asked, replies), HEALTHY.trust_anchors, NOW)
    assert (chain.status, chain.diagnosis.rule) == (BOGUS, "signer-is-zone")


def test_parent_that_signs_below_a_cut_of_which_nothing_speaks_is_believed():
    """As by BIND and Unbound: it could change the delegation as well, and asking for every DS costs each name more."""
    forged = signed(FORGED, key_of("example", "ZSK"), signer=EXAMPLE)
    assert judge(*ANSWER, change=at(*ANSWER, say(*forged))).status is SECURE
    proven = judge(*ANSWER).proven  # now the cut is known
    chain = judge(*ANSWER, change=at(*ANSWER, say(*forged)), proven=proven)
    assert (chain.status, chain.diagnosis.rule) == (BOGUS, "signer-is-zone")


@pytest.mark.parametrize(("connected", "status"), [(True, SECURE), (False, INSECURE)])
def test_zone_between_that_no_signature_of_the_answer_mentions(connected, status):
    text = "$TTL 1h\n@ SOA ns1 hostmaster 1 2h 30m 2w 15m\n@ NS ns1\nns1 A 192.0.2.1\n"
    deep, deeper = to_name("deep.bank.example"), to_name("deeper.deep.bank.example")
    keys = {zone: make_key(zone, "CSK", seed="toy") for zone in (deep, deeper)}
    middle = Zone.from_text(f"{text}deeper NS ns1\n", deep)
    middle = add_ds(middle, keys[deeper]) if connected else middle
    world = with_zones(
        HEALTHY,
        sign_zone(add_ds(Zone.from_text(f"{text}deep NS ns1\n", BANK), keys[deep]), HEALTHY.keys[BANK], **TIMES),
        sign_zone(middle, [keys[deep]], **TIMES),
        sign_zone(Zone.from_text(f"{text}www A 192.0.2.2\n", deeper), [keys[deeper]], **TIMES),
    )
    assert judge("www.deeper.deep.bank.example", "A", world).status is status


@pytest.mark.parametrize(("connected", "status"), [(True, SECURE), (False, INSECURE)])
def test_zone_that_lies_several_labels_below_its_parent(connected, status):
    """The names between are empty non-terminals of the parent: no cut, and no end of the walk."""
    text = "$TTL 1h\n@ SOA ns1 hostmaster 1 2h 30m 2w 15m\n@ NS ns1\nns1 A 192.0.2.1\n"
    deep = to_name("deep.down.below.bank.example")
    key = make_key(deep, "CSK", seed="toy")
    parent = Zone.from_text(f"{text}deep.down.below NS ns1\n", BANK)
    parent = add_ds(parent, key) if connected else parent
    world = with_zones(
        HEALTHY,
        sign_zone(parent, HEALTHY.keys[BANK], **TIMES),
        sign_zone(Zone.from_text(f"{text}www A 192.0.2.2\n", deep), [key], **TIMES),
    )
    assert judge("www.deep.down.below.bank.example", "A", world).status is status
    assert judge("nothing.deep.down.below.bank.example", "A", world).status is status


def test_name_with_an_alias_is_no_zone_cut():
    """A question for its DS is answered with the alias; so what lies below belongs to the zone and must be signed."""
    world = with_records("alias.bank.example. CNAME www.bank.example.")
    forged = dns.rrset.from_text("host.alias.bank.example.", 60, "IN", "A", "203.0.113.66")
    chain = judge("host.alias.bank.example", "A", world, at("host.alias.bank.example", "A", say(forged)))
    assert (chain.status, chain.diagnosis.rule) == (BOGUS, "signature-present")


def test_empty_non_terminal_is_no_zone_cut():
    forged = dns.rrset.from_text("furnace.lab.foundry81.com.", 60, "IN", "A", "203.0.113.66")
    chain = judge("furnace.lab.foundry81.com", "A", change=at("furnace.lab.foundry81.com", "A", say(forged)))
    assert (chain.status, chain.diagnosis.rule) == (BOGUS, "signature-present")


def test_empty_non_terminal_is_none_either_if_its_server_says_nxdomain():
    """RFC 4592 §2.2.2: some servers do. What lies below is in the zone all the same, and signed."""
    seen = []

    def say_nxdomain(need, reply):
        if need == question("lab.foundry81.com", "DS"):
            seen.append(need)
            reply.set_rcode(dns.rcode.NXDOMAIN)
        if need == question("furnace.lab.foundry81.com", "A"):
            reply.answer[:] = [rrset for rrset in reply.answer if rrset.rdtype != RdataType.RRSIG]
        return reply

    chain = judge("furnace.lab.foundry81.com", "A", change=say_nxdomain)
    assert seen and (chain.status, chain.diagnosis.rule) == (BOGUS, "signature-present")


@pytest.mark.parametrize(("opt_out", "status"), [(True, INSECURE), (False, BOGUS)])
def test_unsigned_name_in_a_gap_may_be_a_delegation_only_with_opt_out(opt_out, status):
    world = toy_internet(denial=Nsec3(opt_out=opt_out))
    forged = dns.rrset.from_text("www.new.example.", 60, "IN", "A", "203.0.113.66")
    chain = judge("www.new.example", "A", world, at("www.new.example", "A", say(forged)))
    assert chain.status is status


def test_denial_from_another_reply_counts():
    """The reply to the DS question is lost, and the one to another question holds the signed denial."""
    proof = ask(HEALTHY, question("harbor.example", "DS")).authority

    def change(asked, reply):
        if asked == question("harbor.example", "DS"):
            return silence(reply)
        reply.authority.extend(proof if asked == question("www.harbor.example", "A") else [])
        return reply

    assert judge("www.harbor.example", "A", change=change).status is INSECURE
    assert judge("www.harbor.example", "A", change=at("harbor.example", "DS", silence)).status is INDETERMINATE


# ---- trust anchors --------------------------------------------------------------------------------------------


def test_island_of_security():
    """An anchor counts for what lies below it, whatever is above; and for nothing else."""
    anchors = [bank_anchor(key_of("bank.example", "KSK", ISLAND))]
    assert judge(*ANSWER, ISLAND, anchors=anchors).status is SECURE
    outside = judge("www.foundry81.com", "A", ISLAND, anchors=anchors)
    assert (outside.status, outside.diagnosis.rule, outside.links) == (INSECURE, "no-trust-anchor", ())


def test_ds_lies_above_the_cut_so_an_anchor_at_the_cut_says_nothing_of_it():
    anchors = [bank_anchor(key_of("bank.example", "KSK", ISLAND))]
    chain = judge("bank.example", "DS", ISLAND, anchors=anchors)
    assert (chain.status, chain.diagnosis.rule) == (INSECURE, "no-trust-anchor")


def test_dnskey_as_trust_anchor():
    assert judge(*ANSWER, anchors=[make_rrset(to_name("."), 0, key_of(".", "KSK").dnskey)]).status is SECURE
    chain = judge(*ANSWER, anchors=[make_rrset(to_name("."), 0, strange_key(".", "KSK").dnskey)])
    assert (chain.status, chain.diagnosis.rule) == (BOGUS, "anchor-names-key")


def test_one_anchor_of_several_suffices():
    anchors = make_rrset(to_name("."), 0, strange_key(".", "KSK").ds(), key_of(".", "KSK").ds())
    assert judge(*ANSWER, anchors=[anchors]).status is SECURE


def test_anchor_above_serves_if_the_closest_one_fails():
    """RFC 6840 §5.10: accept any success."""
    stale = bank_anchor(strange_key("bank.example", "KSK"))
    assert judge(*ANSWER, anchors=[*HEALTHY.trust_anchors, stale]).status is SECURE


def test_failing_anchor_is_not_taken_for_an_unsigned_zone():
    """Else spoiling the reply with an island's keys would switch its validation off."""
    world = toy_internet(connected=["com", "example"])
    stale = bank_anchor(strange_key("bank.example", "KSK"))
    assert judge(*ANSWER, world).status is INSECURE
    assert judge(*ANSWER, world, anchors=[*world.trust_anchors, stale]).status is BOGUS


def test_unsupported_anchor_is_as_good_as_none():
    ds = key_of(".", "KSK").ds().replace(algorithm=100)
    assert judge(*ANSWER, anchors=[make_rrset(to_name("."), 0, ds)]).status is INSECURE


def test_negative_trust_anchor_exempts_what_lies_below_it():
    policy = Policy(negative_trust_anchors=frozenset({BANK}))
    chain = judge(*ANSWER, change=at(*ANSWER, drop("RRSIG")), policy=policy)
    assert (chain.status, chain.diagnosis.rule, chain.ede) == (INSECURE, "negative-trust-anchor", 33)
    assert judge("www.foundry81.com", "A", policy=policy).status is SECURE


def test_anchor_below_a_negative_one_counts():
    policy = Policy(negative_trust_anchors=frozenset({EXAMPLE}))
    assert judge(*ANSWER, anchors=[bank_anchor()], policy=policy).status is SECURE


# ---- what is asked --------------------------------------------------------------------------------------------


def test_signers_say_what_is_worth_asking():
    """Six questions for three zones; no DS is asked for at a name that nobody calls a zone."""
    asked = []

    def note(need, reply):
        asked.append(str(need))
        return reply

    judge(*ANSWER, change=note)
    assert sorted(asked) == [
        "bank.example DNSKEY", "bank.example DS", "example DNSKEY", "example DS", "root DNSKEY", "www.bank.example A",
    ]  # fmt: skip


ROUNDS = {  # what is asked for together, in the order of the rounds
    "all that the names of signers speak of": (
        dict(name="www.bank.example"),
        ["root DNSKEY, bank.example DS", "example DS, bank.example DNSKEY", "example DNSKEY"],
    ),
    "of a target only what is not proven yet": (
        dict(name="shop.foundry81.com"),
        [
            "root DNSKEY, foundry81.com DS", "com DS, foundry81.com DNSKEY", "com DNSKEY", "www.bank.example A",
            "bank.example DS", "example DS, bank.example DNSKEY", "example DNSKEY",
        ],
    ),
    "label by label if nobody speaks of a zone": (
        dict(name="www.harbor.example"), ["root DNSKEY", "example DS", "example DNSKEY", "harbor.example DS"],
    ),
    "nothing above an anchor": (
        dict(name="www.bank.example", anchors=[make_rrset(BANK, 0, key_of("bank.example", "KSK").dnskey)]),
        ["bank.example DNSKEY"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("asking", "later"), ROUNDS.values(), ids=ROUNDS)
def test_a_resolver_is_made_to_wait_as_seldom_as_possible(asking, later):
    rounds: list[str] = []
    assert judge(**asking, rdtype="A", rounds=rounds).status in (SECURE, INSECURE)
    assert rounds == [f"{asking['name']} A", *later]


def test_what_was_proven_before_is_not_proven_again():
    proven = judge(*ANSWER).proven
    asked = question("mail.bank.example", "A")
    chain = validate(Evidence(asked, {asked: ask(HEALTHY, asked)}), HEALTHY.trust_anchors, NOW, proven=proven)
    assert (chain.status, chain.needs, chain.work) == (SECURE, (), {"signature checks": 1})
    assert links_of(chain)[:8] == links_of(judge(*ANSWER))[:8]


def test_what_was_proven_before_expires():
    asked = question(*ANSWER)
    evidence = Evidence(asked, {asked: ask(HEALTHY, asked)})
    proven = judge(*ANSWER).proven
    assert validate(evidence, HEALTHY.trust_anchors, NOW + 3599, proven=proven).needs == ()
    assert validate(evidence, HEALTHY.trust_anchors, NOW + 3600, proven=proven).needs != ()


def test_type_of_the_question_decides_the_side_of_a_cut():
    sides = {rdtype: links_of(judge("bank.example", rdtype))[-1] for rdtype in ("DS", "SOA")}
    assert sides == {
        "DS": "ZSK example signs RRSET bank.example",
        "SOA": "ZSK bank.example signs RRSET bank.example",
    }
    assert RdataType.DS not in HEALTHY.zone(BANK).types_at(BANK)
