"""What exercise 04 asks: which datagrams a resolver may believe, and why not the others.

Every datagram begins as the right reply, made by dnspython, and then one thing in it is changed. So the answer is
known from how it was made. A test holds these answers to what the course's own resolver says.
"""

from collections.abc import Callable

import dns.flags
import dns.message
import dns.rdatatype
import dns.rrset
from dns.message import Message
from dns.rdataclass import IN
from dns.rdatatype import RdataType
from dns.rdtypes.IN.A import A

from dnsseclab.grading.criteria import Criterion, Exercise, Learner
from dnsseclab.grading.plain import Plain
from dnsseclab.grading.seeds import Draw

TYPES = ("A", "AAAA", "MX", "TXT")
FIT = ""  # nothing speaks against it
DNS_PORT = 53


def to_bytes(message: Message) -> bytes:
    return message.to_wire(want_shuffle=False)


def mixed(draw: Draw, name: str) -> str:
    """Return a name with some of its letters capitals, and some not."""
    letters = [letter.upper() if draw.chance() else letter for letter in name]
    return "".join((letters[0].upper(), letters[1].lower(), *letters[2:]))


class Race:
    """A query that waits for its reply, and the datagrams that may come."""

    def __init__(self, draw: Draw, rdtype: str = "") -> None:
        self.draw = draw
        self.zone = draw.domain()
        self.name = mixed(draw, f"{draw.label()}.{self.zone}")
        self.server, other = draw.sample(range(1, 255), 2)
        self.stranger = f"198.51.100.{other}"
        self.port = draw.integer(1024, 65_000)
        self.message = dns.message.make_query(self.name, rdtype or draw.choice(TYPES), id=draw.integer(0, 65_535))
        self.message.flags = dns.flags.Flag(0)

    @property
    def query(self) -> list[Plain]:
        """Return the datagram that was sent."""
        return ["192.0.2.53", self.port, f"198.51.100.{self.server}", DNS_PORT, to_bytes(self.message)]

    def reply(self, owner: str = "", change: Callable[[Message], object] = lambda message: None) -> list[Plain]:
        """Return the server's datagram; `change` may do something to its message first."""
        message = dns.message.make_response(self.message)
        message.flags |= dns.flags.AA
        message.answer = [dns.rrset.from_rdata(f"{owner or self.name}.", 3600, A(IN, RdataType.A, self.draw.address()))]
        change(message)
        return [f"198.51.100.{self.server}", DNS_PORT, "192.0.2.53", self.port, to_bytes(message)]

    def asking(self, name: str = "", rdtype: str = "", rdclass: str = "IN") -> list[Plain]:
        """Return a reply to another question than ours."""
        ours = self.message.question[0]
        question = dns.rrset.from_text(f"{name or self.name}.", 0, rdclass, rdtype or ours.rdtype)
        return self.reply(change=lambda message: message.question.__setitem__(0, question))

    def another_id(self) -> Callable[[Message], object]:
        other = (self.message.id + self.draw.integer(1, 65_535)) % 65_536
        return lambda message: setattr(message, "id", other)

    def other_case(self) -> list[Plain]:
        return self.asking(self.name[0].lower() + self.name[1:])

    def another_type(self) -> str:
        return next(each for each in TYPES if dns.rdatatype.from_text(each) != self.message.question[0].rdtype)


def changed(datagram: list[Plain], place: int, value: Plain) -> list[Plain]:
    """Return a datagram of which one field is another."""
    return [*datagram[:place], value, *datagram[place + 1 :]]


def payload_changed(datagram: list[Plain], at: int, mask: int) -> list[Plain]:
    """Return a datagram in whose payload some bits of one byte are flipped."""
    payload = bytearray(bytes(datagram[4]))  # type: ignore[arg-type]
    payload[at] ^= mask
    return changed(datagram, 4, bytes(payload))


def from_elsewhere(race: Race) -> list[Plain]:
    return changed(race.reply(), 0, race.stranger)


def to_another_port(race: Race) -> list[Plain]:
    return changed(race.reply(), 3, race.port + race.draw.integer(1, 500))


def with_another_id(race: Race) -> list[Plain]:
    return race.reply(change=race.another_id())


def drawn(draw: Draw) -> tuple[Race, list[tuple[list[Plain], str]]]:
    """Return a race, and the datagrams that came, each with the reason against it."""
    race = Race(draw)
    came = [
        (from_elsewhere(race), "wrong address"),
        (to_another_port(race), "wrong port"),
        (with_another_id(race), "wrong ID"),
        (race.asking(rdtype=race.another_type()), "wrong question"),
        (race.other_case(), "wrong case"),
        (race.reply(), FIT),
    ]
    return race, draw.shuffled(came)


