"""Keys: the RFCs' own private keys give the RFCs' public keys, tags, DS records and signatures."""

import base64

import dns.dnssec
import dns.rrset
import pytest
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType

from dnsseclab.authority.keys import ALGORITHMS, Key, key_from_private, make_key
from dnsseclab.authority.signing import sign_rrset
from dnsseclab.authority.zones import make_rrset
from dnsseclab.protocol.dnssec import epoch
from dnsseclab.protocol.names import LabError

# RFC 6605 §6 and RFC 8080 §6 (as erratum 4935 has it): zone, algorithm, private key, public key, DS, RRSIG.
VECTORS = {
    "P-256, RFC 6605 §6.1": (
        "example.net", 13, "GU6SnQ/Ou+xC5RumuIUIuJZteXT2z0O/ok1s38Et6mQ=",
        "GojIhhXUN/u4v54ZQqGSnyhWJwaubCvTmeexv7bR6edbkrSqQpF64cYbcB7wNcP+e+MAnLr+Wi9xMWyQLc8NAA==",
        "55648 13 2 b4c8c1fe2e7477127b27115656ad6256f424625bf5c1e2770ce6d6e37df61d17",
        "A 13 3 3600 20100909100439 20100812100439 55648 example.net. "
        "qx6wLYqmh+l9oCKTN6qIc+bw6ya+KJ8oMz0YP107epXAyGmt+3SNruPFKG7tZoLBLlUzGGus7ZwmwWep666VCw==",
    ),
    "P-384, RFC 6605 §6.2": (
        "example.net", 14, "WURgWHCcYIYUPWgeLmiPY2DJJk02vgrmTfitxgqcL4vwW7BOrbawVmVe0d9V94SR",
        "xKYaNhWdGOfJ+nPrL8/arkwf2EY3MDJ+SErKivBVSum1w/egsXvSADtNJhyem5RCOpgQ6K8X1DRSEkrbYQ+OB+v8/uX45NBwY8rp65F6"
        "Glur8I/mlVNgF6W/qTI37m40",
        "10771 14 4 72d7b62976ce06438e9c0bf319013cf801f09ecc84b8d7e9495f27e305c6a9b0563a9b5f4d288405c3008a946df983d6",
        "A 14 3 3600 20100909102025 20100812102025 10771 example.net. "
        "/L5hDKIvGDyI1fcARX3z65qrmPsVz73QD1Mr5CEqOiLP95hxQouuroGCeZOvzFaxsT8Glr74hbavRKayJNuydCuzWTSSPdz7wnqXL5bd"
        "cJzusdnI0RSMROxxwGipWcJm",
    ),
    "Ed25519, RFC 8080 §6.1, first": (
        "example.com", 15, "ODIyNjAzODQ2MjgwODAxMjI2NDUxOTAyMDQxNDIyNjI=",
        "l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=",
        "3613 15 2 3aa5ab37efce57f737fc1627013fee07bdf241bd10f3b1964ab55c78e79a304b",
        "MX 15 2 3600 20150819220000 20150729220000 3613 example.com. "
        "oL9krJun7xfBOIWcGHi7mag5/hdZrKWw15jPGrHpjQeRAvTdszaPD+QLs3fx8A4M3e23mRZ9VrbpMngwcrqNAg==",
    ),
    "Ed25519, RFC 8080 §6.1, second": (
        "example.com", 15, "DSSF3o0s0f+ElWzj9E/Osxw8hLpk55chkmx0LYN5WiY=",
        "zPnZ/QwEe7S8C5SPz2OfS5RR40ATk2/rYnE9xHIEijs=",
        "35217 15 2 401781b934e392de492ec77ae2e15d70f6575a1c0bc59c5275c04ebe80c6614c",
        "MX 15 2 3600 20150819220000 20150729220000 35217 example.com. "
        "zXQ0bkYgQTEFyfLyi9QoiY6D8ZdYo4wyUhVioYZXFdT410QPRITQSqJSnzQoSm5poJ7gD7AQR0O7KuI5k2pcBg==",
    ),
    "Ed448, RFC 8080 §6.2, first": (
        "example.com", 16, "xZ+5Cgm463xugtkY5B0Jx6erFTXp13rYegst0qRtNsOYnaVpMx0Z/c5EiA9x8wWbDDct/U3FhYWA",
        "3kgROaDjrh0H2iuixWBrc8g2EpBBLCdGzHmn+G2MpTPhpj/OiBVHHSfPodx1FYYUcJKm1MDpJtIA",
        "9713 16 2 6ccf18d5bc5d7fc2fceb1d59d17321402f2aa8d368048db93dd811f5cb2b19c7",
        "MX 16 2 3600 20150819220000 20150729220000 9713 example.com. "
        "3cPAHkmlnxcDHMyg7vFC34l0blBhuG1qpwLmjInI8w1CMB29FkEAIJUA0amxWndkmnBZ6SKiwZSAxGILn/NBtOXft0+Gj7FSvOKxE/07"
        "+4RQvE581N3Aj/JtIyaiYVdnYtyMWbSNyGEY2213WKsJlwEA",
    ),
    "Ed448, RFC 8080 §6.2, second": (
        "example.com", 16, "WEykD3ht3MHkU8iH4uVOLz8JLwtRBSqiBoM6fF72+Mrp/u5gjxuB1DV6NnPO2BlZdz4hdSTkOdOA",
        "kkreGWoccSDmUBGAe7+zsbG6ZAFQp+syPmYUurBRQc3tDjeMCJcVMRDmgcNLp5HlHAMy12VoISsA",
        "38353 16 2 645ff078b3568f5852b70cb60e8e696cc77b75bfaaffc118cf79cbda1ba28af4",
        "MX 16 2 3600 20150819220000 20150729220000 38353 example.com. "
        "E1/oLjSGIbmLny/4fcgM1z4oL6aqo+izT3urCyHyvEp4Sp8Syg1eI+lJ57CSnZqjJP41O/9l4m0AsQ4f7qI1gVnML8vWWiyW2KXhT9ku"
        "AICUSxv5OWbf81Rq7Yu60npabODB0QFPb/rkW3kUZmQ0YQUA",
    ),
}  # fmt: skip
SIGNED = {
    "example.net": dns.rrset.from_text("www.example.net.", 3600, "IN", "A", "192.0.2.1"),
    "example.com": dns.rrset.from_text("example.com.", 3600, "IN", "MX", "10 mail.example.com."),
}


