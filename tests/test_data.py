"""Data sets: shapes, honest splits, geometry, and what a data set refuses."""

import re

import numpy as np
import pytest
from helpers import ACCEPT, REJECT, ks_p_value
from planes import assert_circles, assert_in_order, assert_moons, assert_spirals

from initlab.data import SPIRAL_START, Dataset, circles, digits, spirals, two_moons, xor

# ------------------------------------------------------------------ exclusive or


@pytest.mark.parametrize("low", [0, 0.0, -1, -0.5])
def test_xor_is_true_where_just_one_input_is_high(low):
    data = xor(low)
    assert {tuple(row) for row in data.inputs} == {(low, low), (low, 1), (1, low), (1, 1)}
    for (a, b), label in zip(data.inputs, data.labels, strict=True):
        assert label == ((a == 1) != (b == 1))
    assert (data.n_classes, len(data), data.targets.shape) == (2, 4, (4, 1))


@pytest.mark.parametrize("bad", [1, 2.0, np.nan, True, None])
def test_xor_needs_a_low_below_the_high(bad):
    message = f"low must be a finite number and below 1, got {bad!r}"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        xor(bad)


# ------------------------------------------------------------------ two moons


@pytest.mark.parametrize("n", [2, 3, 200, 201])
def test_moons_without_noise_are_half_circles(n, rng):
    data = two_moons(n, noise=0, rng=rng)
    assert data.inputs.shape == (n, 2)
    assert_moons(data.inputs, data.labels)


def test_moons_fill_their_arcs_evenly():
    data = two_moons(40_000, noise=0, rng=np.random.default_rng(11))
    for label, center in [(0, (0, 0)), (1, (1, 0.5))]:
        x, y = (data.inputs[data.labels == label] - center).T
        angle = np.arctan2(np.abs(y), x)
        standard = (angle - np.pi / 2) / (np.pi / np.sqrt(12))
        assert ks_p_value(standard, "uniform", 1) > ACCEPT
        assert ks_p_value(np.sqrt(2) * x, "uniform", 1) < REJECT  # control: x is not uniform


@pytest.mark.parametrize("noise", [0.05, 0.3])
def test_noise_is_gaussian_of_the_given_std(noise):
    clean, noisy = (
        two_moons(20_000, noise=n, rng=np.random.default_rng(12)).inputs for n in (0, noise)
    )
    assert ks_p_value(noisy - clean, "normal", noise) > ACCEPT
    assert ks_p_value(noisy - clean, "normal", 1.2 * noise) < REJECT
    assert ks_p_value(noisy - clean, "uniform", noise) < REJECT


def test_moons_repeat_with_a_seed_and_only_then():
    first, same, other = (
        two_moons(50, rng=np.random.default_rng(seed)).inputs for seed in (1, 1, 2)
    )
    assert np.array_equal(first, same)
    assert not np.isclose(first, other).any(axis=1).all()


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"n_samples": 1}, ValueError, "n_samples must be a whole number of at least 2, got 1"),
        (
            {"n_samples": 10.0},
            ValueError,
            "n_samples must be a whole number of at least 2, got 10.0",
        ),
        ({"noise": -0.1}, ValueError, "noise must be a finite number and at least 0, got -0.1"),
        ({"noise": np.nan}, ValueError, "noise must be a finite number and at least 0, got nan"),
        ({"rng": 0}, TypeError, "rng must be a numpy.random.Generator"),
        ({"rng": None}, TypeError, "rng must be a numpy.random.Generator"),
    ],
)
def test_moons_refuse(arguments, error, message, rng):
    with pytest.raises(error, match=f"^{re.escape(message)}"):
        two_moons(**{"rng": rng, **arguments})


# ------------------------------------------------------------------ circles and spirals


@pytest.mark.parametrize("n_classes", [2, 3, 5])
def test_circles_and_spirals_without_noise_are_what_their_names_say(n_classes):
    for make, check in [(circles, assert_circles), (spirals, assert_spirals)]:
        data = make(3001, n_classes, noise=0, rng=np.random.default_rng(13))
        assert (data.inputs.shape, data.n_classes) == ((3001, 2), n_classes)
        check(data.inputs, data.labels, n_classes)
        with pytest.raises(AssertionError):  # control: the classes are told apart
            check(data.inputs, n_classes - 1 - data.labels, n_classes)
    assert SPIRAL_START == 0.1


@pytest.mark.parametrize("make", [circles, spirals])
def test_their_noise_is_gaussian_of_the_given_std(make):
    clean, noisy = (
        make(20_000, 3, noise=n, rng=np.random.default_rng(14)).inputs for n in (0, 0.3)
    )
    assert ks_p_value(noisy - clean, "normal", 0.3) > ACCEPT
    assert ks_p_value(noisy - clean, "normal", 1.2 * 0.3) < REJECT
    assert ks_p_value(noisy - clean, "uniform", 0.3) < REJECT


