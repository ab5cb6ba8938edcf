"""What exercise 06 asks: the tag of a key, the digest that a DS record holds, and which keys a DS names.

The answers are computed by dnspython, so that the course's own code is not its own judge.
"""

import dns.dnssec
import dns.rdata
from dns.name import from_text
from dns.rdataclass import IN
from dns.rdatatype import DNSKEY
from dns.rdtypes.ANY.DNSKEY import DNSKEY as Dnskey

from dnsseclab.grading.criteria import Criterion, Exercise, Learner
from dnsseclab.grading.plain import Plain
from dnsseclab.grading.seeds import Draw

RSA, P_256, P_384, ED25519 = 8, 13, 14, 15
KEY_BYTES = {RSA: (132, 260), P_256: (64,), P_384: (96,), ED25519: (32,)}


def draw_key(draw: Draw, odd: bool = False) -> Dnskey:
    """Return the public half of nobody's key: right in form, drawn in content."""
    algorithm = RSA if odd else draw.choice(sorted(KEY_BYTES))
    key = draw.bytes(draw.choice(KEY_BYTES[algorithm]) - odd)
    return Dnskey(IN, DNSKEY, draw.choice((256, 257)), 3, algorithm, key)


def with_same_tag(key: Dnskey) -> Dnskey:
    """Return another key with the same tag: two 16-bit words change places, so their sum stays."""
    words = [key.key[at : at + 2] for at in range(0, len(key.key), 2)]
    other = next(place for place, word in enumerate(words) if word != words[0])
    words[0], words[other] = words[other], words[0]
    return Dnskey(IN, DNSKEY, key.flags, key.protocol, key.algorithm, b"".join(words))


def ds_of(owner: str, key: Dnskey) -> list[Plain]:
    ds = dns.dnssec.make_ds(from_text(owner), key, "SHA256")
    return [ds.key_tag, int(ds.algorithm), int(ds.digest_type), ds.digest]  # plain numbers, not enums


def material(draw: Draw) -> list[Plain]:
    """Hand out a zone, its keys, and what its parent says about them."""
    owner = draw.domain()
    keys = [draw_key(draw) for _ in range(2)]
    return [owner, [key.to_wire() for key in keys], ds_of(owner, draw.choice(keys))]


def tag_of_the_handed_out_keys(learner: Learner) -> None:
    _, keys, _ = material(learner.shown)
    for key in keys:
        rdata = dns.rdata.from_wire(IN, DNSKEY, key, 0, len(key))
        learner.expect(
            "key_tag", [key], dns.dnssec.key_id(rdata),
            why="The tag is the sum of the DNSKEY's 16-bit words (RFC 4034 Appendix B).",
            next_step="Take the bytes in pairs, the first of a pair times 256; add them all up.",
        )  # fmt: skip


def tag_of_fresh_keys(learner: Learner) -> None:
    for _ in range(8):
        key = draw_key(learner.fresh)
        learner.expect(
            "key_tag", [key.to_wire()], dns.dnssec.key_id(key),
            why="What overflows 16 bits is added to the low 16 bits, once (RFC 4034 Appendix B).",
            next_step="After the sum: total += total >> 16, then keep the low 16 bits with & 0xFFFF.",
        )  # fmt: skip


def tag_of_odd_keys(learner: Learner) -> None:
    for _ in range(4):
        key = draw_key(learner.fresh, odd=True)
        learner.expect(
            "key_tag", [key.to_wire()], dns.dnssec.key_id(key),
            why="A last byte without a partner counts as the high half of a word (RFC 4034 Appendix B).",
            next_step="If the number of bytes is odd, put one zero byte behind them first.",
        )  # fmt: skip


def digest_of_fresh_keys(learner: Learner) -> None:
    for _ in range(4):
        owner, key = learner.fresh.domain(learner.fresh.choice(("example", "com"))), draw_key(learner.fresh)
        learner.expect(
            "ds_digest", [owner, key.to_wire()], ds_of(owner, key)[3],
            why="The digest is SHA-256 over the owner name in wire format and the DNSKEY's bytes "
            "(RFC 4034 §5.1.4, RFC 4509 §2.2).",
            next_step="Print the bytes that you hash: the name comes first, each label behind its length, a zero "
            "byte after the last; then the key.",
        )  # fmt: skip


