"""The chain of trust: a healthy world, one thing broken at a time, and the check that fails.

First through a resolver, as in life; below that asked directly, with replies changed on their way (tree.py).
What single steps do is tested in test_verifying, test_proving, test_zone_keys and test_walk.
"""

from dataclasses import replace

import dns.rcode
import dns.rdata
import dns.rrset
import pytest
from dns.message import Message
from dns.rdatatype import RdataType
from dns.rrset import RRset
from hypothesis import given, settings
from hypothesis import strategies as st
from tree import (
    Breaking,
    ask,
    at,
    drop,
    drop_with_signatures,
    judge,
    links_of,
    say,
    signed,
    silence,
    strange_key,
    with_records,
)

from dnsseclab.authority.nsec3 import Nsec3
from dnsseclab.authority.signing import dnskey_rrset, seal, sign_rrset
from dnsseclab.authority.zones import make_rrset
from dnsseclab.internet.network import Clock, Network
from dnsseclab.internet.worlds import DAY, World, toy_internet
from dnsseclab.protocol.dnssec import REVOKED, ZONE_KEY, make_ds
from dnsseclab.protocol.evidence import NO_REPLY, Evidence
from dnsseclab.protocol.messages import Question, question
from dnsseclab.protocol.names import to_name
from dnsseclab.protocol.trust import ChainOfTrust, ItemKind, LinkStatus, SecurityStatus, Verb
from dnsseclab.validator import Validator, validate

BANK, WWW = to_name("bank.example"), to_name("www.bank.example")
WORLD = toy_internet()
KSK, ZSK = WORLD.keys[BANK]


def judged(world: World, name: str = "www.bank.example", rdtype: str = "A", **options: object) -> ChainOfTrust:
    network = Network(world, clock=Clock(world.now))
    chain = network.resolver(**options).resolve(name, rdtype).chain
    assert chain is not None
    return chain


def with_signature(**changes: object) -> World:
    """Return the world in which the RRSIG over the bank's address was made with other fields."""
    zone = WORLD.zone(BANK)
    address = zone.get(WWW, RdataType.A)
    assert address is not None
    honest = sign_rrset(address, ZSK, inception=WORLD.inception, expiration=WORLD.expiration)
    spoiled = seal(address, honest.replace(**changes), ZSK)
    assert spoiled != honest
    return WORLD.with_zone(zone.with_rrsets(make_rrset(WWW, address.ttl, spoiled)))


def with_keys(ksk_flags: int | None = None, zsk: dict[str, int] | None = None, protocol: int | None = None) -> World:
    """Return the world in which the bank publishes changed keys, signed by the KSK; the DS fits the changed KSK."""
    changes = {name: value for name, value in (("flags", ksk_flags), ("protocol", protocol)) if value is not None}
    ksk = replace(KSK, dnskey=KSK.dnskey.replace(**changes))
    published = dnskey_rrset([ksk, replace(ZSK, dnskey=ZSK.dnskey.replace(**(zsk or {})))], 3600)
    rrsig = sign_rrset(published, ksk, inception=WORLD.inception, expiration=WORLD.expiration)
    zone = WORLD.zone(BANK).with_rrsets(published, make_rrset(BANK, 3600, rrsig))
    return WORLD.with_zone(zone).with_ds(ksk)


def with_ds(*rdatas: dns.rdata.Rdata) -> World:
    """Return the world in which the parent holds, and has signed, this DS RRset for the bank."""
    parent = WORLD.zone("example")
    return WORLD.with_zone(WORLD.sign(parent.with_rrsets(make_rrset(BANK, 3600, *rdatas))))


def expect(chain: ChainOfTrust, status: SecurityStatus, rule: str) -> None:
    assert (chain.status, chain.diagnosis and chain.diagnosis.rule) == (status, rule), chain.explain()
    assert chain.diagnosis is not None and chain.diagnosis.source.startswith("RFC ")
    if status is SecurityStatus.BOGUS:
        assert [link.status for link in chain.links].count(LinkStatus.FAILED) == 1
        failed = chain.first_failure
        assert failed is not None and failed.failed_check is not None and failed.failed_check.rule == rule


def test_healthy_world_is_secure_and_every_check_of_every_link_passed() -> None:
    chain = judged(WORLD)
    assert chain.status is SecurityStatus.SECURE and chain.first_failure is None
    assert all(check.passed and check.source for link in chain.links for check in link.checks)
    assert any(link.checks for link in chain.links)


