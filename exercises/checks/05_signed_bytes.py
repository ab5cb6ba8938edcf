"""What exercise 05 asks: the bytes that a signature covers, and whether it fits.

dnspython signs, with keys that are drawn. The bytes that are expected must be verified by its signature before they
are asked for, so that the course's own code is not its own judge.
"""

from dataclasses import dataclass

import dns.dnssec
import dns.rrset
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from dns.name import from_text
from dns.rdtypes.ANY.RRSIG import RRSIG
from dns.rrset import RRset

from dnsseclab.grading.criteria import Criterion, Exercise, Learner
from dnsseclab.grading.plain import Plain
from dnsseclab.grading.seeds import Draw
from dnsseclab.protocol import dnssec

NOW = 1_795_521_600  # epoch seconds; any moment will do
WEEK = 604_800  # seconds
FIELDS = "The RRSIG's fields without the signature, then each record: owner, type, class, original TTL, length, rdata "


@dataclass(frozen=True)
class Signed:
    """Records as somebody received them, the RRSIG over them, and the public key to it."""

    owner: str  # as it was received: capitals, and the name that a wildcard was expanded to
    ttl: int  # as it was received: a cache has counted it down
    records: RRset
    rrsig: RRSIG
    public_key: bytes

    @property
    def fields(self) -> list[Plain]:
        """Return the RRSIG as the learner gets it: without the signature."""
        rrsig = self.rrsig
        numbers = (
            rrsig.type_covered, rrsig.algorithm, rrsig.labels, rrsig.original_ttl, rrsig.expiration, rrsig.inception,
            rrsig.key_tag,
        )  # fmt: skip
        return [*(int(number) for number in numbers), rrsig.signer.to_text(omit_final_dot=True)]

    def arguments(self, *rdata: bytes) -> list[Plain]:
        """Return what the learner's functions are asked with; `rdata` instead of the records' own."""
        values: list[Plain] = list(rdata) or [each.to_wire() for each in self.records]
        return [self.owner, self.ttl, values, self.fields]

    @property
    def signed_bytes(self) -> bytes:
        """Return the signed bytes, over which dnspython's signature is verified: else our own code has failed."""
        data = dnssec.signed_bytes(self.records, self.rrsig)
        Ed25519PublicKey.from_public_bytes(self.public_key).verify(self.rrsig.signature, data)
        return data


def capitals(name: str) -> str:
    """Return a name with every other letter a capital."""
    return "".join(letter.upper() if place % 2 else letter for place, letter in enumerate(name))


def draw_signed(draw: Draw, rdtype: str, *rdata: str, owner: str = "www", expanded: str = "") -> Signed:
    """Return records in a zone of their own, signed by dnspython.

    Args:
        rdata: With {zone} for the zone's name.
        owner: The signed name below the zone; `*` for a wildcard.
        expanded: The name below the zone that the wildcard was expanded to.
    """
    zone, ttl, key = draw.domain(), draw.integer(3600, 90_000), Ed25519PrivateKey.from_private_bytes(draw.bytes(32))
    signer = from_text(capitals(zone))
    dnskey = dns.dnssec.make_dnskey(key.public_key(), "ED25519")
    values = [each.format(zone=zone) for each in rdata]
    made = dns.rrset.from_text_list(f"{owner}.{capitals(zone)}.", ttl, "IN", rdtype, draw.shuffled(values))
    inception = NOW - draw.integer(0, WEEK)
    rrsig = dns.dnssec.sign(made, key, signer, dnskey, inception=inception, expiration=inception + WEEK)
    name = made.name if not expanded else from_text(expanded, signer)
    records = RRset(name, made.rdclass, made.rdtype)
    records.update(made)
    received = name.to_text(omit_final_dot=True)
    return Signed(received, ttl - draw.integer(1, 3000), records, rrsig, key.public_key().public_bytes_raw())


def draw_addresses(draw: Draw, count: int) -> Signed:
    return draw_signed(draw, "A", *(f"192.0.2.{last}" for last in draw.sample(range(1, 255), count)))


def material(draw: Draw) -> list[Plain]:
    """Hand out an answer from a cache: owner, TTL, two addresses, the RRSIG, the signature, the public key."""
    signed = draw_addresses(draw, 2)
    return [*signed.arguments(), signed.rrsig.signature, signed.public_key]


