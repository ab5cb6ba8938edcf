"""dnsseclab: forge DNS, sign it, and watch the forgery being rejected.

    protocol    the words that all parties share
    authority   the zone owner's side: zones, keys, signatures, the authoritative server
    resolver    the side that asks
    validator   evidence in, chain of trust out
    attacker    the side that lies
    internet    where the sides meet: the toy Internet and its network
    views       pictures of the values above, and the widgets

Importing this module loads nothing else: it works before anything is installed, and on an old Python.
"""

__version__ = "0.1.0"
