"""Exercise 08: its proofs are those of the RFCs' own zones, our validator agrees, and each slip loses its own point."""

from typing import Any

import dns.rdata
import pytest
from dns.rdatatype import RdataType

import exercises
from dnsseclab.grading import catalogue
from dnsseclab.grading.seeds import Draw
from dnsseclab.protocol.names import to_name
from dnsseclab.validator import Limits, Policy
from dnsseclab.validator.denial import Record, Shows
from dnsseclab.validator.limits import Work
from dnsseclab.validator.nsec3_denial import Nsec3Denial
from dnsseclab.validator.nsec_denial import NsecDenial

NAME = "08_denial"
SOLUTION = vars(exercises.solution(NAME))
SEEDS = range(10)
EVERY_PROOF = {
    "capitals_make_no_difference", "names_that_are_absent", "names_behind_the_last", "types_that_are_absent",
    "names_below_a_wildcard", "proofs_with_a_hole",
}  # fmt: skip
CAPITALS = {"capitals_make_no_difference"}
EVERY_NAME = CAPITALS | {"names_that_are_absent", "names_behind_the_last"}


def missed(learner: str = "alice", **functions: Any) -> set[str]:
    return set(exercises.missed(exercises.verdict(NAME, SOLUTION | functions, learner)))


# ---- the RFCs' own zones ----------------------------------------------------------------------------------------

# RFC 4035 Appendix A, without its delegations a.example and b.example, which the exercise leaves to the ladder.
RING = [
    ["example", "ai.example", ["NS", "SOA", "MX", "RRSIG", "NSEC", "DNSKEY"]],
    ["ai.example", "ns1.example", ["A", "HINFO", "AAAA", "RRSIG", "NSEC"]],
    ["ns1.example", "ns2.example", ["A", "RRSIG", "NSEC"]],
    ["ns2.example", "*.w.example", ["A", "RRSIG", "NSEC"]],
    ["*.w.example", "x.w.example", ["MX", "RRSIG", "NSEC"]],
    ["x.w.example", "x.y.w.example", ["MX", "RRSIG", "NSEC"]],
    ["x.y.w.example", "xx.example", ["MX", "RRSIG", "NSEC"]],
    ["xx.example", "example", ["A", "HINFO", "AAAA", "RRSIG", "NSEC"]],
]
PROOFS = [
    ("ml.example", "A", ["NXDOMAIN", [0, 1]]),  # B.2
    ("ns1.example", "MX", ["NODATA", [2]]),  # B.3
    ("a.z.w.example", "MX", ["nothing", []]),  # B.6: the wildcard answers
    ("a.z.w.example", "AAAA", ["NODATA", [4, 6]]),  # B.7
    ("y.w.example", "A", ["NODATA", [5]]),  # an empty non-terminal
    ("zz.example", "A", ["NXDOMAIN", [0, 7]]),
]


@pytest.mark.parametrize("name, rdtype, expected", PROOFS)
def test_solution_proves_what_the_examples_of_rfc_4035_prove(name: str, rdtype: str, expected: list) -> None:
    assert SOLUTION["nsec_proof"](name, rdtype, RING) == expected


def test_solution_orders_names_as_rfc_4034_does() -> None:
    """RFC 4034 §6.1, without the two names that hold bytes beyond ASCII."""
    names = ["example", "a.example", "yljkjljk.a.example", "Z.a.example", "zABC.a.EXAMPLE", "z.example", "*.z.example"]
    assert SOLUTION["canonical_order"](names[::-1]) == names


RFC_5155_CHAIN = {  # Appendix A, in the order of the hashes
    "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom": "example",
    "2t7b4g4vsa5smi47k61mv5bv1a22bojr": "ns1.example",
    "2vptu5timamqttgl4luu9kg21e0aor3s": "x.y.w.example",
    "35mthgpgcu1qg68fab165klnsnk3dpvl": "a.example",
    "b4um86eghhds6nea196smvmlo4ors995": "x.w.example",
    "gjeqe526plbf1g8mklp59enfd789njgi": "ai.example",
    "ji6neoaepv8b5o6k4ev33abha8ht9fgc": "y.w.example",
    "k8udemvp1j2f7eg6jebps17vp3n8i58h": "w.example",
    "kohar7mbb8dc2ce8a9qvl8hon4k53uhi": "2t7b4g4vsa5smi47k61mv5bv1a22bojr.example",
    "q04jkcevqvmu85r014c7dkba38o0ji5r": "ns2.example",
    "r53bq7cc2uvmubfu5ocmm6pers9tk9en": "*.w.example",
    "t644ebqk9bibcna874givr6joj62mlhv": "xx.example",
}
HASHES = list(RFC_5155_CHAIN)
GAPS = [list(gap) for gap in zip(HASHES, [*HASHES[1:], HASHES[0]], strict=True)]
PARAMETERS = bytes.fromhex("aabbccdd"), 12


