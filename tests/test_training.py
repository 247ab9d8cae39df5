"""Training against recurrences written out by hand, and what training refuses."""

import re
from itertools import chain, pairwise

import numpy as np
import pytest

from initlab import initializers as inits
from initlab.losses import LOSSES, Loss
from initlab.network import MLP
from initlab.parameters import Parameters
from initlab.training import UpdateRule, adam, gradients, momentum, rmsprop, sgd, train

# ------------------------------------------------------------------ update rules by hand


def sgd_by_hand(gradients):
    return list(gradients)


def momentum_by_hand(gradients, decay=0.9):
    steps, v = [], 0.0
    for g in gradients:
        v = decay * v + g
        steps.append(v)
    return steps


def rmsprop_by_hand(gradients, decay=0.9, epsilon=1e-8):
    steps, s = [], 0.0
    for g in gradients:
        s = decay * s + (1 - decay) * g * g
        steps.append(g / (s**0.5 + epsilon))
    return steps


def adam_by_hand(gradients, decay=0.9, square_decay=0.999, epsilon=1e-8):
    steps, m, s = [], 0.0, 0.0
    for t, g in enumerate(gradients, start=1):
        m = decay * m + (1 - decay) * g
        s = square_decay * s + (1 - square_decay) * g * g
        steps.append((m / (1 - decay**t)) / ((s / (1 - square_decay**t)) ** 0.5 + epsilon))
    return steps


RULES = [
    (sgd(), sgd_by_hand, {}),
    (momentum(), momentum_by_hand, {}),
    (momentum(0.5), momentum_by_hand, {"decay": 0.5}),
    (rmsprop(), rmsprop_by_hand, {}),
    (rmsprop(0.6, epsilon=0.1), rmsprop_by_hand, {"decay": 0.6, "epsilon": 0.1}),
    (adam(), adam_by_hand, {}),
    (adam(0.5, 0.8, epsilon=0.1), adam_by_hand,
     {"decay": 0.5, "square_decay": 0.8, "epsilon": 0.1}),
]  # fmt: skip
NAMES = [repr(rule) for rule, *_ in RULES]


@pytest.mark.parametrize(("rule", "by_hand", "settings"), RULES, ids=NAMES)
def test_directions_follow_the_recurrence(rule, by_hand, settings, rng):
    sequence, state, found = rng.standard_normal((12, 3, 2)), None, []
    for step, gradient in enumerate(sequence, start=1):
        direction, state = rule.direction(gradient, state, step)
        found.append(direction)
    expected = [by_hand(sequence[:, i, j], **settings) for i in range(3) for j in range(2)]
    np.testing.assert_allclose(np.array(found).reshape(12, 6).T, expected, rtol=1e-12)


def test_the_recurrences_differ(rng):
    # Control: none of the rules could pass for another one, nor for its own other settings.
    sequence = rng.standard_normal(12)
    ends = [by_hand(sequence, **settings)[-1] for _, by_hand, settings in RULES]
    assert min(abs(a - b) for i, a in enumerate(ends) for b in ends[:i]) > 1e-3


X = np.array([[-1.0], [0.5], [2.0]])
Y = np.array([[0.3], [-0.2], [1.5]])


def line_by_hand(rule_by_hand, settings, steps, rate_w, rate_b):
    """Fit y = w x + b to X, Y: the whole of training, with plain numbers."""
    w, b, ws, bs = 0.7, -0.4, [], []
    losses = []
    for step in range(steps + 1):
        errors = [w * x + b - y for x, y in zip(X[:, 0], Y[:, 0], strict=True)]
        losses.append(sum(e * e / 2 for e in errors) / 3)
        if step == steps:
            return w, b, losses
        ws.append(sum(e * x for e, x in zip(errors, X[:, 0], strict=True)) / 3)
        bs.append(sum(errors) / 3)
        w -= rate_w * rule_by_hand(ws, **settings)[-1]
        b -= rate_b * rule_by_hand(bs, **settings)[-1]


def start_of_line():
    return Parameters([np.array([[0.7]])], [np.array([-0.4])])


