"""Programs of others: found where PATH does not look, and described in one way when they are missing."""

from pathlib import Path

import pytest

from dnsseclab import programs


def test_daemon_is_found_where_path_does_not_look(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "named").write_text("#!/bin/sh\n")
    (tmp_path / "named").chmod(0o755)
    monkeypatch.setattr(programs, "SYSTEM_FOLDERS", (str(tmp_path),))
    monkeypatch.setenv("PATH", "")
    assert programs.find_program("named") == str(tmp_path / "named")


def test_program_that_is_nowhere_is_not_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(programs, "SYSTEM_FOLDERS", ())
    monkeypatch.setenv("PATH", str(tmp_path))
    assert programs.find_program("named") is None


def test_how_to_get_it_names_the_package_of_each_system() -> None:
    said = "Debian, Ubuntu: apt install bind9-dnsutils; Fedora: dnf install bind-utils; macOS: brew install bind"
    assert programs.how_to_get("dig") == said


@pytest.mark.parametrize("name", programs.OTHER_PROGRAMS)
def test_every_program_is_described(name: str) -> None:
    purpose, debian, fedora, macos = programs.OTHER_PROGRAMS[name]
    assert purpose and debian and fedora
    assert macos or "macOS: there is none" in programs.how_to_get(name)