@pytest.mark.parametrize("hashed, name", RFC_5155_CHAIN.items())
def test_solution_hashes_names_as_rfc_5155_does(hashed: str, name: str) -> None:
    assert SOLUTION["nsec3_hash"](name, *PARAMETERS) == hashed


@pytest.mark.parametrize(
    "name, expected",
    [
        ("a.c.x.w.example", ["x.w.example", "c.x.w.example"]),  # B.1
        ("c.example", ["example", "c.example"]),  # B.3
        ("a.z.w.example", ["w.example", "z.w.example"]),  # B.4, B.5
        ("ns1.example", []),
    ],
)
def test_solution_finds_the_enclosers_of_rfc_5155(name: str, expected: list) -> None:
    assert SOLUTION["closest_encloser"](name, "example", GAPS, *PARAMETERS) == expected


# ---- what is expected, against our validator --------------------------------------------------------------------


class Questions:
    """What the judge asks, and the answers that it expects."""

    def __init__(self, seed: int) -> None:
        self.asked: list[tuple[str, list, Any]] = []
        for criterion in catalogue.exercise(NAME).criteria:
            self.shown, self.fresh = Draw("material", str(seed)), Draw(criterion.key, str(seed))
            criterion.judge(self)  # type: ignore[arg-type]

    def expect(self, function: str, arguments: list, expected: Any, **_: str) -> None:
        self.asked.append((function, arguments, expected))

    def of(self, function: str) -> list[tuple[list, Any]]:
        return [(arguments, expected) for asked, arguments, expected in self.asked if asked == function]


def denial(zone: str, records: list) -> NsecDenial:
    texts = ((owner, f"{following}. {' '.join(types)}") for owner, following, types in records)
    made = [Record(to_name(owner), dns.rdata.from_text("IN", "NSEC", text)) for owner, text in texts]
    return NsecDenial(to_name(zone), made)


def proven(name: str, rdtype: str, zone: str, records: list) -> str:
    """Return what our validator says that the records prove."""
    if not records:
        return "nothing"
    judge = denial(zone, records)
    if judge.no_name(to_name(name)).shows is Shows.ABSENT:
        return "NXDOMAIN"
    return "NODATA" if judge.no_type(to_name(name), RdataType.make(rdtype)).shows is Shows.ABSENT else "nothing"


@pytest.mark.parametrize("seed", SEEDS)
def test_validator_needs_the_expected_records_and_each_of_them(seed: int) -> None:
    words = []
    for (name, rdtype, records), (word, places) in Questions(seed).of("nsec_proof"):
        apex = ".".join(name.lower().split(".")[-2:])
        chosen = [records[place] for place in places]
        words.append(word)
        assert proven(name, rdtype, apex, records) == word
        assert proven(name, rdtype, apex, chosen) == word
        for gone in chosen:
            assert proven(name, rdtype, apex, [each for each in chosen if each is not gone]) == "nothing"
    assert {*words} == {"NXDOMAIN", "NODATA", "nothing"}


@pytest.mark.parametrize("seed", SEEDS)
def test_validator_finds_the_expected_enclosers(seed: int) -> None:
    for (name, zone, records, salt, iterations), expected in Questions(seed).of("closest_encloser"):
        made = [
            Record(
                to_name(f"{owner}.{zone}"),
                dns.rdata.from_text("IN", "NSEC3", f"1 0 {iterations} {salt.hex()} {following} A"),
            )
            for owner, following in records
        ]
        if not made:  # the same record did all of it, and was left out
            assert expected == []
            continue
        found = Nsec3Denial(to_name(zone), made, Policy(), Work(Limits())).closest_encloser(to_name(name))
        assert found.holds == bool(expected)
        if expected:
            assert found.name == to_name(expected[0])
            assert found.parts[1].checks[-1].detail == expected[1]


# ---- slips ------------------------------------------------------------------------------------------------------

LEARNERS = ("alice", "bob", "李雷")
labels = SOLUTION["labels"]


def as_written(name: str) -> list:
    return [label for label in reversed(name.split(".")) if label]


@pytest.mark.parametrize(
    "order",
    [
        sorted,  # as texts, from the left
        lambda names: sorted(names, key=lambda name: name[::-1].lower()),  # from the right, letter by letter
        lambda names: sorted(names, key=lambda name: ".".join(labels(name))),  # '-' stands before '.'
        lambda names: sorted(names, key=lambda name: name.lower().split(".")),  # labels, from the left
    ],
)
def test_another_order_loses_a_point(order: Any) -> None:
    assert "ordered_names" in missed(canonical_order=order)


@pytest.mark.parametrize(
    "slip_in_order",
    [
        lambda names: sorted(names, key=as_written),
        lambda names: sorted([name.lower() for name in names], key=labels),  # not as they were written
    ],
)
def test_order_that_minds_capitals_loses_one_point(slip_in_order: Any) -> None:
    assert missed(canonical_order=slip_in_order) == {"capitals_make_no_difference"}


