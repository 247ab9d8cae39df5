"""What a function of a point may return, as arrays and as plain values for a file.

A number, an array, or a dict of these. Numbers are truth values, whole numbers (kept as int64) or
floating point numbers (kept as float64). In a file, which is standard JSON, the three that JSON
does not know are the texts ``"NaN"``, ``"Infinity"`` and ``"-Infinity"``.
"""

import math
from collections.abc import Mapping

import numpy as np

from initlab.sweeping.grid import RESERVED

#: The name of the only variable where the function returns no dict.
ONLY = "result"
_WORDS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def arrays(returned, names: Mapping) -> dict[str, np.ndarray]:
    """What was returned, by name, as arrays of bool, int64 or float64.

    ``names`` are those of the axes, which a result must not have. Raises ``TypeError`` or
    ``ValueError`` for anything but numbers.
    """
    found = returned if isinstance(returned, Mapping) else {ONLY: returned}
    if not found:
        raise ValueError("the function must return at least one number, got an empty dict")
    for name in found:
        if not isinstance(name, str) or name in names or name in RESERVED:
            raise ValueError(
                f"a result needs a text as a name that is neither an axis nor one of "
                f"{list(RESERVED)}, got {name!r}"
            )
    return {name: _array(value, name) for name, value in found.items()}


def members(returned, count: int, names: Mapping) -> list[dict[str, np.ndarray]]:
    """What was returned for ``count`` members at once, one dict each: axis 0 is the members."""
    found = arrays(returned, names)
    for name, array in found.items():
        if array.shape[:1] != (count,):
            raise ValueError(
                f"{name} must have the {count} members along its first axis, got the shape "
                f"{array.shape}"
            )
    return [{name: array[i] for name, array in found.items()} for i in range(count)]


def plain(found: Mapping[str, np.ndarray]) -> dict:
    """Arrays as nested lists of plain values that standard JSON can hold."""
    return {name: _spell(np.asarray(array).tolist()) for name, array in found.items()}


def unplain(written: Mapping) -> dict[str, np.ndarray]:
    """The inverse of :func:`plain`, to the last bit (all NaN are one NaN)."""
    return {name: np.asarray(_read(value)) for name, value in written.items()}


def _array(value, name: str) -> np.ndarray:
    array = np.asarray(value)
    if array.size and array.dtype.kind == "b":
        return array
    if array.size and array.dtype.kind in "iu" and np.can_cast(array.dtype, np.int64):
        return array.astype(np.int64)
    if array.size and array.dtype.kind == "f" and np.can_cast(array.dtype, np.float64):
        return array.astype(np.float64)
    raise TypeError(
        f"{name} must be a number or a non-empty array of numbers (truth values, int64 or "
        f"float64 at most), got {value!r}"
    )


def _spell(value):
    if isinstance(value, list):
        return [_spell(one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def _read(value):
    if isinstance(value, list):
        return [_read(one) for one in value]
    return _WORDS[value] if isinstance(value, str) else value
