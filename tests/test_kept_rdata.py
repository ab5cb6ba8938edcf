"""Kept rdata is dnspython's in all that can be seen of it, whether its canonical form was told or worked out."""

import copy
import pickle

import pytest
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.DS import DS

from dnsseclab.protocol.kept_rdata import KeptDS

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
