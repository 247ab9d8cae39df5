"""Lamps and rays, read back from the axes."""

import numpy as np
import pytest
from matplotlib.colors import to_hex

from initlab import plotting_zero
from initlab.style import COLORS, new_figure


@pytest.fixture
def ax():
    return new_figure()[1]


def offsets(collection):
    return {tuple(point) for point in np.round(collection.get_offsets()).astype(int).tolist()}


def test_a_lamp_is_lit_where_the_gradient_is_not_zero(ax):
    sizes = np.array([[0, 1e-1], [3e-4, 2e-1], [1e-300, 0.6]])  # 3 steps, 2 layers
    plotting_zero.lamps(ax, sizes)
    lit, dark = ax.collections
    assert offsets(lit) == {(1, 2), (2, 1), (2, 2), (3, 1), (3, 2)}
    assert offsets(dark) == {(1, 1)}
    assert len(dark.get_facecolor()) == 0 and len(lit.get_facecolor()) == 1


def test_the_number_in_a_lamp_is_the_power_of_ten(ax):
    plotting_zero.lamps(ax, np.array([[0, 1e-1], [3e-4, 20.0], [1e-300, 0.6]]))
    words = {t.get_position(): t.get_text() for t in ax.texts}
    assert words == {(1, 2): "−1", (2, 1): "−4", (2, 2): "+1", (3, 1): "−300", (3, 2): "0"}


def test_all_dark_has_no_numbers(ax):
    plotting_zero.lamps(ax, np.zeros((4, 3)))
    assert not ax.texts
    assert len(offsets(ax.collections[1])) == 12


@pytest.mark.parametrize("sizes", [np.ones(3), np.array([[1.0, -1.0]])])
def test_lamps_refuse(ax, sizes):
    with pytest.raises(ValueError, match="steps, layers"):
        plotting_zero.lamps(ax, sizes)


def test_lamp_figures_have_one_size():
    figures = [plotting_zero.lamps_figure(np.ones((8, depth)), 6) for depth in (2, 6)]
    assert len({tuple(figure.get_size_inches()) for figure in figures}) == 1
    assert len({figure.axes[0].get_ylim() for figure in figures}) == 1


def test_rays_are_colored_by_where_they_end(ax):
    radii = np.array([0.0, 1.0, 2.0])
    changes = np.array([[0, 0, 0], [-1, 2, 1], [3, -4, 0]])
    plotting_zero.rays(ax, radii, changes)
    drawn = {tuple(line.get_ydata()): (to_hex(line.get_color()), line.get_linestyle())
             for line in ax.lines[:3]}  # fmt: skip
    up, down = (COLORS["orange"], "--"), (COLORS["blue"], "-")
    assert drawn == {(0, -1, 3): up, (0, 1, 0): up, (0, 2, -4): down}


def test_rays_that_all_go_one_way_are_drawn(ax):
    plotting_zero.rays(ax, np.array([0.0, 1.0]), np.array([[0, 0], [1, 2]]))
    assert len(ax.lines) == 3  # two and the level


def test_rays_refuse(ax):
    with pytest.raises(ValueError, match=r"shape \(3, directions\)"):
        plotting_zero.rays(ax, np.arange(3), np.ones((2, 5)))


def test_ray_figures_keep_their_window():
    figure = plotting_zero.rays_figure(np.array([0.0, 1.0]), np.array([[0.0], [9.0]]), 0.5)
    assert figure.axes[0].get_ylim() == (-0.5, 0.5)
    assert figure.axes[0].get_xlim() == (0, 1)
