"""A chain of trust in words: nothing that the picture shows may be missing, and nothing may be said twice."""

import dataclasses

import chains
import pytest

from dnsseclab.protocol.describing import describe, plain, rule_words, sentence, shorten
from dnsseclab.protocol.explaining import STEP, WIDTH, ZONE, alt, error_code_text, explain
from dnsseclab.protocol.trust import ChainOfTrust, LinkStatus, SecurityStatus

every_chain = pytest.mark.parametrize("name", chains.EVERY)


def unfolded(chain: ChainOfTrust) -> str:
    """Return what a chain explains as one line: where a line breaks depends on the length of its names."""
    return " ".join(explain(chain).split())


def test_a_whole_chain_folds_into_a_line_a_zone():
    assert explain(chains.secure()) == (
        "SECURE: www.foundry81.com A\n"
        "Every link holds, from trust anchor to answer.\n"
        "The client gets 192.0.2.80, marked as verified (AD).\n"
        "root           1-3   ok          trust anchor -> KSK 25026 -> ZSK 1521 ->\n"
        "                                 DS for com\n"
        "com            4-6   ok          DS for com -> KSK 59461 -> ZSK 38650 ->\n"
        "                                 DS for foundry81.com\n"
        "foundry81.com  7-9   ok          DS for foundry81.com -> KSK 35967 ->\n"
        "                                 ZSK 62724 -> www.foundry81.com A 192.0.2.80"
    )


def test_a_broken_link_stands_alone_with_its_evidence_source_and_repair():
    text, lines = unfolded(chains.expired()), explain(chains.expired()).splitlines()
    assert "BROKEN KSK 35967 signs? ZSK 62724: signature expired (RFC 4035 §5.3.1) valid until 15 Nov 2026" in text
    place = next(place for place, line in enumerate(lines) if "valid until" in line)
    assert lines[place + 1].strip() == "9 days before now"
    assert "not reached" in lines[place + 2]
    assert lines[-1] == "Repair: Sign the zone again, and let a machine do it in time."


def test_the_error_that_a_client_sees_is_named():
    assert "[EDE 7 Signature Expired]" in explain(chains.expired())
    assert "[EDE 10 RRSIGs Missing]" in explain(chains.no_signature())
    assert error_code_text(9) == "EDE 9 DNSKEY Missing"
    assert error_code_text(2) == "EDE 2 Unsupported DS Digest Type"
    assert error_code_text(4242) == "EDE 4242"


def test_a_key_that_did_not_come_is_told_from_the_one_that_did():
    text = unfolded(chains.forged_keys())
    assert "vouches for KSK 35967, which was not received" in text
    assert "vouches for? KSK 39828: not this key" in text
    assert "9-10 not reached KSK 39828 -> ZSK 742 -> www.foundry81.com A 203.0.113.66" in text


def test_an_unsigned_zone_is_said_to_be_proven_so():
    text = unfolded(chains.insecure())
    assert "NSEC of bank.example permits unsigned www.bank.example A 192.0.2.20" in text
    assert "A forgery would go unnoticed." in text


def test_a_denial_says_what_does_not_exist():
    text = explain(chains.nxdomain())
    assert text.splitlines()[1] == "2 signed NSEC records prove that it does not exist."
    assert "NSEC from mail to www denies wiki.foundry81.com, which does not exist" in unfolded(chains.nxdomain())


def test_an_alternative_that_failed_is_called_not_used():
    assert explain(chains.alternatives()).count("not used") == 2
    assert "BROKEN" not in explain(chains.alternatives())


@every_chain
def test_every_link_is_told_once(name: str):
    chain = chains.EVERY[name]()
    told: list[int] = []
    for line in explain(chain).splitlines()[3:]:
        steps = line[ZONE : ZONE + STEP].strip()
        if steps and all(part.isdigit() for part in steps.split("-")):
            first, *last = map(int, steps.split("-"))
            told += range(first, (last or [first])[0] + 1)
    assert told == list(range(1, len(chain.links) + 1))


