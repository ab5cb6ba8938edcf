"""Chains of trust made by hand, for tests of what shows them: no validator has judged these.

It knows: how a chain of each kind is written down as values.
It must not know: validator, authority or views.
"""

import hashlib
from collections.abc import Callable

import dns.rdata
import dns.rrset
from dns.rdata import Rdata
from dns.rdataclass import IN
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.ANY.RRSIG import RRSIG

from dnsseclab.protocol.dnssec import epoch, key_tag, make_ds
from dnsseclab.protocol.messages import question
from dnsseclab.protocol.names import to_name, to_type
from dnsseclab.protocol.trust import (
    ChainOfTrust,
    Check,
    Diagnosis,
    Item,
    ItemKind,
    Link,
    LinkStatus,
    SecurityStatus,
    Verb,
)

NOW = epoch("20261124120000")
DAY = 86400
ASKED = question("www.foundry81.com", "A")
SIGNED = "RFC 4035 §5.3.1"


def _dnskey(item: Item) -> DNSKEY | Rdata:
    return item.rdatas[0]


def _id(text: str) -> str:
    return "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in text)


def key(zone: str, role: str, maker: str = "owner", present: bool = True) -> Item:
    """Return a box for a key; `maker` tells two keys of one role apart."""
    public = hashlib.sha512(f"{zone} {role} {maker}".encode()).digest()
    rdata = DNSKEY(IN, RdataType.DNSKEY, 256 if role == "ZSK" else 257, 3, 13, public)
    rdatas = (rdata,) if present else ()
    name = _id(f"key {zone} {role} {maker}")
    return Item(name, ItemKind.KEY, to_name(zone), to_name(zone), RdataType.DNSKEY, rdatas, role, present)


def ds(child: str, parent: str, named: Item) -> Item:
    """Return a box for the DS in `parent` that names a key of `child`."""
    rdata = make_ds(to_name(child), _dnskey(named))
    return Item(_id(f"ds {child}"), ItemKind.DS, to_name(parent), to_name(child), RdataType.DS, (rdata,))


def anchor(named: Item, *more: Item) -> Item:
    """Return a box for the trust anchor, as DS of one key or several."""
    rdatas = tuple(make_ds(named.owner, _dnskey(each)) for each in (named, *more))
    return Item("anchor", ItemKind.ANCHOR, None, named.owner, RdataType.DS, rdatas)


def records(zone: str, owner: str, rdtype: str, *values: str, kind: ItemKind = ItemKind.RRSET, tag: str = "") -> Item:
    """Return a box for an RRset given as presentation text."""
    rdatas = tuple(dns.rdata.from_text(IN, rdtype, value) for value in values)
    name = _id(f"{kind.value} {owner} {rdtype} {tag}")
    return Item(
        name, kind, to_name(zone), to_name(owner), to_type(rdtype), rdatas, present=kind is not ItemKind.ABSENCE
    )


def nsec(zone: str, owner: str, then: str, types: str = "A RRSIG NSEC") -> Item:
    """Return a box for an NSEC record."""
    return records(zone, owner, "NSEC", f"{then}. {types}", kind=ItemKind.DENIAL)


def absence(zone: str, owner: str, rdtype: str) -> Item:
    """Return a box for what is not there."""
    return records(zone, owner, rdtype, kind=ItemKind.ABSENCE)


def signature(by: Item, covers: Item, until: int = NOW + 6 * DAY) -> RRSIG:
    """Return an RRSIG that looks as if it had been made by a key; nobody verifies it here."""
    tag, labels = key_tag(_dnskey(by)), len(covers.owner.labels) - 1
    owner, covered = by.owner, covers.rdtype
    return RRSIG(IN, RdataType.RRSIG, covered, 13, labels, 3600, until, until - 7 * DAY, tag, owner, b"\x5c" * 64)


def link(source: Item, verb: Verb, target: Item, status: LinkStatus = LinkStatus.PASSED, *checks: Check) -> Link:
    """Return a link; one that passed gets the checks that a validator would have made."""
    if status is LinkStatus.PASSED and verb is Verb.SIGNS and not checks:
        names = ("signature-covers-type", "signer-is-zone", "signature-not-expired", "signature-verifies")
        checks = tuple(Check(name, True, source=SIGNED) for name in names)
    signed = verb is Verb.SIGNS and source.rdatas and status is LinkStatus.PASSED
    return Link(source, verb, target, status, checks, signature(source, target) if signed else None, NOW + 6 * DAY)