def canonical_names(learner: Learner) -> None:
    for name in (learner.fresh.domain(), f"www.{learner.fresh.domain()}".upper(), "."):
        learner.expect(
            "canonical_name", [name], from_text(name).to_digestable(),
            why="A name in canonical form is uncompressed and in lower case (RFC 4034 §6.2); each label stands behind "
            "its length, and a zero byte at the end (RFC 1035 §3.1).",
            next_step="Put the name into lower case, leave empty labels out, and do not forget the last zero byte.",
        )  # fmt: skip


def owners(learner: Learner) -> None:
    for _ in range(2):
        zone = learner.fresh.domain()
        for owner, labels, expected in (
            (f"www.{zone}", 3, f"www.{zone}"), (f"a.{zone}", 2, f"*.{zone}"), (f"a.b.c.{zone}", 3, f"*.c.{zone}"),
            (f"*.{zone}", 2, f"*.{zone}"), (zone, 2, zone), (zone, 0, "*"), (zone, 1, "*.example"),
        ):  # fmt: skip
            learner.expect(
                "signed_owner", [owner, labels], expected,
                why="If the owner has more labels than the RRSIG counts, it was made from a wildcard: an asterisk, and "
                "the last labels (RFC 4035 §5.3.2). A leading asterisk is not counted (RFC 4034 §3.1.3).",
                next_step="Keep so many labels of the end, and put '*' before them, unless that is the owner itself.",
            )  # fmt: skip


def owners_with_too_few_labels(learner: Learner) -> None:
    zone = learner.fresh.domain()
    for owner, labels in ((zone, 3), (f"www.{zone}", learner.fresh.integer(4, 255)), (f"*.{zone}", 3)):
        learner.expect_refusal(
            "signed_owner", [owner, labels],
            why="An RRSIG that counts more labels than the owner has must not be used (RFC 4035 §5.3.2).",
            next_step="Raise ValueError. Mind that a leading asterisk is not counted.",
        )  # fmt: skip


def expect_bytes(learner: Learner, signed: Signed, why: str, next_step: str, *rdata: bytes) -> None:
    learner.expect(
        "covered_bytes", signed.arguments(*rdata), signed.signed_bytes, why=why, next_step=next_step
    )  # fmt: skip


def your_bytes(learner: Learner) -> None:
    expect_bytes(
        learner, draw_addresses(learner.shown, 2), FIELDS + "(RFC 4034 §3.1.8.1).",
        "Print your bytes and these below each other: where is the first difference?",
    )  # fmt: skip


def bytes_of_one_record(learner: Learner) -> None:
    for signed in (draw_addresses(learner.fresh, 1), draw_signed(learner.fresh, "TXT", '"Some CAPITALS"')):
        expect_bytes(
            learner, signed,
            "Owner and signer are in lower case, and the TTL is the original one: caches count the other down "
            "(RFC 4034 §3.1.8.1, §6.2). A text stays as it is.",
            "Which TTL do you take, and what have you put into lower case?",
        )  # fmt: skip


def bytes_of_several_records(learner: Learner) -> None:
    for signed in (draw_addresses(learner.fresh, 4), draw_signed(learner.fresh, "TXT", '"b"', '"aa"', '"a"')):
        expect_bytes(
            learner, signed,
            "Records are in the order of their rdata, compared byte by byte; it does not matter how they came "
            "(RFC 4034 §6.3).",
            "sorted() compares bytes as is asked for here.",
        )  # fmt: skip
    signed = draw_addresses(learner.fresh, 2)
    twice = [each.to_wire() for each in signed.records]
    expect_bytes(
        learner, signed, "A record that came twice counts once (RFC 4034 §6.3).", "Sort a set of the rdata.",
        *twice, twice[0],
    )  # fmt: skip


def bytes_of_names(learner: Learner) -> None:
    for signed in (
        draw_signed(learner.fresh, "NS", "NS1.{zone}.", "Ns2.{zone}.", owner="sub"),
        draw_signed(learner.fresh, "CNAME", "WwW.{zone}."),
        draw_signed(learner.fresh, "MX", "65 Mail.{zone}.", "16714 Mail2.{zone}."),  # 0x0041 and 0x414A
    ):
        expect_bytes(
            learner, signed,
            "Names in the rdata of NS, CNAME and MX are in lower case, and nothing else in it (RFC 4034 §6.2).",
            "An MX begins with a number of two bytes, which may look like capital letters. It is a number.",
        )  # fmt: skip


