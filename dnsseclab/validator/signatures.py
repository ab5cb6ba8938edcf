"""One signature: the checks that RFC 4035 §5.3.1 wants, in its order, and then the cryptography.

It knows: one RRset, one RRSIG, one zone and its keys, one moment. Every check leaves a record, passed or failed.
It must not know: where the keys came from, or what follows from the result.
Follows RFC 4035 §5.3 (what is checked), RFC 6840 §5.4 and §5.12 (any one suffices), RFC 8080, 6605, 5702 (how).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import cryptography.exceptions
import dns.dnssecalgs
import dns.exception
from dns.dnssecalgs.base import GenericPublicKey
from dns.name import Name
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.ANY.RRSIG import RRSIG
from dns.rrset import RRset

from ..protocol import dnssec
from ..protocol.dnssec import algorithm_name, not_later, seconds_until
from ..protocol.names import show_name, show_type
from ..protocol.trust import Check
from .diagnoses import check
from .limits import Work, WorkLimitExceeded
from .policy import Policy
from .records import SignedSet


@dataclass(frozen=True)
class Trial:
    """One RRSIG over one RRset, held against the zone that contains it, at one moment."""

    rrset: RRset
    rrsig: RRSIG
    zone: Name
    now: int  # epoch seconds
    policy: Policy


@dataclass(frozen=True)
class Attempt:
    """A trial with one key (or none, if it did not come so far), and every check made for it."""

    rrsig: RRSIG | None
    key: DNSKEY | None
    checks: tuple[Check, ...]  # in order; nothing is checked after the first failure

    @property
    def passed(self) -> bool:
        """Return whether the signature holds."""
        return self.checks[-1].passed


def attempts(
    found: SignedSet,
    zone: Name,
    keys: Sequence[DNSKEY],
    now: int,
    policy: Policy,
    work: Work,
    steps: "Sequence[Step] | None" = None,
    no_key: str = "key-found",
) -> Iterator[Attempt]:
    """Yield one attempt after another to verify an RRset; whoever asks stops at the first that passed.

    Args:
        keys: The keys that may have signed: all of the zone's, or those that a DS names.
        steps: The checks before a key is looked for: STEPS.
        no_key: The rule that fails when no key fits a signature.
    Raises:
        WorkLimitExceeded: More signatures or keys than Limits allow, and none so far has passed.
    """
    if not found.signatures:
        yield Attempt(None, None, (check("signature-present", False, "RRSIG is missing"),))
        return
    tags = {(key_tag(key), key.algorithm) for key in keys}
    # Those that name a known key come first, so that foreign ones (RFC 6840 §5.12) can't use up the limit.
    ordered = sorted(found.signatures, key=lambda rrsig: (rrsig.key_tag, rrsig.algorithm) not in tags)
    for number, rrsig in enumerate(ordered):
        if number == work.limits.signatures_per_rrset:
            raise WorkLimitExceeded(f"more than {number} signatures over one RRset")
        trial = Trial(found.rrset, rrsig, zone, now, policy)
        checks = tuple(_until_failure(trial, STEPS if steps is None else steps))
        if checks[-1].passed:
            yield from _with_each_key(trial, checks, keys, work, no_key)
        else:
            yield Attempt(rrsig, None, checks)


def _until_failure(trial: Trial, steps: "Sequence[Step]") -> Iterator[Check]:
    for step in steps:
        result = step(trial)
        yield result
        if not result.passed:
            return


def _with_each_key(
    trial: Trial, checks: tuple[Check, ...], keys: Sequence[DNSKEY], work: Work, no_key: str
) -> Iterator[Attempt]:
    # A tag is a hint and not an identity: every key that fits has to be tried (RFC 4035 §5.3.1).
    rrsig = trial.rrsig
    fitting = [key for key in keys if key.algorithm == rrsig.algorithm and key_tag(key) == rrsig.key_tag]
    if not fitting:
        missing = check(no_key, False, f"signed with key {rrsig.key_tag}; there is {_listed(keys)}")
        yield Attempt(rrsig, None, (*checks, missing))
        return
    data = dnssec.signed_bytes(trial.rrset, rrsig)
    for number, key in enumerate(fitting):
        if number == work.limits.keys_per_tag:
            raise WorkLimitExceeded(f"more than {number} keys with the tag {rrsig.key_tag}")
        found = check(no_key, True, f"key {rrsig.key_tag}")
        yield Attempt(rrsig, key, (*checks, found, *key_checks(key, rrsig, data, work)))


def key_checks(key: DNSKEY, rrsig: RRSIG, data: bytes, work: Work) -> Iterator[Check]:
    """Yield the checks that need a key, up to the first failure; the last one is the cryptography."""
    for usable in key_usable(key):
        yield usable
        if not usable.passed:
            return
    public = load_public_key(int(key.flags), key.protocol, int(key.algorithm), key.key)
    if public is None:
        yield check("key-readable", False, f"{len(key.key)} bytes for {algorithm_name(key.algorithm)}")
        return
    work.spend("signature checks")
    passed = verifies(public, rrsig.signature, data)
    if not passed:
        work.spend("failed signature checks")
    yield check("signature-verifies", passed, f"{algorithm_name(key.algorithm)}, key {rrsig.key_tag}")


def key_usable(key: DNSKEY) -> Iterator[Check]:
    """Yield what RFC 4035 §5.3.1, RFC 4034 §2.1 and RFC 5011 §2.1 ask of a key that verifies anything."""
    yield check("zone-key-bit", bool(key.flags & dnssec.ZONE_KEY), f"flags {int(key.flags)}")
    yield check("key-protocol", key.protocol == dnssec.DNSKEY_PROTOCOL, f"protocol {key.protocol}")
    yield check("key-not-revoked", not key.flags & dnssec.REVOKED, f"flags {int(key.flags)}")


# ---- the checks of RFC 4035 §5.3.1, numbered as there ----------------------------------------------------------------


def same_owner(trial: Trial) -> Check:
    """1. The RRSIG and the RRset have the same owner and class: the message was read so (records.py)."""
    return check("same-owner", True, show_name(trial.rrset.name))


def signer_encloses_name(trial: Trial) -> Check:
    """2a. The signer's name is the RRset's owner or lies above it. Else any signed zone could sign for any other."""
    passed = trial.rrset.name.is_subdomain(trial.rrsig.signer)
    return check("signer-encloses-name", passed, f"signer {show_name(trial.rrsig.signer)}")


def signer_is_zone(trial: Trial) -> Check:
    """2b. The signer's name is the zone that contains the RRset, as the walk has found it."""
    passed = trial.rrsig.signer == trial.zone
    return check("signer-is-zone", passed, f"signer {show_name(trial.rrsig.signer)}, zone {show_name(trial.zone)}")


