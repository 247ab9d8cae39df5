"""What moves from zero weights, and when: C31 to C37."""

import numpy as np

from initlab.data import xor
from initlab.diagnostics import unit_spread, unit_vectors
from initlab.initializers import constant, glorot_normal, normal, zeros
from initlab.training import gradients
from initlab.trials.case import (
    BCE,
    SILENT,
    Case,
    always,
    arrivals,
    digits,
    exact,
    from_zero,
    line,
    steps,
)


def _frozen(before, after) -> bool:
    """Whether no weight and no hidden bias moved at all."""
    arrays = zip([*before.W, *before.b[:-1]], [*after.W, *after.b[:-1]], strict=True)
    return all(np.array_equal(p, q) for p, q in arrays)


def c31(rng):
    """One matrix set to zero: what is left of the gradients below it, and above?"""
    x, y = line(rng)
    cases = []
    for phi in ("sigmoid", "tanh", "relu"):
        for layer in (1, 2, 3):
            network = exact([5, 6, 6, 6, 1], phi)
            start = network.initialize(glorot_normal(), normal(1), rng=rng)
            start.W[layer][:] = 0
            found = gradients(network, start, x, y, loss=BCE)
            below = [*found.grad_W[:layer], *found.grad_b[:layer], *found.grad_h[: layer + 1]]
            silent = not any(array.any() for array in below) and found.grad_W[layer].any()
            cases.append(always(silent, f"{phi}, zeros in layer {layer + 1}: below it all zero"))
    return cases


def _order(hidden):
    """The steps at which layers are reached from the top: the first layer last."""
    return list(range(hidden + 1, 0, -1))


def c32(rng):
    """At which step is each layer first moved, from zero weights and nonzero biases?"""
    x, y = line(rng)
    half = (np.arange(60) % 2).astype(float)[:, None]
    cases = []
    for hidden in (1, 2, 3):
        for phi in ("sigmoid", *SILENT):
            network, start = from_zero(rng, hidden, phi, normal(1))
            seen = arrivals(network, start, x, y, 6, loss=BCE)
            cases.append(Case(seen == _order(hidden), True, f"{phi}: steps {seen}"))
    outside = {
        "all biases -1, relu": (1, "relu", constant(-1), y, 0.1),
        "mean residual exactly 0": (2, "tanh", normal(1), half, 0.1),
        "10 hidden layers, rate 0.01": (10, "tanh", normal(1), y, 0.01),
    }
    for words, (hidden, phi, biases, targets, rate) in outside.items():
        network, start = from_zero(rng, hidden, phi, biases)
        seen = arrivals(network, start, x, targets, 14, rate, loss=BCE)
        cases.append(Case(seen == _order(hidden), False, f"{words}: steps {seen}"))
    return cases


def c33(rng):
    """The first layer's first gradient, and its weights much later, at several depths."""
    x, y = line(rng)
    cases = []
    for hidden, count in ((1, 500), (2, 1000), (10, 500)):
        network, start = from_zero(rng, hidden, "tanh", normal(1))
        there = steps(network, start, x, y, hidden, 0.1, BCE)
        first = abs(gradients(network, there, x, y, loss=BCE).grad_W[0]).max()
        moved = abs(steps(network, start, x, y, count, 0.5, BCE).W[0]).max()
        words = f"{hidden} hidden layers: first gradient {first:.0e}, weights later {moved:.1g}"
        cases.append(Case(first < 0.03 and moved > 0.1, hidden < 5, words))
    return cases


def c34(rng):
    """All weights zero: do the deltas get down, layer by layer?"""
    x, y = line(rng)
    cases = []
    for phi in ("sigmoid", *SILENT):
        for biases in (zeros(), normal(1)):
            network, start = from_zero(rng, 2, phi, biases)
            active = bool(network.forward(start, x).h[2].any())
            seen = arrivals(network, start, x, y, 8, loss=BCE)
            cases.append(Case(seen == [3, 2, 1], active, f"{phi}, {biases}: steps {seen}"))
    return cases


def c35(rng):
    """All-zero sigmoid networks: they move, tied, and learn little, or do not move."""
    x, labels, x_test, labels_test = digits(rng)
    network = exact([64, 8, 10], "sigmoid")
    start = network.initialize(zeros(), rng=rng)
    end = steps(network, start, x, labels, 500, 1.0, "softmax_cross_entropy", batch_size=64,
                rng=rng)  # fmt: skip
    share = (network.forward(end, x_test).outputs.argmax(axis=-1) == labels_test).mean()
    tied = unit_spread(end.W[0]) == 0 and abs(end.W[0]).max() > 0.01
    cases = [Case(tied and share < 0.6, True, f"digits, minibatches: {share:.2f}, tied {tied}")]
    inputs, y = line(rng)
    for hidden in (1, 2):
        network, start = from_zero(rng, hidden, "sigmoid", zeros())
        for x, targets, balanced in ((inputs, y, False), (inputs, y[::-1], False),
                                     (inputs[:4, :], xor().targets, True)):  # fmt: skip
            end = steps(network, start, x, targets, 100, 1.0, BCE)
            tied = all(unit_spread(unit_vectors(end, k + 1)) == 0 for k in range(hidden))
            moved = abs(end.W[0]).max() > 0
            words = f"{hidden} hidden layers, full batch: moves {moved}, tied {tied}"
            cases.append(Case(moved and tied, not balanced, words))
    return cases


def c36(rng):
    """Zero weights, phi(0) = 0: what has moved after 300 steps?"""
    x, y = line(rng)
    cases = []
    for phi in SILENT:
        for hidden in (1, 2):
            for biases, zero in ((zeros(), True), (normal(1), False)):
                network, start = from_zero(rng, hidden, phi, biases)
                end = steps(network, start, x, y, 300, 0.5, BCE)
                words = f"{phi}, {hidden} hidden layers, {biases}"
                cases.append(Case(_frozen(start, end), zero, words))
                assert not zero or abs(end.b[-1]).max() > 0.1, "the output bias always learns"
    return cases


def c37(rng):
    """How many different outputs for 200 inputs, all matrices zero or just one?"""
    x = rng.standard_normal((200, 5))
    cases = []
    for phi in ("sigmoid", "tanh", "relu"):
        network = exact([5, 6, 6, 1], phi)
        for chosen in ([0, 1, 2], [0], [1], [2]):
            start = network.initialize(glorot_normal(), normal(1), rng=rng)
            for layer in chosen:
                start.W[layer][:] = 0
            n = len(np.unique(network.forward(start, x).outputs))
            cases.append(always(n == 1, f"{phi}, zeros in layers {[i + 1 for i in chosen]}: {n}"))
    return cases
