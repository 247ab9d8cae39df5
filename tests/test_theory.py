"""Wide networks on paper: closed forms, published numbers, and draws with error bars."""

import re
from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad

from initlab import theory
from initlab.activations import ACTIVATIONS, Activation, leaky_relu
from initlab.initializers import normal, variance_scaling
from initlab.network import MLP

NAMES = sorted(ACTIVATIONS)
SQRT2 = np.sqrt(2)

# ------------------------------------------------------------------ integrals


def integral(function, std):
    """The same expectation by adaptive quadrature, in pieces around the origin."""

    def integrand(g):
        return float(function(np.array(std * g))) * np.exp(-(g**2) / 2) / np.sqrt(2 * np.pi)

    edges = [-14, -min(10 / std, 1), 0, min(10 / std, 1), 14] if std else [-14, 0, 14]
    options = {"epsabs": 1e-16, "epsrel": 1e-13, "limit": 200}
    return sum(quad(integrand, low, high, **options)[0] for low, high in pairwise(edges))


@pytest.mark.parametrize("std", [0, 0.01, 1, 10])
@pytest.mark.parametrize("name", NAMES)
def test_expectations_are_those_of_adaptive_quadrature(name, std):
    phi = ACTIVATIONS[name]
    for function in (phi, lambda z: phi(z) ** 2, lambda z: phi.derivative(z) ** 2):
        expected = integral(function, std)
        found = theory.gaussian_expectation(function, std)
        assert found == pytest.approx(expected, rel=1e-11, abs=1e-14)


def test_precision_far_out_is_as_promised():
    def steep(z):
        return ACTIVATIONS["tanh"].derivative(z) ** 2

    error = abs(theory.gaussian_expectation(steep, 100.0) / integral(steep, 100.0) - 1)
    assert error < 1e-5


def test_moments_of_a_normal_variable():
    for power, moment in [(0, 1), (1, 0), (2, 1), (3, 0), (4, 3), (6, 15), (8, 105)]:
        found = theory.gaussian_expectation(lambda z, p=power: z**p)
        assert found == pytest.approx(moment, rel=1e-12, abs=1e-12)
    std = np.array([[0, 0.5, 1], [2, 3, 4]])
    np.testing.assert_allclose(theory.gaussian_expectation(np.square, std), std**2, rtol=1e-12)


# ------------------------------------------------------------------ closed forms


@pytest.mark.parametrize("q", [0.0, 1e-8, 0.3, 1.0, 40.0])
@pytest.mark.parametrize(("slope", "kept"), [(0.0, 1 / 2), (0.1, 1.01 / 2), (1.0, 1.0)])
def test_rectifiers_keep_a_fixed_share(slope, kept, q):
    """E[phi(sqrt(q) g)^2] = q (1 + a^2) / 2, and the same factor goes back (He et al. 2015)."""
    phi = leaky_relu(slope)
    assert theory.variance_map(phi, q, 1.3, 0.4) == pytest.approx(1.69 * kept * q + 0.16, rel=1e-12)
    if q:
        assert theory.chi(phi, q, 1.3) == pytest.approx(1.69 * kept, rel=1e-12)


def test_named_activations_are_their_formulas():
    assert theory.variance_map("relu", 3.0, 1.0) == pytest.approx(1.5, rel=1e-12)
    assert theory.variance_map("identity", 3.0, 2.0, 1.0) == pytest.approx(13, rel=1e-12)
    assert theory.chi("identity", 3.0, 2.0) == pytest.approx(4, rel=1e-12)
    assert theory.variance_map("sigmoid", 0.0, 2.0) == pytest.approx(1, rel=1e-12)
    assert theory.chi("sigmoid", 0.0, 4.0) == pytest.approx(1, rel=1e-12)
    assert theory.chi("tanh", 0.0, 0.7) == pytest.approx(0.49, rel=1e-12)


def test_whole_arrays_at_once():
    q = np.array([[0.1, 1], [2, 30]])
    for function in (theory.variance_map, theory.chi):
        found = function("tanh", q, 1.5)
        assert found.shape == (2, 2)
        for index in np.ndindex(2, 2):
            assert found[index] == pytest.approx(function("tanh", q[index], 1.5), rel=1e-13)


