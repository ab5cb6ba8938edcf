"""A real JupyterLab in a real browser, for tests: it starts the one, drives the other, and notes what went wrong.

It knows: JupyterLab 4.6 and Playwright with a Chromium that is already installed.
It must not know: what a notebook is about.
Not named jupyterlab.py: pytest puts this folder in front of the path, where it would stand in for the package.
"""

import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from dnsseclab import doctor

CHROMIUM_SWITCHES = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip
# What a learner sees is drawn when it is scrolled to; with this, everything is there at once.
DRAW_ALL = {"@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"}}
PATIENCE = 90_000  # milliseconds: a shared machine may be slow

IDLE_KERNEL = """() => {
  const kernel = window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel;
  return kernel && kernel.status === "idle";
}"""
RUN_ALL = "() => window.jupyterapp.commands.execute('notebook:run-all-cells')"


@dataclass
class Lab:
    """A page with one notebook open in JupyterLab, and what the browser complained of."""

    page: Page
    base: str
    errors: list[str] = field(default_factory=list)  # the browser's console and uncaught exceptions
    strangers: list[str] = field(default_factory=list)  # requests to other hosts

    def run_all_cells(self) -> None:
        """Run every cell, and wait until the kernel is idle again."""
        self.page.wait_for_function(IDLE_KERNEL, timeout=PATIENCE)
        self.page.evaluate(RUN_ALL)
        self.page.wait_for_function(IDLE_KERNEL, timeout=PATIENCE)

    def set_dark(self, dark: bool) -> None:
        """Choose JupyterLab's dark or light theme."""
        theme = "JupyterLab Dark" if dark else "JupyterLab Light"
        self.page.evaluate(f"() => window.jupyterapp.commands.execute('apputils:change-theme', {{theme: '{theme}'}})")
        self.page.wait_for_selector(f"body[data-jp-theme-light={'false' if dark else 'true'}]", state="attached")

    @property
    def tracebacks(self) -> list[str]:
        """Return every traceback that stands in an output."""
        return self.page.locator("[data-mime-type='application/vnd.jupyter.stderr']").all_text_contents()


@contextmanager
def open_notebook(
    notebook: Path, scratch: Path, *, width: int = 1400, height: int = 1100, reduced_motion: bool = False
) -> Iterator[Lab]:
    """Start JupyterLab on the folder of a notebook, open it, and end both afterwards.

    Args:
        scratch: A new folder for JupyterLab's settings, so that nothing of the user's is read or changed.
    """
    with open_folder(notebook.parent, scratch) as labs:
        with labs.open(notebook.name, width=width, height=height, reduced_motion=reduced_motion) as lab:
            yield lab


@dataclass(frozen=True)
class Labs:
    """A JupyterLab on a folder, and a browser: each notebook gets a page of its own, with nothing of another's."""

    browser: Browser
    base: str
    token: str

    @contextmanager
    def open(self, name: str, *, width: int = 1400, height: int = 1100, reduced_motion: bool = False) -> Iterator[Lab]:
        """Open one of the notebooks; close it again, and end its kernel, afterwards."""
        motion = "reduce" if reduced_motion else "no-preference"
        page = self.browser.new_page(viewport={"width": width, "height": height}, reduced_motion=motion)
        lab = Lab(page, self.base)
        _listen(lab)
        page.goto(f"{self.base}/lab/tree/{name}?token={self.token}&reset")
        page.wait_for_selector(".jp-NotebookPanel .jp-Cell", timeout=PATIENCE)
        try:
            yield lab
        finally:
            page.evaluate("() => window.jupyterapp.shell.currentWidget?.sessionContext.shutdown()")
            page.close()


