"""What exercise 07 asks: to walk a chain of trust from the trust anchor down, and to name the first link that breaks.

The chains are drawn together with their verdicts: grading/drawn_chains.py. The exercise's test holds a solution that
meets all criteria to dnspython and to the course's validator, on worlds that are really signed.
"""

from collections.abc import Callable, Sequence

from dnsseclab.grading import drawn_chains as drawn
from dnsseclab.grading.criteria import Criterion, Exercise, Learner
from dnsseclab.grading.drawn_chains import (
    ALGORITHMS,
    BEGIN,
    DAY,
    HOUR,
    KSK,
    NO_ZONE_KEY,
    OTHER_DIGESTS,
    ZSK,
    Case,
    Chain,
    draw_chain,
    draw_key,
    ds_of,
    forged,
    sign,
)
from dnsseclab.grading.plain import Plain, same, show
from dnsseclab.grading.seeds import Draw


def material(draw: Draw) -> list[Plain]:
    """Hand out a healthy chain."""
    chain = Chain(draw.within("chain"), 3)
    return [chain.zones, chain.answer, chain.now]


def order_of_links(learner: Learner) -> None:
    shown = [zone[0] for zone in material(learner.shown)[0]]  # type: ignore[index,union-attr]
    for names in (shown, *(draw_chain(learner.fresh, place).names for place in range(3))):
        expected: list[Plain] = [["DNSKEY .", "."]]
        for parent, zone in zip(names, names[1:], strict=False):
            expected += [[f"DS {zone}", parent], [f"DNSKEY {zone}", zone]]
        learner.expect(
            "links", [names, f"www.{names[-1]}"], [*expected, [f"A www.{names[-1]}", names[-1]]],
            why="A DS lies in the parent, which signs it (RFC 4034 §5, RFC 4035 §2.4); all else is signed by its zone.",
            next_step="Two links for each zone below the root, the DS first; then the answer.",
        )  # fmt: skip


def signatures_in_time(learner: Learner) -> None:
    zone, key = learner.fresh.domain(), draw_key(learner.fresh, ZSK)
    now = BEGIN + learner.fresh.integer(0, DAY)
    for begins, ends in learner.fresh.shuffled(((0, HOUR), (HOUR, 0), (0, 0), (-1, HOUR), (HOUR, -1), (-HOUR, DAY))):
        learner.expect(
            "holds", [sign(key, zone, now, begins, ends), [key], zone, now], begins >= 0 and ends >= 0,
            why="A signature holds from its inception to its expiration, both included (RFC 4035 §5.3.1).",
            next_step="inception <= now <= expiration. Return True or False, nothing else.",
        )  # fmt: skip


def signatures_by_the_right_key(learner: Learner) -> None:
    for place in range(2):
        chain = draw_chain(learner.fresh, place)
        zone, parent, key, now = chain.names[-1], chain.names[-2], chain.zsk[-1], chain.now
        keys, good = [chain.stranger(key), chain.ksk[-1], key], chain.signed(len(chain.names) - 1)
        no_zone_key = [*key[:2], NO_ZONE_KEY, key[3]]
        other = next(number for number in ALGORITHMS if number != key[1])
        for rrsig, known, expected, why in (
            (good, keys, True, "One of the keys fits: tag, algorithm, and it verifies"),
            (good, [chain.stranger(key)], False, "A key with the right tag does not verify it"),
            (forged(good), keys, False, "It verifies with no key"),
            (sign(key, parent, now), keys, False, "Its signer is another zone"),
            ([good[0] ^ 1, *good[1:]], keys, False, "Its tag is not the key's"),
            ([good[0], other, *good[2:]], keys, False, "Its algorithm is not the key's"),
            (good, [no_zone_key], False, "A key without the Zone Key bit must not verify anything (RFC 4034 §2.1.1)"),
        ):
            learner.expect(
                "holds", [rrsig, known, zone, now], expected, why=f"{why} (RFC 4035 §5.3.1).",
                next_step="One key must have the tag, the algorithm, the Zone Key bit (flags & 256) and the digest.",
            )  # fmt: skip


