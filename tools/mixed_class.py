"""A class of mixed submissions, always the same, with the marks that each of them must get.

Answers come from an assignment's bank, which says what each of them loses. Around them there is
what else is handed in: code that hangs or ends its process, work left unfinished, broken files.
"""

import ast
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from initlab.grading.assignment import Assignment, submission

#: The share of each kind in a class; "honest" ones are right or have one wrong answer.
SHARES = {
    **{"honest": 0.60, "several wrong": 0.25, "hanging": 0.03, "ending": 0.02},
    **{"unfinished": 0.05, "broken file": 0.05},
}
READ, IN_PART, NOT_READ = "graded", "graded in part", "not readable"


@dataclass(frozen=True)
class Handed:
    """What a student handed in, and what must come of it: a status and marks by question."""

    student: str
    kind: str
    content: bytes
    status: str
    marks: dict[str, float] = field(default_factory=dict)


#: Endings of an answer's cell, which is then cut down to its definitions: it keeps its points.
HANGING_CELLS = (
    "\nwhile True:\n    pass\n",
    "\nimport time\ntime.sleep(1e6)\n",
)
ENDING_CELLS = (
    "\nimport os\nos._exit(0)\n",
    "\nimport os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n",
)
#: Bodies of a function, whose question is then lost.
HANGING_FUNCTIONS = (
    "    while True:\n        pass\n",
    "    while True:\n        try:\n            while True:\n                pass\n"
    "        except BaseException:\n            pass\n",
)
ENDING_FUNCTIONS = (
    "    import os\n    os._exit(0)\n",
    "    blocks = []\n    while True:\n        blocks.append(np.ones(2**20))\n",
)


def mixed_class(assignment: Assignment, bank: Path, students: int, seed: int = 0) -> list[Handed]:
    """The class, in a random order; at least one of each kind is in it."""
    if students < len(SHARES):
        raise ValueError(f"a mixed class has {len(SHARES)} students or more, got {students}")
    maker = _Maker(assignment, bank, np.random.default_rng(seed))
    counts = {kind: max(1, round(share * students)) for kind, share in SHARES.items()}
    counts["honest"] += students - sum(counts.values())
    kinds = [(kind, number) for kind, count in counts.items() for number in range(count)]
    order = maker.rng.permutation(len(kinds))
    return [maker.make(f"s{place:03d}", *kinds[i]) for place, i in enumerate(order, 1)]


class _Maker:
    """Makes submissions of every kind out of an assignment and its bank."""

    def __init__(self, assignment: Assignment, bank: Path, rng: np.random.Generator):
        self.assignment, self.rng = assignment, rng
        self.points = {question.name: question.points for question in assignment.questions}
        self.defines = {q: _defined(source) for q, source in assignment.solutions.items()}
        self.functions = [q for q in self.points if self._head(q)]
        self.answers: dict[tuple[str, str], list[dict]] = {}
        for answer in tomllib.loads(bank.read_text(encoding="utf-8"))["answer"]:
            question = answer["question"]
            # An answer that uses another one would lose that one's points, too.
            others = set().union(*(d for q, d in self.defines.items() if q != question))
            if not others & _used(answer["code"]):
                self.answers.setdefault((answer["kind"], question), []).append(answer)

    def make(self, student: str, kind: str, number: int) -> Handed:
        """The submission of one student, the ``number``-th of its kind."""
        if kind == "broken file":
            return Handed(student, kind, self._broken(number), NOT_READ)
        replace, lost, status = self._answers(kind, number)
        marks = {q: points - lost.get(q, 0) for q, points in self.points.items()}
        return Handed(student, kind, submission(self.assignment, replace), status, marks)

    def _answers(self, kind: str, number: int) -> tuple[dict[str, str], dict[str, float], str]:
        """Answers in place of solutions, the points they lose by question, and the status."""
        if kind in ("hanging", "ending"):
            cells = HANGING_CELLS if kind == "hanging" else ENDING_CELLS
            bodies = HANGING_FUNCTIONS if kind == "hanging" else ENDING_FUNCTIONS
            question = self._pick(self.functions, 1)[0]
            if number % 2:
                ending = cells[number // 2 % len(cells)]
                return {question: self.assignment.solutions[question] + ending}, {}, IN_PART
            code = self._head(question) + bodies[number // 2 % len(bodies)]
            return {question: code}, {question: self.points[question]}, READ
        if kind == "unfinished":
            begun = int(self.rng.integers(2, 7))
            left = list(self.points)[begun:]
            return {q: self._untouched(q) for q in left}, {q: self.points[q] for q in left}, READ
        wrong = number % 2 if kind == "honest" else int(self.rng.integers(2, 7))
        chosen = self._choose("wrong", wrong, set())
        lost = {question: answer["loses"][question] for question, answer in chosen.items()}
        chosen |= self._choose("unusual", 2, set(chosen))
        return {question: answer["code"] for question, answer in chosen.items()}, lost, READ

    def _choose(self, kind: str, count: int, taken: set[str]) -> dict[str, dict]:
        """One answer of a kind for each of so many questions."""
        free = [q for q in self.points if q not in taken and (kind, q) in self.answers]
        questions = self._pick(free, count)
        return {q: self._pick(self.answers[kind, q], 1)[0] for q in questions}

    def _pick(self, things: list, count: int) -> list:
        return [things[i] for i in self.rng.permutation(len(things))[:count]]

    def _head(self, question: str) -> str:
        """The line that begins the question's function; empty if the answer is none."""
        for node in ast.parse(self.assignment.solutions[question]).body:
            if isinstance(node, ast.FunctionDef):
                return f"def {node.name}({ast.unparse(node.args)}):\n"
        return ""

    def _untouched(self, question: str) -> str:
        """The cell as it was handed out, or near to it."""
        head = self._head(question)
        (name,) = self.defines[question]
        return f"{head}    ..." if head else f"{name} = ..."

    def _broken(self, number: int) -> bytes:
        whole = submission(self.assignment)
        files = [
            b"",
            whole[: len(whole) // 2],
            b"<!DOCTYPE html><title>Sign in</title>",
            b'{"cells": 1, "nbformat": 4}',
            bytes(range(256)) * 100,
        ]
        return files[number % len(files)]


def _defined(source: str) -> set[str]:
    """The names that a source defines."""
    names = set()
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return names


def _used(source: str) -> set[str]:
    return {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
