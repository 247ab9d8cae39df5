"""What a reader of the lab chooses beyond its settings: one difference, and a speed.

The page keeps the same (``assets/lab/state.js``), and writes recipes as text in its address
(``assets/lab/recipes.js``): ``normal(0.5)``, ``equal_columns(glorot_normal)``.
"""

import re
from collections.abc import Mapping

from initlab import _checks
from initlab.lab_settings import RECIPES, check_settings

#: What the right network may differ in. Data and seed are shared.
DIFFERENCES = (
    *("weights", "biases", "activation", "depth", "width", "loss"),
    *("learning_rate", "batch_size", "sum"),
)

#: Steps a second while playing, and ``most``, as many as the machine takes.
SPEEDS = ("1", "4", "20", "100", "500", "most")


def read_recipe(text: str) -> dict:
    """``"normal(0.5)"`` as ``{"name": "normal", "std": 0.5}``.

    A text that is no recipe becomes one that :func:`.check_settings` refuses.
    """
    written = re.fullmatch(r"([^()]*)(?:\((.*)\))?", text, re.DOTALL)
    name, inner = written.groups() if written else (text, None)
    if not inner:
        return {"name": name}
    key = next(iter(RECIPES.get(name, ())), None)
    if key is None:
        return {"name": name, "parameter": inner}
    if key == "base":
        return {"name": name, key: read_recipe(inner)}
    try:
        return {"name": name, key: float(inner)}
    except ValueError:
        return {"name": name, key: inner}


def check(settings: Mapping) -> dict:
    """:func:`.check_settings`, with recipes as text or as dictionaries."""
    texts = {key: value for key, value in settings.items() if key in ("weights", "biases")}
    read = {key: read_recipe(value) for key, value in texts.items() if isinstance(value, str)}
    return check_settings({**settings, **read})


def check_difference(difference, settings: Mapping) -> dict | None:
    """``None``, or what the right network has instead: ``{"setting": ..., "value": ...}``.

    Takes a pair ``(setting, value)`` as well. Raises ``ValueError`` for anything else, for a
    setting that is shared, and for a value with which the network cannot be built.
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


def check_speed(speed: str) -> str:
    """One of ``SPEEDS``; ``ValueError`` for any other."""
    _checks.choose(dict.fromkeys(SPEEDS), speed, "speed")
    return speed


def layer_sizes(settings: Mapping) -> list[int]:
    """Inputs, hidden widths, outputs of the network that checked settings describe."""
    shared = settings["n_classes"] == 2 and settings["loss"] != "softmax_cross_entropy"
    outputs = 1 if shared else settings["n_classes"]
    return [2, *[settings["width"]] * (settings["depth"] - 1), outputs]
