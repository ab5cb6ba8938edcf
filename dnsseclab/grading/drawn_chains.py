"""Chains of trust on paper, drawn for exercise 07: healthy ones, what can be done to them, and the right verdict.

It knows: what a validator looks at, as plain values of the form of internet/plain_chain.py, and how each break ends.
It must not know: anybody's answer. No key here has ever signed anything; tests hold the verdicts to real worlds.
Follows RFC 4035 §5.2, §5.3.1, §4.3; RFC 6840 §5.2, §5.4.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from .plain import Plain
from .seeds import Draw

ALGORITHMS, UNSUPPORTED = (8, 13, 15), (3, 6, 12, 100, 200)  # what the exercise says that this validator knows, or not
SHA_256, OTHER_DIGESTS = 2, (3, 5, 77)
KSK, ZSK, NO_ZONE_KEY = 257, 256, 0  # flags
BEGIN, HOUR, DAY = 1_795_435_200, 3600, 86_400  # seconds
T = TypeVar("T")
Values = list[Any]  # a record, as plain values


# ---- records that nobody's keys have made: right in form, drawn in content


def draw_key(draw: Draw, flags: int, algorithm: int | None = None, tag: int | None = None) -> Values:
    drawn = draw.integer(1, 65_535), draw.choice(ALGORITHMS), draw.bytes(32)
    return [drawn[0] if tag is None else tag, drawn[1] if algorithm is None else algorithm, flags, drawn[2]]


def ds_of(key: Values) -> Values:
    return [key[0], key[1], SHA_256, key[3]]


def sign(key: Values, signer: str, now: int, begins: int = DAY, ends: int = 6 * DAY) -> Values:
    """Return a signature that verifies with a key, from `begins` seconds before now to `ends` seconds after."""
    return [key[0], key[1], signer, now - begins, now + ends, key[3]]


def forged(rrsig: Values) -> Values:
    """Return a signature that says the same and verifies with no key at all."""
    return [*rrsig[:5], b""]


class Chain:
    """A healthy chain: zones, an answer, and who signs what. Break it, and ask."""

    def __init__(self, draw: Draw, depth: int, variant: int = 0) -> None:
        self.variant = variant  # of several ways to break it, so that everybody meets all of them
        self.draw, self.now = draw, BEGIN + draw.integer(0, 300 * DAY)
        self.names = [".", "example"]
        while len(self.names) < depth:
            self.names.append(f"{draw.label()}.{self.names[-1]}")
        self.ksk = [draw_key(draw, KSK) for _ in self.names]
        self.zsk = [draw_key(draw, ZSK, key[1]) for key in self.ksk]
        self.zones = [self._zone(at, name) for at, name in enumerate(self.names)]
        self.answer: Values = [f"www.{self.names[-1]}", "A", [self.signed(depth - 1)]]

    def _zone(self, at: int, name: str) -> Values:
        keys = self.draw.shuffled([self.ksk[at], self.zsk[at]])
        from_above = [self.signed(at - 1)] if at else []
        return [name, [ds_of(self.ksk[at])], from_above, keys, [self.signed(at, KSK)]]

    def signed(self, at: int, flags: int = ZSK, **times: int) -> Values:
        """Return a signature by one of a zone's own keys."""
        return sign((self.ksk if flags == KSK else self.zsk)[at], self.names[at], self.now, **times)

    def pick(self, ways: Sequence[T]) -> T:
        """Return one of several ways, by this chain's variant."""
        return ways[self.variant % len(ways)]

    def below_root(self) -> int:
        """Return the place of a zone below the root."""
        return self.draw.integer(1, len(self.names) - 1)

    def anywhere(self) -> int:
        return self.draw.integer(0, len(self.names) - 1)

    def stranger(self, like: Values) -> Values:
        """Return another key with the same tag, algorithm and flags: tags prove nothing."""
        return draw_key(self.draw, like[2], like[1], like[0])


@dataclass(frozen=True)
class Case:
    """What was done to a chain, in words, and the verdict that is right for it."""

    story: str
    verdict: list[Plain]
    why: str
    next_step: str


SECURE: list[Plain] = ["secure", ""]


def bogus(link: str, story: str, why: str, next_step: str) -> Case:
    return Case(story, ["bogus", link], why, next_step)


def draw_chain(draw: Draw, place: int, variant: int = 0) -> Chain:
    return Chain(draw.within(f"chain {place}"), 2 + place % 3, variant)


# ---- what can be wrong, each with the place where the walk must end


