"""Reading keys, and the cryptography; dnspython's own verification is the judge."""

import cryptography.exceptions
import dns.dnssecalgs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnsseclab.authority.keys import make_key
from dnsseclab.validator.public_keys import load_public_key, verifies

DATA = b"what was signed"
KEYS = {algorithm: make_key("bank.example", algorithm=algorithm, seed="public keys") for algorithm in (8, 13, 14, 15)}


@pytest.mark.parametrize("algorithm", [8, 10, 13, 14, 15, 16, 100])
@pytest.mark.parametrize("size", [0, 1, 31, 33, 64, 300])
def test_bytes_that_are_no_key(algorithm, size):
    """Nothing that a zone may publish makes it raise."""
    key = load_public_key(257, 3, algorithm, b"\x01" * size)
    assert key is None or size not in (0, 1)


def by_dnspython(dnskey, signature: bytes, data: bytes) -> bool:
    try:
        dns.dnssecalgs.get_algorithm_cls_from_dnskey(dnskey).public_cls.from_dnskey(dnskey).verify(signature, data)
    except (cryptography.exceptions.InvalidSignature, ValueError):
        return False
    return True


@pytest.mark.parametrize("algorithm", KEYS)
@given(st.data())
def test_damaged_signatures_fail_as_they_do_in_dnspython(algorithm, data):
    """A byte changed, bytes missing, bytes too many: among them numbers that begin with zeros."""
    key = KEYS[algorithm]
    public = load_public_key(int(key.dnskey.flags), 3, algorithm, key.dnskey.key)
    assert public is not None
    whole = key.sign(DATA)
    assert verifies(public, whole, DATA) and not verifies(public, whole, DATA + b"!")
    start, length = data.draw(st.integers(0, len(whole))), data.draw(st.integers(0, 3))
    damaged = whole[:start] + data.draw(st.binary(max_size=3)) + whole[start + length :]
    assert verifies(public, damaged, DATA) == by_dnspython(key.dnskey, damaged, DATA) == (damaged == whole)
