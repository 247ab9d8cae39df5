"""Functions of one point for the tests of sweeps, and what these tests share.

Workers of a cluster import this module, too.
"""

import os
import time
from pathlib import Path

import numpy as np

from initlab.sweeping import blocks


def noisy(*, depth, scale, rng):
    """Two numbers and a path that depend on everything a point has."""
    steps = rng.normal(size=3)
    matrix = rng.normal(size=(24, 24))
    return {
        "sum": depth * 0.1 + scale * steps.sum(),
        "largest": np.linalg.svd(matrix)[1][0],
        "whole": int(rng.integers(100)),
        "path": np.cumsum(steps) * scale,
    }


def counted(*, depth, scale, rng, log, pause=0.0):
    """The same, after a line in ``log`` and a pause in seconds."""
    with Path(log).open("a") as file:
        file.write(f"{depth} {scale}\n")
    time.sleep(pause)
    return noisy(depth=depth, scale=scale, rng=rng)


def alone(*, depth, seed, rng):
    """One member, by operations whose results do not depend on the shape of the array."""
    return {"loss": depth * rng.random() + seed, "path": rng.random(4) - seed}


def ensemble(*, depth, seed, rng):
    """The same for a list of seeds with a generator each, members leading."""
    assert len(seed) == len(rng)
    first = np.array([one.random() for one in rng])
    rest = np.stack([one.random(4) for one in rng])
    seeds = np.array(seed)
    return {"loss": depth * first + seeds, "path": rest - seeds[:, None]}


def first_generator(*, depth, seed, rng):
    """A mistake: all members use the generator of the first."""
    return {"loss": depth * rng[0].random(len(seed)) + np.array(seed)}


def fails_at_two(*, depth, rng):
    """A result, a failure at depth 2, and what overflows at depth 3."""
    if depth == 2:
        raise ArithmeticError("no such depth")
    if depth == 3:
        return np.exp(np.float64(1000.0 * depth))
    return rng.normal()


def kills_its_process(*, depth, rng):
    """What running out of memory looks like from outside."""
    os.kill(os.getpid(), 9)


def calls(log) -> int:
    """How many points were computed with this log."""
    return len(Path(log).read_text().splitlines()) if Path(log).exists() else 0


def same(a, b) -> bool:
    """Whether two tables are equal to the last bit, labels, order and attributes included."""
    return a.identical(b) and all(
        a[name].values.tobytes() == b[name].values.tobytes() for name in a.variables
    )


def taken_up(run, count: int) -> list[int]:
    """For each result of ``run(call, blocks)``, how many of ``count`` blocks it had taken up."""
    taken = []

    def points():
        for i in range(count):
            taken.append(i)
            point = {"depth": i, "seed": 0}
            yield [(point, point)]

    call = blocks.Call(alone, 0, None, blocks.versions())
    return [len(taken) for _ in run(call, points())]
