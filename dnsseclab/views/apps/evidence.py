"""The evidence: the chain of trust at the left, the packets at the right, as HTML and SVG.

It knows: which picture belongs to a moment, and which box of it deserves the first look.
It must not know: how pictures and tables are made; the other views do that.
"""

from html import escape

from ...internet.attack import Result
from ...protocol.describing import shorten
from ...protocol.names import show_name
from ...protocol.story import Story
from ...protocol.trust import ChainOfTrust, SecurityStatus
from ..chain_graph import chain_graph
from ..item_details import item_details
from ..packet_story import packet_story
from .moment import Moment, Phase
from .unchecked import BELIEVED, unchecked_details, unchecked_way


def graph(moment: Moment, uid: str) -> str:
    """Return the chain on show, or the way that nobody checked, as SVG; in words where nothing can draw."""
    chain = moment.chain
    if chain is None or moment.judged is None:
        drawing = unchecked_way(moment, uid)
    else:
        drawing = chain_graph(chain, moment.judged.forged_items(chain), compact=True, uid=uid)
    return drawing.svg or f"<pre>{escape(drawing.text)}</pre>"


def first_chain(result: Result) -> int:
    """Return the place of the chain to look at first: the first one that broke, else the one that decided."""
    broken = (place for place, chain in enumerate(result.chains) if chain.first_failure)
    return next(broken, max(0, len(result.chains) - 1))


def first_box(moment: Moment) -> str:
    """Return the box to look at first: the one that the chain failed to reach, else the answer."""
    chain = moment.chain
    if chain is None:
        return BELIEVED if moment.opened in ("bank", "attacker") else ""
    return (chain.first_failure or chain.links[-1]).target.id if chain.links else ""


def details(moment: Moment) -> str:
    """Return what was checked at the chosen box."""
    chain = moment.chain
    if chain is None:
        return unchecked_details(moment)
    return item_details(chain, moment.box, now=moment.scene.clock())


def chain_choices(moment: Moment) -> tuple[tuple[str, int], ...]:
    """Return the chains worth a look, as pairs of a name and its place in the result.

    That is every chain about the victim's question, and every other one that broke; a Kaminsky attack has dozens
    about names that nobody will ever ask for again.
    """
    result = moment.judged
    if result is None:
        return ()
    victims = result.setup.question
    chosen = [
        (place, chain) for place, chain in enumerate(result.chains) if chain.question == victims or chain.first_failure
    ]
    return tuple((f"reply {number}: {_words(result, chain)}", place) for number, (place, chain) in enumerate(chosen, 1))


def _words(result: Result, chain: ChainOfTrust) -> str:
    """Return who made a reply and what became of it; for another name than the victim's, that name as well."""
    about = "" if chain.question == result.setup.question else f", for {shorten(show_name(chain.question.name), 24)}"
    return f"{'forged' if result.forged_items(chain) else 'real'}, {ENDINGS[chain.status]}{about}"


ENDINGS = {
    SecurityStatus.SECURE: "verified",
    SecurityStatus.BOGUS: "rejected",
    SecurityStatus.INSECURE: "not signed",
    SecurityStatus.INDETERMINATE: "not provable",
    SecurityStatus.UNCHECKED: "not checked",
}


def story(moment: Moment, every_packet: bool) -> str:
    """Return the packets that came so far, all of them or in brief; before the first one, who will send some."""
    performance = moment.performance
    if moment.phase is Phase.DECIDED and moment.result is not None:
        events, started, network = moment.result.story, moment.result.started, moment.result.network
    elif performance is not None and performance.events:
        events, started = Story(performance.events), performance.events[0].at
        network = performance.network
    else:
        return cast(moment)
    table = packet_story(
        events, is_forged=network.is_forged, label=network.label, started=started, brief=not every_packet
    )
    return table.html


def cast(moment: Moment) -> str:
    """Return who is who, before anything happens."""
    victim, owner = escape(moment.setup.victim), escape(moment.setup.owner)
    true = moment.scene.world.truth(moment.setup.victim, "A")
    address = f", {true[0].address}" if true else ""
    sees = "sees every question and may replace every reply" if moment.attack.on_path else "can't see its questions"
    who = {
        "victim": f"wants to open {victim}; the browser asks the resolver where that is",
        "resolver": "looks it up for all its users, and remembers the answer in its cache",
        f"{owner.removeprefix('the ')}'s server": f"knows the true address{address}",
        "attacker": f"can send the resolver anything, under any sender's name; {sees}",
    }
    if moment.setup.attack == "none":
        del who["attacker"]
    rows = "".join(f"<dt>{name}</dt><dd>{does}</dd>" for name, does in who.items())
    return f'<p class="dl-empty">No packet yet. Who will send some:</p><dl class="dl-facts dl-cast">{rows}</dl>'
