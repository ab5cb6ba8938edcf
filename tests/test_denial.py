"""Denial of existence: the proofs of RFC 4035 and RFC 5155 from their own example zones, and what is no proof."""

import dns.rdata
import pytest
from dns.rdatatype import RdataType

from dnsseclab.protocol.dnssec import nsec3_owner
from dnsseclab.protocol.names import to_name, to_type
from dnsseclab.validator import Limits, Policy
from dnsseclab.validator.denial import Record, Shows, has_type, types_of
from dnsseclab.validator.limits import Work, WorkLimitExceeded
from dnsseclab.validator.nsec3_denial import Nsec3Denial
from dnsseclab.validator.nsec_denial import NsecDenial

EXAMPLE = to_name("example")
ABSENT, UNSIGNED, NO_CUT, NOTHING = Shows.ABSENT, Shows.UNSIGNED, Shows.NO_CUT, Shows.NOTHING

# RFC 4035 Appendix A, the whole ring; and what nothing there has: a DNAME.
RING = """\
example. a.example. NS SOA MX RRSIG NSEC DNSKEY
a.example. ai.example. NS DS RRSIG NSEC
ai.example. b.example. A HINFO AAAA RRSIG NSEC
b.example. dname.example. NS RRSIG NSEC
dname.example. ns1.example. DNAME RRSIG NSEC
ns1.example. ns2.example. A RRSIG NSEC
ns2.example. *.w.example. A RRSIG NSEC
*.w.example. x.w.example. MX RRSIG NSEC
x.w.example. x.y.w.example. MX RRSIG NSEC
x.y.w.example. xx.example. MX RRSIG NSEC
xx.example. example. A HINFO AAAA RRSIG NSEC
"""


def nsecs(*owners: str, ring: str = RING) -> NsecDenial:
    """Return a denial by the records of some owners."""
    lines = (line.split(maxsplit=1) for line in ring.splitlines())
    texts = {to_name(owner): text for owner, text in lines}
    chosen = map(to_name, owners) if owners else texts
    return NsecDenial(EXAMPLE, [Record(owner, dns.rdata.from_text("IN", "NSEC", texts[owner])) for owner in chosen])


def outcome(proof) -> tuple[Shows, str]:
    """Return what a proof shows, and why: the rule that failed or that makes it insecure."""
    failed = [check.rule for part in proof.parts for check in part.checks if not check.passed]
    assert bool(failed) == (proof.shows is NOTHING) or proof.rule == "nsec3-iterations"
    return proof.shows, proof.rule or (failed[0] if failed else "")


# ---- NSEC: names ----------------------------------------------------------------------------------------------

NAMES = [
    ("ml.example", ["b.example", "example"], "nsec-covers-name"),  # RFC 4035 B.2 without the DNAME; see below
    ("ml.example", ["dname.example", "example"], ""),
    ("ml.example", ["dname.example"], "nsec-denies-wildcard"),
    ("ml.example", ["example"], "nsec-covers-name"),
    ("zz.example", ["xx.example", "example"], ""),  # behind the last owner: the ring closes at the apex
    ("0.example", ["example"], ""),  # one record denies the name and the wildcard
    ("Zz.Example", ["xx.example", "example"], ""),
    ("ns1.example", ["ns1.example", "example"], "nsec-name-absent"),
    ("y.w.example", ["x.w.example", "example"], "nsec-name-absent"),  # an empty non-terminal: it exists
    ("z.w.example", ["x.y.w.example", "ns2.example"], "nsec-denies-wildcard"),  # *.w exists
    ("new.a.example", ["a.example", "example"], "nsec-not-from-above"),  # RFC 6840 §4.1: a parent's record
    ("new.b.example", ["b.example", "example"], "nsec-not-from-above"),
    ("new.dname.example", ["dname.example", "example"], "nsec-not-from-above"),
    ("b.example", ["ai.example", "example"], "nsec-covers-name"),  # the end of a gap does not lie in it
    ("other", ["xx.example", "example"], "nsec-covers-name"),  # outside the zone
]


@pytest.mark.parametrize(("name", "owners", "rule"), NAMES)
def test_no_name(name, owners, rule):
    assert outcome(nsecs(*owners).no_name(to_name(name))) == (NOTHING if rule else ABSENT, rule)


def test_wildcard_is_denied_at_the_closest_encloser_and_nowhere_else():
    """A denial of *.example says nothing about *.w.example, which would answer for z.w.example."""
    denial = nsecs("x.y.w.example", "example")
    assert outcome(denial.no_name(to_name("z.w.example"))) == (NOTHING, "nsec-denies-wildcard")


