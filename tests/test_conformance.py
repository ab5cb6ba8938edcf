"""Other people's replay scenarios: what each server says, what a client asks, what a resolver must answer.

The scenarios and their harness lie beside the project, in ../shared/conformance; without them this is skipped.
DNSSECLAB_RPL=DIR runs every .rpl file of another folder as well, for example Unbound's `testdata`: there a scenario
that needs what our resolver has not is skipped, and nothing is expected to fail.
"""

import os
import random
import sys
from pathlib import Path
from types import SimpleNamespace

import dns.message
import pytest

from dnsseclab.protocol.messages import Datagram, to_bytes
from dnsseclab.resolver import RecursiveResolver

CONFORMANCE = Path(__file__).parent.parent.parent / "shared" / "conformance"
HARNESS = CONFORMANCE / "rplharness.py"
OWN = sorted(CONFORMANCE.glob("scenarios/*.rpl")) + sorted(CONFORMANCE.glob("ede/*.rpl"))
FURTHER = sorted(Path(os.environ["DNSSECLAB_RPL"]).glob("*.rpl")) if "DNSSECLAB_RPL" in os.environ else []

# Scenarios that we fail, each with the reason why our answer is right. One that passes is a failure: take it out.
EXPECTED_FAILURES = {
    "iter_dname_ttl0_grace.rpl": "RFC 1035 §3.2.1: a TTL of zero is for one transaction; a second more is wanted",
    "iter_ns_badip.rpl": "RFC 5452 §9.1: the scenario's reply has another ID than the query",
    "val_anchor_nx_nosig.rpl": "RFC 4035 §4.3: below a trust anchor a proof is expected, so an unsigned no is bogus",
}  # fmt: skip


def make_resolver(network, trust_anchors, root_hints, now, options):
    """Plug our resolver into the harness: it asks the scenario's servers, by the scenario's clock."""

    def carry(query):
        message = dns.message.from_wire(query.payload)
        reply = network.exchange(message, query.destination.address, tcp=query.transport == "tcp")
        if reply is not None:
            yield Datagram(query.destination, query.source, to_bytes(reply), query.transport)

    return RecursiveResolver(
        carry,
        root_hints,
        trust_anchors=trust_anchors,
        negative_trust_anchors=options["domain_insecure"],
        clock=network.time,
        rng=random.Random(0),
    )


def run(path):
    """Run one scenario; return the harness's result."""
    if str(CONFORMANCE) not in sys.path:
        sys.path.append(str(CONFORMANCE))
    harness = pytest.importorskip("rplharness", reason="the replay harness of ../shared/conformance is not here")
    adapter = SimpleNamespace(make_resolver=make_resolver, SUPPORTS={"domain-insecure"})
    return harness.run_file(path, adapter)


@pytest.mark.skipif(not HARNESS.exists(), reason="no replay scenarios here: ../shared/conformance is missing")
@pytest.mark.parametrize("path", OWN, ids=lambda path: path.name)
def test_scenario(path):
    result = run(path)
    if path.name in EXPECTED_FAILURES:
        assert result.verdict == "FAIL", f"{path.name} passes now: take it out of EXPECTED_FAILURES"
        pytest.xfail(EXPECTED_FAILURES[path.name])
    assert result.verdict == "PASS", "\n".join([result.reason, *result.log])


@pytest.mark.skipif(not FURTHER, reason="set DNSSECLAB_RPL to a folder of .rpl files to run those")
@pytest.mark.parametrize("path", FURTHER, ids=lambda path: path.name)
def test_further_scenario(path):
    result = run(path)
    if result.verdict == "SKIP":
        pytest.skip(result.reason)
    assert result.verdict == "PASS", "\n".join([result.reason, *result.log])


def test_every_expected_failure_is_a_scenario_that_exists():
    if not OWN:
        pytest.skip("no replay scenarios here: ../shared/conformance is missing")
    assert set(EXPECTED_FAILURES) <= {path.name for path in OWN}