def keys_that_are_named(learner: Learner) -> None:
    for place in range(3):
        chain = draw_chain(learner.fresh, place)
        key, other = chain.ksk[-1], chain.ksk[0]
        keys = learner.fresh.shuffled([key, chain.stranger(key), chain.zsk[-1], other, draw_key(learner.fresh, KSK)])
        wrong_type = [*ds_of(chain.zsk[-1])[:2], learner.fresh.choice(OTHER_DIGESTS), chain.zsk[-1][3]]
        without_bit = [[*each[:2], NO_ZONE_KEY, each[3]] for each in keys]
        for ds_set, given, found in (
            ([ds_of(key)], keys, [key]), ([ds_of(other), wrong_type, ds_of(key)], keys, [key, other]),
            ([ds_of(draw_key(learner.fresh, KSK))], keys, []), ([ds_of(key)], without_bit, []),
        ):  # fmt: skip
            learner.expect(
                "entry_keys", [ds_set, given], sorted(given.index(each) for each in found),
                why="A DS names the zone key whose tag, algorithm and digest are those in the DS (RFC 4035 §5.2).",
                next_step="Return places, counted from 0, in rising order. Mind the digest type and the Zone Key bit.",
            )  # fmt: skip


def healthy_chains(learner: Learner) -> None:
    walk_all(learner, [drawn.harmless] * 2, 4)
    walk_all(learner, [drawn.answer_signature, drawn.key_not_named], 1)  # whoever says "secure" to everything


def broken_links(learner: Learner) -> None:
    delegation = [drawn.ds_signature, drawn.missing_ds, drawn.key_not_named]
    walk_all(learner, [*delegation, drawn.keys_not_signed_by_entry, drawn.answer_signature], 5)


def first_of_two(learner: Learner) -> None:
    walk_all(learner, [drawn.two_breaks], 6)


def zones_without_ds(learner: Learner) -> None:
    walk_all(learner, [drawn.proven_unsigned, drawn.missing_ds], 4)


def unsupported_algorithms(learner: Learner) -> None:
    walk_all(learner, [drawn.only_unsupported, drawn.unsupported_beside_good], 4)


def unanswered_questions(learner: Learner) -> None:
    walk_all(learner, [drawn.no_reply], 4)


def walk_all(learner: Learner, breaks: Sequence[Callable[[Chain], Case]], variants: int) -> None:
    """Ask for verdicts on chains that are broken in these ways, each in so many variants."""
    for variant in range(variants):
        for number, each in enumerate(breaks):
            chain = draw_chain(learner.fresh, variant * len(breaks) + number, variant)
            ask(learner, chain, each(chain))


def ask(learner: Learner, chain: Chain, case: Case) -> None:
    """Ask for the verdict on a chain to which something was done."""
    words = {"why": case.why, "next_step": case.next_step}
    called = f"walk(zones, answer, now), the answer being A of {chain.answer[0]}; {case.story}"

    def judge(verdict: Plain) -> None:
        if not same(verdict, case.verdict):
            learner.fail("walk", [], show(verdict), show(case.verdict), called=called, **words)

    learner.call_later("walk", [chain.zones, chain.answer, chain.now], judge, called=called, **words)


EXERCISE = Exercise(
    title="Walk a chain",
    functions=("links", "holds", "entry_keys", "walk"),
    material=material,
    criteria=(
        Criterion(
            "The links of a chain stand in the order of the walk, each with the zone that signs it.", 1, order_of_links
        ),
        Criterion("A signature holds in its time, to the second.", 1, signatures_in_time),
        Criterion("A signature holds with the right key of the right zone only.", 1, signatures_by_the_right_key),
        Criterion("Only keys that a DS names by tag, algorithm and digest are let in.", 1, keys_that_are_named),
        Criterion("A chain is secure if at each link something fits, whatever else is there.", 1, healthy_chains),
        Criterion("If one link is broken, the answer is bogus, and the link is named.", 1, broken_links),
        Criterion("If two links are broken, the first one is named.", 1, first_of_two),
        Criterion("A zone without DS is insecure if that is proven, and only then.", 1, zones_without_ds),
        Criterion(
            "A zone that is signed only in unsupported ways is insecure, and not bogus.", 1, unsupported_algorithms
        ),
        Criterion("If a needed record cannot be had, the answer is indeterminate.", 1, unanswered_questions),
    ),
)
