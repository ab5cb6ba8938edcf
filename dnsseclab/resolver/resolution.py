"""One iterative resolution: from the closest known servers down the tree to the answer of one question.

It is sans-IO: `next_query` says what to send, `receive` is told what arrived, and nothing else happens in between.
A forged reply is just one more `receive`: the resolver cannot see who sent it.
It knows: the question, the cache, which servers are being asked.
It must not know: sockets, what DNSSEC makes of the answer, where an alias leads (that is the next resolution).
Follows RFC 1034 §5.3.3; RFC 5452 (forgery); RFC 6891 §6.2.2 (EDNS refused); RFC 7766 §5 (TCP); RFC 4035 §5.2 (DS).
"""

from collections.abc import Callable, Iterable

import dns.name
import dns.rcode
from dns import rdatatype
from dns.message import Message
from dns.name import Name
from dns.rdatatype import RdataType

from ..protocol.messages import Datagram, MalformedMessage, Question, flag, parse, response_code
from ..protocol.names import show_name, zone_above
from ..protocol.story import Believed, Fate, Ignored, Reason
from .accepting import Awaited
from .bailiwick import ADDRESS_TYPES, scrub
from .equipment import Budget, Equipment
from .minimizing import Minimizer
from .parent_side import comes_from_child, ds_of_referral, where_to_begin
from .remembering import UNCHECKED, answer_entries, server_entries, uninvited_entries
from .replies import Kind, Reply, add_cname_of_dname, cap_absence, correct_header, delegated_zone, doubt_about, read
from .servers import Candidates, Delegation, Target, delegation_from

WITHOUT_EDNS = (dns.rcode.FORMERR, dns.rcode.NOTIMP, dns.rcode.BADVERS)  # what servers say that don't know EDNS


