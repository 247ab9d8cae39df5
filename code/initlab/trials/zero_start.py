"""What becomes of networks that start at zero: C41 to C46, C48 to C50, C63."""

import numpy as np

from initlab.diagnostics import unit_spread, unit_vectors
from initlab.initializers import constant, glorot_normal, normal, zeros
from initlab.training import gradients
from initlab.trials.case import (
    BCE,
    SILENT,
    Case,
    always,
    digit_accuracy,
    exact,
    final_loss,
    from_zero,
    line,
    steps,
)


def c41(rng):
    """Are weights that start at zero still zero after 50 steps?"""
    x, y = line(rng)
    half = (np.arange(60) % 2).astype(float)[:, None]
    cases = []
    for phi in ("sigmoid", "tanh", "relu"):
        for biases in (zeros(), normal(1)):
            for targets, balanced in ((y, False), (half, True)):
                network, start = from_zero(rng, 2, phi, biases)
                end = steps(network, start, x, targets, 50, 0.5, BCE)
                stay = not any(W.any() for W in end.W)
                met = balanced or not network.forward(start, x).h[2].any()
                cases.append(Case(stay, met, f"{phi}, {biases}, balanced {balanced}: {stay}"))
    return cases


def c42(rng):
    """Does tanh stay at zero while the logistic function gets all weights moving?"""
    x, y = line(rng)
    half = (np.arange(60) % 2).astype(float)[:, None]
    cases = []
    for words, biases, targets, met in [("unbalanced", zeros(), y, True),
                                        ("random biases", normal(1), y, False),
                                        ("balanced", zeros(), half, False)]:  # fmt: skip
        for hidden in (1, 2):
            ends = {}
            for phi in ("tanh", "sigmoid"):
                network, start = from_zero(rng, hidden, phi, biases)
                ends[phi] = steps(network, start, x, targets, 20, 1.0, BCE).W
            claim = not any(W.any() for W in ends["tanh"]) and all(W.all() for W in ends["sigmoid"])
            cases.append(Case(claim, met, f"{words}, {hidden} hidden layers"))
    return cases


def c43(rng):
    """Tied units on separable data: do they learn more than the majority?"""
    x, y = line(rng)
    cases = []
    for phi, weights in (("sigmoid", zeros()), ("sigmoid", constant(0.3)), ("tanh", constant(0.3))):
        for hidden in (1, 2):
            network = exact([5] + [6] * hidden + [1], phi)
            end = steps(network, network.initialize(weights, rng=rng), x, y, 400, 4.0, BCE)
            assert unit_spread(end.W[0]) == 0
            right = ((network.forward(end, x).outputs > 0) == y).mean()
            learned = right - max(y.mean(), 1 - y.mean())
            words = f"{phi}, {weights}, {hidden} hidden layers: {right:.0%} right"
            cases.append(always(learned < 0.05, words))
    return cases


def c44(rng):
    """Digits from zero: does it reach what random weights reach, only later?"""
    cases = []
    for phi, hidden, rate in (("tanh", 1, 0.2), ("relu", 1, 0.2), ("sigmoid", 1, 1.0),
                              ("tanh", 0, 0.2)):  # fmt: skip
        few, many, drawn = (
            np.median(digit_accuracy(hidden, phi, w, zeros(), rng, count=n, rate=rate))
            for w, n in ((zeros(), 100), (zeros(), 600), (glorot_normal(), 100))
        )
        later = few < drawn - 0.05 and many > drawn - 0.03
        words = f"{phi}, {hidden} hidden: {few:.2f}, later {many:.2f}, random {drawn:.2f}"
        cases.append(always(later, words))
    return cases


def _stopped(rng, activation, layer, biases):
    """Whether a layer of zeros among random ones stays all zero."""
    x, y = line(rng)
    network = exact([5, 6, 6, 1], activation)
    start = network.initialize(glorot_normal(), [biases, biases, zeros()], rng=rng)
    start.W[layer][:] = 0
    return not steps(network, start, x, y, 20, 0.5, BCE).W[layer].any()


