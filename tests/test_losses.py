"""Every loss: its value, its gradient, its behavior for large logits, what it refuses."""

import re

import numpy as np
import pytest
from helpers import central_differences

from initlab.losses import LOSSES, Loss, get_loss

BATCH, OUTPUTS = 5, 3


def squared_by_hand(outputs, y):
    return np.mean([(o - t) @ (o - t) / 2 for o, t in zip(outputs, y, strict=True)])


def softmax_by_hand(outputs, labels):
    return np.mean(
        [
            -np.log(np.exp(row[label]) / np.exp(row).sum())
            for row, label in zip(outputs, labels, strict=True)
        ]
    )


def binary_by_hand(outputs, y):
    s = 1 / (1 + np.exp(-outputs))
    return -(y * np.log(s) + (1 - y) * np.log(1 - s)).sum() / len(outputs)


BY_HAND = {
    "squared_error": squared_by_hand,
    "softmax_cross_entropy": softmax_by_hand,
    "binary_cross_entropy": binary_by_hand,
}


def targets_for(name, rng, shape=(BATCH,)):
    if name == "softmax_cross_entropy":
        return rng.integers(0, OUTPUTS, shape)
    if name == "binary_cross_entropy":
        return rng.random((*shape, OUTPUTS))
    return rng.standard_normal((*shape, OUTPUTS))


def test_every_registered_loss_has_a_definition_here():
    assert BY_HAND.keys() == LOSSES.keys()


@pytest.mark.parametrize("name", LOSSES)
def test_value(name, rng):
    outputs, targets = 3 * rng.standard_normal((BATCH, OUTPUTS)), targets_for(name, rng)
    assert LOSSES[name](outputs, targets) == pytest.approx(BY_HAND[name](outputs, targets), 1e-12)


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("size", [0.1, 1, 10])
def test_gradient_is_that_of_central_differences(name, size, rng):
    loss, targets = LOSSES[name], targets_for(name, rng)
    outputs = size * rng.standard_normal((BATCH, OUTPUTS))
    numeric = central_differences(lambda at: loss(at, targets), outputs)
    np.testing.assert_allclose(loss.gradient(outputs, targets), numeric, rtol=1e-7, atol=1e-9)
    # Control: a gradient without the factor 1 / batch is not within the tolerance.
    assert not np.allclose(BATCH * loss.gradient(outputs, targets), numeric, rtol=0.1, atol=1e-6)


@pytest.mark.parametrize("name", LOSSES)
def test_repeating_the_batch_changes_no_loss_and_halves_the_gradient(name, rng):
    loss, targets = LOSSES[name], targets_for(name, rng)
    outputs = rng.standard_normal((BATCH, OUTPUTS))
    twice = np.concatenate([outputs, outputs]), np.concatenate([targets, targets])
    assert loss(*twice) == pytest.approx(loss(outputs, targets), rel=1e-14)
    np.testing.assert_allclose(
        loss.gradient(*twice)[:BATCH], loss.gradient(outputs, targets) / 2, rtol=1e-14
    )


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("ensemble", [(4,), (2, 3)])
@pytest.mark.parametrize("shared", [True, False])
def test_an_ensemble_equals_the_loop_over_members(name, ensemble, shared, rng):
    loss = LOSSES[name]
    outputs = rng.standard_normal((*ensemble, BATCH, OUTPUTS))
    targets = targets_for(name, rng, (BATCH,) if shared else (*ensemble, BATCH))
    values, gradients = loss(outputs, targets), loss.gradient(outputs, targets)
    assert values.shape == ensemble
    assert gradients.shape == outputs.shape
    for member in np.ndindex(ensemble):
        own = targets if shared else targets[member]
        assert values[member] == pytest.approx(loss(outputs[member], own), rel=1e-13)
        np.testing.assert_allclose(
            gradients[member], loss.gradient(outputs[member], own), rtol=1e-13, atol=1e-16
        )
    assert len(np.unique(values)) == values.size


HUGE = np.array([[1e4, -1e4], [-1e4, 1e4]])


@pytest.mark.parametrize(
    ("name", "targets", "value", "gradient"),
    [
        ("softmax_cross_entropy", [0, 1], 0, [[0, 0], [0, 0]]),
        ("softmax_cross_entropy", [1, 0], 2e4, [[0.5, -0.5], [-0.5, 0.5]]),
        ("binary_cross_entropy", [[1, 0], [0, 1]], 0, [[0, 0], [0, 0]]),
        ("binary_cross_entropy", [[0, 1], [1, 0]], 2e4, [[0.5, -0.5], [-0.5, 0.5]]),
        ("squared_error", [[1e4, -1e4], [-1e4, 1e4]], 0, [[0, 0], [0, 0]]),
    ],
)
def test_logits_of_ten_thousand(name, targets, value, gradient):
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        assert LOSSES[name](HUGE, np.array(targets)) == value
        np.testing.assert_array_equal(LOSSES[name].gradient(HUGE, np.array(targets)), gradient)


