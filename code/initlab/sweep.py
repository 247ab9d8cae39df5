"""A grid of labeled axes and a function of one point make a labeled table.

In threads of this process, or on a cluster without changing a line; killed at any moment, a sweep
with a file goes on where it was.

Symbols
-------
axis : a name and the values it runs through, e.g. ``depth`` and ``[2, 5, 10]``. A value is a
    number, a truth value, a text, or an object with a name that stays the same in every process,
    such as an ``Initializer`` or an ``Activation``; the name is then its label in the table.
point : one value of every axis.
store : a result file in JSON Lines, described in ``initlab/sweeping/journal.py``.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import numpy as np
import xarray as xr
from tqdm import tqdm

from initlab import _checks
from initlab.sweeping.blocks import Call, blocks
from initlab.sweeping.cluster import connected, on_cluster
from initlab.sweeping.grid import Grid, grid, key
from initlab.sweeping.identity import identity, versions
from initlab.sweeping.journal import read
from initlab.sweeping.results import unplain
from initlab.sweeping.store import Memory, Store
from initlab.sweeping.table import assemble, dimensions
from initlab.sweeping.threads import in_threads, usable


def sweep(
    function: Callable,
    axes: Mapping[str, Sequence],
    *,
    seed: int = 0,
    store: str | PathLike | None = None,
    client=None,
    threads: int | None = None,
    together: str | None = None,
    block: int | None = None,
    units: Mapping[str, str] | None = None,
    dims: Mapping[str, Sequence[str]] | None = None,
    retry: bool = False,
    progress: bool = False,
) -> xr.Dataset:
    """Compute a function at every point of a grid.

    The function is called as ``function(depth=5, scale=0.1, rng=rng)``, with one keyword for each
    axis and a ``numpy.random.Generator`` of the point's own. It returns a number, an array whose
    shape is the same at all points, or a dict of these. The generator depends on ``seed`` and on
    the names and labels of the point only, so a point has the same result alone, in a block, in
    any order and in a larger grid. What BLAS computes can differ in the last bits between kinds
    of processors.

    The table has the axes as dimensions, one variable for each result, and ``failed``, which is
    true where the function raised an exception; ``attrs["failures"]`` lists these points with
    type, message and the end of the traceback. A failure does not end the sweep. ``attrs`` also
    say what made the table: function, source, seed, versions. Truth values and whole numbers
    become floats where a result is missing. Ctrl+C ends a sweep; what was finished is in the file.

    Parameters
    ----------
    function : of one point; a ``functools.partial`` may fix further arguments by name. On a
        cluster and with a ``store`` it should be defined in a module or in the notebook. Several
        threads call it at once. NaN and infinity are results; numpy does not warn of them.
    axes : the values of each axis by name.
    seed : of all random numbers of the sweep.
    store : the result file. A new one is begun; one of the same sweep is continued, and nothing
        that is in it is computed again. The axes may have other values than before: the file
        then holds all of them, the table those that were asked for.
    client : a ``distributed.Client`` or the address of a scheduler, to compute there.
    threads : in this process, by default one for each processor. BLAS is held to one thread.
    together : an axis, say ``seed``, whose values the function receives in blocks: it is called
        with ``seed=[0, 1, 2], rng=[rng0, rng1, rng2]``, each member with the generator that it
        would have alone, and returns arrays with the members along axis 0.
    block : the most values of that axis in one call, by default all; it bounds the memory.
    units : for axes and results, kept in ``attrs["units"]``.
    dims : the names of the dimensions of results that are arrays, by the name of the result
        (``"result"`` where the function returns no dict); by default ``loss_0``, ``loss_1``, ...
    retry : compute points that failed again, when a file is continued.
    progress : show a bar with rate and time left on standard error.

    Raises
    ------
    ValueError, TypeError
        For axes, names or settings that cannot be, a file that is foreign, corrupt, in use or of
        another sweep (it is not changed), and results of unequal names or shapes.
    RuntimeError, ModuleNotFoundError, OSError
        For workers with other versions or that cannot import the function, a cluster without the
        package ``distributed``, a scheduler that does not answer.
    """
    points = grid(axes)
    seed = _checks.whole(seed, "seed", at_least=0)
    if together is not None:
        _checks.choose(points.labels, together, "axis in together")
    if block is not None and together is None:
        raise ValueError(f"block needs the axis it cuts: give together, got block={block!r}")
    block = None if block is None else _checks.whole(block, "block")
    layout = {"axes": points.labels, "units": dict(units or {}), "dims": dict(dims or {})}
    layout["dims"] = {name: list(own) for name, own in layout["dims"].items()}
    this = identity(function, points, seed, together)
    kept = Memory(this) if store is None else Store(Path(store), this, layout)
    with kept, _engine(client, threads) as run:
        records = kept.records
        done = {k for k, record in records.items() if "result" in record or not retry}
        left = points.size - sum(key(labels) in done for labels, _ in points.points())
        if left and store is not None:
            kept.require_versions(versions())
        shapes = _Shapes(layout, records)
        call = Call(function, seed, together, versions())
        bar = tqdm(
            total=points.size, initial=points.size - left, unit="point", disable=not progress
        )
        with bar:
            for found in run(call, blocks(points, done, together, block)) if left else ():
                shapes.check(found)
                kept.write(found)
                bar.update(len(found))
        return assemble(points, layout, kept.identity, records)


def open_table(store: str | PathLike) -> xr.Dataset:
    """The table of a result file, without the function that made it.

    All points that the file was ever asked for; where it is not finished there is a variable
    ``missing``, and results are NaN there. A sweep may be writing to it. Raises ``ValueError``
    for a file that is foreign or corrupt.
    """
    contents = read(Path(store))
    labels = contents.layout["axes"]
    return assemble(Grid(labels, labels), contents.layout, contents.header, contents.records)


@dataclass(frozen=True)
class Comparison:
    """Some points of a file and the same points computed anew, from :func:`recompute`."""

    stored: xr.Dataset
    recomputed: xr.Dataset

    @property
    def same(self) -> bool:
        """Whether all results are equal to the last bit; NaN equals NaN."""
        old, new = self.stored.variables, self.recomputed.variables
        return list(old) == list(new) and all(
            old[name].dtype == new[name].dtype
            and old[name].values.tobytes() == new[name].values.tobytes()
            for name in old
        )

    def largest_difference(self, name: str) -> float:
        """The largest absolute difference of a result; infinite where only one is NaN.

        Two infinities of one sign do not differ. Raises ``ValueError`` for an unknown name.
        """
        _checks.choose(self.stored.data_vars, name, "result")
        pair = (np.asarray(table[name], dtype=float) for table in (self.stored, self.recomputed))
        old, new = pair
        equal = (old == new) | (np.isnan(old) & np.isnan(new))
        with np.errstate(invalid="ignore"):
            apart = np.where(equal, 0.0, abs(old - new))
        return float(np.nan_to_num(apart, nan=np.inf, posinf=np.inf).max())


def recompute(
    store: str | PathLike,
    function: Callable,
    axes: Mapping[str, Sequence] | None = None,
    *,
    client=None,
    threads: int | None = None,
) -> Comparison:
    """Compute some points of a result file again and put them beside what the file says.

    ``axes`` holds the chosen values; an axis left out keeps all its labels. The file itself is
    only read, and its seed is used. Raises ``ValueError`` for a file that is foreign or corrupt,
    and for points that it does not have.
    """
    contents = read(Path(store))
    asked = grid({**contents.layout["axes"], **(axes or {})})
    without = [labels for labels, _ in asked.points() if key(labels) not in contents.records]
    if sorted(asked.labels) != contents.header["names"] or without:
        raise ValueError(
            f"{store} has no result for {without[0] if without else list(asked.labels)}; its "
            f"axes are {contents.layout['axes']}"
        )
    settings = {name: contents.header[name] for name in ("seed", "together")}
    settings |= {name: contents.layout[name] for name in ("units", "dims")}
    stored = assemble(asked, contents.layout, contents.header, contents.records)
    return Comparison(
        stored, sweep(function, asked.values, client=client, threads=threads, **settings)
    )


@contextmanager
def _engine(client, threads: int | None) -> Iterator[Callable]:
    """What runs the blocks: ``run(call, blocks)``."""
    if client is None:
        count = usable() if threads is None else _checks.whole(threads, "threads")
        yield lambda call, blocks: in_threads(call, blocks, count)
    elif threads is not None:
        raise ValueError(f"threads are those of this process: with a client, got {threads!r}")
    else:
        with connected(client) as cluster:
            yield lambda call, blocks: on_cluster(call, blocks, cluster)


class _Shapes:
    """Names and shapes of the results, which must be the same at all points."""

    def __init__(self, layout: Mapping, records: Mapping[str, dict]):
        self._layout, self._point, self._shapes = layout, None, None
        first = next((r for r in records.values() if "result" in r), None)
        if first:
            self.check({"": first})

    def check(self, found: Mapping[str, dict]) -> None:
        """Take new records or raise ``ValueError``: no table could hold both these and the old."""
        for record in found.values():
            if "result" not in record:
                continue
            shapes = {name: array.shape for name, array in unplain(record["result"]).items()}
            if self._shapes is None:
                self._point, self._shapes = record["point"], shapes
                self._check_names()
            elif shapes != self._shapes:
                raise ValueError(
                    f"results must have the same names and shapes at all points, got {shapes} at "
                    f"{record['point']} and {self._shapes} at {self._point}"
                )

    def _check_names(self) -> None:
        for what in ("units", "dims"):
            known = [*self._shapes, *(self._layout["axes"] if what == "units" else ())]
            for name in self._layout[what]:
                if name not in known:
                    raise ValueError(f"{what} must be of one of {known}, got {name!r}")
        for name, shape in self._shapes.items():
            dimensions(name, len(shape), self._layout["dims"])
