"""Aggressive use of validated denials: a gap that a zone has signed answers for every name in it (RFC 8198).

One NSEC record that came for one random name denies a whole stretch of names, so the next random name there costs no
question to any server. That starves floods of random names, Kaminsky's attack among them: no question, no race.
It knows: the gaps that are remembered, and how the validator reads them.
It must not know: how they were obtained, or who asks.
Follows RFC 8198 §5.1 (NSEC), §5.2 (NSEC3; a gap with Opt-Out says nothing), §5.4 (TTL); RFC 9077 §3.
Simplification: no answers are made from a wildcard that is remembered (§5.3).
"""

from collections.abc import Sequence

import dns.rcode
from dns import rdatatype
from dns.name import Name
from dns.rcode import Rcode

from ..protocol.dnssec import nsec3_hash, nsec3_label
from ..protocol.made_rdata import with_ttl
from ..protocol.messages import Question
from ..protocol.names import ancestors
from ..protocol.trust import SecurityStatus
from ..validator.denial import Record, Shows, wildcard_at
from ..validator.limits import Limits, Work, WorkLimitExceeded
from ..validator.nsec3_denial import Nsec3Denial
from ..validator.nsec_denial import NsecDenial
from ..validator.policy import Policy
from .cache import LONGEST_ABSENCE, WHOLE_NAME, Cache, Entry, Rank
from .gaps import Gap, Parameters, Place, Ring, place_of
from .parent_side import where_to_begin

LEFT_TO_SERVERS = (rdatatype.ANY, rdatatype.RRSIG)  # what a bitmap says of these is no absence


def deny(question: Question, cache: Cache, now: int, policy: Policy, limits: Limits) -> Entry | None:
    """Return the absence that remembered gaps prove, as if a server had sent it; None if they don't."""
    if question.rdtype in LEFT_TO_SERVERS or not cache.gaps:
        return None
    work = Work(limits)
    try:
        for zone in ancestors(where_to_begin(question)):
            for parameters, ring in cache.gaps.rings_of(zone):
                if parameters and parameters[1] > policy.nsec3_iterations:
                    continue  # before anything is hashed (RFC 9276 §3.2)
                gaps = candidates(question.name, zone, parameters, ring, now, work)
                entry = proven_absence(question, zone, gaps, cache, now, policy, work) if gaps else None
                if entry:
                    return entry
    except WorkLimitExceeded:  # a deep name, and a zone that wants many rounds for each of its labels
        pass
    return None


def candidates(name: Name, zone: Name, parameters: Parameters, ring: Ring, now: int, work: Work) -> list[Gap]:
    """Return the few records that a proof about a name could need: one for each ancestor, one for its wildcard."""
    found: dict[Place, Gap] = {}
    for ancestor in (each for each in ancestors(name) if each.is_subdomain(zone)):
        for each in (ancestor, wildcard_at(ancestor)):
            gap = ring.at_or_before(_place(each, parameters, work), now)
            if gap:
                found[place_of(gap.rrset.name)] = gap
    return list(found.values())


def proven_absence(
    question: Question, zone: Name, gaps: Sequence[Gap], cache: Cache, now: int, policy: Policy, work: Work
) -> Entry | None:
    """Return what some gaps of one zone prove: that the name does not exist, or lacks the type."""
    records = {Record(gap.rrset.name, gap.rrset[0]): gap for gap in gaps}
    hashed = gaps[0].rrset.rdtype == rdatatype.NSEC3
    listed = list(records)
    denial = Nsec3Denial(zone, listed, policy, work) if hashed else NsecDenial(zone, listed)
    rcode = dns.rcode.NXDOMAIN
    proof = denial.no_name(question.name)
    if proof.shows is not Shows.ABSENT:
        rcode, proof = dns.rcode.NOERROR, denial.no_type(question.name, question.rdtype)
    if proof.shows is not Shows.ABSENT:
        return None
    used = list(dict.fromkeys(part.record for part in proof.parts))
    return _entry(question, rcode, zone, [records[record] for record in used], cache, now)


def _entry(question: Question, rcode: Rcode, zone: Name, gaps: Sequence[Gap], cache: Cache, now: int) -> Entry | None:
    """Return an absence with its proof, and with the zone's SOA, without which nobody could keep it (RFC 2308 §3)."""
    soa = cache.get(zone, rdatatype.SOA, now)
    if soa is None or soa.status is not SecurityStatus.SECURE:
        return None
    longest = min(soa.answer[0][0].minimum, LONGEST_ABSENCE)  # whatever a record's own TTL says (RFC 9077 §3)
    ttl = min(soa.expires - now, *(min(gap.expires, gap.stored + longest) - now for gap in gaps))
    if ttl <= 0:
        return None
    proof = [rrset for gap in gaps for rrset in (gap.rrset, gap.rrsigs)]
    return Entry(
        Question(question.name, WHOLE_NAME if rcode == dns.rcode.NXDOMAIN else question.rdtype),
        rcode,
        (),
        tuple(with_ttl(rrset, ttl) for rrset in (*soa.answer, *proof)),
        Rank.AUTHORITATIVE_ANSWER,
        SecurityStatus.SECURE,
        stored=now,
        expires=now + ttl,
    )


def _place(name: Name, parameters: Parameters, work: Work) -> Place:
    if parameters is None:
        return place_of(name)
    _, iterations, salt = parameters
    work.spend("hash rounds", iterations + 1)
    return (nsec3_label(nsec3_hash(name, salt, iterations)),)
