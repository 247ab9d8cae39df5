"""The settings of the lab: their names, defaults and limits, and what is said of bad ones.

The lab trains networks in the page by modules of its own (``assets/lab``). Its settings are plain
data: names, numbers, and recipes such as ``{"name": "normal", "std": 0.5}`` for initializers. The
same table stands in ``assets/lab/config.js``; a test compares them, defaults, limits and words.
"""

from collections.abc import Mapping
from types import MappingProxyType

from initlab import _checks, initializers
from initlab.activations import ACTIVATIONS
from initlab.initializers import Initializer
from initlab.losses import LOSSES

#: How many classes each data set can have, from and to.
CLASSES = {"xor": (2, 2), "two_moons": (2, 2), "circles": (2, 5), "spirals": (2, 5)}

#: In which order matrix products add up. Either all columns from the first term to the last, or
#: those left over at the edge of a block from the last to the first, which breaks ties by rounding.
SUMS = ("ordered", "edge_backwards")

#: The initializers on offer, with the parameters of each.
RECIPES = {
    "zeros": (),
    "constant": ("value",),
    "equal_columns": ("base",),
    "normal": ("std",),
    "uniform": ("bound",),
    **dict.fromkeys(["lecun_normal", "lecun_uniform", "glorot_normal", "glorot_uniform"], ()),
    **dict.fromkeys(["he_normal", "he_uniform"], ()),
    "orthogonal": ("gain",),
}
BASES = {name: keys for name, keys in RECIPES.items() if name != "equal_columns"}
BIAS_RECIPES = {name: RECIPES[name] for name in ("zeros", "constant", "normal", "uniform")}

DEFAULTS = MappingProxyType(
    {
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
)


def initializer(recipe: Mapping, allowed: Mapping = RECIPES) -> Initializer:
    """The initializer of a recipe, e.g. ``{"name": "normal", "std": 0.5}``.

    Raises ``ValueError`` for an unknown name or parameter, or what the initializer refuses.
    """
    given = recipe if isinstance(recipe, Mapping) else {}
    name = given.get("name")
    keys = _checks.choose(allowed, name, "initializer")
    for key in given.keys() - {"name"}:
        _checks.choose(dict.fromkeys(keys), key, f"parameter of {name}")
    arguments = {key: given.get(key) for key in keys}
    if "base" in arguments:
        arguments["base"] = initializer(arguments["base"], BASES)
    if name == "orthogonal" and arguments["gain"] is None:
        arguments = {}
    return getattr(initializers, name)(**arguments)


def _plain(recipe: Mapping) -> dict:
    """A checked recipe with all its parameters."""
    filled = {"gain": 1} if recipe["name"] == "orthogonal" else {}
    filled |= {key: value for key, value in recipe.items() if value is not None}
    return {k: _plain(v) if k == "base" else v for k, v in filled.items()}


def _recipe(allowed: Mapping):
    def check(value, settings):
        initializer(value, allowed)
        return _plain(value)

    return check


def _name(registry, what: str):
    def check(value, settings):
        _checks.choose(dict.fromkeys(registry), value, what)
        return value

    return check


def _within(check, what: str, **limits):
    def checked(value, settings):
        check(value, what, **limits)
        return value

    return checked


def _classes(value, settings):
    least, most = CLASSES[settings["data"]]
    return _checks.whole(value, "n_classes", at_least=least, at_most=most)


def _batch_size(value, settings):
    most = 4 if settings["data"] == "xor" else settings["n_samples"]
    if value is not None and _checks.whole(value, "batch_size") > most:
        raise ValueError(f"batch_size must be at most the {most} samples, got {value}")
    return value


# In an order in which each may look at those before it.
CHECKS = {
    "data": _name(CLASSES, "data"),
    "n_samples": _within(_checks.whole, "n_samples", at_least=8, at_most=1024),
    "n_classes": _classes,
    "noise": _within(_checks.number, "noise", at_least=0),
    "low": _within(_checks.number, "low", below=1),
    "depth": _within(_checks.whole, "depth", at_most=8),
    "width": _within(_checks.whole, "width", at_most=32),
    "activation": _name(ACTIVATIONS, "activation"),
    "loss": _name(LOSSES, "loss"),
    "weights": _recipe(RECIPES),
    "biases": _recipe(BIAS_RECIPES),
    "learning_rate": _within(_checks.number, "learning_rate", at_least=0),
    "batch_size": _batch_size,
    "sum": _name(SUMS, "sum"),
    "seed": _within(_checks.whole, "seed", at_least=0, at_most=2**32 - 1),
}


def check_settings(given: Mapping) -> dict:
    """All settings, checked, with the defaults where none is given.

    Raises ``ValueError`` at the first bad one, and for a setting that does not exist.
    """
    for key in given:
        _checks.choose(CHECKS, key, "setting")
    settings = {}
    for key, check in CHECKS.items():
        settings[key] = check(given.get(key, DEFAULTS[key]), settings)
    return settings