@pytest.mark.parametrize(("rule", "by_hand", "settings"), RULES, ids=NAMES)
def test_training_a_line_by_hand(rule, by_hand, settings):
    history = train(
        MLP([1, 1]), start_of_line(), X, Y, loss="squared_error", learning_rate=0.1, steps=9,
        update_rule=rule,
    )  # fmt: skip
    w, b, losses = line_by_hand(by_hand, settings, 9, 0.1, 0.1)
    np.testing.assert_allclose(history.loss, losses, rtol=1e-12)
    np.testing.assert_allclose([history.parameters.W[0].item(), history.parameters.b[0].item()],
                               [w, b], rtol=1e-12)  # fmt: skip
    assert history.steps.tolist() == list(range(10))
    assert history.loss[-1] < 0.9 * history.loss[0]


def test_each_array_may_have_its_own_rate():
    w, b, losses = line_by_hand(momentum_by_hand, {}, 9, 0.1, 0.02)
    history = train(
        MLP([1, 1]), start_of_line(), X, Y, loss="squared_error", steps=9, update_rule=momentum(),
        learning_rate=Parameters([0.1], [0.02]),
    )  # fmt: skip
    np.testing.assert_allclose(history.loss, losses, rtol=1e-12)
    assert history.parameters.b[0].item() == pytest.approx(b, rel=1e-12)
    assert history.parameters.W[0].item() == pytest.approx(w, rel=1e-12)


def test_a_rate_of_zero_holds_just_that_array(rng):
    network, start, x, labels = classifier(rng)
    rates = Parameters([0.1, 0.0], [0.0, 0.1])
    history = train(network, start, x, labels, steps=3, **{**SETTINGS, "learning_rate": rates})
    moved = [
        not np.array_equal(a, b)
        for a, b in zip(start.arrays(), history.parameters.arrays(), strict=True)
    ]
    assert moved == [True, False, False, True]


# ------------------------------------------------------------------ classifiers and ensembles

SETTINGS = {"loss": "softmax_cross_entropy", "learning_rate": 0.3}


def classifier(rng, ensemble=()):
    network = MLP([4, 6, 3], "tanh")
    start = network.initialize(inits.glorot_normal(), inits.normal(0.1), rng=rng, ensemble=ensemble)
    return network, start, rng.standard_normal((20, 4)), rng.integers(0, 3, 20)


