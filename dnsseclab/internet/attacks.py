"""The attacks to choose from: how each attacker of the toy Internet sets about it, and the set-up it meets.

It knows: which attacker, of attacker/, does what to which of the world's zones, and how fast.
It must not know: resolvers, or how an attack ends.
Blind attacks follow RFC 5452 §4 and §7; those on the path RFC 3833 §2.1.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from random import Random

import dns.name
import dns.rrset
from dns import rdatatype
from dns.name import Name

from ..attacker import off_path, on_path
from ..attacker.off_path import Race, Target
from ..attacker.on_path import Change, Forger, OnPath
from ..authority.keys import make_key
from ..authority.zones import Zone
from ..protocol.messages import Endpoint, Question
from ..protocol.names import LabError, to_name
from ..resolver.recursive import Defences
from .worlds import ATTACKER_SITE, RESOLVER_ADDRESS, UNSIGNED, ZONE_NAMES, World, toy_internet

VICTIMS = ("www.bank.example", "www.foundry81.com")
LURE = to_name("www.harbor.example")  # a name of an unsigned zone, to smuggle a record past its own answer

# Blind attackers send all IDs in 397 ms, while a real reply takes about 16 ms. So they keep the real server busy
# with other requests, just long enough (RFC 5452 §7.1 counts the window W in which forgeries may arrive as 0.1 s).
WAIT = 0.06  # seconds until the resolver should have come down from the root to the zone's server
ONE_GUESS_KEEPS_BUSY = 0.1  # seconds
SWEEP_KEEPS_BUSY = 0.5
KAMINSKY_KEEPS_BUSY = 0.1  # seconds
KAMINSKY_GUESSES = 16_384  # IDs tried in each race, one in four: they take 99 ms
KAMINSKY_RACES = 16  # then the attacker gives up; one in 100 does without having won

Attacker = OnPath | Iterator[Race] | None

# What resolvers had when Kaminsky came: a port that never changes, the whole name for every server (RFC 9156), and no
# use of old proofs for new names (RFC 8198).
AS_IN_2008 = Defences(random_port=False, minimize_names=False, aggressive_nsec=False)


@dataclass(frozen=True)
class Setup:
    """Everything that is decided before an attack begins."""

    victim: str = "www.bank.example"
    attack: str = "blind-sweep"  # a key of ATTACKS
    spoil_every_reply: bool = False  # only for attackers on the path: not only the first reply to each question
    signed: bool = True  # the victim's zone is signed
    connected: bool = True  # its DS is at the parent
    validating: bool = True  # the resolver checks signatures
    defences: Defences = field(default_factory=lambda: AS_IN_2008)
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what cannot be.

        Raises:
            LabError: With a sentence that says why.
        """
        if self.victim not in VICTIMS:
            raise LabError(f"The victim can open {' or '.join(VICTIMS)}, not {self.victim!r}.")
        if self.attack not in ATTACKS:
            raise LabError(f"There is no attack {self.attack!r}; choose one of: {', '.join(ATTACKS)}.")
        if self.spoil_every_reply and self.attack == "none":
            raise LabError("Nobody attacks, so nobody can spoil every reply: choose an attacker on the path.")
        if self.spoil_every_reply and not ATTACKS[self.attack].on_path:
            raise LabError("A blind attacker can't spoil replies that it never sees: choose an attacker on the path.")
        if not isinstance(self.defences, Defences):
            raise LabError("Give the defences as Defences(random_id=..., random_port=..., ...).")
        if not isinstance(self.seed, int):
            raise LabError(f"The seed is a whole number, not {self.seed!r}.")

    @property
    def question(self) -> Question:
        """Return what the victim's browser asks."""
        return Question(to_name(self.victim), rdatatype.A)

    @property
    def zone(self) -> Name:
        """Return the victim's zone."""
        return self.question.name.parent()

    @property
    def owner(self) -> str:
        """Return whose page the victim wants to see: 'the bank'."""
        return "the bank" if self.zone.labels[0] == b"bank" else "the foundry"


@dataclass(frozen=True)
class Attack:
    """One kind of attack."""

    key: str
    label: str  # as it stands in menus
    on_path: bool
    begin: Callable[["Plan"], Attacker]  # a fresh attacker for one attack


@dataclass(frozen=True)
class Plan:
    """What an attacker starts from. Blind ones take only what is public, and the port that they found out."""

    world: World
    setup: Setup
    rng: Random

    @property
    def forger(self) -> Forger:
        """Return a forger with a key of its own, who signs in the name of the victim's zone."""
        return Forger(make_key(self.setup.zone, "CSK", seed="attacker"), self.setup.zone, self.world.now)

    def target(self, zone: Name, wait: float = WAIT) -> Target:
        """Return whom a blind attacker impersonates: the first server of a zone."""
        server = next(server for server in self.world.servers if server.zones[0] == zone)
        return Target(zone, server.address, Endpoint(RESOLVER_ADDRESS, off_path.FIXED_PORT), wait)

    def first_id(self, zone: Name) -> int:
        """Return the ID with which a blind attacker begins: any, or the next one of a resolver that counts.

        A resolver that has just started and counts its questions asks the root as number 1, and so on down.
        """
        return self.rng.getrandbits(16) if self.setup.defences.random_id else len(zone.labels)

    def on_path(self, *changes: Change) -> OnPath:
        return OnPath(*changes, every=self.setup.spoil_every_reply)

    def fake_address(self) -> Change:
        return on_path.change_address(self.setup.question.name, ATTACKER_SITE)

    def no_signature(self) -> Change:
        return on_path.strip_signature(self.setup.question.name)