@pytest.mark.parametrize("algorithm", ["P-256", "P-384", "Ed25519", "Ed448"])
@pytest.mark.parametrize("keys", ["split", "single"])
def test_every_algorithm_and_either_division_of_keys_is_secure(algorithm: str, keys: str) -> None:
    assert judged(toy_internet(algorithm=algorithm, keys=keys)).status is SecurityStatus.SECURE


@pytest.mark.parametrize("form", ["DS", "DNSKEY"])
def test_trust_anchor_may_be_a_ds_or_a_dnskey(form: str) -> None:
    root = to_name(".")
    ksk = WORLD.keys[root][0]
    anchor = make_rrset(root, 0, ksk.ds() if form == "DS" else ksk.dnskey)
    assert judged(WORLD, trust_anchors=[anchor]).status is SecurityStatus.SECURE


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"expiration": WORLD.now - 1}, "signature-not-expired"),
        ({"inception": WORLD.now + 1}, "signature-not-early"),
        ({"signer": to_name("example")}, "signer-is-zone"),
        ({"signer": to_name("foundry81.com")}, "signer-encloses-name"),
        ({"key_tag": (ZSK.tag + 1) % 2**16}, "key-found"),
        ({"algorithm": 100}, "signature-algorithm-supported"),
    ],
)
def test_wrong_field_in_the_signature_is_named(changes: dict[str, object], rule: str) -> None:
    expect(judged(with_signature(**changes)), SecurityStatus.BOGUS, rule)


@pytest.mark.parametrize("moment", ["inception", "expiration"])
def test_signature_holds_at_both_ends_of_its_time(moment: str) -> None:
    assert judged(with_signature(**{moment: WORLD.now})).status is SecurityStatus.SECURE


def test_changed_record_no_longer_fits_its_signature() -> None:
    zone = WORLD.zone(BANK)
    changed = dns.rrset.from_text(WWW, 3600, "IN", "A", "203.0.113.66")
    expect(judged(WORLD.with_zone(zone.with_rrsets(changed))), SecurityStatus.BOGUS, "signature-verifies")


def test_missing_signature_in_a_signed_zone_is_bogus() -> None:
    zone = WORLD.zone(BANK).without(WWW, RdataType.RRSIG, RdataType.A)
    expect(judged(WORLD.with_zone(zone)), SecurityStatus.BOGUS, "signature-present")


@pytest.mark.parametrize(
    ("world", "rule"),
    [
        (with_keys(ksk_flags=KSK.dnskey.flags & ~ZONE_KEY), "zone-key-bit"),
        (with_keys(protocol=2), "key-protocol"),
        (with_keys(ksk_flags=KSK.dnskey.flags | REVOKED), "key-not-revoked"),
        (with_keys(zsk={"flags": 0}), "key-found"),  # the flags count in the key tag, so its signatures name no key now
    ],
    ids=["KSK without zone bit", "protocol 2", "revoked KSK", "ZSK without zone bit"],
)
def test_unfit_key_is_named(world: World, rule: str) -> None:
    expect(judged(world), SecurityStatus.BOGUS, rule)


def ds(**changes: object) -> dns.rdata.Rdata:
    return KSK.ds().replace(**changes)


@pytest.mark.parametrize(
    ("rdata", "rule"),
    [
        (ds(key_tag=(KSK.tag + 1) % 2**16), "ds-tag-matches"),
        (ds(algorithm=15), "ds-algorithm-matches"),
        (ds(digest=bytes(32)), "ds-digest-matches"),
    ],
    ids=["tag", "algorithm", "digest"],
)
def test_ds_that_names_no_key_of_the_zone_is_bogus(rdata: dns.rdata.Rdata, rule: str) -> None:
    expect(judged(with_ds(rdata)), SecurityStatus.BOGUS, rule)


def test_one_fitting_ds_is_enough_and_the_other_stays_out_of_the_way() -> None:
    chain = judged(with_ds(KSK.ds(), ds(key_tag=(KSK.tag + 1) % 2**16)))
    assert chain.status is SecurityStatus.SECURE and chain.first_failure is None


