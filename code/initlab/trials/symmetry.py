"""Which units are equal, and how long: the claims about symmetry, C01 to C11."""

import numpy as np

from initlab.activations import get_activation
from initlab.diagnostics import distinct_units, unit_spread, unit_vectors
from initlab.initializers import constant, equal_columns, glorot_normal, normal, zeros
from initlab.parameters import Parameters
from initlab.training import adam, gradients, sgd
from initlab.trials.case import (
    Case,
    always,
    digit_accuracy,
    exact,
    steps,
    xor_losses,
)

SMOOTH = ("sigmoid", "tanh")
THREE = (*SMOOTH, "relu")


def _task(rng, outputs=2):
    return rng.standard_normal((32, 5)), rng.standard_normal((32, outputs))


def c01(rng):
    """Equal columns and biases give equal activations, whatever goes out."""
    x, _ = _task(rng)
    cases = []
    for phi in THREE:
        for c in (0.0, 0.3):
            network = exact([5, 6, 2], phi)
            weights = [equal_columns(normal(1)), normal(1)]
            start = network.initialize(weights, constant(c), rng=rng)
            spread = unit_spread(network.forward(start, x).h[1])
            cases.append(always(spread == 0, f"{phi}, bias {c}: activations differ by {spread:g}"))
    return cases


def c02(rng):
    """Units stay identical, where their outgoing weights are equal and nothing tells them apart."""
    x, y = _task(rng)
    same, drawn = constant(0.1), normal(0.5)
    cases = []
    for phi in THREE:
        for rule, batch in ((sgd(), None), (adam(), None), (sgd(), 4)):
            network = exact([5, 6, 2], phi)
            start = network.initialize(same, rng=rng)
            end = steps(network, start, x, y, 50, update_rule=rule, batch_size=batch, rng=rng)
            spread = unit_spread(unit_vectors(end, 1))
            moved = abs(end.W[0] - 0.1).max() > 1e-3
            cases.append(Case(spread == 0 and moved, True, f"{phi}, {rule}: spread {spread:g}"))
        start = network.initialize([same, drawn], rng=rng)
        spread = unit_spread(steps(network, start, x, y, 50).W[0])
        cases.append(Case(spread == 0, False, f"{phi}, other outgoing weights: {spread:.2g}"))
    start = network.initialize(same, rng=rng)
    end = steps(network, start, x, y, 50, dropout=0.5, rng=rng)
    spread = unit_spread(end.W[0])
    return [*cases, Case(spread == 0, False, f"dropout: spread {spread:.2g}")]


def c03(rng):
    """Seven tied units against one: the function, and learning with and without new rates."""
    x, y = _task(rng, 1)
    many, one = exact([5, 7, 1]), exact([5, 1, 1])
    start = many.initialize(constant(0.2), rng=rng)
    single = Parameters([start.W[0][:, :1], 7 * start.W[1][:1]], [start.b[0][:1], start.b[1]])

    def gap(p, q):
        return abs(many.forward(p, x).outputs - one.forward(q, x).outputs).max()

    end = steps(many, start, x, y, 100)
    rescaled = Parameters(W=[0.1 / 7, 0.1 * 7], b=[0.1 / 7, 0.1])
    gaps = [gap(start, single), gap(end, steps(one, single, x, y, 100, rescaled)),
            gap(end, steps(one, single, x, y, 100))]  # fmt: skip
    words = ["the function", "learning, rates rescaled", "learning, the same rate"]
    return [
        Case(gap < 1e-10, i < 2, f"{what}: {gap:.1g}")
        for i, (what, gap) in enumerate(zip(words, gaps, strict=True))
    ]


def c04(rng):
    """All units share their inputs; are they alike for it?"""
    x, y = _task(rng)
    cases = []
    for phi in THREE:
        network = exact([5, 6, 2], phi)
        for weights in ([normal(0.5), constant(0.3)], [constant(0.3), normal(0.5)]):
            end = steps(network, network.initialize(weights, rng=rng), x, y, 20)
            units = distinct_units(end.W[0])
            cases.append(always(units == 1, f"{phi}, {weights}: {units} units of 6"))
    return cases


def c05(rng):
    """Random weights, zero biases: all units differ, and XOR is solved."""
    cases = []
    for phi, rate in (("sigmoid", 4), ("tanh", 0.5), ("relu", 0.2)):
        losses = xor_losses([2, 16, 1], phi, glorot_normal(), zeros(), rng, rate=rate)
        solved = (losses < 0.1).sum()
        cases.append(always(solved >= 18, f"XOR, {phi}: {solved} of 20 solved"))
    share = np.median(digit_accuracy(1, "tanh", glorot_normal(), zeros(), rng))
    return [*cases, always(share > 0.85, f"digits: {share:.2f}")]


