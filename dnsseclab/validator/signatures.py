"""One signature: the checks that RFC 4035 §5.3.1 wants, in its order, and then the cryptography.

It knows: one RRset, one RRSIG, one zone and its keys, one moment. Every check leaves a record, passed or failed.
It must not know: where the keys came from, or what follows from the result.
Follows RFC 4035 §5.3 (what is checked), RFC 6840 §5.4 and §5.12 (any one suffices); the cryptography: public_keys.py.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from dns import rdataclass, rdatatype
from dns.name import Name
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
from .public_keys import key_tag, load_public_key, verifies
from .records import SignedSet

T = TypeVar("T")


class Trial(NamedTuple):
    """One RRSIG over one RRset, held against the zone that contains it, at one moment."""

    rrset: RRset
    rrsig: RRSIG
    zone: Name
    now: int  # epoch seconds
    policy: Policy


class Attempt(NamedTuple):
    """A trial with one key (or none, if it did not come so far), and every check made for it."""

    rrsig: RRSIG | None
    key: DNSKEY | None
    checks: tuple[Check, ...]  # in order; nothing is checked after the first failure

    @property
    def passed(self) -> bool:
        """Return whether the signature holds."""
        return self.checks[-1].passed


class Rules(NamedTuple):
    """The checks that one signature and its key have to pass, in order; the cryptography comes after them."""

    of_signature: "Sequence[Step]"  # before a key is looked for
    of_key: "Sequence[KeyStep]"
    finding: str = "key-found"  # the rule that fails when no key fits

    def for_key_set(self) -> "Rules":
        """Return the same for a DNSKEY RRset, which only the keys that a DS or an anchor names may sign."""
        return Rules(self.of_signature, self.of_key, finding="signed-by-trusted-key")


def try_all(
    found: SignedSet, zone: Name, keys: Sequence[DNSKEY], rules: Rules, now: int, policy: Policy, work: Work
) -> list[Attempt]:
    """Try to verify an RRset; return the attempts up to the first that passed, else all of them.

    Args:
        keys: The keys that may have signed: all of the zone's, or those that a DS names.
    """
    tried: list[Attempt] = []
    try:
        for attempt in _attempts(found, zone, keys, rules, now, policy, work):
            tried.append(attempt)
            if attempt.passed:
                break
    except WorkLimitExceeded as exceeded:
        tried.append(Attempt(None, None, (check("work-limit", False, str(exceeded)),)))
    return tried


def made(steps: "Sequence[Callable[[T], Check]]", subject: T) -> tuple[Check, ...]:
    """Return the checks of something, made step by step up to the first that failed."""
    checks: list[Check] = []
    for step in steps:
        each = step(subject)
        checks.append(each)
        if not each.passed:
            break
    return tuple(checks)


def furthest(tried: Sequence[Attempt]) -> Attempt:
    """Return of several failures the one worth talking about."""
    return max(tried, key=lambda attempt: progress(attempt.checks))


def progress(checks: Sequence[Check]) -> tuple[bool, int]:
    """Return how far a failed attempt came; that work ran out counts for more than any wrong signature."""
    return checks[-1].rule == "work-limit", len(checks)


def _attempts(
    found: SignedSet, zone: Name, keys: Sequence[DNSKEY], rules: Rules, now: int, policy: Policy, work: Work
) -> Iterator[Attempt]:
    signatures = found.signatures
    if not signatures:
        yield Attempt(None, None, (check("signature-present", False, "RRSIG is missing"),))
        return
    if len(signatures) > 1:  # those that name a known key first: foreign ones (RFC 6840 §5.12) can't use up the limit
        tags = {(key_tag(key), key.algorithm) for key in keys}
        signatures.sort(key=lambda rrsig: (rrsig.key_tag, rrsig.algorithm) not in tags)
    for number, rrsig in enumerate(signatures):
        if number == work.limits.signatures_per_rrset:
            raise WorkLimitExceeded(f"more than {number} signatures over one RRset")
        trial = Trial(found.rrset, rrsig, zone, now, policy)
        checks = made(rules.of_signature, trial)
        if checks[-1].passed:
            yield from _with_each_key(trial, checks, keys, rules, work)
        else:
            yield Attempt(rrsig, None, checks)


def _with_each_key(
    trial: Trial, checks: tuple[Check, ...], keys: Sequence[DNSKEY], rules: Rules, work: Work
) -> Iterator[Attempt]:
    # A tag is a hint and not an identity: every key that fits has to be tried (RFC 4035 §5.3.1).
    rrsig = trial.rrsig
    fitting = [key for key in keys if key.algorithm == rrsig.algorithm and key_tag(key) == rrsig.key_tag]
    if not fitting:
        missing = check(rules.finding, False, f"signed with key {rrsig.key_tag}; there is {_listed(keys)}")
        yield Attempt(rrsig, None, (*checks, missing))
        return
    data = dnssec.signed_bytes(trial.rrset, rrsig)
    for number, key in enumerate(fitting):
        if number == work.limits.keys_per_tag:
            raise WorkLimitExceeded(f"more than {number} keys with the tag {rrsig.key_tag}")
        found = check(rules.finding, True, f"key {rrsig.key_tag}")
        usable = key_checks(key, rules.of_key)
        last = () if not usable[-1].passed else (cryptography_fits(key, rrsig.signature, data, work),)
        yield Attempt(rrsig, key, (*checks, found, *usable, *last))


def cryptography_fits(key: DNSKEY, signature: bytes, data: bytes, work: Work) -> Check:
    """Return whether a signature was made over these bytes with the private half of a key (RFC 4035 §5.3.3)."""
    name = algorithm_name(key.algorithm)
    public = load_public_key(key.flags, key.protocol, key.algorithm, key.key)
    if public is None:
        return check("key-readable", False, f"{len(key.key)} bytes for {name}")
    work.spend("signature checks")
    passed = verifies(public, signature, data)
    if not passed:
        work.spend("failed signature checks")
    return check("signature-verifies", passed, f"{name}, key {key_tag(key)}")


# ---- the checks of RFC 4035 §5.3.1, numbered as there ---------------------------------------------------------


def same_owner(trial: Trial) -> Check:
    """1. The RRSIG and the RRset have the same owner and class: the message was read so (records.py)."""
    return check("same-owner", True)


def signer_is_zone(trial: Trial) -> Check:
    """2. The signer's name is the zone that contains the RRset. Else any signed zone could sign for any other."""
    signer = trial.rrsig.signer
    if signer == trial.zone:
        return check("signer-is-zone", True)
    rule = "signer-is-zone" if trial.rrset.name.is_subdomain(signer) else "signer-encloses-name"
    return check(rule, False, f"signer {show_name(signer)}, zone {show_name(trial.zone)}")


