"""Exercise 05: an RFC's own signature fits, and each likely slip loses the points that it should."""

import struct
from base64 import b64decode
from typing import Any

import dns.rdata
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

import exercises

NAME = "05_signed_bytes"
SOLUTION = vars(exercises.solution(NAME))
right = SOLUTION["covered_bytes"]


def missed(**functions: Any) -> set[str]:
    return set(exercises.missed(exercises.verdict(NAME, SOLUTION | functions)))


def test_solution_finds_the_example_of_the_rfc_genuine() -> None:
    """RFC 8080 §6.1."""
    rrsig = [15, 15, 2, 3600, 1440021600, 1438207200, 3613, "example.com"]
    signature = b64decode("oL9krJun7xfBOIWcGHi7mag5/hdZrKWw15jPGrHpjQeRAvTdszaPD+QLs3fx8A4M3e23mRZ9VrbpMngwcrqNAg==")
    key = b64decode("l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=")
    mx = dns.rdata.from_text("IN", "MX", "10 mail.example.com.").to_wire()
    assert SOLUTION["is_genuine"]("example.com", 3600, [mx], rrsig, signature, key)
    assert not SOLUTION["is_genuine"]("example.com", 3600, [mx[:1] + b"\x0b" + mx[2:]], rrsig, signature, key)


ALL_BYTES = {"your_bytes", "bytes_of_one_record", "bytes_of_several_records", "bytes_of_names", "bytes_of_wildcards"}


def covered(**how: Any) -> Any:
    """Return a function that writes the bytes down with one step done otherwise."""

    def covered_bytes(owner: str, ttl: int, rdata: list, rrsig: list) -> bytes:
        name, signed = SOLUTION["canonical_name"], SOLUTION["signed_owner"](owner, rrsig[2])
        header = struct.pack("!HBBIIIH", *rrsig[:7]) + how.get("signer", name)(rrsig[7])
        used = ttl if how.get("current_ttl") else rrsig[3]
        start = name(owner if how.get("as_received") else signed) + struct.pack("!HHI", rrsig[0], 1, used)
        values = [how.get("value", SOLUTION["canonical_rdata"])(rrsig[0], each) for each in rdata]
        ordered = how.get("order", lambda values: sorted(set(values)))(values)
        return header + b"".join(start + struct.pack("!H", len(each)) + each for each in ordered)

    return covered_bytes


def test_right_bytes_written_otherwise_are_right() -> None:
    assert missed(covered_bytes=covered()) == set()


@pytest.mark.parametrize(
    "slip, expected",
    [
        ({"current_ttl": True}, ALL_BYTES),
        ({"signer": lambda name: b"".join(bytes([len(x)]) + x.encode() for x in name.split(".")) + b"\0"}, ALL_BYTES),
        ({"as_received": True}, {"bytes_of_wildcards"}),
        ({"order": sorted}, {"bytes_of_several_records"}),  # twice
        ({"value": lambda rdtype, value: value}, {"bytes_of_names"}),
        (
            {"value": lambda rdtype, value: value.lower() if rdtype in (2, 5, 15) else value},
            {"bytes_of_names"},  # the number of an MX
        ),
    ],
)
def test_slip_in_the_bytes_loses_the_points_that_it_should(slip: dict[str, Any], expected: set[str]) -> None:
    assert missed(covered_bytes=covered(**slip)) == expected


def test_texts_in_lower_case_lose_points() -> None:
    slip = covered(value=lambda rdtype, value: value.lower())  # which also harms addresses, now and then
    assert {"bytes_of_names", "bytes_of_one_record"} <= missed(covered_bytes=slip)


def test_records_left_in_the_order_in_which_they_came_lose_a_point() -> None:
    assert "bytes_of_several_records" in missed(covered_bytes=covered(order=lambda values: list(dict.fromkeys(values))))


def test_names_left_with_capitals_lose_a_point() -> None:
    def canonical_name(name: str) -> bytes:
        return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".") if label) + b"\0"

    assert missed(canonical_name=canonical_name) == {"canonical_names"}


def test_asterisk_that_is_counted_loses_its_points() -> None:
    def signed_owner(owner: str, labels: int) -> str:
        present = owner.split(".")
        if labels > len(present):
            raise ValueError
        return owner if labels == len(present) else ".".join(["*", *present[len(present) - labels :]])

    assert missed(signed_owner=signed_owner) == {"owners_with_too_few_labels"}


def test_exceptions_of_the_cryptography_lose_their_points() -> None:
    def is_genuine(*given: Any) -> bool:
        *answer, signature, key = given
        Ed25519PublicKey.from_public_bytes(key).verify(signature, right(*answer))
        return True

    assert missed(is_genuine=is_genuine) == {"signatures", "signatures_that_are_none"}


@pytest.mark.parametrize("constant", [True, False])
def test_verdict_without_a_look_gains_nothing(constant: bool) -> None:
    assert missed(is_genuine=lambda *_: constant) == {"signatures", "signatures_that_are_none"}
