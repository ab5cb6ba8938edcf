"""The recipe in exercises/README.md works: its code, put where it says, is an exercise."""

import re
from pathlib import Path

import committed
import pytest

import exercises
from dnsseclab.grading import catalogue


def code_of_the_recipe() -> dict[str, str]:
    """Return {path: source} of the recipe's Python blocks, which name their file in their first line."""
    text = (committed.ROOT / "exercises/README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n# (\S+)\n(.+?)```", text, re.DOTALL)
    return dict(blocks)


@pytest.fixture
def own_exercises(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for path, source in code_of_the_recipe().items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(source, encoding="utf-8")
    monkeypatch.setenv("DNSSECLAB_EXERCISES", str(tmp_path))
    return tmp_path


def test_exercise_of_the_recipe_is_found_and_its_solution_passes(own_exercises: Path) -> None:
    assert catalogue.names() == ["13_labels"]
    verdict = exercises.verdict("13_labels", vars(exercises.solution("13_labels")))
    assert verdict.points == verdict.out_of == 10


def test_slip_in_it_is_explained(own_exercises: Path) -> None:
    verdict = exercises.verdict("13_labels", {"label_count": lambda name: len(name.split("."))})
    assert [finding.met for finding in verdict.findings] == [True, True, False]
    assert "RFC 4034 §3.1.3" in verdict.findings[2].mismatch.why


def test_every_call_that_the_recipe_lists_is_there() -> None:
    from dnsseclab.grading.criteria import Learner
    from dnsseclab.grading.seeds import Draw

    text = (committed.ROOT / "exercises/README.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"`learner\.(\w+)\(", text)) | {"fresh", "shown"}
    assert listed <= set(dir(Learner(lambda *_: None, Draw("a"), Draw("b"), Draw("c"))))  # type: ignore[arg-type]
    assert set(re.findall(r"`\.(\w+)[(`]", text)) <= set(dir(Draw))