def digest_does_not_depend_on_case(learner: Learner) -> None:
    for _ in range(3):
        owner, key = learner.fresh.domain(), draw_key(learner.fresh)
        learner.expect(
            "ds_digest", [owner.title(), key.to_wire()], ds_of(owner, key)[3],
            why="The owner name is hashed in canonical form, in lower case (RFC 4034 §5.1.4, §6.2).",
            next_step="Turn the name into lower case before you turn it into bytes.",
        )  # fmt: skip


def digest_for_the_root(learner: Learner) -> None:
    key = draw_key(learner.fresh)
    learner.expect(
        "ds_digest", [".", key.to_wire()], ds_of(".", key)[3],
        why="The root's name has no labels: on the wire it is a single zero byte (RFC 1035 §3.1).",
        next_step="What does your code make of the text '.'? Leave empty labels out before you count.",
    )  # fmt: skip


def named_keys_among_strangers(learner: Learner) -> None:
    for _ in range(3):
        owner, keys = learner.fresh.domain(), [draw_key(learner.fresh) for _ in range(4)]
        place = learner.fresh.integer(0, 3)
        learner.expect(
            "named_keys", [owner, [key.to_wire() for key in keys], ds_of(owner, keys[place])], [place],
            why="A DS names the key whose tag, algorithm and digest are those in the DS (RFC 4035 §5.2).",
            next_step="Return a list of places, counted from 0, also when there is only one.",
        )  # fmt: skip


def named_keys_with_the_same_tag(learner: Learner) -> None:
    for _ in range(3):
        owner, key = learner.fresh.domain(), draw_key(learner.fresh)
        keys = learner.fresh.shuffled([key, with_same_tag(key)])
        learner.expect(
            "named_keys", [owner, [each.to_wire() for each in keys], ds_of(owner, key)], [keys.index(key)],
            why="A tag is a hint and not an identity: two keys may share one (RFC 4034 §5.1.1 and Appendix B).",
            next_step="Use the tag to rule keys out, and compare the digest of those that are left.",
        )  # fmt: skip


def named_keys_for_a_wrong_ds(learner: Learner) -> None:
    owner, keys = learner.fresh.domain(), [draw_key(learner.fresh) for _ in range(3)]
    tag, algorithm, digest_type, digest = ds_of(owner, keys[1])
    other = next(number for number in (13, 15) if number != algorithm)
    listed = [key.to_wire() for key in keys]
    for ds, difference in (
        ([tag, other, digest_type, digest], "algorithm"),
        ([tag ^ 1, algorithm, digest_type, digest], "tag"),
        ([tag, algorithm, digest_type, digest[:-1] + bytes([digest[-1] ^ 1])], "last byte of the digest"),
        ([tag, algorithm, 4, digest], "digest type"),
    ):
        learner.expect(
            "named_keys", [owner, listed, ds], [],
            why=f"The {difference} differs, and tag, algorithm and digest must all match (RFC 4035 §5.2).",
            next_step="Compare all four fields. Your ds_digest makes digests of type 2 (SHA-256), and no others.",
        )  # fmt: skip


EXERCISE = Exercise(
    title="Key tag and DS",
    functions=("key_tag", "ds_digest", "named_keys"),
    material=material,
    criteria=(
        Criterion("The tag of your own keys is right.", 1, tag_of_the_handed_out_keys),
        Criterion("The tag of any key is right, also where the sum overflows 16 bits.", 1, tag_of_fresh_keys),
        Criterion("The tag is right for a key with an odd number of bytes.", 1, tag_of_odd_keys),
        Criterion("The digest is the one that a parent would publish.", 2, digest_of_fresh_keys),
        Criterion("Upper and lower case in the owner name make no difference.", 1, digest_does_not_depend_on_case),
        Criterion("The digest is right for the root's own key.", 1, digest_for_the_root),
        Criterion("Among several keys, the one that the DS names is found.", 1, named_keys_among_strangers),
        Criterion("Of two keys with the same tag, only the right one is found.", 1, named_keys_with_the_same_tag),
        Criterion("A DS of which one field is wrong names no key.", 1, named_keys_for_a_wrong_ds),
    ),
)
