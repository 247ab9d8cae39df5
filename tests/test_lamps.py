"""Lamps, read back from the axes."""

import numpy as np
import pytest

from initlab.lamps import lamps, lamps_figure
from initlab.style import new_figure


@pytest.fixture
def ax():
    return new_figure()[1]


def offsets(collection):
    return {tuple(point) for point in np.round(collection.get_offsets()).astype(int).tolist()}


def test_a_lamp_is_lit_where_the_gradient_is_not_zero(ax):
    sizes = np.array([[0, 1e-1], [3e-4, 2e-1], [1e-300, 0.6]])  # 3 steps, 2 layers
    lamps(ax, sizes)
    lit, dark = ax.collections
    assert offsets(lit) == {(1, 2), (2, 1), (2, 2), (3, 1), (3, 2)}
    assert offsets(dark) == {(1, 1)}
    assert len(dark.get_facecolor()) == 0 and len(lit.get_facecolor()) == 1


def test_the_number_in_a_lamp_is_the_power_of_ten(ax):
    lamps(ax, np.array([[0, 1e-1], [3e-4, 20.0], [1e-300, 0.6]]))
    words = {t.get_position(): t.get_text() for t in ax.texts}
    assert words == {(1, 2): "−1", (2, 1): "−4", (2, 2): "+1", (3, 1): "−300", (3, 2): "0"}


def test_all_dark_has_no_numbers(ax):
    lamps(ax, np.zeros((4, 3)))
    assert not ax.texts
    assert len(offsets(ax.collections[1])) == 12


@pytest.mark.parametrize("sizes", [np.ones(3), np.array([[1.0, -1.0]])])
def test_lamps_refuse(ax, sizes):
    with pytest.raises(ValueError, match="steps, layers"):
        lamps(ax, sizes)


def test_lamp_figures_have_one_size():
    figures = [lamps_figure(np.ones((8, depth)), 6) for depth in (2, 6)]
    assert len({tuple(figure.get_size_inches()) for figure in figures}) == 1
    assert len({figure.axes[0].get_ylim() for figure in figures}) == 1
