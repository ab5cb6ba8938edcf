"""What both sides compute, against the vectors of the RFCs and against dnspython."""

import random

import dns.dnssec
import dns.name
import dns.rdata
import dns.rrset
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnsseclab.protocol import dnssec
from dnsseclab.protocol.names import LabError, to_name

RFC_4034_KEY = (
    "256 3 5 AQOeiiR0GOMYkDshWoSKz9XzfwJr1AYtsmx3TGkJaNXVbfi/2pHm822aJ5iI9BMzNXxeYCmZDRD99WYwYqUSdjMmmAphXdvxegXd/"
    "M5+X7OrzKBaMbCVdFLUUh6DhweJBjEVv5f2wwjM9XzcnOf+EPbtG9DMBmADjFDc2w/rljwvFw=="
)
RFC_6605_P256 = "257 3 13 GojIhhXUN/u4v54ZQqGSnyhWJwaubCvTmeexv7bR6edbkrSqQpF64cYbcB7wNcP+e+MAnLr+Wi9xMWyQLc8NAA=="
RFC_6605_P384 = (
    "257 3 14 xKYaNhWdGOfJ+nPrL8/arkwf2EY3MDJ+SErKivBVSum1w/egsXvSADtNJhyem5RCOpgQ6K8X1DRSEkrbYQ+OB+v8/uX45NBwY8rp65F6"
    "Glur8I/mlVNgF6W/qTI37m40"
)
RFC_8080_KEYS = {
    3613: "257 3 15 l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=",
    35217: "257 3 15 zPnZ/QwEe7S8C5SPz2OfS5RR40ATk2/rYnE9xHIEijs=",
    9713: "257 3 16 3kgROaDjrh0H2iuixWBrc8g2EpBBLCdGzHmn+G2MpTPhpj/OiBVHHSfPodx1FYYUcJKm1MDpJtIA",
}


def dnskey(text):
    return dns.rdata.from_text("IN", "DNSKEY", text)


@pytest.mark.parametrize(
    "tag, text",
    [(60485, RFC_4034_KEY), (55648, RFC_6605_P256), (10771, RFC_6605_P384), *RFC_8080_KEYS.items()],
)
def test_key_tags_are_those_that_the_rfcs_print(tag, text):
    assert dnssec.key_tag(dnskey(text)) == tag


def test_the_tag_of_algorithm_1_is_taken_from_the_key_itself():
    """RFC 4034 Appendix B.1 with RFC 6840 §5.5: the third- and second-to-last octets."""
    assert dnssec.key_tag(dnskey("256 3 1 AQIDBAUGBwg=")) == 0x0607


def test_revoking_the_root_key_of_2017_changes_its_tag_by_128():
    """FACTS: 20326 becomes 20454 (RFC 5011 §2.1); any key behaves so, but for carries."""
    key = dnskey(RFC_6605_P256)
    revoked = key.replace(flags=key.flags | dnssec.REVOKED)
    assert dnssec.key_tag(revoked) == 55648 + 128


@pytest.mark.parametrize(
    "owner, key, expected",
    [
        ("dskey.example.com", RFC_4034_KEY, "60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118"),
        (
            "dskey.example.com",
            RFC_4034_KEY,
            "60485 5 2 D4B7D520E7BB5F0F67674A0CCEB1E3E0614B93C4F9E99B8383F6A1E4469DA50A",
        ),
        (
            "example.net",
            RFC_6605_P256,
            "55648 13 2 b4c8c1fe2e7477127b27115656ad6256f424625bf5c1e2770ce6d6e37df61d17",
        ),
        (
            "example.net",
            RFC_6605_P384,
            "10771 14 4 72d7b62976ce06438e9c0bf319013cf801f09ecc84b8d7e9495f27e305c6a9b0"
            "563a9b5f4d288405c3008a946df983d6",
        ),
        (
            "EXAMPLE.com",
            RFC_8080_KEYS[3613],
            "3613 15 2 3aa5ab37efce57f737fc1627013fee07bdf241bd10f3b1964ab55c78e79a304b",
        ),
    ],
)
def test_ds_records_are_those_that_the_rfcs_print(owner, key, expected):
    digest_type = int(expected.split()[2])
    assert dnssec.make_ds(to_name(owner), dnskey(key), digest_type) == dns.rdata.from_text("IN", "DS", expected)


def test_an_unknown_digest_type_is_refused_with_the_known_ones():
    with pytest.raises(LabError, match="2 .SHA-256."):
        dnssec.make_ds(to_name("example"), dnskey(RFC_6605_P256), 100)


RFC_5155_HASHES = {
    "example": "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom",
    "a.example": "35mthgpgcu1qg68fab165klnsnk3dpvl",
    "ai.example": "gjeqe526plbf1g8mklp59enfd789njgi",
    "ns1.example": "2t7b4g4vsa5smi47k61mv5bv1a22bojr",
    "*.w.example": "r53bq7cc2uvmubfu5ocmm6pers9tk9en",
    "x.y.w.example": "2vptu5timamqttgl4luu9kg21e0aor3s",
    "xx.example": "t644ebqk9bibcna874givr6joj62mlhv",
    "2t7b4g4vsa5smi47k61mv5bv1a22bojr.example": "kohar7mbb8dc2ce8a9qvl8hon4k53uhi",
}


@pytest.mark.parametrize("name, label", RFC_5155_HASHES.items())
def test_nsec3_hashes_are_those_of_rfc_5155(name, label):
    owner = dnssec.nsec3_owner(to_name(name.upper()), to_name("example"), bytes.fromhex("aabbccdd"), 12)
    assert owner == to_name(f"{label}.example")


