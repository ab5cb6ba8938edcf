"""A healthy signed tree, and ways to break exactly one thing of it, for the validator's tests.

It knows: the toy Internet, whose servers are asked directly, and how one reply is changed on its way.
It must not know: resolver. What is broken here is broken by signing wrongly or by leaving out, never by flipping bytes.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

import dns.rrset
from dns.message import Message
from dns.name import Name
from dns.rdata import Rdata
from dns.rdatatype import RdataType
from dns.rrset import RRset

from dnsseclab.authority.keys import Key, make_key
from dnsseclab.authority.server import answer
from dnsseclab.authority.signing import seal, sign_rrset, sign_zone
from dnsseclab.authority.zones import Zone, make_rrset
from dnsseclab.internet.worlds import NOW, World, toy_internet
from dnsseclab.protocol.evidence import NO_REPLY, Evidence, Received
from dnsseclab.protocol.messages import Question, make_query, parse, question, to_bytes
from dnsseclab.protocol.names import show_name, to_name, to_type
from dnsseclab.protocol.trust import ChainOfTrust, Item
from dnsseclab.validator import Validator

DAY = 86400
HEALTHY = toy_internet()
BANK, WWW, EXAMPLE = to_name("bank.example"), to_name("www.bank.example"), to_name("example")
TIMES = {"inception": NOW - DAY, "expiration": NOW + DAY}

Change = Callable[[Message], Received]


class Breaking:
    """Replies on their way, changed where the question is one of `places`; counts what it changed."""

    def __init__(self, *places: tuple[str, str], change: Change):
        self.places = {question(*place) for place in places}
        self.change = change
        self.done = 0

    def __call__(self, asked: Question, reply: Message) -> Received:
        if asked not in self.places:
            return reply
        before = to_bytes(reply)
        changed = self.change(reply)
        self.done += changed == NO_REPLY or to_bytes(changed) != before
        return changed


def at(name: str, rdtype: str, change: Change) -> Breaking:
    """Return a change of the reply to one question."""
    return Breaking((name, rdtype), change=change)


def ask(world: World, asked: Question) -> Message:
    """Return what the right server of a world replies."""
    zone = world.zone_of(asked.name, asked.rdtype)
    return parse(to_bytes(answer([zone], make_query(asked.name, asked.rdtype, id=1, dnssec_ok=True))))


def judge(
    name: str,
    rdtype: str,
    world: World = HEALTHY,
    change: Callable[[Question, Message], Received] | None = None,
    *,
    anchors: Iterable[RRset] | None = None,
    now: int = NOW,
    validator: type[Validator] = Validator,
    rounds: list[str] | None = None,
    **options,
) -> ChainOfTrust:
    """Return the final chain for a question, its evidence gathered from a world as a resolver would.

    Args:
        rounds: Takes what was asked for together, a line for each time.
    """
    asked = question(name, rdtype)
    trusted = world.trust_anchors if anchors is None else tuple(anchors)
    evidence, needs, proven = Evidence(asked), (asked,), options.pop("proven", ())
    while needs:
        if rounds is not None:
            rounds.append(", ".join(map(str, needs)))
        for need in needs:
            assert evidence.get(*need) is None, f"{need} was asked for twice"
            reply = ask(world, need)
            evidence = evidence.with_message(need, change(need, reply) if change else reply)
        chain = validator(evidence, trusted, now, proven=proven, **options).judge()
        needs, proven = chain.needs, chain.proven
    if isinstance(change, Breaking):
        assert change.done, "nothing was changed"
    return chain


# ---- changes of one reply ------------------------------------------------------------------------------------------


def drop(*rdtypes: str) -> Change:
    """Leave out all records of some types; their signatures stay."""
    types = {to_type(rdtype) for rdtype in rdtypes}
    return _filter(lambda rrset: rrset.rdtype not in types)


def drop_with_signatures(*rdtypes: str) -> Change:
    """Leave out all records of some types, and their signatures."""
    types = {to_type(rdtype) for rdtype in rdtypes}
    return _filter(lambda rrset: rrset.rdtype not in types and rrset.covers not in types)


def drop_at(name: str | Name) -> Change:
    """Leave out all that has this owner."""
    return _filter(lambda rrset: rrset.name != to_name(name))


def _filter(keep: Callable[[RRset], bool]) -> Change:
    def change(message: Message) -> Message:
        for section in (message.answer, message.authority):
            section[:] = [rrset for rrset in section if keep(rrset)]
        return message

    return change


def silence(message: Message) -> Received:
    """Send nothing at all."""
    return NO_REPLY


def say(*rrsets: RRset) -> Change:
    """Say something else in the answer section."""

    def change(message: Message) -> Message:
        message.answer[:] = list(rrsets)
        message.authority[:] = []
        message.set_rcode(0)
        return message

    return change


def with_signature(made: Callable[[RRset, Rdata], Rdata]) -> Change:
    """Put another signature in the place of each one in the answer: made from the RRset and the old RRSIG."""

    def change(message: Message) -> Message:
        data = {rrset.rdtype: rrset for rrset in message.answer if rrset.rdtype != RdataType.RRSIG}
        for number, rrset in enumerate(message.answer):
            if rrset.rdtype == RdataType.RRSIG:
                made_anew = [made(data[rrset.covers], rrsig) for rrsig in rrset]
                message.answer[number] = make_rrset(rrset.name, rrset.ttl, *made_anew)
        return message

    return change


def signed_wrongly(zone: str = "bank.example", role: str = "ZSK", **fields) -> Change:
    """Sign the answer anew with the right key of a zone, but with other fields."""
    key = key_of(zone, role)
    return with_signature(lambda rrset, rrsig: seal(rrset, rrsig.replace(**fields), key))


def rewritten(**fields) -> Change:
    """Change fields of the signatures in the answer without signing again, as somebody on the path would."""
    return with_signature(lambda rrset, rrsig: rrsig.replace(**fields))


# ---- parts of a world ----------------------------------------------------------------------------------------------


def key_of(zone: str, role: str, world: World = HEALTHY) -> Key:
    """Return a zone's key by its role."""
    return next(key for key in world.keys[to_name(zone)] if key.role == role)