def test_closest_encloser_may_lie_at_either_end_of_the_gap():
    ring = "example. d.c.example. NS SOA\nd.c.example. example. A\n"
    parts = nsecs(ring=ring).no_name(to_name("b.c.example")).parts
    assert [part.checks[-1].detail.split(":")[0] for part in parts[1:]] == ["*.c.example"]


def test_record_whose_next_name_leaves_the_zone_proves_nothing():
    """BIND and Unbound don't count it either: it leads to the next name of its zone (RFC 4034 §4.1.1), or nowhere."""
    ring = "a.example. other. A\nexample. a.example. NS SOA\nd.example. other. NS\n"
    denial = nsecs(ring=ring)
    assert outcome(denial.no_name(to_name("b.example"))) == (NOTHING, "nsec-covers-name")
    assert outcome(denial.no_type(to_name("a.example"), RdataType.MX)) == (NOTHING, "nsec-covers-name")
    assert outcome(denial.no_ds(to_name("d.example"))) == (NOTHING, "nsec-covers-name")


# ---- NSEC: types ----------------------------------------------------------------------------------------------

TYPES = [
    ("ns1.example", "MX", ["ns1.example"], ""),  # RFC 4035 B.3
    ("ns1.example", "A", ["ns1.example"], "nsec-type-absent"),
    ("example", "DS", ["example"], "nsec-not-from-child"),  # RFC 4035 B.8, RFC 6840 §4.4: wrong side of the cut
    ("a.example", "A", ["a.example"], "nsec-not-from-above"),
    ("a.example", "DS", ["a.example"], "nsec-type-absent"),
    ("b.example", "DS", ["b.example"], ""),
    ("y.w.example", "A", ["x.w.example"], ""),  # an empty non-terminal
    ("a.z.w.example", "AAAA", ["x.y.w.example", "*.w.example"], ""),  # RFC 4035 B.7
    ("a.z.w.example", "MX", ["x.y.w.example", "*.w.example"], "nsec-type-absent"),
    ("a.z.w.example", "AAAA", ["x.y.w.example"], "nsec-denies-wildcard"),
    ("a.z.w.example", "AAAA", ["*.w.example"], "nsec-covers-name"),
    ("new.b.example", "A", ["b.example"], "nsec-not-from-above"),
    ("ns1.example", "ANY", ["ns1.example"], "nsec-type-absent"),
]


@pytest.mark.parametrize(("name", "rdtype", "owners", "rule"), TYPES)
def test_no_type(name, rdtype, owners, rule):
    proof = nsecs(*owners).no_type(to_name(name), to_type(rdtype))
    assert outcome(proof) == (NOTHING if rule else ABSENT, rule)


def test_alias_at_the_name_spoils_the_proof():
    """RFC 6840 §4.3: with a CNAME the type may be found where it leads."""
    ring = "example. alias.example. NS SOA\nalias.example. example. CNAME\n"
    assert outcome(nsecs(ring=ring).no_type(to_name("alias.example"), RdataType.A)) == (NOTHING, "nsec-type-absent")


def test_root_has_no_other_side():
    root = to_name(".")
    denial = NsecDenial(root, [Record(root, dns.rdata.from_text("IN", "NSEC", "com. NS SOA DNSKEY"))])
    assert outcome(denial.no_type(root, RdataType.DS)) == (ABSENT, "")


def test_compact_denial():
    """RFC 9824: one record at the name itself, which claims to have nothing."""
    ring = "gone.example. \\000.gone.example. RRSIG NSEC TYPE128\n"
    for rdtype in (RdataType.A, RdataType.ANY):
        assert outcome(nsecs(ring=ring).no_type(to_name("gone.example"), rdtype)) == (ABSENT, "")


# ---- NSEC: DS and wildcards -----------------------------------------------------------------------------------

DS = [
    ("b.example", ["b.example"], UNSIGNED, "insecure-delegation"),  # RFC 4035 B.5
    ("a.example", ["a.example"], NOTHING, "nsec-type-absent"),  # RFC 4035 B.4: there is a DS
    ("ns1.example", ["ns1.example"], NO_CUT, ""),
    ("y.w.example", ["x.w.example"], NO_CUT, ""),
    ("ml.example", ["dname.example"], NO_CUT, ""),
    ("example", ["example"], NOTHING, "nsec-not-from-child"),
    ("b.example", ["example"], NOTHING, "nsec-covers-name"),
    ("deep.b.example", ["b.example"], NOTHING, "nsec-not-from-above"),
]