@pytest.mark.parametrize("make", [circles, spirals])
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_classes": 1}, "n_classes must be a whole number of at least 2, got 1"),
        ({"n_samples": 4, "n_classes": 5}, "n_samples must be a whole number of at least 5, got 4"),
        ({"noise": -1}, "noise must be a finite number and at least 0, got -1"),
        ({"rng": 0}, "rng must be a numpy.random.Generator"),
    ],
)
def test_circles_and_spirals_refuse(make, arguments, message, rng):
    with pytest.raises((ValueError, TypeError), match=f"^{re.escape(message)}"):
        make(**{"rng": rng, **arguments})


@pytest.mark.parametrize(("n", "n_classes"), [(2, 2), (7, 3), (8, 5), (9, 5), (256, 3)])
def test_labels_are_shared_out_in_order(n, n_classes, rng):
    data = circles(n, n_classes, rng=rng)
    assert_in_order(data.labels, n_classes)
    assert data.labels.max() == n_classes - 1


# ------------------------------------------------------------------ handwritten digits


@pytest.mark.parametrize(("share", "n_test"), [(0.2, 359), (0.5, 898), (0.01, 18)])
def test_digits_are_split_without_loss_or_overlap(share, n_test, rng):
    from sklearn.datasets import load_digits

    train, test = digits(share, rng=rng)
    assert (len(train), len(test)) == (1797 - n_test, n_test)
    assert (train.n_classes, test.n_classes) == (10, 10)
    assert train.inputs.shape[1] == test.inputs.shape[1] == 64
    pixels, labels = load_digits(return_X_y=True)
    # Undo the two numbers; what is left are the pixels of the files, each image once.
    both = np.concatenate([train.inputs, test.inputs])
    lowest, highest = both.min(), both.max()
    restored = np.round(16 * (both - lowest) / (highest - lowest)).astype(int)
    found = [*zip(map(tuple, restored.tolist()), [*train.labels, *test.labels], strict=True)]
    wanted = sorted(zip(map(tuple, pixels.astype(int).tolist()), labels.tolist(), strict=True))
    assert sorted(found) == wanted
    assert len({image for image, _ in wanted}) == 1797  # no image twice: the sets are disjoint


def test_digits_are_standardized_by_the_training_set(rng):
    train, test = digits(rng=rng)
    assert train.inputs.mean() == pytest.approx(0, abs=1e-12)
    assert train.inputs.std() == pytest.approx(1, abs=1e-12)
    # The test set is near, and not exactly: its own mean and std were not used.
    assert 1e-6 < abs(test.inputs.mean()) < 0.05
    assert 1e-6 < abs(test.inputs.std() - 1) < 0.05
    # One shift for all pixels: the dark corner pixel of every image has one and the same value.
    assert np.ptp(train.inputs[:, 0]) == 0
    assert train.inputs[0, 0] == train.inputs.min() == test.inputs.min()


def test_digits_are_shuffled_by_the_generator():
    first, same, other = (digits(rng=np.random.default_rng(seed))[1] for seed in (1, 1, 2))
    assert np.array_equal(first.inputs, same.inputs)
    assert np.array_equal(first.labels, same.labels)
    assert not np.array_equal(first.labels, other.labels)
    # About 36 of each class in 359; an unshuffled split would not have all of them alike.
    assert np.bincount(first.labels, minlength=10).min() >= 15


@pytest.mark.parametrize("bad", [0, 1, 1.5, -0.2, np.nan, True])
def test_digits_need_two_parts(bad, rng):
    message = f"test_share must be a finite number and above 0 and below 1, got {bad!r}"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        digits(bad, rng=rng)


def test_digits_need_a_generator():
    with pytest.raises(TypeError, match=r"^rng must be a numpy\.random\.Generator .*, got 0$"):
        digits(rng=0)
    with pytest.raises(TypeError, match="rng"):
        digits()


# ------------------------------------------------------------------ any data set


def test_targets_are_labels_as_a_column():
    data = Dataset("three", [[1, 2], [3, 4], [5, 6]], [2, 0, 1], 3)
    assert data.inputs.dtype == float
    assert data.targets.tolist() == [[2.0], [0.0], [1.0]]
    assert data.targets.dtype == float
    assert len(data) == 3


@pytest.mark.parametrize(
    ("inputs", "labels", "message"),
    [
        ([[np.nan], [1]], [0, 1],
         "inputs of bad must be finite, got 1 NaN or infinite of 2 values"),
        ([[np.inf], [1]], [0, 1], "inputs of bad must be finite"),
        ([1.0, 2.0], [0, 1], "bad needs inputs (n_samples, n_features) and labels (n_samples,), "
         "got (2,) and (2,)"),
        ([[1.0], [2.0]], [0, 1, 1], "bad needs inputs (n_samples, n_features) and labels "
         "(n_samples,), got (2, 1) and (3,)"),
        ([[1.0], [2.0]], [[0], [1]], "bad needs inputs"),
        ([[1.0], [2.0]], [0.0, 1.0], "labels of bad must be whole numbers, got float64"),
        ([[1.0], [2.0]], [True, False], "labels of bad must be whole numbers, got bool"),
        ([[1.0], [2.0]], [0, 2], "labels of bad must lie in 0..1, got 0 to 2"),
        ([[1.0], [2.0]], [-1, 1], "labels of bad must lie in 0..1, got -1 to 1"),
    ],
)  # fmt: skip
def test_datasets_refuse(inputs, labels, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        Dataset("bad", inputs, labels, 2)