@every_chain
def test_no_line_is_wider_than_a_page_unless_one_word_is(name: str):
    long = [line for line in explain(chains.EVERY[name]()).splitlines() if len(line) > WIDTH]
    assert all(" " not in line.strip() for line in long if name != "hostile")


@every_chain
def test_the_words_fit_every_terminal(name: str):
    """A Windows console cannot print arrows: such a line must not end a lesson."""
    text = explain(chains.EVERY[name]()) + alt(chains.EVERY[name]())
    text.replace("…", "...").encode("cp1252")


def test_explaining_is_what_a_chain_does_itself():
    chain = chains.forged_keys()
    assert chain.explain() == explain(chain)


def test_the_alternative_text_has_question_verdict_count_and_break():
    assert alt(chains.no_signature()) == (
        "Chain of trust for www.foundry81.com A: BOGUS. 8 links hold. "
        "Broken: ZSK 62724 signs? www.foundry81.com A 203.0.113.66 - no signature."
    )
    assert alt(chains.insecure()).endswith("INSECURE. 7 links hold. example proves it: bank.example has no DS.")


@pytest.mark.parametrize("status", SecurityStatus)
def test_every_verdict_has_words_even_without_a_diagnosis(status: SecurityStatus):
    chain = dataclasses.replace(chains.secure(), status=status, diagnosis=None)
    assert explain(chain).startswith(f"{status.name}: ")
    assert all(explain(chain).splitlines()[:3])


def test_a_failure_without_a_diagnosis_is_named_by_its_check():
    chain = dataclasses.replace(chains.expired(), diagnosis=None)
    assert "failed: signature not expired" in unfolded(chain)


# ---- what things are called ----


def test_a_box_is_called_by_what_it_is_for():
    chain = chains.insecure()
    names = [describe(item, chain).name for item in chain.items]
    assert names[0] == "trust anchor"
    assert names[3] == "DS for example"
    assert names[-2] == "NSEC of bank.example"
    assert describe(chain.items[-2], chain).second == "has NS, has no DS"


def test_a_link_is_a_sentence_and_a_broken_one_a_question():
    chain = chains.expired()
    assert sentence(chain.links[1], chain) == "KSK 25026 signs ZSK 1521"
    assert sentence(chain.first_failure, chain) == "KSK 35967 signs? ZSK 62724"


def test_a_missing_type_is_not_a_missing_name():
    zsk, gone = chains.HEAD[-1].target, chains.absence("foundry81.com", "www.foundry81.com", "AAAA")
    proof = chains.nsec("foundry81.com", "www.foundry81.com", "foundry81.com")
    chain = dataclasses.replace(
        chains.secure(),
        links=(
            *chains.HEAD,
            chains.link(zsk, chains.Verb.SIGNS, proof),
            chains.link(proof, chains.Verb.DENIES, gone, LinkStatus.NOT_THERE),
        ),
    )
    assert describe(gone, chain) == ("www.foundry81.com AAAA", "www.foundry81.com AAAA", "no such record")
    assert describe(proof, chain).second == "has no AAAA"


def test_several_anchors_are_all_named():
    item = chains.anchor(chains.key(".", "KSK"), chains.key(".", "KSK", "next"))
    assert describe(item, chains.secure()).first.startswith("Trust anchor: keys 25026, ")


def test_nothing_invisible_gets_through():
    assert plain("a\x00b\u202ec\nd") == "a?b?c\nd"


def test_a_long_text_keeps_its_end():
    assert shorten("very-long-name.foundry81.com", 26) == "very-long-…e.foundry81.com"
    assert len(shorten("x" * 100, 26)) == 26
    assert shorten("short", 26) == "short"


def test_abbreviations_in_rules_are_written_as_people_write_them():
    assert rule_words("ds-tag-matches") == "DS tag matches"
