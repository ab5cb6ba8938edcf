"""Every algorithm and digest through a whole resolver: what is taken, what only by a switch, what makes insecure.

5 and 7, with which nobody signs here any more: test_outside_judges.py and the gallery.
"""

import dns.rcode
import pytest

from dnsseclab.authority.keys import ALGORITHMS
from dnsseclab.authority.zones import make_rrset
from dnsseclab.internet.network import Clock, Network
from dnsseclab.internet.worlds import NOW, World, toy_internet
from dnsseclab.protocol.messages import flag
from dnsseclab.protocol.names import to_name
from dnsseclab.protocol.story import Outcome
from dnsseclab.protocol.trust import SecurityStatus
from dnsseclab.validator import Policy

SECURE, INSECURE = SecurityStatus.SECURE, SecurityStatus.INSECURE
BANK = to_name("bank.example")
EXPERIMENTAL = 18


def ask(world: World, name: str = "www.bank.example", **policy: bool) -> Outcome:
    return Network(world, clock=Clock(NOW)).resolver(policy=Policy(**policy)).resolve(name, "A")


@pytest.mark.parametrize("denial", ["NSEC", "NSEC3"])
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_world_signed_with_one_algorithm_is_secure_from_the_root_down(algorithm, denial):
    world = toy_internet(algorithm=algorithm, denial=denial)
    found = ask(world, experimental=algorithm == EXPERIMENTAL)
    absent = ask(world, "nothing.bank.example", experimental=algorithm == EXPERIMENTAL)
    assert (found.status, absent.status) == (SECURE, SECURE), found.chain.explain()
    assert flag(found.message, "AD") and absent.message.rcode() == dns.rcode.NXDOMAIN


def test_the_experimental_algorithm_without_its_switch_is_insecure_and_answered():
    outcome = ask(toy_internet(algorithm=EXPERIMENTAL))
    assert (outcome.status, outcome.chain.diagnosis.rule, outcome.chain.ede) == (INSECURE, "ds-algorithm-supported", 1)
    assert outcome.message.answer and not flag(outcome.message, "AD")


def with_digest(*digest_types: int) -> World:
    """Return the toy Internet in which the bank's DS has these digests only."""
    world = toy_internet()
    ksk = world.keys[BANK][0]
    parent = world.zone("example").with_rrsets(make_rrset(BANK, 3600, *(ksk.ds(number) for number in digest_types)))
    return world.with_zone(world.sign(parent))


@pytest.mark.parametrize("digest_types", [(1,), (2,), (4,), (1, 2), (2, 4), (1, 4)])
def test_each_digest_is_followed(digest_types):
    assert ask(with_digest(*digest_types)).status is SECURE


def test_sha1_digests_are_a_switch():
    outcome = ask(with_digest(1), sha1=False)
    assert (outcome.status, outcome.chain.diagnosis.rule, outcome.chain.ede) == (INSECURE, "ds-digest-supported", 2)
    assert ask(with_digest(1, 4), sha1=False).status is SECURE
