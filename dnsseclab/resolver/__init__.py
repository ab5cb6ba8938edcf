"""The side that asks: a recursive resolver that believes what it can prove, and otherwise what it was told first.

Its files in the order of a question's way: `recursive` (what a client gets), `gathering` (what is fetched),
`resolution` (one way down the tree), `servers` (whom to ask), `minimizing` (how much of the name they see),
`accepting` and `cookies` (which datagram to believe), `bailiwick` (which records of it), `replies` and `parent_side`
(what it says), `remembering` and `cache` (what is kept), `gaps` and `aggressive` (what follows from proofs that are
kept), `serving` (the response). `equipment` is what they share.
It must not know: sockets, real time, or who sent a datagram.
"""

from .accepting import Defences
from .recursive import RecursiveResolver

__all__ = ["Defences", "RecursiveResolver"]
