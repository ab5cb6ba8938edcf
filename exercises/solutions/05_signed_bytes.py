"""A solution of exercise 05 that explains itself."""

import struct

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

NS, CNAME, MX = 2, 5, 15
CLASS_IN = 1


def canonical_name(name: str) -> bytes:
    labels = labels_of(name.lower())
    return b"".join(bytes([len(label)]) + label.encode() for label in labels) + b"\0"


def labels_of(name: str) -> list:
    return [label for label in name.split(".") if label]  # the root has none


def signed_owner(owner: str, labels: int) -> str:
    present = labels_of(owner)
    counted = len(present) - (present[:1] == ["*"])
    if labels > counted:
        raise ValueError(f"the RRSIG counts {labels} labels, the owner has {counted}")
    if labels == counted:
        return owner
    # The server made this name from a wildcard, and nobody has signed what it made.
    return ".".join(["*", *present[len(present) - labels :]])


def covered_bytes(owner: str, ttl: int, rdata: list, rrsig: list) -> bytes:
    rdtype, _, labels, original_ttl, *_, signer = rrsig
    header = struct.pack("!HBBIIIH", *rrsig[:7]) + canonical_name(signer)
    # `ttl` is of no use: caches count it down, and a signature must not expire with every second.
    start = canonical_name(signed_owner(owner, labels)) + struct.pack("!HHI", rdtype, CLASS_IN, original_ttl)
    values = sorted({canonical_rdata(rdtype, value) for value in rdata})  # a set: what came twice counts once
    return header + b"".join(start + struct.pack("!H", len(value)) + value for value in values)


def canonical_rdata(rdtype: int, rdata: bytes) -> bytes:
    # Lengths of labels are at most 63, and 'A' is 65: lower() changes only letters of a name.
    if rdtype in (NS, CNAME):
        return rdata.lower()
    if rdtype == MX:
        return rdata[:2] + rdata[2:].lower()  # the preference is a number
    return rdata


def is_genuine(owner: str, ttl: int, rdata: list, rrsig: list, signature: bytes, public_key: bytes) -> bool:
    try:
        data = covered_bytes(owner, ttl, rdata, rrsig)
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, data)
    except (InvalidSignature, ValueError):  # ValueError: a key of another length, or too many labels
        return False
    return True
