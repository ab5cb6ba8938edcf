"""A Python that has loaded everything beforehand. Each copy of it steps into a bubblewrap that stands ready.

It knows: how a process joins the namespaces of another one and gives up every right, for good.
It must not know: submissions, questions, secrets. It reads nothing but the judge's orders, so no submission can leave
anything here for the next one; it is no child of the judge's memory either, but was started with an empty one.

To start Python and to load the packages takes longer than most submissions need. A copy has them at once. Each
submission still gets a bubblewrap of its own: new namespaces, new walls, which end with it.
"""

import contextlib
import ctypes
import gc
import importlib
import os
import socket
import sys
from typing import NoReturn

from dnsseclab.grading import inside

NEW_USER = 0x10000000  # from linux/sched.h; the others: mount, pid, network, IPC, host name, cgroup
NEW_OTHERS = 0x00020000 | 0x20000000 | 0x40000000 | 0x08000000 | 0x04000000 | 0x02000000
SET_NO_NEW_PRIVILEGES, DROP_FROM_BOUNDS, AMBIENT, CLEAR_ALL = 38, 24, 47, 4  # from linux/prctl.h
CAPABILITY_VERSION = 0x20080522  # two words of 32 for each set, from linux/capability.h

library = ctypes.CDLL(None, use_errno=True)


def main(channel: int, user: int | None, modules: list[str]) -> NoReturn:
    """Make a copy for every order that comes, until the judge is gone.

    Args:
        channel: A socket. An order is one byte with three descriptors: the walls' first process, commands, replies.
        user: Whom to become, if root started this.
        modules: What submissions will import.
    """
    for module in modules:
        with contextlib.suppress(Exception):
            importlib.import_module(module)
    sys.argv[:] = [""]
    gc.collect()
    gc.freeze()  # what the copies share would else be written to, and copied, at each collection
    orders = socket.socket(fileno=channel)
    while True:
        order, descriptors, _, _ = socket.recv_fds(orders, 1, 3)
        if not order:
            os._exit(0)
        _reap()
        if not os.fork():
            with contextlib.suppress(BaseException):
                step_in(*descriptors, user=user)
            os._exit(1)  # nothing of this may go on outside of the walls
        for descriptor in descriptors:
            os.close(descriptor)


def step_in(walls: int, commands: int, replies: int, *, user: int | None) -> None:
    """Join the namespaces of the walls' first process, and serve one submission in them."""
    with contextlib.suppress(OSError):  # if memory runs out, the kernel shall end this process, and not the judge
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("1000")
    os.dup2(commands, 0)
    os.dup2(replies, 1)
    os.dup2(walls, 2)  # until inside.py lets 0, 1 and 2 lead nowhere
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    _must(library.setns(2, NEW_OTHERS | (NEW_USER if user is None else 0)))
    if child := os.fork():  # a process cannot change its own process namespace, only that of its children
        os.closerange(0, 3)
        os.waitpid(child, 0)
        os._exit(0)
    os.setsid()
    os.chdir("/")
    if os.path.exists("/proc"):
        raise OSError("these are no walls")
    give_up_rights(user)
    inside.main(alone=True, user=None)
    os._exit(0)


def give_up_rights(user: int | None) -> None:
    """Become somebody else if root started this; keep no capability, and no way to get one back."""
    _must(library.prctl(SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0))
    _must(library.prctl(AMBIENT, CLEAR_ALL, 0, 0, 0))
    capability = 0
    while library.prctl(DROP_FROM_BOUNDS, capability, 0, 0, 0) == 0:  # until there is none of this number
        capability += 1
    if user is not None:
        inside.become(user)
    header, none = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0), (ctypes.c_uint32 * 6)()
    _must(library.capset(header, none))


def _must(result: int) -> None:
    if result:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _reap() -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]) if sys.argv[2] else None, sys.argv[3:])
