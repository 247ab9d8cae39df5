"""An assignment as the grader knows it: questions, tests, given cells and solutions of one key."""

import ast
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path


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


@dataclass(frozen=True)
class _Noted:
    """A test with what otter's decorator is told about it."""

    function: Callable
    points: float
    hidden: bool
    failure_message: str


def _test_case(
    *, points: float, hidden: bool = False, success_message: str = "", failure_message: str = ""
):
    """In place of otter's decorator: otter takes seconds to import, and no more of it is needed."""
    return lambda function: _Noted(function, points, hidden, failure_message)


def cases(source: str) -> list[Case]:
    """The tests in a file of otter's (its exception-based format), in their order.

    Every test must say its points, as those that :func:`initlab.grading.build.build` lets pass do.
    """
    tree = ast.parse(source)
    tree.body = [node for node in tree.body if getattr(node, "module", "") != "otter.test_files"]
    names = {"test_case": _test_case}
    exec(compile(tree, "<tests>", "exec"), names)
    return [
        Case(
            names["name"],
            noted.function.__name__.removeprefix("test_"),
            noted.points,
            noted.hidden,
            noted.failure_message,
            noted.function,
        )
        for noted in names.values()
        if isinstance(noted, _Noted)
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
    cells = []
    for number, question in enumerate(assignment.order):
        source = answers[question] if question else next(given)
        cell = {"cell_type": "code", "id": f"cell-{number}", "source": source.strip("\n")}
        cells.append({**cell, "metadata": {}, "execution_count": None, "outputs": []})
    metadata = {"initlab": {"assignment": assignment.slug}}
    notebook = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(notebook, indent=1).encode()
