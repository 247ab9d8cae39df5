"""Flat activations, and what inputs, weights and biases have to do with them: C92 to C117."""

import numpy as np

from initlab.activations import get_activation
from initlab.diagnostics import accuracy, saturation_fraction
from initlab.initializers import Initializer, constant, glorot_normal, he_normal, normal, zeros
from initlab.network import MLP
from initlab.training import gradients, train
from initlab.trials.case import (
    BCE,
    Case,
    always,
    digits,
    factor_per_layer,
    final_loss,
    line,
    steps,
)

LOG = "softmax_cross_entropy"


def _one_layer_gradient(rng, activation, std):
    """Size of the first weight gradient where only the first layer's scale is changed."""
    x, y = line(rng, 200, features=20)
    network = MLP([20, 30, 1], activation)
    start = network.initialize([normal(std), normal(0.2)], rng=rng, ensemble=(20,))
    found = gradients(network, start, x, y, loss=BCE)
    return np.median(abs(found.grad_W[0]).mean(axis=(-2, -1)))


def c92(rng):
    """Large weights: does the gradient vanish? One layer, one sign, enormous, and wide."""
    cases = []
    for phi in ("sigmoid", "tanh"):
        small, large = (_one_layer_gradient(rng, phi, std) for std in (0.1, 30))
        words = f"{phi}, one hidden layer, std 0.1: {small:.1g}, 30: {large:.1g}"
        cases.append(Case(large < small / 10, True, words))
        positive = Initializer("one sign", lambda shape, rng: abs(rng.standard_normal(shape)))
        network = MLP([30] * 6, phi)
        start = network.initialize(positive, rng=rng, ensemble=(20,))
        found = network.backward(
            start, network.forward(start, rng.random((8, 30))), np.ones((8, 30))
        )
        size = np.sqrt((found.delta[0] ** 2).mean())
        cases.append(Case(size < 1e-3, True, f"{phi}, one sign: {size:.1g}"))
    for phi, std, met in [("tanh", 1, False), ("tanh", 5, False), ("sigmoid", 5, False),
                          ("tanh", 100, True), ("sigmoid", 400, True)]:  # fmt: skip
        factor = factor_per_layer(phi, normal(std), 100, 8, rng)
        words = f"{phi}, 100 units, std {std}: times {factor:.2g} a layer"
        cases.append(Case(factor < 0.5, met, words))
    return cases


def c93(rng):
    """Do weight changes that shrink or stagnate over the steps tell that gradients are tiny?

    Each network is judged twice: are its first-layer gradients tiny (a hundredth of those of
    a well-started twin) at step 0, and do they shrink or grow little over 300 steps?
    """
    x, y = line(rng, 200, share=0.5, features=20)
    cases = []
    for phi in ("sigmoid", "tanh"):
        network = MLP([20, 30, 1], phi)

        def look(parameters, network=network):
            found = gradients(network, parameters, x, y, loss=BCE)
            return {"size": abs(found.grad_W[0]).mean(axis=(-2, -1))}

        sizes = []
        for std in (0.2, 100):
            start = network.initialize([normal(std), normal(0.2)], rng=rng, ensemble=(20,))
            run = train(network, start, x, y, loss=BCE, learning_rate=0.5, steps=300,
                        record_at=[0, 300], observe=look)  # fmt: skip
            sizes.append(np.median(run.observed["size"], axis=1))
        (first, last), (tiny, _) = sizes
        cases += [
            always(last > 2 * first, f"{phi}, well started: {last / first:.2f} of the gradient "
                   "after 300 steps, so it shrinks without being tiny"),
            always(tiny > first / 3, f"{phi}, saturated: {tiny / first:.2f} of the well started "
                   "one's before any step, so no step is to blame"),
        ]  # fmt: skip
    return cases


def _unit_interval(rng, n=600):
    """Digits with pixels in 0..1, their labels, and the test set's."""
    x, labels, x_test, labels_test = digits(rng, n)
    low, high = x.min(), x.max()
    return (x - low) / (high - low), labels, (x_test - low) / (high - low), labels_test


