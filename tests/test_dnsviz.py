"""DNSViz looks at served worlds: what it says of each fault, and where it cannot see what a validator sees.

DNSViz is no resolver: it asks all servers, and paints the chain. Debian's is 0.9.4.
"""

import json
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from dnsseclab.internet.cases import ZONE, healthy_world
from dnsseclab.internet.daemon_files import surroundings
from dnsseclab.internet.faults import FAULTS, break_zone
from dnsseclab.internet.gallery.fault import Cause
from dnsseclab.internet.loopback import serve
from dnsseclab.internet.worlds import World
from dnsseclab.protocol.messages import Question

pytestmark = [pytest.mark.daemon("dnsviz"), pytest.mark.slow]

# Where its verdict is another, and why
OTHERWISE = {
    "no-dnskey-256": "secure: it does not look at the Zone Key bit",
    "ds-names-no-zone-key": "secure: it does not look at the Zone Key bit",
    "no-dnskey-256-257": "secure: it does not look at the Zone Key bit",
    "rrsig-instant": "bogus: the second is over",
    "rrsig-labels-fewer": "secure: it warns of the missing proof, beside the verdict",
    "wildcard-no-proof": "secure: it warns of the missing proof, beside the verdict",
    "nsec3-wildcard-no-proof": "secure: it warns of the missing proof, beside the verdict",
    "nsec-next-outside": "secure: it takes a gap that ends outside the zone",
    "nsec-cname-bit": "secure: it does not look for CNAME among the types",
    "nsec-parent-side": "secure: it complains of the types, beside the verdict",
    "nsec3-parent-side": "secure: it complains of the types, beside the verdict",
    "nsec3-iter-151": "secure: it has no limit for iterations",
    "nsec3-iter-200": "secure: it has no limit for iterations",
    "nsec3-unknown-flag": "secure: it does not look at the flags",
}
# It stops with a traceback of its own: a zone that is unsigned, a key or a number that it does not expect.
STOPS = {"unsigned", "no-dnskey", "bad-zsk-algo", "nsec-labels-fewer", "nsec3-opt-out-flag", "rsamd5", "dsa",
         "dsa-nsec3-sha1"}  # fmt: skip
# What it complains of, by its own codes, where there is one that says what our rule says
CODES = {
    "signature-not-expired": "EXPIRATION_IN_PAST", "signature-not-early": "INCEPTION_IN_FUTURE",
    "signature-present": "MISSING_RRSIG", "signature-verifies": "SIGNATURE_INVALID", "label-count": "SIGNATURE_INVALID",
    "signer-encloses-name": "SIGNER_NOT_ZONE", "signer-is-zone": "SIGNER_NOT_ZONE", "ds-tag-matches": "NO_SEP",
    "ds-algorithm-matches": "NO_SEP", "ds-digest-matches": "DIGEST_INVALID", "signed-by-trusted-key": "NO_SEP",
    "key-not-revoked": "DNSKEY_REVOKED_DS", "nothing-closer": "MISSING_NSEC_FOR_WILDCARD",
    "denial-received": "MISSING_NSEC_FOR_NXDOMAIN", "nsec-denies-wildcard": "WILDCARD_NOT_COVERED",
    "nsec3-denies-wildcard": "WILDCARD_NOT_COVERED", "nsec3-closest-encloser": "NO_CLOSEST_ENCLOSER",
    "nsec3-type-absent": "STYPE_IN_BITMAP", "validity-order": "EXPIRATION_IN_PAST",
    "nsec3-usable": "UNSUPPORTED_NSEC3_ALGORITHM", "ds-or-denial-received": "MISSING_NSEC_FOR_NODATA",
}  # fmt: skip

LOOKED_AT = [name for name, fault in FAULTS.items() if fault.cause is not Cause.SERVER and name not in STOPS]
SOME = [name for number, name in enumerate(LOOKED_AT) if number % 3 == 0 or name in OTHERWISE]

