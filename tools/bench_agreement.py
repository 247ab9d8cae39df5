"""Whether contenders computed the same thing, and how many seconds they took in turn."""

from collections.abc import Callable, Mapping, Sequence
from gc import collect
from time import perf_counter, sleep

import numpy as np

#: Largest difference allowed between two gradients of one array, as a share of its largest
#: entry: sums of some hundred products in another order, through up to fifty layers.
TOLERANCES = {"float32": 2e-3, "float64": 1e-9}

#: Seconds between two turns: threads that wait for more work keep a processor busy for a while.
REST = 0.1


def disagreement(found: Sequence[np.ndarray], wanted: Sequence[np.ndarray]) -> float:
    """The largest difference, over all arrays, relative to the largest entry of each.

    Infinite for another number of arrays, another shape, or a NaN.
    """
    if len(found) != len(wanted):
        return float("inf")
    worst = 0.0
    for one, other in zip(found, wanted, strict=True):
        one, other = (np.asarray(array, float) for array in (one, other))
        if one.shape != other.shape or not (np.isfinite(one) & np.isfinite(other)).all():
            return float("inf")
        worst = max(worst, abs(one - other).max() / max(abs(other).max(), np.finfo(float).tiny))
    return float(worst)


def check(gradients: Mapping[str, Sequence[np.ndarray]], dtype: str) -> float:
    """Refuse contenders whose gradients are not those of the first, or of another dtype.

    Returns the largest disagreement met. Raises ``ValueError`` that names the contender.
    """
    first, *others = gradients
    worst = 0.0
    for name in (first, *others):
        came = {np.asarray(array).dtype.name for array in gradients[name]}
        if came != {dtype}:
            raise ValueError(f"{name} computed in {', '.join(sorted(came))}, not in {dtype}")
        off = disagreement(gradients[name], gradients[first])
        if off > TOLERANCES[dtype]:
            raise ValueError(
                f"{name} and {first} disagree by {off:.1e}, allowed is {TOLERANCES[dtype]:.0e}"
            )
        worst = max(worst, off)
    return worst


def in_turn(
    contenders: Mapping[str, Callable[[], object]], rounds: int, clock: Callable = perf_counter
) -> dict[str, list[float]]:
    """Seconds of each contender in each round; every round begins with another one.

    Taking turns makes a machine that is busy with other work slow for all alike.
    """
    names, seconds = list(contenders), {name: [] for name in contenders}
    for turn in range(rounds):
        shift = turn % len(names)
        for name in names[shift:] + names[:shift]:
            collect()
            sleep(REST)
            begun = clock()
            contenders[name]()
            seconds[name].append(clock() - begun)
    return seconds
