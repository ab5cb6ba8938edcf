"""A solution of exercise 11 that explains itself."""


def forgotten(changed: int, ttl: int, propagation: int) -> int:
    return changed + propagation + ttl  # the slowest server gives the old one away until then; from there the TTL runs


def roll_zsk(dnskey_ttl: int, data_ttl: int, propagation: int) -> list:
    return [
        ["publish the new key", forgotten(0, dnskey_ttl, propagation)],  # until every known DNSKEY RRset has it
        ["sign with the new key only", forgotten(0, data_ttl, propagation)],  # until no old signature is remembered
        ["withdraw the old key", 0],
    ]


def roll_ksk(dnskey_ttl: int, ds_ttl: int, propagation: int) -> list:
    # "Double DS": the parent names both keys before the child changes anything. It outwaits the parent's TTL first.
    return [
        ["add the new DS", forgotten(0, ds_ttl, propagation)],
        ["exchange the keys", forgotten(0, dnskey_ttl, propagation)],
        ["remove the old DS", 0],
    ]


def roll_algorithm(dnskey_ttl: int, data_ttl: int, ds_ttl: int, propagation: int) -> list:
    # Who sees an algorithm in the DNSKEY RRset may insist on its signatures: they come before it and go after it.
    return [
        ["sign with both keys", forgotten(0, data_ttl, propagation)],
        ["publish the new key", forgotten(0, dnskey_ttl, propagation)],
        ["exchange the DS", forgotten(0, ds_ttl, propagation)],
        ["withdraw the old key", forgotten(0, dnskey_ttl, propagation)],
        ["sign with the new key only", 0],
    ]


def go_insecure(ds_ttl: int, propagation: int) -> list:
    # As long as anybody remembers a DS, it demands signatures.
    return [["remove the old DS", forgotten(0, ds_ttl, propagation)], ["withdraw all keys and signatures", 0]]
