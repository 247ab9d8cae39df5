"""The settings of the lab in Python are those of the page: defaults, limits, words."""

import math

import numpy as np
import pytest
from node import ask_words

from initlab import initializers as inits
from initlab.lab_settings import (
    BIAS_RECIPES,
    CHECKS,
    CLASSES,
    DEFAULTS,
    RECIPES,
    check_settings,
    initializer,
)

GOOD = [
    {},
    *({"data": data, "n_classes": n} for data, two in CLASSES.items() for n in {*two}),
    *({key: value} for key, limits in {
        "n_samples": (8, 1024), "depth": (1, 8), "width": (1, 32), "seed": (0, 2**32 - 1),
        "noise": (0, 7.5), "learning_rate": (0, 1e6), "batch_size": (None, 1, 256),
        "low": (-1, 0.5), "sum": ("ordered", "edge_backwards"),
    }.items() for value in limits),
    {"data": "xor", "batch_size": 4},
    {"weights": {"name": "normal", "std": 0}, "biases": {"name": "uniform", "bound": 2.5}},
    {"weights": {"name": "constant", "value": -0.1}, "biases": {"name": "constant", "value": 1}},
    {"weights": {"name": "orthogonal"}},
    {"weights": {"name": "orthogonal", "gain": 0.5}},
    {"weights": {"name": "equal_columns", "base": {"name": "orthogonal"}}},
    *({"weights": {"name": name}} for name, keys in RECIPES.items() if not keys),
]  # fmt: skip
JUNK = [None, True, "", "<script>", [], [1], math.nan, -math.inf, -1, 10**9, 0.5]
BAD = [
    *({key: value} for key in CHECKS for value in JUNK
      if not (value is None and key == "batch_size")
      and not (value in (10**9, 0.5) and key in ("noise", "low", "learning_rate", "seed"))
      and not (value == -1 and key == "low")),
    *({"data": data, "n_classes": n}
      for data, (least, most) in CLASSES.items() for n in (least - 1, most + 1)),
    *({key: value} for key, values in {
        "n_samples": (7, 1025), "depth": (0, 9), "width": (0, 33), "seed": (2**32,),
        "batch_size": (0, 257), "low": (1,),
    }.items() for value in values),
    {"data": "xor", "batch_size": 5},
    {"n_samples": 64, "batch_size": 65},
    {"weights": {}},
    {"weights": {"name": "xavier_normal"}},
    {"weights": {"name": "zeros", "std": 1}},
    *({"weights": {"name": name, key: value}} for name, keys in RECIPES.items() for key in keys
      for value in (-1, "a", math.nan) if (name, value) != ("constant", -1)),
    {"weights": {"name": "normal"}},
    {"weights": {"name": "equal_columns"}},
    {"weights": {"name": "equal_columns", "base": {"name": "equal_columns"}}},
    {"weights": {"name": "equal_columns", "base": {"name": "normal", "std": -1}}},
    *({"biases": {"name": name}} for name in RECIPES.keys() - BIAS_RECIPES.keys()),
    {"color": "red"},
    {"__proto__": 1},
    {"constructor": None},
]  # fmt: skip


def test_good_settings_are_completed_alike():
    ours = [check_settings(given) for given in GOOD]
    assert ask_words("settings", GOOD) == ours
    assert ours[0] == dict(DEFAULTS)
    assert all([*settings] == [*CHECKS] for settings in ours)


def test_bad_settings_are_refused_alike():
    ours = []
    for given in BAD:
        with pytest.raises(ValueError) as caught:
            check_settings(given)
        ours.append(str(caught.value))
    assert ask_words("settings", BAD) == ours


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_is_an_initializer_of_the_package(name, rng):
    keys = RECIPES[name]
    recipe = {"name": name, **{key: 0.5 for key in keys if key != "base"}}
    if "base" in keys:
        recipe["base"] = {"name": "normal", "std": 2}
    made = initializer(recipe)
    arguments = [0.5] * len(keys) if "base" not in keys else [inits.normal(2)]
    wanted = getattr(inits, name)(*arguments)
    assert repr(made) == repr(wanted)
    first, second = (i((3, 4), rng=np.random.default_rng(1)) for i in (made, wanted))
    assert np.array_equal(first, second)


def test_checking_leaves_what_was_given_as_it_was():
    given = {"weights": {"name": "orthogonal"}, "depth": 5}
    settings = check_settings(given)
    assert given == {"weights": {"name": "orthogonal"}, "depth": 5}
    settings["weights"]["gain"] = 7
    assert check_settings(given)["weights"] == {"name": "orthogonal", "gain": 1}
    check_settings({})["weights"]["name"] = "zeros"
    assert DEFAULTS["weights"] == {"name": "glorot_uniform"}
