"""views/apps/inspector.py: what the page gets is what the anatomy says."""

import pytest

from dnsseclab.protocol.anatomy import anatomy, show_anatomy
from dnsseclab.protocol.messages import make_query, to_bytes
from dnsseclab.protocol.names import LabError
from dnsseclab.views.apps import inspect_message

PAYLOAD = to_bytes(make_query("www.bank.example", "A", id=4660))


def test_page_gets_every_byte_and_every_field_in_order() -> None:
    inspector = inspect_message(PAYLOAD)
    assert bytes.fromhex(inspector.hex) == PAYLOAD
    walk = [(depth, field) for top in anatomy(PAYLOAD) for depth, field in top.walk()]
    assert inspector.fields == [[depth, f.offset, f.length, f.name, f.value] for depth, f in walk]


def test_words_are_the_anatomy() -> None:
    bundle, _ = inspect_message(PAYLOAD)._repr_mimebundle_()
    assert repr(inspect_message(PAYLOAD)) == bundle["text/plain"] == show_anatomy(PAYLOAD)
    assert "4660 (0x1234)" in bundle["text/html"]
    assert "application/vnd.jupyter.widget-view+json" in bundle


@pytest.mark.parametrize("payload", [b"", b"\x00", b"not a message", PAYLOAD[:20], bytearray(PAYLOAD)])
def test_broken_bytes_are_shown_all_the_same(payload: bytes) -> None:
    assert bytes.fromhex(inspect_message(payload).hex) == payload


@pytest.mark.parametrize("payload", ["0a0b", make_query("bank.example", "A", id=1), None])
def test_who_passes_something_else_is_told_what_to_pass(payload: object) -> None:
    with pytest.raises(LabError, match=r"is not a message's bytes: pass `datagram.payload`, or `to_bytes\(message\)`"):
        inspect_message(payload)