def test_full_batch_descent_is_the_gradient_and_nothing_else(rng):
    network, parameters, x, labels = classifier(rng)
    history = train(network, parameters, x, labels, steps=5, **SETTINGS)
    for loss in history.loss:
        trace = network.forward(parameters, x)
        found = network.backward(parameters, trace, LOSSES["softmax_cross_entropy"].gradient(
            trace.outputs, labels))  # fmt: skip
        assert loss == LOSSES["softmax_cross_entropy"](trace.outputs, labels)
        last = parameters
        parameters = Parameters.from_arrays(
            [a - 0.3 * g for a, g in zip(parameters.arrays(), found.arrays(), strict=True)]
        )
    for a, b in zip(history.parameters.arrays(), last.arrays(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_the_start_is_left_as_it_was(rng):
    network, start, x, labels = classifier(rng)
    copies = [array.copy() for array in (*start.arrays(), x, labels)]
    train(network, start, x, labels, steps=3, batch_size=5, rng=rng, dropout=0.2, **SETTINGS)
    for array, copy in zip((*start.arrays(), x, labels), copies, strict=True):
        np.testing.assert_array_equal(array, copy)


@pytest.mark.parametrize("rule", [sgd(), momentum(), rmsprop(), adam()], ids=repr)
@pytest.mark.parametrize("batch_size", [None, 6])
@pytest.mark.parametrize("ensemble", [(3,), (2, 2)])
def test_an_ensemble_equals_the_loop_over_members(rule, batch_size, ensemble, rng):
    network, start, x, labels = classifier(rng, ensemble)
    settings = {**SETTINGS, "learning_rate": 0.02, "steps": 8, "update_rule": rule,
                "batch_size": batch_size}  # fmt: skip
    together = train(network, start, x, labels, rng=np.random.default_rng(7), **settings)
    assert together.loss.shape == (9, *ensemble)
    for member in np.ndindex(ensemble):
        alone = train(network, start[member], x, labels, rng=np.random.default_rng(7), **settings)
        np.testing.assert_allclose(together.loss[(slice(None), *member)], alone.loss, rtol=1e-9)
        for a, b in zip(together.parameters[member].arrays(), alone.parameters.arrays(),
                        strict=True):  # fmt: skip
            np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-9)
    assert np.ptp(together.loss[-1]) > 1e-3  # the members do differ


@pytest.mark.parametrize("extra", [{}, {"batch_size": 6}, {"dropout": 0.3}])
def test_the_same_seed_gives_the_same_history(extra, rng):
    network, start, x, labels = classifier(rng)

    def losses(seed):
        return train(
            network, start, x, labels, steps=6, rng=np.random.default_rng(seed), **extra, **SETTINGS
        ).loss

    assert np.array_equal(losses(1), losses(1))
    assert np.array_equal(losses(1), losses(2)) == (not extra)


# ------------------------------------------------------------------ minibatches and dropout


def seen_batches(n, batch_size, steps, rng):
    """Run training on samples that carry their number; return the numbers batch by batch."""
    batches = []

    def derivative(outputs, targets):
        np.testing.assert_array_equal(outputs, targets)  # inputs and targets stay together
        batches.append(targets[:, 0].astype(int).tolist())
        return 0 * outputs

    spy = Loss("spy", lambda targets, n: targets, lambda o, t: 0 * o.sum(axis=-1), derivative)
    numbers = np.arange(n, dtype=float)[:, None]
    copier = Parameters([np.array([[1.0]])], [np.zeros(1)])
    train(MLP([1, 1]), copier, numbers, numbers, loss=spy, learning_rate=0, steps=steps,
          batch_size=batch_size, rng=rng)  # fmt: skip
    return batches


@pytest.mark.parametrize(("n", "batch_size"), [(12, 3), (12, 12), (12, 1)])
def test_an_epoch_shows_every_sample_once(n, batch_size, rng):
    per_epoch = n // batch_size
    batches = seen_batches(n, batch_size, 3 * per_epoch, rng)
    assert [len(batch) for batch in batches] == [batch_size] * (3 * per_epoch)
    epochs = [[*chain(*batches[k : k + per_epoch])] for k in range(0, len(batches), per_epoch)]
    assert all(sorted(epoch) == list(range(n)) for epoch in epochs)
    assert all(a != b for a, b in pairwise([list(range(n)), *epochs]))  # and shuffled every time


def test_an_incomplete_last_batch_waits_for_the_next_shuffle(rng):
    batches = seen_batches(11, 4, 400, rng)
    assert all(len(set(batch)) == 4 for batch in batches)
    pairs = [a + b for a, b in zip(batches[::2], batches[1::2], strict=True)]
    assert all(len(set(pair)) == 8 for pair in pairs)
    # Each sample is left out of 3 epochs in 11, not always the same one: 200 epochs make 145
    # appearances with standard deviation 6.3.
    counts = np.bincount([*chain(*batches)], minlength=11)
    assert np.abs(counts - 200 * 8 / 11).max() < 4.5 * 6.3


def test_without_a_batch_size_every_step_sees_all_in_order(rng):
    assert seen_batches(5, None, 3, rng) == [[0, 1, 2, 3, 4]] * 3


def test_the_recorded_loss_is_that_of_all_samples(rng):
    network, start, x, labels = classifier(rng)
    history = train(network, start, x, labels, steps=3, batch_size=5, rng=rng, **SETTINGS)
    outputs = network.forward(history.parameters, x).outputs
    assert history.loss[-1] == LOSSES["softmax_cross_entropy"](outputs, labels)


def test_dropout_silences_units_in_training_but_not_in_the_recorded_loss(rng):
    network, start, x, labels = classifier(rng, (4,))
    same = [np.broadcast_to(array[:1], array.shape) for array in start.arrays()]
    start = Parameters.from_arrays(same)
    settings = {"steps": 1, "rng": np.random.default_rng(8), **SETTINGS}
    plain = train(network, start, x, labels, **settings)
    dropped = train(network, start, x, labels, dropout=0.5, **settings)
    np.testing.assert_array_equal(plain.loss[0], dropped.loss[0])
    assert np.ptp(plain.loss[1]) == 0
    assert len(np.unique(dropped.loss[1])) == 4  # every member its own masks


def test_dropout_step_by_hand(rng):
    network, start, x, labels = classifier(rng)
    history = train(
        network, start, x, labels, steps=1, dropout=0.4, rng=np.random.default_rng(9), **SETTINGS
    )
    masks = network.dropout_masks(0.4, 20, rng=np.random.default_rng(9))
    found = gradients(network, start, x, labels, loss="softmax_cross_entropy", masks=masks)
    for a, g, b in zip(start.arrays(), found.arrays(), history.parameters.arrays(), strict=True):
        np.testing.assert_array_equal(a - 0.3 * g, b)


# ------------------------------------------------------------------ what is recorded


@pytest.mark.parametrize("record_at", [[0, 3, 7], [7, 0, 3], (3, 3, 0, 7), np.array([0, 3, 7])])
def test_recorded_steps(record_at, rng):
    network, start, x, labels = classifier(rng)
    every = train(network, start, x, labels, steps=7, **SETTINGS)
    some = train(network, start, x, labels, steps=7, record_at=record_at, **SETTINGS)
    assert some.steps.tolist() == [0, 3, 7]
    np.testing.assert_array_equal(some.loss, every.loss[[0, 3, 7]])
    assert len(np.unique(every.loss)) == 8


def test_training_goes_on_after_the_last_record(rng):
    network, start, x, labels = classifier(rng)
    short = train(network, start, x, labels, steps=7, record_at=[2], **SETTINGS)
    full = train(network, start, x, labels, steps=7, **SETTINGS)
    for a, b in zip(short.parameters.arrays(), full.parameters.arrays(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_observe_sees_the_parameters_of_each_recorded_step(rng):
    network, start, x, labels = classifier(rng, (2,))
    history = train(
        network, start, x, labels, steps=4, record_at=[0, 2, 4], **SETTINGS,
        observe=lambda p: {"norm": np.abs(p.W[0]).sum(axis=(-2, -1)), "b": p.b[1]},
    )  # fmt: skip
    assert history.observed.keys() == {"norm", "b"}
    assert history.observed["norm"].shape == (3, 2)
    assert history.observed["b"].shape == (3, 2, 3)
    np.testing.assert_array_equal(history.observed["b"][0], start.b[1])
    np.testing.assert_array_equal(history.observed["b"][-1], history.parameters.b[1])
    middle = train(network, start, x, labels, steps=2, **SETTINGS).parameters
    np.testing.assert_array_equal(history.observed["b"][1], middle.b[1])


def test_no_steps_is_a_look_at_the_start(rng):
    network, start, x, labels = classifier(rng)
    history = train(network, start, x, labels, steps=0, **SETTINGS)
    assert history.steps.tolist() == [0]
    assert history.observed == {}
    for a, b in zip(history.parameters.arrays(), start.arrays(), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("progress", [True, False])
def test_a_progress_bar_only_where_asked_for(progress, rng, capsys):
    network, start, x, labels = classifier(rng)
    train(network, start, x, labels, steps=3, progress=progress, **SETTINGS)
    shown = capsys.readouterr()
    assert ("4/4" in shown.err) == progress
    assert shown.out == ""


def test_training_works_entry_by_entry(rng):
    # A rule that is told nothing but one array's gradient, its own state and the step.
    calls = []

    def direction(gradient, state, step):
        calls.append((gradient.shape, state, step))
        return 0 * gradient, (state or 0) + 1

    network, start, x, labels = classifier(rng)
    train(network, start, x, labels, steps=2, update_rule=UpdateRule("spy", direction), **SETTINGS)
    shapes = [a.shape for a in start.arrays()]
    assert calls == [(s, None, 1) for s in shapes] + [(s, 1, 2) for s in shapes]


# ------------------------------------------------------------------ refusals


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"inputs": np.full((20, 4), np.nan)}, ValueError,
         "inputs must be finite, got 80 NaN or infinite of 80 values"),
        ({"inputs": np.zeros((19, 4))}, ValueError,
         "labels of softmax_cross_entropy must be whole numbers of shape (..., 19)"),
        ({"inputs": np.zeros((20, 5))}, ValueError,
         "inputs must have shape (..., batch, 4), got (20, 5)"),
        ({"targets": np.zeros(21, int)}, ValueError,
         "labels of softmax_cross_entropy must be whole numbers of shape (..., 20)"),
        ({"targets": 1}, ValueError,
         "labels of softmax_cross_entropy must be whole numbers of shape (..., 20)"),
        ({"targets": np.full(20, 3)}, ValueError,
         "labels must lie in 0..2 for 3 outputs, got 3 to 3"),
        ({"targets": np.full(20, -1)}, ValueError,
         "labels must lie in 0..2 for 3 outputs, got -1 to -1"),
        ({"loss": "mse"}, ValueError, "unknown loss: got 'mse', allowed are 'squared_error'"),
        ({"learning_rate": -0.1}, ValueError,
         "learning_rate must be a finite number and at least 0, got -0.1"),
        ({"learning_rate": np.nan}, ValueError,
         "learning_rate must be a finite number and at least 0, got nan"),
        ({"learning_rate": Parameters([0.1, -1], [0.1, 0.1])}, ValueError,
         "learning_rate must be a finite number and at least 0, got -1"),
        ({"learning_rate": Parameters([0.1], [0.1])}, ValueError,
         "learning_rate must be one number or have one for each of the 4 parameter arrays, got 2"),
        ({"steps": -1}, ValueError, "steps must be a whole number of at least 0, got -1"),
        ({"steps": 2.0}, ValueError, "steps must be a whole number of at least 0, got 2.0"),
        ({"record_at": [0, 6]}, ValueError, "record_at must lie in 0..5, got 6"),
        ({"record_at": [-1]}, ValueError,
         "each step in record_at must be a whole number of at least 0, got -1"),
        ({"record_at": [1.5]}, ValueError,
         "each step in record_at must be a whole number of at least 0, got 1.5"),
        ({"batch_size": 4}, TypeError, "rng must be a numpy.random.Generator"),
        ({"dropout": 0.5}, TypeError, "rng must be a numpy.random.Generator"),
        ({"batch_size": 4, "rng": 0}, TypeError, "rng must be a numpy.random.Generator"),
        ({"batch_size": 21, "rng": np.random.default_rng(0)}, ValueError,
         "batch_size must be at most the 20 samples, got 21"),
        ({"batch_size": 0, "rng": np.random.default_rng(0)}, ValueError,
         "batch_size must be a whole number of at least 1, got 0"),
        ({"batch_size": 2.0, "rng": np.random.default_rng(0)}, ValueError,
         "batch_size must be a whole number of at least 1, got 2.0"),
        ({"dropout": 1.0, "rng": np.random.default_rng(0)}, ValueError,
         "dropout must be a finite number and at least 0 and below 1, got 1.0"),
        ({"dropout": -0.1, "rng": np.random.default_rng(0)}, ValueError,
         "dropout must be a finite number and at least 0 and below 1, got -0.1"),
    ],
)  # fmt: skip
def test_refusals(changes, error, message, rng):
    network, start, inputs, targets = classifier(rng)
    arguments = {"inputs": inputs, "targets": targets, "steps": 5, **SETTINGS, **changes}
    with pytest.raises(error, match=f"^{re.escape(message)}"):
        train(network, start, **arguments)


