"""The validator: evidence in, chain of trust out. Start with chain.py; `validate` is the door.

It knows: RFC 4035 §5 and what came after it.
It must not know: sockets, servers, caches, signers. It imports only the vocabulary.
"""

from .anchors import read_trust_anchors
from .chain import Validator, validate
from .limits import Limits
from .policy import Policy

__all__ = ["Limits", "Policy", "Validator", "read_trust_anchors", "validate"]
