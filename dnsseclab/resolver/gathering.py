"""Fetching: everything that is asked upstream for one question of a client, and the story of it.

Which DS and DNSKEY a proof needs depends on what has already been proven, so it goes in a circle: validate, fetch what
the chain of trust still needs, validate again.
It knows: how to send and listen (through `carry`), how to follow aliases, how to collect evidence.
It must not know: how to judge evidence, or what a client gets for a verdict.
Every step that sends something is a generator of story events, so that whoever watches can stop at each datagram.
Follows RFC 1034 §3.6.2 (aliases), RFC 4035 §5.2 (asking the parent for a DS).
"""

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass

from dns import rdatatype
from dns.name import Name

from ..protocol.evidence import NO_REPLY, Evidence
from ..protocol.messages import Datagram, Question
from ..protocol.story import Asked, Believed, Event, Rejected, Story
from ..protocol.trust import ChainOfTrust, Item, ItemKind, SecurityStatus, Tally
from ..validator.limits import Limits
from .equipment import Budget, Equipment
from .replies import Reply, reply_from
from .resolution import Resolution

EVENTS_APART = 512  # datagrams: whoever watches gets a word in at least this often

ASKED = Asked()

Carry = Callable[[Datagram], Iterator[Datagram]]
Validate = Callable[[Evidence, Limits], ChainOfTrust]


@dataclass
class Chase:
    """The replies from a question to the end of its aliases; `failure` says why the end was not reached."""

    replies: list[Reply]
    failure: str = ""
    missing: Question | None = None  # the question that got no reply

    @property
    def from_cache(self) -> bool:
        """Return whether nobody was asked for any of it."""
        return not self.failure and all(reply.entry is not None for reply in self.replies)


