"""What runs inside the sandbox: it reads one submission, and calls its functions as it is told, over a pipe.

It knows: the submission's files, which functions an exercise asks for, and the calls.
It must not know: expected values, criteria, seeds, secrets. All that it writes may be the learner's doing: whoever
reads it trusts none of it.

Exercises run in a forked child, one after the other, until the judge asks for its end: no exercise that comes after
that finds anything of those before it. A line in, a line out:
    {"files": {path: base64}}                        -> {"ready": true}
    {"exercise": ..., "functions": [...], ...}       -> {"loaded": [remarks]}   by the child, from here on
    {"call": function, "arguments": [[...], ...]}    -> {"replies": [{"value": ...} | {"raised": ...} | ..., ...]}
    {"end": true}                                    -> {"ended": exit code}    by the parent, also after a crash
"""

import ast
import base64
import contextlib
import functools
import gc
import importlib
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import ModuleType
from typing import Any, NoReturn

from dnsseclab.grading import submission
from dnsseclab.grading.asking import NO_FUNCTION, Arguments, called, raised
from dnsseclab.grading.plain import from_json

IMPORT = re.compile(rb"\b(?:from|import) ((?:dns\b|cryptography\b|dnsseclab\.(?!grading|views))[\w.]*)")
BETWEEN_COLLECTIONS = 50_000  # new objects until the youngest are searched for cycles: trees of programs have many


class Pipe:
    """Lines of JSON on two file descriptors, without any reading ahead: a forked child reads where the parent was."""

    def __init__(self, incoming: int, outgoing: int) -> None:
        self._incoming, self._outgoing = incoming, outgoing
        self._rest = b""

    def read(self) -> Any:
        """Return the next line's value; None at the end."""
        while b"\n" not in self._rest:
            piece = os.read(self._incoming, 1 << 20)
            if not piece:
                return None
            self._rest += piece
        line, _, self._rest = self._rest.partition(b"\n")
        return json.loads(line)

    def write(self, value: Any) -> None:
        """Write one line."""
        rest = memoryview(json.dumps(value).encode() + b"\n")
        while rest:
            rest = rest[os.write(self._outgoing, rest) :]


def main(alone: bool, user: int | None) -> None:
    """Serve one submission until the pipe ends.

    Args:
        alone: In a process namespace of its own, where "everybody" is whom this submission has started.
        user: Whom to become, if root started this.
    """
    gc.set_threshold(BETWEEN_COLLECTIONS)
    pipe = Pipe(os.dup(0), os.dup(1))
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    if user is not None:
        become(user)
    files: dict[str, bytes] = {}
    while (command := pipe.read()) is not None:
        if "files" in command:
            files = {path: base64.b64decode(content) for path, content in command["files"].items()}
            preload(files)
            pipe.write({"ready": True})
        elif "exercise" in command:
            pipe.write({"ended": apart(functools.partial(serve, pipe, files, command), alone)})


def become(user: int) -> None:
    """Give up being root, for good, before anything of a stranger is read."""
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)


def preload(files: Mapping[str, bytes]) -> None:
    """Import what the notebooks will import, once and not in every child; only modules that we know."""
    for module in imported(files.values()):
        with contextlib.suppress(Exception):
            importlib.import_module(module)


def imported(contents: Iterable[bytes]) -> list[str]:
    """Return the modules that notebooks or programs import, of those that take long to load."""
    return sorted({name.decode() for content in contents for name in IMPORT.findall(content)})


def apart(work: Callable[[], None], alone: bool) -> int:
    """Do some work in a forked child, and return how it ended; then end all that it left behind."""
    if not hasattr(os, "fork"):  # Windows: this process does it itself, and is not used again
        work()
        os._exit(0)
    child = os.fork()
    if not child:
        try:
            work()
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    if alone:
        with contextlib.suppress(OSError):
            os.kill(-1, 9)
    return os.waitstatus_to_exitcode(status)


def serve(pipe: Pipe, files: Mapping[str, bytes], command: Mapping[str, Any] | None) -> NoReturn:
    """Load an exercise and answer calls, then perhaps load another one, until the end is asked for."""
    names: Mapping[str, Any] = {}
    remarks: list[str] = []
    while command is not None and "end" not in command:
        if "exercise" in command:
            limit(command["limits"])
            stand_in(command["exercise"], command["material"])
            names, remarks = load(files, command["exercise"], command["functions"])
            pipe.write({"loaded": remarks})
        else:
            replies = [answer(names, command["call"], arguments, remarks) for arguments in command["arguments"]]
            pipe.write({"replies": replies})
        command = pipe.read()
    os._exit(0)  # no atexit, no __del__


def limit(limits: Mapping[str, int]) -> None:
    """Limit what this process may use: {'CPU': seconds, 'AS': bytes, ...}, as hard limits."""
    try:
        import resource
    except ImportError:  # Windows
        return
    for name, most in limits.items():
        kind = getattr(resource, f"RLIMIT_{name}", None)
        if kind is None:
            continue
        _, hard = resource.getrlimit(kind)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        with contextlib.suppress(OSError, ValueError):  # macOS refuses some
            resource.setrlimit(kind, (most, most))


def stand_in(exercise: str, material: Any) -> None:
    """Let a learner's code import `check` and `my_data`: the data is here, the criteria are not."""
    module = ModuleType("dnsseclab.grading")
    module.check = lambda *_: None  # type: ignore[attr-defined]
    module.my_data = lambda name: from_json(material) if name == exercise else None  # type: ignore[attr-defined]
    sys.modules["dnsseclab.grading"] = module


def load(files: Mapping[str, bytes], exercise: str, functions: list[str]) -> tuple[dict[str, Any], list[str]]:
    """Execute what the functions need, and return all names, and remarks about what failed."""
    names: dict[str, Any] = {"__name__": "__main__"}
    try:
        program = submission.program(files, exercise, functions)
    except submission.Unreadable as problem:
        return names, [str(problem)]
    remarks = list(program.remarks)
    failed = list(_execute(program.statements, names))
    for number, _, error in _execute([(number, statement) for number, statement, _ in failed], names):
        text = ": ".join(filter(None, raised(error)))  # also the second time, so the order was not the reason
        remarks.append(f"Cell {number} failed ({text}).")
    return names, remarks


def _execute(statements: list[Any], names: dict[str, Any]) -> Iterator[tuple[int, Any, BaseException]]:
    """Execute statements, and yield those that failed: what they need may stand further down."""
    for number, statement in statements:
        try:
            exec(compile(ast.Module([statement], []), f"cell {number}", "exec"), names)
        except BaseException as error:
            yield number, statement, error


def answer(names: Mapping[str, Any], function: str, arguments: Arguments, remarks: list[str]) -> dict[str, Any]:
    """Return what comes of one call."""
    if not callable(names.get(function)):
        why = " ".join(remarks) or "No cell defines it."
        return {"raised": [NO_FUNCTION, f"there is no function {function}. {why}"]}
    return called(names[function], arguments)


if __name__ == "__main__":
    main(sys.argv[1] == "alone", int(sys.argv[2]) if sys.argv[2:] else None)
