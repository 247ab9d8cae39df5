"""The lab's engine is the package, in another language: the same numbers from the same start.

The package and the engine get the same weights and, for each of 20 steps, the same batch. An array
agrees if no entry is off by more than 1e-10 times the largest entry of the package's array, and if
exact zeros stand in the same places. (Entry by entry nothing could be promised: 1 - tanh(z)^2
cancels where tanh is near 1, and there the last bit of tanh, which every library rounds in its own
way, is all there is. Both sides compute the derivative by that same formula.)
"""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from node import ask

from initlab import initializers as inits
from initlab.activations import ACTIVATIONS, get_activation
from initlab.losses import LOSSES, get_loss
from initlab.network import MLP, ordered_matmul
from initlab.parameters import Parameters

DEPTHS = range(1, 9)
STEPS, BATCH, LEARNING_RATE, TOLERANCE = 20, 5, 0.05, 1e-10


def flat(arrays):
    return np.concatenate([np.ravel(array) for array in arrays])


def one_hot(targets, outputs):
    """Targets as the engine takes them: labels as rows with one 1."""
    return np.eye(outputs)[targets] if targets.ndim == 1 else targets


def draw_targets(loss, rng, outputs):
    if loss == "softmax_cross_entropy":
        return rng.integers(0, outputs, BATCH)
    return rng.random((BATCH, outputs))


class Case:
    """One network, its start and its batches; what the package makes of them, and the engine."""

    def __init__(self, activation, loss, depth, weights, biases, *, rng, matmul=np.matmul, width=4):
        outputs = 3
        sizes = [2, *[width] * (depth - 1), outputs]
        self.network = MLP(sizes, activation, matmul=matmul)
        self.loss = loss
        self.start = self.network.initialize(weights, biases, rng=rng)
        self.batches = [
            (rng.standard_normal((BATCH, 2)), draw_targets(loss, rng, outputs))
            for _ in range(STEPS)
        ]
        self.question = {
            "sizes": sizes,
            "activation": activation,
            "loss": loss,
            "parameters": flat(self.start.arrays()),
            "batches": [
                {"inputs": np.ravel(x), "targets": np.ravel(one_hot(y, outputs))}
                for x, y in self.batches
            ],
            "learningRate": LEARNING_RATE,
        }

    def by_package(self, network=None, start=None) -> list[list[np.ndarray]]:
        """For each step the loss, every delta and every gradient."""
        network, parameters = network or self.network, start or self.start
        loss, seen = get_loss(self.loss), []
        for x, y in self.batches:
            trace = network.forward(parameters, x)
            value = loss(trace.outputs, y)
            found = network.backward(parameters, trace, loss.gradient(trace.outputs, y))
            seen.append([np.atleast_1d(value), *found.delta, *found.arrays()])
            pairs = zip(parameters.arrays(), found.arrays(), strict=True)
            parameters = Parameters.from_arrays([p - LEARNING_RATE * g for p, g in pairs])
        return seen

    @property
    def size(self) -> int:
        """How many numbers the engine answers with."""
        sizes = self.network.layer_sizes
        return STEPS * (1 + BATCH * sum(sizes[1:]) + self.question["parameters"].size)

    def unpack(self, numbers) -> list[list[np.ndarray]]:
        """The engine's answer in the shapes of :meth:`by_package`."""
        outs = self.network.layer_sizes[1:]
        shapes = [
            *[(1,), *[(BATCH, n) for n in outs]],
            *[array.shape for array in self.start.arrays()],
        ]
        ends = np.cumsum([np.prod(shape) for shape in shapes])
        return [
            [
                part.reshape(shape)
                for part, shape in zip(np.split(step, ends[:-1]), shapes, strict=True)
            ]
            for step in numbers.reshape(STEPS, -1)
        ]


def run_engine(cases):
    """All cases in one process."""
    numbers = ask("train", [case.question for case in cases])
    ends = np.cumsum([case.size for case in cases])
    assert ends[-1] == numbers.size
    return [
        case.unpack(part) for case, part in zip(cases, np.split(numbers, ends[:-1]), strict=True)
    ]


def worst(engine, package) -> float:
    """The largest difference, relative to the largest entry of its array; infinite for a zero."""
    gap = 0.0
    for theirs, ours in zip(engine, package, strict=True):
        for a, b in zip(theirs, ours, strict=True):
            if not np.array_equal(a == 0, b == 0) or not np.isfinite(a).all():
                return np.inf
            if b.any():
                gap = max(gap, np.abs(a - b).max() / np.abs(b).max())
    return gap


# ------------------------------------------------------------------ every combination


@pytest.fixture(scope="module")
def grid():
    """Every activation, loss and depth: the case and the engine's run of it."""
    rng = np.random.default_rng(1)
    names = [*product(ACTIVATIONS, LOSSES, DEPTHS)]
    cases = [Case(*name, inits.glorot_normal(), inits.normal(0.3), rng=rng) for name in names]
    return dict(zip(names, zip(cases, run_engine(cases), strict=True), strict=True))


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_losses_deltas_and_gradients_are_those_of_the_package(grid, activation, loss):
    for depth in DEPTHS:
        case, engine = grid[activation, loss, depth]
        package = case.by_package()
        assert worst(engine, package) < TOLERANCE, depth
        # The steps did something: they are not twenty times the first one.
        assert not np.allclose(package[0][-1], package[-1][-1], rtol=1e-3)