# Its `grok` looks for pygraphviz.release, which pygraphviz has not had since 1.7
SHIM = """
import types, pygraphviz
if not hasattr(pygraphviz, "release"):
    pygraphviz.release = types.SimpleNamespace(version=pygraphviz.__version__)
"""


@pytest.fixture(scope="module")
def healthy() -> World:
    return healthy_world(int(time.time()))


@pytest.fixture
def dnsviz(tmp_path: Path, skip_for_want_of: Callable[[str], None]) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Return what runs one of its commands."""
    (tmp_path / "sitecustomize.py").write_text(SHIM)

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            ["dnsviz", *map(str, arguments)], cwd=tmp_path, capture_output=True, text=True, timeout=120,
            env={**os.environ, "PYTHONPATH": str(tmp_path)},
        )  # fmt: skip
        if "pygraphviz" in done.stderr and "Error" in done.stderr:
            skip_for_want_of("DNSViz lacks pygraphviz (Debian: apt install python3-pygraphviz)")
        return done

    return run


def probe(
    dnsviz: Callable[..., subprocess.CompletedProcess[str]], world: World, question: Question, folder: Path
) -> None:
    """Let it ask the servers of a world, and write down what it heard and whom it is to trust."""
    with serve(world, port=0) as servers:
        told = []
        for zone, places in surroundings(servers).delegations.items():
            label = "-".join(label.decode() for label in zone.labels if label) or "root"
            named = (f"{label}{n}.servers.invalid={place.address}:{place.port}" for n, place in enumerate(places))
            told += ["-x", f"{zone}:{','.join(named)}"]
        heard = dnsviz(
            "probe", "-A", "-4", "-a", ".", "-d", 0, *told, "-R", question.rdtype.name, "-o", "heard", question.name
        )
    assert heard.returncode == 0, heard.stderr
    keys = world.truth(".", "DNSKEY")
    assert keys is not None
    (folder / "keys").write_text(keys.to_text() + "\n")


def verdict(told: dict, question: Question) -> str:
    """Return how it paints the answer."""
    key = f"{question.name}/IN/{question.rdtype.name}"
    answers = [
        answer["status"].lower()
        for zone in told.values()
        for kind, entries in zone.get("queries", {}).get(key, {}).items()
        if kind in ("answer", "nxdomain", "nodata")
        for answer in entries
    ]
    assert len(set(answers)) == 1, answers
    return str(answers[0])


@pytest.mark.parametrize("name", SOME)
def test_it_paints_what_we_say_and_names_the_same_cause(
    name: str, healthy: World, dnsviz: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    fault = FAULTS[name]
    question = fault.question(ZONE)
    probe(dnsviz, break_zone(healthy, ZONE, name), question, tmp_path)
    done = dnsviz("grok", "-t", "keys", "-P", "-l", "info", "-r", "heard")
    assert done.returncode == 0, done.stderr
    painted = verdict(json.loads(done.stdout), question)
    assert painted == OTHERWISE.get(name, fault.status.value).partition(":")[0]
    if painted == fault.status.value == "bogus" and fault.rule in CODES:
        assert f'"code": "{CODES[fault.rule]}"' in done.stdout


def test_it_draws_the_chain_of_a_healthy_world(
    healthy: World, dnsviz: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    question = FAULTS["valid"].question(ZONE)
    probe(dnsviz, healthy, question, tmp_path)
    done = dnsviz("graph", "-t", "keys", "-P", "-T", "dot", "-r", "heard")
    assert done.returncode == 0, done.stderr
    for zone in healthy.zones:
        if ZONE.is_subdomain(zone):
            assert f"{zone}".rstrip(".") in done.stdout
    assert "DNSKEY" in done.stdout and "DS" in done.stdout


def test_what_is_said_of_it_here_is_about_the_gallery() -> None:
    assert set(OTHERWISE) | STOPS <= set(FAULTS) and not set(OTHERWISE) & STOPS
