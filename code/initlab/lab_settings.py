"""The settings of the lab, checked in Python as the page checks them in JavaScript.

The page's engine has the same names, limits and refusals (``assets/lab/config.js``); a test holds
the two together. A recipe for first weights or biases is written as text, ``"normal(0.5)"`` or
``"equal_columns(glorot_normal)"``, or as a dictionary, ``{"name": "normal", "std": 0.5}``.
"""

import re
from collections.abc import Mapping

from initlab import _checks
from initlab.activations import ACTIVATIONS
from initlab.losses import LOSSES

_KINDS = ("normal", "uniform")

#: name -> its parameters and their limits. ``base`` is a recipe in its turn.
INITIALIZERS: dict[str, dict] = {
    "zeros": {},
    "constant": {"value": {}},
    "equal_columns": {"base": None},
    "normal": {"std": {"at_least": 0}},
    "uniform": {"bound": {"at_least": 0}},
    **{f"{scheme}_{kind}": {} for scheme in ("lecun", "glorot", "he") for kind in _KINDS},
    "orthogonal": {"gain": {"at_least": 0}},
}
#: What biases may be drawn from: the recipes that need no fans.
BIAS_INITIALIZERS = {
    name: INITIALIZERS[name] for name in ("zeros", "constant", "normal", "uniform")
}

#: Data sets and how many classes each can have, at most.
DATA = {"xor": 2, "two_moons": 2, "circles": 5, "spirals": 5}

#: How matrix products add up: in one order, so that ties are exact, or not (see the page).
SUMS = ("ordered", "edge_backwards")

#: Steps a second while playing; ``most``: as many as the machine takes.
SPEEDS = ("1", "4", "20", "100", "500", "most")

#: What the right network may differ in: data and seed are shared.
DIFFERENCES = (
    *("weights", "biases", "activation", "depth", "width", "loss"),
    *("learning_rate", "batch_size", "sum"),
)

DEFAULTS: dict[str, object] = {
    "data": "two_moons",
    "n_samples": 256,
    "n_classes": 2,
    "noise": 0.1,
    "low": 0,
    "depth": 3,
    "width": 8,
    "activation": "tanh",
    "loss": "binary_cross_entropy",
    "weights": {"name": "glorot_uniform"},
    "biases": {"name": "zeros"},
    "learning_rate": 0.1,
    "batch_size": None,
    "sum": "ordered",
    "seed": 1,
}

#: The numbers that are allowed.
LIMITS: dict[str, dict] = {
    "n_samples": {"at_least": 8, "at_most": 1024},
    "depth": {"at_least": 1, "at_most": 8},
    "width": {"at_least": 1, "at_most": 32},
    "seed": {"at_least": 0, "at_most": 2**32 - 1},
    "noise": {"at_least": 0},
    "low": {"below": 1},
    "learning_rate": {"at_least": 0},
}
_NAMES = {
    "data": DATA,
    "activation": ACTIVATIONS,
    "loss": LOSSES,
    "sum": dict.fromkeys(SUMS),
}
_RECIPES = {"weights": INITIALIZERS, "biases": BIAS_INITIALIZERS}
_WHOLE = ("n_samples", "depth", "width", "seed")


def check(settings: Mapping) -> dict:
    """All settings, checked, with the defaults for those not given.

    Raises ``ValueError`` at the first bad one: what was wrong, what came, what is allowed.
    """
    for name in settings:
        _checks.choose(DEFAULTS, name, "setting")
    asked = {**DEFAULTS, **settings}
    checked = {}
    for name, value in asked.items():
        checked[name] = _check(name, value, {**asked, **checked})
    return checked


def check_difference(difference, settings: Mapping) -> dict | None:
    """``None``, or what the right network has instead: ``{"setting": ..., "value": ...}``.

    Takes a pair ``(setting, value)`` as well.
    """
    if difference is None:
        return None
    if isinstance(difference, Mapping) and set(difference) == {"setting", "value"}:
        setting, value = difference["setting"], difference["value"]
    elif isinstance(difference, tuple | list) and len(difference) == 2:
        setting, value = difference
    else:
        raise ValueError(f"difference must be None or (setting, value), got {difference!r}")
    if setting not in DIFFERENCES:
        allowed = ", ".join(map(repr, DIFFERENCES))
        raise ValueError(f"the networks cannot differ in {setting!r}; allowed are {allowed}")
    return {"setting": setting, "value": check({**settings, setting: value})[setting]}


def layer_sizes(settings: Mapping) -> list[int]:
    """Inputs, hidden widths, outputs of the network that checked settings describe."""
    shared = settings["n_classes"] == 2 and settings["loss"] != "softmax_cross_entropy"
    outputs = 1 if shared else settings["n_classes"]
    return [2, *[settings["width"]] * (settings["depth"] - 1), outputs]


def _check(name: str, value, settings: Mapping):
    if name in _NAMES:
        _checks.choose(_NAMES[name], value, name)
        return value
    if name in _RECIPES:
        return _recipe(value, _RECIPES[name])
    if name == "n_classes":
        most = _checks.choose(DATA, settings["data"], "data")
        return _checks.whole(value, name, at_least=2, at_most=most)
    if name == "batch_size":
        return _batch_size(value, settings)
    if name in _WHOLE:
        return _checks.whole(value, name, **LIMITS[name])
    return _checks.number(value, name, **LIMITS[name])


def _batch_size(value, settings: Mapping) -> int | None:
    if value is None:
        return None
    size = _checks.whole(value, "batch_size")
    most = 4 if settings["data"] == "xor" else settings["n_samples"]
    if size > most:
        raise ValueError(f"batch_size must be at most the {most} samples, got {value!r}")
    return size


def _recipe(recipe, registry: Mapping) -> dict:
    given = _read(recipe) if isinstance(recipe, str) else recipe
    name = given.get("name") if isinstance(given, Mapping) else given
    parameters = _checks.choose(registry, name, "initializer")
    for key in given:
        if key != "name":
            _checks.choose(parameters, key, f"parameter of {name}")
    checked: dict[str, object] = {"name": name}
    for key, limits in parameters.items():
        if key == "base":
            checked[key] = _recipe(given.get(key), INITIALIZERS)
        else:
            value = given.get(key, 1) if key == "gain" else given.get(key)
            checked[key] = _checks.number(value, key, **limits)
    return checked


def _read(text: str) -> dict:
    """``"normal(0.5)"`` as a dictionary; a wrong one of a wrong text, for the checks to refuse."""
    written = re.fullmatch(r"([^()]*)(?:\((.*)\))?", text, re.DOTALL)
    name, inner = written.groups() if written else (text, None)
    if not inner:
        return {"name": name}
    key = next(iter(INITIALIZERS.get(name, {})), "parameter")
    if key == "base":
        return {"name": name, key: inner}
    try:
        return {"name": name, key: float(inner)}
    except ValueError:
        return {"name": name, key: inner}
