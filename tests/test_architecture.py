"""The house rules: imports only point down, and what every module has and has not."""

import ast
import inspect
import re
import subprocess
import sys
from importlib import import_module

import pytest
from helpers import PACKAGE, ROOT

#: A module imports only from lower floors. Below all of them lie the common refusals, `_checks`,
#: then what computing in blocks needs.
#: Modules of a subpackage are written with its name: `trials.case`.
FLOORS = {
    **dict.fromkeys(["_checks", "_site"], -3),
    **{"blocks": -2, "draws": -1, "orthonormal": -1},
    **dict.fromkeys(
        ["activations", "data", "initializers", "losses", "parameters", "quiz", "style", "tables"],
        0,
    ),
    **dict.fromkeys(["schedule", "updates"], 0),
    **dict.fromkeys(
        ["claims", "clipping", "cohort", "lab_settings", "network", "speed", "theory"], 1
    ),
    **{"lab_state": 2, "lab": 3},
    **dict.fromkeys(["correlations", "diagnostics", "residual", "training"], 2),
    **dict.fromkeys(
        ["curvature", "emblem", "lamps", "pictures", "plotting", "rays", "trainability"], 3
    ),
    # What a sweep stands on, from labels to the engines.
    "sweeping.grid": 0,
    **dict.fromkeys([f"sweeping.{n}" for n in ("identity", "journal", "results", "seeds")], 1),
    **dict.fromkeys([f"sweeping.{n}" for n in ("blocks", "store", "table")], 2),
    **dict.fromkeys(["sweeping.cluster", "sweeping.threads"], 3),
    "ensembles": 3,
    **dict.fromkeys(["explorer", "regions", "sweep"], 4),
    # The experiments behind the register of claims: modules that know of case, not of each other.
    "trials.case": 5,
    **dict.fromkeys(
        [
            *["trials.backprop", "trials.bias_only", "trials.blocking", "trials.clipping"],
            *["trials.columns", "trials.convex", "trials.escape", "trials.landscape"],
            *["trials.saturation", "trials.schemes", "trials.signals", "trials.symmetry"],
            *["trials.ties", "trials.zero_start"],
        ],
        6,
    ),
    # Assignments: from a master to a notebook for students and a key for the grader.
    **dict.fromkeys(["grading.assignment", "grading.rules"], 0),
    # The patients of one of them: drawn, then chosen for students, then treated.
    **{"grading.patients": 3, "grading.clinic": 4, "grading.treatment": 5},
    "grading.build": 1,
    # The runner: students' code in a worker, questioned over a pipe, and the marks it gets.
    **dict.fromkeys(
        ["grading.cells", "grading.marks", "grading.misconceptions", "grading.wording"], 0
    ),
    **dict.fromkeys(["grading.clock", "grading.jail", "grading.standins", "grading.wire"], 0),
    "grading.worker": 0,  # imports from beside it, where there is no package
    **{"grading.isolation": 1, "grading.channel": 2, "grading.session": 3, "grading.marking": 4},
    # The instructor's side: from a pile of files to marks, and from marks to reports.
    **dict.fromkeys(["grading.manual", "grading.names", "grading.usage"], 0),
    **dict.fromkeys(["grading.page", "grading.results", "grading.roster", "grading.sources"], 1),
    **dict.fromkeys(["grading.collection", "grading.current", "grading.intake"], 2),
    **dict.fromkeys(["grading.gradebook", "grading.run"], 3),
    "grading.items": 4,
    **dict.fromkeys(["grading.feedback", "grading.figures"], 5),
    "grading.report": 6,
    **{"grading.cli": 7, "grading.sample": 8},
}
LONGEST = 260
MODULES = sorted(
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
    for path in PACKAGE.rglob("*.py")
    if path.stem != "__init__"
)


