"""Comparing units and measuring layers, against loops that could not be simpler."""

import re

import numpy as np
import pytest

from initlab import initializers as inits
from initlab.activations import ACTIVATIONS
from initlab.diagnostics import (
    accuracy,
    dead_fraction,
    distinct_units,
    first_non_finite,
    inactive_fraction,
    layer_statistics,
    rms,
    saturation_fraction,
    unit_groups,
    unit_spread,
    unit_vectors,
    update_to_weight_ratio,
)
from initlab.network import MLP
from initlab.parameters import Parameters
from initlab.training import gradients


def groups_by_hand(columns, tolerance):
    """Loop over members and units: the first earlier unit no entry of which is farther off."""
    columns = np.asarray(columns)
    groups = np.empty(columns.shape[:-2] + columns.shape[-1:], int)
    for member in np.ndindex(columns.shape[:-2]):
        own = columns[member]
        limit = tolerance * max(abs(x) for x in own.ravel())
        for j in range(own.shape[1]):
            groups[(*member, j)] = next(
                i for i in range(j + 1) if all(abs(a - b) <= limit for a, b in own[:, [i, j]])
            )
    return groups


def columns_with_copies(rng, ensemble, rows=4, units=9, noise=0.0):
    """Columns drawn from a small pool, so that equal ones are common; noise below the scale."""
    pool = rng.standard_normal((*ensemble, rows, 4))
    choice = rng.integers(0, 4, (*ensemble, 1, units))
    chosen = np.take_along_axis(pool, np.broadcast_to(choice, (*ensemble, rows, units)), axis=-1)
    return chosen + noise * rng.uniform(-1, 1, chosen.shape)


@pytest.mark.parametrize("ensemble", [(), (5,), (2, 3)])
@pytest.mark.parametrize(("noise", "tolerance"), [(0, 0), (0, 1e-9), (1e-12, 1e-9), (1e-3, 1e-9),
                                                  (1e-3, 0.1), (1.0, 0.3)])  # fmt: skip
def test_groups_are_those_of_the_loop(ensemble, noise, tolerance, rng):
    columns = columns_with_copies(rng, ensemble, noise=noise)
    groups = unit_groups(columns, tolerance)
    expected = groups_by_hand(columns, tolerance)
    np.testing.assert_array_equal(groups, expected)
    counts = distinct_units(columns, tolerance)
    assert counts.shape == ensemble
    for member in np.ndindex(ensemble):
        leaders = [j for j, g in enumerate(expected[member]) if g == j]
        assert counts[member] == len(leaders)
    many = noise > tolerance  # then no two agree; else copies were found
    assert (counts == 9).all() == many or tolerance > 0.1
    assert (counts >= 1).all()


def test_groups_of_a_small_example():
    columns = np.array([[1.0, 2, 1, 2, 3], [0, 5, 0, 5, 5]])
    assert unit_groups(columns).tolist() == [0, 1, 0, 1, 4]
    assert distinct_units(columns) == 3
    assert distinct_units(np.ones((3, 7))) == 1
    assert distinct_units(np.zeros((3, 7))) == 1
    assert distinct_units(np.eye(7)) == 7


@pytest.mark.parametrize("scale", [1e-150, 1e-6, 1.0, 1e6])
@pytest.mark.parametrize("tolerance", [1e-9, 1e-3, 0.5])
def test_tolerance_is_relative_and_has_two_sides(scale, tolerance):
    # Three units: the largest value of the array is 2; the second differs from the first by gap.
    for gap, equal in [(1.98 * tolerance, True), (2.02 * tolerance, False)]:
        columns = scale * np.array([[1.0, 1.0 - gap, -2.0], [1.0, 1.0, 1.0]])
        assert distinct_units(columns, tolerance) == (2 if equal else 3)


def test_zero_tolerance_asks_for_the_last_bit():
    columns = np.array([[1.0, np.nextafter(1.0, 2), 1.0]])
    assert unit_groups(columns, tolerance=0).tolist() == [0, 1, 0]
    assert unit_groups(columns).tolist() == [0, 0, 0]


def test_the_size_that_counts_is_the_members_own():
    # A huge member must not blur the differences of a small one.
    small = np.array([[1.0, 1.001]])
    columns = np.stack([small, 1e6 * np.ones((1, 2))])
    assert distinct_units(columns, 1e-4).tolist() == [2, 1]


@pytest.mark.parametrize("bad", [-1e-9, np.nan, None, True])
def test_bad_tolerances_are_refused(bad):
    message = f"tolerance must be a finite number and at least 0, got {bad!r}"
    for function in (unit_groups, distinct_units):
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            function(np.eye(2), bad)


