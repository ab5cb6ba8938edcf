"""A parent that reads CDS and CDNSKEY: it follows what is proven and safe, and nothing else."""

from dns.rdatatype import RdataType

from dnsseclab.authority.keys import make_key
from dnsseclab.authority.rollover import cds_rrsets
from dnsseclab.internet.network import Clock, Network
from dnsseclab.internet.registry import ask_parent, poll
from dnsseclab.internet.worlds import toy_internet
from dnsseclab.protocol.names import to_name
from dnsseclab.protocol.trust import SecurityStatus

BANK = to_name("bank.example")
WORLD = toy_internet()
KSK, ZSK = WORLD.keys[BANK]
NEW = make_key(BANK, "KSK", seed="new")
STRANGER = make_key(BANK, "KSK", seed="stranger")


def asking(*wanted):
    """Return a world whose bank has a new key beside its old ones, and asks for a DS RRset that names these."""
    return ask_parent(WORLD, BANK, *wanted, published=(KSK, NEW, ZSK))


def ds_tags(world):
    rrset = world.truth(BANK, RdataType.DS)
    return {ds.key_tag for ds in rrset} if rrset else set()


def status(world):
    return Network(world, clock=Clock(world.now)).resolver().resolve("www.bank.example", "A").status


def test_a_healthy_request_changes_the_ds():
    answer = poll(asking(KSK, NEW), BANK)
    assert answer.changed and ds_tags(answer.world) == {KSK.tag, NEW.tag}
    assert status(answer.world) is SecurityStatus.SECURE


def test_who_asks_for_nothing_gets_nothing():
    answer = poll(WORLD, BANK)
    assert not answer.changed and "asks for nothing" in answer.sentence


def test_what_is_there_already_is_not_changed():
    assert "already" in poll(asking(KSK), BANK).sentence


def test_a_request_that_would_break_the_chain_is_refused():
    answer = poll(asking(STRANGER), BANK)
    assert not answer.changed and "would break" in answer.sentence
    assert ds_tags(answer.world) == {KSK.tag}


def test_a_request_signed_by_a_key_that_the_ds_does_not_name_is_refused():
    """RFC 7344 §4.1: the new key, though published, has no say yet."""
    world = asking(NEW)
    zone = world.zone(BANK)
    forged = {r: zone.signatures(BANK, r) for r in (RdataType.CDS, RdataType.CDNSKEY)}
    for rrsigs in forged.values():
        kept = [rrsig for rrsig in rrsigs if rrsig.key_tag == NEW.tag]
        changed = rrsigs.copy()
        changed.clear()
        changed.update_ttl(3600)
        for rrsig in kept:
            changed.add(rrsig)
        zone = zone.with_rrsets(changed)
        assert kept
    answer = poll(world.with_zone(zone), BANK)
    assert not answer.changed and "present DS" in answer.sentence


def test_an_unproven_request_is_refused():
    world = asking(KSK, NEW)
    bogus = world.with_zone(world.zone(BANK).without(BANK, RdataType.RRSIG, RdataType.CDS))
    answer = poll(bogus, BANK)
    assert not answer.changed and "CDS of bank.example is bogus" in answer.sentence


def test_cds_and_cdnskey_must_agree():
    world = asking(KSK, NEW)
    _, other = cds_rrsets(BANK, [KSK], 3600)
    zone = world.zone(BANK).with_rrsets(other)
    answer = poll(world.with_zone(world.sign(zone)), BANK)
    assert not answer.changed and "different things" in answer.sentence


def test_no_ds_any_more_leaves_the_zone_insecure_and_not_bogus():
    answer = poll(asking(), BANK)
    assert answer.changed and ds_tags(answer.world) == set() and "8078" in str(answer)
    assert status(answer.world) is SecurityStatus.INSECURE
