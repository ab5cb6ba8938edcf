"""`explore_denial`: ask a signed zone for any name, and see on a circle which records prove what, and why.

It knows: how to ask the zone's server and a validator, and how to show what they say on the circle.
It must not know: which record denies what. The server chooses the proof, and the validator judges it.
"""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, NamedTuple

from dns import rdatatype
from dns.name import Name

from ...authority.server import answer
from ...authority.zones import Zone
from ...protocol.describing import rule_words, sentence, verdict_sentence
from ...protocol.evidence import Evidence
from ...protocol.messages import make_query, question
from ...protocol.names import LabError, show_name, to_name
from ...protocol.trust import ChainOfTrust, Check, ItemKind, Link
from ...validator.chain import validate
from ..ring import Marker, Point, ring
from .denial_circle import Circle
from .panel import Panel, View, choice, field, slider

TYPES = ("A", "AAAA", "MX", "TXT", "CNAME", "NS", "DS")
# Checks whose evidence is the very name that a record is about (RFC 5155 §8.3), and what that name is called.
ABOUT = {
    "nsec3-closest-encloser": "closest encloser",
    "nsec3-next-closer": "next closer",
    "nsec3-denies-wildcard": "wildcard",
}
# What a check that passed says of the record, for people.
PASSED = {
    "nsec-covers-name": "covers the name",
    "nsec-not-from-above": "does not stand above a zone cut",
    "nsec3-not-from-above": "does not stand above a zone cut",
    "nsec-name-absent": "the name is no empty non-terminal",
    "nsec3-name-absent": "that is not the name itself",
    "nsec-type-absent": "its list of types",
    "nsec3-type-absent": "its list of types",
    "nsec-denies-wildcard": "covers the wildcard",
    "nsec3-closest-encloser": "matches the closest encloser",
    "nsec3-next-closer": "covers the next closer name",
    "nsec3-denies-wildcard": "covers the wildcard",
    "nsec3-opt-out": "has opt-out: an unsigned delegation may lie in its gap",
    "wildcard-is-closest": "nothing lies closer",
}
MOST_LABELS = 30


class Step(NamedTuple):
    """What one record contributes to a proof."""

    record: Name  # its owner
    says: str
    evidence: str


def explore_denial(zone: Zone, name: str | None = None, type: str = "A") -> Panel:
    """Open the explorer of a signed zone; let it be the last line of a cell.

    In words: `print(explore_denial(zone, "nobody.bank.example"))`, and `.set(name="...", type="MX", walked=3)`.

    Args:
        zone: Signed, with NSEC or with NSEC3.
        name, type: What to ask for first; without a name, one that is not there.
    Raises:
        LabError: The zone has no proofs of absence, or there is no such type to choose.
    """
    circle = Circle(zone)
    controls = [
        field("name", "Ask for the name", name or f"nobody.{show_name(zone.origin)}".removesuffix(".root")),
        choice("type", "Type", TYPES),
        slider("walked", "Walk the circle: records read", (0, len(circle.records)), 0),
    ]
    title = f"{circle.kind} explorer of {show_name(zone.origin)}"
    return Panel(title, controls, lambda values: show(circle, values), item="").set(type=type)


def judge(zone: Zone, name: Name, rdtype: str) -> ChainOfTrust:
    """Ask the zone's server, and have a validator judge the answer that trusts the zone's own keys."""
    keys, signatures = zone.get(zone.origin, rdatatype.DNSKEY), zone.signatures(zone.origin, rdatatype.SOA)
    if not keys or not signatures:
        raise LabError(f"{show_name(zone.origin)} has no keys or no signatures: sign it first.")
    evidence, now = Evidence(question(name, rdtype)), signatures[0].inception
    while (chain := validate(evidence, (keys,), now)).needs:
        for need in chain.needs:
            query = make_query(need.name, need.rdtype, id=0, dnssec_ok=True)
            evidence = evidence.with_message(need, answer({zone.origin: zone}, query))
    return chain