def _flat_share(rng, activation, x, weights):
    network = MLP([x.shape[1], 64, 10], activation)
    start = network.initialize(weights, rng=rng, ensemble=(20,))
    return saturation_fraction(activation, network.forward(start, x).z[0]).mean()


def c98(rng):
    """Inputs in 0..1, weights larger and larger: more and more flat units?"""
    x, *_ = _unit_interval(rng)
    cases = []
    for phi in ("sigmoid", "tanh"):
        shares = [_flat_share(rng, phi, x, normal(std)) for std in (0.1, 1, 10)]
        words = f"{phi}, std 0.1, 1, 10: " + ", ".join(f"{share:.0%}" for share in shares)
        cases.append(always(shares[0] < 0.02 < shares[1] < 0.8 < shares[2], words))
    return cases


def c99(rng):
    """Xavier's weights, inputs times 1, 10, 100: more and more flat units?"""
    x, *_ = _unit_interval(rng)
    cases = []
    for phi in ("sigmoid", "tanh"):
        shares = [_flat_share(rng, phi, k * x, glorot_normal()) for k in (1, 10, 100)]
        words = f"{phi}: " + ", ".join(f"{share:.0%}" for share in shares)
        cases.append(always(shares[0] < 0.02 and shares[0] < shares[1] < shares[2], words))
    return cases


def c100(rng):
    """Inputs times 0.1, 0.001, 0: more flat units than with the inputs as they are?"""
    x, *_ = _unit_interval(rng)
    cases = []
    for phi in ("sigmoid", "tanh"):
        usual = _flat_share(rng, phi, x, normal(1))
        for k in (0.1, 0.001, 0):
            share = _flat_share(rng, phi, k * x, normal(1))
            words = f"{phi}, inputs times {k}: {share:.1%} flat, times 1 {usual:.1%}"
            cases.append(always(share > usual, words))
    return cases


def c101(rng):
    """Digits in 0..1, standardized, raw: is 0..1 the fastest, or the only one to train?"""
    x, labels, *_ = _unit_interval(rng, 60)
    cases = []
    for hidden, phi in ((0, "tanh"), (1, "tanh"), (1, "relu")):
        network = MLP([64] + [16] * hidden + [10], phi)
        start = network.initialize(glorot_normal(), rng=rng, ensemble=(20,))
        losses = []
        for inputs in (x, (x - x.mean()) / x.std()):
            ends = [steps(network, start, inputs, labels, 20, rate, LOG) for rate in (0.3, 1, 3)]
            losses.append(min(np.median(final_loss(network, end, inputs, labels, LOG))
                              for end in ends))  # fmt: skip
        words = (
            f"{phi}, {hidden} hidden: loss {losses[0]:.2f} in 0..1, standardized {losses[1]:.2f}"
        )
        cases.append(always(losses[0] < losses[1], words))
    start = network.initialize(normal(0.02), rng=rng, ensemble=(20,))
    end = steps(network, start, 16 * x, labels, 150, 0.02, LOG)
    share = np.median(accuracy(network.forward(end, 16 * x).outputs, labels))
    return [*cases, always(share < 0.8, f"raw, 0..16, rate 0.02: {share:.0%} right")]


def c117(rng):
    """Leaky ReLU: does training go on, from biases far below, from zero, from tiny weights?"""
    x, y = line(rng, 100)
    cases = []
    assert get_activation("leaky_relu").derivative(np.linspace(-9, 9, 99)).min() == 0.01
    for words, hidden, weights, bias, met in [
        ("as usual", 1, he_normal(), 0, True), ("all biases -4", 1, he_normal(), -4, True),
        ("deep", 6, he_normal(), 0, True), ("all zero", 1, zeros(), 0, False),
        ("deep, std 0.001", 6, normal(0.001), 0, False),
    ]:  # fmt: skip
        network = MLP([5] + [8] * hidden + [1], "leaky_relu")
        biases = [constant(bias)] * hidden + [zeros()]
        start = network.initialize(weights, biases, rng=rng, ensemble=(20,))
        end = steps(network, start, x, y, 600, 0.5, BCE)
        right = np.median(((network.forward(end, x).outputs > 0) == y).mean(axis=(-2, -1)))
        cases.append(Case(right > 0.9, met, f"{words}: {right:.0%} right"))
    return cases
