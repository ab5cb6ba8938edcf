"""From a DS, or a trust anchor, to the key that it names.

It knows: the records of both sides of a zone cut, and which of them fit.
It must not know: whether the DS is to be believed, or what the key has signed.
Follows RFC 4035 §5.2 (all must fit: tag, algorithm, digest), RFC 4509 §3 (SHA-1 beside SHA-256),
RFC 6840 §5.2 (unsupported digests), RFC 6840 §5.10 (any anchor of several suffices).
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from dns.name import Name
from dns.rdata import Rdata
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.ANY.DS import DS

from ..protocol.dnssec import algorithm_name, digest_name, ds_digest
from ..protocol.trust import Check
from .diagnoses import check, until_failure
from .limits import Work, WorkLimitExceeded
from .policy import Policy
from .public_keys import key_tag
from .signatures import KeyStep, key_checks

SHA1, SHA256 = 1, 2
OTHER_KEY = ("ds-tag-matches", "ds-algorithm-matches", "anchor-names-key")  # failed: the key that is named is not there


class Match(NamedTuple):
    """A record that names a key, held against one key that arrived."""

    named: Rdata  # a DS, or an anchor's DNSKEY
    key: DNSKEY
    checks: tuple[Check, ...]  # up to the first failure

    @property
    def passed(self) -> bool:
        """Return whether the key is the one that is named, and may be used."""
        return self.checks[-1].passed


def usable(named: Iterable[Rdata], policy: Policy) -> list[Rdata]:
    """Return the DS records and anchor keys that can be followed here; none of them: the zone is insecure.

    SHA-1 does not count beside SHA-256: else the weaker digest would decide (RFC 4509 §3).
    """
    taken = [rdata for rdata in named if supported(rdata, policy).passed]
    strong = any(isinstance(rdata, DS) and rdata.digest_type == SHA256 for rdata in taken)
    return [rdata for rdata in taken if not (strong and isinstance(rdata, DS) and rdata.digest_type == SHA1)]


def supported(named: Rdata, policy: Policy) -> Check:
    """Return whether the numbers in a DS or an anchor key mean something to us."""
    algorithm: int = named.algorithm  # type: ignore[attr-defined]
    if not policy.takes_algorithm(algorithm):
        return check("ds-algorithm-supported", False, algorithm_name(algorithm))
    if isinstance(named, DS) and not policy.takes_digest(named.digest_type):
        return check("ds-digest-supported", False, digest_name(named.digest_type))
    return check("ds-algorithm-supported", True, algorithm_name(algorithm))


def matches(
    named: Sequence[Rdata], zone: Name, keys: Sequence[DNSKEY], key_steps: Sequence[KeyStep], work: Work
) -> list[Match]:
    """Return every named record held against every key that its tag and algorithm point to.

    If they point to none, there is one Match, with the key that comes closest, to say why not.
    """
    held: list[Match] = []
    for rdata, key in pairs(named, keys):
        held.append(Match(rdata, key, _held_against(rdata, key, zone, key_steps, work)))
        if held[-1].checks[-1].rule == "work-limit":  # the pairs may be a million
            break
    if not held:
        some = [(rdata, key) for rdata in named[:8] for key in keys[:8]]  # only to explain: no need for all of them
        rdata, key = max(some, key=lambda pair: _tag(pair[0]) == key_tag(pair[1]))
        held.append(Match(rdata, key, _held_against(rdata, key, zone, key_steps, work)))
    return held


def pairs(named: Iterable[Rdata], keys: Iterable[DNSKEY]) -> Iterator[tuple[Rdata, DNSKEY]]:
    """Yield each named record with every key that has its tag and algorithm; other keys may have both as well."""
    by_hint: dict[tuple[int, int], list[DNSKEY]] = {}
    for key in keys:
        by_hint.setdefault((key_tag(key), key.algorithm), []).append(key)
    for rdata in named:
        hint = _tag(rdata), rdata.algorithm  # type: ignore[attr-defined]
        yield from ((rdata, key) for key in by_hint.get(hint, ()))


def _held_against(named: Rdata, key: DNSKEY, zone: Name, key_steps: Sequence[KeyStep], work: Work) -> tuple[Check, ...]:
    """Return whether a DS or an anchor names this key, and whether the key may be used; up to the first failure."""
    identity = until_failure(_same_key(named, key) if isinstance(named, DNSKEY) else _fits_ds(named, key, zone, work))
    return (*identity, *key_checks(key, key_steps)) if identity[-1].passed else identity


def _fits_ds(named: Rdata, key: DNSKEY, zone: Name, work: Work) -> Iterator[Check]:
    assert isinstance(named, DS)
    tags = f"DS names key {named.key_tag}, this is key {key_tag(key)}"
    yield check("ds-tag-matches", named.key_tag == key_tag(key), tags)
    numbers = f"DS says {algorithm_name(named.algorithm)}, key says {algorithm_name(key.algorithm)}"
    yield check("ds-algorithm-matches", named.algorithm == key.algorithm, numbers)
    try:
        work.spend("DS digests")
    except WorkLimitExceeded as exceeded:
        yield check("work-limit", False, str(exceeded))
    digest = ds_digest(zone, key, named.digest_type)
    yield check("ds-digest-matches", digest == named.digest, _compared(named.digest, digest))


def _same_key(anchor: DNSKEY, key: DNSKEY) -> Iterator[Check]:
    yield check("anchor-names-key", anchor == key, f"anchor names key {key_tag(anchor)}, this is key {key_tag(key)}")


def _tag(named: Rdata) -> int:
    return key_tag(named) if isinstance(named, DNSKEY) else named.key_tag  # type: ignore[attr-defined]


def _compared(named: bytes, computed: bytes) -> str:
    return f"DS says: {_short(named)}\nthis key: {_short(computed)}"


def _short(digest: bytes) -> str:
    return f"{digest[:2].hex()} {digest[2:4].hex()} …"
