"""The tour: which attack comes when, and what is said before and after it.

It knows: the beats, as a table. Change the tour here, and nowhere else.
It must not know: widgets, or how an attack ends; `expected` only says which ending the next step takes for granted.
"""

from collections.abc import Mapping
from dataclasses import dataclass

DNSSEC_OFF = {"signed": False, "connected": False, "validating": False}
DNSSEC_ON = {"signed": True, "connected": True, "validating": True}
BLIND = {"attack": "blind-sweep", "spoil_every_reply": False}
ON_THE_PATH = {"attack": "on-path-signature", "spoil_every_reply": True}

SWITCH_ON, SWITCH_OFF = "Switch DNSSEC on", "Switch DNSSEC off"
LAB = "lab"  # where the tour ends


@dataclass(frozen=True)
class Beat:
    """One set-up of the tour: predict, attack, go on."""

    setup: Mapping[str, object]  # the fields of Setup that it needs
    ask: str  # the set-up in words, before the question
    expected: str  # what the browser should open: "bank", "attacker" or "error"
    aside: tuple[str, str]  # before the attack, the other button: its words, and the beat it leads to
    then: str  # after the attack
    onward: tuple[str, str]  # after the attack, the other button


FIRST = "blind"
BEATS = {
    "blind": Beat(
        setup=BLIND | DNSSEC_OFF,
        ask="Attack: guess all 65,536 IDs. DNSSEC: off.",
        expected="attacker",
        aside=(SWITCH_ON, "blind, DNSSEC"),
        then="<b>Next:</b> DNSSEC. The bank signs, its parent vouches for the key, the resolver checks.",
        onward=(SWITCH_ON, "blind, DNSSEC"),
    ),
    "blind, DNSSEC": Beat(
        setup=BLIND | DNSSEC_ON,
        ask="Same attack. DNSSEC: on.",
        expected="bank",
        aside=(SWITCH_OFF, "blind"),
        then="<b>Next:</b> an attacker on the path, who sees every question and spoils every reply.",
        onward=("Put the attacker on the path", "on the path, DNSSEC"),
    ),
    "on the path, DNSSEC": Beat(
        setup=ON_THE_PATH | DNSSEC_ON,
        ask="On the path, every reply spoiled. DNSSEC: on.",
        expected="error",
        aside=(SWITCH_OFF, "on the path"),
        then="<b>That was the tour.</b> In the lab you choose the attack and every defence.",
        onward=("Open the lab", LAB),
    ),
    "on the path": Beat(
        setup=ON_THE_PATH | DNSSEC_OFF,
        ask="On the path, every reply spoiled. DNSSEC: off.",
        expected="attacker",
        aside=(SWITCH_ON, "on the path, DNSSEC"),
        then="<b>Next:</b> the same attacker, with DNSSEC again.",
        onward=(SWITCH_ON, "on the path, DNSSEC"),
    ),
}
