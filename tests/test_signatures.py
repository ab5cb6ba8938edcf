"""One signature: judged by the examples of the RFCs, and by dnspython's own verification."""

import dns.dnssec
import dns.name
import dns.rdata
import dns.rrset
import pytest
from dns.rdataclass import IN
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from hypothesis import given, settings
from hypothesis import strategies as st

from dnsseclab.authority.keys import make_key
from dnsseclab.authority.signing import sign_rrset
from dnsseclab.authority.zones import make_rrset
from dnsseclab.protocol.dnssec import epoch
from dnsseclab.protocol.names import to_name
from dnsseclab.validator import Limits, Policy
from dnsseclab.validator.limits import Work
from dnsseclab.validator.records import SignedSet
from dnsseclab.validator.signatures import ALL_RULES, Attempt, Trial, not_early, not_expired, try_all

NOW = epoch("20261124120000")


def tried(rrset, rrsigs, keys, zone, now=NOW, **policy) -> list[Attempt]:
    found = SignedSet(rrset, make_rrset(rrset.name, rrset.ttl, *rrsigs) if rrsigs else None)
    return try_all(found, to_name(zone), keys, ALL_RULES, now, Policy(**policy), Work(Limits()))


def rdata(text: str) -> dns.rdata.Rdata:
    rdtype, rest = text.split(maxsplit=1)
    return dns.rdata.from_text("IN", rdtype, rest)


# RFC: zone, key, RRset, signature, a moment at which it holds.
VECTORS = {
    "RFC 5702 §6.1, RSA/SHA-256": (
        "example.net",
        "DNSKEY 256 3 8 AwEAAcFcGsaxxdgiuuGmCkVImy4h99CqT7jwY3pexPGcnUFtR2Fh36BponcwtkZ4cAgtvd4Qs8PkxUdp6p/DlUmObdk=",
        "www.example.net. A 192.0.2.91",
        "RRSIG A 8 3 3600 20300101000000 20000101000000 9033 example.net. "
        "kRCOH6u7l0QGy9qpC9l1sLncJcOKFLJ7GhiUOibu4teYp5VE9RncriShZNz85mwlMgNEacFYK/lPtPiVYP4bwg==",
        "20100101000000",
    ),
    "RFC 6605 §6.1, P-256": (
        "example.net",
        "DNSKEY 257 3 13 GojIhhXUN/u4v54ZQqGSnyhWJwaubCvTmeexv7bR6edbkrSqQpF64cYbcB7wNcP+e+MAnLr+Wi9xMWyQLc8NAA==",
        "www.example.net. A 192.0.2.1",
        "RRSIG A 13 3 3600 20100909100439 20100812100439 55648 example.net. "
        "qx6wLYqmh+l9oCKTN6qIc+bw6ya+KJ8oMz0YP107epXAyGmt+3SNruPFKG7tZoLBLlUzGGus7ZwmwWep666VCw==",
        "20100901000000",
    ),
    "RFC 6605 §6.2, P-384": (
        "example.net",
        "DNSKEY 257 3 14 xKYaNhWdGOfJ+nPrL8/arkwf2EY3MDJ+SErKivBVSum1w/egsXvSADtNJhyem5RCOpgQ6K8X1DRSEkrbYQ+OB+v8/uX4"
        "5NBwY8rp65F6Glur8I/mlVNgF6W/qTI37m40",
        "www.example.net. A 192.0.2.1",
        "RRSIG A 14 3 3600 20100909102025 20100812102025 10771 example.net. "
        "/L5hDKIvGDyI1fcARX3z65qrmPsVz73QD1Mr5CEqOiLP95hxQouuroGCeZOvzFaxsT8Glr74hbavRKayJNuydCuzWTSSPdz7wnqXL5bdcJzu"
        "sdnI0RSMROxxwGipWcJm",
        "20100901000000",
    ),
    "RFC 8080 §6.1 with erratum 4935, Ed25519": (
        "example.com",
        "DNSKEY 257 3 15 l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=",
        "example.com. MX 10 mail.example.com.",
        "RRSIG MX 15 2 3600 1440021600 1438207200 3613 example.com. "
        "oL9krJun7xfBOIWcGHi7mag5/hdZrKWw15jPGrHpjQeRAvTdszaPD+QLs3fx8A4M3e23mRZ9VrbpMngwcrqNAg==",
        "20150810000000",
    ),
    "RFC 8080 §6.2 with erratum 4935, Ed448": (
        "example.com",
        "DNSKEY 257 3 16 3kgROaDjrh0H2iuixWBrc8g2EpBBLCdGzHmn+G2MpTPhpj/OiBVHHSfPodx1FYYUcJKm1MDpJtIA",
        "example.com. MX 10 mail.example.com.",
        "RRSIG MX 16 2 3600 1440021600 1438207200 9713 example.com. "
        "3cPAHkmlnxcDHMyg7vFC34l0blBhuG1qpwLmjInI8w1CMB29FkEAIJUA0amxWndkmnBZ6SKiwZSAxGILn/NBtOXft0+Gj7FSvOKxE/07+4RQ"
        "vE581N3Aj/JtIyaiYVdnYtyMWbSNyGEY2213WKsJlwEA",
        "20150810000000",
    ),
}
TITLES = [title.replace("§", "") for title in VECTORS]  # plain ASCII: pytest escapes the rest anew with each run


