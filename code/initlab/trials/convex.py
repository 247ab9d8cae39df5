"""What needs no hidden layer, and what information tells: C61, C62, C68."""

import numpy as np
from scipy.special import log_softmax

from initlab.initializers import constant, glorot_normal, normal, zeros
from initlab.network import MLP
from initlab.trials.case import (
    BCE,
    always,
    digit_accuracy,
    final_loss,
    moved,
    n_parameters,
    steps,
)


def _noisy(rng, classes):
    """Labels that no line separates, so that the optimum is finite and unique."""
    x = rng.standard_normal((200, 3))
    score = np.stack([x @ rng.standard_normal(3) for _ in range(classes)], axis=1)
    return x, (score + rng.gumbel(size=score.shape)).argmax(axis=1)


def c61(rng):
    """No hidden layer, from zero: do the inputs have no say, or another than from random?"""
    cases = []
    for classes in (2, 3):
        x, labels = _noisy(rng, classes)
        network = MLP([3, classes], "tanh")
        ends = []
        for weights in (zeros(), normal(1)):
            start = network.initialize(weights, rng=rng)
            end = steps(network, start, x, labels, 1500, 1.0, "softmax_cross_entropy")
            ends.append(log_softmax(network.forward(end, x).outputs, axis=-1))
        gap, say = abs(ends[0] - ends[1]).max(), np.ptp(ends[0], axis=0).max()
        words = f"{classes} classes: inputs move it by {say:.1f}, random start differs by {gap:.0e}"
        cases.append(always(say < 0.1 or gap > 0.1, words))
    return cases


def _information_rank(network, start, x, step=1e-5):
    """Rank of the derivative of the outputs: that of the Fisher information."""
    moves = step * np.eye(n_parameters(start))
    up, down = (network.forward(moved(start, sign * moves), x).outputs for sign in (1, -1))
    slope = ((up - down) / (2 * step))[..., 0]
    return np.linalg.matrix_rank(slope, tol=1e-6 * max(np.linalg.norm(slope, 2), 1e-6))


def c62(rng):
    """Where the information has full rank, training succeeds; where it has not, it fails?"""
    x = rng.standard_normal((64, 2))
    quarters = (x[:, :1] * x[:, 1:] > 0).astype(float)
    half = (x @ [[1.0], [2.0]] + 0.5 * rng.standard_normal((64, 1)) > 0).astype(float)
    cases = []
    for sizes, y in (([2, 1], half), ([2, 4, 1], quarters)):
        network = MLP(sizes, "tanh")
        drawn = network.initialize(glorot_normal(), normal(0.1), rng=rng, ensemble=(20,))
        end = steps(network, drawn, x, y, 2000, 1.0, BCE)
        usual = np.median(final_loss(network, end, x, y))
        for start in (network.initialize(zeros(), rng=rng),
                      network.initialize(constant(0.7), rng=rng), drawn[0]):  # fmt: skip
            full = _information_rank(network, start, x) == n_parameters(start)
            loss = final_loss(network, steps(network, start, x, y, 2000, 1.0, BCE), x, y)
            fine = loss < usual + 0.1
            words = f"{network}, first weight {start.W[0][0, 0]:.1f}: full rank {full}, fine {fine}"
            cases.append(always(full == fine, words))
    return cases


def c68(rng):
    """No hidden layer: is zero as good a start as a random one?"""
    x, labels = _noisy(rng, 2)
    cases = []
    for loss, y in ((BCE, labels[:, None]), ("squared_error", labels[:, None].astype(float))):
        network = MLP([3, 1], "tanh")
        zero, drawn = (
            final_loss(network, steps(network, network.initialize(w, rng=rng), x, y, 1000, 0.5,
                                      loss), x, y, loss)
            for w in (zeros(), normal(1))
        )  # fmt: skip
        cases.append(always(zero < drawn + 1e-6, f"{loss}: {zero:.4f}, random {drawn:.4f}"))
    shares = [np.median(digit_accuracy(0, "tanh", w, zeros(), rng)) for w in (zeros(), normal(0.1))]
    return [*cases, always(shares[0] > shares[1] - 0.01, f"digits: {shares[0]:.2f}")]