def test_signed_bytes_verify_with_the_keys_and_signatures_of_rfc_6605_and_rfc_8080():
    """The one judge that can't be fooled: a signature made by somebody else over bytes that we put together."""
    www = dns.rrset.from_text("www.example.net.", 3600, "IN", "A", "192.0.2.1")
    p256 = (
        "A 13 3 3600 20100909100439 20100812100439 55648 example.net. "
        "qx6wLYqmh+l9oCKTN6qIc+bw6ya+KJ8oMz0YP107epXAyGmt+3SNruPFKG7tZoLBLlUzGGus7ZwmwWep666VCw=="
    )
    mail = dns.rrset.from_text("example.com.", 3600, "IN", "MX", "10 mail.example.com.")
    ed25519 = (
        "MX 15 2 3600 1440021600 1438207200 3613 example.com. "
        "oL9krJun7xfBOIWcGHi7mag5/hdZrKWw15jPGrHpjQeRAvTdszaPD+QLs3fx8A4M3e23mRZ9VrbpMngwcrqNAg=="
    )
    for rrset, key, text in [(www, RFC_6605_P256, p256), (mail, RFC_8080_KEYS[3613], ed25519)]:
        rrsig = dns.rdata.from_text("IN", "RRSIG", text)
        public = dns.dnssec.get_algorithm_cls(rrsig.algorithm).public_cls.from_dnskey(dnskey(key))
        public.verify(rrsig.signature, dnssec.signed_bytes(rrset, rrsig))
        rrset.add(rrset[0].replace(**{"address": "192.0.2.9"} if rrset is www else {"preference": 20}))
        with pytest.raises(Exception, match="^$"):  # cryptography's InvalidSignature has no text
            public.verify(rrsig.signature, dnssec.signed_bytes(rrset, rrsig))


def rrsig_for(rrset, labels):
    return dns.rdata.from_text(
        "IN", "RRSIG", f"{dns.rdatatype.to_text(rrset.rdtype)} 13 {labels} 60 1800000000 1700000000 1 Example. AAAA"
    )


@pytest.mark.parametrize(
    "rdtype, texts",
    [
        ("A", ["192.0.2.2", "192.0.2.1"]),
        ("AAAA", ["2001:db8::2", "2001:db8::1"]),
        ("MX", ["10 MAIL.Example.", "5 a.Example."]),
        ("NS", ["NS2.example.", "ns1.EXAMPLE."]),
        ("SOA", ["NS.Example. Hostmaster.EXAMPLE. 1 2 3 4 5"]),
        ("TXT", ['"Upper Stays"', '"b"']),
        ("SRV", ["0 0 443 WWW.example."]),
        ("NSEC", ["WWW.Example. A RRSIG NSEC"]),
        ("CNAME", ["TARGET.Example."]),
    ],
)
def test_signed_bytes_agree_with_dnspython(rdtype, texts):
    rrset = dns.rrset.from_text("wWw.Sub.Example.", 300, "IN", rdtype, *texts)
    for labels in (3, 2, 1):
        rrsig = rrsig_for(rrset, labels)
        assert dnssec.signed_bytes(rrset, rrsig) == dns.dnssec._make_rrsig_signature_data(rrset, rrsig)


def test_a_wildcard_answer_is_signed_under_the_wildcards_name():
    assert dnssec.signed_owner(to_name("a.b.example"), 1) == to_name("*.example")
    assert dnssec.signed_owner(to_name("*.example"), 1) == to_name("*.example")
    assert dnssec.signed_owner(to_name("a.b.example"), 3) == to_name("a.b.example")


def test_more_labels_than_the_name_has_cannot_be_rebuilt():
    with pytest.raises(LabError, match="counts 4 labels"):
        dnssec.signed_owner(to_name("a.b.example"), 4)


@pytest.mark.parametrize("name, count", [(".", 0), ("example", 1), ("*.example", 1), ("www.example.com", 3)])
def test_labels_are_counted_without_root_and_wildcard(name, count):
    assert dnssec.label_count(to_name(name)) == count


def test_names_sort_in_the_order_of_rfc_4034():
    order = ["example", "a.example", "yljkjljk.a.example", "Z.a.example", "zABC.a.EXAMPLE", "z.example"]
    order += ["\\001.z.example", "*.z.example", "\\200.z.example"]
    names = [to_name(text) for text in order]
    shuffled = random.Random(4034).sample(names, len(names))
    assert sorted(shuffled) == names


NOW = 1_795_521_600


@pytest.mark.parametrize("now", [NOW, 2**32 - 5, 5])
def test_moments_compare_across_the_wrap_of_2106(now):
    later = (now + 10) % 2**32
    assert dnssec.not_later(now, now)
    assert dnssec.not_later(now, later) and not dnssec.not_later(later, now)
    assert dnssec.seconds_until(later, now) == 10 and dnssec.seconds_until(now, later) == -10


@given(st.integers(0, 2**32 - 1), st.integers(-(2**31) + 1, 2**31 - 1))
def test_seconds_until_undoes_any_distance_below_68_years(now, distance):
    assert dnssec.seconds_until((now + distance) % 2**32, now) == distance


def test_moments_are_written_as_rrsigs_write_them():
    assert dnssec.epoch("20261124120000") == NOW
    assert dnssec.show_moment(NOW) == "24 Nov 2026 12:00:00"
    with pytest.raises(LabError, match="YYYYMMDDHHmmSS"):
        dnssec.epoch("tomorrow")
