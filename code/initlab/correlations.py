"""How alike two inputs still are, layer by layer, in a wide random network: by integrals.

Two inputs have two preactivations at every unit. In a wide network both are Gaussian with the
second moment ``q`` of ``initlab.theory``, and their correlation ``c`` goes from layer to layer by
a map of one number, too (Poole et al. 2016; Schoenholz et al. 2017). Inputs that have become equal
can no longer be told apart, whatever is trained above.

Symbols
-------
u, v : the two preactivations at a unit, each of mean 0 and second moment q.
c : their correlation, ``E[u v] / q``. Both inputs have the same q.
gap : ``1 - c``. Close to 1 it keeps the digits that c has no room for.
c* : where c settles once q has settled, at q*, see :func:`.theory.fixed_point`.
"""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from scipy.optimize import brentq

from initlab import _checks, theory
from initlab.activations import Activation, get_activation

# Polar coordinates: the kinks of rectifiers, u = 0 and v = 0, are then fixed angles, and
# Gauss-Legendre pieces between them see a smooth function, with nodes crowding at the kinks.
_RADIUS, _MASS = np.polynomial.legendre.leggauss(80)
_RADIUS = 6 * (_RADIUS + 1)
_MASS = _MASS * _RADIUS * np.exp(-(_RADIUS**2) / 2)
_MASS /= _MASS.sum()
_SHARE, _ANGLE_WEIGHT = np.polynomial.legendre.leggauss(40)
_SHARE, _ANGLE_WEIGHT = (_SHARE + 1) / 2, _ANGLE_WEIGHT / (2 * np.pi)

#: Stand-ins for q* where the signal dies out or grows without bound: the maps have limits there.
_NEARLY_NONE, _BOUNDLESS = 1e-20, 1e12


def pair_expectation(
    function: Callable, q: float | np.ndarray, gap: float | np.ndarray
) -> np.ndarray:
    """``E[function(u, v)]`` for a function with ``function(u, v) = function(v, u)``.

    The shape that ``q`` and ``gap`` broadcast to. For functions that are smooth but for kinks at
    u = 0 and v = 0; of sigmoids, to about 12 digits up to a q of 10, and 8 at 100. Raises
    ``ValueError`` for a negative q, or a gap outside 0 to 2.
    """
    q, gap = np.broadcast_arrays(_checks.finite(q, "q"), _gap(gap))
    if (q < 0).any():
        raise ValueError(f"q is a second moment and must be at least 0, got {q.min():g}")
    theta = 2 * np.arcsin(np.sqrt(gap / 2))  # the angle between u and v: cos(theta) = c
    total = np.zeros(q.shape)
    edges = [np.zeros(q.shape), (np.pi - theta) / 2, (np.pi + theta) / 2, np.full(q.shape, np.pi)]
    for low, high in pairwise(edges):
        angle = low[..., None] + (high - low)[..., None] * _SHARE
        std = np.sqrt(q)[..., None] * np.ones(len(_SHARE))
        u, v = (std * np.cos(angle + s * theta[..., None] / 2) for s in (-1, 1))
        seen = function(u[..., None] * _RADIUS, v[..., None] * _RADIUS) @ _MASS
        total += (high - low) * (seen @ _ANGLE_WEIGHT)
    return total


def gap_map(
    activation: str | Activation,
    gap: float | np.ndarray,
    q: float | np.ndarray,
    sigma_w: float,
    sigma_b: float = 0.0,
) -> np.ndarray:
    """``1 - c`` one layer up, from ``1 - c`` and q; precise also where c is nearly 1.

    :func:`correlation_map` without its subtraction from 1: the gap is half of
    ``sigma_w**2 E[(phi(u) - phi(v))**2]`` over the next q. Raises ``ValueError`` for a gap
    outside 0 to 2, negative arguments, and where no signal is left to be correlated.
    """
    phi = get_activation(activation)
    above = theory.variance_map(phi, q, sigma_w, sigma_b)
    if (above <= 0).any():
        raise ValueError("a correlation needs a signal: q one layer up must be above 0, got 0")
    apart = pair_expectation(lambda u, v: (phi(u) - phi(v)) ** 2, q, gap)
    return sigma_w**2 * apart / (2 * above)


def correlation_map(
    activation: str | Activation,
    c: float | np.ndarray,
    q: float | np.ndarray,
    sigma_w: float,
    sigma_b: float = 0.0,
) -> np.ndarray:
    """The correlation one layer up, ``(sigma_w**2 E[phi(u) phi(v)] + sigma_b**2) / V(q)``.

    ``V`` is :func:`.theory.variance_map`; at q = q* it is q* again. The shape that c and q
    broadcast to. Poole et al. 2016, eq. 5. Raises ``ValueError`` for c outside -1 to 1, negative
    arguments, and where no signal is left to be correlated.
    """
    return 1 - gap_map(activation, 1 - _correlation(c), q, sigma_w, sigma_b)