def test_gains():
    assert theory.second_moment_gain("relu") == pytest.approx(SQRT2, rel=1e-12)
    assert theory.gradient_gain("relu") == pytest.approx(SQRT2, rel=1e-12)
    assert theory.second_moment_gain(leaky_relu(0.2)) == pytest.approx((2 / 1.04) ** 0.5, rel=1e-12)
    # Var relu(g) = 1/2 - 1/(2 pi): the mean taken away first.
    assert theory.std_gain("relu") == pytest.approx((1 / 2 - 1 / (2 * np.pi)) ** -0.5, rel=1e-12)
    assert theory.std_gain("relu") == pytest.approx(1.713, abs=5e-4)
    assert theory.std_gain("sigmoid") == pytest.approx(4.801, abs=5e-4)
    assert theory.second_moment_gain("tanh") == pytest.approx(1.5925, abs=5e-5)
    assert theory.std_gain("tanh") == pytest.approx(theory.second_moment_gain("tanh"), rel=1e-12)
    # Negative control: the usual 5/3 for tanh is another number, and so are the two of relu.
    assert abs(theory.second_moment_gain("tanh") - 5 / 3) > 0.07
    assert theory.std_gain("relu") > 1.2 * theory.second_moment_gain("relu")


@pytest.mark.parametrize("name", NAMES)
def test_gains_keep_what_they_promise(name):
    kept = theory.variance_map(name, 1.0, theory.second_moment_gain(name))
    assert kept == pytest.approx(1, rel=1e-12)
    assert theory.chi(name, 1.0, theory.gradient_gain(name)) == pytest.approx(1, rel=1e-12)
    phi, gain = ACTIVATIONS[name], theory.std_gain(name)
    first, second = (
        theory.gaussian_expectation(lambda z, p=p: (gain * phi(z)) ** p) for p in (1, 2)
    )
    assert second - first**2 == pytest.approx(1, rel=1e-11)


# ------------------------------------------------------------------ fixed points


def test_tanh_with_the_usual_gain():
    q = theory.fixed_point("tanh", 5 / 3)
    assert q == pytest.approx(1.1785, abs=5e-5)
    assert theory.chi("tanh", q, 5 / 3) == pytest.approx(1.210, abs=5e-4)
    assert np.sqrt(q) * 3 / 5 == pytest.approx(0.651, abs=5e-4)


@pytest.mark.parametrize(
    ("bias_variance", "weight_variance", "q"),
    [(0.01, 1.424, 0.273), (0.05, 1.761, 0.570), (0.25, 2.401, 1.318)],
)
def test_the_critical_line_of_tanh(bias_variance, weight_variance, q):
    """Where chi is 1: Poole et al. 2016, Schoenholz et al. 2017."""
    found = theory.fixed_point("tanh", weight_variance**0.5, bias_variance**0.5)
    assert found == pytest.approx(q, abs=5e-4)
    assert theory.chi("tanh", found, weight_variance**0.5) == pytest.approx(1, abs=5e-4)
    # Negative control: two percent off the line is seen.
    for factor in (0.98, 1.02):
        moved = theory.fixed_point("tanh", (factor * weight_variance) ** 0.5, bias_variance**0.5)
        assert abs(theory.chi("tanh", moved, (factor * weight_variance) ** 0.5) - 1) > 3e-3


def iterate(name, sigma_w, sigma_b, start, times=3000):
    q = start
    for _ in range(times):
        q = theory.variance_map(name, q, sigma_w, sigma_b)
    return float(q)


@pytest.mark.parametrize(
    ("name", "sigma_w", "sigma_b", "start"),
    [("tanh", 1.2, 0, 1), ("tanh", 1.2, 0, 1e-13), ("tanh", 1.2, 0, 1e13), ("tanh", 3, 0.5, 1e-3),
     ("relu", 1, 0.7, 1), ("sigmoid", 10, 0, 1), ("sigmoid", 0.1, 0, 50), ("softplus", 1, 0, 1),
     ("elu", 1.2, 0.1, 1), ("tanh", 0, 0.5, 1), ("identity", 0.5, 1, 9)],
)  # fmt: skip
def test_fixed_points_are_where_the_iteration_ends(name, sigma_w, sigma_b, start):
    found = theory.fixed_point(name, sigma_w, sigma_b, start=start)
    assert 0 < found < np.inf
    assert theory.variance_map(name, found, sigma_w, sigma_b) == pytest.approx(found, rel=1e-11)
    assert found == pytest.approx(iterate(name, sigma_w, sigma_b, start), rel=1e-9)


