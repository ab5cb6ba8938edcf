"""What people call a box or a link of a chain of trust: the words that picture, tooltip and text twin share.

It knows: the field's words, and how to say each kind of record in a line or two.
It must not know: how a verdict came about, or where the words will stand.
Words follow RFC 9499; DS and key tags RFC 4034, denials RFC 4034 §4 and RFC 5155.
"""

from typing import NamedTuple

import dns.name
from dns import rdatatype
from dns.name import Name
from dns.rdata import Rdata
from dns.rdtypes.ANY.CNAME import CNAME
from dns.rdtypes.ANY.DNAME import DNAME
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.ANY.DS import DS
from dns.rdtypes.ANY.NSEC import NSEC
from dns.rdtypes.ANY.NSEC3 import NSEC3

from .dnssec import algorithm_name, digest_name, key_tag, nsec3_label
from .names import show_name, show_type
from .trust import ChainOfTrust, Item, ItemKind, Link, LinkStatus, SecurityStatus, Verb

STATUS_WORDS = {
    LinkStatus.PASSED: "ok",
    LinkStatus.FAILED: "BROKEN",
    LinkStatus.NOT_REACHED: "not reached",
    LinkStatus.NOT_THERE: "not there",
    LinkStatus.INSECURE: "ok, unsigned",
    LinkStatus.NOT_USED: "not used",
}
ABBREVIATIONS = {"ds", "dnskey", "rrsig", "nsec", "nsec3", "cname", "dname"}
LONGEST_VALUE = 48  # letters of a record's value in a sentence; a TXT record may have thousands
HASH_LETTERS = 6  # of the 32 of an NSEC3 hash: enough to tell two apart by eye


class Words(NamedTuple):
    """What a box is called: in a sentence, and in the two lines inside the box."""

    name: str
    first: str
    second: str = ""


def describe(item: Item, chain: ChainOfTrust) -> Words:
    """Return what to call a box; its neighbours in the chain say what it is there for."""
    match item.kind:
        case ItemKind.ANCHOR:
            return _anchor(item)
        case ItemKind.KEY:
            return _key(item, chain)
        case ItemKind.DS:
            return _ds(item)
        case ItemKind.DENIAL:
            return _denial(item, chain)
        case ItemKind.ABSENCE:
            return _absence(item)
        case ItemKind.RRSET:
            return _rrset(item)


def sentence(link: Link, chain: ChainOfTrust) -> str:
    """Return a link as a sentence: 'KSK 40211 signs ZSK 17734'; a broken one asks: 'signs?'."""
    mark = "?" if link.status is LinkStatus.FAILED else ""
    return f"{describe(link.source, chain).name} {link.verb}{mark} {describe(link.target, chain).name}"


def verdict_sentence(chain: ChainOfTrust) -> str:
    """Return why the verdict is what it is, in one sentence."""
    if chain.diagnosis:
        return plain(chain.diagnosis.sentence)
    denials = [item for item in chain.items if item.kind is ItemKind.DENIAL]
    if chain.status is SecurityStatus.SECURE and any(item.kind is ItemKind.ABSENCE for item in chain.items):
        count = (
            f"{len(denials)} signed {show_type(denials[0].rdtype)} records" if len(denials) > 1 else "A signed record"
        )
        return f"{count} {'prove' if len(denials) > 1 else 'proves'} that it does not exist."
    return {
        SecurityStatus.SECURE: "Every link holds, from trust anchor to answer.",
        SecurityStatus.INSECURE: "It is proven that nothing here needs a signature.",
        SecurityStatus.BOGUS: "A link that should hold does not.",
        SecurityStatus.INDETERMINATE: "A record that the proof needs could not be obtained.",
        SecurityStatus.UNCHECKED: "Nobody has checked it.",
    }[chain.status]


def consequence(chain: ChainOfTrust) -> str:
    """Return what the verdict means for the one who asked (RFC 4035 §5.5)."""
    return {
        SecurityStatus.SECURE: f"The client {_what_is_got(chain)}, marked as verified (AD).",
        SecurityStatus.INSECURE: f"The client {_what_is_got(chain)}, not marked as verified. "
        "A forgery would go unnoticed.",
        SecurityStatus.BOGUS: "It is thrown away. If nothing better comes: SERVFAIL.",
        SecurityStatus.INDETERMINATE: "Without that record the client gets SERVFAIL.",
        SecurityStatus.UNCHECKED: "The client gets it as it came.",
    }[chain.status]


def headline(link: Link, chain: ChainOfTrust) -> str:
    """Return why a link failed, in about three words: the diagnosis if it is about this link, else the check's name."""
    failed = link.failed_check
    if chain.diagnosis and link is chain.first_failure:
        return plain(chain.diagnosis.headline)
    return f"failed: {rule_words(failed.rule)}" if failed else "not proved"


def rule_words(rule: str) -> str:
    """Return a check's name as words: 'ds-tag-matches' -> 'DS tag matches'."""
    return " ".join(word.upper() if word in ABBREVIATIONS else word for word in plain(rule).split("-"))


def plain(text: str) -> str:
    """Return `text` without anything that is no visible character; line breaks stay.

    Records come from strangers: control characters end an SVG, and direction marks turn a sentence round.
    """
    return "".join(letter if letter.isprintable() or letter == "\n" else "?" for letter in text)


def shorten(text: str, limit: int) -> str:
    """Return `text`, or its two ends if it is longer than `limit` letters: 'very-long…foundry81.com'.

    The end stays longer than the start: in a domain name it says whose name it is.
    """
    if len(text) <= limit:
        return text
    start = (limit - 1) * 2 // 5
    return f"{text[:start]}…{text[len(text) - (limit - 1 - start) :]}"


