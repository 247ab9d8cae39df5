"""Xavier, He and the scale of weights: C87, C102, C105 to C114."""

import numpy as np

from initlab.activations import leaky_relu
from initlab.diagnostics import dead_fraction, inactive_fraction
from initlab.initializers import (
    Initializer,
    glorot_normal,
    glorot_uniform,
    he_normal,
    lecun_normal,
    normal,
    variance_scaling,
    zeros,
)
from initlab.network import MLP
from initlab.training import gradients
from initlab.trials.case import (
    Case,
    always,
    digit_accuracy,
    digits,
    factor_per_layer,
    steps,
)

LOG = "softmax_cross_entropy"


def c87(rng):
    """Small random weights: does every weight get its own update, and does the network train?"""
    x, y = rng.standard_normal((32, 64)), rng.integers(0, 10, 32)
    cases = []
    for hidden, weights, met in [(1, glorot_normal(), True), (5, glorot_normal(), True),
                                 (5, normal(0.01), False)]:  # fmt: skip
        network = MLP([64] + [16] * hidden + [10], "tanh")
        found = gradients(network, network.initialize(weights, rng=rng), x, y, loss=LOG)
        distinct = all(len(np.unique(g)) == g.size for g in found.grad_W)
        share = np.median(digit_accuracy(hidden, "tanh", weights, zeros(), rng))
        words = f"{hidden} hidden layers, {weights}: all updates differ {distinct}, {share:.2f}"
        cases.append(Case(distinct and share > 0.8, met, words))
    return cases


def c102(rng):
    """Standard normal weights, a hundred units: is the gradient worse off than with Xavier?"""
    cases = []
    for phi, met in (("tanh", True), ("relu", True), ("identity", True), ("sigmoid", False)):
        large, usual = (
            factor_per_layer(phi, w, 100, 11, rng) for w in (normal(1), glorot_normal())
        )
        worse = abs(np.log(large)) > abs(np.log(usual)) + 0.2
        words = f"{phi}: times {large:.2f} a layer, with Xavier {usual:.2f}"
        cases.append(Case(worse, met, words))
    return cases


def c105(rng):
    """One over the variance of LeCun's weights: the connections of a unit, or of its layer?"""
    cases = []
    for fan_in, fan_out in ((300, 100), (100, 300)):
        network = MLP([fan_in, fan_out])
        W = network.initialize(lecun_normal(), rng=rng).W[0]
        fan = 1 / W.var()
        unit = np.count_nonzero(W[:, 0])
        for words, count, met in (("unit", unit, True), ("layer", np.count_nonzero(W), False)):
            holds = abs(fan / count - 1) < 0.05
            words = f"fan-in by the variance {fan:.0f}, into a {words} lead {count}"
            cases.append(Case(holds, met, words))
    return cases


def _slope(sizes, values) -> float:
    """The exponent of a power law, fitted on logarithmic axes."""
    return float(np.polyfit(np.log(sizes), np.log(values), 1)[0])


def _preactivation_size(rng, weights, n):
    x = rng.standard_normal((200, n))
    return np.sqrt(((x @ weights((n, 50), rng=rng)) ** 2).mean())


def c106(rng):
    """The size of a preactivation, for 10 to 3000 inputs: how does it grow?"""
    sizes = [10, 30, 100, 300, 1000, 3000]
    mixed = _slope(sizes, [_preactivation_size(rng, normal(1), n) for n in sizes])
    same = _slope(sizes, [float(np.ones(n) @ abs(rng.standard_normal(n))) for n in sizes])
    return [
        always(0.45 < mixed < 0.55, f"weights of mean zero: exponent {mixed:.2f}"),
        always(0.9 < same < 1.1, f"weights and inputs of one sign: exponent {same:.2f}"),
    ]


def _over(power: float) -> Initializer:
    """Normal weights of standard deviation ``fan_in ** -power``."""
    return Initializer(
        f"std fan_in^-{power}",
        lambda shape, rng: shape[-2] ** -power * rng.standard_normal(shape),
        needs_fans=True,
    )


def c107(rng):
    """Weights of size 1/fan_in: do they keep the signal, and the gradient, and are they Xavier?"""
    sizes = [10, 30, 100, 300, 1000]
    cases = []
    for power, keeps in ((1.0, False), (0.5, True)):
        slope = _slope(sizes, [_preactivation_size(rng, _over(power), n) for n in sizes])
        factor = factor_per_layer("tanh", _over(power), 100, 11, rng)
        assert (abs(slope) < 0.05 and factor > 0.8) == keeps, "the root is what keeps the signal"
    cases.append(always(abs(slope) > 0.3, f"size of the signal, root: exponent {slope:.2f}"))
    for n in (100, 400):
        xavier = glorot_normal()((n, n), rng=rng).std()
        words = f"{n} inputs: Xavier's std {xavier:.4f}, 1/n {1 / n:.4f}, root {n**-0.5:.4f}"
        cases.append(always(abs(xavier * n - 1) < 0.2, words))
    return cases