def test_a_fixed_point_in_closed_form():
    # relu: q = s^2 q / 2 + b^2.
    assert theory.fixed_point("relu", 1.2, 0.3) == pytest.approx(0.09 / 0.28, rel=1e-12)
    # Just above 1, tanh has q* near (s^2 - 1) / 2, which the iteration needs an age to reach.
    assert theory.fixed_point("tanh", 1 + 1e-6) == pytest.approx(1e-6, rel=1e-4)


@pytest.mark.parametrize("start", [1e-13, 1e-3, 1.0, 1e13])
def test_signals_that_die_out_or_grow_without_bound(start):
    for name, sigma_w in [("tanh", 0.9), ("tanh", 1), ("relu", 1.4), ("relu", SQRT2 * (1 - 1e-9)),
                          ("identity", 0.99)]:  # fmt: skip
        # At the critical 1 the last steps down are smaller than round-off.
        assert theory.fixed_point(name, sigma_w, start=start) <= (1e-12 if sigma_w == 1 else 0)
    for sigma_w, sigma_b in [(1.5, 0), (SQRT2 * (1 + 1e-9), 0), (SQRT2, 1e8), (2, 0.1)]:
        assert theory.fixed_point("relu", sigma_w, sigma_b, start=start) == np.inf


@pytest.mark.parametrize("sigma_b", [1e-2, 1e-4, 1e-6])
def test_round_off_is_not_taken_for_a_fixed_point(sigma_b):
    for phi, slope in [
        ("identity", 1),
        ("relu", 0),
        (leaky_relu(0.2), 0.2),
        (leaky_relu(0.3), 0.3),
    ]:
        assert theory.fixed_point(phi, (2 / (1 + slope**2)) ** 0.5, sigma_b) == np.inf


@pytest.mark.parametrize("start", [1e-3, 1.0, 7.25])
def test_where_every_q_is_fixed_the_start_is_kept(start):
    assert theory.fixed_point("relu", SQRT2, start=start) == start
    assert theory.fixed_point("identity", 1, start=start) == start
    assert theory.fixed_point(leaky_relu(0.3), (2 / 1.09) ** 0.5, start=start) == start


# ------------------------------------------------------------------ the critical line


@pytest.mark.parametrize(
    ("bias_variance", "weight_variance", "q"),
    [(0, 1, 0), (0.01, 1.424, 0.273), (0.05, 1.761, 0.570), (0.25, 2.401, 1.318)],
)
def test_the_critical_line_is_found(bias_variance, weight_variance, q):
    sigma_b = bias_variance**0.5
    found = theory.critical_sigma_w("tanh", sigma_b)
    assert found**2 == pytest.approx(weight_variance, abs=5e-4)
    settled = theory.fixed_point("tanh", found, sigma_b)
    assert settled == pytest.approx(q, abs=5e-4)
    assert theory.chi("tanh", settled, found) == pytest.approx(1, abs=1e-9)


def test_the_critical_line_of_others():
    steep = Activation("tanh(3z)", lambda z: np.tanh(3 * z), lambda z: 3 - 3 * np.tanh(3 * z) ** 2)
    assert theory.critical_sigma_w(steep) == pytest.approx(1 / 3, rel=1e-12)
    for sigma_b in (0.0, 0.01, 1.0):
        settled = theory.critical_sigma_w("sigmoid", sigma_b)
        q = theory.fixed_point("sigmoid", settled, sigma_b)
        assert theory.chi("sigmoid", q, settled) == pytest.approx(1, abs=1e-9)
        # Where phi' does not see q, neither does the border see the biases.
        assert theory.critical_sigma_w("relu", sigma_b) == pytest.approx(SQRT2, rel=1e-12)
        assert theory.critical_sigma_w("identity", sigma_b) == pytest.approx(1, rel=1e-12)


# ------------------------------------------------------------------ theory against draws

N_DRAWS = 400


