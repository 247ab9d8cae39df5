"""For the tests of assignments: masters, their banks of answers, and what otter says of one."""

import ast
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from helpers import ROOT
from otter.test_files import ExceptionTestFile

from initlab.grading.assignment import Assignment

MASTERS = sorted(ROOT.glob("assignments/*/master.py"))


@dataclass(frozen=True)
class Answer:
    """One answer of a bank, with what it must lose."""

    name: str
    question: str
    kind: str
    code: str
    loses: dict[str, float] = field(default_factory=dict)
    misconception: str = ""

    def __post_init__(self):
        if self.kind not in ("wrong", "unusual"):
            raise ValueError(f"{self.name} must be wrong or unusual, got {self.kind!r}")
        if (self.kind == "wrong") != bool(self.loses):
            raise ValueError(f"{self.name} is {self.kind} and loses {self.loses}")


def bank(master: Path) -> list[Answer]:
    """The bank of answers beside a master."""
    text = (master.parent / "bank.toml").read_text(encoding="utf-8")
    return [Answer(**answer) for answer in tomllib.loads(text)["answer"]]


def executed(notebook: bytes) -> dict:
    """What the cells of a notebook define, run one after another; a failing cell is dropped."""
    space = {"__name__": "__main__"}
    for cell in nbformat.reads(notebook.decode(), as_version=4).cells:
        try:
            exec(cell.source, space)
        except Exception:
            continue
    return space


def grade_by_otter(key: Path, notebook: bytes) -> set[str]:
    """The cases that otter's own test files find passed, in this process; for trusted code only."""
    space, passed = executed(notebook), set()
    for path in sorted((key / "tests").glob("*.py")):
        file = ExceptionTestFile.from_file(str(path))
        file.run(space)
        passed |= {
            result.test_case.body.test_func.__name__.removeprefix("test_")
            for result in file.test_case_results
            if result.passed
        }
    return passed


def secrets(assignment: Assignment, tests: dict[str, str], master: str) -> list[str]:
    """Lines that students must not find: of solutions, of hidden tests, and their messages."""
    lines, inside = [], False
    prompts = "".join(re.findall(r"# BEGIN PROMPT.*?# END PROMPT", master, flags=re.DOTALL))
    for line in master.splitlines():
        if "# END SOLUTION" in line:
            inside = False
        if inside or line.rstrip().endswith("# SOLUTION"):
            lines.append(line.strip().removesuffix("# SOLUTION").strip())
        if "# BEGIN SOLUTION" in line and not line.startswith("# #"):
            inside = True
    public, hidden = set(), set()
    hides = {(case.question, case.function.__name__): case.hidden for case in assignment.cases}
    for question, source in tests.items():
        for node in ast.parse(source).body:
            if isinstance(node, ast.FunctionDef):
                node.decorator_list = []
                body = {line.strip() for line in ast.unparse(node).splitlines()}
                (hidden if hides[question, node.name] else public).update(body)
    lines += sorted(hidden - public)
    lines += [case.failure_message for case in assignment.cases if case.hidden]
    return [line for line in lines if len(line) >= 12 and line not in prompts]
