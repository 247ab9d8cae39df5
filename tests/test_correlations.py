"""Two inputs in a wide network: closed forms, published numbers, and draws with error bars."""

import re

import numpy as np
import pytest
from scipy.special import erf

from initlab import correlations, theory
from initlab.activations import ACTIVATIONS, Activation
from initlab.initializers import normal, variance_scaling
from initlab.network import MLP

NAMES = sorted(ACTIVATIONS)
SQRT2 = np.sqrt(2)
GAPS = np.array([1e-10, 1e-6, 1e-3, 0.1, 0.7, 1.0, 1.5, 2.0])
ERF = Activation("erf", erf, lambda z: 2 / np.sqrt(np.pi) * np.exp(-(z**2)))

# ------------------------------------------------------------------ closed forms


def test_moments_of_a_pair():
    c = 1 - GAPS
    for q in (0.3, 4.0):
        for function, moment in [
            (lambda u, v: np.ones_like(u), np.ones(len(c))),
            (lambda u, v: u * v, q * c),
            (lambda u, v: (u * v) ** 2, q**2 * (1 + 2 * c**2)),
            (lambda u, v: u**2 + v**2, np.full(len(c), 2 * q)),
            (lambda u, v: (u - v) ** 2, 2 * q * GAPS),
        ]:
            found = correlations.pair_expectation(function, q, GAPS)
            np.testing.assert_allclose(found, moment, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize(("q", "digits"), [(1e-4, 14), (1.0, 14), (10.0, 12), (100.0, 8)])
def test_the_arcsine_kernel(q, digits):
    """E[erf(u) erf(v)] = (2 / pi) arcsin(2 q c / (1 + 2 q)), Williams 1997, and its slope."""
    inside = 2 * q * (1 - GAPS) / (1 + 2 * q)
    found = correlations.pair_expectation(lambda u, v: ERF(u) * ERF(v), q, GAPS)
    assert abs(found - 2 / np.pi * np.arcsin(inside)).max() < 10.0**-digits
    slope = 4 / np.pi / np.sqrt((1 + 2 * q) ** 2 - (2 * q * (1 - GAPS)) ** 2)
    np.testing.assert_allclose(
        correlations.chi_c(ERF, 1 - GAPS, q, 1.3), 1.69 * slope, rtol=1e3 * 10.0**-digits
    )


@pytest.mark.parametrize(("q", "sigma_w"), [(1.0, SQRT2), (1e-6, 0.5), (300.0, 2.0)])
def test_the_arc_cosine_kernel(q, sigma_w):
    """Rectifiers to the last digits, also where c differs from 1 in the tenth decimal."""
    c = 1 - GAPS
    printed = (np.sqrt(1 - c**2) + c * (np.pi - np.arccos(c))) / np.pi
    np.testing.assert_allclose(1 - correlations.arc_cosine_gap(GAPS), printed, atol=1e-15)
    found = correlations.gap_map("relu", GAPS, q, sigma_w)
    np.testing.assert_allclose(found, correlations.arc_cosine_gap(GAPS), rtol=1e-10)
    slope = correlations.chi_c("relu", c, q, sigma_w)
    np.testing.assert_allclose(slope, sigma_w**2 * (1 - np.arccos(c) / np.pi) / 2, rtol=1e-10)


def test_a_gap_of_nothing_stays_and_a_small_one_is_not_rounded_away():
    for name in NAMES:
        assert correlations.gap_map(name, 0.0, 0.7, 1.2, 0.3) == 0
        near = float(correlations.gap_map(name, 1e-10, 0.7, 1.2, 0.3)) / 1e-10
        # (Two parts in ten thousand: relu's slope falls short of chi by a root of the gap.)
        slope = theory.chi(name, 0.7, 1.2) * 0.7 / theory.variance_map(name, 0.7, 1.2, 0.3)
        assert near == pytest.approx(slope, rel=2e-4 if "relu" in name else 1e-5)
    # Control: the same by subtraction from 1, in double precision, loses half of the digits.
    by_subtraction = 1 - correlations.arc_cosine_gap(1 - (1 - 1e-10)) - 1
    assert abs(-by_subtraction / correlations.arc_cosine_gap(1e-10) - 1) > 1e-8


def test_linear_layers_mix_in_the_biases():
    found = correlations.correlation_map("identity", np.array([-1, 0, 0.4, 1]), 2.0, 1.5, 0.5)
    np.testing.assert_allclose(
        found, (2.25 * 2 * np.array([-1, 0, 0.4, 1]) + 0.25) / 4.75, rtol=1e-12
    )


@pytest.mark.parametrize("name", NAMES)
def test_chi_c_is_the_slope_of_the_correlation_map(name):
    q, sigma_w, sigma_b = 0.8, 1.4, 0.3
    above = theory.variance_map(name, q, sigma_w, sigma_b)
    for c in (-0.6, 0.0, 0.5, 0.9):
        up, down = (
            correlations.correlation_map(name, c + e, q, sigma_w, sigma_b) for e in (1e-4, -1e-4)
        )
        slope = correlations.chi_c(name, c, q, sigma_w) * q / above
        assert slope == pytest.approx((up - down) / 2e-4, rel=1e-6)
    assert correlations.chi_c(name, 1.0, q, sigma_w) == pytest.approx(
        theory.chi(name, q, sigma_w), rel=1e-12
    )


def test_whole_arrays_at_once():
    q, c = np.array([[0.1], [2.0]]), np.array([0.0, 0.3, 1.0])
    found = correlations.correlation_map("tanh", c, q, 1.5, 0.1)
    assert found.shape == (2, 3)
    for i, j in np.ndindex(2, 3):
        alone = correlations.correlation_map("tanh", c[j], q[i, 0], 1.5, 0.1)
        assert found[i, j] == pytest.approx(alone, rel=1e-13)


# ------------------------------------------------------------------ fixed points, depth scales


@pytest.mark.parametrize(
    ("name", "sigma_w", "sigma_b"),
    [("tanh", 1.5, 0.3), ("tanh", 3, 0.05), ("tanh", 1, 0.5), (ERF, 2, 0.4), ("sigmoid", 14, 0.3),
     ("relu", 1.2, 0.3), ("elu", 1.1, 0.1)],
)  # fmt: skip
def test_correlations_end_at_their_fixed_point(name, sigma_w, sigma_b):
    q = theory.fixed_point(name, sigma_w, sigma_b)
    end = correlations.correlation_fixed_point(name, sigma_w, sigma_b)
    assert (end == 1) == (theory.chi(name, q, sigma_w) <= 1)
    if end < 1:
        above = correlations.correlation_map(name, end, q, sigma_w, sigma_b)
        assert above == pytest.approx(end, abs=1e-11)
    for start in (0.0, end - 0.1, end + (1 - end) / 2):  # from either side it comes nearer
        gap = 1 - start
        for _ in range(40):
            gap = correlations.gap_map(name, gap, q, sigma_w, sigma_b)
        assert abs(1 - gap - end) < 0.4 * abs(start - end) or start == end == 1


def test_correlations_where_nothing_settles():
    assert correlations.correlation_fixed_point("tanh", 2) == pytest.approx(0, abs=1e-10)
    for name, sigma_w in [("tanh", 0.8), ("tanh", 0), ("relu", SQRT2), ("relu", 1), ("relu", 2)]:
        assert correlations.correlation_fixed_point(name, sigma_w) == 1


@pytest.mark.parametrize(("sigma_w", "sigma_b"), [(1.3, 0.5), (2.2, 0.3), (1.0, 0.2)])
def test_depth_scales_are_those_of_the_iteration(sigma_w, sigma_b):
    """Started a little off its fixed point, each map returns at the promised rate."""
    q_star = theory.fixed_point("tanh", sigma_w, sigma_b)
    c_star = correlations.correlation_fixed_point("tanh", sigma_w, sigma_b)
    q, c = q_star * (1 + 1e-5), c_star - 1e-5
    for _ in range(5):
        q = theory.variance_map("tanh", q, sigma_w, sigma_b)
        c = correlations.correlation_map("tanh", c, q_star, sigma_w, sigma_b)
    left = {"variance": (q / q_star - 1) / 1e-5, "correlation": (c_star - c) / 1e-5}
    for of, share in left.items():
        expected = np.exp(-5 / correlations.depth_scale("tanh", sigma_w, sigma_b, of=of))
        assert float(share) == pytest.approx(expected, rel=1e-3)
        assert abs(np.exp(-5.2 / correlations.depth_scale("tanh", sigma_w, sigma_b, of=of)) / share
                   - 1) > 1e-3  # fmt: skip


def test_depth_scales_of_errors_and_of_signals_that_do_not_settle():
    for sigma_w, share in [(1.0, 0.5), (1.2, 0.72), (1.6, 1.28), (2, 2)]:
        for of in ("variance", "correlation", "gradient"):
            found = correlations.depth_scale("relu", sigma_w, of=of)
            assert found == pytest.approx(1 / abs(np.log(share)), rel=1e-9)
    for of in ("variance", "correlation", "gradient"):
        assert correlations.depth_scale("relu", SQRT2, of=of) == np.inf
        assert correlations.depth_scale("tanh", 0.5, of=of) == pytest.approx(1 / np.log(4))
    assert correlations.depth_scale("tanh", 0.0, 0.3) == 0
    # Below the line errors and correlations have one scale; above it they have two.
    for sigma_w, same in [(1.0, True), (2.0, False)]:
        pair = [correlations.depth_scale("tanh", sigma_w, 0.3, of=of)
                for of in ("gradient", "correlation")]  # fmt: skip
        assert (abs(pair[0] / pair[1] - 1) < 1e-9) is same


@pytest.mark.parametrize(
    ("bias_variance", "weight_variance"), [(0.01, 1.424), (0.05, 1.761), (0.25, 2.401)]
)
def test_on_the_critical_line_depth_is_without_bound(bias_variance, weight_variance):
    sigma_b = bias_variance**0.5
    line = theory.critical_sigma_w("tanh", sigma_b)
    assert line**2 == pytest.approx(weight_variance, abs=5e-4)
    assert correlations.depth_scale("tanh", line, sigma_b) > 1e8
    for factor in (0.98, 1.02):
        assert correlations.depth_scale("tanh", factor * line, sigma_b) < 110


def test_relu_forgets_by_the_square_of_the_depth():
    """1 - c falls as 9 pi^2 / (2 l^2), from wherever it starts: no depth scale."""
    limit = 9 * np.pi**2 / 2
    for start in (1.0, 0.01, 1.9):
        gap, seen = start, {}
        for layer in range(1, 10_001):
            gap = float(correlations.arc_cosine_gap(gap))
            seen[layer] = gap * layer**2
        assert seen[10_000] == pytest.approx(limit, rel=0.02)
        assert abs(seen[100] / limit - 1) > 0.05  # the law is one of large depth
        if start == 1.0:
            assert seen[10_000] == pytest.approx(44.25, abs=5e-3)


# ------------------------------------------------------------------ theory against draws


@pytest.mark.parametrize("name", ["tanh", "relu", "sigmoid", "gelu"])
def test_one_step_by_draws(name, rng):
    """Pairs of Gaussians: within five standard errors; without its biases the map is refused."""
    q, c, sigma_w, sigma_b = 1.3, 0.6, 1.5, 0.5
    g = rng.standard_normal((2, 200_000))
    u, v = np.sqrt(q) * g[0], np.sqrt(q) * (c * g[0] + np.sqrt(1 - c**2) * g[1])
    phi = ACTIVATIONS[name]
    products = (sigma_w**2 * phi(u) * phi(v) + sigma_b**2) / theory.variance_map(
        name, q, sigma_w, sigma_b
    )
    error = products.std() / np.sqrt(products.size)
    found = correlations.correlation_map(name, c, q, sigma_w, sigma_b)
    assert abs(products.mean() - found) < 5 * error
    for wrong in [(c, q, sigma_w, 0.0), (0.8 * c, q, sigma_w, sigma_b)]:
        assert abs(products.mean() - correlations.correlation_map(name, *wrong)) > 5 * error


def pairs(name, sigma_w, sigma_b, c, *, width=200, depth=5, n_draws=150, rng):
    """Correlations of z in every layer, ``(n_draws, depth)``, from inputs of correlation c."""
    network = MLP([width] * (depth + 1), name, name)
    parameters = network.initialize(
        variance_scaling(sigma_w**2, "fan_in", "normal"), normal(sigma_b), rng=rng,
        ensemble=(n_draws,),
    )  # fmt: skip
    x = rng.standard_normal((n_draws, 2, width))
    x, _ = np.linalg.qr(x.swapaxes(-1, -2))  # two orthogonal directions, mean square 1
    x = x.swapaxes(-1, -2) * np.sqrt(width)
    x[:, 1] = c * x[:, 0] + np.sqrt(1 - c**2) * x[:, 1]
    z = network.forward(parameters, x).z
    return np.stack([(a[:, 0] * a[:, 1]).mean(-1) / (a**2).mean((-1, -2)) for a in z], axis=1)


def chain(name, sigma_w, sigma_b, c, depth=5):
    q, gap = sigma_w**2 + sigma_b**2, (1 - c) * sigma_w**2 / (sigma_w**2 + sigma_b**2)
    seen = [1 - gap]
    for _ in range(depth - 1):
        gap = correlations.gap_map(name, gap, q, sigma_w, sigma_b)
        q = theory.variance_map(name, q, sigma_w, sigma_b)
        seen.append(float(1 - gap))
    return np.array(seen)


@pytest.mark.parametrize(
    ("name", "sigma_w", "sigma_b"),
    [("tanh", 1.3, 0.3), ("tanh", 2.5, 0.3), ("relu", SQRT2, 0.0), ("sigmoid", 4.0, 0.5)],
)
def test_wide_networks_do_what_theory_says(name, sigma_w, sigma_b):
    seen = pairs(name, sigma_w, sigma_b, 0.3, rng=np.random.default_rng(5))
    mean, error = seen.mean(axis=0), seen.std(axis=0, ddof=1) / np.sqrt(len(seen))
    assert error.max() < 0.012  # the bars are short enough to tell
    # The hundredth is the width's: theory is exact for infinite width only.
    assert (abs(mean - chain(name, sigma_w, sigma_b, 0.3)) < 0.01 + 4 * error).all()
    # Negative controls: other biases, another start.
    for wrong in [(sigma_w, sigma_b + 0.8, 0.3), (sigma_w, sigma_b, 0.6)]:
        assert (abs(mean - chain(name, *wrong)) > 0.01 + 8 * error).any()


# ------------------------------------------------------------------ refusals


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: correlations.pair_expectation(np.multiply, -1.0, 1.0), "q is a second moment and"),
        (lambda: correlations.pair_expectation(np.multiply, 1.0, 2.1), "gap is 1 - c and must lie"),
        (lambda: correlations.pair_expectation(np.multiply, 1.0, np.nan), "gap must be finite"),
        (lambda: correlations.gap_map("tanh", -0.1, 1.0, 1), "gap is 1 - c and must lie in 0..2"),
        (lambda: correlations.gap_map("tanh", 0.1, 0.0, 1), "a correlation needs a signal: q one"),
        (lambda: correlations.gap_map("tanh", 0.1, 1.0, -1), "sigma_w must be a finite number and"),
        (lambda: correlations.correlation_map("tanh", 1.1, 1.0, 1), "c is a correlation and must"),
        (lambda: correlations.correlation_map("tahn", 1, 1.0, 1), "unknown activation: got 'tahn'"),
        (lambda: correlations.arc_cosine_gap(3.0), "gap is 1 - c and must lie in 0..2, got 3 to 3"),
        (lambda: correlations.chi_c("tanh", -2.0, 1.0, 1), "c is a correlation and must lie in"),
        (lambda: correlations.chi_c("tanh", 0.0, 1.0, -1), "sigma_w must be a finite number and"),
        (lambda: correlations.correlation_fixed_point("tanh", -1), "sigma_w must be a finite numb"),
        (lambda: correlations.depth_scale("tanh", 1, -1), "sigma_b must be a finite number and at"),
        (lambda: correlations.depth_scale("tanh", 1, of="size"), "unknown depth scale: got 'size'"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        call()
