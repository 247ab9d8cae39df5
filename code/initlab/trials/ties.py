"""What ties survive, XOR and its traps: C17 to C21, C67, C69 to C72, C104."""

import numpy as np

from initlab.data import xor
from initlab.diagnostics import unit_spread
from initlab.initializers import constant, equal_columns, equal_rows, glorot_normal, zeros
from initlab.network import MLP, ordered_matmul
from initlab.training import UpdateRule, adam, gradients, momentum, rmsprop, sgd
from initlab.trials.case import (
    Case,
    always,
    digit_accuracy,
    digits,
    exact,
    final_loss,
    steps,
    xor_losses,
)


def _one_entry(gradient, state, step):
    direction = np.zeros_like(gradient)
    turn = np.unravel_index((step - 1) % gradient.size, gradient.shape)
    direction[turn] = gradient[turn]
    return direction, state


def c17(rng):
    """Six update rules on tied units; two of them do not commute with renaming."""
    x, y = rng.standard_normal((32, 5)), rng.standard_normal((32, 2))
    noise = UpdateRule("gradient plus noise", lambda g, state, step: (
        g + 0.1 * rng.standard_normal(g.shape), None))  # fmt: skip
    rules = [*((rule, True) for rule in (sgd(), momentum(), rmsprop(), adam())),
             (UpdateRule("one entry at a time", _one_entry), False), (noise, False)]  # fmt: skip
    cases = []
    for rule, commutes in rules:
        network = exact([5, 6, 2])
        start = network.initialize(constant(0.1), rng=rng)
        spread = unit_spread(steps(network, start, x, y, 100, 0.01, update_rule=rule).W[0])
        cases.append(Case(spread == 0, commutes, f"{rule}: units apart by {spread:.2g}"))
    return cases


def _last_column_backwards(a, b):
    product = ordered_matmul(a, b)
    product[..., -1] = ordered_matmul(a[..., ::-1], b[..., ::-1, -1:])[..., 0]
    return product


def c18(rng):
    """Tied units on the digits, with sums in one order and in two, and a softmax tie."""
    x, labels, *_ = digits(rng)
    shared = equal_columns(glorot_normal())
    cases = []
    for words, matmul, weights, count, met in [
        ("sums in one order", ordered_matmul, constant(0.1), 600, True),
        ("last column added up backwards", _last_column_backwards, constant(0.1), 1000, False),
        ("tied but for what softmax cannot see", ordered_matmul, shared, 2000, False),
    ]:
        network = MLP([64, 8, 10], "tanh", matmul=matmul)
        start = network.initialize(weights, rng=rng)
        end = steps(network, start, x, labels, count, 0.2, "softmax_cross_entropy",
                    batch_size=32, rng=rng)  # fmt: skip
        spread = unit_spread(end.W[0])
        cases.append(Case(spread == 0, met, f"{words}: {spread:.1g} after {count} steps"))
    return cases


def c19(rng):
    """Two logistic units with equal activations: ratio of their gradients, by outgoing weights."""
    cases = []
    for outgoing in ((1.0, 1.0), (-0.5, -0.5), (0.0, 0.0), (1.0, 2.0), (1.0, -1.0)):
        network = exact([2, 2, 1], "sigmoid", "sigmoid")
        start = network.initialize(constant(0.4), rng=rng)
        start.W[1][:, 0] = outgoing
        x = np.array([[1.0, 0.5]])
        grad = gradients(network, start, x, np.ones((1, 1)), loss="squared_error").grad_W[0]
        equal = (grad[:, 0] == grad[:, 1]).all()
        cases.append(Case(equal, outgoing[0] == outgoing[1], f"outgoing weights {outgoing}"))
    return cases


def c20(rng):
    """Equal weights after training: matching ones of two units, and two of one unit."""
    cases = []
    for phi in ("sigmoid", "tanh", "relu"):
        x, y = rng.standard_normal((8, 3)), rng.standard_normal((8, 1))
        network = exact([3, 2, 1], phi)
        W = steps(network, network.initialize(constant(0.4), rng=rng), x, y, 100).W[0]
        between, inside = unit_spread(W), np.ptp(W, axis=0).max()
        cases += [Case(between == 0, True, f"{phi}, two units: {between:g}"),
                  Case(inside == 0, False, f"{phi}, inside a unit: {inside:.2f}")]  # fmt: skip
    return cases


