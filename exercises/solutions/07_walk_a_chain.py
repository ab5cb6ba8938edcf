"""A solution of exercise 07 that explains itself."""

ALGORITHMS = [8, 13, 15]
SHA_256 = 2
ZONE_KEY = 256


def links(zones: list, owner: str) -> list:
    found = [["DNSKEY .", "."]]  # the root has no parent, and so no DS: the trust anchor stands in its place
    for parent, zone in zip(zones, zones[1:], strict=False):
        found.append([f"DS {zone}", parent])  # the parent's record, about its child
        found.append([f"DNSKEY {zone}", zone])  # signed by itself, which proves nothing without the DS
    return [*found, [f"A {owner}", zones[-1]]]


def holds(rrsig: list, keys: list, zone: str, now: int) -> bool:
    tag, algorithm, signer, inception, expiration, made_by = rrsig
    if signer != zone or not inception <= now <= expiration:  # both ends belong to its life
        return False
    # The tag finds candidates quickly, and two keys may share one. What decides is the key with which it verifies.
    return any(key[:2] == [tag, algorithm] and key[2] & ZONE_KEY and key[3] == made_by for key in keys)


def entry_keys(ds_set: list, keys: list) -> list:
    # A DS says "this key" by three things at once. Two of three are an attacker's key.
    return [
        place
        for place, (tag, algorithm, flags, digest) in enumerate(keys)
        if flags & ZONE_KEY and [tag, algorithm, SHA_256, digest] in ds_set
    ]


def walk(zones: list, answer: list, now: int) -> list:
    parent, trusted = None, []  # the zone above, and the keys of it that are proven
    for zone, ds_set, ds_rrsigs, keys, key_rrsigs in zones:
        # 1. What vouches for this zone? The root's "DS" was configured by hand; every other one must be signed.
        if ds_set is None:
            return ["indeterminate", f"DS {zone}"]
        if parent is not None and not any(holds(rrsig, trusted, parent, now) for rrsig in ds_rrsigs):
            return ["bogus", f"DS {zone}"]  # also if there is no DS: "there is none" has to be proven
        # 2. Is there anything that we can follow? If not, the parent has proven that nothing can be demanded here.
        usable = [ds for ds in ds_set if ds[1] in ALGORITHMS and ds[2] == SHA_256]
        if not usable:
            return ["insecure", f"DS {zone}"]
        # 3. Its keys: the one that the DS names has signed them all.
        if keys is None:
            return ["indeterminate", f"DNSKEY {zone}"]
        entries = [keys[place] for place in entry_keys(usable, keys)]
        if not any(holds(rrsig, entries, zone, now) for rrsig in key_rrsigs):
            return ["bogus", f"DNSKEY {zone}"]
        parent, trusted = zone, keys
    owner, rdtype, rrsigs = answer
    if not any(holds(rrsig, trusted, parent, now) for rrsig in rrsigs):
        return ["bogus", f"{rdtype} {owner}"]
    return ["secure", ""]
