"""What a network with two inputs and one output makes of the plane: a map of its answers.

Symbols
-------
probability : sigmoid of the single logit, the network's belief in class 1.
grid : all points of a square lattice, row by row, shape ``(resolution**2, 2)``.
"""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.special import expit

from initlab import _checks
from initlab.data import Dataset
from initlab.network import MLP
from initlab.parameters import Parameters
from initlab.plotting import curves
from initlab.style import COLORS, new_figure

# From white at 0.5 to a light tint, so that the points on top stay legible.
_LEVELS = [0.0, 0.05, 0.35, 0.5, 0.65, 0.95, 1.0]
_TINTS = [("orange", 0.45), ("orange", 0.28), ("orange", 0.1)]
_TINTS += [("blue", 0.1), ("blue", 0.28), ("blue", 0.45)]


def lattice(limits: tuple[float, float, float, float], resolution: int = 80) -> np.ndarray:
    """The grid over ``limits = (left, right, bottom, top)``, shape ``(resolution**2, 2)``."""
    resolution = _checks.whole(resolution, "resolution", at_least=2)
    left, right, bottom, top = limits
    x, y = np.meshgrid(np.linspace(left, right, resolution), np.linspace(bottom, top, resolution))
    return np.stack([x.ravel(), y.ravel()], axis=1)


def probabilities(network: MLP, parameters: Parameters, grid: np.ndarray) -> np.ndarray:
    """The network's belief in class 1 at every point: ``grid`` is ``(n, 2)``, result ``(..., n)``.

    Raises ``ValueError`` for a network without just one output, or with inputs other than two.
    """
    if network.layer_sizes[-1] != 1:
        raise ValueError(f"the network must have one output, got {network.layer_sizes[-1]}")
    return expit(network.forward(parameters, grid).outputs[..., 0])


def region_map(ax: Axes, probability: np.ndarray, limits, points: Dataset) -> Axes:
    """Tint the plane by belief, blue for class 1 and orange for class 0, and set the points on it.

    ``probability`` has one entry for each point of ``lattice(limits, ...)``. Where it is exactly
    a half the plane stays white. Points are dots (class 1) and crosses (class 0).
    """
    n = int(np.sqrt(len(probability)))
    if n * n != len(probability):
        raise ValueError(f"probability must belong to a square lattice, got {len(probability)}")
    left, right, bottom, top = limits
    x, y = np.linspace(left, right, n), np.linspace(bottom, top, n)
    table = np.asarray(probability).reshape(n, n)
    if not np.allclose(table, 0.5, rtol=0, atol=1e-6):
        for low, high, (name, alpha) in zip(_LEVELS, _LEVELS[1:], _TINTS, strict=False):
            if table.min() < high and table.max() > low:
                edges = [low - (low == 0), high + (high == 1)]
                ax.contourf(x, y, table, edges, colors=[COLORS[name]], alpha=alpha)
        if table.min() < 0.5 < table.max():
            ax.contour(x, y, table, [0.5], colors=[COLORS["ink"]], linewidths=1.2)
    for label, name, marker in ((0, "orange", "X"), (1, "blue", "o")):
        chosen = points.inputs[points.labels == label]
        ax.scatter(*chosen.T, s=16, marker=marker, color=COLORS[name], linewidth=0)
    ax.set(xlim=(left, right), ylim=(bottom, top), xticks=[], yticks=[])
    ax.spines[:].set(visible=True, color=COLORS["grid"])
    ax.grid(False)
    return ax


def regions_figure(
    probability: np.ndarray,
    limits: tuple[float, float, float, float],
    points: Dataset,
    steps: np.ndarray,
    losses: Mapping[str, np.ndarray],
    step: int,
) -> Figure:
    """:func:`region_map` beside the loss curves so far: the first is drawn out, the rest are gray.

    ``losses`` maps a name to a curve over ``steps``; a dot marks ``step`` on the first one.
    """
    margins = {"left": 0.005, "right": 0.965, "bottom": 0.18, "top": 0.98, "wspace": 0.32}
    figure, (plane, loss) = new_figure(
        2.7, steady=True, ncols=2, width_ratios=[1.5, 1], gridspec_kw=margins
    )
    region_map(plane, probability, limits, points)
    (name, curve), *others = losses.items()
    for _, other in others:
        loss.plot(steps, other, color=COLORS["muted"], linewidth=0.8, alpha=0.55)
    curves(loss, steps, {name: curve}).legend().remove()
    at = int(np.flatnonzero(np.asarray(steps) == step)[0])
    loss.plot([step], [curve[at]], "o", color=COLORS["blue"], markersize=8, clip_on=False)
    loss.grid(False)
    loss.set(xlabel="step", ylabel="loss (nats)", yscale="log", ylim=(0.005, 20))
    loss.set_yticks([0.01, 0.1, 1, 10], ["0.01", "0.1", "1", "10"])
    loss.minorticks_off()
    loss.set_xticks([steps[0], steps[-1] // 2, steps[-1]])
    return figure