@pytest.mark.parametrize(("name", "owners", "shows", "rule"), DS)
def test_no_ds(name, owners, shows, rule):
    assert outcome(nsecs(*owners).no_ds(to_name(name))) == (shows, rule)


CLOSER = [
    ("a.z.w.example", 2, ["x.y.w.example"], ""),  # RFC 4035 B.6
    ("a.z.w.example", 1, ["x.y.w.example"], "wildcard-is-closest"),  # *.example is not the closest
    ("x.y.w.example", 2, ["x.y.w.example"], "nsec-name-absent"),  # the name itself is there
    ("y.w.example", 2, ["x.w.example"], "nsec-name-absent"),  # so is this one, without records
    ("a.z.w.example", 2, ["ns1.example"], "nsec-covers-name"),
]


@pytest.mark.parametrize(("name", "labels", "owners", "rule"), CLOSER)
def test_nothing_closer(name, labels, owners, rule):
    assert outcome(nsecs(*owners).nothing_closer(to_name(name), labels)) == (NOTHING if rule else ABSENT, rule)


# ---- NSEC3: the chain of RFC 5155 Appendix A ------------------------------------------------------------------

SALT, ITERATIONS = bytes.fromhex("aabbccdd"), 12
CHAIN = {  # name: types; None: the names in RFC 5155 that own nothing but exist
    "example": "MX DNSKEY NS SOA NSEC3PARAM RRSIG", "2t7b4g4vsa5smi47k61mv5bv1a22bojr.example": "A RRSIG",
    "a.example": "NS DS RRSIG", "ai.example": "A HINFO AAAA RRSIG", "ns1.example": "A RRSIG", "ns2.example": "A RRSIG",
    "w.example": "", "*.w.example": "MX RRSIG", "x.w.example": "MX RRSIG", "y.w.example": "",
    "x.y.w.example": "MX RRSIG", "xx.example": "A HINFO AAAA RRSIG",
}  # fmt: skip


def nsec3s(*names: str, flags: int = 1, hash_number: int = 1, iterations: int = ITERATIONS, work=None) -> Nsec3Denial:
    """Return a denial by the records of some names, or of those in whose gap '<name' lies."""
    owners = {nsec3_owner(to_name(name), EXAMPLE, SALT, ITERATIONS): types for name, types in CHAIN.items()}
    ring = sorted(owners)
    records = []
    for name in names:
        hashed = nsec3_owner(to_name(name.lstrip("<")), EXAMPLE, SALT, ITERATIONS)
        at_or_before = [owner for owner in ring if owner <= hashed] or ring
        owner = at_or_before[-1]
        assert (owner == hashed) == (name[0] != "<"), f"{name} is not as the example zone has it"
        following = ring[(ring.index(owner) + 1) % len(ring)].labels[0].decode()
        text = f"{hash_number} {flags} {iterations} {SALT.hex()} {following} {owners[owner]}"
        records.append(Record(owner, dns.rdata.from_text("IN", "NSEC3", text)))
    return Nsec3Denial(EXAMPLE, records, Policy(), work or Work(Limits()))


def test_chain_is_that_of_the_rfc():
    """RFC 5155 Appendix A: the order of hashes, as the record of the apex shows it."""
    [record] = nsec3s("example").records
    assert record.owner == to_name("0p9mhaveqvm6t7vbl5lop2u3t2rp3tom.example")
    assert record.rdata.to_text().startswith("1 1 12 aabbccdd 2t7b4g4vsa5smi47k61mv5bv1a22bojr NS SOA ")


HASHED_NAMES = [
    ("a.c.x.w.example", ["x.w.example", "<c.x.w.example", "<*.x.w.example"], 0, ABSENT, ""),  # RFC 5155 B.1
    ("a.c.x.w.example", ["x.w.example", "<c.x.w.example", "<*.x.w.example"], 1, UNSIGNED, "opt-out"),
    ("a.c.x.w.example", ["<*.x.w.example"], 0, NOTHING, "nsec3-closest-encloser"),
    ("a.c.x.w.example", ["<c.x.w.example", "<*.x.w.example"], 0, NOTHING, "nsec3-next-closer"),  # the apex is too far
    ("a.c.x.w.example", ["x.w.example", "<*.x.w.example"], 0, NOTHING, "nsec3-next-closer"),
    ("a.c.x.w.example", ["x.w.example", "<c.x.w.example"], 0, NOTHING, "nsec3-denies-wildcard"),
    ("a.z.w.example", ["w.example", "<z.w.example", "*.w.example"], 0, NOTHING, "nsec3-denies-wildcard"),
    ("ns1.example", ["ns1.example"], 0, NOTHING, "nsec3-name-absent"),
    ("new.a.example", ["a.example", "<new.a.example"], 0, NOTHING, "nsec3-not-from-above"),
]


