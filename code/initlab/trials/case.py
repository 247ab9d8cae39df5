"""The law by which experiments become a verdict, and what several experiments share.

An experiment measures a claim in a few cases. Each case says whether the claim held there, and
whether the condition of a "true if" was met. All hold: *true*. None: *false*. They hold just
where the condition is met: *true if*. Any other pattern is no verdict.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from initlab import data
from initlab.initializers import Initializer, zeros
from initlab.losses import get_loss
from initlab.network import MLP, ordered_matmul
from initlab.parameters import Parameters
from initlab.training import gradients, train


@dataclass(frozen=True)
class Case:
    """One measurement: did the claim hold, under its condition or outside, in words what."""

    holds: bool
    condition_met: bool
    words: str


def verdict(cases: Sequence[Case]) -> str:
    """``"true"``, ``"false"`` or ``"true if"``, by the law above.

    Raises ``ValueError`` with all cases listed where there are none or they fit no verdict.
    """
    holds = [bool(case.holds) for case in cases]
    if holds and all(holds):
        return "true"
    if holds and not any(holds):
        return "false"
    if holds and holds == [bool(case.condition_met) for case in cases]:
        return "true if"
    listed = "\n".join(
        f"  {'holds' if case.holds else 'fails'}, condition "
        f"{'met' if case.condition_met else 'not met'}: {case.words}"
        for case in cases
    )
    raise ValueError(f"these {len(holds)} cases fit no verdict:\n{listed}")


def always(holds, words: str) -> Case:
    """A case of a claim that knows no condition."""
    return Case(bool(holds), True, words)


# ------------------------------------------------------------------ networks and data

BCE = "binary_cross_entropy"
LOSS_OF = {1: BCE, 3: "softmax_cross_entropy"}


def exact(layer_sizes: Sequence[int], activation: str = "tanh", output: str = "identity") -> MLP:
    """A network that adds every column up in one order, for exact ties and exact zeros."""
    return MLP(layer_sizes, activation, output, matmul=ordered_matmul)


#: Activations with phi(0) = 0: from zero weights and zero biases they put out nothing.
SILENT = ("tanh", "relu", "leaky_relu", "identity")


def from_zero(rng: np.random.Generator, hidden: int, activation: str, biases: Initializer):
    """A network and its all-zero weights; random biases leave a unit of each layer alive."""
    network = exact([5] + [6] * hidden + [1], activation)
    start = network.initialize(zeros(), [biases] * hidden + [zeros()], rng=rng)
    for b in start.b[:-1]:
        if np.ptp(b) > 0:
            b[0] = abs(b[0])
    return network, start


def line(rng: np.random.Generator, n: int = 60, share: float = 0.3, features: int = 5):
    """Two unbalanced classes that a line divides: inputs, and targets of 0 and 1."""
    x = rng.standard_normal((n, features))
    score = x @ np.linspace(1, 2, features)
    return x, (score > np.quantile(score, 1 - share)).astype(float)[:, None]


def balanced(rng: np.random.Generator, n: int = 64, features: int = 5):
    """Two classes of equal size; the inputs carry a signal, and nothing is centered."""
    y = (np.arange(n) % 2).astype(float)[:, None]
    return rng.standard_normal((n, features)) + 0.5 * y, y


def digits(rng: np.random.Generator, n_train: int = 600):
    """Part of the digits: training inputs and labels, then those of the test set."""
    train_set, test_set = data.digits(rng=rng)
    x, labels = train_set.inputs[:n_train], train_set.labels[:n_train]
    return x, labels, test_set.inputs, test_set.labels


def steps(network, start, x, y, n: int, rate: float = 0.1, loss="squared_error", **options):
    """The parameters after ``n`` steps of full-batch descent (or as ``options`` say)."""
    return train(network, start, x, y, loss=loss, learning_rate=rate, steps=n, record_at=[],
                 **options).parameters  # fmt: skip


def moved(start: Parameters, moves: np.ndarray) -> Parameters:
    """An ensemble, one member for each row of ``moves``, laid out like the flat parameters."""
    arrays, at = [], 0
    for array in start.arrays():
        part = moves[:, at : at + array.size].reshape(len(moves), *array.shape)
        arrays.append(array + part)
        at += array.size
    return Parameters.from_arrays(arrays)


def n_parameters(start: Parameters) -> int:
    """How many numbers a network has."""
    return sum(array.size for array in start.arrays())


def final_loss(network, parameters, x, y, loss="binary_cross_entropy") -> np.ndarray:
    """The loss over all samples, shape of the ensemble."""
    return get_loss(loss)(network.forward(parameters, x).outputs, y)


def xor_losses(layer_sizes, activation, weights, biases, rng, *, n=20, low=0.0, rate=0.5,
               count=3000) -> np.ndarray:  # fmt: skip
    """The losses of ``n`` networks after ``count`` steps on XOR; below 0.1 counts as solved."""
    task, network = data.xor(low), MLP(layer_sizes, activation)
    start = network.initialize(weights, biases, rng=rng, ensemble=(n,))
    end = steps(network, start, task.inputs, task.targets, count, rate, "binary_cross_entropy")
    return final_loss(network, end, task.inputs, task.targets)


def digit_accuracy(hidden, activation, weights: Initializer | Sequence, biases, rng, *, n=20,
                   count=300, rate=0.2, width=16) -> np.ndarray:  # fmt: skip
    """Test accuracies of ``n`` networks after ``count`` minibatches of 64 digits."""
    x, labels, x_test, labels_test = digits(rng)
    network = MLP([64] + [width] * hidden + [10], activation)
    start = network.initialize(weights, biases, rng=rng, ensemble=(n,))
    end = steps(network, start, x, labels, count, rate, "softmax_cross_entropy",
                batch_size=64, rng=rng)  # fmt: skip
    return (network.forward(end, x_test).outputs.argmax(axis=-1) == labels_test).mean(axis=-1)


def arrivals(network, start, x, y, n: int, rate: float = 0.1, loss="squared_error") -> list:
    """For each layer the first step (from 1) whose update moves its weights; 0 for never."""
    first = [0] * network.depth
    parameters = start
    for step in range(1, n + 1):
        found = gradients(network, parameters, x, y, loss=loss)
        first = [k or step * bool(g.any()) for k, g in zip(first, found.grad_W, strict=True)]
        parameters = Parameters(
            [W - rate * g for W, g in zip(parameters.W, found.grad_W, strict=True)],
            [b - rate * g for b, g in zip(parameters.b, found.grad_b, strict=True)],
        )
    return first


# ------------------------------------------------------------------ signals in deep networks


def factor_per_layer(activation, weights, width, depth, rng, *, n=20) -> float:
    """What one layer multiplies the size of delta by on the way back, at the start.

    Geometric mean over the layers from the top hidden layer down to the first, of the median
    over ``n`` networks; inputs are Gaussian, and so is what arrives at the outputs. 0 where
    nothing gets even to the top.
    """
    network = MLP([width] * (depth + 1), activation)
    start = network.initialize(weights, rng=rng, ensemble=(n,))
    trace = network.forward(start, rng.standard_normal((8, width)))
    delta = network.backward(start, trace, rng.standard_normal((8, width))).delta
    bottom, top = (np.sqrt((delta[i] ** 2).mean(axis=(-2, -1))) for i in (0, -2))
    ratio = np.divide(bottom, top, out=np.zeros_like(top), where=top > 0)
    return float(np.median(ratio) ** (1 / (depth - 2)))
