"""The predictions that assignment 1 asks for, confirmed by training the networks it describes."""

import re

import numpy as np
import pytest
from helpers import ROOT

from initlab import data, training
from initlab.diagnostics import accuracy, distinct_units
from initlab.initializers import constant, equal_columns, equal_rows, glorot_normal, normal, zeros
from initlab.network import MLP, ordered_matmul
from initlab.residual import ResidualMLP
from initlab.training import gradients, train

MASTER = ROOT / "assignments" / "break-the-symmetry" / "master.py"


@pytest.fixture(scope="module")
def solutions():
    """What the solutions' cells define."""
    space = {"np": np}
    pattern = r"# # BEGIN SOLUTION\s+# %%\n(.*?)# %% \[raw\]"
    for cell in re.findall(pattern, MASTER.read_text(encoding="utf-8"), flags=re.DOTALL):
        exec(cell, space)
    return space


# ------------------------------------------------------------------ question 5

RANDOM = normal(0.5)
STARTS = {  # incoming weights, hidden biases, outgoing weights, activation, options of training
    "A": (constant(0.3), zeros(), constant(0.3), "tanh", {}),
    "B": (constant(0.3), zeros(), constant(0.3), "tanh",
          {"batch_size": 4, "update_rule": training.adam(), "learning_rate": 0.01}),
    "C": (constant(0.3), RANDOM, constant(0.3), "tanh", {}),
    "D": (equal_columns(RANDOM), zeros(), constant(0.3), "tanh", {}),
    "E": (equal_columns(RANDOM), zeros(), RANDOM, "tanh", {}),
    "F": (equal_rows(RANDOM), zeros(), constant(0.3), "tanh", {}),
    "G": (zeros(), zeros(), zeros(), "sigmoid", {}),
    "H": (zeros(), zeros(), RANDOM, "tanh", {}),
}  # fmt: skip


def units_before_and_after(letter, rng):
    incoming, bias, outgoing, phi, options = STARTS[letter]
    x, y = rng.standard_normal((32, 5)), rng.standard_normal((32, 2))
    network = MLP([5, 6, 2], phi, matmul=ordered_matmul)
    start = network.initialize([incoming, outgoing], [bias, zeros()], rng=rng)
    options = {"learning_rate": 0.1, "rng": rng} | options
    run = train(network, start, x, y, loss="squared_error", steps=100, record_at=[], **options)
    return tuple(
        int(distinct_units(np.vstack([p.W[0], p.b[0]]), tolerance=0))
        for p in (start, run.parameters)
    )


@pytest.mark.parametrize("letter", STARTS)
def test_how_many_units_differ(letter, solutions, rng):
    assert solutions["different_units"][letter] == units_before_and_after(letter, rng)


# ------------------------------------------------------------------ questions 6 and 7


def gradient_sizes(depth, phi, biases, rng, rate=0.1):
    """The largest gradient of a weight, by step and layer."""
    x = rng.standard_normal((40, 5))
    y = (x[:, :1] > 0.4).astype(float)
    network = MLP([5] + [16] * (depth - 1) + [1], phi, matmul=ordered_matmul)
    start = network.initialize(zeros(), biases, rng=rng)

    def see(p):
        found = gradients(network, p, x, y, loss="binary_cross_entropy")
        return {"size": np.array([abs(g).max() for g in found.grad_W])}

    run = train(network, start, x, y, loss="binary_cross_entropy", learning_rate=rate,
                steps=depth + 1, observe=see)  # fmt: skip
    return run.observed["size"]


@pytest.mark.parametrize("depth", [1, 2, 4, 5])
@pytest.mark.parametrize("phi", ["sigmoid", "tanh", "relu"])
@pytest.mark.parametrize("biases", ["random", "zero"])
def test_when_the_first_gradient_arrives(depth, phi, biases, solutions, rng):
    draw = {"random": normal(1), "zero": zeros()}[biases]
    lit = gradient_sizes(depth, phi, draw, rng) > 0
    found = [int(layer.argmax()) + 1 if layer.any() else None for layer in lit.T]
    assert solutions["first_gradients"](depth, phi, biases) == found


