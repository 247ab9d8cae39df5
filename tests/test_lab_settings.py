"""The lab's settings: Python and the page have the same, and refuse the same, in the same words."""

import json

import pytest
from helpers import ROOT
from node import node

from initlab.lab_settings import (
    DEFAULTS,
    DIFFERENCES,
    LIMITS,
    SPEEDS,
    check,
    check_difference,
    layer_sizes,
)

ENGINE = (ROOT / "assets" / "lab").as_uri()

BAD = [
    {"depth": 9},
    {"depth": 0},
    {"depth": 2.5},
    {"width": 33},
    {"n_samples": 3},
    {"noise": -1},
    {"low": 1},
    {"seed": -1},
    {"learning_rate": "fast"},
    {"activation": "Tanh"},
    {"loss": None},
    {"data": "moons"},
    {"sum": "fast"},
    {"n_classes": 3},
    {"data": "circles", "n_classes": 6},
    {"batch_size": 257},
    {"data": "xor", "batch_size": 5},
    {"batch_size": 0},
    {"weights": {"name": "normal"}},
    {"weights": {"name": "normal", "std": -1}},
    {"weights": {"name": "normal", "std": 1, "bound": 2}},
    {"weights": {"name": "equal_columns", "base": {"name": "ones"}}},
    {"weights": {"name": "orthogonal", "gain": "big"}},
    {"biases": {"name": "glorot_normal"}},
    {"rate": 1},
]
GOOD = [
    {},
    {"data": "circles", "n_classes": 5, "loss": "softmax_cross_entropy"},
    {"data": "xor", "batch_size": 4},
    {"weights": {"name": "orthogonal"}, "biases": {"name": "normal", "std": 1.5}},
    {"weights": {"name": "equal_columns", "base": {"name": "uniform", "bound": 0.25}}},
]

ASK = """
import {{ LIMITS, check }} from "{engine}/config.js";
import {{ DIFFERENCES, SPEEDS, settle }} from "{engine}/state.js";
const answers = {questions}.map((settings) => {{
  try {{ return check(settings); }} catch (error) {{ return error.message; }}
}});
const wrong = settle({{ settings: {{}}, difference: {{ setting: "data", value: "xor" }} }});
console.log(JSON.stringify(
  [answers, DIFFERENCES, Object.keys(SPEEDS), wrong.problems[0].message, LIMITS]));
"""


def words(act, *arguments) -> str:
    with pytest.raises(ValueError) as caught:
        act(*arguments)
    return str(caught.value)


def camel(limits: dict) -> dict:
    return {key.replace("at_l", "atL").replace("at_m", "atM"): v for key, v in limits.items()}


def test_settings_are_those_of_the_page_and_refused_in_the_same_words():
    script = ASK.format(engine=ENGINE, questions=json.dumps([*BAD, *GOOD]))
    answers, differences, speeds, wrong, limits = json.loads(
        node("--input-type=module", "--eval", script)
    )
    assert [words(check, settings) for settings in BAD] == answers[: len(BAD)]
    assert [check(settings) for settings in GOOD] == answers[len(BAD) :]
    assert list(DIFFERENCES) == differences
    assert list(SPEEDS) == speeds
    assert {name: camel(limit) for name, limit in LIMITS.items()} == limits
    assert words(check_difference, ("data", "xor"), DEFAULTS) == wrong


@pytest.mark.parametrize(
    ("settings", "sizes"),
    [
        ({"depth": 1}, [2, 1]),
        ({"depth": 3, "width": 5}, [2, 5, 5, 1]),
        ({"depth": 2, "width": 5, "loss": "softmax_cross_entropy"}, [2, 5, 2]),
        ({"depth": 2, "width": 5, "data": "circles", "n_classes": 3}, [2, 5, 3]),
    ],
)
def test_sizes_are_those_of_the_network(settings, sizes):
    assert layer_sizes(check(settings)) == sizes
