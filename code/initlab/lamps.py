"""Lamps: which layer receives a gradient at which step of training.

As in ``plotting``, nothing here trains or draws random numbers; a function takes the axes,
draws computed results on them and returns them, or a new figure of the same.
"""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from initlab.style import COLORS, new_figure


def lamps(ax: Axes, sizes: np.ndarray) -> Axes:
    """A lamp for each layer and step: lit where its gradient is not exactly zero.

    ``sizes`` is ``(steps, layers)``, the size of each gradient; steps count from 1, and the
    last layer is on top. The number in a lit lamp is the power of ten of the size, rounded.
    """
    sizes = np.asarray(sizes)
    if sizes.ndim != 2 or (sizes < 0).any():
        raise ValueError("sizes must have shape (steps, layers) and no negative entry")
    n_steps, depth = sizes.shape
    steps, layers = np.meshgrid(np.arange(1, n_steps + 1), np.arange(1, depth + 1), indexing="ij")
    lit = sizes > 0
    ax.scatter(steps[lit], layers[lit], s=330, color=COLORS["orange"], zorder=2)
    ax.scatter(steps[~lit], layers[~lit], s=330, facecolor="none", edgecolor=COLORS["muted"],
               zorder=2)  # fmt: skip
    for step, layer, size in zip(steps[lit], layers[lit], sizes[lit], strict=True):
        power = f"{round(np.log10(size)):+d}".replace("-", "−").replace("+0", "0")
        ax.text(step, layer, power, ha="center", va="center_baseline", fontsize=7.5,
                color=COLORS["paper"], zorder=3)  # fmt: skip
    ax.set(xlim=(0.4, n_steps + 0.6), xticks=range(1, n_steps + 1), xlabel="step")
    ax.set(ylim=(0.4, depth + 0.6), yticks=range(1, depth + 1), ylabel="layer")
    ax.grid(False)
    return ax


def lamps_figure(sizes: np.ndarray, deepest: int) -> Figure:
    """:func:`lamps` alone, with room for ``deepest`` layers: frames of one size."""
    margins = {"left": 0.1, "bottom": 0.17, "top": 0.97}
    figure, ax = new_figure(0.55 * deepest + 0.6, steady=True, gridspec_kw=margins)
    lamps(ax, sizes).set_ylim(0.4, deepest + 0.6)
    return figure
