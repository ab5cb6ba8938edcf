"""The set-up, on small projects of its own: what it makes, what it uses, and one sentence for whatever goes wrong."""

import ast
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from dnsseclab import bootstrap
from dnsseclab.pip_output import why_pip_failed

ROOT = Path(__file__).parent.parent
ON_ANY_PYTHON = (
    "__init__.py",
    "__main__.py",
    "bootstrap.py",
    "doctor.py",
    "pip_output.py",
    "programs.py",
)  # these run before `.venv` is there
NEVER_LISTENS = "http://127.0.0.1:9/"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a folder with our set-up, and a `pytest` to install that says what it was called with, and exits 3."""
    folder = tmp_path / "the course"  # a space in the path, as people have
    (folder / "dnsseclab").mkdir(parents=True)
    (folder / "tests").mkdir()
    (folder / "notebooks").mkdir()
    (folder / "notebooks/00_start_here.ipynb").write_text("{}")
    for name in ON_ANY_PYTHON:
        shutil.copy(ROOT / "dnsseclab" / name, folder / "dnsseclab")
    (folder / "requirements.txt").write_text("# one pin\nsays==1.0\n")
    (folder / "tests/requirements.txt").write_text("pytest==0.0.1\n")
    make_wheel(tmp_path / "wheels", "says", "1.0", "")
    make_wheel(tmp_path / "wheels", "pytest", "0.0.1", "import sys; print('pytest got', sys.argv[1:]); sys.exit(3)")
    return folder


def make_wheel(folder: Path, name: str, version: str, source: str) -> None:
    folder.mkdir(exist_ok=True)
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}.py", source)
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")


def dnsseclab(project: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the small project, offline, and with none of our own variables."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("PIP_", "PYTHON", "VIRTUAL_ENV"))}
    clean.update(PIP_NO_INDEX="1", PIP_FIND_LINKS=(project.parent / "wheels").as_uri(), PIP_CONFIG_FILE=os.devnull)
    command = [sys.executable, "-m", "dnsseclab", *arguments]
    return subprocess.run(command, cwd=project, env={**clean, **variables}, capture_output=True, text=True, timeout=120)


def sentence(done: subprocess.CompletedProcess[str]) -> str:
    """Return what a failed command said, having made sure that it was one sentence and no traceback."""
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stderr.startswith("dnsseclab: ") and done.stderr.count("\n") == 1
    return done.stderr


# What it makes


@pytest.mark.slow
def test_first_run_makes_an_environment_and_the_next_one_uses_it(project: Path) -> None:
    first = dnsseclab(project, "test", "-k", "this or that", "-x")
    assert "3 of 3" in first.stdout and "pytest got ['-n', 'auto'," in first.stdout, first.stderr
    assert first.stdout.endswith(", '-k', 'this or that', '-x']\n")
    assert first.returncode == 3  # pytest's own exit code
    stamp = json.loads((project / ".venv/dnsseclab-setup.json").read_text())
    assert stamp.keys() == {"path", "python", "requirements.txt", "tests/requirements.txt"}
    second = dnsseclab(project, "test", "--version")
    assert second.stdout.startswith("pytest got [") and second.stdout.endswith(", '--version']\n")

    moved = project.rename(project.parent / "moved")
    third = dnsseclab(moved, "test")
    assert "1 of 3" in third.stdout and third.returncode == 3
    assert json.loads((moved / ".venv/dnsseclab-setup.json").read_text())["path"] == str(moved / ".venv")


@pytest.mark.slow
def test_what_only_tests_need_is_added_to_the_lab(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settle(project, monkeypatch)
    bootstrap.make_environment(bootstrap.LAB)
    assert bootstrap.is_ready(bootstrap.LAB) and not bootstrap.is_ready(bootstrap.TESTS)
    (project / ".venv/kept").touch()
    bootstrap.make_environment(bootstrap.TESTS)
    assert bootstrap.is_ready(bootstrap.TESTS) and (project / ".venv/kept").exists()

    for half_made in ("", "{}", "[1]", '{"path": "elsewhere"}'):
        bootstrap.STAMP.write_text(half_made)
        assert not bootstrap.is_ready(bootstrap.LAB)
    bootstrap.make_environment(bootstrap.LAB)
    assert bootstrap.is_ready(bootstrap.LAB) and not (project / ".venv/kept").exists()

    stamp = bootstrap.STAMP.read_text()
    bootstrap.STAMP.write_text(stamp.replace(f'"{sys.version_info[0]}.', '"2.'))  # the system's Python was replaced
    assert not bootstrap.is_ready(bootstrap.LAB)
    bootstrap.STAMP.write_text(stamp)
    assert bootstrap.is_ready(bootstrap.LAB)
    (project / "requirements.txt").write_text("says==2.0\n")
    assert not bootstrap.is_ready(bootstrap.LAB)


def settle(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the functions of `bootstrap` work in the small project."""
    monkeypatch.setattr(bootstrap, "ROOT", project)
    monkeypatch.setattr(bootstrap, "VENV", project / ".venv")
    monkeypatch.setattr(bootstrap, "STAMP", project / ".venv/dnsseclab-setup.json")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", (project.parent / "wheels").as_uri())
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)


