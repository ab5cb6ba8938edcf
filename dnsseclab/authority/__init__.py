"""The zone owner's side: zones, keys, signatures, proofs of absence, and the server that hands them out.

It knows: the records of its zones and its private keys.
It must not know: who asks, what a resolver believes, how a validator judges. It imports only the vocabulary.
"""

from .keys import Key, make_key
from .nsec3 import Nsec3
from .server import answer
from .signing import sign_rrset, sign_zone
from .zones import Zone, make_rrset

__all__ = ["Key", "Nsec3", "Zone", "answer", "make_key", "make_rrset", "sign_rrset", "sign_zone"]
