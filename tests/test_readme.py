"""What README promises is there: its commands, its files, and the picture as its command makes it."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from dnsseclab import __main__ as command_line
from dnsseclab.views import dot_backend

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
LINES = [line.partition("  #")[0].strip() for block in BLOCKS for line in block.splitlines()]
COMMANDS = [part for line in LINES if line and not line.startswith("#") for part in line.split(" && ")]


def test_the_two_commands_come_first() -> None:
    assert COMMANDS[:2] == ["python3 -m dnsseclab lab", "python3 -m dnsseclab test"]


@pytest.mark.parametrize("name", sorted(set(re.findall(r"-m dnsseclab (\w+)", README))))
def test_command_exists(name: str) -> None:
    assert re.search(rf"^ +{name}  ", command_line.parser().format_help(), re.MULTILINE)


@pytest.mark.parametrize("path", sorted({word for line in COMMANDS for word in line.split() if "/" in word}))
def test_file_in_a_command_exists(path: str) -> None:
    assert path.startswith((".venv/bin/", "lab/tree/")) or "'" in path or (ROOT / path).exists()


def test_every_notebook_is_on_the_map() -> None:
    there = {path.name for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert there <= set(re.findall(r"notebooks/(\w+\.ipynb)\)", README))


def test_picture_is_what_its_command_makes(tmp_path: Path) -> None:
    """Compared where the same Graphviz draws: another one may place a box a hair elsewhere."""
    (tmp_path / "notebooks").mkdir()
    command = next(line for line in COMMANDS if "forgery_rejected.svg" in line)
    python, *arguments = shlex.split(command)
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); " + arguments[1]
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
    made = (tmp_path / "notebooks/forgery_rejected.svg").read_text(encoding="utf-8")
    assert made.startswith("<svg") and "bank.example" in made
    dot = dot_backend.find_dot()
    if dot is not None and "graphviz-pure" in dot.name:
        assert made == (ROOT / "notebooks/forgery_rejected.svg").read_text(encoding="utf-8")
