"""What biases can do at the start: C73 to C80, C82, C83."""

import numpy as np

from initlab.data import xor
from initlab.diagnostics import saturation_fraction
from initlab.initializers import constant, glorot_normal, normal, zeros
from initlab.network import MLP
from initlab.training import gradients, train
from initlab.trials.case import (
    BCE,
    Case,
    always,
    digit_accuracy,
    digits,
    exact,
    final_loss,
    steps,
    xor_losses,
)


def c73(rng):
    """XOR from zero weights and random biases: how many of twenty solve it?"""
    cases = []
    for words, hidden, phi, rate, low, batch, met in [
        ("tanh", 1, "tanh", 4.0, 0.0, None, True),
        ("sigmoid", 1, "sigmoid", 4.0, 0.0, None, True),
        ("tanh, inputs -1 and 1, one sample at a time", 1, "tanh", 0.2, -1.0, 1, True),
        ("tanh, inputs -1 and 1, full batch", 1, "tanh", 0.5, -1.0, None, False),
        ("relu", 1, "relu", 0.2, 0.0, None, False),
        ("tanh, four hidden layers", 4, "tanh", 4.0, 0.0, None, False),
    ]:
        task, network = xor(low), MLP([2] + [8] * hidden + [1], phi)
        start = network.initialize(zeros(), normal(1), rng=rng, ensemble=(20,))
        end = steps(network, start, task.inputs, task.targets, 2000, rate, BCE, batch_size=batch,
                    rng=rng)  # fmt: skip
        solved = (final_loss(network, end, task.inputs, task.targets) < 0.1).sum()
        cases.append(Case(solved >= 15, met, f"{words}: {solved} of 20"))
    return cases


def c74(rng):
    """Units alike but for their biases: do their own gradients differ at once?"""
    x, y = rng.standard_normal((32, 5)), rng.standard_normal((32, 1))
    cases = []
    for phi, outgoing in (("sigmoid", 0.5), ("tanh", 0.5), ("relu", 0.5), ("identity", 0.5),
                          ("tanh", 0.0), ("sigmoid", 0.0)):  # fmt: skip
        network = exact([5, 3, 1], phi)
        start = network.initialize([constant(0.3), constant(outgoing)], rng=rng)
        start.b[0][:] = [-1, 0, 1]
        grad = gradients(network, start, x, y, loss="squared_error").grad_b[0]
        met = phi != "identity" and outgoing != 0
        differ = np.ptp(grad) > 1e-9
        cases.append(Case(differ, met, f"{phi}, outgoing {outgoing}: {grad.round(3)}"))
    return cases


def c75(rng):
    """Does it depend on the activation whether XOR is solved, and on the cost what arrives?"""
    shares = {
        phi: (xor_losses([2, 8, 1], phi, zeros(), normal(1), rng, rate=rate) < 0.1).mean()
        for phi, rate in (("tanh", 4), ("sigmoid", 4), ("relu", 0.2))
    }
    x, labels = rng.standard_normal((32, 5)), rng.integers(0, 3, 32)
    network = exact([5, 6, 3])
    start = network.initialize(constant(0.3), [normal(1), zeros()], rng=rng)
    sizes = [abs(gradients(network, start, x, y, loss=loss).grad_W[0]).max()
             for loss, y in [("squared_error", np.eye(3)[labels]),
                             ("softmax_cross_entropy", labels)]]  # fmt: skip
    return [
        always(shares["tanh"] > 0.8 > 0.2 > shares["relu"], "tanh and relu on XOR: {tanh:.0%}, "
               "{relu:.0%}".format(**shares)),
        always(shares["sigmoid"] > 0.8, f"sigmoid on XOR: {shares['sigmoid']:.0%}"),
        always(sizes[0] > 1e-6 > 1e-12 > sizes[1], f"gradient at first, squared error "
               f"{sizes[0]:.1g}, softmax {sizes[1]:.1g}, from equal weights"),
    ]  # fmt: skip


def c76(rng):
    """Bias only on the digits: blind at first, behind random weights early, learning later?"""
    x, labels, x_test, labels_test = digits(rng)
    cases = []
    for hidden in (1, 2):
        network = MLP([64] + [16] * hidden + [10], "tanh")

        def look(parameters, network=network):
            outputs = network.forward(parameters, x_test).outputs
            right = (outputs.argmax(axis=-1) == labels_test).mean(axis=-1)
            return {"share": right, "range": np.ptp(outputs, axis=-2).max(axis=-1)}

        runs = []
        for weights, biases in ((zeros(), normal(1)), (glorot_normal(), zeros())):
            start = network.initialize(weights, biases, rng=rng, ensemble=(20,))
            runs.append(train(network, start, x, labels, loss="softmax_cross_entropy", steps=600,
                              learning_rate=0.2, batch_size=64, rng=rng, observe=look,
                              record_at=[hidden, 30, 600]).observed)  # fmt: skip
        blind = (runs[0]["range"][0] < 1e-9).all() and (runs[0]["range"][1] > 1e-9).all()
        (_, early, late), (_, drawn, _) = (np.median(r["share"], axis=1) for r in runs)
        words = f"{hidden} hidden layers: step 30 {early:.2f}, random {drawn:.2f}; later {late:.2f}"
        cases.append(always(blind and early < drawn - 0.1 and late > 0.3, words))
    return cases


