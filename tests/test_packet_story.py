"""The packet story: who sent what to whom and when, what became of it, and which of it was forged."""

import re
import xml.etree.ElementTree as ElementTree

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
from dns.message import Message

from dnsseclab.internet.attack import Scene, Setup
from dnsseclab.protocol.messages import Datagram, Endpoint, make_query, to_bytes
from dnsseclab.protocol.story import Asked, Believed, Fate, Ignored, Reason, Rejected, Story
from dnsseclab.views.packet_story import FIRST_ROWS, LAST_ROWS, Table, packet_story

VICTIM, RESOLVER = Endpoint("192.0.2.99", 40000), Endpoint("192.0.2.53", 10053)
SERVER, SECOND, ROOT = (Endpoint(address, 53) for address in ("192.0.2.21", "198.51.100.21", "192.0.2.1"))
LABELS = {
    "192.0.2.99": "browser",
    "192.0.2.53": "resolver",
    "192.0.2.21": "bank's server",
    "192.0.2.1": "root's server",
}
FAKE = "203.0.113.66"


def label(address: str) -> str:
    return LABELS.get(address, address)


def is_forged(datagram: Datagram) -> bool:
    return bytes([203, 0, 113, 66]) in datagram.payload


def ask(name: str = "www.bank.example", rdtype: str = "A", number: int = 48213, client: bool = False) -> Message:
    return make_query(name, rdtype, id=number, recursion_desired=client)


def reply(query: Message, *answer: str, rcode: int = 0) -> Message:
    """Return a reply; each answer is a record in text."""
    message = dns.message.make_response(query)
    message.flags |= dns.flags.AA
    message.set_rcode(dns.rcode.Rcode(rcode))
    message.answer = [dns.rrset.from_text(*text.split(" ", 4)) for text in answer]
    return message


def send(source: Endpoint, destination: Endpoint, message: Message) -> Datagram:
    return Datagram(source, destination, to_bytes(message))


def told(*events: tuple[float, Datagram, Fate], **options: bool) -> Table:
    story = Story()
    for at, datagram, fate in events:
        story.add(100 + at, datagram, fate)
    return packet_story(story, is_forged=is_forged, label=label, started=100, **options)


def forged_answer(number: int = 48213) -> Datagram:
    return send(SERVER, RESOLVER, reply(ask(number=number), f"www.bank.example. 60 IN A {FAKE}"))


# ---- one row ----


def test_the_first_question_is_asked_in_full_and_its_id_is_of_no_interest():
    table = told(
        (0, send(VICTIM, RESOLVER, ask(client=True)), Asked()), (0.001, send(RESOLVER, SERVER, ask()), Asked())
    )
    first, second = table.rows
    assert (first.when, first.route, first.fate) == ("0", "browser → resolver", "asked")
    assert first.says == "Where is www.bank.example?"
    assert (second.when, second.route, second.says) == ("1", "resolver → bank's server", "Same question. ID 48213")


def test_a_forgery_says_whose_address_it_bears():
    row = told((0, send(RESOLVER, SERVER, ask()), Asked()), (0.3, forged_answer(), Believed())).rows[1]
    assert row.forged and row.decisive
    assert row.route == "attacker, as bank's server → resolver"
    assert row.says == f"{FAKE}, ID 48213"
    assert (row.sign, row.fate, row.why) == ("✔", "believed", "")


def test_forgeries_with_one_fate_are_one_row_with_their_number_and_time():
    wrong = [(0.003 + n / 1000, forged_answer(n), Ignored(Reason.WRONG_ID)) for n in range(1500)]
    (row,) = told(*wrong).rows
    assert (row.when, row.says) == ("3–1,502", f"1,500 replies: {FAKE}")
    assert (row.sign, row.fate, row.why) == ("–", "ignored", ", wrong ID")


def test_a_rejected_reply_says_what_the_chain_lacked():
    row = told((0.3, forged_answer(), Rejected("signature-present", "no signature"))).rows[0]
    assert (row.sign, row.fate, row.why) == ("✘", "rejected", ": no signature")


def test_what_was_left_out_of_a_believed_reply_is_named():
    row = told((0, forged_answer(), Believed(left_out=("www.foundry81.com A",), verified=True))).rows[0]
    assert row.why == ", verified; left out: www.foundry81.com A"


def test_a_forged_reply_shows_what_else_it_carries():
    message = reply(ask("x7.bank.example"), f"x7.bank.example. 60 IN A {FAKE}")
    message.authority = [dns.rrset.from_text("bank.example.", 60, "IN", "NS", "evil.bank.example.")]
    message.additional = [
        dns.rrset.from_text("evil.bank.example.", 60, "IN", "A", FAKE),
        dns.rrset.from_text("www.foundry81.com.", 60, "IN", "A", FAKE),
    ]
    row = told((0, send(SERVER, RESOLVER, message), Believed())).rows[0]
    assert f"new server for bank.example at {FAKE}; www.foundry81.com is at {FAKE}" in row.says


def test_the_one_who_asked_gets_the_answer_or_an_error():
    start = (0.0, send(VICTIM, RESOLVER, ask(client=True)), Asked())
    good = send(RESOLVER, VICTIM, reply(ask(), "www.bank.example. 60 IN A 192.0.2.20"))
    bad = send(RESOLVER, VICTIM, reply(ask(), rcode=dns.rcode.SERVFAIL))
    rows = told(start, (0.1, good, Believed()), (0.2, bad, Believed())).rows
    assert [(row.says, row.fate) for row in rows[1:]] == [("192.0.2.20", "the answer"), ("SERVFAIL", "an error")]


