"""`signature_workbench`: change what arrives, and see which signed bytes change and which check fails.

It knows: what was signed, what arrives, and how to show the difference.
It must not know: what is signed (protocol/dnssec.py) or what is checked (validator/signatures.py).
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, NamedTuple

import dns.exception
import dns.rdata
import dns.rdataclass
from dns.rdtypes.ANY.RRSIG import RRSIG
from dns.rrset import RRset

from ...authority.keys import Key
from ...authority.signing import seal, sign_rrset
from ...authority.zones import make_rrset
from ...internet.worlds import DAY, NOW, toy_internet
from ...protocol.describing import rule_words
from ...protocol.dnssec import epoch, label_count, signature_header, signed_bytes
from ...protocol.names import LabError, show_name, show_type, to_name
from ...protocol.trust import Check
from ...validator.diagnoses import RULES
from ...validator.limits import Limits, Work
from ...validator.policy import Policy
from ...validator.records import SignedSet
from ...validator.signatures import ALL_RULES, furthest, try_all
from .panel import Control, Panel, View, button, field, lines, slider, switch

# The RRSIG's own fields among the signed bytes, and where each of them begins (RFC 4034 §3.1).
HEADER = (
    ("type covered", 0), ("algorithm", 2), ("labels", 3), ("original TTL", 4), ("expiration", 8), ("inception", 12),
    ("key tag", 16), ("signer", 18),
)  # fmt: skip
MOST_LABELS = 6
LONGEST_TTL = 2**31 - 1  # seconds (RFC 2181 §8)


@dataclass(frozen=True)
class Signed:
    """An RRset and its signature, at a moment."""

    rrset: RRset
    rrsig: RRSIG
    now: int  # epoch seconds


class Row(NamedTuple):
    """A piece of the signed bytes, and how it compares with what was signed."""

    what: str
    data: bytes
    compared: str  # 'as signed', 'CHANGED', 'ADDED' or 'MISSING'


def signature_workbench(rrset: RRset | None = None, key: Key | None = None, *, now: int = NOW) -> Panel:
    """Open the workbench; let it be the last line of a cell.

    In words: `print(signature_workbench())`, and `.set(records="203.0.113.66")`, `.press("sign")`, `.press("reset")`.

    Args:
        rrset, key: What is signed, and with which key; without them, the bank's address and the bank's ZSK.
        now: Epoch seconds. The signature holds from a day before to six days after it.
    Raises:
        LabError: Only one of the two is given, or the key's zone does not contain the RRset.
    """
    if (rrset is None) != (key is None):
        raise LabError("Give an RRset and the key that signs it, or neither of them.")
    if rrset is None or key is None:
        world = toy_internet()
        rrset = world.truth("www.bank.example", "A")
        key = next(key for key in world.keys[to_name("bank.example")] if key.role == "ZSK")
    assert rrset is not None
    rrsig = sign_rrset(rrset, key, inception=now - DAY, expiration=now + 6 * DAY)
    return Workbench(Signed(rrset, rrsig, now), key).panel


class Workbench:
    """What was signed, and the panel on which something else may arrive."""

    def __init__(self, first: Signed, key: Key) -> None:
        self._first, self._signed, self._key = first, first, key
        what = f"{show_name(first.rrset.name)} {show_type(first.rrset.rdtype)}"
        self.panel = Panel(f"Signature workbench: {what}, signed by {key}", controls(first), self._show, self._press)
        self._values = self.panel.values

    def _show(self, values: Mapping[str, Any]) -> View:
        rules = [made.rule for made in check(self._first, self._key)]
        return show(self._signed, arrived(self._signed, values), self._key, rules)

    def _press(self, name: str) -> None:
        if name == "reset":
            self._signed = self._first
            self.panel.values = self._values
        else:
            now = arrived(self._signed, self.panel.values)
            self._signed = Signed(now.rrset, seal(now.rrset, now.rrsig, self._key), now.now)
            self.panel.values = {**self.panel.values, "flip": False}


def controls(signed: Signed) -> list[Control]:
    """Return the controls, set to what was signed."""
    rrset, rrsig = signed.rrset, signed.rrsig
    return [
        field("owner", "Owner name", rrset.name.to_text(omit_final_dot=True)),
        lines("records", f"{show_type(rrset.rdtype)} records, one a line", "\n".join(each.to_text() for each in rrset)),
        field("ttl", "TTL in the packet (seconds)", str(rrset.ttl)),
        field("original_ttl", "RRSIG: original TTL", str(rrsig.original_ttl)),
        slider("labels", "RRSIG: labels", (0, MOST_LABELS), rrsig.labels),
        field("signer", "RRSIG: signer", rrsig.signer.to_text(omit_final_dot=True)),
        field("inception", "RRSIG: inception", _moment(rrsig.inception)),
        field("expiration", "RRSIG: expiration", _moment(rrsig.expiration)),
        field("now", "The validator's clock", _moment(signed.now)),
        switch("flip", "Change one bit of the signature"),
        button("sign", "Sign what stands here"),
        button("reset", "Back to the start"),
    ]


def arrived(signed: Signed, values: Mapping[str, Any]) -> Signed:
    """Return what the controls say: an RRset and an RRSIG that carries the signature that was made before."""
    rdtype = signed.rrset.rdtype
    texts = [line.strip() for line in values["records"].splitlines() if line.strip()]
    if not texts:
        raise LabError("An RRset has at least one record: write one.")
    try:
        rdatas = [dns.rdata.from_text(dns.rdataclass.IN, rdtype, text, relativize=False) for text in texts]
    except (dns.exception.DNSException, ValueError) as error:
        raise LabError(f"That is no {show_type(rdtype)} record: {error}") from None
    signature = bytearray(signed.rrsig.signature)
    signature[-1] ^= values["flip"]
    rrsig = signed.rrsig.replace(
        labels=values["labels"], original_ttl=_seconds(values["original_ttl"]), signer=to_name(values["signer"]),
        inception=epoch(values["inception"]), expiration=epoch(values["expiration"]), signature=bytes(signature),
    )  # fmt: skip
    assert isinstance(rrsig, RRSIG)
    rrset = make_rrset(to_name(values["owner"]), _seconds(values["ttl"]), *rdatas)
    return Signed(rrset, rrsig, epoch(values["now"]))


def show(signed: Signed, now: Signed, key: Key, rules: Sequence[str]) -> View:
    """Return the checks, those that were not reached too, and the signed bytes beside those that were signed."""
    made = check(now, key)
    verdict = (
        "The signature holds." if made[-1].passed else f"The signature does not hold: {RULES[made[-1].rule].headline}."
    )
    notes = [verdict]
    if now.rrset.ttl != now.rrsig.original_ttl:
        notes.append("The TTL in the packet counts down in caches, so it is not signed: the original TTL is.")
    steps = [(rule_words(each.rule), "passed" if each.passed else "FAILED", _flat(each.detail)) for each in made]
    steps += [(rule_words(rule), "not reached", "") for rule in rules[len(made) :]]
    rows = compare(signed, now)
    text = [*notes, "Checks"]
    text += [f"  {status:12} {rule:32} {detail}".rstrip() for rule, status, detail in steps]
    text += ["Signed bytes", *(f"  {row.compared:12} {row.what:24} {row.data.hex(' ', -4)}" for row in rows)]
    return View(_html(notes, steps, rows), "\n".join(text), " ".join(notes))


def check(signed: Signed, key: Key) -> tuple[Check, ...]:
    """Return every check that a validator makes who trusts the zone's key, in order."""
    found = SignedSet(signed.rrset, make_rrset(signed.rrset.name, signed.rrset.ttl, signed.rrsig))
    return furthest(try_all(found, key.zone, [key.dnskey], ALL_RULES, signed.now, Policy(), Work(Limits()))).checks


