"""The vocabulary that all parties share: messages, what DNSSEC computes, evidence, trust, stories.

It knows: the words of the field and the shapes of values that parties exchange.
It must not know: any party. It imports nothing of ours, opens no socket and reads no clock.
"""
