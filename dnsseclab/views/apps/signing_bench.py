"""`sign_and_connect`: make keys, sign a zone, upload its DS, in any order, and see the chain of trust grow.

It knows: what an owner can do, step by step, and what has been done so far.
It must not know: what a step is worth; a resolver looks the zone up anew after each.
"""

from collections.abc import Callable, Mapping
from typing import Any

from dns import rdatatype
from dns.name import Name, root

from ...authority.keys import Key, make_key
from ...authority.signing import unsign_zone
from ...authority.zones import make_rrset
from ...internet.worlds import UNSIGNED, ZONE_NAMES, World, is_signed, toy_internet
from ...protocol.messages import Question
from ...protocol.names import LabError, show_name, to_name
from .chain_view import look_up, view_of
from .panel import Panel, View, button

BUTTONS = {
    "keys": "Make keys",
    "sign": "Sign the zone",
    "child": "Put the DS into the zone itself",
    "upload": "Upload the DS to the parent",
    "reset": "Start over",
}


def sign_and_connect(zone: str = "bank.example", *, algorithm: str = "P-256", seed: str = "mine") -> Panel:
    """Open the bench with a zone that nobody has signed; let it be the last line of a cell.

    In words: `bench = sign_and_connect()`, then `print(bench.press("keys"))`, "sign", "child", "upload", "reset".

    Args:
        zone: One of the toy Internet's; every other zone that can be is signed and connected.
        algorithm, seed: Of the keys, as make_key takes them.
    Raises:
        LabError: There is no such zone, or it is the root, which has no parent.
    """
    origin = to_name(zone)
    if origin == root:
        raise LabError("The root has no parent to upload a DS to: choose a zone below it, for example 'bank.example'.")
    toy_internet().zone(origin)
    return Bench(origin, lambda role: make_key(origin, role, algorithm, seed=seed)).panel


class Bench:
    """A zone, its keys, and what has been done with them."""

    def __init__(self, zone: Name, make: Callable[[str], Key]) -> None:
        self._zone, self._make = zone, make
        self._start_over()
        controls = [button(name, label) for name, label in BUTTONS.items()]
        self.panel = Panel(f"Sign and connect {show_name(zone)}", controls, self._show, self._press, item="")

    def _start_over(self) -> None:
        others = [name for name in ZONE_NAMES if name not in (self._zone, UNSIGNED)]
        self._world: World = toy_internet(signed=others, connected=[name for name in others if name != root])
        self._keys: tuple[Key, ...] = ()
        self._done: list[str] = []

    def _press(self, name: str) -> None:
        if name == "reset":
            self._start_over()
            return
        if name != "keys" and not self._keys:
            raise LabError("There are no keys yet: make keys first.")
        acts = {"keys": self._make_keys, "sign": self._sign, "child": self._ds_into_child, "upload": self._upload}
        self._done.append(acts[name]())

    # --- what an owner can do; each returns what was done, in words

    def _make_keys(self) -> str:
        self._keys = (self._make("KSK"), self._make("ZSK"))
        return f"Keys made: {' and '.join(map(str, self._keys))}. Nobody else knows of them yet."

    def _sign(self) -> str:
        bare = self._world.with_zone(unsign_zone(self._world.zone(self._zone)), *self._keys)
        self._world = bare.with_zone(bare.sign(bare.zone(self._zone)))
        rrsets = sum(rrset.rdtype == rdatatype.RRSIG for rrset in self._world.zone(self._zone).rrsets())
        return f"The zone is signed: it publishes its keys, and {rrsets} RRsets have a signature."

    def _ds_into_child(self) -> str:
        zone = self._world.zone(self._zone)
        changed = zone.with_rrsets(make_rrset(self._zone, zone.soa.ttl, self._keys[0].ds()))
        self._world = self._world.with_zone(self._world.sign(changed) if is_signed(zone) else changed)
        return f"A DS for {show_name(self._zone)} stands in {show_name(self._zone)} itself."

    def _upload(self) -> str:
        self._world = self._world.with_ds(self._keys[0])
        parent = self._world.zone_of(self._zone, rdatatype.DS).origin
        return f"The DS of key {self._keys[0].tag} stands in {show_name(parent)}, which has signed it."

    def _show(self, values: Mapping[str, Any]) -> View:
        asked = self._question()
        notes = [f"{number}. {step}" for number, step in enumerate(self._done, 1)]
        return view_of(look_up(self._world, asked), asked, self._world.now, values["item"], notes)

    def _question(self) -> Question:
        www = to_name(f"www.{self._zone}")
        return Question(www, rdatatype.A) if self._world.truth(www, "A") else Question(self._zone, rdatatype.SOA)
