"""`inspect_message`: a message as fields and as bytes; look at a field, and its bytes light up.

It knows: how to hand the fields to the page. All the rest happens in the browser (inspector.js), so it goes on
working after the kernel has stopped, and nothing can be out of step when a cell is run twice.
It must not know: where a field begins or what it means; protocol/anatomy.py does.
"""

import traitlets

from ...protocol.anatomy import anatomy, show_anatomy
from ...protocol.names import LabError
from .assets import read
from .worded import WordedWidget


def inspect_message(payload: bytes) -> "Inspector":
    """Show a DNS message field by field beside its bytes; let it be the last line of a cell.

    In words: `print(inspect_message(payload))`.

    Raises:
        LabError: That are no bytes.
    """
    if not isinstance(payload, bytes | bytearray):
        raise LabError(
            f"{type(payload).__name__} is not a message's bytes: pass `datagram.payload`, or `to_bytes(message)`."
        )
    return Inspector(bytes(payload))


class Inspector(WordedWidget):
    """One message, field by field and byte by byte."""

    _esm = read("keyboard.js", "elements.js", "inspector.js")
    _css = read("palette.css", "inspector.css")

    hex = traitlets.Unicode().tag(sync=True)
    # [depth, first byte, number of bytes, name, value] of each field, in order
    fields: traitlets.List = traitlets.List().tag(sync=True)

    def __init__(self, payload: bytes) -> None:
        fields = [
            [depth, field.offset, field.length, field.name, field.value]
            for top in anatomy(payload)
            for depth, field in top.walk()
        ]
        super().__init__(hex=payload.hex(), fields=fields)

    def __repr__(self) -> str:
        return show_anatomy(bytes.fromhex(self.hex))
