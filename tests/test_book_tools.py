"""The small Sphinx extensions: how they read docstrings and shorten sentences."""

import sys

import pytest
from docutils import nodes
from helpers import ROOT

sys.path.insert(0, str(ROOT / "tools"))

import book_identity
import book_lists

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