def _what_is_got(chain: ChainOfTrust) -> str:
    answers = [item for item in chain.items if item.kind is ItemKind.RRSET and item.rdtype == chain.question.rdtype]
    if answers and len(answers[-1].rdatas) == 1:
        return f"gets {_value(answers[-1].rdatas[0])}".replace("→ ", "")
    if any(item.kind is ItemKind.ABSENCE for item in chain.items):
        return "is told so"
    return "gets this answer"


def _anchor(item: Item) -> Words:
    place = "" if item.owner == dns.name.root else f"for {show_name(item.owner)}"
    return Words("trust anchor", f"Trust anchor: {_keys(_tags(item))}", place)


def _key(item: Item, chain: ChainOfTrust) -> Words:
    role = item.role or "key"
    dnskey = item.rdatas[0] if item.rdatas else None
    if item.present and isinstance(dnskey, DNSKEY):
        name = f"{role} {key_tag(dnskey)}"
        return Words(name, f"{name} · {algorithm_name(dnskey.algorithm)}")
    # One that did not come: what named it says its tag.
    named_by = [item, *(link.source for link in chain.links if link.target.id == item.id)]
    tags = next((tags for tags in map(_tags, named_by) if tags), [])
    name = f"{role} {', '.join(map(str, tags))}".strip()
    return Words(name, name, "not received")


def _ds(item: Item) -> Words:
    name = f"DS for {show_name(item.owner)}"
    if not item.rdatas:
        return Words(name, name, "not received")
    digests = dict.fromkeys(digest_name(rdata.digest_type) for rdata in item.rdatas if isinstance(rdata, DS))
    return Words(name, name, f"{_keys(_tags(item))} · {', '.join(digests)}")


def _denial(item: Item, chain: ChainOfTrust) -> Words:
    if not item.rdatas:
        name = f"proof for {show_name(item.owner)}"
        return Words(name, name, "not received")
    rdata, first, after = item.rdatas[0], _below(item.owner, item.zone), ""
    if isinstance(rdata, NSEC):
        after = _below(rdata.next, item.zone)
    elif isinstance(rdata, NSEC3):
        first, after = _hash(item.owner.labels[0]), _hash(nsec3_label(rdata.next))
    kind = show_type(item.rdtype)
    if denied := _denied_types(item, chain):
        has = "has NS, " if denied == ["DS"] and "NS" in _types(item) else ""
        name = f"{kind} of {first if isinstance(rdata, NSEC3) else show_name(item.owner)}"
        return Words(name, name, f"{has}has no {' or '.join(denied)}")
    return Words(f"{kind} from {first} to {after}", f"{kind} {first} → {after}", "nothing in between")


def _denied_types(item: Item, chain: ChainOfTrust) -> list[str]:
    """Return the types that a denial denies at its own name; none if it denies names."""
    types = []
    for link in chain.links:
        if link.source.id != item.id:
            continue
        if link.verb is Verb.PERMITS_UNSIGNED and "NS" in _types(item):
            types.append("DS")
        elif link.verb is Verb.DENIES and link.target.rdtype != rdatatype.NONE:
            if item.rdtype == rdatatype.NSEC3 or item.owner == link.target.owner:
                types.append(show_type(link.target.rdtype))
    return list(dict.fromkeys(types))


def _types(item: Item) -> set[str]:
    """Return the types that an NSEC or NSEC3 lists, as its presentation form names them."""
    fields = item.rdatas[0].to_text().split()
    return set(fields[5:] if item.rdtype == rdatatype.NSEC3 else fields[1:])


def _absence(item: Item) -> Words:
    owner = show_name(item.owner)
    if item.rdtype == rdatatype.NONE:
        return Words(owner, owner, "does not exist")
    return Words(f"{owner} {show_type(item.rdtype)}", f"{owner} {show_type(item.rdtype)}", "no such record")


def _rrset(item: Item) -> Words:
    record = f"{show_name(item.owner)} {show_type(item.rdtype)}"
    values = [_value(rdata) for rdata in item.rdatas]
    if not values:
        return Words(record, record, "" if item.present else "not received")
    shown = ", ".join(values) if len(values) < 3 else f"{values[0]} and {len(values) - 1} more"
    return Words(f"{record} {shown}".replace("→ ", ""), record, shown)


def _value(rdata: Rdata) -> str:
    if isinstance(rdata, CNAME | DNAME):
        return f"→ {show_name(rdata.target)}"
    if isinstance(rdata, DNSKEY):
        return f"key {key_tag(rdata)}"
    if isinstance(rdata, DS):
        return f"key {rdata.key_tag}"
    return shorten(plain(rdata.to_text()), LONGEST_VALUE)


def _tags(item: Item) -> list[int]:
    """Return the key tags that the DS or DNSKEY records of a box name, each once."""
    keys = [key_tag(rdata) for rdata in item.rdatas if isinstance(rdata, DNSKEY)]
    return list(dict.fromkeys(keys + [rdata.key_tag for rdata in item.rdatas if isinstance(rdata, DS)]))


def _keys(tags: list[int]) -> str:
    return f"key{'s' * (len(tags) > 1)} {', '.join(map(str, tags))}" if len(tags) < 4 else f"{len(tags)} keys"


def _below(name: Name, zone: Name | None) -> str:
    """Return a name as its zone's owner says it: 'mail' for mail.foundry81.com."""
    if zone is None or name == zone or not name.is_subdomain(zone):
        return show_name(name)
    return name.relativize(zone).to_text()


def _hash(label: bytes) -> str:
    return plain(label.decode("ascii", "replace"))[:HASH_LETTERS].lower() + "…"
