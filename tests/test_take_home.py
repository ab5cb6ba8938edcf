"""internet/take_home.py: the real programs can read what is taken home, every line says why, and slips are refused."""

import subprocess
from pathlib import Path

import pytest

from dnsseclab.internet.daemons import find
from dnsseclab.internet.take_home import FILES, take_home
from dnsseclab.protocol.names import LabError

COMMENT = ("//", "#")
FRAME = ("options {", "server:", "};")  # what holds the lines together
HOME = {"address": "10.7.0.2", "network": "10.7.0.0/16", "router": "10.7.0.1", "private": "attic.example"}


@pytest.mark.daemon("named-checkconf")
@pytest.mark.parametrize("home", [{}, HOME], ids=["as it is", "another home"])
def test_bind_reads_it(home: dict[str, str], tmp_path: Path) -> None:
    text = take_home("BIND", **home).replace("/var/cache/bind", str(tmp_path))
    assert _read("named-checkconf", tmp_path, text) == ""


@pytest.mark.daemon("unbound-checkconf")
@pytest.mark.parametrize("home", [{}, HOME], ids=["as it is", "another home"])
def test_unbound_reads_it(home: dict[str, str], tmp_path: Path) -> None:
    key = tmp_path / "root.key"
    key.write_text(". DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D\n")
    text = take_home("Unbound", **home).replace("/var/lib/unbound/root.key", str(key))
    text = text.replace("server:", 'server:\n  chroot: ""\n  username: ""\n  directory: ""\n  pidfile: ""', 1)
    assert "no errors" in _read("unbound-checkconf", tmp_path, text)


@pytest.mark.daemon("named-checkconf")
def test_bind_refuses_it_if_a_word_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="validate-excpet"):
        _read("named-checkconf", tmp_path, take_home("BIND").replace("validate-except", "validate-excpet"))


@pytest.mark.parametrize("daemon", FILES)
def test_every_line_is_explained(daemon: str) -> None:
    lines = [line.strip() for line in take_home(daemon).splitlines() if line.strip()]
    pairs = zip(["", *lines], lines, strict=False)
    bare = [line for before, line in pairs if not before.startswith(COMMENT) and not line.startswith(COMMENT)]
    assert [line for line in bare if line not in FRAME] == []


@pytest.mark.parametrize("daemon", FILES)
def test_it_names_this_home_and_no_other(daemon: str) -> None:
    text = take_home(daemon, **HOME)
    assert all(value in text for value in HOME.values())
    assert "192.168.1." not in text and '"lan"' not in text


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"network": "192.168.1.7/24"}, "host bits"),
        ({"network": "8.8.8.0/24"}, "not a home network"),
        ({"network": "0.0.0.0/0"}, "not a home network"),
        ({"address": "192.168.2.53"}, "not in your network"),
        ({"router": "my router"}, "Write for example"),
        ({"private": "."}, "every name there is"),
    ],
    ids=str,
)
def test_slip_is_refused_with_advice(wrong: dict[str, str], says: str) -> None:
    with pytest.raises(LabError, match=says):
        take_home("BIND", **wrong)


def test_unknown_daemon_is_refused() -> None:
    with pytest.raises(LabError, match="BIND, Unbound"):
        take_home("dnsmasq")


def _read(program: str, folder: Path, text: str) -> str:
    file = folder / "home.conf"
    file.write_text(text, encoding="utf-8")
    done = subprocess.run([find(program), str(file)], capture_output=True, text=True)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    return said
