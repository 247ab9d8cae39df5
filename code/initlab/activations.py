"""Activation functions ``phi`` and their derivatives, in one registry.

Symbols
-------
z : preactivation, any shape. Both the function and the derivative take ``z``, never
    the activation ``h = phi(z)``; the one form that takes ``h`` is called ``from_value``.

Where a function has a kink (relu, leaky_relu at 0) the derivative is the one from the
left, the usual convention of software: ``relu'(0) = 0``.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import erf, expit

from initlab import _checks


@dataclass(frozen=True)
class Activation:
    """An elementwise function and its derivative.

    Calling it applies the function: ``phi(z)`` has the shape of ``z``, and so has
    ``phi.derivative(z)``. ``from_value(h)`` is the derivative again, to the last bit, but
    computed from ``h = phi(z)``; ``None`` where there is no such form.
    """

    name: str
    function: Callable[[np.ndarray], np.ndarray]
    derivative: Callable[[np.ndarray], np.ndarray]
    from_value: Callable[[np.ndarray], np.ndarray] | None = None

    def __call__(self, z: np.ndarray) -> np.ndarray:
        return self.function(z)

    def __repr__(self) -> str:
        return self.name


def leaky_relu(negative_slope: float = 0.01) -> Activation:
    """ReLU whose negative side has a slope of its own (Maas, Hannun & Ng 2013).

    Raises ``ValueError`` for a negative or non-finite slope.
    """
    a = _checks.number(negative_slope, "negative_slope", at_least=0)
    return Activation(
        f"leaky_relu({a:g})",
        lambda z: np.where(z > 0, z, a * z),
        lambda z: np.where(z > 0, 1.0, a).astype(z.dtype),
        # A slope of at least 0 leaves every sign as it is.
        lambda h: np.where(h > 0, 1.0, a).astype(h.dtype),
    )


def _sigmoid_derivative(z):
    s = expit(z)
    return s * (1 - s)


def _one_less_square(h):
    square = np.square(h)
    return np.subtract(1, square, out=square if isinstance(square, np.ndarray) else None)


def _gelu_derivative(z):
    # math, not numpy, for the constants: numpy's would widen float32 to float64.
    density = np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
    return (1 + erf(z / math.sqrt(2))) / 2 + z * density


def _silu_derivative(z):
    s = expit(z)
    return s * (1 + z * (1 - s))


ACTIVATIONS: dict[str, Activation] = {
    phi.name: phi
    for phi in [
        Activation("identity", lambda z: z, np.ones_like, np.ones_like),
        Activation("sigmoid", expit, _sigmoid_derivative, lambda h: h * (1 - h)),
        Activation("tanh", np.tanh, lambda z: 1 - np.tanh(z) ** 2, _one_less_square),
        Activation(
            "relu",
            lambda z: np.maximum(z, 0),
            lambda z: (z > 0).astype(z.dtype),
            lambda h: (h > 0).astype(h.dtype),
        ),
        Activation(
            "elu",
            lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))),
            lambda z: np.where(z > 0, 1.0, np.exp(np.minimum(z, 0))),
        ),
        Activation("softplus", lambda z: np.logaddexp(0, z), expit),
        # Gaussian error linear unit, the exact form z * Phi(z) (Hendrycks & Gimpel 2016).
        Activation("gelu", lambda z: z * (1 + erf(z / math.sqrt(2))) / 2, _gelu_derivative),
        Activation("silu", lambda z: z * expit(z), _silu_derivative),
    ]
}
ACTIVATIONS["leaky_relu"] = leaky_relu()


def get_activation(activation: str | Activation) -> Activation:
    """Look an activation up by name; an :class:`Activation` is returned as it is.

    Raises ``ValueError`` for a name that is not in ``ACTIVATIONS``.
    """
    if isinstance(activation, Activation):
        return activation
    return _checks.choose(ACTIVATIONS, activation, "activation")