def source(module: str) -> str:
    return (PACKAGE / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8")


def imported_modules(text: str) -> set[str]:
    """The modules of the package that a source imports, anywhere in it and in any spelling."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = "initlab" if node.level and not node.module else node.module
            base = f"initlab.{base}" if node.level and node.module else base
            names = [base, *(f"{base}.{alias.name}" for alias in node.names)]
        else:
            continue
        parts = [name.split(".") for name in names]
        found |= {p[1] for p in parts if p[0] == "initlab" and len(p) > 1}
        found |= {".".join(p[1:3]) for p in parts if p[0] == "initlab" and len(p) > 2}
    return {name for name in found if name in FLOORS or name in MODULES}


def complaints(module: str, text: str) -> list[str]:
    """What is wrong with a module's imports; empty when they all point down."""
    if module not in FLOORS:
        return [f"{module} has no floor yet: add it to FLOORS in tests/test_architecture.py"]
    return [
        f"{module} (floor {FLOORS[module]}) imports {other} (floor {FLOORS.get(other, 'unknown')})"
        for other in sorted(imported_modules(text))
        if other not in FLOORS or FLOORS[other] >= FLOORS[module]
    ]


#: The one module that makes generators: a sweep's function gets one of its own at every point.
#: What it makes depends on its arguments only (see its tests), so these two names are fine there.
MAKES_GENERATORS = "sweeping.seeds"
MAKERS = ("np.random.SeedSequence", "np.random.PCG64")


def legacy_randomness(text: str) -> list[str]:
    """Uses of numpy's global generator, and generators that seed themselves."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Attribute) and ast.unparse(node).startswith(
            ("np.random.", "numpy.random.")
        ):
            name = ast.unparse(node)
            if not name.endswith("random.Generator"):
                found.append(f"line {node.lineno}: {name}")
        if isinstance(node, ast.ImportFrom | ast.Import):
            spelled = ast.unparse(node)
            if re.search(r"\bnumpy\.random\b|from numpy import .*\brandom\b|^import random\b|"
                         r"^from random\b", spelled):  # fmt: skip
                found.append(f"line {node.lineno}: {spelled}")
    return found


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_down(module):
    assert complaints(module, source(module)) == []


@pytest.mark.parametrize(
    ("module", "text", "complaint"),
    [
        ("losses", "from initlab.network import MLP", "losses (floor 0) imports network (floor 1)"),
        ("losses", "from initlab import network", "losses (floor 0) imports network (floor 1)"),
        ("losses", "import initlab.network as n", "losses (floor 0) imports network (floor 1)"),
        ("losses", "from .network import MLP", "losses (floor 0) imports network (floor 1)"),
        ("losses", "from . import network", "losses (floor 0) imports network (floor 1)"),
        ("losses", "def f():\n    import initlab.explorer",
         "losses (floor 0) imports explorer (floor 4)"),
        ("losses", "from initlab.data import xor", "losses (floor 0) imports data (floor 0)"),
        ("_checks", "from initlab import style", "_checks (floor -3) imports style (floor 0)"),
        ("training", "from initlab import diagnostics",
         "training (floor 2) imports diagnostics (floor 2)"),
        ("network", "from initlab.trials.case import Case",
         "network (floor 1) imports trials.case (floor 5)"),
        ("trials.case", "import initlab.trials.ties",
         "trials.case (floor 5) imports trials.ties (floor 6)"),
        ("trials.ties", "from initlab.trials import escape",
         "trials.ties (floor 6) imports trials.escape (floor 6)"),
        ("novelty", "import numpy",
         "novelty has no floor yet: add it to FLOORS in tests/test_architecture.py"),
    ],
)  # fmt: skip
def test_an_import_that_points_up_is_caught(module, text, complaint):
    assert complaints(module, text) == [complaint]


def test_imports_that_point_down_are_not_caught():
    text = (
        "import numpy as np\nfrom initlab import _checks, losses\nfrom initlab.style import COLORS"
    )
    assert complaints("training", text) == []
    assert imported_modules(text) == {"_checks", "losses", "style"}


@pytest.mark.parametrize("module", MODULES)
def test_randomness_is_always_an_argument(module):
    found = legacy_randomness(source(module))
    if module == MAKES_GENERATORS:
        assert {use.split(": ")[1] for use in found} == set(MAKERS)
    else:
        assert found == []


@pytest.mark.parametrize(
    "text",
    [
        "np.random.seed(0)",
        "x = np.random.randn(3)",
        "rng = np.random.default_rng()",
        "rng = np.random.default_rng(0)",
        "numpy.random.uniform()",
        "from numpy.random import default_rng",
        "from numpy import random",
        "import random",
    ],
)
def test_hidden_randomness_is_caught(text):
    assert len(legacy_randomness(text)) == 1


def test_generators_as_types_are_fine():
    assert legacy_randomness("def f(rng: np.random.Generator): return rng.normal()") == []


@pytest.mark.parametrize("module", MODULES)
def test_modules_are_short(module):
    assert len(source(module).splitlines()) <= LONGEST


def public(module):
    """Public functions and classes defined here, with their public methods."""
    loaded = import_module(f"initlab.{module}")
    for name, value in vars(loaded).items():
        if name.startswith("_") or getattr(value, "__module__", "") != loaded.__name__:
            continue
        if inspect.isclass(value) or inspect.isfunction(value):
            yield name, value
        if inspect.isclass(value):
            for inner, member in vars(value).items():
                member = getattr(member, "fget", None) or getattr(member, "__func__", member)
                if inner.startswith("_") or not inspect.isfunction(member):
                    continue
                if f".{inner}(" not in value.__doc__:  # else the class describes it
                    yield f"{name}.{inner}", member


@pytest.mark.parametrize("module", MODULES)
def test_everything_public_is_documented(module):
    assert import_module(f"initlab.{module}").__doc__
    bare = []
    for name, value in public(module):
        doc = value.__doc__ or ""
        if not doc or doc.startswith(f"{name}("):  # a dataclass writes its signature there
            bare.append(name)
    assert bare == []
    # (The list is not empty because nothing was looked at.)
    assert list(public(module))


@pytest.mark.parametrize("module", MODULES)
def test_every_module_has_its_tests(module):
    name = module.split(".")[0].lstrip("_")  # a subpackage has its tests together
    assert list((ROOT / "tests").glob(f"test_{name}.py" if name == module else f"test_{name}*.py"))


# ------------------------------------------------------------------ the folder called code

STANDARD = "import code, codeop; print(code.InteractiveConsole.__module__, code.__file__)"


def run_python(text, folder):
    return subprocess.run(
        [sys.executable, "-c", text], cwd=folder, capture_output=True, text=True, check=False
    )


def test_the_folder_of_the_package_is_not_a_package():
    assert not (ROOT / "code" / "__init__.py").exists()
    for folder in (ROOT, ROOT / "tests", ROOT / "code"):
        result = run_python(STANDARD, folder)
        assert result.returncode == 0, result.stderr
        assert result.stdout.startswith("code ")
        assert str(ROOT / "code") not in result.stdout


def test_an_init_file_there_would_hide_the_standard_library(tmp_path):
    # Control: this is what the rule is for.
    (tmp_path / "code").mkdir()
    assert run_python(STANDARD, tmp_path).returncode == 0
    (tmp_path / "code" / "__init__.py").touch()
    result = run_python(STANDARD, tmp_path)
    assert result.returncode != 0
    assert "InteractiveConsole" in result.stderr
