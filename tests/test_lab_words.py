"""What the package refuses, the lab refuses with the same words; what it measures is the same."""

import math

import numpy as np
import pytest
from helpers import PACKAGE
from node import ask, ask_words

from initlab import _checks, data, diagnostics
from initlab import initializers as inits
from initlab.activations import ACTIVATIONS, get_activation
from initlab.losses import LOSSES, get_loss
from initlab.network import MLP
from initlab.parameters import Parameters
from initlab.training import gradients, train

# ------------------------------------------------------------------ the same words


def refused(act, *arguments, **named) -> str:
    with pytest.raises((ValueError, TypeError)) as caught:
        act(*arguments, **named)
    return str(caught.value)


# Numbers with a fraction, or whole: JavaScript cannot tell 2.0 from 2.
NOT_NUMBERS = [math.nan, math.inf, -math.inf, True, None, "1", "", [1], {"a": [None, "b"]}]
LIMITS = [
    {},
    {"at_least": 0},
    {"above": 0},
    {"below": 1},
    {"at_least": 1, "at_most": 8},
    {"above": 0, "below": 1},
]
OUT_OF_RANGE = [-1, -0.1, -1e-7, -123456.789, -1e22, 0, 9, 100.5, 1e16 + 2, 1.5e300]


def camel(limits):
    return {key.replace("at_l", "atL").replace("at_m", "atM"): v for key, v in limits.items()}


def test_numbers_are_refused_in_the_same_words():
    questions, wanted = [], []
    for check, limits in [
        *(("number", limits) for limits in LIMITS),
        *(("whole", limits) for limits in [{}, {"at_least": 0}, {"at_least": 1, "at_most": 8}]),
    ]:
        ours = getattr(_checks, check)
        for value in [*NOT_NUMBERS, *OUT_OF_RANGE]:
            if isinstance(value, float) and value.is_integer():
                value = int(value) if abs(value) < 2**53 else value
            try:
                ours(value, "depth", **limits)
                wanted.append(None)
            except ValueError as error:
                wanted.append(str(error))
            questions.append({"check": check, "value": value, "what": "depth",
                              "limits": camel(limits)})  # fmt: skip
    assert ask_words("words", questions) == wanted
    assert 20 < wanted.count(None) < len(wanted) / 2


@pytest.mark.filterwarnings("ignore")
def test_settings_are_refused_in_the_words_of_the_package(rng):
    net = MLP([2, 1])
    start = net.initialize(inits.zeros(), rng=rng)
    moons = data.two_moons(64, rng=rng)

    def training(**named):
        given = {"loss": "squared_error", "learning_rate": 0.1, "steps": 1, "rng": rng, **named}
        train(net, start, moons.inputs, moons.targets, **given)

    def normal(std):
        return {"weights": {"name": "normal", "std": std}}

    pairs = [
        *(({"activation": name}, refused(get_activation, name)) for name in ["RELU", None, 3]),
        *(({"loss": name}, refused(get_loss, name)) for name in ["hinge", ["squared_error"]]),
        *((normal(std), refused(inits.normal, std)) for std in [-1, math.nan, "2", None, -2.5]),
        ({"weights": {"name": "uniform", "bound": -0.1}}, refused(inits.uniform, -0.1)),
        ({"weights": {"name": "constant", "value": math.inf}}, refused(inits.constant, math.inf)),
        ({"weights": {"name": "constant"}}, refused(inits.constant, None)),
        ({"weights": {"name": "orthogonal", "gain": -1}}, refused(inits.orthogonal, -1)),
        (
            {"weights": {"name": "equal_columns", "base": {"name": "normal", "std": -3}}},
            refused(lambda: inits.equal_columns(inits.normal(-3))),
        ),
        ({"biases": {"name": "normal", "std": "x"}}, refused(inits.normal, "x")),
        *(
            ({"learning_rate": rate}, refused(training, learning_rate=rate))
            for rate in [-0.5, math.nan, math.inf, "fast"]
        ),
        *(
            ({"batch_size": size, "n_samples": 64}, refused(training, batch_size=size))
            for size in [0, -1, 2.5, "all", 65]
        ),
        *(({"noise": n}, refused(data.two_moons, noise=n, rng=rng)) for n in [-0.1, math.nan]),
        *(({"low": low, "data": "xor"}, refused(data.xor, low)) for low in [1, 2.5, None]),
    ]
    # The lab alone has an upper limit; the words are those of the common check.
    for key, most in [("depth", 8), ("width", 32)]:
        for value in [0, most + 1, 10**9, 2.5, math.nan, "<script>", None]:
            words = refused(_checks.whole, value, key, at_most=most)
            pairs.append(({key: value}, words))
    asked, wanted = zip(*pairs, strict=True)
    assert ask_words("words", [{"settings": given} for given in asked]) == [*wanted]


