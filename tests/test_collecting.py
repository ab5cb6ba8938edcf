"""Whatever a class hands in is read or gets a sentence; no link is followed, no bomb unpacked, no pipe awaited."""

import os
import zipfile
from pathlib import Path

import pytest

from dnsseclab.grading import collecting
from dnsseclab.grading.collecting import NOTEBOOK_BYTES, Entry, entries, read
from dnsseclab.protocol.names import LabError

NOTEBOOK = b'{"cells": []}'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "submissions").mkdir()
    return tmp_path / "submissions"


def hand_in(folder: Path, name: str, *files: str) -> Path:
    for file in files or ("06_key_tag.ipynb",):
        (folder / name / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / name / file).write_bytes(NOTEBOOK)
    return folder / name


def zipped(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_folders_and_zip_files_are_submissions(folder: Path) -> None:
    hand_in(folder, "bob", "06/06_key_tag.ipynb", "notes.txt")
    zipped(folder / "alice.zip", **{"deep/in/06_key_tag.ipynb": NOTEBOOK, "notes.txt": b"x"})
    found, remarks = entries(folder)
    assert [entry.identifier for entry in found] == ["alice", "bob"] and remarks == []
    assert read(found[0].path).files == {"deep/in/06_key_tag.ipynb": NOTEBOOK}  # type: ignore[arg-type]
    assert read(found[1].path).files == {"06/06_key_tag.ipynb": NOTEBOOK}  # type: ignore[arg-type]


def test_names_in_any_script_are_identifiers(folder: Path) -> None:
    for name in ("Zoe\u0308", "李雷", "علي", "o'Neil; rm -rf", "<b>", "=1+1", "a b"):
        hand_in(folder, name)
    assert {entry.identifier for entry in entries(folder)[0]} == {
        "Zoë",
        "李雷",
        "علي",
        "o'Neil; rm -rf",
        "<b>",
        "=1+1",
        "a b",
    }


def test_handed_in_twice_is_not_graded_and_said(folder: Path) -> None:
    hand_in(folder, "alice")
    zipped(folder / "Alice.zip", a=b"")
    ((entry,), _) = entries(folder)
    assert entry.path is None and "more than once" in entry.remark


@pytest.mark.parametrize(
    "make, sentence", [(lambda folder: folder.rmdir(), "There is no folder"), (lambda _: 0, "nothing to grade")]
)
def test_no_submissions_get_a_sentence(folder: Path, make: object, sentence: str) -> None:
    make(folder)  # type: ignore[operator]
    with pytest.raises(LabError, match=sentence):
        entries(folder)


def test_stray_files_are_named(folder: Path) -> None:
    hand_in(folder, "alice")
    (folder / "06_key_tag.ipynb").write_bytes(NOTEBOOK)
    assert entries(folder)[1] == ["06_key_tag.ipynb is neither a folder nor a zip file, and was left out."]


def test_roster_says_who_is_in_the_class(folder: Path, tmp_path: Path) -> None:
    hand_in(folder, "alice")
    hand_in(folder, "Doe Bob_123_assignsubmission_file")
    hand_in(folder, "mallory")
    roster = tmp_path / "roster.csv"
    roster.write_bytes(
        b"\xef\xbb\xbfidentifier,name,submission\nalice,Alice A.\n"
        b"bob,Bob,Doe Bob_123_assignsubmission_file\ncarol,Carol,\n"
    )
    found, remarks = entries(folder, roster)
    assert found == [
        Entry("alice", "Alice A.", folder / "alice"),
        Entry("bob", "Bob", folder / "Doe Bob_123_assignsubmission_file"),
        Entry("carol", "Carol", None, "Nothing was handed in."),
    ]
    assert remarks == ["mallory belongs to nobody on the roster, and was not graded."]


@pytest.mark.parametrize(
    "content, sentence",
    [
        (b"", "lists nobody"),
        (b"name\nalice\n", "lists nobody"),
        (b"identifier\na\nA\n", "twice"),
        (b"identifier\n\xff\n", "UTF-8"),
    ],
)
def test_roster_that_is_none_gets_a_sentence(folder: Path, tmp_path: Path, content: bytes, sentence: str) -> None:
    hand_in(folder, "alice")
    (tmp_path / "roster.csv").write_bytes(content)
    with pytest.raises(LabError, match=sentence):
        entries(folder, tmp_path / "roster.csv")


@pytest.mark.skipif(os.name == "nt", reason="links and pipes of Unix")
def test_links_and_pipes_are_not_followed(folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "solution.ipynb"
    secret.write_bytes(b'{"cells": ["the solution"]}')
    alice = hand_in(folder, "alice")
    (alice / "01_read_a_message.ipynb").symlink_to(secret)
    (alice / "others").symlink_to(tmp_path)
    os.mkfifo(alice / "02_forge_a_response.ipynb")
    (alice / "03_odds.ipynb").mkdir()
    submission = read(alice)
    assert list(submission.files) == ["06_key_tag.ipynb"]
    assert len(submission.remarks) == 2
    (folder / "bob").symlink_to(tmp_path, target_is_directory=True)
    (folder / "carol.zip").symlink_to(secret)
    for name in ("bob", "carol.zip"):
        submission = read(folder / name)
        assert submission.files == {} and "link" in submission.remarks[0]


def test_giant_notebook_is_left_out(folder: Path) -> None:
    alice = hand_in(folder, "alice")
    with (alice / "01_read_a_message.ipynb").open("wb") as file:
        file.truncate(500 << 20)  # 500 MB that need no disk
    submission = read(alice)
    assert list(submission.files) == ["06_key_tag.ipynb"]
    assert submission.remarks == (
        "01_read_a_message.ipynb has more than 10 MB: clear its outputs, and hand it in again.",
    )


def test_zip_bomb_is_not_unpacked(folder: Path) -> None:
    bomb = zipped(folder / "bomb.zip", **{"06_key_tag.ipynb": b"\0" * (200 << 20), "01_read_a_message.ipynb": NOTEBOOK})
    assert bomb.stat().st_size < 1 << 20
    submission = read(bomb)
    assert list(submission.files) == ["01_read_a_message.ipynb"]
    assert "06_key_tag.ipynb has more than 10 MB" in submission.remarks[0]


def test_many_notebooks_are_cut_off(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    many = zipped(folder / "many.zip", **{f"{number}.ipynb": b"\0" * NOTEBOOK_BYTES for number in range(8)})
    submission = read(many)
    assert sum(map(len, submission.files.values())) <= collecting.ALL_BYTES
    assert "left out" in submission.remarks[-1]
    monkeypatch.setattr(collecting, "ENTRIES", 3)
    assert "5 files" in read(zipped(folder / "five.zip", **{f"{number}.ipynb": b"" for number in range(5)})).remarks[0]


def test_path_tricks_in_a_zip_write_nowhere(folder: Path, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    tricky = zipped(folder / "tricky.zip", **{"../../escaped.ipynb": NOTEBOOK, "/etc/cron.d/x.ipynb": NOTEBOOK})
    assert len(read(tricky).files) == 2
    assert sorted(tmp_path.rglob("*")) == [*before, tricky]


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04" + b"\0" * 40, b"PK\x05\x06" + b"\xff" * 18])
def test_broken_zip_gets_a_sentence(folder: Path, content: bytes) -> None:
    (folder / "alice.zip").write_bytes(content)
    submission = read(folder / "alice.zip")
    assert submission.files == {} and "make the zip file again" in submission.remarks[0]


def test_encrypted_and_damaged_members_get_a_sentence(folder: Path) -> None:
    path = zipped(folder / "alice.zip", **{"06_key_tag.ipynb": NOTEBOOK * 100})
    content = bytearray(path.read_bytes())
    content[40:60] = b"\xff" * 20
    path.write_bytes(content)
    assert "make the zip file again" in read(path).remarks[0]
    locked = bytearray(zipped(folder / "bob.zip", **{"06_key_tag.ipynb": NOTEBOOK}).read_bytes())
    locked[6] |= 1
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    (folder / "bob.zip").write_bytes(locked)
    assert "cannot be unpacked" in read(folder / "bob.zip").remarks[0]
