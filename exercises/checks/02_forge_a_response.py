"""What exercise 02 asks: replies that a resolver believes, made by somebody who never sees the question.

The judge is the resolver itself: what the learner makes is handed to `Resolution.receive`, as it would come from the
network. The dice of these resolvers are loaded, so that the ID and the port of their question are drawn here.
"""

import random

from dns.rdatatype import A

from dnsseclab.grading.criteria import Criterion, Exercise, Learner
from dnsseclab.grading.plain import Plain, show
from dnsseclab.grading.seeds import Draw
from dnsseclab.protocol.messages import Datagram, Endpoint, question
from dnsseclab.protocol.story import Believed, Ignored, Reason
from dnsseclab.resolver.accepting import Defences, Secrets
from dnsseclab.resolver.cache import Cache
from dnsseclab.resolver.equipment import Budget, Equipment
from dnsseclab.resolver.resolution import Resolution
from dnsseclab.resolver.servers import read_hints
from dnsseclab.validator.limits import Limits
from dnsseclab.validator.policy import Policy

NOW = 1_795_521_600  # epoch seconds; any moment will do
DAY = 86_400  # seconds
KINDS = (str, int, str, int, bytes)  # of a datagram's five fields
STEPS = {  # what to do about a refusal
    Reason.WRONG_ADDRESS: "The reply comes from the server and goes to the resolver: sender first, then receiver.",
    Reason.WRONG_PORT: "It comes from port 53 of the server, and goes to the port that the resolver asked from.",
    Reason.WRONG_ID: "The first two bytes are the ID, the high byte first: guess.to_bytes(2, 'big').",
    Reason.MALFORMED: "Compare the counts in the header with what follows it, and rdlength with the bytes behind it.",
    Reason.NOT_A_REPLY: "Set the QR bit: 0x80 in the third byte. Leave the opcode zero.",
    Reason.WRONG_QUESTION: "Repeat the question: the name, type A (1), class IN (1); and count one question.",
    Reason.USELESS: "Is the response code zero, and the answer about the name and the type of the question?",
}
LOOK = "Read the message with dns.message.from_wire(...), and compare it with a real reply."
BELIEVED = "a reply that this resolver believes"
LESSON = "one that teaches it your address, and that alone, for so many seconds"


class LoadedDice(random.Random):
    """Dice that show what they are told: a resolver draws the ID first, and then the port."""

    def __init__(self, *faces: int) -> None:
        super().__init__(0)
        self._faces = list(faces)

    def randrange(self, *limits: int) -> int:  # type: ignore[override]
        return self._faces.pop(0)


def waiting(known: list[Plain], id: int) -> Resolution:
    """Return a resolution of the resolver's that has sent its question and waits for the reply."""
    name, server, resolver, port = known
    assert isinstance(name, str) and isinstance(resolver, str) and isinstance(port, int)
    defences = Defences(minimize_names=False)
    equipment = Equipment(
        Cache(), read_hints({"ns.example": [str(server)]}), Secrets(resolver, LoadedDice(id, port), defences),
        lambda: NOW, defences, Policy(), Limits(), dnssec=False,
    )  # fmt: skip
    resolution = Resolution(question(name, A), equipment, Budget(Limits(), NOW))
    resolution.next_query()
    return resolution


def draw_known(draw: Draw) -> list[Plain]:
    """Return what an attacker can know: name, server, resolver, and the port from which it always asks."""
    name = draw.choice(("www.{}", "{}", "{}.mail.{}")).format(draw.label(), draw.domain())
    return [name, draw.address(), f"192.0.2.{draw.integer(1, 254)}", draw.integer(1024, 65535)]


def draw_target(draw: Draw) -> str:
    return f"203.0.113.{draw.integer(1, 254)}"


def material(draw: Draw) -> list[Plain]:
    """Hand out what is known, the attacker's address, and the resolver's query to the attacker's own server."""
    known = draw_known(draw)
    return [known, draw_target(draw), own_query(known, draw.integer(256, 60_000))]


def own_query(known: list[Plain], id: int) -> bytes:
    """Return the question that the resolver sent when the attacker made it ask the attacker's server."""
    _, _, resolver, port = known
    assert isinstance(resolver, str) and isinstance(port, int)
    secrets = Secrets(resolver, LoadedDice(id, port), Defences())
    return secrets.make_query(question("lure.example", A), "203.0.113.1").query.payload


def from_server(known: list[Plain], payload: bytes) -> Datagram:
    """Return a payload in a datagram whose addresses and ports are right."""
    _, server, resolver, port = known
    assert isinstance(resolver, str) and isinstance(port, int)
    return Datagram(Endpoint(str(server), 53), Endpoint(resolver, port), payload)


