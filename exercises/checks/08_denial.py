"""What exercise 08 asks: which records prove that something does not exist, by name and by hash.

The answers come from dnspython: its order of names, its zone that knows each name's neighbors and closest encloser,
its hash. So the course's own code is not its own judge.
"""

from base64 import b32hexencode

import dns.btreezone
import dns.dnssec
from dns.name import Name, from_text
from dns.rdata import GenericRdata
from dns.rdataclass import IN
from dns.rdatatype import TXT

from dnsseclab.grading.criteria import Criterion, Exercise, Learner
from dnsseclab.grading.plain import Plain
from dnsseclab.grading.seeds import Draw

TYPES = ("A", "AAAA", "MX", "TXT", "SRV", "CAA")
CONTENT = GenericRdata(IN, TXT, b"\0")  # what a name has is of no interest for its place in the zone
HASH_BYTES = 20  # of SHA-1
FIRST_LETTER = 0x50  # from this byte on a hash begins with a letter, which may be a capital


def capitals(name: str) -> str:
    """Return a name with every other letter a capital."""
    return "".join(letter.upper() if place % 2 else letter for place, letter in enumerate(name))


class Zone:
    """A small signed zone, and what dnspython says about names that it has and has not."""

    def __init__(self, draw: Draw) -> None:
        self.draw = draw
        self.apex = draw.domain()
        labels = list(dict.fromkeys(draw.label() for _ in range(20)))  # each once
        self.host, self.alias, self.branch, self.deep, *self.unused = (f"{label}.{self.apex}" for label in labels)
        self.types = {
            self.apex: ["NS", "SOA", draw.choice(("MX", "TXT")), "DNSKEY"],
            self.host: ["A", draw.choice(("AAAA", "MX", "TXT"))],
            self.alias: ["CNAME"],
            self.branch: ["A"],
            f"*.{self.branch}": draw.sample(("A", "TXT", "MX"), 2),
            f"ada.{self.branch}": ["A"],
            f"{draw.label()}.{self.empty}": ["A"],
            f"_dmarc.{self.apex}": ["TXT"],
            f"zy{draw.label()}.{self.apex}": ["A"],  # the last one: what follows "zz" lies behind it
        }
        self.owners = sorted(self.types, key=from_text)
        zone = dns.btreezone.Zone(f"{self.apex}.", relativize=False)
        with zone.writer() as writer:
            for owner in self.owners:
                writer.add(from_text(owner), 1, CONTENT)
        with zone.reader() as reader:
            self.bounds = reader.version.bounds  # type: ignore[attr-defined]

    @property
    def empty(self) -> str:
        """Return a name that has no records and exists, because another lies below it."""
        return f"_tcp.{self.deep}"

    @property
    def behind(self) -> str:
        """Return a name that lies behind all names of the zone."""
        return f"zz{self.draw.label()}.{self.apex}"

    def missing(self) -> str:
        """Return a name just below the apex that the zone does not have; another each time."""
        return self.unused.pop()

    def lacking(self, owner: str) -> str:
        """Return a type that a name does not have."""
        return self.draw.choice([each for each in TYPES if each not in self.types.get(owner, [])])

    def ring(self) -> list[list[Plain]]:
        """Return the NSEC records, in the order in which they happen to have come: [owner, next, types].

        RRSIG and NSEC, which every name has, are left out of the types: a question shall be readable.
        """
        pairs = zip(self.owners, [*self.owners[1:], self.apex], strict=True)
        return self.draw.shuffled([[owner, after, [*self.types[owner]]] for owner, after in pairs])

    def proof(self, name: str, rdtype: str) -> tuple[str, set[str]]:
        """Return what there is to prove about a question, and the owners of the NSEC records that prove it."""
        at = self.bounds(from_text(name))
        if at.is_equal:
            present = {rdtype, "CNAME"} & {*self.types[text(at.left)]}
            return ("nothing", set()) if present else ("NODATA", {text(at.left)})
        if at.closest_encloser == at.name:
            return "NODATA", {text(at.left)}
        wildcard = self.bounds(Name((b"*", *at.closest_encloser.labels)))
        records = {text(at.left), text(wildcard.left)}
        if not wildcard.is_equal:
            return "NXDOMAIN", records
        return ("nothing", set()) if rdtype in self.types[text(wildcard.left)] else ("NODATA", records)

    def answer(self, name: str, rdtype: str, ring: list[list[Plain]]) -> list[Plain]:
        """Return the same as the learner's function should."""
        word, owners = self.proof(name, rdtype)
        return [word, [place for place, record in enumerate(ring) if record[0] in owners]]

    def hashed_ring(self, salt: bytes, iterations: int) -> dict[str, str]:
        """Return the NSEC3 records' gaps: {hash of a name: the next hash}. Empty non-terminals have one, too."""
        names = sorted(nsec3(name, salt, iterations) for name in (*self.types, self.empty, self.deep))
        return dict(zip(names, [*names[1:], names[0]], strict=True))


