"""The small Sphinx extensions: how they read docstrings and shorten sentences."""

import json
import sys

import nbformat
import pytest
from docutils import nodes
from helpers import ROOT
from sphinx.errors import ExtensionError

sys.path.insert(0, str(ROOT / "tools"))

import book_assignments
import book_identity
import book_lists
import initlab_book

DOC = """\
A sentence.

Symbols
-------
W, b : weights ``(..., m, n)``
    and biases.
h : activations.

A paragraph after them: not a symbol.

Parameters
----------
steps : how many: 1 or more.

Raises
------
ValueError
    For a count : that is wrong.
"""


def test_house_style_of_docstrings_is_read():
    lines = DOC.splitlines()
    book_lists.split_fields(None, "module", "m", None, None, lines)
    assert (
        lines
        == """\
A sentence.

.. rubric:: Symbols

``W``, ``b``
    weights ``(..., m, n)``
    and biases.
``h``
    activations.

A paragraph after them: not a symbol.

Parameters
----------
steps
    how many: 1 or more.

Raises
------
ValueError
    For a count : that is wrong.""".splitlines()
    )


def test_a_default_that_is_no_python_is_written_as_dots():
    found = book_lists.write_signature(
        None, "class", "C", None, None, "(x: dict = <factory>)", None
    )
    assert found == ("(x: dict = ...)", None)


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("One. Two.", "One. Two."),
        ("One is here. Two is here.", "One is here."),
        ("Is it? It is not so at all.", "Is it?"),
        ("A sentence that goes on and on", "A sentence that …"),
    ],
)
def test_descriptions_end_at_a_sentence_or_a_word(text, short):
    assert book_identity.shorten(text, 18) == short


def test_the_description_is_the_first_sentence_of_the_text():
    """Not what stands in a box, and not a line without a sentence."""
    box = nodes.admonition("", nodes.paragraph("", "In a box."))
    section = nodes.section("", nodes.title("", "T"), box, nodes.paragraph("", "No sentence"),
                            nodes.paragraph("", "This is\nit."))  # fmt: skip
    document = nodes.container("", section)
    assert book_identity.describe(document) == "This is it."
    assert book_identity.describe(None) == ""


# ---------------------------------------------------------------- what outputs depend on


@pytest.mark.parametrize(
    ("path", "counts"),
    [
        ("code/initlab/losses.py", True),
        ("assignments/first/master.py", True),
        ("assignments/sample-class/submissions/one.ipynb", True),
        ("chapters/a-quiz.toml", True),
        ("chapters/a.jsonl", True),
        ("chapters/a.md", False),
        ("tests/test_losses.py", False),
    ],
)
def test_outputs_are_made_again_when_what_they_depend_on_changed(tmp_path, path, counts):
    """The page on grading depends on the assignments, and all on the package."""
    for name in ("code/initlab", "assignments", "chapters"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "requirements.txt").touch()
    before = initlab_book.code_digest(tmp_path)
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).write_text("new")
    assert (initlab_book.code_digest(tmp_path) != before) is counts


# ---------------------------------------------------------------- the page of the assignments


def test_the_section_of_an_assignment(tmp_path):
    folder = tmp_path / "_build" / "assignments" / "small-steps"
    for part in ("key", "student"):
        (folder / part).mkdir(parents=True)
    questions = [{"name": "q1", "title": "First", "points": 4.0},
                 {"name": "q2", "title": "Second", "points": 6.5}]  # fmt: skip
    about = {"title": "Small steps", "possible": 10.5, "questions": questions}
    (folder / "key" / "assignment.json").write_text(json.dumps(about))
    cell = nbformat.v4.new_markdown_cell("# Small steps\n\nOne foot,\nthen the other.\n\nMore.")
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), folder / "student" / "small-steps.ipynb")
    for name in ("data.json", "requirements-student.txt", "small-steps.zip"):
        (folder / "student" / name).touch()
    text = "\n".join(book_assignments.section(folder, " It goes well."))
    head, links = text.split("\n\n- ", 1)
    expected = """\
## Small steps

One foot,
then the other.

It goes well.

| Question | | Points |
|--:|---|--:|
| 1 | First | 4 |
| 2 | Second | 6.5 |
| | all | 10.5 |"""
    assert head == expected
    place = "/_build/assignments/small-steps/student"
    assert links.splitlines() == [
        f"Download {{download}}`small-steps.zip <{place}/small-steps.zip>`, which holds "
        "`data.json`, `requirements-student.txt`, `small-steps.ipynb`",
        f"- or only {{download}}`small-steps.ipynb <{place}/small-steps.ipynb>` "
        f"and {{download}}`data.json <{place}/data.json>`",
    ]


def test_a_build_that_fails_stops_the_book(monkeypatch, tmp_path):
    tool = tmp_path / "assignments.py"
    tool.write_text("raise SystemExit('q3 has no hidden test')")
    monkeypatch.setattr(book_assignments, "TOOL", tool)
    with pytest.raises(ExtensionError, match="q3 has no hidden test"):
        book_assignments.build(None, None)