def type_covered(trial: Trial) -> Check:
    """3. The RRSIG covers the RRset's type: the message was read so, so with another type it is "no signature"."""
    covered = trial.rrsig.type_covered
    return check("type-covered", covered == trial.rrset.rdtype, _type(covered))


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
SIGNATURE_STEPS: tuple[Step, ...] = (
    same_owner, signer_is_zone, type_covered, label_count, validity_order, not_expired, not_early, algorithm_supported,
)  # fmt: skip


# ---- what a key must be to verify anything (RFC 4035 §5.3.1, the last item) -----------------------------------


def zone_key_bit(key: DNSKEY) -> Check:
    """The Zone Key flag is set. The SEP flag says nothing to a validator (RFC 4034 §2.1.1)."""
    return check("zone-key-bit", bool(int(key.flags) & dnssec.ZONE_KEY), f"flags {int(key.flags)}")


def key_protocol(key: DNSKEY) -> Check:
    """The protocol is DNSSEC (RFC 4034 §2.1.2)."""
    return check("key-protocol", key.protocol == dnssec.DNSKEY_PROTOCOL, f"protocol {key.protocol}")


def not_revoked(key: DNSKEY) -> Check:
    """The owner has not taken the key back (RFC 5011 §2.1)."""
    return check("key-not-revoked", not int(key.flags) & dnssec.REVOKED, f"flags {int(key.flags)}")


KeyStep = Callable[[DNSKEY], Check]
KEY_STEPS: tuple[KeyStep, ...] = (zone_key_bit, key_protocol, not_revoked)
ALL_RULES = Rules(SIGNATURE_STEPS, KEY_STEPS)


def key_checks(key: DNSKEY, steps: Sequence[KeyStep]) -> tuple[Check, ...]:
    """Return the checks of a key up to the first that failed; they depend on the key alone, so they are made once."""
    return _key_checks(tuple(steps), key.flags, key.protocol, key.algorithm, key.key)


@lru_cache(maxsize=4096)
def _key_checks(steps: tuple[KeyStep, ...], *fields: Any) -> tuple[Check, ...]:
    return made(steps, DNSKEY(rdataclass.IN, rdatatype.DNSKEY, *fields))


_day = lru_cache(maxsize=4096)(dnssec.show_moment)
_type = lru_cache(maxsize=256)(show_type)


def _span(seconds: int) -> str:
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}s"
    return f"{seconds} second" + "s" * (seconds != 1)


def _listed(keys: Sequence[DNSKEY]) -> str:
    return ", ".join(str(key_tag(key)) for key in keys[:4]) + " …" * (len(keys) > 4) if keys else "none"
