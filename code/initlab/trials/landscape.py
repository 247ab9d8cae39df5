"""The loss around zero weights: C52 to C57, C64 to C66."""

import numpy as np

from initlab.data import xor
from initlab.initializers import constant, normal, zeros
from initlab.network import MLP
from initlab.parameters import Parameters
from initlab.training import gradients
from initlab.trials.case import (
    BCE,
    Case,
    always,
    balanced,
    final_loss,
    line,
    moved,
    n_parameters,
    steps,
)


def _at_zero(hidden, activation, x, y, output_bias=None, width=4):
    """A network of zeros whose output bias is given, or else fits the class frequencies."""
    network = MLP([x.shape[1]] + [width] * hidden + [1], activation)
    sizes = list(zip(network.layer_sizes[:-1], network.layer_sizes[1:], strict=True))
    start = Parameters([np.zeros(s) for s in sizes], [np.zeros(n) for _, n in sizes])
    share = y.mean()
    start.b[-1][:] = np.log(share / (1 - share)) if output_bias is None else output_bias
    return network, start


def _flat(found) -> np.ndarray:
    arrays = found.arrays()
    return np.concatenate([a.reshape(*a.shape[:1], -1) for a in arrays], axis=-1)


def _hessian(network, start, x, y, step=1e-4):
    """Central differences of the gradient, all directions as one ensemble."""
    moves = step * np.eye(n_parameters(start))
    up, down = (_flat(gradients(network, moved(start, sign * moves), x, y, loss=BCE))
                for sign in (1, -1))  # fmt: skip
    return (up - down) / (2 * step)


def _largest_gradient(network, start, x, y) -> float:
    return float(max(abs(g).max() for g in gradients(network, start, x, y, loss=BCE).arrays()))


def _ups_and_downs(network, start, x, y, rng, n=2000, radius=0.3):
    """Shares of random moves (all but the output bias) that raise and that lower the loss."""
    moves = radius * rng.standard_normal((n, n_parameters(start)))
    moves[:, -1] = 0
    change = final_loss(network, moved(start, moves), x, y) - final_loss(network, start, x, y)
    return (change > 1e-12).mean(), (change < -1e-12).mean()


def c52(rng):
    """Change one weight of an all-zero network by a lot: does the output change?"""
    x, y = line(rng)
    cases = []
    for phi, biases in (("tanh", 0), ("relu", 0), ("sigmoid", 0), ("tanh", 1)):
        network, start = _at_zero(2, phi, x, y)
        start.b[0][:], start.b[1][:] = biases, biases
        before = network.forward(start, x)
        for layer in range(3):
            W = start.W[layer].copy()
            start.W[layer].flat[rng.integers(W.size)] = 100 * rng.standard_normal()
            gap = abs(network.forward(start, x).outputs - before.outputs).max()
            start.W[layer][:] = W
            met = layer < 2 or not before.h[2].any()
            cases.append(Case(gap == 0, met, f"{phi}, biases {biases}, layer {layer + 1}: {gap:g}"))
    return cases


def c53(rng):
    """Layers whose weights do not change the output: is their gradient zero?"""
    x, y = line(rng)
    cases = []
    for phi in ("tanh", "relu", "sigmoid"):
        for hidden in (1, 2, 3):
            network, start = _at_zero(hidden, phi, x, y, 0.0)
            found = gradients(network, start, x, y, loss=BCE)
            inert = [layer for layer in range(hidden + 1) if layer < hidden or phi != "sigmoid"]
            for layer in inert:
                other = Parameters([W.copy() for W in start.W], start.b)
                other.W[layer][:] = rng.standard_normal(other.W[layer].shape)
                same = np.array_equal(*(network.forward(p, x).outputs for p in (start, other)))
                flat = not found.grad_W[layer].any()
                words = f"{phi}, {hidden} hidden layers, layer {layer + 1}"
                cases.append(always(same and flat, words))
    return cases


def _saddle(network, start, x, y, rng):
    """Stationary, with ways up and ways down; and the same in words."""
    gradient = _largest_gradient(network, start, x, y)
    up, down = _ups_and_downs(network, start, x, y, rng)
    lowest = np.linalg.eigvalsh(_hessian(network, start, x, y))[0]
    words = f"gradient {gradient:.1g}, up {up:.0%}, down {down:.0%}, lowest curvature {lowest:.2f}"
    return gradient < 1e-12 and up > 0 and (down > 0 or lowest < -1e-3), words


def c54(rng):
    """Zero weights, output bias at its optimum: neither minimum nor maximum?"""
    x, y = line(rng)
    cases = []
    for phi, hidden in (("tanh", 1), ("tanh", 2), ("identity", 1), ("relu", 1)):
        saddle, words = _saddle(*_at_zero(hidden, phi, x, y), x, y, rng)
        cases.append(always(saddle, f"{phi}, {hidden} hidden layers: {words}"))
    task = xor()
    saddle, words = _saddle(*_at_zero(1, "tanh", task.inputs, task.targets), task.inputs,
                            task.targets, rng)  # fmt: skip
    return [*cases, always(saddle, f"XOR: {words}")]


