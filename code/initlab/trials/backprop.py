"""What back-propagation computes: C23 to C27, C29, C30, C38 to C40, C47, C51."""

import numpy as np

from initlab.activations import get_activation
from initlab.initializers import glorot_normal, normal, zeros
from initlab.losses import get_loss
from initlab.network import MLP, Trace
from initlab.parameters import Parameters
from initlab.training import adam, gradients, momentum, sgd
from initlab.trials.case import Case, always, exact, line, steps, xor_losses

THREE = ("sigmoid", "tanh", "relu")


def _net(rng, sizes=(5, 6, 4, 2), activation="tanh"):
    """A random network with biases, a batch, and targets."""
    network = MLP(sizes, activation)
    start = network.initialize(glorot_normal(), normal(0.5), rng=rng)
    x, y = rng.standard_normal((16, sizes[0])), rng.standard_normal((16, sizes[-1]))
    return network, start, x, y


def _with(parameters, layer, W):
    return Parameters([*parameters.W[:layer], W, *parameters.W[layer + 1 :]], parameters.b)


def _differences(function, at, *arguments, step=1e-6):
    """Central differences of ``function(array, *arguments)``; error of order step squared."""
    slope = np.empty_like(at)
    for index in np.ndindex(at.shape):
        up, down = at.copy(), at.copy()
        up[index] += step
        down[index] -= step
        slope[index] = (function(up, *arguments) - function(down, *arguments)) / (2 * step)
    return slope


def _loss(W, network, parameters, layer, x, y):
    """The squared error as a function of one weight matrix."""
    return get_loss("squared_error")(network.forward(_with(parameters, layer, W), x).outputs, y)


def _loss_above(h, network, parameters, y):
    """The squared error as a function of the activations that a network is fed with."""
    return get_loss("squared_error")(network.forward(parameters, h).outputs, y)


def _output(W, network, parameters, x):
    return network.forward(_with(parameters, 1, W), x).z[1][0, 0]


def c23(rng):
    """One weight set to zero in twenty random networks: does it stay at zero?"""
    cases = []
    x, y = rng.standard_normal((16, 5)), rng.standard_normal((16, 2))
    for rule in (sgd(), momentum(), adam()):
        for phi in THREE:
            network = MLP([5, 6, 2], phi)
            start = network.initialize(glorot_normal(), normal(0.5), rng=rng, ensemble=(20,))
            start.W[1][:, 0, 0] = 0
            end = steps(network, start, x, y, 5, 0.05, update_rule=rule).W[1][:, 0, 0]
            share = (end == 0).mean()
            cases.append(always(share > 0.5, f"{phi}, {rule}: still zero in {share:.0%}"))
    return cases


def c24(rng):
    """The step of descent, against the differences of the loss and the product of two factors."""
    cases = []
    for phi in ("sigmoid", "tanh"):
        network, start, x, y = _net(rng, activation=phi)
        moved = steps(network, start, x, y, 1, 0.1)
        trace = network.forward(start, x)
        found = gradients(network, start, x, y, loss="squared_error")
        for layer, W in enumerate(start.W):
            slope = _differences(_loss, W, network, start, layer, x, y)
            step = moved.W[layer] - W
            gaps = [abs(step + 0.1 * slope).max(),
                    abs(step + 0.1 * trace.h[layer].T @ found.delta[layer]).max()]  # fmt: skip
            cases.append(always(max(gaps) < 1e-8, f"{phi}, layer {layer + 1}: {max(gaps):.1g}"))
    return cases


def c25(rng):
    """Change a weight: does its own gradient change, with the two factors held, and without?"""
    cases = []
    for sizes, output in (([5, 1], "identity"), ([5, 1], "sigmoid"), ([5, 6, 1], "identity")):
        network = MLP(sizes, "tanh", output)
        start = network.initialize(glorot_normal(), rng=rng)
        x, y = rng.standard_normal((16, 5)), rng.standard_normal((16, 1))
        trace = network.forward(start, x)
        above = get_loss("squared_error").gradient(trace.outputs, y)
        changed = _with(start, 0, start.W[0] + 0.1)
        kept = network.backward(start, trace, above).grad_W[0]
        held = network.backward(changed, trace, above).grad_W[0]
        free = gradients(network, changed, x, y, loss="squared_error").grad_W[0]
        gaps = abs(held - kept).max(), abs(free - kept).max()
        cases += [Case(gaps[0] == 0, True, f"{network}, factors held: {gaps[0]:g}"),
                  Case(gaps[1] < 1e-6, False, f"{network}, through the forward pass: {gaps[1]:.2g}")
                  ]  # fmt: skip
    return cases


def c26(rng):
    """Networks with hidden layers: does a weight occur in the product that is its gradient?"""
    cases = []
    for depth in (2, 3, 4):
        network, start, x, y = _net(rng, [5, *[6] * (depth - 1), 2])
        trace = network.forward(start, x)
        above = get_loss("squared_error").gradient(trace.outputs, y)
        changed = _with(start, 0, rng.standard_normal(start.W[0].shape))
        next_changed = _with(start, 1, 2 * start.W[1])
        own, kept, other = (network.backward(p, trace, above).grad_W[0]
                            for p in (changed, start, next_changed))  # fmt: skip
        assert abs(other - kept).max() > 1e-6, "the next layer's weights do occur"
        gap = abs(own - kept).max()
        cases.append(always(gap > 0, f"depth {depth}: own weights changed, gradient by {gap:g}"))
    return cases


