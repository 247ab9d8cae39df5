"""From points and their results to one labeled table."""

from collections.abc import Mapping

import numpy as np
import xarray as xr

from initlab.sweeping.grid import Grid, coordinates, key
from initlab.sweeping.results import unplain

#: What of a sweep's identity a table carries in its ``attrs``.
PROVENANCE = (
    *("function", "arguments", "source_sha256", "seed", "together"),
    *("versions", "python", "machine"),
)


def assemble(grid: Grid, layout: Mapping, identity: Mapping, records: Mapping) -> xr.Dataset:
    """The table of a grid: one variable for each result, over the axes and its own dimensions.

    ``records`` maps keys of points to records, see :mod:`initlab.sweeping.journal`; ``layout``
    has ``units`` and ``dims``. Points without a result hold NaN. Raises ``ValueError`` for units
    or dims of something that is not in the table.
    """
    found = [records.get(key(labels)) for labels, _ in grid.points()]
    solved = [i for i, record in enumerate(found) if record and "result" in record]
    failed = np.array([bool(record and "failure" in record) for record in found])
    missing = np.array([record is None for record in found])
    table = xr.Dataset(coords={name: coordinates(labels) for name, labels in grid.labels.items()})
    results = {i: unplain(found[i]["result"]) for i in solved}
    for name in results[solved[0]] if solved else {}:
        values = _filled({i: result[name] for i, result in results.items()}, len(found))
        own = dimensions(name, values.ndim - 1, layout["dims"])
        table[name] = [*grid.labels, *own], values.reshape(grid.shape + values.shape[1:])
    table["failed"] = list(grid.labels), failed.reshape(grid.shape)
    if missing.any():
        table["missing"] = list(grid.labels), missing.reshape(grid.shape)
    for name, unit in layout["units"].items():
        if name in table:  # where all points failed there are no results to have a unit
            table[name].attrs["units"] = unit
    table.attrs = {name: identity[name] for name in PROVENANCE}
    table.attrs["failures"] = [
        {"point": record["point"], **record["failure"]}
        for record in found
        if record and "failure" in record
    ]
    return table


def dimensions(name: str, count: int, dims: Mapping) -> list[str]:
    """The names of a result's own dimensions: as given, else ``name_0``, ``name_1``, ..."""
    own = dims.get(name, [f"{name}_{i}" for i in range(count)])
    if len(own) != count:
        raise ValueError(
            f"dims of {name!r} must name the {count} dimensions of one point's result, "
            f"got {list(own)!r}"
        )
    return list(own)


def _filled(by_point: dict[int, np.ndarray], count: int) -> np.ndarray:
    """All results in one array; where some are missing, in floats, which have NaN."""
    dtypes = {array.dtype for array in by_point.values()}
    dtype = dtypes.pop() if len(dtypes) == 1 else np.dtype(float)
    if len(by_point) < count:
        dtype = np.dtype(float)
    shape = next(iter(by_point.values())).shape
    values = np.full((count, *shape), np.nan if dtype.kind == "f" else 0, dtype)
    for i, array in by_point.items():
        values[i] = array
    return values