def test_an_undecided_classifier_loses_the_logarithm_of_the_classes():
    outputs = np.zeros((7, 10))
    labels = np.arange(7)
    assert LOSSES["softmax_cross_entropy"](outputs, labels) == pytest.approx(np.log(10), rel=1e-15)
    coin = LOSSES["binary_cross_entropy"](np.zeros((7, 1)), np.ones((7, 1)))
    assert coin == pytest.approx(np.log(2), rel=1e-15)


def test_softmax_ignores_a_common_shift(rng):
    loss, labels = LOSSES["softmax_cross_entropy"], [0, 1, 2, 0]
    outputs = rng.standard_normal((4, 3))
    shifted = outputs + np.array([[100.0], [-50], [7], [0]])
    assert loss(shifted, labels) == pytest.approx(loss(outputs, labels), rel=1e-12)
    np.testing.assert_allclose(loss.gradient(outputs, labels).sum(axis=-1), 0, atol=1e-16)


@pytest.mark.parametrize("labels", [[0, 3], [-1, 0]])
def test_labels_out_of_range_are_refused(labels):
    message = f"labels must lie in 0..2 for 3 outputs, got {min(labels)} to {max(labels)}"
    loss = LOSSES["softmax_cross_entropy"]
    for call in (loss, loss.gradient):
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            call(np.zeros((2, 3)), labels)


@pytest.mark.parametrize("labels", [[0.0, 1.0], [True, False], [[1.0, 0, 0], [0, 1, 0]]])
def test_labels_must_be_whole_numbers(labels):
    array = np.asarray(labels)
    with pytest.raises(ValueError, match=r"must be whole numbers of shape \(..., 2\)") as caught:
        LOSSES["softmax_cross_entropy"](np.zeros((2, 3)), labels)
    assert f"got dtype {array.dtype} and shape {array.shape}" in str(caught.value)


@pytest.mark.parametrize("shape", [(5, 1), (1,), ()])
def test_labels_need_one_entry_for_each_sample(shape):
    # (5, 1) broadcasts against 5 samples to 5 x 5 terms: five losses in place of one.
    with pytest.raises(ValueError, match="labels"):
        LOSSES["softmax_cross_entropy"](np.zeros((5, 3)), np.zeros(shape, int))


@pytest.mark.parametrize("name", ["squared_error", "binary_cross_entropy"])
def test_targets_need_a_row_for_each_sample(name):
    with pytest.raises(ValueError, match="targets"):
        LOSSES[name](np.zeros((5, 3)), np.zeros((1, 3)))


@pytest.mark.parametrize("name", ["squared_error", "binary_cross_entropy"])
@pytest.mark.parametrize("shape", [(2,), (2, 2), (3, 2), ()])
def test_targets_need_a_column_for_each_output(name, shape):
    message = (
        "targets must have shape (..., 2, 3), a row for each sample and a column for each "
        f"output, got {shape}"
    )
    loss = LOSSES[name]
    for call in (loss, loss.gradient):
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            call(np.zeros((2, 3)), np.zeros(shape))


@pytest.mark.parametrize("name", ["squared_error", "binary_cross_entropy"])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_targets_must_be_finite(name, bad):
    message = "targets must be finite, got 1 NaN or infinite of 3 values"
    with pytest.raises(ValueError, match=f"^{message}$"):
        LOSSES[name](np.zeros((1, 3)), [[0, bad, 1]])


@pytest.mark.parametrize("targets", [[[0.5, 1.01]], [[-0.01, 1]]])
def test_probabilities_lie_between_0_and_1(targets):
    low, high = min(targets[0]), max(targets[0])
    message = f"targets of binary_cross_entropy must lie in 0..1, got {low:g} to {high:g}"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        LOSSES["binary_cross_entropy"](np.zeros((1, 2)), targets)


def test_get_loss():
    own = Loss("zero", lambda t, n: t, lambda o, t: 0 * o.sum(-1), lambda o, t: 0 * o)
    assert get_loss(own) is own
    assert get_loss("squared_error") is LOSSES["squared_error"]
    assert all(repr(loss) == name for name, loss in LOSSES.items())


@pytest.mark.parametrize("bad", ["mse", None, 0])
def test_unknown_losses_are_refused(bad):
    with pytest.raises(ValueError, match=r"^unknown loss: got ") as caught:
        get_loss(bad)
    assert all(repr(text) in str(caught.value) for text in (bad, *LOSSES))