@pytest.mark.parametrize("rdata", [ds(algorithm=100), ds(digest_type=100)], ids=["algorithm", "digest type"])
def test_ds_with_nothing_supported_makes_the_zone_insecure_and_not_bogus(rdata: dns.rdata.Rdata) -> None:
    """RFC 4035 §5.2: as if there were no DS; the signed DS itself is the proof."""
    chain = judged(with_ds(rdata))
    assert chain.status is SecurityStatus.INSECURE and chain.ede in (1, 2), chain.explain()


def test_unsupported_ds_beside_a_supported_one_changes_nothing() -> None:
    assert judged(with_ds(ds(algorithm=100), KSK.ds(), make_ds(BANK, KSK.dnskey, 4))).status is SecurityStatus.SECURE


def test_proven_absence_of_a_ds_makes_what_lies_below_insecure() -> None:
    chain = judged(toy_internet(connected=["com", "example"]))
    expect(chain, SecurityStatus.INSECURE, "insecure-delegation")


def test_missing_proof_of_a_missing_ds_is_bogus() -> None:
    parent = WORLD.zone("example")
    bare = parent.without(BANK, RdataType.DS).without(BANK, RdataType.RRSIG, RdataType.DS)
    bare = bare.without(BANK, RdataType.NSEC).without(BANK, RdataType.RRSIG, RdataType.NSEC)
    assert judged(WORLD.with_zone(bare)).status is SecurityStatus.BOGUS


def test_without_a_trust_anchor_above_it_a_name_is_insecure() -> None:
    anchor = make_rrset(to_name("com"), 0, WORLD.keys[to_name("com")][0].ds())
    assert judged(WORLD, trust_anchors=[anchor]).status is SecurityStatus.INSECURE
    assert judged(WORLD, "www.foundry81.com", trust_anchors=[anchor]).status is SecurityStatus.SECURE


def test_answer_is_kept_no_longer_than_its_signature_holds() -> None:
    """RFC 4035 §5.3.3."""
    assert judged(with_signature(expiration=WORLD.now + 60)).ttl == 60
    assert judged(with_signature(original_ttl=30)).ttl == 30


def test_forged_ds_needs_the_parents_signature() -> None:
    parent = WORLD.zone("example")
    forged: RRset = make_rrset(BANK, 3600, WORLD.keys[to_name("foundry81.com")][0].ds())
    expect(judged(WORLD.with_zone(parent.with_rrsets(forged))), SecurityStatus.BOGUS, "signature-verifies")


def test_days_pass_and_the_whole_world_expires() -> None:
    late = replace(WORLD, now=WORLD.now + 7 * DAY)
    network = Network(late, clock=Clock(late.now))
    chain = network.resolver().resolve("www.bank.example", "A").chain
    assert chain is not None
    expect(chain, SecurityStatus.BOGUS, "signature-not-expired")


# ---- asked directly: healthy --------------------------------------------------

SECURE, INSECURE = SecurityStatus.SECURE, SecurityStatus.INSECURE
BOGUS, INDETERMINATE = SecurityStatus.BOGUS, SecurityStatus.INDETERMINATE
ANSWER = ("www.bank.example", "A")
FORGED = dns.rrset.from_text(WWW, 3600, "IN", "A", "203.0.113.66")

QUESTIONS = [
    ("www.bank.example", "A", SECURE),
    ("bank.example", "DS", SECURE),  # lies in the parent
    ("bank.example", "DNSKEY", SECURE),
    ("bank.example", "SOA", SECURE),
    ("bank.example", "ANY", SECURE),
    (".", "DNSKEY", SECURE),
    (".", "NS", SECURE),
    (".", "DS", SECURE),  # nothing lies above
    ("wiki.foundry81.com", "A", SECURE),  # no such name
    ("wiki.foundry81.com", "DS", SECURE),
    ("www.bank.example", "MX", SECURE),  # no such record
    ("www.bank.example", "DS", SECURE),  # no zone begins there
    ("lab.foundry81.com", "A", SECURE),  # an empty non-terminal
    ("any.apps.foundry81.com", "A", SECURE),  # from a wildcard
    ("any.apps.foundry81.com", "MX", SECURE),  # a wildcard without that type
    ("shop.foundry81.com", "A", SECURE),  # an alias into another zone
    ("shop.foundry81.com", "MX", SECURE),  # an alias to a name without that type
    ("login.bank.example", "CNAME", SECURE),  # the alias itself
    ("login.bank.example", "ANY", SECURE),
    ("www.harbor.example", "A", INSECURE),
    ("none.harbor.example", "A", INSECURE),
    ("pay.harbor.example", "A", INSECURE),  # an unsigned alias to signed data: the weakest part counts
    ("harbor.example", "DS", SECURE),  # that there is none is proven
]