def text(name: Name) -> str:
    return name.to_text(omit_final_dot=True)


def nsec3(name: str, salt: bytes, iterations: int) -> str:
    return dns.dnssec.nsec3_hash(name, salt, iterations, "SHA1").lower()


def material(draw: Draw) -> list[Plain]:
    """Hand out a zone's NSEC records, questions, and the NSEC3 records of the same zone."""
    zone, salt, iterations = Zone(draw), draw.bytes(4), draw.integer(1, 9)
    questions = draw.shuffled([
        [zone.missing(), "A"], [zone.behind, "A"], [zone.host, zone.lacking(zone.host)], [zone.empty, "A"],
        [f"{draw.label()}.{zone.branch}", "SRV"],
    ])  # fmt: skip
    hashed = [list(each) for each in zone.hashed_ring(salt, iterations).items()]
    return [zone.apex, zone.ring(), questions, [salt, iterations, draw.shuffled(hashed)]]


def ordered_names(learner: Learner) -> None:
    own = [str(record[0]) for record in Zone(learner.shown).ring()]
    draw = learner.fresh
    zone, host = draw.domain(), draw.label()
    prefixes = ("", "*.", "_tcp.", f"{host}.", f"*.{host}.", f"a.z.{host}.", f"z.{host}.", f"{host}-2.", "b.a-")
    tricky = [f"{prefix}{zone}" for prefix in prefixes] + ["example", f"{host}.{zone[1:]}"]
    for names in (own, draw.shuffled(tricky), [".", "example", draw.label()]):
        learner.expect(
            "canonical_order", [names], sorted(names, key=from_text),
            why="Names are compared label by label from the right; what runs out of labels first comes first "
            "(RFC 4034 §6.1).",
            next_step="Compare lists of labels and not texts: name.split('.') turned around. The root has no label.",
        )  # fmt: skip


def capitals_make_no_difference(learner: Learner) -> None:
    zone = Zone(learner.fresh)
    why = "In canonical order A to Z count as a to z (RFC 4034 §6.1)."
    names = zone.draw.shuffled([*map(capitals, zone.owners), zone.missing().upper(), f"ZETA.{zone.host}"])
    learner.expect(
        "canonical_order", [names], sorted(names, key=from_text),
        why=why, next_step="Compare in small letters, and return the names as they came.",
    )  # fmt: skip
    ring = zone.ring()
    loud = [[capitals(str(owner)), str(after).upper(), types] for owner, after, types in ring]
    for name in (zone.host, f"zeta.{zone.host}"):
        learner.expect(
            "nsec_proof", [name.upper(), "SRV", loud], zone.answer(name, "SRV", ring),
            why=why, next_step="Turn the names of the question and of the records into small letters first.",
        )  # fmt: skip


def expect_proofs(learner: Learner, zone: Zone, why: str, next_step: str, *questions: tuple[str, str]) -> None:
    """Ask for the proof of each question among all NSEC records of a zone."""
    for name, rdtype in zone.draw.shuffled(questions):
        ring = zone.ring()
        expected = zone.answer(name, rdtype, ring)
        learner.expect("nsec_proof", [name, rdtype, ring], expected, why=why, next_step=next_step)


def names_that_are_absent(learner: Learner) -> None:
    for draw in (learner.shown, learner.fresh, learner.fresh):
        zone = Zone(draw)
        expect_proofs(
            learner, zone,
            "One gap must cover the name, and one the wildcard at its closest encloser, which would answer instead "
            "(RFC 4035 §5.4, RFC 4592 §3.3.1). It may be the same gap.",
            "The closest encloser is what the name shares, in labels from the right, with one of the two ends of its "
            "gap; take the longer. Return each place once, in rising order.",
            (zone.missing(), "A"), (f"{draw.label()}.{zone.missing()}", "MX"), (f"_sip.{zone.deep}", "A"),
            (f"{draw.label()}.{draw.label()}.{zone.host}", "TXT"),
        )  # fmt: skip


