"""The assignments, and the tests of the assignments: what their banks of answers earn."""

import shutil
import tomllib
from functools import cache
from pathlib import Path
from zipfile import ZipFile

import nbformat
import pytest
from banks import MASTERS, bank, grade_by_otter, secrets
from helpers import ROOT
from nbclient import NotebookClient

from initlab.grading.assignment import Assignment, cases, submission
from initlab.grading.build import build
from initlab.grading.current import STAMP
from initlab.grading.isolation import NoIsolation, choose
from initlab.grading.marking import grade
from initlab.grading.misconceptions import register

SLUGS = [master.parent.name for master in MASTERS]
ANSWERS = [
    pytest.param(master.parent.name, answer, id=f"{master.parent.name}: {answer.name}")
    for master in MASTERS
    for answer in bank(master)
]


@pytest.fixture(scope="session")
def built(assignments):
    """``built(slug)``: the folder of a built assignment, and its key, read once."""

    @cache
    def get(slug):
        return assignments / slug, Assignment.load(assignments / slug / "key")

    return get


@pytest.fixture(scope="session")
def marks_of():
    """What the runner gives for an answer, in the best isolation that there is."""
    try:
        isolation = choose()
    except NoIsolation:
        isolation = choose(no_sandbox=True)
    return lambda assignment, notebook: grade(assignment, notebook, "student", isolation)


# ------------------------------------------------------------------ what each assignment must be


@pytest.mark.parametrize("slug", SLUGS)
def test_questions_and_points(built, slug):
    _, assignment = built(slug)
    assert assignment.title
    assert all(question.title for question in assignment.questions)
    assert len(assignment.questions) >= 8
    assert sum(question.points for question in assignment.questions) == 100
    for question in assignment.questions:
        of_question = [case for case in assignment.cases if case.question == question.name]
        assert {case.hidden for case in of_question} == {False, True}
        assert sum(case.points for case in of_question) == question.points


@pytest.mark.parametrize("slug", SLUGS)
def test_solutions_earn_everything(built, marks_of, slug):
    folder, assignment = built(slug)
    notebook = submission(assignment)
    marks = marks_of(assignment, notebook)
    assert [case for case in marks.cases if case.outcome != "passed"] == []
    assert marks.earned() == 100
    assert grade_by_otter(folder / "key", notebook) == {case.name for case in assignment.cases}


@pytest.mark.parametrize("slug", SLUGS)
def test_nothing_earns_nothing(built, marks_of, slug):
    _, assignment = built(slug)
    nothing = dict.fromkeys(assignment.solutions, "")
    assert marks_of(assignment, submission(assignment, nothing)).earned() == 0


@pytest.mark.parametrize(("slug", "answer"), ANSWERS)
def test_an_answer_loses_what_it_must(built, marks_of, slug, answer):
    folder, assignment = built(slug)
    notebook = submission(assignment, {answer.question: answer.code})
    marks = marks_of(assignment, notebook)
    lost = {
        question.name: question.points - marks.earned(question.name)
        for question in assignment.questions
        if marks.earned(question.name) != question.points
    }
    failed = {case.name: case.message for case in marks.cases if case.outcome != "passed"}
    assert lost == answer.loses, failed
    named = {case.misconception for case in marks.cases if case.misconception}
    assert named == ({answer.misconception} if answer.misconception else set()), failed
    passed = {case.name for case in marks.cases if case.outcome == "passed"}
    assert grade_by_otter(folder / "key", notebook) == passed


@pytest.mark.parametrize("master", MASTERS, ids=SLUGS)
def test_the_bank_is_large_enough(master):
    answers = bank(master)
    assert len({answer.name for answer in answers}) == len(answers)
    assert sum(answer.kind == "wrong" for answer in answers) >= 10
    assert sum(answer.kind == "unusual" for answer in answers) >= 5
    # Hardly a wrong idea without a name.
    wrong = [answer for answer in answers if answer.kind == "wrong"]
    assert sum(not answer.misconception for answer in wrong) <= len(wrong) / 4


def test_the_banks_together_are_large_enough():
    kinds = [answer.values[1].kind for answer in ANSWERS]
    assert kinds.count("wrong") >= 15 * len(MASTERS) - 5
    assert kinds.count("unusual") >= 5 * len(MASTERS)


