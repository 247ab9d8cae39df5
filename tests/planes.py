"""What data sets in the plane must look like without noise, in whatever language they were made."""

import numpy as np
from helpers import ACCEPT, REJECT, ks_p_value


def distance_to_moon(points, label):
    """How far each point is from its half circle, ends included."""
    center = np.array([0, 0]) if label == 0 else np.array([1, 0.5])
    sign = 1 if label == 0 else -1
    x, y = (points - center).T
    from_arc = np.abs(np.hypot(x, y) - 1)
    from_ends = np.minimum(np.hypot(x - 1, y), np.hypot(x + 1, y))
    return np.where(sign * y >= 0, from_arc, from_ends)


def assert_in_order(labels, n_classes):
    """Class 0 first, and as many of each class as of any other, give or take one."""
    assert (np.diff(labels) >= 0).all()
    counts = np.bincount(labels.astype(int), minlength=n_classes)
    assert len(counts) == n_classes
    assert counts.max() - counts.min() <= 1


def assert_moons(inputs, labels):
    assert_in_order(labels, 2)
    for label in (0, 1):
        own, other = inputs[labels == label], inputs[labels != label]
        assert distance_to_moon(own, label).max() < 1e-12
        assert distance_to_moon(other, label).min() > 0.05  # control, and a gap between the moons


def assert_even(share, stretched):
    """Shares spread evenly over 0..1; ``stretched``, of the same points, are not."""
    assert ks_p_value((share - 0.5) * np.sqrt(12), "uniform", 1) > ACCEPT
    assert ks_p_value((stretched - 0.5) * np.sqrt(12), "uniform", 1) < REJECT


def polar(inputs):
    """Radius, and angle as a share of a turn."""
    x, y = inputs.T
    return np.hypot(x, y), np.arctan2(y, x) / (2 * np.pi) % 1


def assert_circles(inputs, labels, n_classes):
    assert_in_order(labels, n_classes)
    radius, turn = polar(inputs)
    np.testing.assert_allclose(radius, (labels + 1) / n_classes, atol=1e-12)
    for label in range(n_classes):
        share = turn[labels == label]
        assert_even(share, share**3)


def assert_spirals(inputs, labels, n_classes, start=0.1):
    assert_in_order(labels, n_classes)
    radius, turn = polar(inputs)
    # Each arm is turned by 1/K from the one before; what is left of the turn is the radius.
    off = (turn - radius - labels / n_classes + 0.5) % 1 - 0.5
    assert np.abs(off).max() < 1e-12
    assert np.abs((turn - radius - (labels + 1) / n_classes + 0.5) % 1 - 0.5).min() > 0.1
    for label in range(n_classes):
        share = (radius[labels == label] - start) / (1 - start)
        assert 0 <= share.min() < 0.05 < 0.95 < share.max() <= 1
        assert_even(share, share**3)