SLIPS = [
    # capitals count
    ("name.lower().split", "name.split", {"capitals_make_no_difference", "hashes_of_names"}),
    # the ring is taken for a line
    ("return name > owner", "return False", {"names_behind_the_last"}),
    ("if following <= owner:  # the last", "if following < owner:  # the last", {"names_behind_the_last"}),
    # the end of a gap is taken for a part of it
    ("owner < name < following", "owner < name <= following", {"proofs_with_a_hole"}),
    # the wildcard is forgotten
    ("if other is None:", "if False:", {"proofs_with_a_hole"}),
    ('["NXDOMAIN", sorted({gap, other})]', '["NXDOMAIN", [gap]]', EVERY_NAME - CAPITALS),
    # one record twice; places out of order
    ("sorted({gap, other})", "sorted([gap, other])", EVERY_NAME | {"names_below_a_wildcard"}),
    # the wildcard is looked for elsewhere: below the parent, below the zone, at the owner's end only
    ("[*encloser, ", "[*asked[:-1], ", EVERY_NAME - CAPITALS | {"names_below_a_wildcard"}),
    ("[*encloser, ", "[*asked[:2], ", EVERY_PROOF - {"types_that_are_absent"}),
    ("max(shared(asked, owner), shared(asked, following), key=len)", "shared(asked, owner)", {"names_that_are_absent"}),
    # a wildcard that is there
    ("if wildcard in owners:", "if False:", {"names_below_a_wildcard"}),
    # types
    ('"CNAME" in types', "False", {"types_that_are_absent"}),
    ("if rdtype in types or", "if False or", {"types_that_are_absent", "names_below_a_wildcard"}),
    ("if following[: len(asked)] == asked:", "if False:", {"types_that_are_absent"}),
]


@pytest.mark.parametrize("written, instead, expected", SLIPS)
def test_slip_loses_the_points_that_it_should(written: str, instead: str, expected: set[str]) -> None:
    functions = with_slip(written, instead)
    assert [missed(learner, **functions) for learner in LEARNERS] == [expected] * len(LEARNERS)


HASH_SLIPS = [
    ("nsec3_hash", "range(iterations)", "range(iterations - 1)", "hashes_of_names"),
    ("nsec3_hash", "sha1(digest + salt)", "sha1(digest)", "hashes_of_names"),
    ("nsec3_hash", "b32hexencode", "b32encode", "hashes_of_names"),
    ("nsec3_hash", "decode().lower()", "decode()", "hashes_of_names"),
    ("nsec3_hash", "reversed(labels(name))", "labels(name)", "hashes_of_names"),
    (
        "nsec3_covers",
        "owner.lower(), following.lower(), hashed.lower()",
        "owner, following, hashed",
        "gaps_between_hashes",
    ),
    ("nsec3_covers", "return hashed > owner or hashed < following", "return hashed > owner", "gaps_between_hashes"),
    ("nsec3_covers", "return hashed > owner or", "return hashed >= owner or", "gaps_between_hashes"),
    ("nsec3_covers", "or hashed < following", "or hashed <= following", "gaps_between_hashes"),
    ("nsec3_covers", "return owner < hashed < following", "return owner <= hashed < following", "gaps_between_hashes"),
    ("nsec3_covers", "return owner < hashed < following", "return owner < hashed <= following", "gaps_between_hashes"),
    ("closest_encloser", "if is_denied(next_closer, records, salt, iterations) else []", "", "enclosers_by_hash"),
    ("closest_encloser", 'return name != "" and any(', "return any(", "enclosers_by_hash"),
    ("closest_encloser", "if name == zone:", "if name.count('.') < 3:", "enclosers_by_hash"),
]


@pytest.mark.parametrize("function, written, instead, expected", HASH_SLIPS)
def test_slip_with_hashes_loses_one_point(function: str, written: str, instead: str, expected: str) -> None:
    """Only the one function has it: what others make of its result is their own point."""
    wrong = with_slip(written, instead)[function]
    assert [missed(learner, **{function: wrong}) for learner in LEARNERS] == [{expected}] * len(LEARNERS)


def with_slip(written: str, instead: str) -> dict[str, Any]:
    """Return the solution's functions with one thing written otherwise."""
    source = exercises.solution_source(NAME)
    assert source.count(written) == 1
    functions: dict[str, Any] = {}
    exec(source.replace(written, instead), functions)
    return functions


def test_reply_that_is_always_believed_gains_nothing_for_proofs() -> None:
    """Two records that come first, whatever is asked."""
    assert missed(nsec_proof=lambda *_: ["NXDOMAIN", [0, 1]]) >= EVERY_PROOF
    assert missed(nsec_proof=lambda *_: ["nothing", []]) == EVERY_PROOF - {"proofs_with_a_hole"}
