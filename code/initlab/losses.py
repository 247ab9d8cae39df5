"""Loss functions: the mean loss of a batch, and its gradient with respect to the outputs.

Symbols
-------
outputs : what the network returns, shape ``(..., batch, n_outputs)``. For the two
    cross-entropies these are logits (before softmax or sigmoid).
targets : what it should return. Leading axes of ``outputs`` are an ensemble; targets
    without them are shared by all members.

Every loss is a mean over the batch, so its size does not depend on the batch size, and
the gradient carries the factor ``1 / batch``. Losses have the ensemble's shape ``(...)``.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, log_softmax, softmax

from initlab import _checks


@dataclass(frozen=True)
class Loss:
    """A loss and its gradient.

    ``loss(outputs, targets)`` has shape ``(...)``; ``loss.gradient(outputs, targets)`` is
    dL/d outputs, shape ``(..., batch, n_outputs)``. Their dtype is that of the outputs.
    Both check the targets by ``loss.prepare(targets, outputs.shape)``.
    """

    name: str
    prepare: Callable[[np.ndarray, tuple[int, ...]], np.ndarray]
    function: Callable[[np.ndarray, np.ndarray], np.ndarray]
    derivative: Callable[[np.ndarray, np.ndarray], np.ndarray]

    def __call__(self, outputs: np.ndarray, targets: np.ndarray) -> np.ndarray:
        each = self.function(outputs, self.prepare(targets, outputs.shape))
        return each.astype(outputs.dtype, copy=False).mean(axis=-1)

    def gradient(self, outputs: np.ndarray, targets: np.ndarray) -> np.ndarray:
        prepared = self.prepare(targets, outputs.shape)
        gradient = self.derivative(outputs, prepared) / outputs.shape[-2]
        return gradient.astype(outputs.dtype, copy=False)

    def __repr__(self) -> str:
        return self.name


def _numbers(targets, shape: tuple[int, ...]) -> np.ndarray:
    targets = _checks.finite(targets, "targets")
    if targets.shape[-2:] != shape[-2:]:
        raise ValueError(
            f"targets must have shape (..., {shape[-2]}, {shape[-1]}), a row for each sample and "
            f"a column for each output, got {targets.shape}"
        )
    return targets


def _probabilities(targets, shape: tuple[int, ...]) -> np.ndarray:
    targets = _numbers(targets, shape)
    if targets.size and (targets.min() < 0 or targets.max() > 1):
        raise ValueError(
            "targets of binary_cross_entropy must lie in 0..1, "
            f"got {targets.min():g} to {targets.max():g}"
        )
    return targets


def _one_hot(labels, shape: tuple[int, ...]) -> np.ndarray:
    labels = np.asarray(labels)
    batch, n_outputs = shape[-2:]
    if not np.issubdtype(labels.dtype, np.integer) or labels.shape[-1:] != (batch,):
        raise ValueError(
            f"labels of softmax_cross_entropy must be whole numbers of shape (..., {batch}), "
            f"one for each sample, got dtype {labels.dtype} and shape {labels.shape}"
        )
    if labels.size and (labels.min() < 0 or labels.max() >= n_outputs):
        raise ValueError(
            f"labels must lie in 0..{n_outputs - 1} for {n_outputs} outputs, "
            f"got {labels.min()} to {labels.max()}"
        )
    # Booleans: they multiply and subtract like 0 and 1 and widen no float32.
    return np.eye(n_outputs, dtype=bool)[labels]


LOSSES: dict[str, Loss] = {
    loss.name: loss
    for loss in [
        # Half the squared distance: the half makes the gradient the plain difference.
        Loss(
            "squared_error",
            _numbers,
            lambda outputs, y: ((outputs - y) ** 2).sum(axis=-1) / 2,
            lambda outputs, y: outputs - y,
        ),
        # -log p[label]; log_softmax subtracts the largest logit, so exp cannot overflow.
        Loss(
            "softmax_cross_entropy",
            _one_hot,
            lambda logits, y: -(y * log_softmax(logits, axis=-1)).sum(axis=-1),
            lambda logits, y: softmax(logits, axis=-1) - y,
        ),
        # -[y log s + (1 - y) log(1 - s)] with s = sigmoid(logit), written as
        # log(1 + exp(logit)) - y * logit, which is finite for every finite logit.
        Loss(
            "binary_cross_entropy",
            _probabilities,
            lambda logits, y: (np.logaddexp(0, logits) - y * logits).sum(axis=-1),
            lambda logits, y: expit(logits) - y,
        ),
    ]
}


def get_loss(loss: str | Loss) -> Loss:
    """Look a loss up by name; a :class:`Loss` is returned as it is.

    Raises ``ValueError`` for a name that is not in ``LOSSES``.
    """
    return loss if isinstance(loss, Loss) else _checks.choose(LOSSES, loss, "loss")