def test_a_network_that_diverged_has_not_collapsed():
    columns = np.array([[1.0, 2, 3], [1, np.nan, 3]])
    assert unit_groups(columns).tolist() == [0, 1, 2]
    for value in (np.nan, np.inf):
        assert distinct_units(np.full((2, 3), value)) == 3
        assert distinct_units(np.array([[1.0, 1, value]])) == 2


def test_a_copy_is_a_copy_of_a_unit_that_is_none():
    # Within the tolerance 1 equals 2 and 2 equals 3, but 1 does not equal 3.
    columns = np.array([[1.0, 1.09, 1.18]])
    groups = unit_groups(columns, tolerance=0.08)
    assert groups.tolist() == [0, 0, 2]
    assert distinct_units(columns, 0.08) == len(set(groups.tolist())) == 2


@pytest.mark.parametrize("ensemble", [(), (3,), (2, 3)])
def test_spread_is_the_largest_gap_in_any_row(ensemble, rng):
    columns = rng.standard_normal((*ensemble, 4, 6))
    spread = unit_spread(columns)
    assert np.shape(spread) == ensemble
    for member in np.ndindex(ensemble):
        rows = columns[member].tolist()
        assert spread[member] == max(max(row) - min(row) for row in rows)
    assert unit_spread(np.repeat(columns[..., :1], 6, axis=-1)).max() == 0


@pytest.mark.parametrize("ensemble", [(), (3,)])
@pytest.mark.parametrize("layer", [1, 2])
def test_unit_vectors_hold_all_that_touches_a_unit(ensemble, layer, rng):
    network = MLP([3, 4, 5, 2])
    parameters = network.initialize(inits.normal(1), inits.normal(1), rng=rng, ensemble=ensemble)
    vectors = unit_vectors(parameters, layer)
    fan_in, units, fan_out = network.layer_sizes[layer - 1 : layer + 2]
    assert vectors.shape == (*ensemble, fan_in + 1 + fan_out, units)
    for member in np.ndindex(ensemble):
        own = parameters[member]
        for k in range(units):
            by_hand = [*own.W[layer - 1][:, k], own.b[layer - 1][k], *own.W[layer][k, :]]
            np.testing.assert_array_equal(vectors[member][:, k], by_hand)


@pytest.mark.parametrize("bad", [0, 3, -1, 1.0, True])
def test_unit_vectors_refuses_what_is_no_hidden_layer(bad, rng):
    parameters = MLP([3, 4, 5, 2]).initialize(inits.zeros(), rng=rng)
    with pytest.raises(ValueError, match=r"^layer must be .*, got ") as caught:
        unit_vectors(parameters, bad)
    assert str(caught.value).endswith(repr(bad))


@pytest.mark.parametrize("ensemble", [(), (3,), (2, 3)])
def test_accuracy_counts(ensemble, rng):
    outputs, labels = rng.standard_normal((*ensemble, 40, 4)), rng.integers(0, 4, 40)
    found = accuracy(outputs, labels)
    assert np.shape(found) == ensemble
    for member in np.ndindex(ensemble):
        right = 0
        for row, label in zip(outputs[member].tolist(), labels, strict=True):
            right += row.index(max(row)) == label
        assert found[member] == right / 40
    assert accuracy(np.eye(4)[labels], labels) == 1
    assert accuracy(np.eye(4)[(labels + 1) % 4], labels) == 0


@pytest.mark.parametrize("ensemble", [(), (3,)])
def test_layer_statistics_are_root_mean_squares(ensemble, rng):
    network = MLP([3, 4, 5, 2], "softplus")
    parameters = network.initialize(inits.he_normal(), inits.normal(1), rng=rng, ensemble=ensemble)
    x, y = 2 + rng.standard_normal((7, 3)), rng.standard_normal((7, 2))
    trace = network.forward(parameters, x)
    found = gradients(network, parameters, x, y, loss="squared_error")
    statistics = layer_statistics(trace, found)
    sources = {
        "rms_z": trace.z, "rms_h": trace.h[1:], "rms_delta": found.delta,
        "rms_grad_W": found.grad_W,
    }  # fmt: skip
    assert statistics.keys() == sources.keys()
    for name, arrays in sources.items():
        assert statistics[name].shape == (*ensemble, 3)
        for layer, array in enumerate(arrays):
            for member in np.ndindex(ensemble):
                numbers = array[member].ravel().tolist()
                rms = (sum(v * v for v in numbers) / len(numbers)) ** 0.5
                assert statistics[name][(*member, layer)] == pytest.approx(rms, rel=1e-12)
                # Not the standard deviation, which takes the mean away first.
                assert abs(rms - np.std(numbers)) > 1e-4 * rms