@pytest.mark.parametrize("denial", ["NSEC", Nsec3(iterations=1, salt=b"\xab")], ids=["NSEC", "NSEC3"])
@pytest.mark.parametrize("keys", ["split", "single"])
@pytest.mark.parametrize(("name", "rdtype", "status"), QUESTIONS)
def test_every_kind_of_answer_of_a_healthy_world(
    name: str, rdtype: str, status: SecurityStatus, keys: str, denial: str | Nsec3
) -> None:
    chain = judge(name, rdtype, toy_internet(keys=keys, denial=denial))
    assert (chain.status, chain.first_failure) == (status, None)


# ---- the picture --------------------------------------------------


def test_links_lead_from_the_anchor_to_the_answer() -> None:
    assert links_of(judge(*ANSWER)) == [
        "ANCHOR root trusts KSK root",
        "KSK root signs ZSK root",
        "ZSK root signs DS example",
        "DS example vouches for KSK example",
        "KSK example signs ZSK example",
        "ZSK example signs DS bank.example",
        "DS bank.example vouches for KSK bank.example",
        "KSK bank.example signs ZSK bank.example",
        "ZSK bank.example signs RRSET www.bank.example",
    ]


def test_key_is_called_by_what_it_does_in_this_chain() -> None:
    csk = links_of(judge(*ANSWER, toy_internet(keys="single")))
    assert csk[-2:] == [
        "DS bank.example vouches for CSK bank.example",
        "CSK bank.example signs RRSET www.bank.example",
    ]
    assert links_of(judge("bank.example", "DNSKEY"))[-1] == "KSK bank.example signs RRSET bank.example"


def test_links_of_a_denied_name() -> None:
    assert links_of(judge("wiki.foundry81.com", "A"))[-4:] == [
        "ZSK foundry81.com signs DENIAL shop.foundry81.com",
        "ZSK foundry81.com signs DENIAL foundry81.com",
        "DENIAL shop.foundry81.com denies ABSENCE wiki.foundry81.com",
        "DENIAL foundry81.com denies a wildcard for ABSENCE wiki.foundry81.com",
    ]


def test_links_of_an_answer_from_a_wildcard() -> None:
    assert links_of(judge("any.apps.foundry81.com", "A"))[-3:] == [
        "ZSK foundry81.com signs RRSET any.apps.foundry81.com",
        "ZSK foundry81.com signs DENIAL *.apps.foundry81.com",
        "DENIAL *.apps.foundry81.com denies anything closer to RRSET any.apps.foundry81.com",
    ]


def test_links_of_an_unsigned_zone() -> None:
    chain = judge("www.harbor.example", "A")
    assert links_of(chain)[-2:] == [
        "ZSK example signs DENIAL harbor.example",
        "DENIAL harbor.example permits unsigned RRSET www.harbor.example",
    ]
    assert chain.links[-1].status is LinkStatus.INSECURE


def test_links_of_an_alias_share_what_both_parts_need() -> None:
    links = links_of(judge("shop.foundry81.com", "A"))
    assert "RRSET shop.foundry81.com leads to RRSET www.bank.example" in links
    assert len(links) == len(set(links))


@pytest.mark.parametrize("name", ["www.bank.example", "shop.foundry81.com", "wiki.foundry81.com", "www.harbor.example"])
def test_every_box_has_one_id_of_its_own(name: str) -> None:
    chain = judge(name, "A")
    boxes = {item.id: item for link in chain.links for item in (link.source, link.target)}
    assert all(id.replace("_", "").isalnum() and id.isascii() for id in boxes)
    assert len({(item.kind, item.owner, item.rdtype, item.rdatas) for item in boxes.values()}) == len(boxes)
    assert all(item.zone is not None for item in boxes.values() if item.kind is not ItemKind.ANCHOR)


BREAKS = {
    "answer": at(*ANSWER, drop("RRSIG")),
    "keys": at("bank.example", "DNSKEY", drop("RRSIG")),
    "no keys": at("bank.example", "DNSKEY", drop("DNSKEY")),
    "DS": at("bank.example", "DS", drop("RRSIG")),
    "no DS": at("bank.example", "DS", drop_with_signatures("DS")),
    "top-level domain": at("example", "DNSKEY", drop("RRSIG")),
    "root": at(".", "DNSKEY", drop("RRSIG")),
    "no root keys": at(".", "DNSKEY", drop("DNSKEY")),
    "no reply": at("example", "DNSKEY", silence),
}