def ds_signature(chain: Chain) -> Case:
    at = chain.below_root()
    zone, parent = chain.names[at], chain.names[at - 1]
    good = chain.zones[at][2][0]
    stranger = sign(chain.stranger(chain.zsk[at - 1]), parent, chain.now)
    by_child = sign(chain.ksk[at], zone, chain.now)
    what, rrsigs = chain.pick(
        (
            ("has no signature", []),
            (f"is signed by a key that {parent} does not have, with the tag of one that it has", [stranger]),
            (f"is signed by {zone} itself", [by_child]),
            ("has a signature that verifies with no key", [forged(good)]),
            ("has a signature that has expired", [chain.signed(at - 1, begins=9 * DAY, ends=-HOUR)]),
        )
    )
    chain.zones[at][2] = rrsigs
    return bogus(
        f"DS {zone}", f"the DS RRset of {zone} {what}",
        "A DS counts only with a signature by the parent's key (RFC 4035 §5.2, §5.3.1).",
        "Before you use a DS set, ask `holds` with the keys and the name of the zone above.",
    )  # fmt: skip


def missing_ds(chain: Chain) -> Case:
    at = chain.below_root()
    zone, stranger = chain.names[at], sign(chain.stranger(chain.zsk[at - 1]), chain.names[at - 1], chain.now)
    chain.zones[at][1] = []
    chain.zones[at][2] = chain.pick(([], [stranger], [chain.signed(at - 1, begins=9 * DAY, ends=-HOUR)]))
    what = "with a proof whose signature does not hold" if chain.zones[at][2] else "without a proof"
    return bogus(
        f"DS {zone}", f"{zone} has no DS, {what}",
        "Who strips a DS could forge all below it, so its absence has to be proven (RFC 4035 §5.2).",
        "An empty DS set needs a signature of the parent as much as a full one.",
    )  # fmt: skip


def key_not_named(chain: Chain, at: int | None = None) -> Case:
    at = chain.anywhere() if at is None else at
    zone, key = chain.names[at], chain.stranger(chain.ksk[at])
    chain.zones[at][3] = chain.draw.shuffled([key, chain.zsk[at]])
    chain.zones[at][4] = [sign(key, zone, chain.now)]
    return bogus(
        f"DNSKEY {zone}",
        f"{zone} has a KSK with the tag and algorithm that {'its DS' if at else 'the trust anchor'} says, and signs "
        "with it; the digest is another",
        "A key is named by tag, algorithm and digest, all three: a tag proves nothing (RFC 4035 §5.2).",
        "Which keys does `entry_keys` let in here? Compare the digest as well.",
    )  # fmt: skip


def keys_not_signed_by_entry(chain: Chain, at: int | None = None) -> Case:
    at = chain.anywhere() if at is None else at
    zone = chain.names[at]
    what, rrsigs = chain.pick(
        (
            ("no signature", []),
            ("only a signature by the ZSK, which no DS names", [chain.signed(at)]),
            ("only a signature by the right key that has expired", [chain.signed(at, KSK, begins=9 * DAY, ends=-HOUR)]),
            ("only a signature that verifies with no key", [forged(chain.signed(at, KSK))]),
        )
    )
    chain.zones[at][4] = rrsigs
    return bogus(
        f"DNSKEY {zone}", f"{zone} has the right keys, and over them {what}",
        "The key that the DS names must have signed the whole DNSKEY RRset: that it is merely in it proves nothing "
        "(RFC 4035 §5.2).",
        "Call `holds` for the signatures over the keys with the entry keys only, not with all keys.",
    )  # fmt: skip


def answer_signature(chain: Chain) -> Case:
    last, now = len(chain.names) - 1, chain.now
    zone, parent = chain.names[last], chain.names[last - 1]
    what, rrsigs = chain.pick(
        (
            ("is not signed", []),
            ("has a signature that will be valid in an hour", [chain.signed(last, begins=-HOUR)]),
            ("has a signature that has expired an hour ago", [chain.signed(last, ends=-HOUR)]),
            (f"is signed by {parent}, with a key of {parent}", [chain.signed(last - 1)]),
            ("is signed by an unknown key with the right tag", [sign(chain.stranger(chain.zsk[last]), zone, now)]),
        )
    )
    chain.answer[2] = rrsigs
    return bogus(
        f"A {chain.answer[0]}", f"the answer {what}",
        "In a zone that is proven to be signed, data without a good signature of that zone is bogus "
        "(RFC 4035 §5.3.1, §5.5).",
        "After the last zone: does any signature over the answer hold, with that zone's keys and name?",
    )  # fmt: skip


def two_breaks(chain: Chain) -> Case:
    """Break the answer, and a link above it: the first one counts."""
    answer_signature(chain)
    case = chain.pick((ds_signature, key_not_named, keys_not_signed_by_entry))(chain)
    return Case(f"{case.story}, and the answer is not signed well either", case.verdict,
                "What hangs from a broken link is not judged: the first broken link is the cause (RFC 4035 §5).",
                "Return as soon as a link breaks, on the way down.")  # fmt: skip


