"""A chain of trust in words, fit to be read aloud: the picture's twin, and its alternative text.

It knows: the order of the walk, and which links may share a line (passed ones do, a broken one never does).
It must not know: how to judge, or who forged what. It says what the chain says.
RFC 8914 names the extended errors.
"""

import re
import textwrap
from collections.abc import Iterator

import dns.edns

from .describing import STATUS_WORDS, consequence, describe, headline, plain, sentence, verdict_sentence
from .names import show_name
from .trust import ChainOfTrust, Link, LinkStatus, Verb

WIDTH = 76  # columns: what a notebook shows in a window of 800 pixels
ZONE, STEP, STATUS = 15, 6, 12  # columns that precede a link's sentence
TIED = re.compile(r"\b(RFC|[CKZ]SK|DS|for) (?=\S{1,20}(?:\s|$))")  # stays in one line with what follows
FOLDING = (LinkStatus.PASSED, LinkStatus.NOT_REACHED)
FOLDING_VERBS = (Verb.TRUSTS, Verb.SIGNS, Verb.VOUCHES_FOR)  # between keys and records an arrow says enough
UPPER = {"Dnskey": "DNSKEY", "Ds": "DS", "Dnssec": "DNSSEC", "Rrsigs": "RRSIGs", "Nsec": "NSEC", "Nsec3": "NSEC3"}


def explain(chain: ChainOfTrust) -> str:
    """Return the whole chain in words: verdict, why, then every link from the trust anchor to the answer."""
    verdict = f"{chain.status.name}: {chain.question}", verdict_sentence(chain), *_consequence(chain)
    lines = [piece for line in verdict for piece in _wrap(line, 0)]
    zone = None
    for run in _runs(chain):
        above, zone = zone, _zone(run[-1])
        lines += _lines_of(run, chain, zone if zone != above else "")
    if chain.diagnosis and chain.diagnosis.repair:
        lines += _wrap(f"Repair: {plain(chain.diagnosis.repair)}", 0)
    return "\n".join(lines)


def alt(chain: ChainOfTrust) -> str:
    """Return the picture's alternative text: question, verdict, how many links hold, and the one that does not."""
    holding = sum(link.status in (LinkStatus.PASSED, LinkStatus.INSECURE) for link in chain.links)
    broken = chain.first_failure
    if broken:
        last = f"Broken: {sentence(broken, chain)} - {headline(broken, chain)}."
    else:
        last = verdict_sentence(chain)
    links = "1 link holds" if holding == 1 else f"{holding} links hold"
    return f"Chain of trust for {chain.question}: {chain.status.name}. {links}. {last}"


def error_code_text(code: int) -> str:
    """Return an extended error as people quote it: 'EDE 9 DNSKEY Missing' (RFC 8914 §4)."""
    name = dns.edns.EDECode(code).name
    if name == str(code):  # a code that dnspython has no name for yet
        return f"EDE {code}"
    return f"EDE {code} " + " ".join(UPPER.get(word.capitalize(), word.capitalize()) for word in name.split("_"))


def _runs(chain: ChainOfTrust) -> Iterator[list[tuple[int, Link]]]:
    """Yield the numbered links that share a line: one after the other, into one zone, with one fate."""
    run: list[tuple[int, Link]] = []
    for step, link in enumerate(chain.links, 1):
        if run and not _continues(run[-1][1], link):
            yield run
            run = []
        run.append((step, link))
    if run:
        yield run


def _continues(last: Link, link: Link) -> bool:
    return (
        link.status is last.status
        and link.status in FOLDING
        and {link.verb, last.verb} <= set(FOLDING_VERBS)
        and link.source.id == last.target.id
        and (link.target.zone == last.target.zone or link.status is LinkStatus.NOT_REACHED)
    )


def _lines_of(run: list[tuple[int, Link]], chain: ChainOfTrust, zone: str) -> list[str]:
    (first, link), (last, _) = run[0], run[-1]
    steps = f"{first}" if first == last else f"{first}-{last}"
    heading = [zone] if len(zone) >= ZONE else []  # a long name gets a line of its own
    start = f"{'' if heading else zone:<{ZONE - 1}} {steps:<{STEP - 1}} {STATUS_WORDS[link.status]:<{STATUS - 1}} "
    lines = heading + _wrap(start + _said(run, chain), ZONE + STEP + STATUS)
    if link.status is LinkStatus.FAILED and (failed := link.failed_check):
        evidence = plain(failed.detail).splitlines()
        lines += [wrapped for line in evidence for wrapped in _wrap(" " * (ZONE + STEP + STATUS + 2) + line, 0)]
    return lines


def _said(run: list[tuple[int, Link]], chain: ChainOfTrust) -> str:
    """Return what the links of one line say: a path of names if there are several, else one sentence."""
    link = run[0][1]
    if len(run) > 1:
        return " -> ".join(describe(item, chain).name for item in (link.source, *(each.target for _, each in run)))
    said = sentence(link, chain)
    failed = link.failed_check
    if link.status is LinkStatus.FAILED:
        return f"{said}: {headline(link, chain)}" + (f"   ({failed.source})" if failed and failed.source else "")
    if link.status is LinkStatus.NOT_THERE and (second := describe(link.target, chain).second):
        return f"{said}, which {'was ' if second.startswith('not') else ''}{second}"
    return said


def _zone(numbered: tuple[int, Link]) -> str:
    zone = numbered[1].target.zone
    return "" if zone is None else show_name(zone)


def _consequence(chain: ChainOfTrust) -> list[str]:
    return [consequence(chain)] + ([] if chain.ede is None else [f"[{error_code_text(chain.ede)}]"])


def _wrap(line: str, indent: int) -> list[str]:
    """Return a line in pieces of at most WIDTH columns; names and 'KSK 22306' are never cut."""
    if len(line) <= WIDTH:
        return [line.rstrip()]
    margin = " " * (indent or len(line) - len(line.lstrip()))
    tied = TIED.sub(r"\1\0", line)
    pieces = textwrap.wrap(tied, WIDTH, subsequent_indent=margin, break_long_words=False, break_on_hyphens=False)
    return [piece.replace("\0", " ") for piece in pieces]
