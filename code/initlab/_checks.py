"""Refusals in one voice: what was wrong, what came, what is allowed.

The lowest floor of the package. Everything that accepts input from outside passes it
through one of these functions, so that every error of the package reads alike.
"""

import math
from collections.abc import Mapping
from numbers import Integral, Real

import numpy as np


def choose(registry: Mapping, name, what: str):
    """Return ``registry[name]``, or say which names there are."""
    if not isinstance(name, str) or name not in registry:
        allowed = ", ".join(repr(known) for known in registry)
        raise ValueError(f"unknown {what}: got {name!r}, allowed are {allowed}")
    return registry[name]


def number(value, what: str, *, at_least=None, above=None, below=None, at_most=None) -> float:
    """Return ``value`` as a finite float within the given limits."""
    out_of_range = _is_number(value) and (
        (at_least is not None and value < at_least)
        or (above is not None and value <= above)
        or (below is not None and value >= below)
        or (at_most is not None and value > at_most)
    )
    if out_of_range or not _is_number(value):
        limits = {"at least": at_least, "above": above, "below": below, "at most": at_most}
        asked = [f"{word} {limit}" for word, limit in limits.items() if limit is not None]
        allowed = " and ".join(["a finite number", *asked])
        raise ValueError(f"{what} must be {allowed}, got {value!r}")
    return float(value)


def whole(value, what: str, *, at_least: int = 1, at_most: float = math.inf) -> int:
    """Return ``value`` as an int from ``at_least`` to ``at_most``."""
    is_whole = isinstance(value, Integral) and not isinstance(value, bool)
    if not is_whole or not at_least <= value <= at_most:
        allowed = f"at least {at_least}" + f" and at most {at_most}" * (at_most < math.inf)
        raise ValueError(f"{what} must be a whole number of {allowed}, got {value!r}")
    return int(value)


def generator(rng) -> np.random.Generator:
    """Return ``rng`` if it is a numpy Generator; nothing in this package seeds itself."""
    if not isinstance(rng, np.random.Generator):
        raise TypeError(
            f"rng must be a numpy.random.Generator such as numpy.random.default_rng(0), got {rng!r}"
        )
    return rng


def finite(array, what: str) -> np.ndarray:
    """Return ``array`` as floating point numbers, none of them NaN or infinite."""
    try:
        numbers = np.asarray(array)
        if not np.issubdtype(numbers.dtype, np.floating):
            numbers = numbers.astype(float)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{what} must be an array of numbers, got {array!r}") from error
    bad = numbers.size - np.count_nonzero(np.isfinite(numbers))
    if bad:
        raise ValueError(
            f"{what} must be finite, got {bad} NaN or infinite of {numbers.size} values"
        )
    return numbers


def _is_number(value) -> bool:
    try:
        return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)
    except OverflowError:  # a whole number beyond the largest float
        return False
