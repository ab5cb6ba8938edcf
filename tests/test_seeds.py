"""What is drawn for a learner is the same in every year, and cannot be foreseen without the secret."""

from collections import Counter
from ipaddress import ip_address, ip_network

from dnsseclab.grading.seeds import NETWORKS, Draw, asked_of, shown_to


def test_draws_are_these_values_on_every_python_and_in_every_year() -> None:
    """A grade must be repeatable: if this fails, old grades can no longer be explained."""
    draw = shown_to("alice", "06_key_tag")
    drawn = [draw.integer(0, 999), draw.label(), draw.domain(), draw.address(), draw.bytes(4).hex(), draw.seed]
    assert drawn == [913, "fazoki", "zevuvu.example", "198.51.100.126", "5b663644", "2ec28d2da574769c"]


def test_names_in_any_script_have_draws_of_their_own() -> None:
    seeds = {shown_to(name, "06_key_tag").seed for name in ("Zoë", "Zoe", "李雷", "علي", "", "alice", "Alice")}
    assert len(seeds) == 7


def test_parts_do_not_run_together() -> None:
    assert Draw("ab", "c").seed != Draw("a", "bc").seed != Draw("abc").seed


def test_secret_decides_what_is_asked_and_not_what_is_shown() -> None:
    assert asked_of("alice", "x", b"one").seed != asked_of("alice", "x", b"two").seed
    assert asked_of("alice", "x", b"").seed != shown_to("alice", "x").seed


def test_a_draw_within_is_independent_of_what_was_drawn_before() -> None:
    fresh, used = Draw("a"), Draw("a")
    used.bytes(100)
    assert fresh.within("b").seed == used.within("b").seed != fresh.seed


def test_every_number_of_a_range_comes_about_equally_often() -> None:
    draw = Draw("dice")
    counted = Counter(draw.integer(1, 6) for _ in range(6000))
    assert set(counted) == set(range(1, 7))
    assert all(880 < count < 1120 for count in counted.values())  # 4 standard deviations of 29 around 1000


def test_every_order_comes_about() -> None:
    draw = Draw("order")
    assert len({tuple(draw.shuffled("abc")) for _ in range(200)}) == 6
    assert all(len(set(draw.sample(range(10), 4))) == 4 for _ in range(50))


def test_addresses_are_reserved_for_documentation() -> None:
    draw = Draw("address")
    drawn = [ip_address(draw.address()) for _ in range(300)]
    networks = [ip_network(f"{start}.0/24") for start in NETWORKS]
    assert all(any(address in network for network in networks) for address in drawn)
