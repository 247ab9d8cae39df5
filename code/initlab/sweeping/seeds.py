"""One generator a point, drawn from the coordinates' values.

A point's stream of random numbers depends on the seed of the sweep and on the names and labels of
the point, on nothing else: not on its position, on the other points, on who computes it or when.
So a point has the same result alone, in a block, in any order, in a larger grid, on any machine.
"""

from collections.abc import Mapping
from hashlib import sha256

import numpy as np

from initlab.sweeping.grid import key


def generator(seed: int, labels: Mapping) -> np.random.Generator:
    """The generator of the point with these labels, in a sweep with this ``seed``.

    The 256 bits of a SHA-256 hash of the coordinates are the ``spawn_key`` of a
    ``numpy.random.SeedSequence``: a child like those of ``SeedSequence(seed).spawn``, which are
    made to be independent, found by what the point is instead of by how many came before.
    """
    words = np.frombuffer(sha256(key(labels).encode()).digest(), dtype="<u4")
    child = np.random.SeedSequence(seed, spawn_key=tuple(int(word) for word in words))
    # Not default_rng: which generator that makes may change with numpy.
    return np.random.Generator(np.random.PCG64(child))
