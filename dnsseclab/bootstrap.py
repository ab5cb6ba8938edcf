"""Finding or making the environment that the course runs in: standard library only, Python 3.8 syntax.

It knows: the two requirement files, `.venv`, and which Pythons will do.
It must not know: what is started in that environment. It runs before anything is installed and on an old Python,
which must still be able to say what to do; so nothing here imports a room.
An environment of the user's own is used if it has every pin, and is never installed into.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from .pip_output import Progress, say, why_pip_failed

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "dnsseclab-setup.json"  # there: .venv is ours; complete: it is ready
LAB = ("requirements.txt",)
TESTS = ("requirements.txt", "tests/requirements.txt")
OLDEST, NEWEST = (3, 11), (3, 14)
DISK_SPACE = 700_000_000  # bytes: half a gigabyte for .venv, the rest for what pip unpacks on the way

PROBE = "import sys; print(*sys.version_info[:2]); import ensurepip, venv"


class SetupError(Exception):
    """The set-up cannot go on; the text is one sentence that says what to do."""


def environment_for(files: Sequence[str]) -> str:
    """Return the Python whose environment has all that `files` list; if there is none, make `.venv` first."""
    return find_environment(files) or make_environment(files)


def find_environment(files: Sequence[str]) -> str | None:
    """Return the Python of an environment that is ready: this one if it has every pin, else `.venv`, else None."""
    if not all((ROOT / name).is_file() for name in files):
        raise SetupError(f"There is no {files[-1]} in {ROOT}: run this in the folder of the project.")
    if not missing_pins(files):
        return sys.executable
    if is_ready(files) or (is_somebody_elses() and _has_every_pin(venv_python(), files)):
        return str(venv_python())
    return None


def missing_pins(files: Sequence[str]) -> list[str]:
    """Return the pins of `files` that apply to this Python and are not installed at exactly that version."""
    wanted = pins(files)
    try:
        from importlib import metadata

        from packaging.requirements import Requirement  # a pin itself: where it is missing, so is at least one
    except ImportError:
        return wanted
    missing = []
    for pin in wanted:
        requirement = Requirement(pin)
        if requirement.marker is not None and not requirement.marker.evaluate():
            continue
        try:
            there = requirement.specifier.contains(metadata.version(requirement.name), prereleases=True)
        except metadata.PackageNotFoundError:
            there = False
        if not there:
            missing.append(pin)
    return missing


def pins(files: Iterable[str]) -> list[str]:
    """Return the lines of requirement files that name a package at a version."""
    lines = [line for name in files for line in (ROOT / name).read_text(encoding="utf-8").splitlines()]
    return list(dict.fromkeys(line for line in lines if line and line[0] not in "#- "))


def is_ready(files: Sequence[str]) -> bool:
    """Return whether `.venv` was made to its end, for `files` as they are now, in this place, and still runs."""
    stamp = _read_stamp()
    wanted = _stamp_for(files, stamp.get("python", ""))
    return all(stamp.get(key) == value for key, value in wanted.items()) and _venv_version() == stamp["python"]


def is_somebody_elses() -> bool:
    """Return whether `.venv` is an environment that we did not make (`uv venv` and many others use that name too)."""
    return (VENV / "pyvenv.cfg").is_file() and not STAMP.is_file()


def make_environment(files: Sequence[str]) -> str:
    """Make `.venv`, or add to it what it lacks, and return its Python."""
    if is_somebody_elses():
        add = " ".join(f"-r {name}" for name in files)
        raise SetupError(
            f"{VENV} was not made by this command, and lacks packages: install them into it (pip install {add}), "
            "or move it away; then try again."
        )
    if shutil.disk_usage(ROOT).free < DISK_SPACE:
        raise SetupError(f"The disk is nearly full: {ROOT} needs 700 MB of free space for .venv.")
    started = time.monotonic()
    try:
        version = _venv_to_add_to() if is_ready(LAB) else _make_empty_environment()
        STAMP.write_text("{}", encoding="utf-8")  # whatever stops us from here on: not ready, to be made anew
        _install(files)
        STAMP.write_text(json.dumps(_stamp_for(files, version), indent=1), encoding="utf-8")
    except OSError as error:
        raise SetupError(f"{VENV} could not be made ({error}): see that the folder can be written to.") from None
    say(f"  Ready after {time.monotonic() - started:.0f} seconds.")
    return str(venv_python())


def suitable_python() -> tuple[list[str], str]:
    """Return the command and the version of a Python that can make the environment: this one, or another one's.

    Raises:
        SetupError: None will do; says which one to install.
    """
    base = getattr(sys, "_base_executable", None) or sys.executable
    names = [f"{major}.{minor}" for (major, minor) in _supported()]
    others = [["py", f"-{name}"] if os.name == "nt" else [f"python{name}"] for name in names]
    lacks_venv = []
    for command in [[base], *others]:
        version, can_make = _probe(command)
        if version in names and can_make:
            return command, version
        if version in names:
            lacks_venv.append(version)
    if lacks_venv:
        raise SetupError(
            f"Python {lacks_venv[0]} here lacks the venv module: install it (Debian, Ubuntu: "
            f"sudo apt install python{lacks_venv[0]}-venv), then try again."
        )
    raise SetupError(
        "This is Python {}.{}, and the course needs one from {}.{} to {}.{}: install it from "
        "https://www.python.org/downloads/ or with your system's packages, then try again.".format(
            *sys.version_info[:2], *OLDEST, *NEWEST
        )
    )


def environment_variables(python: str) -> dict[str, str]:
    """Return the variables under which children of ours run: this checkout's package, this environment's kernel."""
    variables = {key: value for key, value in os.environ.items() if key not in ("PYTHONHOME", "JUPYTER_PATH")}
    variables["JUPYTER_PREFER_ENV_PATH"] = "1"  # else a kernel `python3` of the user's wins over ours
    variables["PYTHONPATH"] = str(ROOT)
    if Path(python) == venv_python():
        variables["VIRTUAL_ENV"] = str(VENV)
        variables["PATH"] = os.pathsep.join([str(Path(python).parent), variables.get("PATH", os.defpath)])
    elif os.environ.get("PYTHONPATH"):
        variables["PYTHONPATH"] += os.pathsep + os.environ["PYTHONPATH"]
    return variables


def venv_python() -> Path:
    """Return where the Python of `.venv` lies, whether or not it is there."""
    return VENV / "Scripts" / "python.exe" if os.name == "nt" else VENV / "bin" / "python"


def run(command: Sequence[str], variables: dict[str, str]) -> int:
    """Run a child in the project's folder to its end, and return its exit code."""
    child = subprocess.Popen(list(command), cwd=str(ROOT), env=variables)
    before = signal.signal(signal.SIGTERM, lambda *_: child.terminate())  # else it would live on without us
    while child.returncode is None:
        try:
            child.wait()
        except KeyboardInterrupt:
            pass  # Ctrl-C reached the child as well: let it end in its own way
    signal.signal(signal.SIGTERM, before)
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