@pytest.mark.parametrize("shape", [(20,), (3, 20, 4)])
def test_inputs_have_samples_and_features(shape, rng):
    # Three axes are silently cut along the first one when there are minibatches.
    network, start, _, targets = classifier(rng)
    with pytest.raises(ValueError, match=r"inputs must have shape \(n_samples, n_inputs\)"):
        train(network, start, np.zeros(shape), targets, steps=1, batch_size=2, rng=rng, **SETTINGS)


@pytest.mark.parametrize("rule", ["adam", adam, None])
def test_an_update_rule_is_refused_in_words(rule, rng):
    network, start, x, labels = classifier(rng)
    with pytest.raises((TypeError, ValueError), match="update_rule must be"):
        train(network, start, x, labels, steps=1, update_rule=rule, **SETTINGS)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: momentum(1), "decay must be a finite number and at least 0 and below 1, got 1"),
        (lambda: momentum(-0.1), "decay must be a finite number and at least 0 and below 1"),
        (lambda: rmsprop(1.5), "decay must be a finite number and at least 0 and below 1"),
        (lambda: rmsprop(epsilon=0), "epsilon must be a finite number and above 0, got 0"),
        (lambda: adam(1), "decay must be a finite number and at least 0 and below 1, got 1"),
        (lambda: adam(0.9, 1), "square_decay must be a finite number and at least 0 and below 1"),
        (lambda: adam(epsilon=-1), "epsilon must be a finite number and above 0, got -1"),
    ],
)
def test_update_rules_refuse(make, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        make()


@pytest.mark.parametrize(
    ("rule", "name"),
    [(sgd(), "sgd()"), (momentum(0.5), "momentum(0.5)"), (adam(), "adam(0.9, 0.999)")],
)
def test_an_update_rule_says_its_name(rule, name):
    assert repr(rule) == name