def path(*zones: str, keys: str = "KSK ZSK") -> tuple[Link, ...]:
    """Return the links from the root's trust anchor down to the last zone's keys, all passed."""
    own = {zone: [key(zone, role) for role in keys.split()] for zone in zones}
    links = [link(anchor(own[zones[0]][0]), Verb.TRUSTS, own[zones[0]][0])]
    for zone, child in zip(zones, (*zones[1:], None), strict=True):
        first, last = own[zone][0], own[zone][-1]
        if first is not last:
            links.append(link(first, Verb.SIGNS, last))
        if child:
            delegation = ds(child, zone, own[child][0])
            links += [link(last, Verb.SIGNS, delegation), link(delegation, Verb.VOUCHES_FOR, own[child][0])]
    return tuple(links)


HEAD = path(".", "com", "foundry81.com")
ANSWER = records("foundry81.com", "www.foundry81.com", "A", "192.0.2.80")
FAKE = records("foundry81.com", "www.foundry81.com", "A", "203.0.113.66")


def secure() -> ChainOfTrust:
    """Every link holds."""
    return _chain(SecurityStatus.SECURE, *HEAD, link(HEAD[-1].target, Verb.SIGNS, ANSWER))


def no_signature() -> ChainOfTrust:
    """An address without a signature, in a zone that signs."""
    failed = Check("signature-present", False, "no RRSIG came with it", "RFC 4035 §5")
    diagnosis = Diagnosis(
        "signature-present",
        "no signature",
        "foundry81.com signs its records. This one is unsigned.",
        "RFC 4035 §5",
        10,
        "If the zone is yours, sign it again. If this is an attack: none, the answer is thrown away.",
    )
    return _chain(
        SecurityStatus.BOGUS, *HEAD, link(HEAD[-1].target, Verb.SIGNS, FAKE, LinkStatus.FAILED, failed), why=diagnosis
    )


def forged_keys() -> ChainOfTrust:
    """Key, signature and address by the attacker: they fit each other, and not the DS."""
    delegation = HEAD[-3].target
    ghost = key("foundry81.com", "KSK", present=False)
    ksk, zsk = key("foundry81.com", "KSK", "attacker"), key("foundry81.com", "ZSK", "attacker")
    tag, other = key_tag(_dnskey(HEAD[-1].source)), key_tag(_dnskey(ksk))
    failed = Check("ds-tag-matches", False, f"DS names key {tag}, this is key {other}", "RFC 4035 §5.2")
    diagnosis = Diagnosis(
        "ds-tag-matches",
        "not this key",
        f"com vouches for key {tag}; another key arrived.",
        "RFC 4035 §5.2",
        9,
        "None if this is an attack. If the zone is yours: publish the DS of your new key at com.",
    )
    return _chain(
        SecurityStatus.BOGUS,
        *HEAD[:-2],
        link(delegation, Verb.VOUCHES_FOR, ghost, LinkStatus.NOT_THERE),
        link(delegation, Verb.VOUCHES_FOR, ksk, LinkStatus.FAILED, failed),
        link(ksk, Verb.SIGNS, zsk, LinkStatus.NOT_REACHED),
        link(zsk, Verb.SIGNS, FAKE, LinkStatus.NOT_REACHED),
        why=diagnosis,
    )


def insecure() -> ChainOfTrust:
    """The parent proves that the bank's zone has no DS."""
    head = path(".", "example")
    proof = nsec("example", "bank.example", "harbor.example", "NS RRSIG NSEC")
    answer = records("bank.example", "www.bank.example", "A", "192.0.2.20")
    why = Diagnosis("no-ds", "zone not signed", "example proves it: bank.example has no DS.", "RFC 4035 §5.2", None, "")
    return _chain(
        SecurityStatus.INSECURE,
        *head,
        link(head[-1].target, Verb.SIGNS, proof),
        link(
            proof,
            Verb.PERMITS_UNSIGNED,
            answer,
            LinkStatus.INSECURE,
            Check("no-ds", True, "NS, no DS", "RFC 4035 §5.2"),
        ),
        asked=question("www.bank.example", "A"),
        why=why,
    )


