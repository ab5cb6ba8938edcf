"""`rollover_timeline`: what a zone published when, and which resolvers were dark, with a clock to drag.

It knows: how to hand bands and sentences to the page, where the clock moves without asking anybody (timeline.js).
It must not know: why anybody went dark. A population has been through it, and wrote it down.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import traitlets

from ...authority.keys import Key
from ...authority.rollover import Publication
from ...internet.population import History, Stage
from ...protocol.dnssec import algorithm_name
from ...protocol.names import LabError
from .assets import read
from .worded import WordedWidget

CLOCK_STEP = 300  # seconds, as in timeline.js
Band = tuple[int, int, str]  # from, until (seconds since the first step), and 'signing', 'published', 'ds' or 'dark'


def rollover_timeline(history: History) -> "RolloverTimeline":
    """Show what a population of resolvers went through; let it be the last line of a cell.

    Drag the clock, or move it with the arrow keys. In words: `print(history)`.

    Raises:
        LabError: That is no history.
    """
    if not isinstance(history, History):
        raise LabError(f"{type(history).__name__} is no history: pass what `watch(roll(...))` returns.")
    return RolloverTimeline(history)


class RolloverTimeline(WordedWidget):
    """Bands over time: keys in the zone, DS at the parent, resolvers without an answer."""

    _esm = read("keyboard.js", "elements.js", "timeline.js")
    _css = read("palette.css", "timeline.css")

    begins, ends = traitlets.Int().tag(sync=True), traitlets.Int().tag(sync=True)  # seconds since the first step
    rows: traitlets.List = traitlets.List().tag(sync=True)  # [group, label, [[from, until, kind], ...]]
    steps: traitlets.List = traitlets.List().tag(sync=True)  # [at, what is done]
    moments: traitlets.List = traitlets.List().tag(sync=True)  # [at, sentences that hold from then on]
    ticks: traitlets.List = traitlets.List().tag(sync=True)  # [at, how the time is written]

    def __init__(self, history: History) -> None:
        self._history = history
        begins = (history.answers[0].at if history.answers else 0) // CLOCK_STEP * CLOCK_STEP
        super().__init__(
            begins=begins,
            ends=history.until,
            rows=[[group, label, [list(band) for band in bands]] for group, label, bands in _rows(history, begins)],
            steps=[[stage.at, stage.step] for stage in history.stages[1:]],
            moments=[[at, _sentences(history, at)] for at in _moments(history, begins)],
            ticks=[[at, f"{at // 3600:+} h"] for at in _ticks(begins, history.until)],
        )

    def __repr__(self) -> str:
        return str(self._history)


def _rows(history: History, begins: int) -> Iterator[tuple[str, str, Sequence[Band]]]:
    """Yield each row of the picture: its group, its label, and its bands."""
    for key in _every(history, lambda publication: publication.published):
        yield "Keys of the zone", show_key(key, history), _bands(history, begins, partial(_use, key))
    for key in _every(history, lambda publication: publication.ds):
        yield "DS at the parent", f"names {key.role} {key.tag}", _bands(history, begins, partial(_named, key))
    for number in range(history.resolvers):
        dark = [(each.begins, each.ends, "dark") for each in history.outages if each.resolver == number]
        yield "Resolvers", f"resolver {number + 1}", dark


def _named(key: Key, now: Publication) -> str:
    """Return whether the parent's DS names a key."""
    return "ds" if key in now.ds else ""


def _use(key: Key, now: Publication) -> str:
    """Return what a key is good for: it signs, it is only published, or neither."""
    if key not in now.published:
        return "unpublished" if key in now.signing else ""
    return "signing" if key in now.signing else "published"


def show_key(key: Key, history: History) -> str:
    """Return a key in a few words: 'ZSK 12345, new'."""
    new = "" if key in history.stages[0].publication.published else ", new"
    return f"{key.role} {key.tag} ({algorithm_name(key.algorithm)}){new}"


def _every(history: History, keys: Callable[[Publication], Sequence[Key]]) -> list[Key]:
    """Return every key that ever stands somewhere, in order of appearance; also one that only signs."""
    seen = (key for stage in history.stages for key in (*keys(stage.publication),))
    return list(dict.fromkeys(seen))


def _bands(history: History, begins: int, kind: Callable[[Publication], str]) -> list[Band]:
    """Return the stretches of time in which something is so, stage by stage; equal neighbors are one."""
    bands: list[Band] = []
    for stage, until in zip(history.stages, [*(stage.at for stage in history.stages[1:]), history.until], strict=True):
        now = kind(stage.publication)
        start = max(stage.at, begins)
        if not now or start >= until:
            continue
        if bands and bands[-1][1:] == (start, now):
            start = bands.pop()[0]
        bands.append((start, until, now))
    return bands


def _moments(history: History, begins: int) -> list[int]:
    """Return every moment at which something changes."""
    steps = {stage.at for stage in history.stages[1:]}
    outages = {moment for outage in history.outages for moment in (outage.begins, outage.ends)}
    return sorted({begins} | steps | {moment for moment in outages if moment <= history.until})


def _sentences(history: History, at: int) -> list[str]:
    """Return what there is to say about a moment."""
    stage, dark = history.stage_at(at), [each for each in history.outages if each.begins <= at < each.ends]
    said = [
        "Before the first step." if stage is history.stages[0] else f"Done last: {stage.step}.",
        *_published(stage),
        f"{len(dark)} of {history.resolvers} resolvers have no answer for their users.",
    ]
    if dark:
        rules = sorted({each.rule for each in dark})
        said.append(f"Failed: {', '.join(rules)}.")
    return said


def _published(stage: Stage) -> Iterator[str]:
    now = stage.publication
    for label, keys in (("In the DNSKEY RRset", now.published), ("Signing", now.signing), ("DS names", now.ds)):
        yield f"{label}: {', '.join(f'{key.role} {key.tag}' for key in keys) or 'none'}."


def _ticks(begins: int, ends: int) -> list[int]:
    """Return round moments for the axis, between four and nine of them."""
    step = next(hours * 3600 for hours in (1, 2, 3, 6, 12, 24, 48) if (ends - begins) <= 9 * hours * 3600)
    return list(range(-(-begins // step) * step, ends + 1, step))