def compare(signed: Signed, now: Signed) -> list[Row]:
    """Return the bytes that the signature has to cover now, piece by piece; what was signed and is gone comes last."""
    before, after = signature_header(signed.rrsig), signature_header(now.rrsig)
    ends = [place for _, place in HEADER[1:]] + [None]
    rows = []
    for (name, start), end in zip(HEADER, ends, strict=True):
        piece = after[start:end]
        rows.append(Row(name, piece, "as signed" if piece == before[start:end] else "CHANGED"))
    were, are = _records(signed), _records(now)
    rows += [Row("record", record, "as signed" if record in were else "ADDED") for record in are]
    return rows + [Row("record", record, "MISSING") for record in were if record not in are]


def _records(signed: Signed) -> list[bytes]:
    """Return each record as the signature covers it; none if the signature counts too many labels."""
    head = len(signature_header(signed.rrsig))
    if signed.rrsig.labels > label_count(signed.rrset.name):
        return []
    alone = [make_rrset(signed.rrset.name, signed.rrset.ttl, rdata) for rdata in signed.rrset]
    pieces = [signed_bytes(one, signed.rrsig)[head:] for one in alone]
    return sorted(set(pieces), key=signed_bytes(signed.rrset, signed.rrsig).index)  # in the order that was signed


def _html(notes: Sequence[str], steps: Sequence[tuple[str, str, str]], rows: Sequence[Row]) -> str:
    bad = {"FAILED", "CHANGED", "ADDED", "MISSING"}
    checks = "".join(
        f'<tr class="{"dl-failed" if status in bad else ""}"><th scope="row">{escape(rule)}</th>'
        f"<td>{escape(detail)}</td><td>{status}</td></tr>"
        for rule, status, detail in steps
    )
    signed = "".join(
        f'<tr class="{"dl-failed" if row.compared in bad else ""}"><th scope="row">{row.what}</th>'
        f"<td><code>{row.data.hex(' ', -4)}</code></td><td>{row.compared}</td></tr>"
        for row in rows
    )
    said = f"<p><b>{escape(notes[0])}</b></p>" + "".join(f"<p>{escape(note)}</p>" for note in notes[1:])
    return (
        f'{said}<div class="dl-side"><div><h4>Checks, in order</h4><table class="dl-grid">{checks}</table></div>'
        f'<div class="dl-words"><h4>The bytes that are signed</h4><table class="dl-grid">{signed}</table></div></div>'
    )


def _flat(detail: str) -> str:
    return ", ".join(detail.splitlines())


def _moment(moment: int) -> str:
    """Return epoch seconds as RRSIGs are written (RFC 4034 §3.2)."""
    return time.strftime("%Y%m%d%H%M%S", time.gmtime(moment))


def _seconds(text: str) -> int:
    if not text.strip().isdecimal() or int(text) > LONGEST_TTL:
        raise LabError(f"{text!r} is no TTL: write whole seconds, for example 3600.")
    return int(text)
