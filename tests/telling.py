"""A judgement as a page of text: every link, every check with its evidence, and what was made of them.

It knows: the values of protocol/trust.py. It leaves nothing of them out, unlike `explain`, which is made for learners.
It must not know: how they came about.
"""

import textwrap
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby

from dns.rdatatype import RdataType
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rrset import RRset

from dnsseclab.protocol.dnssec import key_tag
from dnsseclab.protocol.names import show_name, show_type
from dnsseclab.protocol.trust import ChainOfTrust, Check, Item, ItemKind, Link, ProvenZone

WIDTH = 120  # columns
FOREVER = 2**61  # epoch seconds; what is configured holds longer


def tell(chain: ChainOfTrust, now: int, healthy: Iterable[ChainOfTrust] = ()) -> str:
    """Return a whole judgement as text. What is told of healthy chains in the same words is "as ever".

    What does not exist stands in parentheses.
    """
    known = frozenset(text for each in healthy for text in _everything(each, now))
    links = [_paragraph(run, now, known) for run in _runs(chain.links, now, known)]
    results = [f"{title}: {'as ever' if value in known else value}" for title, value in _results(chain, now)]
    return "\n\n".join(["\n".join(_verdict(chain)), *links, "\n".join(map(_wrapped, results))]) + "\n"


def _everything(chain: ChainOfTrust, now: int) -> Iterator[str]:
    for link in chain.links:
        yield _paragraph([link], now)
        yield from (_evidence(check) for check in link.checks)
    yield from (value for _, value in _results(chain, now) if "; " in value)  # what is short is told


def _runs(links: Iterable[Link], now: int, known: Collection[str]) -> Iterator[list[Link]]:
    """Yield known links that follow one another together, every other one alone."""
    for as_ever, grouped in groupby(links, lambda link: _paragraph([link], now) in known):
        run = list(grouped)
        yield from [run] if as_ever else ([link] for link in run)


def _paragraph(run: Sequence[Link], now: int, known: Collection[str] = ()) -> str:
    """Return one link: both boxes, how it ended, and the checks; a failed one with its evidence and its source."""
    link = run[-1]
    checks = [check for check in link.checks if _evidence(check) not in known or check.passed is not True]
    if len(run) > 1 or (known and _paragraph([link], now) in known):
        return f"{len(run)} links as ever, down to {box(link.target)}"
    signed = f", by an RRSIG of {show_name(link.signature.signer)}" if link.signature else ""
    holds = f", {_until(link.expires, now)}" if link.expires is not None else ""
    lines = [f"{box(link.source)} {link.verb} {box(link.target)}", f"  {link.status.value}{signed}{holds}"]
    usual = [f"{len(link.checks) - len(checks)} checks as ever"] if len(checks) < len(link.checks) else []
    passed = ", ".join([*usual, *(_evidence(check) for check in checks if check.passed is True)])
    lines += textwrap.wrap(passed, WIDTH, initial_indent="  + ", subsequent_indent="    ", break_on_hyphens=False)
    lines += [f"  - {_evidence(check)} [{check.source}]" for check in checks if check.passed is not True]
    return "\n".join(lines)


def box(item: Item) -> str:
    """Return a box in words."""
    zone = f" in {show_name(item.zone)}" if item.zone is not None and item.zone != item.owner else ""
    said = _what(item) + show_name(item.owner) + zone
    return said if item.present else f"({said})"


def _what(item: Item) -> str:
    if item.kind is ItemKind.ABSENCE and item.rdtype == RdataType.NONE:
        return ""
    what = f"{item.role} of " if item.kind is ItemKind.KEY else f"{show_type(item.rdtype)} of "
    if item.kind is ItemKind.ANCHOR:
        return f"trust anchor {_tags(item)}, {what}"
    return what.replace(" of", f" {_tags(item)} of") if item.kind in (ItemKind.KEY, ItemKind.DS) else what


def _tags(item: Item) -> str:
    tags = [key_tag(rdata) if isinstance(rdata, DNSKEY) else getattr(rdata, "key_tag", "?") for rdata in item.rdatas]
    return "+".join(map(str, tags)) or "of nothing"


def _evidence(check: Check) -> str:
    wrong = "" if isinstance(check.passed, bool) else f" ({check.passed!r})"
    return check.rule + wrong + (f" ({check.detail})".replace("\n", "; ") if check.detail else "")


def _verdict(chain: ChainOfTrust) -> Iterator[str]:
    yield f"{chain.question}: {chain.status.name}"
    if found := chain.diagnosis:
        yield f"{found.rule}: {found.headline} [{found.source}]" + (f" EDE {found.ede}" if found.ede else "")
        yield _wrapped(found.sentence)
        yield _wrapped(f"Repair: {found.repair}")


def _results(chain: ChainOfTrust, now: int) -> Iterator[tuple[str, str]]:
    yield "may be kept for", "-" if chain.ttl is None else f"{chain.ttl} s"
    yield "validated", _rrsets(chain.validated)
    yield "vouching", _rrsets(chain.vouching)
    yield "zones", "; ".join(_zone(zone, now) for zone in chain.proven) or "-"
    yield "work", str(chain.work)


def _wrapped(text: str) -> str:
    return textwrap.fill(text, WIDTH, subsequent_indent="  ", break_on_hyphens=False)


def _rrsets(rrsets: Iterable[RRset]) -> str:
    said = []
    for rrset in rrsets:
        covers = f" of {show_type(rrset.covers)}" if rrset.covers else ""
        said.append(f"{show_name(rrset.name)} {show_type(rrset.rdtype)}{covers} ×{len(rrset)} for {rrset.ttl} s")
    return "; ".join(said) or "-"


def _zone(proven: ProvenZone, now: int) -> str:
    keys = f" (keys: {len(proven.keys)})" if proven.keys else ""
    why = f" ({proven.diagnosis.rule})" if proven.diagnosis else ""
    last = f", as {_paragraph(proven.links[-1:], now).splitlines()[0]}" if proven.links and not proven.keys else ""
    return f"{show_name(proven.zone)} {proven.status.value}{keys}{why} {_until(proven.expires, now)}{last}"


def _until(moment: int, now: int) -> str:
    return "for ever" if moment > FOREVER else f"for {moment - now} s"
