"""Reading a master file, keeping the line of each record so that a mistake can be pointed at.

It knows the format of RFC 1035 §5, through dnspython's reader.
It must not know what makes a zone: any record of any name is read.
"""

from typing import Any

import dns.exception
import dns.rdatatype
import dns.tokenizer
import dns.zonefile
from dns import rdataclass
from dns.name import Name
from dns.rdatatype import RdataType
from dns.rrset import RRset

from ..protocol.names import LabError, show_name, show_type

Place = tuple[Name, RdataType, RdataType]  # owner, type and, for RRSIGs, type covered


def read_records(text: str, origin: Name | None = None) -> tuple[list[RRset], dict[Place, int]]:
    """Return the RRsets of a master file, all names absolute, and the line at which each RRset begins.

    Args:
        origin: What relative names belong to. None: the text begins with $ORIGIN.
    Raises:
        LabError: With the line, what is wrong with it, and what to do.
    """
    tokenizer = _Tokenizer(text + "\n")
    records = _Records(tokenizer)
    reader = dns.zonefile.Reader(tokenizer, rdataclass.IN, records)
    reader.current_origin = reader.last_name = origin
    try:
        reader.read()
    except dns.zonefile.UnknownOrigin:
        raise LabError(f"Line {tokenizer.record_line}: begin with '$ORIGIN your.zone.', or give the origin.") from None
    except (dns.exception.DNSException, ValueError) as error:
        what, line = str(error).split(": ", 1)[-1].rstrip("."), tokenizer.record_line
        written = (text + "\n").split("\n")[line - 1].strip()
        raise LabError(
            f"Line {line}, {written!r}, cannot be read: {what or 'something is missing'}. "
            "A record is written as 'name TTL type value', for example 'www 3600 A 192.0.2.1'; "
            "a line '$TTL 1h' at the top saves the TTLs."
        ) from None
    return list(records.rrsets.values()), records.lines


class _Tokenizer(dns.tokenizer.Tokenizer):
    """Remembers the line at which a record begins."""

    record_line = 1

    def get(self, want_leading: bool = False, want_comment: bool = False) -> dns.tokenizer.Token:
        if want_leading and want_comment:  # so the reader asks at the beginning of a line, and only there
            self.record_line = self.line_number
        return super().get(want_leading, want_comment)


class _Records(dns.zonefile.RRsetsReaderTransaction):
    """Takes the records from dnspython's reader one by one, without its opinion on what makes a zone."""

    def __init__(self, tokenizer: _Tokenizer) -> None:
        # With the root as origin the reader passes over no record in silence.
        super().__init__(dns.zonefile.RRSetsReaderManager(), True, False)
        self._tokenizer = tokenizer
        self.rrsets: dict[Place, RRset] = {}
        self.lines: dict[Place, int] = {}

    def add(self, *record: Any) -> None:
        name, ttl, rdata = record
        place: Place = (name, rdata.rdtype, rdata.covers())
        if place in self.rrsets and dns.rdatatype.is_singleton(rdata.rdtype):  # it would take the first one's place
            raise ValueError(f"{show_name(name)} has a {show_type(rdata.rdtype)} record already, and may have only one")
        rrset = self.rrsets.setdefault(place, RRset(name, rdata.rdclass, rdata.rdtype, rdata.covers()))
        rrset.add(rdata, ttl)
        self.lines.setdefault(place, self._tokenizer.record_line)
