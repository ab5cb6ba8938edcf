"""What stands behind one box of the chain: what was checked, the record itself, its signature, what to do.

It knows: how to lay out what the chain holds about an item, as HTML and as text.
It must not know: how to judge. Every check shown here was made, and kept, by the validator.
"""

import html
from collections.abc import Iterator, Set
from typing import NamedTuple

from dns.rdtypes.ANY.RRSIG import RRSIG

from ..protocol.describing import STATUS_WORDS, describe, plain, rule_words, sentence, shorten
from ..protocol.dnssec import algorithm_name, seconds_until, show_moment
from ..protocol.explaining import error_code_text
from ..protocol.names import show_name, show_type
from ..protocol.trust import ChainOfTrust, Check, Item, Link, LinkStatus
from .palette import PANELS_CSS

MOST_RECORDS = 4
LONGEST_RECORD = 300  # letters
SIGNS = {LinkStatus.PASSED: "✔", LinkStatus.INSECURE: "✔", LinkStatus.FAILED: "✘"}  # every other link: –
NOTHING = "Choose a box to see what was checked there."


class Line(NamedTuple):
    """One line of the panel: a sign, what it says, its source, and the evidence below it."""

    says: str
    sign: str = ""
    source: str = ""
    evidence: str = ""
    code: bool = False


class Part(NamedTuple):
    """One heading of the panel and what stands below it."""

    heading: str
    lines: tuple[Line, ...]


def item_details(chain: ChainOfTrust, item_id: str, *, now: float | None = None, forged: Set[str] = frozenset()) -> str:
    """Return, as HTML, what the chain holds about one of its boxes.

    Args:
        item_id: The `data-item` of a box in the picture.
        now: Epoch seconds, to say how far away a signature's expiration is; None leaves that out.
        forged: Ids of the items that the attacker made.
    """
    parts = list(_parts(chain, item_id, now, forged))
    if not parts:
        return f'<style>{PANELS_CSS}</style><div class="dl-item"><p>{NOTHING}</p></div>'
    title, *rest = parts
    body = f"<p><b>{html.escape(title.heading)}</b></p>" + _list(title.lines)
    body += "".join(f'<p class="dl-head">{html.escape(part.heading)}</p>{_list(part.lines)}' for part in rest)
    return f'<style>{PANELS_CSS}</style><div class="dl-item">{body}</div>'


def item_text(chain: ChainOfTrust, item_id: str, *, now: float | None = None, forged: Set[str] = frozenset()) -> str:
    """Return the same as plain text."""
    lines = []
    for part in _parts(chain, item_id, now, forged):
        lines.append(part.heading)
        for line in part.lines:
            lines.append(f"  {line.sign or ' '} {line.says}" + f"   ({line.source})" * bool(line.source))
            lines += [f"      {evidence}" for evidence in line.evidence.splitlines()]
    return "\n".join(lines) or NOTHING


def _list(lines: tuple[Line, ...]) -> str:
    items = []
    for line in lines:
        says = html.escape(line.says)
        says = f"<code>{says}</code>" if line.code else says
        source = f' <span class="dl-rfc">{html.escape(line.source)}</span>' if line.source else ""
        below = f'<span class="dl-found">{html.escape(line.evidence)}</span>' if line.evidence else ""
        items.append(f'<li><span aria-hidden="true">{line.sign}</span><span>{says}{source}{below}</span></li>')
    return f"<ul>{''.join(items)}</ul>" if items else ""


def _parts(chain: ChainOfTrust, item_id: str, now: float | None, forged: Set[str]) -> Iterator[Part]:
    item = next((item for item in chain.items if item.id == item_id), None)
    if item is None:
        yield from _without_links(chain)
        return
    into = [(place, link) for place, link in enumerate(chain.links) if link.target.id == item_id]
    yield Part(_title(item, [link for _, link in into], chain, item_id in forged), ())
    if not into:
        yield Part("What was checked", (Line("Nothing: it is configured in the resolver, from outside DNS.", "–"),))
    for _, link in into:
        ending = f": {STATUS_WORDS[link.status]}" if len(into) > 1 else ""
        yield Part(plain(sentence(link, chain)) + ending, _checks(link))
    if chain.diagnosis and any(link is chain.first_failure for _, link in into):
        code = "" if chain.ede is None else error_code_text(chain.ede)
        yield Part("What to do", (Line(plain(chain.diagnosis.repair), source=code),))
    if item.present and item.rdatas:
        yield Part("The record" if len(item.rdatas) == 1 else "The records", _records(item))
    signatures = tuple(_signature(link.signature, now) for _, link in into if link.signature is not None)
    if signatures:
        yield Part("Its signature" if len(signatures) == 1 else "Its signatures", signatures)
    if into:
        yield Part("In code", tuple(Line(f"chain.links[{place}].checks", code=True) for place, _ in into))


def _without_links(chain: ChainOfTrust) -> Iterator[Part]:
    """Yield all there is to say of a verdict without a single link."""
    if chain.diagnosis and not chain.links:
        advice = Line(plain(chain.diagnosis.repair), source=chain.diagnosis.source)
        heading = plain(f"– {chain.question}: {chain.diagnosis.headline}")
        yield Part(heading, (Line(plain(chain.diagnosis.sentence)), advice))


def _title(item: Item, into: list[Link], chain: ChainOfTrust, forged: bool) -> str:
    words = describe(item, chain)
    name = "FORGED " * forged + " · ".join(plain(line) for line in (words.first, words.second) if line)
    if not into:
        return name
    best = next((link for link in into if link.status in SIGNS), into[0])
    return f"{SIGNS.get(best.status, '–')} {name}: {STATUS_WORDS[best.status]}"


def _checks(link: Link) -> tuple[Line, ...]:
    if link.checks:
        return tuple(_check(check) for check in link.checks)
    return (
        {
            LinkStatus.NOT_REACHED: Line("Nothing was checked here: the chain is broken further up.", "–"),
            LinkStatus.NOT_THERE: Line("There is nothing here to check.", "–"),
        }.get(link.status, Line("No check of its own: it follows from the links before.", "–")),
    )


def _check(check: Check) -> Line:
    return Line(rule_words(check.rule), "✔" if check.passed else "✘", check.source, plain(check.detail))


def _records(item: Item) -> tuple[Line, ...]:
    owner = item.owner.to_text()
    texts = [f"{owner} {show_type(rdata.rdtype)} {rdata.to_text()}" for rdata in item.rdatas[:MOST_RECORDS]]
    lines = tuple(Line(shorten(plain(text), LONGEST_RECORD), code=True) for text in texts)
    more = len(item.rdatas) - MOST_RECORDS
    return (*lines, Line(f"and {more} more")) if more > 0 else lines


def _signature(rrsig: RRSIG, now: float | None) -> Line:
    who = f"by key {rrsig.key_tag} of {show_name(rrsig.signer)}, {algorithm_name(rrsig.algorithm)}"
    times = f"valid from {show_moment(rrsig.inception)}\nuntil {show_moment(rrsig.expiration)}"
    away = "" if now is None else f" ({_distance(seconds_until(rrsig.expiration, int(now)))})"
    return Line(plain(who), evidence=f"{times} UTC{away}")


def _distance(seconds: int) -> str:
    """Return how far away a moment is: 'in 6 days', '9 days ago', 'now'."""
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1)):
        count = abs(seconds) // length
        if count:
            words = f"{count} {unit}{'s' * (count > 1)}"
            return f"in {words}" if seconds > 0 else f"{words} ago"
    return "now"