def test_how_faint_it_is(solutions):
    rates = [1e-4, 1e-5]
    first = [
        np.diagonal(gradient_sizes(5, "tanh", normal(1), np.random.default_rng(0), rate)[:, ::-1])
        for rate in rates
    ]
    slopes = np.log10(first[0] / first[1])
    assert [round(slope) for slope in slopes] == [solutions["exponent"](k) for k in range(5)]


# ------------------------------------------------------------------ question 9


def fate(letter, digits, rng):
    """One of the four words, from what training does to the network of a letter."""
    residual = ResidualMLP(64, 16, 10, blocks=2, activation="tanh", matmul=ordered_matmul)
    last = [zeros() if i in residual.branch_ends else glorot_normal()
            for i in range(residual.depth)]  # fmt: skip
    deep, shallow, out = [64, 16, 16, 16, 10], [64, 16, 10], [glorot_normal(), zeros()]
    network, weights, biases = {
        "A": (MLP(deep, "tanh", matmul=ordered_matmul), zeros(), zeros()),
        "B": (MLP(deep, "sigmoid", matmul=ordered_matmul), zeros(), zeros()),
        "C": (MLP(deep, "tanh", matmul=ordered_matmul), zeros(), normal(1)),
        "D": (residual, last, zeros()),
        "E": (MLP(shallow, "tanh", matmul=ordered_matmul), out, zeros()),
        "F": (MLP([64, 10], matmul=ordered_matmul), zeros(), zeros()),
    }[letter]
    start = network.initialize(weights, biases, rng=rng)
    x, y = digits.inputs[:300], digits.labels[:300]

    def see(p):
        found = gradients(network, p, x, y, loss="softmax_cross_entropy")
        return {"lit": np.array([abs(g).max() > 0 for g in found.grad_W])}

    run = train(network, start, x, y, loss="softmax_cross_entropy", learning_rate=0.3, steps=200,
                batch_size=50, rng=rng, record_at=[0, 1, 2, 3, 4, 5], observe=see)  # fmt: skip
    if not any((W != V).any() for W, V in zip(start.W, run.parameters.W, strict=True)):
        return "stuck"
    h = network.forward(run.parameters, x).h
    if len(run.parameters.W) > 1 and distinct_units(h[1], tolerance=0) == 1:
        return "tied"
    if not run.observed["lit"][:2].any(axis=0).all():
        return "delayed"
    assert accuracy(h[-1], y) > 0.85
    return "fine"


@pytest.mark.parametrize("letter", "ABCDEF")
def test_what_becomes_of_six_zeros(letter, solutions, rng):
    train_set, _ = data.digits(rng=rng)
    assert solutions["fate"][letter] == fate(letter, train_set, rng)


# ------------------------------------------------------------------ question 10


def test_what_learns_the_circle():
    """Any start of a sensible size does it with room to spare, and the broken ones are far off."""
    space = {"np": np}
    text = MASTER.read_text(encoding="utf-8")
    exec(text[text.index("def points(seed)") : text.index("# %% [markdown]\n# And here is")], space)

    def losses(weight, bias=0.0):
        found = []
        for seed in range(6):
            rng, pairs = np.random.default_rng(seed), [(2, 8), (8, 8), (8, 1)]
            W = [weight(*pair) * rng.standard_normal(pair) for pair in pairs]
            b = [bias * rng.standard_normal(n) for _, n in pairs]
            found.append(space["train"](W, b, *space["points"](100))[0])
        return np.array(found)

    for scale in (lambda i, o: (2 / (i + o)) ** 0.5, lambda i, o: i**-0.5, lambda i, o: 1.0):
        assert (losses(scale) < 0.25).all()
    assert (losses(lambda i, o: 0.01) > 0.6).all()
    assert (losses(lambda i, o: 0.0, bias=1.0) > 0.5).all()