def test_every_misconception_is_met_and_rests_on_claims_there_are():
    met = {answer.values[1].misconception for answer in ANSWERS} - {""}
    assert met == set(register())
    claims = tomllib.loads((ROOT / "chapters/claims.toml").read_text(encoding="utf-8"))["claim"]
    for name, entry in register().items():
        assert set(entry) == {"title", "feedback", "claims"}, name
        assert set(entry["claims"]) <= {claim["id"] for claim in claims}, name


# ------------------------------------------------------------------ what students get


def texts(folder, slug):
    """Everything in the student's folder as text, that in the zip too."""
    student = folder / "student"
    notebook = nbformat.read(student / f"{slug}.ipynb", as_version=4)
    yield "\n".join(cell.source for cell in notebook.cells)
    yield from notebook.metadata["otter"]["tests"].values()
    for file in student.rglob("*"):
        if file.suffix not in ("", ".zip") and file.is_file():
            yield file.read_text(encoding="utf-8")
    with ZipFile(student / f"{slug}.zip") as archive:
        for name in archive.namelist():
            yield archive.read(name).decode()


@pytest.mark.parametrize("slug", SLUGS)
def test_students_get_no_solution_and_no_hidden_test(built, slug):
    folder, assignment = built(slug)
    tests = {
        question.name: (folder / "key" / "tests" / f"{question.name}.py").read_text("utf-8")
        for question in assignment.questions
    }
    master = (ROOT / "assignments" / slug / "master.py").read_text(encoding="utf-8")
    lines = secrets(assignment, tests, master)
    assert len(lines) > 30
    everything = "\n".join(texts(folder, slug))
    assert [line for line in lines if line in everything] == []
    assert "hidden=True" not in everything
    assert "initlab.grading" not in everything
    # Control: in the notebook with solutions, and in the tests of the key, they are found.
    solved = nbformat.reads(submission(assignment).decode(), as_version=4)
    there = "\n".join([*(cell.source for cell in solved.cells), *tests.values()])
    assert [line for line in lines if line not in there] == []


@pytest.mark.parametrize("slug", SLUGS)
def test_students_get_all_public_tests_and_every_given_cell(built, slug):
    folder, assignment = built(slug)
    notebook = nbformat.read(folder / "student" / f"{slug}.ipynb", as_version=4)
    embedded = [
        case.name
        for question in assignment.questions
        for case in cases(notebook.metadata["otter"]["tests"][question.name])
    ]
    assert embedded == [case.name for case in assignment.cases if not case.hidden]
    sources = [cell.source for cell in notebook.cells]
    assert set(assignment.given) <= set(sources)
    for question in assignment.questions:
        assert f'grader.check("{question.name}")' in sources
    assert notebook.metadata["initlab"] == {"assignment": slug}
    with ZipFile(folder / "student" / f"{slug}.zip") as archive:
        names = {name.removeprefix(f"{slug}/") for name in archive.namelist()}
    assert {f"{slug}.ipynb", "requirements-student.txt"} <= names
    assert {file.name for file in assignment.files} <= names


@pytest.mark.parametrize("slug", SLUGS)
def test_an_unanswered_notebook_runs_and_says_what_is_missing(built, slug, tmp_path):
    folder, assignment = built(slug)
    for file in (folder / "student").iterdir():
        shutil.copy(file, tmp_path)
    notebook = nbformat.read(tmp_path / f"{slug}.ipynb", as_version=4)
    without = nbformat.v4.new_code_cell('import sys; sys.modules["initlab"] = None')
    notebook.cells.insert(0, without)
    NotebookClient(notebook, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = {
        cell.source: "".join(
            output.get("data", {}).get("text/plain", "") for output in cell.outputs
        )
        for cell in notebook.cells
        if cell.cell_type == "code"
    }
    for question in assignment.questions:
        said = shown[f'grader.check("{question.name}")']
        assert f"{question.name} results:" in said
        assert "AssertionError" in said, said  # words for the student, no accident of ours
        assert "NoneType" not in said, said


# ------------------------------------------------------------------ the build


def test_the_same_master_gives_the_same_bytes(built, tmp_path):
    folder, _ = built(SLUGS[0])
    again = build(ROOT / "assignments" / SLUGS[0] / "master.py", tmp_path)
    files = sorted(file.relative_to(again) for file in again.rglob("*") if file.is_file())
    assert {file.relative_to(folder) for file in folder.rglob("*") if file.is_file()} == {
        *files,
        Path(STAMP),
    }
    for file in files:
        assert (folder / file).read_bytes() == (again / file).read_bytes(), file