def judge_message(learner: Learner, known: list[Plain], id: int, address: str, ttl: int, why: str) -> None:
    """Ask for a message with the right ID, and give it to the resolver that waits for it."""
    arguments: list[Plain] = [known[0], id, address, ttl]
    payload = learner.call("forged_message", *arguments, why=why, next_step=LOOK)
    if not isinstance(payload, bytes):
        learner.fail(
            "forged_message", arguments, f"{show(payload)} ({type(payload).__name__})", "bytes",
            why=why, next_step="Put the parts together with +, and return bytes.",
        )  # fmt: skip
    resolution = waiting(known, id)
    fate = resolution.receive(from_server(known, payload))
    if isinstance(fate, Ignored):
        actual = f"{show(payload, 200)}, which the resolver ignores: {fate.reason} {fate.detail}".rstrip()
        learner.fail(
            "forged_message", arguments, actual, BELIEVED, why=why, next_step=STEPS.get(fate.reason, LOOK)
        )  # fmt: skip
    if learned(resolution) != [(address, ttl)]:
        learner.fail(
            "forged_message", arguments, "a reply that is believed, and then " + describe(learned(resolution)), LESSON,
            why=why,
            next_step="One record in the answer: type A (1), class IN (1), the TTL in 4 bytes, length 4, the address.",
        )  # fmt: skip


def learned(resolution: Resolution) -> list[tuple[str, int]]:
    """Return the addresses that a resolution has come to, each with its TTL."""
    answer = resolution.reply.message.answer if resolution.reply else []
    return [(rdata.address, rrset.ttl) for rrset in answer if rrset.rdtype == A for rdata in rrset]


def describe(addresses: list[tuple[str, int]]) -> str:
    known = ", ".join(f"{address} for {seconds} s" for address, seconds in addresses)
    return f"the resolver knows {known or 'no address'}"


def message_for_your_resolver(learner: Learner) -> None:
    known, address, _ = material(learner.shown)
    assert isinstance(known, list) and isinstance(address, str)
    judge_message(
        learner, known, learner.fresh.integer(256, 65535), address, DAY,
        "A resolver believes the first reply whose ID and question are those that it sent (RFC 5452 §9.1).",
    )  # fmt: skip


def messages_for_any_resolver(learner: Learner) -> None:
    for _ in range(4):
        judge_message(
            learner, draw_known(learner.fresh), learner.fresh.integer(0, 65535), draw_target(learner.fresh),
            learner.fresh.integer(1, 604_800),
            "The attacker chooses what the reply says, and for how long it is remembered (RFC 1035 §4.1.3).",
        )  # fmt: skip


def messages_with_any_guess(learner: Learner) -> None:
    for id in (0, learner.fresh.integer(1, 255), 256 * learner.fresh.integer(1, 255), 65535):
        judge_message(
            learner, draw_known(learner.fresh), id, draw_target(learner.fresh), DAY,
            "The ID is a number of 16 bits in two bytes, the high byte first (RFC 1035 §4.1.1).",
        )  # fmt: skip


def datagrams_that_arrive(learner: Learner) -> None:
    for _ in range(3):
        known, payload = draw_known(learner.fresh), learner.fresh.bytes(20)
        _, server, resolver, port = known
        learner.expect(
            "forged_datagram", [known, payload], [server, 53, resolver, port, payload],
            why="A reply must come from the address and port that were asked, to those that asked (RFC 5452 §9.1).",
            next_step="[sender's address, its port, receiver's address, its port, payload]; servers listen at port 53.",
        )  # fmt: skip


def ids_that_come_next(learner: Learner) -> None:
    handed_known, _, query = material(learner.shown)
    assert isinstance(handed_known, list) and isinstance(query, bytes)
    asked = [(query, int.from_bytes(query[:2], "big"))]
    for _ in range(3):
        id = learner.fresh.integer(0, 60_000)
        asked.append((own_query(handed_known, id), id))
    for seen, id in asked:
        count = learner.fresh.integer(2, 40)
        learner.expect(
            "likely_ids", [seen, count], [id + step for step in range(1, count + 1)],
            why="Who counts IDs up instead of drawing them gives the next ones away (RFC 5452 §9.2).",
            next_step="The ID of the query that you saw is used up: the first one to try is one more.",
        )  # fmt: skip


def ids_that_begin_again(learner: Learner) -> None:
    for id in (65535, learner.fresh.integer(65_510, 65_534)):
        count = 65536 - id + learner.fresh.integer(1, 20)
        learner.expect(
            "likely_ids", [own_query(draw_known(learner.fresh), id), count],
            [(id + step) % 65536 for step in range(1, count + 1)],
            why="An ID has 16 bits: after 65535 comes 0 (RFC 1035 §4.1.1).",
            next_step="The remainder, % 65536, brings the count back to 0.",
        )  # fmt: skip


