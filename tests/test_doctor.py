"""The doctor's report: what it finds, and that it never guesses."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dnsseclab import bootstrap, doctor, programs

ROOT = Path(__file__).parent.parent


def report(**variables: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "dnsseclab", "doctor"], cwd=ROOT, env={**os.environ, **variables},
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.stderr == ""
    assert done.returncode == ("The course can start." not in done.stdout)
    return done.stdout


@pytest.mark.slow
def test_report_names_everything_that_the_course_uses() -> None:
    said = report()
    listed = {line[6:24].strip() for line in said.splitlines() if line.startswith(("  ok  ", "  --  "))}
    always = {"python", "packages", "package", "fonts", "tests", "chromium", *programs.OTHER_PROGRAMS}
    assert listed == always | ({"kernel", "graphviz"} if bootstrap.find_environment(bootstrap.LAB) else set())
    assert str(ROOT / "dnsseclab") in said


def test_missing_program_is_named_with_its_purpose_and_remedy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(programs, "SYSTEM_FOLDERS", ())
    monkeypatch.setenv("PATH", str(tmp_path))
    findings = {finding.what: finding for finding in doctor.examine(is_set_up=False)}
    for name, program in programs.OTHER_PROGRAMS.items():
        assert not findings[name].fine and not findings[name].needed
        assert program.purpose in findings[name].text and f"apt install {program.debian};" in findings[name].text
        assert f"dnf install {program.fedora};" in findings[name].text
        assert f"brew install {program.macos}" in findings[name].text or not program.macos
    assert not findings["chromium"].fine


def test_course_that_is_not_set_up_cannot_start() -> None:
    needed = [finding.what for finding in doctor.examine(is_set_up=False) if finding.needed and not finding.fine]
    assert needed == ["packages"]


def test_package_that_was_changed_after_the_set_up_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "missing_pins", lambda files: ["jupyterlab==4.0"])
    finding = next(finding for finding in doctor.examine(is_set_up=True) if finding.what == "packages")
    assert finding.needed and not finding.fine and "jupyterlab==4.0" in finding.text


@pytest.mark.parametrize(("family", "fine"), [("Liberation Sans", True), ("DejaVu Sans", False)])
def test_font_of_another_width_is_reported(family: str, fine: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "output_of", lambda command, **options: family)
    finding = doctor.fonts("linux")
    assert finding.fine is fine and family in finding.text