def proven_unsigned(chain: Chain) -> Case:
    at = chain.below_root()
    chain.zones[at][1] = []  # what its parent has signed is now the proof
    what = spoil_below(chain, at)
    return Case(
        f"{chain.names[at]} has no DS, with a good proof; {what}", ["insecure", f"DS {chain.names[at]}"],
        "Where a parent proves that there is no DS, nothing below can be demanded to be signed (RFC 4035 §5.2).",
        "If the signatures from above hold and the DS set is empty, the walk is over: do not look at what is below.",
    )  # fmt: skip


def only_unsupported(chain: Chain) -> Case:
    at = chain.below_root()
    chain.zones[at][1] = [unsupported_ds(chain, at) for _ in range(chain.draw.integer(1, 2))]
    what = spoil_below(chain, at)
    numbers = " and ".join(f"algorithm {ds[1]} with digest type {ds[2]}" for ds in chain.zones[at][1])
    return Case(
        f"the parent has signed DS records of {chain.names[at]} with {numbers}, and no others; {what}",
        ["insecure", f"DS {chain.names[at]}"],
        "If no DS of a signed DS set has an algorithm and a digest type that the validator knows, it goes on as if "
        "the zone were unsigned: insecure and not bogus (RFC 4035 §5.2, RFC 6840 §5.2).",
        "Leave out the DS records that you cannot use; what does it mean if none is left?",
    )  # fmt: skip


def unsupported_ds(chain: Chain, at: int) -> Values:
    tag, algorithm, _, digest = ds_of(chain.ksk[at])
    if chain.variant % 2:
        return [tag, chain.draw.choice(UNSUPPORTED), SHA_256, digest]
    return [tag, algorithm, chain.draw.choice(OTHER_DIGESTS), digest]


def spoil_below(chain: Chain, at: int) -> str:
    """Break, or leave, what a walk that has ended must not look at."""
    if chain.pick((True, True, False, False)):
        return "below that all is well"
    chain.zones[at][4], chain.answer[2] = [], [forged(each) for each in chain.answer[2]]
    return "what is signed below is signed wrongly"


def unsupported_beside_good(chain: Chain) -> Case:
    """A DS that we don't know excuses nothing as long as there is one that we know."""
    at = chain.below_root()
    other = unsupported_ds(chain, at)
    found = chain.pick((key_not_named, keys_not_signed_by_entry))(chain, at)
    chain.zones[at][1] = chain.draw.shuffled([*chain.zones[at][1], other])
    return Case(f"{found.story}; beside it, there is a DS that this validator cannot use", found.verdict,
                "A zone is insecure only if *no* DS can be used (RFC 4035 §5.2); else an attacker could wait for it.",
                "Go on with those DS records that you can use, if there are any.")  # fmt: skip


def no_reply(chain: Chain) -> Case:
    at, part, word = chain.below_root(), *chain.pick(((1, "DS"), (3, "DNSKEY")))
    chain.zones[at][part], chain.zones[at][part + 1] = None, []
    return Case(
        f"no reply came to the question for the {word} of {chain.names[at]}",
        ["indeterminate", f"{word} {chain.names[at]}"],
        "A record that the proof needs could not be had: that is neither proof nor refutation (RFC 4035 §4.3).",
        "Look for None before you look into a list.",
    )  # fmt: skip


def harmless(chain: Chain) -> Case:
    """Do what looks wrong and is not: everything that is good is still there."""
    at = chain.anywhere()
    new = draw_key(chain.draw, KSK, chain.ksk[at][1])
    what = chain.pick(range(4))
    if what == 0:
        return Case("nothing is wrong", SECURE, "An unbroken chain leads to it (RFC 4035 §4.3).", "Print every link.")
    if what == 1:  # in the middle of a rollover
        chain.zones[at][1].append(ds_of(new))
    if what == 2:
        chain.zones[at][3] = chain.draw.shuffled([*chain.zones[at][3], new, chain.stranger(chain.zsk[at])])
    if what == 3:
        chain.answer[2] = [sign(new, chain.names[-1], chain.now), *chain.answer[2]]
    stories = ("", f"a DS beside the right one names a key that {chain.names[at]} does not have yet",
               f"{chain.names[at]} has more keys, one of them with the ZSK's tag",
               "an unknown key has signed the answer too")  # fmt: skip
    return Case(stories[what], SECURE, "Of several DS, keys or signatures one that fits is enough (RFC 6840 §5.4).",
                "any(...) is what you need, at each link: one good one suffices.")  # fmt: skip
