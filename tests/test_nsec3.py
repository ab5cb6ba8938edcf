"""NSEC3: the chain and the answers are those of RFC 5155's own example, appendices A and B."""

import pytest
from dns.rdatatype import RdataType
from dns.rrset import RRset

from dnsseclab.authority import nsec3
from dnsseclab.authority.keys import make_key
from dnsseclab.authority.nsec3 import Nsec3, make_nsec3, make_nsec3param
from dnsseclab.authority.server import answer
from dnsseclab.authority.signing import sign_zone
from dnsseclab.authority.zones import Zone
from dnsseclab.internet.worlds import NOW
from dnsseclab.protocol.messages import make_query
from dnsseclab.protocol.names import LabError, show_name, to_name

# RFC 5155 Appendix A, without its signatures; salt aabbccdd, 12 additional iterations, opt-out.
APPENDIX_A = """\
$ORIGIN example.
$TTL 3600
@      SOA   ns1 bugs.x.w 1 3600 300 3600000 3600
@      NS    ns1
@      NS    ns2
@      MX    1 xx
2t7b4g4vsa5smi47k61mv5bv1a22bojr A 192.0.2.127
a      NS    ns1.a
a      NS    ns2.a
a      DS    58470 5 1 3079F1593EBAD6DC121E202A8B766A6A4837206C
ns1.a  A     192.0.2.5
ns2.a  A     192.0.2.6
ai     A     192.0.2.9
ai     HINFO "KLH-10" "ITS"
ai     AAAA  2001:db8:0:0:0:0:f00:baa9
c      NS    ns1.c
c      NS    ns2.c
ns1.c  A     192.0.2.7
ns2.c  A     192.0.2.8
ns1    A     192.0.2.1
ns2    A     192.0.2.2
*.w    MX    1 ai
x.w    MX    1 xx
x.y.w  MX    1 xx
xx     A     192.0.2.10
xx     HINFO "KLH-10" "TOPS-20"
xx     AAAA  2001:db8:0:0:0:0:f00:baaa
"""
EXAMPLE = Nsec3(iterations=12, salt=bytes.fromhex("aabbccdd"), opt_out=True)
CHAIN = {  # by the first four letters of each hash: what it is the hash of, and its types
    "0p9m": ("example", "NS SOA MX RRSIG DNSKEY NSEC3PARAM"),
    "2t7b": ("ns1.example", "A RRSIG"),
    "2vpt": ("x.y.w.example", "MX RRSIG"),
    "35mt": ("a.example", "NS DS RRSIG"),
    "b4um": ("x.w.example", "MX RRSIG"),
    "gjeq": ("ai.example", "A HINFO AAAA RRSIG"),
    "ji6n": ("y.w.example", ""),
    "k8ud": ("w.example", ""),
    "koha": ("2t7b4g4vsa5smi47k61mv5bv1a22bojr.example", "A RRSIG"),
    "q04j": ("ns2.example", "A RRSIG"),
    "r53b": ("*.w.example", "MX RRSIG"),
    "t644": ("xx.example", "A HINFO AAAA RRSIG"),
}


def signed(how: Nsec3) -> Zone:
    key = make_key("example", "CSK", seed="test")
    return sign_zone(Zone.from_text(APPENDIX_A), [key], inception=NOW - 1, expiration=NOW + 1, denial=how)


@pytest.fixture(scope="module")
def example() -> Zone:
    return signed(EXAMPLE)


def chain_in(zone: Zone) -> list[RRset]:
    return [rrset for rrset in zone.rrsets() if rrset.rdtype == RdataType.NSEC3]


def hashes(proofs) -> list[str]:
    return [proof.name.labels[0].decode()[:4] for proof in proofs if proof.rdtype == RdataType.NSEC3]


def test_the_chain_is_that_of_appendix_a(example):
    chain = chain_in(example)
    assert hashes(chain) == list(CHAIN)
    texts = [proof[0].to_text().split() for proof in chain]
    assert [text[:4] for text in texts] == [["1", "1", "12", "aabbccdd"]] * 12
    assert [text[4][:4] for text in texts] == [*list(CHAIN)[1:], "0p9m"]
    assert [" ".join(text[5:]) for text in texts] == [types for _, types in CHAIN.values()]


def test_without_opt_out_the_unsigned_delegation_is_in_the_chain():
    chain = chain_in(signed(Nsec3(12, EXAMPLE.salt)))
    assert hashes(chain) == sorted([*CHAIN, "4g6p"])
    (unsigned,) = (proof[0].to_text().split() for proof in chain if hashes([proof]) == ["4g6p"])
    assert (unsigned[1], unsigned[5:]) == ("0", ["NS"]), "nothing is signed there, so no RRSIG bit"


