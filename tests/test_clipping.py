"""Clipping, against vectors that are laid out and measured by hand."""

import re

import numpy as np
import pytest

from initlab import initializers as inits
from initlab.clipping import Clip, clip_by_global_norm, clip_by_value, global_norm
from initlab.network import MLP
from initlab.parameters import Parameters
from initlab.training import gradients, momentum, train

CLIPS = [clip_by_value, clip_by_global_norm]


def draw(rng, ensemble=(), size=1.0):
    shapes = [(3, 4), (4, 2), (4,), (2,)]
    return Parameters.from_arrays([size * rng.standard_normal((*ensemble, *s)) for s in shapes])


def flat(parameters, member=()):
    """All numbers of one member, in a row."""
    return np.concatenate([np.ravel(array[member]) for array in parameters.arrays()])


def cosine(a, b):
    return a @ b / np.sqrt((a @ a) * (b @ b))


@pytest.mark.parametrize("ensemble", [(), (5,), (2, 3)])
def test_the_norm_is_that_of_one_long_vector(ensemble, rng):
    found = draw(rng, ensemble)
    norms = global_norm(found)
    assert np.shape(norms) == ensemble
    for member in np.ndindex(ensemble):
        by_hand = sum(float(v) ** 2 for v in flat(found, member)) ** 0.5
        assert norms[member] == pytest.approx(by_hand, rel=1e-14)
    assert global_norm(Parameters([np.array([[3.0]])], [np.array([4.0])])) == 5
    assert global_norm(Parameters([np.zeros((2, 2))], [np.zeros(2)])) == 0


@pytest.mark.parametrize("size", [1e-200, 1e-5, 1e5, 1e200])
def test_the_norm_neither_overflows_nor_vanishes(size, rng):
    found = draw(rng)
    large = Parameters.from_arrays([size * array for array in found.arrays()])
    assert global_norm(large) == pytest.approx(size * global_norm(found), rel=1e-14)
    clipped = clip_by_global_norm(size)(large)
    assert global_norm(clipped) == pytest.approx(size, rel=1e-14)
    assert cosine(flat(clipped) / size, flat(found)) == pytest.approx(1, abs=1e-14)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_finite_passes_as_it_is(bad, rng):
    found = draw(rng, (3,), size=1e160)
    found.W[1][1, 2, 0] = bad
    clipped = clip_by_global_norm(1)(found)
    np.testing.assert_array_equal(flat(clipped, 1), flat(found, 1))
    for healthy in (0, 2):
        assert np.linalg.norm(flat(clipped, healthy)) == pytest.approx(1, rel=1e-14)


@pytest.mark.parametrize("threshold", [0.1, 1, 2.5])
def test_global_norm_shortens_and_keeps_the_direction(threshold, rng):
    found = draw(rng, size=3)
    clipped = clip_by_global_norm(threshold)(found)
    before, after = flat(found), flat(clipped)
    assert np.linalg.norm(before) > threshold
    assert np.linalg.norm(after) == pytest.approx(threshold, rel=1e-14)
    np.testing.assert_allclose(after, before * threshold / np.linalg.norm(before), rtol=1e-14)
    # Negative control: clipping by value turns it. No entry is left longer, some are cut.
    turned = flat(clip_by_value(threshold)(found))
    assert abs(turned).max() == threshold
    assert cosine(turned, before) < 0.99
    assert cosine(after, before) > 1 - 1e-14


def test_layers_are_not_clipped_one_by_one(rng):
    # All layers share one factor; lengths of their own would turn the whole.
    found = Parameters([np.full((1, 1), 30.0), np.full((1, 1), 40.0)], [np.zeros(1), np.zeros(1)])
    clipped = clip_by_global_norm(5)(found)
    assert [W.item() for W in clipped.W] == pytest.approx([3, 4], rel=1e-14)


@pytest.mark.parametrize("make", CLIPS)
def test_what_is_within_the_threshold_is_left_alone(make, rng):
    found = draw(rng, (4,))
    for threshold in (global_norm(found).max(), 1e3):
        clipped = make(threshold)(found)
        for a, b in zip(found.arrays(), clipped.arrays(), strict=True):
            np.testing.assert_array_equal(a, b)
    # Control: a little lower, and something changes.
    lower = make(abs(flat(found)).max() * 0.99)(found)
    assert any((a != b).any() for a, b in zip(found.arrays(), lower.arrays(), strict=True))


def test_values_are_cut_off_one_by_one():
    found = Parameters([np.array([[-7.0, 0.5], [2.0, -2.0]])], [np.array([9.0, -0.1])])
    clipped = clip_by_value(2)(found)
    assert clipped.W[0].tolist() == [[-2, 0.5], [2, -2]]
    assert clipped.b[0].tolist() == [2, -0.1]


