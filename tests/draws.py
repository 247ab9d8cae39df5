"""What drawn weights must look like, in whatever language they were drawn.

Power: a draw has 160,000 entries. By chance, in one draw of ten thousand, its distribution function
is off by 0.0056 and its variance by 1.4 %; a control must be so far off that it would happen once
in 10^12 (0.0094 and 2.5 %). The nearest wrong answers are far beyond: half the variance is off by
0.08, a truncated normal without correction by 0.03 and 23 %, a normal in place of a truncated one
by 0.016.
"""

import numpy as np
from helpers import ACCEPT, REJECT, ks_p_value, variance_p_value
from scipy import stats

MODES = ("fan_in", "fan_out", "fan_avg")
DISTRIBUTIONS = ("normal", "truncated_normal", "uniform")

#: Of each named scheme: variance times fan, which fan, and the distribution.
SCHEMES = {
    "lecun_normal": (1, "fan_in", "normal"),
    "lecun_uniform": (1, "fan_in", "uniform"),
    "glorot_normal": (1, "fan_avg", "normal"),
    "glorot_uniform": (1, "fan_avg", "uniform"),
    "he_normal": (2, "fan_in", "normal"),
    "he_uniform": (2, "fan_in", "uniform"),
}


def fan_of(mode, shape):
    fan_in, fan_out = shape[-2:]
    return {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[mode]


def p_values(sample, distribution, variance):
    return (
        ks_p_value(sample, distribution, np.sqrt(variance)),
        variance_p_value(sample, distribution, variance),
    )


def assert_law(weights, scale, mode, distribution):
    """The promised distribution, and none of the others."""
    variance = scale / fan_of(mode, weights.shape)
    assert min(p_values(weights, distribution, variance)) > ACCEPT
    assert abs(weights.mean()) < 5 * np.sqrt(variance / weights.size)
    # Controls: any other fan, twice the scale and any other distribution are rejected.
    for other in {*MODES} - {mode}:
        theirs = scale / fan_of(other, weights.shape)
        assert max(p_values(weights, distribution, theirs)) < REJECT
    assert max(p_values(weights, distribution, 2 * variance)) < REJECT
    for other in {*DISTRIBUTIONS} - {distribution}:
        assert ks_p_value(weights, other, np.sqrt(variance)) < REJECT


def assert_no_other_scheme(name, weights):
    """No scheme passes for another."""
    for other, (scale, mode, distribution) in SCHEMES.items():
        if other != name:
            std = np.sqrt(scale / fan_of(mode, weights.shape))
            assert ks_p_value(weights, distribution, std) < REJECT, (name, other)


def assert_widths(gaussian, flat, size):
    """Normal of std ``size``, and uniform up to the bound ``size``."""
    assert min(p_values(gaussian, "normal", size**2)) > ACCEPT
    assert max(p_values(gaussian, "normal", (1.1 * size) ** 2)) < REJECT
    assert ks_p_value(gaussian, "uniform", size) < REJECT
    assert min(p_values(flat, "uniform", size**2 / 3)) > ACCEPT
    assert max(p_values(flat, "uniform", size**2)) < REJECT
    assert ks_p_value(flat, "normal", size / np.sqrt(3)) < REJECT
    assert 0.999 * size < np.abs(flat).max() <= size


def assert_glorot_fills_its_interval(weights):
    """All of the interval of Glorot's uniform, and nothing more."""
    bound = np.sqrt(6 / sum(weights.shape[-2:]))
    assert np.abs(weights).max() <= bound
    # The largest of n uniform values misses the bound by about bound / n.
    assert np.abs(weights).max() > bound * (1 - 20 / weights.size)


def assert_repeated(weights, across, along):
    """Equal across one axis, different along the other, members with values of their own."""
    assert np.ptp(weights, axis=across).max() == 0
    assert np.ptp(weights, axis=along).min() > 0
    if weights.ndim == 3:
        assert np.ptp(weights, axis=0).min() > 0


def assert_fans_of_the_whole(distinct):
    """LeCun's variance for fans 50 and 100, of values that were drawn whole and then cut."""
    assert min(p_values(distinct, "normal", 1 / 50)) > ACCEPT
    assert max(p_values(distinct, "normal", 1 / 100)) < REJECT


def assert_orthogonal(weights, gain, gaussian):
    """The shorter side is orthonormal times ``gain``; ``gaussian`` of like scale is the control."""
    tall = weights.shape[-2] >= weights.shape[-1]

    def gram(matrix):
        turned = matrix.swapaxes(-1, -2)
        return turned @ matrix if tall else matrix @ turned

    wanted = np.broadcast_to(gain**2 * np.eye(min(weights.shape[-2:])), gram(weights).shape)
    np.testing.assert_allclose(gram(weights), wanted, atol=1e-13)
    assert np.abs(gram(gaussian) - wanted).max() > 0.1 * gain**2


def first_entries(matrices):
    return matrices[:, 0, 0]


def assert_uniform_over_the_group(matrices):
    """20,000 orthogonal n x n matrices, none of them more likely than another.

    An entry of a uniform one, squared, is Beta(1/2, (n - 1)/2), and its sign is fair: over 20,000
    draws the share of plus signs has a standard error of 0.0035. Rotating the rows by a fixed
    matrix must change nothing.
    """
    count, n, _ = matrices.shape
    assert count == 20_000
    fixed, _ = np.linalg.qr(np.random.default_rng(2).standard_normal((n, n)))
    for group in (matrices, fixed @ matrices, matrices @ fixed):
        entries = first_entries(group)
        assert stats.kstest(entries**2, stats.beta(0.5, (n - 1) / 2).cdf).pvalue > ACCEPT
        assert abs((entries > 0).mean() - 0.5) < 4.5 * 0.0035
        assert abs((np.linalg.det(group) > 0).mean() - 0.5) < 4.5 * 0.0035


def assert_independent(weights):
    """Members and units: 10,000 entries a member, so a chance correlation has std 0.01."""
    members, units = weights.reshape(8, -1), weights[:, :, :8].reshape(-1, 8).T
    for vectors in (members, units):
        error = 1 / np.sqrt(vectors.shape[1])
        assert np.abs(np.corrcoef(vectors) - np.eye(8)).max() < 4.5 * error
