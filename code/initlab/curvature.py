"""The curvature of the loss at a point: its Hessian, from differences of exact gradients."""

import numpy as np

from initlab import _checks
from initlab.losses import Loss
from initlab.network import MLP
from initlab.parameters import Parameters
from initlab.training import parameter_gradients


def hessian(
    network: MLP,
    parameters: Parameters,
    inputs: np.ndarray,
    targets: np.ndarray,
    *,
    loss: str | Loss,
    step: float = 1e-4,
) -> np.ndarray:
    """All second derivatives of the mean loss, shape ``(n, n)`` for n parameters.

    Parameters are numbered in the order of :meth:`.Parameters.arrays`, each array row by row.
    Every one is moved by ``step`` to both sides; central differences of the back-propagated
    gradient are then right to an error of the order ``step**2``. The 2n moved networks run
    as one ensemble. Raises ``ValueError`` for parameters that are an ensemble themselves,
    and for a step that is not above 0.
    """
    step = _checks.number(step, "step", above=0)
    arrays = parameters.arrays()
    if arrays[0].ndim != 2:
        raise ValueError(f"parameters must be those of one network, got W[0] {arrays[0].shape}")
    point = np.concatenate([array.ravel() for array in arrays])
    moves = step * np.eye(len(point))
    up, down = (
        _gradient_rows(network, point + side * moves, arrays, inputs, targets, loss)
        for side in (1, -1)
    )
    columns = (up - down) / (2 * step)
    return (columns + columns.T) / 2


def _gradient_rows(network, points, arrays, inputs, targets, loss) -> np.ndarray:
    """The gradient at each row of ``points``, as rows."""
    cuts = np.cumsum([array.size for array in arrays])[:-1]
    parts = np.split(points, cuts, axis=1)
    moved = Parameters.from_arrays(
        [part.reshape(-1, *array.shape) for part, array in zip(parts, arrays, strict=True)]
    )
    found = parameter_gradients(network, moved, inputs, targets, loss=loss)
    return np.concatenate([array.reshape(len(points), -1) for array in found.arrays()], axis=1)
