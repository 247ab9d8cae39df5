"""Rays: the loss along straight lines away from a point.

As in ``plotting``, nothing here trains or draws random numbers; a function takes the axes,
draws computed results on them and returns them, or a new figure of the same.
"""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from initlab.style import COLORS, new_figure


def rays(ax: Axes, radii: np.ndarray, changes: np.ndarray) -> Axes:
    """The change of the loss along straight lines away from a point, a line a direction.

    ``changes`` is ``(radii, directions)``. Directions that end lower are blue and solid,
    those that end higher orange and dashed.
    """
    changes = np.asarray(changes)
    if changes.shape[:1] != np.shape(radii) or changes.ndim != 2:
        raise ValueError(f"changes must have shape ({len(radii)}, directions), got {changes.shape}")
    down = changes[-1] < 0
    for chosen, color, dash in ((~down, "orange", "--"), (down, "blue", "-")):
        if chosen.any():
            ax.plot(radii, changes[:, chosen], color=COLORS[color], linestyle=dash, linewidth=1)
    ax.axhline(0, color=COLORS["muted"], linewidth=0.8)
    ax.set(xlabel="distance from zero", ylabel="change of the loss (nats)")
    return ax


def rays_figure(radii: np.ndarray, changes: np.ndarray, largest: float) -> Figure:
    """:func:`rays` alone, between ``-largest`` and ``largest``."""
    margins = {"left": 0.17, "right": 0.96, "bottom": 0.18, "top": 0.96}
    figure, ax = new_figure(2.8, steady=True, gridspec_kw=margins)
    rays(ax, radii, changes).set(xlim=(0, radii[-1]), ylim=(-largest, largest))
    return figure
