"""The course checks itself: stubs fail helpfully, solutions pass for any learner, hints are there, names agree."""

import ast
import re
import time
from pathlib import Path

import committed
import pytest

import exercises
from dnsseclab.grading import catalogue
from dnsseclab.grading.seeds import shown_to

SEEDS = 50
POINTS = 10  # each exercise counts the same
COURSE = (
    "01_read_a_message", "02_forge_a_response", "03_odds", "04_accept_check", "05_signed_bytes", "06_key_tag",
    "07_walk_a_chain", "08_denial", "09_clinic", "10_ladder", "11_rollover", "12_budget",
)  # fmt: skip

every_exercise = pytest.mark.parametrize("name", catalogue.names())


def files(pattern: str) -> set[str]:
    return {path.stem for path in catalogue.folder().glob(pattern)}


def test_names_agree_in_all_folders() -> None:
    assert files("*.ipynb") == files("checks/*.py") == files("solutions/*.py") == set(catalogue.names())
    assert set(catalogue.names()) <= set(COURSE)


def test_no_two_exercises_ask_for_functions_of_the_same_name() -> None:
    """A renamed notebook is recognized by its functions."""
    asked = [function for name in catalogue.names() for function in catalogue.exercise(name).functions]
    assert len(set(asked)) == len(asked)


@every_exercise
def test_every_stub_fails_with_a_helpful_message(name: str) -> None:
    verdict = exercises.verdict(name, exercises.stub_functions(name))
    assert verdict.points == 0
    for finding in verdict.findings:
        assert not finding.crash
        assert finding.mismatch and "still to be written" in finding.mismatch.actual
        assert "Replace the line" in finding.mismatch.next_step


@every_exercise
def test_every_solution_gets_full_points_whoever_is_asked(name: str) -> None:
    functions = vars(exercises.solution(name))
    for seed in range(SEEDS):
        verdict = exercises.verdict(name, functions, learner=f"learner {seed}", secret=b"secret" * (seed % 2))
        assert [finding for finding in verdict.findings if not finding.met] == []
    assert verdict.points == verdict.out_of == POINTS


@every_exercise
def test_asking_is_quick(name: str) -> None:
    """A learner presses Shift-Enter and has the answer; a class of 300 has its grades in a minute."""
    functions = vars(exercises.solution(name))
    exercises.verdict(name, functions)  # the first time, modules are loaded
    started = time.process_time()
    exercises.verdict(name, functions)
    assert time.process_time() - started < 1


@every_exercise
def test_same_learner_is_asked_the_same_again_and_others_are_not(name: str) -> None:
    def questions(learner: str, secret: bytes) -> list[str]:
        asked: list[str] = []

        def listen(function: str) -> object:
            return lambda *arguments: asked.append(f"{function}{arguments}")

        exercises.verdict(name, {each: listen(each) for each in catalogue.exercise(name).functions}, learner, secret)
        return asked

    alice = questions("alice", b"secret")
    assert questions("alice", b"secret") == alice
    assert questions("bob", b"secret") != alice
    assert questions("alice", b"another secret") != alice


@every_exercise
def test_what_is_handed_out_is_the_learners_own(name: str) -> None:
    material = catalogue.exercise(name).material
    if material is None:
        pytest.skip("nothing is handed out")
    alice, again, bob = (material(shown_to(learner, name)) for learner in ("alice", "alice", "bob"))
    assert alice == again != bob


@every_exercise
def test_every_criterion_says_what_it_wants_and_is_worth_something(name: str) -> None:
    criteria = catalogue.exercise(name).criteria
    assert all(criterion.points > 0 for criterion in criteria)
    assert all(re.fullmatch(r"[A-Z].{15,110}\.", criterion.sentence) for criterion in criteria)
    assert len({criterion.key for criterion in criteria}) == len(criteria)


