"""The side that lies: blind (off_path), on the path (on_path), and what the blind one's chances are (odds).

It knows: the vocabulary of protocol/; on_path also signs, with keys of its own.
It must not know: resolvers, caches, the network. An off-path attacker is never handed a question.
"""
