"""Rows, columns, layers, inputs: the claims about what else might be symmetric, C12 to C16."""

import numpy as np

from initlab.diagnostics import unit_spread
from initlab.initializers import constant, equal_rows, glorot_normal, normal, zeros
from initlab.parameters import Parameters
from initlab.training import gradients, train
from initlab.trials.case import (
    Case,
    always,
    digit_accuracy,
    digits,
    exact,
    steps,
)

SMOOTH = ("sigmoid", "tanh")
THREE = (*SMOOTH, "relu")


def _task(rng, outputs=2):
    return rng.standard_normal((32, 5)), rng.standard_normal((32, outputs))


def c12(rng):
    """Hidden layers that start with one and the same matrix, against independent ones."""
    x, labels, x_test, labels_test = digits(rng)
    network = exact([64, 16, 16, 16, 10])
    network.matmul = np.matmul
    drawn = network.initialize(glorot_normal(), rng=rng, ensemble=(20,))
    same = Parameters([drawn.W[0], drawn.W[1], drawn.W[1], drawn.W[3]], drawn.b)
    shares = []
    for start in (same, drawn):
        end = steps(network, start, x, labels, 200, 0.2, "softmax_cross_entropy", batch_size=64,
                    rng=rng)  # fmt: skip
        outputs = network.forward(end, x_test).outputs
        shares.append(np.median((outputs.argmax(axis=-1) == labels_test).mean(axis=-1)))
        if start is same:
            apart = abs(end.W[1] - end.W[2]).max()
    words = f"identical {shares[0]:.2f}, independent {shares[1]:.2f}, apart by {apart:.2f}"
    return [always(abs(shares[0] - shares[1]) < 0.04 and apart > 0.05, words)]


def c13(rng):
    """Do the rows of the first matrix stand for examples? Permute these, and the features."""
    x, y = _task(rng)
    network = exact([5, 6, 2])
    start = network.initialize(equal_rows(glorot_normal()), rng=rng)

    def grad(inputs, targets):
        return gradients(network, start, inputs, targets, loss="squared_error").grad_W[0]

    order = rng.permutation(32)
    fewer = grad(x[:4], y[:4]).shape[0] != 5
    follows = not np.allclose(grad(x, y), grad(x[order], y[order]))
    features = not np.allclose(grad(x, y)[::-1], grad(x[:, ::-1], y))
    return [
        always(fewer, "with 4 examples in place of 32 the matrix has other rows"),
        always(follows, "permuting the examples changes the rows of the gradient"),
        always(features, "permuting the features does not permute them"),
    ]


def c14(rng):
    """Units constant inside, against random ones, at several depths."""
    cases = []
    for hidden, deep in ((1, False), (3, True), (4, True)):
        shares = [np.median(digit_accuracy(hidden, "tanh", weights, zeros(), rng, count=400))
                  for weights in (equal_rows(glorot_normal()), glorot_normal())]  # fmt: skip
        words = f"{hidden} hidden layers: {shares[0]:.2f}, random {shares[1]:.2f}"
        cases.append(Case(shares[0] < shares[1] - 0.05, deep, words))
    return cases


def c15(rng):
    """Are biases no part of the tie? Equal columns, with equal and with random biases."""
    x, _ = _task(rng)
    cases = []
    for phi in THREE:
        network = exact([5, 6, 2], phi)
        spreads = [
            unit_spread(network.forward(network.initialize(constant(0.3), b, rng=rng), x).h[1])
            for b in (constant(0.5), normal(1))
        ]
        words = f"{phi}: spread {spreads[0]:g} with equal, {spreads[1]:.2f} with random biases"
        cases.append(always(spreads[0] == spreads[1], words))
    return cases


def c16(rng):
    """Equal weights and ever different inputs: do the units part?"""
    cases = []
    for phi in THREE:
        x, y = _task(rng)
        network = exact([5, 2, 2], phi)
        run = train(network, network.initialize(constant(0.4), rng=rng), x, y, record_at=[],
                    loss="squared_error", learning_rate=0.1, steps=200, batch_size=4,
                    rng=rng)  # fmt: skip
        W = run.parameters.W[0]
        between, inside = unit_spread(W), np.ptp(W, axis=0).max()
        words = f"{phi}: {between:g} between the units, {inside:.2f} inside one"
        cases.append(always(between > 0 or inside < 0.01, words))
    return cases
