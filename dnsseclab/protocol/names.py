"""Domain names at the door: text in, absolute `dns.name.Name` out, and back again for people.

It knows how a learner writes a name and how we print one.
It must not know what a name stands for.
Follows RFC 9499 (words) and RFC 4343 (upper and lower case are equal).
"""

from functools import lru_cache

import dns.exception
import dns.name
import dns.rdatatype
from dns.name import Name
from dns.rdatatype import RdataType

from .kept_names import KEPT, KeptName, kept


class LabError(ValueError):
    """The caller asked for something that cannot be; the text says what to do instead."""


def to_name(name: str | Name) -> Name:
    """Return `name` as an absolute Name; text without a final dot is taken as complete.

    Raises:
        LabError: The text is no domain name (RFC 1035 §2.3.4: 63 octets a label, 255 a name).
    """
    if isinstance(name, KeptName):
        return name
    if isinstance(name, Name):
        return kept(name if name.is_absolute() else name.concatenate(dns.name.root))
    if not isinstance(name, str):
        raise LabError(f"{name!r} is not a domain name: write it as text, for example 'www.bank.example'.")
    try:
        return _read(name)
    except dns.exception.DNSException as error:
        raise LabError(f"{name!r} is not a domain name: {error} Write it like 'www.bank.example'.") from None


@lru_cache(KEPT)
def _read(text: str) -> KeptName:
    return kept(dns.name.from_text(text))


def to_type(rdtype: str | int) -> RdataType:
    """Return a record type from its mnemonic ('A', 'DNSKEY', 'TYPE1234') or its number.

    Raises:
        LabError: There is no such type.
    """
    if type(rdtype) is RdataType:
        return rdtype
    try:
        return RdataType.make(rdtype)
    except (dns.exception.DNSException, ValueError, TypeError):
        raise LabError(f"{rdtype!r} is not a record type: write 'A', 'AAAA', 'NS', 'DNSKEY' and so on.") from None


def show_name(name: Name) -> str:
    """Return a name as people write it: no final dot, and 'root' for the root."""
    return _shown(name.labels)


@lru_cache(KEPT)
def _shown(labels: tuple[bytes, ...]) -> str:
    return "root" if labels == (b"",) else Name(labels).to_text(omit_final_dot=True)


def show_type(rdtype: int) -> str:
    """Return a record type's mnemonic."""
    return dns.rdatatype.to_text(RdataType.make(rdtype))


def ancestors(name: Name) -> tuple[Name, ...]:
    """Return an absolute name and everything above it, up to the root."""
    first = kept(name)
    return first, *first.above


def zone_above(name: Name) -> Name:
    """Return the name with its first label taken off.

    Raises:
        LabError: The root has nothing above it.
    """
    if name == dns.name.root:
        raise LabError("The root has no parent.")
    return kept(name).parent()