def test_statistics_ignore_who_is_who(rng):
    # Renaming units must change no statistic and no count.
    network = MLP([3, 6, 2])
    parameters = network.initialize(inits.he_normal(), inits.normal(1), rng=rng)
    parameters.W[0][:, 3] = parameters.W[0][:, 1]
    order = rng.permutation(6)
    renamed = Parameters([parameters.W[0][:, order], parameters.W[1][order]],
                         [parameters.b[0][order], parameters.b[1]])  # fmt: skip
    assert distinct_units(parameters.W[0]) == distinct_units(renamed.W[0]) == 5
    assert distinct_units(unit_vectors(parameters, 1)) == 6


# ------------------------------------------------------------------ overflow

PLACES = [("input", 0)]
PLACES += [(name, layer) for layer in (1, 2, 3) for name in ("z", "h")]
PLACES += [(name, layer) for layer in (3, 2, 1) for name in ("delta", "grad_W", "grad_b")]


def both_passes(rng, ensemble=(2,)):
    network = MLP([3, 4, 5, 2], "tanh", "tanh")  # of the identity, z and h are one array
    parameters = network.initialize(inits.he_normal(), rng=rng, ensemble=ensemble)
    x, y = rng.standard_normal((7, 3)), rng.standard_normal((7, 2))
    trace = network.forward(parameters, x)
    return trace, gradients(network, parameters, x, y, loss="squared_error")


def array_at(trace, found, name, layer):
    if name in ("input", "h"):
        return trace.h[layer]
    return getattr(trace if name == "z" else found, name)[layer - 1]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("place", PLACES, ids=str)
def test_the_first_non_finite_number_is_found(place, bad, rng):
    trace, found = both_passes(rng)
    assert first_non_finite(trace, found) is None
    # One bad number here and in everything computed later, none before.
    for name, layer in PLACES[PLACES.index(place) :]:
        array = array_at(trace, found, name, layer)
        array[tuple(rng.integers(0, size) for size in array.shape)] = bad
    assert first_non_finite(trace, found) == place


def test_without_gradients_only_the_forward_pass_is_looked_at(rng):
    trace, found = both_passes(rng)
    found.delta[1][0, 0, 0] = np.nan
    assert first_non_finite(trace) is None
    assert first_non_finite(trace, found) == ("delta", 2)


def test_largest_numbers_are_still_finite(rng):
    # Control: huge is not infinite.
    trace, found = both_passes(rng)
    trace.z[0][...] = np.finfo(float).max
    assert first_non_finite(trace, found) is None
    with np.errstate(over="ignore"):
        trace.z[0][...] *= 2
    assert first_non_finite(trace, found) == ("z", 1)


# ------------------------------------------------------------------ flat, inactive, dead


@pytest.mark.parametrize("ensemble", [(), (3,), (2, 3)])
@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_saturation_counts_flat_places(ensemble, name, rng):
    phi, z = ACTIVATIONS[name], 6 * rng.standard_normal((*ensemble, 7, 5))
    found = saturation_fraction(name, z)
    assert np.shape(found) == ensemble
    np.testing.assert_array_equal(found, saturation_fraction(phi, z))
    for member in np.ndindex(ensemble):
        slopes = [phi.derivative(np.array(value)) for value in z[member].ravel()]
        assert found[member] == pytest.approx(sum(abs(s) < 0.01 for s in slopes) / 35)


def test_saturation_edges_are_where_the_formulas_put_them():
    # tanh' = 1/cosh(z)**2 and sigmoid' = 1/(4 cosh(z/2)**2) reach 0.01 here.
    for name, edge in [("tanh", np.arccosh(10)), ("sigmoid", 2 * np.arccosh(5))]:
        for side in (-1, 1):
            assert saturation_fraction(name, np.full((2, 2), side * 0.999 * edge)) == 0
            assert saturation_fraction(name, np.full((2, 2), side * 1.001 * edge)) == 1
    # The rectifier is flat on one side; identity and a leaky rectifier of slope 0.01 nowhere.
    z = np.array([[-1.0, -2, 3, 4]])
    assert saturation_fraction("relu", z) == 0.5
    assert saturation_fraction("identity", z) == saturation_fraction("leaky_relu", z) == 0


def test_the_slope_that_counts_as_flat_can_be_chosen():
    z = np.array([[0.0, 1, 2, 3, 5]])  # tanh' = 1, 0.42, 0.071, 0.0099, 0.00018
    shares = [saturation_fraction("tanh", z, slope=s) for s in (1e-4, 1e-3, 0.01, 0.1, 0.5, 2)]
    assert shares == [0, 0.2, 0.4, 0.6, 0.8, 1]


