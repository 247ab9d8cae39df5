"""What wide random networks do, by integrals instead of draws.

In a wide network with independent weights of variance ``sigma_w**2 / fan_in`` and biases of
variance ``sigma_b**2``, a preactivation is a sum of many independent terms: nearly Gaussian, with
mean 0. Its second moment ``q`` then goes from layer to layer by a map of one number
(Poole et al. 2016; Schoenholz et al. 2017).

Symbols
-------
g : a standard normal variable.
q : the second moment of a preactivation, ``z = sqrt(q) * g``.
sigma_w, sigma_b : standard deviation of the biases, and of the weights times ``sqrt(fan_in)``:
    1 is LeCun's scale (and Glorot's where the fans are equal), ``sqrt(2)`` is He's.
gain : a factor on the standard deviation of the weights, the ``sigma_w`` that keeps something.
"""

from collections.abc import Callable

import numpy as np
from scipy.optimize import brentq

from initlab import _checks
from initlab.activations import Activation, get_activation

# Gauss-Legendre nodes on each side of 0, out to 12 standard deviations. Split at 0, where
# rectifiers have their kink; the nodes crowd there, so that steep sigmoids are resolved, too.
_HALF, _WEIGHT = np.polynomial.legendre.leggauss(200)
_HALF = 6 * (_HALF + 1)
_NODES = np.concatenate([-_HALF[::-1], _HALF])
_DENSITY = np.concatenate([_WEIGHT[::-1], _WEIGHT]) * 6 * np.exp(-(_NODES**2) / 2)
_DENSITY /= _DENSITY.sum()


def gaussian_expectation(function: Callable, std: float | np.ndarray = 1.0) -> np.ndarray:
    """``E[function(std * g)]``; the shape of ``std``, for functions smooth on each side of 0.

    To about 12 digits up to a std of 10; to 5 where it is 100 and the function as narrow as
    the slope of tanh. Raises ``ValueError`` for a negative or non-finite std.
    """
    std = _checks.finite(std, "std")
    if (std < 0).any():
        raise ValueError(f"std must be at least 0, got {std.min():g}")
    return function(std[..., None] * _NODES) @ _DENSITY


def variance_map(
    activation: str | Activation, q: float | np.ndarray, sigma_w: float, sigma_b: float = 0.0
) -> np.ndarray:
    """The second moment one layer up, ``sigma_w**2 E[phi(sqrt(q) g)**2] + sigma_b**2``.

    Shape of ``q``. Poole et al. 2016, eq. 3. Raises ``ValueError`` for negative arguments.
    """
    phi = get_activation(activation)
    sigma_w, sigma_b = _sigmas(sigma_w, sigma_b)
    q = _second_moment(q)
    return sigma_w**2 * gaussian_expectation(lambda z: phi(z) ** 2, np.sqrt(q)) + sigma_b**2


def chi(activation: str | Activation, q: float | np.ndarray, sigma_w: float) -> np.ndarray:
    """What the mean square of delta is multiplied by one layer further down.

    ``sigma_w**2 E[phi'(sqrt(q) g)**2]``, shape of ``q``; gradients explode above 1 and vanish
    below (Schoenholz et al. 2017, eq. 5). Raises ``ValueError`` for negative arguments.
    """
    phi = get_activation(activation)
    sigma_w, _ = _sigmas(sigma_w, 0)
    q = _second_moment(q)
    return sigma_w**2 * gaussian_expectation(lambda z: phi.derivative(z) ** 2, np.sqrt(q))