def c06(rng):
    """Random biases on top: as good as zero ones while they are moderate."""
    cases = []
    for phi in ("tanh", "relu"):
        best = np.median(digit_accuracy(1, phi, glorot_normal(), zeros(), rng))
        for std, moderate in ((0.1, True), (0.5, True), (30, False)):
            share = np.median(digit_accuracy(1, phi, glorot_normal(), [normal(std), zeros()], rng))
            words = f"{phi}, biases N(0, {std}^2): {share:.2f}, zero biases {best:.2f}"
            cases.append(Case(share > best - 0.04, moderate, words))
    return cases


def c07(rng):
    """Like zero, every constant keeps the units tied; unlike zero, it blocks nothing."""
    x, y = _task(rng)
    network = exact([5, 6, 2])
    cases = []
    for c in (0.05, 0.5, 2.0):
        tied = steps(network, network.initialize(constant(c), rng=rng), x, y, 50)
        start = network.initialize(constant(c), [normal(1), zeros()], rng=rng)
        apart = distinct_units(steps(network, start, x, y, 50).W[0])
        units, stuck = distinct_units(tied.W[0], tolerance=0), abs(tied.W[0] - c).max() == 0
        cases += [
            Case(units == 1, True, f"tie, all weights {c}: {units} unit"),
            Case(apart == 1, False, f"tie, all weights {c}, random biases: {apart} units"),
            Case(stuck, False, f"block, all weights {c}: {'stuck' if stuck else 'moves'}"),
        ]
    zero = steps(network, network.initialize(zeros(), rng=rng), x, y, 50)
    return [*cases, Case(abs(zero.W[0]).max() == 0, True, "all weights 0: tied and stuck")]


def c08(rng):
    """One shared column for all units: does the network stay one unit wide?"""
    x, y = _task(rng, 3)
    labels = rng.integers(0, 3, 32)
    tasks = {"squared_error": y, "binary_cross_entropy": np.eye(3)[labels],
             "softmax_cross_entropy": labels}  # fmt: skip
    cases = []
    for loss, targets in tasks.items():
        for phi in SMOOTH:
            network = exact([5, 6, 6, 3], phi)
            start = network.initialize(equal_columns(glorot_normal()), rng=rng)
            end = steps(network, start, x, targets, 5, loss=loss)
            units = distinct_units(np.stack(network.forward(end, x).h[1:3]))
            cases.append(always((units == 1).all(), f"{loss}, {phi}: {units} units after 5 steps"))
    return cases


def _tied_layer(rng):
    """A 5-6-6-3 network with shared columns, on one sample: trace and gradients."""
    x, y = _task(rng, 3)
    network = exact([5, 6, 6, 3])
    start = network.initialize(equal_columns(glorot_normal()), rng=rng)
    found = gradients(network, start, x[:1], y[:1], loss="squared_error")
    return network.forward(start, x[:1]), found, start


def c09(rng):
    """The formula for the delta, against back-propagation, on several draws."""
    cases = []
    for _ in range(3):
        trace, found, start = _tied_layer(rng)
        slope = get_activation("tanh").derivative(trace.z[1][0])
        formula = slope * start.W[2][:, 0] * found.delta[2][0].sum()
        gap, differ = abs(found.delta[1][0] - formula).max(), len(set(formula)) == 6
        cases.append(always(gap < 1e-14 and differ, f"formula off by {gap:.1g}"))
    return cases


def c10(rng):
    """The literal second formula, gradient = delta (index i) times activation (index j)."""
    cases = []
    for _ in range(3):
        trace, found, _ = _tied_layer(rng)
        h, delta, grad = trace.h[1][0], found.delta[1][0], found.grad_W[1]
        right = np.allclose(grad, np.outer(h, delta), atol=1e-14)
        literal = np.allclose(grad, np.outer(delta, h), atol=1e-9)
        equal = unit_spread(grad) < 1e-9
        words = f"input times delta: {right}, literal: {literal}, equal for all units: {equal}"
        cases.append(always(literal or equal or not right, words))
    return cases


def c11(rng):
    """Incoming and outgoing weights, each equal or random: where does the tie last?"""
    x, y = _task(rng)
    kinds = {"equal": constant(0.3), "random": normal(0.5)}
    cases = []
    for phi in THREE:
        network = exact([5, 6, 2], phi)
        for outgoing, weights in kinds.items():
            start = network.initialize([kinds["equal"], weights], rng=rng)
            units = distinct_units(steps(network, start, x, y, 1).W[0])
            words = f"{phi}, equal columns, {outgoing} rows going out: {units} units after a step"
            cases.append(Case(units == 1, outgoing == "equal", words))
    return cases
