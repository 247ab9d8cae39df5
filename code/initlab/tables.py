"""Tables with two faces: HTML on a page, aligned text in a terminal or a comparison."""

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral, Real

import numpy as np
from tabulate import tabulate


def spread(values: np.ndarray, form: str = "{:.2f}") -> str:
    """Many runs as one entry: their median, with the 10th and the 90th percentile.

    ``form`` formats each of the three numbers. Raises ``ValueError`` for no values at all.

    Examples
    --------
    >>> spread(range(11), "{:.0f}")
    '5 (1 to 9)'
    """
    values = np.asarray(values)
    if not values.size:
        raise ValueError("spread needs at least one value, got none")
    low, median, high = (form.format(v) for v in np.percentile(values, [10, 50, 90]))
    return f"{median} ({low} to {high})"


@dataclass(frozen=True)
class Table:
    """Rows of values under column headings.

    Numbers that are not whole are shown with ``decimals`` digits after the point, but a
    floating point number that is exactly zero is shown as ``0``, so that a true zero and a
    rounded one look different. One that is rounded to zero has no sign: it would often be that
    of a rounding error. With ``digits`` they have that many significant digits instead, for
    numbers of all sizes. Whole numbers and words are shown as they are, truth values as yes
    and no. Raises ``ValueError`` for a row whose length is not that of the headings.
    """

    rows: Sequence[Sequence]
    headings: Sequence[str]
    decimals: int = 2
    digits: int | None = None

    def __post_init__(self):
        wrong = [row for row in self.rows if len(row) != len(self.headings)]
        if wrong:
            raise ValueError(
                f"every row needs {len(self.headings)} values, one for each of "
                f"{list(self.headings)}, got {list(wrong[0])}"
            )

    def _text(self, value) -> str:
        if isinstance(value, bool | np.bool_):
            return "yes" if value else "no"
        if isinstance(value, Integral) or not isinstance(value, Real):
            return str(value)
        if value == 0:
            return "0"
        return f"{value:z.{self.decimals}f}" if self.digits is None else f"{value:.{self.digits}g}"

    def _render(self, form: str) -> str:
        numeric = [
            all(isinstance(value, Real) and not isinstance(value, bool) for value in column)
            for column in zip(*self.rows, strict=True)
        ]
        return tabulate(
            [[self._text(value) for value in row] for row in self.rows],
            self.headings,
            tablefmt=form,
            colalign=["right" if right else "left" for right in numeric] or None,
            disable_numparse=True,
        )

    def __repr__(self) -> str:
        return self._render("simple")

    def _repr_html_(self) -> str:
        return self._render("html").replace("<table>", '<table class="initlab-table">')
