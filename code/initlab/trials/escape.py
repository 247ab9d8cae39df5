"""Leaving zero, and starts that may be zero: C58 to C60, C103, C120, C121."""

import numpy as np

from initlab.initializers import Initializer, constant, glorot_normal, normal, zeros
from initlab.network import MLP
from initlab.training import train
from initlab.trials.case import Case, always, digit_accuracy, xor_losses


def c58(rng):
    """Zero weights plus a small perturbation: has the loss moved after 1500 steps?"""
    x = rng.standard_normal((60, 5))
    y = np.tanh(x @ rng.standard_normal((5, 1)))
    cases = []
    for hidden, eps in ((1, 1e-9), (1, 1e-3), (2, 1e-3), (3, 1e-2), (8, 1e-2)):
        network = MLP([5] + [8] * hidden + [1], "tanh")
        start = network.initialize(normal(eps), rng=rng, ensemble=(20,))
        loss = train(network, start, x, y, loss="squared_error", learning_rate=0.1, steps=1500,
                     record_at=[0, 1500]).loss  # fmt: skip
        left = np.median(loss[1] / loss[0])
        words = f"{hidden} hidden layers, {eps:g}: {left:.0%} of the loss are left"
        cases.append(Case(left < 0.8, hidden == 1, words))
    return cases


def c59(rng):
    """Sixty random starts on XOR: how many solve it?"""
    cases = []
    for phi, rate in (("sigmoid", 4), ("tanh", 0.5)):
        losses = xor_losses([2, 8, 1], phi, glorot_normal(), zeros(), rng, n=60, rate=rate)
        cases.append(always((losses < 0.1).mean() > 0.9, f"{phi}: {(losses < 0.1).sum()} of 60"))
    return cases


def _with_zeros(base: Initializer, share: float) -> Initializer:
    """Weights of ``base``, each set to zero with probability ``share``, the rest enlarged."""

    def draw(shape, rng):
        kept = rng.random(shape) >= share
        return base(shape, rng=rng) * kept / np.sqrt(1 - share)

    return Initializer(f"{share:.0%} zeros", draw, needs_fans=True)


def c60(rng):
    """Random weights, some of them zero: does it hurt?"""
    cases = []
    for phi in ("tanh", "relu"):
        usual = np.median(digit_accuracy(1, phi, glorot_normal(), zeros(), rng))
        for weights in (_with_zeros(glorot_normal(), 0.01), _with_zeros(glorot_normal(), 0.5),
                        [glorot_normal(), zeros()]):  # fmt: skip
            share = np.median(digit_accuracy(1, phi, weights, zeros(), rng))
            words = f"{phi}, {weights}: {share:.2f}, no zeros {usual:.2f}"
            cases.append(always(share < usual - 0.05, words))
    return cases


def _residual(rng, start: np.ndarray, identity: bool, batches=4000):
    """How well f(x) = sum of relu(x (I + W)) is learned: error at the end over that at first.

    Stochastic descent on Gaussian inputs; the teacher has the identity link, the student has
    it or not. Every size is that of Li & Yuan 2017, with 10 inputs and units.
    """
    d = len(start)
    teacher = np.eye(d) + 0.06 * rng.standard_normal((d, d))
    W, link = start.copy(), identity * np.eye(d)
    errors = []
    for _ in range(batches):
        x = rng.standard_normal((64, d))
        z = x @ (W + link)
        error = np.maximum(z, 0).sum(axis=1) - np.maximum(x @ teacher, 0).sum(axis=1)
        errors.append(np.mean(error**2))
        W -= 0.02 * x.T @ (error[:, None] * (z > 0)) / len(x)
    return np.mean(errors[-50:]) / errors[0]


def c103(rng):
    """Starts at zero or at one value: do they end far below random weights?"""
    usual = {h: np.median(digit_accuracy(h, "tanh", glorot_normal(), zeros(), rng)) for h in (0, 1)}
    cases = []
    for words, hidden, weights, biases, met in [
        ("all zero", 1, zeros(), zeros(), True), ("all 0.05", 1, constant(0.05), zeros(), True),
        ("all zero, no hidden layer", 0, zeros(), zeros(), False),
        ("output layer zero", 1, [glorot_normal(), zeros()], zeros(), False),
        ("all 0.05, random biases", 1, constant(0.05), normal(0.5), False),
    ]:  # fmt: skip
        share = np.median(digit_accuracy(hidden, "tanh", weights, biases, rng))
        cases.append(Case(share < usual[hidden] - 0.2, met, f"{words}: {share:.2f}"))
    left = _residual(rng, np.zeros((10, 10)), True)
    return [*cases, Case(left > 1e-3, False, f"all zero, identity link: error times {left:.0e}")]


def c120(rng):
    """Is the optimum reached from Gaussian and zero weights, with the identity link, without?"""
    gauss, zero = 0.1 * rng.standard_normal((10, 10)), np.zeros((10, 10))
    cases = []
    for link in (True, False):
        for words, start in (("Gaussian", gauss), ("zero", zero)):
            left = _residual(rng, start, link)
            words = f"{words} weights, identity link {link}: error times {left:.0e}"
            cases.append(Case(left < 3e-4, link, words))
    return cases


def c121(rng):
    """The teacher of that paper: would a network without hidden layers do?"""
    cases = []
    for d in (5, 10):
        teacher = np.eye(d) + 0.06 * rng.standard_normal((d, d))
        x = rng.standard_normal((1000, d))
        y = np.maximum(x @ teacher, 0).sum(axis=1)
        affine = np.column_stack([x, np.ones(len(x))])
        rest = y - affine @ np.linalg.lstsq(affine, y, rcond=None)[0]
        unexplained = rest.var() / y.var()
        cases.append(always(unexplained < 1e-9, f"{d} inputs: {unexplained:.0%} unexplained"))
    return cases
