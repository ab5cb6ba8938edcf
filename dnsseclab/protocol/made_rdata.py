"""Rdata whose fields are known to be right: read from the wire, or an existing record's but for one of them.

It knows: how dnspython's rdata objects are filled. It must not know what any of them means.
"""

from typing import Any, TypeVar

from dns.rdata import Rdata
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType

T = TypeVar("T", bound=Rdata)


def make_rdata(kind: type[T], rdtype: RdataType, **fields: Any) -> T:
    """Return rdata of class IN with these fields, all that its kind has.

    dnspython's constructors check every field, which costs ten times as much as setting it: in vain for a number that
    was read from two bytes, and so fits into two. Rdata is immutable, so the fields are set as unpickling sets them.
    """
    rdata = kind.__new__(kind)
    set_field = object.__setattr__
    set_field(rdata, "rdclass", RdataClass.IN)
    set_field(rdata, "rdtype", rdtype)
    set_field(rdata, "rdcomment", None)
    for field, value in fields.items():
        set_field(rdata, field, value)
    return rdata
