"""The sample class and the desk it is graded on: as its description says, with the marks of the
bank, the same in every isolation, and without a trace in the book."""

import sys
import tomllib
from types import SimpleNamespace

import nbformat
import pytest
from banks import MASTERS, bank, secrets
from grading_class import tree
from helpers import ROOT

from initlab.grading import sample
from initlab.grading.assignment import Assignment
from initlab.grading.gradebook import Gradebook
from initlab.grading.isolation import Isolation, NoIsolation
from initlab.grading.results import Results
from initlab.grading.sample import Desk, folder_of_the_book, text_of

sys.path.insert(0, str(ROOT / "tools"))

import sample_class

ABOUT = tomllib.loads((sample_class.FOLDER / "class.toml").read_text(encoding="utf-8"))
SLUG = ABOUT["assignment"]
COMMAND = "initlab-grade run class/submissions --roster class/roster.csv -o marks"


@pytest.fixture
def book(assignments, tmp_path, monkeypatch):
    """A folder of the book with the built assignment and the class."""
    (tmp_path / "_build").mkdir()
    (tmp_path / "_build" / "assignments").symlink_to(assignments)
    (tmp_path / "assignments").symlink_to(ROOT / "assignments")
    monkeypatch.setattr(sample, "folder_of_the_book", lambda: tmp_path)
    return tmp_path


# ------------------------------------------------------------------ the class


def test_the_class_is_what_its_description_says(assignments):
    files = sample_class.sample_class(assignments)
    assert sample_class.differences(files) == [], "run python tools/sample_class.py"
    # Control: any difference is noticed.
    name, content = next((n, c) for n, c in files.items() if n.endswith(".ipynb"))
    assert sample_class.differences(files | {name: content + b" "}) == [name]
    assert sample_class.differences(files | {"another.ipynb": b""}) == ["another.ipynb"]
    del files[name]
    assert sample_class.differences(files) == [name]


def test_the_class_is_small_and_complete():
    students = ABOUT["student"]
    assert len(students) == 13
    assert sum("files" in student for student in students) == 12
    files = list((sample_class.FOLDER / "submissions").iterdir())
    assert max(file.stat().st_size for file in files) < 15_000


def lost(student: dict) -> dict[str, float]:
    """What the work of a student loses in each question, by the bank and by what is left."""
    answers = {answer.name: answer for answer in bank(ROOT / "assignments" / SLUG / "master.py")}
    work, points = student["files"][-1], {}
    for name in work.get("answers", []):
        points |= answers[name].loses
    return points | dict.fromkeys([*work.get("left", []), *work.get("own", {})], "all")


def test_everybody_gets_what_the_bank_predicts(book):
    desk = Desk()
    desk(COMMAND)
    marked = Gradebook.load(desk / "marks").marked(Results(desk / "marks/results"))
    entries = {entry.student: entry for entry in marked.entries}
    statuses = {student: entry.status for student, entry in entries.items()}
    assert [s for s in statuses if statuses[s] != "graded"] == ["jessam", "larkin", "mossop"]
    assert statuses["jessam"] == "graded in part"
    for student in ABOUT["student"]:
        entry = entries[student["id"]]
        if entry.status not in ("graded", "graded in part"):
            continue
        expected = lost(student)
        for item in marked.items:
            must = expected.get(item.name, 0)
            must = item.points if must == "all" else must
            assert item.points - entry.earned(item.name) == must, (student["id"], item.name)


def test_the_results_do_not_depend_on_the_isolation(book, monkeypatch, capsys):
    before = tree(ROOT / "assignments")
    kept = []
    for way in (sample.isolation, lambda: Isolation("none")):
        monkeypatch.setattr(sample, "isolation", way)
        desk = Desk()
        desk(COMMAND)
        kept.append((tree(desk / "marks"), capsys.readouterr()))
    assert kept[0] == kept[1]
    assert kept[0][1].err == ""
    assert str(desk / "") not in kept[0][1].out
    assert tree(ROOT / "assignments") == before
    assert sorted(path.name for path in book.iterdir()) == ["_build", "assignments"]


def test_the_page_on_grading_gives_no_solution_away(assignments):
    """Students read it, too."""
    assignment = Assignment.load(assignments / SLUG / "key")
    page = nbformat.read(ROOT / "chapters" / "grading.ipynb", as_version=4)
    text = nbformat.writes(page)
    for master in MASTERS:
        cases = assignment if master.parent.name == SLUG else SimpleNamespace(cases=())
        lines = secrets(cases, {}, master.read_text(encoding="utf-8"))
        assert len(lines) > 15
        handed_out = "\n".join(assignment.given)  # lines that students have anyway
        assert [line for line in lines if line in text and line not in handed_out] == []


# ------------------------------------------------------------------ the desk


@pytest.fixture
def calls(book, monkeypatch):
    """What the command is asked to do; ``answer`` is how it ends."""
    asked = SimpleNamespace(arguments=[], answer=0)

    def main(arguments):
        asked.arguments.append(arguments)
        print("progress", file=sys.stderr)
        return asked.answer

    monkeypatch.setattr(sample, "main", main)
    return asked


def refuse(no_sandbox=False):
    if no_sandbox:
        return Isolation("none")
    raise NoIsolation("nothing works here")


@pytest.mark.parametrize(
    ("choose", "extra"),
    [(refuse, ["--no-sandbox"]), (lambda: Isolation("bubblewrap"), [])],
)
def test_without_isolation_our_own_class_is_graded_all_the_same(
    calls, monkeypatch, capsys, choose, extra
):
    monkeypatch.setattr(sample, "choose", choose)
    desk = Desk()
    desk("initlab-grade run class -o marks")
    desk("initlab-grade report marks")
    assert calls.arguments == [["run", "class", "-o", "marks", *extra], ["report", "marks"]]
    shown = capsys.readouterr()
    assert shown.out == "$ initlab-grade run class -o marks\n$ initlab-grade report marks\n"
    assert shown.err == ""


def test_a_command_that_fails_is_not_passed_over(calls):
    calls.answer = 2
    with pytest.raises(RuntimeError, match="ended with status 2: progress"):
        Desk()("initlab-grade report marks")
    with pytest.raises(ValueError, match="carries out initlab-grade, got 'rm'"):
        Desk()("rm marks")


def test_without_a_key_it_says_what_to_run(tmp_path, monkeypatch):
    monkeypatch.setattr(sample, "folder_of_the_book", lambda: tmp_path)
    with pytest.raises(FileNotFoundError, match="run `make assignments`"):
        Desk()


def test_the_book_is_found_from_its_folders_and_from_elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT / "chapters")
    assert folder_of_the_book() == ROOT
    monkeypatch.chdir(tmp_path)
    assert folder_of_the_book() == ROOT
    (tmp_path / sample.CLASS).mkdir(parents=True)
    assert folder_of_the_book() == tmp_path
    monkeypatch.setattr(sample, "CLASS", "nowhere")
    with pytest.raises(FileNotFoundError, match="there is no nowhere here"):
        folder_of_the_book()


PAGE = """<section id="q1"><h2>One</h2><p>no</p></section>
<section class="x" id="q2"><h2>Question 2. <em>Two</em></h2><table><tr><th>Check</th></tr>
<tr><td><span>✓</span>Passed <code>x</code>
here</td><td>2 of 2</td></tr></table></section><p>after</p>"""


def test_the_text_of_a_section():
    assert text_of(PAGE, "q2") == "Question 2.\nTwo\n✓ Passed x here\n2 of 2"
    assert text_of(PAGE, "q9") == ""
