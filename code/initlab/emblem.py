"""The book's emblem and cover picture, drawn from the smallest deep network there is.

One input, one hidden linear unit, one output, and one number ``w`` for both of its weights: asked
to return its input, it has the loss ``(1 - w**2)**2 / 2``, two equal valleys at ``w = -1`` and
``w = 1`` with a hill between them. The dot is a start at ``w = 0``. It lies exactly on top of the
hill, where the slope is zero: a network before its first step, which it will not make.
"""

import io

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from initlab.losses import get_loss
from initlab.network import MLP
from initlab.parameters import Parameters
from initlab.style import PALETTE

REACH = 1.42  # how far the curve runs on both sides, in units of w
SIDE = 64  # of the emblem, in its own units
FIELD, LINE, DOT = PALETTE["ink"][0], PALETTE["blue"][1], PALETTE["orange"][1]


def landscape(w: np.ndarray) -> np.ndarray:
    """The loss for each ``w`` of shape ``(n,)``: ``(1 - w**2)**2 / 2``, by a forward pass each."""
    weights = np.asarray(w, float)[:, None, None]
    bias = np.zeros((len(weights), 1))
    one = np.ones((1, 1))
    network = MLP([1, 1, 1], "identity")
    outputs = network.forward(Parameters([weights, weights], [bias, bias]), one).outputs
    return get_loss("squared_error")(outputs, one)


def emblem_svg() -> str:
    """The emblem as an SVG file, a square that stays legible at 16 pixels."""
    w = np.linspace(-REACH, REACH, 57)
    x, y = _place(w, landscape(w))
    path = "M" + "L".join(f"{a:.2f} {b:.2f}" for a, b in zip(x, y, strict=True))
    (x0,), (y0,) = _place(np.zeros(1), landscape(np.zeros(1)))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}">'
        "<title>Two valleys, and a start on the hill between them</title>"
        f'<rect width="{SIDE}" height="{SIDE}" rx="14" fill="{FIELD}"/>'
        f'<path d="{path}" fill="none" stroke="{LINE}" stroke-width="5.5" '
        'stroke-linecap="round" stroke-linejoin="round"/>'
        f'<circle cx="{x0:.1f}" cy="{y0 - 9:.1f}" r="7.5" fill="{DOT}"/></svg>\n'
    )


def _place(w: np.ndarray, loss: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where a point of the landscape lies on the emblem; y runs downward."""
    return SIDE / 2 + w * 22 / REACH, 49 - 43 * loss


def cover_png(title: str, subtitle: str) -> bytes:
    """The picture that stands for the book where a link to it is shown, 1200 by 630 pixels."""
    figure = Figure(figsize=(12, 6.3), facecolor=FIELD)
    ax = figure.add_axes((0.56, 0.12, 0.38, 0.72))
    w = np.linspace(-REACH, REACH, 201)
    ax.plot(w, landscape(w), color=LINE, linewidth=11, solid_capstyle="round")
    ax.plot([0], [0.565], "o", color=DOT, markersize=38, clip_on=False)
    ax.set(xlim=(-1.55, 1.55), ylim=(-0.06, 0.85))
    ax.set_axis_off()
    white = {"color": PALETTE["ink"][1], "family": "STIXGeneral", "ha": "left"}
    figure.text(0.07, 0.55, title.replace(" the ", " the\n"), fontsize=66, va="center",
                linespacing=1.05, weight="bold", **white)  # fmt: skip
    figure.text(0.072, 0.24, subtitle, fontsize=29, va="center", style="italic", **white)
    buffer = io.BytesIO()
    FigureCanvasAgg(figure).print_figure(
        buffer, format="png", dpi=100, facecolor=FIELD, metadata={"Software": None}
    )
    return buffer.getvalue()