@pytest.mark.parametrize(("zone", "key", "records", "signature", "moment"), VECTORS.values(), ids=TITLES)
def test_example_of_the_rfc(zone, key, records, signature, moment):
    owner, rdtype, rest = records.split(maxsplit=2)
    rrset = dns.rrset.from_text(owner, 3600, "IN", rdtype, rest)
    rrsig, dnskey, now = rdata(signature), rdata(key), epoch(moment)
    assert tried(rrset, [rrsig], [dnskey], zone, now)[-1].passed
    spoiled = rrsig.replace(signature=bytes([rrsig.signature[0] ^ 1]) + rrsig.signature[1:])
    assert tried(rrset, [spoiled], [dnskey], zone, now)[-1].checks[-1].rule == "signature-verifies"


# ---- judged by dnspython --------------------------------------------------------------------------------------

TYPES = {
    "A": ["192.0.2.1", "192.0.2.2"], "AAAA": ["2001:db8::1"], "NS": ["NS1.Example.", "ns2.example."],
    "CNAME": ["WWW.example."], "DNAME": ["Other.example."], "SOA": ["Ns.Example. Admin.example. 1 2 3 4 5"],
    "PTR": ["Host.Example."], "MX": ["10 Mail.example.", "5 mail.example."], "TXT": ['"one" "two"', '"three"'],
    "SRV": ["1 2 443 Web.example."], "NAPTR": ['1 2 "s" "SIP+D2U" "" Sip.Example.'], "RP": ["A.example. B.Example."],
    "AFSDB": ["1 Afs.Example."], "HINFO": ['"CPU" "OS"'], "LOC": ["52 22 23.000 N 4 53 32.000 E -2.00m 0.00m"],
    "SSHFP": ["1 1 aabbccddeeff00112233445566778899aabbccdd"], "TLSA": ["3 1 0 aabb"], "CAA": ['0 issue "ca.example"'],
    "DS": ["1 13 2 " + "ab" * 32], "CDS": ["0 0 0 00"], "DNSKEY": ["256 3 13 " + "A" * 86 + "=="],
    "NSEC": ["Next.Example. A RRSIG NSEC TYPE1234"], "NSEC3": ["1 0 0 - 2T7B4G4VSA5SMI47K61MV5BV1A22BOJR A"],
    "NSEC3PARAM": ["1 0 0 -"], "OPENPGPKEY": ["aabb"], "SVCB": ["1 Svc.example. alpn=h2"],
    "HTTPS": ["0 Alias.Example."], "URI": ['1 1 "https://example/"'], "KX": ["1 Kx.Example."],
    "TYPE65280": [r"\# 3 010203"],
}  # fmt: skip
KEY = make_key("example", "ZSK", seed="test")


@given(
    st.sampled_from(sorted(TYPES)),
    st.sampled_from(["www.example.", "WWW.Example.", "*.example.", "a.b.example.", "example."]),
    st.integers(0, 2**31 - 1),
    st.booleans(),
)
@settings(max_examples=150)
def test_dnspython_agrees(rdtype, owner, ttl, spoil):
    rrset = dns.rrset.from_text_list(owner, ttl, "IN", rdtype, TYPES[rdtype])
    rrsig = sign_rrset(rrset, KEY, inception=NOW - 1, expiration=NOW + 1)
    if spoil:
        rrset = dns.rrset.from_text_list(owner, ttl, "IN", "TXT", ["spoiled"])
        rrsig = rrsig.replace(type_covered=RdataType.TXT)
    ours = tried(rrset, [rrsig], [KEY.dnskey], "example")[-1].passed
    try:
        dns.dnssec.validate_rrsig(rrset, rrsig, {KEY.zone: make_rrset(KEY.zone, 1, KEY.dnskey)}, now=NOW)
        theirs = True
    except dns.dnssec.ValidationFailure:
        theirs = False
    assert (ours, theirs) == (not spoil, not spoil)


