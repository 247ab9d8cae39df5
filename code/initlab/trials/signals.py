"""How gradients change on their way through deep networks: C84, C86, C88 to C91, C94, C95, C116."""

import numpy as np

from initlab.initializers import (
    Initializer,
    glorot_normal,
    he_normal,
    lecun_normal,
    normal,
    variance_scaling,
)
from initlab.network import MLP
from initlab.training import adam, sgd
from initlab.trials.case import (
    BCE,
    Case,
    always,
    digit_accuracy,
    factor_per_layer,
    final_loss,
    line,
    steps,
)


def c84(rng):
    """Rules that suit their activation keep the gradient level, others do not."""
    cases = []
    for phi, weights, level in [
        ("tanh", glorot_normal(), True), ("relu", he_normal(), True),
        ("relu", glorot_normal(), False), ("tanh", normal(0.01), False),
        ("relu", normal(0.01), False), ("tanh", normal(1), False), ("relu", normal(1), False),
        ("sigmoid", glorot_normal(), False),
    ]:  # fmt: skip
        factor = factor_per_layer(phi, weights, 100, 11, rng)
        seen = 0.8 < factor < 1.25
        cases.append(always(seen == level, f"{phi}, {weights}: times {factor:.3f} a layer"))
    return cases


def c86(rng):
    """A fixed small scale on the digits, deep and shallow: is it far behind the right one?"""
    cases = []
    for hidden, deep in ((1, False), (6, True)):
        for phi, rule in (("tanh", glorot_normal()), ("relu", he_normal())):
            good, careless = (
                np.median(digit_accuracy(hidden, phi, w, normal(0), rng, n=20, count=250))
                for w in (rule, normal(0.01))
            )
            words = f"{phi}, {hidden} hidden layers: {careless:.2f}, with {rule} {good:.2f}"
            cases.append(Case(careless < good - 0.3, deep, words))
    return cases


def c88(rng):
    """Standard normal weights, ten layers: is the gradient a tenth at the bottom, or tenfold?"""
    cases = []
    for phi, width, met in [("relu", 30, True), ("relu", 100, True), ("tanh", 30, True),
                            ("tanh", 100, True), ("sigmoid", 10, True), ("sigmoid", 100, False),
                            ("sigmoid", 120, False)]:  # fmt: skip
        total = factor_per_layer(phi, normal(1), width, 11, rng) ** 9
        words = f"{phi}, {width} units: the gradient is multiplied by {total:.2g}"
        cases.append(Case(not 0.1 < total < 10, met, words))
    return cases


def _weight_gradients(rng, activation, weights, layers=10, width=50):
    """Sizes of the weight gradients of an ensemble of 20, first layer over last; all layers."""
    network = MLP([width] * (layers + 1), activation)
    start = network.initialize(weights, rng=rng, ensemble=(20,))
    x, above = rng.standard_normal((2, 16, width))
    found = network.backward(start, network.forward(start, x), above)
    return np.stack([np.sqrt((g**2).mean(axis=(-2, -1))) for g in found.grad_W], axis=-1)


def c89(rng):
    """At one rule: do the weight gradients shrink to the first layer for every activation?"""
    cases = []
    for weights in (glorot_normal(), he_normal(), normal(1), normal(0.05)):
        ratios = {}
        for phi in ("sigmoid", "tanh", "relu"):
            sizes = _weight_gradients(rng, phi, weights)
            ratios[phi] = np.median(sizes[:, 0] / sizes[:, -1])
        words = ", ".join(f"{phi} {ratio:.2g}" for phi, ratio in ratios.items())
        cases.append(always(max(ratios.values()) < 0.3, f"{weights}, first over last: {words}"))
    return cases