@pytest.mark.parametrize("change", BREAKS.values(), ids=BREAKS)
def test_below_a_break_the_picture_still_reaches_the_answer(change: Breaking) -> None:
    chain = judge(*ANSWER, change=change)
    ends = (LinkStatus.FAILED, LinkStatus.NOT_THERE)
    [broken] = [number for number, link in enumerate(chain.links) if link.status in ends]
    assert {link.status for link in chain.links[:broken]} <= {LinkStatus.PASSED}
    assert {link.status for link in chain.links[broken + 1 :]} <= {LinkStatus.NOT_REACHED}
    assert chain.links[-1].target.owner == WWW
    assert all(one.target.id == other.source.id for one, other in zip(chain.links, chain.links[1:], strict=False))
    assert not chain.validated and chain.ttl is None


# ---- aliases --------------------------------------------------


def test_dname_makes_an_alias_that_needs_no_signature() -> None:
    """RFC 4035 §4.8, RFC 6672 §5.3.1."""
    chain = judge("www.old.bank.example", "A", with_records("old.bank.example. DNAME bank.example."))
    assert chain.status is SECURE
    assert "RRSET old.bank.example leads to RRSET www.bank.example" in links_of(chain)
    assert [rrset.rdtype for rrset in chain.validated][:3] == [RdataType.DNAME, RdataType.RRSIG, RdataType.CNAME]


def test_alias_that_the_dname_did_not_make_is_bogus() -> None:
    world = with_records("old.bank.example. DNAME bank.example.")
    other = dns.rrset.from_text("www.old.bank.example.", 3600, "IN", "CNAME", "evil.example.")

    def lie(message: Message) -> Message:
        return say(*(rrset for rrset in message.answer if rrset.rdtype != RdataType.CNAME), other)(message)

    asked = ("www.old.bank.example", "A")
    chain = judge(*asked, world, at(*asked, lie))
    assert (chain.status, chain.diagnosis.rule) == (BOGUS, "dname-substitution")
    assert chain.first_failure.verb is Verb.LEADS_TO


def test_dname_that_would_make_too_long_a_name_is_an_answer_of_its_own() -> None:
    long = ".".join(["x" * 60] * 3) + ".bank.example."
    world = with_records(f"old.bank.example. DNAME {long}")
    chain = judge(f"{'y' * 60}.{'z' * 60}.old.bank.example", "A", world)
    assert chain.status is SECURE


def test_aliases_in_a_circle_are_bogus() -> None:
    world = with_records("a.bank.example. CNAME b.bank.example.", "b.bank.example. CNAME a.bank.example.")
    chain = judge("a.bank.example", "A", world)
    assert (chain.status, chain.diagnosis.rule) == (BOGUS, "alias-ends")


def test_too_many_aliases_are_bogus() -> None:
    names = [f"a{number}.bank.example." for number in range(20)]
    world = with_records(*(f"{one} CNAME {other}" for one, other in zip(names, names[1:], strict=False)))
    chain = judge("a0.bank.example", "A", world)
    assert (chain.status, chain.diagnosis.rule) == (BOGUS, "work-limit")


def test_bogus_target_makes_the_alias_bogus() -> None:
    chain = judge("shop.foundry81.com", "A", change=at(*ANSWER, drop("RRSIG")))
    assert (chain.status, chain.diagnosis.rule) == (BOGUS, "signature-present")


def test_target_may_stand_in_the_reply_with_the_alias() -> None:
    asked = ("login.bank.example", "A")
    assert {rrset.name for rrset in ask(WORLD, question(*asked)).answer} >= {WWW}
    seen = []

    def note(need: Question, reply: Message) -> Message:
        seen.append(need)
        return reply

    assert judge(*asked, change=note).status is SECURE
    assert question(*ANSWER) not in seen