class Gathering:
    """All that is asked for one question of a client."""

    def __init__(self, equipment: Equipment, carry: Carry, *, judged: bool):
        """Args: judged: Take from the cache only what was validated."""
        self.story = Story()
        self.unanswered: set[Question] = set()  # what was asked for in vain
        self.work = Tally()  # what judging has cost, over all attempts
        self._equipment = equipment
        self._carry = carry
        self._judged = judged
        self._budget = Budget(equipment.limits, equipment.clock())
        self._avoid: frozenset[str] = frozenset()
        self._received: dict[Question, Reply] = {}  # in this attempt
        self._proofs: dict[Question, Reply] = {}  # what referrals said about DS
        self._why = ""

    def start_over(self, chase: Chase, chain: ChainOfTrust) -> None:
        """Believe nothing of what was received so far; ask those last that sent the answer, or what broke its chain."""
        doubted = (*chase.replies, *self._culprits(chain))
        self._avoid |= {reply.datagram.source.address for reply in doubted if reply.datagram}
        self._received.clear()
        self._proofs.clear()

    def chase(self, question: Question) -> Generator[Event, None, Chase]:
        """Resolve a question and everything that its answer is an alias of, from the cache where that has it."""
        replies: list[Reply] = []
        names: set[Name] = set()
        while True:
            if question.name in names or len(names) > self._equipment.limits.aliases:
                return Chase(replies, "the aliases lead in a circle, or too far")
            names.add(question.name)
            reply = yield from self._find(question)
            if reply is None:
                return Chase(replies, self._why, question)
            replies.append(reply)
            if reply.alias_target is None:
                return Chase(replies)
            question = Question(reply.alias_target, question.rdtype)

    def prove(self, question: Question, chase: Chase, validate: Validate) -> Generator[Event, None, ChainOfTrust]:
        """Validate what was found, fetching what the chain still needs until it needs nothing more."""
        # What referrals said about DS goes along at once: it names the zones on the way, and saves two rounds here.
        replies = [*self._proofs.values(), *chase.replies]
        evidence = Evidence(question, {reply.question: reply.message for reply in replies})
        if chase.missing:
            evidence = evidence.with_message(chase.missing, NO_REPLY)
        while True:
            chain = validate(evidence, self._equipment.limits.left(self.work))
            self.work = self.work.plus(chain.work)
            needs = [need for need in chain.needs if evidence.get(*need) is None]
            if not needs:
                self._settle(chain)
                return chain
            for need in needs:
                reply = yield from self._find(need, for_proof=True)
                evidence = evidence.with_message(need, reply.message if reply else NO_REPLY)

    @property
    def replies(self) -> list[Reply]:
        """Return what servers have sent in this attempt."""
        return list(self._received.values())

    def _settle(self, chain: ChainOfTrust) -> None:
        """Write into the story what became of each reply of this attempt, now that the validator has spoken."""
        if chain.status is SecurityStatus.SECURE:
            for reply in self._received.values():
                self._give_fate(reply, Believed(str(reply.kind), reply.left_out, verified=True))
        elif chain.status is SecurityStatus.BOGUS and chain.diagnosis:
            verdict = Rejected(chain.diagnosis.rule, chain.diagnosis.headline)
            for reply in self._culprits(chain):
                self._give_fate(reply, verdict)

    def _give_fate(self, reply: Reply, fate: Believed | Rejected) -> None:
        if reply.datagram is not None:
            self.story.settle(reply.datagram, fate)

    def _culprits(self, chain: ChainOfTrust) -> Iterator[Reply]:
        """Yield the replies that are thrown away: those with the broken link, and the answer that hung from it."""
        broken = chain.first_failure
        for question, reply in (*self._received.items(), *self._proofs.items()):
            if question == chain.question or (broken is not None and _brought(reply, question, broken.target)):
                yield reply

    def _find(self, question: Question, *, for_proof: bool = False) -> Generator[Event, None, Reply | None]:
        """Return a reply that this attempt has already, one from the cache, or one that is fetched now.

        Args:
            for_proof: Don't fetch what another question of a client has just needed in vain (RFC 9520 §3.2).
        """
        known = self._received.get(question) or self._proofs.get(question) or self._remembered(question)
        if known is not None:
            return known
        if for_proof and self._equipment.cache.failure(question, self._equipment.now()):
            return None
        reply = yield from self._resolve(question)
        if reply is None:
            self.unanswered.add(question)
            return None
        self.unanswered.discard(question)
        self._add_known_soa(reply)
        self._received[question] = reply
        return reply

    def _add_known_soa(self, reply: Reply) -> None:
        """Complete a "no" that came without the zone's SOA, if that is known: RFC 2308 §3 wants it there."""
        authority, now = reply.message.authority, self._equipment.now()
        if reply.message.answer or any(rrset.rdtype == rdatatype.SOA for rrset in authority):
            return
        entry = self._equipment.cache.find(Question(reply.zone, rdatatype.SOA), now, judged=self._judged)
        if entry is not None and entry.question.rdtype == rdatatype.SOA:
            authority += entry.aged(entry.answer, now)

    def _remembered(self, question: Question) -> Reply | None:
        entry = self._equipment.find(question, judged=self._judged)
        return reply_from(entry, question, self._equipment.now()) if entry else None

    def _resolve(self, question: Question) -> Generator[Event, None, Reply | None]:
        """Fetch the answer of one question: send what the resolution wants sent, and hand it what arrives."""
        resolution = Resolution(question, self._equipment, self._budget, avoid=self._avoid)
        while (query := resolution.next_query()) is not None:
            yield self.story.add(self._equipment.clock(), query, ASKED)
            yield from self._listen(query, resolution)
        for about, proof in resolution.proofs.items():  # a DS that was validated holds until its TTL ends, all the same
            self._proofs[about] = self._remembered(about) or proof
        self._why = resolution.failure
        return resolution.reply

    def _listen(self, query: Datagram, resolution: Resolution) -> Iterator[Event]:
        """Hand the resolution what arrives until it waits no longer, or nothing more comes in time."""
        clock, add, receive = self._equipment.clock, self.story.add, resolution.receive
        last = None
        for datagram in self._carry(query):
            event = add(clock(), datagram, receive(datagram))
            if event is last and event.count % EVENTS_APART:
                continue  # one more of the same: this line runs 65,536 times in a sweep
            last = event
            yield event
            if not resolution.waits:
                break


def _brought(reply: Reply, question: Question, item: Item) -> bool:
    """Return whether a reply is the one that brought a box of the chain, or that should have brought it."""
    if item.kind is not ItemKind.DENIAL:
        return question == (item.owner, item.rdtype)
    if not item.rdatas:  # the proof that there is no DS did not come with the answer to the question for it
        return question == (item.owner, rdatatype.DS)
    return any((rrset.name, rrset.rdtype) == (item.owner, item.rdtype) for rrset in reply.message.authority)
