"""Signing: judged by dnspython, BIND's dnssec-verify and ldns-verify-zone, never only by our own validator."""

import subprocess
import time
from pathlib import Path

import dns.dnssec
import dns.name
import dns.rrset
import pytest
from dns.rdatatype import RdataType

from dnsseclab.authority.keys import Key, make_key
from dnsseclab.authority.nsec3 import Nsec3
from dnsseclab.authority.signing import add_ds, dnskey_rrset, seal, sign_rrset, sign_zone, unsign_zone
from dnsseclab.authority.zones import Zone, make_rrset
from dnsseclab.internet.worlds import NOW, World, toy_internet
from dnsseclab.protocol.dnssec import show_moment, signed_bytes
from dnsseclab.protocol.names import LabError, show_name, to_name

DAY = 86400
TIMES = {"inception": NOW - DAY, "expiration": NOW + 6 * DAY}
WWW = dns.rrset.from_text("www.bank.example.", 3600, "IN", "A", "192.0.2.20", "192.0.2.19")
SHAPED = """\
$ORIGIN bank.example.
$TTL 1h
@           SOA ns1 hostmaster 1 2h 30m 2w 15m
@           NS  ns1
ns1         A   192.0.2.21
www         A   192.0.2.20
*.branch    A   192.0.2.22
deep.lab    TXT "below an empty non-terminal"
alias       CNAME www
child       NS  ns.child
child       DS  12345 13 2 00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF
ns.child    A   192.0.2.99
orphan      NS  ns.child
"""


@pytest.fixture
def ksk() -> Key:
    return make_key("bank.example", "KSK", seed="test")


@pytest.fixture
def zsk() -> Key:
    return make_key("bank.example", "ZSK", seed="test")


@pytest.fixture
def bank() -> Zone:
    return Zone.from_text(SHAPED)


# --- one RRset


def validate(rrset, rrsig, key, now=NOW):
    dns.dnssec.validate_rrsig(rrset, rrsig, {key.zone: dnskey_rrset([key], 3600)}, now=now)


def test_a_signature_says_what_it_covers_and_dnspython_verifies_it(zsk):
    rrsig = sign_rrset(WWW, zsk, **TIMES)
    assert (rrsig.type_covered, rrsig.algorithm, rrsig.labels, rrsig.original_ttl) == (RdataType.A, 13, 3, 3600)
    assert (rrsig.signer, rrsig.key_tag) == (to_name("bank.example"), zsk.tag)
    validate(WWW, rrsig, zsk)


@pytest.mark.parametrize(("now", "holds"), [(-1, False), (0, True), (7 * DAY, True), (7 * DAY + 1, False)])
def test_a_signature_holds_from_inception_to_expiration_both_included(zsk, now, holds):
    rrsig = sign_rrset(WWW, zsk, **TIMES)
    moment = TIMES["inception"] + now
    if holds:
        validate(WWW, rrsig, zsk, moment)
    else:
        with pytest.raises(dns.dnssec.ValidationFailure):
            validate(WWW, rrsig, zsk, moment)


def test_order_of_records_their_case_and_the_ttl_seen_do_not_matter(zsk):
    mx = dns.rrset.from_text("bank.example.", 3600, "IN", "MX", "20 MAIL.bank.example.", "10 mail.bank.example.")
    rrsig = sign_rrset(mx, zsk, **TIMES)
    received = dns.rrset.from_text("BANK.example.", 60, "IN", "MX", "10 mail.BANK.example.", "20 mail.bank.example.")
    validate(received, rrsig, zsk)


def test_a_wildcard_counts_no_star_and_its_signature_fits_what_it_becomes(zsk):
    wildcard = dns.rrset.from_text("*.branch.bank.example.", 3600, "IN", "A", "192.0.2.22")
    rrsig = sign_rrset(wildcard, zsk, **TIMES)
    assert rrsig.labels == 3
    validate(dns.rrset.from_text("any.branch.bank.example.", 3600, "IN", "A", "192.0.2.22"), rrsig, zsk)


