"""The parameters of a network, and of a whole ensemble of networks, as plain arrays.

Symbols
-------
W, b : weights ``(..., fan_in, fan_out)`` and biases ``(..., fan_out)`` of a layer. Column
    ``j`` of W holds the incoming weights of unit ``j``; row ``j`` of the next layer's W
    holds its outgoing weights. Leading axes ``...`` are an ensemble.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Parameters:
    """One entry a layer: weights ``W[l]`` and biases ``b[l]``; also used for gradients."""

    W: list
    b: list

    def arrays(self) -> list:
        """All entries in one list, weights first."""
        return [*self.W, *self.b]

    @classmethod
    def from_arrays(cls, arrays: Sequence) -> "Parameters":
        """The inverse of :meth:`arrays`."""
        depth = len(arrays) // 2
        return cls(list(arrays[:depth]), list(arrays[depth:]))

    def __getitem__(self, member) -> "Parameters":
        """The parameters of one member (or slice) of an ensemble."""
        return Parameters.from_arrays([array[member] for array in self.arrays()])


def stack(members: Sequence[Parameters]) -> Parameters:
    """Join networks of one shape into an ensemble with a new leading axis."""
    if not members:
        raise ValueError("stack needs at least one network's parameters, got an empty sequence")
    return Parameters.from_arrays(
        [np.stack(arrays) for arrays in zip(*(m.arrays() for m in members), strict=True)]
    )


def permute_units(parameters: Parameters, layer: int, order: Sequence[int]) -> Parameters:
    """Rename the units of a hidden layer: unit ``k`` of the result is unit ``order[k]``.

    ``layer`` counts from 1, the first hidden layer. A unit takes along its incoming column,
    its bias and its outgoing row, so the network computes the same function (Hecht-Nielsen
    1990). Raises ``ValueError`` where there is no such layer or ``order`` is no permutation.
    """
    hidden = len(parameters.W) - 1
    if not 1 <= layer <= hidden:
        raise ValueError(f"layer must be one of the hidden layers 1 to {hidden}, got {layer!r}")
    width = parameters.b[layer - 1].shape[-1]
    if sorted(order) != list(range(width)):
        raise ValueError(f"order must be a permutation of 0 to {width - 1}, got {list(order)}")
    W, b = list(parameters.W), list(parameters.b)
    W[layer - 1] = W[layer - 1][..., :, order]
    b[layer - 1] = b[layer - 1][..., order]
    W[layer] = W[layer][..., order, :]
    return Parameters(W, b)
