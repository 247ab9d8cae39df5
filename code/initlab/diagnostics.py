"""What to look at in a network: who equals whom, and how large things are layer by layer.

A *unit* is three things at once: its column of incoming weights, its bias, and its row of
outgoing weights. :func:`unit_vectors` puts them together. Functions that compare units
take any array ``(..., rows, units)``: activations over a batch, weights, gradients.
"""

import numpy as np

from initlab import _checks
from initlab.activations import Activation, get_activation
from initlab.network import Gradients, Trace
from initlab.parameters import Parameters


def unit_vectors(parameters: Parameters, layer: int) -> np.ndarray:
    """All weights that touch each unit of a hidden layer, as columns.

    ``layer`` counts from 1, the first hidden layer. Returns shape
    ``(..., fan_in + 1 + fan_out, units)``: incoming weights, bias, outgoing weights.
    Raises ``ValueError`` where there is no such hidden layer.
    """
    hidden = len(parameters.W) - 1
    layer = _checks.whole(layer, "layer")
    if layer > hidden:
        raise ValueError(f"layer must be one of the hidden layers 1 to {hidden}, got {layer}")
    incoming, bias = parameters.W[layer - 1], parameters.b[layer - 1]
    outgoing = parameters.W[layer].swapaxes(-1, -2)
    return np.concatenate([incoming, bias[..., None, :], outgoing], axis=-2)


def unit_groups(columns: np.ndarray, tolerance: float = 1e-9) -> np.ndarray:
    """For each unit the index of the unit whose copy it is, shape ``(..., units)``.

    A unit is a copy of the first unit that equals it and is not a copy itself; a unit that
    is no copy has its own index. Two columns are equal if no entry differs by more than
    ``tolerance`` times the largest absolute value of the array (of that member, in an
    ensemble). With ``tolerance=0`` they must agree to the last bit. A column with NaN or
    infinity equals no other.
    """
    tolerance = _checks.number(tolerance, "tolerance", at_least=0)
    columns = np.asarray(columns)
    finite = np.isfinite(columns)
    largest = np.abs(columns).max(axis=(-2, -1), initial=0, where=finite)[..., None]
    units = np.arange(columns.shape[-1])
    groups = np.broadcast_to(units, columns.shape[:-2] + units.shape).copy()
    for j in units[1:]:
        with np.errstate(invalid="ignore"):  # inf - inf
            gap = np.abs(columns[..., :j] - columns[..., j, None]).max(axis=-2)
        copied = (gap <= tolerance * largest) & (groups[..., :j] == units[:j])
        # argmax of booleans is the first True.
        groups[..., j] = np.where(copied.any(axis=-1), copied.argmax(axis=-1), j)
    return groups


def distinct_units(columns: np.ndarray, tolerance: float = 1e-9) -> np.ndarray:
    """How many different columns there are, shape ``(...)``; see :func:`unit_groups`."""
    groups = unit_groups(columns, tolerance)
    return (groups == np.arange(groups.shape[-1])).sum(axis=-1)


def unit_spread(columns: np.ndarray) -> np.ndarray:
    """The largest difference between two units in any row, shape ``(...)``; 0 if all equal."""
    return np.ptp(columns, axis=-1).max(axis=-1)


def accuracy(outputs: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Share of samples whose largest output is the labeled one, shape ``(...)``.

    Raises ``ValueError`` unless labels have shape ``(..., batch)``.
    """
    labels = np.asarray(labels)
    if labels.shape[-1:] != outputs.shape[-2:-1]:
        raise ValueError(
            f"labels must have shape (..., {outputs.shape[-2]}), one for each sample, "
            f"got {labels.shape}"
        )
    return (outputs.argmax(axis=-1) == labels).mean(axis=-1)


def layer_statistics(trace: Trace, gradients: Gradients) -> dict[str, np.ndarray]:
    """Root mean squares over batch and units, one column a layer: each ``(..., L)``.

    Keys: ``rms_z``, ``rms_h`` (activations of layers 1 to L), ``rms_delta``, and
    ``rms_grad_W`` (over the entries of each weight gradient).
    """
    measured = {
        "rms_z": trace.z,
        "rms_h": trace.h[1:],
        "rms_delta": gradients.delta,
        "rms_grad_W": gradients.grad_W,
    }
    return {
        name: np.stack([rms(array) for array in arrays], axis=-1)
        for name, arrays in measured.items()
    }


def first_non_finite(trace: Trace, gradients: Gradients | None = None) -> tuple[str, int] | None:
    """Where NaN or infinity first appears, in the order of computation: ``("z", 3)``.

    The forward pass goes up (``z`` and ``h`` of layer 1, then of layer 2), the backward pass
    down (``delta``, ``grad_W``, ``grad_b``, then the next ``delta``). Layers count from 1.
    ``None`` where all is finite. An ensemble has one answer: of the member hit earliest.
    """
    depth = len(trace.z)
    order = [("input", 0, trace.h[0])]
    for layer in range(1, depth + 1):
        order += [("z", layer, trace.z[layer - 1]), ("h", layer, trace.h[layer])]
    if gradients is not None:
        for layer in range(depth, 0, -1):
            for name in ("delta", "grad_W", "grad_b"):
                order.append((name, layer, getattr(gradients, name)[layer - 1]))
    found = ((name, layer) for name, layer, array in order if not np.isfinite(array).all())
    return next(found, None)


def saturation_fraction(
    activation: str | Activation, z: np.ndarray, slope: float = 0.01
) -> np.ndarray:
    """Share of preactivations where the activation is flat: ``|phi'(z)| < slope``.

    ``z`` has shape ``(..., batch, units)``, the result ``(...)``. Raises ``ValueError`` for an
    unknown activation or a slope that is not above 0.
    """
    phi = get_activation(activation)
    slope = _checks.number(slope, "slope", above=0)
    return (np.abs(phi.derivative(z)) < slope).mean(axis=(-2, -1))


def inactive_fraction(z: np.ndarray) -> np.ndarray:
    """Share of preactivations a ReLU puts out as 0, sample by sample: shape ``(...)``."""
    return (z <= 0).mean(axis=(-2, -1))


def dead_fraction(z: np.ndarray) -> np.ndarray:
    """Share of units a ReLU keeps at 0 for *every* sample of the batch: shape ``(...)``."""
    return (z <= 0).all(axis=-2).mean(axis=-1)


def update_to_weight_ratio(before: Parameters, after: Parameters) -> np.ndarray:
    """How far a step moves each weight matrix, relative to its size: rms over rms, ``(..., L)``."""
    return np.stack(
        [rms(new - old) / rms(old) for old, new in zip(before.W, after.W, strict=True)], axis=-1
    )


def rms(array: np.ndarray) -> np.ndarray:
    """Root mean square over the last two axes."""
    return np.sqrt((array**2).mean(axis=(-2, -1)))
