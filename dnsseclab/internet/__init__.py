"""Where the sides meet: the network between them, ready-made worlds, and attacks played from start to end.

`internet.attack(...)` is the function; what else its module holds: `from dnsseclab.internet.attack import ...`.
"""

from .attack import ATTACKS, Progress, Result, Scene, Setup, attack
from .network import Clock, Network
from .worlds import NOW, World, toy_internet

__all__ = [
    "ATTACKS",
    "NOW",
    "Clock",
    "Network",
    "Progress",
    "Result",
    "Scene",
    "Setup",
    "World",
    "attack",
    "toy_internet",
]