def material(draw: Draw) -> list[Plain]:
    """Hand out a query, the zone whose server was asked, and datagrams that came."""
    race, came = drawn(draw)
    return [race.query, race.zone, [datagram for datagram, _ in came]]


def own_datagrams(learner: Learner) -> None:
    race, came = drawn(learner.shown)
    for datagram, reason in came:
        learner.expect(
            "refusal", [race.query, datagram, True], reason,
            why="Addresses, ports, ID and question must all be those of the query (RFC 5452 §9.1); with mixed case "
            "also the capitals (draft-vixie-dnsext-dns0x20).",
            next_step="Put the query and this datagram below each other, field by field.",
        )  # fmt: skip


def expect_reason(learner: Learner, race: Race, datagram: list[Plain], reason: str, why: str, next_step: str) -> None:
    """Ask about a datagram, and about the right reply too: who refuses everything has understood nothing."""
    for each, expected in learner.fresh.shuffled([(datagram, reason), (race.reply(), FIT)]):
        learner.expect("refusal", [race.query, each, True], expected, why=why, next_step=next_step)


def addresses_and_ports(learner: Learner) -> None:
    race = Race(learner.fresh)
    right, other_port = race.reply(), race.port + learner.fresh.integer(1, 500)
    for place, value, reason in (
        (0, race.stranger, "wrong address"),
        (1, other_port, "wrong port"),
        (2, "192.0.2.54", "wrong address"),
        (3, other_port, "wrong port"),
    ):
        expect_reason(
            learner, race, changed(right, place, value), reason,
            "A reply comes from the address and port that were asked, to those that asked (RFC 5452 §9.1).",
            "The reply's sender is the query's receiver, and the other way round: four fields to compare.",
        )  # fmt: skip


def ids_and_order(learner: Learner) -> None:
    for _ in range(2):
        race = Race(learner.fresh)
        for datagram, reason in (
            (with_another_id(race), "wrong ID"),
            (changed(with_another_id(race), 0, race.stranger), "wrong address"),
            (changed(payload_changed(with_another_id(race), 2, 0x80), 3, 1023), "wrong port"),
            (payload_changed(with_another_id(race), 2, 0x80), "wrong ID"),
        ):
            expect_reason(
                learner, race, datagram, reason,
                "The ID must be that of the query (RFC 5452 §9.1). Where several things are wrong, the first counts.",
                "Compare in the order of the list, and return at the first difference.",
            )  # fmt: skip


def messages_that_are_no_replies(learner: Learner) -> None:
    race = Race(learner.fresh)
    for datagram in (
        payload_changed(race.reply(), 2, 0x80),
        payload_changed(race.reply(), 2, 0x08 * learner.fresh.integer(1, 15)),
        changed(race.reply(), 4, race.query[4]),
    ):
        expect_reason(
            learner, race, datagram, "not a reply",
            "A reply has the QR bit, and the opcode of the query, 0 (RFC 1035 §4.1.1). A query sent back is none.",
            "In the third byte: QR is 0x80, the opcode the four bits 0x78.",
        )  # fmt: skip


def messages_that_are_cut_off(learner: Learner) -> None:
    race = Race(learner.fresh)
    whole = bytes(race.reply()[4])  # type: ignore[arg-type]
    for length, reason in ((learner.fresh.integer(2, 11), "malformed"), (0, "wrong ID"), (1, "wrong ID")):
        expect_reason(
            learner, race, changed(race.reply(), 4, whole[:length]), reason,
            "A header has 12 bytes (RFC 1035 §4.1.1); of an ID that is not whole there is nothing to compare. A "
            "resolver that stumbles over a few bytes can be stopped by anybody.",
            "After the ID, look at the length, before you touch any other byte.",
        )  # fmt: skip


def questions(learner: Learner) -> None:
    race = Race(learner.fresh)
    for datagram in (
        race.asking(f"{learner.fresh.label()}.{race.zone}"),
        race.asking(f"x{race.name}"),
        race.asking(f"{race.name}.com"),
        race.asking(rdtype=race.another_type()),
        race.asking(rdclass="CH"),
        race.reply(change=lambda message: message.question.clear()),
    ):
        expect_reason(
            learner, race, datagram, "wrong question",
            "Name, type and class of the question must be those of the query (RFC 5452 §9.1).",
            "Compare the whole question section: one question, its name, and the four bytes after it.",
        )  # fmt: skip


