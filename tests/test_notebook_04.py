"""04_signing_records: what its prose says is what its cells return, and its own solutions solve its tasks."""

from typing import Any

import pytest
from lessons import play, revealed

from dnsseclab.views.apps import signature_workbench

pytestmark = pytest.mark.notebook

NAME = "04_signing_records.ipynb"
SIGNATURE_OF_WWW = 'world.zone("bank.example").signatures("www.bank.example", "A")[0].signature'
SOLUTIONS = {
    "sign-keys-make": {"your own text": "another text"},
    "sign-keys-modify": {"public_key = dnskey.key": "public_key = fake.dnskey.key"},
    "sign-keys-make-cell": {"bytes(64)": "key.sign(my_sentence)"},
    "sign-bytes-make-cell": {'b""': 'record_bytes("mail.bank.example", 3600, "192.0.2.25")'},
    "sign-flip-make-cell": {"range(20)": "range(2000)", "years = 0": "years = 2**128 / 10**12 / (365 * 86_400)"},
    "sign-set-make-cell": {"sign_rrset(www,": "sign_rrset(two,"},
    "sign-read-make": {'b"?"': SIGNATURE_OF_WWW},
    "sign-table-modify": {'["www.bank.example"]': '["www.bank.example", "www.bank.example", "mail.bank.example"]'},
    "sign-table-make-cell": {
        "1.0": 'len(zone.to_text()) / len(toy_internet(signed=False).zone("bank.example").to_text())'
    },
}


def test_every_prediction_offers_what_happens(lesson: dict[str, Any], solved: dict[str, Any]) -> None:
    for names in (lesson, solved):  # whatever the learner's own key is
        assert {name: it_was for name, (it_was, choices) in revealed(names).items() if it_was in choices} == {
            "stolen": "verify signatures",
            "other_form": "holds",
            "survivors": "none of the changes",
            "slipped": "none of them",
            "listener": "the name and the address",
            "bytes_more": "about 4 times as many",
        }


def test_public_key_verifies_only_what_its_partner_signed(lesson: dict[str, Any], solved: dict[str, Any]) -> None:
    assert lesson["sign-keys-run"].splitlines()[-2:] == ["True", "False"]
    assert (lesson["sign-keys-modify"], solved["sign-keys-modify"]) == ("False\n", "True\n")
    assert (lesson["sign-keys-make-cell"], solved["sign-keys-make-cell"]) == ("False\n", "True\n")


def test_bytes_by_hand_are_those_of_the_package(lesson: dict[str, Any], solved: dict[str, Any]) -> None:
    assert "holds: True" in lesson["sign-bytes-one"]
    assert lesson["sign-bytes-same"] == "True\n"
    assert (lesson["sign-bytes-make-cell"], solved["sign-bytes-make-cell"]) == (
        "the same signature: False\n",
        "the same signature: True\n",
    )


@pytest.mark.parametrize(
    "changed, holds",
    [
        ('"WWW.bank.EXAMPLE", 3600, "192.0.2.20"', True),
        ('"mail.bank.example", 3600, "192.0.2.20"', False),
        ('"www.bank.example", 60, "192.0.2.20"', False),
        ('"www.bank.example", 3600, "203.0.113.66"', False),
    ],
)
def test_signature_notices_all_but_letters(changed: str, holds: bool) -> None:
    names = play(NAME, {"sign-bytes-modify": {'"www.bank.example", 3600, "192.0.2.20"': changed}})
    assert names["sign-bytes-modify"] == f"{holds}\n"


def test_no_changed_bit_survives_and_no_guess(lesson: dict[str, Any], solved: dict[str, Any]) -> None:
    assert lesson["sign-flip-run"] == "512 bits of data, 0 survived\n512 bits of signature, 0 survived\n"
    assert lesson["sign-flip-modify"] == "False\n"
    assert solved["sign-flip-make-cell"] == "2000 guesses, 0 believed\n1e+19 years\n"


def test_whole_rrset_is_signed_and_the_header_is_not(lesson: dict[str, Any], solved: dict[str, Any]) -> None:
    assert [line.split()[1:3] for line in lesson["sign-set-packet"].splitlines()[:3]] == [
        ["MX", "10"], ["MX", "20"], ["RRSIG", "MX"],
    ]  # fmt: skip
    assert lesson["sign-set-run"].count("False") == 3
    assert lesson["sign-set-order"] == "backwards:  True\none of two: False\n"
    assert lesson["sign-set-header-run"] == "before: NOERROR  after: FORMERR\nsame RRsets: True\n"
    assert lesson["sign-set-modify"].endswith("False\n")
    assert lesson["sign-set-make-cell"].endswith("False\n") and solved["sign-set-make-cell"].endswith("True\n")