def names_behind_the_last(learner: Learner) -> None:
    zone = Zone(learner.fresh)
    why = "The last record's next name is the zone's own, the first: its gap is all that lies behind (RFC 4034 §4.1.1)."
    next_step = "If the next name does not come after the owner, then every name after the owner lies in the gap."
    below = f"{zone.draw.label()}.{zone.owners[-1]}"
    expect_proofs(learner, zone, why, next_step, (zone.behind, "A"), (below, "A"), (f"a.{zone.behind}", "TXT"))
    only = [[zone.apex, zone.apex, ["NS", "SOA"]]]  # a zone of one name: its record leads back to itself
    learner.expect("nsec_proof", [f"www.{zone.apex}", "A", only], ["NXDOMAIN", [0]], why=why, next_step=next_step)


def types_that_are_absent(learner: Learner) -> None:
    zone = Zone(learner.fresh)
    expect_proofs(
        learner, zone,
        "The record of the name itself lists its types: what is not listed is not there (RFC 4035 §5.4).",
        "First look for a record whose owner is the name. If it lists the type, nothing is denied.",
        *((owner, zone.lacking(owner)) for owner in (zone.host, zone.apex, zone.branch)), (zone.host, "A"),
    )  # fmt: skip
    expect_proofs(
        learner, zone,
        "At an alias the type may be found where it leads, so its record denies no type (RFC 6840 §4.3).",
        "If CNAME is among the types of the name, nothing is proven.",
        (zone.alias, zone.lacking(zone.alias)), (zone.alias, "CNAME"),
    )  # fmt: skip
    expect_proofs(
        learner, zone,
        "A name exists if another lies below it, even without a record of its own (RFC 4592 §2.2.2).",
        "If the next name of the gap lies below the name, the name exists and has no types: NODATA.",
        (zone.empty, "A"), (zone.deep, "TXT"),
    )  # fmt: skip


def names_below_a_wildcard(learner: Learner) -> None:
    zone = Zone(learner.fresh)
    label, wildcard = zone.draw.label, f"*.{zone.branch}"
    expect_proofs(
        learner, zone,
        "A wildcard that is there answers for the name. If it lacks the type, the proof is the gap around the name and "
        "the record of the wildcard (RFC 4035 §5.4); if it has it, nothing is denied.",
        "Once you know the wildcard, look for a record that it owns before you look for a gap. Only the wildcard at "
        "the closest encloser counts.",
        (f"{label()}.{zone.branch}", zone.lacking(wildcard)), (f"a.{label()}.{zone.branch}", zone.lacking(wildcard)),
        (f"{label()}.{zone.branch}", zone.types[wildcard][0]), (f"{label()}.ada.{zone.branch}", "A"),
    )  # fmt: skip


def proofs_with_a_hole(learner: Learner) -> None:
    zone = Zone(learner.fresh)
    wildcard = f"{zone.draw.label()}.{zone.branch}", zone.lacking(f"*.{zone.branch}")
    own_type = zone.host, zone.lacking(zone.host)
    for name, rdtype in (wildcard, own_type, (zone.missing(), "A"), (zone.missing(), "A"), (zone.empty, "A")):
        for gone in sorted(zone.proof(name, rdtype)[1]):
            ring = [record for record in zone.ring() if record[0] != gone]
            learner.expect(
                "nsec_proof", [name, rdtype, ring], ["nothing", []],
                why="Each part of a proof must be there: an attacker leaves out what speaks against it "
                "(RFC 4035 §5.4).",
                next_step="One record of the proof is missing here. Where your code finds no record for a step, return "
                "['nothing', []].",
            )  # fmt: skip


def hashes_of_names(learner: Learner) -> None:
    draw = learner.fresh
    _, _, _, own = material(learner.shown)
    for name, salt, iterations in (
        (draw.domain(), b"", 0), (draw.domain("a.example"), *own[:2]),
        (f"*.{draw.domain()}", draw.bytes(8), 1), (capitals(draw.domain()), draw.bytes(2), draw.integer(2, 20)),
        (".", b"\1", 3),
    ):  # fmt: skip
        learner.expect(
            "nsec3_hash", [name, salt, iterations], nsec3(name, salt, iterations),
            why="SHA-1 over the name in canonical wire format and the salt; then once more for each iteration, over "
            "the hash and the salt (RFC 5155 §5). The result is in base32hex (RFC 4648 §7).",
            next_step="Count the rounds: 0 iterations are one SHA-1. Does the salt follow in every round? Is the "
            "name in small letters? base64.b32hexencode gives capitals; here small letters are wanted.",
        )  # fmt: skip