def test_signature_from_a_wildcard():
    signed = dns.rrset.from_text("*.example.", 60, "IN", "A", "192.0.2.1")
    rrsig = sign_rrset(signed, KEY, inception=NOW, expiration=NOW)
    expanded = dns.rrset.from_text("any.thing.example.", 60, "IN", "A", "192.0.2.1")
    assert rrsig.labels == 1
    assert tried(expanded, [rrsig], [KEY.dnskey], "example")[-1].passed


# ---- time -----------------------------------------------------------------------------------------------------


def trial(inception, expiration, now) -> Trial:
    rrset = dns.rrset.from_text("www.example.", 60, "IN", "A", "192.0.2.1")
    rrsig = sign_rrset(rrset, KEY, inception=NOW, expiration=NOW)
    return Trial(rrset, rrsig.replace(inception=inception, expiration=expiration), KEY.zone, now, Policy())


def test_times_wrap_in_2106():
    """RFC 4034 §3.1.5, RFC 1982: the expiration may be the smaller number."""
    begins, ends = 2**32 - 100, 100
    for now, early, late in ((2**32 - 101, True, False), (2**32 - 1, False, False), (2**32 + 101, False, True)):
        at = trial(begins, ends, now)
        assert (not not_early(at).passed, not not_expired(at).passed) == (early, late)


SPANS = {
    1: "1 second", 2: "2 seconds", 119: "119 seconds", 120: "2 minutes", 2 * 3600 - 1: "119 minutes",
    2 * 3600: "2 hours", 2 * 86400 - 1: "47 hours", 2 * 86400: "2 days", 9 * 86400: "9 days",
}  # fmt: skip


@pytest.mark.parametrize(("seconds", "span"), SPANS.items())
def test_detail_says_how_late_and_how_early_in_the_biggest_unit_of_which_there_are_two(seconds, span):
    ended = not_expired(trial(NOW - 10 * 86400, NOW, NOW + seconds)).detail.splitlines()
    begins = not_early(trial(NOW, NOW + 10 * 86400, NOW - seconds)).detail.splitlines()
    assert ended[0] == "valid until 24 Nov 2026 12:00:00" and ended[1].endswith(f": {span} late")
    assert begins[0] == "valid from 24 Nov 2026 12:00:00" and begins[1].endswith(f": {span} early")


@pytest.mark.parametrize("count", [0, 1, 4, 5])
def test_a_signature_that_no_key_fits_is_told_beside_the_tags_of_up_to_four_keys(count):
    keys = [make_key("example", "ZSK", seed=str(number)) for number in range(count)]
    rrset = dns.rrset.from_text("www.example.", 60, "IN", "A", "192.0.2.1")
    rrsig = sign_rrset(rrset, KEY, inception=NOW, expiration=NOW)
    listed = ", ".join(str(key.tag) for key in keys[:4]) + (" …" if count > 4 else "")
    (attempt,) = tried(rrset, [rrsig], [key.dnskey for key in keys], "example")
    assert attempt.checks[-1].detail == f"signed with key {KEY.tag}; there is {listed or 'none'}"


# ---- keys -----------------------------------------------------------------------------------------------------


def test_unreadable_key_is_named():
    dnskey = DNSKEY(IN, RdataType.DNSKEY, 256, 3, 13, bytes(64))
    rrset = dns.rrset.from_text("www.example.", 60, "IN", "A", "192.0.2.1")
    tag = dns.dnssec.key_id(dnskey)
    rrsig = sign_rrset(rrset, KEY, inception=NOW, expiration=NOW, key_tag=tag)
    assert tried(rrset, [rrsig], [dnskey], "example")[-1].checks[-1].rule == "key-readable"


def test_switches_of_the_policy():
    policy = Policy()
    assert [number for number in range(256) if policy.takes_algorithm(number)] == [5, 7, 8, 10, 13, 14, 15, 16]
    assert [number for number in range(256) if Policy(sha1=False).takes_algorithm(number)] == [8, 10, 13, 14, 15, 16]
    assert Policy(experimental=True).takes_algorithm(18) and not policy.takes_algorithm(18)
    assert [number for number in range(256) if policy.takes_digest(number)] == [1, 2, 4]
