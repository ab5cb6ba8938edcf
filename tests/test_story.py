"""Stories keep every datagram: a run of equal fates folds into one event that still counts them all."""

from dnsseclab.protocol.messages import Datagram, Endpoint
from dnsseclab.protocol.story import Asked, Believed, Ignored, Reason, Rejected, Story, to_the_end

RESOLVER, SERVER, OTHER = Endpoint("192.0.2.53", 4242), Endpoint("192.0.2.1", 53), Endpoint("192.0.2.2", 53)


def reply(payload: bytes = b"x", source: Endpoint = SERVER) -> Datagram:
    return Datagram(source, RESOLVER, payload)


def test_equal_fates_in_a_row_fold_and_keep_count_and_span():
    story = Story()
    for number in range(5):
        story.add(10.0 + number, reply(bytes([number])), Ignored(Reason.WRONG_ID))
    (event,) = story
    assert (event.count, event.at, event.until) == (5, 10.0, 14.0)
    assert event.datagram.payload == b"\0"


def test_another_reason_another_source_or_a_believed_one_starts_a_new_event():
    story = Story()
    story.add(1, reply(), Ignored(Reason.WRONG_ID))
    story.add(2, reply(), Ignored(Reason.WRONG_PORT))
    story.add(3, reply(source=OTHER), Ignored(Reason.WRONG_PORT))
    story.add(4, reply(), Believed())
    story.add(5, reply(), Believed())
    assert [event.count for event in story] == [1, 1, 1, 1, 1]


def test_the_validator_may_change_the_fate_of_one_datagram_and_of_no_other():
    story, forged, honest = Story(), reply(b"forged"), reply(b"honest")
    story.add(1, Datagram(RESOLVER, SERVER, b"q"), Asked())
    story.add(2, forged, Believed())
    story.add(3, honest, Believed())
    story.settle(forged, Rejected("signature-present", "no signature"))
    assert [type(event.fate) for event in story] == [Asked, Rejected, Believed]


def test_settling_is_by_identity_since_equal_bytes_may_have_come_twice():
    story, first, second = Story(), reply(), reply()
    story.add(1, first, Believed())
    story.add(2, second, Believed())
    story.settle(first, Believed(verified=True))
    assert [event.fate.verified for event in story] == [True, False]


def test_steps_run_to_their_end_give_what_they_came_to():
    def steps():
        yield "one"
        yield "two"
        return "result"

    assert to_the_end(steps()) == "result"
