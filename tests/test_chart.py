"""Charts: the records that decide, readable as a master file; the two copies only where they differ."""

import dns.rdata
import pytest

from dnsseclab.internet.chart import chart
from dnsseclab.internet.ladder_world import TOP, below
from dnsseclab.internet.patients import OUT_OF_STEP, WARDS, admit

ALL = [fault for ward in WARDS for forms in ward for fault in forms]


def of(fault: str) -> str:
    return chart(admit(below(TOP, "grocer"), fault, "seed"))


def test_healthy_zone_has_its_ds_its_keys_and_its_answer_each_signed() -> None:
    types = [line.split()[3:5] for line in of("valid").splitlines() if line and line[0] != ";"]
    covered = [rest for rdtype, rest in types if rdtype == "RRSIG"]
    assert covered == ["DS", "SOA", "DNSKEY", "A"]
    assert [rdtype for rdtype, _ in types if rdtype != "RRSIG"] == ["DS", "SOA", "DNSKEY", "DNSKEY", "A"]


@pytest.mark.parametrize("fault", ALL)
def test_every_line_is_a_record_or_a_comment(fault: str) -> None:
    for line in of(fault).splitlines():
        if line and not line.startswith(";"):
            _, ttl, rdclass, rdtype, rest = line.split(maxsplit=4)
            assert ttl.isdigit()
            assert rdclass == "IN" and dns.rdata.from_text("IN", rdtype, rest)


def test_no_two_faults_of_one_zone_have_the_same_chart() -> None:
    assert len({of(fault) for fault in ALL}) == len(ALL)


def test_second_server_is_written_out_only_if_it_answers_otherwise() -> None:
    assert "the same as ns1.grocer.example" in of("valid")
    assert "the same as" not in of(OUT_OF_STEP)


def test_refusal_is_written_down() -> None:
    assert of("allow-query-none").count("REFUSED") == 3


def test_moment_and_private_keys_are_noted() -> None:
    assert "; now: 20261124120000" in of("valid")
    assert "; KSK " in of("no-ksk") and "; KSK " not in of("revoked-ksk")