@pytest.mark.parametrize("make", CLIPS)
def test_members_of_an_ensemble_are_clipped_separately(make, rng):
    found = draw(rng, (2, 3))
    for array in found.arrays():
        array[1] *= 1000  # three members far above, three below or near the threshold
    together = make(2)(found)
    for member in np.ndindex(2, 3):
        np.testing.assert_array_equal(flat(together, member), flat(make(2)(found[member])))
    lengths = global_norm(clip_by_global_norm(20)(found))
    assert (lengths[0] < 20).all()
    np.testing.assert_allclose(lengths[1], 20, rtol=1e-14)


@pytest.mark.parametrize("make", CLIPS)
def test_gradients_are_not_changed_in_place(make, rng):
    found = draw(rng, size=10)
    before = flat(found).copy()
    make(0.5)(found)
    np.testing.assert_array_equal(flat(found), before)


@pytest.mark.parametrize("ensemble", [(), (2,)])
@pytest.mark.parametrize("make", CLIPS)
def test_precision_is_kept(make, ensemble, rng):
    found = draw(rng, ensemble, size=10)
    single = Parameters.from_arrays([array.astype(np.float32) for array in found.arrays()])
    assert {array.dtype for array in make(1)(single).arrays()} == {np.dtype(np.float32)}


@pytest.mark.parametrize("make", CLIPS)
@pytest.mark.parametrize("threshold", [0, -1, np.inf, np.nan, "1", None, True])
def test_thresholds_are_checked(make, threshold):
    message = f"threshold must be a finite number and above 0, got {threshold!r}"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        make(threshold)


def test_clips_have_names():
    assert repr(clip_by_value(0.5)) == "clip_by_value(0.5)"
    assert repr(clip_by_global_norm(1)) == "clip_by_global_norm(1)"
    assert isinstance(clip_by_value(1), Clip)


# ------------------------------------------------------------------ in training

THRESHOLD, RATE = 0.3, 0.7


def problem(rng, ensemble=()):
    network = MLP([3, 4, 2])
    start = network.initialize(inits.normal(3), rng=rng, ensemble=ensemble)
    return network, start, rng.standard_normal((9, 3)), 10 * rng.standard_normal((9, 2))


def step_vector(network, start, x, y, **options):
    options = {"learning_rate": RATE, "steps": 1} | options
    end = train(network, start, x, y, loss="squared_error", **options).parameters
    return flat(end) - flat(start)


def test_training_clips_the_gradient_before_the_step(rng):
    setting = problem(rng)
    found = gradients(*setting, loss="squared_error")
    gradient = flat(Parameters(found.grad_W, found.grad_b))
    assert np.linalg.norm(gradient) > 10 * THRESHOLD
    step = step_vector(*setting, clip=clip_by_global_norm(THRESHOLD))
    assert np.linalg.norm(step) == pytest.approx(RATE * THRESHOLD, rel=1e-12)
    assert cosine(step, -gradient) == pytest.approx(1, abs=1e-12)
    step = step_vector(*setting, clip=clip_by_value(THRESHOLD))
    np.testing.assert_allclose(step, -RATE * np.clip(gradient, -THRESHOLD, THRESHOLD), atol=1e-12)
    # Controls: without a clip, and with one that is out of reach.
    free = step_vector(*setting)
    assert np.linalg.norm(free) > 10 * RATE * THRESHOLD
    np.testing.assert_array_equal(step_vector(*setting, clip=clip_by_global_norm(1e9)), free)


def test_the_rule_sees_the_clipped_gradient(rng):
    # A thousand steps of a sum that decays by half are at most twice as long as one; clipped
    # behind the rule they could be no longer than one.
    setting = problem(rng)
    rule = momentum(0.5)
    clip = clip_by_global_norm(THRESHOLD)
    one = step_vector(*setting, clip=clip, update_rule=rule)
    two = step_vector(*setting, clip=clip, update_rule=rule, steps=2)
    second = np.linalg.norm(two - one)
    assert RATE * THRESHOLD * 1.01 < second <= RATE * THRESHOLD * 1.5


def test_each_network_of_an_ensemble_has_its_own_bound(rng):
    network, start, x, y = problem(rng, (4,))
    options = {"loss": "squared_error", "learning_rate": RATE, "steps": 3,
               "clip": clip_by_global_norm(THRESHOLD)}  # fmt: skip
    together = train(network, start, x, y, **options).parameters
    for member in range(4):
        alone = train(network, start[member], x, y, **options).parameters
        np.testing.assert_allclose(flat(together, member), flat(alone), rtol=1e-12)


def test_only_a_clip_is_taken(rng):
    with pytest.raises(TypeError, match=r"^clip must be a Clip such as clip_by_global_norm\(1\)"):
        step_vector(*problem(rng), clip=1.0)
