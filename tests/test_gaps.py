"""Gaps: rings of validated denials, in canonical order."""

import random

from handmade import NOW, records

from dnsseclab.protocol.dnssec import label_count
from dnsseclab.protocol.names import to_name
from dnsseclab.resolver import gaps as module
from dnsseclab.resolver.gaps import Gaps, Ring, place_of

SIG = "{} 600 RRSIG NSEC 13 {} 600 20300101000000 20200101000000 1 {} AAAA"


def denial(owner, follower, zone="bank.com.", labels=None):
    signed = label_count(to_name(owner)) if labels is None else labels
    return records(f"{owner} 600 NSEC {follower} A", SIG.format(owner, signed, zone))


def ring(*owners):
    gaps = Gaps()
    for owner in owners:
        gaps.store(denial(owner, "bank.com."), NOW)
    ((_, only),) = gaps.rings_of(to_name("bank.com"))
    return only


def owner_before(name, *owners, now=NOW):
    gap = ring(*owners).at_or_before(place_of(to_name(name)), now)
    return gap.rrset.name.to_text() if gap else None


def test_places_are_in_canonical_order():
    """RFC 4034 §6.1 as dnspython has it."""
    rng = random.Random(1)
    names = [
        to_name(
            ".".join(rng.choice(["a", "B", "z", "*", r"\001", "yljkjljk", r"\200"]) for _ in range(rng.randint(1, 4)))
        )
        for _ in range(300)
    ]
    assert [n.canonicalize() for n in sorted(names, key=place_of)] == [n.canonicalize() for n in sorted(names)]


def test_the_record_at_a_place_or_before_it_is_found():
    assert owner_before("b.bank.com", "a.bank.com.", "c.bank.com.") == "a.bank.com."
    assert owner_before("C.bank.com", "a.bank.com.", "c.bank.com.") == "c.bank.com."


def test_before_the_first_comes_the_last():
    assert owner_before("a.bank.com", "b.bank.com.", "c.bank.com.") == "c.bank.com."


def test_a_record_that_has_expired_is_not_found():
    assert owner_before("b.bank.com", "a.bank.com.", now=NOW + 599) and not owner_before(
        "b.bank.com", "a.bank.com.", now=NOW + 600
    )


def test_each_zone_has_its_own_ring_as_its_signer_says():
    """The parent and the child both have an NSEC record at the cut."""
    gaps = Gaps()
    gaps.store([*denial("bank.com.", "c.com.", "com."), *denial("bank.com.", "www.bank.com.")], NOW)
    for zone, follower in (("com", "c.com."), ("bank.com", "www.bank.com.")):
        ((_, only),) = gaps.rings_of(to_name(zone))
        assert [gap.rrset[0].next.to_text() for gap in only.gaps.values()] == [follower]


def test_what_is_no_denial_is_not_kept():
    gaps = Gaps()
    gaps.store(records("www.bank.com. 600 A 192.0.2.1", SIG.format("www.bank.com.", 3, "bank.com.")), NOW)
    assert not list(gaps.rings_of(to_name("bank.com")))


def test_a_denial_that_was_made_from_a_wildcard_is_not_kept():
    """Asked for the NSEC of z.apps.bank.com, a server moves that of *.apps.bank.com there, with its signature."""
    gaps = Gaps()
    gaps.store(denial("z.apps.bank.com.", "bank.com.", labels=3), NOW)
    assert not list(gaps.rings_of(to_name("bank.com")))
    gaps.store(denial("*.apps.bank.com.", "bank.com."), NOW)
    assert list(gaps.rings_of(to_name("bank.com")))


def test_a_signature_of_another_zone_moves_no_gap_into_its_ring():
    """Beside the good signature a worthless one is kept that was never tried: it must not say whose gap this is."""
    gaps = Gaps()
    owner, follower = "a.bank.com.", "zzz.com."
    both = (SIG.format(owner, 3, zone) for zone in ("com.", "bank.com."))
    gaps.store(records(f"{owner} 600 NSEC {follower} A", *both), NOW)
    assert not list(gaps.rings_of(to_name("com"))) and not list(gaps.rings_of(to_name("bank.com")))
    gaps.store(denial(owner, follower), NOW)
    assert list(gaps.rings_of(to_name("bank.com")))


def test_rings_are_bounded(monkeypatch):
    monkeypatch.setattr(module, "CAPACITY", 2)
    gaps = Gaps()
    for zone in ("a.", "b.", "c."):
        gaps.store(denial(f"x.{zone}", zone, zone), NOW)
    assert not list(gaps.rings_of(to_name("a"))) and list(gaps.rings_of(to_name("c")))


def test_a_copy_changes_on_its_own():
    gaps = Gaps()
    gaps.store(denial("a.bank.com.", "bank.com."), NOW)
    copy = gaps.copy()
    copy.store(denial("b.bank.com.", "bank.com."), NOW)
    ((_, before),) = gaps.rings_of(to_name("bank.com"))
    assert isinstance(before, Ring) and len(before.places) == 1
