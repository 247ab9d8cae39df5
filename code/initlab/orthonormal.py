"""Orthonormal columns from random ones: Householder's QR factorization, for large matrices, too.

LAPACK's routines that numpy and scipy call for it spend their time on narrow panels. Here
LAPACK factors by halves (``geqrt``: Elmroth & Gustavson 2000), and the reflectors are
multiplied together ``PANEL`` at a time as ``I - V T V^T`` (Schreiber & Van Loan 1989). Nearly
all the work is then large matrix products, which BLAS does fastest.
"""

import numpy as np
from scipy.linalg import get_lapack_funcs

#: Columns that are factored, and reflectors that are multiplied, together.
PANEL = 256


def orthonormalized(tall: np.ndarray) -> np.ndarray:
    """The columns of each matrix made orthonormal, one after the other.

    ``tall`` has shape ``(..., rows, columns)`` with at least as many rows as columns, in
    float32 or float64. The diagonal of R is positive, which makes Q the same in every
    library; for Gaussian columns Q is uniform over the orthogonal matrices (Mezzadri 2007).
    """
    if tall.dtype == np.float64 and tall.shape[-1] < PANEL:
        q, r = np.linalg.qr(tall)  # all of them in one call; it would widen single precision
        return q * np.sign(np.diagonal(r, axis1=-2, axis2=-1))[..., None, :]
    found = np.zeros(tall.shape, tall.dtype)
    for members in np.ndindex(tall.shape[:-2]):
        _fill(found[members], tall[members])
    return found


def _fill(q: np.ndarray, tall: np.ndarray) -> None:
    """Make zeros the orthonormal columns of a matrix."""
    columns = tall.shape[-1]
    (geqrt,) = get_lapack_funcs(("geqrt",), (tall,))
    width = min(PANEL, columns)
    # Below the diagonal are the reflectors V without their leading ones, on it is R's.
    factored, triangles, _ = geqrt(width, tall)
    np.fill_diagonal(q, 1)
    for k in reversed(range(0, columns, width)):
        V = np.tril(factored[k:, k : k + width], -1)
        np.fill_diagonal(V, 1)
        T = np.triu(triangles[: V.shape[1], k : k + width])
        q[k:, k:] -= V @ (T @ (V.T @ q[k:, k:]))
    q *= np.sign(np.diagonal(factored))