def measured(name, sigma_w, sigma_b, *, width=200, depth=4, rng):
    """Mean squares of z (up) and delta (down), one row a draw; start and top are given exactly."""
    network = MLP([width] * (depth + 1), name, name)
    draws_z, draws_delta = [], []
    for _ in range(N_DRAWS // 20):
        parameters = network.initialize(
            variance_scaling(sigma_w**2, "fan_in", "normal"), normal(sigma_b), rng=rng,
            ensemble=(20,),
        )  # fmt: skip
        x = rng.standard_normal((20, 1, width))
        x /= np.sqrt((x**2).mean(axis=-1, keepdims=True))
        trace = network.forward(parameters, x)
        found = network.backward(parameters, trace, rng.standard_normal((20, 1, width)))
        draws_z.append([(z**2).mean(axis=(-2, -1)) for z in trace.z])
        draws_delta.append([(d**2).mean(axis=(-2, -1)) for d in found.delta])
    return np.concatenate(draws_z, axis=1).T, np.concatenate(draws_delta, axis=1).T


def predicted(name, sigma_w, sigma_b, depth=4):
    q = [sigma_w**2 + sigma_b**2]
    for _ in range(depth - 1):
        q.append(float(theory.variance_map(name, q[-1], sigma_w, sigma_b)))
    delta = [float(theory.chi(name, q[-1], 1.0))]  # the top: a unit error times its slope
    for level in reversed(q[:-1]):
        delta.insert(0, delta[0] * float(theory.chi(name, level, sigma_w)))
    return np.array(q), np.array(delta)


def worst_z_score(draws, expected):
    error = draws.std(axis=0, ddof=1) / np.sqrt(len(draws))
    return abs((draws.mean(axis=0) - expected) / error).max()


@pytest.mark.parametrize(
    ("name", "sigma_w", "sigma_b"),
    [("tanh", 1.5, 0.3), ("relu", SQRT2, 0.0), ("sigmoid", 4.0, 0.5), ("identity", 0.8, 0.2)],
)
def test_wide_networks_do_what_theory_says(name, sigma_w, sigma_b, rng):
    draws = measured(name, sigma_w, sigma_b, rng=rng)
    for found, expected in zip(draws, predicted(name, sigma_w, sigma_b), strict=True):
        error = found.std(axis=0, ddof=1) / np.sqrt(N_DRAWS) / expected
        assert error.max() < 0.03  # the bars are short enough to tell
        # Three percent are the width's: theory is exact for infinite width only.
        assert abs(found.mean(axis=0) / expected - 1).max() < 0.03 + 4 * error.max()
    # Negative control: neighbors on the axis of sigma_w are refused.
    for factor in (0.9, 1.1):
        wrong = predicted(name, factor * sigma_w, sigma_b)
        assert max(map(worst_z_score, draws, wrong)) > 10


# ------------------------------------------------------------------ refusals


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: theory.variance_map("tanh", -1.0, 1), "q is a second moment and must be at least"),
        (lambda: theory.chi("tanh", np.nan, 1), "q must be finite"),
        (lambda: theory.variance_map("tanh", 1.0, -1), "sigma_w must be a finite number and at le"),
        (lambda: theory.variance_map("tanh", 1.0, 1, -1), "sigma_b must be a finite number and at"),
        (lambda: theory.chi("tanh", 1.0, np.inf), "sigma_w must be a finite number"),
        (lambda: theory.fixed_point("tanh", 1, start=0), "start must be a finite number and above"),
        (lambda: theory.fixed_point("tanh", -1), "sigma_w must be a finite number and at least 0"),
        (lambda: theory.gaussian_expectation(np.tanh, -2.0), "std must be at least 0, got -2"),
        (lambda: theory.gaussian_expectation(np.tanh, np.inf), "std must be finite"),
        (lambda: theory.fixed_point("tahn", 1), "unknown activation: got 'tahn'"),
        (lambda: theory.critical_sigma_w("tanh", -1), "sigma_b must be a finite number and at lea"),
        (lambda: theory.critical_sigma_w("gelu", 0.1), "gelu has no critical sigma_w for sigma_b"),
        (lambda: theory.std_gain("tahn"), "unknown activation: got 'tahn'"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        call()
