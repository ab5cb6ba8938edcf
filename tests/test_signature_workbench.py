"""views/apps/signature_workbench.py: each change breaks exactly the check that it should, and shows its bytes."""

import dns.name
import dns.rrset
import pytest

from dnsseclab.authority.keys import make_key
from dnsseclab.authority.signing import sign_rrset
from dnsseclab.authority.zones import make_rrset
from dnsseclab.internet.worlds import NOW
from dnsseclab.protocol.dnssec import signed_bytes
from dnsseclab.protocol.names import LabError
from dnsseclab.views.apps import signature_workbench
from dnsseclab.views.apps.panel import Panel
from dnsseclab.views.apps.signature_workbench import Signed, compare


def failed(panel: Panel) -> str | None:
    """Return the check that failed, or None."""
    lines = [line.split(maxsplit=1)[1] for line in panel.text.splitlines() if line.startswith("  FAILED")]
    assert len(lines) <= 1
    return lines[0][:32].strip() if lines else None


def differing(panel: Panel) -> set[str]:
    """Return the pieces of the signed bytes that differ."""
    words = (line.split() for line in panel.text.partition("Signed bytes")[2].splitlines() if line)
    return {line[1] for line in words if line[0] in ("CHANGED", "ADDED", "MISSING")}


def test_what_was_signed_holds() -> None:
    panel = signature_workbench()
    assert panel.text.startswith("The signature holds.")
    assert failed(panel) is None
    assert differing(panel) == set()


@pytest.mark.parametrize(
    ("change", "check", "pieces"),
    [
        ({"records": "203.0.113.66"}, "signature verifies", {"record"}),
        ({"records": "192.0.2.20\n203.0.113.66"}, "signature verifies", {"record"}),
        ({"owner": "mail.bank.example"}, "signature verifies", {"record"}),
        ({"owner": "bank.example"}, "label count", {"record"}),
        ({"original_ttl": "60"}, "signature verifies", {"original", "record"}),
        ({"labels": 2}, "signature verifies", {"labels", "record"}),
        ({"labels": 4}, "label count", {"labels", "record"}),
        ({"signer": "example"}, "signer is zone", {"signer"}),
        ({"expiration": "20270101000000"}, "signature verifies", {"expiration"}),
        ({"expiration": "20261101000000"}, "validity order", {"expiration"}),
        ({"inception": "20261001000000"}, "signature verifies", {"inception"}),
        ({"now": "20261130120001"}, "signature not expired", set()),
        ({"now": "20261123115959"}, "signature not early", set()),
        ({"flip": True}, "signature verifies", set()),
        # what is not signed may change
        ({"owner": "WWW.Bank.EXAMPLE"}, None, set()),
        ({"ttl": "60"}, None, set()),
        ({"signer": "BANK.example"}, None, set()),
        ({"records": "192.0.2.20\n192.0.2.20"}, None, set()),  # a record counts once (RFC 4034 §6.3)
        ({"now": "20261130120000"}, None, set()),
    ],
)
def test_a_change_fails_where_it_should_and_shows_its_bytes(change: dict, check: str | None, pieces: set) -> None:
    panel = signature_workbench().set(**change)
    assert failed(panel) == check
    assert differing(panel) == pieces


def test_nothing_is_checked_after_the_first_failure_and_all_the_rest_is_named() -> None:
    healthy, broken = signature_workbench(), signature_workbench().set(labels=4)
    assert broken.text.count("  passed") == 3
    assert broken.text.count("  not reached") == healthy.text.count("  passed") - 4


def test_the_pieces_are_together_the_bytes_that_are_signed() -> None:
    key = make_key("bank.example", "ZSK", seed="pieces")
    rrset = dns.rrset.from_text("www.bank.example.", 60, "IN", "A", "192.0.2.9", "192.0.2.1")
    panel = signature_workbench(rrset, key)
    rows = panel.text.partition("Signed bytes\n")[2].splitlines()
    shown = bytes.fromhex("".join(row[39:].strip() for row in rows))
    rrsig = sign_rrset(rrset, key, inception=NOW - 86_400, expiration=NOW + 6 * 86_400)
    assert shown == signed_bytes(rrset, rrsig)
    assert b"".join(row.data for row in compare(Signed(rrset, rrsig, NOW), Signed(rrset, rrsig, NOW))) == shown


def test_signing_anew_makes_any_content_hold_and_the_start_is_a_press_away() -> None:
    panel = signature_workbench().set(records="203.0.113.66", flip=True)
    assert failed(panel) == "signature verifies"
    assert failed(panel.press("sign")) is None
    assert failed(panel.set(records="192.0.2.20")) == "signature verifies"
    assert failed(panel.press("reset")) is None
    assert "192.0.2.20" in panel.values["records"]


def test_signing_anew_does_not_make_an_old_date_young() -> None:
    panel = signature_workbench().set(expiration="20261124000000").press("sign")
    assert failed(panel) == "signature not expired"
    assert panel.text.count("  not reached") == 7


def test_any_type_can_be_signed() -> None:
    key = make_key("bank.example", "CSK", seed="types")
    rrset = make_rrset(dns.name.from_text("bank.example."), 60, key.dnskey)
    assert failed(signature_workbench(rrset, key)) is None


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"records": "hello"}, "That is no A record"),
        ({"records": "\n"}, "at least one record"),
        ({"ttl": "an hour"}, "'an hour' is no TTL: write whole seconds"),
        ({"original_ttl": "-1"}, "is no TTL"),
        ({"now": "tomorrow"}, "'tomorrow' is not a moment: write it as YYYYMMDDHHmmSS"),
        ({"owner": "a..b"}, "is not a domain name"),
    ],
)
def test_a_slip_becomes_a_sentence(change: dict, says: str) -> None:
    assert says in signature_workbench().set(**change).text


def test_an_rrset_comes_with_its_key() -> None:
    with pytest.raises(LabError, match="Give an RRset and the key that signs it"):
        signature_workbench(key=make_key("bank.example", "ZSK", seed="x"))
