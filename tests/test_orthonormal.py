"""Orthonormal columns, by whichever way they are computed."""

import numpy as np
import pytest

from initlab.orthonormal import PANEL, orthonormalized

SHAPES = [(3, 1), (5, 5), (PANEL + 40, PANEL - 1), (PANEL, PANEL), (2 * PANEL + 7, PANEL + 1),
          (2 * PANEL + 7, 2 * PANEL + 7)]  # fmt: skip


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_columns_are_those_of_any_qr_with_a_positive_diagonal(shape, dtype, rng):
    tall = rng.standard_normal((2, *shape)).astype(dtype)
    before = tall.copy()
    found = orthonormalized(tall)
    assert found.dtype == dtype
    assert np.array_equal(tall, before)
    q, r = np.linalg.qr(tall.astype(np.float64))
    wanted = q * np.sign(np.diagonal(r, axis1=-2, axis2=-1))[:, None, :]
    digits = np.finfo(dtype).eps
    # What the last columns point at is known as well as R's diagonal is far from zero.
    certain = np.abs(np.diagonal(r, axis1=-2, axis2=-1)).min()
    assert np.abs(found - wanted).max() < 30 * digits * np.sqrt(shape[0]) / min(1, certain)
    assert np.abs(q - wanted).max() > 0.01  # control: LAPACK's own signs are others
    unity = found.swapaxes(-1, -2).astype(np.float64) @ found
    assert np.abs(unity - np.eye(shape[1])).max() < 10 * digits * np.sqrt(shape[0])
