"""A grid of labeled axes, and what its points are called.

Symbols
-------
value : what the function of a point receives: a number, a text, an ``Activation``, ...
label : the plain value that stands for it in tables and files: itself where it is a number,
    a truth value or a text, else its name.
key : a text made of names and labels, equal for equal coordinates and for no others.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from numbers import Integral, Real

import numpy as np

from initlab import _checks

#: Names that a table or a call has for something else.
RESERVED = ("rng", "failed", "missing")


def label(value, axis: str) -> bool | int | float | str:
    """The plain value that stands for ``value``, the same in every process.

    Numbers, truth values and texts stand for themselves, ``None`` and tuples are written out,
    an object is called by its ``name``, a function by its qualified name, anything else by its
    ``repr``. Raises ``ValueError`` for what has no such name, and for numbers that are not
    finite or not whole within 64 bits.
    """
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, Integral):
        if not -(2**63) <= value < 2**63:
            raise ValueError(f"whole numbers of axis {axis!r} must fit 64 bits, got {value!r}")
        return int(value)
    if isinstance(value, Real):
        return _checks.number(value, f"each number of axis {axis!r}")
    if isinstance(value, str):
        return str(value)
    name = getattr(value, "name", None) or getattr(value, "__qualname__", None) or repr(value)
    nameless = " at 0x" in str(name) or "<" in str(name)
    if not isinstance(name, str) or nameless or isinstance(value, np.ndarray | set | frozenset):
        raise ValueError(
            f"values of axis {axis!r} must be numbers, texts or objects with a name that stays "
            f"the same in another process, got {value!r}"
        )
    return name


def spelled(value: bool | int | float | str) -> list[str]:
    """A label as kind and text. Numbers that are equal are spelled alike: 2 and 2.0."""
    if isinstance(value, bool):
        return ["truth", str(value)]
    if isinstance(value, str):
        return ["name", value]
    return ["number", str(int(value)) if float(value).is_integer() else repr(value)]


def key(labels: Mapping) -> str:
    """The coordinates of a point as one text; the order of the names does not matter."""
    return json.dumps(sorted([name, *spelled(value)] for name, value in labels.items()))


@dataclass(frozen=True)
class Grid:
    """Axes by name, each with its values; made by :func:`grid`.

    ``labels`` maps names to lists of labels, ``values`` maps names to what they stand for.
    """

    labels: dict[str, list]
    values: dict[str, list]

    def points(self) -> Iterator[tuple[dict, dict]]:
        """Labels and values of every point, the last axis running fastest."""
        both = [zip(self.labels[n], self.values[n], strict=True) for n in self.labels]
        for chosen in product(*both):
            yield (
                {name: pair[0] for name, pair in zip(self.labels, chosen, strict=True)},
                {name: pair[1] for name, pair in zip(self.labels, chosen, strict=True)},
            )

    @property
    def shape(self) -> tuple[int, ...]:
        """The number of labels along each axis."""
        return tuple(len(labels) for labels in self.labels.values())

    @property
    def size(self) -> int:
        """The number of points."""
        return math.prod(self.shape)


def grid(axes: Mapping[str, Sequence]) -> Grid:
    """Check axes and label their values.

    Raises ``ValueError`` or ``TypeError`` for no axes, an axis that is empty, repeats a label,
    mixes numbers with names or cannot be a keyword, and for values without a stable name.
    """
    if not isinstance(axes, Mapping) or not axes:
        raise TypeError(f"axes must map at least one name to its values, got {axes!r}")
    labels, values = {}, {}
    for name, sequence in axes.items():
        if not isinstance(name, str) or not name.isidentifier() or name in RESERVED:
            raise ValueError(
                f"an axis needs a name that can be a keyword and is none of {list(RESERVED)}, "
                f"got {name!r}"
            )
        if isinstance(sequence, str) or not hasattr(sequence, "__iter__"):
            raise TypeError(f"axis {name!r} must be a sequence of values, got {sequence!r}")
        values[name] = list(sequence)
        labels[name] = [label(value, name) for value in values[name]]
        _check_axis(name, labels[name])
    return Grid(labels, values)


def coordinates(labels: Sequence) -> np.ndarray:
    """Labels of one axis as an array: truth values, int64, float64 or text."""
    return np.array(labels, dtype=str if isinstance(labels[0], str) else None)


def _check_axis(name: str, labels: list) -> None:
    if not labels:
        raise ValueError(f"axis {name!r} must have at least one value, got none")
    kinds = sorted({spelled(one)[0] for one in labels})
    if len(kinds) > 1:
        raise ValueError(
            f"labels of axis {name!r} must be all numbers, all truth values or all names, "
            f"got {labels!r}"
        )
    texts = [spelled(one)[1] for one in labels]
    twice = [one for one, text in zip(labels, texts, strict=True) if texts.count(text) > 1]
    # An int64 among floats may be no float64: then the coordinate would be another number.
    altered = [a for a, b in zip(labels, coordinates(labels).tolist(), strict=True) if a != b]
    if twice or altered:
        raise ValueError(
            f"axis {name!r} must have values with labels of their own, got {(twice or altered)!r}"
        )
