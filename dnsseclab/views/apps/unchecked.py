"""The way to an answer that nobody checked: what stands in the graph's place when there is no chain of trust.

It knows: which zones lie on the way, which address was believed, and which real reply came too late.
It must not know: a reason to believe any of it. There is none, and the picture says so.
The accept checks that it lists are those of RFC 5452 §9.1.
"""

from html import escape

from dns import rdatatype
from dns.name import Name

from ...internet.worlds import VICTIM_ADDRESS
from ...protocol.messages import Datagram, MalformedMessage, asked, message_id, parse
from ...protocol.names import show_name
from ...protocol.story import Believed, Event, Ignored, Reason
from ..chain_graph import Drawing, unchecked_graph
from ..skeleton import Reply
from .moment import Moment

Said = tuple[str, str]  # a sign, and a sentence
BELIEVED = "reply_0"  # the box of what was believed


def unchecked_way(moment: Moment, uid: str) -> Drawing:
    """Return the picture: the zones on the way, and what was believed."""
    zones, replies = tuple(_zones(moment)), tuple(_replies(moment))
    return unchecked_graph(moment.setup.question, zones, replies, compact=True, uid=uid)


def unchecked_details(moment: Moment) -> str:
    """Return in HTML what stands behind the chosen box: which is never a proof."""
    heading, lines = _details(moment)
    items = "".join(
        f'<li><span aria-hidden="true">{sign}</span><span>{escape(text)}</span></li>' for sign, text in lines
    )
    return f"<b>{escape(heading)}</b><ul>{items}</ul>"


def _details(moment: Moment) -> tuple[str, list[Said]]:
    kind, _, place = moment.box.partition("_")
    if kind == "way":
        zone = show_name(_zones(moment)[int(place)])
        return f"{zone}: not checked", [("–", f"Signature: not looked at. Whether {zone} said this, nobody knows.")]
    replies = _replies(moment)
    if kind != "reply" or moment.result is None:
        return "Nothing was checked", [("–", "There is no answer yet.")]
    reply = replies[int(place)]
    heading = f"{'FORGED ' * reply.forged}{reply.says}: {reply.fate}"
    if moment.box != BELIEVED:
        return heading, [("–", "Ignored: the question was answered already.")]
    return heading, _looked_at(moment)


def _zones(moment: Moment) -> list[Name]:
    """Return the zones on the way to the victim's name, the root first."""
    name = moment.setup.question.name
    return sorted((zone for zone in moment.scene.world.zones if name.is_subdomain(zone)), key=len)


def _replies(moment: Moment) -> list[Reply]:
    """Return what was believed, and the real reply beside it if that came too late."""
    result = moment.result
    if moment.running:
        return [Reply(f"{moment.setup.victim} = ?", "no answer yet")]
    if result is None or result.address is None:
        return []
    fate = "from the cache, unproved" if result.outcome.from_cache else "believed without proof"
    replies = [Reply(str(result.address), fate, forged=result.opened == "attacker")]
    late = _late_address(moment)
    return [*replies, Reply(late, "real, but too late")] if late else replies


def _late_address(moment: Moment) -> str:
    assert moment.result is not None
    for event in moment.result.story:
        if event.fate == Ignored(Reason.TOO_LATE) and not moment.result.is_forged(event.datagram):
            for address in addresses(event.datagram):
                return address
    return ""


def _looked_at(moment: Moment) -> list[Said]:
    event = _event_that_decided(moment)
    if event is None:
        return [("–", "Nobody was asked: it was remembered from an earlier reply.")]
    return [
        ("✔", "Came from the address and port that were asked"),
        ("✔", f"Right ID: {message_id(event.datagram.payload)}"),
        ("✔", f"Right question: {asked(parse(event.datagram.payload))}"),
        ("–", "Signature: not looked at" + ", validation is off" * (not moment.setup.validating)),
    ]


def _event_that_decided(moment: Moment) -> Event | None:
    """Return the believed reply that brought the address which was opened."""
    assert moment.result is not None
    brought = (
        event
        for event in moment.result.story
        if isinstance(event.fate, Believed)
        and event.datagram.destination.address != VICTIM_ADDRESS
        and str(moment.result.address) in addresses(event.datagram)
    )
    return next(brought, None)


def addresses(datagram: Datagram) -> list[str]:
    """Return every IPv4 address that a datagram speaks of."""
    try:
        message = parse(datagram.payload)
    except MalformedMessage:
        return []
    rrsets = (rrset for rrset in (*message.answer, *message.additional) if rrset.rdtype == rdatatype.A)
    return [rdata.address for rrset in rrsets for rdata in rrset]
