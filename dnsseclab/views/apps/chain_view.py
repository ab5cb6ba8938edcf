"""A chain of trust as a panel shows it: the graph, the verdict in a sentence, and what stands behind the chosen box.

It knows: how to look a name up in a world, and how to lay out what came of it.
It must not know: how anything is judged or drawn.
"""

from html import escape

from ...internet.network import Clock, Network
from ...internet.worlds import World
from ...protocol.describing import consequence, verdict_sentence
from ...protocol.messages import Question
from ...protocol.story import Outcome
from ...protocol.trust import ChainOfTrust
from ..chain_graph import chain_graph
from ..item_details import item_details, item_text
from .panel import View


def look_up(world: World, asked: Question) -> Outcome:
    """Return what a fresh resolver comes to that validates with the world's trust anchors, at the world's present."""
    return Network(world, clock=Clock(world.now)).resolver().resolve(asked.name, asked.rdtype)


def view_of(outcome: Outcome, asked: Question, now: int, item: str, notes: list[str]) -> View:
    """Return the first chain of an outcome, with the box on show; `notes` stand above it.

    The first, because the resolver asks again after a failure: the later ones tell the same story of a zone.
    """
    chain = outcome.chains[0] if outcome.chains else None
    if chain is None:
        verdict = f"{asked}: {outcome.status.value}. No chain: this resolver has no trust anchor, so it checks nothing."
        html = "".join(f"<p>{escape(line)}</p>" for line in (*notes, verdict))
        return View(html, "\n".join([*notes, verdict]), " ".join([*notes, verdict]))
    box = item if any(each.id == item for each in chain.items) else _first_box(chain)
    drawing = chain_graph(chain, compact=True)
    picture = drawing.svg or f"<pre>{escape(drawing.text)}</pre>"
    verdict = f"{asked}: {chain.status.value}. {verdict_sentence(chain)}"
    lines = [f"<p>{escape(note)}</p>" for note in notes]
    lines += [f"<p><b>{escape(verdict)}</b></p>", f"<p>{escape(consequence(chain))}</p>"]
    words = "".join(lines) + item_details(chain, box, now=now)
    html = f'<div class="dl-side"><div>{picture}</div><div class="dl-words">{words}</div></div>'
    text = "\n".join([*notes, chain.explain(), "", item_text(chain, box, now=now)])
    return View(html, text, " ".join([*notes[-1:], verdict]), box)


def _first_box(chain: ChainOfTrust) -> str:
    """Return the box to look at first: the one that the chain failed to reach, else the answer."""
    if not chain.links:
        return ""
    return (chain.first_failure or chain.links[-1]).target.id
