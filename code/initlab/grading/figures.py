"""The three figures of a class report, drawn from computed results and said in words.

They are drawn, and turned into SVG, in the style of the book: under :func:`house_style`.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from matplotlib import rc_context

from initlab import style
from initlab.grading.items import ItemStatistics, Met
from initlab.grading.page import label, number, percent
from initlab.pictures import Picture, describe
from initlab.style import COLORS

ROW = 0.34  # inches of height for a horizontal bar
MOST = 12  # bars that a reader still compares


@contextmanager
def house_style() -> Iterator[None]:
    """The book's style sheet for the figures made in a block, and for no others."""
    with rc_context():
        style.use()
        yield


def totals_figure(totals: Sequence[float], possible: float) -> Picture:
    """How many students have how many points, in ten steps."""
    edges = np.linspace(0, possible, 11)
    counts, _ = np.histogram(np.clip(totals, 0, possible), edges)
    figure, ax = style.new_figure(2.7)
    ax.bar(edges[:-1], counts, np.diff(edges) * 0.94, align="edge", color=COLORS["blue"])
    middle = float(np.median(totals))
    ax.axvline(middle, color=COLORS["orange"], linestyle="--")
    side = "right" if middle > possible / 2 else "left"
    gap = -5 if side == "right" else 5
    ax.annotate(f"median {number(round(middle, 1))}", (middle, counts.max() * 1.12), (gap, 0),
                textcoords="offset points", ha=side, color=COLORS["orange"])  # fmt: skip
    ax.set(xlim=(0, possible), ylim=(0, counts.max() * 1.25), xticks=edges[::2])
    ax.set(xlabel="points", ylabel="students")
    ax.set_yticks(_whole_ticks(counts.max()))
    said = ", ".join(
        f"{count} from {number(low)} to {number(high)}"
        for count, low, high in zip(counts, edges[:-1], edges[1:], strict=True)
        if count
    )
    words = f"Students by points: {said}. The median is {number(round(middle, 1))}."
    return describe(figure, words)


def items_figure(items: Sequence[ItemStatistics]) -> Picture:
    """For each question, who got all of its points, some, and none."""
    full = np.array([item.full for item in items])
    none = np.array([item.none for item in items])
    parts = {"all points": (full, "green", 1.0), "some": (1 - full - none, "blue", 0.5),
             "none": (none, "orange", 1.0)}  # fmt: skip
    rows, left = np.arange(len(items)), np.zeros(len(items))
    figure, ax = style.new_figure(0.9 + ROW * len(items))
    for name, (share, color, strength) in parts.items():
        ax.barh(rows, 100 * share, 0.72, 100 * left, color=COLORS[color], alpha=strength,
                label=name)  # fmt: skip
        left += share
    ax.set_yticks(rows, [label(item.item.name).removeprefix("Question ") for item in items])
    ax.set(xlim=(0, 100), ylim=(len(items) - 0.4, -0.6))  # the first on top
    ax.set(xlabel="percent of students", ylabel="question")
    ax.tick_params(axis="y", length=0)
    ax.grid(False)
    figure.legend(loc="outside upper left", ncols=3)
    said = "; ".join(
        f"{label(i.item.name)}: all points {percent(i.full)}, none {percent(i.none)}" for i in items
    )
    return describe(figure, f"Students with all, some and no points. {said}.")


def ideas_figure(met: Sequence[Met]) -> Picture:
    """How many students met each of the most frequent misconceptions, ``MOST`` at most."""
    met = met[:MOST]
    counts = [len(idea.students) for idea in met]
    rows = np.arange(len(met))
    figure, ax = style.new_figure(0.6 + 0.48 * len(met))
    ax.barh(rows, counts, 0.34, color=COLORS["pink"])
    for row, idea, count in zip(rows, met, counts, strict=True):
        # Above its bar a title has room, however long it is.
        ax.annotate(f"{idea.title}: {count}", (0, row - 0.2), (1, 2), va="bottom",
                    textcoords="offset points", fontsize=9)  # fmt: skip
    ax.set(xlim=(0, max(counts)), ylim=(len(met) - 0.7, -0.75), yticks=[])
    ax.set(xlabel="students", xticks=_whole_ticks(max(counts)))
    ax.grid(False)
    said = "; ".join(f"{i.title}: {n}" for i, n in zip(met, counts, strict=True))
    return describe(figure, f"Students by misconception. {said}.")


def _whole_ticks(largest: int) -> np.ndarray:
    step = max(1, int(np.ceil(largest / 5)))
    return np.arange(0, largest + 1, step)
