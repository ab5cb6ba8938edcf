"""Programs of other projects that parts of the course use: what for, where they lie, and in which packages.

It knows: names. Whoever needs a program asks here, so that a missing one is always described in the same words.
It must not know: what the programs do, and how to run them.
Standard library only, Python 3.8 syntax: the doctor must also speak where nothing is set up yet.
"""

from __future__ import annotations

import os
import shutil
from typing import NamedTuple

SYSTEM_FOLDERS = ("/usr/sbin", "/usr/local/sbin", "/sbin", "/opt/homebrew/sbin")  # PATH often leaves them out
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


class Program(NamedTuple):
    """What a program is for, and the packages that bring it."""

    purpose: str
    debian: str  # and Ubuntu
    fedora: str
    macos: str  # Homebrew; empty: there is none


OTHER_PROGRAMS = {
    "bwrap": Program("keeping a class's code in while it is graded; tests", "bubblewrap", "bubblewrap", ""),
    "dnssec-verify": Program("BIND's checker of signed zones; tests", "bind9-utils", "bind-dnssec-utils", "bind"),
    "named-checkzone": Program("BIND's reader of zone files; tests", "bind9-utils", "bind-utils", "bind"),
    "ldns-verify-zone": Program("ldns' checker of signed zones; tests", "ldnsutils", "ldns-utils", "ldns"),
    "kzonecheck": Program("Knot's checker of zones; tests", "knot-dnssecutils", "knot-dnssecutils", "knot"),
    "dnsviz": Program("the chain of trust as DNSViz sees it; tests", "dnsviz", "dnsviz", "dnsviz"),
    "named": Program("the real BIND: lesson 10, tests", "bind9", "bind", "bind"),
    "unbound": Program("the real Unbound: lesson 10, tests", "unbound", "unbound", "unbound"),
    "unbound-host": Program("asking and validating by hand; tests", "unbound-host", "unbound-utils", "unbound"),
    "named-checkconf": Program("BIND's reader of its configuration; tests", "bind9-utils", "bind", "bind"),
    "unbound-checkconf": Program("Unbound's reader of its configuration; tests", "unbound", "unbound", "unbound"),
    "dig": Program("asking by hand: lesson 10", "bind9-dnsutils", "bind-utils", "bind"),
    "delv": Program("validating by hand: lesson 10", "bind9-dnsutils", "bind-utils", "bind"),
    "drill": Program("asking by hand, as ldns does it; tests", "ldnsutils", "ldns-utils", "ldns"),
    "kdig": Program("asking by hand, as Knot does it; tests", "knot-dnsutils", "knot-utils", "knot"),
}


def find_program(name: str) -> str | None:
    """Return where a program lies: on PATH, or where daemons are kept."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), *SYSTEM_FOLDERS])
    return shutil.which(name, path=path)


def how_to_get(name: str) -> str:
    """Return the commands that install a program, for whatever system."""
    program = OTHER_PROGRAMS.get(name, Program("", name, name, name))
    return (
        f"Debian, Ubuntu: apt install {program.debian}; Fedora: dnf install {program.fedora}; "
        f"macOS: {f'brew install {program.macos}' if program.macos else 'there is none'}"
    )