def expired() -> ChainOfTrust:
    """The signature over the zone's keys has expired; nothing is forged."""
    ksk, zsk = HEAD[-1].source, HEAD[-1].target
    passed = Check("signer-is-zone", True, "foundry81.com signs for foundry81.com", SIGNED)
    failed = Check("signature-not-expired", False, "valid until 15 Nov 2026\n9 days before now", SIGNED)
    why = Diagnosis(
        "signature-not-expired",
        "signature expired",
        "The signature over the zone's keys has expired.",
        SIGNED,
        7,
        "Sign the zone again, and let a machine do it in time.",
    )
    broken = link(ksk, Verb.SIGNS, zsk, LinkStatus.FAILED, passed, failed)
    broken = broken._replace(signature=signature(ksk, zsk, until=NOW - 9 * DAY))
    return _chain(
        SecurityStatus.BOGUS, *HEAD[:-1], broken, link(zsk, Verb.SIGNS, ANSWER, LinkStatus.NOT_REACHED), why=why
    )


def nxdomain() -> ChainOfTrust:
    """Two signed NSEC records deny a name."""
    zsk, gone = HEAD[-1].target, absence("foundry81.com", "wiki.foundry81.com", "NONE")
    first = nsec("foundry81.com", "mail.foundry81.com", "www.foundry81.com")
    second = nsec("foundry81.com", "foundry81.com", "mail.foundry81.com", "NS SOA RRSIG NSEC DNSKEY")
    return _chain(
        SecurityStatus.SECURE,
        *HEAD,
        link(zsk, Verb.SIGNS, first),
        link(zsk, Verb.SIGNS, second),
        link(first, Verb.DENIES, gone, LinkStatus.NOT_THERE),
        link(second, Verb.DENIES_WILDCARD, gone, LinkStatus.NOT_THERE),
        asked=question("wiki.foundry81.com", "A"),
    )


def alias() -> ChainOfTrust:
    """A CNAME leads into a zone of another branch; both branches start at the root's keys."""
    other = path(".", "example", "bank.example")
    cname = records("foundry81.com", "shop.foundry81.com", "CNAME", "www.bank.example.")
    answer = records("bank.example", "www.bank.example", "A", "192.0.2.20")
    return _chain(
        SecurityStatus.SECURE,
        *HEAD,
        link(HEAD[-1].target, Verb.SIGNS, cname),
        link(cname, Verb.LEADS_TO, answer),
        *other[2:],
        link(other[-1].target, Verb.SIGNS, answer),
        asked=question("shop.foundry81.com", "A"),
    )


def single_keys() -> ChainOfTrust:
    """Every zone has one key for everything."""
    head = path(".", "com", "foundry81.com", keys="CSK")
    return _chain(SecurityStatus.SECURE, *head, link(head[-1].target, Verb.SIGNS, ANSWER))


def deep() -> ChainOfTrust:
    """Five zones, and names that are too long for a box."""
    zones = (".", "example", "laboratories.example", "north.laboratories.example")
    head = path(*zones, "experimental-physics.north.laboratories.example")
    owner = "the-machine-with-the-long-name.experimental-physics.north.laboratories.example"
    answer = records(zones[-1], owner, "AAAA", "2001:db8:1111:2222:3333:4444:5555:6666")
    answer = answer._replace(zone=head[-1].target.zone)
    return _chain(
        SecurityStatus.SECURE, *head, link(head[-1].target, Verb.SIGNS, answer), asked=question(owner, "AAAA")
    )


def alternatives() -> ChainOfTrust:
    """A second key with no signature of its own beside the one that passed, and an old DS."""
    delegation, zsk = HEAD[-3].target, HEAD[-1].target
    old = key("foundry81.com", "KSK", "old")
    failed = Check("signature-present", False, "no RRSIG by this key", SIGNED)
    return _chain(
        SecurityStatus.SECURE,
        *HEAD[:-1],
        link(delegation, Verb.VOUCHES_FOR, old, LinkStatus.NOT_USED, Check("ds-tag-matches", False, "another digest")),
        link(HEAD[-1].source, Verb.SIGNS, zsk),
        link(old, Verb.SIGNS, zsk, LinkStatus.NOT_USED, failed),
        link(zsk, Verb.SIGNS, ANSWER),
    )