def show(circle: Circle, values: Mapping[str, Any]) -> View:
    """Return the circle, the verdict, the proof record by record, and what a walk has shown so far."""
    name, zone = to_name(values["name"]), circle.zone.origin
    if not name.is_subdomain(zone):
        raise LabError(f"{show_name(name)} is not in this zone: ask for a name that ends in {show_name(zone)}.")
    chain = judge(circle.zone, name, values["type"])
    links = [link for link in chain.links if link.source.kind is ItemKind.DENIAL]
    verdict = f"{show_name(name)} {values['type']}: {chain.status.value}. {verdict_sentence(chain)}"
    steps = [_step(link, chain) for link in links]
    lines = [*_walk(circle, values["walked"]), *_record(circle, values["item"])]
    text = [
        verdict,
        *(f"  {number}. {step.says}\n     {step.evidence}" for number, step in enumerate(steps, 1)),
        *lines,
    ]
    items = "".join(f"<li><span>{n}.</span><span>{_html(step)}</span></li>" for n, step in enumerate(steps, 1))
    words = f'<p><b>{escape(verdict)}</b></p><ol class="dl-steps">{items}</ol>' + "".join(
        f"<p>{escape(line)}</p>" for line in lines
    )
    drawn = _picture(circle, name, links, values["walked"], verdict)
    return View(f'<div class="dl-side">{drawn}<div class="dl-words">{words}</div></div>', "\n".join(text), verdict)


def _step(link: Link, chain: ChainOfTrust) -> Step:
    return Step(link.source.owner, sentence(link, chain), "; ".join(map(_evidence, link.checks)))


def _evidence(made: Check) -> str:
    detail = made.detail.rstrip(": ")
    what = PASSED.get(made.rule, rule_words(made.rule)) if made.passed else f"FAILED: {rule_words(made.rule)}"
    return f"{what} ({detail})" if detail else what


def _html(step: Step) -> str:
    return f"{escape(step.says)}<br><small>{escape(step.evidence)}</small>"


def _walk(circle: Circle, walked: int) -> list[str]:
    """Return what somebody knows who has read so many records, one after the other."""
    read = circle.records[:walked]
    if not read:
        return []
    learned = ", ".join(circle.label(record) for record in read)
    if circle.hashing:
        return [f"Read {walked} of {len(circle.records)} records. Hashes learned: {learned}", "Names learned: none."]
    return [f"Read {walked} of {len(circle.records)} records. Names learned: {learned}"]


def _record(circle: Circle, item: str) -> list[str]:
    """Return the record that the learner has chosen on the circle, in presentation form."""
    chosen = [record for record in circle.records if record.name.to_text() == item]
    return [f"The record: {record.to_text()}" for record in chosen]


def _picture(circle: Circle, name: Name, links: Sequence[Link], walked: int, verdict: str) -> str:
    used = {link.source.owner.to_text() for link in links}
    markers = _markers(circle, name, links)
    matched = {record.name.to_text() for record in circle.records for m in markers if m.turn == circle.turn_of(record)}
    read = {record.name.to_text() for record in circle.records[:walked]}
    few = len(circle.records) <= MOST_LABELS
    points = []
    for record in circle.records:
        owner = record.name.to_text()
        label = circle.label(record) if few or owner in used | read else ""
        seen = " · read" if owner in read else ""
        points.append(Point(owner, circle.turn_of(record), label + seen, f"{circle.kind} of {circle.label(record)}"))
    caption = f"{len(points)} {circle.kind} records on a circle. {verdict}"
    return ring(
        points, caption=caption, gaps=used - matched, matched=used & matched, markers=markers, loose=circle.opts_out
    )


def _markers(circle: Circle, name: Name, links: Sequence[Link]) -> list[Marker]:
    """Return the name that was asked for, and the other names that the proof is about."""
    found = {name: circle.short(name)}
    for link in links:
        for made in link.checks:
            if made.passed and made.rule in ABOUT:
                about = to_name("." if made.detail == "root" else made.detail)
                found.setdefault(about, f"{ABOUT[made.rule]}: {circle.short(about)}")
    return [Marker(circle.turn(each), f"{label} {circle.short_hash(each)}".strip()) for each, label in found.items()]