def bytes_of_wildcards(learner: Learner) -> None:
    for expanded in (learner.fresh.label(), f"a.{learner.fresh.label()}"):
        address = learner.fresh.address()
        expect_bytes(
            learner, draw_signed(learner.fresh, "A", address, owner="*", expanded=expanded),
            "What was made from a wildcard is signed under the wildcard's name (RFC 4035 §5.3.2).",
            "signed_owner(owner, labels) is the name that was signed.",
        )  # fmt: skip


def signatures(learner: Learner) -> None:
    *answer, signature, public_key = material(learner.shown)
    shown: list[tuple[list[Plain], Plain, Plain]] = [(answer, signature, public_key)]
    for count in (1, 3):
        signed = draw_addresses(learner.fresh, count)
        shown.append((signed.arguments(), signed.rrsig.signature, signed.public_key))
    for arguments, signature, public_key in shown:
        owner, ttl, rdata, fields = arguments
        assert isinstance(ttl, int) and isinstance(rdata, list) and isinstance(fields, list)
        later = [*fields[:4], int(str(fields[4])) + WEEK, *fields[5:]]
        for changed, expected in (
            (arguments, True), ([owner, ttl - 1, rdata, fields], True),
            ([owner, ttl, [*rdata, b"\xcb\0q\x09"], fields], False),
            ([owner, ttl, [b"\xcb\0q\x42"], fields], False), ([f"x{owner}", ttl, rdata, fields], False),
            ([owner, ttl, rdata, later], False),
        ):  # fmt: skip
            learner.expect(
                "is_genuine", [*changed, signature, public_key], expected,
                why="The signature fits these bytes and no others: whoever changes a record, its owner or the time of "
                "expiry needs the private key (RFC 4035 §5.3.3).",
                next_step="Ed25519PublicKey.from_public_bytes(public_key).verify(signature, data) raises "
                "InvalidSignature if it does not fit.",
            )  # fmt: skip


def signatures_that_are_none(learner: Learner) -> None:
    signed, other = draw_addresses(learner.fresh, 2), draw_addresses(learner.fresh, 2)
    arguments, signature = signed.arguments(), signed.rrsig.signature
    owner, ttl, rdata, fields = arguments
    assert isinstance(fields, list)
    flipped = bytes([signature[0] ^ 1]) + signature[1:]
    for *changed, expected in (
        (arguments, signature, signed.public_key, True), (arguments, flipped, signed.public_key, False),
        (arguments, signature[:-1], signed.public_key, False), (arguments, b"", signed.public_key, False),
        (arguments, signature, other.public_key, False), (arguments, signature, signed.public_key[:-1], False),
        ([owner, ttl, rdata, [*fields[:2], 9, *fields[3:]]], signature, signed.public_key, False),
    ):  # fmt: skip
        asked, *rest = changed
        learner.expect(
            "is_genuine", [*asked, *rest], expected,
            why="Whatever is wrong with a signature, it does not fit, and that is the answer: anybody may send one "
            "(RFC 4035 §5.3.2, §5.3.3).",
            next_step="A key of another length and a label count that is too large raise ValueError: return False.",
        )  # fmt: skip


EXERCISE = Exercise(
    title="The signed bytes",
    functions=("canonical_name", "signed_owner", "covered_bytes", "is_genuine"),
    material=material,
    criteria=(
        Criterion("A name is turned into canonical bytes.", 1, canonical_names),
        Criterion("The name that was signed is found, be it a wildcard's.", 1, owners),
        Criterion("An RRSIG that counts too many labels is refused.", 1, owners_with_too_few_labels),
        Criterion("The signed bytes of your own records are right.", 1, your_bytes),
        Criterion("Lower case and the original TTL are used, and texts are left alone.", 1, bytes_of_one_record),
        Criterion("Several records are put in order, and none is taken twice.", 1, bytes_of_several_records),
        Criterion("Names in the rdata are in lower case, and numbers are left alone.", 1, bytes_of_names),
        Criterion("Records that were made from a wildcard are covered.", 1, bytes_of_wildcards),
        Criterion("A genuine answer is told from a changed one.", 1, signatures),
        Criterion("What is no signature is no genuine one, and does no harm.", 1, signatures_that_are_none),
    ),
)
