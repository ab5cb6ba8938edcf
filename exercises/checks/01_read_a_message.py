"""What exercise 01 asks: to read the header, a name, the question and the records from the bytes of a message.

The messages are made by dnspython, so that the course's own code is not its own judge.
"""

import struct

import dns.flags
import dns.message
import dns.name
import dns.rrset
from dns.message import Message

from dnsseclab.grading.criteria import Criterion, Exercise, Learner
from dnsseclab.grading.plain import Plain
from dnsseclab.grading.seeds import Draw

BITS = ("QR", "AA", "TC", "RD", "RA", "AD", "CD")  # in the order in which they stand in the header
HEADER = 12
TYPES = ("A", "NS", "MX", "TXT")


def draw_query(draw: Draw) -> Message:
    query = dns.message.make_query(draw.domain(), draw.choice(TYPES), id=draw.integer(0, 65535))
    query.flags = dns.flags.Flag(sum(dns.flags.Flag[bit] for bit in BITS if draw.chance()))
    return query


def draw_reply(draw: Draw, rdtype: str) -> Message:
    """Return a reply with one to three records, whose names are compressed as usual."""
    name = draw.domain()
    query = dns.message.make_query(f"www.{name}", rdtype, id=draw.integer(0, 65535))
    reply = dns.message.make_response(query, recursion_available=True)
    values = {
        "A": draw.address,
        "NS": lambda: f"{draw.label(1)}.{name}.",
        "MX": lambda: f"{draw.integer(0, 50)} {draw.label(2)}.{name}.",
        "TXT": lambda: f'"{draw.label()} {draw.label()}"',
    }
    records = {values[rdtype]() for _ in range(draw.integer(1, 3))}
    reply.answer = [dns.rrset.from_text_list(f"www.{name}.", draw.integer(0, 86400), "IN", rdtype, sorted(records))]
    return reply


def to_bytes(message: Message) -> bytes:
    return message.to_wire(want_shuffle=False)


def material(draw: Draw) -> list[Plain]:
    """Hand out a query and the reply to it."""
    reply = draw_reply(draw, "A")
    query = dns.message.make_query(reply.question[0].name, "A", id=reply.id)
    return [to_bytes(query), to_bytes(reply)]


def identity_of_the_handed_out_messages(learner: Learner) -> None:
    for message in material(learner.shown):
        learner.expect(
            "message_id", [message], int.from_bytes(message[:2], "big"),
            why="The first two bytes are the ID, the high one first (RFC 1035 §4.1.1).",
            next_step="256 times the first byte, plus the second one.",
        )  # fmt: skip


def header_bits_of_fresh_messages(learner: Learner) -> None:
    for _ in range(8):
        query = draw_query(learner.fresh)
        learner.expect(
            "header_bits", [to_bytes(query)], [bit for bit in BITS if query.flags & dns.flags.Flag[bit]],
            why="Bytes 2 and 3 are QR, four bits of opcode, AA, TC, RD; then RA, a zero, AD, CD, and four bits of "
            "response code (RFC 1035 §4.1.1; AD and CD: RFC 4035 §3).",
            next_step="Test one bit at a time: message[2] & 0x80 is QR. Keep the order of the statement.",
        )  # fmt: skip


def response_code_is_not_taken_for_bits(learner: Learner) -> None:
    for rcode in (2, 3, 5):
        reply = draw_query(learner.fresh)
        reply.flags = dns.flags.QR
        reply.set_rcode(rcode)
        learner.expect(
            "header_bits", [to_bytes(reply)], ["QR"],
            why="The low four bits of byte 3 are the response code, a number (RFC 1035 §4.1.1).",
            next_step="CD is 0x10 in byte 3; what is below that belongs to the response code.",
        )  # fmt: skip


def names_without_compression(learner: Learner) -> None:
    for name in (learner.fresh.domain(), f"www.{learner.fresh.domain('com')}", "."):
        wire = dns.name.from_text(name).to_wire()
        before = learner.fresh.bytes(learner.fresh.integer(HEADER, 40))
        learner.expect(
            "read_name", [before + wire + learner.fresh.bytes(4), len(before)], [name, len(before) + len(wire)],
            why="A name is its labels, each behind a byte with its length, and a zero byte (RFC 1035 §3.1).",
            next_step="Return the name without a final dot (only the root is '.'), and the place behind the zero byte.",
        )  # fmt: skip


