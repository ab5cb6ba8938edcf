"""A solution of exercise 08 that explains itself."""

import base64
import hashlib


def labels(name: str) -> list:
    """Return the labels from the right, in small letters: lists of these compare in canonical order."""
    return [label for label in reversed(name.lower().split(".")) if label]  # the root has none


def canonical_order(names: list) -> list:
    return sorted(names, key=labels)  # Python compares lists as the RFC wants it: a list that ends first is less


def in_gap(name: list, owner: list, following: list) -> bool:
    if following <= owner:  # the last record leads back to the first name, and its gap over the end
        return name > owner
    return owner < name < following


def nsec_proof(name: str, rdtype: str, records: list) -> list:
    asked = labels(name)
    ring = [(labels(owner), labels(following), types) for owner, following, types in records]
    owners = [owner for owner, _, _ in ring]
    if asked in owners:
        return without_type([owners.index(asked)], rdtype, ring)
    gap = place_of_gap(asked, ring)
    if gap is None:
        return ["nothing", []]
    owner, following, _ = ring[gap]
    if following[: len(asked)] == asked:  # something lies below it, so it exists, and has no types
        return ["NODATA", [gap]]
    # Whatever exists around the name stands at an end of the gap: one of them shows how deep the zone goes here.
    encloser = max(shared(asked, owner), shared(asked, following), key=len)
    wildcard = [*encloser, "*"]
    if wildcard in owners:
        return without_type([gap, owners.index(wildcard)], rdtype, ring)
    other = place_of_gap(wildcard, ring)
    if other is None:  # who forgets this lets an attacker deny all that a wildcard answers for
        return ["nothing", []]
    return ["NXDOMAIN", sorted({gap, other})]


def without_type(places: list, rdtype: str, ring: list) -> list:
    types = ring[places[-1]][2]
    if rdtype in types or "CNAME" in types:
        return ["nothing", []]
    return ["NODATA", sorted(set(places))]  # one record may be the gap and the wildcard


def place_of_gap(name: list, ring: list) -> int | None:
    return next((place for place, record in enumerate(ring) if in_gap(name, *record[:2])), None)


def shared(first: list, second: list) -> list:
    """Return the labels that two names have in common, from the right."""
    count = 0
    while first[count : count + 1] == second[count : count + 1] != []:
        count += 1
    return first[:count]


def nsec3_hash(name: str, salt: bytes, iterations: int) -> str:
    wire = b"".join(bytes([len(label)]) + label.encode() for label in reversed(labels(name))) + b"\0"
    digest = hashlib.sha1(wire + salt).digest()
    for _ in range(iterations):  # additional rounds: there is one hash even with 0
        digest = hashlib.sha1(digest + salt).digest()
    return base64.b32hexencode(digest).decode().lower()


def nsec3_covers(owner: str, following: str, hashed: str) -> bool:
    owner, following, hashed = owner.lower(), following.lower(), hashed.lower()
    if following <= owner:  # over the end of the ring; a single record covers all but itself
        return hashed > owner or hashed < following
    return owner < hashed < following


def closest_encloser(name: str, zone: str, records: list, salt: bytes, iterations: int) -> list:
    owners = [owner for owner, _ in records]
    next_closer = ""
    while nsec3_hash(name, salt, iterations) not in owners:
        if name == zone:
            return []
        next_closer, name = name, name.partition(".")[2]
    # Without a gap for the next closer name this is only *an* encloser: an attacker may leave out the closest one.
    return [name, next_closer] if is_denied(next_closer, records, salt, iterations) else []


def is_denied(name: str, records: list, salt: bytes, iterations: int) -> bool:
    hashed = nsec3_hash(name, salt, iterations)
    return name != "" and any(nsec3_covers(owner, following, hashed) for owner, following in records)
