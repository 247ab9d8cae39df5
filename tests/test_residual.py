"""Residual networks: against a formula written out, against differences, and what a zero does."""

import numpy as np
import pytest
from helpers import central_differences

from initlab.initializers import glorot_normal, normal, zeros
from initlab.losses import get_loss
from initlab.network import MLP, ordered_matmul
from initlab.parameters import Parameters, stack
from initlab.residual import ResidualMLP
from initlab.training import gradients, train


@pytest.fixture
def network():
    return ResidualMLP(3, 4, 2, blocks=2, activation="tanh")


@pytest.fixture
def parameters(network, rng):
    return network.initialize(glorot_normal(), normal(0.3), rng=rng)


def by_hand(parameters, x, links=True):
    """Two blocks, written out."""
    (W0, A1, B1, A2, B2, W1), (b0, a1, c1, a2, c2, b1) = parameters.W, parameters.b
    h = x @ W0 + b0
    h = links * h + np.tanh(h @ A1 + a1) @ B1 + c1
    h = links * h + np.tanh(h @ A2 + a2) @ B2 + c2
    return h @ W1 + b1


def test_forward_is_the_formula(network, parameters, rng):
    x = rng.standard_normal((5, 3))
    outputs = network.forward(parameters, x).outputs
    np.testing.assert_allclose(outputs, by_hand(parameters, x), rtol=1e-12)
    # Control: without the links it is another function.
    assert not np.allclose(outputs, by_hand(parameters, x, links=False))


def test_layers_are_named_as_they_are_numbered(network):
    assert network.layer_sizes == (3, 4, 4, 4, 4, 4, 2)
    assert network.branch_ends == [2, 4]
    assert [phi.name for phi in network.activations] == [
        "identity", "tanh", "identity", "tanh", "identity", "identity"]  # fmt: skip
    assert repr(network) == "ResidualMLP(3, 4, 2, blocks=2, activation=tanh)"


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "softplus"])
def test_gradients_are_differences(activation, rng):
    network = ResidualMLP(3, 4, 2, blocks=2, activation=activation)
    parameters = network.initialize(glorot_normal(), normal(0.3), rng=rng)
    x, y = rng.standard_normal((5, 3)), rng.standard_normal((5, 2))
    loss = get_loss("squared_error")
    found = gradients(network, parameters, x, y, loss=loss)
    arrays = parameters.arrays()
    for i, gradient in enumerate(found.arrays()):

        def moved(array, i=i):
            changed = Parameters.from_arrays([*arrays[:i], array, *arrays[i + 1 :]])
            return loss(network.forward(changed, x).outputs, y)

        expected = central_differences(moved, arrays[i])
        np.testing.assert_allclose(gradient, expected, rtol=1e-6, atol=1e-8)
    at_inputs = central_differences(lambda x: loss(network.forward(parameters, x).outputs, y), x)
    np.testing.assert_allclose(found.grad_h[0], at_inputs, rtol=1e-6, atol=1e-8)


def test_zero_branches_are_not_there(network, rng):
    weights = [glorot_normal(), glorot_normal(), zeros(), glorot_normal(), zeros(), glorot_normal()]
    parameters = network.initialize(weights, rng=rng)
    x, y = rng.standard_normal((5, 3)), rng.standard_normal((5, 2))
    trace = network.forward(parameters, x)
    assert (trace.h[3] == trace.h[1]).all() and (trace.h[5] == trace.h[1]).all()
    found = gradients(network, parameters, x, y, loss="squared_error")
    # The first layer gets what the linear network of first and last layer would give it ...
    linear = Parameters([parameters.W[0], parameters.W[-1]], [parameters.b[0], parameters.b[-1]])
    expected = gradients(MLP([3, 4, 2], "identity"), linear, x, y, loss="squared_error")
    np.testing.assert_allclose(found.grad_W[0], expected.grad_W[0], rtol=1e-12)
    # ... the last layers of the branches a gradient, and the first ones none.
    assert [bool(g.any()) for g in found.grad_W] == [True, False, True, False, True, True]


def test_an_ensemble_is_its_members(network, rng):
    parameters = network.initialize(glorot_normal(), rng=rng, ensemble=(3,))
    x, y = rng.standard_normal((5, 3)), rng.standard_normal((5, 2))
    options = {"loss": "squared_error", "learning_rate": 0.1, "steps": 3}
    together = train(network, parameters, x, y, **options).parameters
    apart = stack([train(network, parameters[i], x, y, **options).parameters for i in range(3)])
    for a, b in zip(together.arrays(), apart.arrays(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10)


def test_it_multiplies_as_it_is_told(rng):
    pair = [ResidualMLP(3, 4, 2, blocks=1, matmul=how) for how in (np.matmul, ordered_matmul)]
    parameters, x = pair[0].initialize(glorot_normal(), rng=rng), rng.standard_normal((5, 3))
    first, second = (network.forward(parameters, x).outputs for network in pair)
    np.testing.assert_allclose(first, second, rtol=1e-12)
    assert pair[1].matmul is ordered_matmul


def test_it_refuses(network, parameters, rng):
    with pytest.raises(ValueError, match="blocks must be a whole number of at least 1, got 0"):
        ResidualMLP(3, 4, 2, blocks=0)
    with pytest.raises(ValueError, match="unknown activation"):
        ResidualMLP(3, 4, 2, blocks=1, activation="swoosh")
    with pytest.raises(ValueError, match="masks must be None"):
        network.forward(parameters, rng.standard_normal((5, 3)), masks=[])
    with pytest.raises(ValueError, match="inputs must have shape"):
        network.forward(parameters, rng.standard_normal((5, 7)))
