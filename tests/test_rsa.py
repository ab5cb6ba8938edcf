"""RSA: the RFC's own key gives the RFC's signature, and the shipped keys are sound."""

import base64

import dns.dnssec
import dns.rrset
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from dnsseclab.authority.keys import key_from_private, make_key
from dnsseclab.authority.rsa import SHIPPED, Rsa
from dnsseclab.authority.signing import sign_rrset
from dnsseclab.protocol.dnssec import key_tag, signed_bytes
from dnsseclab.protocol.names import LabError, to_name
from dnsseclab.validator.public_keys import load_public_key, verifies

# RFC 5702 §6. Without the private key of §6.2, which is not needed to verify.
WWW = dns.rrset.from_text("www.example.net.", 3600, "IN", "A", "192.0.2.91")
PRIME_1 = "4c8IvFu1AVXGWeFLLFh5vs7fbdzdC6U82fduE6KkSWk="
PRIME_2 = "2zZpBE8ZXVnL74QjG4zINlDfH+EOEtjJJ3RtaYDugvE="
PUBLIC = {
    8: "256 3 8 AwEAAcFcGsaxxdgiuuGmCkVImy4h99CqT7jwY3pexPGcnUFtR2Fh36BponcwtkZ4cAgtvd4Qs8PkxUdp6p/DlUmObdk=",
    10: "256 3 10 AwEAAdHoNTOW+et86KuJOWRDp1pndvwb6Y83nSVXXyLA3DLroROUkN6X0O6pnWnjJQujX/AyhqFDxj13tOnD9u/1kTg7cV6rklMr"
    "ZDtJCQ5PCl/D7QNPsgVsMu1J2Q8gpMpztNFLpPBz1bWXjDtaR7ZQBlZ3PFY12ZTSncorffcGmhOL",
}
SIGNATURE = {
    8: "A 8 3 3600 20300101000000 20000101000000 9033 example.net. kRCOH6u7l0QGy9qpC9l1sLncJcOKFLJ7GhiUOibu4teYp5VE9Rnc"
    "riShZNz85mwlMgNEacFYK/lPtPiVYP4bwg==",
    10: "A 10 3 3600 20300101000000 20000101000000 3740 example.net. tsb4wnjRUDnB1BUi+t6TMTXThjVnG+eCkWqjvvjhzQL1d0YRoO"
    "e0CbxrVDYd0xDtsuJRaeUw1ep94PzEWzr0iGYgZBWm/zpq+9fOuagYJRfDqfReKBzMweOLDiNa8iP5g9vMhpuv6OPlvpXwm9Sa9ZXIbNl1MBGk0ft"
    "hPgxdDLw=",
}


def number(text: str) -> int:
    return int.from_bytes(base64.b64decode(text), "big")


def pem(key) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def rfc_key() -> bytes:
    p, q, e = number(PRIME_1), number(PRIME_2), 65537
    d = pow(e, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(e, p * q)
    numbers = rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), public)
    return pem(numbers.private_key(unsafe_skip_rsa_key_validation=True))


def test_the_rfcs_private_key_gives_its_public_key_and_its_signature():
    published = dns.rrset.from_text("x.", 3600, "IN", "RRSIG", SIGNATURE[8])[0]
    key = key_from_private("example.net", rfc_key(), "ZSK", 8)
    assert key.dnskey.to_text(chunksize=0) == PUBLIC[8]
    assert sign_rrset(WWW, key, inception=published.inception, expiration=published.expiration) == published


@pytest.mark.parametrize("algorithm", [8, 10])
def test_the_validator_and_dnspython_verify_the_rfcs_signatures(algorithm):
    keys = dns.rrset.from_text("example.net.", 3600, "IN", "DNSKEY", PUBLIC[algorithm])
    rrsig = dns.rrset.from_text("x.", 3600, "IN", "RRSIG", SIGNATURE[algorithm])[0]
    assert key_tag(keys[0]) == rrsig.key_tag
    dns.dnssec.validate_rrsig(WWW, rrsig, {to_name("example.net"): keys}, now=rrsig.inception)
    public = load_public_key(int(keys[0].flags), 3, algorithm, keys[0].key)
    assert verifies(public, rrsig.signature, signed_bytes(WWW, rrsig))
    assert not verifies(public, rrsig.signature, signed_bytes(WWW, rrsig) + b".")


def test_the_shipped_keys_are_sound_and_of_today_s_length():
    keys = [load_pem_private_key(path.read_bytes(), None) for path in SHIPPED.glob("*.pem")]  # validates them
    assert len(keys) >= 4
    assert {key.key_size for key in keys} == {2048}
    assert len({key.private_numbers().p for key in keys}) == len(keys)


def test_keys_made_from_seeds_are_valid_and_all_different():
    keys = [Rsa.from_seed(bytes([n, n // 7, 3 * n % 256]), SHA256()) for n in range(40)]
    for key in keys[:5]:
        load_pem_private_key(pem(key._key), None)  # validates it
    assert len({key.public for key in keys}) == len(keys)


def test_two_zones_never_share_a_key_nor_do_two_roles():
    made = {make_key(zone, role, 8, seed="x").dnskey.key for zone in ("a.example", "b.example", "c.example")
            for role in ("KSK", "ZSK")}  # fmt: skip
    assert len(made) == 6


@pytest.mark.parametrize("text", [b"", b"no PEM", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_what_is_no_rsa_key_is_refused_with_advice(text):
    with pytest.raises(LabError, match="RSA is a text in PEM form"):
        key_from_private("example.net", text, "ZSK", 8)
