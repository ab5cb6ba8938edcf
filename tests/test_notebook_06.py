"""06_the_forgery_is_rejected: what its prose says is what its cells return, and its own solutions solve its tasks."""

from typing import Any

import committed
import dns.message
import pytest
from lessons import play, revealed

from dnsseclab.attacker.on_path import OnPath, replay
from dnsseclab.authority import make_key, make_rrset, sign_rrset
from dnsseclab.internet import Network, toy_internet
from dnsseclab.protocol.messages import asked, question
from dnsseclab.protocol.story import Believed, Ignored, Reason, Rejected
from dnsseclab.views.apps.lesson import load_lesson

pytestmark = pytest.mark.notebook

NAME = "06_the_forgery_is_rejected.ipynb"
ARTICLE = (  # facts of the founding article that this lesson must carry
    "*does not match the DS at the TLD*",
    "*the packet is rejected, the cache stays clean, the attack fails*",
    "*If every path fails the user gets SERVFAIL and the page doesn't load.*",
)
BELIEFS = (
    "DNSSEC keeps forged packets away.",
    "No DS in the answer means that the zone is unsigned.",
    "With DNSSEC, the NS records and the glue at the parent are signed too.",
    "SERVFAIL means that the server is down.",
    "Insecure means attacked.",
)
HAPPENED = {
    "known": "one",
    "sweep_page": "the bank",
    "where": "both between key and address",
    "gap": "between DS and key",
    "silence": "nothing is proved: rejected",
    "unknown": "no signature is left: rejected",
    "old": "only the one that is still valid",
    "longer": "24 hours, until the signature expires",
    "foreign": "rejected: the wrong zone has signed",
    "covered": "only DS",
    "server_page": "the bank",
    "kaminsky_page": "the bank",
    "culprit": "neither of them",
    "ad": "no",
    "harbor": "the attacker's address",
    "invented": "only in a registry with opt-out",
}


def example_of(hint: str) -> str:
    """Return the code that stands as an example in a hint of this lesson."""
    prose = load_lesson("06").hints[hint]["example"]
    return prose.partition("```python\n")[2].partition("```")[0]


@pytest.fixture(scope="module")
def solved() -> dict[str, Any]:
    """The lesson with its own solutions filled in."""
    verdicts = {f'"{world}": ""': f'"{world}": "{word}"' for world, word in zip("ABCD", VERDICTS, strict=True)}
    links = {f'"{attack}": ""': f'"{attack}": "{letter}"' for attack, letter in LINKS.items()}
    return play(
        NAME,
        {
            "reject-recap-make": {
                '{"root", "foundry81.com"}': '{"root", "com", "foundry81.com", "example", "bank.example"}'
            },
            "reject-sweep-make": {"mail.bank.example": "monday.branch.bank.example"},
            "reject-claim-make": {"bank, NOW)": "bank, NOW, claimed_tag=22306)"},
            "reject-lifetime-run": {"(0, 2, 12, 23, 25, 48)": "(23.99, 24, 24.01)"},
            "reject-borrow-make": {"# your line here": "message.authority += proof"},
            "reject-lifetime-make-cell": {"7 * 24": "47"},
            "reject-glue-make": {'"ns.bank.example"': '"ns1.bank.example"'},
            "reject-cd-run": {'("CD", "-")': '("-", "CD")'},
            "reject-helpdesk-make": {"my_second_query = {}": 'my_second_query = {"checking_disabled": True}'},
            "reject-states-predict": verdicts,
            "reject-states-mend": {"with_ds(last_year)": "with_ds(sound.keys[bank][0])"},
            "reject-states-make": {'"bank.example"]': '"bank.example", "harbor.example"]'},
            "reject-optout-run": {"bank-login": "bank", "192.0.2.12": "192.0.2.21", "after=0.03": "after=0.06"},
            "reject-make-lie": {"my_changes = [change_address(www, ATTACKER_SITE)]": example_of("lie")},
            "reject-make-broken": {
                "toy_internet()": 'toy_internet().with_ds(make_key("bank.example", "KSK", seed="new"))'
            },
            "reject-table-predict": links,
        },
    )


VERDICTS = ("insecure", "secure", "bogus", "indeterminate")
LINKS = {
    "blind-sweep": "A",
    "on-path-address": "A",
    "on-path-signature": "A",
    "on-path-key": "B",
    "on-path-strip-rrsig": "A",
    "on-path-strip-ds": "C",
    "on-path-algorithm": "A",
    "on-path-replay-expired": "A",
    "on-path-replay-valid": "-",
    "on-path-other-zone": "A",
    "on-path-referral": "B",
}


