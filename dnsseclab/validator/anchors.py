"""Trust anchors: the keys that a validator knows beforehand, from outside DNS.

It knows: how people write them down, as DS or DNSKEY records.
It must not know: whether they are right. Nothing can check them: that is what an anchor means.
Follows RFC 4035 §5 and RFC 6840 §5.10 (several anchors).
"""

from collections.abc import Iterable

import dns.exception
import dns.name
import dns.zonefile
from dns import rdatatype
from dns.rdatatype import RdataType
from dns.rrset import RRset

from ..protocol.names import LabError, show_name, show_type

ADVICE = "write it as a DS or DNSKEY record, for example '. DS 20326 8 2 e06d44b8…'"


def read_trust_anchors(items: Iterable[RRset | str] | RRset | str) -> tuple[RRset, ...]:
    """Return trust anchors as DS and DNSKEY RRsets, one for each name and type.

    Args:
        items: RRsets, or text of one or more lines: '. DS 123 13 2 ab…', '. 3600 IN DNSKEY 257 3 13 …'.
            What follows a ';' is a comment.
    Raises:
        LabError: Something in it is no trust anchor; the text says what to write instead.
    """
    listed = [items] if isinstance(items, str | RRset) else list(items)
    anchors: dict[tuple[dns.name.Name, RdataType], RRset] = {}
    for item in listed:
        for rrset in [item] if isinstance(item, RRset) else _from_text(item):
            known = anchors.setdefault((rrset.name, rrset.rdtype), RRset(rrset.name, rrset.rdclass, rrset.rdtype))
            known.update(_checked(rrset))
    return tuple(anchors.values())


def _from_text(text: object) -> list[RRset]:
    if not isinstance(text, str):
        raise LabError(f"{text!r} is no trust anchor: {ADVICE}.")
    try:
        rrsets = dns.zonefile.read_rrsets(text, rdclass=None, default_ttl=0)
    except (dns.exception.DNSException, ValueError) as error:
        raise LabError(f"{text.strip()!r} is no trust anchor ({error}): {ADVICE}.") from None
    if not rrsets:
        raise LabError(f"There is no trust anchor in {text.strip()!r}: {ADVICE}.")
    return rrsets


def _checked(rrset: RRset) -> RRset:
    if rrset.rdtype not in (rdatatype.DS, rdatatype.DNSKEY):
        raise LabError(f"{show_name(rrset.name)} {show_type(rrset.rdtype)} is no trust anchor: {ADVICE}.")
    if not len(rrset):
        raise LabError(f"The trust anchor for {show_name(rrset.name)} is empty: {ADVICE}.")
    return rrset