def c90(rng):
    """Which layer's weights have moved least, for their size, after 20 steps?"""
    x, y = rng.standard_normal((64, 20)), rng.standard_normal((64, 20))
    cases = []
    for phi, weights, rule, met in [
        ("sigmoid", glorot_normal(), sgd(), True),
        ("sigmoid", he_normal(), sgd(), True),
        ("relu", variance_scaling(0.5), sgd(), False),
        ("tanh", normal(1), sgd(), False),
        ("sigmoid", glorot_normal(), adam(), False),
    ]:
        network = MLP([20] * 9, phi)
        start = network.initialize(weights, rng=rng, ensemble=(20,))
        end = steps(network, start, x, y, 20, 1e-3, update_rule=rule)
        moved = [np.median(abs(q - p).mean(axis=(-2, -1)) / abs(p).mean(axis=(-2, -1)))
                 for p, q in zip(start.W, end.W, strict=True)]  # fmt: skip
        slow = moved[0] < 0.1 * moved[-1]
        words = f"{phi}, {weights}, {rule}: the first layer moved {moved[0] / moved[-1]:.2g} of"
        cases.append(Case(slow, met, f"{words} the last"))
    return cases


def c91(rng):
    """Smaller and smaller updates: is less learned in the same time, and nothing in the end?"""
    x, y = line(rng)
    cases = []
    for hidden in (6, 8):
        losses, moved = [], []
        for gain in (1.0, 0.4, 0.05):
            network = MLP([5] + [20] * hidden + [1], "tanh")
            start = network.initialize(variance_scaling(gain**2), rng=rng, ensemble=(20,))
            end = steps(network, start, x, y, 150, 0.2, BCE)
            moved.append(np.median(abs(end.W[0] - start.W[0]).max(axis=(-2, -1))))
            losses.append(np.median(final_loss(network, end, x, y)))
        prior = -(y.mean() * np.log(y.mean()) + (1 - y.mean()) * np.log(1 - y.mean()))
        slower = losses[0] < losses[1] - 0.1 and moved[0] > moved[1]
        stopped = losses[2] > prior - 0.01 and moved[2] < 1e-5
        words = ", ".join(f"{m:.0e} (loss {e:.2f})" for m, e in zip(moved, losses, strict=True))
        cases.append(always(slower and stopped, f"{hidden} hidden layers, moves {words}"))
    return cases


def c94(rng):
    """ReLU: does the gradient keep its size over ten layers?"""
    cases = []
    for weights, met in [(he_normal(), True), (glorot_normal(), False), (normal(0.01), False),
                         (lecun_normal(), False)]:  # fmt: skip
        total = factor_per_layer("relu", weights, 100, 12, rng) ** 10
        cases.append(Case(total > 0.3, met, f"{weights}: times {total:.2g} over ten layers"))
    return cases


def c95(rng):
    """Large non-negative weights and sigmoids: does the gradient grow on its way down?"""
    cases = []
    for std in (1, 2, 5):
        weights = Initializer(
            "non-negative", lambda shape, rng, s=std: abs(s * rng.standard_normal(shape))
        )
        network = MLP([30] * 6, "sigmoid")
        start = network.initialize(weights, rng=rng, ensemble=(20,))
        x = rng.random((8, 30))
        above = rng.standard_normal((8, 30))
        delta = network.backward(start, network.forward(start, x), above).delta
        sizes = [np.sqrt((d**2).mean()) for d in (delta[0], delta[-1])]
        words = f"std {std}: {sizes[1]:.1g} at the top, {sizes[0]:.1g} at the bottom"
        cases.append(always(sizes[0] > sizes[1], words))
    return cases


def c116(rng):
    """Half, once and twice He's scale, three layers and thirty: is the gradient within 1/30..30?"""
    cases = []
    for phi, slope in (("relu", 0.0), ("leaky_relu", 0.01)):
        for layers in (3, 30):
            for gain in (0.5, 1.0, 2.0):
                he = 2 / (1 + slope**2)
                weights = variance_scaling(he * gain**2)
                total = factor_per_layer(phi, weights, 100, layers + 2, rng) ** layers
                words = f"{phi}, {layers} layers, {gain} times He: times {total:.1g}"
                met = layers == 3 or gain == 1
                cases.append(Case(1 / 30 < total < 30, met, words))
    return cases
