"""The exhibits of the gallery of faults, one file for each kind; faults.py, outside, is the way in.

It knows: how a careless or unlucky zone owner makes each fault, with real keys and real signatures.
It must not know: resolvers. What a validator says of a fault stands beside it only as an expectation.
"""
