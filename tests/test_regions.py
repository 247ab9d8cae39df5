"""Maps of the plane: the right probabilities at the right places, in the page's colors."""

import numpy as np
import pytest
from scipy.special import expit

from initlab import data, regions, style
from initlab.initializers import glorot_normal, zeros
from initlab.network import MLP
from initlab.parameters import Parameters

LIMITS = (-2.0, 2.0, -1.0, 3.0)
STEPS = np.array([0, 10, 20])


@pytest.fixture
def points(rng):
    return data.two_moons(20, rng=rng)


def test_lattice_covers_the_limits_row_by_row():
    grid = regions.lattice((0, 2, 10, 12), 3)
    assert grid.shape == (9, 2)
    np.testing.assert_array_equal(grid[:4], [[0, 10], [1, 10], [2, 10], [0, 11]])


def test_probabilities_of_a_network_with_known_answer(rng):
    """Without a hidden layer: the sigmoid of a weighted sum; one row a member of an ensemble."""
    network = MLP([2, 1])
    W = np.array([[[1.0], [0.0]], [[0.0], [2.0]]])
    found = regions.probabilities(
        network, Parameters([W], [np.zeros((2, 1))]), np.array([[1, 1], [3, 0]])
    )
    np.testing.assert_allclose(found, expit([[1, 3], [2, 0]]))


def test_zero_weights_are_undecided_everywhere(rng):
    network = MLP([2, 4, 1])
    parameters = network.initialize(zeros(), rng=rng)
    assert (regions.probabilities(network, parameters, regions.lattice(LIMITS, 5)) == 0.5).all()


def test_a_second_output_is_refused(rng):
    network = MLP([2, 4, 2])
    with pytest.raises(ValueError, match="one output, got 2"):
        regions.probabilities(
            network, network.initialize(glorot_normal(), rng=rng), np.ones((1, 2))
        )


def drawn(probability, points):
    _, ax = style.new_figure()
    regions.region_map(ax, probability, LIMITS, points)
    return ax


def test_the_border_stands_where_the_probability_is_a_half(points):
    grid = regions.lattice(LIMITS, 41)
    ax = drawn(expit(8 * (grid[:, 0] - 0.5)), points)
    lines = [c for c in ax.collections if c.get_facecolor().size == 0]
    (border,) = lines
    xs = np.concatenate([path.vertices[:, 0] for path in border.get_paths()])
    np.testing.assert_allclose(xs, 0.5, atol=0.01)


def test_an_undecided_plane_has_neither_tint_nor_border(points):
    decided = drawn(expit(regions.lattice(LIMITS, 9)[:, 0]), points)
    undecided = drawn(np.full(81, 0.5), points)
    assert len(undecided.collections) == 2  # the points of both classes
    assert len(decided.collections) > 2


def test_both_classes_are_drawn_and_told_apart_without_color(points):
    ax = drawn(np.full(81, 0.5), points)
    crosses, dots = ax.collections
    for marks, label in ((crosses, 0), (dots, 1)):
        np.testing.assert_array_equal(marks.get_offsets(), points.inputs[points.labels == label])
    assert not np.array_equal(crosses.get_paths()[0].vertices, dots.get_paths()[0].vertices)


def test_what_is_no_square_lattice_is_refused(points):
    with pytest.raises(ValueError, match="square lattice, got 80"):
        drawn(np.full(80, 0.5), points)


def test_the_figure_marks_the_step_on_the_first_curve(points):
    losses = {"mine": np.array([3.0, 2.0, 1.0]), "other": np.array([0.5, 0.5, 0.5])}
    figure = regions.regions_figure(np.full(81, 0.5), LIMITS, points, STEPS, losses, 10)
    other, mine, dot = figure.axes[1].lines
    np.testing.assert_array_equal(other.get_ydata(), losses["other"])
    np.testing.assert_array_equal(mine.get_ydata(), losses["mine"])
    assert dot.get_xydata().tolist() == [[10, 2.0]]
    assert mine.get_color() == style.COLORS["blue"] != other.get_color()