def names_with_pointers(learner: Learner) -> None:
    for _ in range(3):
        domain = learner.fresh.domain()
        message = bytearray(learner.fresh.bytes(HEADER) + dns.name.from_text(domain).to_wire())
        middle = len(message)
        message += b"\x03www" + bytes([0xC0, HEADER])  # www, then what stands at 12
        last = len(message)
        message += b"\x01a" + bytes([0xC0, middle])  # a pointer to a name that ends in a pointer itself
        message += learner.fresh.bytes(6)
        learner.expect(
            "read_name", [bytes(message), last], [f"a.www.{domain}", last + 4],
            why="Two bytes that begin with 11 are a pointer: the name goes on at that place (RFC 1035 §4.1.4).",
            next_step="The place to return is behind the first pointer, wherever the name goes on.",
        )  # fmt: skip


def names_that_go_in_circles(learner: Learner) -> None:
    start = learner.fresh.bytes(HEADER)
    for broken in (
        b"\xc0\x0c",  # points to itself
        b"\x03www\xc0\x0c",  # points to its own beginning
        b"\xc0\x0e\xc0\x0c",  # two that point to each other
    ):
        learner.expect_refusal(
            "read_name", [start + broken, HEADER],
            why="A pointer points to an earlier place (RFC 1035 §4.1.4). Who follows a circle never comes back: one "
            "datagram would stop a resolver.",
            next_step="Raise ValueError when a pointer does not point to an earlier place than the last one did.",
        )  # fmt: skip


def question_of_fresh_messages(learner: Learner) -> None:
    for _ in range(4):
        query = draw_query(learner.fresh)
        asked = query.question[0]
        learner.expect(
            "question", [to_bytes(query)], [asked.name.to_text(omit_final_dot=True), int(asked.rdtype)],
            why="The question follows the header: name, type (2 bytes), class (2 bytes) (RFC 1035 §4.1.2).",
            next_step="read_name(message, 12) gives the name, and the place of the type.",
        )  # fmt: skip


def answers_of_fresh_messages(learner: Learner) -> None:
    for rdtype in ("A", "TXT", *learner.fresh.shuffled(TYPES)):
        reply = draw_reply(learner.fresh, rdtype)
        expect_answers(learner, to_bytes(reply))


def answers_when_there_are_none(learner: Learner) -> None:
    expect_answers(learner, to_bytes(draw_query(learner.fresh)))


def expect_answers(learner: Learner, message: bytes) -> None:
    """Expect the answer section's records, each with its rdata as it stands in the message."""
    learner.expect(
        "answers", [message], list(records(message)),
        why="A record is: name, type (2), class (2), TTL (4), length of the rdata (2), rdata. The header's bytes 6 and "
        "7 say how many there are in the answer section (RFC 1035 §4.1.1, §4.1.3).",
        next_step="Begin behind the question. After each record go on where its rdata ends. Leave the rdata as it is.",
    )  # fmt: skip


def records(message: bytes) -> list[Plain]:
    """Return [owner, type, TTL, rdata] of the answer section, with names read by dnspython."""
    _, length = dns.name.from_wire(message, HEADER)
    at = HEADER + length + 4
    found: list[Plain] = []
    for _ in range(int.from_bytes(message[6:8], "big")):
        owner, length = dns.name.from_wire(message, at)
        rdtype, _, ttl, size = struct.unpack_from("!HHIH", message, at + length)
        at += length + 10
        found.append([owner.to_text(omit_final_dot=True), rdtype, ttl, message[at : at + size]])
        at += size
    return found


EXERCISE = Exercise(
    title="Read a message",
    functions=("message_id", "header_bits", "read_name", "question", "answers"),
    material=material,
    criteria=(
        Criterion(
            "The ID is read from your own query and from the reply to it.", 1, identity_of_the_handed_out_messages
        ),
        Criterion("All header bits that are set are named, in order.", 1, header_bits_of_fresh_messages),
        Criterion("A response code is not taken for header bits.", 1, response_code_is_not_taken_for_bits),
        Criterion("A name is read, and the place behind it.", 1, names_without_compression),
        Criterion("A name that goes on elsewhere is read as well.", 1, names_with_pointers),
        Criterion("A name that goes in circles is refused.", 1, names_that_go_in_circles),
        Criterion("The question is read.", 1, question_of_fresh_messages),
        Criterion("The records of the answer are read.", 2, answers_of_fresh_messages),
        Criterion("A message without answers has none.", 1, answers_when_there_are_none),
    ),
)