def test_overrides_are_signed_as_they_are(zsk):
    other = to_name("foundry81.com")
    rrsig = sign_rrset(WWW, zsk, **TIMES, signer=other, key_tag=1, original_ttl=7, labels=2)
    assert (rrsig.signer, rrsig.key_tag, rrsig.original_ttl, rrsig.labels) == (other, 1, 7, 2)
    assert rrsig.signature == zsk.sign(signed_bytes(WWW, rrsig))


def test_times_in_the_wrong_order_are_refused_but_can_be_sealed(zsk):
    backwards = {"inception": TIMES["expiration"], "expiration": TIMES["inception"]}
    with pytest.raises(LabError, match=f"expire.*{show_moment(TIMES['inception'])}.*before it begins"):
        sign_rrset(WWW, zsk, **backwards)
    honest = sign_rrset(WWW, zsk, **TIMES)
    sealed = seal(WWW, honest.replace(**backwards), zsk)
    assert sealed.signature == zsk.sign(signed_bytes(WWW, sealed)) != honest.signature


def test_a_moment_may_be_the_whole_life_of_a_signature(zsk):
    validate(WWW, sign_rrset(WWW, zsk, inception=NOW, expiration=NOW), zsk)


def test_times_beyond_2106_wrap_around(zsk):
    """RFC 4034 §3.1.5: 32-bit numbers in serial arithmetic; expiration may be the smaller number."""
    rrsig = sign_rrset(WWW, zsk, inception=2**32 - 10, expiration=2**32 + 10)
    assert (rrsig.inception, rrsig.expiration) == (2**32 - 10, 10)


def test_a_key_of_another_zone_does_not_sign_by_mistake():
    stranger = make_key("foundry81.com", "ZSK", seed="test")
    with pytest.raises(LabError, match="cannot sign for www.bank.example"):
        sign_rrset(WWW, stranger, **TIMES)
    assert sign_rrset(WWW, stranger, **TIMES, signer=stranger.zone).signer == stranger.zone


# --- a whole zone


def who_signed(zone: Zone, name: str, rdtype: str) -> set[int]:
    signatures = zone.signatures(name, rdtype)
    return {rrsig.key_tag for rrsig in signatures} if signatures else set()


def test_the_ksk_signs_the_keys_and_the_zsk_the_rest(bank, ksk, zsk):
    signed = sign_zone(bank, [ksk, zsk], **TIMES)
    assert who_signed(signed, "bank.example", "DNSKEY") == {ksk.tag}
    for name, rdtype in [("bank.example", "SOA"), ("www.bank.example", "A"), ("www.bank.example", "NSEC")]:
        assert who_signed(signed, name, rdtype) == {zsk.tag}


def test_a_csk_signs_everything(bank):
    csk = make_key("bank.example", "CSK", seed="test")
    signed = sign_zone(bank, [csk], **TIMES)
    assert {rrsig.key_tag for rrset in signed.rrsets() if rrset.covers for rrsig in rrset} == {csk.tag}


def test_delegation_and_glue_stay_unsigned_and_the_ds_is_signed(bank, ksk, zsk):
    signed = sign_zone(bank, [ksk, zsk], **TIMES)
    assert who_signed(signed, "child.bank.example", "NS") == set()
    assert who_signed(signed, "ns.child.bank.example", "A") == set()
    assert who_signed(signed, "child.bank.example", "DS") == {zsk.tag}
    assert who_signed(signed, "orphan.bank.example", "NSEC") == {zsk.tag}
    assert who_signed(signed, "bank.example", "NS") == {zsk.tag}


def test_every_signature_verifies_with_dnspython(bank, ksk, zsk):
    signed = sign_zone(bank, [ksk, zsk], **TIMES)
    keys = {signed.origin: signed.get(signed.origin, "DNSKEY")}
    covered = [rrset for rrset in signed.rrsets() if signed.signatures(rrset.name, rrset.rdtype)]
    assert len(covered) == 17  # and no more: see SHAPED
    for rrset in covered:
        dns.dnssec.validate(rrset, signed.signatures(rrset.name, rrset.rdtype), keys, now=NOW)


