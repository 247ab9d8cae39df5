"""What `make bench` measured, from its file to the tables and the curve of a page.

Every ratio compares two times of the same round, in which all contenders took their turns:
above 1 the other one took longer than this book's package.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from initlab.tables import Table

#: Whose times the others' are divided by.
OURS = "this book"


@dataclass(frozen=True)
class Measurements:
    """The contents of a result file, see ``tools/bench_ensembles.py``.

    Attributes
    ----------
    machine : what it ran on, and with which versions.
    steps : a list of dicts, each with the sizes of a case and ``seconds``: for every contender
        a list, one entry a round.
    draws : the same for the drawing of matrices.
    memory : peak memory in MiB, in blocks and whole, for numbers of ``members``.
    """

    machine: dict
    steps: list
    draws: list
    memory: dict

    @classmethod
    def load(cls, path: Path | str) -> "Measurements":
        """Read a result file; ``ValueError`` names the file that is not one."""
        try:
            return cls(**json.loads(Path(path).read_text(encoding="utf-8")))
        except (TypeError, ValueError) as error:
            raise ValueError(f"{path} is no result file of make bench: {error}") from error

    def machine_table(self) -> Table:
        """What it ran on."""
        return Table(
            [[name, str(value)] for name, value in self.machine.items()], ["what", "which"]
        )

    def case(self, **sizes) -> dict:
        """The step of training with these sizes, such as ``width=64``; ``ValueError`` for none."""
        for case in self.steps:
            if all(case[name] == size for name, size in sizes.items()):
                return case
        raise ValueError(f"no such case was measured: {sizes}")

    def step_table(self, ranges: bool = True) -> Table:
        """Ratios of a training step, and the share of the machine's own rate of products.

        Without ``ranges`` the medians alone, in a table that is narrow enough for a page.
        """
        if ranges:
            return _table(self.steps, ["width", "depth", "members", "dtype"], share=True)
        # The sizes of a net stay on one line: no-break spaces.
        cases = [
            case | {"net": f"{case['width']}\u00a0x\u00a0{case['depth']}"} for case in self.steps
        ]
        table = _table(cases, ["net", "members", "dtype"], share=True, form=_median)
        # Long names may break after a point: a space of no width stands there.
        return Table(table.rows, [name.replace(".", ".\u200b") for name in table.headings])

    def draw_table(self) -> Table:
        """Ratios of drawing one square matrix."""
        return _table(self.draws, ["law", "width", "dtype"])

    def behind(self, below: float = 0.5) -> list[tuple[dict, str]]:
        """Cases in which the best contender needed less than this share of our time, and who.

        The worst for us comes first.
        """
        found = []
        for case in [*self.steps, *self.draws]:
            others = {n: np.median(ratios(case, n)) for n in case["seconds"] if n != OURS}
            best = min(others, key=others.get)
            if others[best] < below:
                found.append((others[best], case, best))
        return [(case, best) for _, case, best in sorted(found, key=lambda entry: entry[0])]

    def slow_cases(self, below: float = 0.5) -> Table:
        """:meth:`behind` as a table."""
        rows = [
            [_name(case), best, _spread(ratios(case, best))] for case, best in self.behind(below)
        ]
        return Table(rows, ["case", "fastest", "ratio"])

    def summary_table(self) -> Table:
        """Each contender over all steps of training: single networks, and ensembles."""
        rows = []
        for name in (n for n in self.steps[0]["seconds"] if n != OURS):
            row = [name]
            for alone in (True, False):
                cases = [case for case in self.steps if (case["members"] == 1) == alone]
                found = np.array([np.median(ratios(case, name)) for case in cases])
                row += [_spread(found) if cases else "-", f"{(found < 1).sum()} of {len(cases)}"]
            rows.append(row)
        kinds = "one network", "ensembles"
        return Table(
            rows, ["contender", *(h for kind in kinds for h in (kind, "faster than we in"))]
        )


def ratios(case: dict, name: str) -> np.ndarray:
    """A contender's time over ours, round by round."""
    return np.array(case["seconds"][name]) / np.array(case["seconds"][OURS])


def gemm_share(case: dict) -> np.ndarray:
    """Our rate of floating-point operations over that of one large product, round by round.

    Only matrix products count: the share says how much of a step is anything else.
    """
    ours = case["flops"] * case["repeats"] / np.array(case["seconds"][OURS])
    return ours / np.array(case["gemm_rate"])


def _name(case: dict) -> str:
    if "law" in case:
        return f"{case['law']}, {case['dtype']}"
    return f"{case['members']} x {case['depth']} layers x {case['width']}, {case['dtype']}"


def _table(
    cases: list, sizes: list[str], share: bool = False, form: Callable | None = None
) -> Table:
    form = form or _spread
    others = [name for name in cases[0]["seconds"] if name != OURS]
    rows = []
    for case in cases:
        own = np.median(case["seconds"][OURS]) / case["repeats"]
        row = [*(case[size] for size in sizes), f"{1000 * own:.3g}"]
        row += [form(ratios(case, name)) if name in case["seconds"] else "-" for name in others]
        rows.append([*row, f"{np.median(gemm_share(case)):.0%}"] if share else row)
    return Table(rows, [*sizes, "ms", *others, *(["of GEMM"] if share else [])])


def _short(value: float) -> str:
    return f"{value:.2g}" if value < 10 else f"{value:.0f}"


def _median(values: np.ndarray) -> str:
    return _short(np.median(values))


def _spread(values: np.ndarray) -> str:
    low, middle, high = map(_short, np.percentile(values, [0, 50, 100]))
    return f"{middle} ({low} to {high})"
