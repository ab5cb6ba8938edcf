"""The recursive resolver: what a client asks, it finds out; what it cannot prove, it does not tell.

It knows: everything in this room, and the validator's verdict.
It must not know: sockets, real time, who sent a datagram.
Follows RFC 1034 §5.3.3 (resolution), RFC 4035 §4.3, §4.7, §5.5 (what a verdict means for the client),
RFC 6840 §5.7-5.9 (AD, CD), RFC 9520 §3 (failures are remembered), RFC 7646 (negative trust anchors).

What the client gets, and what is remembered:

| chain         | answer                                                      | cache                                |
|---------------|-------------------------------------------------------------|--------------------------------------|
| SECURE        | data; AD if the query had DO or AD                          | data and proof as SECURE, TTL capped |
| INSECURE      | data, no AD                                                 | data as INSECURE                     |
| BOGUS         | asked again elsewhere; all fail: SERVFAIL, extended error   | the failure, never the data          |
| INDETERMINATE | likewise: a record that the proof needs cannot be had       | the failure                          |
| UNCHECKED     | data, no AD: this resolver does not validate, or CD was set | data as UNCHECKED: not for others    |
"""

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import replace
from random import Random

import dns.name
from dns import rdatatype
from dns.message import Message
from dns.name import Name
from dns.rrset import RRset

from ..protocol.evidence import Evidence
from ..protocol.messages import Question, flag, make_query
from ..protocol.names import LabError, to_name
from ..protocol.story import Event, Outcome, Story, to_the_end
from ..protocol.trust import ChainOfTrust, Diagnosis, SecurityStatus
from ..validator.anchors import read_trust_anchors
from ..validator.chain import DEFAULT_LIMITS, DEFAULT_POLICY, validate
from ..validator.limits import Limits
from ..validator.policy import Policy
from .accepting import Defences, Secrets
from .cache import Cache
from .equipment import Equipment
from .gathering import Carry, Chase, Gathering
from .remembering import UNCHECKED, Judgement, answer_entries, vouching_entries
from .replies import Reply, corrected, reply_from
from .servers import closest_delegation, read_hints
from .serving import Result, refuse, respond

ALL_DEFENCES = Defences()
WEAKEST_FIRST = (SecurityStatus.UNCHECKED, SecurityStatus.INSECURE, SecurityStatus.SECURE)
ATTEMPTS = 3  # as found; from a zone's other servers; from the servers that the last proven zone's parent names
NO_REACHABLE_AUTHORITY = 22  # extended error
NOBODY_ANSWERS = "answer-received"  # rule