def many_records() -> ChainOfTrust:
    """Six RRsets signed by one key: five of them fold."""
    others = [records("foundry81.com", f"host{n}.foundry81.com", "A", f"192.0.2.{n}") for n in range(1, 6)]
    return _chain(
        SecurityStatus.SECURE, *HEAD, *(link(HEAD[-1].target, Verb.SIGNS, each) for each in (*others, ANSWER))
    )


def no_anchor() -> ChainOfTrust:
    """No trust anchor covers the name: nothing is to be expected, so there is no link."""
    why = Diagnosis(
        "no-trust-anchor", "no trust anchor", "No trust anchor covers this name.", "RFC 4035 §4.3", None, ""
    )
    return _chain(SecurityStatus.INSECURE, why=why)


def indeterminate() -> ChainOfTrust:
    """The keys of the zone could not be obtained."""
    delegation, ghost = HEAD[-3].target, key("foundry81.com", "KSK", present=False)
    lost = Check("keys-obtained", False, "no reply from any server", "RFC 4035 §4.3")
    why = Diagnosis(
        "keys-obtained", "no reply", "The keys of foundry81.com never arrived.", "RFC 4035 §4.3", 22, "Try again later."
    )
    return _chain(
        SecurityStatus.INDETERMINATE,
        *HEAD[:-2],
        link(delegation, Verb.VOUCHES_FOR, ghost, LinkStatus.NOT_THERE, lost),
        link(ghost, Verb.SIGNS, ANSWER, LinkStatus.NOT_REACHED),
        why=why,
    )


def replay() -> ChainOfTrust:
    """A genuine old answer, sent by the attacker, still valid: nothing fails."""
    old = records("foundry81.com", "www.foundry81.com", "A", "203.0.113.80")
    return _chain(SecurityStatus.SECURE, *HEAD, link(HEAD[-1].target, Verb.SIGNS, old))


def hostile() -> ChainOfTrust:
    """Names and values that would be markup, DOT or a screenful if nobody escaped or cut them."""
    owner = r"<b>\"\\N\"&lt;]]>--><script>.foundry81.com"
    text = '"</title></svg><script>alert(1)</script> \\\\l \\\\n {|} ${x} `x` %s" "' + "x" * 200 + '"'
    asked = question(owner, "TXT")
    answer = records("foundry81.com", owner, "TXT", text)
    failed = Check("signature-present", False, '<b>no</b> "RRSIG" & <svg onload=alert(1)>\n--> \x01\x7f', "RFC 4035 §5")
    sentence = '<script>alert("1")</script> \\N \\l & so on'
    why = Diagnosis("signature-present", "<i>no</i> & none", sentence, "RFC 4035 §5", 10, "<b>Repair</b>")
    broken = link(HEAD[-1].target, Verb.SIGNS, answer, LinkStatus.FAILED, failed)
    return _chain(SecurityStatus.BOGUS, *HEAD, broken, asked=asked, why=why)


def forged_in(chain: ChainOfTrust) -> frozenset[str]:
    """Return the ids of the boxes that carry the attacker's address or key."""
    fake = ("203.0.113.66", "203.0.113.80")
    return frozenset(
        item.id for item in chain.items if "attacker" in item.id or any(each.to_text() in fake for each in item.rdatas)
    )


EVERY: dict[str, Callable[[], ChainOfTrust]] = {
    make.__name__: make
    for make in (
        secure, no_signature, forged_keys, insecure, expired, nxdomain, alias, single_keys, deep, alternatives,
        many_records, no_anchor, indeterminate, replay, hostile,
    )
}  # fmt: skip


def _chain(status: SecurityStatus, *links: Link, asked=ASKED, why: Diagnosis | None = None) -> ChainOfTrust:
    return ChainOfTrust(asked, status, links, why)