@pytest.mark.parametrize(("name", "names", "flags", "shows", "rule"), HASHED_NAMES)
def test_no_name_by_hash(name, names, flags, shows, rule):
    assert outcome(nsec3s(*names, flags=flags).no_name(to_name(name))) == (shows, rule)


HASHED_TYPES = [
    ("ns1.example", "MX", ["ns1.example"], 0, ABSENT, ""),  # B.2
    ("ns1.example", "A", ["ns1.example"], 0, NOTHING, "nsec3-type-absent"),
    ("y.w.example", "A", ["y.w.example"], 0, ABSENT, ""),  # B.2.1: an empty non-terminal has an empty bitmap
    ("a.z.w.example", "AAAA", ["w.example", "<z.w.example", "*.w.example"], 0, ABSENT, ""),  # B.5
    ("a.z.w.example", "AAAA", ["w.example", "<z.w.example", "*.w.example"], 1, UNSIGNED, "opt-out"),
    ("a.z.w.example", "MX", ["w.example", "<z.w.example", "*.w.example"], 0, NOTHING, "nsec3-type-absent"),
    ("a.z.w.example", "AAAA", ["w.example", "<z.w.example"], 0, NOTHING, "nsec3-opt-out"),
    ("example", "DS", ["example"], 0, NOTHING, "nsec3-not-from-child"),  # B.6
    ("a.example", "A", ["a.example"], 0, NOTHING, "nsec3-not-from-above"),
]


@pytest.mark.parametrize(("name", "rdtype", "names", "flags", "shows", "rule"), HASHED_TYPES)
def test_no_type_by_hash(name, rdtype, names, flags, shows, rule):
    assert outcome(nsec3s(*names, flags=flags).no_type(to_name(name), to_type(rdtype))) == (shows, rule)


HASHED_DS = [
    ("c.example", ["example", "<c.example"], 1, UNSIGNED, "opt-out"),  # B.3
    ("c.example", ["example", "<c.example"], 0, NOTHING, "nsec3-opt-out"),  # no delegation can hide there
    ("a.example", ["a.example"], 0, NOTHING, "nsec3-type-absent"),
    ("ns1.example", ["ns1.example"], 0, NO_CUT, ""),
    ("y.w.example", ["y.w.example"], 0, NO_CUT, ""),
    ("example", ["example"], 0, NOTHING, "nsec3-not-from-child"),
]


@pytest.mark.parametrize(("name", "names", "flags", "shows", "rule"), HASHED_DS)
def test_no_ds_by_hash(name, names, flags, shows, rule):
    assert outcome(nsec3s(*names, flags=flags).no_ds(to_name(name))) == (shows, rule)


def test_delegation_without_a_ds_by_hash():
    """RFC 5155 §8.9: NS is there, DS and SOA are not."""
    owner = nsec3_owner(to_name("b.example"), EXAMPLE, b"", 0)
    rdata = dns.rdata.from_text("IN", "NSEC3", f"1 0 0 - {'v' * 32} NS")
    denial = Nsec3Denial(EXAMPLE, [Record(owner, rdata)], Policy(), Work(Limits()))
    assert outcome(denial.no_ds(to_name("b.example"))) == (UNSIGNED, "insecure-delegation")


def test_nothing_closer_by_hash():
    """RFC 5155 B.4: *.w.example, two labels, has answered for a.z.w.example."""
    name = to_name("a.z.w.example")
    assert outcome(nsec3s("<z.w.example", flags=0).nothing_closer(name, 2)) == (ABSENT, "")
    assert outcome(nsec3s("<z.w.example", flags=1).nothing_closer(name, 2)) == (UNSIGNED, "opt-out")
    assert outcome(nsec3s("x.w.example", flags=0).nothing_closer(name, 2)) == (NOTHING, "wildcard-is-closest")