def world_for(setup: Setup) -> World:
    """Return the toy Internet in which all zones are signed and connected, but the victim's only as the set-up says."""
    return _world(setup.zone, setup.signed, setup.connected)


@lru_cache(maxsize=8)
def _world(zone: Name, signed: bool, connected: bool) -> World:
    others = [name for name in ZONE_NAMES if name not in (UNSIGNED, zone)]
    return toy_internet(signed=others + [zone] * signed, connected=others + [zone] * connected)


def false_zone(zone: Name) -> Zone:
    """Return the zone as the attacker's name server tells it: every name leads to the attacker's page."""
    lines = (
        "@ 3600 SOA ns hostmaster 1 7200 1800 1209600 900",
        "@ 3600 NS ns",
        f"@ 3600 A {ATTACKER_SITE}",
        f"* 3600 A {ATTACKER_SITE}",
    )
    return Zone.from_text("\n".join(lines), zone)


# --- how each of them begins


def _nobody(plan: Plan) -> None:
    return None


def _one_guess(plan: Plan) -> Iterator[Race]:
    zone = plan.setup.zone
    return off_path.one_guess(
        plan.target(zone), plan.setup.question, id=plan.first_id(zone), keeps_busy=ONE_GUESS_KEEPS_BUSY
    )


def _sweep(plan: Plan) -> Iterator[Race]:
    zone = plan.setup.zone
    return off_path.sweep(
        plan.target(zone), plan.setup.question, first_id=plan.first_id(zone), keeps_busy=SWEEP_KEEPS_BUSY
    )


def _kaminsky(plan: Plan) -> Iterator[Race]:
    target = plan.target(plan.setup.zone, wait=0)
    races = off_path.kaminsky(target, guesses=KAMINSKY_GUESSES, keeps_busy=KAMINSKY_KEEPS_BUSY, rng=plan.rng)
    return islice(races, KAMINSKY_RACES)


def _extra_record(plan: Plan) -> Iterator[Race]:
    zone = LURE.parent()
    extra = dns.rrset.from_text(plan.setup.question.name, off_path.TTL, "IN", "A", ATTACKER_SITE)
    return off_path.extra_records(
        plan.target(zone),
        Question(LURE, rdatatype.A),
        [("additional", extra)],
        first_id=plan.first_id(zone),
        keeps_busy=SWEEP_KEEPS_BUSY,
    )


def _address(plan: Plan) -> OnPath:
    return plan.on_path(plan.fake_address())


def _signature(plan: Plan) -> OnPath:
    return plan.on_path(plan.fake_address(), on_path.sign_answer(plan.setup.question.name, plan.forger))


def _key(plan: Plan) -> OnPath:
    return plan.on_path(
        plan.fake_address(),
        on_path.sign_answer(plan.setup.question.name, plan.forger),
        on_path.replace_keys(plan.setup.zone, plan.forger),
    )


def _strip_rrsig(plan: Plan) -> OnPath:
    return plan.on_path(plan.fake_address(), plan.no_signature())


def _strip_ds(plan: Plan) -> OnPath:
    return plan.on_path(plan.fake_address(), plan.no_signature(), on_path.strip_ds(plan.setup.zone))


def _algorithm(plan: Plan) -> OnPath:
    return plan.on_path(plan.fake_address(), on_path.claim_algorithm(plan.setup.question.name))


def _replay_expired(plan: Plan) -> OnPath:
    return plan.on_path(on_path.replay(*plan.world.former_answer(plan.setup.victim, expired=True)))


def _replay_valid(plan: Plan) -> OnPath:
    return plan.on_path(on_path.replay(*plan.world.former_answer(plan.setup.victim, expired=False)))


def _other_zone(plan: Plan) -> OnPath:
    """The attacker runs the other victim's zone: signed, connected and above suspicion."""
    own = next(zone for zone in (to_name(name).parent() for name in VICTIMS) if zone != plan.setup.zone)
    zsk = next(key for key in plan.world.keys[own] if key.role in ("ZSK", "CSK"))
    forger = Forger(zsk, own, plan.world.now)
    return plan.on_path(plan.fake_address(), on_path.sign_answer(plan.setup.question.name, forger))


def _referral(plan: Plan) -> OnPath:
    zone = plan.setup.zone
    return plan.on_path(on_path.point_elsewhere(zone, _false_server(zone), ATTACKER_SITE))


def _false_server(zone: Name) -> Name:
    return dns.name.Name((b"ns", *zone.labels))


ATTACKS = {
    attack.key: attack
    for attack in (
        Attack("none", "Nobody attacks", False, _nobody),
        Attack("blind-one", "Blind: one guess", False, _one_guess),
        Attack("blind-sweep", "Blind: guess all 65,536 IDs", False, _sweep),
        Attack("kaminsky", "Blind: again and again (Kaminsky)", False, _kaminsky),
        Attack("blind-extra-record", "Blind: add a record nobody asked for", False, _extra_record),
        Attack("on-path-address", "On the path: change the address", True, _address),
        Attack("on-path-signature", "On the path: fake address and signature", True, _signature),
        Attack("on-path-key", "On the path: fake the key as well", True, _key),
        Attack("on-path-strip-rrsig", "On the path: remove the signature", True, _strip_rrsig),
        Attack("on-path-strip-ds", "On the path: remove the DS", True, _strip_ds),
        Attack("on-path-algorithm", "On the path: claim an unknown algorithm", True, _algorithm),
        Attack("on-path-replay-expired", "On the path: replay an expired answer", True, _replay_expired),
        Attack("on-path-replay-valid", "On the path: replay one that is still valid", True, _replay_valid),
        Attack("on-path-other-zone", "On the path: sign with another zone's key", True, _other_zone),
        Attack("on-path-referral", "On the path: point to a false server", True, _referral),
    )
}