def capitals(learner: Learner) -> None:
    for _ in range(2):
        race = Race(learner.fresh)
        for mixed_case, reason in ((True, "wrong case"), (False, FIT)):
            learner.expect(
                "refusal", [race.query, race.other_case(), mixed_case], reason,
                why="Upper and lower case are equal in DNS (RFC 4343 §3). Only a resolver that mixed them by itself "
                "insists on its own capitals (draft-vixie-dnsext-dns0x20).",
                next_step="Compare in lower case first; then, if mixed_case is true, as they stand.",
            )  # fmt: skip
        expect_reason(
            learner, race, race.asking(race.name.swapcase(), race.another_type()), "wrong question",
            "Another type is another question, whatever the capitals (RFC 5452 §9.1).",
            "'wrong case' is only for a question in which nothing but the capitals differs.",
        )  # fmt: skip


def names_inside_a_zone(learner: Learner) -> None:
    for _ in range(2):
        label, zone = learner.fresh.label(), learner.fresh.domain()
        asked = [
            (f"{label}.{zone}", zone, True), (f"a.b.{label}.{zone}", zone, True), (zone, zone, True),
            (f"{label}{zone}", zone, False), (zone.partition(".")[2], zone, False), (zone, f"{label}.{zone}", False),
            (f"{zone}.{label}", zone, False), (f"{label}.example", zone, False),
            (f"{label}.{zone}".upper(), zone, True), (zone, zone.title(), True), (zone, ".", True), (".", zone, False),
        ]  # fmt: skip
        for name, inside, expected in learner.fresh.shuffled(asked):
            learner.expect(
                "in_bailiwick", [name, inside], expected,
                why="A server may speak about its zone and what lies below it, and nothing else (RFC 5452 §6).",
                next_step="Compare whole labels from the end, in lower case. Everything lies below the root, '.'.",
            )  # fmt: skip


def winners(learner: Learner) -> None:
    for _ in range(3):
        race = Race(learner.fresh, "A")
        before = learner.fresh.sample(
            [
                (from_elsewhere(race), "wrong address"), (to_another_port(race), "wrong port"),
                (with_another_id(race), "wrong ID"), (race.asking(rdtype="MX"), "wrong question"),
                (race.other_case(), "wrong case"),
            ],
            learner.fresh.integer(1, 4),
        )  # fmt: skip
        after = [(race.reply(), "too late"), (with_another_id(race), "too late")]
        came = [*before, (race.reply(), "believed"), *after]
        learner.expect(
            "verdicts", [race.query, race.zone, True, [each for each, _ in came]], [reason for _, reason in came],
            why="The first reply that fits is taken, and the waiting is over (RFC 5452 §3, §9.1).",
            next_step="Go through them in order. Once one has fitted, all others are 'too late', without a look.",
        )  # fmt: skip


def records_of_others(learner: Learner) -> None:
    for _ in range(2):
        race = Race(learner.fresh, "A")
        outside = learner.fresh.choice((learner.fresh.domain("com"), f"x{race.zone}", f"{race.zone}.com"))
        own = dns.rrset.from_text(f"{race.name}.", 3600, "IN", "A", learner.fresh.address())
        for datagram, verdict in (
            (race.reply(outside), "outside the zone"),
            (race.reply(outside, lambda message, own=own: message.answer.append(own)), "believed"),  # type: ignore[misc]
        ):
            learner.expect(
                "verdicts", [race.query, race.zone, True, [datagram, race.reply()]], [verdict, "too late"],
                why="What a server says about other zones than its own is thrown away (RFC 5452 §6). The waiting is "
                "over all the same.",
                next_step="Read the owner names of the answer: is at least one of them inside the zone?",
            )  # fmt: skip


EXERCISE = Exercise(
    title="The accept check",
    functions=("refusal", "in_bailiwick", "verdicts"),
    material=material,
    criteria=(
        Criterion("Each of your own datagrams gets its reason, and the right one none.", 1, own_datagrams),
        Criterion("All four of addresses and ports are compared.", 1, addresses_and_ports),
        Criterion("The ID is compared, and the first reason is the one that is given.", 1, ids_and_order),
        Criterion("What is no reply is not taken for one.", 1, messages_that_are_no_replies),
        Criterion("A few bytes are no message, and do no harm.", 1, messages_that_are_cut_off),
        Criterion("Name, type and class of the question are compared.", 1, questions),
        Criterion("Capitals count if they were mixed, and only then.", 1, capitals),
        Criterion("Names inside a zone are told from those outside.", 1, names_inside_a_zone),
        Criterion("The first reply that fits is believed, and what comes later is too late.", 1, winners),
        Criterion("A reply that is all about other zones is not believed.", 1, records_of_others),
    ),
)
