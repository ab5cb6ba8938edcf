"""What would have come next: the links below a break, so that the picture can show where the answer hangs.

It knows: the messages, and what they claim. Nothing here is checked, so nothing of it is true or false.
It must not know: verdicts.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from dns import rdatatype
from dns.name import Name
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.ANY.DS import DS

from ..protocol.trust import Item, ItemKind, Link, LinkStatus, Verb
from .boxes import ds_item, key_item
from .public_keys import key_tag
from .records import SignedSet

Find = Callable[[Name, RdataType], SignedSet | None]


def links_below(
    broken: Link, answer: Item, answer_set: SignedSet | None, cuts: Sequence[Name], find: Find
) -> list[Link]:
    """Return the links from the box behind a broken link down to the answer.

    Args:
        broken: The link that failed.
        answer_set: The RRset of the answer with its signatures; None if there is none.
        cuts: Names below the break at which a zone seems to begin, from top to bottom.
        find: Returns the RRset received for a name and a type.
    """
    links: list[Link] = []
    here = broken.target
    for box in [*_boxes(broken, answer_set, cuts, find), answer]:
        if box.id != here.id:
            links.append(_link(here, box))
            here = box
    return links


def _boxes(broken: Link, answer_set: SignedSet | None, cuts: Sequence[Name], find: Find) -> Iterator[Item]:
    box, zone = broken.target, broken.target.owner
    if box.kind not in (ItemKind.KEY, ItemKind.DS) or not box.present:
        return
    if box.kind is ItemKind.DS:
        yield from _entry_key(zone, find)
    for cut in cuts:
        ds = find(cut, rdatatype.DS)
        if ds is not None:
            yield from _signing_key(zone, ds, find)
            yield ds_item(zone, cut, [rdata for rdata in ds.rrset if isinstance(rdata, DS)])
            yield from _entry_key(cut, find)
            zone = cut
    yield from _signing_key(zone, answer_set, find)


def _entry_key(zone: Name, find: Find) -> Iterator[Item]:
    """Yield the key by which a zone is entered: the one that has signed the DNSKEY RRset, as it says."""
    yield from _signing_key(zone, find(zone, rdatatype.DNSKEY), find, "KSK")


def _signing_key(zone: Name, signed: SignedSet | None, find: Find, role: str = "ZSK") -> Iterator[Item]:
    """Yield the key that has signed an RRset, as it says."""
    keys = find(zone, rdatatype.DNSKEY)
    if keys is None or signed is None:
        return
    tags = {(rrsig.key_tag, rrsig.algorithm) for rrsig in signed.signatures}
    signing = (key for key in keys.rrset if isinstance(key, DNSKEY) and (key_tag(key), key.algorithm) in tags)
    yield from (key_item(zone, key, role) for key in islice(signing, 1))


def _link(source: Item, target: Item) -> Link:
    verb = Verb.VOUCHES_FOR if source.kind is ItemKind.DS and target.kind is ItemKind.KEY else Verb.SIGNS
    if source.kind is ItemKind.DENIAL:
        verb = Verb.DENIES if target.kind is ItemKind.ABSENCE else Verb.PERMITS_UNSIGNED
    if source.kind is ItemKind.RRSET and source.rdtype != rdatatype.DNSKEY:  # an alias; or the SOA beside an absence
        verb = Verb.LEADS_TO
    return Link(source, verb, target, LinkStatus.NOT_REACHED)
