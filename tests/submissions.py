"""A small assignment and notebooks handed in for it, for the tests of the runner."""

import json

import numpy as np

from initlab.grading import isolation
from initlab.grading.assignment import Assignment, Case, Question
from initlab.grading.marking import grade
from initlab.grading.session import Limits

QUICK = Limits(cell=0.3, call=0.3)
#: Only a hidden test knows it.
SECRET = "the-answer-is-" + "square"

HONEST = "def double(x):\n    return 2 * np.asarray(x)"
RIGHT = "def square(x):\n    return np.asarray(x) ** 2"


def _random(seed):
    return np.random.default_rng(seed).normal(size=5)


def test_square_public(square):
    """Worth 3."""
    assert np.allclose(square(x=_random(1)), _random(1) ** 2), "square is wrong"


def test_square_hidden(square):
    """Worth 3."""
    assert SECRET
    assert np.allclose(square(x=_random(2)), _random(2) ** 2), "square is wrong in general"


def test_double_public(double):
    """Worth 2."""
    assert np.allclose(double(x=_random(3)), 2 * _random(3)), "double is wrong"


def test_double_hidden(double):
    """Worth 2."""
    assert np.allclose(double(x=_random(4)), 2 * _random(4)), "double is wrong in general"


for _test in list(globals().values()):
    if callable(_test):
        _test.__test__ = False  # these are material


def assignment(*cases, given=("import numpy as np",), files=()):
    """An assignment of these cases: (function, points) each."""
    names = dict.fromkeys(function.__name__.split("_")[1] for function, _ in cases)
    return Assignment(
        slug="sample",
        title="A sample",
        questions=tuple(Question(name, name.title(), 0) for name in names),
        given=tuple(given),
        solutions={},
        order=(),
        files=tuple(files),
        cases=tuple(
            Case(
                question=function.__name__.split("_")[1],
                name=function.__name__.removeprefix("test_"),
                points=points,
                hidden=function.__name__.endswith("hidden"),
                failure_message="",
                function=function,
            )
            for function, points in cases
        ),
    )


#: The question that is attacked comes first: 6 points. Those of the honest part are the last 4.
SAMPLE = assignment(
    *[(test_square_public, 3), (test_square_hidden, 3)],
    *[(test_double_public, 2), (test_double_hidden, 2)],
)


def notebook(*sources, **extra) -> bytes:
    """A notebook of these code cells."""
    cells = [{"cell_type": "code", "source": source, "metadata": {}} for source in sources]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "cells": cells, **extra}).encode()


def marks(*sources, way="bubblewrap", sample=SAMPLE, limits=QUICK):
    """The marks of a notebook of these cells."""
    return grade(sample, notebook(*sources), "someone", isolation.Isolation(way), limits)


def outcomes(result):
    """How the tests ended, in their order."""
    return [case.outcome for case in result.cases]
