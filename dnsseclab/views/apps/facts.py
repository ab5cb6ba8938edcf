"""The facts below an outcome: prediction, cache, chain of trust, what the resolver said.

It knows: where in a result each of them stands.
It must not know: verdicts; `ChainOfTrust` and the message to the client have them already.
EDE codes: RFC 8914.
"""

from html import escape

import dns.rcode
from dns.edns import EDEOption
from dns.name import Name

from ...protocol.describing import describe, headline
from ...protocol.messages import flag
from ...protocol.names import show_name
from ...protocol.trust import ChainOfTrust, SecurityStatus, Verb
from .cache_panel import in_cache
from .moment import Moment, Phase
from .prediction import verdict


def facts(moment: Moment) -> list[tuple[str, str]]:
    """Return what else is known about an outcome, as pairs of a name and a value in HTML."""
    if moment.phase is not Phase.DECIDED or moment.result is None:
        return []
    rows = [("In the cache", in_cache(moment)), _trust(moment)]
    if moment.prediction:
        words = verdict(moment.prediction, moment.endings[moment.result.opened])
        rows.insert(0, ("Your prediction", escape(f"{moment.prediction}. {words}")))
    if moment.beat is None:
        rows.append(("The resolver said", escape(_rcode(moment))))
    return rows


def _trust(moment: Moment) -> tuple[str, str]:
    """Return how the chain of trust ended: where it broke, if any chain did."""
    judged = moment.judged
    assert judged is not None
    earlier = " (when it was stored)" * (judged is not moment.result)
    for chain in judged.chains:
        if broken := chain.first_failure:
            source, target = describe(broken.source, chain).name, describe(broken.target, chain).name
            return "Chain broke at", escape(f"{source} → {target}: {headline(broken, chain)}{earlier}")
    if not judged.chains:
        return "Chain of trust", "Not checked" + ": DNSSEC validation is off" * (not moment.setup.validating)
    return "Chain of trust", escape(_unbroken(judged.chains[-1]) + earlier)


def _unbroken(chain: ChainOfTrust) -> str:
    if chain.status is SecurityStatus.SECURE:
        return "Complete, from the root to the address."
    if cut := _unsigned_from(chain):
        parent, zone = cut
        return f"Ends at {show_name(parent)}: no DS for {show_name(zone)} (proved)"
    return f"{chain.status.value.capitalize()}."


def _unsigned_from(chain: ChainOfTrust) -> tuple[Name, Name] | None:
    """Return the parent and the child at which a proof says that nothing below is signed."""
    for link in chain.links:
        if link.verb is Verb.PERMITS_UNSIGNED and link.source.zone is not None:
            return link.source.zone, link.target.zone or link.target.owner
    return None


def _rcode(moment: Moment) -> str:
    """Return what the client got in the field's words: 'SERVFAIL, EDE 9 (DNSKEY Missing)' (RFC 8914)."""
    assert moment.result is not None
    message = moment.result.outcome.message
    words = dns.rcode.to_text(message.rcode()) + ", AD" * flag(message, "AD")
    for option in message.options:
        if isinstance(option, EDEOption):
            words += f", EDE {int(option.code)}" + (f" ({option.text})" if option.text else "")
    return words
