"""Plots of computed results. Nothing here trains or draws random numbers.

Every function takes the axes, draws on them and returns them. The last ones, named
``..._figure``, put several together in a new figure, for the frames of an explorer.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke

from initlab.parameters import Parameters
from initlab.style import COLORS, new_figure

#: Colors and dashes change together, so that lines stay apart without color.
LINE_STYLES = [
    (COLORS["blue"], "-"),
    (COLORS["orange"], "--"),
    (COLORS["green"], "-."),
    (COLORS["pink"], (0, (1, 1.2))),
    (COLORS["muted"], (0, (6, 2, 1, 2, 1, 2))),
]


def curves(ax: Axes, steps: Sequence, lines: Mapping[str, np.ndarray]) -> Axes:
    """One line for each entry of ``lines``, labeled in a legend.

    An entry of shape ``(n_records,)`` is drawn as it is. One of shape ``(n_records, runs)``
    is drawn as its median with a band from the 10th to the 90th percentile of the runs.
    Raises ``ValueError`` where lengths differ or there are more lines than styles.
    """
    if len(lines) > len(LINE_STYLES):
        raise ValueError(f"at most {len(LINE_STYLES)} lines can be told apart, got {len(lines)}")
    for (label, values), (color, dash) in zip(lines.items(), LINE_STYLES, strict=False):
        values = np.asarray(values)
        if len(values) != len(steps):
            raise ValueError(f"line {label!r} has {len(values)} values for {len(steps)} steps")
        if values.ndim == 2:
            low, values, high = np.percentile(values, [10, 50, 90], axis=1)
            ax.fill_between(steps, low, high, color=color, alpha=0.2, linewidth=0)
        ax.plot(steps, values, color=color, linestyle=dash, label=label)
    ax.legend()
    return ax


def layer_histograms(ax: Axes, layers: Mapping[str, np.ndarray], limits, bins: int = 60) -> Axes:
    """One histogram for each entry, stacked as ridges, the first entry on top.

    All share the horizontal axis ``limits = (low, high)``; values outside are counted in the
    first or last bin. Each ridge is as high as its fullest bin: shapes compare, heights do not.
    """
    edges = np.linspace(*limits, bins + 1)
    names = list(layers)
    for row, name in enumerate(names):
        values = np.clip(np.ravel(layers[name]), *limits)
        counts, _ = np.histogram(values, edges)
        ridge = -row + 0.82 * counts / max(counts.max(), 1)
        ax.stairs(ridge, edges, baseline=-row, fill=True, color=COLORS["blue"], alpha=0.8)
    ax.set(xlim=limits, ylim=(0.3 - len(names), 1), yticks=-np.arange(len(names)))
    ax.set_yticklabels(names)
    ax.grid(False, axis="y")
    return ax


def heat_map(ax: Axes, values: np.ndarray, rows: Sequence, columns: Sequence, form: str) -> Axes:
    """A matrix as colored squares with the numbers written in them; strong color is large.

    ``rows`` and ``columns`` label the axes, ``form`` formats a number, such as ``"{:.2f}"``.
    Entries that are not finite have no square, only the number.
    """
    values = np.asarray(values, float)
    finite = values[np.isfinite(values)]
    low, high = finite.min(), finite.max()
    for (i, j), value in np.ndenumerate(values):
        if np.isfinite(value):
            # At most half of the color, so that ink stays legible on it, on a dark page, too.
            strength = 0.5 * (value - low) / (high - low) if high > low else 0.0
            square = Rectangle((j - 0.5, i - 0.5), 1, 1, alpha=strength, linewidth=0)
            square.set_facecolor(COLORS["blue"])
            ax.add_patch(square)
        ax.text(j, i, form.format(value), ha="center", va="center", fontsize=8)
    ax.set(xlim=(-0.5, len(columns) - 0.5), ylim=(len(rows) - 0.5, -0.5))
    ax.set_xticks(range(len(columns)), columns)
    ax.set_yticks(range(len(rows)), rows)
    ax.grid(False)
    return ax


def border_line(ax: Axes, rows: Sequence, columns: Sequence, at, values) -> Axes:
    """A curve over a :func:`heat_map` whose ``rows`` and ``columns`` are numbers above 0.

    ``values`` is measured in units of the rows, ``at`` in those of the columns, both of shape
    ``(n,)``; between two labels places are interpolated in the logarithm, and what lies beyond
    the map runs along its edge. Numbers that the curve would strike out get a plate.
    """
    casing = withStroke(linewidth=4, foreground=COLORS["paper"])
    x, y = _place(at, columns), _place(values, rows)
    ax.plot(x, y, color=COLORS["orange"], linewidth=2, path_effects=[casing], zorder=2.5)
    along = np.linspace(0, len(x) - 1, 50 * len(x))
    x, y = (np.interp(along, range(len(place)), place) for place in (x, y))
    for text in ax.texts:
        j, i = text.get_position()
        if ((abs(x - j) < 0.35) & (abs(y - i) < 0.3)).any():
            text.set_bbox({"facecolor": COLORS["paper"], "edgecolor": "none", "pad": 1})
    return ax


def _place(values, labels: Sequence) -> np.ndarray:
    log = np.log(labels)
    low, high = log[0] - (log[1] - log[0]) / 2, log[-1] + (log[-1] - log[-2]) / 2
    return np.interp(np.log(values), [low, *log, high], [-0.5, *range(len(log)), len(log) - 0.5])


def unit_images(ax: Axes, W: np.ndarray, image_shape: tuple[int, int], columns: int = 8) -> Axes:
    """The incoming weights of every unit as an image, tiled: ``W`` is ``(pixels, units)``.

    ``columns`` tiles stand in a row. Blue is positive, red negative, white zero; the
    strongest color is the largest weight. Raises ``ValueError`` where the pixels do not fill
    the image.
    """
    height, width = image_shape
    pixels, units = W.shape
    if pixels != height * width:
        raise ValueError(f"W must have {height} x {width} rows, one for each pixel, got {pixels}")
    columns = min(columns, units)
    rows = int(np.ceil(units / columns))
    # One pixel of nothing between the tiles.
    sheet = np.full((rows * (height + 1) - 1, columns * (width + 1) - 1), np.nan)
    for unit in range(units):
        top, left = (unit // columns) * (height + 1), (unit % columns) * (width + 1)
        sheet[top : top + height, left : left + width] = W[:, unit].reshape(image_shape)
    return _signed_image(ax, sheet)


def weight_map(ax: Axes, W: np.ndarray) -> Axes:
    """A weight matrix ``(fan_in, fan_out)`` as colored squares: a row an input, a column a unit.

    Blue is positive, red negative, white zero; the strongest color is the largest weight.
    """
    return _signed_image(ax, W)


def _signed_image(ax: Axes, values: np.ndarray) -> Axes:
    largest = np.nanmax(np.abs(values)) or 1.0
    ax.imshow(values, cmap="RdBu", vmin=-largest, vmax=largest)
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    return ax


def unit_dots(ax: Axes, layers: Mapping[str, np.ndarray]) -> Axes:
    """A row of dots for each layer: filled where a unit is new, hollow where it is a copy.

    ``layers`` maps a label to ``diagnostics.unit_groups`` of that layer, shape ``(units,)``.
    """
    for row, (label, groups) in enumerate(layers.items()):
        units = np.arange(len(groups))
        new = groups == units
        y = np.full(len(groups), -row)
        ax.scatter(units[new], y[new], s=38, color=COLORS["blue"])
        ax.scatter(units[~new], y[~new], s=38, facecolor="none", edgecolor=COLORS["muted"])
        text = f"different units in {label}: {new.sum()} of {len(groups)}"
        ax.annotate(text, (0, -row), (-4, 9), textcoords="offset points", color=COLORS["ink"])
    ax.set_xlim(-1, max(map(len, layers.values())))
    ax.set_ylim(-len(layers) + 0.5, 0.8)
    ax.set_axis_off()
    return ax


def network_diagram(ax: Axes, parameters: Parameters, groups: np.ndarray) -> Axes:
    """A network with one hidden layer as a graph; hidden units of one group share a color.

    ``groups`` is ``diagnostics.unit_groups`` of the hidden layer. Lines are weights: wide
    where large, blue and solid where positive, orange and dashed where negative. The number
    in a hidden unit is its group.
    """
    if len(parameters.W) != 2:
        raise ValueError(f"the diagram shows one hidden layer, got {len(parameters.W) - 1}")
    sizes = [parameters.W[0].shape[0], *(W.shape[1] for W in parameters.W)]
    heights = [np.linspace(1, -1, n) * (n / max(sizes)) for n in sizes]
    largest = max(np.abs(W).max() for W in parameters.W) or 1.0
    for layer, W in enumerate(parameters.W):
        for (i, j), weight in np.ndenumerate(W):
            ax.plot(
                [layer, layer + 1],
                [heights[layer][i], heights[layer + 1][j]],
                color=COLORS["blue"] if weight >= 0 else COLORS["orange"],
                linestyle="-" if weight >= 0 else "--",
                linewidth=0.2 + 4 * abs(weight) / largest,
                zorder=1,
            )
    names = [COLORS[name] for name in ("green", "pink", "blue", "orange", "muted")]
    distinct = list(dict.fromkeys(groups.tolist()))
    for layer, height in enumerate(heights):
        colors = COLORS["muted"]
        if layer == 1:
            colors = [names[distinct.index(g) % len(names)] for g in groups]
        ax.scatter(np.full(len(height), layer), height, s=330, color=colors, zorder=2)
    for y, group in zip(heights[1], groups, strict=True):
        number = distinct.index(group) + 1
        ax.text(1, y, number, color=COLORS["paper"], ha="center", va="center_baseline")
    for layer, label in enumerate(["inputs", "hidden units", "outputs"]):
        ax.text(layer, -1.5, label, ha="center", va="center_baseline", fontsize=9)
    ax.set_xlim(-0.35, 2.35)
    ax.set_ylim(-1.65, 1.3)
    ax.set_axis_off()
    return ax


def units_figure(W: np.ndarray, image_shape: tuple[int, int], layers: Mapping) -> Figure:
    """:func:`unit_images` of a first layer above :func:`unit_dots` of the hidden layers."""
    margins = {"left": 0.02, "bottom": 0.02, "top": 0.93, "hspace": 0.1}
    figure, (top, bottom) = new_figure(
        3.1, steady=True, nrows=2, height_ratios=[1.5, 1], gridspec_kw=margins
    )
    unit_images(top, W, image_shape).set_title("incoming weights, layer 1")
    unit_dots(bottom, layers)
    return figure


def network_figure(parameters: Parameters, groups: np.ndarray) -> Figure:
    """:func:`network_diagram` alone."""
    figure, ax = new_figure(
        2.6, steady=True, gridspec_kw={"left": 0.02, "bottom": 0.02, "top": 0.98}
    )
    network_diagram(ax, parameters, groups)
    return figure


def descent(valley: Axes, path: Axes, w: np.ndarray, curvature: float) -> tuple[Axes, Axes]:
    """Gradient descent on the parabola ``curvature * w**2 / 2``: ``w`` has one entry a step.

    ``valley`` shows the steps on the parabola, ``path`` shows w at every step.
    """
    reach = max(1.2, np.abs(w).max())
    floor = np.linspace(-reach, reach, 101)
    valley.plot(floor, curvature * floor**2 / 2, color=COLORS["muted"])
    valley.plot(w, curvature * w**2 / 2, "o-", color=COLORS["blue"], linewidth=1)
    valley.set(xlabel="w", ylabel="loss")
    path.plot(range(len(w)), w, "o-", color=COLORS["blue"])
    path.set(xlabel="step", ylabel="w")
    return valley, path
