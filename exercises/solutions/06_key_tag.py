"""A solution of exercise 06 that explains itself."""

import hashlib


def key_tag(rdata: bytes) -> int:
    if len(rdata) % 2:
        rdata += b"\0"  # a last byte without a partner is the high half of a word
    total = 0
    for at in range(0, len(rdata), 2):
        total += rdata[at] * 256 + rdata[at + 1]
    # The carry is added back once. (A "proper" ones'-complement sum would do it until nothing is left. The RFC's
    # reference code does it once, so everybody does: Appendix B of RFC 4034 is the definition.)
    total += total >> 16
    return total & 0xFFFF


def ds_digest(owner: str, rdata: bytes) -> bytes:
    return hashlib.sha256(name_on_the_wire(owner) + rdata).digest()


def name_on_the_wire(name: str) -> bytes:
    """Canonical form (RFC 4034 §6.2): lower case, each label behind its length, a zero byte at the end."""
    labels = [label for label in name.lower().split(".") if label]  # the root has none, nor does a final dot make one
    return b"".join(bytes([len(label)]) + label.encode() for label in labels) + b"\0"


def named_keys(owner: str, keys: list, ds: list) -> list:
    tag, algorithm, digest_type, digest = ds
    found = []
    for place, rdata in enumerate(keys):
        # The cheap comparisons come first. They rule keys out; only the digest can say "this one".
        if rdata[3] != algorithm or key_tag(rdata) != tag:
            continue
        if digest_type == 2 and ds_digest(owner, rdata) == digest:
            found.append(place)
    return found
