"""The colors of the chain-of-trust graph, on paper and in the dark, and the CSS that swaps them; the panels' style.

It knows: one color per role, and that each role has a hex of its own, because the CSS finds the role by the hex.
It must not know: chains, or where a picture stands.
Contrast on paper and in the dark: text at least 4.5, strokes at least 3.0 (WCAG 2.2, AA); the tests measure it.
"""

from pathlib import Path

PANELS_CSS = Path(__file__).with_name("panels.css").read_text(encoding="utf-8")

# role: (on paper, in the dark). Graphviz writes #ffffff as "white".
COLORS = {
    "ink": ("#1f2933", "#e8edf1"),
    "muted": ("#566270", "#a9b5c0"),  # verbs, remarks, what was not reached
    "paper": ("white", "#111111"),
    "band": ("#f4f6f8", "#1c2126"),  # a zone
    "rim": ("#c3ccd5", "#4a545e"),  # around a zone: decoration
    "passed": ("#0a7e90", "#4cc3d1"),
    "passed-bg": ("#e3f3f5", "#0f3036"),
    "idle": ("#74818d", "#8a97a3"),  # not reached, not used
    "failed": ("#c0271c", "#ff8378"),
    "failed-ink": ("#fffffd", "#2a0805"),
    "anchor": ("#1f2932", "#e8edf0"),
    "anchor-ink": ("#fffffe", "#111112"),
    "forged": ("#b45f06", "#e79a3c"),
    "forged-bg": ("#fff6e5", "#2b2012"),
    "forged-ink": ("#8a4600", "#f3bd7c"),
}
PAPER = {role: paper for role, (paper, _) in COLORS.items()}
FONTS = "Arial, Helvetica, 'Liberation Sans', Arimo, 'DejaVu Sans Condensed', sans-serif"

# Never prefers-color-scheme: the notebook's theme and the system's differ. As an <img> it stays a light card.
_DARK_PAGES = "[data-jp-theme-light=false],.vscode-dark,[data-theme=dark]"


def css() -> str:
    """Return the style of one SVG: colors by role, dark pages, dotted lines, the walk link by link, the focus ring."""
    paper, dark = (";".join(f"--{role}:{pair[place]}" for role, pair in COLORS.items()) for place in (0, 1))
    paint = "".join(
        f'.chain [fill="{color}"]{{fill:var(--{role})}}.chain [stroke="{color}"]{{stroke:var(--{role})}}'
        for role, color in PAPER.items()
    )
    return f".chain{{{paper}}}@media screen{{:is({_DARK_PAGES}) .chain{{{dark}}}}}{paint}{_RULES}"


# `walking` on the SVG greys every step that has no `done` yet and hides verdict and break: predict first.
_RULES = (
    ".chain .node.idle *,.chain .edge.idle path{stroke-dasharray:1.5 3}"
    ".chain.walking [class*=step_]:not(.step_0,.done)"
    "{--passed:var(--idle);--passed-bg:var(--paper);--failed:var(--idle);--muted:var(--idle)}"
    ".chain.walking :is(.failed:not(.done),.gap:not(.done),.graph>text:not([font-size='13.00'])){visibility:hidden}"
    ".chain .node:focus-visible{outline:2px solid var(--ink);outline-offset:3px}"
    ".chain .node[aria-pressed=true] :is(path,polygon,polyline,ellipse){stroke-width:3.5}"
    "@media (prefers-reduced-motion:no-preference){.chain *{transition:fill .3s,stroke .3s}}"
)
