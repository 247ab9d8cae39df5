"""Rays, read back from the axes."""

import numpy as np
import pytest
from matplotlib.colors import to_hex

from initlab.rays import rays, rays_figure
from initlab.style import COLORS, new_figure


@pytest.fixture
def ax():
    return new_figure()[1]


def test_rays_are_colored_by_where_they_end(ax):
    radii = np.array([0.0, 1.0, 2.0])
    changes = np.array([[0, 0, 0], [-1, 2, 1], [3, -4, 0]])
    rays(ax, radii, changes)
    drawn = {tuple(line.get_ydata()): (to_hex(line.get_color()), line.get_linestyle())
             for line in ax.lines[:3]}  # fmt: skip
    up, down = (COLORS["orange"], "--"), (COLORS["blue"], "-")
    assert drawn == {(0, -1, 3): up, (0, 1, 0): up, (0, 2, -4): down}


def test_rays_that_all_go_one_way_are_drawn(ax):
    rays(ax, np.array([0.0, 1.0]), np.array([[0, 0], [1, 2]]))
    assert len(ax.lines) == 3  # two and the level


def test_rays_refuse(ax):
    with pytest.raises(ValueError, match=r"shape \(3, directions\)"):
        rays(ax, np.arange(3), np.ones((2, 5)))


def test_ray_figures_keep_their_window():
    figure = rays_figure(np.array([0.0, 1.0]), np.array([[0.0], [9.0]]), 0.5)
    assert figure.axes[0].get_ylim() == (-0.5, 0.5)
    assert figure.axes[0].get_xlim() == (0, 1)