# What it uses


def test_environment_with_every_pin_is_used_and_not_installed_into(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(project, monkeypatch)
    (project / "requirements.txt").write_text(f"pytest=={pytest.__version__}\nabsent==1 ; sys_platform == 'never'\n")
    assert bootstrap.environment_for(bootstrap.LAB) == sys.executable
    assert not (project / ".venv").exists()


@pytest.mark.parametrize("pin", ["pytest==0.0.1", "not-there==1.0"])
def test_other_version_or_none_is_not_good_enough(pin: str, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settle(project, monkeypatch)
    (project / "requirements.txt").write_text(f"-e .\n{pin}\n")
    assert bootstrap.missing_pins(bootstrap.LAB) == [pin]
    assert bootstrap.find_environment(bootstrap.LAB) is None


@pytest.mark.slow
def test_somebody_elses_venv_is_used_if_it_will_do_and_else_left_alone(project: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", project / ".venv"], check=True)
    before = sorted(project.rglob("*"))
    said = sentence(dnsseclab(project, "lab"))
    assert "not made by this command" in said and "pip install -r requirements.txt" in said
    assert [path for path in sorted(project.rglob("*")) if "__pycache__" not in path.parts] == before

    site = next((project / ".venv").rglob("site-packages"))
    for distribution in ("packaging", "says"):
        (site / f"{distribution}-1.0.dist-info").mkdir()
        (site / f"{distribution}-1.0.dist-info/METADATA").write_text(f"Name: {distribution}\nVersion: 1.0\n")
    shutil.copytree(Path(sys.modules["packaging"].__path__[0]), site / "packaging")
    (site / "pytest.py").write_text("print('theirs')")
    (project / "tests/requirements.txt").write_text("packaging==1.0\n")
    assert dnsseclab(project, "test").stdout == "theirs\n"


def test_children_get_this_checkout_and_this_environments_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_PATH", "/of/another/environment")
    monkeypatch.setenv("PYTHONHOME", "/of/another/python")
    monkeypatch.setenv("PYTHONPATH", "/of/the/user")
    own = bootstrap.environment_variables("/somewhere/python")
    ours = bootstrap.environment_variables(str(bootstrap.venv_python()))
    assert own["PYTHONPATH"].split(os.pathsep) == [str(ROOT), "/of/the/user"]
    assert ours["PYTHONPATH"] == str(ROOT)
    assert ours["PATH"].startswith(str(bootstrap.venv_python().parent) + os.pathsep)
    for variables in (own, ours):
        assert variables["JUPYTER_PREFER_ENV_PATH"] == "1"
        assert not {"JUPYTER_PATH", "PYTHONHOME"} & variables.keys()


# Which Python


def pythons(monkeypatch: pytest.MonkeyPatch, **found: tuple[str, bool]) -> None:
    """Pretend that these Pythons are here, `this` being the one that runs: version, and whether it has venv."""
    base = getattr(sys, "_base_executable", sys.executable)
    names = {"this": base} if os.name != "nt" else {"this": base, **{f"python{v}": f"-{v}" for v in ("3.11", "3.12")}}
    table = {names.get(name, name): answer for name, answer in found.items()}
    monkeypatch.setattr(bootstrap, "_probe", lambda command: table.get(command[-1], ("", False)))


def test_this_python_is_taken_if_it_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    pythons(monkeypatch, this=("3.11", True), **{"python3.12": ("3.12", True)})
    assert bootstrap.suitable_python()[1] == "3.11"


@pytest.mark.parametrize("this", [("3.8", True), ("3.15", True), ("3.11", False)])
def test_another_python_is_taken_if_this_one_will_not_do(
    this: tuple[str, bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    pythons(monkeypatch, this=this, **{"python3.11": ("3.11", True), "python3.12": ("3.12", True)})
    assert bootstrap.suitable_python()[1] == "3.12"


def test_no_python_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    pythons(monkeypatch, this=("3.8", True))
    with pytest.raises(bootstrap.SetupError, match=r"needs one from 3\.11 to 3\.14: install it from"):
        bootstrap.suitable_python()


def test_supported_pythons_are_those_that_the_package_declares() -> None:
    declared = project_table()["requires-python"]
    assert declared == ">={}.{},<{}.{}".format(*bootstrap.OLDEST, bootstrap.NEWEST[0], bootstrap.NEWEST[1] + 1)


@pytest.mark.parametrize("name", ON_ANY_PYTHON)
def test_old_python_can_read_the_set_up(name: str) -> None:
    source = (ROOT / "dnsseclab" / name).read_text(encoding="utf-8")
    tree = ast.parse(source, feature_version=(3, 8))
    assert not any(isinstance(node, ast.Match) or type(node).__name__ == "TryStar" for node in ast.walk(tree))
    first_party = {"dnsseclab"}
    for node in tree.body:  # on top: what is imported within a function runs later, or may fail
        if isinstance(node, ast.Import):
            assert {alias.name.split(".")[0] for alias in node.names} <= sys.stdlib_module_names | first_party
        elif isinstance(node, ast.ImportFrom) and not node.level:
            assert str(node.module).split(".")[0] in sys.stdlib_module_names


# One sentence for whatever goes wrong


def test_no_venv_module(project: Path, tmp_path: Path) -> None:
    """Debian keeps ensurepip in a package of its own."""
    (tmp_path / "ensurepip.py").write_text("raise ImportError('not installed')")
    said = sentence(dnsseclab(project, "lab", PYTHONPATH=str(tmp_path), PATH=""))
    assert "lacks the venv module" in said and "apt install python3" in said


@pytest.mark.slow
def test_no_network(project: Path) -> None:
    said = sentence(dnsseclab(project, "lab", PIP_NO_INDEX="0", PIP_FIND_LINKS="", PIP_INDEX_URL=NEVER_LISTENS))
    assert "check the network" in said
    assert not (project / ".venv/dnsseclab-setup.json").read_text().count("python")  # so that it is made anew


@pytest.mark.slow
def test_package_that_is_not_to_be_had(project: Path) -> None:
    (project / "requirements.txt").write_text("nowhere==1.0\n")
    said = sentence(dnsseclab(project, "lab"))
    assert "setup.log" in said
    assert "nowhere" in (project / ".venv/setup.log").read_text()


def test_folder_that_cannot_be_written_to(project: Path) -> None:
    (project / ".venv").write_text("a file in the way")
    assert "could not be made" in sentence(dnsseclab(project, "lab"))


def test_full_disk(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settle(project, monkeypatch)
    usage = shutil.disk_usage(project)._replace(free=bootstrap.DISK_SPACE - 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with pytest.raises(bootstrap.SetupError, match="700 MB"):
        bootstrap.make_environment(bootstrap.LAB)
    assert "make room" in str(why_pip_failed("ERROR: [Errno 28] No space left on device"))


def test_outside_the_project(project: Path) -> None:
    (project / "requirements.txt").unlink()
    assert "in the folder of the project" in sentence(dnsseclab(project, "lab"))


def test_port_that_is_taken(project: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert f"Port {port} is taken" in sentence(dnsseclab(project, "lab", "--port", port))


@pytest.mark.parametrize("arguments", [[], ["fly"], ["lab", "--port", "70000"], ["lab", "--port", "http"]])
def test_wrong_command_line_is_told_so(arguments: list[str], project: Path) -> None:
    done = dnsseclab(project, *arguments)
    assert done.returncode == 2 and "error:" in done.stderr and "Traceback" not in done.stderr


# The lab


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for one group of processes")
def test_lab_starts_with_the_right_kernel_and_ctrl_c_ends_it(
    tmp_path: Path, skip_for_want_of: Callable[[str], None]
) -> None:
    """A kernel `python3` of the user's, or of another environment, must not win."""
    if bootstrap.missing_pins(bootstrap.LAB):
        skip_for_want_of("this environment is not the one that requirements.txt describes")
    kernel = {"argv": ["false"], "display_name": "another", "language": "python"}
    for folder in ("user", "elsewhere"):
        (tmp_path / folder / "kernels/python3").mkdir(parents=True)
        (tmp_path / folder / "kernels/python3/kernel.json").write_text(json.dumps(kernel))
    settings = {f"JUPYTER_{name}_DIR": str(tmp_path / name) for name in ("CONFIG", "RUNTIME")}
    settings |= {"JUPYTER_DATA_DIR": str(tmp_path / "user"), "JUPYTER_PATH": str(tmp_path / "elsewhere")}
    lab = subprocess.Popen(
        [sys.executable, "-m", "dnsseclab", "lab", "--no-browser"],
        cwd=ROOT, env={**os.environ, **settings}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        start_new_session=True,
    )  # fmt: skip
    try:
        assert lab.stdout is not None
        address = next(found for line in lab.stdout if (found := re.search(r"http://127\.0\.0\.1:\d+/\S+", line)))[0]
        base, token = re.split(r"/lab/tree/notebooks/00_start_here.ipynb\?", address)
        assert (
            read_json(f"{base}/api/kernelspecs?{token}")["kernelspecs"]["python3"]["spec"]["display_name"] != "another"
        )
        assert read_json(f"{base}/api/contents/notebooks/00_start_here.ipynb?content=0&{token}")["type"] == "notebook"
        assert "apputils-extension:announcements" in read(f"{base}/lab?{token}")  # among what is switched off
        os.killpg(lab.pid, signal.SIGINT)
        assert lab.wait(20) == 0
    finally:
        if lab.poll() is None:
            os.killpg(lab.pid, signal.SIGKILL)
        lab.communicate()


def read(address: str) -> str:
    """Return what a page says; JupyterLab names its address a moment before it listens there."""
    for _ in range(100):
        with contextlib.suppress(ConnectionRefusedError, urllib.error.URLError):
            with urllib.request.urlopen(address, timeout=20) as reply:
                return str(reply.read().decode())
        time.sleep(0.2)
    raise AssertionError(f"nobody answers at {address}")


def read_json(address: str) -> Any:
    return json.loads(read(address))


# The lock files


def project_table() -> dict[str, object]:
    return dict(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"])


def locked(name: str) -> dict[str, str]:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    pins = [Requirement(line) for line in lines if line and line[0] not in "#-"]
    return {canonicalize_name(pin.name): str(pin.specifier).removeprefix("==") for pin in pins}


@pytest.mark.parametrize("name", bootstrap.TESTS)
def test_lock_holds_nothing_of_the_machine_that_made_it(name: str) -> None:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    assert not [line for line in lines if line and not line.startswith("#") and line != "-e ." and "==" not in line]
    assert not [line for line in lines if "://" in line or "/home" in line or "/tmp" in line]


def test_locks_agree_with_the_ranges_and_with_each_other() -> None:
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]
    course, tests = (locked(name) for name in bootstrap.TESTS)
    for wanted, lock in ((project_table()["dependencies"], course), (groups["test"], tests)):
        assert isinstance(wanted, list)
        for requirement in map(Requirement, wanted):
            assert requirement.specifier.contains(lock[canonicalize_name(requirement.name)])
    assert {name: pin for name, pin in tests.items() if course.get(name, pin) != pin} == {}
    assert "-e ." in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
