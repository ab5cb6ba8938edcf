"""What a page without widgets shows in the theatre's place: a saved notebook, GitHub, a terminal.

It knows: how to say a moment in plain words, and in HTML that needs no style sheet.
It must not know: widgets.
"""

from html import escape

from .cache_panel import victims_lines
from .moment import Moment, Phase, set_up
from .stage import says

RUN = "Run this cell to play."


def words(moment: Moment) -> str:
    """Return a moment as plain text."""
    above, big, why = says(moment)
    lines = ["Attack theatre", set_up(moment), f"{above} {big}", why]
    if moment.phase is Phase.DECIDED:
        lines += [
            f"In the cache: {line.name} {line.type} {line.value} ({line.holds}, {line.seconds} s)"
            for line in victims_lines(moment)
        ]
        if moment.chain:
            lines += ["", moment.chain.explain()]
    return "\n".join([*lines, "" if moment.chain else RUN]).rstrip()


def page(moment: Moment) -> str:
    """Return the same as HTML."""
    above, big, why = says(moment)
    return (
        f"<h4>Attack theatre</h4><p>{escape(set_up(moment))}</p>"
        f"<p>{escape(above)} <b>{escape(big)}</b>. {escape(why)}</p><p>{RUN}</p>"
    )
