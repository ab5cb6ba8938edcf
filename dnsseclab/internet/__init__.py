"""Where the sides meet: the network between them, ready-made worlds, and attacks played from start to end.

`internet.attack(...)` is the function; what else its module holds: `from dnsseclab.internet.attack import ...`.
"""

from .attack import ATTACKS, Progress, Result, Scene, Setup, attack
from .attacks import AS_IN_2008
from .network import Clock, Network
from .outcomes import forgeries
from .worlds import ATTACKER_SITE, NOW, World, toy_internet

__all__ = [
    "ATTACKER_SITE",
    "ATTACKS",
    "AS_IN_2008",
    "NOW",
    "Clock",
    "Network",
    "Progress",
    "Result",
    "Scene",
    "Setup",
    "World",
    "attack",
    "forgeries",
    "toy_internet",
]