@pytest.fixture(params=VECTORS.values(), ids=VECTORS.keys())
def vector(request):
    return request.param


def key_of(vector) -> Key:
    return key_from_private(vector[0], base64.b64decode(vector[2]), "KSK", vector[1])


def test_the_rfcs_private_key_gives_its_public_key_tag_and_ds(vector):
    key = key_of(vector)
    assert key.dnskey.to_text(chunksize=0) == f"257 3 {vector[1]} {vector[3]}"
    tag, algorithm, digest_type, _ = vector[4].split()
    assert (key.tag, key.algorithm) == (int(tag), int(algorithm))
    assert key.ds(int(digest_type)).to_text() == vector[4]


def test_the_rfcs_private_key_gives_its_signature(vector):
    published = dns.rrset.from_text("x.", 3600, "IN", "RRSIG", vector[5])[0]
    rrset = SIGNED[vector[0]]
    made = sign_rrset(rrset, key_of(vector), inception=published.inception, expiration=published.expiration)
    assert made.replace(signature=b"") == published.replace(signature=b"")
    if vector[1] in (15, 16):  # EdDSA always signs the same bytes the same way; the RFC's ECDSA used a random number
        assert made.signature == published.signature


@pytest.fixture(params=ALGORITHMS)
def algorithm(request, skip_for_want_of):
    try:
        make_key("example.net", algorithm=request.param, seed="try")
    except LabError as error:
        skip_for_want_of(str(error))
    return request.param


def test_dnspython_verifies_what_every_algorithm_signs(algorithm):
    key = make_key("example.net", "CSK", algorithm, seed="oracle")
    rrset = SIGNED["example.net"]
    rrsig = sign_rrset(rrset, key, inception=epoch("20261101000000"), expiration=epoch("20261201000000"))
    keys = {key.zone: make_rrset(key.zone, 3600, key.dnskey)}
    dns.dnssec.validate_rrsig(rrset, rrsig, keys, now=epoch("20261115000000"))
    changed = dns.rrset.from_text("www.example.net.", 3600, "IN", "A", "192.0.2.2")
    with pytest.raises(dns.dnssec.ValidationFailure):
        dns.dnssec.validate_rrsig(changed, rrsig, keys, now=epoch("20261115000000"))


def test_the_same_seed_gives_the_same_key_and_the_same_signature(algorithm):
    one, again = (make_key("bank.example", "ZSK", algorithm, seed="mine") for _ in range(2))
    assert one == again
    assert one.sign(b"data") != one.sign(b"other data")
    assert (one.sign(b"data") == again.sign(b"data")) is (algorithm != 18)  # ML-DSA throws dice each time


def test_zone_role_algorithm_and_seed_each_give_another_key():
    keys = {
        make_key(zone, role, algorithm, seed=seed).dnskey.key
        for zone in ("bank.example", "foundry81.com")
        for role in ("KSK", "ZSK", "CSK")
        for algorithm in ("P-256", "Ed25519")
        for seed in ("one", "two")
    }
    assert len(keys) == 24


def test_a_zone_written_in_capitals_has_the_same_keys():
    assert make_key("BANK.example", seed="x").dnskey == make_key("bank.example", seed="x").dnskey


@pytest.mark.parametrize(("role", "flags"), [("KSK", 257), ("ZSK", 256), ("CSK", 257)])
def test_the_role_sets_the_flags(role, flags):
    key = make_key("bank.example", role, seed="x")
    assert (key.dnskey.flags, key.dnskey.protocol) == (flags, 3)
    assert (key.dnskey.rdclass, key.dnskey.rdtype) == (RdataClass.IN, RdataType.DNSKEY)


@pytest.mark.parametrize(("name", "number"), [("P-256", 13), ("p-256", 13), (13, 13), ("Ed25519", 15), (15, 15)])
def test_an_algorithm_has_a_name_and_a_number(name, number):
    assert make_key("bank.example", algorithm=name, seed="x").algorithm == number


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"role": "XSK"}, "'XSK' is not a role.*'KSK', 'ZSK' or 'CSK'"),
        ({"algorithm": "rot13"}, r"'rot13': choose one of .*P-256 \(13\)"),
        ({"algorithm": 1}, "algorithm 1: choose one of"),
        ({"algorithm": None}, "algorithm None: choose one of"),
        ({"zone": "a..b"}, "not a domain name"),
    ],
)
def test_what_makes_no_key_is_refused_with_advice(arguments, complaint):
    with pytest.raises(LabError, match=complaint):
        make_key(**{"zone": "bank.example", "seed": "x"} | arguments)


def test_a_private_key_of_the_wrong_length_is_refused():
    with pytest.raises(LabError, match="P-256 has 32 bytes, not 5"):
        key_from_private("bank.example", b"short")


def test_a_key_prints_as_people_speak_of_it_and_keeps_its_secret():
    key = make_key("bank.example", "KSK", seed="x")
    assert str(key) == f"KSK {key.tag} (P-256) of bank.example"
    assert "private" not in repr(key)
