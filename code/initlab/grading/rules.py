"""What a master must keep to, so that its assignment can be graded fairly.

Otter accepts more than this, and some of it goes wrong without a word: a double quote in a message
breaks the test file and then counts as passed, a second test of the same name replaces the first.
"""

import ast
import re
import sys

import yaml
from nbformat import NotebookNode

#: Otter's configuration of every assignment; ``files`` and others may come on top.
CONFIG = {"init_cell": True, "export_cell": False, "tests": {"ok_format": False}}
#: Modules that the tests students see may import, beside the standard library.
PUBLIC_MODULES = {"numpy"}


def complaints(notebook: NotebookNode) -> list[str]:
    """All that is wrong with a master's cells, in words; empty when nothing is."""
    found, question, block, seen = [], None, "", {}
    for cell in notebook.cells:
        first = cell.source.split("\n", 1)[0]
        if cell.cell_type == "raw" and re.match(r"# ASSIGNMENT CONFIG", first):
            found += _about_config(yaml.safe_load(cell.source) or {})
            seen.setdefault("config", True)
        elif cell.cell_type == "raw" and (mark := re.match(r"# (BEGIN|END) ([A-Z]+)", first)):
            block = mark[2] if mark[1] == "BEGIN" else ""
            if mark.groups() == ("BEGIN", "QUESTION"):
                question = _Question(yaml.safe_load(cell.source) or {})
            elif mark.groups() == ("END", "QUESTION") and question:
                found += question.complaints()
                question = None
        elif question is None:
            continue
        elif cell.cell_type == "markdown" and re.match(r"#+ Question \d+[.:] \S", first):
            question.titled = True
        elif cell.cell_type == "code" and block == "SOLUTION":
            question.solutions.append(cell.source)
        elif cell.cell_type == "code" and block == "TESTS":
            question.tests.append(cell.source)
    if not seen:
        found.insert(0, "a raw cell that begins with # ASSIGNMENT CONFIG is missing")
    return found


def _about_config(config: dict) -> list[str]:
    found = [
        f"the assignment's configuration needs {key}: {_as_yaml(value)}, got {config.get(key)!r}"
        for key, value in CONFIG.items()
        if config.get(key) != value
    ]
    if "name" in config:
        found.append("leave out name: with it, otter would refuse work without metadata")
    return found


def _as_yaml(value) -> str:
    return yaml.safe_dump(value, default_flow_style=True).strip().removesuffix("\n...")


class _Question:
    """The cells of one question, gathered while the master is read."""

    def __init__(self, config: dict):
        self.config, self.name = config, config.get("name", "a question without name")
        self.titled, self.solutions, self.tests = False, [], []

    def complaints(self) -> list[str]:
        """What is wrong with this question."""
        found, kinds, names, points = [], set(), [], 0
        try:
            defined = set().union(*map(_names, self.solutions))
        except SyntaxError as error:
            return [f"{self.name}: its solution cannot be read: {error}"]
        for source in self.tests:
            test, config, wrong = _read_test(source)
            found += wrong
            if test is None:
                continue
            names.append(test.name)
            points += config.get("points") or 0
            hidden = bool(config.get("hidden", False))
            kinds.add(hidden)
            found += _about_test(test, config, hidden, defined)
        if not self.titled:
            found.append("its first cell must begin like ### Question 1: A title")
        if not self.solutions:
            found.append("a code cell between BEGIN SOLUTION and END SOLUTION is missing")
        elif not any("SOLUTION" in source for source in self.solutions):
            found.append("no line of its solution is marked, so students would get it")
        elif any(_unbalanced(source) for source in self.solutions):
            found.append("a solution cannot be taken out: BEGIN SOLUTION and END SOLUTION differ")
        for word, hidden in (("public", False), ("hidden", True)):
            if hidden not in kinds:
                found.append(f"a {word} test is missing")
        for name in sorted({name for name in names if names.count(name) > 1}):
            found.append(f"two tests are called {name}; the second would replace the first")
        if (stated := self.config.get("points")) != points:
            found.append(f"its points are {stated}, those of its tests {points}")
        if set(self.config) - {"name", "points"}:
            found.append(f"only name and points can be configured, got {list(self.config)}")
        return [f"{self.name}: {line}" for line in found]


def _read_test(source: str) -> tuple[ast.FunctionDef | None, dict, list[str]]:
    """The function and the configuration in a test's cell, or what is wrong with it."""
    parts = re.fullmatch(
        r'""" # BEGIN TEST CONFIG\n(.*?)\n""" +# END TEST CONFIG\n(.*)', source, flags=re.DOTALL
    )
    if not parts:
        return None, {}, [f"a test's cell needs a TEST CONFIG, got {source.splitlines()[0]!r}"]
    try:
        config, body = yaml.safe_load(parts[1]), ast.parse(parts[2]).body
    except (yaml.YAMLError, SyntaxError) as error:
        return None, {}, [f"a test cannot be read: {error}"]
    if not isinstance(config, dict):
        return None, {}, [f"a TEST CONFIG must be lines like points: 2, got {parts[1]!r}"]
    if len(body) != 1 or not isinstance(body[0], ast.FunctionDef):
        return None, {}, ["a test's cell must hold exactly one function"]
    return body[0], config, []


def _about_test(test: ast.FunctionDef, config: dict, hidden: bool, defined: set[str]) -> list[str]:
    found = []
    if not re.fullmatch(r"test_q\d+_\w+", test.name):
        found.append("must be called like test_q3_shapes")
    if unknown := set(config) - {"points", "hidden", "success_message", "failure_message"}:
        found.append(f"has a configuration that nobody reads: {', '.join(sorted(unknown))}")
    points = config.get("points")
    if type(points) not in (int, float) or points <= 0:
        found.append(f"must say its points, a number above zero, got {points!r}")
    for key in ("success_message", "failure_message"):
        if re.search(r'["\\\n]', str(config.get(key, ""))):
            found.append(
                f"has a double quote, a backslash or a line break in its {key}; "
                "otter writes these into the test file as they are"
            )
    parameters = [argument.arg for argument in test.args.args]
    if unknown := [name for name in parameters if name not in defined or name == "env"]:
        found.append(f"asks for {', '.join(unknown)}, which the solution does not define")
    if not parameters:
        found.append("asks for nothing that the student defines")
    foreign = _imports(test) - PUBLIC_MODULES - set(sys.stdlib_module_names)
    if foreign and not hidden:
        found.append(f"is public and imports {', '.join(sorted(foreign))}, which students lack")
    return [f"{test.name} {line}" for line in found]


def _names(source: str) -> set[str]:
    """The names that a cell defines."""
    found = set()
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
            continue
        found |= {
            inner.id
            for inner in ast.walk(node)
            if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store)
        }
    return found


def _unbalanced(source: str) -> bool:
    """Whether a solution's marks do not take turns, which otter would stumble over."""
    marks = re.findall(r"# (BEGIN|END) SOLUTION", source)
    return marks != ["BEGIN", "END"] * (len(marks) // 2)


def _imports(test: ast.FunctionDef) -> set[str]:
    """The packages that a test imports."""
    found = set()
    for node in ast.walk(test):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").split(".")[0])
    return found
