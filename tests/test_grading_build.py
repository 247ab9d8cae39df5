"""Building assignments: what a master must keep to, and that a build never passes falsely."""

import re
import subprocess
import sys

import jupytext
import pytest
from otter.test_files import ExceptionTestFile, GradingResults

from initlab.grading import build as building
from initlab.grading.assignment import Assignment, cases, submission
from initlab.grading.build import build
from initlab.grading.rules import complaints

MASTER = '''\
# %% [raw]
# # ASSIGNMENT CONFIG
# init_cell: true
# export_cell: false
# tests:
#   ok_format: false

# %% [markdown]
# # Doubles

# %%
import math

# %% [raw]
# # BEGIN QUESTION
# name: q1
# points: 100

# %% [markdown]
# ### Question 1: Twice
# Write `double`.

# %% [raw]
# # BEGIN SOLUTION

# %%
def double(x):
    # BEGIN SOLUTION
    return 2 * x
    # END SOLUTION

# %% [raw]
# # END SOLUTION

# %% [raw]
# # BEGIN TESTS

# %%
""" # BEGIN TEST CONFIG
points: 40
failure_message: "It isn't twice."
""" # END TEST CONFIG
def test_q1_two(double):
    assert double(x=2) == 4, "double(2) should be 4."

# %%
""" # BEGIN TEST CONFIG
points: 60
hidden: true
""" # END TEST CONFIG
def test_q1_three(double):
    assert double(x=3) == 6, "double(3) is wrong."

# %% [raw]
# # END TESTS

# %% [raw]
# # END QUESTION

# %% [markdown]
# Now look.

# %%
print(math.pi)
'''


def changed(*replacements):
    text = MASTER
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new)
    return text


def found(text):
    return complaints(jupytext.reads(text, "py:percent"))


@pytest.fixture
def write(tmp_path):
    def write(text):
        folder = tmp_path / "assignments" / "doubles"
        folder.mkdir(parents=True, exist_ok=True)
        (folder.parent / "requirements-student.txt").write_text("numpy\n")
        (folder / "master.py").write_text(text)
        return folder / "master.py"

    return write


def test_a_sound_master_has_no_complaints():
    assert found(MASTER) == []


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("# # ASSIGNMENT CONFIG\n", "# #\n", "begins with # ASSIGNMENT CONFIG is missing"),
        ("ok_format: false", "ok_format: true", "needs tests: {ok_format: false}"),
        ("# export_cell: false\n", "# name: doubles\n", "needs export_cell: false, got None"),
        ("# export_cell: false\n", "# export_cell: false\n# name: d\n", "leave out name"),
        ("hidden: true", "hidden: false", "q1: a hidden test is missing"),
        ("points: 40\n", "points: 40\nhidden: true\n", "q1: a public test is missing"),
        ("points: 60\n", "", "test_q1_three must say its points, a number above zero, got None"),
        ("points: 60\n", "points: 50\n", "q1: its points are 100, those of its tests 90"),
        ("\"It isn't twice.\"", "'It is not \"twice\".'", "test_q1_two has a double quote"),
        ("\"It isn't twice.\"", "'back\\slash'", "a backslash"),
        ("test_q1_three", "test_q1_two", "two tests are called test_q1_two"),
        ("def test_q1_two(double)", "def q1_two(double)", "must be called like test_q3_shapes"),
        ("def test_q1_two(double)", "def test_q1_two(double, np)", "asks for np, which"),
        ("def test_q1_two(double)", "def test_q1_two(env, double)", "asks for env, which"),
        ("def test_q1_two(double)", "def test_q1_two()", "asks for nothing"),
        ("    assert double(x=2)", "    import initlab\n    assert double(x=2)",
         "is public and imports initlab, which students lack"),
        ("### Question 1: Twice", "### Twice", "must begin like ### Question 1: A title"),
        ("    # BEGIN SOLUTION\n", "", "q1: a solution cannot be taken out"),
        ("    # BEGIN SOLUTION\n    return 2 * x\n    # END SOLUTION\n", "    return 2 * x\n",
         "no line of its solution is marked"),
        ("# points: 100\n", "# points: 100\n# manual: true\n", "only name and points"),
        ('""" # BEGIN TEST CONFIG\npoints: 40', '"""\npoints: 40', "needs a TEST CONFIG"),
        ("points: 40\n", "points: 40\nvisible: true\n", "that nobody reads: visible"),
        ("    assert double(x=2) == 4", "    assert double(x=2 == 4", "a test cannot be read"),
        ("def double(x):", "def double(x:", "its solution cannot be read"),
    ],
)  # fmt: skip
def test_what_a_master_must_not_do(old, new, complaint):
    assert any(complaint in line for line in found(changed((old, new)))), found(changed((old, new)))


def test_a_question_without_solution_is_refused():
    text = re.sub(r"# %% \[raw\]\n# # BEGIN SOLUTION.*?# # END SOLUTION\n", "", MASTER, flags=16)
    assert any("between BEGIN SOLUTION and END SOLUTION is missing" in line for line in found(text))