@contextmanager
def open_folder(folder: Path, scratch: Path, settings: dict[str, dict] | None = None) -> Iterator[Labs]:
    """Start JupyterLab on a folder, and a browser beside it, and end both afterwards.

    Args:
        settings: Of JupyterLab, as its settings editor writes them: {'@jupyterlab/extension:plugin': {...}}.
    """
    for key, values in (settings or {}).items():
        extension, plugin = key.split(":")
        file = scratch / "settings" / extension / f"{plugin}.jupyterlab-settings"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(values), encoding="utf-8")
    with _server(folder, scratch) as (base, token), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=doctor.find_browser(), args=CHROMIUM_SWITCHES)
        try:
            yield Labs(browser, base, token)
        finally:
            browser.close()


def write_notebook(path: Path, cells: str) -> Path:
    """Write a notebook whose code cells are divided by lines of '---'."""
    code = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    sources = enumerate(cells.split("\n---\n"))
    notebook = {
        "cells": [code | {"id": f"cell-{number}", "source": source} for number, source in sources],
        "metadata": {"kernelspec": kernel},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path


def nothing_went_wrong(lab: Lab) -> None:
    """Assert that the browser complained of nothing, and that no request left this computer."""
    assert lab.errors == []
    assert lab.strangers == []
    assert lab.tracebacks == []


def violations(lab: Lab, selector: str) -> list[tuple[str, list[str]]]:
    """Return what axe-core finds wrong in some elements: which rule of WCAG 2.2 A and AA, and where."""
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
    found = Axe().run(lab.page, selector, {"runOnly": {"type": "tag", "values": tags}}).response
    assert len(found["passes"]) > 5
    return [(each["id"], [node["html"] for node in each["nodes"]]) for each in found["violations"]]


def _listen(lab: Lab) -> None:
    own = (lab.base, lab.base.replace("http", "ws", 1), "data:", "blob:")
    lab.page.on("console", lambda message: lab.errors.append(message.text) if message.type == "error" else None)
    lab.page.on("pageerror", lambda error: lab.errors.append(str(error)))
    lab.page.on("request", lambda request: None if request.url.startswith(own) else lab.strangers.append(request.url))


@contextmanager
def _server(root: Path, scratch: Path) -> Iterator[tuple[str, str]]:
    """Start JupyterLab with settings of its own; yield its address and token."""
    port, token = _free_port(), secrets.token_hex(16)
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", f"--port={port}",
        "--ServerApp.port_retries=0", f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={root}",
        "--LabApp.expose_app_in_browser=True",
    ]  # fmt: skip
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    scratch.mkdir(parents=True, exist_ok=True)
    log = scratch / "jupyterlab.log"
    with log.open("w", encoding="utf-8") as output:
        server = subprocess.Popen(command, env=_environment(scratch), stdout=output, stderr=subprocess.STDOUT, cwd=root)
        try:
            base = f"http://127.0.0.1:{port}"
            _wait_for(f"{base}/api/status?token={token}", server, log)
            yield base, token
        finally:
            server.terminate()  # it ends its kernels
            server.wait(30)


def _environment(scratch: Path) -> dict[str, str]:
    folders = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTER_DATA_DIR": "data",
        "IPYTHONDIR": "ipython",
    }
    config = scratch / "config" / "labconfig"
    config.mkdir(parents=True)
    silent = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}  # no news, no requests
    (config / "page_config.json").write_text(json.dumps(silent), encoding="utf-8")
    project = str(Path(__file__).parents[2])  # the kernel imports this checkout, whatever else is installed
    return {
        **os.environ,
        **{name: str(scratch / folder) for name, folder in folders.items()},
        "JUPYTER_PREFER_ENV_PATH": "1",
        "JUPYTER_PLATFORM_DIRS": "1",
        "PYTHONPATH": os.pathsep.join(filter(None, [project, os.environ.get("PYTHONPATH")])),
    }


def _wait_for(url: str, server: subprocess.Popen, log: Path) -> None:
    ends = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < ends:
        if server.poll() is not None:
            break
        try:
            urllib.request.urlopen(url, timeout=2).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text(encoding='utf-8')}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
