"""A solution of exercise 01 that explains itself."""

import struct

HEADER = 12  # bytes

# (byte, mask, name), in the order in which the bits stand.
BITS = (
    (2, 0x80, "QR"), (2, 0x04, "AA"), (2, 0x02, "TC"), (2, 0x01, "RD"),
    (3, 0x80, "RA"), (3, 0x20, "AD"), (3, 0x10, "CD"),
)  # fmt: skip


def message_id(message: bytes) -> int:
    return int.from_bytes(message[:2], "big")  # "network byte order": the high byte first


def header_bits(message: bytes) -> list:
    return [name for byte, mask, name in BITS if message[byte] & mask]


def read_name(message: bytes, at: int) -> list:
    labels = []
    behind = None  # the place behind the name: known when the first pointer, or the end, is met
    earliest = at  # every pointer must lead further to the front, so the walk must end
    while True:
        length = message[at]
        if length >= 0xC0:
            target = (length & 0x3F) * 256 + message[at + 1]
            behind = at + 2 if behind is None else behind
            if target >= earliest:
                raise ValueError(f"the pointer at {at} does not point to an earlier place")
            at = earliest = target
        elif length == 0:
            name = ".".join(labels) or "."
            return [name, at + 1 if behind is None else behind]
        else:
            labels.append(message[at + 1 : at + 1 + length].decode("ascii"))
            at += 1 + length


def question(message: bytes) -> list:
    name, at = read_name(message, HEADER)
    return [name, int.from_bytes(message[at : at + 2], "big")]


def answers(message: bytes) -> list:
    _, at = read_name(message, HEADER)
    at += 4  # the question's type and class
    found = []
    for _ in range(int.from_bytes(message[6:8], "big")):
        owner, at = read_name(message, at)
        rdtype, _, ttl, length = struct.unpack_from("!HHIH", message, at)
        at += 10
        found.append([owner, rdtype, ttl, message[at : at + length]])
        at += length
    return found