def c27(rng):
    """From all-zero weights: does the last layer move at once?"""
    x, y = line(rng)
    cases = []
    for phi in ("sigmoid", "tanh", "relu", "leaky_relu", "identity"):
        for biases in (zeros(), normal(1)):
            network = exact([5, 8, 1], phi)
            start = network.initialize(zeros(), [biases, zeros()], rng=rng)
            moved = abs(steps(network, start, x, y, 1).W[1]).max() > 0
            active = bool(np.any(network.forward(start, x).h[1]))
            cases.append(Case(moved, active, f"{phi}, {biases}: hidden layer active: {active}"))
    return cases


def c29(rng):
    """Where does back-propagation lead: to the least squared error?"""
    cases = []
    for phi, rate in (("sigmoid", 4), ("tanh", 0.5)):
        losses = xor_losses([2, 2, 1], phi, glorot_normal(), zeros(), rng, n=100, rate=rate)
        bad = (losses > 0.1).mean()
        cases.append(always(bad < 0.01, f"2-2-1 on XOR, {phi}: {bad:.0%} end far from the optimum"))
    network, start, x, _ = _net(rng, [5, 6, 3])
    labels = rng.integers(0, 3, 16)
    square, entropy = (gradients(network, start, x, target, loss=loss).grad_W[0]
                       for target, loss in [(np.eye(3)[labels], "squared_error"),
                                            (labels, "softmax_cross_entropy")])  # fmt: skip
    same = np.allclose(square / abs(square).max(), entropy / abs(entropy).max(), atol=1e-3)
    return [*cases, always(same, "the gradient of another loss points along the squared error's")]


def c30(rng):
    """Delta times weights, against differences of the loss with respect to the activations."""
    cases = []
    for phi in ("sigmoid", "tanh"):
        network, start, x, y = _net(rng, [5, 6, 4, 2], phi)
        trace = network.forward(start, x)
        found = gradients(network, start, x, y, loss="squared_error")
        upper = MLP([6, 4, 2], phi)
        above = Parameters(start.W[1:], start.b[1:])
        slope = _differences(_loss_above, trace.h[1], upper, above, y)
        gap = abs(slope - found.delta[1] @ start.W[1].T).max()
        other = Parameters(start.W, [b + 1 for b in start.b])
        out = found.grad_h[-1]
        same = np.array_equal(network.backward(other, trace, out).grad_h[1], found.grad_h[1])
        cases.append(always(gap < 1e-8 and same, f"{phi}: off by {gap:.1g}, biases absent: {same}"))
    return cases


def c38(rng):
    """All zeros: how many different entries has the gradient of the output weights?"""
    cases = []
    for outputs in (1, 3):
        for loss in ("squared_error", "binary_cross_entropy"):
            network = exact([5, 8, outputs], "sigmoid")
            start = network.initialize(zeros(), rng=rng)
            x, y = rng.standard_normal((32, 5)), rng.random((32, outputs))
            found = gradients(network, start, x, y, loss=loss)
            n = len(np.unique(found.grad_W[1]))
            cases.append(Case(n == 1, outputs == 1, f"{outputs} outputs, {loss}: {n} values"))
    return cases


def c39(rng):
    """The same for the layers below, at the first step that reaches each of them and later."""
    cases = []
    x, y = line(rng)
    network = exact([5, 8, 8, 8, 1], "sigmoid")
    start = network.initialize(zeros(), rng=rng)
    for count in (4, 20):
        end = steps(network, start, x, y, count, 1.0)
        found = gradients(network, end, x, y, loss="squared_error")
        for layer, grad in enumerate(found.grad_W[:-1], start=1):
            n = len(np.unique(grad))
            assert grad.any(), "a gradient that is zero would agree with anything"
            cases.append(Case(n == 1, layer > 1, f"step {count}, layer {layer}: {n} values"))
    return cases


def c40(rng):
    """Differences of the output preactivation, against the activation below."""
    cases = []
    for phi in THREE:
        network, start, x, _ = _net(rng, [5, 6, 1], phi)
        trace = network.forward(start, x[:1])
        slope = _differences(_output, start.W[1], network, start, x[:1])
        gap = abs(slope[:, 0] - trace.h[1][0]).max()
        cases.append(always(gap < 1e-8, f"{phi}: off by {gap:.1g}"))
    return cases


def c47(rng):
    """Scale the next layer's weights: does the gradient scale, with its delta held and free?"""
    cases = []
    for scale in (0.5, 2.0, 4.0):
        network, start, x, y = _net(rng, [5, 6, 1])
        trace = network.forward(start, x)
        above = get_loss("squared_error").gradient(trace.outputs, y)
        scaled = _with(start, 1, scale * start.W[1])
        plain = network.backward(start, trace, above).grad_W[0]
        held = network.backward(scaled, trace, above).grad_W[0]
        free = gradients(network, scaled, x, y, loss="squared_error").grad_W[0]
        cases += [Case(np.allclose(held, scale * plain), True, f"times {scale}, delta held"),
                  Case(np.allclose(free, scale * plain, rtol=1e-3), False,
                       f"times {scale}, delta free")]  # fmt: skip
    return cases


def c51(rng):
    """The three formulas with each layer's own input and z, and with those of the first."""
    network, start, x, y = _net(rng, [5, 5, 5, 5])
    trace = network.forward(start, x)
    found = gradients(network, start, x, y, loss="squared_error")

    def fits(layer: int, source: Trace, index: int) -> bool:
        slope = get_activation("tanh").derivative(source.z[index])
        delta = (found.delta[layer + 1] @ start.W[layer + 1].T) * slope
        return np.allclose(source.h[index].T @ delta, found.grad_W[layer])

    cases = [Case(fits(i, trace, i), True, f"layer {i + 1}, its own") for i in range(2)]
    return [*cases, Case(fits(1, trace, 0), False, "layer 2, those of layer 1")]