def test_delegations_and_glue_stay_unsigned(lesson: dict[str, Any]) -> None:
    assert [line.split()[1] for line in lesson["sign-zone-run"].splitlines()] == ["NS", "A", "A", "NS", "A"]


def test_packet_shows_everything(lesson: dict[str, Any], solved: dict[str, Any]) -> None:
    assert lesson["sign-read-run"] == "name: True  address: True\n"
    assert (lesson["sign-read-make"], solved["sign-read-make"]) == ("False\n", "True\n")
    silent = play(NAME, {"sign-read-run": {", dnssec_ok=True": ""}, "sign-read-make": SOLUTIONS["sign-read-make"]})
    assert silent["sign-read-run"] == "name: True  address: True\n" and silent["sign-read-make"] == "False\n"


@pytest.mark.parametrize(
    "change, first_failure, bytes_change",
    [
        ({"ttl": "60"}, None, False),
        ({"records": "203.0.113.66"}, "signature verifies", True),
        ({"records": "192.0.2.20\n192.0.2.26"}, "signature verifies", True),
        ({"now": "20261202120000"}, "signature not expired", False),
        ({"original_ttl": "60"}, "signature verifies", True),
        ({"signer": "example"}, "signer is zone", True),
        ({"records": "192.0.2.20\n192.0.2.20"}, None, False),
    ],
)
def test_workbench_fails_where_the_text_says(
    change: dict[str, str], first_failure: str | None, bytes_change: bool
) -> None:
    checks, _, signed = str(signature_workbench().set(**change)).partition("Signed bytes")
    failed = [line.split("FAILED")[1].strip() for line in checks.splitlines() if "FAILED" in line]
    assert [each.startswith(first_failure or "?") for each in failed] == [True] * (first_failure is not None)
    assert bytes_change == ("CHANGED" in signed or "ADDED" in signed or "MISSING" in signed)


def test_only_the_signature_looks_like_noise_and_is_64_bytes_of_169(lesson: dict[str, Any]) -> None:
    packet, rrsig = lesson["passing"], lesson["toy_internet"]().zone("bank.example").signatures("www.bank.example", "A")
    assert (len(rrsig[0].signature), len(packet)) == (64, 169) and rrsig[0].signature in packet


def test_bench_takes_another_set_and_notices_a_record_less_but_not_the_order(lesson: dict[str, Any]) -> None:
    mx, key = lesson["mx"], lesson["key"]
    bench = signature_workbench(mx, key)
    first, second = (rdata.to_text() for rdata in mx)
    exchanged = str(bench.set(records=f"{second}\n{first}"))
    assert "The signature holds." in exchanged and "CHANGED" not in exchanged and "MISSING" not in exchanged
    alone = str(bench.set(records=first))
    assert "FAILED       signature verifies" in alone and "MISSING" in alone


def test_table_is_as_measured(lesson: dict[str, Any]) -> None:
    opened = [line.partition("opens ")[2] for line in lesson["sign-table-attacks"].splitlines()]
    assert opened == ["the attacker's page", "the bank", "the attacker's page", "the bank"]
    plain, secure = ([event.datagram for event in lesson[name].story] for name in ("plain", "secure"))
    assert len(secure) == len(plain) + 6
    assert all(before < after for before, after in [lesson["took"], lesson["replies"], map(sum, lesson["sizes"])])


def test_six_more_datagrams_are_questions_for_keys_and_their_answers(lesson: dict[str, Any]) -> None:
    asked = [lesson["parse"](event.datagram.payload).question[0] for event in lesson["secure"].story]
    assert [rrset.name.to_text() for rrset in asked if rrset.rdtype.name == "DNSKEY"][::2] == [
        ".", "example.", "bank.example.",
    ]  # fmt: skip


def test_second_look_up_is_free_and_a_neighbor_cheap(solved: dict[str, Any]) -> None:
    assert [line.split()[1] for line in solved["sign-table-modify"].splitlines()] == ["12", "0", "2"]


def test_signed_zone_is_several_times_as_large(solved: dict[str, Any]) -> None:
    assert 5 < float(solved["sign-table-make-cell"].split()[0]) < 10
