"""The stage: what the victim's browser opened, and why; while the race is on, who is ahead.

It knows: how to say a moment in HTML, and in plain words for pages without widgets.
It must not know: verdicts. Headline and reason are the result's own.
"""

from html import escape

from .facts import facts
from .moment import Moment, Phase

ICONS = {
    "bank": '<circle cx="12" cy="12" r="9.5"/><path d="m7.5 12.4 3 3 6-6.4"/>',
    "attacker": '<path d="M12 3 22 20H2Z"/><path d="M12 10v4.5M12 17.4v.1"/>',
    "error": '<circle cx="12" cy="12" r="9.5"/><path d="M7 12h10"/>',
}
PAGES = {  # owner: title, greeting, sign over the door
    "the bank": ("Example Bank", "Welcome. Please sign in.", "M2 7 9 2l7 5M3 15.5h12M4.5 7.5v6M9 7.5v6M13.5 7.5v6"),
    "the foundry": ("Foundry 81", "Castings made to order. Please sign in.", "M2 15.5h14V7l-4.5 3.5V7L7 10.5V3H3.5z"),
}


def browser(moment: Moment) -> str:
    """Return the victim's browser. The fake page looks exactly like the real one: the victim sees no difference."""
    kind = moment.opened
    seen, page, truth = _page(moment, kind)
    site = " dl-br-site" if kind in ("bank", "attacker") else ""
    strip = f'<div class="dl-br-truth">{truth}</div>' if truth else ""
    return (
        f'<div class="dl-br dl-is-{kind or "empty"}" role="img" aria-label="The victim\'s browser. {escape(seen)}.">'
        f'<div class="dl-br-bar"><i></i><i></i><i></i><span>{escape(moment.setup.victim)}</span></div>'
        f'<div class="dl-br-page{site}">{page}</div>{strip}</div>'
    )


def _page(moment: Moment, kind: str) -> tuple[str, str, str]:
    """Return what the page is, the page, and the strip below it that only the learner sees."""
    owner, victim = moment.setup.owner, escape(moment.setup.victim)
    address = f'<span class="dl-mono">{escape(str(moment.result.address))}</span>' if moment.result else ""
    if kind == "bank":
        return f"{owner.capitalize()}'s real page", _site(owner), f"{address}, {owner}'s server"
    if kind == "attacker":
        hidden = f"Hidden from the victim: this is {address}, the attacker's server"
        return f"The attacker's copy of {owner}'s page", _site(owner), hidden
    if kind == "error":
        words = f'<div class="dl-br-note">The name {victim} could not be looked up.</div>'
        return "An error page", f'<div class="dl-br-brand">This page can\'t be opened</div>{words}', ""
    if moment.running:
        return "Still loading", '<div class="dl-br-note">Looking up the address …</div>', ""
    return "An empty page", '<div class="dl-br-note">Nothing opened yet.</div>', ""


def _site(owner: str) -> str:
    title, greeting, sign = PAGES[owner]
    drawn = f'<svg viewBox="0 0 18 18" aria-hidden="true"><path d="{sign}"/></svg>'
    field = '<div class="dl-br-field"></div>'
    return (
        f'<div class="dl-br-brand">{drawn}{title}</div><div>{greeting}</div>'
        f'{field}{field}<div class="dl-br-button"></div>'
    )


def outcome(moment: Moment) -> str:
    """Return headline, reason and facts."""
    above, big, why = says(moment)
    icon = ICONS.get(moment.opened, "")
    icon = f'<svg viewBox="0 0 24 24" aria-hidden="true">{icon}</svg>' if icon else ""
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{value}</dd>" for name, value in facts(moment))
    return (
        f'<div class="dl-eyebrow">{escape(above)}</div>'
        f'<div class="dl-big" role="heading" aria-level="4">{icon}{escape(big)}</div>'
        f'<p class="dl-why">{escape(why)}</p>' + (f'<dl class="dl-facts">{rows}</dl>' if rows else "")
    )


def says(moment: Moment) -> tuple[str, str, str]:
    """Return the line above the headline, the headline, and the sentence below it."""
    match moment.phase:
        case Phase.RACING:
            return "The browser is waiting", "Who answers first?", _waiting(moment)
        case Phase.PAUSED:
            at = f"{moment.progress.at:.0f} ms" if moment.progress else "the start"
            return "The browser is waiting", f"Paused at {at}", _waiting(moment)
        case Phase.STOPPED:
            sent = f"{moment.forged_sent:,} forged repl{'y' if moment.forged_sent == 1 else 'ies'}"
            why = f"You stopped the race after {sent}. The question was given up and the cache is as it was."
            return "The browser opened:", "nothing", why
        case Phase.BROKEN:
            why = f"Something in the theatre itself went wrong: {moment.trouble}."
            return "The theatre stopped:", "our mistake", f"{why} The world is as before; Reset starts anew."
        case Phase.DECIDED if moment.result:
            return "The browser opened:", moment.result.headline, moment.result.why
    ready = "nobody interferes" if moment.setup.attack == "none" else "an attacker is ready to answer first"
    why = f"The victim is about to open {moment.setup.victim}. The browser asks the resolver for the address"
    return "The browser opened:", "nothing yet", f"{why}, and {ready}."


def _waiting(moment: Moment) -> str:
    if moment.attack.on_path:
        return "The attacker sees the question, so no number in it needs to be guessed."
    return "The attacker can't see the question, so each reply is a guess."


def race(moment: Moment) -> str:
    """Return both bars and what they mean in numbers; nothing if no race is on."""
    now = moment.progress
    if not moment.running or now is None:
        return ""
    sent = 100 * now.forged_sent // now.forged_total if now.forged_total else 0
    real = min(100, int(100 * now.at / now.real_reply_due)) if now.real_reply_due else 0
    due = f" The real reply is due at {now.real_reply_due:.0f} ms." if now.real_reply_due else ""
    count = f"{now.forged_sent:,} of {now.forged_total:,} forged replies sent.<br>" if now.forged_total else ""
    return (
        f'<div class="dl-race">{_bar("Attacker", sent, "dl-lie")}{_bar("Real reply", real, "")}'
        f'<div class="dl-readout">{count}Virtual time {now.at:.0f} ms.{due}</div></div>'
    )


def _bar(name: str, percent: int, kind: str) -> str:
    return (
        f'<span aria-hidden="true">{name}</span><div class="dl-bar {kind}" role="progressbar" aria-label="{name}" '
        f'aria-valuemin="0" aria-valuemax="100" aria-valuenow="{percent}"><i style="width:{percent}%"></i></div>'
    )
