"""Rdata made without checks is the same as what dnspython's constructor makes of the same fields."""

import pytest
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.DS import DS
from dns.rdtypes.IN.A import A

from dnsseclab.protocol.made_rdata import make_rdata

FIELDS = {"key_tag": 12345, "algorithm": 13, "digest_type": 2, "digest": b"\x01" * 32}


def test_it_is_what_the_constructor_makes():
    made, checked = make_rdata(DS, RdataType.DS, **FIELDS), DS(RdataClass.IN, RdataType.DS, **FIELDS)
    assert made == checked and hash(made) == hash(checked)
    assert made.to_text() == checked.to_text()
    assert made.__getstate__() == checked.__getstate__()


def test_it_cannot_be_changed():
    with pytest.raises(TypeError):
        make_rdata(A, RdataType.A, address="192.0.2.1").address = "203.0.113.66"
