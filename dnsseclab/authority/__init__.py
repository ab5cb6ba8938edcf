"""The zone owner's side: zones, keys, signatures, proofs of absence, and the server that hands them out.

It knows: the records of its zones and its private keys.
It must not know: who asks, what a resolver believes, how a validator judges. It imports only the vocabulary.
"""
