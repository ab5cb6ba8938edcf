"""The blind attack over real sockets: forged datagrams, and what validation makes of the one that hits."""

import time
from collections.abc import Iterator

import pytest
from dns.rdatatype import RdataType

from dnsseclab.attacker.off_path import FIXED_PORT, Race, Volley, forge_answer, takeover
from dnsseclab.internet.attacks import Setup
from dnsseclab.internet.loopback import Servers
from dnsseclab.internet.moving import on_loopback
from dnsseclab.internet.real_race import Campaign, attack_for_real, run, serve_for
from dnsseclab.internet.worlds import World, toy_internet
from dnsseclab.protocol.messages import DNS_PORT, Endpoint, Question
from dnsseclab.protocol.names import LabError, to_name
from dnsseclab.protocol.story import Asked
from dnsseclab.resolver.recursive import Defences

BANK = to_name("bank.example")
BANKS_SERVER = "127.0.0.9"
COUNTING = Defences(random_id=False, random_port=False)  # a resolver of the last century: its next ID is no secret


@pytest.fixture(scope="module")
def world() -> World:
    return on_loopback(toy_internet(now=int(time.time())))


@pytest.fixture(params=[False, True], ids=["without validation", "with validation"])
def servers(request: pytest.FixtureRequest, world: World) -> Iterator[Servers]:
    setup = Setup(attack="kaminsky", validating=request.param, defences=COUNTING)
    with serve_for(world, setup) as servers:
        yield servers


def questions_so_far(servers: Servers) -> int:
    """Look up something else in the zone: from then on the bank's server is asked at once, with the next ID."""
    return sum(type(event.fate) is Asked for event in servers.resolve("mail.bank.example", "A").story)


def race(name: str, first_id: int, count: int = 1) -> Race:
    """Return a race with few IDs, which also claims the whole zone."""
    question = Question(to_name(name), RdataType.A)
    extra = takeover(BANK, to_name("ns.bank.example"))
    forgery = forge_answer(question, server=BANKS_SERVER, resolver=Endpoint("192.0.2.53", FIXED_PORT), extra=extra)
    return Race(question, Volley(forgery, first_id, count, after=0.25))


def test_right_id_is_believed_without_validation_and_rejected_with_it(servers: Servers) -> None:
    played = run(servers, race("www.bank.example", questions_so_far(servers) + 1), slow=1)
    assert played.sent == played.arrived == 1
    page = Campaign((played,), servers.resolve("www.bank.example", "A"))
    if servers.resolver.validates:
        assert played.fate == "rejected" and page.opened == "owner"
    else:
        assert played.fate == "believed" and page.opened == "attacker"


def test_zone_is_taken_over_by_the_answer_for_another_name_unless_it_is_validated(servers: Servers) -> None:
    """Kaminsky's prize: from then on the attacker's own name server is asked, over real sockets as well.

    NS records and glue are not signed, so even a validating resolver may go there; but it won't believe what it hears.
    """
    run(servers, race("0815.bank.example", questions_so_far(servers) + 1), slow=1)
    page = Campaign((), servers.resolve("www.bank.example", "A"))
    assert page.opened == ("owner" if servers.resolver.validates else "attacker")
    assert any(line.who == "attacker" for line in servers.log.lines) or servers.resolver.validates


def test_wrong_ids_are_read_and_ignored(servers: Servers) -> None:
    played = run(servers, race("www.bank.example", 20_000, count=3000), slow=1)
    assert played.fate == "missed"
    assert played.sent == 3000
    assert 0 < played.arrived <= 3000
    assert 100 < played.rate == played.sent / played.seconds
    assert Campaign((played,), servers.resolve("www.bank.example", "A")).opened == "owner"


def test_random_port_is_not_even_reached(world: World) -> None:
    with serve_for(world, Setup(attack="kaminsky", validating=False, defences=Defences())) as servers:
        played = run(servers, race("www.bank.example", 0, count=2000), slow=0.7)
    assert (played.fate, played.arrived) == ("missed", 0)


def test_server_is_as_quick_as_before_when_the_race_is_over(servers: Servers) -> None:
    run(servers, race("www.bank.example", 0), slow=0.5)
    assert servers.slow == {}


@pytest.mark.parametrize(("attack", "validating", "opened"), [
    ("none", False, "owner"), ("on-path-address", False, "attacker"), ("on-path-address", True, "error"),
    ("on-path-key", True, "error"), ("on-path-strip-ds", True, "error"),
])  # fmt: skip
def test_campaign_is_played_from_start_to_end(world: World, attack: str, validating: bool, opened: str) -> None:
    campaign = attack_for_real(world, attack, validating=validating, spoil_every_reply=attack != "none")
    assert campaign.opened == opened
    assert campaign.verdict in str(campaign)


def test_blind_attacker_gives_up_after_so_many_races(world: World) -> None:
    campaign = attack_for_real(world, "kaminsky", validating=True, races=2, slow=0.2)
    assert len(campaign.rounds) == 2
    assert "a second)" in str(campaign.rounds[0])
    assert campaign.opened == "owner"


def test_attack_that_does_not_exist_is_said_in_a_sentence(world: World) -> None:
    with pytest.raises(LabError, match="There is no attack"):
        attack_for_real(world, "hope")


def test_impersonated_server_must_exist(servers: Servers) -> None:
    with pytest.raises(LabError, match="Nobody is at 127.0.0.200"):
        servers.voice_of("127.0.0.200")


def test_impersonated_servers_address_is_what_the_resolver_sees(servers: Servers) -> None:
    played = run(servers, race("www.bank.example", questions_so_far(servers) + 1), slow=0.5)
    sources = {event.datagram.source for event in played.outcome.story if event.datagram.source.address == BANKS_SERVER}
    assert sources == {Endpoint(BANKS_SERVER, DNS_PORT)}
