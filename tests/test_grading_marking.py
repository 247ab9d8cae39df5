"""The marks of honest submissions: outcomes, words and points of every kind of answer."""

import json
import time

import numpy as np
import pytest
from submissions import HONEST, QUICK, RIGHT, SAMPLE, assignment, marks, notebook, outcomes

from initlab.grading import session
from initlab.grading.isolation import Isolation
from initlab.grading.marking import CannotGrade, grade
from initlab.grading.marks import Marks
from initlab.grading.misconceptions import expect

EVERY = pytest.mark.parametrize("way", ["bubblewrap", "none"])


def material(function):
    """A test of the sample assignment, not of this file."""
    function.__test__ = False
    return function


def one(function, *sources, **settings):
    """The result of a single test."""
    result = marks(*sources, sample=assignment((function, 1), **settings))
    (case,) = result.cases
    return case


@EVERY
def test_right_answers_get_all_points(way):
    result = marks("import numpy as np", RIGHT, HONEST, way=way)
    assert result.status == "graded"
    assert result.notes == ()
    assert outcomes(result) == ["passed"] * 4
    assert (result.earned(), result.earned("square"), result.earned("double")) == (10, 6, 4)
    assert [case.hidden for case in result.cases] == [False, True, False, True]
    assert Marks.from_json(json.loads(json.dumps(result.to_json()))) == result


@EVERY
def test_marks_are_the_same_at_every_run(way):
    sources = (
        "import os\nclass A: pass\ndef square(x):\n    raise ValueError(str(A()) + os.getcwd() +"
        " str({'a', 'b', 'c'}))",
        "raise OSError(2, 'x', os.path.abspath('data.json'))",
    )
    first, second = (marks(*sources, HONEST, way=way) for _ in range(2))
    assert first == second
    assert first.cases[0].message.startswith(
        "`square` stopped with ValueError: <__main__.A object at 0x…>"
    )
    assert first.notes == (
        "Code cell 2 stopped with FileNotFoundError: [Errno 2] x: '…' (line 1).",
    )


@pytest.mark.parametrize(
    "notebook", [b"", b"{", b'{"nbformat": 4}', b"\xff", notebook(*["a"] * 1001)]
)
def test_what_cannot_be_read_says_so(notebook):
    result = grade(SAMPLE, notebook, "someone", Isolation("bubblewrap"))
    assert (result.status, result.cases, result.earned()) == ("not readable", (), 0)
    assert result.notes[0].startswith("not readable: ")


def test_an_empty_notebook_is_graded():
    result = marks()
    assert outcomes(result) == ["missing"] * 4
    assert result.notes == ("The notebook has no code cells.",)


# ------------------------------------------------------------------ what a test can say


@material
def test_std_hidden(std):
    for fan_in in (5, 11):
        right = np.sqrt(2 / fan_in)
        expect(std(fan_in=fan_in), right, "Not right.", glorot_for_relu=np.sqrt(1 / fan_in))


@pytest.mark.parametrize(
    ("answer", "outcome", "message", "misconception"),
    [
        ("(2 / fan_in) ** 0.5", "passed", "", ""),
        ("1 / fan_in ** 0.5", "wrong", "This is Glorot's variance.", "glorot-for-relu"),
        ("0.1", "wrong", "Not right.", ""),
        ("'0.1'", "wrong", "Not right.", ""),
        ("fan_in / (fan_in - 5)", "error",
         "`std` stopped with ZeroDivisionError: division by zero (line 2 of code cell 1).", ""),
        ("fan", "error",
         "`std` stopped with NameError: name 'fan' is not defined (line 2 of code cell 1).", ""),
    ],
)  # fmt: skip
def test_a_misconception_is_named(answer, outcome, message, misconception):
    case = one(test_std_hidden, f"def std(fan_in):\n    return {answer}")
    assert (case.outcome, case.misconception) == (outcome, misconception)
    assert case.message.startswith(message)
    assert bool(case.message) == bool(message)


def test_the_text_of_the_student_never_names_a_misconception():
    fake = "class Misconceived(AssertionError):\n    name = 'glorot-for-relu'\n"
    fake += "def std(fan_in):\n    raise Misconceived('right!')"
    case = one(test_std_hidden, fake)
    assert (case.outcome, case.misconception) == ("error", "")
    assert case.message == "`std` stopped with Misconceived: right! (line 4 of code cell 1)."


@material
def test_f_public(f):
    try:
        f(x=-1)
    except ValueError:
        return
    raise AssertionError("f should refuse negative numbers by a ValueError")


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        ("raise ValueError('no')", "passed"),
        ("class Mine(ValueError): pass\n    raise Mine", "passed"),
        ("b'x'.decode('no such codec')", "error"),
        ("b'\\xff'.decode()", "passed"),  # a UnicodeDecodeError is a ValueError
        ("raise TypeError", "error"),
        ("raise Exception", "error"),
        ("assert x > 0", "error"),
        ("return None", "wrong"),
    ],
)
def test_errors_arrive_as_what_they_are(body, outcome):
    assert one(test_f_public, f"def f(x):\n    {body}").outcome == outcome