@pytest.mark.parametrize(
    ("qname", "qtype", "rcode", "proofs"),
    [
        ("a.c.x.w.example", "A", 3, ["b4um", "0p9m", "35mt"]),  # B.1: encloser, next closer, wildcard
        ("ns1.example", "MX", 0, ["2t7b"]),  # B.2
        ("y.w.example", "A", 0, ["ji6n"]),  # B.2.1: an empty non-terminal
        ("mc.c.example", "MX", 0, ["0p9m", "35mt"]),  # B.3: unsigned delegation in an opt-out span
        ("a.z.w.example", "MX", 0, ["q04j"]),  # B.4: made from a wildcard
        ("a.z.w.example", "AAAA", 0, ["k8ud", "q04j", "r53b"]),  # B.5: the wildcard has no such type
        ("example", "DS", 0, ["0p9m"]),  # B.6
        ("mc.a.example", "MX", 0, []),  # a signed referral needs no proof
        ("c.example", "DS", 0, ["0p9m", "35mt"]),  # §7.2.4
    ],
)
def test_the_answers_are_those_of_appendix_b(example, qname, qtype, rcode, proofs):
    reply = answer([example], make_query(qname, qtype, id=1, dnssec_ok=True))
    assert (reply.rcode(), hashes(reply.authority)) == (rcode, proofs)


def test_a_hashed_name_does_not_exist_for_those_who_ask(example):
    """RFC 5155 §7.2.8; but the zone has an ordinary name that looks like one."""
    (name,) = (name for name in example.names() if name.labels[0].startswith(b"0p9m"))
    assert answer([example], make_query(name, "NSEC3", id=1)).rcode() == 3
    assert answer([example], make_query("2t7b4g4vsa5smi47k61mv5bv1a22bojr.example", "A", id=1)).answer


def test_the_chain_is_chosen_by_the_nsec3param_record(example):
    query = make_query("ns1.example", "MX", id=1, dnssec_ok=True)
    lost = example.without("example", "NSEC3PARAM")
    assert hashes(answer([example], query).authority) == ["2t7b"]
    assert hashes(answer([lost], query).authority) == []


def test_a_zone_of_one_name_points_to_itself():
    zone = Zone.from_text("$ORIGIN a.\n@ 60 SOA ns.b. host.b. 1 2 3 4 5\n@ 60 NS ns.b.\n")
    (only,) = make_nsec3(zone.with_rrsets(make_nsec3param(zone, Nsec3())), Nsec3())
    assert only[0].to_text().split()[4].encode() == only.name.labels[0]
    assert only.ttl == 5


def test_a_chain_that_has_been_lost_proves_nothing_and_breaks_nothing():
    zone = Zone.from_text(APPENDIX_A)
    announced = zone.with_rrsets(make_nsec3param(zone, EXAMPLE))
    for prove in (nsec3.prove_no_name, nsec3.prove_no_type, nsec3.prove_no_closer_name, nsec3.prove_no_wildcard_type):
        assert prove(announced, to_name("a.z.w.example")) == []


def test_signing_with_nsec_again_removes_the_hashed_names(example):
    key = make_key("example", "CSK", seed="test")
    again = sign_zone(example, [key], inception=NOW - 1, expiration=NOW + 1)
    assert {rrset.rdtype for rrset in again.rrsets()}.isdisjoint({RdataType.NSEC3, RdataType.NSEC3PARAM})
    assert show_name(again.get("example", "NSEC")[0].next).startswith("2t7b"), "the ordinary name that looks like one"


def test_the_defaults_are_those_of_rfc_9276():
    assert make_nsec3param(Zone.from_text(APPENDIX_A), Nsec3())[0].to_text() == "1 0 0 -"
    key = make_key("example", "CSK", seed="test")
    by_name = sign_zone(Zone.from_text(APPENDIX_A), [key], inception=NOW, expiration=NOW, denial="NSEC3")
    assert by_name.to_text() == sign_zone(by_name, [key], inception=NOW, expiration=NOW, denial=Nsec3()).to_text()


def test_another_denial_is_refused():
    with pytest.raises(LabError, match="'NSEC', 'NSEC3' or Nsec3"):
        sign_zone(
            Zone.from_text(APPENDIX_A), [make_key("example", "CSK", seed="x")], inception=1, expiration=2, denial="no"
        )


def test_a_zone_whose_name_leaves_no_room_for_a_hash_is_refused_with_advice():
    name = ".".join(["x" * 62] * 3 + ["y" * 34])  # 225 octets
    zone = Zone.from_text("@ 3600 SOA ns hostmaster 1 1 1 1 1\n@ 3600 NS ns.example.\n", name)
    with pytest.raises(LabError, match="too long for NSEC3.*denial='NSEC'"):
        make_nsec3(zone, Nsec3())
