"""A toy Internet moved to this computer: other addresses for its servers, and as well signed as before."""

import pytest

from dnsseclab.internet.moving import on_loopback
from dnsseclab.internet.network import Clock, Network
from dnsseclab.internet.worlds import World, toy_internet
from dnsseclab.protocol.trust import SecurityStatus


@pytest.fixture(scope="module")
def moved() -> World:
    return on_loopback(toy_internet())


def test_every_server_has_an_address_of_its_own(moved: World) -> None:
    addresses = [server.address for server in moved.servers]
    assert addresses == [f"127.0.0.{number}" for number in range(2, 2 + len(addresses))]
    assert all(address in addresses for hints in moved.root_hints.values() for address in hints)


def test_no_zone_names_an_old_address_of_a_server(moved: World) -> None:
    old = {server.address for server in toy_internet().servers}
    texts = {word for zone in moved.zones.values() for word in zone.to_text().split()}
    assert {word for zone in toy_internet().zones.values() for word in zone.to_text().split()} & old == old
    assert not texts & old
    assert "192.0.2.20" in texts  # where the bank's page is, does not matter


@pytest.mark.parametrize(("name", "status"), [
    ("www.bank.example", SecurityStatus.SECURE), ("ns1.bank.example", SecurityStatus.SECURE),
    ("no.bank.example", SecurityStatus.SECURE), ("www.harbor.example", SecurityStatus.INSECURE),
])  # fmt: skip
def test_moved_world_is_as_well_signed_as_before(moved: World, name: str, status: SecurityStatus) -> None:
    resolver = Network(moved, clock=Clock(moved.now)).resolver()
    assert resolver.resolve(name, "A").status is status


def test_unsigned_world_stays_unsigned() -> None:
    moved = on_loopback(toy_internet(signed=False))
    assert not any(zone.get(zone.origin, "DNSKEY") for zone in moved.zones.values())