class RecursiveResolver:
    """A validating recursive resolver with a cache. Without trust anchors it does not validate."""

    def __init__(
        self,
        carry: Carry,
        root_hints: Mapping[str, Sequence[str]],
        *,
        trust_anchors: Iterable[RRset | str] = (),
        negative_trust_anchors: Iterable[Name | str] = (),
        clock: Callable[[], float],
        rng: Random,
        defences: Defences = ALL_DEFENCES,
        policy: Policy = DEFAULT_POLICY,
        limits: Limits = DEFAULT_LIMITS,
        validator: Callable[..., ChainOfTrust] = validate,
        address: str = "192.0.2.53",
    ):
        """Args:
        carry: Takes one datagram, and yields what arrives afterwards; its end is the time-out.
        root_hints: Server name -> addresses.
        trust_anchors: DS or DNSKEY RRsets, or text such as "example. DS 12345 13 2 ...".
        negative_trust_anchors: Names below which nothing is validated (RFC 7646).
        clock: Returns epoch seconds.
        validator: Another judge: a wrong one, in a lesson.
        """
        if not root_hints:
            raise LabError("A resolver needs root hints: give {server name: [addresses]} of the root's servers.")
        self.cache = Cache()
        self.trust_anchors = read_trust_anchors(trust_anchors)
        named = frozenset(to_name(name) for name in negative_trust_anchors)
        self._policy = replace(policy, negative_trust_anchors=policy.negative_trust_anchors | named)
        self._carry = carry
        self._validator = validator
        hints, secrets = read_hints(root_hints), Secrets(address, rng, defences)
        self._equipment = Equipment(
            self.cache, hints, secrets, clock, defences, self._policy, limits, dnssec=bool(self.trust_anchors)
        )

    @property
    def validates(self) -> bool:
        """Return whether this resolver validates at all."""
        return bool(self.trust_anchors)

    def respond(self, query: Message) -> Message:
        """Return exactly what a client on the wire gets for a query, whatever the query is."""
        return self.serve(query).message

    def serve(self, query: Message) -> Outcome:
        """Answer a client's query, and return the response with the story of how it was found."""
        return to_the_end(self._serve(query))

    def resolve(self, qname: str | Name, qtype: str | int, *, checking_disabled: bool = False) -> Outcome:
        """Look something up, and return the response with the story of how it was found."""
        return to_the_end(self.resolving(qname, qtype, checking_disabled=checking_disabled))

    def resolving(
        self, qname: str | Name, qtype: str | int, *, checking_disabled: bool = False
    ) -> Generator[Event, None, Outcome]:
        """Do the same as `resolve` step by step: yield each new event of the story, and during a flood now and then."""
        query = make_query(
            qname, qtype, id=0, recursion_desired=True, authentic_data=True, checking_disabled=checking_disabled
        )
        return self._serve(query)

    def _serve(self, query: Message) -> Generator[Event, None, Outcome]:
        """Answer one query of a client."""
        refusal = refuse(query)
        if refusal is not None:
            return Outcome(refusal, SecurityStatus.UNCHECKED, Story())
        question = Question(query.question[0].name, query.question[0].rdtype)
        judged = self.validates and not flag(query, "CD")
        gathering = Gathering(self._equipment, self._carry, judged=judged)
        result = self._remembered_failure(question, judged=not flag(query, "CD"))
        if result is None and not flag(query, "RD"):
            result = self._look_up_here(question, judged)
        if result is None:
            result = yield from self._look_up(question, gathering, judged)
        message = respond(query, result)
        return Outcome(message, result.status, gathering.story, result.chains, result.from_cache, gathering.work)

    def _look_up(self, question: Question, gathering: Gathering, judged: bool) -> Generator[Event, None, Result]:
        """Find the answer to a question, and prove it if it is to be judged."""
        chains: list[ChainOfTrust] = []
        for attempt in range(1, ATTEMPTS + 1):
            chase = yield from gathering.chase(question)
            if chase.failure and not chains:
                return self._fail([question], SecurityStatus.INDETERMINATE, no_answer(chase), chains)
            if chase.failure:
                break  # what was found at first was judged, and nobody says anything better
            if chase.from_cache:
                return found_in_cache(chase.replies)
            if not judged:
                return self._hand_on(chase, gathering)
            chain = yield from gathering.prove(question, chase, self._validate)
            chains.append(chain)
            if chain.status in (SecurityStatus.SECURE, SecurityStatus.INSECURE):
                return self._believe(chase, chains, gathering)
            if self._equipment.limits.are_used_up(gathering.work):
                break  # whoever makes answers that are dear to check shall not be asked for more of them
            self._ask_elsewhere_next(attempt, chase, gathering, chain)
        return self._fail({question, *gathering.unanswered}, chain.status, chain.diagnosis, chains)

    def _look_up_here(self, question: Question, judged: bool) -> Result:
        """Answer from the cache alone; at worst refer to the closest servers known (RFC 1034 §4.3.2)."""
        now = self._equipment.now()
        entry = self._equipment.find(question, judged=judged)
        if entry:
            return found_in_cache([reply_from(entry, question, now)])
        delegation = closest_delegation(question.name, self.cache, self._equipment.hints, now)
        known = self.cache.get(delegation.zone, rdatatype.NS, now)
        return Result(SecurityStatus.UNCHECKED, referral=tuple(known.aged(known.answer, now)) if known else ())

    def _validate(self, evidence: Evidence, limits: Limits) -> ChainOfTrust:
        now = self._equipment.now()
        chain = self._validator(evidence, self.trust_anchors, now, limits, self._policy, self.cache.proven(now))
        self.cache.store_proven(chain.proven)  # even if the walk broke later: what is proven needs no second proof
        # Other answers hang from the same DS and DNSKEY; each has a TTL of its own
        self.cache.gaps.store(chain.vouching, now)
        for entry in vouching_entries(chain.vouching, now):
            self.cache.store(entry, now)
        return chain

    # The rows of the table

    def _believe(self, chase: Chase, chains: list[ChainOfTrust], gathering: Gathering) -> Result:
        """SECURE or INSECURE: hand the data on, and remember it together with its proof."""
        chain = chains[-1]
        secure = {(rrset.name, rrset.rdtype) for rrset in chain.validated}
        diagnosis = chain.diagnosis if chain.status is SecurityStatus.INSECURE else None
        of_answer = Judgement(chain.status, secure, diagnosis)
        of_proof = Judgement(SecurityStatus.UNCHECKED, secure)
        self.cache.gaps.store(chain.validated, self._equipment.now())
        is_secure = chain.status is SecurityStatus.SECURE
        vouching = {(rrset.name, rrset.rdtype) for rrset in chain.vouching}  # remembered when it was validated
        for reply in gathering.replies:
            is_answer = reply in chase.replies
            if is_answer or reply.question not in vouching:
                put_in_validated(reply.message, chain.validated, alone=is_answer and is_secure)
                self._remember(corrected(reply, chain.existing), of_answer if is_answer else of_proof)
        replies = tuple(corrected(reply, chain.existing) for reply in chase.replies)
        return Result(chain.status, replies, diagnosis, tuple(chains))

    def _ask_elsewhere_next(self, attempt: int, chase: Chase, gathering: Gathering, chain: ChainOfTrust) -> None:
        """BOGUS or INDETERMINATE, and attempts are left: believe nothing of it, and ask others.

        A race that a forger has won then costs his victim a second question, and not the answer.
        """
        gathering.start_over(chase, chain)
        if attempt > 1:  # the servers themselves may be false: NS records and glue are not signed
            for reply in chase.replies:
                name = reply.question.name
                self.cache.forget_delegations(name, self._last_proven(name))

    def _fail(
        self,
        questions: Iterable[Question],
        status: SecurityStatus,
        diagnosis: Diagnosis | None,
        chains: list[ChainOfTrust],
    ) -> Result:
        """All attempts failed: SERVFAIL. The failure is remembered, the data is not.

        Args:
            questions: The client's, and those that its proof needed and that nobody answered.
        """
        for question in questions:
            self.cache.store_failure(question, status, diagnosis, self._equipment.now())
        return Result(status, diagnosis=diagnosis, chains=tuple(chains), failed=True)

    def _hand_on(self, chase: Chase, gathering: Gathering) -> Result:
        """UNCHECKED: hand the data on as it came; who wants it judged will not be given it from the cache."""
        for reply in gathering.replies:
            self._remember(reply, UNCHECKED)
        return Result(SecurityStatus.UNCHECKED, tuple(chase.replies))

    # Remembering

    def _remember(self, reply: Reply, judgement: Judgement) -> None:
        now = self._equipment.now()
        for entry in answer_entries(reply, judgement, now):
            self.cache.store(entry, now)

    def _remembered_failure(self, question: Question, *, judged: bool) -> Result | None:
        """Return a failure that is still remembered, so that a broken zone is not asked for every client anew.

        Args:
            judged: False: the client sets CD, so for it only that nobody answers is a failure.
        """
        entry = self.cache.failure(question, self._equipment.now())
        if entry is None or not (judged or entry.diagnosis is None or entry.diagnosis.rule == NOBODY_ANSWERS):
            return None
        return Result(entry.status, diagnosis=entry.diagnosis, failed=True, from_cache=True)

    def _last_proven(self, name: Name) -> Name:
        """Return the deepest zone at or above `name` whose keys are proven, at worst the root."""
        proven = [z.zone for z in self.cache.proven(self._equipment.now()) if z.status is SecurityStatus.SECURE]
        return max((zone for zone in proven if name.is_subdomain(zone)), key=len, default=dns.name.root)