@material
def test_g_public(g):
    assert g(x=1)["key"] == 1, "g is wrong"


@pytest.mark.parametrize(
    ("source", "kind"),
    [("def g(x): return [1]", "list"), ("def g(x): pass", "NoneType"), ("g = 1.5", "float"),
     ("import numpy as np\ndef g(x): return np.ones(2)", "ndarray")],
)  # fmt: skip
def test_an_answer_of_another_form_is_wrong(source, kind):
    case = one(test_g_public, source)
    assert case.outcome == "wrong"
    assert case.message.endswith(f"the last value that came back was of type {kind}.")


@material
def test_h_public(h):
    np.testing.assert_allclose(h, 12.345)


def test_values_in_numpys_own_words_are_not_shown():
    case = one(test_h_public, "h = 1")
    assert (case.outcome, case.message) == ("wrong", "This is not the right answer.")


@material
def test_k_public(k):
    k(x=object())


def test_a_test_that_sends_an_object_is_the_authors_fault():
    with pytest.raises(CannotGrade, match=r"^a test calls `k` with a value of type object$"):
        one(test_k_public, "def k(x): return x")


def test_a_given_cell_that_ends_the_worker_is_the_authors_fault():
    with pytest.raises(CannotGrade, match=r"could not be started under bubblewrap isolation"):
        one(test_k_public, "k = 1", given=("import os\nos._exit(0)",))


# ------------------------------------------------------------------ names


@material
def test_he_public(he_std):
    if he_std != 1:
        raise AssertionError("not 1")


MISSING = (
    "`he_std` is not defined: has its cell been deleted, renamed, or did it stop with an error?"
)


@pytest.mark.parametrize(
    ("source", "outcome", "message"),
    [
        ("he_std = 1", "passed", ""),
        ("he_std = 1.0", "passed", ""),
        ("import numpy as np\nhe_std = np.float32(1)", "passed", ""),
        ("he_std = 2", "wrong", "not 1"),
        ("he_std = ...", "missing", "`he_std` is still `...`: it has no answer yet."),
        ("my_std = 1", "missing", MISSING),
        ("he_std = 1 / 0", "missing",
         f"{MISSING} (Code cell 1 stopped with ZeroDivisionError: division by zero (line 1).)"),
        ("a, he_std = 1", "missing",
         f"{MISSING} (Code cell 1 stopped with TypeError: cannot unpack non-iterable int object "
         "(line 1).)"),
        ("x = 1 / 0", "missing", MISSING),
        ("he_std = (i for i in 'a')", "refused",
         "`he_std` is a value of type generator; an answer is made of numbers, text, lists, "
         "tuples, dicts and arrays of numbers."),
    ],
)  # fmt: skip
def test_names(source, outcome, message):
    case = one(test_he_public, source)
    assert (case.outcome, case.message) == (outcome, message)


def test_looking_for_the_guilty_cell_is_quick():
    blank = "1 / 0" + "\n" * 500_000 + "a, " * 100_000 + "b" * 100_000
    start = time.process_time()
    assert one(test_he_public, blank).message == MISSING
    assert time.process_time() - start < 5


# ------------------------------------------------------------------ cells as notebooks have them


@material
def test_x_public(x):
    assert x == 5, "x is not 5"


NOTEBOOKS = [
    "%matplotlib inline\n%load_ext autoreload\nx = 5",
    "!pip install numpy\nfiles = !ls\nt = %timeit -o 1\nx = 5",
    "%%time\nx = 5",
    "%%timeit\nx = 5",
    "x = 5\n?x\nx?\nnp.ones??",
    "if True:\n    %time y = 1\n    !ls\n    x = 5",
    "x = (105\n% 10)",
    "text = '''\n%matplotlib\n'''\nx = 5 if '%' in text else 0",
    "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot([1])\nplt.show()\nx = 5",
    "from matplotlib import pyplot as plt, colors\nfig, (a, b) = plt.subplots(1, 2)\nx = 5",
    "import matplotlib.pyplot as plt\nfig, axes = plt.subplots(2, 3, figsize=(1, 2))\n"
    "for ax in axes.flat:\n    ax.hist([1], bins=3)\n    ax.set(title='a')\nx = len(axes.flat) - 1",
    "import matplotlib.pyplot as plt\nline, = plt.plot([1])\nn, bins, patches = plt.hist([1])\n"
    "line.set_color('C0')\nlow, high = plt.gca().get_xlim()\nx = 5",
    "import matplotlib as mpl\nmpl.rcParams['a.b'] = 1\nmpl.rcParams.update({})\n"
    "with mpl.rc_context():\n    x = 5",
    "from mpl_toolkits.mplot3d import Axes3D\nfrom matplotlib.colors import LogNorm\nx = 5",
    "import otter\ngrader = otter.Notebook('a.ipynb')\ngrader.check('q1')\n"
    "grader.check_all()\nx = 5",
    "from IPython.display import display, HTML\ndisplay(HTML('x'))\n"
    "get_ipython().run_line_magic('a', '')\nx = 5",
    "from IPython import get_ipython\nget_ipython().system('ls')\nhelp(len)\nx = 5",
    "import ipywidgets as widgets\n@widgets.interact\ndef f(a=1):\n    return 5\nx = f()",
    "import ipywidgets as widgets\n@widgets.interact(a=(0, 1))\ndef f(a=1):\n    return 5\nx = f()",
    "import ipywidgets\nclass Mine(ipywidgets.VBox):\n    pass\nx = 5",
    "from tqdm import tqdm, trange\nx = sum(tqdm([1, 1])) + len([i for i in trange(3)])",
    "from tqdm.auto import tqdm\nbar = tqdm(range(5))\nx = 0\nfor i in bar:\n    x += 1\n"
    "    bar.set_postfix(a=1)",
    "from dataclasses import dataclass\n@dataclass\nclass P:\n    v: int = 5\nx = P().v",
    "if __name__ == '__main__':\n    x = 5",
    "from __future__ import annotations\nx: int = 5",
    "import pickle\ndef f(): pass\npickle.loads(pickle.dumps(f))\nx = 5",
    "x = 5\nx",
]  # fmt: skip