def test_two_algorithms_both_sign_everything(bank):
    """RFC 4035 §2.2: one signature for each algorithm in the DNSKEY RRset."""
    keys = [make_key("bank.example", "CSK", algorithm, seed="test") for algorithm in ("P-256", "Ed25519")]
    signed = sign_zone(bank, keys, **TIMES)
    assert who_signed(signed, "www.bank.example", "A") == {key.tag for key in keys}


def test_signing_again_replaces_what_signing_made(bank, ksk, zsk):
    once = sign_zone(bank, [ksk, zsk], **TIMES)
    other = [make_key("bank.example", role, "Ed25519", seed="test") for role in ("KSK", "ZSK")]
    assert sign_zone(once, other, **TIMES).to_text() == sign_zone(bank, other, **TIMES).to_text() != once.to_text()


def test_unsigning_gives_back_what_was_there(bank, ksk, zsk):
    assert unsign_zone(sign_zone(bank, [ksk, zsk], **TIMES)).to_text() == bank.to_text()


@pytest.mark.parametrize(
    ("roles", "complaint"),
    [
        ([("bank.example", "KSK", 13)], "add a ZSK, or use a CSK"),
        ([("bank.example", "ZSK", 13)], "add a KSK, or use a CSK"),
        ([], "add a KSK"),
        ([("foundry81.com", "CSK", 13)], "is no key of bank.example"),
        ([("bank.example", "KSK", 13), ("bank.example", "ZSK", 15)], "every algorithm in use"),
    ],
)
def test_keys_that_cannot_sign_the_zone_are_refused(bank, roles, complaint):
    keys = [make_key(zone, role, algorithm, seed="test") for zone, role, algorithm in roles]
    with pytest.raises(LabError, match=complaint):
        sign_zone(bank, keys, **TIMES)


def test_impossible_times_and_denials_are_refused(bank, ksk, zsk):
    with pytest.raises(LabError, match="before it begins"):
        sign_zone(bank, [ksk, zsk], inception=NOW, expiration=NOW - 1)
    with pytest.raises(LabError, match="'NSEC4'"):
        sign_zone(bank, [ksk, zsk], **TIMES, denial="NSEC4")


# --- the parent


@pytest.fixture
def parent() -> Zone:
    return toy_internet(signed=False).zone("example")


def test_the_parent_takes_the_ds_of_the_childs_key(parent, ksk):
    connected = add_ds(parent, ksk)
    assert list(connected.get("bank.example", "DS")) == [ksk.ds()]
    assert ksk.ds() == dns.dnssec.make_ds("bank.example.", ksk.dnskey, "SHA256")
    assert parent.get("bank.example", "DS") is None


def test_uploading_again_replaces_the_whole_ds_rrset(parent, ksk):
    second = make_key("bank.example", "KSK", seed="second")
    assert len(add_ds(add_ds(parent, ksk), second).get("bank.example", "DS")) == 1
    assert len(add_ds(parent, ksk, second).get("bank.example", "DS")) == 2


def test_a_ds_has_its_place_only_at_a_delegation_in_the_parent(parent, bank, ksk):
    with pytest.raises(LabError, match="bank.example does not delegate bank.example.*stands in the parent"):
        add_ds(bank, ksk)
    with pytest.raises(LabError, match="example does not delegate foundry81.com"):
        add_ds(parent, make_key("foundry81.com", seed="test"))
    with pytest.raises(LabError, match="one child zone"):
        add_ds(parent, ksk, make_key("harbor.example", seed="test"))
    with pytest.raises(LabError, match="at least one"):
        add_ds(parent)


# --- outside judges: the toy Internet and the shaped zone, as master files