def c108(rng):
    """Weights that go like 1/fan_in: is the signal below a tenth of the input's size?"""
    cases = []
    for words, n, layers, weights, met in [
        ("400 inputs", 400, 1, _over(1), True),
        ("ten layers of 100", 100, 10, _over(1), True),
        ("ten layers of 10", 10, 10, _over(1), True),
        ("8 inputs, one layer", 8, 1, _over(1), False),
        ("100 inputs, one sign", 100, 1, Initializer("1/n", lambda shape, rng: np.full(
            shape, 1 / shape[-2])), False),
    ]:  # fmt: skip
        x = rng.random((100, n)) + 0.5
        network = MLP([n] * (layers + 1), "identity")
        start = network.initialize(weights, rng=rng, ensemble=(20,))
        size = np.sqrt((network.forward(start, x).outputs ** 2).mean() / (x**2).mean())
        cases.append(Case(size < 0.1, met, f"{words}: {size:.2g} of the input"))
    return cases


def c109(rng):
    """Both versions of Xavier: the variance, and the interval of the uniform one."""
    cases = []
    for fan_in, fan_out in ((300, 100), (50, 400)):
        variance = 2 / (fan_in + fan_out)
        uniform, gauss = (f((20, fan_in, fan_out), rng=rng) for f in
                          (glorot_uniform(), glorot_normal()))  # fmt: skip
        bound = np.sqrt(6 / (fan_in + fan_out))
        fits = [abs(W.var() / variance - 1) < 0.02 for W in (uniform, gauss)]
        inside = 0.999 * bound < abs(uniform).max() <= bound < abs(gauss).max()
        words = f"({fan_in}, {fan_out}): variances fit {fits}, bound {bound:.4f}"
        cases.append(always(all(fits) and inside, words))
    return cases


def c110(rng):
    """Xavier: does at least a twentieth of the gradient get through?"""
    cases = []
    for phi, layers, met in (("tanh", 2, True), ("tanh", 10, True), ("tanh", 20, True),
                             ("sigmoid", 2, True), ("sigmoid", 10, False)):  # fmt: skip
        total = factor_per_layer(phi, glorot_normal(), 100, layers + 2, rng) ** layers
        words = f"{phi}, {layers} layers: times {total:.2g}"
        cases.append(Case(total > 0.03, met, words))
    return cases


def c111(rng):
    """He's weights: mean, variance and tails, against twice 1/fan_in."""
    cases = []
    for fan_in, fan_out in ((300, 100), (50, 400)):
        W = he_normal()((20, fan_in, fan_out), rng=rng)
        std = np.sqrt(2 / fan_in)
        ratio, mean = W.var() / std**2, W.mean() / std
        kurtosis = ((W / std) ** 4).mean()
        words = f"{fan_in} inputs: variance {ratio:.3f} of 2/n, fourth moment {kurtosis:.2f}"
        cases.append(always(abs(ratio - 1) < 0.02 and abs(mean) < 0.01 and abs(kurtosis - 3) < 0.1,
                            words))  # fmt: skip
    return cases


def c112(rng):
    """He's variance for rectifiers: is the gradient within 1/3..3 after 30 layers?"""
    cases = []
    for slope, met in ((0.0, True), (0.01, True), (0.1, True), (0.5, False), (0.7, False)):
        total = _leaky_total(rng, slope, he_normal())
        mended = _leaky_total(rng, slope, he_normal(slope))
        assert 1 / 3 < mended < 3, "the corrected variance keeps it"
        words = f"slope {slope}: times {total:.2g}, corrected {mended:.2g}"
        cases.append(Case(1 / 3 < total < 3, met, words))
    return cases


def _leaky_total(rng, slope, weights) -> float:
    return factor_per_layer(leaky_relu(slope), weights, 100, 32, rng) ** 30


def c113(rng):
    """A standard normal number over the root of m/2, against He's weights."""
    cases = []
    for m in (50, 300):
        ours = he_normal()((m, 2000), rng=rng).std()
        theirs = (rng.standard_normal((m, 2000)) / np.sqrt(m / 2)).std()
        words = f"m = {m}: {ours:.4f} and {theirs:.4f}"
        cases.append(always(abs(ours / theirs - 1) < 0.02, words))
    return cases


def c114(rng):
    """ReLU on the digits with He: dead units before and after training; negative inputs."""
    x, labels, *_ = digits(rng)
    network = MLP([64, 32, 32, 10], "relu")
    start = network.initialize(he_normal(), rng=rng, ensemble=(20,))
    end = steps(network, start, x, labels, 300, 0.1, LOG, batch_size=64, rng=rng)
    cases = []
    for words, parameters in (("at the start", start), ("after training", end)):
        z = network.forward(parameters, x).z[:2]
        off = np.mean([inactive_fraction(v) for v in z])
        dead = np.mean([dead_fraction(v) for v in z])
        words = f"{words}: {dead:.1%} of the units dead, {off:.0%} of the preactivations negative"
        cases.append(always(dead > 0.3, words))
    factors = [factor_per_layer("relu", variance_scaling(s), 100, 11, rng) for s in (1, 2)]
    assert factors[0] < 0.75 < 0.95 < factors[1], "the factor 2 is right from the first pass on"
    return cases
