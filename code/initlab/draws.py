"""Random arrays of a given law, dtype and size: what initializers fill their weights with.

In double precision every entry comes from the given generator, one after the other. In
single precision a large array is drawn in pieces of :data:`PIECE` entries, each from a
generator of its own that the given one starts. Threads then share the work, and as the
pieces are the same for any number of threads, so is the array. The two precisions are
different draws: one is not the other rounded.
"""

from collections.abc import Callable

import numpy as np
from scipy.special import ndtr, ndtri
from scipy.stats import truncnorm

from initlab import _checks
from initlab.blocks import in_blocks

#: Entries of a piece. 1 MB in single precision, which a core keeps in its own cache.
PIECE = 2**18
#: A standard normal cut off at +-2 has this standard deviation, not 1.
TRUNCATED_STD = float(truncnorm.std(-2, 2))
LOWEST, HIGHEST = float(ndtr(-2)), float(ndtr(2))


def floating(dtype) -> np.dtype:
    """The dtype of ``float32`` or ``float64``, in any spelling; ``ValueError`` for others."""
    try:
        found = np.dtype(dtype)
    except TypeError:
        found = None
    if found not in (np.float32, np.float64):
        raise ValueError(f"dtype must be float32 or float64, got {dtype!r}")
    return found


def normal(std: float, shape: tuple, rng: np.random.Generator, dtype=np.float64) -> np.ndarray:
    """Gaussian entries with mean 0 and standard deviation ``std``.

    In single precision by the polar form of two normals (Box & Muller 1958): a radius with
    ``radius**2 / 2`` exponential, at a uniform angle. With 24 random bits to a radius no entry
    is more than 5.8 standard deviations out, where a normal has 1 in 150 million.
    """
    if floating(dtype) == np.float64:
        return std * rng.standard_normal(shape)

    def fill(piece, rng):
        radius, angle = rng.random((2, -(-piece.size // 2)), dtype=piece.dtype)
        np.subtract(1, radius, out=radius)  # never 0, which has no logarithm
        np.log(radius, out=radius)
        radius *= -2
        np.sqrt(radius, out=radius)
        radius *= piece.dtype.type(std)
        angle *= piece.dtype.type(2 * np.pi)
        first, second = piece[: radius.size], piece[radius.size :]
        np.cos(angle, out=first)
        first *= radius
        np.sin(angle, out=angle)
        np.multiply(angle[: second.size], radius[: second.size], out=second)

    return _in_pieces(fill, shape, rng, dtype)


def uniform(bound: float, shape: tuple, rng: np.random.Generator, dtype=np.float64) -> np.ndarray:
    """Entries uniform between ``-bound`` and ``bound``."""
    if floating(dtype) == np.float64:
        return rng.uniform(-bound, bound, shape)

    def fill(piece, rng):
        rng.random(out=piece, dtype=piece.dtype)
        piece -= piece.dtype.type(0.5)
        piece *= piece.dtype.type(2 * bound)

    return _in_pieces(fill, shape, rng, dtype)


def truncated_normal(
    std: float, shape: tuple, rng: np.random.Generator, dtype=np.float64
) -> np.ndarray:
    """A normal cut off at two of its standard deviations, widened to ``std`` after the cut.

    By inversion: the quantile, under the normal law, of a uniform number between
    ``LOWEST`` and ``HIGHEST``, the probabilities of the two cuts.
    """
    widened = std / TRUNCATED_STD

    def invert(uniform):
        number = uniform.dtype.type
        uniform *= number(HIGHEST - LOWEST)
        uniform += number(LOWEST)
        ndtri(uniform, out=uniform)
        np.clip(uniform, -2, 2, out=uniform)  # the probabilities were rounded
        uniform *= number(widened)

    if floating(dtype) == np.float64:
        array = np.empty(shape)
        rng.random(out=array)
        _for_pieces(lambda k, piece: invert(piece), array)
        return array

    def fill(piece, rng):
        rng.random(out=piece, dtype=piece.dtype)
        invert(piece)

    return _in_pieces(fill, shape, rng, dtype)


def child_generator(rng: np.random.Generator, seed) -> np.random.Generator:
    """A generator of the same kind, started by a seed: whole numbers or a ``SeedSequence``."""
    return np.random.Generator(type(_checks.generator(rng).bit_generator)(seed))


def _in_pieces(fill: Callable, shape: tuple, rng: np.random.Generator, dtype) -> np.ndarray:
    """An array in which ``fill(piece, rng)`` has filled every piece in place."""
    array = np.empty(shape, dtype)
    if array.size <= PIECE:
        fill(array.reshape(-1), rng)
        return array
    seeds = rng.integers(2**32, size=(-(-array.size // PIECE), 4))
    _for_pieces(lambda k, piece: fill(piece, child_generator(rng, seeds[k])), array)
    return array


def _for_pieces(function: Callable, array: np.ndarray) -> None:
    """Call ``function(k, piece)`` for every piece of a new array, by several threads."""
    row = array.reshape(-1)

    def for_some(pieces):
        for k in range(pieces.start, pieces.stop):
            function(k, row[k * PIECE : (k + 1) * PIECE])

    if row.size:
        in_blocks(for_some, -(-row.size // PIECE), PIECE * array.itemsize)
