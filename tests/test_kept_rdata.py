"""Kept rdata is dnspython's in all that can be seen of it, whether its canonical form was told or worked out."""

import copy
import pickle

import dns.name
import dns.rdata
import pytest
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.DS import DS

from dnsseclab.protocol.kept_names import KeptName
from dnsseclab.protocol.kept_rdata import KINDS, KeepsForm, KeptDS, KeptNS, keeping

FIELDS = (RdataClass.IN, RdataType.DS, 12345, 13, 2, b"\x01" * 32)


@pytest.fixture(params=["worked out", "told"])
def kept(request) -> KeptDS:
    rdata = KeptDS(*FIELDS)
    if request.param == "told":
        rdata.keep_form(DS(*FIELDS).to_wire())
    return rdata


def test_it_equals_dnspythons_rdata(kept):
    plain = DS(*FIELDS)
    assert kept == plain and plain == kept and hash(kept) == hash(plain) and {plain: 1}[kept] == 1
    assert (kept.to_digestable(), kept.to_wire(), kept.to_text()) == (
        plain.to_digestable(),
        plain.to_wire(),
        str(plain),
    )
    assert isinstance(kept, DS) and kept.__getstate__() == plain.__getstate__()


def test_a_copy_with_another_field_has_another_form(kept):
    hash(kept)
    changed = kept.replace(key_tag=54321)
    assert changed != kept and changed == DS(*FIELDS).replace(key_tag=54321)


def test_it_can_be_copied_and_pickled(kept):
    assert pickle.loads(pickle.dumps(kept)) == copy.deepcopy(kept) == copy.copy(kept) == kept


def test_it_cannot_be_changed(kept):
    with pytest.raises(TypeError):
        kept.key_tag = 1


TEXTS = {
    "A": "192.0.2.1",
    "DNSKEY": "257 3 13 mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+KkxLbxILfDLUT0rAK9iUzy1L53eKGQ==",
    "DS": "12345 13 2 " + "01" * 32,
    "NS": "Ns1.Bank.example.",
    "NSEC": "Www.bank.example. A RRSIG NSEC",
    "NSEC3": "1 0 0 - 0p9mhaveqvm6t7vbl5lop2u3t2rp3tom A RRSIG",
    "RRSIG": "A 13 2 3600 20261201000000 20261101000000 12345 Bank.example. AAAA",
    "SOA": "Ns1.bank.example. Hostmaster.bank.example. 1 7200 1800 1209600 900",
}


@pytest.mark.parametrize("rdtype", TEXTS)
def test_any_rdata_can_be_kept(rdtype):
    plain = dns.rdata.from_text("IN", rdtype, TEXTS[rdtype])
    kept = keeping(plain)
    assert isinstance(kept, KeepsForm | KeptNS) and isinstance(kept, type(plain)) and keeping(kept) is kept
    assert kept == plain and plain == kept and hash(kept) == hash(plain)
    assert (kept.to_text(), kept.to_wire(), kept.to_digestable()) == (
        plain.to_text(), plain.to_wire(), plain.to_digestable(),
    )  # fmt: skip
    assert kept.__getstate__() == plain.__getstate__()
    names = [value for value in kept.__getstate__().values() if isinstance(value, dns.name.Name)]
    assert all(isinstance(name, KeptName) for name in names)


def test_every_kind_is_among_those_tried():
    assert {kind.__name__ for kind in KINDS} == set(TEXTS)


@pytest.mark.parametrize("text", ["www", "www.bank.example."])
def test_seldom_types_and_relative_names_stay_as_they_are(text):
    rdata = dns.rdata.from_text("IN", "NS" if text == "www" else "PTR", text)
    assert keeping(rdata) is rdata
