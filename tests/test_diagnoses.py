"""Diagnoses: every rule that the validator names has words, and every word is used."""

import ast
import re
from pathlib import Path

import pytest

import dnsseclab.validator
from dnsseclab.validator.diagnoses import RULES, check, diagnose, until_failure

FOLDER = Path(dnsseclab.validator.__file__).parent
EDE_CODES = {0, 1, 2, 5, 6, 7, 8, 9, 10, 11, 12, 25, 27, 33}  # those of RFC 8914 and IANA's registry that fit; 0: none


def strings_in_code() -> set[str]:
    """Return all texts in the validator's code, its table of rules left out; with both kinds for {kind}."""
    texts = set()
    for path in FOLDER.glob("*.py"):
        if path.name == "diagnoses.py":
            continue
        source = path.read_text(encoding="utf-8")
        texts |= {node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)}
        texts |= {f"{kind}{end}" for end in re.findall(r'f"\{kind\}(-[a-z-]+)"', source) for kind in ("nsec", "nsec3")}
    return {text for text in texts if isinstance(text, str)}


def test_every_rule_is_named_somewhere():
    assert RULES.keys() <= strings_in_code()


def test_unknown_rule_is_a_mistake_of_ours():
    with pytest.raises(KeyError):
        check("no-such-rule", True)


@pytest.mark.parametrize("rule", RULES)
def test_words_of_a_rule(rule):
    words = RULES[rule]
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule)
    assert 1 <= len(words.headline.split()) <= 4 and words.headline[-1] not in ".:"
    assert re.fullmatch(r"RFC \d{4} §\d+(\.\d+)*", words.source)
    assert words.ede in EDE_CODES
    made = diagnose(rule, what="the DS of bank.example", zone="example", owner="bank.example")
    for text in (made.sentence, made.repair):
        assert text[0].isupper() or text.startswith(("example", "bank.example"))
        assert text.endswith(".") and not re.search(r"[{}]|  |\.\.", text)


def test_sentence_speaks_of_what_is_at_hand():
    made = diagnose("signature-not-expired", what="www.bank.example A", zone="bank.example")
    assert made.sentence == "The signature over www.bank.example A has expired."
    assert (made.headline, made.ede, made.source) == ("signature expired", 7, "RFC 4035 §5.3.1")


def test_check_takes_its_source_from_the_table():
    assert check("ds-digest-matches", False, "says").source == "RFC 4035 §5.2"


def test_nothing_is_checked_after_a_failure():
    good, bad = check("zone-key-bit", True), check("key-protocol", False)
    assert until_failure([good, bad, good]) == (good, bad)
    assert until_failure([good, good]) == (good, good)
