"""`explore_chain`: ask for a name in a world of your choice, and see its chain of trust.

It knows: some states that a zone may be in, as worlds.
It must not know: what follows from them; a resolver finds out.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ...authority.keys import make_key
from ...internet.worlds import DAY, World, toy_internet
from ...protocol.messages import question
from ...protocol.names import LabError
from .chain_view import look_up, view_of
from .panel import Panel, View, choice, field

TYPES = ("A", "AAAA", "MX", "TXT", "NS", "SOA", "CNAME", "DNSKEY", "DS")
OTHERS = ("com", "example", "foundry81.com")
WORLDS: Mapping[str, Callable[[], World]] = {
    "all is well": toy_internet,
    "bank.example is signed, but not connected": lambda: toy_internet(connected=OTHERS),
    "bank.example is connected, but not signed": lambda: toy_internet(
        signed=(".", *OTHERS), connected=(*OTHERS, "bank.example")
    ),
    "the DS of another key for bank.example": lambda: toy_internet().with_ds(
        make_key("bank.example", "KSK", seed="another")
    ),
    "eight days later, nobody signed again": lambda: replace(toy_internet(), now=toy_internet().now + 8 * DAY),
    "names are hashed (NSEC3)": lambda: toy_internet(denial="NSEC3"),
    "nothing is signed anywhere": lambda: toy_internet(signed=False),
}


def explore_chain(
    worlds: World | Mapping[str, World] | None = None, name: str = "www.bank.example", type: str = "A"
) -> Panel:
    """Open the explorer; let it be the last line of a cell. Choose a box of the graph to see what was checked there.

    In words: `print(explore_chain())`, and `.set(world="...", name="harbor.example", type="DS")`.

    Args:
        worlds: One world, or several by their names; None: the toy Internet in several states.
        name, type: What to ask for first.
    Raises:
        LabError: There is no world in it, or no such type to choose.
    """
    made: Mapping[str, Callable[[], World]] = WORLDS
    if isinstance(worlds, World):
        made = {worlds.name: lambda: worlds}
    elif worlds is not None:
        made = {label: (lambda world=world: world) for label, world in worlds.items()}  # type: ignore[misc]
    if not made:
        raise LabError("There is no world to explore: pass one, or several as {'their name': world}.")

    def show(values: Mapping[str, Any]) -> View:
        world, asked = made[values["world"]](), question(values["name"], values["type"])
        return view_of(look_up(world, asked), asked, world.now, values["item"], [])

    controls = [
        choice("world", "World", tuple(made)),
        field("name", "Ask for the name", name),
        choice("type", "Type", TYPES),
    ]
    return Panel("Chain explorer", controls, show, item="").set(type=type)
