"""`keytrap_meter`: turn the attacker's knobs, and see the work that one question costs, with limits and without.

It knows: the knobs, and how to draw counted work as bars.
It must not know: how the work is counted, or where it ends; internet/costs.py asks a resolver, which counts.
"""

from collections.abc import Mapping
from html import escape
from typing import Any

import dns.rcode

from ...internet.costs import Cost, cost_of
from .panel import Panel, View, slider

# So far that the resolver without limits still answers within a second or two.
KNOBS = (
    slider("keys", "Keys with one tag", (0, 40), 0),
    slider("signatures", "Signatures that name that tag", (0, 40), 0),
    slider("ds", "DS records with that tag", (0, 40), 0),
    slider("iterations", "NSEC3 rounds beside the first", (0, 500), 0),
    slider("labels", "Labels of a name that is not there", (0, 20), 0),
)


def keytrap_meter(**knobs: int) -> Panel:
    """Open the meter; let it be the last line of a cell.

    In words: `print(keytrap_meter(keys=20, signatures=20))`; each knob means what it means to `cost_of`.

    Raises:
        LabError: There is no such knob, or it does not go so far.
    """
    return Panel("KeyTrap meter: what one question costs the resolver", KNOBS, show).set(**knobs)


def show(values: Mapping[str, Any]) -> View:
    """Return the work of both resolvers, kind by kind."""
    limited, unlimited = cost_of(**values, limits=True), cost_of(**values, limits=False)
    verdicts = [f"With limits: {_verdict(limited)}", f"Without limits: {_verdict(unlimited)}"]
    kinds = dict.fromkeys([*unlimited.work, *limited.work])
    rows = [(kind, limited.work.get(kind, 0), unlimited.work.get(kind, 0)) for kind in kinds]
    text = [*verdicts, *(f"  {kind:24} {one:7,} with limits, {other:7,} without" for kind, one, other in rows)]
    bars = "".join(_bars(kind, one, other) for kind, one, other in rows)
    said = "".join(f"<p>{escape(verdict)}</p>" for verdict in verdicts)
    return View(f'{said}<div class="dl-bars">{bars}</div>', "\n".join(text), " ".join(verdicts))


def _verdict(cost: Cost) -> str:
    error = "" if cost.ede is None else f", EDE {cost.ede}"
    rule = f" ({cost.rule}{error})" if cost.rule else ""
    return f"{cost.status.value}{rule}; the client gets {dns.rcode.to_text(cost.rcode)}."


def _bars(kind: str, limited: int, unlimited: int) -> str:
    """Return two bars, the longer one as long as there is room; each kind of work has a scale of its own."""
    most = max(limited, unlimited, 1)
    lines = "".join(
        f'<div class="dl-bar-row"><span>{name}</span><span class="dl-bar-room">'
        f'<span class="dl-bar dl-bar-{style}" style="width: {100 * value / most:.1f}%"></span></span>'
        f"<b>{value:,}</b></div>"
        for name, style, value in (("with limits", "full", limited), ("without", "open", unlimited))
    )
    return f"<h4>{escape(kind)}</h4>{lines}"
