"""Each scheme draws what it promises, and what it does not promise is rejected.

What a draw must look like, and the power of it, is in draws.py.
"""

import re

import numpy as np
import pytest
from draws import (
    SCHEMES,
    assert_fans_of_the_whole,
    assert_glorot_fills_its_interval,
    assert_independent,
    assert_law,
    assert_no_other_scheme,
    assert_orthogonal,
    assert_repeated,
    assert_uniform_over_the_group,
    assert_widths,
    fan_of,
    first_entries,
    p_values,
)
from helpers import ACCEPT, REJECT, TRUNCATED

from initlab import initializers as inits
from initlab.draws import TRUNCATED_STD
from initlab.initializers import DISTRIBUTIONS, MODES, Initializer, variance_scaling

# Tall, wide, and an ensemble; the two fans always differ by a factor of 2 or more.
SHAPES = [(200, 800), (1000, 160), (32, 50, 100)]


def draw(initializer, shape, seed=1):
    return initializer(shape, rng=np.random.default_rng(seed))


# ------------------------------------------------------------------ the general law


@pytest.mark.parametrize("scale", [0.5, 9])
@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("shape", SHAPES)
def test_variance_scaling_draws_the_promised_distribution(shape, mode, distribution, scale):
    weights = draw(variance_scaling(scale, mode, distribution), shape)
    assert weights.shape == shape
    assert_law(weights, scale, mode, distribution)


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_each_member_of_an_ensemble_follows_the_law(distribution):
    # Pooled tests would pass members of unequal scale: 20,000 entries each, so 1 % a member.
    weights = draw(variance_scaling(2, "fan_in", distribution), (30, 100, 200))
    for member in weights:
        assert min(p_values(member, distribution, 2 / 100)) > ACCEPT
        assert max(p_values(member, distribution, 1 / 100)) < REJECT


@pytest.mark.parametrize("name", SCHEMES)
@pytest.mark.parametrize("shape", SHAPES)
def test_named_schemes_are_cases_of_the_general_law(name, shape):
    scale, mode, distribution = SCHEMES[name]
    weights = draw(getattr(inits, name)(), shape)
    assert np.array_equal(weights, draw(variance_scaling(scale, mode, distribution), shape))
    assert min(p_values(weights, distribution, scale / fan_of(mode, shape))) > ACCEPT


@pytest.mark.parametrize("name", SCHEMES)
def test_no_scheme_passes_for_another(name):
    assert_no_other_scheme(name, draw(getattr(inits, name)(), (200, 1000)))


@pytest.mark.parametrize("slope", [0.0, 0.01, 0.5, 1.0, np.sqrt(5)])
def test_he_divides_by_one_plus_the_squared_slope(slope):
    shape, variance = (250, 1000), 2 / ((1 + slope**2) * 250)
    for make, distribution in [(inits.he_normal, "normal"), (inits.he_uniform, "uniform")]:
        weights = draw(make(negative_slope=slope), shape)
        assert min(p_values(weights, distribution, variance)) > ACCEPT
        if slope >= 0.5:
            assert max(p_values(weights, distribution, 2 / 250)) < REJECT
            assert max(p_values(weights, distribution, 2 / ((1 + slope) * 250))) < (
                REJECT if slope != 1 else 1
            )


@pytest.mark.parametrize("shape", SHAPES)
def test_glorot_uniform_fills_its_interval_and_nothing_more(shape):
    assert_glorot_fills_its_interval(draw(inits.glorot_uniform(), shape))


def test_truncated_normal_is_cut_and_then_widened():
    weights = draw(variance_scaling(1, "fan_in", "truncated_normal"), (100, 2000))
    std = 0.1
    cut = 2 * std / TRUNCATED.std()
    assert TRUNCATED.std() == pytest.approx(0.87962566103423978, rel=1e-12)
    assert pytest.approx(TRUNCATED.std(), rel=1e-12) == TRUNCATED_STD
    assert np.abs(weights).max() <= cut
    assert np.abs(weights).max() > 0.999 * cut
    # Control: cut without widening loses 23 % of the variance and is rejected.
    uncorrected = weights * TRUNCATED.std()
    assert max(p_values(uncorrected, "truncated_normal", std**2)) < REJECT


# ------------------------------------------------------------------ without fans


@pytest.mark.parametrize("shape", [(400_000,), (500, 800), (40, 100, 100)])
@pytest.mark.parametrize("std", [0.01, 1.0, 3.0])
def test_normal_and_uniform_have_the_given_width(shape, std):
    assert_widths(draw(inits.normal(std), shape), draw(inits.uniform(std), shape), std)