def test_unknown_names_are_refused_with_the_known_ones():
    settings = [
        {"data": "mnist"},
        {"weights": {"name": "xavier"}},
        {"weights": "zeros"},
        {"weights": None},
        {"biases": {"name": "orthogonal"}},
        {"weights": {"name": "normal", "std": 1, "mean": 0}},
        {"weights": {"name": "equal_columns"}},
        {"colour": "red"},
        {"sum": True},
        {"n_classes": 3},
        {"data": "spirals", "n_classes": 6},
        {"seed": 2**32},
        {"seed": -1},
    ]
    for words, start, end in zip(
        ask_words("words", [{"settings": given} for given in settings]),
        [
            "unknown data: got 'mnist', allowed are 'xor', 'two_moons', 'circles', 'spirals'",
            "unknown initializer: got 'xavier', allowed are 'zeros', 'constant', 'equal_columns',",
            "unknown initializer: got None, allowed are 'zeros'",
            "unknown initializer: got None, allowed are 'zeros'",
            "unknown initializer: got 'orthogonal', allowed are 'zeros', 'constant', 'normal',",
            "unknown parameter of normal: got 'mean', allowed are 'std'",
            "unknown initializer: got None",
            "unknown setting: got 'colour', allowed are 'data', 'n_samples', 'n_classes'",
            "unknown sum: got True, allowed are 'ordered', 'edge_backwards'",
            "n_classes must be a whole number of at least 2 and at most 2, got 3",
            "n_classes must be a whole number of at least 2 and at most 5, got 6",
            "seed must be a whole number of at least 0 and at most 4294967295, got 4294967296",
            "seed must be a whole number of at least 0 and at most 4294967295, got -1",
        ],
        [None] * len(settings),
        strict=True,
    ):
        assert words.startswith(start), (words, end)


def test_values_are_written_as_python_writes_them():
    values = [0, 1, -7, 0.1, 0.5, 1e-4, 1.5e-5, 1e-7, 123.456, 1e15 + 0.5, 1.25e16, 1e22, 5e-324,
              1.7976931348623157e308, -2.5e-10, "it's", 'say "it\'s"', "a\nb", "\\", None, True,
              False, [1, "a", None], {"std": 0.5}, math.nan, math.inf, -math.inf]  # fmt: skip
    assert ask_words("repr", values) == [repr(value) for value in values]


def test_every_name_of_the_package_is_offered():
    for key, registry in [("activation", ACTIVATIONS), ("loss", LOSSES)]:
        (words,) = ask_words("words", [{"settings": {key: "?"}}])
        assert words == refused(_checks.choose, registry, "?", key)
    assert (PACKAGE / "data.py").read_text().count("\ndef ") >= 5


def test_settings_from_outside_are_repaired_with_a_word_on_each():
    absurd = {"depth": 10**9, "width": math.nan, "activation": "<script>alert(1)</script>",
              "learning_rate": -1, "colour": "red", "seed": 7, "__proto__": {"depth": 3},
              "weights": {"name": "normal", "std": -1}}  # fmt: skip
    results = ask_words("repair", [absurd, None, "junk", [], {}, {"depth": 5}])
    first = results[0]
    assert first["config"]["seed"] == 7
    assert first["config"]["depth"] == results[4]["config"]["depth"]
    said = {problem["setting"]: problem["message"] for problem in first["problems"]}
    assert said["depth"] == refused(_checks.whole, 10**9, "depth", at_most=8)
    assert {*said} == {*absurd} - {"seed"}
    for result in results[1:5]:
        assert result == {"config": results[4]["config"], "problems": []}
    assert results[5]["config"]["depth"] == 5


# ------------------------------------------------------------------ the same functions

Z = np.concatenate([
    np.linspace(-8, 8, 1601), [0.0, 1e-300, -1e-300, 1e-9, -1e-9, 2.5, -2.5, 6.0],
    [-40.0, 40.0, -700.0, 700.0, -1e4, 1e4],
])  # fmt: skip


def test_activations_and_derivatives_entry_by_entry():
    names = [*ACTIVATIONS]
    numbers = ask("activations", [{"name": name, "z": Z} for name in names])
    for name, (h, slope) in zip(names, numbers.reshape(len(names), 2, -1), strict=True):
        phi = get_activation(name)
        with np.errstate(all="ignore"):
            wanted, derivative = phi(Z), phi.derivative(Z)
        # A few units in the last place of what is computed with: 1, or z where it is larger.
        unit = np.spacing(np.maximum(1, np.abs(Z)))
        assert (np.abs(h - wanted) <= 4 * unit).all(), name
        assert (np.abs(slope - derivative) <= 4 * unit).all(), name
        assert np.array_equal(slope == 0, derivative == 0) or name in ("gelu", "silu", "sigmoid")
        # Near zero nothing is lost: relative precision down to the smallest numbers.
        tiny = np.abs(Z) < 0.3
        if name in ("tanh", "elu", "gelu", "silu"):
            np.testing.assert_allclose(h[tiny], wanted[tiny], rtol=2e-15, err_msg=name)


