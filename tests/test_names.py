"""Names at the door: what a learner writes becomes an absolute Name, or a sentence that says what to write."""

import dns.name
import pytest

from dnsseclab.protocol.names import LabError, show_name, show_type, to_name, to_type, zone_above


@pytest.mark.parametrize("written", ["www.bank.example", "www.bank.example.", dns.name.from_text("www.bank.example")])
def test_every_way_to_write_a_name_gives_the_same_absolute_name(written):
    assert to_name(written) == dns.name.from_text("www.bank.example.")
    assert to_name(written).is_absolute()


def test_a_relative_name_is_taken_as_complete():
    assert to_name(dns.name.from_text("www", origin=None)) == dns.name.from_text("www.")


def test_the_root_can_be_written_and_reads_as_a_word():
    assert to_name(".") == dns.name.root
    assert show_name(to_name(".")) == "root"


def test_case_is_kept_because_mixed_case_queries_depend_on_it():
    assert show_name(to_name("wWw.BANK.example")) == "wWw.BANK.example"


@pytest.mark.parametrize(
    "nonsense", ["a..b", "x" * 64 + ".example", ".".join(["abcdefgh"] * 30), "\\999", 53, None, b"www"]
)
def test_what_is_no_name_is_refused_with_an_example_of_one(nonsense):
    with pytest.raises(LabError, match="www.bank.example"):
        to_name(nonsense)


@pytest.mark.parametrize("written, shown", [("a", "A"), ("DNSKEY", "DNSKEY"), (48, "DNSKEY"), ("TYPE1234", "TYPE1234")])
def test_types_go_by_mnemonic_or_number(written, shown):
    assert show_type(to_type(written)) == shown


@pytest.mark.parametrize("nonsense", ["ADDRESS!", "", 70000, None])
def test_what_is_no_type_is_refused_with_examples(nonsense):
    with pytest.raises(LabError, match="'A', 'AAAA'"):
        to_type(nonsense)


def test_the_zone_above_takes_one_label_off_until_the_root():
    assert zone_above(to_name("bank.example")) == to_name("example")
    with pytest.raises(LabError, match="no parent"):
        zone_above(dns.name.root)