def put_in_validated(message: Message, validated: Sequence[RRset], *, alone: bool) -> None:
    """Put the RRsets that were validated in the place of those received: their TTLs are capped (RFC 4035 §5.3.3).

    Args:
        alone: Take out all others: AD says that every RRset of answer and authority is authentic (§3.2.3), so nobody
            may add one on the way that was not needed, and so not judged.
    """
    proven = {(rrset.name, rrset.rdtype, rrset.covers): rrset for rrset in validated}
    for section in (message.answer, message.authority):
        found = [proven.get((rrset.name, rrset.rdtype, rrset.covers), None if alone else rrset) for rrset in section]
        section[:] = [rrset for rrset in found if rrset is not None]


def found_in_cache(replies: Sequence[Reply]) -> Result:
    """Return remembered replies as a result: what hangs together is as sure as its weakest part."""
    entries = [reply.entry for reply in replies if reply.entry]
    weakest = min(entries, key=lambda entry: WEAKEST_FIRST.index(entry.status))
    return Result(weakest.status, tuple(replies), weakest.diagnosis, from_cache=True)


def no_answer(chase: Chase) -> Diagnosis:
    """Return why no answer was found at all."""
    what = str(chase.missing) if chase.missing else "the name"
    return Diagnosis(
        rule=NOBODY_ANSWERS,
        headline="no answer",
        sentence=f"No answer for {what}: {chase.failure}.",
        source="RFC 1034 §5.3.3",
        ede=NO_REACHABLE_AUTHORITY if chase.missing else None,
        repair="None if the network is down. Else make the zone's servers answer.",
    )