def test_bytes_that_are_no_message_are_counted_not_parsed():
    row = told((0, Datagram(SERVER, RESOLVER, b"\x00\x01garbage"), Ignored(Reason.MALFORMED))).rows[0]
    assert row.says == "9 bytes that are no DNS message"


def test_keys_ds_and_aliases_are_said_in_their_own_words():
    keys = "bank.example. 60 IN DNSKEY 257 3 13 " + "A" * 86 + "=="
    says = [
        told((0, send(SERVER, RESOLVER, reply(ask(), record)), Believed())).rows[0].says
        for record in (
            keys,
            "bank.example. 60 IN DS 4711 13 2 " + "ab" * 32,
            "shop.bank.example. 60 IN CNAME www.bank.example.",
            "bank.example. 60 IN MX 10 mail.bank.example.",
        )
    ]
    assert re.fullmatch(r"key \d+", says[0])
    assert says[1:] == ["DS: key 4711", "shop.bank.example is called www.bank.example", "MX 10 mail.bank.example."]


# ---- the table ----


def test_html_is_a_table_with_every_role_spelled_out():
    table = told((0, send(RESOLVER, SERVER, ask()), Asked()), (0.3, forged_answer(), Ignored(Reason.WRONG_ID)))
    markup = table.html[table.html.index("<div") :]
    root = ElementTree.fromstring(markup)
    assert root.find("table").get("role") == "table"
    assert {element.get("role") for element in root.iter("td")} == {"cell"}
    assert len(list(root.iter("tr"))) == 3
    (tag,) = [span for span in root.iter("span") if span.get("class") == "dl-tag dl-lie"]
    assert tag.text == "FORGED"
    assert all(span.text for span in root.iter("b")), "a fate is a word; its sign is hidden from screen readers"


def test_text_has_the_same_columns():
    table = told((0, send(RESOLVER, SERVER, ask()), Asked()), (0.3, forged_answer(), Ignored(Reason.WRONG_ID)))
    head, first, second = table.text.splitlines()
    assert head.split() == ["ms", "from", "→", "to", "says", "fate"]
    assert f"FORGED {FAKE}, ID 48213" in second and second.endswith("– ignored, wrong ID")
    assert first.index("resolver") == second.index("attacker")


def test_jupyter_gets_both_forms():
    table = told((0, send(RESOLVER, SERVER, ask()), Asked()))
    assert table._repr_mimebundle_() == {"text/plain": table.text, "text/html": table.html}
    assert str(table) == table.text


def test_an_empty_story_is_an_empty_table():
    assert packet_story(Story()).rows == ()
    assert "<tbody" in packet_story(Story()).html


def test_hostile_records_stay_text():
    message = reply(ask(), 'www.bank.example. 60 IN TXT "<script>alert(1)</script>"')
    markup = told((0, send(SERVER, RESOLVER, message), Ignored(Reason.USELESS, "<b>&"))).html
    assert "<script" not in markup and "<b>&" not in markup


# ---- told briefly ----


def lookup(*servers: Endpoint, rdtype: str = "DNSKEY", **fate: bool) -> list[tuple[float, Datagram, Fate]]:
    events: list[tuple[float, Datagram, Fate]] = []
    for number, server in enumerate(servers):
        query = ask("bank.example", rdtype, number)
        answer = reply(query, "bank.example. 60 IN DNSKEY 257 3 13 " + "A" * 86 + "==")
        events.append((number / 10, send(RESOLVER, server, query), Asked()))
        events.append((number / 10 + 0.05, send(server, RESOLVER, answer), Believed(**fate)))
    return events


def test_keys_and_ds_in_a_row_share_a_row():
    (row,) = told(*lookup(SERVER, ROOT, SECOND, verified=True), brief=True).rows
    assert (row.when, row.route, row.says) == ("0–250", "resolver ↔ 3 servers", "3 replies: keys and DS")
    assert (row.fate, row.why) == ("believed", ", verified")


def test_a_single_one_still_says_what_it_brought():
    (row,) = told(*lookup(SERVER), brief=True).rows
    assert row.route == "resolver ↔ bank's server" and row.says.startswith("key ")


def test_a_forgery_never_shares_a_row_with_anything_real():
    question, answer = lookup(SERVER)
    lie = send(SERVER, RESOLVER, reply(ask(), f"www.bank.example. 60 IN A {FAKE}"))
    rows = told(question, (0.01, lie, Ignored(Reason.WRONG_ID)), answer, brief=True).rows
    assert [row.forged for row in rows] == [False, True, False]
    assert len(told(*lookup(SERVER), (0.2, lie, Believed()), *lookup(ROOT), brief=True).rows) == 3


def test_the_middle_of_a_long_story_is_counted():
    events = [(n / 10, send(RESOLVER, SERVER, ask(number=n)), Asked()) for n in range(100)]
    rows = told(*events, brief=True).rows
    assert len(rows) == FIRST_ROWS + 1 + LAST_ROWS
    assert rows[FIRST_ROWS].says == f"{100 - FIRST_ROWS - LAST_ROWS} rows more"
    assert len(told(*events).rows) == 100


# ---- a real story ----


def test_the_story_of_a_real_sweep_adds_up():
    scene = Scene(Setup(attack="blind-sweep"))
    result = scene.play()
    options = {"is_forged": result.is_forged, "label": scene.network.label, "started": result.started}
    table = packet_story(result.story, **options)
    forged = sum(event.count for event in result.story if result.is_forged(event.datagram))
    counts = [int(found.replace(",", "")) for row in table.rows for found in re.findall(r"^([\d,]+) replies", row.says)]
    singles = sum(row.forged and "replies" not in row.says for row in table.rows)
    assert sum(counts) + singles == forged == 65536
    assert len(packet_story(result.story, brief=True, **options).rows) < len(table.rows)