def test_it_carries_the_articles_words_and_the_beliefs_it_tests() -> None:
    prose = " ".join(cell.source for cell in committed.notebook(f"notebooks/{NAME}").cells)
    assert [words for words in ARTICLE if words not in prose] == []
    assert [words for words in BELIEFS if f'> **A common belief:** "{words}"' not in prose] == []


def test_every_prediction_offers_what_happens(lesson: dict[str, Any]) -> None:
    happened = revealed(lesson)
    assert {name: it_was for name, (it_was, _) in happened.items()} == HAPPENED
    assert [name for name, (it_was, choices) in happened.items() if it_was not in choices] == []


def test_only_the_last_check_of_a_link_is_cryptography(lesson: dict[str, Any]) -> None:
    checks = [line for line in lesson["reject-recap-checks"].splitlines() if line.startswith("  ✔")]
    assert len(checks) > 10
    assert "signature verifies" in checks[-1]


def test_sweep_is_rejected_and_the_answer_comes_from_the_second_server(lesson: dict[str, Any]) -> None:
    assert lesson["counted"].sent == 65_536
    assert [type(event.fate) for event in lesson["counted"].matched] == [Rejected]
    late = [event for event in lesson["sweep"].story if event.fate == Ignored(Reason.TOO_LATE)]
    assert "192.0.2.21" in {event.datagram.source.address for event in late}
    answers = [each for each in lesson["sweep"].story if each.fate == Believed("answer", verified=True)]
    assert {each.datagram.source.address for each in answers} >= {"198.51.100.21"}


def test_forged_key_meets_the_hash_that_the_parent_signed(lesson: dict[str, Any]) -> None:
    fitting = [line for line in lesson["reject-key-digest"].splitlines() if "this one" in line]
    assert len(fitting) == 1 and "61495" in fitting[0]
    assert lesson["reject-key-cache-lines"].startswith("forged: []")


def test_twin_has_the_tag_and_not_the_hash(lesson: dict[str, Any]) -> None:
    assert "CSK 61495" in lesson["reject-twin-run"]
    assert "DS says:" in lesson["reject-twin-run"]


def test_a_changed_zsk_stops_a_recorded_answer_but_not_one_with_the_recorded_keys(lesson: dict[str, Any]) -> None:
    bank, www, now = lesson["bank"], lesson["www"], lesson["NOW"]
    before = toy_internet()
    ksk, zsk = before.keys[bank]
    after = before.with_zone(before.zone(bank), ksk, make_key(bank, "ZSK", seed="next"))
    after = after.with_zone(after.sign(after.zone(bank)))
    former = make_rrset(www, 3600, before.truth(www, "A")[0].replace(address="203.0.113.20"))
    rrsig = sign_rrset(former, zsk, inception=now - 3600, expiration=now + 3600)
    answer = replay(former, make_rrset(www, 3600, rrsig))
    zone = before.zone(bank)

    def keys(message: dns.message.Message) -> bool:
        if asked(message) != question(bank, "DNSKEY"):
            return False
        message.answer = [zone.get(bank, "DNSKEY"), zone.signatures(bank, "DNSKEY")]
        return True

    for recorded, status in (([answer], "bogus"), ([answer, keys], "secure")):
        attacker = OnPath(*recorded, every=True)
        assert Network(after, seed=5, attacker=attacker).resolver().resolve(www, "A").status.value == status


def test_replayed_answer_is_believed_until_its_signature_expires_and_no_longer_cached(lesson: dict[str, Any]) -> None:
    assert [hours for hours, page in lesson["pages"].items() if page == "the attacker's page"] == [0, 2, 12, 23]
    cached, later = lesson["reject-lifetime-cache"].splitlines()
    assert cached.endswith("forged, for another 30 min")
    assert later == "31 minutes later: the bank"


def test_the_moment_of_expiration_still_counts(solved: dict[str, Any]) -> None:
    assert [hours for hours, page in solved["pages"].items() if page == "the attacker's page"] == [23.99, 24]


def test_false_server_leaves_its_address_and_no_answer(lesson: dict[str, Any]) -> None:
    forged, kept = lesson["reject-server-cache"].splitlines()
    assert forged.startswith("ns.bank.example A 203.0.113.66")
    assert kept.startswith("www.bank.example A 192.0.2.20: verified")
    planted = lesson["reject-kaminsky-run"].splitlines()[1].partition(": ")[2].split()
    assert len(planted) == len(lesson["won"]) > 1