def test_build_lists_all_complaints_and_writes_nothing(write, tmp_path):
    master = write(changed(("hidden: true", "hidden: false"), ("points: 60", "points: 50")))
    with pytest.raises(ValueError, match=r"hidden test is missing(.|\n)*those of its tests 90"):
        build(master, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_build_needs_its_files(tmp_path, write):
    with pytest.raises(FileNotFoundError, match=r"master\.py"):
        build(tmp_path / "master.py", tmp_path / "out")
    master = write(MASTER)
    (master.parent.parent / "requirements-student.txt").unlink()
    with pytest.raises(FileNotFoundError, match="requirements-student"):
        build(master, tmp_path / "out")


def test_an_assignment_must_be_worth_a_hundred(write, tmp_path):
    master = write(changed(("points: 60", "points: 50"), ("points: 100", "points: 90")))
    with pytest.raises(ValueError, match="worth 100 points, got 90: q1 90"):
        build(master, tmp_path / "out")


def test_a_solution_that_fails_its_own_test_is_found_by_otter(write, tmp_path):
    master = write(changed(("return 2 * x", "return 4")))
    with pytest.raises(ValueError, match=r"earn 40.* of 100 points(.|\n)*double\(3\) is wrong"):
        build(master, tmp_path / "out")


def test_a_run_of_otter_that_crashed_is_not_a_pass(write, tmp_path, monkeypatch):
    nothing = GradingResults.without_results(RuntimeError("crashed"))
    assert nothing.total == nothing.possible == 0  # so it would count as all passed
    monkeypatch.setattr(building, "grade_submission", lambda *args, **options: nothing)
    with pytest.raises(ValueError, match="could not grade the solutions: 0 of 100"):
        build(write(MASTER), tmp_path / "out")


def test_a_key_is_read_back(write, tmp_path, monkeypatch):
    class Perfect:
        total = possible = 100

    monkeypatch.setattr(building, "grade_submission", lambda *args, **options: Perfect)
    text = changed(("# tests:\n", "# files:\n#   - numbers.json\n# tests:\n"))
    master = write(text)
    (master.parent / "numbers.json").write_text("[1, 2]")
    (master.parent / "bank.toml").write_text("secret = 1")
    folder = build(master, tmp_path / "out")
    assignment = Assignment.load(folder / "key")
    assert (assignment.slug, assignment.title) == ("doubles", "Doubles")
    assert [(q.name, q.title, q.points) for q in assignment.questions] == [("q1", "Twice", 100)]
    assert assignment.given == ("import math", "print(math.pi)")
    assert assignment.solutions == {"q1": "def double(x):\n    return 2 * x"}
    assert assignment.order == ("", "q1", "")
    assert [(c.name, c.points, c.hidden) for c in assignment.cases] == [
        ("q1_two", 40, False),
        ("q1_three", 60, True),
    ]
    assert assignment.cases[0].failure_message == "It isn't twice."
    assert [file.name for file in assignment.files] == ["numbers.json"]
    assert assignment.files[0].read_text() == "[1, 2]"
    assert {file.name for file in (folder / "student").iterdir()} == {
        "doubles.ipynb",
        "doubles.zip",
        "numbers.json",
        "requirements-student.txt",
    }
    notebook = jupytext.reads(submission(assignment, {"q1": "double = None"}).decode(), "ipynb")
    assert [cell.source for cell in notebook.cells] == [
        "import math",
        "double = None",
        "print(math.pi)",
    ]
    with pytest.raises(ValueError, match="no question q2; there are q1"):
        submission(assignment, {"q2": ""})


def test_a_key_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match="holds no key"):
        Assignment.load(tmp_path)


HEAD = 'from otter.test_files import test_case\nOK_FORMAT = False\nname = "q1"\npoints = 3\n'


def test_tests_are_read_as_otter_reads_them():
    source = HEAD + (
        "@test_case(points=1, hidden=False,\n    success_message='Yes.')\n"
        "def test_q1_first(x):\n    assert x == 1, 'not one'\n\n"
        "@test_case(points=0.5, hidden=True, failure_message='No.')\n"
        "def test_q1_second(x, y):\n    from math import pi\n    assert x < pi < y\n"
    )
    ours, theirs = cases(source), ExceptionTestFile.from_string(source)
    assert [(case.name, case.points, case.hidden, case.failure_message) for case in ours] == [
        ("q1_first", 1, False, ""),
        ("q1_second", 0.5, True, "No."),
    ]
    for case, other in zip(ours, theirs.test_cases, strict=True):
        assert (case.question, case.points, case.hidden) == (
            theirs.name,
            other.points,
            other.hidden,
        )
        assert f"test_{case.name}" == other.body.test_func.__name__
        assert case.failure_message == (other.failure_message or "")
    ours[1].function(x=3, y=4)
    with pytest.raises(AssertionError, match="not one"):
        ours[0].function(x=3)


def test_a_test_without_points_is_refused():
    with pytest.raises(TypeError, match="points"):
        cases(HEAD + "@test_case(hidden=False)\ndef test_q1(x):\n    pass\n")


def test_grading_does_not_wait_for_otter():
    """It takes seconds to import, and would at every run of the instructor's command."""
    code = "import sys, initlab.grading.cli, initlab.grading.assignment, initlab.grading.marking; "
    code += "print(*{'otter', 'nbformat', 'jupytext'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_why_double_quotes_are_refused():
    # Control: this is what otter would make of one.
    line = '@test_case(points=1, hidden=False, failure_message="say "hello" to it")\n'
    with pytest.raises(SyntaxError):
        ExceptionTestFile.from_string(HEAD + line + "def test_q1(x):\n    pass\n")


def test_why_two_tests_of_one_name_are_refused():
    # Control: otter reads one of them, and says nothing.
    test = "@test_case(points=1, hidden=False)\ndef test_q1(x):\n    pass\n"
    assert len(ExceptionTestFile.from_string(HEAD + test + test).test_cases) == 1
