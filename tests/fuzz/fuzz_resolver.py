"""A coverage-guided fuzzer for the resolver and the validator. It runs until it is stopped, or finds something:

    .venv/bin/pip install atheris    # Linux; a compiler may be needed
    .venv/bin/python tests/fuzz/fuzz_resolver.py -max_total_time=600 -len_control=0 CORPUS

CORPUS is a folder of yours, empty at first, in which it keeps what reached new code.
It writes what broke something to a file crash-...; given as the argument, the file is run again alone. Make a test in
tests/test_bad_input.py of it. The fuzzer chooses the numbers by which mangling.py mangles, or the bytes themselves.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import atheris

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent.parent), str(HERE.parent)]

with atheris.instrument_imports(include=["dnsseclab.protocol", "dnsseclab.resolver", "dnsseclab.validator"]):
    import dnsseclab.resolver  # noqa: F401

import mangling  # noqa: E402

from dnsseclab.protocol.evidence import Evidence  # noqa: E402
from dnsseclab.protocol.messages import MalformedMessage, parse, question  # noqa: E402
from dnsseclab.validator import validate  # noqa: E402
from dnsseclab.validator.limits import Limits  # noqa: E402


def replies(numbers: Iterator[int]) -> None:
    """Let a resolver receive mangled replies."""
    world = mangling.WORLDS[next(numbers) % len(mangling.WORLDS)]
    resolver, _ = mangling.mangling_resolver(world, numbers)
    for _ in range(1 + next(numbers) % 2):
        asked = mangling.QUESTIONS[next(numbers) % len(mangling.QUESTIONS)]
        mangling.must_be_sound(world, asked, resolver.resolve(*asked), Limits())


def evidence(numbers: Iterator[int]) -> None:
    """Let the validator judge mangled evidence."""
    world = mangling.WORLDS[next(numbers) % len(mangling.WORLDS)]
    mangling.judge_mangled(world, mangling.QUESTIONS[next(numbers) % len(mangling.QUESTIONS)], numbers).explain()


def queries(payload: bytes) -> None:
    """Let a resolver answer any bytes; and read them as a reply."""
    resolver, _ = mangling.mangling_resolver(mangling.WORLDS[0], mangling.numbers_from(1), rate=100_000)
    mangling.answer_bytes(resolver, payload)
    try:
        message = parse(payload)
    except MalformedMessage:
        return
    asked = question("www.bank.example", "A")
    world = mangling.WORLDS[0]
    validate(Evidence(asked, {asked: message}), world.trust_anchors, world.now)


def run_one(data: bytes) -> None:
    """Do what the first byte says with the others."""
    kind, rest = data[:1] or b"\0", data[1:]
    if kind[0] % 4 == 3:
        return queries(rest)
    chosen = [int.from_bytes(rest[at : at + 2], "big") for at in range(0, len(rest), 2)]
    numbers = mangling.numbers_from(sum(chosen), chosen)
    return evidence(numbers) if kind[0] % 4 == 2 else replies(numbers)


if __name__ == "__main__":
    atheris.Setup(sys.argv, run_one)
    atheris.Fuzz()
