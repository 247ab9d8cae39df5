"""The look that all figures share: palette, style sheet, and figures without global state."""

from pathlib import Path

from matplotlib import style as matplotlib_style
from matplotlib.figure import Figure

#: name -> (on a light page, on a dark page). Every color has a contrast of at least 4.5
#: against its page (``grid`` apart, which carries no meaning) and the four data colors stay
#: apart for color-blind readers. ``paper`` is for marks on top of a color.
PALETTE = {
    "ink": ("#1b2230", "#e8eaf0"),
    "muted": ("#5b6474", "#a7b0c0"),
    "paper": ("#fdfdfc", "#14181f"),
    "grid": ("#d9dde5", "#3a4252"),
    "blue": ("#0b63b5", "#6cb4f2"),
    "orange": ("#c25100", "#f59e4c"),
    "green": ("#00795c", "#3ecb9f"),
    "pink": ("#7d1f7a", "#d862b4"),
}

COLORS = {name: light for name, (light, dark) in PALETTE.items()}


def use() -> None:
    """Make the book's style sheet the style of every figure drawn from here on."""
    matplotlib_style.use(Path(__file__).with_name("initlab.mplstyle"))


def new_figure(height: float = 3.0, *, steady: bool = False, **subplots) -> tuple[Figure, object]:
    """A figure 5.6 inches wide and its axes, as ``pyplot.subplots`` gives them.

    ``height`` is in inches, ``subplots`` goes to ``Figure.subplots``. The figure belongs to
    nobody but the caller: it is not registered with pyplot and needs no closing. With
    ``steady`` the axes have the margins of the style sheet instead of fitting themselves
    around their labels: frames of an explorer then do not jump, and are drawn faster.
    """
    figure = Figure(figsize=(5.6, height), layout=None if steady else "constrained")
    return figure, figure.subplots(**subplots)


def stylesheet() -> str:
    """CSS that gives every palette color its value on light and on dark pages."""
    light, dark = (
        ";".join(f"--initlab-{name}:{pair[i]}" for name, pair in PALETTE.items()) for i in (0, 1)
    )
    # Two ways to be dark: the book's theme and JupyterLab's.
    return f':root{{{light}}}html[data-theme="dark"],[data-jp-theme-light="false"]{{{dark}}}'