def c45(rng):
    """For every activation: does each choice of one zero layer stop that layer for good?"""
    cases = []
    for phi in ("sigmoid", *SILENT):
        for biases in (zeros(), normal(1)):
            stopped = [layer + 1 for layer in range(3) if _stopped(rng, phi, layer, biases)]
            words = f"{phi}, {biases}: of the layers 1 to 3, zeros stop {stopped or 'none'}"
            cases.append(always(len(stopped) == 3, words))
    return cases


def c46(rng):
    """Zero weights: where the hidden gradient vanishes, is it for a small slope?"""
    x, y = line(rng)
    cases = []
    for phi in ("tanh", "identity"):
        for hidden in (1, 2, 3):
            network, start = from_zero(rng, hidden, phi, zeros())
            found = gradients(network, start, x, y, loss=BCE)
            z = network.forward(start, x).z[0]
            slope = network.activations[0].derivative(z).min()
            size = abs(found.grad_W[0]).max()
            words = f"{phi}, {hidden} hidden layers: slope {slope:g}, gradient {size:g}"
            cases.append(always(size > 0 or slope < 0.1, words))
    return cases


def c48(rng):
    """Zero weights: is the hidden gradient still zero after ten steps?"""
    x, y = line(rng)
    cases = []
    for phi in ("sigmoid", *SILENT):
        for biases, zero in ((zeros(), True), (normal(1), False)):
            network, start = from_zero(rng, 2, phi, biases)
            end = steps(network, start, x, y, 10, 0.5, BCE)
            stuck = not gradients(network, end, x, y, loss=BCE).grad_W[0].any()
            cases.append(Case(stuck, zero and phi != "sigmoid", f"{phi}, {biases}: {stuck}"))
    return cases


def c49(rng):
    """Each of the two diseases without the other, and neither."""
    x, y = line(rng)
    network = exact([5, 6, 6, 1])
    cases = []
    for words, weights, biases, tied, blocked in [
        ("zero weights, random biases", zeros(), normal(1), False, True),
        ("all weights 0.5", constant(0.5), zeros(), True, False),
        ("random weights", glorot_normal(), zeros(), False, False),
    ]:
        start = network.initialize(weights, biases, rng=rng)
        found = gradients(network, start, x, y, loss=BCE)
        seen = unit_spread(unit_vectors(start, 1)) == 0, not found.grad_W[0].any()
        cases.append(always(seen == (tied, blocked), f"{words}: tied, blocked {seen}"))
    return cases


def c50(rng):
    """All weights 1: does a gradient reach the first layer?"""
    x = 0.3 * rng.standard_normal((32, 5))
    labels = rng.integers(0, 3, 32)
    cases = []
    for loss, targets, met in [("squared_error", np.eye(3)[labels], True),
                               (BCE, np.eye(3)[labels], True),
                               ("softmax_cross_entropy", labels, False)]:  # fmt: skip
        for phi in ("tanh", "sigmoid", "relu"):
            network = exact([5, 6, 6, 3], phi)
            start = network.initialize(constant(1), rng=rng)
            size = abs(gradients(network, start, x, targets, loss=loss).grad_W[0]).max()
            cases.append(Case(size > 1e-9, met, f"{loss}, {phi}: {size:.1g}"))
    return cases


def c63(rng):
    """Zero against an equal nonzero start: is being equal all that ails the zero one?"""
    x, y = line(rng)
    cases = []
    for phi in ("sigmoid", "tanh", "relu"):
        network = exact([5, 6, 1], phi)
        ends = [steps(network, network.initialize(w, rng=rng), x, y, 500, 2.0, BCE)
                for w in (zeros(), constant(0.05), glorot_normal())]  # fmt: skip
        zero, equal, _ = (final_loss(network, end, x, y) for end in ends)
        words = f"{phi}: loss {zero:.2f} from zero, {equal:.2f} from equal weights"
        cases.append(Case(abs(zero - equal) < 0.05, phi == "sigmoid", words))
    return cases
