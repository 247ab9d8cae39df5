"""Points that are computed together, and how a function is called for them."""

import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from threading import Lock

import numpy as np
from threadpoolctl import threadpool_limits

from initlab.sweeping.grid import Grid, key
from initlab.sweeping.identity import versions
from initlab.sweeping.results import arrays, members, plain
from initlab.sweeping.seeds import generator

#: Frames and characters of a failure that are kept.
FRAMES, LETTERS = 5, 500


@dataclass(frozen=True)
class Call:
    """A sweep's function with what every call of it needs; it travels to the workers.

    ``together`` names the axis whose values come as a list, or is ``None``. ``versions`` are
    those of the process that sends it: a worker with others refuses.
    """

    function: Callable
    seed: int
    together: str | None
    versions: dict


class Unequal(RuntimeError):
    """A worker that has other versions of the packages than the process that asks it."""


def blocks(grid: Grid, done, together: str | None, size: int | None) -> Iterator[list]:
    """Points that are not ``done``, as lists of (labels, values) that go into one call.

    Without ``together`` one at a time; with it those that differ along that axis only, at most
    ``size`` of them.
    """
    waiting = (point for point in grid.points() if key(point[0]) not in done)
    if together is None:
        yield from ([point] for point in waiting)
        return
    rows: dict[str, list] = {}
    for labels, values in waiting:
        row = key({name: one for name, one in labels.items() if name != together})
        rows.setdefault(row, []).append((labels, values))
    for row in rows.values():
        left = iter(row)
        while chosen := list(islice(left, size)):
            yield chosen


def compute(call: Call, block: list) -> dict[str, dict]:
    """The records of a block's points, by their keys: results, or failures with their reasons.

    NaN and infinity are results, so numpy does not warn of them here. A block that fails is
    tried again one by one, so that only those points fail that fail alone.
    """
    differ = {name: v for name, v in versions().items() if call.versions[name] != v}
    if differ:
        wanted = {name: call.versions[name] for name in differ}
        raise Unequal(f"a worker has {differ}, the process that asks it has {wanted}")
    with one_blas_thread(), np.errstate(all="ignore"):
        try:
            found = _results(call, block)
        except Exception as error:
            if len(block) > 1:
                return {k: r for one in block for k, r in compute(call, [one]).items()}
            return failures(block, type(error).__name__, str(error), _frames(error))
    return {
        key(labels): {"point": labels, "result": plain(result)}
        for (labels, _), result in zip(block, found, strict=True)
    }


def failures(block: list, kind: str, message: str, frames: list[str]) -> dict[str, dict]:
    """Records that say why the points of a block have no result."""
    failure = {"type": kind, "message": message[:LETTERS], "traceback": frames}
    return {key(labels): {"point": labels, "failure": failure} for labels, _ in block}


def _results(call: Call, block: list) -> list[dict]:
    generators = [generator(call.seed, labels) for labels, _ in block]
    labels, values = block[0]
    if call.together is None:
        return [arrays(call.function(**values, rng=generators[0]), labels)]
    along = [values[call.together] for _, values in block]
    returned = call.function(**{**values, call.together: along}, rng=generators)
    return members(returned, len(block), labels)


def _frames(error: Exception) -> list[str]:
    """The last lines of a traceback, from the function on; files without their folders."""
    frames = traceback.extract_tb(error.__traceback__)[2:]
    return [f"{Path(f.filename).name}, line {f.lineno}, in {f.name}" for f in frames[-FRAMES:]]


class _Held:
    """How many blocks of this process are inside, and the limits that the first one set."""

    lock, count, limits = Lock(), 0, None


@contextmanager
def one_blas_thread():
    """Hold BLAS to one thread while any block of this process is inside.

    The limit is one for the whole process, so the first block sets it and the last one lifts it.
    """
    with _Held.lock:
        if _Held.count == 0:
            _Held.limits = threadpool_limits(1, user_api="blas")
        _Held.count += 1
    try:
        yield
    finally:
        with _Held.lock:
            _Held.count -= 1
            if _Held.count == 0:
                _Held.limits.restore_original_limits()