def fixed_point(
    activation: str | Activation, sigma_w: float, sigma_b: float = 0.0, *, start: float = 1.0
) -> float:
    """Where :func:`variance_map`, applied again and again from ``start``, ends: q*.

    0 or ``inf`` where the signal dies out or grows without bound. Taken to be increasing in q,
    as it is for every activation of the package but gelu and silu at small q, the map moves one
    way: the end is the first fixed point in that direction, found by bisection, also where the
    iteration itself would take for ever. Raises ``ValueError`` for negative arguments.
    """
    start = _checks.number(start, "start", above=0)

    def growth(q):
        return float(variance_map(activation, q, sigma_w, sigma_b)) - q

    direction = growth(start)
    if abs(direction) <= 1e-12 * start:
        return start
    sign, end = (1, np.inf) if direction > 0 else (-1, 0.0)
    reach = max(start, 1 / start, 1) * 1e12
    steps = np.exp(np.arange(0, np.log(reach) + 0.05, 0.05))
    ladder = start * steps**sign
    going_on = sign * (variance_map(activation, ladder, sigma_w, sigma_b) - ladder)
    turns = np.flatnonzero(going_on < -1e-13 * ladder)  # smaller than round-off is none
    if not len(turns):
        return end
    before = np.flatnonzero(going_on[: turns[0]] > 0)[-1]
    here, width = ladder[turns[0]], 1e-15 * ladder[before]
    return float(brentq(growth, ladder[before], here, xtol=width, rtol=1e-14))


def critical_sigma_w(activation: str | Activation, sigma_b: float = 0.0) -> float:
    """The sigma_w at which :func:`chi` is 1 at the fixed point: the border of chaos.

    Each q belongs to one point of the line: ``sigma_w**2 = 1 / E[phi'**2]``, and ``sigma_b**2`` is
    what the variance map then lacks to return q (Poole et al. 2016; Schoenholz et al. 2017). Where
    phi' does not see q, as with relu, the border is the same for every sigma_b. Raises
    ``ValueError`` for a negative sigma_b, and for an activation that has no border there.
    """
    phi = get_activation(activation)
    sigma_b = _checks.number(sigma_b, "sigma_b", at_least=0)
    q = np.geomspace(1e-6, 1e6, 241)
    slope = chi(phi, q, 1.0)
    if np.ptp(slope) <= 1e-12 * slope.max():
        return float(slope[0] ** -0.5)

    def lacking(q):
        return q - variance_map(phi, q, 1.0) / chi(phi, q, 1.0) - sigma_b**2

    rises = np.flatnonzero(np.diff(np.sign(lacking(q))) > 0)
    origin = sigma_b == 0 and phi(np.zeros(1))[0] == 0  # without biases q* is 0 on the border
    if len(rises) or origin:
        q = 0.0 if origin else brentq(lacking, q[rises[-1]], q[rises[-1] + 1], rtol=1e-14)
        sigma_w = float(chi(phi, q, 1.0) ** -0.5)
        settled = fixed_point(phi, sigma_w, sigma_b)
        if settled < np.inf and abs(chi(phi, settled, sigma_w) - 1) < 1e-6:
            return sigma_w
    raise ValueError(f"{phi} has no critical sigma_w for sigma_b = {sigma_b:g}")


def second_moment_gain(activation: str | Activation) -> float:
    """The sigma_w that keeps ``q = 1``: ``1 / sqrt(E[phi(g)**2])`` (sqrt 2 for relu: He 2015)."""
    phi = get_activation(activation)
    return float(1 / np.sqrt(gaussian_expectation(lambda z: phi(z) ** 2)))


def std_gain(activation: str | Activation) -> float:
    """What restores unit standard deviation of the activations: ``1 / std(phi(g))``."""
    phi = get_activation(activation)
    mean = gaussian_expectation(phi)
    return float(1 / np.sqrt(gaussian_expectation(lambda z: (phi(z) - mean) ** 2)))


def gradient_gain(activation: str | Activation) -> float:
    """The sigma_w that keeps the mean square of delta at ``q = 1``: ``1 / sqrt(E[phi'(g)**2])``."""
    phi = get_activation(activation)
    return float(1 / np.sqrt(gaussian_expectation(lambda z: phi.derivative(z) ** 2)))


def _sigmas(sigma_w, sigma_b) -> tuple[float, float]:
    return (
        _checks.number(sigma_w, "sigma_w", at_least=0),
        _checks.number(sigma_b, "sigma_b", at_least=0),
    )


def _second_moment(q) -> np.ndarray:
    q = _checks.finite(q, "q")
    if (q < 0).any():
        raise ValueError(f"q is a second moment and must be at least 0, got {q.min():g}")
    return q
