"""The switches of a set-up by name: those of Setup, and those of its Defences as if they were Setup's own.

It knows: which names there are.
It must not know: what they do, or how they look.
"""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from ...internet.attack import Setup
from ...protocol.names import LabError
from ...resolver.recursive import Defences

DEFENCES = tuple(field.name for field in fields(Defences))
FIELDS = tuple(field.name for field in fields(Setup))


def changed(setup: Setup, changes: Mapping[str, Any]) -> Setup:
    """Return a set-up with some switches changed.

    Raises:
        LabError: There is no such switch, or the combination cannot be.
    """
    for name in changes:
        if name not in FIELDS + DEFENCES:
            raise LabError(f"The theatre has no switch {name!r}; it has {', '.join(FIELDS + DEFENCES)}.")
    others = {name: value for name, value in changes.items() if name in FIELDS}
    defences = {name: value for name, value in changes.items() if name in DEFENCES}
    if defences:
        others["defences"] = replace(others.get("defences", setup.defences), **defences)
    return replace(setup, **others)


def value(setup: Setup, name: str) -> Any:
    """Return how a switch stands."""
    return getattr(setup.defences if name in DEFENCES else setup, name)