def volley_of(learner: Learner, arguments: list[Plain], why: str) -> list[Datagram]:
    """Ask for a volley, and return it as datagrams, if it has their form."""
    volley = learner.call("volley", *arguments, why=why, next_step="Put your three functions together.")
    for each in volley if isinstance(volley, list) else [volley]:
        if not isinstance(each, list) or tuple(map(type, each)) != KINDS:
            learner.fail(
                "volley", arguments, show(each, 200), "a list of [address, port, address, port, payload]",
                why=why, next_step="Return a list of what forged_datagram returns.",
            )  # fmt: skip
    if not isinstance(volley, list) or len(volley) != arguments[2]:
        learner.fail(
            "volley", arguments, f"{len(volley) if isinstance(volley, list) else 0} datagrams", f"{arguments[2]}",
            why=why, next_step="One datagram for each of likely_ids(own_query, count).",
        )  # fmt: skip
    return [Datagram(Endpoint(each[0], each[1]), Endpoint(each[2], each[3]), each[4]) for each in volley]  # type: ignore[index, arg-type, misc]


def draw_volley(draw: Draw) -> tuple[list[Plain], int, list[Plain]]:
    """Return what is known, the ID that was seen, and the arguments that a volley is asked for with."""
    known, id = draw_known(draw), draw.integer(0, 65535)
    return known, id, [known, own_query(known, id), draw.integer(5, 30), draw_target(draw)]


def volleys_that_win(learner: Learner) -> None:
    why = "The question's ID lies among those tried, so the race is won if nobody answers first (RFC 5452 §9.1)."
    for _ in range(3):
        known, id, arguments = draw_volley(learner.fresh)
        meanwhile = learner.fresh.integer(1, int(str(arguments[2])))  # the victim's question, after those of others
        datagrams = volley_of(learner, arguments, why)
        resolution = waiting(known, (id + meanwhile) % 65536)
        fates = [resolution.receive(each) for each in datagrams]
        if not any(isinstance(fate, Believed) for fate in fates):
            reasons = sorted({str(fate.reason) for fate in fates if isinstance(fate, Ignored)})
            learner.fail(
                "volley", arguments, f"{len(fates)} datagrams, all ignored: {', '.join(reasons)}", BELIEVED, why=why,
                next_step="Is each payload made by forged_message, for the name in `known`, with an ID of its own?",
            )  # fmt: skip
        if learned(resolution) != [(arguments[3], DAY)]:
            learner.fail(
                "volley", arguments, "a datagram that is believed, and then " + describe(learned(resolution)), LESSON,
                why=why, next_step="Give the address on to forged_message, and 86,400 as the TTL.",
            )  # fmt: skip


def volleys_without_waste(learner: Learner) -> None:
    why = "Guesses that repeat win nothing: each distinct one takes a number away (RFC 5452 §7.2)."
    known, id, arguments = draw_volley(learner.fresh)
    datagrams = volley_of(learner, arguments, why)
    missed = [step for step in range(1, len(datagrams) + 1) if not wins(datagrams, waiting(known, (id + step) % 65536))]
    if missed:
        learner.fail(
            "volley", arguments,
            f"{len(datagrams)} datagrams that lose {len(missed)} of {len(datagrams)} races: the resolver's question "
            f"number {missed[0]} after the one you saw, for example",
            "one datagram for each of them",
            why=why, next_step="Are all the IDs tried, from the first to the last of likely_ids?",
        )  # fmt: skip


def wins(datagrams: list[Datagram], resolution: Resolution) -> bool:
    return any(isinstance(resolution.receive(each), Believed) for each in datagrams)


EXERCISE = Exercise(
    title="Forge a response",
    functions=("forged_message", "forged_datagram", "likely_ids", "volley"),
    material=material,
    criteria=(
        Criterion("Your own resolver believes your message, if the guess is right.", 2, message_for_your_resolver),
        Criterion("Any resolver believes your address, for as long as you say.", 1, messages_for_any_resolver),
        Criterion("A right guess is right whatever the number.", 1, messages_with_any_guess),
        Criterion("The datagram comes from the server, and goes where the reply is awaited.", 1, datagrams_that_arrive),
        Criterion("The IDs that come next are told from a query that was seen.", 1, ids_that_come_next),
        Criterion("After the largest ID the count begins again.", 1, ids_that_begin_again),
        Criterion("A volley wins the race against a resolver that counts its IDs.", 2, volleys_that_win),
        Criterion("No datagram of a volley is wasted.", 1, volleys_without_waste),
    ),
)  # fmt: skip
