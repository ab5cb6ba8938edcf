"""DNS cookies: the client's part of RFC 7873."""

import random

from dns.edns import CookieOption
from handmade import reply_to, resolution

from dnsseclab.protocol.messages import parse
from dnsseclab.protocol.story import Believed, Ignored, Reason
from dnsseclab.resolver.cookies import CookieJar

ANSWER = ["www.bank.com. 3600 A 192.0.2.20"]


def sent_cookie(query):
    return next(option for option in parse(query.payload).options if isinstance(option, CookieOption))


def with_cookie(client, server=b""):
    """Return a change to a reply: that it carries a cookie."""
    return lambda message: message.use_edns(0, 0, 1232, options=[CookieOption(client, server)])


def test_without_the_switch_no_cookie_is_sent():
    assert not parse(resolution().next_query().payload).options


def test_a_reply_with_our_cookie_is_taken_and_one_with_another_is_ignored():
    asking = resolution(cookies=True)
    query = asking.next_query()
    ours = sent_cookie(query).client
    forged = reply_to(query, ANSWER, alter=with_cookie(bytes(8), bytes(8)))
    assert asking.receive(forged) == Ignored(Reason.WRONG_COOKIE)
    assert type(asking.receive(reply_to(query, ANSWER, alter=with_cookie(ours, bytes(8))))) is Believed


def test_a_server_that_knows_no_cookies_is_believed_until_it_has_shown_that_it_does():
    """RFC 7873 §5.3: a forger must not get around the cookie by leaving it out."""
    jar = CookieJar(random.Random(1))
    query = resolution(cookies=True).next_query()
    bare = parse(reply_to(query, ANSWER).payload)
    assert jar.accepts("192.0.2.1", bare)
    ours = jar.option_for("192.0.2.1").client
    assert jar.accepts("192.0.2.1", parse(reply_to(query, ANSWER, alter=with_cookie(ours, b"serverid")).payload))
    assert not jar.accepts("192.0.2.1", bare)
    assert jar.accepts("192.0.2.2", bare)
    assert jar.option_for("192.0.2.1").server == b"serverid"


def test_each_server_gets_another_cookie():
    jar = CookieJar(random.Random(1))
    assert jar.option_for("192.0.2.1").client != jar.option_for("192.0.2.2").client


def test_a_server_that_refuses_the_cookie_is_asked_over_tcp():
    asking = resolution(cookies=True)
    query = asking.next_query()
    ours = sent_cookie(query).client

    def refuse(message):
        with_cookie(ours, b"new-cook")(message)
        message.set_rcode(23)

    assert asking.receive(reply_to(query, alter=refuse)).reason is Reason.USELESS
    again = asking.next_query()
    assert (again.transport, again.destination) == ("tcp", query.destination)
    assert sent_cookie(again).server == b"new-cook"