def type_covered(trial: Trial) -> Check:
    """3. The RRSIG covers the RRset's type."""
    covered = trial.rrsig.type_covered
    return check("type-covered", covered == trial.rrset.rdtype, show_type(covered))


def label_count(trial: Trial) -> Check:
    """4. The owner has at least as many labels as the RRSIG counts; fewer counted means a wildcard (§5.3.4)."""
    present = dnssec.label_count(trial.rrset.name)
    return check("label-count", trial.rrsig.labels <= present, f"{trial.rrsig.labels} signed, {present} present")


def validity_order(trial: Trial) -> Check:
    """5a. Expiration is not before inception: no moment could lie between them (serial numbers, RFC 4034 §3.1.5)."""
    rrsig = trial.rrsig
    passed = not_later(rrsig.inception, rrsig.expiration)
    return check("validity-order", passed, f"from {_day(rrsig.inception)} to {_day(rrsig.expiration)}")


def not_expired(trial: Trial) -> Check:
    """5b. Now is not after the expiration: the last second still counts."""
    rrsig, now = trial.rrsig, trial.now
    passed = not_later(now - trial.policy.clock_skew, rrsig.expiration)
    detail = f"valid until {_day(rrsig.expiration)}"
    if not passed:
        detail += f"\nnow {_day(now)}: {_span(-seconds_until(rrsig.expiration, now))} late"
    return check("signature-not-expired", passed, detail)


def not_early(trial: Trial) -> Check:
    """6. Now is not before the inception: the first second counts already."""
    rrsig, now = trial.rrsig, trial.now
    passed = not_later(rrsig.inception, now + trial.policy.clock_skew)
    detail = f"valid from {_day(rrsig.inception)}"
    if not passed:
        detail += f"\nnow {_day(now)}: {_span(seconds_until(rrsig.inception, now))} early"
    return check("signature-not-early", passed, detail)


def algorithm_supported(trial: Trial) -> Check:
    """7a. The algorithm is one that we can check. If no signature has one, the RRset is bogus and not insecure."""
    algorithm = trial.rrsig.algorithm
    return check("signature-algorithm-supported", trial.policy.takes_algorithm(algorithm), algorithm_name(algorithm))


Step = Callable[[Trial], Check]
STEPS: tuple[Step, ...] = (
    same_owner, signer_encloses_name, signer_is_zone, type_covered, label_count,
    validity_order, not_expired, not_early, algorithm_supported,
)  # fmt: skip


# ---- cryptography ----------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def load_public_key(flags: int, protocol: int, algorithm: int, key: bytes) -> GenericPublicKey | None:
    """Return a public key ready for use, or None if its bytes are no key of that algorithm."""
    dnskey = DNSKEY(RdataClass.IN, RdataType.DNSKEY, flags, protocol, algorithm, key)
    try:
        return dns.dnssecalgs.get_algorithm_cls_from_dnskey(dnskey).public_cls.from_dnskey(dnskey)
    except (ValueError, IndexError, dns.exception.DNSException, cryptography.exceptions.UnsupportedAlgorithm):
        return None


def verifies(public: GenericPublicKey, signature: bytes, data: bytes) -> bool:
    """Return whether a signature was made over these bytes with the private half of a key."""
    try:
        public.verify(signature, data)
    except (cryptography.exceptions.InvalidSignature, ValueError):
        return False
    return True


def key_tag(key: DNSKEY) -> int:
    """Return a key's tag; the same key is computed only once."""
    return _key_tag(int(key.flags), key.protocol, int(key.algorithm), key.key)


@lru_cache(maxsize=4096)
def _key_tag(flags: int, protocol: int, algorithm: int, key: bytes) -> int:
    return dnssec.key_tag(DNSKEY(RdataClass.IN, RdataType.DNSKEY, flags, protocol, algorithm, key))


def furthest(tried: Sequence[Attempt]) -> Attempt:
    """Return the attempt that came furthest: of several failures the one worth talking about."""
    return max(tried, key=lambda attempt: len(attempt.checks))


_day = lru_cache(maxsize=4096)(dnssec.show_moment)


def _span(seconds: int) -> str:
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}s"
    return f"{seconds} second" + "s" * (seconds != 1)


def _listed(keys: Sequence[DNSKEY]) -> str:
    return ", ".join(str(key_tag(key)) for key in keys[:4]) + " …" * (len(keys) > 4) if keys else "none"
