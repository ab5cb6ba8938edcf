"""`check` in a notebook: an answer at once, points that are kept, sentences instead of tracebacks."""

import json
from pathlib import Path

import pytest

import exercises
from dnsseclab.grading import check, my_data, progress
from dnsseclab.protocol.names import LabError


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def functions(name: str = "06_key_tag") -> list:
    return [vars(exercises.solution(name))[each] for each in exercises.stubs(name)]


def wrong(rdata: bytes) -> int:
    return 0


wrong.__name__ = "key_tag"


def test_solution_gets_its_points_and_they_are_kept() -> None:
    report = check("06_key_tag", *functions())
    assert report.points == 10
    assert progress.read().best == {"06_key_tag": (10, 10)}
    assert "Key tag and DS: 10 of 10 points." in repr(report)
    assert "1 of" in repr(report).splitlines()[-1]


def test_best_result_stays() -> None:
    check("06_key_tag", *functions())
    report = check("06_key_tag", wrong, *functions()[1:])
    assert report.points == 7
    assert progress.read().best == {"06_key_tag": (10, 10)}


def test_miss_can_be_repeated_by_pasting_the_call() -> None:
    report = check("06_key_tag", wrong, *functions()[1:])
    called = report.verdict.findings[0].mismatch.called
    assert eval(called, {"key_tag": functions()[0]}) == int(report.verdict.findings[0].mismatch.expected)


def test_each_learner_has_an_identity_without_asking(tmp_path: Path) -> None:
    first = my_data("06_key_tag")
    assert my_data("06_key_tag") == first
    (tmp_path / progress.FILE).unlink()
    assert my_data("06_key_tag") != first


def test_handed_out_identity_is_kept(tmp_path: Path) -> None:
    (tmp_path / progress.FILE).write_text(json.dumps({"learner": "李雷", "best": {}}), encoding="utf-8")
    check("06_key_tag", *functions())
    assert progress.read().learner == "李雷"


@pytest.mark.parametrize("text", ["", "[]", "{", '{"learner": 1}', '{"learner": "x", "best": {"a": 1}}', "[" * 100_000])
def test_broken_progress_is_begun_anew(tmp_path: Path, text: str) -> None:
    (tmp_path / progress.FILE).write_text(text, encoding="utf-8")
    assert check("06_key_tag", *functions()).points == 10


def test_folder_that_cannot_be_written_to_only_forgets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "write_text", refuse)
    assert check("06_key_tag", *functions()).points == 10


def test_unknown_exercise_and_missing_functions_get_a_sentence() -> None:
    with pytest.raises(LabError, match="There is no exercise '99_x'. There are: 01_"):
        check("99_x")
    for given in ([], functions()[:1], [*functions(), wrong, print], [7, *functions()[1:]]):
        with pytest.raises(LabError, match=r'Write check\("06_key_tag", key_tag, ds_digest, named_keys\)'):
            check("06_key_tag", *given)


def test_report_shows_nothing_unescaped() -> None:
    def key_tag(rdata: bytes) -> str:
        return "<script>alert(1)</script>"

    html = check("06_key_tag", key_tag, *functions()[1:])._repr_html_()
    assert "<script" not in html and "&lt;script" in html


def test_stop_button_stops() -> None:
    def key_tag(rdata: bytes) -> int:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check("06_key_tag", key_tag, *functions()[1:])
