"""The commands: `python3 -m dnsseclab lab | test | serve | faults | agree | grade | doctor` (Windows: `py -m ...`).

It knows: how JupyterLab and the tests are started in the environment that bootstrap.py finds or makes.
It must not know: anything of the course. Standard library only, Python 3.8 syntax, so that an old Python gets
a sentence and not a traceback; what needs more is imported by its command, once the environment is there.
"""

from __future__ import annotations

import argparse
import os
import socketserver
import sys
from collections.abc import Sequence

from . import bootstrap, doctor
from .pip_output import say

START = "notebooks/00_start_here.ipynb"
MODULES = {  # commands that read their own arguments, as they know the names that may stand there
    "serve": "dnsseclab.internet.serving",
    "agree": "dnsseclab.views.apps.agreement",
    "grade": "dnsseclab.grading",
}
# Tests of one file stay together: they share what is dear to make. The quick files still come first.
SHARED_AMONG_CORES = ("-n", "auto", "--maxprocesses=4", "--dist=loadfile", "--no-loadscope-reorder")
JUPYTER_SETTINGS = bootstrap.ROOT / "dnsseclab" / "jupyter"  # switches JupyterLab's news pop-up off


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    try:
        if arguments[:1] == ["test"]:
            return test(arguments[1:])  # pytest's arguments are none of argparse's business
        if arguments and arguments[0] in MODULES:
            return run_module(MODULES[arguments[0]], arguments[1:])
        options = parser().parse_args(arguments)
        if options.command == "faults":
            return faults(options.name)
        return doctor.main() if options.command == "doctor" else lab(options.port, options.browser)
    except bootstrap.SetupError as error:
        print(f"dnsseclab: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. The same command takes it up again.", file=sys.stderr)
        return 130


def lab(port: int, browser: bool) -> int:
    """Open the course in JupyterLab, and stay until it ends."""
    if not (bootstrap.ROOT / START).is_file():
        raise bootstrap.SetupError(f"There is no {START} in {bootstrap.ROOT}: run this in the folder of the project.")
    if port and not _is_free(port):
        raise bootstrap.SetupError(f"Port {port} is taken or not allowed: leave --port out, or choose another one.")
    python = bootstrap.environment_for(bootstrap.LAB)
    command = [
        python, "-m", "jupyterlab",
        f"--ServerApp.root_dir={bootstrap.ROOT}",
        f"--LabApp.default_url=/lab/tree/{START}",
        "--ServerApp.ip=127.0.0.1",  # nobody but this computer
        "--ServerApp.answer_yes=True",  # Ctrl-C ends it without a question
        "--Application.log_level=ERROR",
        "--KernelManager.transport_encryption=auto",  # else a kernel warns that others may listen on loopback
    ]  # fmt: skip
    if port:
        command += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    if not browser:
        command.append("--no-browser")
    if os.name == "posix" and os.geteuid() == 0:
        command.append("--allow-root")
    variables = bootstrap.environment_variables(python)
    settings = [str(JUPYTER_SETTINGS), variables.get("JUPYTER_CONFIG_PATH", "")]
    variables["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, settings))
    say("Starting JupyterLab. It opens in your browser; Ctrl-C here ends it.")
    return bootstrap.run(command, variables)


def test(arguments: Sequence[str]) -> int:
    """Run the tests with pytest, which gets all arguments; `-n 0` among them runs one test after the other."""
    python = bootstrap.environment_for(bootstrap.TESTS)
    command = [python, "-m", "pytest", *SHARED_AMONG_CORES, *arguments]
    return bootstrap.run(command, bootstrap.environment_variables(python))


def run_module(module: str, arguments: Sequence[str]) -> int:
    """Run one of MODULES, which gets all arguments, in the environment that it needs."""
    python = bootstrap.environment_for(bootstrap.LAB)
    return bootstrap.run([python, "-m", module, *arguments], bootstrap.environment_variables(python))


def faults(name: str | None) -> int:
    """Print the gallery of broken zones, or all about one of them."""
    python = bootstrap.environment_for(bootstrap.LAB)
    if os.path.dirname(python) != os.path.dirname(sys.executable):
        command = [python, "-m", "dnsseclab", "faults", *([name] if name else [])]
        return bootstrap.run(command, bootstrap.environment_variables(python))
    from .internet.faults import describe_fault, list_faults
    from .protocol.names import LabError

    try:
        text = describe_fault(name) if name else list_faults()
    except LabError as error:
        print(f"dnsseclab: {error}", file=sys.stderr)
        return 1
    try:
        print(text, flush=True)
    except BrokenPipeError:  # whoever reads has seen enough: `... faults | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python complains at its end
    return 0


def parser() -> argparse.ArgumentParser:
    """Return what knows the commands and their options."""
    whole = argparse.ArgumentParser(
        prog="python3 -m dnsseclab", description="Forge DNS, sign it, and watch the forgery being rejected."
    )
    commands = whole.add_subparsers(dest="command", required=True, metavar="command")
    lab = commands.add_parser("lab", help="open the course in JupyterLab; the first time, set it up")
    lab.add_argument("--port", type=_port, default=0, help="where JupyterLab listens (default: a free port)")
    lab.add_argument("--no-browser", dest="browser", action="store_false", help="only print the address to open")
    commands.add_parser("test", help="run the tests; all that follows goes to pytest", add_help=False)
    broken = commands.add_parser("faults", help="list the gallery of broken zones")
    broken.add_argument("name", nargs="?", help="say all about this one")
    commands.add_parser("agree", help="let real BIND and Unbound judge the same faults and attacks", add_help=False)
    commands.add_parser("grade", help="grade the exercises of a class; `grade --help` says how", add_help=False)
    commands.add_parser("serve", help="put a toy Internet on real sockets, for dig and its like", add_help=False)
    commands.add_parser("doctor", help="say what is here, what is missing, and for what")
    return whole


def _port(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"{text} is not a port: choose one from 1024 to 65535")
    return int(text)


def _is_free(port: int) -> bool:
    """Return whether JupyterLab could listen there. Trying is the only sure way to know."""
    probe = socketserver.TCPServer(("127.0.0.1", port), socketserver.BaseRequestHandler, bind_and_activate=False)
    probe.allow_reuse_address = os.name == "posix"  # as JupyterLab does: connections that just ended don't count
    try:
        probe.server_bind()
    except OSError:
        return False
    finally:
        probe.server_close()
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