def c21(rng):
    """Units that are constant inside: do they fail to train?"""
    cases = []
    for phi, rate in (("tanh", 0.5), ("sigmoid", 4)):
        losses = xor_losses([2, 16, 1], phi, equal_rows(glorot_normal()), zeros(), rng, rate=rate)
        solved = (losses < 0.1).sum()
        cases.append(always(solved < 18, f"XOR, {phi}: {solved} of 20 solved"))
    share = np.median(digit_accuracy(1, "tanh", equal_rows(glorot_normal()), zeros(), rng))
    return [*cases, always(share < 0.8, f"digits: {share:.2f}")]


def _solved(layer_sizes, activation, rng, n=200):
    rate = {"sigmoid": 4, "tanh": 0.5, "relu": 0.2}[activation]
    return (xor_losses(layer_sizes, activation, glorot_normal(), zeros(), rng, n=n, rate=rate)
            < 0.1).mean()  # fmt: skip


def c67(rng):
    """Zero against random starts on XOR: does zero fail where random starts succeed?"""
    task, cases = xor(), []
    for sizes in ([2, 1], [2, 2, 1], [2, 8, 1]):
        network = exact(sizes)
        end = steps(network, network.initialize(zeros(), rng=rng), task.inputs, task.targets,
                    1000, 0.5, "binary_cross_entropy")  # fmt: skip
        zero = final_loss(network, end, task.inputs, task.targets)
        random = _solved(sizes, "tanh", rng)
        words = f"{sizes}: loss {zero:.2f} from zero, {random:.0%} of random starts solve it"
        cases.append(Case(zero > 0.6 and random > 0.2, len(sizes) > 2, words))
    return cases


def c69(rng):
    """How often are random starts trapped on XOR, by width?"""
    cases = []
    for phi in ("sigmoid", "tanh"):
        for width in (2, 16):
            trapped = 1 - _solved([2, width, 1], phi, rng)
            cases.append(Case(trapped > 0.1, width == 2, f"{phi}, {width} units: {trapped:.1%}"))
    return cases


def c70(rng):
    """Five runs from one constant, five from random weights: how many different ends?"""
    task, cases = xor(), []
    for c in (0.0, 0.5):
        ends = []
        for weights in (constant(c), glorot_normal()):
            network = exact([2, 4, 1])
            losses = []
            for _ in range(5):
                start = network.initialize(weights, rng=rng)
                end = steps(network, start, task.inputs, task.targets, 200, 0.5,
                            "binary_cross_entropy")  # fmt: skip
                losses.append(float(final_loss(network, end, task.inputs, task.targets)))
            ends.append(len(set(losses)))
        words = f"{ends[0]} end from five times {c}, {ends[1]} from random weights"
        cases.append(always(ends == [1, 5], words))
    return cases


def c71(rng):
    """Networks beyond toy size on XOR: rarely trapped? Width, and the activation."""
    cases = []
    for phi, width, enough in [("sigmoid", 8, True), ("tanh", 8, True), ("relu", 32, True),
                               ("relu", 4, False), ("tanh", 2, False)]:  # fmt: skip
        trapped = 1 - _solved([2, width, 1], phi, rng)
        cases.append(Case(trapped < 0.08, enough, f"{phi}, {width} units: {trapped:.1%} trapped"))
    return cases


def c72(rng):
    """Two hidden units, many random starts: both outcomes?"""
    shares = {phi: _solved([2, 2, 1], phi, rng) for phi in ("sigmoid", "tanh", "relu")}
    return [always(0.05 < share < 0.95, f"{phi}: {share:.0%}") for phi, share in shares.items()]


def c104(rng):
    """Random weights against zero and equal ones, with one hidden layer, on the digits."""
    cases = []
    for phi in ("sigmoid", "tanh", "relu"):
        rate = 1.0 if phi == "sigmoid" else 0.2
        shares = [np.median(digit_accuracy(1, phi, weights, zeros(), rng, rate=rate))
                  for weights in (glorot_normal(), zeros(), constant(0.05))]  # fmt: skip
        words = f"{phi}: {shares[0]:.2f}; zero {shares[1]:.2f}, all 0.05 {shares[2]:.2f}"
        cases.append(always(shares[0] > max(shares[1:]) + 0.2, words))
    return cases
