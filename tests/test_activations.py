"""Every activation: its value, its derivative, its behavior far out."""

import numpy as np
import pytest
from helpers import central_differences
from scipy.stats import norm

from initlab.activations import ACTIVATIONS, Activation, get_activation, leaky_relu

SLOPES = [0.0, 0.01, 0.3, 1.0, 1.5]
EVERY = [*ACTIVATIONS.values(), *map(leaky_relu, SLOPES)]
# Written from the definitions; everything that follows is checked against these.
BY_HAND = {
    "identity": lambda z: z,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": lambda z: (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z)),
    "relu": lambda z: z if z > 0 else 0.0,
    "elu": lambda z: z if z > 0 else np.exp(z) - 1,
    "softplus": lambda z: np.log(1 + np.exp(z)),
    "gelu": lambda z: z * norm.cdf(z),
    "silu": lambda z: z / (1 + np.exp(-z)),
    "leaky_relu": lambda z: z if z > 0 else 0.01 * z,
}


def points():
    """Both signs, several sizes, never within 0.01 of the kink at 0."""
    magnitudes = np.geomspace(0.01, 6, 25)
    return np.concatenate([-magnitudes[::-1], magnitudes])


def test_every_registered_activation_has_a_definition_here():
    assert BY_HAND.keys() == ACTIVATIONS.keys()


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_value(name):
    by_hand = [BY_HAND[name](z) for z in points()]
    np.testing.assert_allclose(ACTIVATIONS[name](points()), by_hand, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("slope", SLOPES)
def test_leaky_relu_has_the_given_slope(slope):
    phi = leaky_relu(slope)
    np.testing.assert_array_equal(phi(np.array([-2.0, 0.0, 3.0])), [-2 * slope, 0, 3])
    np.testing.assert_array_equal(phi.derivative(np.array([-2.0, 0.0, 3.0])), [slope, slope, 1])


@pytest.mark.parametrize("phi", EVERY, ids=repr)
def test_derivative_is_that_of_central_differences(phi):
    z = points()
    numeric = central_differences(lambda at: phi(at).sum(), z)
    np.testing.assert_allclose(phi.derivative(z), numeric, rtol=1e-8, atol=1e-9)


def test_central_differences_tell_neighbors_apart():
    # Control: derivatives of similar functions, and a derivative that takes the activation.
    z = points()
    numeric = central_differences(lambda at: ACTIVATIONS["gelu"](at).sum(), z)
    assert np.abs(ACTIVATIONS["silu"].derivative(z) - numeric).max() > 0.01
    numeric = central_differences(lambda at: np.tanh(at).sum(), z)
    assert np.abs(ACTIVATIONS["tanh"].derivative(np.tanh(z)) - numeric).max() > 0.01


@pytest.mark.parametrize(
    ("name", "value", "slope"),
    [
        ("identity", 0, 1),
        ("sigmoid", 0.5, 0.25),
        ("tanh", 0, 1),
        ("relu", 0, 0),  # from the left
        ("elu", 0, 1),
        ("softplus", np.log(2), 0.5),
        ("gelu", 0, 0.5),
        ("silu", 0, 0.5),
        ("leaky_relu", 0, 0.01),  # from the left
    ],
)
def test_at_zero(name, value, slope):
    for zero in (np.array([0.0]), np.array([-0.0])):
        assert ACTIVATIONS[name](zero) == pytest.approx(value, abs=1e-15)
        assert ACTIVATIONS[name].derivative(zero) == pytest.approx(slope, abs=1e-15)


@pytest.mark.parametrize("phi", EVERY, ids=repr)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_far_out_there_is_no_overflow(phi, dtype):
    # Warnings are errors here; the slope far out is that of an asymptote, not NaN.
    z = np.array([-1e3, -90, 90, 1e3], dtype)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        value, slope = phi(z), phi.derivative(z)
    assert np.isfinite(value).all()
    asymptotes = (value[[0, 3]] - value[[1, 2]]) / (z[[0, 3]] - z[[1, 2]])
    np.testing.assert_allclose(slope[[1, 2]], asymptotes, atol=1e-6)
    np.testing.assert_allclose(slope[[0, 3]], asymptotes, atol=1e-6)


@pytest.mark.parametrize("phi", EVERY, ids=repr)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(3,), (2, 3), (2, 1, 3)])
def test_shape_and_precision_are_kept(phi, dtype, shape, rng):
    z = rng.standard_normal(shape).astype(dtype)
    before = z.copy()
    for result in (phi(z), phi.derivative(z)):
        assert result.shape == shape
        assert result.dtype == dtype
    assert np.array_equal(z, before)


def test_get_activation():
    own = Activation("square", lambda z: z**2, lambda z: 2 * z)
    assert get_activation(own) is own
    assert get_activation("tanh") is ACTIVATIONS["tanh"]
    assert all(phi.name.startswith(name) for name, phi in ACTIVATIONS.items())


@pytest.mark.parametrize("bad", ["Tanh", "", None, 3, np.tanh])
def test_unknown_activations_are_refused(bad):
    with pytest.raises(ValueError, match=r"^unknown activation: got ") as caught:
        get_activation(bad)
    assert all(repr(text) in str(caught.value) for text in (bad, *ACTIVATIONS))


@pytest.mark.parametrize("bad", [-0.01, np.nan, np.inf, True, "0.1"])
def test_bad_slopes_are_refused(bad):
    message = "^negative_slope must be a finite number and at least 0, got "
    with pytest.raises(ValueError, match=message) as caught:
        leaky_relu(bad)
    assert str(caught.value).endswith(repr(bad))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_slope_from_the_value_is_the_same_to_the_last_bit(name, dtype, rng):
    phi = ACTIVATIONS[name]
    z = np.concatenate([9 * rng.standard_normal(999), [0.0, -0.0, np.inf, -np.inf, np.nan, 5e-324]])
    z = z.astype(dtype)
    if phi.from_value is None:
        assert name in {"elu", "softplus", "gelu", "silu"}
        return
    with np.errstate(invalid="ignore"):
        found, wanted = phi.from_value(phi(z)), phi.derivative(z)
    np.testing.assert_array_equal(found, wanted)
    assert found.dtype == dtype
    if name in {"sigmoid", "tanh"}:  # control: the derivative of the value is another thing
        assert not np.array_equal(phi.derivative(phi(z))[:999], wanted[:999])