def judged_worlds() -> dict[str, World]:
    now = int(time.time())  # dnssec-verify cannot be told another time
    return {
        "split P-256": toy_internet(now=now),
        "split Ed25519": toy_internet(now=now, algorithm="Ed25519"),
        "single P-256": toy_internet(now=now, keys="single"),
        "single Ed25519": toy_internet(now=now, keys="single", algorithm="Ed25519"),
        "split RSA/SHA-256": toy_internet(now=now, algorithm="RSA/SHA-256"),
        "single RSA/SHA-512": toy_internet(now=now, keys="single", algorithm="RSA/SHA-512"),
        "split P-384": toy_internet(now=now, algorithm="P-384"),
        "single Ed448": toy_internet(now=now, keys="single", algorithm="Ed448"),
        "NSEC3": toy_internet(now=now, denial="NSEC3"),
        "NSEC3, opt-out, salted": toy_internet(now=now, denial=Nsec3(iterations=3, salt=b"salt", opt_out=True)),
    }


def signed_zones(world: World) -> list[Zone]:
    shaped = sign_zone(
        Zone.from_text(SHAPED), world.keys[to_name("bank.example")], inception=world.inception,
        expiration=world.expiration, denial=world.denial,
    )  # fmt: skip
    return [shaped, *(zone for zone in world.zones.values() if zone.get(zone.origin, "DNSKEY"))]


def judge(program: str, *arguments: str | Path) -> subprocess.CompletedProcess:
    return subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, timeout=30)


def dnssec_verify(zone: Zone, path: Path, now: int) -> subprocess.CompletedProcess:
    path.write_text(zone.to_text(), encoding="utf-8")
    z_flag = ["-z"] if len(zone.get(zone.origin, "DNSKEY")) == 1 else []  # one key for both roles
    return judge("dnssec-verify", *z_flag, "-o", zone.origin, path)


def ldns_verify_zone(zone: Zone, path: Path, now: int) -> subprocess.CompletedProcess:
    path.write_text(zone.to_text(), encoding="utf-8")
    return judge("ldns-verify-zone", "-t", time.strftime("%Y%m%d%H%M%S", time.gmtime(now)), path)


def kzonecheck(zone: Zone, path: Path, now: int) -> subprocess.CompletedProcess:
    path.write_text(zone.to_text(), encoding="utf-8")
    return judge("kzonecheck", "-d", "on", "-t", str(now), "-o", zone.origin, path)


JUDGES = {"dnssec-verify": dnssec_verify, "ldns-verify-zone": ldns_verify_zone, "kzonecheck": kzonecheck}


@pytest.fixture(params=[pytest.param(program, marks=pytest.mark.daemon(program)) for program in JUDGES])
def verify(request):
    return JUDGES[request.param]


@pytest.mark.parametrize("kind", judged_worlds())
def test_outside_judges_accept_every_signed_zone(verify, kind, tmp_path):
    world = judged_worlds()[kind]
    zones = signed_zones(world)
    assert len(zones) == 6
    for zone in zones:
        result = verify(zone, tmp_path / "zone", world.now)
        assert result.returncode == 0, f"{show_name(zone.origin)}: {result.stdout}{result.stderr}"


@pytest.mark.parametrize("damage", ["a record more", "a signature less", "an NSEC less"])
def test_outside_judges_reject_a_damaged_zone(verify, damage, tmp_path):
    """The control: the judges do look."""
    world = toy_internet(now=int(time.time()))
    zone = world.zone("bank.example")
    www = zone.get("www.bank.example", "A")
    damaged = {
        "a record more": lambda: zone.with_rrsets(
            make_rrset(www.name, www.ttl, *www, *dns.rrset.from_text(www.name, 60, "IN", "A", "203.0.113.66"))
        ),
        "a signature less": lambda: zone.without("www.bank.example", "RRSIG", covers="A"),
        "an NSEC less": lambda: zone.without("mail.bank.example", "NSEC").without(
            "mail.bank.example", "RRSIG", covers="NSEC"
        ),
    }[damage]()
    assert verify(zone, tmp_path / "zone", world.now).returncode == 0
    assert verify(damaged, tmp_path / "zone", world.now).returncode != 0
