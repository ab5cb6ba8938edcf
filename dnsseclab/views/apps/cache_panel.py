"""The resolver's cache in words: one line for the outcome, a table for the panel.

It knows: how to say what is remembered, and for how long.
It must not know: what may be remembered, or which entry is forged; the scene says so.
"""

from html import escape

from ...internet.attack import CacheLine
from ...protocol.describing import shorten
from ...protocol.dnssec import show_duration
from .moment import Moment

MOST_LINES = 8


def victims_lines(moment: Moment) -> list[CacheLine]:
    """Return what the cache holds for the name that the victim opens."""
    return [line for line in moment.scene.cache_lines() if line.name == moment.setup.victim]


def in_cache(moment: Moment) -> str:
    """Return that in one line of HTML, and whether anything forged is left."""
    lines = moment.scene.cache_lines()
    victims = [_sentence(line) for line in lines if line.name == moment.setup.victim] or ["Nothing for this name."]
    clean = moment.setup.attack != "none" and not any(line.holds == "forged" for line in lines)
    return " ".join([*victims, *["Nothing forged."] * clean])


def _sentence(line: CacheLine) -> str:
    if line.holds == "failure":
        return f"No address. The failure is remembered for {show_duration(line.seconds)}."
    return f"{tag(line.holds)} {_mono(line.value)} for another {show_duration(line.seconds)}."


def cache_table(moment: Moment) -> str:
    """Return the cache as a table: the victim's name, and whatever is forged; the rest is only counted."""
    lines = moment.scene.cache_lines()
    if not lines:
        return '<p class="dl-empty">Empty.</p>'
    shown = [line for line in lines if line.name == moment.setup.victim or line.holds == "forged"][:MOST_LINES]
    rows = "".join(
        f"<tr><td>{_breakable(line.name)}</td><td>{tag(line.holds)} {_mono(shorten(line.value, 40))}</td>"
        f"<td>{show_duration(line.seconds)}</td></tr>"
        for line in shown
    )
    head = "<thead><tr><th>name</th><th>holds</th><th>for another</th></tr></thead>"
    table = (
        f'<table class="dl-cache" aria-label="Resolver\'s cache">{head}<tbody>{rows}</tbody></table>' if shown else ""
    )
    return table + _others(lines, len(shown))


def _others(lines: list[CacheLine], shown: int) -> str:
    """Return one sentence about what is not in the table: servers and keys, for the next question."""
    count = len(lines) - shown
    if not count:
        return ""
    entries = f"{'Also' if shown else 'Only'} {count} entr{'y' if count == 1 else 'ies'}"
    return f'<p class="dl-empty dl-others">{entries} about name servers, keys and other names.</p>'


def tag(word: str) -> str:
    """Return a word in a frame: dashed for what is forged, solid and blue for what is verified."""
    kind = {"forged": " dl-lie", "verified": " dl-true"}.get(word, "")
    return f'<span class="dl-tag{kind}">{escape(word)}</span>'


def _mono(text: str) -> str:
    return f'<span class="dl-mono">{escape(text)}</span>'


def _breakable(name: str) -> str:
    """Return a name that may be broken after its dots where the panel is narrow."""
    return escape(name).replace(".", ".<wbr>")
