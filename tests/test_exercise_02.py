"""Exercise 02: the resolver is the judge; each likely slip loses its points, and the reason is the resolver's own."""

from typing import Any

import dns.flags
import dns.message
import dns.rrset
import pytest

import exercises
from dnsseclab.grading.verdicts import Verdict

NAME = "02_forge_a_response"
SOLUTION = vars(exercises.solution(NAME))
right = SOLUTION["forged_message"]


def judged(**functions: Any) -> Verdict:
    return exercises.verdict(NAME, SOLUTION | functions)


def missed(**functions: Any) -> set[str]:
    return set(exercises.missed(judged(**functions)))


MESSAGES = {"message_for_your_resolver", "messages_for_any_resolver", "messages_with_any_guess"}


def test_dnspython_may_do_the_work() -> None:
    def forged_message(name: str, guess: int, address: str, ttl: int) -> bytes:
        reply = dns.message.make_response(dns.message.make_query(name, "A", id=guess))
        reply.flags |= dns.flags.AA
        reply.answer = [dns.rrset.from_text(f"{name}.", ttl, "IN", "A", address)]
        return reply.to_wire()

    assert missed(forged_message=forged_message) == set()


@pytest.mark.parametrize(
    "slip, reason",
    [
        (lambda *given: right(*given)[1::-1] + right(*given)[2:], "wrong ID"),
        (lambda *given: right(*given)[:2] + b"\x00" + right(*given)[3:], "not a reply"),
        (lambda name, *given: right(f"{name}.com", *given), "wrong question"),
        (lambda *given: right(*given)[:-1], "malformed"),
        (lambda *given: right(*given)[:4] + b"\0\0\0\0" + right(*given)[8:], "wrong question"),
        (lambda *given: right(*given)[:3] + b"\x02" + right(*given)[4:], "useless SERVFAIL"),
    ],
)
def test_message_that_is_ignored_is_told_why_by_the_resolver(slip: Any, reason: str) -> None:
    (first, *_) = judged(forged_message=slip).findings
    assert first.mismatch and f"ignores: {reason}" in first.mismatch.actual
    assert MESSAGES <= missed(forged_message=slip)


def test_reply_without_an_answer_teaches_nothing() -> None:
    def forged_message(name: str, guess: int, *_: Any) -> bytes:
        return dns.message.make_response(dns.message.make_query(name, "A", id=guess)).to_wire()

    assert MESSAGES <= missed(forged_message=forged_message)


def test_second_address_beside_ones_own_is_seen() -> None:
    def forged_message(name: str, guess: int, address: str, ttl: int) -> bytes:
        reply = dns.message.make_response(dns.message.make_query(name, "A", id=guess))
        reply.answer = [dns.rrset.from_text(f"{name}.", ttl, "IN", "A", address, "192.0.2.1")]
        return reply.to_wire()

    assert MESSAGES <= missed(forged_message=forged_message)


def test_ttl_of_ones_own_liking_is_not_what_was_ordered() -> None:
    def forged_message(name: str, guess: int, address: str, ttl: int) -> bytes:
        return right(name, guess, address, 3600)

    assert missed(forged_message=forged_message) == MESSAGES


def test_id_of_one_byte_only_is_found_out() -> None:
    def forged_message(name: str, guess: int, address: str, ttl: int) -> bytes:
        return right(name, guess % 256, address, ttl)

    assert MESSAGES <= missed(forged_message=forged_message)


def test_addresses_the_wrong_way_round_do_not_arrive() -> None:
    def forged_datagram(known: list, payload: bytes) -> list:
        _, server, resolver, port = known
        return [resolver, port, server, 53, payload]

    assert missed(forged_datagram=forged_datagram) == {"datagrams_that_arrive"}


def test_id_that_was_seen_is_not_tried_again() -> None:
    def likely_ids(own_query: bytes, count: int) -> list[int]:
        seen = int.from_bytes(own_query[:2], "big")
        return [(seen + step) % 65536 for step in range(count)]

    assert missed(likely_ids=likely_ids) == {"ids_that_come_next", "ids_that_begin_again"}


def test_ids_that_do_not_begin_again_lose_one_point() -> None:
    def likely_ids(own_query: bytes, count: int) -> list[int]:
        return [step for step in range(int.from_bytes(own_query[:2], "big") + 1, 10**6)][:count]

    verdict = judged(likely_ids=likely_ids)
    assert {each.key for each in verdict.findings if not each.met} == {"ids_that_begin_again"}
    assert verdict.points == 9


def test_volley_of_one_guess_repeated_wins_nothing() -> None:
    def volley(known: list, own_query: bytes, count: int, address: str) -> list:
        return SOLUTION["volley"](known, own_query, 1, address) * count

    assert missed(volley=volley) == {"volleys_that_win", "volleys_without_waste"}


def test_volley_that_leaves_one_out_has_wasted_one() -> None:
    def volley(*given: Any) -> list:
        datagrams = SOLUTION["volley"](*given)
        return [*datagrams[:-1], datagrams[0]]

    assert "volleys_without_waste" in missed(volley=volley)


@pytest.mark.parametrize("nonsense", [None, b"", [], [[]], [[1, 2, 3, 4, 5]], "volley"])
def test_what_is_no_volley_is_a_miss_and_no_crash(nonsense: Any) -> None:
    verdict = judged(volley=lambda *_: nonsense)
    assert {each.key for each in verdict.findings if not each.met} == {"volleys_that_win", "volleys_without_waste"}
    assert not any(each.crash for each in verdict.findings)
