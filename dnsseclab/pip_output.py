"""What pip says, put for people: a count that grows, and one sentence when it fails.

It knows: the words of pip's output.
It must not know: what is being installed, or where. Standard library only, Python 3.8 syntax, as bootstrap.py.
"""

from __future__ import annotations

import sys

PIP_FAILURES = (
    # what pip says, and what a person should do
    (
        ("No space left", "Errno 28", "Disk quota"),
        "The disk, or the one for temporary files, is full: make room for 700 MB, then try again.",
    ),
    (
        ("CERTIFICATE_VERIFY_FAILED", "SSLError"),
        "The package index shows a certificate that Python does not trust: tell pip about your network's certificate "
        "(PIP_CERT), then try again.",
    ),
    (
        ("NewConnectionError", "ConnectTimeout", "ReadTimeout", "Read timed out", "ProxyError", "ConnectionResetError",
         "name resolution", "Connection refused", "Network is unreachable"),
        "The package index cannot be reached: check the network (behind a proxy, set HTTPS_PROXY), then try again.",
    ),
)  # fmt: skip


def why_pip_failed(log: str) -> str | None:
    """Return one sentence that says what to do about a failed installation; None for a failure of another kind."""
    return next((advice for signs, advice in PIP_FAILURES if any(sign in log for sign in signs)), None)


class Progress:
    """Turns what pip says into a count that grows: in place on a terminal, a line now and then elsewhere."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.fetched = 0
        self.open_line = False

    def see(self, line: str) -> None:
        """Take one line of pip's output."""
        if line.startswith(("Collecting ", "Processing ", "Requirement already satisfied")):
            self.fetched = min(self.fetched + 1, self.total)
            self._show_count()
        elif line.startswith("Installing collected packages"):
            self.end()
            say("  3 of 3  Installing them")

    def end(self) -> None:
        """Leave the line that is being rewritten."""
        if self.open_line:
            say("")
        self.open_line = False

    def _show_count(self) -> None:
        text = f"  2 of 3  Fetching packages: {self.fetched} of {self.total}"
        if sys.stdout.isatty():
            say("\r" + text, end="")
            self.open_line = True
        elif self.fetched == 1 or self.fetched % 25 == 0:
            say(text)


def say(text: str, end: str = "\n") -> None:
    """Print a line of progress at once, even into a pipe."""
    print(text, end=end, flush=True)
