"""The Hessian, against cases that can be worked out by hand."""

import numpy as np
import pytest

from initlab.curvature import hessian
from initlab.initializers import constant, glorot_normal, normal, zeros
from initlab.losses import get_loss
from initlab.network import MLP
from initlab.parameters import Parameters


def test_of_linear_regression_it_is_the_second_moments(rng):
    x, y = rng.standard_normal((20, 3)), rng.standard_normal((20, 1))
    network = MLP([3, 1])
    X = np.hstack([x, np.ones((20, 1))])  # the bias is the last parameter
    for initializer in (zeros(), normal(2)):
        found = hessian(network, network.initialize(initializer, rng=rng), x, y,
                        loss="squared_error")  # fmt: skip
        np.testing.assert_allclose(found, X.T @ X / 20, atol=1e-8)
    # Control: the second moments of other inputs are another matrix.
    assert not np.allclose(found, np.roll(X, 1, axis=1).T @ X / 20, atol=0.01)


def test_it_agrees_with_second_differences_of_the_loss(rng):
    network = MLP([2, 3, 1], "tanh")
    parameters = network.initialize(glorot_normal(), normal(0.3), rng=rng)
    x, y = rng.standard_normal((10, 2)), rng.integers(0, 2, (10, 1)).astype(float)
    found = hessian(network, parameters, x, y, loss="binary_cross_entropy")
    shapes = [array.shape for array in parameters.arrays()]
    point = np.concatenate([array.ravel() for array in parameters.arrays()])

    def loss(at):
        cuts = np.cumsum([np.prod(shape) for shape in shapes])[:-1]
        arrays = [a.reshape(s) for a, s in zip(np.split(at, cuts), shapes, strict=True)]
        outputs = network.forward(Parameters.from_arrays(arrays), x).outputs
        return get_loss("binary_cross_entropy")(outputs, y)

    step = 1e-3 * np.eye(len(point))
    expected = [
        [(loss(point + a + b) - loss(point + a - b) - loss(point - a + b) + loss(point - a - b))
         / 4e-6 for b in step] for a in step
    ]  # fmt: skip
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert found.shape == (13, 13)
    assert (found == found.T).all()


def test_curvature_of_a_tanh_network_at_zero(rng):
    """One hidden layer: minus and plus the length of mean(residual * input), for each unit."""
    network = MLP([2, 3, 1], "tanh")
    x, y = rng.standard_normal((16, 2)), (np.arange(16) < 8).astype(float)[:, None]
    start = network.initialize(zeros(), rng=rng)
    values = np.linalg.eigvalsh(hessian(network, start, x, y, loss="binary_cross_entropy"))
    length = np.linalg.norm(((0.5 - y) * x).mean(axis=0))
    np.testing.assert_allclose(values[:3], -length, atol=1e-7)
    # Control: at a point that is not zero they differ.
    away = network.initialize(constant(0.5), rng=rng)
    values = np.linalg.eigvalsh(hessian(network, away, x, y, loss="binary_cross_entropy"))
    assert np.ptp(values[:3]) > 1e-3


def test_it_refuses(rng):
    network = MLP([2, 1])
    x, y = np.ones((3, 2)), np.ones((3, 1))
    many = network.initialize(zeros(), rng=rng, ensemble=(2,))
    with pytest.raises(ValueError, match="those of one network"):
        hessian(network, many, x, y, loss="squared_error")
    with pytest.raises(ValueError, match="step must be a finite number and above 0, got 0"):
        hessian(network, many[0], x, y, loss="squared_error", step=0)