def c77(rng):
    """Random biases alone, against random weights alone: are they worse?"""
    cases = []
    for hidden in (2, 3):
        bias, drawn = (
            np.median(digit_accuracy(hidden, "tanh", weights, biases, rng, count=400))
            for weights, biases in ((zeros(), normal(1)), (glorot_normal(), zeros()))
        )
        words = f"digits, {hidden} hidden layers: {bias:.2f}, Xavier {drawn:.2f}"
        cases.append(Case(bias < drawn - 0.05, True, words))
    losses = xor_losses([2, 8, 1], "tanh", zeros(), normal(1), rng, rate=4, count=1500)
    bias = (losses < 0.1).mean()
    for std in (0.01, 0.001):
        losses = xor_losses([2, 8, 1], "tanh", normal(std), zeros(), rng, rate=4, count=1500)
        drawn = (losses < 0.1).mean()
        words = f"XOR: {bias:.0%} solved, from weights N(0, {std}^2) {drawn:.0%}"
        cases.append(Case(bias < drawn, False, words))
    return cases


def c78(rng):
    """The best of three constants with random biases, against Xavier, at rates that suit them."""
    cases = []
    for hidden, rate, shallow in ((1, 0.5, True), (2, 0.5, True), (4, 1.0, False)):
        biases = [normal(0.5)] * hidden + [zeros()]
        drawn = digit_accuracy(hidden, "tanh", glorot_normal(), zeros(), rng, rate=rate)
        usual = np.median(drawn)
        shares = {
            c: np.median(digit_accuracy(hidden, "tanh", constant(c), biases, rng, rate=rate))
            for c in (0.02, 0.05, 0.1)
        }
        best = max(shares, key=shares.get)
        words = f"{hidden} hidden layers: all {best} {shares[best]:.2f}, Xavier {usual:.2f}"
        cases.append(Case(shares[best] > usual - 0.08, shallow, words))
    return cases


def c79(rng):
    """How much do statistics vary from draw to draw, weights random or biases?"""
    cases = []
    for width in (16, 64):
        shape = (1000, width, width)
        W = glorot_normal()(shape, rng=rng)
        b = normal(1)((1000, width), rng=rng)
        x = rng.choice([-1.0, 1.0], width)
        for words, of_weights, of_biases, met in [
            ("standard deviation of the numbers", W.std(axis=(1, 2)), b.std(axis=1), True),
            ("mean square of the preactivations", ((x @ W) ** 2).mean(axis=1),
             (b**2).mean(axis=1), False),
        ]:  # fmt: skip
            spread = [v.std() / v.mean() for v in (of_weights, of_biases)]
            words = f"width {width}, {words}: varies by {spread[0]:.1%}, biases {spread[1]:.1%}"
            cases.append(Case(spread[0] < 0.7 * spread[1], met, words))
    return cases


def c80(rng):
    """Random weights, zero biases: does every bias get a gradient, and move with the rest?"""
    x, y = rng.standard_normal((64, 5)), rng.standard_normal((64, 2))
    cases = []
    for phi in ("sigmoid", "tanh", "relu"):
        network = MLP([5, 6, 6, 2], phi)
        start = network.initialize(glorot_normal(), rng=rng, ensemble=(20,))
        found = gradients(network, start, x, y, loss="squared_error")
        moving = np.mean([(g != 0).mean() for g in found.grad_b])
        ratio = np.median([abs(b).mean() / abs(W).mean() for W, b in
                           zip(found.grad_W, found.grad_b, strict=True)])  # fmt: skip
        words = f"{phi}: {moving:.1%} of the biases move, by {ratio:.1f} times a weight's move"
        cases.append(always(moving > 0.95 and 0.1 < ratio < 100, words))
    return cases


def c82(rng):
    """Shift the units by their biases: does it improve their range, or the first loss?"""
    cases = []
    for offset, met in ((3.0, True), (0.0, False)):
        x = rng.standard_normal((200, 20)) + offset
        W = glorot_normal()((20, 20, 50), rng=rng)
        z = x @ W
        shift = -z.mean(axis=1, keepdims=True) if met else np.full((20, 1, 50), 2.0)
        for phi in ("tanh", "sigmoid"):
            flat = [saturation_fraction(phi, v, 0.1 if phi == "tanh" else 0.05).mean()
                    for v in (z, z + shift)]  # fmt: skip
            words = f"{phi}, inputs around {offset:g}: flat {flat[0]:.1%}, shifted {flat[1]:.1%}"
            cases.append(Case(flat[1] < flat[0] - 0.01, met, words))
    network = MLP([5, 8, 1], "tanh")
    x = rng.standard_normal((200, 5))
    for share, met in ((0.05, True), (0.5, False)):
        y = (np.arange(200) < share * 200).astype(float)[:, None]
        start = network.initialize(normal(0.1), rng=rng, ensemble=(20,))
        plain = final_loss(network, start, x, y).mean()
        start.b[-1][:] = np.log(share / (1 - share))
        shifted = final_loss(network, start, x, y).mean()
        words = f"{share:.0%} positives: first loss {plain:.2f}, log-odds bias {shifted:.2f}"
        cases.append(Case(shifted < plain - 0.01, met, words))
    return cases


def c83(rng):
    """Biases away from zero: is the network worse off than with zero biases?"""
    cases = []
    for phi in ("tanh", "relu"):
        usual = np.median(digit_accuracy(1, phi, glorot_normal(), zeros(), rng))
        for biases, large in ((constant(0.1), False), (normal(0.1), False), (normal(30), True),
                              (constant(-10), True)):  # fmt: skip
            share = np.median(digit_accuracy(1, phi, glorot_normal(), [biases, zeros()], rng))
            words = f"{phi}, biases {biases}: {share:.2f}, zero {usual:.2f}"
            cases.append(Case(share < usual - 0.04, large, words))
    return cases
