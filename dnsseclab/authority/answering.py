"""Finding the answer in a server's zones: RFC 1034 §4.3.2, its steps numbered as there, with what DNSSEC adds.

It knows the server's zones, and what is asked.
It must not know bytes, sizes or clients.
Follows RFC 4035 §3.1 and RFC 5155 §7.2 (signatures and proofs), RFC 2308 §3 (absence), RFC 4592 (wildcards),
RFC 6604 §3 (aliases), RFC 6672 §3 (DNAME), RFC 9471 (glue).
"""

from collections.abc import Mapping
from types import ModuleType

import dns.flags
import dns.rcode
from dns import rdataclass, rdatatype
from dns.message import Message
from dns.name import Name, NameTooLong
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.CNAME import CNAME
from dns.rrset import RRset

from ..protocol.names import ancestors
from . import nsec, nsec3
from .nsec import wildcard
from .online_denial import OnlineDenial, OnlineZone
from .zones import ADDED_BY_SIGNING, Zone, make_rrset

MAX_ALIASES = 16  # in one answer; aliases may run in a circle
ADDRESS_TYPES = (rdatatype.A, rdatatype.AAAA)


class Answering:
    """The making of one answer, by the steps of RFC 1034 §4.3.2.

    Step 1 (recursion) and steps 4 and 5 (cache, resolver) are not for a server that only knows its own zones.
    """

    def __init__(self, zones: Mapping[Name, Zone], reply: Message, dnssec: bool) -> None:
        self.zones = zones
        self.reply = reply
        self.dnssec = dnssec  # the query had DO: signatures and proofs go along

    def run(self, qname: Name, qtype: RdataType) -> None:
        """Fill in the reply."""
        zone = self.zone_for(qname, qtype)  # step 2
        if zone is None:
            self.reply.set_rcode(dns.rcode.REFUSED)
        for _ in range(MAX_ALIASES):
            target = self.match_down(zone, qname, qtype) if zone else None  # step 3
            if target is None:
                break
            qname, zone = target, self.zone_for(target, qtype)  # an alias: again from step 2
        self.add_addresses()  # step 6

    def zone_for(self, qname: Name, qtype: RdataType) -> Zone | None:
        """Step 2: return the nearest zone at or above the name, or None.

        A DS stands at the parent's side of a cut: a server of both zones answers from the parent (RFC 4035 §3.1.4.1).
        """
        around = [self.zones[name] for name in ancestors(qname) if name in self.zones]
        if qtype == rdatatype.DS and len(around) > 1 and around[0].origin == qname:
            parent = around[1]
            if parent.zone_cut(qname) == qname:
                return parent
        return around[0] if around else None

    def match_down(self, zone: Zone, qname: Name, qtype: RdataType) -> Name | None:
        """Step 3: match the name in the zone. Return the name that an alias leads on to, or None at the end."""
        cut = zone.zone_cut(qname)
        if cut is not None and not (cut == qname and qtype == rdatatype.DS):
            self.refer(zone, cut)  # step 3b
            return None
        self.reply.flags |= dns.flags.AA
        if zone.exists(qname):
            return self.take(zone, qname, qname, qtype)  # step 3a
        if dname := zone.dname_above(qname):
            return self.redirect(zone, dname, qname, qtype)
        encloser = zone.closest_encloser(qname)
        if zone.exists(wildcard(encloser)):
            return self.take(zone, wildcard(encloser), qname, qtype)  # step 3c
        if not (self.dnssec and isinstance(zone, OnlineZone) and zone.denial.hides_name_error):
            self.reply.set_rcode(dns.rcode.NXDOMAIN)
        self.add_absence(zone, chain_of(zone).prove_no_name(zone, qname))
        return None

    def refer(self, zone: Zone, cut: Name) -> None:
        """Step 3b: name the child's servers, and say whether the child is signed (RFC 4035 §3.1.4)."""
        servers = zone.get(cut, rdatatype.NS)
        assert servers is not None
        self.add(self.reply.authority, zone, servers)
        if self.dnssec:
            ds = zone.get(cut, rdatatype.DS)
            for rrset in [ds] if ds else chain_of(zone).prove_no_type(zone, cut):
                self.add(self.reply.authority, zone, rrset)
        for server in servers:
            for rdtype in ADDRESS_TYPES:
                self.add(self.reply.additional, zone, zone.get(server.target, rdtype))

    def take(self, zone: Zone, source: Name, qname: Name, qtype: RdataType) -> Name | None:
        """Steps 3a and 3c: copy what `source` has, which is the name asked for or the wildcard that stands for it."""
        # Without DO, RRSIG and NSEC are records like any other: ANY means them too (RFC 4035 §3.1).
        found = [rrset for rrset in zone.rrsets_at(source) if qtype in (rdatatype.ANY, rrset.rdtype)]
        alias = None if found or qtype in ADDED_BY_SIGNING else zone.get(source, rdatatype.CNAME)
        for rrset in [alias] if alias else found:
            self.add(self.reply.answer, zone, rrset, qname)
        chain = chain_of(zone)
        if not (found or alias):
            denial = chain.prove_no_type if source == qname else chain.prove_no_wildcard_type
            self.add_absence(zone, denial(zone, qname))
        elif source != qname:
            self.add_proofs(zone, chain.prove_no_closer_name(zone, qname))
        return alias[0].target if alias else None

    def redirect(self, zone: Zone, dname: RRset, qname: Name, qtype: RdataType) -> Name | None:
        """Answer below a DNAME: send it, and the CNAME that follows from it, unsigned (RFC 6672 §3.1, §5.3.1)."""
        self.add(self.reply.answer, zone, dname)
        try:
            target = qname.relativize(dname.name).concatenate(dname[0].target)
        except NameTooLong:
            self.reply.set_rcode(dns.rcode.YXDOMAIN)
            return None
        self.reply.answer.append(make_rrset(qname, dname.ttl, CNAME(rdataclass.IN, rdatatype.CNAME, target)))
        return None if qtype in (rdatatype.CNAME, rdatatype.ANY) else target

    def add_absence(self, zone: Zone, proofs: list[RRset]) -> None:
        """Say that something does not exist: SOA, for the time the "no" may be kept (RFC 2308 §3), and proofs."""
        self.add(self.reply.authority, zone, zone.soa, ttl=zone.negative_ttl)
        self.add_proofs(zone, proofs)

    def add_proofs(self, zone: Zone, proofs: list[RRset]) -> None:
        """Add NSEC or NSEC3 records, for those who asked for DNSSEC."""
        for proof in proofs if self.dnssec else []:
            self.add(self.reply.authority, zone, proof)

    def add_addresses(self) -> None:
        """Step 6: add the addresses of servers that the answer names, as far as they are ours to tell."""
        for rrset in self.reply.answer:
            if rrset.rdtype in (rdatatype.NS, rdatatype.MX, rdatatype.SRV):
                for rdata in rrset:
                    target = rdata.exchange if rrset.rdtype == rdatatype.MX else rdata.target
                    zone = self.zone_for(target, rdatatype.A)
                    if zone is not None and zone.zone_cut(target) is None:
                        for rdtype in ADDRESS_TYPES:
                            self.add(self.reply.additional, zone, zone.get(target, rdtype))

    def add(
        self, section: list[RRset], zone: Zone, rrset: RRset | None, owner: Name | None = None, ttl: int | None = None
    ) -> None:
        """Add an RRset once, and its signatures if DNSSEC was asked for; `owner` is the name that a wildcard became."""
        if rrset is None:
            return
        signatures = zone.signatures(rrset.name, rrset.rdtype) if self.dnssec else None
        for each in filter(None, (rrset, signatures)):
            each.name = owner or each.name
            each.ttl = each.ttl if ttl is None else ttl
            if not any(each.full_match(there.name, there.rdclass, there.rdtype, there.covers) for there in section):
                section.append(each)


def chain_of(zone: Zone) -> ModuleType | OnlineDenial:
    """Return what a zone proves absence with: nsec3 if it publishes an NSEC3PARAM record (RFC 5155 §4), else nsec.

    A zone that proves on demand has its own way.
    """
    if isinstance(zone, OnlineZone):
        return zone.denial
    return nsec3 if zone.get(zone.origin, rdatatype.NSEC3PARAM) else nsec
