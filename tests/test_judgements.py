"""Whole judgements of some worlds, right and wrong: each as a page that somebody has read and approved.

The other tests ask for what matters in one place. These pages hold all the rest that a learner reads: which box each
link joins, the evidence of each check, what may be kept for how long, what it cost. Links that stand in healthy.txt
in the same words are told there.

If a page differs and the new one is right: `python tests/test_judgements.py` writes all of them anew. Read every line
of `git diff tests/judgements` before you commit it; that reading is the test.
"""

import re
from collections.abc import Callable
from functools import cache
from itertools import takewhile
from pathlib import Path

import dns.rcode
import dns.rrset
import pytest
from dns.message import Message
from dns.rdatatype import RdataType
from dns.rrset import RRset
from telling import tell
from tree import HEALTHY, NOW, ask, at, drop, judge, key_of, signed, signed_wrongly, silence, strange_key, with_records

from dnsseclab.authority.keys import Key
from dnsseclab.authority.nsec3 import Nsec3
from dnsseclab.authority.zones import make_rrset
from dnsseclab.internet.faults import FAULTS, break_zone
from dnsseclab.internet.worlds import World, toy_internet
from dnsseclab.protocol.messages import question
from dnsseclab.protocol.names import show_name, to_name
from dnsseclab.protocol.trust import ChainOfTrust
from dnsseclab.validator.limits import Limits
from dnsseclab.validator.policy import Policy

PAGES = Path(__file__).parent / "judgements"
Judging = Callable[[], ChainOfTrust]

# One for each way in which a walk can end: names in the gallery of faults.
FROM_THE_GALLERY = (
    "ds-extra", "rrsig-ttl-bigger", "rrsig-ttl-smaller",
    "ds-bad-tag", "ds-unassigned-key-algo", "ds-unassigned-digest-algo", "no-ds", "ds-left-out", "ds-not-denied",
    "ds-rrsig-exp", "no-rrsig-ksk", "no-dnskey", "no-zsk", "rrsig-exp-a", "rrsig-not-yet-a", "rrsig-one-wrong",
    "rrsig-labels-fewer", "nsec-missing", "bad-nsec-next", "nsec-bitmap", "nsec-wildcard-not-denied",
    "no-dnskey-256", "dnskey-protocol", "revoked-ksk",
    "nsec-labels-fewer", "nsec3-wildcard-no-proof", "nsec3-bitmap", "nsec3-wildcard-not-denied", "bad-nsec3-hash",
    "bad-nsec3-next", "nsec3-unknown-hash", "nsec3-iter-151", "nsec3-opt-out", "nsec3-opt-out-flag",
)  # fmt: skip


def from_the_gallery(fault: str) -> ChainOfTrust:
    asked = FAULTS[fault].question(to_name("bank.example"))
    return judge(show_name(asked.name), asked.rdtype.name, break_zone(HEALTHY, "bank.example", fault))


@cache
def hashed(opt_out: bool = False) -> World:
    return toy_internet(denial=Nsec3(iterations=1, salt=b"\xab", opt_out=opt_out))


@cache
def single_keys() -> World:
    return toy_internet(keys="single")


def other_proof(message: Message) -> Message:
    """Put what denies another name beside an answer made from a wildcard."""
    message.authority[:] = ask(hashed(), question("wiki.foundry81.com", "A")).authority
    return message


def no_such_name(message: Message) -> Message:
    """Say that the name does not exist, whatever the records say: the response code is not signed."""
    message.set_rcode(dns.rcode.NXDOMAIN)
    return message


def wildcard_untold(message: Message) -> Message:
    """Leave out what the wildcard has and has not."""
    message.authority[:] = [rrset for rrset in message.authority if not rrset.name.is_wild()]
    return message