@every_exercise
def test_every_mismatch_names_a_reason_and_a_next_step(name: str) -> None:
    """Functions that answer nonsense meet every criterion's explanation."""
    for nonsense in ("nonsense", None, -1, [], [["nonsense"]], b"\x00"):
        functions = {each: lambda *_, value=nonsense: value for each in catalogue.exercise(name).functions}
        for finding in exercises.verdict(name, functions).findings:
            assert not finding.crash, finding.crash
            if finding.mismatch:
                assert re.search(r"RFC \d+", finding.mismatch.why), finding.key
                assert finding.mismatch.next_step, finding.key


@every_exercise
def test_constant_answers_gain_nothing_worth_having(name: str) -> None:
    """A criterion or two may be met by one constant; never half of the points."""
    for constant in (None, True, 0, 1, "", b"", [], "secure"):
        functions = {each: lambda *_, value=constant: value for each in catalogue.exercise(name).functions}
        assert exercises.verdict(name, functions).points <= 3


@every_exercise
def test_stub_and_solution_offer_the_functions_that_are_asked(name: str) -> None:
    asked = catalogue.exercise(name).functions
    assert tuple(exercises.stubs(name)) == asked
    for function, source in exercises.stubs(name).items():
        (definition,) = ast.parse(source).body
        assert isinstance(definition, ast.FunctionDef) and definition.name == function
        assert ast.get_docstring(definition) and "# TODO" in source
    assert all(callable(vars(exercises.solution(name))[function]) for function in asked)


@every_exercise
def test_hints_are_a_ladder_and_none_is_empty(name: str) -> None:
    (cell,) = [cell for cell in exercises.notebook(name).cells if "hints" in cell.metadata.get("tags", [])]
    rungs = re.findall(r"<details><summary>(.+?)</summary>(.+?)</details>", cell.source, re.DOTALL)
    assert len(rungs) >= 3
    assert all(len(text.strip()) > 40 for _, text in rungs)


@every_exercise
def test_metadata_is_what_nbgrader_reads(name: str) -> None:
    """Schema 3: https://nbgrader.readthedocs.io/en/stable/contributor_guide/metadata.html."""
    marked = [cell for cell in exercises.notebook(name).cells if "nbgrader" in cell.metadata]
    grade_ids = [cell.metadata.nbgrader.grade_id for cell in marked]
    assert len(set(grade_ids)) == len(grade_ids)
    for cell in marked:
        about = cell.metadata.nbgrader
        assert about.schema_version == 3 and not about.task
        assert re.fullmatch(r"[a-zA-Z0-9_\-]+", about.grade_id)
        assert about.locked != about.solution
        assert ("points" in about) == about.grade
    (graded,) = [cell for cell in marked if cell.metadata.nbgrader.grade]
    assert graded.metadata.nbgrader.points == catalogue.exercise(name).points
    functions = ", ".join(catalogue.exercise(name).functions)
    assert ast.unparse(ast.parse(graded.source)) == f"check({name!r}, {functions}).points"  # on however many lines


@every_exercise
def test_notebook_says_its_time_and_points(name: str) -> None:
    title = exercises.notebook(name).cells[0].source
    assert title.startswith(f"# Exercise {name[:2]}: ")
    assert re.search(rf"\*\*\d+ minutes, {POINTS} points, after \[lesson", title)


@every_exercise
def test_notebook_does_not_hold_the_solution(name: str) -> None:
    text = committed.text(f"exercises/{name}.ipynb")
    solution = ast.parse(exercises.solution_source(name))
    for node in ast.walk(solution):
        if isinstance(node, ast.FunctionDef) and node.name in catalogue.exercise(name).functions:
            assert ast.unparse(node.body[-1]) not in text


def test_no_stray_file() -> None:
    known = {"README.md", "checks", "solutions", "my_progress.json", ".ipynb_checkpoints", "nbgrader"}
    found = {path.name for path in catalogue.folder().iterdir() if path.suffix != ".ipynb"}
    assert found <= known
    assert not [
        path
        for path in Path(catalogue.folder()).rglob("*.py")
        if path.parent.name not in ("checks", "solutions", "nbgrader")
    ]
