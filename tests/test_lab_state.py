"""The lab's one difference, its speeds and its recipes as text: those of the page."""

import json

import pytest
from helpers import ROOT
from node import node

from initlab.lab_settings import DEFAULTS
from initlab.lab_state import (
    DIFFERENCES,
    SPEEDS,
    check,
    check_difference,
    check_speed,
    layer_sizes,
    read_recipe,
)

TEXTS = [
    "zeros",
    "normal(0.5)",
    "constant(-0.001)",
    "orthogonal(1.5)",
    "equal_columns(normal(2))",
    "equal_columns(zeros)",
    "zeros(1)",
    "normal(x)",
    "normal(",
    "ones(3)",
    "",
]
ASK = """
import {{ readRecipe }} from "{engine}/recipes.js";
import {{ DIFFERENCES, SPEEDS, settle }} from "{engine}/state.js";
const told = (given) => settle({{ settings: {{}}, ...given }}).problems.map((p) => p.message);
console.log(JSON.stringify({{
  recipes: {texts}.map(readRecipe),
  differences: DIFFERENCES,
  speeds: Object.keys(SPEEDS),
  shared: told({{ difference: {{ setting: "data", value: "xor" }} }}),
  impossible: told({{ difference: {{ setting: "depth", value: 9 }} }}),
  speed: told({{ speed: "warp" }}),
}}));
"""


@pytest.fixture(scope="module")
def told():
    """What the page's modules say."""
    engine = (ROOT / "assets" / "lab").as_uri()
    script = ASK.format(engine=engine, texts=json.dumps(TEXTS))
    return json.loads(node("--input-type=module", "--eval", script))


def words(act, *arguments) -> list[str]:
    with pytest.raises(ValueError) as caught:
        act(*arguments)
    return [str(caught.value)]


def test_differences_and_speeds_are_those_of_the_page(told):
    assert (list(DIFFERENCES), list(SPEEDS)) == (told["differences"], told["speeds"])
    assert words(check_difference, ("data", "xor"), DEFAULTS) == told["shared"]
    assert words(check_difference, ("depth", 9), DEFAULTS) == told["impossible"]
    assert words(check_speed, "warp") == told["speed"]


def test_recipes_are_written_as_on_the_page(told):
    assert [read_recipe(text) for text in TEXTS] == told["recipes"]


@pytest.mark.parametrize(
    "text", ["normal(", "normal()", "normal(x)", "zeros(1)", "", "(1)", "a\nb"]
)
def test_a_text_that_is_no_recipe_is_refused(text):
    with pytest.raises(ValueError, match="got"):
        check({"weights": text})


def test_a_difference_is_complete_and_possible():
    assert check_difference(None, DEFAULTS) is None
    full = {"setting": "weights", "value": {"name": "normal", "std": 2.0}}
    assert check_difference(("weights", "normal(2)"), DEFAULTS) == full
    assert check_difference(full, DEFAULTS) == full
    for wrong in ("weights", ("weights",), {"setting": "weights"}, 3):
        assert "difference must be None or" in words(check_difference, wrong, DEFAULTS)[0]


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
