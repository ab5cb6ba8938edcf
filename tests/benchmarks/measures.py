"""What is measured, and against what: each measure returns the two times that its goal compares.

Every measure runs the code that a learner runs, with every check. What it is compared with runs in the same process,
in turns with it.

Cold means, for us: a new resolver with an empty cache. For Unbound: its caches were emptied through its control socket
right before, and the number of questions that reached the servers shows that it did ask all of them. Both keep what any
process keeps: we for example loaded public keys, and the authoritative servers their rendered replies.
"""

import tempfile
from functools import partial
from pathlib import Path
from random import Random
from typing import NamedTuple

import dns.message
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from dnsseclab.attacker.off_path import Volley, forge_answer
from dnsseclab.authority.keys import make_key
from dnsseclab.authority.signing import sign_zone
from dnsseclab.authority.zones import Zone
from dnsseclab.internet.network import Clock, Network
from dnsseclab.internet.worlds import World, toy_internet
from dnsseclab.protocol import dnssec
from dnsseclab.protocol.messages import flag, make_query, parse, question, to_bytes
from dnsseclab.protocol.trust import SecurityStatus
from dnsseclab.resolver.accepting import Defences, Secrets
from dnsseclab.resolver.recursive import RecursiveResolver
from dnsseclab.validator.limits import Limits, Work
from dnsseclab.validator.policy import Policy
from dnsseclab.validator.public_keys import load_public_key
from dnsseclab.validator.records import Records
from dnsseclab.validator.signatures import ALL_RULES, try_all

from .real_unbound import running_unbound
from .timing import Task, side_by_side

WWW, NOBODY = ("www.foundry81.com", "A"), ("nobody.foundry81.com", "A")
QUESTIONS_OF_A_COLD_LOOK_UP = 6  # DNSKEY of three zones, DS of two, and the address


class Times(NamedTuple):
    """Median seconds for the same amount of work."""

    ours: float
    other: float


def cold_look_up(rounds: int) -> Times:
    """A validated look-up from nothing, in this process; Unbound does the same over loopback."""
    world = toy_internet()
    query = to_bytes(make_query(*WWW, id=7, dnssec_ok=True, recursion_desired=True))
    with tempfile.TemporaryDirectory() as folder, running_unbound(world, Path(folder)) as (unbound, servers):
        before = servers.asked
        unbound.forget()
        response = parse(unbound.ask(query))
        assert flag(response, "AD") and response.answer, "Unbound has not validated the answer"
        assert servers.asked - before >= QUESTIONS_OF_A_COLD_LOOK_UP, "Unbound was not cold"
        theirs = Task(lambda: unbound.ask(query), unbound.forget)
        return Times(*side_by_side(_cold(world, WWW), theirs, rounds=rounds))


def warm_answer(rounds: int) -> Times:
    """An answer from the cache, as a client on the wire gets it; compared with 100 microseconds."""
    resolver = _resolver(toy_internet())
    query = make_query(*WWW, id=7, dnssec_ok=True, recursion_desired=True)
    assert flag(resolver.respond(query), "AD") and flag(resolver.respond(query), "AD")
    (seconds,) = side_by_side(Task(lambda: [resolver.respond(query) for _ in range(100)]), rounds=rounds)
    return Times(seconds / 100, 1 / 10_000)


def no_such_name(rounds: int) -> Times:
    """A cold NXDOMAIN that NSEC3 records prove, and a cold address in the same world."""
    world = toy_internet(denial="NSEC3")
    return Times(*side_by_side(_cold(world, NOBODY), _cold(world, WWW), rounds=rounds))


def one_rrset(rounds: int) -> Times:
    """All checks of one signature over one RRset, with a key that is known; and its bare verification."""
    zone = toy_internet().zone("foundry81.com")
    reply = dns.message.make_response(dns.message.make_query(*WWW))
    reply.answer = [zone.get(*question(*WWW)), zone.signatures(*question(*WWW))]
    found = Records(parse(to_bytes(reply))).answer.find(*question(*WWW))
    assert found is not None
    keys = list(zone.get(zone.origin, "DNSKEY"))
    now, policy, limits = toy_internet().now, Policy(), Limits()

    def ours() -> bool:
        return try_all(found, zone.origin, keys, ALL_RULES, now, policy, Work(limits))[-1].passed

    assert ours()
    rrsig = found.signatures[0]
    signer = next(key for key in keys if dnssec.key_tag(key) == rrsig.key_tag)
    public = load_public_key(int(signer.flags), signer.protocol, int(signer.algorithm), signer.key)
    assert public is not None
    half = len(rrsig.signature) // 2
    numbers = (int.from_bytes(rrsig.signature[:half], "big"), int.from_bytes(rrsig.signature[half:], "big"))
    signature, data, how = encode_dss_signature(*numbers), dnssec.signed_bytes(found.rrset, rrsig), ec.ECDSA(SHA256())
    bare = partial(public.key.verify, signature, data, how)
    return Times(*side_by_side(Task(ours), Task(bare), rounds=10 * rounds))


def signing(names: int, rounds: int) -> Times:
    """Signing a zone with NSEC; and as many bare signatures."""
    hosts = "".join(f"host{number} A 192.0.2.{number % 250}\n" for number in range(names))
    text = "$TTL 3600\n@ SOA ns1 admin 1 7200 3600 1209600 300\n@ NS ns1\nns1 A 192.0.2.1\n" + hosts
    zone = Zone.from_text(text, "big.example")
    keys = [make_key("big.example", role, seed="benchmark") for role in ("KSK", "ZSK")]
    times = {"inception": toy_internet().inception, "expiration": toy_internet().expiration}
    signed = sign_zone(zone, keys, **times)
    owner = next(signed.rrsets())
    data = dnssec.signed_bytes(owner, next(iter(signed.signatures(owner.name, owner.rdtype))))
    made = sum(len(signed.signatures(rrset.name, rrset.rdtype) or ()) for rrset in signed.rrsets())

    def bare() -> None:
        for _ in range(made):
            keys[1].sign(data)

    return Times(*side_by_side(Task(lambda: sign_zone(zone, keys, **times)), Task(bare), rounds=rounds))


def sweep(count: int, rounds: int) -> Times:
    """The accept check of a resolver for a sweep of `count` packets; and dnspython's parsing of a hundredth of them."""
    secrets = Secrets("192.0.2.53", Random("benchmark"), Defences())
    awaited = secrets.make_query(question(*WWW), "192.0.2.81")
    forgery = forge_answer(question(*WWW), server="192.0.2.81", resolver=awaited.query.source)
    packets = list(Volley(forgery, 0, count))

    def ours() -> int:
        return sum(awaited.refuse(packet) is None for packet in packets)

    assert ours() == (count == 2**16), "of all IDs exactly one is right"
    parsed = packets[: count // 100]
    by_dnspython = Task(lambda: [dns.message.from_wire(packet.payload) for packet in parsed])
    return Times(*side_by_side(Task(ours), by_dnspython, rounds=rounds))


def _cold(world: World, asked: tuple[str, str]) -> Task:
    """Return the task of a look-up by a new resolver; the one before it is taken down outside of the time."""
    query = make_query(*asked, id=7, dnssec_ok=True, recursion_desired=True)
    resolver = _resolver(world)
    assert resolver.resolve(*asked).status is SecurityStatus.SECURE

    def renew() -> None:
        nonlocal resolver
        resolver = _resolver(world)

    return Task(lambda: resolver.respond(query), renew)


def _resolver(world: World) -> RecursiveResolver:
    return Network(world, clock=Clock(world.now)).resolver()
