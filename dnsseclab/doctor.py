"""`python3 -m dnsseclab doctor`: what is here, what is missing, and what for.

It knows: what each part of the course needs from this computer. It only looks, and installs nothing.
It must not know: how a missing thing is brought about; it names the command that does.
Standard library only, Python 3.8 syntax: it must also speak where nothing is set up yet.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from . import __version__, bootstrap
from .programs import BROWSERS, OTHER_PROGRAMS, find_program, how_to_get

METRIC_FONTS = ("Arial", "Helvetica", "Liberation Sans", "Arimo", "Nimbus Sans")  # as wide as the pictures assume


class Finding(NamedTuple):
    """One line of the report."""

    what: str
    fine: bool
    text: str
    needed: bool = False  # the course does not start without it


def main() -> int:
    """Print the report, seen from the environment that the course uses; return 0 if the course can start."""
    python = bootstrap.find_environment(bootstrap.LAB)
    if python and os.path.dirname(python) != os.path.dirname(sys.executable):
        return bootstrap.run([python, "-m", "dnsseclab", "doctor"], bootstrap.environment_variables(python))
    findings = list(examine(is_set_up=python is not None))
    print(f"dnsseclab {__version__} in {bootstrap.ROOT}\n")
    for finding in findings:
        print(f"  {'ok' if finding.fine else '--':4}{finding.what:18}{finding.text}")
    failed = any(finding.needed and not finding.fine for finding in findings)
    print("\n" + ("The course cannot start yet." if failed else "The course can start."))
    return int(failed)


def examine(is_set_up: bool) -> Iterator[Finding]:
    """Yield every finding: first what the course needs, then what only parts of it use."""
    yield _python(is_set_up)
    yield Finding("package", True, str(Path(__file__).resolve().parent))
    yield _packages(is_set_up)
    if is_set_up:
        yield _kernel()
        yield _graphviz()
    yield fonts(sys.platform)
    yield _test_packages()
    browser = find_browser()
    yield Finding(
        "chromium", bool(browser), browser or "not found: browser tests are skipped (Debian: apt install chromium)"
    )
    for name, program in OTHER_PROGRAMS.items():
        path = find_program(name)
        advice = "" if path else f" ({how_to_get(name)})"
        yield Finding(name, bool(path), f"{path or 'not found'}: {program.purpose}{advice}")


def find_browser() -> str | None:
    """Return where a Chromium lies that the browser tests can drive."""
    return next(filter(None, map(find_program, BROWSERS)), None)


def _python(is_set_up: bool) -> Finding:
    here = "{}.{}.{}, {}".format(*sys.version_info[:3], sys.executable)
    if is_set_up:
        return Finding("python", True, here)
    try:
        command, version = bootstrap.suitable_python()
    except bootstrap.SetupError as error:
        return Finding("python", False, str(error), needed=True)
    return Finding("python", True, f"{here}; .venv will be made with {version}, {command[0]}")


def _packages(is_set_up: bool) -> Finding:
    if not is_set_up:
        return Finding("packages", False, "not set up yet: python3 -m dnsseclab lab does it", needed=True)
    missing = bootstrap.missing_pins(bootstrap.LAB)
    if missing:  # the stamp says ready, and somebody changed it since
        text = f"missing or of another version: {', '.join(missing)}; remove .venv, and the lab makes it anew"
        return Finding("packages", False, text, needed=True)
    return Finding("packages", True, "all that requirements.txt lists")


def _test_packages() -> Finding:
    missing = bootstrap.missing_pins(bootstrap.TESTS)
    text = (
        f"{len(missing)} packages missing: python3 -m dnsseclab test installs them" if missing else "all packages here"
    )
    return Finding("tests", not missing, text)


def _kernel() -> Finding:
    """Find the kernel that a notebook gets, by asking Jupyter under the same variables as the lab."""
    command = [sys.executable, "-m", "jupyter", "kernelspec", "list", "--json"]
    answer = bootstrap.output_of(command, env=bootstrap.environment_variables(sys.executable))
    folder = Path(json.loads(answer or "{}").get("kernelspecs", {}).get("python3", {}).get("resource_dir", ""))
    ours = Path(sys.prefix) in folder.parents
    advice = "" if ours else ": not this environment's; notebooks may run elsewhere"
    return Finding("kernel", ours, f"python3 from {folder}{advice}", needed=True)


def _graphviz() -> Finding:
    from .views import dot_backend  # newer syntax, so not before the environment is there

    dot = dot_backend.find_dot()
    return Finding("graphviz", bool(dot), str(dot or dot_backend.MISSING))


def fonts(platform: str) -> Finding:
    """Pictures are laid out for Arial; a font of another width leaves gaps or runs over the edge of a box."""
    if platform in ("win32", "darwin"):
        return Finding("fonts", True, "Arial comes with this system")
    family = bootstrap.output_of(["fc-match", "-f", "%{family}", "Arial"])
    if family is None:
        return Finding("fonts", True, "unknown, for want of fontconfig; only the browser's fonts matter")
    fine = family.startswith(METRIC_FONTS)
    advice = "" if fine else ", and is wider or narrower (Debian: apt install fonts-liberation)"
    return Finding("fonts", fine, f"{family} stands for Arial{advice}")
