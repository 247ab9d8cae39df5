"""Initializers: recipes that draw a layer's first weights or biases.

One general law, :func:`variance_scaling`, and the named schemes as its special cases.

Symbols
-------
shape : ``(..., fan_in, fan_out)`` for weights (``W`` multiplies a row of inputs from the
    right, ``z = h @ W + b``; PyTorch stores the transpose), ``(..., fan_out)`` for biases.
    Leading axes are an ensemble of independent draws.
std : the standard deviation of one weight. It is computed first; bounds follow from it.
scale : multiplies the variance. ``gain`` multiplies the standard deviation, so that
    ``scale = gain ** 2``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from initlab import _checks, draws
from initlab.orthonormal import orthonormalized


@dataclass(frozen=True)
class Initializer:
    """A recipe, made by one of the factories of this module.

    ``initializer(shape, *, rng)`` returns an array of that shape. The generator is always
    given by the caller: nothing here seeds itself, so two draws differ unless the caller
    starts two generators alike. With ``dtype=np.float32`` the array is drawn in single
    precision, see ``initlab.draws``.

    A recipe is a function ``draw(shape, rng)`` or, with ``typed=True``,
    ``draw(shape, rng, dtype)``; what the first returns is rounded to the dtype.

    Raises ``TypeError`` without a ``numpy.random.Generator`` and ``ValueError`` for a
    shape that is not made of positive whole numbers, or that has no fans where fans are
    needed, and for a dtype other than float32 and float64.
    """

    name: str
    draw: Callable[..., np.ndarray]
    needs_fans: bool = False
    typed: bool = False

    def __call__(
        self, shape: tuple[int, ...], *, rng: np.random.Generator, dtype=np.float64
    ) -> np.ndarray:
        _checks.generator(rng)
        if not isinstance(shape, tuple | list):
            raise TypeError(f"shape must be a tuple of whole numbers, got {shape!r}")
        shape = tuple(_checks.whole(n, f"each size in shape {tuple(shape)}") for n in shape)
        needed = 2 if self.needs_fans else 1
        if len(shape) < needed:
            wanted = "(..., fan_in, fan_out)" if self.needs_fans else "(..., fan_out)"
            raise ValueError(f"{self.name} needs a shape {wanted}, got {shape}")
        dtype = draws.floating(dtype)
        if self.typed:
            return self.draw(shape, rng, dtype)
        drawn = self.draw(shape, rng)
        return drawn if dtype == np.float64 else drawn.astype(dtype)

    def __repr__(self) -> str:
        return self.name


# ------------------------------------------------------------------ without fans


def zeros() -> Initializer:
    """Every entry 0."""
    return Initializer("zeros()", lambda shape, rng, dtype: np.zeros(shape, dtype), typed=True)


def constant(value: float) -> Initializer:
    """Every entry the same finite ``value``."""
    value = _checks.number(value, "value")
    return Initializer(
        f"constant({value:g})", lambda shape, rng, dtype: np.full(shape, value, dtype), typed=True
    )


def normal(std: float) -> Initializer:
    """Independent Gaussian entries with mean 0 and standard deviation ``std``."""
    std = _checks.number(std, "std", at_least=0)
    return Initializer(f"normal({std:g})", partial(draws.normal, std), typed=True)


def uniform(bound: float) -> Initializer:
    """Independent entries, uniform between ``-bound`` and ``bound``."""
    bound = _checks.number(bound, "bound", at_least=0)
    return Initializer(f"uniform({bound:g})", partial(draws.uniform, bound), typed=True)


def equal_columns(base: Initializer) -> Initializer:
    """One column drawn from ``base`` and given to every unit of the layer.

    All units of the layer have the same incoming weights; a unit's weights differ from
    one another. (The case ``w_ij = v_j`` where weights are written unit by unit.)
    """
    return _repeated(base, "equal_columns", axis=-1)


def equal_rows(base: Initializer) -> Initializer:
    """One row drawn from ``base`` and used for every input of the layer.

    Each unit gives all its inputs the same weight; the units differ from one another.
    """
    return _repeated(base, "equal_rows", axis=-2)


def _repeated(base: Initializer, name: str, axis: int) -> Initializer:
    if not isinstance(base, Initializer):
        raise TypeError(f"base must be an initializer such as glorot_normal(), got {base!r}")

    def draw(shape, rng, dtype):
        # Drawn whole and then cut, so that the fans, and with them the std, stay true.
        drawn = base(shape, rng=rng, dtype=dtype)
        return np.repeat(drawn.take([0], axis=axis), shape[axis], axis=axis)

    return Initializer(f"{name}({base})", draw, needs_fans=True, typed=True)


# ------------------------------------------------------------------ the general law


def _uniform(std, shape, rng, dtype):
    # A uniform variable on [-bound, bound] has variance bound**2 / 3.
    return draws.uniform(np.sqrt(3) * std, shape, rng, dtype)


DISTRIBUTIONS: dict[str, Callable] = {
    "normal": draws.normal,
    "truncated_normal": draws.truncated_normal,
    "uniform": _uniform,
}

#: What the variance is divided by. ``fan_in`` keeps the size of the signal on the way
#: forward, ``fan_out`` that of the gradient on the way back, ``fan_avg`` is between them.
MODES: dict[str, Callable[[int, int], float]] = {
    "fan_in": lambda fan_in, fan_out: fan_in,
    "fan_out": lambda fan_in, fan_out: fan_out,
    "fan_avg": lambda fan_in, fan_out: (fan_in + fan_out) / 2,
}


def variance_scaling(
    scale: float = 1.0, mode: str = "fan_in", distribution: str = "normal"
) -> Initializer:
    """Entries with mean 0 and variance ``scale / fan``: every named scheme is one of these.

    Parameters
    ----------
    scale : variance times fan, above 0.
    mode : ``"fan_in"``, ``"fan_out"`` or ``"fan_avg"``, see :data:`MODES`.
    distribution : ``"normal"``, ``"truncated_normal"`` (cut at two standard deviations
        and widened, so that the variance is exact) or ``"uniform"``.

    Raises
    ------
    ValueError
        For a scale that is not above 0, an unknown mode or an unknown distribution.
    """
    return _scaled(
        f"variance_scaling({scale!r}, {mode!r}, {distribution!r})",
        scale,
        mode,
        distribution,
    )


def _scaled(name: str, scale: float, mode: str, distribution: str) -> Initializer:
    scale = _checks.number(scale, "scale", above=0)
    fan = _checks.choose(MODES, mode, "mode")
    sample = _checks.choose(DISTRIBUTIONS, distribution, "distribution")
    return Initializer(
        name,
        lambda shape, rng, dtype: sample(np.sqrt(scale / fan(*shape[-2:])), shape, rng, dtype),
        needs_fans=True,
        typed=True,
    )


def _he_scale(negative_slope: float) -> float:
    # (1/2) (1 + a^2) n Var W = 1 for a rectifier of slope a below zero: He 2015, eq. 15.
    return 2 / (1 + _checks.number(negative_slope, "negative_slope", at_least=0) ** 2)


def lecun_normal() -> Initializer:
    """Variance ``1 / fan_in`` (LeCun, Bottou, Orr & Müller 1998, eq. 16)."""
    return _scaled("lecun_normal()", 1, "fan_in", "normal")


def lecun_uniform() -> Initializer:
    """Variance ``1 / fan_in``, uniform."""
    return _scaled("lecun_uniform()", 1, "fan_in", "uniform")


def glorot_normal() -> Initializer:
    """Variance ``2 / (fan_in + fan_out)`` (Glorot & Bengio 2010, eq. 12)."""
    return _scaled("glorot_normal()", 1, "fan_avg", "normal")


def glorot_uniform() -> Initializer:
    """Variance ``2 / (fan_in + fan_out)``, uniform (Glorot & Bengio 2010, eq. 16)."""
    return _scaled("glorot_uniform()", 1, "fan_avg", "uniform")


def he_normal(negative_slope: float = 0.0) -> Initializer:
    """Variance ``2 / ((1 + negative_slope**2) fan_in)`` (He et al. 2015, eqs. 10 and 15)."""
    scale = _he_scale(negative_slope)
    return _scaled(f"he_normal({negative_slope:g})", scale, "fan_in", "normal")


def he_uniform(negative_slope: float = 0.0) -> Initializer:
    """Variance ``2 / ((1 + negative_slope**2) fan_in)``, uniform."""
    scale = _he_scale(negative_slope)
    return _scaled(f"he_uniform({negative_slope:g})", scale, "fan_in", "uniform")


xavier_normal, xavier_uniform = glorot_normal, glorot_uniform
kaiming_normal, kaiming_uniform = he_normal, he_uniform


def orthogonal(gain: float = 1.0) -> Initializer:
    """A random matrix with orthonormal columns or rows, times ``gain`` (Saxe et al. 2014).

    The shorter side is orthonormal: ``W.T @ W = gain**2 I`` where fan_in >= fan_out, else
    ``W @ W.T = gain**2 I``. Raises ``ValueError`` for a negative or non-finite gain.
    """
    gain = _checks.number(gain, "gain", at_least=0)

    def draw(shape, rng, dtype):
        *ensemble, fan_in, fan_out = shape
        tall = (*ensemble, max(fan_in, fan_out), min(fan_in, fan_out))
        q = orthonormalized(draws.normal(1, tall, rng, dtype))
        q *= gain
        return q if fan_in >= fan_out else q.swapaxes(-1, -2)

    return Initializer(f"orthogonal({gain:g})", draw, needs_fans=True, typed=True)
