"""Gradient clipping: bound the step before it is taken (Pascanu, Mikolov & Bengio 2013).

Both ways act on the *gradient*. Rescaling the weights instead is another thing (a max-norm
constraint), and does not keep a step below rate times threshold.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from initlab import _checks
from initlab.parameters import Parameters


@dataclass(frozen=True)
class Clip:
    """``clip(gradients) -> gradients``, both a ``Parameters`` with one entry a layer.

    A ``divisible`` one may be called for some members of an ensemble at a time.
    """

    name: str
    function: Callable[[Parameters], Parameters]
    divisible: bool = False

    def __call__(self, gradients: Parameters) -> Parameters:
        return self.function(gradients)

    def __repr__(self) -> str:
        return self.name


def global_norm(gradients: Parameters) -> np.ndarray:
    """Length of all entries of all layers taken as one vector, shape ``(...)``."""
    # Divided by the largest entry first: squares of huge numbers overflow.
    largest = np.max(
        [abs(W).max(axis=(-2, -1)) for W in gradients.W]
        + [abs(b).max(axis=-1) for b in gradients.b],
        axis=0,
    )
    unit = np.where((largest > 0) & np.isfinite(largest), largest, largest.dtype.type(1))
    with np.errstate(over="ignore"):  # beside an infinity, or a length beyond the largest number
        squares = [((W / unit[..., None, None]) ** 2).sum(axis=(-2, -1)) for W in gradients.W]
        squares += [((b / unit[..., None]) ** 2).sum(axis=-1) for b in gradients.b]
        return unit * np.sqrt(sum(squares))


def clip_by_value(threshold: float) -> Clip:
    """Cut every entry off at ``-threshold`` and ``threshold``; this turns the direction.

    Raises ``ValueError`` for a threshold that is not above 0.
    """
    threshold = _checks.number(threshold, "threshold", above=0)
    return Clip(
        f"clip_by_value({threshold:g})",
        lambda gradients: Parameters.from_arrays(
            [np.clip(array, -threshold, threshold) for array in gradients.arrays()]
        ),
        divisible=True,
    )


def clip_by_global_norm(threshold: float) -> Clip:
    """Shorten a gradient longer than ``threshold`` to that length; the direction stays.

    Pascanu et al. 2013, algorithm 1. Each member of an ensemble has a length of its own. NaN
    and infinity have no direction to keep: a gradient that holds one passes as it is.
    Raises ``ValueError`` for a threshold that is not above 0.
    """
    threshold = _checks.number(threshold, "threshold", above=0)

    def clip(gradients):
        norm = global_norm(gradients)
        shorten = (norm > threshold) & np.isfinite(norm)
        factor = np.where(shorten, threshold / np.maximum(norm, threshold), 1.0)
        return Parameters(
            [W * factor[..., None, None] for W in gradients.W],
            [b * factor[..., None] for b in gradients.b],
        )

    return Clip(f"clip_by_global_norm({threshold:g})", clip, divisible=True)