def output_of(command: Sequence[str], patience: int = 20, **options: object) -> str | None:
    """Return what a command prints, or None if it cannot be run, fails, or takes more than `patience` seconds."""
    try:
        done = subprocess.run(
            list(command), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
            timeout=patience, cwd=str(ROOT), encoding="utf-8", errors="replace", check=True, **options,  # type: ignore[call-overload]
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return None
    return str(done.stdout).strip()


def _supported() -> list[tuple[int, int]]:
    return [(OLDEST[0], minor) for minor in range(NEWEST[1], OLDEST[1] - 1, -1)]  # newest first


def _probe(command: Sequence[str]) -> tuple[str, bool]:
    """Return the version of a Python ('' if it does not run), and whether it can make environments with pip in them."""
    whole = output_of([*command, "-c", PROBE])
    version = whole or output_of([*command, "-c", PROBE.split("import ensurepip")[0]]) or ""
    return version.replace(" ", "."), whole is not None


def _venv_version() -> str:
    """Return '3.11' if that is what `.venv` really runs; '' if it does not run (its Python was removed or replaced)."""
    return _probe([str(venv_python())])[0] if venv_python().exists() else ""


def _has_every_pin(python: Path, files: Sequence[str]) -> bool:
    code = "import sys; from dnsseclab import bootstrap; print(not bootstrap.missing_pins(sys.argv[1:]))"
    return output_of([str(python), "-c", code, *files]) == "True"


def _read_stamp() -> dict[str, str]:
    try:
        return dict(json.loads(STAMP.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return {}


def _stamp_for(files: Sequence[str], version: str) -> dict[str, str]:
    hashes = {name: hashlib.sha256((ROOT / name).read_bytes()).hexdigest() for name in files}
    return {"path": str(VENV), "python": version, **hashes}


def _venv_to_add_to() -> str:
    say(f"Adding to {VENV} what the tests need: once, in about half a minute.")
    return _venv_version()


def _make_empty_environment() -> str:
    command, version = suitable_python()
    say(f"Setting up {VENV} with Python {version}: once, in about a minute.")
    say("  1 of 3  Making an empty environment")
    if VENV.exists():
        shutil.rmtree(VENV)
    VENV.mkdir()
    STAMP.write_text("{}", encoding="utf-8")  # first of all: this one is ours, and half-made
    if output_of([*command, "-m", "venv", str(VENV)], patience=300) is None:  # it unpacks pip: long on a slow disk
        raise SetupError(f"{command[0]} -m venv {VENV} failed: run it by hand to see why, then try again.")
    return version


def _install(files: Sequence[str]) -> None:
    """Install what `files` list into `.venv`, with a line of progress now and then."""
    # --no-compile: Python compiles what it imports anyway, and of all this only a part is ever imported.
    command = [str(venv_python()), "-m", "pip", "install", "--progress-bar", "off", "--no-input", "--no-compile"]
    variables = environment_variables(str(venv_python()))
    del variables["PYTHONPATH"]  # else pip takes this folder for an installed package
    # PIP_USER: some people's configuration says yes, which no environment allows. PIP_RETRIES: fail in seconds.
    variables.update(PIP_USER="0", PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_RETRIES=os.environ.get("PIP_RETRIES", "2"))
    for name in files:
        command += ["-r", name]
    progress = Progress(len({pin.split("==")[0] for pin in pins(files) if ";" not in pin}))
    log = []
    with subprocess.Popen(
        command, cwd=str(ROOT), env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        encoding="utf-8", errors="replace",
    ) as pip:  # fmt: skip
        for line in pip.stdout or ():
            log.append(line)
            progress.see(line)
    progress.end()
    if pip.returncode:
        kept = VENV / "setup.log"
        kept.write_text("".join(log), encoding="utf-8")
        otherwise = f"pip could not install the packages: see the end of {kept}, then try again."
        raise SetupError(why_pip_failed("".join(log)) or otherwise)
