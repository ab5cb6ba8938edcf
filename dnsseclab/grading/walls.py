"""The walls around a stranger's code: bubblewrap, and which files Python needs inside.

It knows: the commands that put a Python inside the walls.
It must not know: what is said to that Python.

No network, no files but Python's and the course's package, all read-only; no /proc, no environment; nothing that can
be written to. Root becomes somebody else inside: a limit of processes does not bind root.
"""

import os
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
LAB = "/lab"  # where the package is seen inside
START = (
    "import sys; sys.path += sys.argv[1].split({separator!r}); del sys.argv[1]; "
    "import runpy; runpy.run_module('dnsseclab.grading.inside', run_name='__main__')"
)
FIRST_USER = 60600  # numbers that neither people nor systemd's services have
SYSTEM = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/nix/store", "/etc/ld.so.cache")  # the C library and the like


@dataclass(frozen=True)
class Walls:
    """How code is kept in: the command that precedes Python, and a sentence for the report."""

    command: tuple[str, ...]
    user: int | None  # whom root becomes inside
    description: str

    @property
    def is_full(self) -> bool:
        """Return whether bubblewrap keeps the code in."""
        return bool(self.command)


def python_command(walled: bool) -> list[str]:
    """Return the command that starts inside.py, with the packages that it may import."""
    paths = [LAB if walled else str(PACKAGE.parent), *site_packages()]
    start = START.format(separator=os.pathsep)
    return [interpreter(), "-sPSB", "-X", "utf8", "-c", start, os.pathsep.join(paths), "alone" if walled else "exposed"]


def interpreter() -> str:
    """Return the Python that an environment like .venv was made from."""
    return os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)


def site_packages() -> list[str]:
    """Return the folders of installed packages."""
    known = [sysconfig.get_paths()[kind] for kind in ("purelib", "platlib")]
    found = [path for path in sys.path if path.endswith(("site-packages", "dist-packages"))]
    return [path for path in dict.fromkeys([*found, *known]) if os.path.isdir(path)]


def bubblewrap(user: int | None) -> Walls:
    """Return the walls of bubblewrap, inside which root becomes `user`, and everybody else a user without rights."""
    if user is None:
        apart = ["--unshare-all", "--cap-drop", "ALL"]  # with a user namespace
    else:  # root's limit of processes does not bind: become somebody else, which a user namespace would prevent
        apart = [f"--unshare-{each}" for each in ("ipc", "pid", "net", "uts", "cgroup-try")]
        apart += ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    command = ["bwrap", *apart, "--die-with-parent", "--hostname", "sandbox", "--dev", "/dev"]
    for path in (*SYSTEM, interpreter(), sysconfig.get_paths()["stdlib"], sysconfig.get_paths()["platstdlib"]):
        command += ["--ro-bind-try", path, path]
    for path in (*shared_library(), *site_packages()):
        command += ["--ro-bind-try", path, path]
    command += ["--ro-bind", str(PACKAGE), f"{LAB}/dnsseclab", "--remount-ro", "/dev", "--remount-ro", "/"]
    who = f"user {user}" if user is not None else "a user without rights"
    return Walls((*command, "--chdir", "/"), user, f"in bubblewrap: no network, no files but Python's, as {who}")


def shared_library() -> list[str]:
    """Return the file of Python's own shared library, if it has one."""
    folder, name = sysconfig.get_config_var("LIBDIR"), sysconfig.get_config_var("INSTSONAME")
    return [os.path.join(folder, name)] if folder and name and name.startswith("libpython") else []