@material
def test_seen_public(seen):
    if seen != [5] * len(NOTEBOOKS):
        raise AssertionError(str(seen))


def test_cells_as_notebooks_have_them():
    cells = ["seen = []"]
    for source in NOTEBOOKS:
        cells += [source, "seen.append(x)\ndel x"]
    result = marks(*cells, sample=assignment((test_seen_public, 1)))
    assert (outcomes(result), result.notes) == (["passed"], ())


@pytest.mark.parametrize(
    "magic", ["%%bash", "%%html", "%%javascript", "%%writefile x.py", "%%latex", "%%"]
)
def test_cells_in_other_languages_are_skipped(magic):
    result = marks("x = 5", f"{magic}\nx = 6", sample=assignment((test_x_public, 1)))
    assert (outcomes(result), result.notes) == (["passed"], ())


def test_an_error_ends_its_cell_only():
    result = marks(
        "x = 5\nraise ValueError('first')\nx = 6", "x += 0\n\nz = y",
        sample=assignment((test_x_public, 1)),
    )  # fmt: skip
    assert result.earned() == 1
    assert result.status == "graded"
    assert result.notes == (
        "Code cell 1 stopped with ValueError: first (line 2).",
        "Code cell 2 stopped with NameError: name 'y' is not defined (line 3).",
    )


def test_an_error_in_another_cell_is_told_with_that_cell():
    result = marks("def f():\n    return 1 / 0", "f()", "x = 5")
    assert result.notes == (
        "Code cell 2 stopped with ZeroDivisionError: division by zero (line 2 of code cell 1).",
    )


def test_given_cells_run_first_and_their_failure_is_nobodys():
    sample = assignment((test_x_public, 1), given=("five = 5", "plot(x)", "5 / 0"))
    result = marks("x = five", sample=sample)
    assert (outcomes(result), result.notes) == (["passed"], ())


def test_files_lie_beside_the_notebook(tmp_path):
    for name, text in (("a.json", "5"), ("b.txt", "five")):
        (tmp_path / name).write_text(text)
    sample = assignment((test_x_public, 1), files=sorted(tmp_path.glob("*")))
    source = "import json, os\nassert sorted(os.listdir()) == ['a.json', 'b.txt']\n"
    for way in ("bubblewrap", "namespaces", "none"):
        result = marks(source + "x = json.load(open('a.json'))", sample=sample, way=way)
        assert (outcomes(result), result.notes) == (["passed"], ()), way


# ------------------------------------------------------------------ time


@material
def test_slow_public(slow):
    assert slow(x=1) == 1, "no"


@material
def test_slow_hidden(slow):
    assert slow(x=2) == 2, "no"


def test_a_function_that_was_too_slow_once_is_not_called_again():
    source = "def slow(x):\n    while x == 1:\n        pass\n    return x"
    result = marks(source, sample=assignment((test_slow_public, 1), (test_slow_hidden, 1)))
    assert outcomes(result) == ["time limit"] * 2
    assert [case.message for case in result.cases] == ["`slow` ran longer than 0.3 s."] * 2
    # Control: called the other way round, the second call is answered.
    result = marks(source, sample=assignment((test_slow_hidden, 1), (test_slow_public, 1)))
    assert outcomes(result) == ["passed", "time limit"]


def test_a_function_that_stays_within_its_limit_is_left_alone():
    source = (
        "import time\ndef slow(x):\n    end = time.process_time() + 0.1\n"
        "    while time.process_time() < end:\n        pass\n    time.sleep(0.1)\n    return x"
    )
    assert one(test_slow_public, source).outcome == "passed"


def test_seconds_for_a_submission(benchmark):
    start, count = time.monotonic(), 5
    for _ in range(count):
        assert marks(RIGHT, HONEST).earned() == 10
    seconds = (time.monotonic() - start) / count
    benchmark("grading one submission, four tests", f"{seconds:.2f} s")
    assert QUICK.cell < session.Limits().cell
