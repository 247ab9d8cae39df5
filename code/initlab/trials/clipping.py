"""Exploding steps and what stops them: C96, C97, C118, C119."""

import numpy as np

from initlab.clipping import clip_by_global_norm, global_norm
from initlab.diagnostics import accuracy
from initlab.initializers import glorot_normal, he_normal, normal
from initlab.network import MLP
from initlab.parameters import Parameters
from initlab.training import gradients, train
from initlab.trials.case import BCE, Case, always, digits, line, steps

LOG = "softmax_cross_entropy"


def c96(rng):
    """One linear unit, a loss of curvature 1: does it overshoot and never arrive?"""
    network = MLP([1, 1])
    x, y = np.ones((1, 1)), np.zeros((1, 1))
    cases = []
    for rate, met in ((0.5, False), (1.5, False), (1.9, False), (2.1, True), (3.0, True)):
        start = Parameters([np.array([[1.0]])], [np.array([0.0])])
        run = train(network, start, x, y, loss="squared_error", steps=200,
                    learning_rate=Parameters(W=[rate], b=[0]),
                    observe=lambda p: {"w": p.W[0][0, 0]})  # fmt: skip
        w = run.observed["w"]
        flips = (np.sign(w[1:]) == -np.sign(w[:-1])).all()
        words = f"rate {rate}: sign flips at every step {flips}, ends at {abs(w[-1]):.0e}"
        cases.append(Case(flips and abs(w[-1]) >= 1, met, words))
    return cases


def c97(rng):
    """Far too large weights and rates: does anything become NaN or infinite?"""
    x, y = line(rng)
    cases = []
    for phi, met in (("relu", True), ("identity", True), ("tanh", False), ("sigmoid", False)):
        network = MLP([5, 50, 50, 50, 1], phi)
        start = network.initialize(normal(10), rng=rng, ensemble=(20,))
        with np.errstate(all="ignore"):
            end = steps(network, start, x, y, 60, 1.0, BCE)
        broken = np.mean([not np.isfinite(W).all() for W in end.W[1]])
        cases.append(Case(broken > 0.1, met, f"{phi}: {broken:.0%} of the networks"))
    return cases


def c118(rng):
    """Exploding ReLU networks with the gradient cut by its length: bounded, and do they learn?"""
    x, labels, *_ = digits(rng, 100)
    cases = []
    network = MLP([64, 32, 32, 32, 32, 10], "relu")
    start = network.initialize(normal(1), rng=rng, ensemble=(20,))
    for threshold in (0.5, 2.0):
        with np.errstate(all="ignore"):
            broken = steps(network, start, x, labels, 60, 1.0, LOG)
        exploded = np.mean([not np.isfinite(W).all() or abs(W).max() > 1e3 for W in broken.W[1]])
        clip = clip_by_global_norm(threshold)
        once = steps(network, start, x, labels, 1, 0.1, LOG, clip=clip)
        move = global_norm(Parameters.from_arrays(
            [q - p for p, q in zip(start.arrays(), once.arrays(), strict=True)])).max()  # fmt: skip
        end = steps(network, start, x, labels, 150, 0.1, LOG, clip=clip)
        shares = [np.median(accuracy(network.forward(p, x).outputs, labels)) for p in (start, end)]
        words = (f"threshold {threshold}: {exploded:.0%} explode without; with it a step of "
                 f"{move:.3f}, {shares[0]:.0%} then {shares[1]:.0%} right")  # fmt: skip
        bounded = move <= 0.1 * threshold * (1 + 1e-9) and shares[1] > shares[0] + 0.1
        cases.append(always(exploded > 0.8 and bounded, words))
    return cases


def _printed_rule(parameters: Parameters, threshold: float) -> Parameters:
    """The weights of each layer, cut to the length ``threshold``."""
    norms = [np.sqrt((W**2).sum(axis=(-2, -1), keepdims=True)) for W in parameters.W]
    return Parameters(
        [W * np.minimum(1, threshold / n) for W, n in zip(parameters.W, norms, strict=True)],
        parameters.b,
    )


def c119(rng):
    """The printed rule, on weights: does it bound a step, and leave a good network alone?"""
    x, labels, *_ = digits(rng, 200)
    cases = []
    network = MLP([64, 32, 32, 32, 10], "relu")
    start = network.initialize(normal(1), rng=rng)
    found = gradients(network, start, x, labels, loss=LOG)
    size = global_norm(Parameters(found.grad_W, found.grad_b))
    once = _printed_rule(steps(network, start, x, labels, 1, 0.1, LOG), 1.0)
    move = global_norm(Parameters.from_arrays(
        [q - p for p, q in zip(start.arrays(), once.arrays(), strict=True)]))  # fmt: skip
    cases.append(always(move <= 0.1, f"threshold 1, gradient {size:.0e}: step of {move:.2g}, "
                        "0.1 would be the bound"))  # fmt: skip
    for weights in (he_normal(), glorot_normal()):
        start = network.initialize(weights, rng=rng)
        plain = cut = start
        for _ in range(150):
            plain = steps(network, plain, x, labels, 1, 0.1, LOG, clip=clip_by_global_norm(1.0))
            cut = _printed_rule(steps(network, cut, x, labels, 1, 0.1, LOG), 1.0)
        shares = [accuracy(network.forward(p, x).outputs, labels) for p in (cut, plain)]
        words = f"{weights}: {shares[0]:.0%} right, with clipped gradients {shares[1]:.0%}"
        cases.append(always(shares[0] > shares[1] - 0.1, words))
    return cases