def beside(change: Callable[[RRset, RRset], tuple[RRset, RRset]]) -> Callable[[Message], Message]:
    """Put a denial that has nothing to do with the question in front of those that have, and change it before."""
    asked = question("mail.foundry81.com", "PTR")
    spare = [rrset for rrset in ask(HEALTHY, asked).authority if RdataType.NSEC in (rrset.rdtype, rrset.covers)]

    def add(message: Message) -> Message:
        message.authority[:0] = change(*spare)
        return message

    return at("wiki.foundry81.com", "A", add)


MOVED = ("old.bank.example. DNAME new.bank.example.", "www.new.bank.example. A 192.0.2.9")
MOVED_UNSIGNED = [dns.rrset.from_text("old.harbor.example.", 60, "IN", "DNAME", "bank.example.")]


def moved(target: str | None = None, zone: str = "bank.example") -> ChainOfTrust:
    """Judge a name below a DNAME; with a target, the CNAME beside it leads there instead."""
    unsigned = HEALTHY.with_zone(HEALTHY.zone("harbor.example").with_rrsets(*MOVED_UNSIGNED))
    world = with_records(*MOVED) if zone == "bank.example" else unsigned
    asked = f"www.old.{zone}"

    def change(message):
        cname = next(rrset for rrset in message.answer if rrset.rdtype == RdataType.CNAME)
        message.answer.remove(cname)
        message.answer.append(dns.rrset.from_text(cname.name, cname.ttl, "IN", "CNAME", target))
        return message

    return judge(asked, "A", world, at(asked, "A", change) if target else None)


def stripped(name: str, world: World = HEALTHY) -> ChainOfTrust:
    """Judge an answer out of which somebody has taken all signatures and denials."""
    return judge(name, "A", world, at(name, "A", drop("RRSIG", "NSEC", "NSEC3")))


def anchored(*places: tuple[str, Key], form: str = "DNSKEY") -> ChainOfTrust:
    """Judge the healthy world with these trust anchors."""
    anchors = [make_rrset(to_name(zone), 0, key.dnskey if form == "DNSKEY" else key.ds()) for zone, key in places]
    return judge("www.bank.example", "A", anchors=anchors)


CIRCLE = ("a.bank.example. CNAME b.bank.example.", "b.bank.example. CNAME a.bank.example.")
LONG = ("a.bank.example. CNAME b.bank.example.", "b.bank.example. CNAME www.bank.example.")
OTHER_PROOF = at("any.apps.foundry81.com", "A", other_proof)
UNSIGNED_KEYS = at("bank.example", "DNSKEY", drop("RRSIG"))
ENDS_SOON = signed_wrongly(expiration=NOW + 60)
ROOT_KEY = key_of(".", "KSK")
UNKNOWN_ANCHOR = make_rrset(to_name("."), 0, ROOT_KEY.ds().replace(algorithm=100))
EXEMPT = Policy(negative_trust_anchors=frozenset({to_name("bank.example")}))

