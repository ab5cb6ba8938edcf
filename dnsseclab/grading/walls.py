"""The walls around a stranger's code: bubblewrap, and which files Python needs inside.

It knows: the commands that put a Python inside the walls.
It must not know: what is said to that Python.

No network, no files but Python's and the course's package, all read-only; no /proc, no environment; nothing that can
be written to. Root becomes somebody else inside: a limit of processes does not bind root.
"""

import os
import shutil
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
DOORKEEPER = "/cat"  # the only program inside, if Python joins from outside: `cat`, which answers when the walls stand
START = (
    "import sys; sys.path += sys.argv.pop(1).split({separator!r}); "
    "import runpy; runpy.run_module('dnsseclab.grading.' + sys.argv.pop(1), run_name='__main__')"
)
FIRST_USER = 60600  # numbers that neither people nor systemd's services have
SYSTEM = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/nix/store", "/etc/ld.so.cache")  # the C library and the like


@dataclass(frozen=True)
class Walls:
    """How code is kept in: the command that precedes Python, and a sentence for the report."""

    command: tuple[str, ...]
    user: int | None  # whom root becomes inside
    description: str
    is_joined: bool = False  # Python joins the walls when they stand, and is not started in them

    @property
    def is_full(self) -> bool:
        """Return whether bubblewrap keeps the code in."""
        return bool(self.command)


def no_walls(user: int | None, installed: bool) -> Walls:
    """Return what has to do where there is no bubblewrap: limits, and for root another user."""
    why = "bubblewrap does not work here" if installed else "bubblewrap is not installed"
    who = f"user {user}" if user is not None else "the account that grades"
    text = f"in a process with limits only ({why}): it can read what {who} can read, and use the network"
    return Walls((), user, text)


def python_command(module: str, *arguments: str) -> list[str]:
    """Return the command that starts a module of this room, with the packages that it may import."""
    paths, start = [str(PACKAGE.parent), *site_packages()], START.format(separator=os.pathsep)
    return [interpreter(), "-sPSB", "-X", "utf8", "-c", start, os.pathsep.join(paths), module, *arguments]


def interpreter() -> str:
    """Return the Python that an environment like .venv was made from."""
    return os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)


def site_packages() -> list[str]:
    """Return the folders of installed packages."""
    known = [sysconfig.get_paths()[kind] for kind in ("purelib", "platlib")]
    found = [path for path in sys.path if path.endswith(("site-packages", "dist-packages"))]
    return [path for path in dict.fromkeys([*found, *known]) if os.path.isdir(path)]


def bubblewrap(user: int | None, is_joined: bool = False) -> Walls:
    """Return the walls of bubblewrap, inside which root becomes `user`, and everybody else a user without rights."""
    if user is None:
        apart = ["--unshare-all", "--cap-drop", "ALL"]  # with a user namespace
    else:  # root's limit of processes does not bind: become somebody else, which a user namespace would prevent
        apart = [f"--unshare-{each}" for each in ("ipc", "pid", "net", "uts", "cgroup-try")]
        apart += ["--cap-drop", "ALL"]
        apart += [] if is_joined else ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    command = ["bwrap", *apart, "--die-with-parent", "--hostname", "sandbox", "--dev", "/dev"]
    shown = {path: path for path in (*SYSTEM, *python_files(), *site_packages(), str(PACKAGE)) if os.path.exists(path)}
    if is_joined:
        shown[DOORKEEPER] = os.path.realpath(shutil.which("cat") or "/bin/cat")
    for folder in sorted({str(parent) for path in shown for parent in Path(path).parents} - {"/"}):
        command += ["--perms", "0755", "--dir", folder]  # else only root could go through it
    for inside, outside in shown.items():
        command += ["--ro-bind", outside, inside]
    command += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/"]
    who = f"user {user}" if user is not None else "a user without rights"
    return Walls(tuple(command), user, f"in bubblewrap: no network, no files but Python's, as {who}", is_joined)


def python_files() -> list[str]:
    """Return where Python itself lies: the program, the standard library, and its shared library if it has one."""
    paths = sysconfig.get_paths()
    folder, name = sysconfig.get_config_var("LIBDIR"), sysconfig.get_config_var("INSTSONAME")
    library = [os.path.join(folder, name)] if folder and str(name).startswith("libpython") else []
    real = os.path.realpath(os.path.dirname(os.__file__))  # of an environment, the Python that it was made from
    return [interpreter(), real, paths["stdlib"], *library]
