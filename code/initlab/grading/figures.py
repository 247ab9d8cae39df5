"""The three figures of a class report, drawn from computed results and said in words."""

from collections.abc import Sequence

import numpy as np
from matplotlib import rc_context

from initlab import style
from initlab.grading.items import ItemStatistics, Met
from initlab.grading.page import label, number, percent
from initlab.pictures import Picture, describe
from initlab.style import COLORS

ROW = 0.34  # inches of height for a horizontal bar
LONGEST_TITLE = 34


def totals_figure(totals: Sequence[float], possible: float) -> Picture:
    """How many students have how many points, in ten steps."""
    edges = np.linspace(0, possible, 11)
    counts, _ = np.histogram(np.clip(totals, 0, possible), edges)
    with rc_context():
        style.use()
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
    some = np.clip(1 - full - none, 0, 1)
    rows = np.arange(len(items))
    with rc_context():
        style.use()
        figure, ax = style.new_figure(0.9 + ROW * len(items))
        left = np.zeros(len(items))
        parts = {"all points": (full, "green", 1.0), "some": (some, "blue", 0.55),
                 "none": (none, "orange", 1.0)}  # fmt: skip
        for name, (share, color, strength) in parts.items():
            ax.barh(rows, 100 * share, 0.7, 100 * left, color=COLORS[color], alpha=strength,
                    label=name)  # fmt: skip
            left += share
        _rows(ax, [label(item.item.name) for item in items])
        ax.set(xlim=(0, 100), xlabel="percent of students")
        figure.legend(loc="outside upper left", ncols=3)
        said = "; ".join(
            f"{label(i.item.name)}: all points {percent(i.full)}, none {percent(i.none)}"
            for i in items
        )
        return describe(figure, f"Students with all, some and no points. {said}.")


def ideas_figure(met: Sequence[Met]) -> Picture:
    """How many students met each misconception."""
    counts = [len(idea.students) for idea in met]
    with rc_context():
        style.use()
        figure, ax = style.new_figure(0.75 + ROW * len(met))
        bars = ax.barh(np.arange(len(met)), counts, 0.7, color=COLORS["pink"])
        ax.bar_label(bars, padding=4, color=COLORS["ink"], fontsize=9)
        _rows(ax, [_short(idea.title) for idea in met])
        ax.set(xlim=(0, max(counts) * 1.1), xlabel="students", xticks=_whole_ticks(max(counts)))
        said = "; ".join(f"{i.title}: {n}" for i, n in zip(met, counts, strict=True))
        return describe(figure, f"Students by misconception. {said}.")


def _rows(ax, labels: Sequence[str]) -> None:
    ax.set_yticks(np.arange(len(labels)), labels)
    ax.set_ylim(len(labels) - 0.4, -0.6)  # the first on top
    ax.tick_params(axis="y", length=0)
    ax.grid(False, axis="y")
    ax.grid(True, axis="x")


def _whole_ticks(largest: int) -> np.ndarray:
    step = max(1, int(np.ceil(largest / 5)))
    return np.arange(0, largest + 1, step)


def _short(title: str) -> str:
    return title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1].rstrip() + "…"