@pytest.mark.parametrize("odd", [{"hash_number": 2}, {"flags": 2}, {"flags": 128}])
def test_records_of_an_unknown_kind_prove_nothing(odd):
    """RFC 5155 §8.1, §8.2."""
    assert outcome(nsec3s("ns1.example", **odd).no_type(to_name("ns1.example"), RdataType.MX)) == (
        NOTHING, "nsec3-usable",
    )  # fmt: skip


def test_records_of_an_unknown_kind_are_ignored_beside_others():
    """RFC 5155 §8.1: a zone may try a new hash algorithm beside the old one."""
    records = [*nsec3s("example", hash_number=2).records, *nsec3s("ns1.example").records]
    denial = Nsec3Denial(EXAMPLE, records, Policy(), Work(Limits()))
    assert outcome(denial.no_type(to_name("ns1.example"), RdataType.MX)) == (ABSENT, "")


def test_records_with_different_parameters_prove_nothing():
    """RFC 5155 §8.2: two chains side by side are never mixed in one reply."""
    records = [*nsec3s("ns1.example").records, *nsec3s("example", iterations=13).records]
    denial = Nsec3Denial(EXAMPLE, records, Policy(), Work(Limits()))
    assert outcome(denial.no_type(to_name("ns1.example"), RdataType.MX)) == (NOTHING, "nsec3-usable")


@pytest.mark.parametrize("ask", ["no_name", "no_type", "no_ds", "nothing_closer"])
def test_too_many_iterations_are_refused_before_anything_is_hashed(ask):
    """RFC 9276 §3.2."""
    work = Work(Limits())
    denial = nsec3s("ns1.example", iterations=151, work=work)
    arguments = {"no_type": (RdataType.A,), "nothing_closer": (1,)}.get(ask, ())
    assert outcome(getattr(denial, ask)(to_name("ns1.example"), *arguments)) == (UNSIGNED, "nsec3-iterations")
    assert work.done == {}


def test_deep_names_are_hashed_only_so_often():
    """CVE-2023-50868: each label of a deep name may cost a hash, and each hash many rounds."""
    deep = to_name(".".join(["a"] * 100) + ".example")
    work = Work(Limits(nsec3_hashes=50))
    with pytest.raises(WorkLimitExceeded):
        nsec3s("example", work=work).no_name(deep)
    assert work.done["NSEC3 hashes"] == 50


@pytest.mark.parametrize("name", [name for name in CHAIN if name.count(".") == 1])
def test_a_name_whose_own_record_is_held_back_is_not_denied_by_the_others(name):
    own = nsec3_owner(to_name(name), EXAMPLE, SALT, ITERATIONS)
    others = [record for record in nsec3s(*CHAIN, flags=0).records if record.owner != own]
    denial = Nsec3Denial(EXAMPLE, others, Policy(), Work(Limits()))
    assert outcome(denial.no_name(to_name(name))) == (NOTHING, "nsec3-next-closer")


def test_the_first_name_of_the_ring_does_not_lie_in_its_last_gap():
    """The last gap wraps around, up to the first hash and without it: else that name could be denied."""
    owner = nsec3_owner(EXAMPLE, EXAMPLE, b"", 0)
    names = [to_name(f"{letter}.example") for letter in "abcdefgh"]
    first = next(name for name in names if nsec3_owner(name, EXAMPLE, b"", 0) < owner)
    text = f"1 0 0 - {nsec3_owner(first, EXAMPLE, b'', 0).labels[0].decode()} SOA NS"
    denial = Nsec3Denial(EXAMPLE, [Record(owner, dns.rdata.from_text("IN", "NSEC3", text))], Policy(), Work(Limits()))
    assert outcome(denial.no_name(first)) == (NOTHING, "nsec3-next-closer")


def test_ring_of_one_record_covers_everything_but_its_owner():
    owner = nsec3_owner(EXAMPLE, EXAMPLE, b"", 0)
    text = f"1 0 0 - {owner.labels[0].decode()} SOA NS"
    denial = Nsec3Denial(EXAMPLE, [Record(owner, dns.rdata.from_text("IN", "NSEC3", text))], Policy(), Work(Limits()))
    assert outcome(denial.no_name(to_name("any.example"))) == (ABSENT, "")


# ---- type bitmaps ---------------------------------------------------------------------------------------------


def test_type_bitmap_of_the_rfc():
    """RFC 4034 §4.3."""
    rdata = dns.rdata.from_text("IN", "NSEC", "host.example.com. A MX RRSIG NSEC TYPE1234")
    assert list(types_of(rdata)) == [1, 15, 46, 47, 1234]
    assert has_type(rdata, 1234) and not has_type(rdata, 1235)
