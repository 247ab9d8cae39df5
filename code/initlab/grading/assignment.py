"""An assignment as the grader knows it: questions, tests, given cells and solutions of one key."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import nbformat
from otter.test_files import ExceptionTestFile


@dataclass(frozen=True)
class Question:
    """A question: its ``name`` in the notebook (``q3``), its ``title``, and what it is worth."""

    name: str
    title: str
    points: float


@dataclass(frozen=True)
class Case:
    """One test of a question.

    ``function`` is called by keyword, with what the student defined under its parameters' names. It
    returns for a right answer and raises ``AssertionError`` for a wrong one.
    """

    question: str
    name: str
    points: float
    hidden: bool
    failure_message: str
    function: Callable


@dataclass(frozen=True)
class Assignment:
    """All that grading needs, read from the key that :func:`initlab.grading.build.build` writes.

    ``given`` are the code cells that students get ready made, ``solutions`` the source of every
    question's solution; ``order`` says how they follow each other in the notebook: the name of a
    question, or ``""`` for the next given cell. ``files`` lie beside the notebook.
    """

    slug: str
    title: str
    questions: tuple[Question, ...]
    given: tuple[str, ...]
    solutions: Mapping[str, str]
    order: tuple[str, ...]
    files: tuple[Path, ...]
    cases: tuple[Case, ...]

    @classmethod
    def load(cls, key: str | Path) -> "Assignment":
        """Read a key. Raises ``FileNotFoundError`` if there is none."""
        key = Path(key)
        description = key / "assignment.json"
        if not description.is_file():
            raise FileNotFoundError(
                f"{key} holds no key of an assignment: there is no {description.name} in it; "
                "make assignments (or initlab-grade build) writes keys"
            )
        data = json.loads(description.read_text(encoding="utf-8"))
        questions = tuple(Question(**question) for question in data["questions"])
        return cls(
            data["slug"],
            data["title"],
            questions,
            tuple(data["given"]),
            data["solutions"],
            tuple(data["order"]),
            tuple(sorted((key / "files").glob("*"))),
            tuple(
                case
                for question in questions
                for case in cases(
                    (key / "tests" / f"{question.name}.py").read_text(encoding="utf-8")
                )
            ),
        )


def cases(source: str) -> list[Case]:
    """The tests in a file of otter's (its exception-based format), in their order."""
    file = ExceptionTestFile.from_string(source)
    return [
        Case(
            file.name,
            case.body.test_func.__name__.removeprefix("test_"),
            case.points,
            case.hidden,
            case.failure_message or "",
            case.body.test_func,
        )
        for case in file.test_cases
    ]


def submission(assignment: Assignment, replace: Mapping[str, str] | None = None) -> bytes:
    """A full notebook: given cells and solutions, some of these replaced by other answers.

    Examples
    --------
    >>> notebook = submission(assignment, {"q2": "def delta(z): return 0 * z"})  # doctest: +SKIP
    """
    replace = dict(replace or {})
    if unknown := sorted(set(replace) - set(assignment.solutions)):
        raise ValueError(
            f"{assignment.slug} has no question {', '.join(unknown)}; "
            f"there are {', '.join(assignment.solutions)}"
        )
    given, answers = iter(assignment.given), {**assignment.solutions, **replace}
    notebook = nbformat.v4.new_notebook()
    for number, question in enumerate(assignment.order):
        source = answers[question] if question else next(given)
        cell = nbformat.v4.new_code_cell(source.strip("\n"), id=f"cell-{number}")
        notebook.cells.append(cell)
    notebook.metadata["initlab"] = {"assignment": assignment.slug}
    return nbformat.writes(notebook).encode()