def gaps_between_hashes(learner: Learner) -> None:
    draw = learner.fresh
    drawn = sorted(bytes([draw.integer(FIRST_LETTER, 255)]) + draw.bytes(HASH_BYTES - 1) for _ in range(4))
    low, inside, high, above = (b32hexencode(each).decode().lower() for each in drawn)
    cases = [
        (low, high, inside, True), (low, high, above, False), (low, high, low, False), (low, high, high, False),
        (low.upper(), high.upper(), inside, True), (inside, high, low, False),
        (high, inside, above, True), (high, inside, low, True), (above, low, inside, False), (high, low, high, False),
        (high, low, low, False), (high, high, low, True), (high, high, above, True), (high, high, high, False),
    ]  # fmt: skip
    for owner, after, hashed, expected in draw.shuffled(cases):
        learner.expect(
            "nsec3_covers", [owner, after, hashed], expected,
            why="A gap lies strictly between its two hashes, capitals or not; the last one leads over the end to the "
            "first hash (RFC 5155 §3.1.7).",
            next_step="Base32hex keeps the order of the bytes, so texts can be compared. If next is not after owner, "
            "the gap has two parts: after the owner, or before next.",
        )  # fmt: skip


def enclosers_by_hash(learner: Learner) -> None:
    zone, salt, iterations = Zone(learner.fresh), learner.fresh.bytes(3), learner.fresh.integer(0, 5)
    label, gaps = zone.draw.label, zone.hashed_ring(salt, iterations)

    def expect(name: str, owners: list[str], expected: list[Plain]) -> None:
        reply: list[Plain] = [[owner, gaps[owner]] for owner in zone.draw.shuffled(list(dict.fromkeys(owners)))]
        learner.expect(
            "closest_encloser", [name, zone.apex, reply, salt, iterations], expected,
            why="A record must match the longest ancestor that exists, and another one cover the name one label longer "
            "(RFC 5155 §8.3).",
            next_step="Print each shortened name with its hash, from the whole name to the zone. The first that is an "
            "owner is the encloser. Return [] if it is the whole name, or no gap holds the next closer name.",
        )  # fmt: skip

    for name in (
        zone.missing(),
        f"{label()}.{label()}.{zone.missing()}",
        f"a.{zone.host}",
        f"b.{label()}.{zone.empty}",
    ):
        encloser = text(zone.bounds(from_text(name)).closest_encloser)
        next_closer = f"{name.removesuffix(f'.{encloser}').split('.')[-1]}.{encloser}"
        matching = nsec3(encloser, salt, iterations)
        covering, wildcard = (gap_of(each, gaps, salt, iterations) for each in (next_closer, f"*.{encloser}"))
        for owners in ([matching, covering, wildcard], list(gaps)):
            expect(name, owners, [encloser, next_closer])
        for gone in (matching, covering):  # an attacker leaves one out
            expect(name, [owner for owner in (matching, covering, wildcard) if owner != gone], [])
    expect(zone.host, list(gaps), [])  # the name exists


def gap_of(name: str, gaps: dict[str, str], salt: bytes, iterations: int) -> str:
    """Return the owner hash of the gap that a missing name's hash lies in."""
    hashed = nsec3(name, salt, iterations)
    return max([owner for owner in gaps if owner < hashed] or gaps)


EXERCISE = Exercise(
    title="Proofs of absence",
    functions=("canonical_order", "nsec_proof", "nsec3_hash", "nsec3_covers", "closest_encloser"),
    material=material,
    criteria=(
        Criterion("Names are put into canonical order.", 1, ordered_names),
        Criterion("Capitals make no difference, neither to the order nor to a proof.", 1, capitals_make_no_difference),
        Criterion("A missing name is denied, and the wildcard that could stand for it.", 1, names_that_are_absent),
        Criterion("Names behind the last one are denied: the gaps are a ring.", 1, names_behind_the_last),
        Criterion("A missing type is denied, also at a name that owns nothing.", 1, types_that_are_absent),
        Criterion("A wildcard that stands for the name is taken into account.", 1, names_below_a_wildcard),
        Criterion("A proof of which one record is missing proves nothing.", 1, proofs_with_a_hole),
        Criterion("The hash of a name is the one in its NSEC3 record's owner.", 1, hashes_of_names),
        Criterion("Whether a hash lies in a gap is told right, also at the end of the ring.", 1, gaps_between_hashes),
        Criterion("The closest encloser is found, and only where it is proven.", 1, enclosers_by_hash),
    ),
)
