"""A small class for the tests of grading: notebooks, an assignment, and a grader that is fast.

The fake grader reads the marks out of the notebook: its metadata say which cases pass.
"""

import json
from types import SimpleNamespace

from initlab.grading.marks import CaseResult, Marks

KEY = {
    "slug": "small-steps",
    "title": "Small steps",
    "possible": 10,
    "questions": [
        {"name": "q1", "title": "First & foremost", "points": 4},
        {"name": "q2", "title": "Second", "points": 6},
    ],
    "given": [],
    "solutions": {},
    "order": [],
}
#: The cases of the two questions: question, name, points, hidden.
CASES = [
    ("q1", "q1_shape", 1, False),
    ("q1", "q1_secret_trap", 3, True),
    ("q2", "q2_value", 2.5, False),
    ("q2", "q2_secret_value", 3.5, True),
]
TEST = """from otter.test_files import test_case
OK_FORMAT = False
name = "{name}"
points = None
"""


def notebook(passed=4, slug="small-steps", message="not so", **fake) -> bytes:
    """A notebook whose first ``passed`` cases pass; ``fake`` says what else the grader does."""
    metadata = {"initlab": {"assignment": slug}, "fake": {"passed": passed, "message": message}}
    metadata["fake"].update(fake)
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None,
            "source": f"x = {passed}"}  # fmt: skip
    data = {"cells": [cell], "metadata": metadata, "nbformat": 4, "nbformat_minor": 4}
    return json.dumps(data).encode()


def grade(assignment, content: bytes, student: str, isolation) -> Marks:
    """Marks as the notebook's metadata ask for them."""
    try:
        fake = json.loads(content)["metadata"]["fake"]
    except (ValueError, KeyError, TypeError):
        return Marks(student, "not readable", (), ("not a notebook",))
    if fake.get("crash"):
        raise RuntimeError(fake["crash"])
    cases = [
        CaseResult(
            *case,
            "passed" if number < fake["passed"] else fake.get("outcome", "wrong"),
            "" if number < fake["passed"] else fake["message"],
            "" if number < fake["passed"] else fake.get("misconception", ""),
        )
        for number, case in enumerate(CASES)
    ]
    notes = tuple(fake.get("notes", ()))
    return Marks(student, "graded in part" if notes else "graded", tuple(cases), notes)


def build(folder, slug="small-steps"):
    """An assignment with a key, as ``initlab-grade build`` leaves it; returns where it lies."""
    tests = folder / slug / "key" / "tests"
    tests.mkdir(parents=True)
    (tests.parent / "assignment.json").write_text(json.dumps(KEY | {"slug": slug}))
    for question in KEY["questions"]:
        (tests / f"{question['name']}.py").write_text(TEST.format(name=question["name"]))
    return folder


ASSIGNMENT = SimpleNamespace(
    slug=KEY["slug"],
    title=KEY["title"],
    questions=tuple(SimpleNamespace(**question) for question in KEY["questions"]),
)


def tree(folder) -> dict[str, bytes]:
    """Every file below a folder with its content, but for the lock."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".lock"
    }