@pytest.mark.parametrize("bad", [0, -0.01, np.nan, None, True])
def test_a_slope_that_makes_no_sense_is_refused(bad):
    message = f"slope must be a finite number and above 0, got {bad!r}"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        saturation_fraction("tanh", np.ones((2, 2)), bad)


def test_saturation_asks_for_a_known_activation():
    with pytest.raises(ValueError, match="activation"):
        saturation_fraction("tangens", np.ones((2, 2)))


@pytest.mark.parametrize("ensemble", [(), (3,), (2, 3)])
def test_inactive_and_dead_are_those_of_the_loop(ensemble, rng):
    z = rng.standard_normal((*ensemble, 3, 8))
    z[..., 2] -= 100  # one unit surely dead
    z[..., 5] += 100  # one surely active
    off, dead = inactive_fraction(z), dead_fraction(z)
    assert np.shape(off) == np.shape(dead) == ensemble
    for member in np.ndindex(ensemble):
        rows = z[member].tolist()
        assert off[member] == pytest.approx(sum(v <= 0 for row in rows for v in row) / 24)
        assert dead[member] == sum(all(row[k] <= 0 for row in rows) for k in range(8)) / 8
        assert 1 / 8 <= dead[member] <= 7 / 8
        assert dead[member] <= off[member]


def test_half_inactive_may_be_none_dead_or_half_dead():
    takes_turns = np.array([[1.0, -1], [-1, 1]])
    split = np.array([[1.0, -1], [1, -1]])
    assert inactive_fraction(takes_turns) == inactive_fraction(split) == 0.5
    assert (dead_fraction(takes_turns), dead_fraction(split)) == (0, 0.5)
    # At exactly 0 a rectifier puts out 0 and has slope 0: inactive.
    assert inactive_fraction(np.zeros((2, 2))) == dead_fraction(np.zeros((2, 2))) == 1


@pytest.mark.parametrize("ensemble", [(), (20,)])
def test_dead_units_get_no_gradient_and_others_do(ensemble, rng):
    network = MLP([3, 8, 2], "relu")
    start = network.initialize(inits.he_normal(), rng=rng, ensemble=ensemble)
    start.b[0][..., :3] = -50
    x, y = rng.standard_normal((30, 3)), rng.standard_normal((30, 2))
    z = network.forward(start, x).z[0]
    moves = np.abs(gradients(network, start, x, y, loss="squared_error").grad_b[0]) > 0
    np.testing.assert_allclose((~moves).mean(axis=-1), dead_fraction(z))
    assert (dead_fraction(z) >= 3 / 8).all()
    assert moves.any()


# ------------------------------------------------------------------ sizes


@pytest.mark.parametrize("ensemble", [(), (3,), (2, 3)])
def test_rms_is_the_root_of_the_mean_square(ensemble, rng):
    array = 1 + rng.standard_normal((*ensemble, 4, 6))
    found = rms(array)
    assert np.shape(found) == ensemble
    for member in np.ndindex(ensemble):
        numbers = array[member].ravel().tolist()
        expected = (sum(v * v for v in numbers) / 24) ** 0.5
        assert found[member] == pytest.approx(expected, rel=1e-12)
        assert found[member] > np.std(numbers) * 1.01  # not the standard deviation
        assert found[member] > np.abs(np.mean(numbers)) * 1.01  # not the mean
    np.testing.assert_allclose(rms(-3 * array), 3 * found)


@pytest.mark.parametrize("ensemble", [(), (3,)])
def test_update_to_weight_ratio_of_a_known_step(ensemble, rng):
    network = MLP([3, 4, 5, 2])
    before = network.initialize(inits.normal(1), inits.normal(1), rng=rng, ensemble=ensemble)
    shares = np.array([0.5, 0.01, 2.0])
    after = Parameters(
        [W * (1 - share) for W, share in zip(before.W, shares, strict=True)],
        [b + 1000 for b in before.b],  # biases do not count
    )
    ratio = update_to_weight_ratio(before, after)
    assert ratio.shape == (*ensemble, 3)
    np.testing.assert_allclose(ratio, np.broadcast_to(shares, ratio.shape))
    np.testing.assert_array_equal(update_to_weight_ratio(before, before), np.zeros_like(ratio))
    # It is relative to where the step began: there and back differ, but for the sign of a step.
    back = update_to_weight_ratio(after, before)
    np.testing.assert_allclose(back, np.broadcast_to(shares / np.abs(1 - shares), ratio.shape))
    assert not np.allclose(back, ratio)


def test_update_to_weight_ratio_goes_by_size_not_by_entry():
    before = Parameters([np.array([[3.0, 4.0]])], [np.zeros(2)])
    after = Parameters([np.array([[3.0, 9.0]])], [np.zeros(2)])
    assert update_to_weight_ratio(before, after) == pytest.approx([1.0])  # 5 over 5