def arc_cosine_gap(gap: float | np.ndarray) -> np.ndarray:
    """:func:`gap_map` of relu without biases in closed form, the same at every q and sigma_w.

    With ``cos(theta) = c``: ``1 - (sin(theta) + (pi - theta) cos(theta)) / pi`` (Cho & Saul
    2009). Iterated, the gap falls as ``9 pi**2 / (2 l**2)``. Raises ``ValueError`` for a gap
    outside 0 to 2.
    """
    gap = _gap(gap)
    theta = 2 * np.arcsin(np.sqrt(gap / 2))
    return gap - (np.sin(theta) - theta * np.cos(theta)) / np.pi


def chi_c(
    activation: str | Activation, c: float | np.ndarray, q: float | np.ndarray, sigma_w: float
) -> np.ndarray:
    """What a small change of c is multiplied by one layer up: ``sigma_w**2 E[phi'(u) phi'(v)]``.

    At c = 1 it is :func:`.theory.chi`. Schoenholz et al. 2017, section 3. Raises ``ValueError`` for
    c outside -1 to 1, and for negative arguments.
    """
    phi = get_activation(activation)
    sigma_w = _checks.number(sigma_w, "sigma_w", at_least=0)
    slopes = pair_expectation(
        lambda u, v: phi.derivative(u) * phi.derivative(v), q, 1 - _correlation(c)
    )
    return sigma_w**2 * slopes


def correlation_fixed_point(
    activation: str | Activation, sigma_w: float, sigma_b: float = 0.0
) -> float:
    """Where the correlation of two different inputs ends in a deep network: c*.

    1 unless ``chi(q*) > 1``, where noise pulls even the closest inputs apart; then the map, which
    is convex and rises from c = 0 on, has one other fixed point below 1. Also 1 where q* is 0 or
    ``inf`` and the map has no such point. Raises ``ValueError`` for negative arguments.
    """
    q = _settled(activation, sigma_w, sigma_b)

    def growth(log_gap):
        gap = np.exp(log_gap)
        return float(gap_map(activation, gap, q, sigma_w, sigma_b)) / gap - 1

    if sigma_w == 0 or growth(np.log(1e-12)) <= 1e-9:
        return 1.0
    if growth(0.0) >= 0:  # odd functions without biases: 0 stays 0, but for round-off
        return 0.0
    return 1 - float(np.exp(brentq(growth, np.log(1e-12), 0.0, xtol=1e-13)))


def depth_scale(
    activation: str | Activation,
    sigma_w: float,
    sigma_b: float = 0.0,
    *,
    of: str = "correlation",
) -> float:
    """In how many layers a deviation from the fixed point changes by a factor e: ``1 / |ln x|``.

    ``of`` names what deviates, and with it the factor x of one layer, taken at q*:

    - ``"variance"``: q from q*, the slope of the variance map;
    - ``"correlation"``: c from c*, :func:`chi_c` at c*;
    - ``"gradient"``: the mean square of delta from layer to layer, :func:`.theory.chi`.

    ``inf`` where x is 1, 0 where it is 0. Where q* is 0 or ``inf``, x is the limit there, for q,
    for the covariance and for delta alike. Schoenholz et al. 2017, sections 3 and 4. Raises
    ``ValueError`` for negative arguments or another ``of``.
    """
    factor = _checks.choose(_FACTORS, of, "depth scale")
    q = _settled(activation, sigma_w, sigma_b)
    x = factor(get_activation(activation), q, sigma_w, sigma_b)
    if abs(x - 1) <= 1e-12:
        return np.inf
    return float(1 / abs(np.log(x))) if x > 0 else 0.0


def _slope_of_variance(phi, q, sigma_w, sigma_b):
    # V'(q), by differentiation under the integral: no second derivative of phi is needed.
    moment = theory.gaussian_expectation(lambda z: phi(z) * phi.derivative(z) * z, np.sqrt(q))
    return sigma_w**2 * moment / q


def _slope_of_correlation(phi, q, sigma_w, sigma_b):
    c = correlation_fixed_point(phi, sigma_w, sigma_b)
    return theory.chi(phi, q, sigma_w) if c == 1 else chi_c(phi, c, q, sigma_w)


_FACTORS = {
    "variance": _slope_of_variance,
    "correlation": _slope_of_correlation,
    "gradient": lambda phi, q, sigma_w, sigma_b: theory.chi(phi, q, sigma_w),
}


def _settled(activation, sigma_w, sigma_b) -> float:
    q = theory.fixed_point(activation, sigma_w, sigma_b)
    return min(max(q, _NEARLY_NONE), _BOUNDLESS)


def _gap(gap) -> np.ndarray:
    gap = _checks.finite(gap, "gap")
    if (gap < 0).any() or (gap > 2).any():
        raise ValueError(f"gap is 1 - c and must lie in 0..2, got {gap.min():g} to {gap.max():g}")
    return gap


def _correlation(c) -> np.ndarray:
    c = _checks.finite(c, "c")
    if (abs(c) > 1).any():
        raise ValueError(
            f"c is a correlation and must lie in -1..1, got {c.min():g} to {c.max():g}"
        )
    return c