@pytest.mark.parametrize("shape", [(3,), (2, 3), (4, 2, 3)])
def test_constants(shape, rng):
    assert np.array_equal(inits.zeros()(shape, rng=rng), np.zeros(shape))
    assert np.array_equal(inits.constant(-0.5)(shape, rng=rng), np.full(shape, -0.5))
    assert np.array_equal(inits.normal(0)(shape, rng=rng), np.zeros(shape))


@pytest.mark.parametrize(
    ("make", "across", "along"), [(inits.equal_columns, -1, -2), (inits.equal_rows, -2, -1)]
)
@pytest.mark.parametrize("shape", [(6, 4), (3, 6, 4)])
def test_equal_columns_and_rows(make, across, along, shape):
    weights = draw(make(inits.glorot_normal()), shape)
    assert weights.shape == shape
    assert_repeated(weights, across, along)


@pytest.mark.parametrize("make", [inits.equal_columns, inits.equal_rows])
def test_repeating_keeps_the_fans_of_the_whole_matrix(make):
    # 4,000 members with 50 values of their own or more; fans counted after the cut would be 1.
    weights = draw(make(inits.lecun_normal()), (4000, 50, 100))
    assert_fans_of_the_whole(weights[:, :, 0] if make is inits.equal_columns else weights[:, 0, :])


# ------------------------------------------------------------------ orthogonal


@pytest.mark.parametrize("gain", [0.5, 1.0, np.sqrt(2)])
@pytest.mark.parametrize("shape", [(30, 12), (12, 30), (20, 20), (5, 30, 12), (2, 3, 12, 30)])
def test_the_shorter_side_is_orthogonal(shape, gain):
    weights = draw(inits.orthogonal(gain), shape)
    assert weights.shape == shape
    # The control is of the kind it is made from.
    assert_orthogonal(weights, gain, draw(inits.normal(gain / np.sqrt(max(shape[-2:]))), shape))


def test_orthogonal_draws_are_uniform_over_the_group():
    assert_uniform_over_the_group(draw(inits.orthogonal(), (20_000, 5, 5)))


def test_qr_alone_is_not_uniform():
    # Control: without the signs of R the library's convention shows.
    raw = np.random.default_rng(1).standard_normal((20_000, 5, 5))
    entries = first_entries(np.linalg.qr(raw)[0])
    assert abs((entries > 0).mean() - 0.5) > 50 * 0.0035


# ------------------------------------------------------------------ randomness

RANDOM = {
    **{name: getattr(inits, name)() for name in SCHEMES},
    "normal": inits.normal(1),
    "uniform": inits.uniform(1),
    "truncated": variance_scaling(1, "fan_in", "truncated_normal"),
    "orthogonal": inits.orthogonal(),
    "equal_columns": inits.equal_columns(inits.normal(1)),
}


@pytest.mark.parametrize("name", RANDOM)
def test_same_seed_same_draw_and_nothing_else_is_the_same(name):
    initializer, shape = RANDOM[name], (7, 5)
    rng = np.random.default_rng(3)
    first, second = initializer(shape, rng=rng), initializer(shape, rng=rng)
    assert np.array_equal(first, draw(initializer, shape, seed=3))
    assert not np.isclose(first, second).any()
    assert not np.isclose(first, draw(initializer, shape, seed=4)).any()


@pytest.mark.parametrize("name", sorted(RANDOM.keys() - {"orthogonal", "equal_columns"}))
def test_members_and_units_are_independent(name):
    assert_independent(draw(RANDOM[name], (8, 100, 100)))


def test_correlated_members_would_be_seen():
    weights = draw(inits.normal(1), (8, 100, 100))
    with pytest.raises(AssertionError):
        assert_independent(weights + 0.3 * weights[:1])


def test_the_generator_is_the_only_source(rng):
    state = np.random.get_state()[1].copy()
    for initializer in RANDOM.values():
        initializer((4, 3), rng=rng)
    assert np.array_equal(np.random.get_state()[1], state)


def test_aliases():
    assert inits.xavier_normal is inits.glorot_normal
    assert inits.xavier_uniform is inits.glorot_uniform
    assert inits.kaiming_normal is inits.he_normal
    assert inits.kaiming_uniform is inits.he_uniform


@pytest.mark.parametrize(
    ("initializer", "name"),
    [
        (inits.he_normal(0.1), "he_normal(0.1)"),
        (inits.constant(0.5), "constant(0.5)"),
        (inits.equal_rows(inits.glorot_uniform()), "equal_rows(glorot_uniform())"),
        (variance_scaling(2, "fan_out", "uniform"), "variance_scaling(2, 'fan_out', 'uniform')"),
    ],
)
def test_an_initializer_says_its_name(initializer, name):
    assert repr(initializer) == name


