"""Exercise 04: its answers are those of the course's own resolver, and each likely slip loses its own point."""

from typing import Any

import pytest
from dns.name import from_text

import exercises
from dnsseclab.grading import catalogue
from dnsseclab.grading.seeds import Draw
from dnsseclab.protocol.messages import Datagram, Endpoint, parse
from dnsseclab.protocol.names import to_name
from dnsseclab.resolver.accepting import Awaited
from dnsseclab.resolver.bailiwick import in_bailiwick, remove_outside

NAME = "04_accept_check"
SOLUTION = vars(exercises.solution(NAME))
right = SOLUTION["refusal"]


def missed(**functions: Any) -> set[str]:
    return set(exercises.missed(exercises.verdict(NAME, SOLUTION | functions)))


class Questions:
    """The answers that the judge expects, as its criteria ask for them."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, list, Any]] = []

    def __call__(self, seed: int) -> list[tuple[str, list, Any]]:
        for criterion in catalogue.exercise(NAME).criteria:
            self.shown, self.fresh = Draw("material", str(seed)), Draw(criterion.key, str(seed))
            criterion.judge(self)  # type: ignore[arg-type]
        return self.asked

    def expect(self, function: str, arguments: list, expected: Any, **_: str) -> None:
        self.asked.append((function, arguments, expected))


def as_datagram(fields: list) -> Datagram:
    return Datagram(Endpoint(fields[0], fields[1]), Endpoint(fields[2], fields[3]), fields[4])


def resolver_says(query: list, datagram: list, mixed_case: bool) -> str:
    plain = to_name(parse(query[4]).question[0].name).canonicalize().to_wire() if mixed_case else None
    refused = Awaited(as_datagram(query), plain).refuse(as_datagram(datagram))
    return str(refused.reason) if refused else ""


@pytest.mark.parametrize("seed", range(10))
def test_the_resolver_agrees_with_every_expected_answer(seed: int) -> None:
    seen = set()
    for function, arguments, expected in Questions()(seed):
        seen.add(function)
        if function == "refusal":
            assert resolver_says(*arguments) == expected
        elif function == "in_bailiwick":
            name, zone = (from_text(each) for each in arguments)
            assert in_bailiwick(name, zone) == expected
        else:
            query, zone, mixed_case, datagrams = arguments
            for datagram, word in zip(datagrams, expected, strict=True):
                if word == "too late":
                    continue
                message = parse(datagram[4])
                left_out = remove_outside(message, from_text(zone))
                content = "believed" if message.answer else "outside the zone" if left_out else "nothing"
                assert (resolver_says(query, datagram, mixed_case) or content) == word
    assert seen == set(catalogue.exercise(NAME).functions)


def slip(before: Any = lambda *given: given, after: Any = lambda word: word) -> Any:
    """Return a refusal that is right but for what is done to its arguments or to its word."""
    return lambda *given: after(right(*before(*given)))


@pytest.mark.parametrize(
    "wrong, expected",
    [
        # the question's case is never looked at
        (slip(lambda query, datagram, mixed: (query, datagram, False)), {"capitals", "own_datagrams"}),
        # case always counts
        (slip(lambda query, datagram, mixed: (query, datagram, True)), {"capitals"}),
        # the sender's port is forgotten
        (slip(lambda query, sent, mixed: (query, [sent[0], 53, *sent[2:]], mixed)), {"addresses_and_ports"}),
        # the receiver's address is forgotten
        (
            slip(lambda query, datagram, mixed: (query, [*datagram[:2], query[0], *datagram[3:]], mixed)),
            {"addresses_and_ports"},
        ),
        # QR and opcode are forgotten
        (
            slip(lambda query, datagram, mixed: (query, [*datagram[:4], as_reply(datagram[4])], mixed)),
            {"messages_that_are_no_replies"},
        ),
    ],
)  # fmt: skip
def test_what_is_not_compared_loses_its_point(wrong: Any, expected: set[str]) -> None:
    assert missed(refusal=wrong) == expected


def as_reply(payload: bytes) -> bytes:
    return payload[:2] + b"\x84" + payload[3:] if len(payload) > 2 else payload


def test_whoever_looks_at_the_id_first_gives_the_wrong_reason() -> None:
    def refusal(query: list, datagram: list, mixed_case: bool) -> str:
        return "wrong ID" if query[4][:2] != datagram[4][:2] else right(query, datagram, mixed_case)

    assert missed(refusal=refusal) == {"ids_and_order"}


def test_type_that_is_not_compared_is_another_question() -> None:
    def refusal(query: list, datagram: list, mixed_case: bool) -> str:
        ours, theirs = (SOLUTION["question_of"](each[4]) for each in (query, datagram))
        if theirs and ours[:-4].lower() == theirs[:-4].lower() and len(datagram[4]) > 12:
            datagram = [*datagram[:4], datagram[4][:12] + theirs[:-4] + ours[-4:] + datagram[4][12 + len(ours) :]]
        return right(query, datagram, mixed_case)

    assert {"questions", "own_datagrams"} <= missed(refusal=refusal)


def test_short_messages_that_raise_lose_one_point() -> None:
    def refusal(query: list, datagram: list, mixed_case: bool) -> str:
        datagram[4][2]
        return right(query, datagram, mixed_case)

    assert missed(refusal=refusal) == {"messages_that_are_cut_off"}


@pytest.mark.parametrize(
    "wrong",
    [
        lambda name, zone: name.lower().endswith(zone.lower()),  # evilbank.example
        lambda name, zone: zone == "." or f".{name}".endswith(f".{zone}"),  # case
        lambda name, zone: f".{name.lower()}".endswith(f".{zone.lower()}"),  # the root
        lambda name, zone: zone == "." or name.lower().endswith(f".{zone.lower()}"),  # the apex
        lambda name, zone: SOLUTION["in_bailiwick"](zone, name),  # the wrong way round
    ],
)
def test_careless_bailiwick_loses_its_point(wrong: Any) -> None:
    assert missed(in_bailiwick=wrong) == {"names_inside_a_zone"}


def test_waiting_on_after_a_fit_loses_a_point_for_each_of_its_two_sides() -> None:
    def verdicts(query: list, zone: str, mixed_case: bool, datagrams: list) -> list:
        return [right(query, each, mixed_case) or SOLUTION["content"](each[4], zone) for each in datagrams]

    assert missed(verdicts=verdicts) == {"winners", "records_of_others"}


def test_verdicts_that_never_look_inside_lose_one_point() -> None:
    def verdicts(*given: Any) -> list:
        return [word.replace("outside the zone", "believed") for word in SOLUTION["verdicts"](*given)]

    assert missed(verdicts=verdicts) == {"records_of_others"}
