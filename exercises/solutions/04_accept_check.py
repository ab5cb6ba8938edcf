"""A solution of exercise 04 that explains itself."""

import dns.message

HEADER = 12  # bytes


def refusal(query: list, datagram: list, mixed_case: bool) -> str:
    our_address, our_port, server, server_port, asked = query
    source, source_port, destination, destination_port, payload = datagram
    if (source, destination) != (server, our_address):
        return "wrong address"
    if (source_port, destination_port) != (server_port, our_port):
        return "wrong port"
    if payload[:2] != asked[:2]:
        return "wrong ID"
    if len(payload) < HEADER:
        return "malformed"
    if not payload[2] & 0x80 or payload[2] & 0x78:  # QR, opcode
        return "not a reply"
    ours, theirs = question_of(asked), question_of(payload)
    # The last four bytes, type and class, are numbers, of which lower() must not touch any.
    if theirs[-4:] != ours[-4:] or theirs[:-4].lower() != ours[:-4].lower():
        return "wrong question"
    if mixed_case and theirs != ours:
        return "wrong case"
    return ""


def question_of(message: bytes) -> bytes:
    """Return the question section as it stands: name, type, class; nothing if there is not exactly one."""
    if message[4:6] != b"\x00\x01":
        return b""
    at = HEADER
    while at < len(message) and 0 < message[at] < 64:
        at += 1 + message[at]
    return message[HEADER : at + 5]


def in_bailiwick(name: str, zone: str) -> bool:
    below, above = labels(name), labels(zone)
    # Whole labels: the text "evilbank.example" ends with "bank.example" too, and is somebody else's.
    return len(below) >= len(above) and below[len(below) - len(above) :] == above


def labels(name: str) -> list:
    return [label for label in name.lower().split(".") if label]  # the root has none


def verdicts(query: list, zone: str, mixed_case: bool, datagrams: list) -> list:
    words = []
    waiting = True
    for datagram in datagrams:
        if not waiting:
            words.append("too late")
            continue
        reason = refusal(query, datagram, mixed_case)
        waiting = reason != ""  # the first one that fits ends the race, whatever is in it
        words.append(reason or content(datagram[4], zone))
    return words


def content(payload: bytes, zone: str) -> str:
    owners = [rrset.name.to_text() for rrset in dns.message.from_wire(payload).answer]
    return "believed" if any(in_bailiwick(owner, zone) for owner in owners) else "outside the zone"