def test_losses_and_gradients_where_exponentials_would_overflow():
    outputs = np.array([[0.0, 0.0], [700.0, -700.0], [-1e4, 1e4], [0.3, -2.0], [40.0, 41.0]])
    labels, numbers = np.array([0, 1, 1, 0, 1]), np.array([[0.0, 1.0]] * 5)
    targets = {name: labels if name == "softmax_cross_entropy" else numbers for name in LOSSES}
    found = ask("losses", [
        {"name": name, "outputs": outputs.ravel(), "columns": 2,
         "targets": (np.eye(2)[labels] if y is labels else y).ravel()}
        for name, y in targets.items()
    ]).reshape(len(LOSSES), -1)  # fmt: skip
    for row, (name, y) in zip(found, targets.items(), strict=True):
        loss = get_loss(name)
        np.testing.assert_allclose(row[0], loss(outputs, y), rtol=1e-15)
        np.testing.assert_allclose(row[1:].reshape(5, 2), loss.gradient(outputs, y), atol=1e-16)


# ------------------------------------------------------------------ the same measures

BINS = 40


def measured(case):
    """The tables of measures.js, by name."""
    network, parameters, x, y = case
    depth = network.depth
    (numbers,) = [ask("measures", [{
        "sizes": network.layer_sizes, "activation": network.activations[0].name.split("(")[0],
        "loss": "squared_error", "learningRate": 0,
        "parameters": np.concatenate([a.ravel() for a in parameters.arrays()]),
        "batches": [{"inputs": x.ravel(), "targets": y.ravel()}],
    }])]  # fmt: skip
    sizes = {"rms_h": depth, "rms_delta": depth, "rms_grad_W": depth, "saturated": depth,
             "dead": depth, "distinct": depth - 1, "distinct_rounded": depth - 1,
             "histogram": depth * BINS, "low": depth, "high": depth}  # fmt: skip
    return dict(zip(sizes, np.split(numbers, np.cumsum([*sizes.values()])[:-1]), strict=True))


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_measures_are_those_of_the_package(activation):
    rng = np.random.default_rng(5)
    network = MLP([2, 9, 9, 2], activation)
    start = network.initialize(inits.normal(1.5), inits.normal(1), rng=rng)
    W, b = [a.copy() for a in start.W], [a.copy() for a in start.b]
    # Layer 1: units 0, 3 and 4 are one, to the bit; 5 is off by little, measured by the largest
    # weight; 6 is as near to 5, which is no model, since it is a copy. Layer 2: unit 1 never fires.
    W[0][1, 0] = 40
    for copy in (3, 4, 5, 6):
        W[0][:, copy], b[0][copy], W[1][copy] = W[0][:, 0], b[0][0], W[1][0]
    b[0][5] += 3e-8
    b[0][6] += 6e-8
    W[1][:, 1], b[1][1] = 0, -20
    parameters = Parameters(W, b)
    x, y = rng.standard_normal((50, 2)), rng.standard_normal((50, 2))
    # Unit 7 of layer 1 fires for the last sample alone, which keeps it from being dead.
    W[0][:, 7], b[0][7], x[-1, 0] = [1, 0], -10, 11
    found = measured((network, parameters, x, y))
    trace = network.forward(parameters, x)
    seen = gradients(network, parameters, x, y, loss="squared_error")
    for name, values in diagnostics.layer_statistics(trace, seen).items():
        if name in found:
            np.testing.assert_allclose(found[name], values, rtol=1e-13)
    saturated = [diagnostics.saturation_fraction(activation, z) for z in trace.z[:-1]]
    np.testing.assert_allclose(found["saturated"], [*saturated, np.nan])
    assert min(saturated) > 0
    dead = [diagnostics.dead_fraction(z) for z in trace.z[:-1]]
    np.testing.assert_allclose(found["dead"], [*dead, np.nan] if activation == "relu" else np.nan)
    assert dead[1] > 0
    units = [diagnostics.unit_vectors(parameters, layer) for layer in (1, 2)]
    for name, tolerance in [("distinct", 0), ("distinct_rounded", 1e-9)]:
        wanted = [diagnostics.distinct_units(columns, tolerance) for columns in units]
        assert found[name].tolist() == wanted
    assert found["distinct"][0] == found["distinct_rounded"][0] + 1 == 7
    for layer, h in enumerate(trace.h[1:]):
        fixed = activation == "tanh" and layer < 2
        low, high = (-1, 1) if fixed else (h.min(), h.max())
        np.testing.assert_allclose([found["low"][layer], found["high"][layer]], [low, high])
        counts, _ = np.histogram(h, BINS, (found["low"][layer], found["high"][layer]))
        histogram = found["histogram"][layer * BINS : (layer + 1) * BINS]
        assert histogram.sum() == h.size
        # A value on an edge may fall to either side.
        assert np.abs(np.cumsum(histogram) - np.cumsum(counts)).max() <= 1