class Resolution:
    """The way to the answer of one question. It ends with a `reply`, or with a `failure` that says why."""

    def __init__(
        self,
        question: Question,
        equipment: Equipment,
        budget: Budget,
        *,
        avoid: Iterable[str] = (),
        callers: tuple[Question, ...] = (),
    ):
        """Args:
        avoid: Addresses of servers to ask last.
        callers: Questions whose resolutions wait for this one, which looks for the address of a name server.
        """
        self.question = question
        self.reply: Reply | None = None
        self.failure = ""
        self.proofs: dict[Question, Reply] = {}  # what referrals on the way said about DS, as if asked
        self._equipment = equipment
        self._budget = budget
        self._avoid = tuple(avoid)
        self._callers = (*callers, question)
        self._minimizer = Minimizer(question, whole=not equipment.defences.minimize_names)
        self._asked = question  # as the server at hand got to see it
        self._awaited: Awaited | None = None
        self._target = Target("")
        self._helper: Resolution | None = None
        self._then: Callable[[Resolution], None] = lambda helper: None
        self._doubtful: Reply | None = None
        self._referrals = 0
        self._enter(equipment.closest_delegation(where_to_begin(question)))

    def next_query(self) -> Datagram | None:
        """Return the next datagram to send, or None if the resolution has ended.

        Calling it while a reply is awaited says that none came in time.
        """
        if self._awaited is not None:
            self._awaited = None
            self._candidates.was_silent(self._target)
            if self._asked != self.question:
                self._minimizer.give_up()
        while self.reply is None and not self.failure:
            if self._helper is not None:
                query = self._helper.next_query()
                if query is not None:
                    return query
                helper, self._helper = self._helper, None
                self._then(helper)
                continue
            candidate = self._candidates.next()
            if isinstance(candidate, Target):
                return self._ask(candidate)
            if candidate is not None:
                self._look_up_address(candidate, rdatatype.A)
            else:
                self._try_something_else()
        return None

    def receive(self, datagram: Datagram) -> Fate:
        """Take a datagram that has arrived, and return what became of it."""
        awaited = self._awaited
        if awaited is None:
            return self._helper.receive(datagram) if self._helper else Ignored(Reason.TOO_LATE)
        refused = awaited.refuse(datagram)
        if refused is not None:
            return refused
        try:
            message = parse(awaited.in_plain_case(datagram.payload))
        except MalformedMessage as error:  # and wait on: a broken reply must not end the wait for a whole one
            return Ignored(Reason.MALFORMED, str(error))
        refused = self._equipment.secrets.refuse_cookie(self._target.address, message)
        if refused is not None:
            return refused
        self._awaited = None
        return self._use(message, datagram)

    @property
    def waits(self) -> bool:
        """Return whether a query is out and its reply has not come yet."""
        return self._awaited is not None or (self._helper is not None and self._helper.waits)

    def addresses_of(self, server: Name) -> tuple[str, ...]:
        """Return the addresses of a server that were asked for, then those that its parent gave as glue.

        The first may have a TTL of zero and be in no cache; the second may work where the first do not.
        """
        answer = self.reply.message.answer if self.reply else []
        found = [rdata.address for rrset in answer if rrset.rdtype in ADDRESS_TYPES for rdata in rrset]
        return (*found, *self._delegation.addresses.get(server, ()))

    # Step 2 and 3 of RFC 1034 §5.3.3: find the best servers, and ask until one answers

    def _enter(self, delegation: Delegation) -> None:
        """Go on with the servers of another zone."""
        self._delegation = delegation
        self._candidates = Candidates(delegation, self._avoid)
        self._minimizer.enter(delegation.zone)

    def _ask(self, target: Target) -> Datagram | None:
        self.failure = self._budget.spend(self._equipment.clock())
        if self.failure:
            return None
        self._target = target
        self._asked = self._minimizer.question()
        self._awaited = self._equipment.secrets.make_query(
            self._asked,
            target.address,
            transport=target.transport,
            edns=target.edns,
            dnssec=self._equipment.dnssec and target.edns,
        )
        return self._awaited.query

    def _try_something_else(self) -> None:
        """All servers were asked in vain: take a resolver's word, ask the parent again, or look for other addresses."""
        zone = self._delegation.zone
        if self._doubtful is not None:
            self._finish(self._doubtful)
        elif zone != dns.name.root and zone not in self._budget.referred:
            self._ask_again_above()
        elif zone in self._budget.referred and self._candidates.add_servers(self._budget.referred[zone]):
            return  # the zone's own list of its servers was the worse one
        elif server := self._candidates.next_to_find_again():
            if not server.is_subdomain(zone):  # else only the zone's own servers could tell, and they don't
                self._look_up_address(server, rdatatype.A)
        else:
            self.failure = f"no server of {show_name(zone)} gave a useful reply"

    def _look_up_address(self, server: Name, rdtype: RdataType) -> None:
        """Start looking for the address of a name server that came without glue."""
        wanted = Question(server, rdtype)
        if wanted in self._callers or len(self._callers) > self._equipment.limits.glueless_depth:
            return  # it would lead in a circle, or too deep

        def take_addresses(helper: Resolution) -> None:
            found = (*helper.addresses_of(server), *self._equipment.known_addresses(server))
            self._candidates.add(found)
            if not found and rdtype == rdatatype.A:
                self._look_up_address(server, rdatatype.AAAA)

        self._start_helper(wanted, take_addresses)

    def _start_helper(self, question: Question, then: Callable[["Resolution"], None]) -> None:
        self._helper = Resolution(question, self._equipment, self._budget, avoid=self._avoid, callers=self._callers)
        self._then = then

    def _ask_again_above(self) -> None:
        """Forget servers that the cache named and that are of no use; the parent may know better by now."""
        zone = self._delegation.zone
        self._equipment.cache.forget_delegations(zone, zone)
        self._enter(self._equipment.closest_delegation(zone_above(zone)))

    # Step 4 of RFC 1034 §5.3.3: analyze the response

    def _use(self, message: Message, datagram: Datagram) -> Fate:
        """Read an accepted reply and decide how to go on."""
        target, zone, code = self._target, self._delegation.zone, response_code(message)
        if target.transport == "udp" and (flag(message, "TC") or code == dns.rcode.BADCOOKIE):
            self._candidates.retry(target._replace(transport="tcp"))
            return Ignored(Reason.TRUNCATED if flag(message, "TC") else Reason.USELESS)
        if target.edns and code in WITHOUT_EDNS:
            self._candidates.retry(target._replace(edns=False))
            return Ignored(Reason.USELESS, f"{dns.rcode.to_text(code)}: asked again without EDNS")
        said_something = bool(message.answer or message.authority)
        outside = self._scrub(message)
        if said_something and not (message.answer or message.authority) and code == dns.rcode.NOERROR:
            return Ignored(Reason.OUT_OF_BAILIWICK if outside else Reason.USELESS, "; ".join(outside))
        add_cname_of_dname(message, self._asked)
        kind, why = read(message, self._asked, zone)
        if self._asked != self.question and kind is not Kind.REFERRAL:
            return self._show_more(kind, why)
        if kind is Kind.USELESS:
            return Ignored(Reason.USELESS, why)
        return self._follow(Reply(self._asked, kind, message, zone, datagram, outside))

    def _show_more(self, kind: Kind, why: str) -> Fate:
        """A question for a part of the name led no further: show the same server more of it, in doubt all.

        Also after NXDOMAIN: there are servers that know nothing of empty non-terminals.
        """
        if kind in (Kind.USELESS, Kind.NO_SUCH_NAME):
            self._minimizer.give_up()
        else:
            self._minimizer.shows_more()
        self._candidates.retry(self._target)
        return Ignored(Reason.USELESS, why) if kind is Kind.USELESS else Believed(str(kind))

    def _scrub(self, message: Message) -> tuple[str, ...]:
        """Remove what the server has no say in; without bailiwick check, believe that as well."""
        zone, now = self._delegation.zone, self._equipment.now()
        if not self._equipment.defences.bailiwick_check:
            self._equipment.remember(uninvited_entries(message.sections[1:], zone, now))
        outside = scrub(message, self._asked, zone)
        for rrset in (*message.answer, *message.authority):
            # A child must not prolong its own delegation, or it would live on as a ghost after its parent has
            # taken it away (Jiang et al., NDSS 2012).
            if rrset.rdtype == rdatatype.NS and rrset.name == zone:
                rrset.ttl = max(0, min(rrset.ttl, self._delegation.expires - now))
        return outside if self._equipment.defences.bailiwick_check else ()

    def _follow(self, reply: Reply) -> Fate:
        """Use a reply that says something."""
        if reply.kind is Kind.REFERRAL:
            return self._refer(reply)
        if doubt := doubt_about(reply.message):
            self._doubtful = self._doubtful or reply
            return Ignored(Reason.USELESS, doubt)
        if comes_from_child(reply):
            self._look_for_parent(reply)
            return Ignored(Reason.USELESS, "the child's answer, but DS lies at the parent")
        self._finish(reply)
        return Believed(str(reply.kind), reply.left_out)

    def _refer(self, reply: Reply) -> Fate:
        """Go on with the servers that a referral names (RFC 1034 §5.3.3 step 4b)."""
        child = delegated_zone(reply.message)
        assert child is not None
        proof = ds_of_referral(reply, child)
        if self.question == (child, rdatatype.DS):  # servers older than DNSSEC refer even for a DS
            if proof is None:
                return Ignored(Reason.USELESS, "a referral, but DS lies at the parent")
            self._finish(proof)
            return Believed(str(proof.kind), proof.left_out)
        if proof is not None:
            self.proofs[proof.question] = proof
        now = self._equipment.now()
        self._equipment.remember(server_entries(reply, now))
        self._referrals += 1
        if self._referrals > self._equipment.limits.referrals:
            self.failure = f"more than {self._equipment.limits.referrals} referrals"
        delegation = delegation_from(reply.message, child, self._equipment.cache, now)
        self._budget.referred[child] = delegation
        if delegation.leads_on or self._asked == self.question:
            self._enter(delegation)
        else:  # shown the whole name, which may be that of a server, the parent may say its address
            self._minimizer.give_up()
            self._candidates.retry(self._target)
        return Believed(str(reply.kind), reply.left_out)

    def _look_for_parent(self, reply: Reply) -> None:
        """Look for the zone right above the cut by asking for name servers, and ask there."""
        parent = zone_above(self.question.name)

        def ask_there(helper: Resolution) -> None:
            closest = self._equipment.closest_delegation(parent)
            if closest.zone != self._delegation.zone:
                self._enter(closest)
            else:
                self._finish(reply)

        self._start_helper(Question(parent, rdatatype.NS), ask_there)

    def _finish(self, reply: Reply) -> None:
        """End with a reply, and remember the servers that it named."""
        correct_header(reply)
        cap_absence(reply.message)
        self.reply = reply
        now = self._equipment.now()
        self._equipment.remember(server_entries(reply, now))
        if len(self._callers) > 1:  # it looked for a server's address, which nobody will judge
            self._equipment.remember(answer_entries(reply, UNCHECKED, now))