def c55(rng):
    """Zero weights: a saddle? With the output bias at its optimum, and away from it."""
    x, y = line(rng)
    cases = []
    for phi, hidden in (("tanh", 1), ("tanh", 2), ("sigmoid", 1)):
        for bias in (None, 0.0):
            saddle, words = _saddle(*_at_zero(hidden, phi, x, y, bias), x, y, rng)
            where = "its optimum" if bias is None else "0"
            cases.append(
                Case(saddle, bias is None, f"{phi}, {hidden} hidden, bias {where}: {words}")
            )
    return cases


def c56(rng):
    """Is there no direction in which the loss rises from zero?"""
    x, y = line(rng)
    cases = []
    for phi, hidden in (("tanh", 1), ("tanh", 2), ("tanh", 3), ("sigmoid", 1), ("relu", 1)):
        network, start = _at_zero(hidden, phi, x, y)
        highest = np.linalg.eigvalsh(_hessian(network, start, x, y))[-1]
        words = f"{phi}, {hidden} hidden layers: highest curvature {highest:.2f}"
        cases.append(always(highest <= 1e-6, words))
    return cases


def c57(rng):
    """All zeros: in which layers are the values zero, or the deltas?"""
    x, y = line(rng)
    cases = []
    for phi in ("tanh", "relu", "sigmoid"):
        network = MLP([5, 4, 4, 1], phi, "sigmoid")
        start = network.initialize(zeros(), rng=rng)
        trace = network.forward(start, x)
        found = gradients(network, start, x, y, loss="squared_error")
        for layer in range(3):
            value, delta = trace.h[layer + 1].any(), found.delta[layer].any()
            words = f"{phi}, layer {layer + 1}: value 0 {not value}, delta 0 {not delta}"
            cases.append(Case(not value or not delta, layer < 2, words))
    return cases


def c64(rng):
    """Do zero weights and equal weights both map 200 inputs to one output?"""
    x = rng.standard_normal((200, 5))
    cases = []
    for phi in ("sigmoid", "tanh", "relu"):
        network = MLP([5, 6, 1], phi)
        counts = [len(np.unique(network.forward(network.initialize(w, rng=rng), x).outputs))
                  for w in (zeros(), constant(0.3))]  # fmt: skip
        cases.append(
            always(counts == [1, 1], f"{phi}: zero {counts[0]}, equal {counts[1]} outputs")
        )
    return cases


def c65(rng):
    """Balanced data, zero weights, random hidden biases: a minimum, to which descent returns?"""
    inputs, half = balanced(rng)
    task = xor()
    cases = []
    for words, x, y, phi, hidden in [
        ("one hidden layer", inputs, half, "tanh", 1), ("sigmoid", inputs, half, "sigmoid", 1),
        ("two hidden layers", inputs, half, "tanh", 2),
        ("XOR", task.inputs, task.targets, "tanh", 1),
        ("ReLU", inputs, half, "relu", 1),
        # A ReLU unit is straight around its bias, and no straight function is of use for XOR.
        ("ReLU on XOR", task.inputs, task.targets, "relu", 1),
    ]:  # fmt: skip
        network, start = _at_zero(hidden, phi, x, y)
        for b in start.b[:-1]:
            b[:] = rng.uniform(0.5, 1, b.shape) * (-1) ** np.arange(b.size)
        near = moved(start, 0.05 * rng.standard_normal((5, n_parameters(start))))
        end = steps(network, near, x, y, 2000, 1.0, BCE)
        fall = (final_loss(network, start, x, y) - final_loss(network, end, x, y)).min()
        size = _largest_gradient(network, start, x, y)
        cases.append(Case(size < 1e-12 and fall < 1e-3, words == "ReLU on XOR",
                          f"{words}: gradient {size:.0e}, descent from nearby ends "
                          f"{abs(fall):.2f} lower"))  # fmt: skip
    return cases


def c66(rng):
    """Zero weights: is every weight gradient zero, with zero biases and with random ones?"""
    x, y = line(rng)
    cases = []
    for phi in ("sigmoid", "tanh", "relu"):
        network = MLP([5, 6, 6, 1], phi)
        sizes = []
        for biases in (zeros(), normal(1)):
            start = network.initialize(zeros(), [biases, biases, zeros()], rng=rng)
            found = gradients(network, start, x, y, loss=BCE)
            sizes.append(max(abs(g).max() for g in found.grad_W))
        words = f"{phi}: largest {sizes[0]:.2g} with zero biases, {sizes[1]:.2g} with random ones"
        cases.append(always(max(sizes) == 0, words))
    return cases