JUDGEMENTS: dict[str, Judging] = {
    **{fault: (lambda fault=fault: from_the_gallery(fault)) for fault in FROM_THE_GALLERY},
    "healthy": lambda: judge("www.bank.example", "A"),
    "healthy-below-com": lambda: judge("www.foundry81.com", "A"),
    # what aliases lead to
    "alias": lambda: judge("shop.foundry81.com", "A"),
    "alias-to-no-type": lambda: judge("shop.foundry81.com", "MX"),
    "alias-to-no-name": lambda: judge("a.bank.example", "A", with_records("a.bank.example. CNAME b.bank.example.")),
    "alias-in-a-circle": lambda: judge("a.bank.example", "A", with_records(*CIRCLE)),
    "alias-from-an-unsigned-zone": lambda: judge("pay.harbor.example", "A"),
    "alias-to-dname": lambda: judge(
        "here.bank.example", "A", with_records(*MOVED, "here.bank.example. CNAME www.old.bank.example.")
    ),
    "dname": moved,
    "dname-without-its-cname": lambda: judge(
        "www.old.bank.example", "A", with_records(*MOVED), at("www.old.bank.example", "A", drop("CNAME"))
    ),
    "dname-of-an-unsigned-zone-with-another-cname": lambda: moved("www.foundry81.com.", "harbor.example"),
    "dname-with-another-cname": lambda: moved("www.foundry81.com."),
    # what is not there, and what a wildcard stands in for
    "no-name": lambda: judge("wiki.foundry81.com", "A"),
    "no-name-although-it-is-there": lambda: judge(
        "www.bank.example", "MX", change=at("www.bank.example", "MX", no_such_name)
    ),
    "no-name-although-names-lie-below": lambda: judge(
        "lab.foundry81.com", "A", change=at("lab.foundry81.com", "A", no_such_name)
    ),
    "no-name-beside-a-denial-that-is-signed-wrongly": lambda: judge(
        "wiki.foundry81.com", "A", change=beside(lambda spare, _: signed(spare, strange_key("foundry81.com")))
    ),
    "no-name-hashed-beside-a-denial-that-is-not": lambda: judge(
        "wiki.foundry81.com", "A", hashed(), beside(lambda *spare: spare)
    ),
    "no-name-hashed": lambda: judge("wiki.foundry81.com", "A", hashed()),
    "no-type-hashed": lambda: judge("www.bank.example", "MX", hashed()),
    "no-zone-cut-hashed": lambda: judge("www.bank.example", "DS", hashed()),
    "unsigned-zone-hashed": lambda: judge("www.harbor.example", "A", hashed()),
    "unsigned-zone-in-a-gap": lambda: judge("www.harbor.example", "A", hashed(opt_out=True)),
    "no-ds-in-a-gap": lambda: judge("harbor.example", "DS", hashed(opt_out=True)),
    "wildcard": lambda: judge("any.apps.foundry81.com", "A"),
    "wildcard-hashed": lambda: judge("any.apps.foundry81.com", "A", hashed()),
    "wildcard-hashed-other-proof": lambda: judge("any.apps.foundry81.com", "A", hashed(), OTHER_PROOF),
    "wildcard-in-a-gap": lambda: judge("any.apps.foundry81.com", "A", hashed(opt_out=True)),
    "wildcard-without-type-in-a-gap": lambda: judge("any.apps.foundry81.com", "MX", hashed(opt_out=True)),
    "wildcard-without-type": lambda: judge("any.apps.foundry81.com", "MX"),
    "wildcard-without-proof-of-its-types": lambda: judge(
        "zzz.apps.foundry81.com", "MX", change=at("zzz.apps.foundry81.com", "MX", wildcard_untold)
    ),
    "wildcard-without-type-hashed": lambda: judge("any.apps.foundry81.com", "MX", hashed()),
    # questions for more than one thing
    "any": lambda: judge("login.bank.example", "ANY"),
    "any-from-a-wildcard": lambda: judge("any.apps.foundry81.com", "ANY"),
    "any-of-an-unsigned-zone": lambda: judge("www.harbor.example", "ANY"),
    "signatures": lambda: judge("www.bank.example", "RRSIG"),
    # where it begins
    "anchor-is-a-key": lambda: anchored((".", ROOT_KEY)),
    "anchor-is-a-strange-key": lambda: anchored((".", strange_key(".", "KSK"))),
    "anchor-is-a-strange-ds": lambda: anchored((".", strange_key(".", "KSK")), form="DS"),
    "anchor-with-an-unknown-algorithm": lambda: judge("www.bank.example", "A", anchors=[UNKNOWN_ANCHOR]),
    "anchors-two": lambda: anchored((".", ROOT_KEY), ("bank.example", key_of("bank.example", "KSK"))),
    "anchors-two-one-wrong": lambda: anchored((".", ROOT_KEY), ("bank.example", strange_key("bank.example"))),
    "anchor-elsewhere": lambda: anchored(("com", key_of("com", "KSK"))),
    "anchor-negative": lambda: judge("www.bank.example", "A", policy=EXEMPT),
    # without a signature that names its zone every label may begin one
    "signatures-left-out": lambda: stripped("www.bank.example"),
    "signatures-left-out-below-an-empty-name": lambda: stripped("furnace.lab.foundry81.com"),
    "signatures-left-out-below-an-empty-name-hashed": lambda: stripped("furnace.lab.foundry81.com", hashed()),
    "signatures-left-out-below-no-name": lambda: stripped("deep.below.foundry81.com"),
    "signatures-left-out-below-no-name-hashed": lambda: stripped("deep.below.foundry81.com", hashed()),
    "signatures-left-out-of-an-alias": lambda: stripped("login.bank.example"),
    # what costs too much
    "limit-of-aliases": lambda: judge("a.bank.example", "A", with_records(*LONG), limits=Limits(aliases=1)),
    "limit-of-denials": lambda: judge("wiki.foundry81.com", "A", limits=Limits(denials=1)),
    "limit-of-ds-digests": lambda: judge("www.bank.example", "A", limits=Limits(ds_digests=0)),
    "limit-of-hash-rounds": lambda: judge("wiki.foundry81.com", "A", hashed(), limits=Limits(hash_rounds=5)),
    "limit-of-hashes": lambda: judge("wiki.foundry81.com", "A", hashed(), limits=Limits(nsec3_hashes=2)),
    "limit-of-keys-with-one-tag": lambda: judge("www.bank.example", "A", limits=Limits(keys_per_tag=0)),
    "limit-of-signature-checks": lambda: judge("www.bank.example", "A", limits=Limits(signature_checks=1)),
    "limit-of-signatures": lambda: judge("www.bank.example", "A", limits=Limits(signatures_per_rrset=0)),
    # what does not come, ends soon, or breaks far above
    "signature-that-ends-soon": lambda: judge("www.bank.example", "A", change=at("www.bank.example", "A", ENDS_SOON)),
    "single-key-that-has-not-signed": lambda: judge("www.bank.example", "A", single_keys(), UNSIGNED_KEYS),
    "no-reply-for-keys": lambda: judge("www.bank.example", "A", change=at("bank.example", "DNSKEY", silence)),
    "no-reply-for-ds": lambda: judge("www.bank.example", "A", change=at("bank.example", "DS", silence)),
    "broken-far-above": lambda: judge(
        "www.bank.example", "A", change=at("example", "DS", signed_wrongly(".", key_tag=1))
    ),
}


@cache
def chain_of(name: str) -> ChainOfTrust:
    return JUDGEMENTS[name]()


@pytest.mark.parametrize("name", JUDGEMENTS)
def test_judgement_is_the_approved_one(name):
    assert told(name) == (PAGES / f"{name}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", JUDGEMENTS)
def test_two_boxes_are_the_same_exactly_if_their_records_are(name):
    boxes = {item for link in chain_of(name).links for item in (link.source, link.target)}
    things = {(item.id, (item.kind, item.owner, item.rdtype, frozenset(item.rdatas), item.present)) for item in boxes}
    assert len(things) == len({box_id for box_id, _ in things}) == len({thing for _, thing in things})
    assert all(re.fullmatch("[a-z]+_[0-9a-f]{12}", box_id) for box_id, _ in things)


def test_there_is_no_page_without_its_judgement():
    assert {page.stem for page in PAGES.iterdir()} == set(JUDGEMENTS)


def told(name: str) -> str:
    before = takewhile(lambda told_before: told_before != name, ("healthy", "healthy-below-com"))
    return tell(chain_of(name), NOW, map(chain_of, before))


if __name__ == "__main__":
    for name in JUDGEMENTS:
        (PAGES / f"{name}.txt").write_text(told(name), encoding="utf-8")