# ------------------------------------------------------------------ refusals


@pytest.mark.parametrize(
    ("make", "what", "bad", "allowed"),
    [
        (inits.normal, "std", -1, "at least 0"),
        (inits.normal, "std", np.nan, "a finite number"),
        (inits.normal, "std", True, "a finite number"),
        (inits.uniform, "bound", -0.1, "at least 0"),
        (inits.uniform, "bound", np.inf, "a finite number"),
        (inits.constant, "value", np.nan, "a finite number"),
        (inits.constant, "value", "0", "a finite number"),
        (variance_scaling, "scale", 0, "above 0"),
        (variance_scaling, "scale", -2, "above 0"),
        (variance_scaling, "scale", True, "a finite number"),
        (inits.orthogonal, "gain", -1, "at least 0"),
        (inits.orthogonal, "gain", np.nan, "a finite number"),
        (inits.he_normal, "negative_slope", -0.1, "at least 0"),
        (inits.he_uniform, "negative_slope", np.inf, "a finite number"),
    ],
)
def test_bad_numbers_are_refused_when_made(make, what, bad, allowed):
    with pytest.raises(ValueError, match=f"^{what} must be .*{allowed}.*, got ") as caught:
        make(bad)
    assert str(caught.value).endswith(f"got {bad!r}")


@pytest.mark.parametrize(
    ("arguments", "what", "allowed"),
    [
        ({"mode": "fan_sum"}, "mode", MODES),
        ({"mode": None}, "mode", MODES),
        ({"distribution": "cauchy"}, "distribution", DISTRIBUTIONS),
    ],
)
def test_unknown_names_are_refused_with_the_known_ones(arguments, what, allowed):
    with pytest.raises(ValueError, match=f"^unknown {what}: got ") as caught:
        variance_scaling(**arguments)
    assert repr(arguments[what]) in str(caught.value)
    assert all(repr(name) in str(caught.value) for name in allowed)


@pytest.mark.parametrize("make", [inits.equal_columns, inits.equal_rows])
@pytest.mark.parametrize("base", [np.zeros, inits.glorot_normal, 0.5, None])
def test_repeating_needs_an_initializer(make, base):
    with pytest.raises(TypeError, match=r"^base must be an initializer .*, got ") as caught:
        make(base)
    assert str(caught.value).endswith(f"got {base!r}")


NEED_FANS = [
    *(getattr(inits, name)() for name in SCHEMES),
    inits.orthogonal(),
    inits.equal_columns(inits.normal(1)),
]


@pytest.mark.parametrize("initializer", NEED_FANS, ids=repr)
@pytest.mark.parametrize("shape", [(5,), ()])
def test_fans_need_two_axes(initializer, shape, rng):
    message = f"{initializer} needs a shape (..., fan_in, fan_out), got {shape}"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        initializer(shape, rng=rng)


def test_biases_need_one_axis(rng):
    with pytest.raises(ValueError, match=r"^zeros\(\) needs a shape \(..., fan_out\), got \(\)$"):
        inits.zeros()((), rng=rng)


@pytest.mark.parametrize("initializer", [inits.zeros(), *NEED_FANS], ids=repr)
@pytest.mark.parametrize("bad", [0, -3, 2.0, True, "3", None])
def test_sizes_must_be_positive_whole_numbers(initializer, bad, rng):
    message = r"^each size in shape .* must be a whole number of at least 1, got "
    with pytest.raises(ValueError, match=message) as caught:
        initializer((4, bad), rng=rng)
    assert str(caught.value).endswith(f"got {bad!r}")


@pytest.mark.parametrize("bad", [5, 2.0, None, np.array([2, 3])])
def test_a_shape_is_a_tuple(bad, rng):
    with pytest.raises(TypeError, match=r"^shape must be a tuple of whole numbers, got "):
        inits.zeros()(bad, rng=rng)


@pytest.mark.parametrize("initializer", [inits.zeros(), inits.normal(1), *NEED_FANS], ids=repr)
def test_the_generator_is_required(initializer: Initializer):
    with pytest.raises(TypeError, match="rng"):
        initializer((3, 2))
    with pytest.raises(TypeError, match="positional"):
        initializer((3, 2), np.random.default_rng(0))
    for bad in (0, None, np.random):
        with pytest.raises(TypeError, match=r"^rng must be a numpy\.random\.Generator") as caught:
            initializer((3, 2), rng=bad)
        assert str(caught.value).endswith(f"got {bad!r}")