def test_alias_that_was_asked_for_is_the_answer_unless_its_target_was_looked_up_as_well() -> None:
    asked, target = question("shop.foundry81.com", "CNAME"), question("www.bank.example", "CNAME")
    assert judge(*asked).status is SECURE
    lie = ask(WORLD, target)
    lie.set_rcode(dns.rcode.NXDOMAIN)
    drop_with_signatures("NSEC")(lie)

    def looked_up(evidence: Evidence, *rest: object) -> ChainOfTrust:
        return validate(evidence.with_message(target, lie), *rest)

    chain = judged(WORLD, *asked, validator=looked_up)
    assert (chain.status, chain.diagnosis.rule) == (BOGUS, "denial-received")


# ---- other questions --------------------------------------------------


def test_signatures_are_insecure_at_best() -> None:
    chain = judge("www.bank.example", "RRSIG")
    assert (chain.status, chain.diagnosis.rule) == (INSECURE, "signatures-are-unsigned")


def test_one_bad_rrset_spoils_any() -> None:
    def strip_one(message: Message) -> Message:
        message.answer[:] = [rrset for rrset in message.answer if rrset.covers != RdataType.MX]
        return message

    chain = judge("bank.example", "ANY", change=at("bank.example", "ANY", strip_one))
    assert (chain.status, chain.diagnosis.rule) == (BOGUS, "signature-present")


def test_without_evidence_the_question_itself_is_asked() -> None:
    chain = validate(Evidence(question(*ANSWER)), WORLD.trust_anchors, WORLD.now)
    assert (chain.needs, chain.diagnosis) == ((question(*ANSWER),), None)


@pytest.mark.parametrize("rcode", [dns.rcode.SERVFAIL, dns.rcode.REFUSED])
@pytest.mark.parametrize("place", [ANSWER, ("bank.example", "DNSKEY"), ("bank.example", "DS")])
def test_error_is_no_reply(place: tuple[str, str], rcode: int) -> None:
    def fail(message: Message) -> Message:
        message.set_rcode(rcode)
        return message

    assert judge(*ANSWER, change=at(*place, fail)).status is INDETERMINATE


# ---- work, steps, and whatever may come --------------------------------------------------


def test_work_is_counted() -> None:
    assert judge(*ANSWER).work == {"signature checks": 6, "DS digests": 3}


def test_steps_can_be_replaced_one_by_one() -> None:
    """What a lesson does: a validator without one check believes what the full one rejects."""

    class Careless(Validator):
        def prove_nothing_closer(self, *arguments: object) -> None:
            return None

    asked = ("any.apps.foundry81.com", "A")
    change = at(*asked, drop_with_signatures("NSEC"))
    assert judge(*asked, change=change).diagnosis.rule == "nothing-closer"
    assert judge(*asked, change=change, validator=Careless).status is SECURE


PARTS = [ask(WORLD, question(name, rdtype)) for name, rdtype, _ in QUESTIONS]
SETS = [rrset for message in PARTS for section in (message.answer, message.authority) for rrset in section]
SETS += [FORGED, *signed(FORGED, strange_key("bank.example"))]
NEEDED = [
    question(name, rdtype)
    for name in (".", "example", "bank.example", "www.bank.example")
    for rdtype in ("DS", "DNSKEY")
]


@given(st.data())
@settings(max_examples=200)
def test_whatever_comes_there_is_a_verdict(data: st.DataObject) -> None:
    """Genuine and forged RRsets, mixed at will into any reply: never an exception, never an endless loop."""
    some = st.lists(st.sampled_from(SETS), max_size=6)
    asked = data.draw(st.sampled_from([question(name, rdtype) for name, rdtype, _ in QUESTIONS]))
    evidence = Evidence(asked)
    for place in (asked, *NEEDED):
        reply = ask(WORLD, place)
        if data.draw(st.integers(0, 2)) == 0:
            reply.answer[:], reply.authority[:] = data.draw(some), data.draw(some)
            reply.set_rcode(data.draw(st.sampled_from([0, 0, 2, 3])))
        evidence = evidence.with_message(place, reply)
    for _ in range(20):
        chain = validate(evidence, WORLD.trust_anchors, WORLD.now)
        if not chain.needs:
            break
        for need in chain.needs:
            evidence = evidence.with_message(need, NO_REPLY if data.draw(st.booleans()) else ask(WORLD, need))
    assert not chain.needs
    assert [link.status for link in chain.links].count(LinkStatus.FAILED) == (chain.status is BOGUS)
    if chain.status is SECURE:  # and then it is what the owner of the name says
        truth = WORLD.truth(asked.name, asked.rdtype)
        assert asked.rdtype == RdataType.ANY or not truth or truth in chain.validated
