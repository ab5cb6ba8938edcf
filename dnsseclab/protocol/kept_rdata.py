"""Rdata that keeps its canonical form: it is hashed, compared, signed, verified and drawn by it, again and again.

It knows: rdata. It is dnspython's in all respects but the time it takes.
It must not know what any of it means.
Follows RFC 4034 §6.2 (canonical form).
"""

from typing import Any

from dns.name import Name
from dns.rdata import Rdata
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.ANY.DS import DS
from dns.rdtypes.ANY.NS import NS
from dns.rdtypes.ANY.NSEC import NSEC
from dns.rdtypes.ANY.NSEC3 import NSEC3
from dns.rdtypes.ANY.OPT import OPT
from dns.rdtypes.ANY.RRSIG import RRSIG
from dns.rdtypes.ANY.SOA import SOA
from dns.rdtypes.IN.A import A

from .kept_names import kept
from .made_rdata import complete


class KeepsForm:
    """What the classes below do otherwise than dnspython's. All names in their rdata are absolute."""

    _form: bytes | None = None

    def keep_form(self, form: bytes) -> None:
        """Keep a canonical form that is known already."""
        object.__setattr__(self, "_form", form)

    def to_digestable(self, origin: Name | None = None) -> Any:
        """Return the canonical form."""
        if self._form is None:
            self.keep_form(super().to_digestable(origin))  # type: ignore[misc]  # dnspython's class comes next
        return self._form

    def __hash__(self) -> int:
        return hash(self.to_digestable())


class KeptA(KeepsForm, A):
    """An address."""


class KeptDNSKEY(KeepsForm, DNSKEY):
    """A key."""


class KeptDS(KeepsForm, DS):
    """The digest of a key."""


class KeptNS(NS):
    """A name server: its canonical form is that of its name, which keeps it."""

    def to_digestable(self, origin: Name | None = None) -> Any:
        """Return the canonical form."""
        return self.target.to_digestable(origin)

    def __hash__(self) -> int:
        return hash(self.target.to_digestable())


class KeptNSEC(KeepsForm, NSEC):
    """A denial by name."""


class KeptNSEC3(KeepsForm, NSEC3):
    """A denial by hash."""


class KeptOPT(KeepsForm, OPT):
    """Options of EDNS."""


class KeptRRSIG(KeepsForm, RRSIG):
    """A signature."""


class KeptSOA(KeepsForm, SOA):
    """The start of a zone."""


KINDS: dict[type[Rdata], type[Rdata]] = {
    A: KeptA, DNSKEY: KeptDNSKEY, DS: KeptDS, NS: KeptNS, NSEC: KeptNSEC, NSEC3: KeptNSEC3, RRSIG: KeptRRSIG,
    SOA: KeptSOA,
}  # fmt: skip


def keeping(rdata: Rdata) -> Rdata:
    """Return the same rdata as one that keeps its form, and its names as well; of a seldom type, as it is."""
    kind = KINDS.get(type(rdata))
    if kind is None:
        return rdata
    fields = rdata.__getstate__()
    names = {field: value for field, value in fields.items() if isinstance(value, Name)}
    if not all(name.is_absolute() for name in names.values()):
        return rdata
    return complete(kind.__new__(kind), fields | {field: kept(name) for field, name in names.items()})
