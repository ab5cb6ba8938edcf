"""Kept names are dnspython's names in all that can be seen of them, whichever kind stands on the other side."""

import copy
import pickle
from io import BytesIO

import dns.name
import pytest
from dns.name import Name
from hypothesis import given
from hypothesis import strategies as st

from dnsseclab.protocol.kept_names import name_of

LABELS = st.lists(st.sampled_from([b"a", b"A", b"b", b"*", b"\x00", b"xn--1", b"a" * 63]), max_size=3)
ABSOLUTE = LABELS.map(lambda labels: (*labels, b""))


@given(ABSOLUTE)
def test_the_same_labels_give_the_same_object(labels):
    assert name_of(labels) is name_of(tuple(labels))
    assert name_of(labels).labels == labels


@given(ABSOLUTE, ABSOLUTE)
def test_kept_and_plain_names_compare_alike(one, other):
    plain, plain_other = Name(one), Name(other)
    for left in (plain, name_of(one)):
        for right in (plain_other, name_of(other)):
            assert (left == right, left != right) == (plain == plain_other, plain != plain_other)
            assert (left < right, left.fullcompare(right)) == (plain < plain_other, plain.fullcompare(plain_other))
            assert left.is_subdomain(right) == plain.is_subdomain(plain_other)
            assert left.is_superdomain(right) == plain.is_superdomain(plain_other)


@given(ABSOLUTE, LABELS.map(tuple))
def test_no_kept_name_lies_below_a_relative_one(one, relative):
    kept, other = name_of(one), Name(relative)
    assert kept != other and not kept.is_subdomain(other)


@given(ABSOLUTE)
def test_what_is_kept_is_what_dnspython_works_out(labels):
    kept, plain = name_of(labels), Name(labels)
    assert hash(kept) == hash(plain) and {plain: 1}[kept] == 1
    assert kept.to_digestable() == plain.to_digestable()
    for canonicalize in (False, True):
        assert kept.to_wire(canonicalize=canonicalize) == plain.to_wire(canonicalize=canonicalize)
    assert (kept.to_text(), repr(kept), len(kept)) == (plain.to_text(), repr(plain), len(plain))


@given(st.lists(ABSOLUTE, max_size=6), st.sampled_from([0, 12, 0x3FF0]))
def test_names_in_a_message_are_abbreviated_as_dnspython_does_it(names, begin):
    """Near 0x3FFF the last places to which a pointer can point are reached."""
    written = []
    for make in (Name, name_of):
        file, places = BytesIO(bytes(begin)), {}
        file.seek(begin)
        for labels in names:
            assert make(labels).to_wire(file, places) is None
        written.append((file.getvalue(), places))
    assert written[0] == written[1]


def test_a_copy_is_the_same_name_and_stays_kept():
    kept = name_of((b"www", b"bank", b"example", b""))
    assert pickle.loads(pickle.dumps(kept)) is kept
    assert copy.copy(kept) == copy.deepcopy(kept) == kept


def test_it_cannot_be_changed():
    with pytest.raises(TypeError):
        name_of((b"bank", b"")).labels = (b"attacker", b"")


def test_too_long_a_name_is_refused_as_ever():
    with pytest.raises(dns.name.NameTooLong):
        name_of((b"a" * 63,) * 5 + (b"",))
