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
    """Gaussian entries with mean 0 and standard deviation ``std``."""
    if floating(dtype) == np.float64:
        return std * rng.standard_normal(shape)

    def fill(piece, rng):
        rng.standard_normal(out=piece, dtype=piece.dtype)
        piece *= piece.dtype.type(std)

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
    if floating(dtype) == np.float64:
        return widened * ndtri(LOWEST + (HIGHEST - LOWEST) * rng.random(shape))

    def fill(piece, rng):
        rng.random(out=piece, dtype=piece.dtype)
        piece *= piece.dtype.type(HIGHEST - LOWEST)
        piece += piece.dtype.type(LOWEST)
        ndtri(piece, out=piece)
        np.clip(piece, -2, 2, out=piece)  # the probabilities were rounded
        piece *= piece.dtype.type(widened)

    return _in_pieces(fill, shape, rng, dtype)


def child_generator(rng: np.random.Generator, seed) -> np.random.Generator:
    """A generator of the same kind, started by a seed: whole numbers or a ``SeedSequence``."""
    return np.random.Generator(type(_checks.generator(rng).bit_generator)(seed))


def _in_pieces(fill: Callable, shape: tuple, rng: np.random.Generator, dtype) -> np.ndarray:
    """An array in which ``fill(piece, rng)`` has filled every piece in place."""
    array = np.empty(shape, dtype)
    row = array.reshape(-1)
    count = -(-row.size // PIECE)
    if count <= 1:
        fill(row, rng)
        return array
    seeds = rng.integers(2**32, size=(count, 4))

    def fill_some(pieces):
        for k in range(pieces.start, pieces.stop):
            fill(row[k * PIECE : (k + 1) * PIECE], child_generator(rng, seeds[k]))

    in_blocks(fill_some, count, PIECE * array.itemsize)
    return array