def test_one_bogus_answer_costs_some_forty_milliseconds(lesson: dict[str, Any]) -> None:
    none, spoiled = [int(line.split("after")[1].split("ms")[0]) for line in lesson["reject-retry-time"].splitlines()]
    assert 30 < spoiled - none < 50


def test_servfail_of_an_attack_and_of_dead_servers_differ_in_the_extended_error(lesson: dict[str, Any]) -> None:
    assert "SERVFAIL | EDE 9" in lesson["reject-servfail-run"]
    assert "SERVFAIL | EDE 22" in lesson["reject-servfail-compare"]
    at_once, later = lesson["reject-failure-run"].splitlines()
    assert "an error page" in at_once and "the bank" in later


def test_bits_are_as_the_text_says(lesson: dict[str, Any]) -> None:
    assert [bit for bit, letters in lesson["letters"].items() if "AD" in letters] == ["AD", "DO"]
    with_cd, without = lesson["reject-cd-run"].splitlines()
    assert "203.0.113.66" in with_cd and "SERVFAIL" in without


def test_four_worlds_end_in_four_words(lesson: dict[str, Any]) -> None:
    assert [outcome.status.value for outcome in lesson["outcomes"].values()] == list(VERDICTS)


def test_an_alias_is_as_good_as_its_weakest_part(lesson: dict[str, Any]) -> None:
    assert [line.split()[1] for line in lesson["reject-alias-run"].splitlines()] == ["secure", "secure", "insecure"]


def test_asking_in_another_order_changes_nothing(solved: dict[str, Any]) -> None:
    """CD first or last: who relies on the resolver is not given what a CD client has fetched."""
    without, with_cd = solved["reject-cd-run"].splitlines()
    assert "203.0.113.66" in with_cd and "SERVFAIL" in without


def test_opt_out_does_not_hurt_what_is_signed(solved: dict[str, Any]) -> None:
    lines = solved["reject-optout-run"].splitlines()
    assert len(lines) == 2 and all(" secure" in line and "192.0.2.20" in line for line in lines)


def test_seven_attacks_break_one_link_for_six_reasons(lesson: dict[str, Any]) -> None:
    lines = [line.partition("computed: ")[2] for line in lesson["reject-table-run"].splitlines()]
    reasons = [line.partition("<--")[2] for line in lines if line.startswith("A")]
    assert (len(reasons), len(set(reasons))) == (7, 6)


def test_its_tasks_start_unsolved(lesson: dict[str, Any]) -> None:
    assert "'com'" in lesson["reject-recap-make"]
    assert "no such key" in lesson["reject-claim-make"]
    assert "DS missing" in lesson["reject-borrow-run"]
    assert "203.0.113.20" in lesson["reject-lifetime-make-cell"]
    assert (lesson["reject-states-mend"], lesson["reject-states-make"]) == ("bogus\n", "insecure\n")
    assert lesson["reject-make-broken"].startswith("SECURE")
    assert lesson["reject-helpdesk-make"].count("SERVFAIL") == 4
    assert lesson["reject-table-run"].count("<--") == len(LINKS)


def test_its_solutions_solve_its_tasks(solved: dict[str, Any]) -> None:
    assert solved["reject-recap-make"] == "missing: none  too many: none\n"
    assert "192.0.2.22" in solved["reject-sweep-make"] and "BOGUS" in solved["reject-sweep-make"]
    assert solved["reject-claim-make"].startswith("signature is wrong")
    assert "NSEC from harbor" in solved["reject-borrow-run"] and "BOGUS" in solved["reject-borrow-run"]
    assert "192.0.2.20" in solved["reject-lifetime-make-cell"]
    assert "['bogus', 'bogus', 'secure']" in solved["reject-glue-make"]
    assert ["SERVFAIL" in line for line in solved["reject-helpdesk-make"].splitlines()] == [True, True, True, False]
    assert solved["reject-states-run"].count("Right.") == 4
    assert (solved["reject-states-mend"], solved["reject-states-make"]) == ("secure\n", "secure\n")
    assert "no proof received" in solved["reject-make-lie"]
    assert "not this key" in solved["reject-make-broken"]
    assert solved["reject-table-run"].count("<--") == 0