def strange_key(zone: str, role: str = "ZSK", **options) -> Key:
    """Return a key that claims a zone and is not one of its keys."""
    return make_key(zone, role, seed="somebody else", **options)


def signed(rrset: RRset, *keys: Key, **overrides) -> tuple[RRset, RRset]:
    """Return an RRset and the RRSIG RRset that keys make over it."""
    times = {key: overrides.pop(key, moment) for key, moment in TIMES.items()}
    rrsigs = [sign_rrset(rrset, key, **times, **overrides) for key in keys]
    return rrset, make_rrset(rrset.name, rrset.ttl, *rrsigs)


def with_zones(world: World, *zones: Zone) -> World:
    """Return a world in which these zones stand, whether it had them before or not."""
    return replace(world, zones={**world.zones, **{zone.origin: zone for zone in zones}})


def with_records(*lines: str, origin: str = "bank.example") -> World:
    """Return a healthy world whose zone has a few more records, and is signed anew."""
    zone = HEALTHY.zone(origin)
    more = [dns.rrset.from_text(name, 3600, "IN", rdtype, rdata) for name, rdtype, rdata in map(str.split, lines)]
    return HEALTHY.with_zone(sign_zone(zone.with_rrsets(*more), HEALTHY.keys[zone.origin], **TIMES))


def with_ds(*rdatas: Rdata) -> World:
    """Return a world in which the parent holds, and has signed, this DS RRset for the bank."""
    rrset = make_rrset(BANK, 3600, *rdatas)
    return HEALTHY.with_zone(HEALTHY.zone("example").with_rrsets(*signed(rrset, key_of("example", "ZSK"))))


def links_of(chain: ChainOfTrust) -> list[str]:
    """Return the links of a chain in short: 'KSK example signs ZSK example'."""
    return [f"{_short(link.source)} {link.verb} {_short(link.target)}" for link in chain.links]


def _short(item: Item) -> str:
    return f"{item.role or item.kind.name} {show_name(item.owner)}"