def altered(activation, **changes):
    # Without the second form of the derivative, so that the altered one is used.
    return replace(get_activation(activation), from_value=None, **changes)


def grown(function):
    return lambda z: function(z) * (1 + 1e-8)


@pytest.mark.parametrize("depth", [2, 8])
@pytest.mark.parametrize("activation", sorted(ACTIVATIONS.keys() - {"identity"}))
def test_a_formula_off_by_a_hundred_millionth_is_noticed(grid, activation, depth):
    case, engine = grid[activation, "binary_cross_entropy", depth]
    phi = get_activation(activation)
    for changes in ({"function": grown(phi.function)}, {"derivative": grown(phi.derivative)}):
        other = MLP(case.network.layer_sizes, altered(activation, **changes))
        assert worst(engine, case.by_package(network=other)) > TOLERANCE


@pytest.mark.parametrize("loss", LOSSES)
def test_a_weight_off_by_a_hundred_millionth_is_noticed(grid, loss):
    for depth in (1, 2, 8):
        case, engine = grid["tanh", loss, depth]
        for i in range(2 * depth):
            arrays = [array.copy() for array in case.start.arrays()]
            arrays[i].flat[0] += 1e-8
            moved = case.by_package(start=Parameters.from_arrays(arrays))
            assert worst(engine, moved) > TOLERANCE


def test_a_zero_that_is_not_quite_zero_is_noticed():
    package = [[np.array([0.0, 1.0])]]
    assert worst([[np.array([0.0, 1.0])]], package) == 0
    assert worst([[np.array([1e-300, 1.0])]], package) == np.inf
    assert worst([[np.array([0.0, np.nan])]], package) == np.inf
    assert worst([[np.array([0.0, 1 + 2e-10])]], package) > TOLERANCE


# ------------------------------------------------------------------ exact zeros, exact ties

STARTS = {
    "bias only": (inits.zeros(), inits.normal(1)),
    "all zero": (inits.zeros(), inits.zeros()),
    "constant": (inits.constant(0.1), inits.zeros()),
    "one shared vector": (inits.equal_columns(inits.glorot_normal()), inits.zeros()),
}


@pytest.fixture(scope="module")
def faulty():
    """The faulty starts of the book, five layers deep, products in the promised order."""
    rng = np.random.default_rng(2)
    names = [*product(STARTS, ["sigmoid", "tanh", "relu", "softplus"], LOSSES)]
    cases = [
        Case(phi, loss, 5, *STARTS[start], rng=rng, matmul=ordered_matmul, width=7)
        for start, phi, loss in names
    ]
    return dict(zip(names, zip(cases, run_engine(cases), strict=True), strict=True))


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu", "softplus"])
@pytest.mark.parametrize("start", STARTS)
def test_faulty_starts_are_those_of_the_package(faulty, start, activation, loss):
    case, engine = faulty[start, activation, loss]
    package = case.by_package()
    assert worst(engine, package) < TOLERANCE


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
def test_the_wavefront_goes_down_one_layer_a_step(faulty, activation, loss):
    _, engine = faulty["bias only", activation, loss]
    depth = 5
    for step, seen in enumerate(engine[:6], start=1):
        grad_W = seen[1 + depth : 1 + 2 * depth]
        assert [bool(g.any()) for g in grad_W] == [
            step >= depth - layer + 1 for layer in range(1, depth + 1)
        ]


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "softplus"])
def test_equal_units_have_gradients_equal_to_the_bit(faulty, activation, loss):
    # Units that share only their incoming weights send the same up, in the first step alone: the
    # gradients of their outgoing weights, rows of the next matrix, are equal then. (Under softmax
    # the deltas of the outputs sum to zero, and the tie outlives the step but for rounding.)
    _, engine = faulty["constant", activation, loss]
    for seen in engine:
        for grad_W in seen[6:10]:
            assert np.ptp(grad_W, axis=1).max() == 0
            assert grad_W.any()
    _, engine = faulty["one shared vector", activation, loss]
    assert np.ptp(engine[0][7], axis=0).max() == 0
    assert loss == "softmax_cross_entropy" or np.ptp(engine[1][7], axis=0).max() > 1e-9


@pytest.fixture(scope="module")
def flat_units():
    rng = np.random.default_rng(3)
    names = [*product(["sigmoid", "tanh"], LOSSES)]
    cases = [Case(*name, 5, inits.normal(30), inits.normal(1), rng=rng) for name in names]
    return dict(zip(names, zip(cases, run_engine(cases), strict=True), strict=True))


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
def test_where_units_are_saturated_only_the_last_bit_of_the_activation_is_left(
    flat_units, activation, loss
):
    # phi' is a difference of numbers near 1, so delta is as exact as they are: to a few units in
    # the last place of the gradient that arrives. One step: the next begins with what is left.
    case, engine = flat_units[activation, loss]
    x, y = case.batches[0]
    trace = case.network.forward(case.start, x)
    arriving = get_loss(loss).gradient(trace.outputs, y)
    found = case.network.backward(case.start, trace, arriving)
    assert np.median(np.abs(get_activation(activation).derivative(trace.z[2]))) < 0.01
    for layer in range(5):
        gap = np.abs(engine[0][1 + layer] - found.delta[layer]).max()
        # What arrives at a layer has the errors of those above.
        assert gap < 1e-13 * max(np.abs(grad_h).max() for grad_h in found.grad_h[layer + 1 :])
